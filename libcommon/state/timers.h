/*
 * timers - what is due when
 *
 * A heap: adding and taking are O(log n).  Nothing is ever found or taken out of the middle; whoever
 * owns what a number stands for knows whether it still means something.
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

/* {0} is a good empty one. */
struct timers {
	struct timer *heap;
	size_t        n, cap;
};

void timers_add(struct timers *, struct timer);

/* The earliest, if it is due by NOW_MS, and taken out. */
bool timers_take(struct timers *, int64_t now_ms, struct timer *);

void timers_release(struct timers *);

#endif
