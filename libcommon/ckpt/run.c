/* run - DIR/run: which run is on, and whether its sink lives */
#include "ckpt/priv.h"

#include <errno.h>
#include <unistd.h>

#include "io/out.h"

enum { RUN_MAX_BYTES = 4096 };

int
run_read(struct ckpt *ck, uint64_t *run, int *fd, struct err *err)
{
	struct buf text = { 0 }, path = { 0 };
	int64_t    pid;
	int        rc = -1;

	buf_printf(&path, "%s/run", ck->conf.dir);
	*fd = file_open(&ck->dir, "run");
	if (*fd < 0) {
		rc = errno == ENOENT ? 0 : err_sys(err, "%s", path.p);
	} else if (file_read_fd(*fd, path.p, RUN_MAX_BYTES, &text, err) > 0) {
		file_lock_read(buf_all(&text), run, &pid);
		rc = *run > 0 ? 1 : err_set(err, ERR_DATA, "%s: damaged", path.p);
	}
	if (rc < 0 && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
	buf_release(&text);
	buf_release(&path);
	return rc;
}

/* The lock is on the file before its name is there: who sees the name sees a run that lives. */
int
run_register(struct ckpt *ck, struct err *err)
{
	const struct file_dir *d = &ck->dir;
	int fd, rc;

	if (file_temp(d, "run", &fd, err) != 0)
		return -1;
	rc = file_lock_note(fd, d->path, ck->run, err);
	if (rc == 0)
		rc = file_lock_now(fd, d->path, err);
	if (rc == 0 && !ck->conf.no_sync)
		rc = file_sync(fd, d->path, err);
	ckpt_crash_point(ck->conf.stage, "run-temp");
	if (rc == 0)
		rc = file_publish(d, "run", "run", err);
	if (rc != 0) {
		file_temp_remove(d, "run");
		close(fd);
		return -1;
	}
	ck->run_fd = fd;
	ckpt_crash_point(ck->conf.stage, "run-registered");
	return ck->conf.no_sync ? 0 : file_sync_dir(d, err);
}

int
ckpt_alive(struct ckpt *ck, struct err *err)
{
	unsigned long long run = ck->run;
	int                same;

	if (file_is_deleted(ck->lock_fd))
		return dir_say_deleted(ck, err);
	if ((same = file_is_same(&ck->dir, "run", ck->run_fd, err)) < 0)
		return -1;
	if (same == 0)
		return err_set(err, ERR_RETRY, "%s: run %llu was replaced by a newer one",
		               ck->conf.dir, run);
	if (!ck->is_sink && !file_lock_is_held(ck->run_fd))
		return err_set(err, ERR_RETRY, "%s: the stream-sink of run %llu is gone",
		               ck->conf.dir, run);
	return 0;
}

int
ckpt_committed(struct ckpt *ck, uint64_t *epoch, struct err *err)
{
	if (!ck->is_sink) {
		int rc = commit_read(ck, err);

		if (rc == 0)
			err_set(err, ERR_DATA, "%s/commit is missing", ck->conf.dir);
		if (rc <= 0)
			return -1;
		if (ck->commit.run != ck->run)
			return dir_say_replaced(ck, ck->commit.run, err);
	}
	*epoch = ck->commit.epoch;
	return 0;
}
