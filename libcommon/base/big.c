/* big - natural numbers of up to 2304 bits, and what is rounded from them */
#include "base/big.h"

#include <assert.h>

#include "base/num_digits.h"

enum { ROUNDED_DIGITS = 17 };

static void
trim(struct big *b)
{
	while (b->n > 0 && b->limbs[b->n - 1] == 0)
		b->n--;
}

void
big_set(struct big *b, uint64_t v)
{
	b->limbs[0] = v;
	b->n = v != 0;
}

void
big_from_limbs(struct big *b, const uint64_t *limbs, int n)
{
	assert(n <= BIG_LIMBS);
	memcpy(b->limbs, limbs, (size_t)n * sizeof(limbs[0]));
	b->n = n;
	trim(b);
}

int
big_bits(const struct big *b)
{
	return b->n == 0 ? 0 : 64 * b->n - __builtin_clzll(b->limbs[b->n - 1]);
}

int
big_cmp(const struct big *a, const struct big *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (int i = a->n; i-- > 0; )
		if (a->limbs[i] != b->limbs[i])
			return a->limbs[i] < b->limbs[i] ? -1 : 1;
	return 0;
}

static void
push(struct big *b, uint64_t limb)
{
	assert(b->n < BIG_LIMBS);
	b->limbs[b->n++] = limb;
}

void
big_add(struct big *a, const struct big *b)
{
	u128 carry = 0;

	while (a->n < b->n)
		push(a, 0);
	for (int i = 0; i < a->n; i++) {
		carry += (u128)a->limbs[i] + (i < b->n ? b->limbs[i] : 0);
		a->limbs[i] = (uint64_t)carry;
		carry >>= 64;
	}
	if (carry != 0)
		push(a, (uint64_t)carry);
}

void
big_sub(struct big *a, const struct big *b)
{
	uint64_t borrow = 0;

	for (int i = 0; i < a->n; i++) {
		u128 take = (u128)(i < b->n ? b->limbs[i] : 0) + borrow;

		borrow = a->limbs[i] < take;
		a->limbs[i] -= (uint64_t)take;
	}
	assert(borrow == 0);
	trim(a);
}

void
big_mul(struct big *to, const struct big *a, const struct big *b)
{
	assert(a->n + b->n <= BIG_LIMBS);
	memset(to->limbs, 0, (size_t)(a->n + b->n) * sizeof(to->limbs[0]));
	for (int i = 0; i < a->n; i++) {
		u128 carry = 0;

		for (int j = 0; j < b->n; j++) {
			carry += (u128)a->limbs[i] * b->limbs[j] + to->limbs[i + j];
			to->limbs[i + j] = (uint64_t)carry;
			carry >>= 64;
		}
		to->limbs[i + b->n] = (uint64_t)carry;
	}
	to->n = a->n + b->n;
	trim(to);
}

/* b = b × factor + more */
static void
scale_add(struct big *b, uint64_t factor, uint64_t more)
{
	u128 carry = more;

	for (int i = 0; i < b->n; i++) {
		carry += (u128)b->limbs[i] * factor;
		b->limbs[i] = (uint64_t)carry;
		carry >>= 64;
	}
	if (carry != 0)
		push(b, (uint64_t)carry);
	trim(b);
}

void
big_scale(struct big *b, uint64_t factor)
{
	scale_add(b, factor, 0);
}

void
big_scale_pow10(struct big *b, int k)
{
	for (; k > 19; k -= 19)
		scale_add(b, num_pow10[19], 0);
	scale_add(b, num_pow10[k], 0);
}

static void
halve(struct big *b)
{
	for (int i = 0; i < b->n; i++)
		b->limbs[i] = b->limbs[i] >> 1 | (i + 1 < b->n ? b->limbs[i + 1] << 63 : 0);
	trim(b);
}

static void
shift_up(struct big *b, int bits)
{
	for (; bits >= 32; bits -= 32)
		scale_add(b, 1ULL << 32, 0);
	scale_add(b, 1ULL << bits, 0);
}

/* The quotient, of at most 127 bits; A becomes the remainder. */
static u128
divide(struct big *a, const struct big *by)
{
	struct big d = *by;
	int        shift = big_bits(a) - big_bits(by);
	u128       q = 0;

	assert(shift < 127);
	if (shift < 0)
		return 0;
	shift_up(&d, shift);
	for (; shift >= 0; shift--) {
		q <<= 1;
		if (big_cmp(a, &d) >= 0) {
			big_sub(a, &d);
			q |= 1;
		}
		halve(&d);
	}
	return q;
}

/* ---- text ---- */

static uint64_t
divide_small(struct big *b, uint64_t by)
{
	uint64_t rest = 0;

	for (int i = b->n; i-- > 0; ) {
		u128 part = (u128)rest << 64 | b->limbs[i];

		b->limbs[i] = (uint64_t)(part / by);
		rest = (uint64_t)(part % by);
	}
	trim(b);
	return rest;
}

void
big_put(struct buf *to, const struct big *b)
{
	char       place[BIG_LIMBS * 20], *end = place + sizeof(place), *p = end;
	struct big left = *b;

	while (left.n > 0) {
		uint64_t part = divide_small(&left, num_pow10[19]);

		p = num_digits_write(p, part, left.n > 0 ? 19 : 0);
	}
	buf_put(to, p, (size_t)(end - p));
}

bool
big_parse(struct big *b, struct span digits)
{
	b->n = 0;
	if (digits.n > BIG_LIMBS * 19)
		return false;
	for (size_t i = 0; i < digits.n; i++) {
		uint64_t digit = (uint64_t)(unsigned char)digits.p[i] - '0';

		if (digit > 9)
			return false;
		if (b->n == 0)
			big_set(b, digit);
		else
			scale_add(b, 10, digit);
	}
	return true;
}

/* ---- rounding ---- */

/* A quotient as floor, what is left over, and by what it was left. */
struct quotient {
	u128       floor;
	struct big rest, under;
};

/* over × 10^k ÷ under */
static void
divide_scaled(struct quotient *q, const struct big *over, const struct big *under, int k)
{
	q->rest = *over;
	q->under = *under;
	if (k >= 0)
		big_scale_pow10(&q->rest, k);
	else
		big_scale_pow10(&q->under, -k);
	q->floor = divide(&q->rest, &q->under);
}

/* A power of ten, a multiple of STEP, that brings the quotient into [10^(most-step), 10^most). */
static int
bring_into(struct quotient *q, const struct big *over, const struct big *under, int most, int step)
{
	int magnitude = (big_bits(over) - big_bits(under)) * 1233 / 4096;
	int k = (most - 1 - magnitude) / step * step;

	for (;; k -= step) {
		divide_scaled(q, over, under, k);
		if (q->floor < num_power(most))
			break;
	}
	while (q->floor < num_power(most - step))
		divide_scaled(q, over, under, k += step);
	return k;
}

static void
put(struct buf *to, bool negative, u128 digits, int scale)
{
	num_put_rounded(to, negative, (uint64_t)digits, scale);
}

void
big_put_ratio(struct buf *to, bool negative, const struct big *over, const struct big *under, int scale)
{
	struct quotient q;
	int             k, order;

	if (over->n == 0) {
		buf_char(to, '0');
		return;
	}
	k = bring_into(&q, over, under, ROUNDED_DIGITS, 1);
	big_scale(&q.rest, 2);
	order = big_cmp(&q.rest, &q.under);
	put(to, negative, q.floor + (order > 0 || (order == 0 && (q.floor & 1))), scale + k);
}

static uint64_t
root_of(u128 v)
{
	uint64_t root = 0;

	for (uint64_t bit = 1ULL << 62; bit != 0; bit >>= 1)
		if ((u128)(root | bit) * (root | bit) <= v)
			root |= bit;
	return root;
}

/* Is the root of floor + rest ÷ under, S by its floor, nearer to S + 1?  (S + ½)² = S² + S + ¼. */
static bool
rounds_up(struct quotient *q, uint64_t s)
{
	u128 half = (u128)s * s + s;
	int  order;

	if (q->floor != half)
		return q->floor > half;
	big_scale(&q->rest, 4);
	order = big_cmp(&q->rest, &q->under);
	return order > 0 || (order == 0 && (s & 1));
}

void
big_put_root(struct buf *to, bool negative, const struct big *over, const struct big *under, int scale)
{
	struct quotient q;
	uint64_t        s;
	int             k;

	if (over->n == 0) {
		buf_char(to, '0');
		return;
	}
	assert(scale % 2 == 0);
	k = bring_into(&q, over, under, 2 * ROUNDED_DIGITS, 2);
	s = root_of(q.floor);
	put(to, negative, s + rounds_up(&q, s), (scale + k) / 2);
}
