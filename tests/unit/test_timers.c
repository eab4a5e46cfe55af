/* timers: what is due comes in its order, whatever the order it was set in */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"
#include "state/timers.h"

enum { MOST = 500 };

/* The naive one: a list, looked through from end to end. */
struct list {
	struct timer at[MOST];
	size_t       n;
};

static bool
list_take(struct list *l, int64_t now_ms, struct timer *t)
{
	size_t first = 0;

	for (size_t i = 1; i < l->n; i++)
		if (l->at[i].at_ms < l->at[first].at_ms ||
		    (l->at[i].at_ms == l->at[first].at_ms && l->at[i].number < l->at[first].number))
			first = i;
	if (l->n == 0 || l->at[first].at_ms > now_ms)
		return false;
	*t = l->at[first];
	l->at[first] = l->at[--l->n];
	return true;
}

static void
as_a_list_looked_through(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 100; round++) {
		struct timers heap = { 0 };
		struct list   list = { .n = 0 };
		int64_t       range_ms = (int64_t)1 << random_below(&seed, 40);

		for (int step = 0; step < 2000; step++) {
			struct timer a = { 0 }, b = { 0 };
			int64_t      now_ms = random_between(&seed, -range_ms, range_ms);
			bool         taken;

			if (list.n < MOST && random_below(&seed, 2) == 0) {
				a = (struct timer){ now_ms, random_below(&seed, 50) };
				timers_add(&heap, a);
				list.at[list.n++] = a;
				continue;
			}
			taken = timers_take(&heap, now_ms, &a);
			assert_int_equal(taken, list_take(&list, now_ms, &b));
			assert_int_equal(a.at_ms, b.at_ms);
			assert_int_equal(a.number, b.number);
			assert_int_equal(heap.n, list.n);
		}
		timers_release(&heap);
		assert_int_equal(heap.n, 0);
	}
}

static void
bounds_are_times_like_others(void **state)
{
	struct timers t = { 0 };
	struct timer  first;

	(void)state;
	assert_false(timers_take(&t, INT64_MAX, &first));
	timers_add(&t, (struct timer){ INT64_MAX, 1 });
	timers_add(&t, (struct timer){ INT64_MIN, 2 });
	timers_add(&t, (struct timer){ 0, 3 });
	assert_true(timers_take(&t, INT64_MIN, &first));
	assert_int_equal(first.number, 2);
	assert_false(timers_take(&t, -1, &first));
	assert_true(timers_take(&t, 0, &first));
	assert_int_equal(first.number, 3);
	assert_false(timers_take(&t, INT64_MAX - 1, &first));
	assert_true(timers_take(&t, INT64_MAX, &first));
	assert_int_equal(first.number, 1);
	timers_release(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_a_list_looked_through),
		cmocka_unit_test(bounds_are_times_like_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
