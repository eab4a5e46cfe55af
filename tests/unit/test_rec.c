/* Lines to records and back: what a reader makes of a line, and what is written of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "rec/rec.h"

enum how { BARE, SAVED, STREAM };        /* a source's bare lines; its saved records; records from upstream */

struct reading {
	struct rec_reader *reader;
	struct rec_origin  origin;
	struct path        time, keys[4], wanted[4];
	const struct path *wanted_list[4];
	struct buf         line, out;
	struct rec         rec;
	enum rec_verdict   verdict;
};

static void
parse(struct path *p, const char *text)
{
	struct err err = ERR_INIT;

	if (path_parse(p, text, &err) == -1)
		fail_msg("%s: %s", text, err.text);
}

/* KEYS and WANTED: paths with blanks between, or NULL. */
static size_t
parse_list(struct path *list, const char *text)
{
	size_t n = 0;

	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, " ");
		char  *one = alloc_string_n(text, len);

		parse(&list[n++], one);
		free(one);
		text += len + (text[len] == ' ');
	}
	return n;
}

static void
read_line(struct reading *r, enum how how, const char *time, const char *keys, const char *wanted, struct span line)
{
	struct rec_plan plan = { .is_source = how != STREAM, .origin = &r->origin };
	const char     *newline;

	*r = (struct reading){ .verdict = REC_OK };
	rec_origin_set(&r->origin, SPAN_LIT("in.ndjson"), 0);
	if (time != NULL) {
		parse(&r->time, time);
		plan.time = &r->time;
	}
	plan.keys = r->keys;
	plan.n_keys = parse_list(r->keys, keys);
	plan.n_wanted = parse_list(r->wanted, wanted);
	for (size_t i = 0; i < plan.n_wanted; i++)
		r->wanted_list[i] = &r->wanted[i];
	plan.wanted = r->wanted_list;
	r->reader = rec_reader_new(&plan);
	buf_span(&r->line, line);
	buf_char(&r->line, '\n');
	memset(buf_reserve(&r->line, SCAN_PAD), 0, SCAN_PAD);
	for (int again = 0; again < 3; again++) {        /* the second time the scanner knows the line */
		rec_reader_reset(r->reader);
		r->verdict = how == BARE ? rec_read_bare(r->reader, r->line.p, 77, 3, &r->rec, &newline)
		                         : rec_read_envelope(r->reader, r->line.p, 77, 3, &r->rec, &newline);
		assert_ptr_equal(newline, r->line.p + line.n);
	}
}

static void
release(struct reading *r)
{
	rec_reader_free(r->reader);
	rec_origin_release(&r->origin);
	path_release(&r->time);
	for (size_t i = 0; i < 4; i++) {
		path_release(&r->keys[i]);
		path_release(&r->wanted[i]);
	}
	buf_release(&r->line);
	buf_release(&r->out);
}

static void
check_out(struct reading *r, const char *expected)
{
	assert_true(r->out.n > 0 && r->out.p[r->out.n - 1] == '\n');
	r->out.p[r->out.n - 1] = '\0';
	assert_string_equal(r->out.p, expected);
}

/* What the record leaves as. */
static void
becomes(enum how how, const char *time, const char *keys, const char *line, const char *expected)
{
	struct reading r;

	read_line(&r, how, time, keys, NULL, span_str(line));
	if (r.verdict != REC_OK)
		fail_msg("%s: %s", line, rec_reason(r.reader));
	rec_put(&r.out, &r.rec, &r.origin);
	check_out(&r, expected);
	release(&r);
}

static void
is_bad(enum how how, const char *time, const char *keys, const char *line, const char *reason, const char *dead)
{
	struct reading r;

	read_line(&r, how, time, keys, NULL, span_str(line));
	assert_int_equal(r.verdict, REC_BAD);
	assert_string_equal(rec_reason(r.reader), reason);
	rec_put_dead(&r.out, &r.rec, &r.origin, "cat", "no");
	check_out(&r, dead);
	release(&r);
}

#define HEAD "{\"topic\":\"in.ndjson\",\"partition\":0,\"offset\":77"

static void
a_bare_line_gets_an_envelope_and_keeps_its_bytes(void **state)
{
	(void)state;
	becomes(BARE, NULL, NULL, "{\"a\":1.10,\"a\":12345678901234567890}",
	        HEAD ",\"payload\":{\"a\":1.10,\"a\":12345678901234567890}}");
	becomes(BARE, NULL, NULL, "  [ 1 ]\t\r", HEAD ",\"payload\":[ 1 ]}");
	becomes(BARE, NULL, NULL, "null", HEAD ",\"payload\":null}");
	becomes(BARE, ".at", NULL, "{\"at\":1700000000123}", HEAD ",\"ts\":1700000000123,\"payload\":{\"at\":1700000000123}}");
	becomes(BARE, ".at", ".k", "{\"k\":\"x\",\"at\":\"1969-12-31T23:59:59.999Z\"}",
	        HEAD ",\"ts\":-1,\"key\":\"x\",\"payload\":{\"k\":\"x\",\"at\":\"1969-12-31T23:59:59.999Z\"}}");
}

static void
a_key_is_a_strings_text_or_a_scalars_json(void **state)
{
	(void)state;
	becomes(BARE, NULL, ".k", "{\"k\":1.50}", HEAD ",\"key\":\"1.50\",\"payload\":{\"k\":1.50}}");
	becomes(BARE, NULL, ".k", "{\"k\":true}", HEAD ",\"key\":\"true\",\"payload\":{\"k\":true}}");
	becomes(BARE, NULL, ".k", "{\"k\":null}", HEAD ",\"key\":null,\"payload\":{\"k\":null}}");
	becomes(BARE, NULL, ".k", "{}", HEAD ",\"key\":null,\"payload\":{}}");
	becomes(BARE, NULL, ".k", "{\"k\":\"\"}", HEAD ",\"key\":\"\",\"payload\":{\"k\":\"\"}}");
	becomes(BARE, NULL, ".k", "{\"k\":\"\\u0041\\/\\n\"}", HEAD ",\"key\":\"A/\\n\",\"payload\":{\"k\":\"\\u0041\\/\\n\"}}");
	becomes(BARE, NULL, ".k", "{\"k\":\"\\ud800\"}", HEAD ",\"key\":\"\\ud800\",\"payload\":{\"k\":\"\\ud800\"}}");
	becomes(BARE, NULL, ".k", "{\"k\":1,\"k\":2}", HEAD ",\"key\":\"2\",\"payload\":{\"k\":1,\"k\":2}}");
	is_bad(BARE, NULL, ".k", "{\"k\":[1]}", ".k is an array, not a key",
	       HEAD ",\"payload\":{\"k\":[1]},\"error\":{\"stage\":\"cat\",\"reason\":\"no\"}}");
}

/* A key of the record's own members is in no line. */
static void
one_key_may_be_where_the_record_comes_from(void **state)
{
	(void)state;
	becomes(BARE, ".at", "$.topic", "{\"at\":1700000000123}", HEAD ",\"ts\":1700000000123,\"key\":\"in.ndjson\",\"payload\":{\"at\":1700000000123}}");
	becomes(BARE, ".at", "$.offset", "{\"at\":1700000000123}", HEAD ",\"ts\":1700000000123,\"key\":\"77\",\"payload\":{\"at\":1700000000123}}");
	becomes(BARE, ".at", "$.ts", "{\"at\":\"2023-11-14T22:13:20Z\"}",
	        HEAD ",\"ts\":1700000000000,\"key\":\"1700000000000\",\"payload\":{\"at\":\"2023-11-14T22:13:20Z\"}}");
	becomes(BARE, ".at", ".k", "{\"k\":\"0123456789abcdef0123456789abcdef!\",\"at\":-170000000012}",
	        HEAD ",\"ts\":-170000000012,\"key\":\"0123456789abcdef0123456789abcdef!\",\"payload\":{\"k\":\"0123456789abcdef0123456789abcdef!\",\"at\":-170000000012}}");
}

static void
several_keys_are_a_compact_array(void **state)
{
	(void)state;
	becomes(BARE, NULL, ".a .b .c", "{\"a\":\"x\",\"b\":2.0}",
	        HEAD ",\"key\":\"[\\\"x\\\",2.0,null]\",\"payload\":{\"a\":\"x\",\"b\":2.0}}");
	becomes(BARE, NULL, ".a .b", "{\"a\":\"\\u0022\",\"b\":\"\\u00e9\"}",
	        HEAD ",\"key\":\"[\\\"\\\\\\\"\\\",\\\"\303\251\\\"]\",\"payload\":{\"a\":\"\\u0022\",\"b\":\"\\u00e9\"}}");
	is_bad(BARE, NULL, ".a .b", "{\"a\":1,\"b\":{}}", ".b is an object, not a key",
	       HEAD ",\"payload\":{\"a\":1,\"b\":{}},\"error\":{\"stage\":\"cat\",\"reason\":\"no\"}}");
}

static void
paths_into_the_record_of_a_bare_line_are_what_it_will_say(void **state)
{
	(void)state;
	becomes(BARE, ".at", "$.topic $.partition $.offset $.ts $.payload.x $.headers", "{\"at\":5,\"x\":\"y\"}",
	        HEAD ",\"ts\":5000,\"key\":\"[\\\"in.ndjson\\\",0,77,5000,\\\"y\\\",null]\",\"payload\":{\"at\":5,\"x\":\"y\"}}");
}

static void
an_envelope_that_says_what_it_is_leaves_as_its_own_bytes(void **state)
{
	static const char plain[] = "{\"topic\":\"t\",\"partition\":1,\"offset\":2,\"ts\":3,\"key\":\"k\",\"payload\":{\"a\":1.0}}";
	static const char odd[] = "{\"payload\":1e2,\"x\":{\"y\":[]},\"ts\":-3,\"offset\":2,\"key\":null,\"topic\":\"t\"}";

	(void)state;
	for (enum how how = SAVED; how <= STREAM; how++) {
		becomes(how, NULL, NULL, plain, plain);
		becomes(how, NULL, NULL, odd, odd);
	}
	becomes(STREAM, NULL, ".a", plain, plain);      /* a filter's key is its own affair */
}

static void
a_source_writes_anew_what_its_paths_change(void **state)
{
	(void)state;
	becomes(SAVED, ".at", NULL, "{\"offset\":2,\"topic\":\"t\",\"ts\":3,\"more\":[1],\"payload\":{\"at\":7}}",
	        "{\"topic\":\"t\",\"offset\":2,\"ts\":7000,\"payload\":{\"at\":7},\"more\":[1]}");
	becomes(SAVED, NULL, ".k", "{\"topic\":\"t\",\"partition\":0,\"offset\":2,\"ts\":3,\"key_base64\":\"/w==\",\"headers\":[],\"payload\":{\"k\":\"n\"}}",
	        "{\"topic\":\"t\",\"partition\":0,\"offset\":2,\"ts\":3,\"key\":\"n\",\"headers\":[],\"payload\":{\"k\":\"n\"}}");
	becomes(SAVED, ".at", NULL, "{\"ts\":7000,\"topic\":\"t\",\"offset\":1,\"payload\":{\"at\":7}}",
	        "{\"ts\":7000,\"topic\":\"t\",\"offset\":1,\"payload\":{\"at\":7}}");
	becomes(SAVED, ".at", NULL, "{\"payload\":{\"at\":7}}", HEAD ",\"ts\":7000,\"payload\":{\"at\":7}}");
}

static void
a_dead_letter_comes_back_without_its_error(void **state)
{
	(void)state;
	becomes(SAVED, NULL, NULL, "{\"topic\":\"t\",\"partition\":0,\"offset\":9,\"payload\":{\"a\":1},\"error\":{\"stage\":\"cat\",\"reason\":\"x\"}}",
	        "{\"topic\":\"t\",\"partition\":0,\"offset\":9,\"payload\":{\"a\":1}}");
	becomes(SAVED, ".at", NULL, "{\"topic\":\"t\",\"partition\":0,\"offset\":9,\"key\":\"k\",\"payload\":{\"at\":1},\"error\":{}}",
	        "{\"topic\":\"t\",\"partition\":0,\"offset\":9,\"ts\":1000,\"key\":\"k\",\"payload\":{\"at\":1}}");
	becomes(SAVED, NULL, NULL, "{\"topic\":\"t\",\"partition\":0,\"offset\":9,\"payload_base64\":\"e30x\",\"error\":{}}",
	        "{\"topic\":\"t\",\"partition\":0,\"offset\":9,\"payload_base64\":\"e30x\"}");
}

static void
a_binary_key_survives(void **state)
{
	struct reading r;

	(void)state;
	read_line(&r, STREAM, NULL, NULL, NULL, SPAN_LIT("{\"ts\":1,\"key_base64\":\"AP8=\",\"payload\":1}"));
	assert_int_equal(r.verdict, REC_OK);
	assert_int_equal(r.rec.key.n, 2);
	assert_memory_equal(r.rec.key.p, "\0\377", 2);
	rec_put_key(&r.out, r.rec.key);
	buf_char(&r.out, '\n');
	check_out(&r, "\"key_base64\":\"AP8=\"");
	release(&r);
}

static void
bad_lines_say_why_and_keep_their_bytes(void **state)
{
	(void)state;
	is_bad(BARE, NULL, NULL, "{\"a\":1\r", "not JSON: unexpected end of line at byte 8",
	       HEAD ",\"payload_base64\":\"eyJhIjoxDQ==\",\"error\":{\"stage\":\"cat\",\"reason\":\"no\"}}");
	is_bad(BARE, ".at", NULL, "{\"a\":1}", "no .at, so no event time",
	       HEAD ",\"payload\":{\"a\":1},\"error\":{\"stage\":\"cat\",\"reason\":\"no\"}}");
	is_bad(BARE, ".at", NULL, "{\"at\":null}", ".at is null, not a time",
	       HEAD ",\"payload\":{\"at\":null},\"error\":{\"stage\":\"cat\",\"reason\":\"no\"}}");
	is_bad(BARE, ".at", NULL, "{\"at\":\"yesterday\"}", ".at is \"yesterday\", not a time",
	       HEAD ",\"payload\":{\"at\":\"yesterday\"},\"error\":{\"stage\":\"cat\",\"reason\":\"no\"}}");
	is_bad(BARE, ".at", ".k", "{\"at\":1,\"k\":{}}", ".k is an object, not a key",
	       HEAD ",\"ts\":1000,\"payload\":{\"at\":1,\"k\":{}},\"error\":{\"stage\":\"cat\",\"reason\":\"no\"}}");
	is_bad(STREAM, NULL, NULL, "{\"a\":1}", "no payload: not a record",
	       HEAD ",\"payload\":{\"a\":1},\"error\":{\"stage\":\"cat\",\"reason\":\"no\"}}");
	is_bad(STREAM, NULL, NULL, "[]", "no payload: not a record",
	       HEAD ",\"payload\":[],\"error\":{\"stage\":\"cat\",\"reason\":\"no\"}}");
	is_bad(STREAM, NULL, NULL, "{\"ts\":\"1\",\"payload\":1}", "ts is not an integer",
	       "{\"topic\":\"in.ndjson\",\"partition\":0,\"offset\":77,\"payload\":1,\"error\":{\"stage\":\"cat\",\"reason\":\"no\"}}");
	is_bad(STREAM, NULL, NULL, "{\"ts\":1,\"key\":7,\"payload\":1}", "key is neither a string nor null",
	       "{\"topic\":\"in.ndjson\",\"partition\":0,\"offset\":77,\"ts\":1,\"payload\":1,\"error\":{\"stage\":\"cat\",\"reason\":\"no\"}}");
	is_bad(STREAM, NULL, NULL, "{\"ts\":1,\"payload_base64\":\"?\"}", "payload_base64 is not base64",
	       HEAD ",\"payload\":{\"ts\":1,\"payload_base64\":\"?\"},\"error\":{\"stage\":\"cat\",\"reason\":\"no\"}}");
}

static void
what_was_asked_for_is_found_in_either_form(void **state)
{
	static const char bare[] = "{\"p\":{\"q\":2.5},\"s\":\"x\"}";
	static const char saved[] = "{\"topic\":\"t\",\"ts\":9,\"payload\":{\"p\":{\"q\":2.5},\"s\":\"x\"},\"window\":{\"start\":4,\"end\":5}}";
	struct reading    r;

	(void)state;
	for (enum how how = BARE; how <= STREAM; how++) {
		read_line(&r, how, NULL, NULL, ".p.q .s .none $.window.start", span_str(how == BARE ? bare : saved));
		assert_int_equal(r.verdict, REC_OK);
		assert_int_equal(r.rec.wanted[0].kind, SCAN_NUMBER);
		assert_memory_equal(r.rec.wanted[0].p, "2.5", 3);
		assert_int_equal(r.rec.wanted[1].kind, SCAN_STRING);
		assert_int_equal(r.rec.wanted[2].kind, SCAN_MISSING);
		assert_int_equal(r.rec.wanted[3].kind, how == BARE ? SCAN_MISSING : SCAN_NUMBER);
		release(&r);
	}
}

static void
the_payload_alone_is_the_original_bytes(void **state)
{
	static const struct { enum how how; const char *line, *payload; } cases[] = {
		{ BARE, " {\"a\": 1.0} ", "{\"a\": 1.0}" },
		{ STREAM, "{\"payload\":\"a\\u0041\",\"ts\":1}", "\"a\\u0041\"" },
		{ STREAM, "{\"payload\":null}", "null" },
		{ STREAM, "{\"payload_base64\":\"AAEC\"}", "\0\1\2" },
		{ STREAM, "{\"payload_base64\":\"\"}", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reading r;
		size_t         n = i == 3 ? 3 : strlen(cases[i].payload);

		read_line(&r, cases[i].how, NULL, NULL, NULL, span_str(cases[i].line));
		assert_int_equal(r.verdict, REC_OK);
		rec_put_payload(&r.out, &r.rec);
		assert_int_equal(r.out.n, n + 1);
		assert_memory_equal(r.out.p, cases[i].payload, n);
		release(&r);
	}
}

static void
paths_that_are_forgotten_leave_what_the_record_says(void **state)
{
	static const char line[] = "{\"topic\":\"t\",\"partition\":0,\"offset\":1,\"ts\":3,\"key\":\"own\",\"payload\":{\"at\":7,\"k\":\"x\"}}";
	struct reading r;
	struct rec     rec;
	const char    *newline;

	(void)state;
	read_line(&r, STREAM, ".at", ".k", ".k", span_str(line));
	assert_int_equal(r.rec.ts_ms, 7000);
	rec_reader_forget_paths(r.reader);
	rec_reader_reset(r.reader);
	assert_int_equal(rec_read_envelope(r.reader, r.line.p, 0, 0, &rec, &newline), REC_OK);
	assert_int_equal(rec.ts_ms, 3);
	assert_true(span_eq(rec.key, SPAN_LIT("own")));
	assert_false(rec.must_rewrite);
	assert_true(span_eq(span_of(rec.wanted[0].p, rec.wanted[0].n), SPAN_LIT("x")));
	/* Nor is a line bad for lack of them. */
	release(&r);
	read_line(&r, STREAM, ".at", ".k", NULL, SPAN_LIT("{\"ts\":3,\"payload\":{\"k\":[]}}"));
	assert_int_equal(r.verdict, REC_BAD);
	rec_reader_forget_paths(r.reader);
	rec_reader_reset(r.reader);
	assert_int_equal(rec_read_envelope(r.reader, r.line.p, 0, 0, &rec, &newline), REC_OK);
	release(&r);
}

static void
blank_lines_are_no_records(void **state)
{
	static const char *const lines[] = { "", "\r", " \t " };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct reading r;

		read_line(&r, i == 1 ? SAVED : BARE, NULL, NULL, NULL, span_str(lines[i]));
		assert_int_equal(r.verdict, REC_EMPTY);
		release(&r);
	}
}

/* Times of one day and of others, in all that may stand around them. */
static void
times_are_read_whatever_came_before_them(void **state)
{
	static const struct { const char *at; int64_t ts_ms; } cases[] = {
		{ "1700000000123", 1700000000123 }, { "1700000000124", 1700000000124 }, { "1700099999999", 1700099999999 },
		{ "1700100000000", 1700100000000 }, { "1000000000000", 1000000000000 }, { "9999999999999", 9999999999999 },
		{ "1700000000123", 1700000000123 }, { "1700000000.12", 1700000000120 }, { "170000000012", 170000000012000 / 1000 },
		{ "1.70000000e12", 1700000000000 }, { "1700000000e03", 1700000000000 }, { "-170000000012", -170000000012 },
		{ "-1.7000000000", -1700 }, { "1700000000123", 1700000000123 }, { "\"1700000000123\"", 1700000000123 },
		{ "\"2023-11-14T22:13:20Z\"", 1700000000000 }, { "0.00000000000", 0 }, { "1700000000125", 1700000000125 },
	};
	struct reading r;
	const char    *newline;

	(void)state;
	read_line(&r, BARE, ".at", NULL, NULL, SPAN_LIT("{\"at\":1}"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rec_reader_reset(r.reader);
		buf_reset(&r.line);
		buf_printf(&r.line, "{\"at\":%s}\n", cases[i].at);
		memset(buf_reserve(&r.line, SCAN_PAD), 0, SCAN_PAD);
		if (rec_read_bare(r.reader, r.line.p, 0, 1, &r.rec, &newline) != REC_OK || !r.rec.has_ts || r.rec.ts_ms != cases[i].ts_ms)
			fail_msg("%s is read as %lld: %s", cases[i].at, (long long)r.rec.ts_ms, rec_reason(r.reader));
	}
	release(&r);
}

/* Bad lines and blank ones among them. */
static void
what_was_asked_for_stays_for_the_batch(void **state)
{
	struct rec     recs[REC_BATCH_MAX];
	struct reading r;
	const char    *newline, *p;
	size_t         n = 0;

	(void)state;
	read_line(&r, BARE, ".at", NULL, ".x $.pane $.offset .y", SPAN_LIT("{\"at\":1}"));
	rec_reader_reset(r.reader);
	buf_reset(&r.line);
	for (unsigned i = 0; i < REC_BATCH_MAX; i++)
		buf_printf(&r.line, i % 3 == 0 ? "{\"at\":%u,\"x\":[%u],\"pane\":1}\n" : i % 3 == 1 ? "{\"x\":%u,\"y\":%u}\n" : "\n", i, i);
	memset(buf_reserve(&r.line, SCAN_PAD), 0, SCAN_PAD);
	p = r.line.p;
	for (unsigned i = 0; i < REC_BATCH_MAX; i++, p = newline + 1)
		n += rec_read_bare(r.reader, p, i, 1, &recs[n], &newline) == REC_OK;
	assert_int_equal(n, REC_BATCH_MAX / 3 + 1);
	for (unsigned i = 0; i < n; i++) {
		const struct scan_value *v = recs[i].wanted;
		char                     x[20], offset[20];

		snprintf(x, sizeof(x), "[%u]", 3 * i);
		snprintf(offset, sizeof(offset), "%u", 3 * i);
		assert_true(v[0].kind == SCAN_ARRAY && span_eq(span_of(v[0].p, v[0].n), span_str(x)));
		assert_int_equal(v[1].kind, SCAN_MISSING);
		assert_true(v[2].kind == SCAN_NUMBER && span_eq(span_of(v[2].p, v[2].n), span_str(offset)));
		assert_int_equal(v[3].kind, SCAN_MISSING);
	}
	release(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bare_line_gets_an_envelope_and_keeps_its_bytes),
		cmocka_unit_test(a_key_is_a_strings_text_or_a_scalars_json),
		cmocka_unit_test(one_key_may_be_where_the_record_comes_from),
		cmocka_unit_test(several_keys_are_a_compact_array),
		cmocka_unit_test(paths_into_the_record_of_a_bare_line_are_what_it_will_say),
		cmocka_unit_test(an_envelope_that_says_what_it_is_leaves_as_its_own_bytes),
		cmocka_unit_test(a_source_writes_anew_what_its_paths_change),
		cmocka_unit_test(a_dead_letter_comes_back_without_its_error),
		cmocka_unit_test(a_binary_key_survives),
		cmocka_unit_test(bad_lines_say_why_and_keep_their_bytes),
		cmocka_unit_test(what_was_asked_for_is_found_in_either_form),
		cmocka_unit_test(the_payload_alone_is_the_original_bytes),
		cmocka_unit_test(paths_that_are_forgotten_leave_what_the_record_says),
		cmocka_unit_test(blank_lines_are_no_records),
		cmocka_unit_test(times_are_read_whatever_came_before_them),
		cmocka_unit_test(what_was_asked_for_stays_for_the_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
