/*
 * dedup_horizon - how many ids there are that are not forgotten, and forgetting them
 *
 * Forgetting goes by steps of a sixteenth of the horizon: ids of one step are counted together, and
 * when the watermark passes it they are all gone from what counts (and is saved) at once.  Their
 * entries go from the set later, a few thousand at a time while the stream goes on, so that no
 * watermark has much to do and each entry costs a few looks in its life.  Where a step ends shows in
 * no output: whether an id is known is judged by its own time.
 */
#ifndef OP_DEDUP_HORIZON_H
#define OP_DEDUP_HORIZON_H

#include <stdbool.h>
#include <stdint.h>

#include "state/ids.h"
#include "state/order.h"

struct horizon_step;

struct horizon {
	int64_t      within_ms;
	int64_t      step_ms;
	int64_t      gone;           /* the last step that the watermark has passed */
	struct order steps;          /* of struct horizon_step */
	struct horizon_step *recent; /* one of them, or NULL */
	uint64_t     n;              /* ids in steps that are not gone */
	uint32_t     shard;          /* to be swept next */
	uint32_t     shards_left;    /* of this round */
};

void horizon_init(struct horizon *, int64_t within_ms);
void horizon_release(struct horizon *);

/* The step in which an id of that time goes; and is it gone? */
int64_t horizon_step(const struct horizon *, int64_t ts_ms);

static inline bool
horizon_is_gone(const struct horizon *h, int64_t step)
{
	return step <= h->gone;
}

void horizon_add(struct horizon *, int64_t ts_ms);
void horizon_take(struct horizon *, int64_t ts_ms);

/* The watermark is at TS. */
void horizon_watermark(struct horizon *, int64_t ts_ms);

/*
 * Let entries go for which IS_LIVE says no, if they are many beside the N_LIVE others; LOOKS entries
 * are looked at, and a shard more at most.
 */
void horizon_sweep(struct horizon *, struct ids *, uint64_t n_live, uint64_t looks,
                   bool (*is_live)(const void *cookie, const uint64_t *entry), const void *cookie);

#endif
