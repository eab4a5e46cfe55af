/*
 * timers - what is due when
 *
 * A radix heap (Ahuja, Mehlhorn, Orlin and Tarjan, "Faster algorithms for the shortest path problem",
 * 1990): time goes up only, so timers lie in heaps by the highest bit in which they differ from the
 * last one taken, and a heap is dealt out over the lower ones when its turn comes.  A timer moves
 * at most once a bit, and always from one end of memory to the other: a million of them cost no
 * walk through a tree that no cache holds.  Nothing is ever found or taken out of the middle;
 * whoever owns what a number stands for knows whether it still means something.
 */
#ifndef STATE_TIMERS_H
#define STATE_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
	int64_t  at_ms;
	uint64_t number;
};

enum { TIMER_HEAPS = 65 };

struct timer_heap {
	struct timer *all;
	size_t        n, cap;
	int64_t       first_ms;          /* the earliest in it */
};

/* {0} is a good empty one. */
struct timers {
	struct timer_heap heaps[TIMER_HEAPS];    /* 0: due now, of the same time as the last, or before */
	int64_t           last_ms;
	size_t            n;
};

void timers_add(struct timers *, struct timer);

/* One that is due by NOW_MS, and taken out: the earliest, of those behind the last one taken. */
bool timers_take(struct timers *, int64_t now_ms, struct timer *);

size_t timers_bytes(const struct timers *);
void   timers_release(struct timers *);

#endif
