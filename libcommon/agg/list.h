/*
 * list - all values in the order of their arrival: what collect and concat have in common
 *
 * Texts one behind the other in the arena, 16 bytes beside each, twice that while the list grows and
 * until the window goes.  Lists that are merged and lie side by side in time are woven into a new one.
 */
#ifndef AGG_LIST_H
#define AGG_LIST_H

#include "agg/agg.h"

struct list {
	_Alignas(16) char *items;            /* in the arena */
	size_t   n_bytes, cap_bytes;
	uint64_t n, last;                    /* last: the greatest arrival */
};

/* A value in a list. */
struct list_item {
	uint64_t    arrival;
	struct span text;
};

void list_add(struct list *, struct list_item, struct arena *);
void list_merge(void *acc, const void *from, const struct agg_args *, struct arena *);

/* Walk the items: *at = 0 first. */
bool list_next(const struct list *, size_t *at, struct list_item *);

void list_save(const void *acc, struct buf *);                  /* [arrival,value,…] */
bool list_load(void *acc, struct span json, struct arena *);

#endif
