/*
 * heads - which of several sorted runs has the least head
 *
 * A binary heap with the keys in it, so that a comparison touches no run; a run is a small number,
 * and its place in the heap is known, so that its key can change.  Keys are (time, number), all
 * different.  O(log n) a step, and next to nothing where one run is left.
 */
#ifndef STATE_HEADS_H
#define STATE_HEADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heads_key {
	int64_t  ts_ms;
	uint64_t number;
};

struct heads_item {
	struct heads_key key;
	uint32_t         run;
};

/* {0} is a good empty one. */
struct heads {
	struct heads_item *heap;
	uint32_t          *place;        /* by run, in the heap */
	size_t             n, cap, cap_places;
};

static inline bool
heads_before(struct heads_key a, struct heads_key b)
{
	return a.ts_ms < b.ts_ms || (a.ts_ms == b.ts_ms && a.number < b.number);
}

/* The run with the least head; NULL: there is none. */
static inline const struct heads_item *
heads_first(const struct heads *m)
{
	return m->n == 0 ? NULL : &m->heap[0];
}

void heads_release(struct heads *);

/* RUN, which is not in it, has this head. */
void heads_add(struct heads *, uint32_t run, struct heads_key);

/* The first run's head has gone: this is the next, a later one. */
void heads_replace_first(struct heads *, struct heads_key);

/* The first run is empty. */
void heads_take_first(struct heads *);

/* RUN, which is in it, has a new head, before the old one. */
void heads_lower(struct heads *, uint32_t run, struct heads_key);

size_t heads_bytes(const struct heads *);

#endif
