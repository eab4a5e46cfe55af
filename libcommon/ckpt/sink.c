/* sink - the role that registers runs and writes `commit` */
#include "ckpt/priv.h"

#include <unistd.h>

/* The newest run in DIR, and what was committed. */
static int
look_around(struct ckpt *ck, struct err *err)
{
	uint64_t run = 0;
	int      fd = -1;
	int      has_commit = commit_read(ck, err);
	int      has_run = has_commit < 0 ? -1 : run_read(ck, &run, &fd, err);

	if (has_run < 0)
		return -1;
	if (fd >= 0)
		close(fd);
	/* `commit` is there, for good, before the first run is. */
	if (has_run && !has_commit)
		return err_set(err, ERR_DATA, "%s/commit is missing, but there have been %llu "
		               "runs; put it back, or begin a new checkpoint directory",
		               ck->conf.dir, (unsigned long long)run);
	ck->newest_run = run > ck->newest_run ? run : ck->newest_run;
	if (ck->commit.run > ck->newest_run)
		ck->newest_run = ck->commit.run;
	buf_span(&ck->found_token, buf_all(&ck->commit.token));
	ck->found = (struct ckpt_found){
		.exists = has_commit != 0,
		.run = ck->commit.run,
		.epoch = ck->commit.epoch,
		.token = buf_all(&ck->found_token),
		.closed = ck->commit.closed,
	};
	return 0;
}

static int
know_pipeline(struct ckpt *ck, struct err *err)
{
	int rc = dir_read_pipeline(ck, err);

	if (rc < 0)
		return -1;
	/* No commit may be without it, and who made it may have been killed before its name was durable. */
	if (rc == 1)
		return ck->found.exists || ck->conf.no_sync ? 0 : file_sync_dir(&ck->dir, err);
	if (ck->found.exists)
		return err_set(err, ERR_DATA, "%s/pipeline is missing; put it back, or begin a new "
		               "checkpoint directory",
		               ck->conf.dir);
	if (dir_make_pipeline(ck, err) != 0)
		return -1;
	ckpt_crash_point(ck->conf.stage, "pipeline-made");
	return 0;
}

/* What a killed sink has left. */
static int
remove_temp(void *cookie, const char *name, struct err *err)
{
	struct ckpt *ck = cookie;

	return file_is_temp(name) ? file_remove(&ck->dir, name, err) : 0;
}

struct ckpt *
ckpt_open_sink(const struct ckpt_conf *conf, struct err *err)
{
	struct ckpt *ck = dir_open(conf, true, err);

	if (ck == NULL)
		return NULL;
	ck->is_sink = true;
	if (dir_lock(ck, &ck->dir, NULL, &ck->newest_run, err) != 0)
		goto fail;
	ckpt_crash_point(conf->stage, "lock");
	if (file_list(&ck->dir, remove_temp, ck, err) != 0 || look_around(ck, err) != 0 ||
	    know_pipeline(ck, err) != 0)
		goto fail;
	return ck;
fail:
	ckpt_free(ck);
	return NULL;
}

const struct ckpt_found *
ckpt_found(const struct ckpt *ck)
{
	return &ck->found;
}

uint64_t
ckpt_next_run(const struct ckpt *ck, uint64_t target_run)
{
	return (target_run > ck->newest_run ? target_run : ck->newest_run) + 1;
}

static void
set_token(struct ckpt *ck, struct span token)
{
	buf_reset(&ck->commit.token);
	buf_span(&ck->commit.token, token);
}

int
ckpt_register(struct ckpt *ck, uint64_t run, uint64_t epoch, struct span token, struct err *err)
{
	/*
	 * The target may be one ahead: it was told, and then we died before we could write it down.
	 */
	if (epoch != ck->found.epoch && epoch != ck->found.epoch + 1)
		return err_set(err, ERR_DATA, "%s: target is at epoch %llu, checkpoint at %llu: "
		               "they do not belong together",
		               ck->conf.dir, (unsigned long long)epoch, (unsigned long long)ck->found.epoch);
	ck->run = run;
	ck->epoch = epoch;
	ck->commit.run = run;
	ck->commit.epoch = epoch;
	ck->commit.closed = false;
	set_token(ck, token);
	if (commit_write(ck, err) != 0)
		return -1;
	ckpt_crash_point(ck->conf.stage, "commit-start");
	/*
	 * The lock's note is for messages, and one more place that remembers how far runs have
	 * come.
	 */
	if (dir_note_run(ck, &ck->dir, run, err) != 0)
		return -1;
	return run_register(ck, err);
}

int
ckpt_check_hello(struct ckpt *ck, const struct hello *hello, struct err *err)
{
	if (hello_check_name(&ck->conf, hello, err) != 0 ||
	    hello_check_pipeline(ck, hello, err) != 0)
		return -1;
	if (hello->run != ck->run || hello->epoch != ck->epoch)
		return err_set(err, ERR_RETRY, "what comes in is of run %llu, epoch %llu; this is "
		               "run %llu, epoch %llu",
		               (unsigned long long)hello->run, (unsigned long long)hello->epoch,
		               (unsigned long long)ck->run, (unsigned long long)ck->epoch);
	/* Nothing of the pipeline as it was is kept before the first commit; nor where the target has the first epoch, and the
	 * commit that would have named the stages was never written. */
	if (ck->epoch > 0 && !span_eq(buf_all(&ck->commit.via), SPAN_LIT("[]")) && commit_compare_via(ck, hello, err) != 0)
		return -1;
	buf_reset(&ck->commit.via);
	commit_put_via(&ck->commit.via, hello);
	return 0;
}

int
ckpt_commit(struct ckpt *ck, uint64_t epoch, struct span token, struct err *err)
{
	if (epoch != ck->commit.epoch + 1)
		return err_set(err, ERR_DATA, "barrier %llu came after epoch %llu: what is between "
		               "is missing",
		               (unsigned long long)epoch, (unsigned long long)ck->commit.epoch);
	ck->commit.epoch = epoch;
	set_token(ck, token);
	if (commit_write(ck, err) != 0)
		return -1;
	ckpt_crash_point(ck->conf.stage, "committed");
	return 0;
}

int
ckpt_commit_closed(struct ckpt *ck, struct err *err)
{
	ck->commit.closed = true;
	return commit_write(ck, err);
}
