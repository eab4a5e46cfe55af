/* file - files, one after the other, as cat does */
#include "source/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/clock.h"
#include "source/file_parts.h"

enum { LOOK_AGAIN_MS = 1000 };       /* a followed file: where nothing tells of changes (network file systems) */

/* ---- opening ---- */

int
file_open_input(struct file *f, struct err *err)
{
	struct file_input *i = &f->inputs[f->now];
	struct stat   st;

	if (file_input_is_stdin(i))
		f->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		f->fd = open(i->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (f->conf.pipes || f->conf.takes_what_comes ? O_NONBLOCK : 0));
	if (f->fd == -1 && errno == ENOENT && file_is_followed(f) && file_has_rotated(i->path))
		return 0;                            /* just now it is being rotated */
	if (f->fd == -1)
		return err_sys(err, "%s", file_input_name(i));
	if (fstat(f->fd, &st) == -1)
		return err_sys(err, "%s", file_input_name(i));
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_FATAL, "%s: is a directory", file_input_name(i));
	i->is_pipe = !S_ISREG(st.st_mode);
	f->leave_at = UINT64_MAX;
	if (f->conf.follow && f->conf.exit_at_end && f->now + 1 == f->n_inputs && S_ISREG(st.st_mode))
		f->leave_at = (uint64_t)st.st_size;
	return 0;
}

void
file_close_input(struct file *f)
{
	if (f->has_in)
		in_release(&f->in);
	if (f->fd != -1)
		close(f->fd);           /* read only: nothing can be lost */
	f->fd = -1;
	f->has_in = f->told = f->leaving = false;
}

static bool
is_last(const struct file *f)
{
	return f->now + 1 == f->n_inputs;
}

static void
trace_bytes(void *cookie, const char *p, size_t n)
{
	file_trace_add(cookie, p, n);
}

int
file_begin_reading(struct file *f, struct err *err)
{
	struct file_input *i = &f->inputs[f->now];

	if (in_init(&f->in, f->fd, file_input_name(i), f->conf.max_line_bytes, f->conf.follow && is_last(f), err) == -1)
		return -1;
	f->has_in = true;
	if (f->conf.rows)
		in_take_rows(&f->in);
	if (in_unpack(&f->in, i->packed, err) == -1)
		return -1;
	f->trace = (struct file_trace){ .n = 0 };
	f->is_new = !i->is_begun;
	if (f->is_new && file_go_from(f, err) == -1)
		return -1;
	if (i->offset > 0 && i->packed != UNPACK_NONE)
		return in_skip(&f->in, i->offset, trace_bytes, &f->trace, err);
	if (i->offset > 0 && in_seek(&f->in, i->offset, err) == -1)
		return -1;
	if (f->in.regular && i->offset == 0)
		i->offset = in_offset(&f->in);      /* stdin may have been read by somebody before us */
	if (f->in.regular && file_is_traced(f))
		return file_trace_from(&f->trace, f->fd, file_input_name(i), i->offset, err);
	return 0;
}

static void
file_free(struct source *s)
{
	struct file *f = (struct file *)s;

	if (f == NULL)
		return;
	file_close_input(f);
	if (f->watch != -1)
		close(f->watch);
	free(f->inputs);
	file_paths_release(&f->paths);
	free(f->gone);
	free(f);
}

static struct source *
file_open(const struct source_conf *conf, struct err *err)
{
	struct file *f = alloc_zeroed(1, sizeof(*f));

	f->source.class = &source_file;
	f->conf = *conf;
	f->fd = f->watch = -1;
	for (size_t i = 0; i < conf->n_inputs; i++) {
		const char *path = conf->inputs[i];

		if (file_paths_add(&f->paths, strncmp(path, "file:", 5) == 0 ? path + 5 : path,
		                   conf->follow && i + 1 == conf->n_inputs, err) == -1) {
			file_free(&f->source);
			return NULL;
		}
	}
	f->n_inputs = f->paths.n;
	f->inputs = alloc_zeroed(f->n_inputs, sizeof(*f->inputs));
	for (size_t i = 0; i < f->n_inputs; i++) {
		f->inputs[i].path = f->paths.list[i];
		f->inputs[i].packed = unpack_kind_of(f->inputs[i].path);
	}
	if (f->conf.follow && f->inputs[f->n_inputs - 1].packed != UNPACK_NONE) {
		err_set(err, ERR_USAGE, "%s: a compressed file does not grow: only the last file is followed",
		        f->inputs[f->n_inputs - 1].path);
		file_free(&f->source);
		return NULL;
	}
	if (file_check_from(f, err) == -1 || file_open_input(f, err) == -1) {
		file_free(&f->source);
		return NULL;
	}
	return &f->source;
}

/* What cannot be read again; a compressed pipe cannot be gone on with either, in its middle. */
static int
refuse_pipe(const struct file *f, const struct file_input *i, struct err *err)
{
	if (i->packed != UNPACK_NONE)
		return err_set(err, ERR_USAGE, "%s: a compressed pipe cannot be gone on with: no checkpoint with it", file_input_name(i));
	if (f->conf.takes_what_comes)
		return 0;
	return err_set(err, ERR_USAGE, "%s: not a file that can be read again from a position: no checkpoint with it, "
	               "unless --delivery at-most-once lets go what is lost", file_input_name(i));
}

/* Of one input alone: a FIFO among several operands is one of several files. */
static bool
file_is_pipe(const struct source *s)
{
	const struct file *f = (const struct file *)s;
	struct stat        st;

	if (f->n_inputs != 1 || !(f->conf.pipes || file_input_is_stdin(&f->inputs[0])))
		return false;
	return f->fd != -1 && fstat(f->fd, &st) == 0 && !S_ISREG(st.st_mode);
}

static int
file_check_seekable(struct source *s, struct err *err)
{
	struct file *f = (struct file *)s;

	for (size_t i = 0; i < f->n_inputs; i++) {
		struct stat st;

		if (i == f->now) {
			if (f->inputs[i].is_pipe && refuse_pipe(f, &f->inputs[i], err) == -1)
				return -1;
		} else if (file_input_is_stdin(&f->inputs[i])) {
			return err_set(err, ERR_USAGE, "-: only as the first input under a checkpoint");
		} else if (stat(f->inputs[i].path, &st) == 0 && !S_ISREG(st.st_mode) && refuse_pipe(f, &f->inputs[i], err) == -1) {
			return -1;
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
	struct file_input *i = &f->inputs[f->now];

	if (f->leave_at != UINT64_MAX) {
		cut_at_leave(f, c);
		if (c->end == c->p)
			return SOURCE_LEAVE;
	}
	f->chunk = c->p;
	f->chunk_offset = c->offset;
	f->chunk_end = c->offset + (uint64_t)(c->end - c->p) - c->completed;
	f->chunk_partial = c->completed;
	*chunk = (struct source_chunk){ .p = c->p, .end = c->end, .offset = c->offset, .line_no = i->began_at > 0 ? 0 : i->lines + 1,
	                                .partial = c->completed };
	return SOURCE_LINES;
}

static enum source_event
give_long_line(struct file *f, const struct in_chunk *c, struct source_chunk *chunk)
{
	struct file_input *i = &f->inputs[f->now];

	if (c->offset + c->long_bytes > f->leave_at)
		return SOURCE_LEAVE;
	f->chunk = NULL;
	f->chunk_end = c->offset + c->long_bytes;
	f->chunk_partial = false;
	*chunk = (struct source_chunk){ .p = c->p, .end = c->end, .offset = c->offset, .line_no = i->began_at > 0 ? 0 : i->lines + 1,
	                                .long_bytes = c->long_bytes };
	return SOURCE_LONG_LINE;
}

/* At the end of a followed file: has it got shorter? */
static int
check_not_shorter(struct file *f, struct err *err)
{
	struct stat st;

	if (fstat(f->fd, &st) == -1)
		return err_sys(err, "%s", file_input_name(&f->inputs[f->now]));
	if ((uint64_t)st.st_size < in_offset(&f->in))
		return err_set(err, ERR_DATA, "%s: got shorter while it was followed (%lld bytes, %llu were read)",
		               file_input_name(&f->inputs[f->now]), (long long)st.st_size, (unsigned long long)in_offset(&f->in));
	return 0;
}

static int
finish_input(struct file *f, struct err *err)
{
	struct file_input *i = &f->inputs[f->now];
	struct stat        st;

	if (i->packed != UNPACK_NONE) {
		if (fstat(f->fd, &st) == -1)
			return err_sys(err, "%s", file_input_name(i));
		i->packed_bytes = (uint64_t)st.st_size;
	}
	i->done = true;
	file_close_input(f);
	f->now++;
	return 0;
}

/* Go on with another file of the followed name: NEXT, or (NULL) the one that has it now. */
static int
go_on_with(struct file *f, const char *next, struct err *err)
{
	struct file_input *i = &f->inputs[f->now];

	file_close_input(f);
	i->rotated++;
	i->offset = i->lines = i->began_at = 0;
	i->partial = false;
	f->behind = next != NULL;
	i->packed = unpack_kind_of(next == NULL ? i->path : next);
	if (next == NULL)
		return file_open_input(f, err);
	f->leave_at = UINT64_MAX;
	f->fd = open(next, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (f->fd == -1 && errno == ENOENT)
		return err_set(err, ERR_RETRY, "%s: gone before it was read", next);
	return f->fd == -1 ? err_sys(err, "%s", next) : 0;
}

/* At the end of a followed file.  SOURCE_END: there is something to read now. */
static enum source_event
at_followed_end(struct file *f, struct err *err)
{
	char             *next = NULL;
	enum source_event e = SOURCE_END;

	if (f->conf.exit_at_end && !f->behind)
		return SOURCE_LEAVE;
	if (file_input_is_stdin(&f->inputs[f->now]))
		return check_not_shorter(f, err) == -1 ? SOURCE_ERROR : SOURCE_WAIT;
	switch (file_look(f, &next, err)) {
	case FILE_LOOK_FAILED:
		return SOURCE_ERROR;
	case FILE_SAME:
		return SOURCE_WAIT;
	case FILE_AWAY:
		return f->conf.exit_at_end ? SOURCE_LEAVE : SOURCE_WAIT;
	case FILE_SHORTER:
		if (!file_find_copy(f) && go_on_with(f, NULL, err) == -1)
			e = SOURCE_ERROR;
		break;
	case FILE_MOVED:
		if (!f->leaving)
			f->leaving = true;           /* what was written between our read and the look */
		else if (f->in.follow)
			in_stop_following(&f->in);   /* a last line without its end stays as it is */
		else if (go_on_with(f, next, err) == -1)
			e = SOURCE_ERROR;
	}
	free(next);
	return e;
}

static enum source_event
at_end(struct file *f, struct err *err)
{
	if (f->in.regular && file_is_followed(f))
		return at_followed_end(f, err);
	if (f->conf.takes_what_comes && file_is_followed(f)) {       /* another pipe may come */
		f->inputs[f->now].has_ended = true;
		return SOURCE_LEAVE;
	}
	return finish_input(f, err) == -1 ? SOURCE_ERROR : SOURCE_END;
}

static enum source_event
file_next(struct source *s, struct source_chunk *chunk, struct err *err)
{
	struct file    *f = (struct file *)s;
	struct in_chunk c;
	enum source_event e;

	for (; f->now < f->n_inputs; ) {
		if (f->inputs[f->now].done) {
			file_close_input(f);
			f->now++;
			continue;
		}
		if (f->fd == -1 && file_open_input(f, err) == -1)
			return SOURCE_ERROR;
		if (f->fd == -1)
			return f->conf.exit_at_end ? SOURCE_LEAVE : SOURCE_WAIT;
		if (!f->has_in && file_begin_reading(f, err) == -1)
			return SOURCE_ERROR;
		if (!f->told) {
			f->told = true;
			*chunk = (struct source_chunk){ .topic = f->inputs[f->now].path,
			                                .partition = f->inputs[f->now].rotated, .is_new = f->is_new,
			                                .may_be_torn = f->may_be_torn };
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
	struct file_input *i = &f->inputs[f->now];

	i->partial = f->chunk_partial && offset > f->chunk_end;
	i->offset = offset > f->chunk_end ? f->chunk_end : offset;
	i->lines += lines;
	if (!file_is_traced(f))
		return;
	if (f->chunk == NULL)
		file_trace_skip(&f->trace, i->offset);
	else
		file_trace_add(&f->trace, f->chunk + (f->trace.n - f->chunk_offset), (size_t)(i->offset - f->trace.n));
}

/* The watch is set anew when another file has the name, or none. */
static bool
set_watch(struct file *f)
{
	const char *path = f->inputs[f->now].path, *slash = strrchr(path, '/');
	struct stat st;
	uint64_t    inode = stat(path, &st) == 0 ? st.st_ino : 0;
	char       *folder;

	if (f->watch != -1 && f->watched == inode)
		return false;
	if (f->watch != -1)
		close(f->watch);
	if ((f->watch = watch_new()) == -1)
		return false;
	f->watched = inode;
	folder = slash == NULL ? alloc_string(".") : alloc_string_n(path, slash == path ? 1 : (size_t)(slash - path));
	if (inode == 0)
		watch_path(f->watch, folder);
	else
		watch_path(f->watch, path);
	free(folder);
	return true;
}

static void
file_wait_for(struct source *s, struct wait_for *w)
{
	struct file *f = (struct file *)s;
	int64_t      look_again_ms;

	if (f->fd != -1 && !f->in.regular) {
		w->in_fd = f->fd;
		return;
	}
	look_again_ms = clock_mono_ms() + LOOK_AGAIN_MS;
	if (set_watch(f))
		look_again_ms -= LOOK_AGAIN_MS;      /* at once: it may have changed before the watch stood */
	w->watch_fd = f->watch;
	if (w->deadline_ms == CLOCK_NEVER || w->deadline_ms > look_again_ms)
		w->deadline_ms = look_again_ms;
}

static int
file_read_ahead(struct source *s, size_t memory_bytes, struct err *err)
{
	struct file *f = (struct file *)s;

	return f->fd == -1 || !f->has_in ? 0 : in_read_ahead(&f->in, memory_bytes, err);
}

static uint64_t
size_of(const struct file *f, size_t n)
{
	const struct file_input *i = &f->inputs[n];
	struct stat              st;
	int                      fd = n == f->now ? f->fd : -1;

	if (n == f->now && f->leave_at != UINT64_MAX)
		return f->leave_at;
	if (fd == -1 && file_input_is_stdin(i))
		fd = STDIN_FILENO;
	if ((fd == -1 ? stat(i->path, &st) : fstat(fd, &st)) == -1 || !S_ISREG(st.st_mode))
		return UINT64_MAX;
	return (uint64_t)st.st_size;
}

/*
 * Of the input at hand, as it lies there.  The offset of lines is beyond it in a compressed file, the
 * descriptor ahead of it in any other: it is the lesser of the two.
 */
static uint64_t
position_of(const struct file *f, const struct file_input *i)
{
	off_t    at = f->fd == -1 ? 0 : lseek(f->fd, 0, SEEK_CUR);
	uint64_t position = at > 0 && (uint64_t)at < i->offset ? (uint64_t)at : i->offset;

	return position < i->size ? position : i->size;
}

/* Sizes are asked once: a command may have very many operands. */
static bool
file_extent(struct source *s, uint64_t *read_bytes, uint64_t *all_bytes)
{
	struct file *f = (struct file *)s;

	*read_bytes = *all_bytes = 0;
	if (f->conf.follow && !f->conf.exit_at_end)
		return false;
	for (size_t n = 0; n < f->n_inputs; n++) {
		struct file_input *i = &f->inputs[n];

		if (!i->is_sized)
			i->size = size_of(f, n);
		i->is_sized = true;
		if (i->size == UINT64_MAX)
			return false;
		*all_bytes += i->size;
		if (n < f->now || i->done)
			*read_bytes += i->size;
		else if (n == f->now)
			*read_bytes += position_of(f, i);
	}
	return true;
}

const struct source_class source_file = {
	.scheme = "file",
	.help = "files and stdin: PATH, -, file:PATH",
	.open = file_open,
	.is_pipe = file_is_pipe,
	.check_seekable = file_check_seekable,
	.next = file_next,
	.took = file_took,
	.wait_for = file_wait_for,
	.read_ahead = file_read_ahead,
	.extent = file_extent,
	.save = file_save,
	.load = file_load,
	.free = file_free,
};
