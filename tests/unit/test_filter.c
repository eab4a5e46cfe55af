/* test_filter - the filter operator: golden cases cut anywhere */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "optest.h"

enum { GOLDEN_ROUNDS = 30 };

/* Printed with what fails; STREAM_SEED=n repeats it. */
static uint64_t
seed_of_run(void)
{
	const char *text = getenv("STREAM_SEED");

	return text == NULL ? 20130101 : strtoull(text, NULL, 10) | 1;
}

static void
golden_cases_hold_at_every_cut(void **state)
{
	(void)state;
	assert_true(optest_run_golden("filter", seed_of_run(), GOLDEN_ROUNDS) >= 15);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(golden_cases_hold_at_every_cut) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
