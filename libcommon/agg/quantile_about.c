/*
 * quantile~ - a quantile within one per cent: DDSketch
 *
 * C. Masson, J. E. Rim, H. K. Lee, "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with
 * Relative-Error Guarantees", PVLDB 12(12), 2019.  Counts of values in buckets whose bounds grow by
 * a constant factor at most, so that a point inside is within 1 % of all values there.  Instead of
 * a logarithm a cubic polynomial through each power of two: it costs 1 % more buckets, and comes out
 * the same everywhere.  Nothing is ever collapsed, since numbers of 38 digits have no more than
 * 9,200 buckets of either sign.
 */
#include "agg/number.h"
#include "agg/saved.h"
#include "base/num_digits.h"

#include <stdio.h>
#include <stdlib.h>

/* Counts of the buckets first … first + cap - 1, of which low … high may be other than 0. */
struct buckets {
	uint64_t *counts;                    /* in the arena */
	int32_t   first, cap, low, high;     /* cap 0: none */
};

struct sketch {
	_Alignas(16) struct buckets above, below;
	uint64_t n_zero;
	uint64_t n;
};

enum { FIRST_CAP = 16, INDEX_MOST = 5000, SHOWN_DIGITS = 6 };

/* Buckets to a power of two.  Steepest at 10/7 of e's scale: exp(7 ÷ (10 × 36)) - 1 is 1.963 %. */
static const double per_octave = 36;

/* ---- values and buckets ---- */

static double
double_of(struct dec d)
{
	u128   magnitude = num_abs(d.coef);
	double v = (double)(uint64_t)(magnitude >> 64) * 18446744073709551616.0 + (double)(uint64_t)magnitude;

	if (d.scale > 19)
		return v / (double)num_pow10[19] / (double)num_pow10[d.scale - 19];
	return v / (double)num_pow10[d.scale];
}

/* Of a positive number; ascends with it. */
static __attribute__((noinline)) int32_t
index_of(double v)
{
	uint64_t bits;
	double   s, octave, place;

	memcpy(&bits, &v, sizeof(bits));
	octave = (double)((int)(bits >> 52) - 1023);
	s = (double)(bits & 0xFFFFFFFFFFFFFULL) / 4503599627370496.0;
	place = (octave + ((6 * s / 35 - 3.0 / 5) * s + 10.0 / 7) * s) * per_octave;
	return (int32_t)place - (place < (double)(int32_t)place);
}

/* The least number of a bucket: found by halving, in the order of the bits. */
static double
least_of(int32_t index)
{
	uint64_t low = 1ULL << 52, high = 0x7FEULL << 52;
	double   v;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		memcpy(&v, &middle, sizeof(v));
		if (index_of(v) >= index)
			high = middle;
		else
			low = middle + 1;
	}
	memcpy(&v, &low, sizeof(v));
	return v;
}

/* As far from both ends, measured against each. */
static double
middle_of(int32_t index)
{
	double low = least_of(index), high = least_of(index + 1);

	return 2 / (1 / low + 1 / high);
}

/* Room for INDEX: in place where the span fits, else in a larger place. */
static void
make_room(struct buckets *b, int32_t index, struct arena *arena)
{
	int32_t   low = b->cap == 0 || index < b->low ? index : b->low;
	int32_t   high = b->cap == 0 || index > b->high ? index : b->high;
	int32_t   span = high - low + 1, used = b->cap == 0 ? 0 : b->high - b->low + 1;
	int32_t   cap = b->cap == 0 ? FIRST_CAP : b->cap, first;
	uint64_t *to = b->counts;

	while (cap < span)
		cap *= 2;
	first = low - (cap - span) / 2;
	if (cap > b->cap)
		to = arena_alloc(arena, (size_t)cap * sizeof(to[0]));
	if (used > 0)
		memmove(to + (b->low - first), b->counts + (b->low - b->first), (size_t)used * sizeof(to[0]));
	for (int32_t i = 0; i < cap; i++)
		if (used == 0 || i < b->low - first || i > b->high - first)
			to[i] = 0;
	if (used == 0)
		b->low = b->high = index;
	*b = (struct buckets){ to, first, cap, b->low, b->high };
}

static void
count(struct buckets *b, int32_t index, uint64_t n, struct arena *arena)
{
	if (b->cap == 0 || index < b->first || index - b->first >= b->cap)
		make_room(b, index, arena);
	b->counts[index - b->first] += n;
	if (index < b->low)
		b->low = index;
	if (index > b->high)
		b->high = index;
}

static void
about_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	struct sketch *s = acc;

	s->n++;
	if (in->number.coef == 0)
		s->n_zero++;
	else
		count(in->number.coef > 0 ? &s->above : &s->below, index_of(double_of(in->number)), 1, arena);
}

static void
merge_buckets(struct buckets *b, const struct buckets *from, struct arena *arena)
{
	if (from->cap == 0)
		return;
	for (int32_t i = from->low; i <= from->high; i++)
		if (from->counts[i - from->first] != 0)
			count(b, i, from->counts[i - from->first], arena);
}

static void
about_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	struct sketch       *s = acc;
	const struct sketch *other = from;

	(void)args;
	s->n += other->n;
	s->n_zero += other->n_zero;
	merge_buckets(&s->above, &other->above, arena);
	merge_buckets(&s->below, &other->below, arena);
}

/* ---- the estimate ---- */

/* About the value that RANK others are not greater than. */
static double
value_at(const struct sketch *s, uint64_t rank)
{
	const struct buckets *b = &s->below;

	for (int32_t i = b->high; b->cap != 0 && i >= b->low; i--) {
		if (rank < b->counts[i - b->first])
			return -middle_of(i);
		rank -= b->counts[i - b->first];
	}
	if (rank < s->n_zero)
		return 0;
	rank -= s->n_zero;
	b = &s->above;
	for (int32_t i = b->low; b->cap != 0 && i <= b->high; i++) {
		if (rank < b->counts[i - b->first])
			return middle_of(i);
		rank -= b->counts[i - b->first];
	}
	return 0;                        /* not reached: the counts add up to n */
}

static void
put_double(struct buf *b, double v)
{
	char  text[40], *exponent;
	int   n = snprintf(text, sizeof(text), "%.*e", SHOWN_DIGITS - 1, v < 0 ? -v : v);
	uint64_t digits = 0;

	for (exponent = text; exponent < text + n && *exponent != 'e'; exponent++)
		if (*exponent >= '0' && *exponent <= '9')
			digits = digits * 10 + (uint64_t)(*exponent - '0');
	num_put_rounded(b, v < 0, digits, SHOWN_DIGITS - 1 - (int)strtol(exponent + 1, NULL, 10));
}

/* Between two values on the straight line, as quantile does. */
static bool
about_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	const struct sketch   *s = acc;
	const struct agg_args *args = scope->args;
	u128                   place;
	uint64_t               rank, behind;
	double                 v;

	if (s->n == 0) {
		buf_lit(b, "null");
		return true;
	}
	place = (u128)(s->n - 1) * args->part;
	rank = (uint64_t)(place / args->whole);
	behind = (uint64_t)(place % args->whole);
	v = value_at(s, rank);
	if (behind != 0)
		v += (value_at(s, rank + 1) - v) * ((double)behind / (double)args->whole);
	put_double(b, v);
	return true;
}

/* ---- save and load ---- */

static void
save_buckets(const struct buckets *s, struct buf *b)
{
	bool is_first = true;

	buf_char(b, '[');
	for (int32_t i = s->low; s->cap != 0 && i <= s->high; i++) {
		if (s->counts[i - s->first] == 0)
			continue;
		if (!is_first)
			buf_char(b, ',');
		is_first = false;
		buf_i64(b, i);
		buf_char(b, ',');
		buf_u64(b, s->counts[i - s->first]);
	}
	buf_char(b, ']');
}

/* [how many are 0,[bucket,count,…] below it,[bucket,count,…] above] */
static void
about_save(const void *acc, struct buf *b)
{
	const struct sketch *s = acc;

	buf_char(b, '[');
	buf_u64(b, s->n_zero);
	buf_char(b, ',');
	save_buckets(&s->below, b);
	buf_char(b, ',');
	save_buckets(&s->above, b);
	buf_char(b, ']');
}

static bool
load_buckets(struct sketch *s, struct buckets *b, struct span json, struct arena *arena)
{
	struct saved items;
	int64_t      index;
	uint64_t     n;

	if (!saved_open(&items, json))
		return false;
	while (!saved_at_end(&items)) {
		if (!saved_i64(&items, &index) || !saved_count(&items, &n) || index > INDEX_MOST ||
		    index < -INDEX_MOST || n == 0 || n > INT64_MAX - s->n)
			return false;
		count(b, (int32_t)index, n, arena);
		s->n += n;
	}
	return true;
}

static bool
about_load(void *acc, struct span json, struct arena *arena)
{
	struct sketch *s = acc;
	struct saved   items;
	struct span    below, above;

	if (!saved_open(&items, json) || !saved_count(&items, &s->n_zero))
		return false;
	s->n = s->n_zero;
	return saved_next(&items, &below) && load_buckets(s, &s->below, below, arena) &&
	    saved_next(&items, &above) && load_buckets(s, &s->above, above, arena) && saved_at_end(&items);
}

const struct agg_class agg_quantile_about = {
	.name = "quantile~",
	.help = "the same within 1 %, of any number of values in 1 to 40 KiB",
	.takes = "Pq",
	.size = sizeof(struct sketch),
	.check = agg_check_number,
	.add = about_add,
	.merge = about_merge,
	.result = about_result,
	.save = about_save,
	.load = about_load
};
