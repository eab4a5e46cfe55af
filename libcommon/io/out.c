/* out - bytes to a descriptor, whole lines only */
#include "io/out.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum out_kind
kind_of(int fd, mode_t mode)
{
	if (S_ISFIFO(mode))
		return OUT_PIPE;
	if (S_ISSOCK(mode))
		return OUT_SOCKET;
	if (S_ISREG(mode))
		return OUT_REGULAR;
	return S_ISCHR(mode) && isatty(fd) ? OUT_TTY : OUT_OTHER;
}

/*
 * Room in the pipe for several writes: with the usual 64 KiB, one write fills it, and both sides
 * run in lock step.  A larger one that somebody made is left alone; not being allowed to is fine.
 */
static void
widen_pipe(int fd)
{
	int size = fcntl(fd, F_GETPIPE_SZ);

	if (size >= 0 && size < OUT_PIPE_BYTES)
		(void)fcntl(fd, F_SETPIPE_SZ, OUT_PIPE_BYTES);
}

int
out_init(struct out *o, int fd, const char *name, struct err *err)
{
	int         flags = fcntl(fd, F_GETFL);
	struct stat st;

	*o = (struct out){ .fd = fd, .name = name };
	if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY) {
		errno = EBADF;
		flags = -1;
	}
	if (flags < 0 || fstat(fd, &st) != 0)
		return err_sys(err, "%s", name);
	o->kind = kind_of(fd, st.st_mode);
	if (o->kind == OUT_PIPE)
		widen_pipe(fd);
	return 0;
}

/* One write that takes something.  0, or -1 with err. */
static int
write_some(int fd, const char *name, const char *p, size_t n, int64_t offset, size_t *taken,
           struct err *err)
{
	for (;;) {
		ssize_t w = offset >= 0 ? pwrite(fd, p, n, (off_t)offset) : write(fd, p, n);

		if (w > 0 || n == 0) {
			*taken = (size_t)w;
			return 0;
		}
		if (w == 0) {
			errno = ENOSPC;
		} else if (errno == EINTR) {
			continue;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			struct pollfd full = { .fd = fd, .events = POLLOUT };

			poll(&full, 1, -1);
			continue;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			return err_set(err, ERR_READER_GONE, "%s: the reader is gone", name);
		}
		return err_sys(err, "%s", name);
	}
}

int
out_write_all(int fd, const char *name, const void *p, size_t n, int64_t offset, struct err *err)
{
	const char *from = p;

	while (n > 0) {
		size_t taken = 0;

		if (write_some(fd, name, from, n < OUT_WRITE_BYTES ? n : OUT_WRITE_BYTES, offset,
		               &taken, err) != 0)
			return -1;
		from += taken;
		n -= taken;
		if (offset >= 0)
			offset += (int64_t)taken;
	}
	return 0;
}

int
out_flush(struct out *o, struct err *err)
{
	size_t done = 0;

	while (done < o->buf.n) {
		size_t left = o->buf.n - done, taken = 0;

		if (left > OUT_WRITE_BYTES)
			left = OUT_WRITE_BYTES;
		if (o->kind == OUT_PIPE)
			taken = ring_give(&o->ring, o->fd, o->buf.p + done, left, o->written_bytes);
		if (taken == 0 && write_some(o->fd, o->name, o->buf.p + done, left, -1, &taken, err) != 0) {
			memmove(o->buf.p, o->buf.p + done, o->buf.n - done);
			o->buf.n -= done;
			return -1;
		}
		done += taken;
		o->written_bytes += taken;
	}
	buf_reset(&o->buf);
	return 0;
}

int
out_close(struct out *o, struct err *err)
{
	int rc = out_flush(o, err);

	/* After EINTR the descriptor is closed all the same (Linux). */
	if (close(o->fd) != 0 && errno != EINTR && rc == 0)
		rc = err_sys(err, "%s", o->name);
	out_release(o);
	return rc;
}

void
out_release(struct out *o)
{
	buf_release(&o->buf);
	ring_release(&o->ring);
	o->fd = -1;
}
