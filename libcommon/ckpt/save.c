/*
 * save - a snapshot at each barrier, at a cost that goes with what changed
 *
 * The policy, all of it: a state of few entries, or one of which half has changed, is written whole
 * (a base).  Else a delta is added to what is there; when the deltas have become heavier than their
 * base, or too many, a child writes a base of the same epoch, which takes the delta's place.
 */
#include "ckpt/priv.h"

#include <unistd.h>

enum {
	SMALL_STATE_ENTRIES = 256,
	LONGEST_CHAIN = 64
};

static bool
may_be_delta(const struct ckpt *ck, uint64_t epoch, const struct ckpt_saver *saver)
{
	const struct snap_entry *newest = list_newest(&ck->snaps);
	uint64_t all, changed;

	if (newest == NULL || newest->epoch >= epoch)
		return false;
	saver->entries(saver->cookie, &all, &changed);
	return all > SMALL_STATE_ENTRIES && changed < all / 2;
}

static int
write_synced(struct ckpt *ck, const char *name, struct snap_entry *e,
             const struct ckpt_saver *saver, struct err *err)
{
	int fd, rc;

	if (file_temp(&ck->own, name, &fd, err) != 0)
		return -1;
	rc = snapfile_write(fd, ck->own.path, ck, e, saver, err);
	ckpt_crash_point(ck->conf.stage, "snap-temp");
	if (rc == 0 && !ck->conf.no_sync)
		rc = file_sync(fd, ck->own.path, err);
	close(fd);
	if (rc == 0)
		ckpt_crash_point(ck->conf.stage, "snap-synced");
	else
		file_temp_remove(&ck->own, name);
	return rc;
}

int
ckpt_save(struct ckpt *ck, uint64_t epoch, enum ckpt_last last, const struct ckpt_saver *saver,
          struct err *err)
{
	struct snap_entry e = { .epoch = epoch, .base = NO_BASE, .last = last };
	char              name[SNAP_NAME_BYTES];

	if (dir_open_own(ck, err) != 0)
		return -1;
	if (file_is_deleted(ck->lock_fd))
		return dir_say_deleted(ck, err);
	if (may_be_delta(ck, epoch, saver))
		e.base = list_newest(&ck->snaps)->epoch;
	snap_name(name, epoch);
	if (write_synced(ck, name, &e, saver, err) != 0)
		return err_in(err, "state of epoch %llu", (unsigned long long)epoch);
	if (file_publish(&ck->own, name, name, err) != 0)
		return -1;
	ckpt_crash_point(ck->conf.stage, "snap-renamed");
	if (!ck->conf.no_sync && file_sync_dir(&ck->own, err) != 0)
		return -1;
	list_put(&ck->snaps, e);
	saver->settle(saver->cookie);
	return 0;
}

static bool
is_heavy(const struct ckpt *ck, const struct snap_entry *newest)
{
	struct snap_chain chain = list_chain(&ck->snaps, newest->epoch);

	return chain.delta_bytes > chain.base_bytes || chain.n_deltas > LONGEST_CHAIN;
}

int
ckpt_tidy(struct ckpt *ck, const struct ckpt_saver *saver, struct err *err)
{
	const struct snap_entry *newest = list_newest(&ck->snaps);
	uint64_t committed;

	if (newest == NULL)
		return 0;
	if (base_poll(ck, err) != 0 || ckpt_committed(ck, &committed, err) != 0 ||
	    list_prune(ck, committed, err) != 0)
		return -1;
	ckpt_crash_point(ck->conf.stage, "pruned");
	newest = list_newest(&ck->snaps);
	/* Who is about to leave has no time for it. */
	if (newest->last == CKPT_GOES_ON && is_heavy(ck, newest))
		return base_start(ck, saver, err);
	return 0;
}
