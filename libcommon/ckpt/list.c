/* list - which snapshots of a stage are on disk, and which of them are needed */
#include "ckpt/priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void
snap_name(char to[SNAP_NAME_BYTES], uint64_t epoch)
{
	snprintf(to, SNAP_NAME_BYTES, "%llu.snap", (unsigned long long)epoch);
}

bool
snap_epoch(const char *name, uint64_t *epoch)
{
	char again[SNAP_NAME_BYTES];

	*epoch = strtoull(name, NULL, 10);
	snap_name(again, *epoch);
	return *epoch <= INT64_MAX && strcmp(again, name) == 0;
}

void
list_release(struct snap_list *l)
{
	free(l->at);
	*l = (struct snap_list){ 0 };
}

/* The first place whose epoch is not less. */
static size_t
place_of(const struct snap_list *l, uint64_t epoch)
{
	size_t i = l->n;

	while (i > 0 && l->at[i - 1].epoch >= epoch)
		i--;
	return i;
}

void
list_put(struct snap_list *l, struct snap_entry e)
{
	size_t i = place_of(l, e.epoch);

	if (i == l->n || l->at[i].epoch != e.epoch) {
		if (l->n == l->cap) {
			l->cap = l->cap == 0 ? 16 : l->cap * 2;
			l->at = alloc_resized(l->at, l->cap, sizeof(*l->at));
		}
		memmove(l->at + i + 1, l->at + i, (l->n - i) * sizeof(*l->at));
		l->n++;
	}
	l->at[i] = e;
}

void
list_drop(struct snap_list *l, uint64_t epoch)
{
	size_t i = place_of(l, epoch);

	if (i == l->n || l->at[i].epoch != epoch)
		return;
	l->n--;
	memmove(l->at + i, l->at + i + 1, (l->n - i) * sizeof(*l->at));
}

struct snap_entry *
list_find(const struct snap_list *l, uint64_t epoch)
{
	size_t i = place_of(l, epoch);

	return i < l->n && l->at[i].epoch == epoch ? &l->at[i] : NULL;
}

struct snap_entry *
list_newest(const struct snap_list *l)
{
	return l->n == 0 ? NULL : &l->at[l->n - 1];
}

struct snap_chain
list_chain(const struct snap_list *l, uint64_t epoch)
{
	struct snap_chain        chain = { 0 };
	const struct snap_entry *e = list_find(l, epoch);

	while (e != NULL && e->base != NO_BASE) {
		chain.n_deltas++;
		chain.delta_bytes += e->size_bytes;
		e = list_find(l, e->base);
	}
	if (e != NULL)
		chain.base_bytes = e->size_bytes;
	return chain;
}

/*
 * Kept: the newest of epoch <= COMMITTED - 1 (a power cut may undo the last rename of `commit`),
 * all above it, and all that these build on.  From the newest down, so that what a kept delta
 * builds on is known to be kept when its turn comes.
 */
int
list_prune(struct ckpt *ck, uint64_t committed, struct err *err)
{
	struct snap_list *l = &ck->snaps;
	uint64_t          safe = committed == 0 ? 0 : committed - 1;
	uint64_t          needed = NO_BASE;        /* by the oldest that was kept so far */
	bool              reached = false;         /* the newest of epoch <= safe */

	for (size_t i = l->n; i-- > 0; ) {
		struct snap_entry e = l->at[i];
		char              name[SNAP_NAME_BYTES];

		if (!reached || e.epoch == needed) {
			needed = e.base;
			reached = reached || e.epoch <= safe;
			continue;
		}
		snap_name(name, e.epoch);
		if (file_remove(&ck->own, name, err) != 0)
			return -1;
		list_drop(l, e.epoch);
	}
	return 0;
}
