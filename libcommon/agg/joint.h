/*
 * joint - two numbers of each record: what corr and slope have in common
 *
 * All sums are exact, as in spread.h.  Records where one of the two is null are left out.
 */
#ifndef AGG_JOINT_H
#define AGG_JOINT_H

#include "agg/agg.h"
#include "base/num_dot.h"

struct joint {
	_Alignas(16) uint64_t n;
	struct num_dot y, x, yy, xx, yx;     /* y: the first path's, x: the second's */
};

/* × n² × 10^152: the variances, and how both go together. */
struct joint_moments {
	struct big yy, xx, yx;
	bool       yx_negative;
};

void joint_add(void *acc, const struct agg_input *, struct arena *);
void joint_merge(void *acc, const void *from, const struct agg_args *, struct arena *);
void joint_save(const void *acc, struct buf *);                 /* [n,Σy,Σx,Σy²,Σx²,Σyx] */
bool joint_load(void *acc, struct span json, struct arena *);
void joint_moments(const struct joint *, struct joint_moments *);

#endif
