/* file_position - what a checkpoint knows of files, and whether it still holds */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "json/text.h"
#include "source/file_parts.h"

enum { HASHED_BYTES = 1024 };        /* at the beginning, and before the offset */

/* The hash of [from, from + n) of the open file. */
static int
hash_of(const struct file *f, uint64_t from, size_t n, uint64_t *hash, struct err *err)
{
	char    bytes[HASHED_BYTES];
	size_t  have = 0;
	ssize_t got;

	while (have < n) {
		got = pread(f->fd, bytes + have, n - have, (off_t)(from + have));
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return err_sys(err, "%s", file_input_name(&f->inputs[f->now]));
		if (got == 0)
			return err_set(err, ERR_DATA, "%s: got shorter while it was read", file_input_name(&f->inputs[f->now]));
		have += (size_t)got;
	}
	*hash = hash_sum(span_of(bytes, n));
	return 0;
}

static size_t
hashed_bytes(uint64_t offset)
{
	return offset < HASHED_BYTES ? (size_t)offset : HASHED_BYTES;
}

static void
put_input(struct buf *b, const struct file_input *i)
{
	buf_lit(b, "{\"file\":");
	if (text_is_utf8(span_str(i->path))) {
		text_quote(b, span_str(i->path));
	} else {
		buf_char(b, '"');
		text_base64(b, span_str(i->path));
		buf_char(b, '"');
	}
	buf_lit(b, ",\"offset\":");
	buf_u64(b, i->offset);
	buf_lit(b, ",\"line\":");
	buf_u64(b, i->lines);
	if (i->partial)
		buf_lit(b, ",\"partial\":true");
	if (i->done)
		buf_lit(b, ",\"done\":true");
}

int
file_save(struct source *s, struct buf *b, struct err *err)
{
	struct file *f = (struct file *)s;
	uint64_t     head, tail;

	buf_char(b, '[');
	if (f->gone != NULL)
		buf_str(b, f->gone);
	for (size_t i = 0; i < f->n_inputs && i <= f->now; i++) {
		struct file_input *in = &f->inputs[i];
		size_t        n = hashed_bytes(in->offset);

		if (b->p[b->n - 1] != '[')
			buf_char(b, ',');
		put_input(b, in);
		if (i == f->now && f->fd != -1) {
			if (hash_of(f, 0, n, &head, err) == -1 || hash_of(f, in->offset - n, n, &tail, err) == -1)
				return -1;
			buf_lit(b, ",\"head\":\"");
			buf_hex64(b, head);
			buf_lit(b, "\",\"tail\":\"");
			buf_hex64(b, tail);
			buf_char(b, '"');
		}
		buf_char(b, '}');
	}
	buf_char(b, ']');
	return 0;
}

static bool
hash_matches(const struct tree *t, const char *name, uint64_t hash)
{
	char        hex[17];
	struct span was;
	struct buf  b = { 0 };
	bool        same;

	if (!tree_string(t, name, &was))
		return true;
	buf_hex64(&b, hash);
	memcpy(hex, b.p, 16);
	buf_release(&b);
	same = span_eq(was, span_of(hex, 16));
	return same;
}

/* The file at hand against what the position says of it. */
static int
check_same_file(struct file *f, const struct tree *t, struct err *err)
{
	const struct file_input *i = &f->inputs[f->now];
	size_t              n = hashed_bytes(i->offset);
	uint64_t            head, tail;
	struct stat         st;

	if (fstat(f->fd, &st) == -1)
		return err_sys(err, "%s", file_input_name(i));
	if ((uint64_t)st.st_size < i->offset)
		return err_set(err, ERR_DATA, "%s: %lld bytes now, but the checkpoint has read %llu: it got shorter or was replaced",
		               file_input_name(i), (long long)st.st_size, (unsigned long long)i->offset);
	if (hash_of(f, 0, n, &head, err) == -1 || hash_of(f, i->offset - n, n, &tail, err) == -1)
		return -1;
	if (!hash_matches(t, "head", head))
		return err_set(err, ERR_DATA, "%s: begins differently from what the checkpoint has read: it was replaced", file_input_name(i));
	if (!hash_matches(t, "tail", tail))
		return err_set(err, ERR_DATA, "%s: the bytes before offset %llu are not what the checkpoint has read: it was changed",
		               file_input_name(i), (unsigned long long)i->offset);
	if (i->partial && (uint64_t)st.st_size > i->offset)
		return err_set(err, ERR_DATA, "%s: line %llu was taken without its end, which has come since; "
		               "a file that grows is read with -f -e", file_input_name(i), (unsigned long long)i->lines);
	return 0;
}

static int
check_not_grown(struct file *f, const struct file_input *i, struct err *err)
{
	struct stat st;

	if (file_input_is_stdin(i) ? fstat(STDIN_FILENO, &st) : stat(i->path, &st))
		return errno == ENOENT ? 0 : err_sys(err, "%s", file_input_name(i));
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size != i->offset)
		return err_set(err, ERR_DATA, "%s: ended at %llu, now %lld bytes; its windows are closed "
		               "(a file that grows is read with -f -e)", file_input_name(i), (unsigned long long)i->offset,
		               (long long)st.st_size);
	(void)f;
	return 0;
}

/* The operand that a position's item is about, from place FROM on; n_inputs: none. */
static size_t
operand_of(const struct file *f, size_t from, struct span path)
{
	for (size_t i = from; i < f->n_inputs; i++) {
		struct buf b = { 0 };
		bool       same = span_eq(path, span_str(f->inputs[i].path));

		if (!same && !text_is_utf8(span_str(f->inputs[i].path))) {
			text_base64(&b, span_str(f->inputs[i].path));
			same = span_eq(path, buf_all(&b));
			buf_release(&b);
		}
		if (same)
			return i;
	}
	return f->n_inputs;
}

static void
remember_gone(struct file *f, const struct tree *item)
{
	struct buf b = { 0 };

	if (f->gone != NULL) {
		buf_str(&b, f->gone);
		buf_char(&b, ',');
	}
	tree_put(&b, item);
	free(f->gone);
	f->gone = alloc_string_n(b.p, b.n);
	buf_release(&b);
}

static int
load_item(struct file *f, const struct tree *item, size_t *place, struct err *err)
{
	struct span path;
	int64_t     offset = 0, lines = 0;
	bool        done = false, partial = false;
	size_t      i;

	if (!tree_string(item, "file", &path) || !tree_i64(item, "offset", &offset) || !tree_i64(item, "line", &lines))
		return err_set(err, ERR_DATA, "the checkpoint's position is none of a file");
	tree_bool(item, "done", &done);
	tree_bool(item, "partial", &partial);
	i = operand_of(f, *place, path);
	if (i == f->n_inputs && done) {
		remember_gone(f, item);
		return 0;
	}
	if (i == f->n_inputs)
		return err_set(err, ERR_DATA, "%.*s: the checkpoint stands at offset %lld of it, but it is no input now",
		               SPAN_ARGS(path), (long long)offset);
	if (i != *place)
		return err_set(err, ERR_DATA, "%s: new before %s, which the checkpoint knows: new files come last",
		               f->inputs[*place].path, f->inputs[i].path);
	f->inputs[i].done = done;
	f->inputs[i].partial = partial;
	f->inputs[i].offset = (uint64_t)offset;
	f->inputs[i].lines = (uint64_t)lines;
	*place = i + 1;
	return done ? check_not_grown(f, &f->inputs[i], err) : 0;
}

int
file_load(struct source *s, const struct tree *position, bool ended, struct err *err)
{
	struct file       *f = (struct file *)s;
	const struct tree *item = NULL;
	size_t             place = 0;

	for (size_t i = 0; i < tree_count(position); i++) {
		item = tree_item(position, i);
		if (load_item(f, item, &place, err) == -1)
			return -1;
	}
	if (ended && place < f->n_inputs)
		return err_set(err, ERR_DATA, "%s: new, but the input had ended before it; its windows are closed",
		               f->inputs[place].path);
	while (f->now < f->n_inputs && f->inputs[f->now].done) {
		file_close_input(f);
		f->now++;
	}
	if (ended || f->now == f->n_inputs)
		return 0;
	if (f->fd == -1 && file_open_input(f, err) == -1)
		return -1;
	return item != NULL && f->now < place ? check_same_file(f, item, err) : 0;
}
