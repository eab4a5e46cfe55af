/*
 * base - a new base, written beside the stream
 *
 * The child is a copy of the state as of the newest barrier.  It writes a base of that very epoch
 * into a temp file and ends; only the parent gives it its name, in the place of the delta that says
 * the same.  Later deltas build on that epoch all along, so the chain is whole before and after.
 */
#include "ckpt/priv.h"

#include <unistd.h>

#include "io/child.h"

enum { PAUSE_EPOCHS = 16 };                    /* after a child that failed */

static const char temp_of[] = "base";

int
base_start(struct ckpt *ck, const struct ckpt_saver *saver, struct err *err)
{
	struct snap_entry e = *list_newest(&ck->snaps);
	pid_t             pid;
	int               fd;

	if (ck->base.pid != 0 || e.epoch < ck->base.again_at)
		return 0;
	if (file_temp(&ck->own, temp_of, &fd, err) != 0)
		return -1;
	e.base = NO_BASE;
	pid = child_fork(fd, err);
	if (pid == 0) {
		ckpt_crash_point(ck->conf.stage, "base-child");
		child_exit(snapfile_write(fd, ck->own.path, ck, &e, saver, err) != 0 ||
		           (!ck->conf.no_sync && file_sync(fd, ck->own.path, err) != 0));
	}
	close(fd);
	if (pid < 0) {
		file_temp_remove(&ck->own, temp_of);
		ck->base.again_at = e.epoch + PAUSE_EPOCHS;
		return 0;                      /* no process to be had now: the deltas are good without it */
	}
	ck->base.pid = pid;
	ck->base.epoch = e.epoch;
	ckpt_crash_point(ck->conf.stage, "base-forked");
	return 0;
}

/* Is the delta that it would replace still of use to somebody? */
static bool
is_wanted(const struct ckpt *ck)
{
	const struct snap_entry *e = list_find(&ck->snaps, ck->base.epoch);

	return e != NULL && e->base != NO_BASE;
}

static int
publish(struct ckpt *ck, struct err *err)
{
	struct snap_head head;
	char             name[SNAP_NAME_BYTES];

	snap_name(name, ck->base.epoch);
	if (file_publish(&ck->own, temp_of, name, err) != 0)
		return -1;
	ckpt_crash_point(ck->conf.stage, "base-renamed");
	if (!ck->conf.no_sync && file_sync_dir(&ck->own, err) != 0)
		return -1;
	if (snapfile_head(ck, ck->base.epoch, &head, err) != 1)
		return -1;
	list_put(&ck->snaps, head.entry);
	buf_release(&head.options);
	return 0;
}

int
base_poll(struct ckpt *ck, struct err *err)
{
	int status, rc = 0;

	if (ck->base.pid == 0 || child_poll(ck->base.pid, &status) == 0)
		return 0;
	ck->base.pid = 0;
	if (status == 0 && is_wanted(ck)) {
		rc = publish(ck, err);
	} else {
		file_temp_remove(&ck->own, temp_of);
		if (status != 0)
			ck->base.again_at = ck->base.epoch + PAUSE_EPOCHS;
	}
	return rc;
}

void
base_give_up(struct ckpt *ck)
{
	if (ck->base.pid == 0)
		return;
	child_kill(ck->base.pid);
	ck->base.pid = 0;
	file_temp_remove(&ck->own, temp_of);
}
