/* Several inputs: what is said for all of them, told by small stories and against a naive reading of the rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/when.h"
#include "mark/align.h"

enum { MAX_INPUTS = 4, MAX_EVENTS = 60 };

/* ---- stories: "A10 B5>5 Bi>10,idle" ---- */

static void
put_said(struct buf *b, const struct align_said *s)
{
	size_t from = b->n;

	if (s->active)
		buf_lit(b, ",active");
	if (s->watermark && s->watermark_ms == WHEN_MAX)
		buf_lit(b, ",max");
	else if (s->watermark)
		buf_printf(b, ",%lld", (long long)s->watermark_ms);
	if (s->idle)
		buf_lit(b, ",idle");
	if (s->barrier)
		buf_printf(b, ",b%llu", (unsigned long long)s->epoch);
	if (b->n > from)
		b->p[from] = '>';
}

static void
reload(struct align *a, size_t n, uint64_t epoch)
{
	struct buf   b = { 0 };
	struct err   err = ERR_INIT;
	struct tree *t;

	align_save(a, &b);
	t = tree_parse(buf_all(&b), &err);
	assert_non_null(t);
	align_release(a);
	align_init(a, n, epoch);
	if (align_load(a, t, &err) == -1)
		fail_msg("%.*s: %s", SPAN_ARGS(buf_all(&b)), err.text);
	tree_free(t);
	buf_release(&b);
}

/* One event: an input's letter, then a watermark, `m` (max), `i`dle, `a`ctive, `e`nd or `b`arrier with its number. */
static void
do_event(struct align *a, const char *event, struct align_said *said)
{
	struct err err = ERR_INIT;
	size_t     i = (size_t)(event[0] - 'A');

	switch (event[1]) {
	case 'm': align_watermark(a, i, WHEN_MAX, said); break;
	case 'i': align_idle(a, i, said); break;
	case 'a': align_active(a, i, said); break;
	case 'e': align_close(a, i, said); break;
	case 'b':
		if (align_barrier(a, i, strtoull(event + 2, NULL, 10), said, &err) == -1)
			fail_msg("%s: %s", event, err.text);
		break;
	default:  align_watermark(a, i, strtoll(event + 1, NULL, 10), said);
	}
}

static bool
any_held(const struct align *a)
{
	for (size_t i = 0; i < a->n_inputs; i++)
		if (align_is_held(a, i))
			return true;
	return false;
}

/* STORY, with what is said behind each event; told twice, once with save and load wherever a barrier allows it. */
static void
tell(size_t n, const char *story)
{
	for (int saving = 0; saving < 2; saving++) {
		struct align a;
		struct buf   got = { 0 };
		const char  *p = story;

		align_init(&a, n, 0);
		while (*p != '\0') {
			struct align_said said;
			size_t            length = strcspn(p, " ");

			if (got.n > 0)
				buf_char(&got, ' ');
			buf_put(&got, p, strcspn(p, "> "));
			do_event(&a, p, &said);
			put_said(&got, &said);
			p += length + strspn(p + length, " ");
			if (saving && !any_held(&a))
				reload(&a, n, a.epoch);
		}
		buf_char(&got, '\0');
		assert_string_equal(got.p, story);
		buf_release(&got);
		align_release(&a);
	}
}

static void
nothing_goes_out_before_each_input_has_a_watermark(void **state)
{
	(void)state;
	tell(2, "A10 A20 B5>5");
	tell(3, "A10 B10 A20 C-7>-7");
}

static void
the_least_watermark_goes_out_where_it_is_higher(void **state)
{
	(void)state;
	tell(2, "A10 B5>5 B8>8 B12>10 B30 A20>20 A30>30");
}

static void
a_watermark_that_is_not_higher_than_the_inputs_last_is_ignored(void **state)
{
	(void)state;
	tell(2, "A10 B10>10 B20 A9 A10 A15>15 B3");
}

static void
one_input_passes_through(void **state)
{
	(void)state;
	tell(1, "A1>1 A5>5 A3 Ai>idle A9 Aa>active A9>9 Ab1>b1 Ai>idle Ab2>b2 Aa>active Am>max Ab3>b3 Ae");
}

static void
an_idle_input_does_not_hold_back(void **state)
{
	(void)state;
	tell(2, "A10 B5>5 Bi>10 A20>20");
	tell(2, "A10 Bi>10");               /* one that has never said anything as well */
	tell(3, "A10 B5 C7>5 Bi>7 Ci>10");
}

static void
a_watermark_of_an_idle_input_is_ignored(void **state)
{
	(void)state;
	tell(2, "A10 B5>5 Bi>10 B50 A20>20 Ba A30>30 B40 A50>40");
}

static void
idle_and_active_said_twice_count_once(void **state)
{
	(void)state;
	tell(2, "Aa A10 B5>5 Bi>10 Bi Ba Ba Ai Ai Bi>idle Bi Aa>active Aa");
}

static void
when_the_last_one_goes_idle_the_highest_goes_out_if_that_one_held_it_back(void **state)
{
	(void)state;
	tell(2, "A100 B50>50 Ai Bi>100,idle");
	tell(2, "A100 B50>50 Bi>100 Ai>idle");
	tell(2, "Ai Bi>idle");
	/* C is behind, so it held nobody back: what A has seen does not go out. */
	tell(3, "A100 B50 C40>40 Ci>50 Ca Ai Bi Ci>idle");
}

static void
one_that_comes_back_counts_again_when_it_has_reached_what_was_said(void **state)
{
	(void)state;
	tell(2, "A10 B5>5 Bi>10 A20>20 Ba A30>30 B25 A40>40 B30 B45 A50>45");
	tell(2, "A10 B5>5 Bi>10 Ba A20>20 B20 A30 B22>22");    /* exactly reached */
	tell(2, "A10 B10>10 Bi Ba A20 B15>15");                /* never behind */
}

static void
all_idle_and_one_comes_back(void **state)
{
	(void)state;
	tell(2, "A10 B5>5 Ai Bi>10,idle Ba>active B7 B10 B12>12 Bi>idle Aa>active A11 A12 A13>13");
}

static void
one_behind_that_goes_idle_changes_nothing(void **state)
{
	(void)state;
	tell(2, "A10 B5>5 Bi>10 A20>20 Ba B7 Bi A30>30");
}

static void
an_ended_input_does_not_hold_back(void **state)
{
	(void)state;
	tell(2, "A10 B5>5 Bm>10 A20>20 Am>max");
	tell(2, "A10 Bm>10 Am>max");
	tell(3, "A10 B5 C3>3 Cm>5 Bm>10 Am>max");
	tell(2, "Am B4>4 Bm>max");
}

static void
an_ended_input_does_not_count_while_the_other_is_merely_idle(void **state)
{
	(void)state;
	tell(2, "A60 B100>60 Bi Am>100,idle");
	tell(2, "A60 B50>50 Bi>60 Am>idle Ba>active B55 B60 B70>70 Bm>max");
	tell(2, "Am B50>50 Bi>idle Ba>active B60>60");
	tell(2, "A60 Bi>60 Am>idle");
	tell(3, "A60 B50 C40>40 Ci>50 Bi>60 Am>idle Cm Bm>active,max");
}

static void
one_behind_is_left_alone_and_catches_up(void **state)
{
	(void)state;
	tell(2, "A10 B5>5 Bi>10 A40>40 Ba B20 Am B30 B40 B41>41");
}

static void
the_end_counts_also_of_an_idle_input(void **state)
{
	(void)state;
	tell(2, "A10 B5>5 Ai Bi>10,idle Am Bm>active,max");
	tell(2, "A10 B5>5 Bi>10 Bm A20>20 Am>max");
}

static void
a_stream_without_times_ends_as_well(void **state)
{
	(void)state;
	tell(2, "Ae Be>max");
	tell(2, "A10 Be>10 Ae>max");
	tell(2, "Am Ae Bm>max Be");
}

static void
a_barrier_goes_out_when_all_stand_at_it(void **state)
{
	(void)state;
	tell(1, "Ab1>b1 Ab2>b2");
	tell(3, "Ab1 Cb1 Bb1>b1 Bb2 Ab2 Cb2>b2");
	tell(2, "Ai Ab1 B10>10 Bb1>b1");            /* an idle one has to come to it, too */
}

static void
who_stands_at_a_barrier_is_held(void **state)
{
	struct align      a;
	struct align_said said;
	struct err        err = ERR_INIT;

	(void)state;
	align_init(&a, 2, 41);
	assert_false(align_is_held(&a, 0));
	assert_int_equal(align_barrier(&a, 0, 42, &said, &err), 0);
	assert_true(align_is_held(&a, 0));
	assert_false(align_is_held(&a, 1));
	assert_int_equal(align_barrier(&a, 1, 42, &said, &err), 0);
	assert_true(said.barrier);
	assert_int_equal(said.epoch, 42);
	assert_false(align_is_held(&a, 0));
	assert_false(align_is_held(&a, 1));
	align_release(&a);
}

static void
a_closed_input_is_not_waited_for(void **state)
{
	(void)state;
	tell(2, "Ab1 Bb1>b1 Am Ae Bb2>b2 Bm>max Be");
	tell(2, "Ab1 Be>b1 Ab2>b2");
	tell(3, "Ab1 Bb1 Ce>b1");
	tell(2, "Ae Be>max");                       /* nobody is left to have a barrier */
}

static void
a_stopped_input_is_not_waited_for_but_its_time_stands_still(void **state)
{
	struct align      a;
	struct align_said said;
	struct err        err = ERR_INIT;
	struct buf        saved = { 0 };

	(void)state;
	align_init(&a, 2, 0);
	align_watermark(&a, 0, 50, &said);
	align_watermark(&a, 1, 10, &said);
	assert_int_equal(align_barrier(&a, 0, 1, &said, &err), 0);
	assert_false(said.barrier);
	align_stop(&a, 1, &said);
	assert_true(said.barrier);
	assert_false(said.watermark);
	align_watermark(&a, 0, 90, &said);
	assert_false(said.watermark);
	assert_int_equal(align_barrier(&a, 0, 2, &said, &err), 0);
	assert_true(said.barrier);
	assert_int_equal(said.epoch, 2);
	align_save(&a, &saved);
	assert_null(memmem(saved.p, saved.n, "stopped", 7));
	buf_release(&saved);
	align_release(&a);
}

static void
a_barrier_out_of_turn_is_an_error(void **state)
{
	struct align      a;
	struct align_said said;
	struct err        err = ERR_INIT;

	(void)state;
	align_init(&a, 2, 5);
	assert_int_equal(align_barrier(&a, 0, 7, &said, &err), -1);
	assert_int_equal(err.kind, ERR_DATA);
	assert_string_equal(err.text, "barrier 7 after 5: a filter before me loses marks");
	assert_int_equal(align_barrier(&a, 0, 5, &said, &err), -1);
	assert_int_equal(align_barrier(&a, 0, 6, &said, &err), 0);
	assert_int_equal(align_barrier(&a, 0, 6, &said, &err), -1);
	assert_int_equal(align_barrier(&a, 0, 7, &said, &err), -1);     /* it is held at 6 */
	align_release(&a);
}

/* ---- snapshots ---- */

static void
what_save_writes_can_be_read(void **state)
{
	struct align      a;
	struct align_said said;
	struct buf        b = { 0 };

	(void)state;
	align_init(&a, 4, 0);
	align_watermark(&a, 0, -5, &said);
	align_watermark(&a, 1, 10, &said);
	align_idle(&a, 1, &said);
	align_close(&a, 2, &said);
	align_save(&a, &b);
	buf_char(&b, '\0');
	assert_string_equal(b.p, "{\"watermark\":null,\"inputs\":[{\"watermark\":-5,\"aligned\":true},"
	                    "{\"watermark\":10,\"idle\":true},{\"watermark\":\"max\",\"closed\":true},"
	                    "{\"watermark\":null,\"aligned\":true}]}");
	buf_release(&b);
	align_release(&a);
}

static void
what_save_did_not_write_is_refused(void **state)
{
	static const struct { const char *text, *reason; } cases[] = {
		{ "{\"watermark\":1,\"inputs\":[{\"watermark\":1}]}", "the watermarks of 1 inputs, but there are 2" },
		{ "{\"watermark\":1}", "the watermarks of 0 inputs, but there are 2" },
		{ "{\"watermark\":\"soon\",\"inputs\":[{},{}]}", "a watermark that is none" },
		{ "{\"watermark\":1,\"inputs\":[{\"watermark\":\"soon\"},{}]}", "input 1: a state of its watermark that there is not" },
		{ "{\"inputs\":[{},{\"watermark\":1,\"idle\":true,\"aligned\":true}]}", "input 2: a state of its watermark that there is not" },
		{ "{\"inputs\":[{},{\"watermark\":1,\"closed\":true}]}", "input 2: a state of its watermark that there is not" },
		{ "{\"inputs\":[{},{\"watermark\":\"max\",\"idle\":true}]}", "input 2: a state of its watermark that there is not" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct align a;
		struct err   err = ERR_INIT;
		struct tree *t = tree_parse(span_str(cases[i].text), &err);

		assert_non_null(t);
		align_init(&a, 2, 0);
		assert_int_equal(align_load(&a, t, &err), -1);
		assert_int_equal(err.kind, ERR_DATA);
		assert_string_equal(err.text, cases[i].reason);
		align_release(&a);
		tree_free(t);
	}
}

/* ---- any order of events, against a naive reading of the rules ---- */

struct event { char kind; size_t input; int64_t ts_ms; };

/*
 * The rules once more, for watermarks only, without any state but the story so far: what was said is
 * found by telling it from its beginning, and who counts by looking back.
 */
struct naive { int64_t watermark_ms; bool idle; };

static int64_t
last_watermark(const struct event *events, size_t n, size_t input)
{
	int64_t last = WHEN_MIN;
	bool    idle = false;

	for (size_t k = 0; k < n; k++) {
		if (events[k].input != input)
			continue;
		if (events[k].kind == 'i' || events[k].kind == 'a')
			idle = events[k].kind == 'i';
		else if (events[k].ts_ms > last && (!idle || events[k].ts_ms == WHEN_MAX))
			last = events[k].ts_ms;
	}
	return last;
}

static bool
is_idle(const struct event *events, size_t n, size_t input)
{
	bool idle = false;

	for (size_t k = 0; k < n; k++)
		if (events[k].input == input && (events[k].kind == 'i' || events[k].kind == 'a'))
			idle = events[k].kind == 'i';
	return idle && last_watermark(events, n, input) != WHEN_MAX;
}

/* It has not been idle since, or there was a moment since when its watermark was not behind. */
static bool
counts(const struct event *events, const struct naive *said, size_t n, size_t input)
{
	if (is_idle(events, n, input) || last_watermark(events, n, input) == WHEN_MAX)
		return false;
	for (size_t k = n; k > 0 && !is_idle(events, k - 1, input); k--)
		if (k == 1 || last_watermark(events, k, input) >= said[k - 1].watermark_ms)
			return true;
	return n == 0 || last_watermark(events, n, input) >= said[n - 1].watermark_ms;
}

/* What is said after the first N events; SAID has that of all before. */
static struct naive
naive_after(const struct event *events, size_t n, const struct naive *said, size_t n_inputs)
{
	struct naive before = n == 1 ? (struct naive){ WHEN_MIN, false } : said[n - 1], now = before;
	size_t       i = events[n - 1].input;
	int64_t      least = WHEN_MAX, highest = WHEN_MIN, was = last_watermark(events, n - 1, i);
	size_t       n_left = 0, n_active = 0, n_counting = 0;
	bool         ends = was != WHEN_MAX && last_watermark(events, n, i) == WHEN_MAX;
	bool         falls = !is_idle(events, n - 1, i) && is_idle(events, n, i);

	for (size_t k = 0; k < n_inputs; k++) {
		int64_t last = last_watermark(events, n, k);

		if (last == WHEN_MAX)
			continue;
		n_left++;
		n_active += !is_idle(events, n, k);
		if (last > highest)
			highest = last;
		if (!counts(events, said, n, k))
			continue;
		n_counting++;
		if (last < least)
			least = last;
	}
	if (n_left == 0)
		now.watermark_ms = WHEN_MAX;
	else if (n_counting > 0 && least > now.watermark_ms)
		now.watermark_ms = least;
	else if (n_active == 0 && !before.idle && (ends || (falls && was == before.watermark_ms)) && highest > now.watermark_ms)
		now.watermark_ms = highest;
	now.idle = n_left > 0 && n_active == 0;
	return now;
}

static uint32_t
next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

static struct event
random_event(uint64_t *seed, size_t n_inputs)
{
	struct event e = { 'w', next_random(seed) % n_inputs, 0 };
	uint32_t     dice = next_random(seed) % 100;

	if (dice < 18)
		e.kind = 'i';
	else if (dice < 36)
		e.kind = 'a';
	else if (dice < 38)
		e.ts_ms = WHEN_MAX;
	else
		e.ts_ms = (int64_t)(next_random(seed) % 12) - 2;
	if (e.kind != 'w')
		e.ts_ms = WHEN_MIN;
	return e;
}

static void
check_said(const struct align_said *said, struct naive before, struct naive now, uint64_t seed, size_t k)
{
	if (said->watermark != (now.watermark_ms > before.watermark_ms)
	    || (said->watermark && said->watermark_ms != now.watermark_ms)
	    || said->idle != (now.idle && !before.idle) || said->active != (before.idle && !now.idle) || said->barrier)
		fail_msg("seed %llu, event %zu: said %d %lld, idle %d, active %d; expected %lld after %lld, idle %d after %d",
		         (unsigned long long)seed, k, said->watermark, (long long)said->watermark_ms, said->idle, said->active,
		         (long long)now.watermark_ms, (long long)before.watermark_ms, now.idle, before.idle);
}

static void
any_order_of_events_is_as_the_rules_read(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 3000; seed++) {
		uint64_t     random = seed;
		size_t       n_inputs = 1 + next_random(&random) % MAX_INPUTS;
		struct event events[MAX_EVENTS];
		struct naive said[MAX_EVENTS + 1];
		struct align a;

		said[0] = (struct naive){ WHEN_MIN, false };
		align_init(&a, n_inputs, 0);
		for (size_t k = 0; k < MAX_EVENTS; k++) {
			struct align_said now;

			events[k] = random_event(&random, n_inputs);
			if (events[k].kind == 'i')
				align_idle(&a, events[k].input, &now);
			else if (events[k].kind == 'a')
				align_active(&a, events[k].input, &now);
			else
				align_watermark(&a, events[k].input, events[k].ts_ms, &now);
			said[k + 1] = naive_after(events, k + 1, said, n_inputs);
			check_said(&now, said[k], said[k + 1], seed, k);
			if (next_random(&random) % 4 == 0)
				reload(&a, n_inputs, 0);
		}
		align_release(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_goes_out_before_each_input_has_a_watermark),
		cmocka_unit_test(the_least_watermark_goes_out_where_it_is_higher),
		cmocka_unit_test(a_watermark_that_is_not_higher_than_the_inputs_last_is_ignored),
		cmocka_unit_test(one_input_passes_through),
		cmocka_unit_test(an_idle_input_does_not_hold_back),
		cmocka_unit_test(a_watermark_of_an_idle_input_is_ignored),
		cmocka_unit_test(idle_and_active_said_twice_count_once),
		cmocka_unit_test(when_the_last_one_goes_idle_the_highest_goes_out_if_that_one_held_it_back),
		cmocka_unit_test(one_that_comes_back_counts_again_when_it_has_reached_what_was_said),
		cmocka_unit_test(all_idle_and_one_comes_back),
		cmocka_unit_test(one_behind_that_goes_idle_changes_nothing),
		cmocka_unit_test(an_ended_input_does_not_hold_back),
		cmocka_unit_test(an_ended_input_does_not_count_while_the_other_is_merely_idle),
		cmocka_unit_test(one_behind_is_left_alone_and_catches_up),
		cmocka_unit_test(the_end_counts_also_of_an_idle_input),
		cmocka_unit_test(a_stream_without_times_ends_as_well),
		cmocka_unit_test(a_barrier_goes_out_when_all_stand_at_it),
		cmocka_unit_test(who_stands_at_a_barrier_is_held),
		cmocka_unit_test(a_closed_input_is_not_waited_for),
		cmocka_unit_test(a_stopped_input_is_not_waited_for_but_its_time_stands_still),
		cmocka_unit_test(a_barrier_out_of_turn_is_an_error),
		cmocka_unit_test(what_save_writes_can_be_read),
		cmocka_unit_test(what_save_did_not_write_is_refused),
		cmocka_unit_test(any_order_of_events_is_as_the_rules_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
