/*
 * num_sum - exact sums and means
 *
 * A sum lives in 128 bits as long as it can, at the finest scale it has seen; what does not fit
 * moves to 384 bits at 10^-38.  2^64 values below 10^38 are below 2^318 there.
 */
#include "base/num.h"
#include "base/num_digits.h"

enum { LIMBS = 6 };

/* 384 bits, least limb first */

static void
limbs_from(uint64_t *w, u128 v)
{
	memset(w, 0, LIMBS * sizeof(w[0]));
	w[0] = (uint64_t)v;
	w[1] = (uint64_t)(v >> 64);
}

static bool
limbs_are_zero(const uint64_t *w)
{
	uint64_t any = 0;

	for (int i = 0; i < LIMBS; i++)
		any |= w[i];
	return any == 0;
}

static int
limbs_bits(const uint64_t *w)
{
	for (int i = LIMBS; i-- > 0; )
		if (w[i] != 0)
			return 64 * (i + 1) - __builtin_clzll(w[i]);
	return 0;
}

static void
limbs_add(uint64_t *w, const uint64_t *v)
{
	u128 carry = 0;

	for (int i = 0; i < LIMBS; i++) {
		carry += (u128)w[i] + v[i];
		w[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

static void
limbs_negate(uint64_t *w)
{
	u128 carry = 1;

	for (int i = 0; i < LIMBS; i++) {
		carry += (u128)~w[i];
		w[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

/* w = w × m + add */
static void
limbs_mul(uint64_t *w, uint64_t m, uint64_t add)
{
	u128 carry = add;

	for (int i = 0; i < LIMBS; i++) {
		carry += (u128)w[i] * m;
		w[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

static void
limbs_mul_pow10(uint64_t *w, int k)
{
	for (; k > 19; k -= 19)
		limbs_mul(w, num_pow10[19], 0);
	limbs_mul(w, num_pow10[k], 0);
}

/* w = w ÷ d; the remainder. */
static uint64_t
limbs_div(uint64_t *w, uint64_t d)
{
	uint64_t rest = 0;

	for (int i = LIMBS; i-- > 0; ) {
		u128 part = (u128)rest << 64 | w[i];

		if (part == 0)
			continue;
		w[i] = (uint64_t)(part / d);
		rest = (uint64_t)(part % d);
	}
	return rest;
}

static bool
limbs_are_negative(const uint64_t *w)
{
	return w[LIMBS - 1] >> 63;
}

/* All digits of the magnitude W, which is used up. */
static void
limbs_digits(uint64_t *w, struct digits *d)
{
	char *end = d->place + DIGITS_MAX, *p = end;

	while (!limbs_are_zero(w)) {
		uint64_t part = limbs_div(w, num_pow10[19]);

		p = num_digits_write(p, part, limbs_are_zero(w) ? 0 : 19);
	}
	d->first = p;
	d->n = (int)(end - p);
}

/* adding */

static void
wide_from(uint64_t *w, i128 coef, int scale)
{
	limbs_from(w, num_abs(coef));
	limbs_mul_pow10(w, NUM_MAX_SCALE - scale);
	if (coef < 0)
		limbs_negate(w);
}

static void
widen(struct num_sum *s)
{
	uint64_t w[LIMBS];

	wide_from(w, s->fast, s->fast_scale);
	memcpy(s->wide, w, sizeof(w));
	s->is_wide = true;
	s->fast_scale = 0;
}

/* v × 10^k.  False: does not fit. */
static inline bool
scaled(i128 v, int k, i128 *to)
{
	if (k <= 18 && v == (int64_t)v) {
		*to = (i128)(int64_t)v * (int64_t)num_pow10[k];
		return true;
	}
	return k <= 38 && !__builtin_mul_overflow(v, (i128)num_power(k), to);
}

static bool
add_fast(struct num_sum *s, i128 coef, int scale)
{
	i128 fast = s->fast;

	if (scale < s->fast_scale) {
		if (!scaled(coef, s->fast_scale - scale, &coef))
			return false;
		scale = s->fast_scale;
	} else if (scale > s->fast_scale) {
		if (!scaled(fast, scale - s->fast_scale, &fast))
			return false;
	}
	if (__builtin_add_overflow(fast, coef, &fast))
		return false;
	s->fast = fast;
	s->fast_scale = scale;
	return true;
}

static __attribute__((noinline)) void
add_wide(struct num_sum *s, i128 coef, int scale)
{
	uint64_t w[LIMBS];

	if (!s->is_wide)
		widen(s);
	wide_from(w, coef, scale);
	limbs_add(s->wide, w);
}

void
num_sum_add(struct num_sum *s, struct dec d)
{
	i128 sum;

	s->n++;
	/* Nearly always: the scale of the one before. */
	if (!s->is_wide && s->fast_scale == d.scale && !__builtin_add_overflow(s->fast, d.coef, &sum))
		s->fast = sum;
	else if (s->is_wide || !add_fast(s, d.coef, d.scale))
		add_wide(s, d.coef, d.scale);
}

void
num_sum_merge(struct num_sum *s, const struct num_sum *other)
{
	s->n += other->n;
	if (!other->is_wide) {
		if (s->is_wide || !add_fast(s, other->fast, other->fast_scale))
			add_wide(s, other->fast, other->fast_scale);
		return;
	}
	if (!s->is_wide)
		widen(s);
	limbs_add(s->wide, other->wide);
}

/* text */

static void
magnitude_of(const struct num_sum *s, uint64_t *w, bool *negative, int *scale)
{
	if (!s->is_wide) {
		*negative = s->fast < 0;
		*scale = s->fast_scale;
		limbs_from(w, num_abs(s->fast));
		return;
	}
	memcpy(w, s->wide, sizeof(s->wide));
	*scale = NUM_MAX_SCALE;
	if ((*negative = limbs_are_negative(w)))
		limbs_negate(w);
}

static void
digits_of(const struct num_sum *s, struct digits *d)
{
	uint64_t w[LIMBS];

	if (!s->is_wide) {
		num_digits_set(d, num_abs(s->fast), s->fast_scale);
		d->negative = s->fast < 0;
		return;
	}
	magnitude_of(s, w, &d->negative, &d->scale);
	limbs_digits(w, d);
	num_digits_trim(d);
}

void
num_sum_put(struct buf *b, const struct num_sum *s)
{
	struct digits d;

	digits_of(s, &d);
	num_digits_put(b, &d);
}

bool
num_sum_result(const struct num_sum *s, struct buf *b)
{
	struct digits d;
	int           significant;

	digits_of(s, &d);
	for (significant = d.n; significant > 0 && d.first[significant - 1] == '0'; )
		significant--;
	if (significant > NUM_MAX_DIGITS || d.n - d.scale > NUM_MAX_DIGITS)
		return false;
	num_digits_put(b, &d);
	return true;
}

/*
 * Digits, or digits, a point and digits: no more before the point than any sum can have, no more
 * behind it than 38.
 */
static bool
is_plain(struct span text)
{
	size_t i = 0, point, behind;

	while (i < text.n && text.p[i] >= '0' && text.p[i] <= '9')
		i++;
	if (i == 0 || i > 60)
		return false;
	if (i == text.n)
		return true;
	point = i++;
	while (i < text.n && text.p[i] >= '0' && text.p[i] <= '9')
		i++;
	behind = i - point - 1;
	return text.p[point] == '.' && i == text.n && behind >= 1 && behind <= NUM_MAX_SCALE;
}

bool
num_sum_parse(struct num_sum *s, struct span text)
{
	bool       negative = text.n > 0 && text.p[0] == '-';
	int        behind = 0;
	bool       in_fraction = false;
	struct dec d;

	*s = (struct num_sum){ 0 };
	if (!is_plain(span_of(text.p + negative, text.n - negative)))
		return false;
	if (num_parse(text, &d)) {
		s->fast = d.coef;
		s->fast_scale = d.scale;
		return true;
	}
	s->is_wide = true;
	for (size_t i = negative; i < text.n; i++) {
		if (text.p[i] == '.') {
			in_fraction = true;
			continue;
		}
		limbs_mul(s->wide, 10, (uint64_t)(text.p[i] - '0'));
		behind += in_fraction;
	}
	limbs_mul_pow10(s->wide, NUM_MAX_SCALE - behind);
	if (negative)
		limbs_negate(s->wide);
	return true;
}

/* means */

enum { MEAN_DIGITS = 17 };

/* Cut to 17 significant digits, half to even; MORE: the true value is a little above the digits. */
static void
round_half_even(struct digits *d, bool more)
{
	char *p = d->place + (d->first - d->place);
	int   drop = d->n - MEAN_DIGITS, i;
	bool  up;

	if (drop <= 0)
		return;
	for (i = MEAN_DIGITS + 1; i < d->n && !more; i++)
		more = p[i] != '0';
	up = p[MEAN_DIGITS] > '5' || (p[MEAN_DIGITS] == '5' && (more || (p[MEAN_DIGITS - 1] & 1)));
	d->n = MEAN_DIGITS;
	d->scale -= drop;
	if (!up)
		return;
	for (i = MEAN_DIGITS - 1; i >= 0 && p[i] == '9'; i--)
		p[i] = '0';
	if (i >= 0) {
		p[i]++;
	} else {
		p[0] = '1';                      /* 99…9 has become 10…0 with a digit more */
		d->scale--;
	}
}

/* 1.5e-30 */
static void
put_with_exponent(struct buf *b, const struct digits *d, int exponent)
{
	struct digits mantissa = *d;

	mantissa.first = mantissa.place + (d->first - d->place);
	mantissa.scale = mantissa.n - 1;
	num_digits_trim(&mantissa);
	num_digits_put(b, &mantissa);
	buf_char(b, 'e');
	if (exponent > 0)
		buf_char(b, '+');
	buf_i64(b, exponent);
}

static void
put_rounded(struct buf *b, struct digits *d)
{
	int exponent = d->n - 1 - d->scale;

	if (d->n > 0 && (exponent < -6 || exponent >= 21)) {
		put_with_exponent(b, d, exponent);
		return;
	}
	num_digits_trim(d);
	num_digits_put(b, d);
}

void
num_put_rounded(struct buf *b, bool negative, uint64_t digits, int scale)
{
	struct digits d;

	num_digits_set(&d, digits, scale);
	d.negative = negative;
	put_rounded(b, &d);
}

void
num_sum_mean(const struct num_sum *s, uint64_t n, struct buf *b)
{
	uint64_t      w[LIMBS];
	struct digits d;
	int           bits, n_bits = 64 - __builtin_clzll(n), shift;
	uint64_t      rest;

	magnitude_of(s, w, &d.negative, &d.scale);
	if ((bits = limbs_bits(w)) == 0) {
		buf_char(b, '0');
		return;
	}
	/* So many zeros behind it that the quotient has more digits than are kept. */
	shift = MEAN_DIGITS + 2 + (n_bits * 1233 >> 12) - ((bits - 1) * 1233 >> 12);
	if (shift > 0) {
		limbs_mul_pow10(w, shift);
		d.scale += shift;
	}
	rest = limbs_div(w, n);
	limbs_digits(w, &d);
	round_half_even(&d, rest != 0);
	put_rounded(b, &d);
}
