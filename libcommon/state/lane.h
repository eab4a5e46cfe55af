/*
 * lane - things in order of time, then arrival
 *
 * What is kept of one key and side of a join.  Most lanes hold a thing or a few, some a million: one
 * thing lies in the lane itself, some dozens in an array that grows and shrinks, more in blocks of an
 * array in two levels.  Finding is binary; putting in and taking out move a block's worth of pointers at
 * most, and at both ends, where time mostly comes and goes, next to nothing.  8 bytes a thing.
 */
#ifndef STATE_LANE_H
#define STATE_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* First member of what lies in a lane.  No two may have the same time and order. */
struct lane_item {
	int64_t  ts_ms;
	uint64_t order;              /* among those of one time */
};

/* {0} is a good empty one. */
struct lane {
	void    *at;                 /* cap 0: the thing, or NULL; LANE_BLOCKED: blocks; else an array of things */
	uint32_t n;
	uint32_t cap;
};

/* A place in a lane; good until something is put in or taken out. */
struct lane_place {
	uint32_t block, i;
};

void lane_put(struct lane *, struct lane_item *);
void lane_take(struct lane *, const struct lane_item *);     /* it must be there */
void lane_release(struct lane *);                            /* the lane, not the things */

/* Before the first that is not below (ts, order). */
struct lane_place lane_seek(const struct lane *, int64_t ts_ms, uint64_t order);

/* The thing behind the place, which moves over it / the one in front of it, likewise.  NULL: none. */
struct lane_item *lane_next(const struct lane *, struct lane_place *);
struct lane_item *lane_previous(const struct lane *, struct lane_place *);

/* With this time and order; NULL: none. */
struct lane_item *lane_find(const struct lane *, int64_t ts_ms, uint64_t order);

struct lane_item *lane_first(const struct lane *);           /* NULL: it is empty */

size_t lane_bytes(const struct lane *);

#endif
