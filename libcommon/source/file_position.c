/* file_position - what a checkpoint knows of files, and whether it still holds */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "json/text.h"
#include "source/file_parts.h"

/* ---- compressed files ---- */

void
file_trace_add(struct file_trace *t, const char *p, size_t n)
{
	size_t head = sizeof(t->head) - t->head_n, keep;

	if (t->n == t->head_n && head > 0) {            /* nothing was skipped yet */
		memcpy(t->head + t->head_n, p, n < head ? n : head);
		t->head_n += n < head ? n : head;
	}
	t->n += n;
	if (n > sizeof(t->tail)) {
		p += n - sizeof(t->tail);
		n = sizeof(t->tail);
	}
	keep = sizeof(t->tail) - n < t->tail_n ? sizeof(t->tail) - n : t->tail_n;
	memmove(t->tail, t->tail + t->tail_n - keep, keep);
	memcpy(t->tail + keep, p, n);
	t->tail_n = keep + n;
}

void
file_trace_skip(struct file_trace *t, uint64_t offset)
{
	t->n = offset;
	t->tail_n = 0;
}

/* ---- hashes ---- */

/* The hash of [from, from + n) of the open file. */
static int
hash_of(const struct file *f, uint64_t from, size_t n, uint64_t *hash, struct err *err)
{
	char    bytes[FILE_HASHED_BYTES];
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
	return offset < FILE_HASHED_BYTES ? (size_t)offset : FILE_HASHED_BYTES;
}

/* Of the input at hand, what was read first and last. */
static int
hash_both(struct file *f, uint64_t *head, uint64_t *tail, struct err *err)
{
	const struct file_input *i = &f->inputs[f->now];
	size_t                   n = hashed_bytes(i->offset);

	if (i->packed != UNPACK_NONE) {
		*head = hash_sum(span_of(f->trace.head, f->trace.head_n));
		*tail = hash_sum(span_of(f->trace.tail, f->trace.tail_n));
		return 0;
	}
	return hash_of(f, 0, n, head, err) == -1 || hash_of(f, i->offset - n, n, tail, err) == -1 ? -1 : 0;
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
	if (i->done && i->packed != UNPACK_NONE) {
		buf_lit(b, ",\"packed\":");
		buf_u64(b, i->packed_bytes);
	}
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

		if (b->p[b->n - 1] != '[')
			buf_char(b, ',');
		put_input(b, in);
		if (i == f->now && f->fd != -1) {
			if (hash_both(f, &head, &tail, err) == -1)
				return -1;
			if (in->packed != UNPACK_NONE) {
				buf_lit(b, ",\"tail_bytes\":");
				buf_u64(b, f->trace.tail_n);
			}
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
	uint64_t                 head, tail;
	int64_t                  tail_n;
	struct stat              st;

	if (i->packed != UNPACK_NONE) {
		if (file_begin_reading(f, err) == -1)           /* up to the offset: there is no other way to get there */
			return -1;
		if (tree_i64(t, "tail_bytes", &tail_n) && (uint64_t)tail_n < f->trace.tail_n) {
			memmove(f->trace.tail, f->trace.tail + f->trace.tail_n - tail_n, (size_t)tail_n);
			f->trace.tail_n = (size_t)tail_n;
		}
	}
	if (fstat(f->fd, &st) == -1)
		return err_sys(err, "%s", file_input_name(i));
	if (i->packed == UNPACK_NONE && (uint64_t)st.st_size < i->offset)
		return err_set(err, ERR_DATA, "%s: %lld bytes now, but the checkpoint has read %llu: it got shorter or was replaced",
		               file_input_name(i), (long long)st.st_size, (unsigned long long)i->offset);
	if (hash_both(f, &head, &tail, err) == -1)
		return -1;
	if (!hash_matches(t, "head", head))
		return err_set(err, ERR_DATA, "%s: begins differently from what the checkpoint has read: it was replaced", file_input_name(i));
	if (!hash_matches(t, "tail", tail))
		return err_set(err, ERR_DATA, "%s: the bytes before offset %llu are not what the checkpoint has read: it was changed",
		               file_input_name(i), (unsigned long long)i->offset);
	if (i->partial && i->packed == UNPACK_NONE && (uint64_t)st.st_size > i->offset)
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
	if (i->packed != UNPACK_NONE && (uint64_t)st.st_size != i->packed_bytes)
		return err_set(err, ERR_DATA, "%s: had %llu bytes when it ended, now %lld; its windows are closed", file_input_name(i),
		               (unsigned long long)i->packed_bytes, (long long)st.st_size);
	if (i->packed == UNPACK_NONE && S_ISREG(st.st_mode) && (uint64_t)st.st_size != i->offset)
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
	int64_t     offset = 0, lines = 0, packed = 0;
	bool        done = false, partial = false;
	size_t      i;

	if (!tree_string(item, "file", &path) || !tree_i64(item, "offset", &offset) || !tree_i64(item, "line", &lines))
		return err_set(err, ERR_DATA, "the checkpoint's position is none of a file");
	tree_bool(item, "done", &done);
	tree_bool(item, "partial", &partial);
	tree_i64(item, "packed", &packed);
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
	f->inputs[i].packed_bytes = (uint64_t)packed;
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
	/* Where the last one known is not done, the end came otherwise (--until), and what follows never mattered. */
	if (ended && place < f->n_inputs && (place == 0 || f->inputs[place - 1].done))
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
