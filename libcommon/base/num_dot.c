/* num_dot - exact sums of products */
#include "base/num_dot.h"

#include <assert.h>

#include "base/num_digits.h"

enum { LIMBS = NUM_DOT_LIMBS };

static void
negate(uint64_t *w)
{
	u128 carry = 1;

	for (int i = 0; i < LIMBS; i++) {
		carry += (u128)~w[i];
		w[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

static void
add_limbs(uint64_t *w, const uint64_t *v)
{
	u128 carry = 0;

	for (int i = 0; i < LIMBS; i++) {
		carry += (u128)w[i] + v[i];
		w[i] = (uint64_t)carry;
		carry >>= 64;
	}
}

/* ±MAGNITUDE × 10^-SCALE as limbs at 10^-76. */
static void
limbs_of(uint64_t *w, struct big *magnitude, int scale, bool negative)
{
	big_scale_pow10(magnitude, NUM_DOT_SCALE - scale);
	assert(magnitude->n <= LIMBS);
	memset(w, 0, LIMBS * sizeof(w[0]));
	memcpy(w, magnitude->limbs, (size_t)magnitude->n * sizeof(w[0]));
	if (negative)
		negate(w);
}

static void
big_of(struct big *b, u128 v)
{
	uint64_t limbs[2] = { (uint64_t)v, (uint64_t)(v >> 64) };

	big_from_limbs(b, limbs, 2);
}

static void
widen(struct num_dot *d, struct arena *arena)
{
	struct big magnitude;

	if (d->wide != NULL)
		return;
	big_of(&magnitude, num_abs(d->fast));
	d->wide = arena_alloc(arena, LIMBS * sizeof(d->wide[0]));
	limbs_of(d->wide, &magnitude, d->scale, d->fast < 0);
}

static bool
scaled(i128 v, int k, i128 *to)
{
	return k <= NUM_MAX_DIGITS && !__builtin_mul_overflow(v, (i128)num_power(k), to);
}

static bool
add_fast(struct num_dot *d, i128 v, int scale)
{
	i128 fast = d->fast;

	if (d->wide != NULL)
		return false;
	if (scale < d->scale) {
		if (!scaled(v, d->scale - scale, &v))
			return false;
		scale = d->scale;
	} else if (scale > d->scale && !scaled(fast, scale - d->scale, &fast)) {
		return false;
	}
	if (__builtin_add_overflow(fast, v, &fast))
		return false;
	d->fast = fast;
	d->scale = scale;
	return true;
}

static __attribute__((noinline)) void
add_wide(struct num_dot *d, struct dec a, struct dec b, struct arena *arena)
{
	struct big x, y, product;
	uint64_t   w[LIMBS];

	widen(d, arena);
	big_of(&x, num_abs(a.coef));
	big_of(&y, num_abs(b.coef));
	big_mul(&product, &x, &y);
	limbs_of(w, &product, a.scale + b.scale, (a.coef < 0) != (b.coef < 0));
	add_limbs(d->wide, w);
}

void
num_dot_add(struct num_dot *d, struct dec a, struct dec b, struct arena *arena)
{
	i128 product, sum;
	bool fits = !__builtin_mul_overflow(a.coef, b.coef, &product);

	if (fits && d->wide == NULL && d->scale == a.scale + b.scale &&
	    !__builtin_add_overflow(d->fast, product, &sum))
		d->fast = sum;
	else if (!fits || !add_fast(d, product, a.scale + b.scale))
		add_wide(d, a, b, arena);
}

void
num_dot_merge(struct num_dot *d, const struct num_dot *from, struct arena *arena)
{
	struct num_dot other = *from;
	struct big     magnitude;
	uint64_t       w[LIMBS];

	if (other.wide == NULL && add_fast(d, other.fast, other.scale))
		return;
	widen(d, arena);
	if (other.wide == NULL) {
		big_of(&magnitude, num_abs(other.fast));
		limbs_of(w, &magnitude, other.scale, other.fast < 0);
		other.wide = w;
	}
	add_limbs(d->wide, other.wide);
}

bool
num_dot_big(const struct num_dot *d, struct big *b)
{
	uint64_t w[LIMBS];
	bool     negative;

	if (d->wide == NULL) {
		big_of(b, num_abs(d->fast));
		big_scale_pow10(b, NUM_DOT_SCALE - d->scale);
		return d->fast < 0;
	}
	memcpy(w, d->wide, sizeof(w));
	if ((negative = w[LIMBS - 1] >> 63))
		negate(w);
	big_from_limbs(b, w, LIMBS);
	return negative;
}

/* Digits behind the point without the zeros at their end. */
void
num_dot_put(struct buf *to, const struct num_dot *d)
{
	struct digits short_form;
	struct big    b;
	struct buf    digits = { 0 };
	bool          negative;
	size_t        whole, end;

	if (d->wide == NULL) {
		num_digits_set(&short_form, num_abs(d->fast), d->scale);
		short_form.negative = d->fast < 0;
		num_digits_put(to, &short_form);
		return;
	}
	negative = num_dot_big(d, &b);
	for (int i = 0; i <= NUM_DOT_SCALE; i++)
		buf_char(&digits, '0');
	big_put(&digits, &b);
	whole = digits.n - NUM_DOT_SCALE;
	for (end = digits.n; end > whole && digits.p[end - 1] == '0'; )
		end--;
	if (negative)
		buf_char(to, '-');
	for (size_t i = 0; i < whole; i++)               /* leading zeros but the last */
		if (digits.p[i] != '0' || i + 1 == whole) {
			buf_put(to, digits.p + i, whole - i);
			break;
		}
	if (end > whole) {
		buf_char(to, '.');
		buf_put(to, digits.p + whole, end - whole);
	}
	buf_release(&digits);
}

bool
num_dot_parse(struct num_dot *d, struct span text, struct arena *arena)
{
	bool        negative = text.n > 0 && text.p[0] == '-';
	const char *point;
	struct buf  digits = { 0 };
	struct big  b;
	int         scale = 0;
	bool        good;

	*d = (struct num_dot){ 0 };
	text = span_of(text.p + negative, text.n - negative);
	point = memchr(text.p, '.', text.n);
	buf_put(&digits, text.p, point == NULL ? text.n : (size_t)(point - text.p));
	good = digits.n > 0 && text.n < 250;
	if (good && point != NULL) {
		scale = (int)(text.p + text.n - point - 1);
		buf_put(&digits, point + 1, (size_t)scale);
		good = scale > 0 && scale <= NUM_DOT_SCALE;
	}
	good = good && big_parse(&b, buf_all(&digits));
	buf_release(&digits);
	if (!good)
		return false;
	if (big_bits(&b) < 127) {
		d->fast = (i128)((u128)(b.n > 1 ? b.limbs[1] : 0) << 64 | (b.n > 0 ? b.limbs[0] : 0));
		if (negative)
			d->fast = -d->fast;
		d->scale = scale;
		return true;
	}
	big_scale_pow10(&b, NUM_DOT_SCALE - scale);
	if (big_bits(&b) >= 64 * LIMBS)
		return false;
	d->wide = arena_alloc(arena, LIMBS * sizeof(d->wide[0]));
	limbs_of(d->wide, &b, NUM_DOT_SCALE, negative);
	return true;
}
