/*
 * num - exact decimals, integers, sizes
 *
 * Two ways through every number: texts of up to 16 characters that are only digits and a point go
 * through registers (nearly all numbers of real data), all others are read character by character,
 * at any length.
 */
#include "base/num.h"

#include "base/num_digits.h"
#include "base/swar.h"

static inline bool
is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

/* short numbers, in registers */

/*
 * 1 to 8 characters, digits with at most one point between them, as an integer; *SCALE: how many stood behind the
 * point.  False: something else stands there too.
 */
static inline bool
read_short(const char *p, size_t n, uint64_t *value, int *scale)
{
	uint64_t v = swar_load_tail(p, n) ^ swar_zeros_tail(n);
	uint64_t dot = v ^ SWAR_ONES * ('.' ^ '0'), hit = (dot - SWAR_ONES) & ~dot & SWAR_HIGH;

	*scale = 0;
	if (hit != 0) {
		/* What stands before the point moves up a place. */
		unsigned bits = (unsigned)__builtin_ctzll(hit) & 56;
		uint64_t behind = ~UINT64_C(0) << bits << 8;

		*scale = 7 - (int)(bits >> 3);
		v = (v & behind) | (v << 8 & ~behind);
	}
	*value = swar_number(v);
	return swar_are_digits(v);
}

/* The same for 9 to 16 characters. */
static inline bool
read_longer(const char *p, size_t n, uint64_t *value, int *scale)
{
	uint64_t low = swar_load(p + n - 8) ^ SWAR_ZEROS;
	uint64_t high = (swar_load(p) << (8 * (16 - n))) ^ swar_zeros_tail(n - 8);
	unsigned point;

	*scale = 0;
	if ((point = swar_find(low, '.' ^ '0')) < 8) {
		uint64_t from = ~UINT64_C(0) << (8 * point);

		*scale = 7 - (int)point;
		low = (low & from << 8) | (low & ~from) << 8 | high >> 56;
		high <<= 8;
	} else if ((point = swar_find(high, '.' ^ '0')) < 8) {
		uint64_t from = ~UINT64_C(0) << (8 * point);

		*scale = 15 - (int)point;
		high = (high & from << 8) | (high & ~from) << 8;
	}
	*value = swar_number(low) + swar_number(high) * UINT64_C(100000000);
	return swar_are_digits(low) && swar_are_digits(high);
}

/* 8 to 16 digits. */
static inline bool
read_digits(const char *p, size_t n, uint64_t *value)
{
	uint64_t v;

	if (n > 8)
		return swar_read(p, n, value);
	v = swar_load(p) ^ SWAR_ZEROS;
	*value = swar_number(v);
	return swar_are_digits(v);
}

/* Fewer than 8 characters: here a loop is as fast.  False: not only digits, or none. */
static inline bool
read_few_digits(const char *p, size_t n, uint64_t *value)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++) {
		if (!is_digit(p[i]))
			return false;
		v = v * 10 + (uint64_t)(p[i] - '0');
	}
	*value = v;
	return n > 0;
}

/*
 * 17 to 20 characters, digits and at most one point, of which at most 19 digits: what other
 * programs write for a double.  False: something else.
 */
static bool
read_medium(const char *p, size_t n, uint64_t *value, int *scale)
{
	const char *end = p + n, *point = end;
	uint64_t    v = 0;

	for (; p < end; p++) {
		if (is_digit(*p))
			v = v * 10 + (uint64_t)(*p - '0');
		else if (*p == '.' && point == end)
			point = p;
		else
			return false;
	}
	if (n > 19 && point == end)
		return false;
	*value = v;
	*scale = point == end ? 0 : (int)(end - point) - 1;
	return true;
}

/* numbers of any length */

/* A number taken apart: d.ddd × 10^(lead + exponent), the digits without zeros at either end. */
struct parts {
	bool        negative;
	const char *digit;             /* first significant one; NULL: the number is zero */
	size_t      n_digits;          /* up to the last that is not 0, without the point */
	int64_t     lead;              /* power of ten of the first digit, without the exponent */
	bool        exponent_negative;
	struct span exponent;          /* its digits without leading zeros */
};

static void
read_exponent(struct parts *parts, const char *p, const char *end)
{
	if (p < end && (*p == '+' || *p == '-'))
		parts->exponent_negative = *p++ == '-';
	while (p < end && *p == '0')
		p++;
	parts->exponent = span_of(p, (size_t)(end - p));
}

static void
take_apart(struct span text, struct parts *parts)
{
	const char *p = text.p, *end = text.p + text.n, *point = NULL, *last = NULL;

	*parts = (struct parts){ 0 };
	if (p < end && *p == '-') {
		parts->negative = true;
		p++;
	}
	for (; p < end && (*p | 0x20) != 'e'; p++) {
		if (*p == '.') {
			point = p;
		} else if (*p != '0') {
			last = p;
			if (parts->digit == NULL)
				parts->digit = p;
		}
	}
	if (point == NULL)
		point = p;
	if (p < end)
		read_exponent(parts, p + 1, end);
	if (parts->digit == NULL)
		return;
	parts->n_digits = (size_t)(last - parts->digit) + (parts->digit > point || last < point);
	parts->lead = parts->digit < point ? point - parts->digit - 1 : point - parts->digit;
}

/* The exponent as a number, cut at ±10^18 (no text is long enough to make up for that). */
static int64_t
exponent_of(const struct parts *parts)
{
	int64_t e = 0;

	if (parts->exponent.n > 18)
		e = INT64_C(1000000000000000000);
	else
		for (size_t i = 0; i < parts->exponent.n; i++)
			e = e * 10 + (parts->exponent.p[i] - '0');
	return parts->exponent_negative ? -e : e;
}

/* The power of ten of the first digit. */
static int64_t
top_of(const struct parts *parts)
{
	return parts->lead + exponent_of(parts);
}

/* The first COUNT digits (zeros follow the last one) as a number; the caller knows it fits. */
static u128
digits_of(const struct parts *parts, size_t count)
{
	const char *p = parts->digit;
	u128        value = 0;
	uint64_t    part = 0;
	unsigned    n_part = 0;

	for (size_t i = 0; i < count; i++) {
		unsigned digit = 0;

		if (i < parts->n_digits) {
			p += *p == '.';
			digit = (unsigned)(*p++ - '0');
		}
		part = part * 10 + digit;
		if (++n_part == 19) {
			value = value * num_pow10[19] + part;
			part = 0;
			n_part = 0;
		}
	}
	return value * num_pow10[n_part] + part;
}

static bool
parse_long(struct span text, struct dec *d)
{
	struct parts parts;
	int64_t      top, scale;
	size_t       n;
	u128         coef;

	take_apart(text, &parts);
	*d = (struct dec){ 0, 0 };
	if (parts.digit == NULL)
		return true;
	top = top_of(&parts);
	n = parts.n_digits;
	if (n > NUM_MAX_DIGITS || top >= NUM_MAX_DIGITS)
		return false;
	scale = (int64_t)n - 1 - top;
	if (scale > NUM_MAX_SCALE)
		return false;
	if (scale < 0) {
		n += (size_t)-scale;
		scale = 0;
	}
	coef = digits_of(&parts, n);
	d->coef = parts.negative ? -(i128)coef : (i128)coef;
	d->scale = (int32_t)scale;
	return true;
}

bool
num_short(struct span text, int64_t *digits, int *scale)
{
	size_t   sign = text.n > 1 && text.p[0] == '-';
	size_t   n = text.n - sign;
	uint64_t value;

	if (n - 1 >= 16 || !(n <= 8 ? read_short(text.p + sign, n, &value, scale) : read_longer(text.p + sign, n, &value, scale)))
		return false;
	*digits = sign ? -(int64_t)value : (int64_t)value;
	return true;
}

bool
num_parse(struct span text, struct dec *d)
{
	size_t   sign = text.n > 1 && text.p[0] == '-';
	size_t   n = text.n - sign;
	uint64_t value;
	int      scale;

	if (n - 1 < 8) {
		if (!read_short(text.p + sign, n, &value, &scale))
			return parse_long(text, d);
	} else if (n - 1 < 16) {
		if (!read_longer(text.p + sign, n, &value, &scale))
			return parse_long(text, d);
	} else if (n > 20 || !read_medium(text.p + sign, n, &value, &scale)) {
		return parse_long(text, d);
	}
	if (scale > 0 && text.p[text.n - 1] == '0')
		for (; scale > 0 && value % 10 == 0; scale--)
			value /= 10;
	d->coef = sign ? -(i128)value : (i128)value;
	d->scale = scale;
	return true;
}

/* comparing */

static int
sign_of(i128 v)
{
	return (v > 0) - (v < 0);
}

int
num_cmp(struct dec a, struct dec b)
{
	int sign = sign_of(a.coef), top_a, top_b;
	u128 x, y;

	if (a.scale == b.scale || sign != sign_of(b.coef) || sign == 0)
		return (a.coef > b.coef) - (a.coef < b.coef);
	x = num_abs(a.coef);
	y = num_abs(b.coef);
	top_a = num_count_digits(x) - a.scale;
	top_b = num_count_digits(y) - b.scale;
	if (top_a != top_b)
		return top_a > top_b ? sign : -sign;
	/* The same power of ten in front: scales differ as the counts of digits do, it fits. */
	if (a.scale < b.scale)
		x *= num_power(b.scale - a.scale);
	else
		y *= num_power(a.scale - b.scale);
	return x == y ? 0 : x > y ? sign : -sign;
}

/* a - b for two signed exponents of any length, cut at ±10^18 or so. */
static int64_t
exponent_difference(const struct parts *a, const struct parts *b)
{
	size_t  n = a->exponent.n > b->exponent.n ? a->exponent.n : b->exponent.n;
	int64_t difference = 0;
	const int64_t ENOUGH = INT64_C(100000000000000000);

	for (size_t i = n; i-- > 0; ) {
		int x = i < a->exponent.n ? a->exponent.p[a->exponent.n - 1 - i] - '0' : 0;
		int y = i < b->exponent.n ? b->exponent.p[b->exponent.n - 1 - i] - '0' : 0;

		/* From two on, no further digit can turn the sign: ±18 at most each. */
		if (difference > ENOUGH || difference < -ENOUGH)
			break;
		difference *= 10;
		difference += (a->exponent_negative ? -x : x) - (b->exponent_negative ? -y : y);
	}
	return difference;
}

static int
compare_digits(const struct parts *a, const struct parts *b)
{
	const char *p = a->digit, *q = b->digit;
	size_t      n = a->n_digits < b->n_digits ? a->n_digits : b->n_digits;

	for (size_t i = 0; i < n; i++, p++, q++) {
		p += *p == '.';
		q += *q == '.';
		if (*p != *q)
			return *p > *q ? 1 : -1;
	}
	return (a->n_digits > b->n_digits) - (a->n_digits < b->n_digits);
}

static int
compare_long(struct span x, struct span y)
{
	struct parts a, b;
	int          sign_a, sign_b, order;
	int64_t      difference;

	take_apart(x, &a);
	take_apart(y, &b);
	sign_a = a.digit == NULL ? 0 : a.negative ? -1 : 1;
	sign_b = b.digit == NULL ? 0 : b.negative ? -1 : 1;
	if (sign_a != sign_b)
		return sign_a > sign_b ? 1 : -1;
	if (sign_a == 0)
		return 0;
	difference = exponent_difference(&a, &b) + a.lead - b.lead;
	order = difference != 0 ? (difference > 0 ? 1 : -1) : compare_digits(&a, &b);
	return sign_a * order;
}

int
num_cmp_text(struct span a, struct span b)
{
	struct dec x, y;

	if (a.n <= 16 && b.n <= 16 && num_parse(a, &x) && num_parse(b, &y))
		return num_cmp(x, y);
	return compare_long(a, b);
}

/* writing */

void
num_put(struct buf *b, struct dec d)
{
	struct digits digits;

	num_digits_set(&digits, num_abs(d.coef), d.scale);
	digits.negative = d.coef < 0;
	num_digits_put(b, &digits);
}

/* integers */

/* A digit or more, leading zeros too.  False: another byte, or more than 64 bits. */
static bool
read_u64(const char *p, size_t n, uint64_t *value)
{
	uint64_t v = 0;

	if (n == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!is_digit(p[i]) || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(p[i] - '0'), &v))
			return false;
	*value = v;
	return true;
}

static bool
with_sign(bool negative, uint64_t magnitude, int64_t *value)
{
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return false;
	*value = (int64_t)(negative ? -magnitude : magnitude);
	return true;
}

bool
num_i64(struct span text, int64_t *value)
{
	size_t   sign, n;
	uint64_t v;

	/* Times and the like, before all else. */
	if (text.n - 9 <= 16 - 9 && swar_read(text.p, text.n, &v)) {
		*value = (int64_t)v;
		return true;
	}
	sign = text.n > 1 && text.p[0] == '-';
	n = text.n - sign;
	if (n < 8) {
		if (!read_few_digits(text.p + sign, n, &v))
			return false;
	} else if (n <= 16) {
		if (!read_digits(text.p + sign, n, &v))
			return false;
	} else if (!read_u64(text.p + sign, n, &v)) {
		return false;
	}
	return with_sign(sign, v, value);
}

bool
num_json_i64(struct span text, int64_t *value)
{
	struct dec d;

	if (num_i64(text, value))
		return true;
	if (!num_parse(text, &d) || d.scale > 0 || d.coef < INT64_MIN || d.coef > INT64_MAX)
		return false;
	*value = (int64_t)d.coef;
	return true;
}

bool
num_floor(struct span text, int shift, int64_t *value)
{
	struct parts parts;
	int64_t      top;
	u128         v;

	take_apart(text, &parts);
	if (parts.digit == NULL) {
		*value = 0;
		return true;
	}
	top = top_of(&parts) + shift;
	if (top > 18)
		return false;
	v = top < 0 ? 0 : digits_of(&parts, (size_t)top + 1);
	if (parts.negative && (top < 0 || parts.n_digits > (size_t)top + 1))
		v++;
	return with_sign(parts.negative, (uint64_t)v, value);
}

int64_t
num_magnitude(struct span text)
{
	struct parts parts;

	take_apart(text, &parts);
	return parts.digit == NULL ? INT64_MIN : top_of(&parts) + 1;
}

/* sizes */

/* What stands behind the digits of a size; 0: no such unit. */
static uint64_t
size_unit(const char *unit)
{
	static const char prefixes[] = "KMGTPE";
	uint64_t          binary = 1, decimal = 1;
	const char       *at;

	if (unit[0] == '\0' || ((unit[0] | 0x20) == 'b' && unit[1] == '\0'))
		return 1;
	at = strchr(prefixes, unit[0] & ~0x20);
	if (at == NULL || *at == '\0')
		return 0;
	for (const char *p = prefixes; p <= at; p++) {
		binary *= 1024;
		decimal *= 1000;
	}
	unit++;
	if (unit[0] == '\0')
		return binary;
	if (unit[0] == 'i' && (unit[1] | 0x20) == 'b' && unit[2] == '\0')
		return binary;
	if ((unit[0] | 0x20) == 'b' && unit[1] == '\0')
		return decimal;
	return 0;
}

int
num_size(const char *text, uint64_t *bytes, struct err *err)
{
	size_t   n = strspn(text, "0123456789");
	uint64_t unit;

	if (n == 0)
		return err_set(err, ERR_USAGE, "'%s' is no size: 512, 64K, 1M, 2G", text);
	if ((unit = size_unit(text + n)) == 0)
		return err_set(err, ERR_USAGE, "'%s': '%s' is no unit of size: K M G T P E KB KiB …",
		    text, text + n);
	if (!read_u64(text, n, bytes) || __builtin_mul_overflow(*bytes, unit, bytes))
		return err_set(err, ERR_USAGE, "'%s' is too large a size", text);
	return 0;
}
