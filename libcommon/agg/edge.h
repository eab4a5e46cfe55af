/*
 * edge - the first or the last value by event time
 *
 * Of several of one time the one that arrived first, or last.  Values stay the text they were.
 */
#ifndef AGG_EDGE_H
#define AGG_EDGE_H

#include "agg/agg.h"
#include "agg/kept.h"

struct edge {
	_Alignas(16) struct agg_at at;
	bool        is_there;
	struct kept value;
};

/* LAST: keep the later one. */
void edge_add(struct edge *, const struct agg_input *, struct arena *, bool last);
void edge_merge(struct edge *, const struct edge *, struct arena *, bool last);

bool edge_result(const void *acc, const struct agg_scope *, struct buf *);
void edge_save(const void *acc, struct buf *);                  /* null, or [ts,arrival,value] */
bool edge_load(void *acc, struct span json, struct arena *);

#endif
