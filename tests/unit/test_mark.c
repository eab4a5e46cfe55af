/* Marks: what is written is read back; what is wrong is said; a watermark comes when it is due. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "mark/mark.h"
#include "mark/watermark.h"

static struct span
line_of(const struct buf *b)
{
	assert_true(b->n > 0 && b->p[b->n - 1] == '\n');
	return span_of(b->p, b->n - 1);
}

static struct mark
parse(struct span line)
{
	struct mark m;
	struct err  err = ERR_INIT;

	if (mark_parse(&m, line, &err) == -1)
		fail_msg("%.*s: %s", SPAN_ARGS(line), err.text);
	return m;
}

/* Parse TEXT, write it again: the same bytes. */
static void
round_trip(const char *text)
{
	struct buf  b = { 0 };
	struct mark m = parse(span_str(text));

	switch (m.kind) {
	case MARK_HELLO:     mark_put_hello(&b, &m.hello); break;
	case MARK_WATERMARK: mark_put_watermark(&b, m.ts_ms); break;
	case MARK_BARRIER:   mark_put_barrier(&b, m.epoch); break;
	case MARK_FAIL:      mark_put_fail(&b, m.status, m.stage, m.reason); break;
	default:             mark_put_simple(&b, m.kind);
	}
	assert_int_equal(line_of(&b).n, strlen(text));
	assert_memory_equal(b.p, text, strlen(text));
	buf_release(&b);
	mark_release(&m);
}

static void
every_mark_comes_back_as_it_was(void **state)
{
	(void)state;
	round_trip("{\"mark\":\"hello\",\"version\":1}");
	round_trip("{\"mark\":\"hello\",\"version\":1,\"time\":\".at\",\"key\":\".user\"}");
	round_trip("{\"mark\":\"hello\",\"version\":1,\"pipeline\":\"7f3a\",\"run\":12,\"epoch\":41,\"time\":\".at\","
	           "\"time-format\":\"ms\",\"key\":[\".a\",\".b\"],\"via\":[[\"cat\",\"91ab\"],[\"window\",\"00ff\"]]}");
	round_trip("{\"mark\":\"watermark\",\"ts\":1700000000000}");
	round_trip("{\"mark\":\"watermark\",\"ts\":-5}");
	round_trip("{\"mark\":\"watermark\",\"ts\":\"max\"}");
	round_trip("{\"mark\":\"barrier\",\"epoch\":42}");
	round_trip("{\"mark\":\"idle\"}");
	round_trip("{\"mark\":\"active\"}");
	round_trip("{\"mark\":\"end\"}");
	round_trip("{\"mark\":\"stop\"}");
	round_trip("{\"mark\":\"fail\",\"status\":2,\"stage\":\"window\",\"reason\":\"it said \\\"no\\\"\"}");
}

static void
a_filter_may_space_and_reorder_what_follows_the_name(void **state)
{
	struct mark m = parse(SPAN_LIT("{ \"mark\" : \"watermark\" , \"more\" : [1] , \"ts\" : 7 }"));

	(void)state;
	assert_int_equal(m.kind, MARK_WATERMARK);
	assert_int_equal(m.ts_ms, 7);
	mark_release(&m);
}

static void
a_mark_is_told_by_its_first_member(void **state)
{
	static const struct { const char *line; bool is; } cases[] = {
		{ "{\"mark\":\"end\"}", true },
		{ "{\"mark\":1}", true },
		{ " {\"mark\" :\"end\"}", true },
		{ "\t{ \"mark\"\t: \"end\"}", true },
		{ "{\"a\":1,\"mark\":\"end\"}", false },
		{ "{\"marks\":1}", false },
		{ "{\"mark", false },
		{ "{", false },
		{ "", false },
		{ "[\"mark\"]", false },
		{ "\"mark\":", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(mark_starts(cases[i].line, cases[i].line + strlen(cases[i].line)), cases[i].is);
}

static void
what_is_no_mark_of_ours_is_refused_with_the_reason(void **state)
{
	static const struct { const char *line, *reason; } cases[] = {
		{ "{\"mark\":\"snapshot\"}", "unknown mark \"snapshot\": a newer version of streamutils wrote this" },
		{ "{\"mark\":\"hello\"}", "hello without version" },
		{ "{\"mark\":\"hello\",\"version\":2}", "hello of version 2: a newer version of streamutils wrote this" },
		{ "{\"mark\":\"hello\",\"version\":1,\"pipeline\":\"x\"}", "hello with a pipeline, but without run and epoch" },
		{ "{\"mark\":\"hello\",\"version\":1,\"via\":[[1,2]]}", "hello with a bad via" },
		{ "{\"mark\":\"watermark\"}", "watermark without ts" },
		{ "{\"mark\":\"watermark\",\"ts\":\"soon\"}", "watermark without ts" },
		{ "{\"mark\":\"watermark\",\"ts\":1.5}", "watermark without ts" },
		{ "{\"mark\":\"barrier\"}", "barrier without epoch" },
		{ "{\"mark\":\"barrier\",\"epoch\":0}", "barrier without epoch" },
		{ "{\"mark\":\"fail\"}", "fail without status" },
		{ "{\"mark\":\"fail\",\"status\":300}", "fail without status" },
		{ "{\"mark\":7}", "a mark whose name is no string" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mark m;
		struct err  err = ERR_INIT;

		assert_int_equal(mark_parse(&m, span_str(cases[i].line), &err), -1);
		assert_int_equal(err.status, 1);
		assert_string_equal(err.text, cases[i].reason);
	}
}

static void
a_torn_mark_is_an_error(void **state)
{
	static const char line[] = "{\"mark\":\"watermark\",\"ts\":1700000000000}";

	(void)state;
	for (size_t n = 1; n < sizeof(line) - 2; n++) {
		char       *copy = alloc_string_n(line, n);
		struct mark m;
		struct err  err = ERR_INIT;

		assert_int_equal(mark_parse(&m, span_of(copy, n), &err), -1);
		assert_int_equal(err.kind, ERR_DATA);
		free(copy);
	}
}

static void
a_watermark_is_due_behind_the_record_that_crosses_a_step(void **state)
{
	struct watermark w;

	(void)state;
	watermark_init(&w, 50, 100);
	assert_true(watermark_pass(&w, 1000));       /* the first one always: T = 950 */
	assert_int_equal(w.ts_ms, 950);
	assert_false(watermark_pass(&w, 1049));      /* T = 999 */
	assert_true(watermark_pass(&w, 1050));       /* T = 1000: crossed */
	assert_int_equal(w.ts_ms, 1000);
	assert_false(watermark_pass(&w, 500));       /* never back */
	assert_int_equal(w.ts_ms, 1000);
	assert_true(watermark_pass(&w, 5000));
	assert_int_equal(w.ts_ms, 4950);             /* T itself, not the multiple */
	assert_false(watermark_pass(&w, 5049));
	assert_true(watermark_pass(&w, 5050));
}

static void
watermarks_of_negative_and_extreme_times_do_not_wrap(void **state)
{
	struct watermark w;

	(void)state;
	watermark_init(&w, 1000, 100);
	assert_true(watermark_pass(&w, -5000));
	assert_int_equal(w.ts_ms, -6000);
	assert_false(watermark_pass(&w, -4901));
	assert_true(watermark_pass(&w, -4900));
	watermark_init(&w, 1000, 100);
	assert_false(watermark_pass(&w, INT64_MIN + 5));     /* T would be below what there is */
	assert_true(watermark_pass(&w, INT64_MAX - 5));
	assert_int_equal(w.ts_ms, INT64_MAX - 1005);
}

static void
somebodys_own_mark_is_no_mark_of_ours(void **state)
{
	static const char *const ours[] = { "{\"mark\":\"hello\"}", " { \"mark\" : \"fail\" ,", "{\"mark\":\"end\"}" };
	static const char *const not_ours[] = { "{\"mark\":17}", "{\"mark\":\"ende\"}", "{\"mark\":\"en\"}", "{\"mark\":\"",
	                                        "{\"mark\":null}", "{\"mark\":\"\"}", "{\"mark\":" };

	(void)state;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		assert_true(mark_is_known(ours[i], ours[i] + strlen(ours[i])));
	for (size_t i = 0; i < sizeof(not_ours) / sizeof(not_ours[0]); i++)
		assert_false(mark_is_known(not_ours[i], not_ours[i] + strlen(not_ours[i])));
}

static void
put(struct hello *h, const char *pipeline, uint64_t run, uint64_t epoch)
{
	*h = (struct hello){ .pipeline = pipeline == NULL ? NULL : strdup(pipeline), .run = run, .epoch = epoch,
	                     .time = strdup(".at") };
}

static void
two_hellos_become_one_of_both_inputs_stages(void **state)
{
	struct hello left, right;
	struct err   err = ERR_INIT;

	(void)state;
	put(&left, "p", 7, 3);
	put(&right, "p", 7, 3);
	hello_add_via(&left, "cat", "1");
	hello_add_via(&left, "window", "2");
	hello_add_via(&right, "cat", "1");              /* copied by tee: the same process */
	hello_add_via(&right, "exec", "3");
	assert_int_equal(hello_join(&left, &right, &err), 0);
	assert_int_equal(left.n_via, 3);
	assert_string_equal(left.via[1].stage, "window");
	assert_string_equal(left.via[2].stage, "exec");
	assert_null(left.time);
	hello_release(&left);
	hello_release(&right);
}

static void
two_hellos_that_do_not_belong_together_are_refused(void **state)
{
	static const struct { const char *pipeline; uint64_t run, epoch; const char *fingerprint; enum err_kind kind; } others[] = {
		{ "p", 8, 3, "1", ERR_RETRY }, { "p", 7, 4, "1", ERR_RETRY }, { "q", 7, 3, "1", ERR_USAGE },
		{ NULL, 7, 3, "1", ERR_USAGE }, { "p", 7, 3, "2", ERR_USAGE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct hello left, right;
		struct err   err = ERR_INIT;

		put(&left, "p", 7, 3);
		put(&right, others[i].pipeline, others[i].run, others[i].epoch);
		hello_add_via(&left, "cat", "1");
		hello_add_via(&right, "cat", others[i].fingerprint);
		assert_int_equal(hello_join(&left, &right, &err), -1);
		assert_int_equal(err.kind, others[i].kind);
		hello_release(&left);
		hello_release(&right);
	}
}

static void
what_no_longer_holds_is_forgotten(void **state)
{
	struct hello h = { 0 };
	struct mark  m;
	struct err   err = ERR_INIT;

	(void)state;
	assert_int_equal(mark_parse(&m, SPAN_LIT("{\"mark\":\"hello\",\"version\":1,\"time\":\".at\",\"time-format\":\"s\",\"key\":[\".a\",\".b\"]}"), &err), 0);
	hello_copy(&h, &m.hello);
	mark_release(&m);
	assert_int_equal(h.n_keys, 2);
	hello_forget_keys(&h);
	assert_int_equal(h.n_keys, 0);
	assert_string_equal(h.time, ".at");
	hello_forget_time(&h);
	assert_null(h.time);
	assert_null(h.time_format);
	hello_release(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(somebodys_own_mark_is_no_mark_of_ours),
		cmocka_unit_test(every_mark_comes_back_as_it_was),
		cmocka_unit_test(a_filter_may_space_and_reorder_what_follows_the_name),
		cmocka_unit_test(a_mark_is_told_by_its_first_member),
		cmocka_unit_test(what_is_no_mark_of_ours_is_refused_with_the_reason),
		cmocka_unit_test(a_torn_mark_is_an_error),
		cmocka_unit_test(a_watermark_is_due_behind_the_record_that_crosses_a_step),
		cmocka_unit_test(two_hellos_become_one_of_both_inputs_stages),
		cmocka_unit_test(what_no_longer_holds_is_forgotten),
		cmocka_unit_test(two_hellos_that_do_not_belong_together_are_refused),
		cmocka_unit_test(watermarks_of_negative_and_extreme_times_do_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
