/* inject - the calls */
#include "inject.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const names[N_CALLS] = {
	[CALL_READ] = "read", [CALL_WRITE] = "write", [CALL_OPEN] = "open", [CALL_CLOSE] = "close", [CALL_RENAME] = "rename",
	[CALL_UNLINK] = "unlink", [CALL_MKDIR] = "mkdir", [CALL_LINK] = "link", [CALL_FTRUNCATE] = "ftruncate",
	[CALL_FSYNC] = "fsync", [CALL_FLOCK] = "flock", [CALL_FCNTL] = "fcntl", [CALL_STAT] = "stat", [CALL_LSEEK] = "lseek",
	[CALL_POLL] = "poll", [CALL_MMAP] = "mmap", [CALL_MALLOC] = "malloc", [CALL_FORK] = "fork", [CALL_WAITPID] = "waitpid",
	[CALL_GETRANDOM] = "getrandom", [CALL_INOTIFY] = "inotify",
	[CALL_VMSPLICE] = "vmsplice", [CALL_IOCTL] = "ioctl", [CALL_PIPE] = "pipe",
	[CALL_CHMOD] = "chmod"
};

static const struct { const char *name; int sys; } errors[] = {
	{ "ENOSPC", ENOSPC }, { "EIO", EIO }, { "EINTR", EINTR }, { "ENOMEM", ENOMEM }, { "EMFILE", EMFILE }, { "EACCES", EACCES },
	{ "EROFS", EROFS }, { "EAGAIN", EAGAIN }, { "EDQUOT", EDQUOT }, { "ENFILE", ENFILE }, { "EPERM", EPERM }, { "ENOLCK", ENOLCK }
};

static struct {
	enum call call;              /* N_CALLS: none is to fail */
	long      n;
	int       sys;               /* 0: short */
	bool      and_all_later;
	bool      of_child;
} wish = { .call = N_CALLS };

static long counts[N_CALLS];         /* over all threads */
static bool is_child;            /* a process that one of ours has forked */

__attribute__((constructor)) static void
begin(void)
{
	const char *text = getenv("STREAM_FAULT"), *how;
	char       *end;
	size_t      n;

	/* A filter that one of ours runs is not what is looked at. */
	if (text == NULL || (how = strchr(text, ':')) == NULL || strncmp(program_invocation_short_name, "stream-", 7) != 0)
		return;
	wish.of_child = strncmp(text, "child-", 6) == 0;
	text += wish.of_child ? 6 : 0;
	wish.n = strtol(how + 1, &end, 10);
	how = end + 1;
	n = strcspn(how, "+");
	wish.and_all_later = how[n] == '+';
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (strlen(errors[i].name) == n && strncmp(errors[i].name, how, n) == 0)
			wish.sys = errors[i].sys;
	for (int c = 0; c < N_CALLS; c++)
		if (strncmp(text, names[c], strlen(names[c])) == 0 && text[strlen(names[c])] == ':')
			wish.call = (enum call)c;
}

static void
tell_fired(void)
{
	const char *path = getenv("STREAM_FAULT_FIRED");
	long        fd = path == NULL ? -1 : syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT, 0600);

	if (fd >= 0)
		syscall(SYS_close, fd);
}

int
fault_hits(enum call call, bool may_be_short)
{
	long n;

	if (wish.call != call || wish.of_child != is_child || (wish.sys == 0 && !may_be_short))
		return 0;
	n = __atomic_add_fetch(&counts[call], 1, __ATOMIC_SEQ_CST);
	if (n < wish.n || (n > wish.n && !wish.and_all_later))
		return 0;
	if (n == wish.n)
		tell_fired();
	if (wish.sys == 0)
		return 1;
	errno = wish.sys;
	return -1;
}

/* ---- bytes ---- */

#define TRY(call) do { if (fault_hits(call, false) != 0) return -1; } while (0)

ssize_t
read(int fd, void *p, size_t n)
{
	int hit = fault_hits(CALL_READ, n > 1);

	return hit == -1 ? -1 : syscall(SYS_read, fd, p, hit == 1 ? 1 : n);
}

ssize_t
pread(int fd, void *p, size_t n, off_t offset)
{
	int hit = fault_hits(CALL_READ, n > 1);

	return hit == -1 ? -1 : syscall(SYS_pread64, fd, p, hit == 1 ? 1 : n, offset);
}

ssize_t
preadv2(int fd, const struct iovec *parts, int n, off_t offset, int flags)
{
	struct iovec part = parts[0];
	int          hit = fault_hits(CALL_READ, n == 1 && part.iov_len > 1);

	if (hit == 1)
		part.iov_len = 1;
	return hit == -1 ? -1 : syscall(SYS_preadv2, fd, hit == 1 ? &part : parts, n, offset, offset < 0 ? -1L : 0L, flags);
}

/* What is said on stderr goes through. */
ssize_t
write(int fd, const void *p, size_t n)
{
	int     hit = fd == STDERR_FILENO ? 0 : fault_hits(CALL_WRITE, n > 1);
	ssize_t done;

	if (hit == -1)
		return -1;
	oplog_lock();
	done = syscall(SYS_write, fd, p, hit == 1 ? 1 : n);
	if (done > 0 && oplog_is_on())
		oplog_write(fd, p, (size_t)done, syscall(SYS_lseek, fd, 0, SEEK_CUR) - done);
	oplog_unlock();
	return done;
}

ssize_t
pwrite(int fd, const void *p, size_t n, off_t offset)
{
	int     hit = fault_hits(CALL_WRITE, n > 1);
	ssize_t done;

	if (hit == -1)
		return -1;
	oplog_lock();
	done = syscall(SYS_pwrite64, fd, p, hit == 1 ? 1 : n, offset);
	if (done > 0)
		oplog_write(fd, p, (size_t)done, offset);
	oplog_unlock();
	return done;
}

int
ftruncate(int fd, off_t length)
{
	int r;

	TRY(CALL_FTRUNCATE);
	oplog_lock();
	r = (int)syscall(SYS_ftruncate, fd, length);
	if (r == 0)
		oplog_truncate(fd, length);
	oplog_unlock();
	return r;
}

static int
sync_by(long number, int fd)
{
	int r;

	TRY(CALL_FSYNC);
	oplog_lock();
	r = (int)syscall(number, fd);
	if (r == 0)
		oplog_sync(fd, number == SYS_syncfs);
	oplog_unlock();
	return r;
}

int fsync(int fd) { return sync_by(SYS_fsync, fd); }
int fdatasync(int fd) { return sync_by(SYS_fdatasync, fd); }
int syncfs(int fd) { return sync_by(SYS_syncfs, fd); }

off_t
lseek(int fd, off_t offset, int whence)
{
	TRY(CALL_LSEEK);
	return syscall(SYS_lseek, fd, offset, whence);
}

/* ---- names ---- */

static int
open_by(int dir, const char *path, int flags, mode_t mode)
{
	struct stat st;
	bool        is_new;
	int         fd;

	TRY(CALL_OPEN);
	if ((flags & (O_CREAT | O_TRUNC)) == 0 || !oplog_is_on())
		return (int)syscall(SYS_openat, dir, path, flags, mode);
	oplog_lock();
	is_new = syscall(SYS_newfstatat, dir, path, &st, 0) == -1;
	fd = (int)syscall(SYS_openat, dir, path, flags, mode);
	if (fd != -1 && is_new)
		oplog_made(dir, path, false);
	else if (fd != -1 && (flags & O_TRUNC) != 0)
		oplog_truncate(fd, 0);
	oplog_unlock();
	return fd;
}

static mode_t
mode_of(int flags, va_list ap)
{
	return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(ap, mode_t) : 0;
}

int
open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t  mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return open_by(AT_FDCWD, path, flags, mode);
}

int
openat(int dir, const char *path, int flags, ...)
{
	va_list ap;
	mode_t  mode;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return open_by(dir, path, flags, mode);
}

/* The descriptor is gone, whatever close says (Linux). */
int
close(int fd)
{
	int hit = fault_hits(CALL_CLOSE, false), sys = errno;
	int r = (int)syscall(SYS_close, fd);

	if (hit == -1)
		errno = sys;
	return hit == -1 ? -1 : r;
}

int
renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	int r;

	TRY(CALL_RENAME);
	oplog_lock();
	r = (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, 0);
	if (r == 0)
		oplog_renamed(from_fd, from, to_fd, to);
	oplog_unlock();
	return r;
}

int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }

int
unlinkat(int dir, const char *path, int flags)
{
	int r;

	TRY(CALL_UNLINK);
	oplog_lock();
	r = (int)syscall(SYS_unlinkat, dir, path, flags);
	if (r == 0)
		oplog_removed(dir, path);
	oplog_unlock();
	return r;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int
mkdirat(int dir, const char *path, mode_t mode)
{
	int r;

	TRY(CALL_MKDIR);
	oplog_lock();
	r = (int)syscall(SYS_mkdirat, dir, path, mode);
	if (r == 0)
		oplog_made(dir, path, false);
	oplog_unlock();
	return r;
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int
linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
	int r;

	TRY(CALL_LINK);
	oplog_lock();
	r = (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
	if (r == 0)
		oplog_made(to_fd, to, true);
	oplog_unlock();
	return r;
}

int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int
fchmod(int fd, mode_t mode)
{
	TRY(CALL_CHMOD);
	return (int)syscall(SYS_fchmod, fd, mode);
}

int
fchmodat(int dir, const char *path, mode_t mode, int flags)
{
	(void)flags;
	TRY(CALL_CHMOD);
	return (int)syscall(SYS_fchmodat, dir, path, mode);
}

/* ---- looks, locks, waits ---- */

/* Of a pipe it cannot fail: nothing is asked of a disk. */
int
fstat(int fd, struct stat *st)
{
	int r = (int)syscall(SYS_newfstatat, fd, "", st, AT_EMPTY_PATH);

	if (r == 0 && (S_ISREG(st->st_mode) || S_ISDIR(st->st_mode)))
		TRY(CALL_STAT);
	return r;
}

int
fstatat(int dir, const char *path, struct stat *st, int flags)
{
	TRY(CALL_STAT);
	return (int)syscall(SYS_newfstatat, dir, path, st, flags);
}

int stat(const char *path, struct stat *st) { return fstatat(AT_FDCWD, path, st, 0); }

int
statx(int dir, const char *path, int flags, unsigned mask, struct statx *to)
{
	TRY(CALL_STAT);
	return (int)syscall(SYS_statx, dir, path, flags, mask, to);
}

int
flock(int fd, int how)
{
	TRY(CALL_FLOCK);
	return (int)syscall(SYS_flock, fd, how);
}

int
fcntl(int fd, int what, ...)
{
	va_list ap;
	long    arg;

	va_start(ap, what);
	arg = va_arg(ap, long);
	va_end(ap);
	TRY(CALL_FCNTL);
	return (int)syscall(SYS_fcntl, fd, what, arg);
}

int
poll(struct pollfd *fds, nfds_t n, int ms)
{
	TRY(CALL_POLL);
	return (int)syscall(SYS_poll, fds, n, ms);
}

int
ppoll(struct pollfd *fds, nfds_t n, const struct timespec *left, const sigset_t *mask)
{
	struct timespec copy = { 0, 0 };

	TRY(CALL_POLL);
	if (left != NULL)
		copy = *left;
	return (int)syscall(SYS_ppoll, fds, n, left == NULL ? NULL : &copy, mask, _NSIG / 8);
}

ssize_t
getrandom(void *to, size_t n, unsigned flags)
{
	TRY(CALL_GETRANDOM);
	return syscall(SYS_getrandom, to, n, flags);
}

int
inotify_init1(int flags)
{
	TRY(CALL_INOTIFY);
	return (int)syscall(SYS_inotify_init1, flags);
}

int
inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	TRY(CALL_INOTIFY);
	return (int)syscall(SYS_inotify_add_watch, fd, path, mask);
}

int
ioctl(int fd, unsigned long what, ...)
{
	va_list ap;
	long    arg;

	va_start(ap, what);
	arg = va_arg(ap, long);
	va_end(ap);
	TRY(CALL_IOCTL);
	return (int)syscall(SYS_ioctl, fd, what, arg);
}

/* Short: the first page, or what there is of it. */
ssize_t
vmsplice(int fd, const struct iovec *parts, size_t n, unsigned flags)
{
	enum { PAGE_BYTES = 4096 };
	int          hit = fault_hits(CALL_VMSPLICE, n > 0 && parts[0].iov_len > 0);
	struct iovec first;

	if (hit == 0)
		return syscall(SYS_vmsplice, fd, parts, n, flags);
	if (hit == -1)
		return -1;
	first = parts[0];
	if (first.iov_len > PAGE_BYTES)
		first.iov_len = PAGE_BYTES;
	return syscall(SYS_vmsplice, fd, &first, 1, flags);
}

/* ---- processes, memory ---- */

int
pipe2(int ends[2], int flags)
{
	TRY(CALL_PIPE);
	return (int)syscall(SYS_pipe2, ends, flags);
}

pid_t
fork(void)
{
	pid_t (*real)(void), pid;

	TRY(CALL_FORK);
	*(void **)&real = dlsym(RTLD_NEXT, "fork");
	pid = real();
	is_child = is_child || pid == 0;
	return pid;
}

pid_t
waitpid(pid_t pid, int *status, int flags)
{
	TRY(CALL_WAITPID);
	return (pid_t)syscall(SYS_wait4, pid, status, flags, NULL);
}

void *
mmap(void *at, size_t n, int prot, int flags, int fd, off_t offset)
{
	if (fault_hits(CALL_MMAP, false) != 0)
		return MAP_FAILED;
	return (void *)syscall(SYS_mmap, at, n, prot, flags, fd, offset);
}

int
madvise(void *at, size_t n, int what)
{
	TRY(CALL_MMAP);
	return (int)syscall(SYS_madvise, at, n, what);
}

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *
malloc(size_t n)
{
	return fault_hits(CALL_MALLOC, false) != 0 ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	return fault_hits(CALL_MALLOC, false) != 0 ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	return fault_hits(CALL_MALLOC, false) != 0 ? NULL : __libc_realloc(p, n);
}

int
posix_memalign(void **to, size_t align, size_t n)
{
	if (fault_hits(CALL_MALLOC, false) != 0)
		return ENOMEM;
	*to = __libc_memalign(align, n);
	return *to == NULL ? ENOMEM : 0;
}
