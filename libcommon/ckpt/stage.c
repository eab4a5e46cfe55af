/* stage - the role in the middle: the run comes with hello */
#include "ckpt/priv.h"

#include <errno.h>
#include <unistd.h>

/*
 * Who holds our lock for the same run is no older instance of us: it is another stage of our name.
 */
struct same_run {
	uint64_t    run;
	const char *stage;
};

static int
look_at_holder(void *cookie, struct span content, struct err *err)
{
	const struct same_run *ours = cookie;
	uint64_t run;
	int64_t  pid;

	file_lock_read(content, &run, &pid);
	if (run == ours->run)
		return err_set(err, ERR_USAGE, "two stages named %s: give --name", ours->stage);
	return 0;
}

/* The run that DIR has now must still be hello's. */
static int
check_run(struct ckpt *ck, struct err *err)
{
	uint64_t run = 0;
	int      rc = run_read(ck, &run, &ck->run_fd, err);

	if (rc < 0)
		return -1;
	if (rc == 0 || run != ck->run)
		return dir_say_replaced(ck, run, err);
	return ckpt_alive(ck, err);
}

static int
take_lock(struct ckpt *ck, struct err *err)
{
	struct same_run  ours = { ck->run, ck->conf.stage };
	struct file_busy busy = { look_at_holder, &ours };
	uint64_t         newest;

	if (dir_open_own(ck, err) != 0 || dir_lock(ck, &ck->own, &busy, &newest, err) != 0)
		return -1;
	ckpt_crash_point(ck->conf.stage, "lock");
	/*
	 * A stage that slept since an old run would load its N, and take away what was committed
	 * since.
	 */
	if (ck->run <= newest)
		return err_set(err, ERR_RETRY, "%s: run %llu comes too late: run %llu has been "
		               "here", ck->own.path,
		               (unsigned long long)ck->run, (unsigned long long)newest);
	if (dir_note_run(ck, &ck->own, ck->run, err) != 0)
		return -1;
	ckpt_crash_point(ck->conf.stage, "run-taken");
	return 0;
}

struct ckpt *
ckpt_open_stage(const struct ckpt_conf *conf, const struct hello *hello, struct err *err)
{
	struct ckpt *ck;

	if (hello_check_name(conf, hello, err) != 0)
		return NULL;
	ck = dir_open(conf, false, err);
	if (ck == NULL && err->sys == ENOENT)
		err_set(err, ERR_USAGE, "%s, but what comes in is of another checkpoint directory: "
		        "this one is not there",
		        conf->given);
	if (ck == NULL)
		return NULL;
	ck->run = hello->run;
	ck->epoch = hello->epoch;
	if (dir_read_pipeline(ck, err) >= 0 && hello_check_pipeline(ck, hello, err) == 0 &&
	    take_lock(ck, err) == 0 &&
	    check_run(ck, err) == 0)
		return ck;
	ckpt_free(ck);
	return NULL;
}
