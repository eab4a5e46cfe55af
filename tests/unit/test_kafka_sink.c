/* Records as messages of Kafka, which epoch a topic holds, what a target says: what needs no broker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kafka/sink_parts.h"

/* ---- a record becomes a message ---- */

struct bench {
	struct message_plan  plan;
	struct message_wants wants;
	struct rec_plan      reading;
	struct rec_reader   *reader;
	struct arena         arena;
	struct buf           scratch, line;
	struct rec           rec;
	struct message       m;
};

static void
bench_init(struct bench *b, const struct message_plan *plan)
{
	*b = (struct bench){ .plan = *plan };
	message_wants_init(&b->wants, &b->plan);
	b->reading = (struct rec_plan){ .wanted = b->wants.list, .n_wanted = b->wants.n };
	b->reader = rec_reader_new(&b->reading);
}

static void
bench_release(struct bench *b)
{
	rec_reader_free(b->reader);
	message_wants_release(&b->wants);
	arena_release(&b->arena);
	buf_release(&b->scratch);
	buf_release(&b->line);
}

/* The message of a line, or why there is none. */
static const char *
make(struct bench *b, const char *line)
{
	const char *newline;

	rec_reader_reset(b->reader);
	buf_reset(&b->line);
	buf_str(&b->line, line);
	buf_char(&b->line, '\n');
	memset(buf_reserve(&b->line, SCAN_PAD), 0, SCAN_PAD);
	assert_int_equal(rec_read_envelope(b->reader, b->line.p, 0, 1, &b->rec, &newline), REC_OK);
	return message_make(&b->plan, &b->rec, &b->arena, &b->scratch, &b->m);
}

static void
bytes_are(struct span s, const char *bytes, size_t n)
{
	assert_non_null(s.p);
	assert_int_equal(s.n, n);
	assert_memory_equal(s.p, bytes, n);
}

#define TEXT_IS(s, text) bytes_are((s), (text), sizeof(text) - 1)

static void
a_payload_is_the_value_as_it_stands(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, &(struct message_plan){ .as_text = false });
	assert_null(make(&b, "{\"ts\":1700000000123,\"key\":\"a\\\"b\",\"payload\":{\"price\": 1.10}}"));
	TEXT_IS(b.m.value, "{\"price\": 1.10}");
	TEXT_IS(b.m.key, "a\"b");
	assert_int_equal(b.m.ts_ms, 1700000000123);
	assert_int_equal(b.m.partition, KAFKA_ANY_PARTITION);
	assert_null(b.m.topic.p);
	assert_int_equal(b.m.n_headers, 0);
	assert_null(make(&b, "{\"payload\":\"x\"}"));
	TEXT_IS(b.m.value, "\"x\"");
	assert_int_equal(b.m.ts_ms, KAFKA_NO_TIME);
	bench_release(&b);
}

/* Nothing, the empty and the four letters are three things, in values and in keys. */
static void
null_and_empty_stay_apart(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, &(struct message_plan){ .as_text = false });
	assert_null(make(&b, "{\"key\":null,\"payload\":null}"));
	assert_null(b.m.value.p);
	assert_null(b.m.key.p);
	assert_null(make(&b, "{\"key\":\"\",\"payload_base64\":\"\"}"));
	TEXT_IS(b.m.value, "");
	TEXT_IS(b.m.key, "");
	assert_null(make(&b, "{\"key_base64\":\"AP8=\",\"payload_base64\":\"bnVsbA==\"}"));
	TEXT_IS(b.m.value, "null");
	bytes_are(b.m.key, "\0\xff", 2);
	bench_release(&b);
}

static void
a_text_is_its_characters(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, &(struct message_plan){ .as_text = true });
	assert_null(make(&b, "{\"payload\":\"a\\nb\"}"));
	TEXT_IS(b.m.value, "a\nb");
	assert_null(make(&b, "{\"payload\":\"\"}"));
	TEXT_IS(b.m.value, "");
	assert_null(make(&b, "{\"payload\":null}"));
	assert_null(b.m.value.p);
	assert_null(make(&b, "{\"payload_base64\":\"/w==\"}"));
	TEXT_IS(b.m.value, "\xff");
	assert_string_equal(make(&b, "{\"payload\":{\"a\":1}}"),
	                    "the payload is no string, and ?format=text writes a string's text");
	bench_release(&b);
}

static void
headers_keep_order_duplicates_and_null(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, &(struct message_plan){ .as_text = false });
	assert_null(make(&b, "{\"headers\":[{\"key\":\"a\",\"value\":\"1\"},{\"key\":\"a\",\"value\":null},{\"key\":\"\",\"value\":\"\"},"
	                     "{\"value_base64\":\"AAE=\",\"key\":\"b\"}],\"payload\":1}"));
	assert_int_equal(b.m.n_headers, 4);
	TEXT_IS(b.m.headers[0].name, "a");
	TEXT_IS(b.m.headers[0].value, "1");
	TEXT_IS(b.m.headers[1].name, "a");
	assert_null(b.m.headers[1].value.p);
	TEXT_IS(b.m.headers[2].name, "");
	TEXT_IS(b.m.headers[2].value, "");
	bytes_are(b.m.headers[3].value, "\0\1", 2);
	assert_non_null(make(&b, "{\"headers\":{\"a\":1},\"payload\":1}"));
	assert_non_null(make(&b, "{\"headers\":[{\"value\":\"1\"}],\"payload\":1}"));
	assert_non_null(make(&b, "{\"headers\":[{\"key\":\"a\",\"value\":1}],\"payload\":1}"));
	assert_non_null(make(&b, "{\"headers\":[7],\"payload\":1}"));
	bench_release(&b);
}

static void
a_windows_bounds_are_headers(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, &(struct message_plan){ .as_text = false });
	assert_null(make(&b, "{\"ts\":9,\"headers\":[{\"key\":\"h\",\"value\":\"v\"}],\"window\":{\"start\":-10,\"end\":10,\"n\":3},"
	                     "\"pane\":\"early\",\"payload\":{}}"));
	assert_int_equal(b.m.n_headers, 5);
	TEXT_IS(b.m.headers[0].name, "h");
	TEXT_IS(b.m.headers[1].name, "window-start");
	TEXT_IS(b.m.headers[1].value, "-10");
	TEXT_IS(b.m.headers[2].name, "window-end");
	TEXT_IS(b.m.headers[2].value, "10");
	TEXT_IS(b.m.headers[3].name, "window-n");
	TEXT_IS(b.m.headers[3].value, "3");
	TEXT_IS(b.m.headers[4].name, "pane");
	TEXT_IS(b.m.headers[4].value, "early");
	bench_release(&b);
}

static void
the_records_own_partition_and_topic(void **state)
{
	struct bench b;
	struct path  topic = { 0 };
	struct err   err = ERR_INIT;

	(void)state;
	assert_int_equal(path_parse(&topic, ".to", &err), 0);
	bench_init(&b, &(struct message_plan){ .keeps_partition = true, .topic = &topic });
	assert_null(make(&b, "{\"topic\":\"x\",\"partition\":3,\"offset\":1,\"payload\":{\"to\":\"a\\u0062\"}}"));
	assert_int_equal(b.m.partition, 3);
	TEXT_IS(b.m.topic, "ab");
	assert_string_equal(make(&b, "{\"payload\":{\"to\":\"ab\"}}"), "no partition, and ?partition=keep writes to the record's own");
	assert_non_null(make(&b, "{\"partition\":-1,\"payload\":{\"to\":\"ab\"}}"));
	assert_non_null(make(&b, "{\"partition\":99999999999,\"payload\":{\"to\":\"ab\"}}"));
	assert_string_equal(make(&b, "{\"partition\":0,\"payload\":{\"to\":7}}"), "there is no topic where ?topic= says");
	assert_non_null(make(&b, "{\"partition\":0,\"payload\":{}}"));
	bench_release(&b);
	path_release(&topic);
}

static void
a_whole_record_can_be_the_value(void **state)
{
	struct bench b;
	const char   line[] = "{\"topic\":\"f\",\"partition\":0,\"offset\":7,\"ts\":5,\"key\":\"k\",\"payload\":{\"a\":1}}";

	(void)state;
	bench_init(&b, &(struct message_plan){ .whole_record = true });
	assert_null(make(&b, line));
	bytes_are(b.m.value, line, sizeof(line) - 1);
	TEXT_IS(b.m.key, "k");
	assert_int_equal(b.m.ts_ms, 5);
	bench_release(&b);
}

/* The client writes the time of day for 0, and the protocol says none by -1. */
static void
times_that_cannot_be_written(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b, &(struct message_plan){ .as_text = false });
	assert_non_null(make(&b, "{\"ts\":0,\"payload\":1}"));
	assert_non_null(make(&b, "{\"ts\":-1,\"payload\":1}"));
	assert_null(make(&b, "{\"ts\":-2,\"payload\":1}"));
	assert_int_equal(b.m.ts_ms, -2);
	bench_release(&b);
}

/* As a broker counts: 61 for the batch, 3 for the record's head, a length of 1 to 5 in front of each field. */
static void
the_size_is_that_of_a_batch_of_one(void **state)
{
	struct message_header h = { SPAN_LIT("h"), SPAN_NONE };
	char                  text[200] = "";

	(void)state;
	assert_int_equal(message_bytes(&(struct message){ .key = SPAN_NONE, .value = SPAN_NONE }), 61 + 1 + 3 + 1 + 1 + 1);
	assert_int_equal(message_bytes(&(struct message){ .key = SPAN_LIT("k"), .value = span_of(text, 200) }),
	                 61 + 2 + 3 + 2 + 202 + 1);
	assert_int_equal(message_bytes(&(struct message){ .key = SPAN_NONE, .value = SPAN_NONE, .headers = &h, .n_headers = 1 }),
	                 61 + 1 + 3 + 1 + 1 + 1 + 3);
}

/* ---- partitions ---- */

/* Where Java's producers put these, by murmur2: the same key, the same partition, whoever writes it. */
static void
keys_lie_where_java_puts_them(void **state)
{
	static const struct { const char *key; int32_t hash; } known[] = {
		{ "21", -973932308 }, { "foobar", -790332482 }, { "a-little-bit-long-string", -985981536 },
		{ "a-little-bit-longer-string", -1486304829 },
		{ "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971 }, { "abc", 479470107 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		for (int32_t n = 1; n < 50; n++)
			assert_int_equal(rd_kafka_msg_partitioner_murmur2(NULL, known[i].key, strlen(known[i].key), n, NULL, NULL),
			                 (known[i].hash & 0x7fffffff) % n);
}

/* ---- which epoch does the topic hold? ---- */

static void
the_brokers_answer_is_judged(void **state)
{
	enum { NONE = -1 };
	static const struct {
		bool               has_commit, closed, was_plain;
		int                epoch, answer, assumed;
		enum epoch_verdict verdict;
		int                held;
	} rows[] = {
		/* a new pipeline; or one whose sink died before it wrote its first commit */
		{ false, false, false, 0, NONE, NONE, EPOCH_GO_ON, 0 },
		{ false, false, false, 0, 0, NONE, EPOCH_GO_ON, 0 },
		{ false, false, false, 0, 1, NONE, EPOCH_FOREIGN, 0 },
		/* nothing was in flight, or it did not get in */
		{ true, false, false, 41, 41, NONE, EPOCH_GO_ON, 41 },
		{ true, true, false, 41, 41, NONE, EPOCH_GO_ON, 41 },
		/* what was in flight is in */
		{ true, false, false, 41, 42, NONE, EPOCH_GO_ON, 42 },
		{ true, false, false, 0, 1, NONE, EPOCH_GO_ON, 1 },
		/* nothing was: so this is another one's */
		{ true, true, false, 41, 42, NONE, EPOCH_FOREIGN, 0 },
		/* forgotten */
		{ true, true, false, 41, NONE, NONE, EPOCH_EXPIRED, 41 },
		{ true, false, false, 41, NONE, NONE, EPOCH_IN_DOUBT, 0 },
		{ true, false, false, 0, NONE, NONE, EPOCH_IN_DOUBT, 0 },
		/* an older copy of one of the two */
		{ true, false, false, 41, 43, NONE, EPOCH_FOREIGN, 0 },
		{ true, false, false, 41, 40, NONE, EPOCH_FOREIGN, 0 },
		{ true, true, false, 41, 40, NONE, EPOCH_FOREIGN, 0 },
		/* the operator has looked */
		{ true, false, false, 41, NONE, 41, EPOCH_GO_ON, 41 },
		{ true, false, false, 41, NONE, 42, EPOCH_GO_ON, 42 },
		{ true, false, false, 41, NONE, 43, EPOCH_NOT_ASSUMED, 0 },
		{ true, false, false, 41, NONE, 40, EPOCH_NOT_ASSUMED, 0 },
		{ true, false, false, 41, 57, 41, EPOCH_GO_ON, 41 },
		{ true, false, false, 41, 42, 41, EPOCH_NOT_ASSUMED, 0 },
		{ true, false, false, 41, 42, 42, EPOCH_GO_ON, 42 },
		{ true, false, false, 41, 41, 42, EPOCH_NOT_ASSUMED, 0 },
		{ false, false, false, 0, NONE, 1, EPOCH_NOT_ASSUMED, 0 },
		/* the last runs had no transactions, so the brokers' number stood still */
		{ true, false, true, 41, NONE, NONE, EPOCH_GO_ON, 41 },
		{ true, false, true, 41, 7, NONE, EPOCH_GO_ON, 41 },
		{ true, false, true, 41, 42, NONE, EPOCH_FOREIGN, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct epoch_case c = { .has_commit = rows[i].has_commit, .epoch = (uint64_t)rows[i].epoch, .closed = rows[i].closed,
		                        .was_plain = rows[i].was_plain, .has_answer = rows[i].answer != NONE,
		                        .answer = (uint64_t)(rows[i].answer == NONE ? 0 : rows[i].answer),
		                        .is_assumed = rows[i].assumed != NONE, .assumed = (uint64_t)rows[i].assumed };
		uint64_t          held;

		if (epoch_decide(&c, &held) != rows[i].verdict)
			fail_msg("row %zu: %d", i, epoch_decide(&c, &held));
		if (rows[i].verdict == EPOCH_GO_ON || rows[i].verdict == EPOCH_EXPIRED)
			assert_int_equal(held, rows[i].held);
	}
}

static void
the_text_beside_the_epoch_is_checked(void **state)
{
	struct buf b = { 0 };
	uint64_t   run, epoch;

	(void)state;
	epoch_put_text(&b, 12, UINT64_MAX / 2);
	assert_true(epoch_read_text(buf_all(&b), &run, &epoch));
	assert_int_equal(run, 12);
	assert_int_equal(epoch, UINT64_MAX / 2);
	assert_false(epoch_read_text(SPAN_LIT(""), &run, &epoch));
	assert_false(epoch_read_text(SPAN_LIT("stream/2 run=1 epoch=2"), &run, &epoch));
	assert_false(epoch_read_text(SPAN_LIT("stream/1 run= epoch=2"), &run, &epoch));
	assert_false(epoch_read_text(SPAN_LIT("stream/1 run=1 epoch=2 "), &run, &epoch));
	buf_release(&b);
}

/* ---- targets ---- */

static void
target_is_refused(const char *text, const char *why)
{
	struct kafka_target t;
	struct err          err = ERR_INIT;

	assert_int_equal(kafka_target_parse(&t, text, &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_string_equal(err.text, why);
}

static void
a_target_says_where_and_how(void **state)
{
	struct kafka_target t;
	struct err          err = ERR_INIT;

	(void)state;
	assert_int_equal(kafka_target_parse(&t, "kafka://a,b:9093/out?format=text&partition=keep&topic=%2Eto", &err), 0);
	assert_string_equal(t.url.brokers, "a:9092,b:9093");
	assert_string_equal(t.url.topics[0], "out");
	assert_true(t.as_text && t.keeps_partition && t.has_path);
	assert_string_equal(t.path.text, ".to");
	kafka_target_release(&t);
	target_is_refused("kafka://h", "kafka://h: no topic: kafka://HOST/TOPIC");
	target_is_refused("kafka://h/a,b", "kafka://h/a,b: one topic is written; where each record goes, ?topic=PATH can say");
	target_is_refused("kafka://h/a?fromat=text", "kafka://h/a?fromat=text: unknown parameter fromat; there are format, partition and topic");
	target_is_refused("kafka://h/a?format=xml", "kafka://h/a?format=xml: format= is json or text");
	target_is_refused("kafka://h/a?partition=3", "kafka://h/a?partition=3: partition= is key or keep");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_payload_is_the_value_as_it_stands),
		cmocka_unit_test(null_and_empty_stay_apart),
		cmocka_unit_test(a_text_is_its_characters),
		cmocka_unit_test(headers_keep_order_duplicates_and_null),
		cmocka_unit_test(a_windows_bounds_are_headers),
		cmocka_unit_test(the_records_own_partition_and_topic),
		cmocka_unit_test(a_whole_record_can_be_the_value),
		cmocka_unit_test(times_that_cannot_be_written),
		cmocka_unit_test(the_size_is_that_of_a_batch_of_one),
		cmocka_unit_test(keys_lie_where_java_puts_them),
		cmocka_unit_test(the_brokers_answer_is_judged),
		cmocka_unit_test(the_text_beside_the_epoch_is_checked),
		cmocka_unit_test(a_target_says_where_and_how),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
