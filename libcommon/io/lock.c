/*
 * lock - who may be here
 *
 * flock: it lies on the open file, so it goes when its holder's last descriptor does, however the
 * holder ends.  Waiting is asking again, ever more slowly: a blocking flock could not keep a
 * deadline without timers and signals.
 */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "io/out.h"
#include "io/wait.h"
#include "json/tree.h"

enum {
	NOTE_BYTES = 64,           /* constant, so that one write replaces the whole line */
	NOTE_MAX_BYTES = 4096
};

void
file_lock_read(struct span content, uint64_t *run, int64_t *pid)
{
	struct err   ignored = ERR_INIT;
	struct tree *note = tree_parse(content, &ignored);
	int64_t      r = 0, p = 0;

	if (note != NULL) {
		tree_i64(note, "run", &r);
		tree_i64(note, "pid", &p);
		tree_free(note);
	}
	*run = r > 0 ? (uint64_t)r : 0;
	*pid = p > 0 ? p : 0;
}

int
file_lock_note(int fd, const char *path, uint64_t run, struct err *err)
{
	char note[NOTE_BYTES + 1];
	int  n = snprintf(note, sizeof(note), "{\"run\":%llu,\"pid\":%ld}", (unsigned long long)run,
	                  (long)getpid());

	memset(note + n, ' ', (size_t)(NOTE_BYTES - n));
	note[NOTE_BYTES - 1] = '\n';
	return out_write_all(fd, path, note, NOTE_BYTES, 0, err);
}

static int
say_held(const char *path, struct span content, unsigned why, struct err *err)
{
	const char *how = (why & WAIT_STOP) != 0 ? "; told to stop while waiting for it" : "";
	uint64_t    run;
	int64_t     pid;

	file_lock_read(content, &run, &pid);
	if (pid == 0)
		return err_set(err, ERR_RETRY, "%s: held by another process%s", path, how);
	return err_set(err, ERR_RETRY, "%s: held by pid %lld%s", path, (long long)pid, how);
}

int
file_try_lock(int fd, bool is_shared)
{
	int r;

	do {
		r = flock(fd, (is_shared ? LOCK_SH : LOCK_EX) | LOCK_NB);
	} while (r != 0 && errno == EINTR);
	return r;
}

/* 1: taken; 0: held by another, CONTENT says by whom; -1: error */
static int
try_lock(const struct file_dir *d, const char *name, const char *path, int *fd, struct buf *content,
         struct err *err)
{
	*fd = openat(d->fd, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0)
		return err_sys(err, "%s", path);
	if (file_try_lock(*fd, false) == 0) {
		/* Somebody has removed or replaced it: then what we hold is no lock to others. */
		int same = file_is_same(d, name, *fd, err);

		if (same == -1)
			close(*fd);
		if (same != 0)
			return same;
	} else if (errno != EWOULDBLOCK) {
		err_sys(err, "%s", path);
		close(*fd);
		return -1;
	}
	buf_reset(content);
	if (file_read_fd(*fd, path, NOTE_MAX_BYTES, content, err) < 0)
		buf_reset(content);
	close(*fd);
	*fd = -1;
	return 0;
}

int
file_lock(const struct file_dir *d, const char *name, int64_t deadline_ms,
          const struct file_busy *busy,
          int *fd, struct err *err)
{
	struct buf path = { 0 }, content = { 0 };
	int64_t    pause_ms = 0;
	unsigned   why;
	int        rc;

	*fd = -1;
	buf_printf(&path, "%s/%s", d->path, name);
	while ((rc = try_lock(d, name, path.p, fd, &content, err)) == 0) {
		rc = -1;
		if (busy != NULL && busy->look(busy->cookie, buf_all(&content), err) != 0)
			break;
		why = wait_between_tries(&pause_ms, deadline_ms);
		if (why != 0) {
			say_held(path.p, buf_all(&content), why, err);
			break;
		}
	}
	buf_release(&path);
	buf_release(&content);
	return rc == 1 ? 0 : -1;
}

int
file_lock_fd(int fd, const char *path, int64_t deadline_ms, struct err *err)
{
	int64_t  pause_ms = 0;
	unsigned why;

	while (file_try_lock(fd, false) != 0) {
		if (errno != EWOULDBLOCK)
			return err_sys(err, "%s", path);
		why = wait_between_tries(&pause_ms, deadline_ms);
		if (why != 0)
			return say_held(path, SPAN_NONE, why, err);
	}
	return 0;
}

int
file_lock_now(int fd, const char *path, struct err *err)
{
	return file_try_lock(fd, false) != 0 ? err_sys(err, "%s: flock", path) : 0;
}

/*
 * F_GETLK does not see flock: so by trying.  Shared, so that two who look at the same time do not
 * take each other for the holder.
 */
bool
file_lock_is_held(int fd)
{
	if (file_try_lock(fd, true) != 0)
		return errno == EWOULDBLOCK;
	flock(fd, LOCK_UN);
	return false;
}
