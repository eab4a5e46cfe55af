/*
 * big - natural numbers of up to 2304 bits, and what is rounded from them
 *
 * For results only: sums of products that are exact (num_dot.h) become a variance or a correlation
 * here, rounded once, at the end.  Values are copied freely; who uses them knows that they fit, and
 * an assertion says so.
 */
#ifndef BASE_BIG_H
#define BASE_BIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

enum { BIG_LIMBS = 36 };

struct big {
	int      n;                          /* limbs in use; the last of them is not 0 */
	uint64_t limbs[BIG_LIMBS];           /* least first */
};

void big_set(struct big *, uint64_t);
void big_from_limbs(struct big *, const uint64_t *, int n);
int  big_bits(const struct big *);
int  big_cmp(const struct big *, const struct big *);
void big_add(struct big *, const struct big *);
void big_sub(struct big *, const struct big *);      /* what is taken is not greater */
void big_mul(struct big *to, const struct big *, const struct big *);    /* TO is another */
void big_scale(struct big *, uint64_t factor);
void big_scale_pow10(struct big *, int k);           /* k >= 0 */

/* All digits, none for zero; and digits, of which there may be none, to a number.  False: too long. */
void big_put(struct buf *, const struct big *);
bool big_parse(struct big *, struct span digits);

/*
 * Append over ÷ under × 10^-scale, or its square root (scale even), rounded half to even to 17
 * significant digits, in the notation of num_sum_mean.  UNDER is not zero.
 */
void big_put_ratio(struct buf *, bool negative, const struct big *over, const struct big *under, int scale);
void big_put_root(struct buf *, bool negative, const struct big *over, const struct big *under, int scale);

#endif
