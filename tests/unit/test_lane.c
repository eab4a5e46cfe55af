/* test_lane - what a join keeps: lanes in order of time against a sorted array, chains against what is in them */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "optest.h"
#include "state/chains.h"
#include "state/lane.h"
#include "state/slabs.h"
#include "state/wheel.h"

/* ---- lanes ---- */

enum { MOST = 3000 };

struct sorted {
	struct lane_item *items[MOST];
	size_t            n;
};

static size_t
below(const struct sorted *s, int64_t ts_ms, uint64_t order)
{
	size_t i = 0;

	while (i < s->n && (s->items[i]->ts_ms < ts_ms || (s->items[i]->ts_ms == ts_ms && s->items[i]->order < order)))
		i++;
	return i;
}

static void
put(struct sorted *s, struct lane *l, int64_t ts_ms, uint64_t order)
{
	struct lane_item *item = alloc_zeroed(1, sizeof(*item));
	size_t            at = below(s, ts_ms, order);

	*item = (struct lane_item){ ts_ms, order };
	memmove(s->items + at + 1, s->items + at, (s->n - at) * sizeof(s->items[0]));
	s->items[at] = item;
	s->n++;
	lane_put(l, item);
}

static void
take(struct sorted *s, struct lane *l, size_t at)
{
	struct lane_item *item = s->items[at];

	s->n--;
	memmove(s->items + at, s->items + at + 1, (s->n - at) * sizeof(s->items[0]));
	lane_take(l, item);
	free(item);
}

static void
compare(const struct sorted *s, const struct lane *l, int64_t ts_ms)
{
	size_t             at = below(s, ts_ms, 0);
	struct lane_place  p = lane_seek(l, ts_ms, 0), back = p;

	assert_int_equal(l->n, s->n);
	assert_ptr_equal(lane_first(l), s->n == 0 ? NULL : s->items[0]);
	for (size_t i = at; i < s->n; i++)
		assert_ptr_equal(lane_next(l, &p), s->items[i]);
	assert_null(lane_next(l, &p));
	for (size_t i = at; i > 0; i--)
		assert_ptr_equal(lane_previous(l, &back), s->items[i - 1]);
	assert_null(lane_previous(l, &back));
	if (s->n > 0) {
		const struct lane_item *item = s->items[s->n / 2];

		assert_ptr_equal(lane_find(l, item->ts_ms, item->order), item);
		assert_null(lane_find(l, item->ts_ms, item->order + 1000000));
	}
}

/* Up to UP things, then down to none: in order, against it, or anyhow; taken from the front or from anywhere. */
static void
come_and_go(size_t up, int64_t step, uint64_t disorder, bool from_front)
{
	static struct sorted s;
	struct lane          l = { 0 };
	uint64_t             random = 7 + up;
	int64_t              now = 0;

	for (size_t i = 0; i < 3 * up; i++) {
		bool is_growing = i < up || i % 2 == 0;

		now += step;
		if (is_growing && s.n < MOST)
			put(&s, &l, now + (int64_t)(optest_random(&random) % (disorder + 1)), i);
		else if (s.n > 0)
			take(&s, &l, from_front ? 0 : optest_random(&random) % s.n);
		if (i % (up / 10 + 1) == 0)
			compare(&s, &l, now - (int64_t)(optest_random(&random) % 100));
	}
	while (s.n > 0) {
		take(&s, &l, from_front ? 0 : optest_random(&random) % s.n);
		if (s.n % (up / 10 + 1) == 0)
			compare(&s, &l, now);
	}
	assert_int_equal(lane_bytes(&l), 0);
	lane_release(&l);
}

static void
lanes_keep_order_however_things_come_and_go(void **state)
{
	static const size_t ups[] = { 1, 2, 3, 63, 64, 65, 66, 127, 400, 2500 };

	(void)state;
	for (size_t i = 0; i < sizeof(ups) / sizeof(ups[0]); i++)
		for (int from_front = 0; from_front < 2; from_front++) {
			come_and_go(ups[i], 1, 0, from_front);
			come_and_go(ups[i], -1, 0, from_front);
			come_and_go(ups[i], 1, 50, from_front);
			come_and_go(ups[i], 0, 3, from_front);
		}
}

static void
a_lane_that_grew_in_order_takes_little_more_than_a_pointer_a_thing(void **state)
{
	enum { N = 100000 };
	struct lane_item *items = alloc_zeroed(N, sizeof(*items));
	struct lane       l = { 0 };

	(void)state;
	for (size_t i = 0; i < N; i++) {
		items[i] = (struct lane_item){ (int64_t)i, 0 };
		lane_put(&l, &items[i]);
	}
	assert_true(lane_bytes(&l) < N * 10);
	for (size_t i = 0; i < N; i++)
		lane_take(&l, &items[i]);
	assert_int_equal(lane_bytes(&l), 0);
	free(items);
}

/* ---- chains ---- */

struct thing {
	struct chain_link link;
	bool              is_in;
};

static bool
is_found(const struct chains *c, const struct thing *t)
{
	for (const struct chain_link *l = chains_first(c, t->link.hash); l != NULL; l = l->next)
		if (l == &t->link)
			return true;
	return false;
}

static void
check_chains(const struct chains *c, const struct thing *things, size_t n)
{
	struct chains_walk w = { 0, NULL };
	size_t             n_in = 0, n_walked = 0;

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(is_found(c, &things[i]), things[i].is_in);
		n_in += things[i].is_in;
	}
	while (chains_walk(c, &w) != NULL)
		n_walked++;
	assert_int_equal(n_walked, n_in);
	assert_int_equal(c->n, n_in);
}

static void
chains_find_what_is_in_them_while_they_grow_and_shrink(void **state)
{
	enum { N = 20000 };
	struct thing  *things = alloc_zeroed(N, sizeof(*things));
	struct chains  c = { 0 };
	uint64_t       random = 3;
	size_t         full_bytes;

	(void)state;
	check_chains(&c, things, 10);
	for (size_t i = 0; i < N; i++) {
		things[i].link.hash = optest_random(&random) >> (i % 7 == 0 ? 40 : 0);     /* some in few buckets */
		chains_put(&c, &things[i].link);
		things[i].is_in = true;
		if (i % 3000 == 0)
			check_chains(&c, things, N);
	}
	check_chains(&c, things, N);
	full_bytes = chains_bytes(&c);
	assert_true(full_bytes < N * 10);
	for (size_t i = 0; i < N; i++) {
		size_t at = (i * 7919) % N;

		chains_take(&c, &things[at].link);
		things[at].is_in = false;
		if (i % 3000 == 0)
			check_chains(&c, things, N);
	}
	check_chains(&c, things, N);
	assert_true(chains_bytes(&c) < full_bytes / 10);
	chains_release(&c);
	free(things);
}

/* ---- wheels ---- */

enum { TIMERS = 60000 };

/* All that is due comes, each once, and nothing before its time. */
static void
turn_and_take(struct wheel *w, int64_t now_ms, const int64_t *at_ms, char *is_in, size_t n)
{
	struct timer t;

	wheel_turn(w, now_ms);
	while (wheel_take(w, &t)) {
		assert_true(t.number < n);
		assert_int_equal(is_in[t.number], 1);
		assert_int_equal(t.at_ms, at_ms[t.number]);
		assert_true(t.at_ms <= now_ms);
		is_in[t.number] = 0;
	}
}

static void
turn_a_wheel(uint64_t seed, int64_t start_ms, uint64_t ahead_ms, uint64_t step_ms)
{
	static int64_t at_ms[TIMERS];
	static char    is_in[TIMERS];
	struct wheel   w = { .now_ms = INT64_MIN };
	int64_t        now_ms = start_ms;
	size_t         n = 0;

	memset(is_in, 0, sizeof(is_in));
	while (n < TIMERS) {
		size_t burst = optest_random(&seed) % (n < TIMERS / 2 ? 3000 : 100);

		for (; burst > 0 && n < TIMERS; burst--, n++) {
			at_ms[n] = now_ms + (int64_t)(optest_random(&seed) % ahead_ms) - (int64_t)(n % 50 == 0 ? 3 : 0);
			is_in[n] = 1;
			wheel_add(&w, (struct timer){ at_ms[n], n });
		}
		now_ms += (int64_t)(optest_random(&seed) % step_ms);
		turn_and_take(&w, now_ms, at_ms, is_in, n);
		for (size_t i = 0; i < n; i += 97)
			assert_int_equal(is_in[i], at_ms[i] > now_ms);
	}
	turn_and_take(&w, INT64_MAX, at_ms, is_in, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(is_in[i], 0);
	assert_true(wheel_bytes(&w) < 1000000);
	wheel_release(&w);
}

static void
wheels_give_out_what_is_due_and_nothing_else(void **state)
{
	(void)state;
	turn_a_wheel(1, -1000, 10, 3);
	turn_a_wheel(2, -5000000, 1000000, 3000);
	turn_a_wheel(3, 1700000000000, 3600000, 1000);
	turn_a_wheel(4, 0, 1U << 20, 1U << 16);
	turn_a_wheel(5, INT64_MIN, 1000000, 100000);
	turn_a_wheel(6, 123, UINT64_C(1) << 40, UINT64_C(1) << 33);
}

/* ---- slabs ---- */

enum { THINGS = 20000 };

static void
slabs_keep_things_apart_and_give_back_what_is_empty(void **state)
{
	static char  *things[THINGS];
	static size_t sizes[THINGS];
	struct slabs  s = { 0 };
	uint64_t      random = 11;
	size_t        bytes = 0, full_bytes;

	(void)state;
	for (size_t i = 0; i < THINGS; i++) {
		sizes[i] = 1 + optest_random(&random) % (i % 100 == 0 ? 3 * SLABS_LARGEST : 300);
		things[i] = slabs_take(&s, sizes[i]);
		assert_int_equal((uintptr_t)things[i] % 8, 0);
		memset(things[i], (int)(i % 251), sizes[i]);
		bytes += sizes[i];
	}
	full_bytes = slabs_bytes(&s);
	assert_true(full_bytes < bytes + bytes / 4 + 38 * 32768);
	/* The first half goes, half of it comes again, all of it goes. */
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < THINGS / 2; i++) {
			if (things[i] != NULL) {
				for (size_t k = 0; k < sizes[i]; k++)
					assert_int_equal((unsigned char)things[i][k], i % 251);
				slabs_give(&s, things[i], sizes[i]);
				things[i] = NULL;
			} else if (round == 1 && i % 2 == 0) {
				things[i] = slabs_take(&s, sizes[i]);
				memset(things[i], (int)(i % 251), sizes[i]);
			}
		}
	assert_true(slabs_bytes(&s) < full_bytes * 6 / 10 + 38 * 32768);
	for (size_t i = THINGS / 2; i < THINGS; i++) {
		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal((unsigned char)things[i][k], i % 251);
		slabs_give(&s, things[i], sizes[i]);
	}
	assert_true(slabs_bytes(&s) <= 32768);
	slabs_release(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lanes_keep_order_however_things_come_and_go),
		cmocka_unit_test(a_lane_that_grew_in_order_takes_little_more_than_a_pointer_a_thing),
		cmocka_unit_test(chains_find_what_is_in_them_while_they_grow_and_shrink),
		cmocka_unit_test(wheels_give_out_what_is_due_and_nothing_else),
		cmocka_unit_test(slabs_keep_things_apart_and_give_back_what_is_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
