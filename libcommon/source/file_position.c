/* file_position - what a checkpoint knows of files, and whether it still holds */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "io/file.h"
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

/* Where a file that can be read anywhere is gone on with. */
int
file_trace_from(struct file_trace *t, int fd, const char *name, uint64_t offset, struct err *err)
{
	size_t  n = offset < FILE_HASHED_BYTES ? (size_t)offset : FILE_HASHED_BYTES;
	ssize_t head = file_read_at(fd, name, t->head, n, 0, err);
	ssize_t tail = head == -1 ? -1 : file_read_at(fd, name, t->tail, n, offset - n, err);

	if (tail == -1)
		return -1;
	t->head_n = (size_t)head;
	t->tail_n = (size_t)tail;
	t->n = offset;
	return 0;
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

/* What was read of a file, first and last. */
struct known {
	uint64_t head, tail;
	uint64_t head_n, tail_n;     /* so many bytes */
};

static int
known_of_file(const struct file *f, uint64_t offset, uint64_t head_n, uint64_t tail_n, struct known *k, struct err *err)
{
	*k = (struct known){ .head_n = head_n, .tail_n = tail_n };
	return hash_of(f, 0, (size_t)head_n, &k->head, err) == -1 ||
	       hash_of(f, offset - tail_n, (size_t)tail_n, &k->tail, err) == -1 ? -1 : 0;
}

static struct known
known_of_trace(const struct file_trace *t, uint64_t head_n, uint64_t tail_n)
{
	if (head_n > t->head_n)
		head_n = t->head_n;
	if (tail_n > t->tail_n)
		tail_n = t->tail_n;
	return (struct known){ hash_sum(span_of(t->head, (size_t)head_n)),
	                       hash_sum(span_of(t->tail + t->tail_n - tail_n, (size_t)tail_n)), head_n, tail_n };
}

static struct known
known_of_tree(const struct tree *t, uint64_t offset)
{
	struct known k = { .head_n = hashed_bytes(offset), .tail_n = hashed_bytes(offset) };
	int64_t      n;
	struct span  hex;

	if (tree_i64(t, "head_bytes", &n) && n >= 0 && (uint64_t)n < k.head_n)
		k.head_n = (uint64_t)n;
	if (tree_i64(t, "tail_bytes", &n) && n >= 0 && (uint64_t)n < k.tail_n)
		k.tail_n = (uint64_t)n;
	if (tree_string(t, "head", &hex))
		k.head = strtoull(hex.p, NULL, 16);
	if (tree_string(t, "tail", &hex))
		k.tail = strtoull(hex.p, NULL, 16);
	return k;
}

/* Of the input at hand, up to what is taken. */
static int
known_now(const struct file *f, struct known *k, struct err *err)
{
	size_t n = hashed_bytes(f->inputs[f->now].offset);

	if (!file_is_traced(f))
		return known_of_file(f, f->inputs[f->now].offset, n, n, k, err);
	*k = known_of_trace(&f->trace, FILE_HASHED_BYTES, FILE_HASHED_BYTES);
	return 0;
}

static void
put_input(struct buf *b, const struct file *f, const struct file_input *i)
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
	if (i->rotated > 0) {
		buf_lit(b, ",\"rotated\":");
		buf_i64(b, i->rotated);
	}
	if (i->is_begun && f->conf.from.kind != SOURCE_FROM_BEGINNING) {
		buf_lit(b, ",\"began_at\":");
		buf_u64(b, i->began_at);
	}
	if (i->partial)
		buf_lit(b, ",\"partial\":true");
	if (i->done)
		buf_lit(b, ",\"done\":true");
	if (i->done && i->packed != UNPACK_NONE) {
		buf_lit(b, ",\"packed\":");
		buf_u64(b, i->packed_bytes);
	}
}

static void
put_hash(struct buf *b, const char *name, uint64_t hash, uint64_t n, uint64_t offset)
{
	buf_printf(b, ",\"%s\":\"", name);
	buf_hex64(b, hash);
	buf_char(b, '"');
	if (n != hashed_bytes(offset))
		buf_printf(b, ",\"%s_bytes\":%llu", name, (unsigned long long)n);
}

/* Of the input at hand: how to know it again. */
static int
put_known(const struct file *f, struct buf *b, struct err *err)
{
	uint64_t     offset = f->inputs[f->now].offset;
	struct known k;
	struct stat  st;

	if (f->inputs[f->now].is_pipe) {
		bool is_known = !f->inputs[f->now].has_ended && fstat(f->fd, &st) == 0;

		buf_lit(b, ",\"pipe\":");
		buf_u64(b, is_known ? st.st_ino : 0);
		return 0;
	}
	if (known_now(f, &k, err) == -1)
		return -1;
	put_hash(b, "head", k.head, k.head_n, offset);
	put_hash(b, "tail", k.tail, k.tail_n, offset);
	if (file_is_followed(f) && fstat(f->fd, &st) == 0) {
		buf_lit(b, ",\"inode\":");
		buf_u64(b, st.st_ino);
	}
	return 0;
}

int
file_save(struct source *s, struct buf *b, struct err *err)
{
	struct file *f = (struct file *)s;

	buf_char(b, '[');
	if (f->gone != NULL)
		buf_str(b, f->gone);
	for (size_t i = 0; i < f->n_inputs && i <= f->now; i++) {
		struct file_input *in = &f->inputs[i];

		if (b->p[b->n - 1] != '[')
			buf_char(b, ',');
		put_input(b, f, in);
		if (i == f->now && f->fd != -1 && put_known(f, b, err) == -1)
			return -1;
		buf_char(b, '}');
	}
	buf_char(b, ']');
	return 0;
}

/* Does what is open hold what was read? */
static int
check_same_file(struct file *f, const struct known *k, struct err *err)
{
	const struct file_input *i = &f->inputs[f->now];
	bool                     packed = i->packed != UNPACK_NONE;
	struct known             now;
	struct stat              st;

	if (fstat(f->fd, &st) == -1)
		return err_sys(err, "%s", file_input_name(i));
	if (!packed && (uint64_t)st.st_size < i->offset)
		return err_set(err, ERR_DATA, "%s: %lld bytes now, but the checkpoint has read %llu: it got shorter or was replaced",
		               file_input_name(i), (long long)st.st_size, (unsigned long long)i->offset);
	/* Up to the offset: in a compressed file there is no other way to get there. */
	if (packed && file_begin_reading(f, err) == -1)
		return -1;
	if (packed)
		now = known_of_trace(&f->trace, k->head_n, k->tail_n);
	else if (known_of_file(f, i->offset, k->head_n, k->tail_n, &now, err) == -1)
		return -1;
	if (now.head != k->head)
		return err_set(err, ERR_DATA, "%s: begins differently from what the checkpoint has read: it was replaced", file_input_name(i));
	if (now.tail != k->tail)
		return err_set(err, ERR_DATA, "%s: the bytes before offset %llu are not what the checkpoint has read: it was changed",
		               file_input_name(i), (unsigned long long)i->offset);
	if (i->partial && !packed && (uint64_t)st.st_size > i->offset)
		return err_set(err, ERR_DATA, "%s: line %llu was taken without its end, which has come since; "
		               "a file that grows is read with -f -e", file_input_name(i), (unsigned long long)i->lines);
	return 0;
}

/* ---- rotated files ---- */

struct looked_for {
	struct file        *file;
	const struct known *known;
};

/* Is it this one?  Then it is open. */
static bool
try_rotated(void *cookie, const char *path)
{
	struct looked_for *l = cookie;
	struct file       *f = l->file;
	struct err         ignored = ERR_INIT;

	file_close_input(f);
	f->inputs[f->now].packed = unpack_kind_of(path);
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return f->fd != -1 && check_same_file(f, l->known, &ignored) == 0;
}

static bool
find_rotated(struct file *f, uint64_t inode, const struct known *k)
{
	struct looked_for l = { f, k };
	char             *found = file_find_rotated(f->inputs[f->now].path, inode, try_rotated, &l);

	if (found == NULL)
		file_close_input(f);
	else
		f->leave_at = UINT64_MAX;
	f->behind = found != NULL;
	free(found);
	return f->behind;
}

bool
file_find_copy(struct file *f)
{
	struct known k = known_of_trace(&f->trace, FILE_HASHED_BYTES, FILE_HASHED_BYTES);

	return f->inputs[f->now].offset > 0 && find_rotated(f, 0, &k);
}

/* The file of that name, opened anew. */
static int
reopen(struct file *f, struct err *err)
{
	struct file_input *i = &f->inputs[f->now];

	file_close_input(f);
	i->packed = unpack_kind_of(i->path);
	return file_open_input(f, err);
}

static bool
has_inode(const struct file *f, uint64_t inode)
{
	struct stat st;

	return inode == 0 || (f->fd != -1 && fstat(f->fd, &st) == 0 && st.st_ino == inode);
}

/*
 * A followed file may have been rotated meanwhile.  Another file can begin with the same lines, so the same inode
 * counts more than the same content; but a copy has another one.
 */
static int
find_followed(struct file *f, const struct known *k, struct err *err)
{
	const struct file_input *i = &f->inputs[f->now];
	uint64_t                 inode = i->inode;

	if (f->fd != -1 && has_inode(f, inode) && check_same_file(f, k, err) == 0)
		return 0;
	if (inode != 0 && find_rotated(f, inode, k))
		return 0;
	if (reopen(f, err) == -1)
		return -1;
	if (f->fd != -1 && check_same_file(f, k, err) == 0)
		return 0;
	if (i->offset > 0 && find_rotated(f, 0, k))
		return 0;
	return f->fd == -1 && err->kind == ERR_NONE
	       ? err_set(err, ERR_DATA, "%s: neither it nor a rotated one is what the checkpoint has read", i->path) : -1;
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
	int64_t     offset = 0, lines = 0, packed = 0, rotated = 0, inode = 0, began_at = 0;
	bool        done = false, partial = false;
	size_t      i;

	if (!tree_string(item, "file", &path) || !tree_i64(item, "offset", &offset) || !tree_i64(item, "line", &lines))
		return err_set(err, ERR_DATA, "the checkpoint's position is none of a file");
	tree_bool(item, "done", &done);
	tree_bool(item, "partial", &partial);
	tree_i64(item, "packed", &packed);
	tree_i64(item, "rotated", &rotated);
	tree_i64(item, "inode", &inode);
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
	f->inputs[i].is_begun = tree_i64(item, "began_at", &began_at) || f->conf.from.kind == SOURCE_FROM_BEGINNING;
	f->inputs[i].began_at = (uint64_t)began_at;
	f->inputs[i].done = done;
	f->inputs[i].partial = partial;
	f->inputs[i].packed_bytes = (uint64_t)packed;
	f->inputs[i].rotated = rotated;
	f->inputs[i].inode = (uint64_t)inode;
	f->inputs[i].offset = (uint64_t)offset;
	f->inputs[i].lines = (uint64_t)lines;
	*place = i + 1;
	return done ? check_not_grown(f, &f->inputs[i], err) : 0;
}

/*
 * What a pipe gave and nobody has committed is gone, and what it gives now is what comes: as if a file had been
 * rotated.  Where it is the same pipe, the run that died may have read half a line of it.
 */
static int
load_pipe(struct file *f, const struct tree *item, struct err *err)
{
	struct file_input *i = &f->inputs[f->now];
	int64_t            inode = 0;
	bool               was_pipe = tree_i64(item, "pipe", &inode);

	if (was_pipe != i->is_pipe && i->offset > 0)
		return err_set(err, ERR_DATA, "%s: was a %s when the checkpoint read it, is a %s now", file_input_name(i),
		               was_pipe ? "pipe" : "file", i->is_pipe ? "pipe" : "file");
	f->may_be_torn = inode != 0 && has_inode(f, (uint64_t)inode);
	if (i->offset > 0)
		i->rotated++;
	i->offset = i->lines = i->began_at = 0;
	i->partial = false;
	return 0;
}

int
file_load(struct source *s, const struct tree *position, bool ended, struct err *err)
{
	struct file       *f = (struct file *)s;
	const struct tree *item = NULL;
	size_t             place = 0;
	struct known       known;

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
	if (item == NULL || f->now >= place)
		return 0;
	if (f->inputs[f->now].is_pipe || tree_member(item, "pipe") != NULL)
		return load_pipe(f, item, err);
	known = known_of_tree(item, f->inputs[f->now].offset);
	if (!file_is_followed(f) || file_input_is_stdin(&f->inputs[f->now]))
		return check_same_file(f, &known, err);
	return find_followed(f, &known, err);
}
