/* file - files, one after the other, as cat does */
#include "source/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "io/clock.h"
#include "io/in.h"
#include "json/text.h"

enum {
	HASHED_BYTES = 1024,         /* at the beginning, and before the offset */
	LOOK_AGAIN_MS = 1000         /* a followed file: where nothing tells of changes (network file systems) */
};

struct input {
	const char *path;            /* as given, without "file:" */
	bool        done;
	bool        partial;         /* the last line taken had no newline */
	uint64_t    offset, lines;   /* behind what is taken */
};

struct file {
	struct source      source;
	struct source_conf conf;
	struct input      *inputs;
	size_t             n_inputs;
	size_t             now;          /* the input being read; n_inputs: all are through */
	char              *gone;         /* finished inputs that are no operands any more: JSON items, owned */
	int                fd;           /* of inputs[now]; -1: not open yet */
	bool               told;         /* SOURCE_BEGINS was given for it */
	bool               has_in;
	struct in          in;
	uint64_t           chunk_end;    /* offset behind the last chunk, without a newline that was made up */
	bool               chunk_partial;
	uint64_t           leave_at;     /* with exit_at_end: the size it had; else UINT64_MAX */
	int                watch;
};

/* ---- opening ---- */

static bool
is_stdin(const struct input *i)
{
	return strcmp(i->path, "-") == 0;
}

static const char *
shown(const struct input *i)
{
	return is_stdin(i) ? "stdin" : i->path;
}

static int
open_input(struct file *f, struct err *err)
{
	struct input *i = &f->inputs[f->now];
	struct stat   st;

	f->fd = is_stdin(i) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(i->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (f->fd == -1)
		return err_sys(err, "%s", shown(i));
	if (fstat(f->fd, &st) == -1)
		return err_sys(err, "%s", shown(i));
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_FATAL, "%s: is a directory", shown(i));
	f->leave_at = UINT64_MAX;
	if (f->conf.follow && f->conf.exit_at_end && f->now + 1 == f->n_inputs && S_ISREG(st.st_mode))
		f->leave_at = (uint64_t)st.st_size;
	return 0;
}

static void
close_input(struct file *f)
{
	if (f->has_in)
		in_release(&f->in);
	if (f->fd != -1)
		close(f->fd);           /* read only: nothing can be lost */
	f->fd = -1;
	f->has_in = f->told = false;
}

static bool
is_last(const struct file *f)
{
	return f->now + 1 == f->n_inputs;
}

static int
begin_reading(struct file *f, struct err *err)
{
	struct input *i = &f->inputs[f->now];

	if (in_init(&f->in, f->fd, shown(i), f->conf.max_line_bytes, f->conf.follow && is_last(f), err) == -1)
		return -1;
	f->has_in = true;
	if (i->offset > 0 && in_seek(&f->in, i->offset, err) == -1)
		return -1;
	if (f->in.regular && i->offset == 0)
		i->offset = in_offset(&f->in);      /* stdin may have been read by somebody before us */
	return 0;
}

static void
file_free(struct source *s)
{
	struct file *f = (struct file *)s;

	if (f == NULL)
		return;
	close_input(f);
	if (f->watch != -1)
		close(f->watch);
	free(f->inputs);
	free(f->gone);
	free(f);
}

static struct source *
file_open(const struct source_conf *conf, struct err *err)
{
	struct file *f = alloc_zeroed(1, sizeof(*f));

	f->source.class = &source_file;
	f->conf = *conf;
	f->n_inputs = conf->n_inputs;
	f->inputs = alloc_zeroed(f->n_inputs, sizeof(*f->inputs));
	f->fd = f->watch = -1;
	for (size_t i = 0; i < f->n_inputs; i++) {
		const char *path = conf->inputs[i];

		f->inputs[i].path = strncmp(path, "file:", 5) == 0 ? path + 5 : path;
	}
	if (open_input(f, err) == -1) {
		file_free(&f->source);
		return NULL;
	}
	return &f->source;
}

static int
check_regular(const struct file *f, struct err *err)
{
	struct stat st;

	if (fstat(f->fd, &st) == -1)
		return err_sys(err, "%s", shown(&f->inputs[f->now]));
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_USAGE, "%s: not a file that can be read again from a position: no checkpoint with it",
		               shown(&f->inputs[f->now]));
	return 0;
}

/* Of stdin alone: a FIFO among the operands is one of several files. */
static bool
file_is_pipe(const struct source *s)
{
	const struct file *f = (const struct file *)s;
	struct stat        st;

	return f->n_inputs == 1 && is_stdin(&f->inputs[0]) && fstat(STDIN_FILENO, &st) == 0 && !S_ISREG(st.st_mode);
}

static bool
file_is_ready(const struct source *s)
{
	const struct file *f = (const struct file *)s;

	return !f->has_in || in_ready(&f->in);
}

static int
file_check_seekable(struct source *s, struct err *err)
{
	struct file *f = (struct file *)s;

	for (size_t i = 0; i < f->n_inputs; i++) {
		struct stat st;

		if (i == f->now) {
			if (check_regular(f, err) == -1)
				return -1;
		} else if (is_stdin(&f->inputs[i])) {
			return err_set(err, ERR_USAGE, "-: only as the first input under a checkpoint");
		} else if (stat(f->inputs[i].path, &st) == 0 && !S_ISREG(st.st_mode)) {
			return err_set(err, ERR_USAGE,
			               "%s: not a file that can be read again from a position: no checkpoint with it",
			               f->inputs[i].path);
		}
	}
	return 0;
}

/* ---- reading ---- */

/* What of the chunk lies before the end as it was when we came. */
static void
cut_at_leave(const struct file *f, struct in_chunk *c)
{
	size_t      allowed = f->leave_at > c->offset ? (size_t)(f->leave_at - c->offset) : 0;
	const char *newline;

	if ((size_t)(c->end - c->p) <= allowed)
		return;
	newline = memrchr(c->p, '\n', allowed);
	c->end = newline == NULL ? c->p : newline + 1;
}

static enum source_event
give_lines(struct file *f, struct in_chunk *c, struct source_chunk *chunk)
{
	struct input *i = &f->inputs[f->now];

	if (f->leave_at != UINT64_MAX) {
		cut_at_leave(f, c);
		if (c->end == c->p)
			return SOURCE_LEAVE;
	}
	f->chunk_end = c->offset + (uint64_t)(c->end - c->p) - c->completed;
	f->chunk_partial = c->completed;
	*chunk = (struct source_chunk){ .p = c->p, .end = c->end, .offset = c->offset, .line_no = i->lines + 1,
	                                .partial = c->completed };
	return SOURCE_LINES;
}

static enum source_event
give_long_line(struct file *f, const struct in_chunk *c, struct source_chunk *chunk)
{
	struct input *i = &f->inputs[f->now];

	if (c->offset + c->long_bytes > f->leave_at)
		return SOURCE_LEAVE;
	f->chunk_end = c->offset + c->long_bytes;
	f->chunk_partial = false;
	*chunk = (struct source_chunk){ .p = c->p, .end = c->end, .offset = c->offset, .line_no = i->lines + 1,
	                                .long_bytes = c->long_bytes };
	return SOURCE_LONG_LINE;
}

/* At the end of a followed file: has it got shorter? */
static int
check_not_shorter(struct file *f, struct err *err)
{
	struct stat st;

	if (fstat(f->fd, &st) == -1)
		return err_sys(err, "%s", shown(&f->inputs[f->now]));
	if ((uint64_t)st.st_size < in_offset(&f->in))
		return err_set(err, ERR_DATA, "%s: got shorter while it was followed (%lld bytes, %llu were read)",
		               shown(&f->inputs[f->now]), (long long)st.st_size, (unsigned long long)in_offset(&f->in));
	return 0;
}

static enum source_event
at_end(struct file *f, struct err *err)
{
	if (f->in.regular && f->conf.follow && is_last(f)) {
		if (f->conf.exit_at_end)
			return SOURCE_LEAVE;
		return check_not_shorter(f, err) == -1 ? SOURCE_ERROR : SOURCE_WAIT;
	}
	f->inputs[f->now].done = true;
	close_input(f);
	f->now++;
	return SOURCE_END;
}

static enum source_event
file_next(struct source *s, struct source_chunk *chunk, struct err *err)
{
	struct file    *f = (struct file *)s;
	struct in_chunk c;
	enum source_event e;

	for (; f->now < f->n_inputs; ) {
		if (f->inputs[f->now].done) {
			close_input(f);
			f->now++;
			continue;
		}
		if (f->fd == -1 && open_input(f, err) == -1)
			return SOURCE_ERROR;
		if (!f->has_in && begin_reading(f, err) == -1)
			return SOURCE_ERROR;
		if (!f->told) {
			f->told = true;
			*chunk = (struct source_chunk){ .topic = f->inputs[f->now].path, .partition = 0 };
			return SOURCE_BEGINS;
		}
		if (f->watch != -1)
			watch_drain(f->watch);       /* before the read: what changes after it wakes us */
		switch (in_fill(&f->in, &c, err)) {
		case IN_LINES:       return give_lines(f, &c, chunk);
		case IN_LONG_LINE:   return give_long_line(f, &c, chunk);
		case IN_WOULD_BLOCK: return SOURCE_WAIT;
		case IN_ERROR:       return SOURCE_ERROR;
		case IN_END:
			if ((e = at_end(f, err)) != SOURCE_END)
				return e;
		}
	}
	return SOURCE_END;
}

static void
file_took(struct source *s, uint64_t offset, uint64_t lines)
{
	struct file  *f = (struct file *)s;
	struct input *i = &f->inputs[f->now];

	i->partial = f->chunk_partial && offset > f->chunk_end;
	i->offset = offset > f->chunk_end ? f->chunk_end : offset;
	i->lines += lines;
}

static void
file_wait_for(struct source *s, struct wait_for *w)
{
	struct file *f = (struct file *)s;
	int64_t      look_again_ms;

	if (!f->in.regular) {
		w->in_fd = f->fd;
		return;
	}
	look_again_ms = clock_mono_ms() + LOOK_AGAIN_MS;
	if (f->watch == -1 && (f->watch = watch_new()) != -1) {
		watch_path(f->watch, f->inputs[f->now].path);
		look_again_ms -= LOOK_AGAIN_MS;      /* at once: it may have grown before the watch stood */
	}
	w->watch_fd = f->watch;
	if (w->deadline_ms == CLOCK_NEVER || w->deadline_ms > look_again_ms)
		w->deadline_ms = look_again_ms;
}

/* ---- position ---- */

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
			return err_sys(err, "%s", shown(&f->inputs[f->now]));
		if (got == 0)
			return err_set(err, ERR_DATA, "%s: got shorter while it was read", shown(&f->inputs[f->now]));
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
put_input(struct buf *b, const struct input *i)
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

static int
file_save(struct source *s, struct buf *b, struct err *err)
{
	struct file *f = (struct file *)s;
	uint64_t     head, tail;

	buf_char(b, '[');
	if (f->gone != NULL)
		buf_str(b, f->gone);
	for (size_t i = 0; i < f->n_inputs && i <= f->now; i++) {
		struct input *in = &f->inputs[i];
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
	const struct input *i = &f->inputs[f->now];
	size_t              n = hashed_bytes(i->offset);
	uint64_t            head, tail;
	struct stat         st;

	if (fstat(f->fd, &st) == -1)
		return err_sys(err, "%s", shown(i));
	if ((uint64_t)st.st_size < i->offset)
		return err_set(err, ERR_DATA, "%s: %lld bytes now, but the checkpoint has read %llu: it got shorter or was replaced",
		               shown(i), (long long)st.st_size, (unsigned long long)i->offset);
	if (hash_of(f, 0, n, &head, err) == -1 || hash_of(f, i->offset - n, n, &tail, err) == -1)
		return -1;
	if (!hash_matches(t, "head", head))
		return err_set(err, ERR_DATA, "%s: begins differently from what the checkpoint has read: it was replaced", shown(i));
	if (!hash_matches(t, "tail", tail))
		return err_set(err, ERR_DATA, "%s: the bytes before offset %llu are not what the checkpoint has read: it was changed",
		               shown(i), (unsigned long long)i->offset);
	if (i->partial && (uint64_t)st.st_size > i->offset)
		return err_set(err, ERR_DATA, "%s: line %llu was taken without its end, which has come since; "
		               "a file that grows is read with -f -e", shown(i), (unsigned long long)i->lines);
	return 0;
}

static int
check_not_grown(struct file *f, const struct input *i, struct err *err)
{
	struct stat st;

	if (is_stdin(i) ? fstat(STDIN_FILENO, &st) : stat(i->path, &st))
		return errno == ENOENT ? 0 : err_sys(err, "%s", shown(i));
	if (S_ISREG(st.st_mode) && (uint64_t)st.st_size != i->offset)
		return err_set(err, ERR_DATA, "%s: ended at %llu, now %lld bytes; its windows are closed "
		               "(a file that grows is read with -f -e)", shown(i), (unsigned long long)i->offset,
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

static int
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
		close_input(f);
		f->now++;
	}
	if (ended || f->now == f->n_inputs)
		return 0;
	if (f->fd == -1 && open_input(f, err) == -1)
		return -1;
	return item != NULL && f->now < place ? check_same_file(f, item, err) : 0;
}

const struct source_class source_file = {
	.scheme = "file",
	.help = "files and stdin: PATH, -, file:PATH",
	.open = file_open,
	.is_pipe = file_is_pipe,
	.is_ready = file_is_ready,
	.check_seekable = file_check_seekable,
	.next = file_next,
	.took = file_took,
	.wait_for = file_wait_for,
	.save = file_save,
	.load = file_load,
	.free = file_free,
};
