/* load - the state as of the committed epoch, or a clear word why not */
#include "ckpt/priv.h"

#include <stdlib.h>

#include "base/alloc.h"

/* Snapshots and temp files that were there when we came. */
struct findings {
	struct ckpt *ck;
	uint64_t    *epochs;
	size_t       n, cap;
};

static int
find_one(void *cookie, const char *name, struct err *err)
{
	struct findings *f = cookie;
	uint64_t         epoch;

	if (file_is_temp(name))
		return file_remove(&f->ck->own, name, err);
	if (!snap_epoch(name, &epoch))
		return 0;
	if (f->n == f->cap) {
		f->cap = f->cap == 0 ? 64 : f->cap * 2;
		f->epochs = alloc_resized(f->epochs, f->cap, sizeof(*f->epochs));
	}
	f->epochs[f->n++] = epoch;
	return 0;
}

static int
say_missing(const struct ckpt *ck, struct err *err)
{
	char name[SNAP_NAME_BYTES];

	snap_name(name, ck->epoch);
	return err_set(err, ERR_DATA, "state of epoch %llu is missing: %s/%s",
	               (unsigned long long)ck->epoch,
	               ck->own.path, name);
}

/*
 * N exactly; or the newest below it, if that was this stage's last: it was through while others
 * went on.  1, 0 (a new pipeline), -1.
 */
static int
choose(struct ckpt *ck, const struct findings *f, uint64_t *epoch, struct err *err)
{
	struct snap_head head;
	uint64_t         below = 0;
	bool             has_below = false, is_whole;

	for (size_t i = 0; i < f->n; i++) {
		if (f->epochs[i] == ck->epoch) {
			*epoch = ck->epoch;
			return 1;
		}
		if (f->epochs[i] < ck->epoch && (!has_below || f->epochs[i] > below)) {
			below = f->epochs[i];
			has_below = true;
		}
	}
	if (ck->epoch == 0)
		return 0;
	if (!has_below)
		return say_missing(ck, err);
	if (snapfile_head(ck, below, &head, err) != 1)
		return -1;
	is_whole = snapfile_check(ck, &head, err) == 0;
	buf_release(&head.options);
	if (!is_whole)
		return -1;
	if (head.entry.last == CKPT_GOES_ON)
		return say_missing(ck, err);
	*epoch = below;
	return 1;
}

/* What EPOCH builds on, from EPOCH down to its base. */
struct chain {
	struct snap_head *heads;
	size_t            n, cap;
};

static void
chain_release(struct chain *c)
{
	for (size_t i = 0; i < c->n; i++)
		buf_release(&c->heads[i].options);
	free(c->heads);
}

static int
chain_read(const struct ckpt *ck, uint64_t epoch, struct chain *c, struct err *err)
{
	for (uint64_t next = epoch; next != NO_BASE; next = c->heads[c->n - 1].entry.base) {
		int rc;

		if (c->n == c->cap) {
			c->cap = c->cap == 0 ? 16 : c->cap * 2;
			c->heads = alloc_resized(c->heads, c->cap, sizeof(*c->heads));
		}
		rc = snapfile_head(ck, next, &c->heads[c->n], err);
		if (rc == 0)
			return err_set(err, ERR_DATA, "state of epoch %llu is missing: "
			               "%s/%llu.snap, which that of epoch %llu builds on",
			               (unsigned long long)next, ck->own.path,
			               (unsigned long long)next, (unsigned long long)epoch);
		if (rc < 0)
			return -1;
		c->n++;
	}
	return 0;
}

/*
 * What is newer never was committed, and must not be taken for it later.  What stays may have got its name from a
 * process that was killed before it made that durable.
 */
static int
remove_newer(struct ckpt *ck, const struct findings *f, uint64_t than, struct err *err)
{
	char name[SNAP_NAME_BYTES];

	for (size_t i = 0; i < f->n; i++) {
		if (f->epochs[i] <= than)
			continue;
		snap_name(name, f->epochs[i]);
		if (file_remove(&ck->own, name, err) != 0)
			return -1;
	}
	return ck->conf.no_sync ? 0 : file_sync_dir(&ck->own, err);
}

/* The older ones, so that pruning knows them.  One that cannot be read is in nobody's way. */
static void
note_older(struct ckpt *ck, const struct findings *f, uint64_t than)
{
	for (size_t i = 0; i < f->n; i++) {
		struct err       ignored = ERR_INIT;
		struct snap_head head;

		if (f->epochs[i] >= than)
			continue;
		if (snapfile_head(ck, f->epochs[i], &head, &ignored) == 1)
			buf_release(&head.options);
		else
			head.entry = (struct snap_entry){ .base = NO_BASE };
		head.entry.epoch = f->epochs[i];
		list_put(&ck->snaps, head.entry);
	}
}

/* Options that differ may be a damaged header's: that is the better thing to say. */
static int
compare_options(const struct ckpt *ck, const struct snap_head *newest, struct err *err)
{
	struct err damage = ERR_INIT;

	if (options_compare(ck, buf_all(&newest->options), err) == 0)
		return 0;
	if (snapfile_check(ck, newest, &damage) != 0)
		*err = damage;
	return -1;
}

static int
load_chain(struct ckpt *ck, const struct chain *c, const struct ckpt_loader *loader,
           struct err *err)
{
	uint64_t lines = 0, bytes = 0;

	/* Before the first commit nothing binds: a slip in the options may be put right. */
	if (ck->epoch > 0 && compare_options(ck, &c->heads[0], err) != 0)
		return -1;
	for (size_t i = 0; i < c->n; i++) {
		uint64_t size = c->heads[i].entry.size_bytes;

		bytes += size;
		lines += c->heads[i].entries < size ? c->heads[i].entries : size;
	}
	if (loader->expect != NULL)
		loader->expect(loader->cookie, lines, bytes);
	for (size_t i = c->n; i-- > 0; )
		if (snapfile_load(ck, &c->heads[i], loader, err) != 0)
			return -1;
	if (loader->loaded != NULL && loader->loaded(loader->cookie, err) != 0)
		return err_in(err, "state of epoch %llu", (unsigned long long)c->heads[0].entry.epoch);
	for (size_t i = 0; i < c->n; i++)
		list_put(&ck->snaps, c->heads[i].entry);
	return 0;
}

int
ckpt_load(struct ckpt *ck, const struct ckpt_loader *loader, struct ckpt_loaded *loaded,
          struct err *err)
{
	struct findings f = { .ck = ck };
	struct chain    chain = { 0 };
	uint64_t        epoch = 0;
	int             rc = -1;

	*loaded = (struct ckpt_loaded){ 0, CKPT_GOES_ON };
	if (dir_open_own(ck, err) != 0 || file_list(&ck->own, find_one, &f, err) != 0)
		goto out;
	rc = choose(ck, &f, &epoch, err);
	if (rc < 0)
		goto out;
	if (rc == 1 &&
	    (chain_read(ck, epoch, &chain, err) != 0 || load_chain(ck, &chain, loader, err) != 0)) {
		rc = -1;
		goto out;
	}
	if (remove_newer(ck, &f, epoch, err) != 0) {
		rc = -1;
		goto out;
	}
	if (rc == 1) {
		note_older(ck, &f, epoch);
		*loaded = (struct ckpt_loaded){ epoch, chain.heads[0].entry.last };
	}
	ckpt_crash_point(ck->conf.stage, "loaded");
out:
	chain_release(&chain);
	free(f.epochs);
	return rc;
}
