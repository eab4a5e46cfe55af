/*
 * window_slide - sums of panes for windows that follow one another
 *
 * A window is put together from its panes, but not from all of them each time: it is cut in two.
 * For each pane of the older part there is, by key, the sum of that pane and the younger ones of the
 * part; of the younger part there is one sum by key, to which each new pane is added.  So a window
 * is two sums a key, however many panes it has, and a pane is added twice in its life: when it comes,
 * and when the older part is used up and the younger takes its place.
 *
 * Panes: Li et al., "No pane, no gain", 2005.  The two parts: the two stacks of Tangwongsan,
 * Hirzel, Schneider and Wu, "General incremental sliding-window aggregation", 2015 (theirs is one
 * window; here it is one a key, and where a key has nothing in a pane it has no sum there).
 *
 * None of this is state: it is made from the panes when a window asks for it, holds what they hold,
 * is not saved, and shows in nothing that comes out.  A record for a pane that is in already is added
 * here too (window_slide_add).  It takes about as much memory as the panes; where sums of values of variable
 * length would take more than the panes themselves, a window is put together from all its panes for a while.
 */
#ifndef OP_WINDOW_SLIDE_H
#define OP_WINDOW_SLIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/rank.h"
#include "base/span.h"
#include "op/op.h"
#include "op/window_assign.h"

struct window;
struct slide_slot;

/* A key and its sums, both in the table of slots: what is in that stays where it is. */
struct slide_key {
	struct span        key;
	struct slide_slot *slot;
};

/* {0} but for done_ms, which is INT64_MIN, is a good empty one. */
struct window_slide {
	struct store       *slots;       /* by key: its sums; NULL: none yet */
	struct store_space *space;       /* of them; NULL: nothing is in */
	bool                only_known;  /* of no other keys than those that were made known */
	unsigned            n_plain;     /* so many more times the older part is left out */
	int64_t             start_ms;    /* of the window it stands at */
	int64_t             back_ms;     /* where the younger part begins */
	int64_t             done_ms;     /* panes before that are in; INT64_MIN: none */
	struct arena        front, back; /* the older part; what the values of the younger one hold */
	struct slide_key   *keys;        /* by the number of their entries */
	size_t              n_keys, cap_keys;
	struct ranks        order;       /* places in them */
};

/* Of a few keys alone, for windows that speak together: begin, say which keys, then go from window to window. */
void window_slide_begin(struct window *, struct window_slide *);
void window_slide_know(struct window *, struct window_slide *, struct span key);

/* Go to a window, which has a pane.  Cheap if its bounds are not before the last one's. */
void window_slide_to(struct window *, struct window_slide *, struct window_at);

/* The results of the window it stands at, by the keys' first arrival; CHANGED_ONLY: in this tick. */
void window_slide_put(struct window *, struct window_slide *, bool changed_only, struct emit *);

/* The value of the one key that was made known. */
const char *window_slide_one(struct window *, struct window_slide *);

/* The record at hand has gone to a pane that is in. */
void window_slide_add(struct window *, struct window_slide *, int64_t pane_ms, struct span key);

/* The panes may be others. */
void     window_slide_forget(struct window_slide *);
uint64_t window_slide_bytes(const struct window_slide *);
void     window_slide_release(struct window_slide *);

#endif
