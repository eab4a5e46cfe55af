/* test_err - kinds of failures */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"

static void
what_a_library_says_is_judged_by_its_last_words(void **state)
{
	(void)state;
	assert_int_equal(err_kind_said("While appending to file: a.sst: No space left on device", ERR_DATA), ERR_RETRY);
	assert_int_equal(err_kind_said("Can't access a.sst: Input/output error", ERR_DATA), ERR_RETRY);
	assert_int_equal(err_kind_said("While open a file: Permission denied", ERR_RETRY), ERR_FATAL);
	assert_int_equal(err_kind_said("Permission denied, it seems", ERR_RETRY), ERR_RETRY);
	assert_int_equal(err_kind_said("lib.so: undefined symbol: f", ERR_USAGE), ERR_USAGE);
	assert_int_equal(err_kind_said("", ERR_DATA), ERR_DATA);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_library_says_is_judged_by_its_last_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
