/*
 * num_digits - powers of ten, and numbers as rows of digits
 *
 * What num.c and num_sum.c share; nobody else needs it.
 */
#ifndef BASE_NUM_DIGITS_H
#define BASE_NUM_DIGITS_H

#include "base/num.h"

__extension__ typedef unsigned __int128 u128;

enum { DIGITS_MAX = 120 };               /* 384 bits are 116 */

/* digits × 10^-scale; the digits are characters, most significant first, none for zero. */
struct digits {
	bool        negative;
	int         n;
	int         scale;
	const char *first;               /* into place */
	char        place[DIGITS_MAX];
};

extern const uint64_t num_pow10[20];     /* 10^0 … 10^19 */

static inline u128
num_power(int k)                         /* 10^k, 0 <= k <= 38 */
{
	return k < 20 ? num_pow10[k] : (u128)num_pow10[19] * num_pow10[k - 19];
}

/* Of what num_short gave: <0, 0, >0. */
static inline int
num_cmp_short(int64_t x, int x_scale, int64_t y, int y_scale)
{
	i128 left = x, right = y;

	if (x_scale < y_scale)
		left *= num_pow10[y_scale - x_scale];
	else if (x_scale > y_scale)
		right *= num_pow10[x_scale - y_scale];
	return (left > right) - (left < right);
}

static inline u128
num_abs(i128 v)
{
	return v < 0 ? -(u128)v : (u128)v;
}

int  num_count_digits(u128);             /* 0 for 0 */

/* MAGNITUDE × 10^-SCALE, positive, without trailing zeros where scale > 0. */
void num_digits_set(struct digits *, u128 magnitude, int scale);

/* Drop trailing zeros behind the point. */
void num_digits_trim(struct digits *);

/* In plain notation: 12.5, 0.003, 1200. */
void num_digits_put(struct buf *, const struct digits *);

/* Write V at the end of the space before END, padded with zeros to WIDTH; where it begins. */
char *num_digits_write(char *end, uint64_t v, int width);

#endif
