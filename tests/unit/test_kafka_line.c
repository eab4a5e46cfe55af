/* Messages of Kafka as lines: what is in the line, and that our own reader finds in it what the message had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json/scan.h"
#include "json/text.h"
#include "kafka/line.h"
#include "kafka/select.h"
#include "rec/rec.h"

#define HEAD "{\"topic\":\"t\",\"partition\":3,\"offset\":"

/* The line of a message of this key and value, at offset 7, without its newline. */
static void
put(struct buf *b, enum line_values values, struct span key, struct span value)
{
	struct line_maker   maker;
	struct line_message m = { .head = SPAN_LIT(HEAD), .offset = 7, .has_ts = true, .ts_ms = -5, .key = key, .value = value };

	line_init(&maker, values);
	buf_reset(b);
	line_put(&maker, b, &m);
	assert_int_equal(b->p[b->n - 1], '\n');
	b->n--;
	line_release(&maker);
}

static void
assert_line(enum line_values values, struct span key, struct span value, const char *rest)
{
	struct buf b = { 0 }, want = { 0 };

	put(&b, values, key, value);
	buf_lit(&want, HEAD "7,\"ts\":-5,");
	buf_str(&want, rest);
	if (!span_eq(buf_all(&b), buf_all(&want)))
		fail_msg("%.*s\nis not\n%.*s", SPAN_ARGS(buf_all(&b)), SPAN_ARGS(buf_all(&want)));
	buf_release(&b);
	buf_release(&want);
}

static void
json_is_the_payload_as_it_is(void **state)
{
	(void)state;
	assert_line(LINE_JSON, SPAN_LIT("k"), SPAN_LIT("{\"a\":1.10}"), "\"key\":\"k\",\"payload\":{\"a\":1.10}}");
	assert_line(LINE_JSON, SPAN_LIT("k"), SPAN_LIT("\"x\""), "\"key\":\"k\",\"payload\":\"x\"}");
	assert_line(LINE_JSON, SPAN_LIT("k"), SPAN_LIT(" 12345678901234567890 "), "\"key\":\"k\",\"payload\": 12345678901234567890 }");
}

static void
lines_of_json_become_one(void **state)
{
	(void)state;
	assert_line(LINE_JSON, SPAN_NONE, SPAN_LIT("{\n \"a\": [1,\n2]\n}\n"), "\"key\":null,\"payload\":{  \"a\": [1, 2] } }");
	assert_line(LINE_JSON, SPAN_NONE, SPAN_LIT("\"a\nb\""), "\"key\":null,\"payload_base64\":\"ImEKYiI=\"}");
}

static void
what_is_no_json_is_base64(void **state)
{
	(void)state;
	assert_line(LINE_JSON, SPAN_LIT(""), SPAN_LIT("hello"), "\"key\":\"\",\"payload_base64\":\"aGVsbG8=\"}");
	assert_line(LINE_JSON, SPAN_LIT(""), SPAN_LIT(""), "\"key\":\"\",\"payload_base64\":\"\"}");
	assert_line(LINE_JSON, SPAN_LIT(""), SPAN_LIT("1 2"), "\"key\":\"\",\"payload_base64\":\"MSAy\"}");
	assert_line(LINE_JSON, SPAN_LIT(""), SPAN_LIT("1\0"), "\"key\":\"\",\"payload_base64\":\"MQA=\"}");
}

/* Nobody writes members of the envelope by what stands in a value. */
static void
a_value_stays_inside(void **state)
{
	(void)state;
	assert_line(LINE_JSON, SPAN_NONE, SPAN_LIT("1,\"ts\":2"), "\"key\":null,\"payload_base64\":\"MSwidHMiOjI=\"}");
	assert_line(LINE_JSON, SPAN_NONE, SPAN_LIT("1}\n{\"mark\":\"end\"}"),
	            "\"key\":null,\"payload_base64\":\"MX0KeyJtYXJrIjoiZW5kIn0=\"}");
}

/* No value at all deletes; a value that says null is one. */
static void
null_and_no_value_stay_apart(void **state)
{
	(void)state;
	assert_line(LINE_JSON, SPAN_NONE, SPAN_NONE, "\"key\":null,\"payload\":null}");
	assert_line(LINE_JSON, SPAN_NONE, SPAN_LIT("null"), "\"key\":null,\"payload_base64\":\"bnVsbA==\"}");
	assert_line(LINE_JSON, SPAN_NONE, SPAN_LIT(" null"), "\"key\":null,\"payload_base64\":\"IG51bGw=\"}");
	assert_line(LINE_TEXT, SPAN_NONE, SPAN_NONE, "\"key\":null,\"payload\":null}");
	assert_line(LINE_TEXT, SPAN_NONE, SPAN_LIT("null"), "\"key\":null,\"payload\":\"null\"}");
	assert_line(LINE_TEXT, SPAN_NONE, SPAN_LIT(""), "\"key\":null,\"payload\":\"\"}");
	assert_line(LINE_BINARY, SPAN_NONE, SPAN_NONE, "\"key\":null,\"payload\":null}");
	assert_line(LINE_BINARY, SPAN_NONE, SPAN_LIT("1"), "\"key\":null,\"payload_base64\":\"MQ==\"}");
}

static void
bytes_that_are_no_text(void **state)
{
	(void)state;
	assert_line(LINE_TEXT, SPAN_LIT("\xff"), SPAN_LIT("a\xff"), "\"key_base64\":\"/w==\",\"payload_base64\":\"Yf8=\"}");
}

static void
headers_keep_order_and_duplicates(void **state)
{
	const struct line_header headers[] = {
		{ SPAN_LIT("b"), SPAN_LIT("1") }, { SPAN_LIT("a"), SPAN_NONE }, { SPAN_LIT("b"), SPAN_LIT("") },
		{ SPAN_LIT("\xfe"), SPAN_LIT("\xff") },
	};
	struct line_message m = { .head = SPAN_LIT(HEAD), .offset = 7, .value = SPAN_LIT("1"), .headers = headers, .n_headers = 4 };
	struct line_maker   maker;
	struct buf          b = { 0 };

	(void)state;
	line_init(&maker, LINE_JSON);
	line_put(&maker, &b, &m);
	buf_char(&b, '\0');
	assert_string_equal(b.p, HEAD "7,\"key\":null,\"headers\":[{\"key\":\"b\",\"value\":\"1\"},{\"key\":\"a\",\"value\":null},"
	                    "{\"key\":\"b\",\"value\":\"\"},{\"key_base64\":\"/g==\",\"value_base64\":\"/w==\"}],\"payload\":1}\n");
	line_release(&maker);
	buf_release(&b);
}

/* Any bytes: the reader takes each line, and has the key and the value of the message. */
static void
the_reader_finds_what_the_message_had(void **state)
{
	static const char  alphabet[] = "{}[]\",:0 1nultrfase\\\n\r\x80\xff\xed\xa0\x80\0x";
	struct rec_plan    plan = { .is_source = true };
	struct rec_reader *reader;
	struct rec_origin  origin = { 0 };
	struct buf         b = { 0 }, got = { 0 };
	unsigned           seed = 1;

	(void)state;
	plan.origin = &origin;
	reader = rec_reader_new(&plan);
	for (int round = 0; round < 20000; round++) {
		char        key[8], value[16];
		size_t      n_key, n_value;
		struct rec  rec;
		const char *newline;
		enum line_values values = (enum line_values)(round % 3);

		for (size_t i = 0; i < sizeof(key); i++)
			key[i] = alphabet[(size_t)rand_r(&seed) % (sizeof(alphabet) - 1)];
		for (size_t i = 0; i < sizeof(value); i++)
			value[i] = alphabet[(size_t)rand_r(&seed) % (sizeof(alphabet) - 1)];
		n_key = (size_t)rand_r(&seed) % sizeof(key);
		n_value = (size_t)rand_r(&seed) % (round % 2 == 0 ? 4 : sizeof(value));
		put(&b, values, span_of(key, n_key), span_of(value, n_value));
		assert_null(memchr(b.p, '\n', b.n));
		b.p[b.n++] = '\n';
		memset(buf_reserve(&b, SCAN_PAD), 0, SCAN_PAD);
		rec_reader_reset(reader);
		if (rec_read_envelope(reader, b.p, 0, 1, &rec, &newline) != REC_OK)
			fail_msg("%.*s: %s", SPAN_ARGS(buf_all(&b)), rec_reason(reader));
		assert_true(span_eq(rec.key, span_of(key, n_key)));
		assert_true(rec.has_ts && rec.ts_ms == -5);
		buf_reset(&got);
		if (rec.payload.p == NULL) {
			rec_put_payload(&got, &rec);
			got.n--;                 /* its newline */
		} else if (values == LINE_TEXT) {
			text_decode(&got, span_of(rec.payload.p + 1, rec.payload.n - 2));
		} else {
			assert_true(values == LINE_JSON);
			continue;
		}
		assert_true(got.n == n_value && (n_value == 0 || memcmp(got.p, value, n_value) == 0));
	}
	rec_reader_free(reader);
	rec_origin_release(&origin);
	buf_release(&b);
	buf_release(&got);
}

/* ---- which partitions ---- */

static void
assert_select(const char *params, const char *want)
{
	struct kafka_select s;
	struct err          err = ERR_INIT;
	char                got[11] = "";

	if (kafka_select_parse(&s, params, &err) == -1) {
		assert_string_equal(err.text, want);
		return;
	}
	for (int p = 0; p < 10; p++)
		got[p] = kafka_select_has(&s, p) ? '+' : '-';
	assert_string_equal(got, want);
	kafka_select_release(&s);
}

static void
partitions_are_selected(void **state)
{
	(void)state;
	assert_select(NULL, "++++++++++");
	assert_select("partitions=0-3,7", "++++---+--");
	assert_select("partitions=9", "---------+");
	assert_select("group=me&partitions=1", "-+--------");
	assert_select("partitions=", "partitions= has no value");
	assert_select("partitions=3-1", "partitions=3-1: 1 is before 3");
	assert_select("partitions=1,", "partitions=1,: numbers, and ranges of them, such as 0-3,7");
	assert_select("partitions=-1", "partitions=-1: numbers, and ranges of them, such as 0-3,7");
	assert_select("partitions=1;2", "partitions=1;2: numbers, and ranges of them, such as 0-3,7");
	assert_select("partitions=1&partitions=2", "partitions= twice");
	assert_select("offset=1", "unknown parameter offset; there are partitions and group");
}

static void
slices_share_them(void **state)
{
	struct kafka_select s = { .slice = 1, .n_slices = 3 };

	(void)state;
	for (int p = 0; p < 9; p++)
		assert_int_equal(kafka_select_has(&s, p), p % 3 == 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_is_the_payload_as_it_is),
		cmocka_unit_test(lines_of_json_become_one),
		cmocka_unit_test(what_is_no_json_is_base64),
		cmocka_unit_test(a_value_stays_inside),
		cmocka_unit_test(null_and_no_value_stay_apart),
		cmocka_unit_test(bytes_that_are_no_text),
		cmocka_unit_test(headers_keep_order_and_duplicates),
		cmocka_unit_test(the_reader_finds_what_the_message_had),
		cmocka_unit_test(partitions_are_selected),
		cmocka_unit_test(slices_share_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
