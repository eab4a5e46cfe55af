/* file - append to a file, exactly once */
#include "sink/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/clock.h"
#include "io/file.h"
#include "io/out.h"
#include "json/tree.h"
#include "sink/lines.h"

struct file_sink {
	struct sink      sink;
	struct sink_conf conf;
	char            *path;
	bool             at_commit;      /* ?visible=commit */
	bool             is_regular;
	int              fd;
	struct out       out;
	uint64_t         start_bytes;    /* the file's length before the first byte of this process */
};

static void
target_free(struct sink *s)
{
	struct file_sink *f = (struct file_sink *)s;

	if (f == NULL)
		return;
	out_release(&f->out);
	if (f->fd != -1)
		close(f->fd);
	free(f->path);
	free(f);
}

/* "file:PATH?visible=commit" */
static int
parse_target(struct file_sink *f, struct err *err)
{
	const char *path = f->conf.target + strlen("file:");
	const char *params = strrchr(path, '?');

	f->path = params == NULL ? alloc_string(path) : alloc_string_n(path, (size_t)(params - path));
	if (f->path[0] == '\0')
		return err_set(err, ERR_USAGE, "%s: no path", f->conf.target);
	if (params == NULL || strcmp(params, "?visible=live") == 0)
		return 0;
	if (strcmp(params, "?visible=commit") != 0)
		return err_set(err, ERR_USAGE, "%s: unknown parameter %s; there is visible=live|commit", f->conf.target, params + 1);
	if (!f->conf.has_checkpoint)
		return err_set(err, ERR_USAGE, "%s: without --checkpoint nothing is ever committed", f->conf.target);
	f->at_commit = true;
	return 0;
}

static int
open_target(struct file_sink *f, struct err *err)
{
	struct stat st;

	f->fd = open(f->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
	if (f->fd == -1 || fstat(f->fd, &st) == -1)
		return err_sys(err, "%s", f->path);
	f->is_regular = S_ISREG(st.st_mode);
	if (!f->is_regular && f->conf.has_checkpoint)
		return err_set(err, ERR_USAGE, "%s: no regular file, which could be cut back at a restart: use - for a pipe", f->path);
	return out_init(&f->out, f->fd, f->path, err);
}

/* One sink at a time.  Only then the length counts: who was here before may have been writing. */
static int
lock_target(struct file_sink *f, struct err *err)
{
	struct stat st;

	if (!f->is_regular)
		return 0;
	if (file_lock_fd(f->fd, f->path, clock_mono_ms(), err) == -1)
		return -1;
	if (fstat(f->fd, &st) == -1)
		return err_sys(err, "%s", f->path);
	f->start_bytes = (uint64_t)st.st_size;
	return 0;
}

static struct sink *
target_open(const struct sink_conf *conf, struct err *err)
{
	struct file_sink *f = alloc_zeroed(1, sizeof(*f));

	f->sink.class = &sink_file;
	f->conf = *conf;
	f->fd = -1;
	/* Under a checkpoint its lock comes first: the lock of the directory names who holds it. */
	if (parse_target(f, err) == 0 && open_target(f, err) == 0 && (conf->has_checkpoint || lock_target(f, err) == 0))
		return &f->sink;
	target_free(&f->sink);
	return NULL;
}

static void
put_token(const struct file_sink *f, struct buf *token)
{
	buf_lit(token, "{\"length\":");
	buf_u64(token, f->start_bytes + f->out.written_bytes);
	buf_char(token, '}');
}

/* The file's name, which may be new, must outlive a power cut like its bytes. */
static int
sync_name(const struct file_sink *f, struct err *err)
{
	const char     *slash = strrchr(f->path, '/');
	char           *path = slash == NULL ? alloc_string(".") : alloc_string_n(f->path, (size_t)(slash - f->path) + 1);
	struct file_dir dir = FILE_DIR_NONE;
	int             r;

	if ((r = file_dir_open(&dir, NULL, path, false, false, err)) == 0)
		r = file_sync_dir(&dir, err);
	file_dir_close(&dir);
	free(path);
	return r;
}

/* The epoch is what the commit says: for a file, writing the commit is the commit. */
static int
target_start(struct sink *s, const struct sink_start *start, struct sink_held *held, struct err *err)
{
	struct file_sink *f = (struct file_sink *)s;
	struct tree      *t;
	int64_t           length = -1;

	held->epoch = start->epoch;
	if (lock_target(f, err) == -1 || (!f->conf.no_sync && sync_name(f, err) == -1))
		return -1;
	if (start->token.p != NULL) {
		if ((t = tree_parse(start->token, err)) == NULL)
			return err_in(err, "commit");
		if (!tree_i64(t, "length", &length) || length < 0)
			err_set(err, ERR_DATA, "%s: the checkpoint was made with another kind of sink", f->path);
		tree_free(t);
		if (length < 0)
			return -1;
		if (f->start_bytes < (uint64_t)length)
			return err_set(err, ERR_DATA, "%s: has %llu bytes, but %lld are committed: it was cut or replaced",
			               f->path, (unsigned long long)f->start_bytes, (long long)length);
		if (f->start_bytes > (uint64_t)length) {
			if (ftruncate(f->fd, (off_t)length) == -1)
				return err_sys(err, "%s", f->path);
			f->start_bytes = (uint64_t)length;
		}
	}
	put_token(f, &held->token);
	return 0;
}

static int
target_write(struct sink *s, const struct rec *recs, size_t n, struct err *err)
{
	struct file_sink *f = (struct file_sink *)s;

	lines_put(&f->out.buf, &f->conf, recs, n);
	return f->at_commit ? 0 : out_spill(&f->out, err);
}

static int
target_flush(struct sink *s, struct err *err)
{
	struct file_sink *f = (struct file_sink *)s;

	return f->at_commit ? 0 : out_flush(&f->out, err);
}

static int
target_commit(struct sink *s, uint64_t epoch, struct buf *token, struct err *err)
{
	struct file_sink *f = (struct file_sink *)s;
	struct stat       st;

	(void)epoch;
	if (out_flush(&f->out, err) == -1)
		return -1;
	if (fstat(f->fd, &st) == -1)
		return err_sys(err, "%s", f->path);
	if ((uint64_t)st.st_size != f->start_bytes + f->out.written_bytes)
		return err_set(err, ERR_DATA, "%s: has %lld bytes where %llu were written: somebody else writes to it, or cut it",
		               f->path, (long long)st.st_size, (unsigned long long)(f->start_bytes + f->out.written_bytes));
	if (!f->conf.no_sync && file_sync(f->fd, f->path, err) == -1)
		return -1;
	put_token(f, token);
	return 0;
}

static uint64_t
target_given_bytes(const struct sink *s)
{
	const struct file_sink *f = (const struct file_sink *)s;

	return f->out.written_bytes + f->out.buf.n;
}

static int
target_close(struct sink *s, struct err *err)
{
	struct file_sink *f = (struct file_sink *)s;
	int               r;

	if (f->conf.has_checkpoint)
		buf_reset(&f->out.buf);          /* behind the last barrier there is nothing that counts */
	else if (out_flush(&f->out, err) == -1) {
		target_free(s);
		return -1;
	}
	f->fd = -1;                              /* out_close closes it */
	r = out_close(&f->out, err);
	target_free(s);
	return r;
}

const struct sink_class sink_file = {
	.scheme = "file",
	.help = "append to a file: file:PATH, file:PATH?visible=commit",
	.level = SINK_EXACTLY_ONCE,
	.open = target_open,
	.start = target_start,
	.write = target_write,
	.flush = target_flush,
	.commit = target_commit,
	.given_bytes = target_given_bytes,
	.close = target_close,
	.free = target_free,
};
