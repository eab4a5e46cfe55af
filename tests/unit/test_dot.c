/* Exact sums of products, and what is rounded from them */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num_dot.h"
#include "naive_decimal.h"

static const struct dec one = { 1, 0 };

static struct dec
dec(const char *text)
{
	struct dec d;

	assert_true(num_parse(span_str(text), &d));
	return d;
}

static char *
text_of(const struct num_dot *d)
{
	struct buf b = { 0 };

	num_dot_put(&b, d);
	buf_char(&b, '\0');
	return b.p;
}

static void
is(const struct num_dot *d, const char *wanted)
{
	char *got = text_of(d);

	assert_string_equal(got, wanted);
	free(got);
}

static void
products_are_exact(void **state)
{
	static const struct { const char *a, *b, *product; } cases[] = {
		{ "0", "5", "0" }, { "-0.1", "0.1", "-0.01" }, { "1.5", "-2", "-3" }, { "9007199254740993", "3", "27021597764222979" },
		{ "99999999999999999999999999999999999999", "99999999999999999999999999999999999999",
		  "9999999999999999999999999999999999999800000000000000000000000000000000000001" },
		{ "0.00000000000000000000000000000000000001", "0.00000000000000000000000000000000000001",
		  "0.0000000000000000000000000000000000000000000000000000000000000000000000000001" },
		{ "-99999999999999999999999999999999999999", "0.00000000000000000000000000000000000001",
		  "-0.99999999999999999999999999999999999999" }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct num_dot d = { 0 };
		struct arena   arena = { 0 };

		num_dot_add(&d, dec(cases[i].a), dec(cases[i].b), &arena);
		is(&d, cases[i].product);
		arena_release(&arena);
	}
}

static void
what_goes_wide_comes_back(void **state)
{
	struct num_dot d = { 0 };
	struct arena   arena = { 0 };
	struct dec     large = dec("99999999999999999999999999999999999999"), small = dec("1e-38"), minus = large;

	(void)state;
	minus.coef = -minus.coef;
	num_dot_add(&d, small, small, &arena);
	num_dot_add(&d, large, large, &arena);
	num_dot_add(&d, small, small, &arena);
	num_dot_add(&d, minus, large, &arena);
	is(&d, "0.0000000000000000000000000000000000000000000000000000000000000000000000000002");
	num_dot_add(&d, minus, small, &arena);
	is(&d, "-0.9999999999999999999999999999999999999899999999999999999999999999999999999998");
	arena_release(&arena);
}

/* Sums of numbers times one are sums of numbers; however they are divided, saved and loaded. */
static void
times_one_it_is_a_sum(void **state)
{
	uint64_t seed = 3;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct num_dot part[2] = { { 0 }, { 0 } }, again;
		struct num_sum sum = { 0 };
		struct arena   arena = { 0 };
		struct buf     wanted = { 0 };
		char           text[400], *got;

		for (unsigned i = naive_below(&seed, 12); i > 0; i--) {
			struct dec d;

			naive_random_number(&seed, text, naive_below(&seed, 4) == 0 ? 36 : 8, 9);
			if (!num_parse(span_str(text), &d))
				continue;
			num_sum_add(&sum, d);
			if (naive_below(&seed, 2))
				num_dot_add(&part[naive_below(&seed, 2)], d, one, &arena);
			else
				num_dot_add(&part[naive_below(&seed, 2)], one, d, &arena);
		}
		got = text_of(&part[1]);
		assert_true(num_dot_parse(&again, span_str(got), &arena));
		free(got);
		num_dot_merge(&part[0], &again, &arena);
		num_sum_put(&wanted, &sum);
		buf_char(&wanted, '\0');
		is(&part[0], wanted.p);
		buf_release(&wanted);
		arena_release(&arena);
	}
}

static void
does_not_parse_what_put_does_not_write(void **state)
{
	static const char *const texts[] = { "", "-", ".", "1.", ".5", "1e5", "0x1", "1..2", "+1", " 1", "1.2.3", "--1" };
	char                     text[400];
	struct arena             arena = { 0 };
	struct num_dot           d;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (num_dot_parse(&d, span_str(texts[i]), &arena))
			fail_msg("takes '%s'", texts[i]);
	memset(text, '9', 240);
	text[240] = '\0';
	assert_false(num_dot_parse(&d, span_str(text), &arena));
	strcpy(text, "0.");
	memset(text + 2, '1', 77);
	text[79] = '\0';
	assert_false(num_dot_parse(&d, span_str(text), &arena));
	arena_release(&arena);
}

static void
rounds(const char *over, const char *under, int scale, const char *ratio, const char *root)
{
	struct big x, y;
	struct buf b = { 0 };

	assert_true(big_parse(&x, span_str(over)) && big_parse(&y, span_str(under)));
	big_put_ratio(&b, false, &x, &y, scale);
	buf_char(&b, '\0');
	assert_string_equal(b.p, ratio);
	buf_reset(&b);
	big_put_root(&b, true, &x, &y, scale);
	buf_char(&b, '\0');
	assert_string_equal(b.p, root);
	buf_release(&b);
}

static void
ratios_and_roots_are_rounded_half_to_even(void **state)
{
	(void)state;
	rounds("0", "7", 2, "0", "0");
	rounds("1", "1", 0, "1", "-1");
	rounds("2", "1", 0, "2", "-1.414213562373095");
	rounds("2", "3", 0, "0.66666666666666667", "-0.81649658092772603");
	rounds("400", "1", 2, "4", "-2");
	rounds("1", "100000000", 2, "1e-10", "-0.00001");
	rounds("1", "1000000000000000000000000000000", 0, "1e-30", "-1e-15");
	rounds("10000000000000000000000000000000000000000000000", "1", 0, "1e+46",
	    "-1e+23");
	/* 17 digits and a half: to the even neighbour, unless there is more. */
	rounds("1234567890123456650", "1", 2, "12345678901234566", "-111111110.6111111");
	rounds("1234567890123456750", "1", 2, "12345678901234568", "-111111110.61111111");
	rounds("12345678901234566500000000000000000000000000000000001", "1", 36, "12345678901234567",
	    "-111111110.6111111");
	rounds("9999999999999999950", "1", 2, "100000000000000000", "-316227766.01683793");
	/* (12345678901234566 + ½)² and (12345678901234567 + ½)²: the same for roots. */
	rounds("15241578753238833318091785444292225", "1", 2, "1.5241578753238833e+32",
	    "-12345678901234566");
	rounds("15241578753238835787227565691205625", "1", 2, "1.5241578753238836e+32",
	    "-12345678901234568");
	rounds("15241578753238835787227565691205624", "1", 2, "1.5241578753238836e+32",
	    "-12345678901234567");
	rounds("1524157875323883331809178544429222500000001", "1", 10, "1.5241578753238833e+32",
	    "-12345678901234567");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(products_are_exact),
		cmocka_unit_test(what_goes_wide_comes_back),
		cmocka_unit_test(times_one_it_is_a_sum),
		cmocka_unit_test(does_not_parse_what_put_does_not_write),
		cmocka_unit_test(ratios_and_roots_are_rounded_half_to_even)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
