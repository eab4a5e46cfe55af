/*
 * ranking - the n best values, or what goes with them: what top and bottom have in common
 *
 * top(PATH,n) keeps values: of equal ones the shorter text stands in front, so that the order of
 * arrival doesn't show.  top(PATH,n,PATH2) keeps what is at PATH, by the value at PATH2; of equal
 * ones the earlier record stands in front, by event time, then by arrival.
 */
#ifndef AGG_RANKING_H
#define AGG_RANKING_H

#include "agg/agg.h"

struct ranked;

struct ranking {
	_Alignas(16) struct ranked *places;  /* both in the arena */
	uint32_t *order;                     /* numbers of places, the best first */
	uint32_t  n, cap;
};

bool ranking_check(const struct scan_value *, struct agg_input *, const char **reason);

/* DIRECTION: 1 for the greatest, -1 for the least. */
void ranking_add(struct ranking *, const struct agg_input *, struct arena *, int direction);
void ranking_merge(struct ranking *, const struct ranking *, const struct agg_args *, struct arena *,
                   int direction);

bool ranking_result(const void *acc, const struct agg_scope *, struct buf *);
void ranking_save(const void *acc, struct buf *);       /* [by,…] or [[by,ts,arrival,value],…] */
bool ranking_load(void *acc, struct span json, struct arena *);

#endif
