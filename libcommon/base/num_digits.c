/* num_digits - powers of ten, and numbers as rows of digits */
#include "base/num_digits.h"

const uint64_t num_pow10[20] = {
	1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u, 10000000u, 100000000u, 1000000000u,
	10000000000u, 100000000000u, 1000000000000u, 10000000000000u, 100000000000000u,
	1000000000000000u, 10000000000000000u, 100000000000000000u, 1000000000000000000u,
	10000000000000000000u
};

int
num_count_digits(u128 v)
{
	uint64_t high = (uint64_t)(v >> 64);
	int      bits, n;

	if (v == 0)
		return 0;
	bits = high != 0 ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll((uint64_t)v);
	n = bits * 1233 >> 12;                   /* log10(2): at most one too few */
	return n + (v >= num_power(n));
}

char *
num_digits_write(char *end, uint64_t v, int width)
{
	char *p = end;

	while (v >= 10) {
		*--p = (char)('0' + v % 10);
		v /= 10;
	}
	if (v > 0)
		*--p = (char)('0' + v);
	while (end - p < width)
		*--p = '0';
	return p;
}

void
num_digits_trim(struct digits *d)
{
	while (d->n > 0 && d->scale > 0 && d->first[d->n - 1] == '0') {
		d->n--;
		d->scale--;
	}
	if (d->n == 0)
		d->scale = 0;
}

void
num_digits_set(struct digits *d, u128 magnitude, int scale)
{
	char *end = d->place + DIGITS_MAX, *p = end;

	while (magnitude >= num_pow10[19]) {
		p = num_digits_write(p, (uint64_t)(magnitude % num_pow10[19]), 19);
		magnitude /= num_pow10[19];
	}
	p = num_digits_write(p, (uint64_t)magnitude, 0);
	d->negative = false;
	d->first = p;
	d->n = (int)(end - p);
	d->scale = scale;
	num_digits_trim(d);
}

static char *
put_zeros(char *to, int n)
{
	if (n <= 0)
		return to;
	memset(to, '0', (size_t)n);
	return to + n;
}

static char *
put_some(char *to, const char *from, int n)
{
	memcpy(to, from, (size_t)n);
	return to + n;
}

void
num_digits_put(struct buf *b, const struct digits *d)
{
	int   zeros = d->scale > d->n ? d->scale - d->n : d->scale < 0 ? -d->scale : 0;
	int   whole = d->n - d->scale;
	char *start = buf_reserve(b, (size_t)(d->n + zeros + 3)), *to = start;

	if (d->n == 0) {
		*to++ = '0';
	} else {
		if (d->negative)
			*to++ = '-';
		if (d->scale <= 0) {
			to = put_some(to, d->first, d->n);
			to = put_zeros(to, -d->scale);
		} else if (whole <= 0) {
			*to++ = '0';
			*to++ = '.';
			to = put_zeros(to, -whole);
			to = put_some(to, d->first, d->n);
		} else {
			to = put_some(to, d->first, whole);
			*to++ = '.';
			to = put_some(to, d->first + whole, d->scale);
		}
	}
	b->n += (size_t)(to - start);
}
