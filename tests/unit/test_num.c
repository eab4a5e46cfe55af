/* Numbers: what is read, compared, added and written is exact. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/num.h"
#include "base/num_digits.h"
#include "naive_decimal.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Exactly the bytes of TEXT on the heap, so that a sanitizer sees any read beyond them. */
static struct span
exact_copy(const char *text)
{
	size_t n = strlen(text);
	char  *p = malloc(n == 0 ? 1 : n);

	assert_non_null(p);
	return span_of(memcpy(p, text, n), n);
}

static void
drop(struct span s)
{
	free((char *)s.p);
}

static const char *
text_of(struct buf *b)
{
	buf_char(b, '\0');
	return b->p;
}

/* NULL: refused */
static void
reads_as(const char *text, const char *expected)
{
	struct span s = exact_copy(text);
	struct dec  d;
	struct buf  b = { 0 };

	if (!num_parse(s, &d)) {
		if (expected != NULL)
			fail_msg("%s is refused", text);
	} else {
		num_put(&b, d);
		if (expected == NULL)
			fail_msg("%s is read as %s", text, text_of(&b));
		if (d.scale < 0 || d.scale > NUM_MAX_SCALE || (d.scale > 0 && d.coef % 10 == 0))
			fail_msg("%s is not in normal form", text);
		if (strcmp(text_of(&b), expected) != 0)
			fail_msg("%s is read as %s, not %s", text, b.p, expected);
	}
	buf_release(&b);
	drop(s);
}

static void
reads_numbers(void **state)
{
	static const char *const cases[][2] = {
		{ "0", "0" }, { "-0", "0" }, { "0.0", "0" }, { "-0.00", "0" },
		{ "0e999999999", "0" },
		{ "0E-99999999999999999999999999", "0" }, { "0.000e+5", "0" },
		{ "1", "1" }, { "-1", "-1" }, { "10", "10" }, { "100", "100" }, { "1E+2", "100" },
		{ "1e2", "100" },
		{ "1e-2", "0.01" }, { "1.10", "1.1" }, { "9.50", "9.5" }, { "1234.56", "1234.56" },
		{ "-1234.56", "-1234.56" }, { "0.1", "0.1" }, { "0.10", "0.1" }, { "1.0", "1" },
		{ "1.25e3", "1250" },
		{ "12.5e1", "125" }, { "12.5e0", "12.5" }, { "100e-2", "1" }, { "0.001e3", "1" },
		{ "0.0010e2", "0.1" },
		{ "9007199254740991", "9007199254740991" },
		{ "9007199254740993", "9007199254740993" },
		{ "-9007199254740993", "-9007199254740993" },
		{ "9223372036854775807", "9223372036854775807" },
		{ "18446744073709551616", "18446744073709551616" },
		/* the edges of 8 and 16 characters */
		{ "1234567", "1234567" }, { "12345678", "12345678" }, { "123456789", "123456789" },
		{ "1234567.8", "1234567.8" }, { "123456.78", "123456.78" },
		{ "12345678.9", "12345678.9" },
		{ "1.2345678", "1.2345678" }, { "0.12345678", "0.12345678" },
		{ "1234567890.12345", "1234567890.12345" },
		{ "123456789012345", "123456789012345" },
		{ "1234567890123456", "1234567890123456" },
		{ "12345678901234567", "12345678901234567" },
		{ "1234567890123.45", "1234567890123.45" },
		{ "-123456789012345.6", "-123456789012345.6" },
		{ "0.00000000000001", "0.00000000000001" },
		{ "0.000000000000010", "0.00000000000001" },
		/* 38 digits and no more */
		{ "12345678901234567890123456789012345678", "12345678901234567890123456789012345678" },
		{ "99999999999999999999999999999999999999", "99999999999999999999999999999999999999" },
		{ "-99999999999999999999999999999999999999", "-99999999999999999999999999999999999999" },
		{ "9.9999999999999999999999999999999999999", "9.9999999999999999999999999999999999999" },
		{ "0.99999999999999999999999999999999999999", "0.99999999999999999999999999999999999999" },
		{ "123456789012345678901234567890123456789", NULL },
		{ "1.00000000000000000000000000000000000001", NULL },
		{ "1.0000000000000000000000000000000000000", "1" },
		{ "1.0000000000000000000000000000000000000000000000000000000000000000", "1" },
		{ "1e37", "10000000000000000000000000000000000000" }, { "1e38", NULL },
		{ "10e37", NULL },
		{ "100000000000000000000000000000000000000", NULL },
		{ "0.1e38", "10000000000000000000000000000000000000" },
		{ "1e-38", "0.00000000000000000000000000000000000001" }, { "1e-39", NULL },
		{ "10e-39", "0.00000000000000000000000000000000000001" },
		{ "11e-39", NULL },
		{ "100000000000000000000000000000000000000000e-10", "10000000000000000000000000000000" },
		/* exponents beyond any machine word */
		{ "1e2147483648", NULL }, { "1e-2147483648", NULL },
		{ "1e9223372036854775808", NULL },
		{ "1e-9223372036854775808", NULL },
		{ "1e99999999999999999999999999999999999999999", NULL },
		{ "1e0000000000000000000000000000000000000000000001", "10" },
		{ "1e-0000000000000000000000000000000000000000000001", "0.1" },
		{ "1e400", NULL }, { "-1e-400", NULL }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		reads_as(cases[i][0], cases[i][1]);
}

/* What the naive decimal says about 38 digits. */
static const char *
expected_text(const struct naive *a, char *to)
{
	if (naive_is_zero(a))
		return "0";
	if (naive_last(a) - naive_first(a) + 1 > 38 || naive_first(a) < NAIVE_WHOLE - 38 ||
	    naive_last(a) >= NAIVE_WHOLE + 38)
		return NULL;
	return naive_write(a, to);
}

static void
reads_what_a_naive_decimal_reads(void **state)
{
	uint64_t     seed = 1;
	char         text[400], expected[800];
	struct naive a;

	(void)state;
	for (int i = 0; i < 60000; i++) {
		naive_random_number(&seed, text, (const unsigned[]){ 42, 8, 18 }[i % 3], i % 2 ? 45 : 0);
		a = naive_read(text);
		reads_as(text, expected_text(&a, expected));
	}
}

static int
sign(int v)
{
	return (v > 0) - (v < 0);
}

static void
compares(const char *a, const char *b, int expected)
{
	struct span x = exact_copy(a), y = exact_copy(b);
	struct dec  p, q;
	int64_t     left, right;
	int         left_scale, right_scale;

	if (sign(num_cmp_text(x, y)) != expected || sign(num_cmp_text(y, x)) != -expected)
		fail_msg("%s and %s compare as %d, not %d", a, b, num_cmp_text(x, y), expected);
	if (num_parse(x, &p) && num_parse(y, &q) &&
	    (sign(num_cmp(p, q)) != expected || sign(num_cmp(q, p)) != -expected))
		fail_msg("decimals %s and %s compare as %d, not %d", a, b, num_cmp(p, q), expected);
	if (num_short(x, &left, &left_scale) && num_short(y, &right, &right_scale) &&
	    (sign(num_cmp_short(left, left_scale, right, right_scale)) != expected ||
	     sign(num_cmp_short(right, right_scale, left, left_scale)) != -expected))
		fail_msg("short %s and %s compare as %d, not %d", a, b, num_cmp_short(left, left_scale, right, right_scale), expected);
	drop(x);
	drop(y);
}

static void
compares_numbers_exactly(void **state)
{
	static const struct { const char *a, *b; int order; } cases[] = {
		{ "0", "0", 0 }, { "-0", "0", 0 }, { "0.0", "-0e99", 0 }, { "0", "1", -1 },
		{ "0", "-1", 1 }, { "-1", "1", -1 },
		{ "0.10", "0.1", 0 }, { "1", "1.0", 0 }, { "1e2", "100", 0 },
		{ "1.5", "1.50e0", 0 }, { "1", "1.0000000001", -1 },
		{ "9007199254740993", "9007199254740992", 1 },
		{ "-9007199254740993", "-9007199254740992", -1 },
		{ "9007199254740993", "9007199254740993.0", 0 }, { "9", "10", -1 },
		{ "-9", "-10", 1 }, { "0.9", "0.10", 1 },
		{ "1e37", "9.9e36", 1 }, { "1e37", "1e-38", 1 }, { "-1e37", "1e-38", -1 },
		{ "0", "1e-38", -1 },
		{ "99999999999999999999999999999999999999", "1e37", 1 },
		{ "1e400", "1e401", -1 }, { "-1e400", "-1e401", 1 }, { "1e-400", "1e-401", 1 },
		{ "1e400", "10e399", 0 },
		{ "1e400", "0.1e401", 0 }, { "0.001e403", "1e400", 0 }, { "1e400", "-1e401", 1 },
		{ "0e400", "0", 0 }, { "1e-400", "0", 1 },
		{ "123456789012345678901234567890123456789", "123456789012345678901234567890123456788", 1 },
		{ "12345678901234567890123456789012345678.9", "12345678901234567890123456789012345678", 1 },
		{ "1.00000000000000000000000000000000000000000001", "1", 1 },
		/* exponents too long for any machine word */
		{ "1e99999999999999999999999999999999", "1e99999999999999999999999999999998", 1 },
		{ "1e99999999999999999999999999999999", "10e99999999999999999999999999999998", 0 },
		{ "1e99999999999999999999999999999999", "11e99999999999999999999999999999998", -1 },
		{ "1e-99999999999999999999999999999999", "1e-99999999999999999999999999999998", -1 },
		{ "0.1e-99999999999999999999999999999998", "1e-99999999999999999999999999999999", 0 },
		{ "1e100000000000000000000000000000000", "10e99999999999999999999999999999999", 0 },
		{ "1e-99999999999999999999999999999999", "1e99999999999999999999999999999999", -1 },
		{ "1e000000000000000000000000000000000000001", "10", 0 }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		compares(cases[i].a, cases[i].b, cases[i].order);
}

static void
short_numbers_are_digits_and_how_many_stand_behind_the_point(void **state)
{
	static const struct { const char *text; int64_t digits; int scale; } cases[] = {
		{ "0", 0, 0 }, { "-0", 0, 0 }, { "7", 7, 0 }, { "-7", -7, 0 }, { "0.50", 50, 2 }, { "-0.5", -5, 1 }, { "12.3", 123, 1 },
		{ "123456.7", 1234567, 1 }, { "1.234567", 1234567, 6 }, { "12345678", 12345678, 0 },
		{ "12345678.9", 123456789, 1 }, { "1.2345678", 12345678, 7 }, { "-123456789012.345", -123456789012345, 3 },
		{ "1234567890123456", 1234567890123456, 0 }, { "-1234567890123456", -1234567890123456, 0 },
		{ "0.00000000000001", 1, 14 },
	};
	static const char *const others[] = { "1e2", "1E2", "12.5e1", "1234567890.12e-3", "12345678901234567", "1.2345678901234567", "-1e-5" };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span text = exact_copy(cases[i].text);
		int64_t     digits = -1;
		int         scale = -1;

		assert_true(num_short(text, &digits, &scale));
		assert_int_equal(digits, cases[i].digits);
		assert_int_equal(scale, cases[i].scale);
		drop(text);
	}
	for (size_t i = 0; i < COUNT(others); i++) {
		struct span text = exact_copy(others[i]);
		int64_t     digits;
		int         scale;

		assert_false(num_short(text, &digits, &scale));
		drop(text);
	}
}

/* The same value in other words: a point moved, zeros added. */
static void
disguise(uint64_t *seed, const char *text, char *to)
{
	const char *end = text + strcspn(text, "eE");
	int         exponent = *end == '\0' ? 0 : atoi(end + 1);
	int         zeros = (int)naive_below(seed, 5);
	bool        has_point = memchr(text, '.', (size_t)(end - text)) != NULL;

	to += sprintf(to, "%.*s", (int)(end - text), text);
	if (!has_point)
		to += sprintf(to, "%.*s", zeros, "00000");
	else
		to += sprintf(to, "%.*s", (int)(naive_below(seed, 5)), "00000");
	sprintf(to, "e%d", exponent - (has_point ? 0 : zeros));
}

static void
compares_as_a_naive_decimal_does(void **state)
{
	uint64_t     seed = 2;
	char         x[400], y[400];
	struct naive a, b;

	(void)state;
	for (int i = 0; i < 60000; i++) {
		unsigned max = i % 2 ? 6 : 45;

		naive_random_number(&seed, x, max, i % 3 ? 0 : 60);
		if (i % 4 == 0)
			disguise(&seed, x, y);
		else
			naive_random_number(&seed, y, max, i % 3 ? 0 : 60);
		a = naive_read(x);
		b = naive_read(y);
		compares(x, y, naive_compare(&a, &b));
	}
}

static void
reads_whole_numbers(void **state)
{
	static const struct { const char *text; bool ok, json_ok; int64_t value; } cases[] = {
		{ "0", true, true, 0 }, { "-0", true, true, 0 }, { "7", true, true, 7 },
		{ "-7", true, true, -7 }, { "007", true, true, 7 },
		{ "1700000000123", true, true, 1700000000123 },
		{ "-1700000000123", true, true, -1700000000123 },
		{ "9223372036854775807", true, true, INT64_MAX },
		{ "-9223372036854775808", true, true, INT64_MIN },
		{ "9223372036854775808", false, false, 0 },
		{ "-9223372036854775809", false, false, 0 },
		{ "18446744073709551616", false, false, 0 },
		{ "99999999999999999999999999", false, false, 0 },
		{ "0000000000000000000000000000000000000000000012", true, true, 12 },
		{ "1e3", false, true, 1000 }, { "2.0", false, true, 2 }, { "2.5", false, false, 0 },
		{ "1e18", false, true, 1000000000000000000 },
		{ "1e19", false, false, 0 }, { "-9.223372036854775808e18", false, true, INT64_MIN },
		{ "9.223372036854775808e18", false, false, 0 }, { "1e-1", false, false, 0 },
		{ "10e-1", false, true, 1 },
		{ "123456789012345.0", false, true, 123456789012345 }, { "0e99", false, true, 0 }
	};
	static const char *const no_numbers[] = {
		"", "-", "--1", "+1", " 1", "1 ", "1-", "x", "1x", "12345678x", "x23456789012", ".",
		"1.", ".5", "1.5", "1:", "1/", "123456789012345678901x"
	};
	int64_t v;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span s = exact_copy(cases[i].text);

		v = 99;
		if (num_i64(s, &v) != cases[i].ok || (cases[i].ok && v != cases[i].value))
			fail_msg("num_i64 of %s gives %lld", cases[i].text, (long long)v);
		if (num_json_i64(s, &v) != cases[i].json_ok ||
		    (cases[i].json_ok && v != cases[i].value))
			fail_msg("num_json_i64 of %s gives %lld", cases[i].text, (long long)v);
		drop(s);
	}
	for (size_t i = 0; i < COUNT(no_numbers); i++) {
		struct span s = exact_copy(no_numbers[i]);

		if (num_i64(s, &v))
			fail_msg("'%s' is read as a number", no_numbers[i]);
		drop(s);
	}
	assert_false(num_i64(SPAN_NONE, &v));
}

/* Any byte at any place of any length up to 20: only digits make a number. */
static void
refuses_every_foreign_byte(void **state)
{
	int64_t v;

	(void)state;
	for (size_t n = 1; n <= 20; n++)
		for (size_t at = 0; at < n; at++)
			for (int c = 0; c < 256; c++) {
				char text[32];
				bool ok = (c >= '0' && c <= '9') || (c == '-' && at == 0 && n > 1);

				memset(text, '1', n);
				text[at] = (char)c;
				if (n == 20 && ok)
					continue;       /* too large or not: another test */
				if (num_i64(span_of(text, n), &v) != ok)
					fail_msg("byte %d at %zu of %zu", c, at, n);
			}
}

static void
floors(void **state)
{
	static const struct { const char *text; int shift; bool ok; int64_t value; } cases[] = {
		{ "0", 3, true, 0 }, { "-0.0", 3, true, 0 }, { "1.5", 0, true, 1 },
		{ "-1.5", 0, true, -2 }, { "-1.0", 0, true, -1 },
		{ "1.2345", 3, true, 1234 }, { "-1.2345", 3, true, -1235 },
		{ "-1.234", 3, true, -1234 }, { "1e3", -3, true, 1 },
		{ "999", -3, true, 0 }, { "-1", -3, true, -1 }, { "1e-400", 3, true, 0 },
		{ "-1e-400", 3, true, -1 },
		{ "1e400", 3, false, 0 }, { "9223372036854775807", 0, true, INT64_MAX },
		{ "9223372036854775807.9", 0, true, INT64_MAX },
		{ "18446744073709551617", 0, false, 0 },
		{ "9223372036854775808", 0, false, 0 },
		{ "-9223372036854775808", 0, true, INT64_MIN },
		{ "-9223372036854775808.1", 0, false, 0 },
		{ "9223372036854775.807", 3, true, INT64_MAX },
		{ "9999999999999999999", 0, false, 0 }, { "-9999999999999999999", 0, false, 0 },
		{ "1700000000.12345678901234567890123456789012345678901234567890", 3, true, 1700000000123 },
		{ "1e18446744073709551616", 0, false, 0 }
	};
	int64_t v;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span s = exact_copy(cases[i].text);

		v = 99;
		if (num_floor(s, cases[i].shift, &v) != cases[i].ok ||
		    (cases[i].ok && v != cases[i].value))
			fail_msg("%s by 10^%d gives %lld", cases[i].text, cases[i].shift, (long long)v);
		drop(s);
	}
}

static void
tells_the_magnitude(void **state)
{
	(void)state;
	assert_int_equal(num_magnitude(SPAN_LIT("0")), INT64_MIN);
	assert_int_equal(num_magnitude(SPAN_LIT("1")), 1);
	assert_int_equal(num_magnitude(SPAN_LIT("-9.99")), 1);
	assert_int_equal(num_magnitude(SPAN_LIT("10")), 2);
	assert_int_equal(num_magnitude(SPAN_LIT("0.1")), 0);
	assert_int_equal(num_magnitude(SPAN_LIT("0.0123")), -1);
	assert_int_equal(num_magnitude(SPAN_LIT("1e11")), 12);
	assert_true(num_magnitude(SPAN_LIT("1e99999999999999999999")) >= 1000000000000000000);
}

/* sums */

static void
add(struct num_sum *s, const char *text)
{
	struct dec d;

	assert_true(num_parse(span_str(text), &d));
	num_sum_add(s, d);
}

static void
sum_is(const struct num_sum *s, const char *expected)
{
	struct buf     b = { 0 };
	struct num_sum again;

	num_sum_put(&b, s);
	assert_true(num_sum_parse(&again, buf_all(&b)));
	if (strcmp(text_of(&b), expected) != 0)
		fail_msg("the sum is %s, not %s", b.p, expected);
	buf_reset(&b);
	num_sum_put(&b, &again);
	assert_string_equal(text_of(&b), expected);
	buf_release(&b);
}

static void
result_is(const struct num_sum *s, const char *expected)
{
	struct buf b = { 0 };

	assert_int_equal(num_sum_result(s, &b), expected != NULL);
	assert_string_equal(text_of(&b), expected == NULL ? "" : expected);
	buf_release(&b);
}

static void
mean_is(const struct num_sum *s, uint64_t n, const char *expected)
{
	struct buf b = { 0 };

	num_sum_mean(s, n, &b);
	if (strcmp(text_of(&b), expected) != 0)
		fail_msg("the mean is %s, not %s", b.p, expected);
	buf_release(&b);
}

static void
adds_exactly(void **state)
{
	struct num_sum s = { 0 };

	(void)state;
	sum_is(&s, "0");
	add(&s, "0.1");
	add(&s, "0.2");
	sum_is(&s, "0.3");
	result_is(&s, "0.3");
	add(&s, "-0.3");
	sum_is(&s, "0");
	add(&s, "9007199254740993");
	add(&s, "0.0000000000000000001");
	sum_is(&s, "9007199254740993.0000000000000000001");
	assert_int_equal(s.n, 5);
}

static void
goes_wide_and_comes_back(void **state)
{
	struct num_sum s = { 0 };

	(void)state;
	add(&s, "1e37");
	add(&s, "1e-38");
	sum_is(&s, "10000000000000000000000000000000000000.00000000000000000000000000000000000001");
	result_is(&s, NULL);
	add(&s, "-1e37");
	sum_is(&s, "0.00000000000000000000000000000000000001");
	result_is(&s, "0.00000000000000000000000000000000000001");
	add(&s, "-2e-38");
	sum_is(&s, "-0.00000000000000000000000000000000000001");
	add(&s, "1e-38");
	result_is(&s, "0");
}

static void
a_result_has_38_digits(void **state)
{
	struct num_sum s = { 0 }, t = { 0 };

	(void)state;
	add(&s, "99999999999999999999999999999999999999");
	result_is(&s, "99999999999999999999999999999999999999");
	add(&s, "1");
	sum_is(&s, "100000000000000000000000000000000000000");
	result_is(&s, NULL);
	add(&s, "0.5");
	result_is(&s, NULL);
	add(&s, "-1");
	result_is(&s, NULL);
	add(&s, "-0.5");
	result_is(&s, "99999999999999999999999999999999999999");
	add(&t, "-99999999999999999999999999999999999999");
	add(&t, "-99999999999999999999999999999999999999");
	result_is(&t, NULL);
	sum_is(&t, "-199999999999999999999999999999999999998");
}

/* Merging with itself doubles: 2^60 and 2^64 values of the largest kind, by the shortest way. */
static void
never_overflows(void **state)
{
	for (int negative = 0; negative < 2; negative++) {
		struct num_sum s = { 0 }, copy;
		const char    *text38 = "-99999999999999999999999999999999999999" + !negative;
		struct naive   a = naive_read(text38);
		char           text[800];

		(void)state;
		add(&s, text38);
		for (int i = 0; i < 64; i++) {
			copy = s;
			num_sum_merge(&s, &copy);
			a = naive_add(a, a);
			sum_is(&s, naive_write(&a, text));
		}
	}
}

static void
refuses_sums_that_are_none(void **state)
{
	static const char *const cases[] = {
		"", "-", ".", "1.", ".5", "+1", "1e3", "--1", "1.5.5", "1x", " 1",
		"0.000000000000000000000000000000000000001",
		"1000000000000000000000000000000000000000000000000000000000000"
	};
	struct num_sum s;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (num_sum_parse(&s, span_str(cases[i])))
			fail_msg("'%s' is taken for a sum", cases[i]);
	assert_false(num_sum_parse(&s, SPAN_NONE));
}

static void
means_round_half_to_even(void **state)
{
	static const struct { const char *sum; uint64_t n; const char *mean; } cases[] = {
		{ "0", 3, "0" }, { "5", 3, "1.6666666666666667" }, { "5", 2, "2.5" },
		{ "6", 3, "2" }, { "-5", 3, "-1.6666666666666667" },
		{ "10", 3, "3.3333333333333333" }, { "1", 7, "0.14285714285714286" },
		{ "100", 1, "100" },
		{ "24691357802469135", 2, "12345678901234568" },
		{ "24691357802469133", 2, "12345678901234566" },
		{ "-24691357802469135", 2, "-12345678901234568" },
		{ "24691357802469135.0000000000000000000001", 2, "12345678901234568" },
		{ "24691357802469133.0000000000000000000001", 2, "12345678901234567" },
		{ "199999999999999999", 2, "100000000000000000" },
		{ "99999999999999999.9", 1, "100000000000000000" },
		{ "9999999999999999.95", 1, "10000000000000000" }, { "0.000001", 1, "0.000001" },
		{ "0.000001", 10, "1e-7" }, { "0.00001", 3, "0.0000033333333333333333" },
		{ "0.0000015", 10, "1.5e-7" }, { "1e20", 1, "100000000000000000000" },
		{ "1e21", 1, "1e+21" }, { "1e22", 3, "3.3333333333333333e+21" },
		{ "1e22", 100, "100000000000000000000" }, { "999999999999999999999.9", 1, "1e+21" },
		{ "0.00000099999999999999999999", 1, "0.000001" },
		{ "1e-38", 3, "3.3333333333333333e-39" },
		{ "1e-38", UINT64_MAX, "5.4210108624275222e-58" },
		{ "1e37", UINT64_MAX, "542101086242752220" },
		{ "1", 1, "1" }, { "18446744073709551615", UINT64_MAX, "1" },
		{ "12345678901234567890", 1, "12345678901234568000" }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct num_sum s = { 0 };
		struct dec     d;

		if (num_parse(span_str(cases[i].sum), &d))
			num_sum_add(&s, d);
		else
			assert_true(num_sum_parse(&s, span_str(cases[i].sum)));
		mean_is(&s, cases[i].n, cases[i].mean);
	}
}

static void
check_against(const struct num_sum *s, const struct naive *a, uint64_t n)
{
	char         text[800];
	bool         more;
	struct naive q;

	sum_is(s, naive_write(a, text));
	result_is(s, expected_text(a, text));
	q = naive_divide(*a, n, &more);
	q = naive_round(q, 17, more);
	mean_is(s, n, naive_write_mean(&q, text));
}

/* Random sums, in parts and merged, saved and loaded on the way: the naive sum and its mean. */
static void
sums_are_what_a_naive_decimal_says(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (int round = 0; round < 1500; round++) {
		struct num_sum whole = { 0 }, part[2] = { 0 };
		struct naive   total = { 0 };
		unsigned       n = 1 + naive_below(&seed, 12);
		unsigned       max = 1 + naive_below(&seed, round % 2 ? 5 : 40);
		unsigned       exponent = round % 3 ? 0 : 38;

		for (unsigned i = 0; i < n; ) {
			char       text[400];
			struct dec d;

			naive_random_number(&seed, text, max, exponent);
			if (!num_parse(span_str(text), &d))
				continue;
			num_sum_add(&whole, d);
			num_sum_add(&part[naive_below(&seed, 2)], d);
			total = naive_add(total, naive_read(text));
			if (naive_below(&seed, 4) == 0) {
				struct buf b = { 0 };

				num_sum_put(&b, &part[0]);
				assert_true(num_sum_parse(&part[0], buf_all(&b)));
				buf_release(&b);
			}
			i++;
		}
		num_sum_merge(&part[0], &part[1]);
		check_against(&whole, &total, n);
		check_against(&part[0], &total, naive_random(&seed) >> naive_below(&seed, 63) | 1);
	}
}

static void
reads_sizes(void **state)
{
	static const struct { const char *text; uint64_t bytes; } good[] = {
		{ "0", 0 }, { "512", 512 }, { "512B", 512 }, { "512b", 512 }, { "64K", 65536 },
		{ "64k", 65536 }, { "1M", 1 << 20 }, { "2G", UINT64_C(2) << 30 },
		{ "1T", UINT64_C(1) << 40 }, { "1P", UINT64_C(1) << 50 },
		{ "15E", UINT64_C(15) << 60 }, { "1KB", 1000 }, { "1kB", 1000 }, { "3MB", 3000000 },
		{ "1GB", 1000000000 }, { "1KiB", 1024 }, { "1MiB", 1 << 20 }, { "1GiB", 1 << 30 },
		{ "18446744073709551615", UINT64_MAX }
	};
	static const struct { const char *text, *says; } bad[] = {
		{ "", "is no size" }, { "K", "is no size" }, { "-1", "is no size" },
		{ " 1", "is no size" }, { "1.5G", "no unit" }, { "1X", "no unit" },
		{ "1KK", "no unit" }, { "1Ki", "no unit" }, { "1iB", "no unit" },
		{ "1 K", "no unit" }, { "1BB", "no unit" }, { "16E", "too large" },
		{ "18446744073709551616", "too large" },
		{ "99999999999999999999999K", "too large" }
	};
	struct err err = ERR_INIT;
	uint64_t   bytes;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		assert_int_equal(num_size(good[i].text, &bytes, &err), 0);
		assert_int_equal(bytes, good[i].bytes);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(num_size(bad[i].text, &bytes, &err), -1);
		assert_int_equal(err.status, 2);
		if (strstr(err.text, bad[i].says) == NULL)
			fail_msg("'%s': %s", bad[i].text, err.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(reads_what_a_naive_decimal_reads),
		cmocka_unit_test(compares_numbers_exactly),
		cmocka_unit_test(short_numbers_are_digits_and_how_many_stand_behind_the_point),
		cmocka_unit_test(compares_as_a_naive_decimal_does),
		cmocka_unit_test(reads_whole_numbers),
		cmocka_unit_test(refuses_every_foreign_byte),
		cmocka_unit_test(floors),
		cmocka_unit_test(tells_the_magnitude),
		cmocka_unit_test(adds_exactly),
		cmocka_unit_test(goes_wide_and_comes_back),
		cmocka_unit_test(a_result_has_38_digits),
		cmocka_unit_test(never_overflows),
		cmocka_unit_test(refuses_sums_that_are_none),
		cmocka_unit_test(means_round_half_to_even),
		cmocka_unit_test(sums_are_what_a_naive_decimal_says),
		cmocka_unit_test(reads_sizes)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
