/*
 * pick - the value that goes with the least or the greatest of another path
 *
 * Of several such records the earliest counts, by event time, then by arrival.
 */
#ifndef AGG_PICK_H
#define AGG_PICK_H

#include "agg/extreme.h"
#include "agg/kept.h"

struct pick {
	struct extreme by;           /* SCAN_MISSING: nothing yet */
	_Alignas(16) struct agg_at at;
	struct kept    value;
};

bool pick_check(const struct scan_value *, struct agg_input *, const char **reason);

/* DIRECTION: -1 goes by the least, 1 by the greatest. */
void pick_add(struct pick *, const struct agg_input *, struct arena *, int direction);
void pick_merge(struct pick *, const struct pick *, struct arena *, int direction);

bool pick_result(const void *acc, const struct agg_scope *, struct buf *);
void pick_save(const void *acc, struct buf *);                  /* null, or [by,ts,arrival,value] */
bool pick_load(void *acc, struct span json, struct arena *);

#endif
