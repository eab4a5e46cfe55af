/*
 * window_ordered - groups put into the order of their first appearance, on disk if they are many
 */
#ifndef OP_WINDOW_ORDERED_H
#define OP_WINDOW_ORDERED_H

#include "base/buf.h"
#include "base/rank.h"
#include "state/spill.h"

struct window_ordered_run {
	uint64_t run, length_bytes;
};

struct window_ordered {
	struct spill              *spill;
	size_t                     most_bytes;   /* in memory */
	size_t                     piece_bytes;  /* of each run that is read */
	size_t                     most_runs;    /* that are read side by side */
	struct buf                 bytes;
	struct ranks               order;        /* places in it */
	struct window_ordered_run *runs;
	size_t                     n, cap;
};

/* SPILL is borrowed. */
void window_ordered_init(struct window_ordered *, struct spill *, size_t most_bytes, size_t piece_bytes, size_t most_runs);
void window_ordered_release(struct window_ordered *);        /* drops the runs that are left */

/* FIRST is below 2^63, and another one's each time; KEY may be SPAN_NONE. */
void window_ordered_add(struct window_ordered *, uint64_t first, struct span key, struct span accs);

/* Then: each of them, by FIRST, once.  TAKE says false: enough.  False: it did, or the spill has failed. */
bool window_ordered_give(struct window_ordered *, bool (*take)(void *cookie, struct span key, struct span accs), void *cookie);

#endif
