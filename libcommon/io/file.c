/* file - small files, replaced for good */
#include "io/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/out.h"

#ifndef CIFS_SUPER_MAGIC
#define CIFS_SUPER_MAGIC 0xFF534D42
#endif
#ifndef SMB2_SUPER_MAGIC
#define SMB2_SUPER_MAGIC 0xFE534D42
#endif

enum { TEMP_NAME_BYTES = 300 };

int
file_sync_parent(const struct file_dir *d, struct err *err)
{
	int up = openat(d->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	/* A parent that we may not read cannot be synced: then that is for whoever owns it. */
	if (up < 0)
		return 0;
	if (fsync(up) != 0 && errno != EINVAL)
		rc = err_sys(err, "%s", d->path);
	close(up);
	return rc;
}

int
file_dir_open(struct file_dir *d, const struct file_dir *at, const char *path, bool make, bool sync,
              struct err *err)
{
	int        at_fd = at == NULL ? AT_FDCWD : at->fd;
	struct buf whole = { 0 };

	if (at != NULL)
		buf_printf(&whole, "%s/", at->path);
	buf_put(&whole, path, strlen(path) + 1);
	*d = (struct file_dir){ -1, whole.p };
	if (make && mkdirat(at_fd, path, 0700) != 0 && errno != EEXIST)
		goto fail;
	d->fd = openat(at_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->fd < 0)
		goto fail;
	/* Also where it was there: who made it may have been killed before he got to that. */
	if (make && sync && file_sync_parent(d, err) != 0) {
		file_dir_close(d);
		return -1;
	}
	return 0;
fail:
	err_sys(err, "%s", d->path);
	file_dir_close(d);
	return -1;
}

void
file_dir_close(struct file_dir *d)
{
	if (d->fd >= 0)
		close(d->fd);
	free(d->path);
	*d = (struct file_dir)FILE_DIR_NONE;
}

int
file_refuse_network(const struct file_dir *d, struct err *err)
{
	struct statfs fs;

	if (fstatfs(d->fd, &fs) != 0)
		return err_sys(err, "%s", d->path);
	switch ((uint32_t)fs.f_type) {
	case NFS_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case CIFS_SUPER_MAGIC:
	case SMB2_SUPER_MAGIC:
		return err_set(err, ERR_USAGE, "%s: is on a network file system, where a lock may "
		               "be lost: a checkpoint needs a local disk", d->path);
	default:
		return 0;
	}
}

int
file_open(const struct file_dir *d, const char *name)
{
	return openat(d->fd, name, O_RDONLY | O_CLOEXEC);
}

ssize_t
file_read_at(int fd, const char *path, void *to, size_t n, uint64_t offset, struct err *err)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = pread(fd, (char *)to + got, n - got, (off_t)(offset + got));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_sys(err, "%s", path);
		if (r == 0)
			break;
		got += (size_t)r;
	}
	return (ssize_t)got;
}

int
file_size(int fd, const char *path, uint64_t *size, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_sys(err, "%s", path);
	*size = (uint64_t)st.st_size;
	return 0;
}

int
file_read_fd(int fd, const char *path, size_t max, struct buf *to, struct err *err)
{
	uint64_t size;
	ssize_t  n;

	if (file_size(fd, path, &size, err) != 0)
		return -1;
	if (size > max)
		return err_set(err, ERR_DATA, "%s: too long: more than %zu bytes", path, max);
	n = file_read_at(fd, path, buf_reserve(to, (size_t)size), (size_t)size, 0, err);
	if (n < 0)
		return -1;
	to->n += (size_t)n;
	return 1;
}

int
file_read(const struct file_dir *d, const char *name, size_t max, struct buf *to, struct err *err)
{
	char path[TEMP_NAME_BYTES];
	int  fd = file_open(d, name);
	int  rc;

	snprintf(path, sizeof(path), "%s/%s", d->path, name);
	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(err, "%s", path);
	rc = file_read_fd(fd, path, max, to, err);
	close(fd);
	return rc;
}

static void
temp_name(char *to, const char *name)
{
	snprintf(to, TEMP_NAME_BYTES, "%s.tmp.%ld", name, (long)getpid());
}

bool
file_is_temp(const char *name)
{
	return strstr(name, ".tmp.") != NULL;
}

int
file_temp(const struct file_dir *d, const char *name, int *fd, struct err *err)
{
	char temp[TEMP_NAME_BYTES];

	/* What is there under this name is of a process that had our pid and was killed. */
	temp_name(temp, name);
	unlinkat(d->fd, temp, 0);
	*fd = openat(d->fd, temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return *fd < 0 ? err_sys(err, "%s/%s", d->path, temp) : 0;
}

int
file_sync(int fd, const char *path, struct err *err)
{
	return fsync(fd) != 0 ? err_sys(err, "%s: fsync", path) : 0;
}

int
file_publish(const struct file_dir *d, const char *temp_of, const char *name, struct err *err)
{
	char temp[TEMP_NAME_BYTES];

	temp_name(temp, temp_of);
	return renameat(d->fd, temp, d->fd, name) != 0 ? err_sys(err, "%s/%s", d->path, name) : 0;
}

int
file_sync_dir(const struct file_dir *d, struct err *err)
{
	return file_sync(d->fd, d->path, err);
}

void
file_temp_remove(const struct file_dir *d, const char *name)
{
	char temp[TEMP_NAME_BYTES];

	temp_name(temp, name);
	unlinkat(d->fd, temp, 0);
}

int
file_remove(const struct file_dir *d, const char *name, struct err *err)
{
	if (unlinkat(d->fd, name, 0) != 0 && errno != ENOENT)
		return err_sys(err, "%s/%s", d->path, name);
	return 0;
}

int
file_replace(const struct file_dir *d, const char *name, struct span bytes, bool sync,
             struct err *err)
{
	char path[TEMP_NAME_BYTES];
	int  fd, rc;

	if (file_temp(d, name, &fd, err) != 0)
		return -1;
	snprintf(path, sizeof(path), "%s/%s", d->path, name);
	rc = out_write_all(fd, path, bytes.p, bytes.n, -1, err);
	if (rc == 0 && sync)
		rc = file_sync(fd, path, err);
	/* After EINTR the descriptor is closed all the same (Linux). */
	if (close(fd) != 0 && errno != EINTR && rc == 0)
		rc = err_sys(err, "%s", path);
	if (rc == 0)
		rc = file_publish(d, name, name, err);
	if (rc != 0)
		file_temp_remove(d, name);
	return rc == 0 && sync ? file_sync_dir(d, err) : rc;
}

const char *
file_temp_dir(void)
{
	const char *dir = getenv("TMPDIR");

	return dir == NULL || dir[0] == '\0' ? "/tmp" : dir;
}

int
file_unnamed(const char *dir, const char *what, int *fd, struct err *err)
{
	struct buf path = { 0 };

	*fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
	if (*fd >= 0)
		return 0;
	/* Not every file system can do that. */
	buf_printf(&path, "%s/streamutils.XXXXXX", dir);
	buf_char(&path, '\0');
	*fd = mkostemp(path.p, O_CLOEXEC);
	if (*fd >= 0)
		unlink(path.p);
	else
		err_sys(err, "%s: %s", dir, what);
	buf_release(&path);
	return *fd < 0 ? -1 : 0;
}

int
file_list(const struct file_dir *d, int (*each)(void *, const char *, struct err *), void *cookie,
          struct err *err)
{
	int            fd = openat(d->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR           *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int            rc = 0;

	if (list == NULL) {
		err_sys(err, "%s", d->path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	while (rc == 0 && (errno = 0, entry = readdir(list)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			rc = each(cookie, entry->d_name, err);
	if (rc == 0 && errno != 0)
		rc = err_sys(err, "%s", d->path);
	closedir(list);
	return rc;
}

bool
file_is_deleted(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink == 0;
}

int
file_is_same(const struct file_dir *d, const char *name, int fd, struct err *err)
{
	struct stat by_name, by_fd;

	if (fstatat(d->fd, name, &by_name, 0) != 0)
		return errno == ENOENT ? 0 : err_sys(err, "%s/%s", d->path, name);
	if (fstat(fd, &by_fd) != 0)
		return err_sys(err, "%s/%s", d->path, name);
	return by_name.st_ino == by_fd.st_ino && by_name.st_dev == by_fd.st_dev;
}
