/* test_pages - pages are somebody's own, and an owner who moves together gives blocks back */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/pages.h"

enum { PAGE = 1536, MANY = 10000 };

static void
pages_do_not_overlap_and_come_again(void **state)
{
	static char *all[MANY];
	struct pages s = { .page_bytes = PAGE };
	size_t       before;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		all[i] = pages_take(&s);
		assert_int_equal((uintptr_t)all[i] % 64, 0);
		memset(all[i], i % 251, PAGE);
	}
	for (int i = 0; i < MANY; i++)
		for (int k = 0; k < PAGE; k++)
			assert_int_equal((unsigned char)all[i][k], i % 251);
	before = pages_bytes(&s);
	assert_true(before < (size_t)MANY * PAGE + 2 * ALLOC_BLOCK_BYTES);
	for (int i = 0; i < MANY; i += 3)
		pages_give(&s, all[i]);
	for (int i = 0; i < MANY; i += 3)
		all[i] = pages_take(&s);
	assert_int_equal(pages_bytes(&s), before);
	pages_release(&s);
	assert_int_equal(pages_bytes(&s), 0);
}

/* Nine of ten pages go, of every block; each of the others is taken anew before it is given back. */
static void
who_moves_together_gives_blocks_back(void **state)
{
	static void *all[MANY];
	struct pages s = { .page_bytes = PAGE };

	(void)state;
	for (int i = 0; i < MANY; i++)
		all[i] = pages_take(&s);
	for (int i = 0; i < MANY; i++)
		if (i % 10 != 0)
			pages_give(&s, all[i]);
	for (int i = 0; i < MANY; i += 10) {
		void *new = pages_take(&s);

		pages_give(&s, all[i]);
		all[i] = new;
	}
	assert_true(pages_bytes(&s) < (size_t)MANY / 10 * PAGE + 3 * ALLOC_BLOCK_BYTES);
	for (int i = 0; i < MANY; i += 10)
		pages_give(&s, all[i]);
	assert_int_equal(pages_bytes(&s), 0);
	pages_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_do_not_overlap_and_come_again),
		cmocka_unit_test(who_moves_together_gives_blocks_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
