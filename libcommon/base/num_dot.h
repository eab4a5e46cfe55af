/*
 * num_dot - exact sums of products
 *
 * Σ a·b of decimals, with which sums of squares and mixed ones are exact, however they are divided
 * and put together again: what is rounded is rounded once, in the result.  Small values stay in
 * 128 bits; others go to 640 bits at 10^-76, in the arena.  No number of additions (< 2^64)
 * overflows.  Zeroed is empty.
 */
#ifndef BASE_NUM_DOT_H
#define BASE_NUM_DOT_H

#include "base/arena.h"
#include "base/big.h"
#include "base/num.h"

enum { NUM_DOT_LIMBS = 10, NUM_DOT_SCALE = 2 * NUM_MAX_SCALE };

struct num_dot {
	i128      fast;                  /* × 10^-scale, where wide is NULL */
	uint64_t *wide;                  /* two's complement, least limb first; in the arena */
	int32_t   scale;
};

void num_dot_add(struct num_dot *, struct dec, struct dec, struct arena *);
void num_dot_merge(struct num_dot *, const struct num_dot *, struct arena *);
void num_dot_put(struct buf *, const struct num_dot *);          /* exact, plain, any length: for save */
bool num_dot_parse(struct num_dot *, struct span, struct arena *);   /* what num_dot_put wrote */

/* |Σ| × 10^NUM_DOT_SCALE, and whether Σ < 0. */
bool num_dot_big(const struct num_dot *, struct big *);

#endif
