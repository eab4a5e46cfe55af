/* kcat: what a broker's message was comes out of what `kcat -J` made of it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json/scan.h"
#include "json/text.h"
#include "random.h"
#include "rec/kcat.h"

/* The record of LINE, or NULL and what is wrong with it. */
static const char *
record_of(struct kcat *k, struct span line, struct buf *out)
{
	struct buf  padded = { 0 };
	const char *wrong;

	buf_span(&padded, line);
	buf_char(&padded, '\n');
	memset(buf_reserve(&padded, SCAN_PAD), 0, SCAN_PAD);
	buf_reset(out);
	wrong = kcat_put_record(k, padded.p, out);
	buf_release(&padded);
	return wrong;
}

/* A message's value, and how its record has it. */
struct value {
	const char *bytes, *payload;         /* payload NULL: the bytes as a string */
};

static const struct value values[] = {
	{ "{\"a\":1.10}", "{\"a\":1.10}" },
	{ " [1, 2] ", "[1, 2]" },
	{ "{\"a\":\n\t1}", "{\"a\": \t1}" },
	{ "\"text\"", "\"text\"" },
	{ "12345678901234567890", "12345678901234567890" },
	{ "null", "null" },
	{ "{\"a\":\"\\u00e9\\\"\"}", "{\"a\":\"\\u00e9\\\"\"}" },
	{ "{\"a\":1}\n", "{\"a\":1}" },
	{ "\"no\njson\"", NULL },
	{ "{\"a\":1}{\"b\":2}", NULL },
	{ "{\"a\":1}\n{\"b\":2}", NULL },
	{ "plain", NULL },
	{ "", NULL },
	{ "  ", NULL },
	{ "{", NULL },
	{ "01", NULL },
	{ "\xc3\xa9 \xf0\x9f\x98\x80", NULL }
};

static const char *const texts[] = { "", "k", "a b", "\"", "\\", "\n", "\xc3\xa9", "1", "null", "]", "," };

enum { N_VALUES = sizeof(values) / sizeof(values[0]), N_TEXTS = sizeof(texts) / sizeof(texts[0]) };

static void
blanks(uint64_t *seed, struct buf *b)
{
	if (random_below(seed, 8) == 0)
		buf_str(b, random_below(seed, 2) == 0 ? " " : "\t ");
}

/* The same text, or null, to both. */
static void
put_both(uint64_t *seed, struct buf *line, struct buf *record, bool may_be_null)
{
	const char *text = texts[random_below(seed, N_TEXTS)];

	if (may_be_null && random_below(seed, 4) == 0) {
		buf_lit(line, "null");
		buf_lit(record, "null");
		return;
	}
	text_quote(line, span_str(text));
	text_quote(record, span_str(text));
}

static void
put_headers(uint64_t *seed, struct buf *line, struct buf *record)
{
	uint64_t n = random_below(seed, 4);

	if (n == 0)
		return;
	buf_lit(line, ",\"headers\":[");
	buf_lit(record, ",\"headers\":[");
	for (uint64_t i = 0; i < n; i++) {
		blanks(seed, line);
		buf_str(line, i > 0 ? "," : "");
		buf_str(record, i > 0 ? ",{\"key\":" : "{\"key\":");
		put_both(seed, line, record, false);
		blanks(seed, line);
		buf_char(line, ',');
		buf_lit(record, ",\"value\":");
		put_both(seed, line, record, true);
		buf_char(record, '}');
	}
	blanks(seed, line);
	buf_char(line, ']');
	buf_char(record, ']');
}

static void
put_payload(uint64_t *seed, struct buf *line, struct buf *record)
{
	const struct value *v = &values[random_below(seed, N_VALUES)];

	buf_lit(line, ",\"payload\":");
	buf_lit(record, ",\"payload\":");
	if (random_below(seed, 8) == 0) {                /* a tombstone */
		buf_lit(line, "null");
		buf_lit(record, "null");
		return;
	}
	text_quote(line, span_str(v->bytes));
	if (v->payload != NULL)
		buf_str(record, v->payload);
	else
		text_quote(record, span_str(v->bytes));
}

static void
a_message_is_what_it_was(void **state)
{
	uint64_t     seed = 1;
	struct kcat *k = kcat_new();
	struct buf   line = { 0 }, record = { 0 }, out = { 0 };

	(void)state;
	for (int round = 0; round < 20000; round++) {
		bool    has_time = random_below(&seed, 4) > 0;
		int64_t offset = (int64_t)(random_next(&seed) >> 1), ts_ms = random_between(&seed, -1000, INT64_C(2000000000000));

		buf_reset(&line);
		buf_reset(&record);
		buf_lit(&line, "{\"topic\":");
		buf_lit(&record, "{\"topic\":");
		put_both(&seed, &line, &record, false);
		buf_printf(&line, ",\"partition\":3,\"offset\":%lld,\"tstype\":\"%s\",\"ts\":%lld,\"broker\":1", (long long)offset,
		           has_time ? "create" : "unknown", (long long)(has_time ? ts_ms : 0));
		buf_printf(&record, ",\"partition\":3,\"offset\":%lld", (long long)offset);
		if (has_time)
			buf_printf(&record, ",\"ts\":%lld", (long long)ts_ms);
		/* In kcat's order headers stand before the key, in a record behind it. */
		struct buf headers = { 0 };
		put_headers(&seed, &line, &headers);
		buf_lit(&line, ",\"key\":");
		buf_lit(&record, ",\"key\":");
		put_both(&seed, &line, &record, true);
		buf_span(&record, buf_all(&headers));
		buf_release(&headers);
		put_payload(&seed, &line, &record);
		buf_char(&line, '}');
		buf_char(&record, '}');
		assert_null(record_of(k, buf_all(&line), &out));
		assert_int_equal(out.n, record.n);
		assert_memory_equal(out.p, record.p, out.n);
	}
	buf_release(&line);
	buf_release(&record);
	buf_release(&out);
	kcat_free(k);
}

static void
an_empty_line_is_no_record(void **state)
{
	struct kcat *k = kcat_new();
	struct buf   out = { 0 };

	(void)state;
	assert_null(record_of(k, SPAN_LIT("  "), &out));
	assert_int_equal(out.n, 0);
	buf_release(&out);
	kcat_free(k);
}

static void
what_is_no_line_of_kcat_is_told(void **state)
{
#define HEAD "{\"topic\":\"t\",\"partition\":0,\"offset\":1,\"payload\":\"\""
	static const char *const lines[] = {
		"nope", "{}", "[]", "\"t\"", "{\"topic\":\"t\",\"partition\":0,\"offset\":1}",
		"{\"topic\":1,\"partition\":0,\"offset\":1,\"payload\":\"\"}",
		HEAD ",\"headers\":[\"a\"]}", HEAD ",\"headers\":{}}", HEAD ",\"headers\":[null,\"a\"]}", HEAD ",\"headers\":[\"a\",1]}",
		HEAD ",\"headers\":[[\"a\",\"b\"]]}", HEAD ",\"headers\":[\"a\",[\"b\"]]}", HEAD ",\"headers\":[\"a\",{}]}", HEAD "} x", HEAD
	};
	struct kcat *k = kcat_new();
	struct buf   out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_non_null(record_of(k, span_str(lines[i]), &out));
	buf_release(&out);
	kcat_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_what_it_was),
		cmocka_unit_test(an_empty_line_is_no_record),
		cmocka_unit_test(what_is_no_line_of_kcat_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
