/*
 * oplog - what changed files, in the order in which it did
 *
 * The lock is a flock on the log, taken by each call on a descriptor of its own, so that it holds between
 * processes, a forked child's too, and between the threads of a library.
 */
#include "oplog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "inject.h"

static _Thread_local int log_fd = -1;

bool
oplog_is_on(void)
{
	static const char *path;
	static bool        is_asked;

	if (!is_asked) {
		is_asked = true;
		path = getenv("STREAM_OPLOG");
	}
	return path != NULL;
}

void
oplog_lock(void)
{
	int sys = errno;

	if (!oplog_is_on())
		return;
	log_fd = (int)syscall(SYS_openat, AT_FDCWD, getenv("STREAM_OPLOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log_fd == -1 || syscall(SYS_flock, log_fd, LOCK_EX) == -1)
		abort();
	errno = sys;
}

void
oplog_unlock(void)
{
	int sys = errno;

	if (!oplog_is_on())
		return;
	syscall(SYS_close, log_fd);
	log_fd = -1;
	errno = sys;
}

/* In one write: a process that is killed leaves a whole entry or none. */
static void
append(struct oplog_entry *e, const void *bytes, size_t n)
{
	struct iovec parts[] = { { e, sizeof(*e) }, { (void *)bytes, n } };
	int          sys = errno;

	e->size = n;
	if (syscall(SYS_writev, log_fd, parts, 2) != (long)(sizeof(*e) + n))
		abort();
	errno = sys;
}

static bool
look(int fd, struct stat *st)
{
	return syscall(SYS_newfstatat, fd, "", st, AT_EMPTY_PATH) == 0;
}

void
oplog_write(int fd, const void *bytes, size_t n, off_t offset)
{
	struct stat st;

	if (!oplog_is_on() || !look(fd, &st) || !S_ISREG(st.st_mode))
		return;
	append(&(struct oplog_entry){ .op = OPLOG_WRITE, .inode = st.st_ino, .offset = (uint64_t)offset }, bytes, n);
}

void
oplog_truncate(int fd, off_t length)
{
	struct stat st;

	if (oplog_is_on() && look(fd, &st))
		append(&(struct oplog_entry){ .op = OPLOG_TRUNCATE, .inode = st.st_ino, .offset = (uint64_t)length }, "", 0);
}

/* Is the fsync of this file one that is to be forgotten? */
static bool
is_lost(int fd, const struct stat *st)
{
	const char *lost = getenv("STREAM_OPLOG_LOSES");
	char        link[40], path[4096];
	long        n;

	if (lost == NULL)
		return false;
	if (strcmp(lost, "files") == 0 || strcmp(lost, "directories") == 0)
		return (lost[0] == 'd') == S_ISDIR(st->st_mode);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof(path) - 1);
	path[n > 0 ? n : 0] = '\0';
	return strstr(path, lost) != NULL;
}

void
oplog_sync(int fd, bool whole_file_system)
{
	struct stat st;

	if (!oplog_is_on() || !look(fd, &st))
		return;
	if (!is_lost(fd, &st))
		append(&(struct oplog_entry){ .op = whole_file_system ? OPLOG_SYNC_ALL : OPLOG_SYNC, .inode = st.st_ino }, "", 0);
}

/* The directory that PATH's last name lies in, and that name. */
static bool
place_of(int dir_fd, const char *path, uint64_t *dir, const char **name)
{
	const char *slash = strrchr(path, '/');
	char        parent[4096];
	size_t      n = slash == NULL ? 0 : (size_t)(slash - path) + 1;
	struct stat st;

	if (n >= sizeof(parent))
		return false;
	memcpy(parent, path, n);
	parent[n] = '\0';
	*name = path + n;
	if (syscall(SYS_newfstatat, dir_fd, n == 0 && dir_fd == AT_FDCWD ? "." : parent, &st, n == 0 ? AT_EMPTY_PATH : 0) != 0)
		return false;
	*dir = st.st_ino;
	return true;
}

void
oplog_made(int dir_fd, const char *path, bool is_link)
{
	struct oplog_entry e = { .op = OPLOG_MADE };
	const char        *name;
	struct stat        st;

	if (!oplog_is_on() || !place_of(dir_fd, path, &e.dir, &name) ||
	    syscall(SYS_newfstatat, dir_fd, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	e.inode = st.st_ino;
	e.mode = is_link ? 0 : st.st_mode;
	append(&e, name, strlen(name));
}

void
oplog_removed(int dir_fd, const char *path)
{
	struct oplog_entry e = { .op = OPLOG_REMOVED };
	const char        *name;

	if (oplog_is_on() && place_of(dir_fd, path, &e.dir, &name))
		append(&e, name, strlen(name));
}

void
oplog_renamed(int from_fd, const char *from, int to_fd, const char *to)
{
	struct oplog_entry e = { .op = OPLOG_RENAMED };
	const char        *name, *to_name;
	char               both[1024];
	struct stat        st;
	size_t             n, to_n;

	if (!oplog_is_on() || !place_of(from_fd, from, &e.dir, &name) || !place_of(to_fd, to, &e.to_dir, &to_name) ||
	    syscall(SYS_newfstatat, to_fd, to, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	n = strlen(name) + 1;
	to_n = strlen(to_name) + 1;
	if (n + to_n > sizeof(both))
		abort();
	memcpy(both, name, n);
	memcpy(both + n, to_name, to_n);
	e.inode = st.st_ino;
	append(&e, both, n + to_n);
}
