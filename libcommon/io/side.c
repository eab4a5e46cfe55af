/* side - a file beside the stream */
#include "io/side.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/file.h"
#include "io/out.h"

struct side {
	int        fd;
	char      *path;
	bool       regular;
	bool       made;           /* by us */
	bool       name_synced;    /* by this process: who made it may have been killed before that */
	uint64_t   inode;
	int64_t    born_ns;
	uint64_t   length;         /* of what is written: where the next byte goes */
	struct buf buf;
};

static int64_t
birth_of(int fd)
{
	struct statx sx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &sx) != 0 || (sx.stx_mask & STATX_BTIME) == 0)
		return 0;
	return sx.stx_btime.tv_sec * 1000000000 + sx.stx_btime.tv_nsec;
}

static bool
is_same_file(const struct side *s, const struct side_place *known)
{
	return s->inode == known->inode &&
	       (s->born_ns == known->born_ns || s->born_ns == 0 || known->born_ns == 0);
}

/* Where to write.  Returns -1 or 0. */
static int
find_place(struct side *s, const struct side_place *known, uint64_t has, bool *is_new,
           struct err *err)
{
	bool same_path = known != NULL && strcmp(known->path, s->path) == 0;

	*is_new = false;
	if (known != NULL && !s->made && is_same_file(s, known)) {
		if (has < known->length_bytes)
			return err_set(err, ERR_DATA, "%s: shorter than the checkpoint knows: %llu "
			               "bytes, not %llu", s->path, (unsigned long long)has,
			               (unsigned long long)known->length_bytes);
		s->length = known->length_bytes;
	} else if (same_path) {
		s->length = 0;
	} else {
		s->length = has;
		*is_new = true;
		return 0;
	}
	if (has != s->length && ftruncate(s->fd, (off_t)s->length) != 0)
		return err_sys(err, "%s", s->path);
	return 0;
}

static int
open_file(struct side *s, struct err *err)
{
	s->fd = open(s->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (s->fd < 0 && errno == ENOENT) {
		s->fd = open(s->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
		s->made = true;
	}
	return s->fd < 0 ? err_sys(err, "%s", s->path) : 0;
}

struct side *
side_open(const char *path, const struct side_place *known, bool *is_new, struct err *err)
{
	struct side *s = alloc_zeroed(1, sizeof(*s));
	struct stat  st;

	*is_new = false;
	s->path = alloc_string(path);
	if (open_file(s, err) != 0)
		goto fail;
	if (fstat(s->fd, &st) != 0) {
		err_sys(err, "%s", path);
		goto fail;
	}
	s->regular = S_ISREG(st.st_mode);
	if (!s->regular)
		return s;
	if (file_try_lock(s->fd, false) != 0) {
		if (errno == EWOULDBLOCK)
			err_set(err, ERR_USAGE, "%s: another process writes to it: give each its own file",
			        path);
		else
			err_sys(err, "%s", path);
		goto fail;
	}
	s->inode = st.st_ino;
	s->born_ns = birth_of(s->fd);
	/* The length again: a former holder may have written until its lock went. */
	if (fstat(s->fd, &st) != 0) {
		err_sys(err, "%s", path);
		goto fail;
	}
	if (find_place(s, known, (uint64_t)st.st_size, is_new, err) != 0)
		goto fail;
	return s;
fail:
	side_free(s);
	return NULL;
}

struct buf *
side_buf(struct side *s)
{
	return &s->buf;
}

int
side_spill(struct side *s, struct err *err)
{
	return s->buf.n < OUT_SPILL_BYTES ? 0 : side_flush(s, err);
}

int
side_flush(struct side *s, struct err *err)
{
	size_t n = s->buf.n;

	if (out_write_all(s->fd, s->path, s->buf.p, n, s->regular ? (int64_t)s->length : -1,
	                  err) != 0)
		return -1;
	s->length += n;
	buf_reset(&s->buf);
	return 0;
}

/* A new name has to survive a power cut too. */
static int
sync_its_dir(struct side *s, struct err *err)
{
	const char     *slash = strrchr(s->path, '/');
	size_t          n = slash == NULL ? 0 : (size_t)(slash - s->path) + 1;
	char           *path = n == 0 ? alloc_string(".") : alloc_string_n(s->path, n);
	struct file_dir dir;
	int             rc = file_dir_open(&dir, NULL, path, false, false, err);

	if (rc == 0) {
		rc = file_sync_dir(&dir, err);
		file_dir_close(&dir);
	}
	free(path);
	return rc;
}

int
side_sync(struct side *s, struct err *err)
{
	if (side_flush(s, err) != 0)
		return -1;
	if (!s->regular)
		return 0;
	if (fsync(s->fd) != 0)
		return err_sys(err, "%s: fsync", s->path);
	if (!s->name_synced && sync_its_dir(s, err) != 0)
		return -1;
	s->name_synced = true;
	return 0;
}

void
side_place(const struct side *s, struct side_place *place)
{
	*place = (struct side_place){ s->path, s->inode, s->born_ns, s->length };
}

void
side_free(struct side *s)
{
	if (s == NULL)
		return;
	if (s->fd >= 0)
		close(s->fd);
	buf_release(&s->buf);
	free(s->path);
	free(s);
}

int
side_close(struct side *s, struct err *err)
{
	int rc;

	if (s == NULL)
		return 0;
	rc = side_flush(s, err);
	if (close(s->fd) != 0 && errno != EINTR && rc == 0)
		rc = err_sys(err, "%s", s->path);
	s->fd = -1;
	side_free(s);
	return rc;
}
