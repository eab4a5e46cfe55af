/*
 * publish - a small file for other programs, always whole
 *
 * The lock lies on the file that has the name now: the next one is locked before it takes the name.
 * So the name is never without a locked file, and a second process finds it taken.
 */
#include "io/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/file.h"
#include "io/out.h"

enum { OLD_MAX_BYTES = 1024 * 1024 };

struct publish {
	char           *path;          /* as given; for messages */
	char           *real;          /* without symbolic links; name points to its last part */
	const char     *name;
	struct buf      temp;          /* a C string: ".NAME.tmp" */
	struct file_dir dir;
	int             fd;            /* of the file that has the name, locked; -1: not yet */
};

void
publish_free(struct publish *p)
{
	if (p == NULL)
		return;
	if (p->fd != -1)
		close(p->fd);
	if (p->dir.fd != -1)
		file_dir_close(&p->dir);
	buf_release(&p->temp);
	free(p->real);
	free(p->path);
	free(p);
}

static int
refuse_second(const struct publish *p, struct err *err)
{
	return err_set(err, ERR_USAGE, "%s: another process writes to it: give each its own file", p->path);
}

/* The directory and the name in it. */
static int
take_apart(struct publish *p, struct err *err)
{
	char *slash;

	if ((p->real = realpath(p->path, NULL)) == NULL)
		return err_sys(err, "%s", p->path);
	slash = strrchr(p->real, '/');
	p->name = slash + 1;
	*slash = '\0';
	if (file_dir_open(&p->dir, NULL, slash == p->real ? "/" : p->real, false, false, err) == -1)
		return -1;
	buf_printf(&p->temp, ".%s.tmp", p->name);
	buf_char(&p->temp, '\0');
	return 0;
}

static int
take(struct publish *p, struct err *err)
{
	struct stat st;

	/* O_NONBLOCK for the sake of a FIFO, which would wait for its other end. */
	p->fd = open(p->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
	if (p->fd == -1 || fstat(p->fd, &st) == -1)
		return err_sys(err, "%s", p->path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_USAGE, "%s: no regular file, and it would be replaced", p->path);
	if (take_apart(p, err) == -1)
		return -1;
	if (file_try_lock(p->fd, false) == -1)
		return errno == EWOULDBLOCK ? refuse_second(p, err) : err_sys(err, "%s", p->path);
	/* Between open and flock somebody has replaced it: then he is the one. */
	switch (file_is_same(&p->dir, p->name, p->fd, err)) {
	case 1:  return 0;
	case 0:  return refuse_second(p, err);
	default: return -1;
	}
}

/* Somebody's data, named by mistake, must not be replaced. */
static int
read_old(struct publish *p, struct span begins, struct buf *old, struct err *err)
{
	uint64_t size;
	bool     ours;

	if (file_size(p->fd, p->path, &size, err) == -1)
		return -1;
	ours = size <= OLD_MAX_BYTES;
	if (ours && file_read_fd(p->fd, p->path, OLD_MAX_BYTES, old, err) == -1)
		return -1;
	if (ours && (old->n == 0 || span_starts(buf_all(old), begins)))
		return 0;
	return err_set(err, ERR_USAGE, "%s: holds something else, and it would be replaced", p->path);
}

struct publish *
publish_open(const char *path, struct span begins, struct buf *old, struct err *err)
{
	struct publish *p = alloc_zeroed(1, sizeof(*p));

	p->path = alloc_string(path);
	p->fd = p->dir.fd = -1;
	if (take(p, err) == -1 || read_old(p, begins, old, err) == -1) {
		publish_free(p);
		return NULL;
	}
	return p;
}

int
publish_replace(struct publish *p, struct span bytes, struct err *err)
{
	const char *temp = p->temp.p;
	int         fd;

	unlinkat(p->dir.fd, temp, 0);           /* of one that was killed */
	fd = openat(p->dir.fd, temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd == -1)
		return err_sys(err, "%s", p->path);
	if (file_try_lock(fd, false) == -1) {
		err_sys(err, "%s", p->path);
	} else if (out_write_all(fd, p->path, bytes.p, bytes.n, -1, err) == 0) {
		if (renameat(p->dir.fd, temp, p->dir.fd, p->name) == 0) {
			close(p->fd);
			p->fd = fd;
			return 0;
		}
		err_sys(err, "%s", p->path);
	}
	unlinkat(p->dir.fd, temp, 0);
	close(fd);
	return -1;
}
