/*
 * truth - was there a true, was there a false: what any and all have in common
 */
#ifndef AGG_TRUTH_H
#define AGG_TRUTH_H

#include "agg/agg.h"

struct truth {
	_Alignas(16) bool some_true;
	bool some_false;
};

bool truth_check(const struct scan_value *, struct agg_input *, const char **reason);
void truth_add(void *acc, const struct agg_input *, struct arena *);
void truth_merge(void *acc, const void *from, const struct agg_args *, struct arena *);
void truth_save(const void *acc, struct buf *);                 /* [whether true, whether false] */
bool truth_load(void *acc, struct span json, struct arena *);

#endif
