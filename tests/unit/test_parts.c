/* One watermark of many partitions: small stories, and against a naive reading of the rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/when.h"
#include "run/parts.h"

/* "A5 B7>5": a record of A at 5, then one of B at 7, and 5 is said.  ai: A goes idle, aw: it wakes, ac: it is closed. */
static void
assert_story(const char *story, size_t n, int64_t step_ms, int64_t until_ms)
{
	struct parts     p = { .until_ms = until_ms };
	struct watermark w;
	char             copy[200], *rest = copy, *event;

	watermark_init(&w, 0, step_ms);
	parts_grow(&p, n, &w);
	snprintf(copy, sizeof(copy), "%s", story);
	while ((event = strsep(&rest, " ")) != NULL) {
		char  *want = strchr(event, '>');
		size_t i = (size_t)((event[0] | 32) - 'a');
		bool   due = false;

		if (event[1] == 'i')
			due = parts_idle(&p, i, &w);
		else if (event[1] == 'w')
			parts_wake(&p, i, &w);
		else if (event[1] == 'c')
			due = parts_close(&p, i, &w);
		else
			due = parts_pass(&p, i, atoll(event + 1), &w);
		if (due != (want != NULL))
			fail_msg("%s: at %s a mark %s", story, event, due ? "is due" : "is missing");
		if (want != NULL && w.ts_ms != atoll(want + 1))
			fail_msg("%s: at %s it is %lld", story, event, (long long)w.ts_ms);
	}
	parts_release(&p);
}

static void
nothing_is_said_before_each_has_a_record(void **state)
{
	(void)state;
	assert_story("A5>5 A9 A11>11", 1, 10, WHEN_MAX);
	assert_story("A5 A50 B7>7 A60 B9 B14>14", 2, 10, WHEN_MAX);
}

static void
an_idle_one_holds_nobody_back(void **state)
{
	(void)state;
	assert_story("A5 Bi>5 A12>12", 2, 10, WHEN_MAX);
	assert_story("A5 B7>5 B30 B40 Ai>40 B41 B50>50", 2, 10, WHEN_MAX);
}

static void
one_that_comes_back_counts_when_it_is_there(void **state)
{
	(void)state;
	assert_story("A5 B7>5 B30 Ai>30 Aw A25 B40>40 A41 B50 B60 A49 A50>50", 2, 10, WHEN_MAX);
}

static void
the_last_one_gives_the_highest(void **state)
{
	(void)state;
	assert_story("A5 B7>5 A26 Ai>7 B8 Bi>26", 2, 10, WHEN_MAX);
}

static void
a_closed_one_is_out(void **state)
{
	(void)state;
	assert_story("A5 B7>5 B30 Ac>30", 2, 10, WHEN_MAX);
	assert_story("A5 B7>5 B30 Bi Ac>30", 2, 10, WHEN_MAX);
}

static void
the_end_of_what_is_asked_for_is_noticed(void **state)
{
	(void)state;
	assert_story("A5 B7>5 A30 B13>13 B14", 2, 10, 13);
}

enum { N = 4, EVENTS = 400 };

static int64_t
least_of_counting(const struct part *list)
{
	int64_t ts_ms = WHEN_MAX;

	for (size_t i = 0; i < N; i++)
		if (!list[i].idle && !list[i].behind && list[i].ts_ms < ts_ms)
			ts_ms = list[i].ts_ms;
	return ts_ms;
}

/* Whatever happens: a mark is due exactly when the least of those that count has come to the next multiple. */
static void
as_the_rule_says(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct parts     p = { .until_ms = WHEN_MAX };
		struct watermark w;

		watermark_init(&w, 0, 10);
		parts_grow(&p, N, &w);
		for (int e = 0; e < EVENTS; e++) {
			size_t  i = (size_t)rand_r(&seed) % N;
			int64_t said_ms = w.ts_ms, due_ms = w.due_ms, ts_ms = e / 2 + rand_r(&seed) % 20, t_ms;
			bool    due;

			if (rand_r(&seed) % 20 == 0) {
				parts_idle(&p, i, &w);
				assert_true(w.ts_ms >= said_ms);
				continue;
			}
			parts_wake(&p, i, &w);
			due = parts_pass(&p, i, ts_ms, &w);
			t_ms = least_of_counting(p.list);
			if (due)
				assert_true(w.ts_ms == t_ms && t_ms > said_ms && t_ms >= due_ms);
			else
				assert_true(w.ts_ms == said_ms && (t_ms == WHEN_MAX || t_ms < due_ms || t_ms == WHEN_MIN || t_ms <= said_ms));
		}
		parts_release(&p);
	}
}

static void
they_are_saved(void **state)
{
	struct parts     p = { .until_ms = WHEN_MAX }, q = { .until_ms = WHEN_MAX };
	struct watermark w;
	struct buf       b = { 0 }, again = { 0 };
	struct err       err = ERR_INIT;
	struct tree     *t;

	(void)state;
	watermark_init(&w, 0, 10);
	parts_grow(&p, 3, &w);
	parts_pass(&p, 0, 50, &w);
	parts_idle(&p, 1, &w);
	parts_pass(&p, 2, 40, &w);
	parts_save(&p, &b);
	t = tree_parse(buf_all(&b), &err);
	parts_load(&q, t, &w);
	parts_save(&q, &again);
	assert_true(span_eq(buf_all(&b), buf_all(&again)));
	assert_int_equal(p.n_below, q.n_below);
	tree_free(t);
	buf_release(&b);
	buf_release(&again);
	parts_release(&p);
	parts_release(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_said_before_each_has_a_record),
		cmocka_unit_test(an_idle_one_holds_nobody_back),
		cmocka_unit_test(one_that_comes_back_counts_when_it_is_there),
		cmocka_unit_test(the_last_one_gives_the_highest),
		cmocka_unit_test(a_closed_one_is_out),
		cmocka_unit_test(the_end_of_what_is_asked_for_is_noticed),
		cmocka_unit_test(as_the_rule_says),
		cmocka_unit_test(they_are_saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
