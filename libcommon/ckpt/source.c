/* source - the role that takes a run: each is used once per source's name */
#include "ckpt/priv.h"

#include <unistd.h>

#include "io/wait.h"

/* Why there is no run for us yet; the last one is what the user is told. */
enum look { LOOK_FOUND, LOOK_NONE, LOOK_TAKEN, LOOK_ERROR };

/*
 * `commit` is written before the run is registered, and goes on only when we have said hello: so N
 * read now is the run's, unless that run is being replaced at this moment.
 */
static enum look
look_for_run(struct ckpt *ck, uint64_t newest, struct err *err)
{
	uint64_t run;
	int      fd;
	int      rc = run_read(ck, &run, &fd, err);
	enum look found = LOOK_NONE;

	if (rc <= 0)
		return rc < 0 ? LOOK_ERROR : LOOK_NONE;
	if (!file_lock_is_held(fd)) {
		found = LOOK_NONE;
	} else if (run <= newest) {
		found = LOOK_TAKEN;
	} else if ((rc = commit_read(ck, err)) < 0 || (rc > 0 && dir_read_pipeline(ck, err) < 0)) {
		found = LOOK_ERROR;
	} else if (rc > 0 && ck->pipeline != NULL && ck->commit.run == run) {
		ck->run = run;
		ck->epoch = ck->commit.epoch;
		ck->run_fd = fd;
		return LOOK_FOUND;
	}
	close(fd);
	return found;
}

static int
say_none(const struct ckpt *ck, enum look last, uint64_t newest, unsigned why, struct err *err)
{
	if ((why & WAIT_STOP) != 0)
		return err_set(err, ERR_RETRY, "told to stop while waiting for a stream-sink to "
		               "run on %s", ck->conf.dir);
	if (last == LOOK_TAKEN)
		return err_set(err, ERR_RETRY, "%s: the stream-sink there still serves run %llu, "
		               "which an earlier %s had (two of one name? give --name)",
		               ck->conf.dir, (unsigned long long)newest, ck->conf.stage);
	return err_set(err, ERR_RETRY, "%s, but no stream-sink runs on it", ck->conf.given);
}

static int
wait_for_run(struct ckpt *ck, uint64_t newest, struct err *err)
{
	int64_t  pause_ms = 0;
	unsigned why;

	for (;;) {
		enum look look = look_for_run(ck, newest, err);

		if (look == LOOK_FOUND)
			return 0;
		if (look == LOOK_ERROR)
			return -1;
		if (ck->conf.has_reader && wait_reader_gone(STDOUT_FILENO))
			return err_set(err, ERR_READER_GONE, "standard output: the reader is gone");
		if (file_is_deleted(ck->lock_fd))
			return dir_say_deleted(ck, err);
		why = wait_between_tries(&pause_ms, ck->conf.lock_deadline_ms);
		if (why != 0)
			return say_none(ck, look, newest, why, err);
	}
}

struct ckpt *
ckpt_open_source(const struct ckpt_conf *conf, struct err *err)
{
	struct ckpt *ck = dir_open(conf, true, err);
	uint64_t     newest;

	if (ck == NULL)
		return NULL;
	if (dir_open_own(ck, err) != 0 || dir_lock(ck, &ck->own, NULL, &newest, err) != 0)
		goto fail;
	ckpt_crash_point(conf->stage, "lock");
	if (wait_for_run(ck, newest, err) != 0 || dir_note_run(ck, &ck->own, ck->run, err) != 0)
		goto fail;
	ckpt_crash_point(conf->stage, "run-taken");
	return ck;
fail:
	ckpt_free(ck);
	return NULL;
}
