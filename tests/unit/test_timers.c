/* timers: what is due comes when it is, whatever the order it was set in */
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
	int64_t      last_ms;        /* of the last one taken */
};

static int64_t
earliest_ms(const struct list *l)
{
	int64_t ms = INT64_MAX;

	for (size_t i = 0; i < l->n; i++)
		ms = l->at[i].at_ms < ms ? l->at[i].at_ms : ms;
	return ms;
}

/* Out with T, which has to be there. */
static void
list_drop(struct list *l, struct timer t)
{
	size_t i = 0;

	while (i < l->n && (l->at[i].at_ms != t.at_ms || l->at[i].number != t.number))
		i++;
	assert_true(i < l->n);
	l->at[i] = l->at[--l->n];
}

/* Time goes up: the earliest comes, or, of those that were set behind time, any. */
static void
as_a_list_looked_through(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 100; round++) {
		struct timers timers = { 0 };
		struct list   list = { .n = 0, .last_ms = INT64_MIN };
		int64_t       range_ms = (int64_t)1 << random_below(&seed, 40), now_ms = -range_ms;

		for (int step = 0; step < 2000; step++) {
			struct timer t = { 0 };
			bool         is_due;

			if (list.n < MOST && random_below(&seed, 2) == 0) {
				t = (struct timer){ now_ms + random_between(&seed, -range_ms / 8 - 1, range_ms), random_below(&seed, 50) };
				timers_add(&timers, t);
				list.at[list.n++] = t;
				continue;
			}
			now_ms += random_between(&seed, 0, range_ms / 100 + 2);
			is_due = list.n > 0 && earliest_ms(&list) <= now_ms;
			assert_int_equal(timers_take(&timers, now_ms, &t), is_due);
			if (is_due) {
				assert_true(t.at_ms == earliest_ms(&list) || t.at_ms <= list.last_ms);
				list_drop(&list, t);
				list.last_ms = t.at_ms > list.last_ms ? t.at_ms : list.last_ms;
			}
			assert_int_equal(timers.n, list.n);
		}
		timers_release(&timers);
		assert_int_equal(timers.n, 0);
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
