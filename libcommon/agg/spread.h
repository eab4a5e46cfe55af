/*
 * spread - the variances and standard deviations
 *
 * n, Σx and Σx² are kept exactly, so nothing cancels, and neither the order of arrival nor merging
 * shows; (n·Σx² − (Σx)²) ÷ (n·(n−1)), or ÷ n² for a population, is rounded once, to 17 digits.
 */
#ifndef AGG_SPREAD_H
#define AGG_SPREAD_H

#include "agg/agg.h"
#include "base/num_dot.h"

struct spread {
	_Alignas(16) uint64_t n;
	struct num_dot x, xx;
};

void spread_add(void *acc, const struct agg_input *, struct arena *);
void spread_merge(void *acc, const void *from, const struct agg_args *, struct arena *);
void spread_save(const void *acc, struct buf *);                /* [n,Σx,Σx²] */
bool spread_load(void *acc, struct span json, struct arena *);

/* null where there are too few. */
void spread_put(const void *acc, struct buf *, bool population, bool root);

#endif
