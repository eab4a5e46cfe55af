/*
 * kept - a text that an accumulator holds on to
 *
 * Short ones lie in place, others in the arena, where room once taken stays and grows by doubling.
 * Zeroed is the empty text.
 */
#ifndef AGG_KEPT_H
#define AGG_KEPT_H

#include "base/arena.h"
#include "base/span.h"

enum { KEPT_NEAR = 24 };

struct kept {
	uint32_t n;
	uint32_t cap;                /* of `far`; 0: the text is in `near` */
	union {
		char  near[KEPT_NEAR];
		char *far;
	};
};

void kept_set(struct kept *, struct span, struct arena *);

/* Lives as long as K stays where it is, and is not set. */
static inline struct span
kept_text(const struct kept *k)
{
	return span_of(k->cap == 0 ? k->near : k->far, k->n);
}

#endif
