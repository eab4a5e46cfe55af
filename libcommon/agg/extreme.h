/*
 * extreme - the least or the greatest value seen: what min and max, argmin and top have in common
 *
 * Numbers come before strings (jq's order); numbers compare as numbers, exactly and at any length,
 * strings by their decoded bytes.  Among equal values the shortest text stands, then the first by
 * bytes, so that the order of arrival doesn't show.
 */
#ifndef AGG_EXTREME_H
#define AGG_EXTREME_H

#include "agg/agg.h"

enum { EXTREME_INLINE = 16 };

struct extreme {
	i128     coef;               /* where is_dec */
	int32_t  scale;
	uint8_t  kind;               /* SCAN_MISSING (0): nothing yet; SCAN_NUMBER, SCAN_STRING */
	bool     is_dec;
	bool     escaped;
	uint32_t n;                  /* of the text */
	uint32_t cap;                /* of `far`; 0: the text is in `near` */
	union {
		char  near[EXTREME_INLINE];
		char *far;           /* in the arena */
	};
};

bool extreme_check(const struct scan_value *, struct agg_input *, const char **reason);

/* The value of the input against the one that is kept. */
int  extreme_compare(const struct agg_input *, const struct extreme *);

/* Where they are equal: is the input's text the one to keep? */
bool extreme_is_shorter(const struct agg_input *, const struct extreme *);
void extreme_keep(struct extreme *, const struct agg_input *, struct arena *);

/* What is kept, as an input again; points into the extreme. */
void extreme_input(const struct extreme *, struct agg_input *);

/* DIRECTION: -1 keeps the least, 1 the greatest. */
void extreme_add(struct extreme *, const struct agg_input *, struct arena *, int direction);
void extreme_merge(struct extreme *, const struct extreme *, struct arena *, int direction);

bool extreme_result(const void *acc, const struct agg_scope *, struct buf *);
void extreme_save(const void *acc, struct buf *);
bool extreme_load(void *acc, struct span json, struct arena *);

#endif
