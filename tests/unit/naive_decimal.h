/*
 * naive_decimal - decimals the slow way, to measure the fast way by
 *
 * A number is a row of 600 decimal digits, 300 on either side of the point.
 */
#ifndef TEST_NAIVE_DECIMAL_H
#define TEST_NAIVE_DECIMAL_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAIVE_WHOLE = 300, NAIVE_DIGITS = 600 };

struct naive {
	bool   negative;
	int8_t digit[NAIVE_DIGITS];      /* digit[NAIVE_WHOLE - 1] are the ones */
};

static inline bool
naive_is_zero(const struct naive *a)
{
	for (int i = 0; i < NAIVE_DIGITS; i++)
		if (a->digit[i] != 0)
			return false;
	return true;
}

static inline struct naive
naive_read(const char *text)
{
	struct naive a = { 0 };
	const char  *e = strpbrk(text, "eE"), *end = e == NULL ? text + strlen(text) : e;
	const char  *point = memchr(text, '.', (size_t)(end - text));
	long         exponent = e == NULL ? 0 : atol(e + 1), at;

	a.negative = *text == '-';
	text += a.negative;
	if (point == NULL)
		point = end;
	at = NAIVE_WHOLE - (point - text) - exponent;
	for (; text < end; text++) {
		if (*text == '.')
			continue;
		if (*text != '0') {
			assert(at >= 0 && at < NAIVE_DIGITS);
			a.digit[at] = (int8_t)(*text - '0');
		}
		at++;
	}
	if (naive_is_zero(&a))
		a.negative = false;
	return a;
}

static inline int
naive_compare_magnitude(const struct naive *a, const struct naive *b)
{
	for (int i = 0; i < NAIVE_DIGITS; i++)
		if (a->digit[i] != b->digit[i])
			return a->digit[i] > b->digit[i] ? 1 : -1;
	return 0;
}

static inline int
naive_compare(const struct naive *a, const struct naive *b)
{
	if (a->negative != b->negative)
		return a->negative ? -1 : 1;
	return a->negative ? -naive_compare_magnitude(a, b) : naive_compare_magnitude(a, b);
}

static inline struct naive
naive_add(struct naive a, struct naive b)
{
	int carry = 0;

	if (a.negative != b.negative && naive_compare_magnitude(&a, &b) < 0) {
		struct naive c = a;

		a = b;
		b = c;
	}
	for (int i = NAIVE_DIGITS - 1; i >= 0; i--) {
		int d = a.digit[i] + carry + (a.negative == b.negative ? b.digit[i] : -b.digit[i]);

		carry = d < 0 ? -1 : d > 9 ? 1 : 0;
		a.digit[i] = (int8_t)(d - 10 * carry);
	}
	if (naive_is_zero(&a))
		a.negative = false;
	return a;
}

/* First and last digit that is not 0; a is not zero. */
static inline int
naive_first(const struct naive *a)
{
	int i = 0;

	while (a->digit[i] == 0)
		i++;
	return i;
}

static inline int
naive_last(const struct naive *a)
{
	int i = NAIVE_DIGITS - 1;

	while (a->digit[i] == 0)
		i--;
	return i;
}

/* Plain and shortest. */
static inline char *
naive_write(const struct naive *a, char *to)
{
	int first, last;
	char *p = to;

	if (naive_is_zero(a))
		return strcpy(to, "0");
	first = naive_first(a);
	last = naive_last(a);
	if (a->negative)
		*p++ = '-';
	if (first >= NAIVE_WHOLE)
		first = NAIVE_WHOLE - 1;
	for (int i = first; i < NAIVE_WHOLE || i <= last; i++) {
		if (i == NAIVE_WHOLE)
			*p++ = '.';
		*p++ = (char)('0' + a->digit[i]);
	}
	*p = '\0';
	return to;
}

/* a ÷ n, cut to the digits there are; *MORE: something was cut. */
static inline struct naive
naive_divide(struct naive a, uint64_t n, bool *more)
{
	unsigned __int128 rest = 0;

	for (int i = 0; i < NAIVE_DIGITS; i++) {
		rest = rest * 10 + (unsigned)a.digit[i];
		a.digit[i] = (int8_t)(rest / n);
		rest %= n;
	}
	*more = rest != 0;
	return a;
}

/* Half-even, to so many significant digits; MORE: a little more than the digits say. */
static inline struct naive
naive_round(struct naive a, int digits, bool more)
{
	int          cut, i;
	struct naive unit = { .negative = a.negative };

	if (naive_is_zero(&a))
		return a;
	cut = naive_first(&a) + digits;
	for (i = cut + 1; i < NAIVE_DIGITS; i++)
		more = more || a.digit[i] != 0;
	unit.digit[cut - 1] = a.digit[cut] > 5 ||
	    (a.digit[cut] == 5 && (more || a.digit[cut - 1] % 2 == 1));
	for (i = cut; i < NAIVE_DIGITS; i++)
		a.digit[i] = 0;
	return naive_add(a, unit);
}

/* As num_sum_mean writes: an exponent only below 1e-6 or from 1e21. */
static inline char *
naive_write_mean(const struct naive *a, char *to)
{
	int   first, last, exponent;
	char *p = to;

	if (naive_is_zero(a))
		return strcpy(to, "0");
	first = naive_first(a);
	last = naive_last(a);
	exponent = NAIVE_WHOLE - 1 - first;
	if (exponent >= -6 && exponent < 21)
		return naive_write(a, to);
	if (a->negative)
		*p++ = '-';
	*p++ = (char)('0' + a->digit[first]);
	if (last > first)
		*p++ = '.';
	for (int i = first + 1; i <= last; i++)
		*p++ = (char)('0' + a->digit[i]);
	sprintf(p, exponent < 0 ? "e%d" : "e+%d", exponent);
	return to;
}

/* The same row of numbers in every run. */
static inline uint64_t
naive_random(uint64_t *state)
{
	uint64_t z = *state += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

static inline unsigned
naive_below(uint64_t *state, unsigned n)
{
	return (unsigned)(naive_random(state) % n);
}

static inline char *
naive_random_digits(uint64_t *state, char *to, unsigned n)
{
	unsigned mood = naive_below(state, 4);      /* zeros, nines and ordinary ones */

	for (; n > 0; n--) {
		unsigned d = naive_below(state, 10);

		*to++ = (char)('0' + (mood == 0 && d < 7 ? 0 : mood == 1 && d < 7 ? 9 : d));
	}
	return to;
}

/* A JSON number: up to MAX_DIGITS on either side, exponents up to ±MAX_EXPONENT (0: none). */
static inline char *
naive_random_number(uint64_t *state, char *to, unsigned max_digits, unsigned max_exponent)
{
	char    *p = to;
	unsigned whole = naive_below(state, 3) == 0 ? 1 : 1 + naive_below(state, max_digits);

	if (naive_below(state, 3) == 0)
		*p++ = '-';
	p = naive_random_digits(state, p, whole);
	if (whole > 1 && p[-(int)whole] == '0')
		p[-(int)whole] = '1';
	if (naive_below(state, 2) == 0) {
		*p++ = '.';
		p = naive_random_digits(state, p, 1 + naive_below(state, max_digits));
	}
	if (max_exponent > 0 && naive_below(state, 3) == 0)
		p += sprintf(p, "%c%s%d", naive_below(state, 2) ? 'e' : 'E',
		    (const char *[]){ "", "+", "-", "-0" }[naive_below(state, 4)],
		    (int)(naive_below(state, max_exponent + 1)));
	*p = '\0';
	return to;
}

#endif
