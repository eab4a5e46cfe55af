/*
 * num - exact decimals, integers, sizes
 *
 * A decimal is coefficient × 10^-scale; sums of decimals are exact.  JSON numbers come in as text
 * and leave as text, so that 0.1 + 0.2 is 0.3 and 2^53 + 1 stays what it is.  No locale.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

__extension__ typedef __int128 i128;

/*
 * value = coef × 10^-scale; 0 <= scale <= NUM_MAX_SCALE; |coef| < 10^38; no trailing zeros in coef
 * unless scale is 0.
 */
struct dec {
	i128    coef;
	int32_t scale;
};

enum { NUM_MAX_DIGITS = 38, NUM_MAX_SCALE = 38 };

/*
 * A valid JSON number (as scan found it) to a decimal, exactly.  False: more than 38 significant
 * digits (trailing zeros do not count), |value| >= 10^38, or more than 38 digits behind the point.
 */
bool num_parse(struct span text, struct dec *);

/*
 * A valid JSON number of at most 16 characters, the sign aside, without an exponent: its digits, and how many of them
 * stand behind the point (0.50: 50 and 2).  False: another.
 */
bool num_short(struct span text, int64_t *digits, int *scale);

/* <0, 0, >0.  Exact. */
int  num_cmp(struct dec, struct dec);

/* Compare two valid JSON numbers of any length exactly, as text (also beyond 38 digits, 1e400). */
int  num_cmp_text(struct span, struct span);

/* Append in plain decimal notation, shortest: 12.5, -3, 0.3; never an exponent. */
void num_put(struct buf *, struct dec);

/*
 * sum: an accumulator wide enough that no number of additions (< 2^64) and merges overflows.
 * Zeroed is empty.  Small values stay in `fast`; others move to `wide` (fixed point, 10^-38, two's
 * complement, least limb first).  64 bytes.
 */
struct num_sum {
	union {
		uint64_t wide[6];
		i128     fast;   /* × 10^-fast_scale */
	};
	int32_t  fast_scale;
	bool     is_wide;
	uint64_t n;              /* how many were added, merged ones too; the sum does without */
};

void num_sum_add(struct num_sum *, struct dec);
void num_sum_merge(struct num_sum *, const struct num_sum *);
void num_sum_put(struct buf *, const struct num_sum *);    /* exact, plain, any length: for save */
bool num_sum_parse(struct num_sum *, struct span text);    /* what num_sum_put wrote; n is 0 */
bool num_sum_result(const struct num_sum *, struct buf *); /* false: more than 38 digits */

/*
 * sum ÷ n (n > 0), rounded half-even to 17 significant digits; plain notation, an exponent
 * (1.5e-30) only below 1e-6 or from 1e21.
 */
void num_sum_mean(const struct num_sum *, uint64_t n, struct buf *);

/* The same notation for DIGITS × 10^-SCALE. */
void num_put_rounded(struct buf *, bool negative, uint64_t digits, int scale);

/* Whole text to int64: an optional '-' and digits.  False: empty, other bytes, out of range. */
bool num_i64(struct span text, int64_t *);

/* The same for a JSON number, written 1e3 or 2.0 if it likes, whose value is an integer in range. */
bool num_json_i64(struct span text, int64_t *);

/*
 * A valid JSON number of any length times 10^SHIFT, rounded towards minus infinity.  False: out of
 * range.  SHIFT: -100 … 100.
 */
bool num_floor(struct span text, int shift, int64_t *);

/* Of a valid JSON number: N with 10^(N-1) <= |value| < 10^N, cut at ±10^18; of zero INT64_MIN. */
int64_t num_magnitude(struct span text);

/*
 * "64K" "1M" "2G" "512" (powers of 1024; B may follow; KB MB GB are powers of 1000, KiB MiB GiB of
 * 1024; T P E too; either case).  -1 and ERR_USAGE: reason.
 */
int  num_size(const char *text, uint64_t *bytes, struct err *);

#endif
