/* test_window - the window operator: golden cases cut anywhere, random streams against a naive reading of the rules */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/when.h"
#include "json/scan.h"
#include "naive_windows.h"
#include "op/window.h"
#include "optest.h"
#include "state/table.h"

enum { GOLDEN_ROUNDS = 30, STREAMS = 16, STREAM_ROUNDS = 3, STREAM_STEPS = 250 };

/* Printed with what fails; STREAM_SEED=n repeats it. */
static uint64_t
seed_of_run(void)
{
	const char *text = getenv("STREAM_SEED");

	return text == NULL ? 20130101 : strtoull(text, NULL, 10) | 1;
}

static void
golden_cases_hold_at_every_cut(void **state)
{
	(void)state;
	assert_true(optest_run_golden("window", seed_of_run(), GOLDEN_ROUNDS) >= 30);
}

/* ---- the rules of windows, read naively ---- */

static const char *const key_texts[] = {
	"null", "\"\"", "\"a\"", "\"b\"", "\"null\"", "\"caf\xc3\xa9\"", "\"\\\"\"", "\"0123456789\"", "\"01234567890123456789\"",
};
enum { N_KEYS = sizeof(key_texts) / sizeof(key_texts[0]) };

_Static_assert((int)N_KEYS == (int)NAIVE_KEYS, "the naive reading knows as many");

static int64_t
between(uint64_t *random, int64_t low, int64_t high)
{
	return low + (int64_t)((optest_random(random) >> 11) % (uint64_t)(high - low + 1));
}

/* Are windows of many panes asked for?  Their streams go slowly, so that each window has many filled. */
static bool
is_fine(const struct window_conf *c)
{
	return (c->kind == WINDOW_SLIDING || c->kind == WINDOW_CUMULATIVE) && c->size > 8 * c->step;
}

/* A stream that wanders upwards with disorder; marks now and then. */
static void
make_stream(struct optest_case *c, struct naive *n, uint64_t *random, struct buf *text)
{
	int64_t size = n->conf.size, now = between(random, -2000, 0), pace = is_fine(&n->conf) ? n->conf.step : size;
	int64_t disorder = between(random, 0, is_fine(&n->conf) ? size : 4 * size);
	size_t  n_keys = (size_t)between(random, 1, N_KEYS);

	buf_reserve(text, 256 * STREAM_STEPS);        /* lines are pointed to: it must not move */
	for (int i = 0; i < STREAM_STEPS; i++) {
		size_t              at = text->n;
		struct naive_record r = {
			.ts_ms = now - between(random, 0, disorder), .cents = between(random, -100000, 100000),
			.key = (size_t)between(random, 0, (int64_t)n_keys - 1), .has_value = between(random, 0, 9) != 0,
			.gap_ms = between(random, 1, 2 * size)
		};
		bool                is_mark = between(random, 0, 6) == 0 || i == STREAM_STEPS - 1;
		struct optest_step *step;

		now += between(random, 0, 20) == 0 ? between(random, 0, 20 * pace) : between(random, 0, pace / 2);
		if (i == STREAM_STEPS - 1) {
			r.ts_ms = WHEN_MAX;
			buf_lit(text, "{\"mark\":\"watermark\",\"ts\":\"max\"}");
		} else if (is_mark) {
			buf_printf(text, "{\"mark\":\"watermark\",\"ts\":%lld}", (long long)r.ts_ms);
		} else {
			buf_printf(text, "{\"ts\":%lld,\"key\":%s,\"payload\":{\"gap\":", (long long)r.ts_ms, key_texts[r.key]);
			buf_printf(text, r.gap_ms % 2 == 0 ? "%lld,\"v\":" : "\"%lldms\",\"v\":", (long long)r.gap_ms);
			if (r.has_value)
				naive_put_cents(text, r.cents);
			buf_str(text, r.has_value ? "}}" : "null}}");
		}
		step = optest_add(c, span_of(text->p + at, text->n - at));
		buf_char(text, '\n');
		if (is_mark)
			naive_watermark(n, r.ts_ms, step);
		else
			naive_take(n, &r, step);
	}
}

/* Any windows that can be asked for, as words and for the naive reading. */
static void
any_windows(struct naive *n, uint64_t *random, int kind, char *words, size_t size)
{
	struct window_conf *c = &n->conf;
	int                 at = 0;

	*c = (struct window_conf){ .kind = (enum window_kind)kind };
	c->size = between(random, 1, kind == WINDOW_COUNT ? 6 : 60);
	c->step = between(random, 1, kind == WINDOW_COUNT ? 8 : 90);
	if (kind == WINDOW_CUMULATIVE) {
		c->step = between(random, 1, 20);
		c->size = c->step * between(random, 1, 6);
	}
	if (kind == WINDOW_SLIDING && between(random, 0, 1) == 0) {
		c->step = between(random, 2, 7);
		c->size = c->step * between(random, 9, 60) + between(random, 0, c->step - 1);
	} else if (kind == WINDOW_CUMULATIVE && between(random, 0, 1) == 0) {
		c->size = c->step * between(random, 9, 40);
	}
	c->emit = (enum window_emit)between(random, 0, 2);
	c->every_ms = between(random, 1, 100);
	if (kind <= WINDOW_CUMULATIVE)
		c->offset_ms = between(random, -200, 200);
	if (kind <= WINDOW_SESSION)
		c->allowed_lateness_ms = between(random, 0, 1) == 0 ? 0 : between(random, 1, 200);
	c->discarding = between(random, 0, 2) == 0 && (c->emit != WINDOW_FINAL || c->allowed_lateness_ms > 0);
	at += snprintf(words, size, "%s", window_kind_name(c->kind));
	if (kind == WINDOW_SESSION && between(random, 0, 2) == 0) {
		static const struct path any_path;

		c->gap_path = &any_path;
		at += snprintf(words + at, size - (size_t)at, " --gap-path .gap");
	} else if (kind == WINDOW_COUNT) {
		at += snprintf(words + at, size - (size_t)at, " %lld %lld", (long long)c->size, (long long)c->step);
	} else if (kind != WINDOW_GLOBAL) {
		at += snprintf(words + at, size - (size_t)at, " %lldms", (long long)c->size);
		if (kind == WINDOW_SLIDING || kind == WINDOW_CUMULATIVE)
			at += snprintf(words + at, size - (size_t)at, " %lldms", (long long)c->step);
	}
	if (c->offset_ms != 0)
		at += snprintf(words + at, size - (size_t)at, " --offset %lldms", (long long)c->offset_ms);
	if (c->allowed_lateness_ms != 0)
		at += snprintf(words + at, size - (size_t)at, " --allowed-lateness %lldms", (long long)c->allowed_lateness_ms);
	if (c->emit == WINDOW_UPDATES)
		at += snprintf(words + at, size - (size_t)at, " --emit updates");
	if (c->emit == WINDOW_EVERY)
		at += snprintf(words + at, size - (size_t)at, " --emit every:%lldms", (long long)c->every_ms);
	/* So little that panes are spilled all the time. */
	if (between(random, 0, 1) == 0)
		at += snprintf(words + at, size - (size_t)at, " --memory 4K");
	snprintf(words + at, size - (size_t)at, "%s -a n=count -a s=sum(.v) -a m=max(.v)", c->discarding ? " --discarding" : "");
}

static void
random_streams_of(int kind)
{
	static struct naive n;
	uint64_t            random = seed_of_run() + (uint64_t)kind * 2;

	for (int i = 0; i < STREAMS; i++) {
		struct optest_case c;
		struct buf         text = { 0 };
		char               words[300], name[400];

		naive_init(&n, key_texts);
		any_windows(&n, &random, kind, words, sizeof(words));
		snprintf(name, sizeof(name), "random stream %d: %s", i, words);
		optest_case_init(&c, "window", name, words);
		make_stream(&c, &n, &random, &text);
		optest_run(&c, random, STREAM_ROUNDS);
		optest_case_release(&c);
		buf_release(&text);
		naive_release(&n);
	}
}

#define RANDOM_STREAMS(name, kind) static void random_##name(void **state) { (void)state; random_streams_of(kind); }

RANDOM_STREAMS(tumbling_windows, WINDOW_TUMBLING)
RANDOM_STREAMS(sliding_windows, WINDOW_SLIDING)
RANDOM_STREAMS(cumulative_windows, WINDOW_CUMULATIVE)
RANDOM_STREAMS(sessions, WINDOW_SESSION)
RANDOM_STREAMS(counts, WINDOW_COUNT)
RANDOM_STREAMS(global_windows, WINDOW_GLOBAL)

/* ---- one op by hand ---- */

struct by_hand {
	struct window_conf conf;
	struct agg_column  columns[2];
	struct op         *op;
	struct scan_value  values[2];
	struct buf         out, dead;
	struct emit        emit;
};

static struct op *
op_by_hand(const struct by_hand *h)
{
	return window_new(&h->conf, table_new(window_value_bytes(&h->conf), 5));
}

static void
by_hand_init(struct by_hand *h)
{
	struct err err = ERR_INIT;

	*h = (struct by_hand){ .conf = { .size = 10, .columns = h->columns, .n_columns = 2, .stage = "window" } };
	h->emit = (struct emit){ .out = &h->out, .dead = &h->dead };
	assert_int_equal(agg_parse(&h->columns[0], "n=count", &err), 0);
	assert_int_equal(agg_parse(&h->columns[1], "s=sum(.v)", &err), 0);
	h->op = op_by_hand(h);
}

static void
by_hand_release(struct by_hand *h)
{
	h->op->class->free(h->op);
	agg_column_release(&h->columns[0]);
	agg_column_release(&h->columns[1]);
	buf_release(&h->out);
	buf_release(&h->dead);
}

static void
feed_by_hand(struct by_hand *h, int64_t ts_ms, const char *key, const char *number)
{
	struct rec        rec = { .key = span_str(key), .ts_ms = ts_ms, .has_ts = true, .wanted = h->values };
	struct op_refusal refusal;

	h->values[1] = (struct scan_value){ number, (uint32_t)strlen(number), SCAN_NUMBER, false };
	assert_int_equal(h->op->class->feed(h->op, 0, &rec, 1, &h->emit, &refusal), 1);
}

/* ---- state that is none ---- */

static int
load_text(struct op *op, const char *text, size_t n)
{
	char      *line = alloc_bytes(n + 1 + SCAN_PAD);
	struct err err = ERR_INIT;
	int        r;

	memcpy(line, text, n);
	memset(line + n, 0, 1 + SCAN_PAD);
	line[n] = '\n';
	r = op->class->load(op, span_of(line, n), &err);
	assert_true(r == 0 || (err.kind == ERR_DATA && strstr(err.text, "stream-window") != NULL));
	free(line);
	return r;
}

static void
lines_that_save_does_not_write_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "  ", "{}", "[]", "17", "{\"mark\":\"end\"}", "not JSON",
		"{\"window\":\"session\",\"watermark\":1,\"next_offset\":1,\"arrived\":1}",
		"{\"window\":\"tumbling\",\"watermark\":true,\"next_offset\":1,\"arrived\":1}",
		"{\"window\":\"tumbling\",\"watermark\":\"min\",\"next_offset\":1,\"arrived\":1}",
		"{\"window\":\"tumbling\",\"watermark\":1,\"next_offset\":-1,\"arrived\":1}",
		"{\"window\":\"tumbling\",\"watermark\":1.5,\"next_offset\":1,\"arrived\":1}",
		"{\"window\":\"tumbling\",\"watermark\":1}",
		"{\"start\":3,\"i\":0,\"key\":\"a\",\"acc\":[1,2]}",
		"{\"start\":\"10\",\"i\":0,\"key\":\"a\",\"acc\":[1,2]}",
		"{\"start\":10,\"i\":1,\"key\":\"a\",\"acc\":[1,2]}",
		"{\"start\":10,\"i\":-1,\"key\":\"a\",\"acc\":[1,2]}",
		"{\"start\":10,\"key\":\"a\",\"acc\":[1,2]}",
		"{\"start\":10,\"i\":0,\"acc\":[1,2]}",
		"{\"start\":10,\"i\":0,\"key\":7,\"acc\":[1,2]}",
		"{\"start\":10,\"i\":0,\"key_base64\":\"?\",\"acc\":[1,2]}",
		"{\"start\":10,\"i\":0,\"key\":\"a\"}",
		"{\"start\":10,\"i\":0,\"key\":\"a\",\"acc\":[]}",
		"{\"start\":10,\"i\":0,\"key\":\"a\",\"acc\":[1]}",
		"{\"start\":10,\"i\":0,\"key\":\"a\",\"acc\":[1,2,3]}",
		"{\"start\":10,\"i\":0,\"key\":\"a\",\"acc\":[1,\"2\"]}",
		"{\"start\":10,\"i\":0,\"key\":\"a\",\"acc\":[[1,2],2]}",
		"{\"start\":10,\"i\":0,\"key\":\"a\",\"acc\":{\"n\":1,\"s\":2}}",
		"{\"start\":10,\"i\":0,\"key\":\"a\",\"acc\":12}",
		"{\"start\":10,\"dropped\":true}",
		"{\"start\":10,\"dropped\":false}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct by_hand h;

		by_hand_init(&h);
		if (load_text(h.op, bad[i], strlen(bad[i])) != -1)
			fail_msg("taken: %s", bad[i]);
		by_hand_release(&h);
	}
}

static void
a_line_cut_short_anywhere_is_refused(void **state)
{
	struct by_hand     h;
	struct snap_writer w = { 0 };

	(void)state;
	by_hand_init(&h);
	feed_by_hand(&h, 5, "k \"\n", "1.5");
	feed_by_hand(&h, -15, NULL, "99999999999999999999999999999999999999");
	feed_by_hand(&h, -15, NULL, "99999999999999999999999999999999999999");
	h.op->class->save(h.op, false, &w);
	for (const char *p = w.buf.p, *newline; p < w.buf.p + w.buf.n; p = newline + 1) {
		newline = memchr(p, '\n', (size_t)(w.buf.p + w.buf.n - p));
		for (size_t n = 0; n <= (size_t)(newline - p); n++) {
			struct op *op = op_by_hand(&h);

			assert_int_equal(load_text(op, p, n), p + n == newline ? 0 : -1);
			op->class->free(op);
		}
	}
	buf_release(&w.buf);
	by_hand_release(&h);
}

static void
a_delta_says_what_changed_and_no_more(void **state)
{
	struct by_hand     h;
	struct snap_writer w = { 0 };
	char               key[40];

	(void)state;
	by_hand_init(&h);
	feed_by_hand(&h, -5, "gone", "1");
	for (int i = 0; i < 10000; i++) {
		snprintf(key, sizeof(key), "key %d", i);
		feed_by_hand(&h, 15, key, "1");
	}
	h.op->class->settle(h.op);
	h.op->class->watermark(h.op, 3, &h.emit);
	feed_by_hand(&h, 16, "key 4711", "0.5");
	feed_by_hand(&h, 25, "new", "7");
	feed_by_hand(&h, 17, "key 4711", "0.5");
	h.op->class->save(h.op, true, &w);
	buf_char(&w.buf, '\0');
	assert_string_equal(w.buf.p,
	    "{\"window\":\"tumbling\",\"watermark\":3,\"next_offset\":1,\"arrived\":10004}\n"
	    "{\"start\":-10,\"dropped\":true}\n"
	    "{\"start\":10,\"i\":4711,\"key\":\"key 4711\",\"acc\":[3,2]}\n"
	    "{\"start\":20,\"i\":0,\"key\":\"new\",\"acc\":[1,7]}\n");
	buf_release(&w.buf);
	by_hand_release(&h);
}

/* ---- what else an op says ---- */

static void
the_first_dead_result_is_told_in_words(void **state)
{
	struct by_hand h;

	(void)state;
	by_hand_init(&h);
	for (int i = 0; i < 2; i++) {
		feed_by_hand(&h, 5, "UA", "99999999999999999999999999999999999999");
		feed_by_hand(&h, 5, "B6", "99999999999999999999999999999999999999");
	}
	h.op->class->watermark(h.op, 10, &h.emit);
	assert_int_equal(h.emit.n_dead, 2);
	assert_string_equal(h.emit.dead_reason, "window [0, 10), key \"UA\": column s has more than 38 digits");
	assert_int_equal(h.out.n, 0);
	by_hand_release(&h);
}

struct drained { uint64_t calls, lines; size_t longest; };

static void
drain_whole_lines(struct emit *e)
{
	struct drained *d = e->cookie;

	assert_int_equal(e->out->p[e->out->n - 1], '\n');
	for (size_t i = 0; i < e->out->n; i++)
		d->lines += e->out->p[i] == '\n';
	d->longest = e->out->n > d->longest ? e->out->n : d->longest;
	d->calls++;
	buf_reset(e->out);
}

static void
a_window_of_many_keys_closes_in_little_memory(void **state)
{
	enum { N = 50000 };
	struct by_hand h;
	struct drained d = { 0 };
	char           key[40];

	(void)state;
	by_hand_init(&h);
	h.emit.drain = drain_whole_lines;
	h.emit.cookie = &d;
	for (int i = 0; i < N; i++) {
		snprintf(key, sizeof(key), "a key of some length %d", i);
		feed_by_hand(&h, 5, key, "1");
	}
	h.op->class->watermark(h.op, WHEN_MAX, &h.emit);
	drain_whole_lines(&h.emit);
	assert_int_equal(d.lines, N);
	assert_true(d.calls > 5);
	assert_true(d.longest < EMIT_DRAIN_BYTES + 1000);
	by_hand_release(&h);
}

/* Each has grown since it was first said when it ends. */
static void
sessions_that_end_together_leave_in_order(void **state)
{
	enum { N = 6000 };
	struct by_hand h;
	uint64_t       random = seed_of_run();
	char           key[40];
	int64_t        last_ms = WHEN_MIN, n = 0;

	(void)state;
	by_hand_init(&h);
	h.conf.kind = WINDOW_SESSION;
	h.conf.size = 500;
	h.op->class->free(h.op);
	h.op = op_by_hand(&h);
	for (int i = 0; i < 2 * N; i++) {
		snprintf(key, sizeof(key), "key %d", i % N);
		feed_by_hand(&h, i % N / 6 + (i < N ? 0 : between(&random, 0, 8)), key, "1");
	}
	h.op->class->watermark(h.op, WHEN_MAX, &h.emit);
	buf_char(&h.out, '\0');
	for (const char *p = h.out.p; (p = strstr(p, "\"end\":")) != NULL; n++) {
		int64_t end_ms = strtoll(p += 6, NULL, 10);

		assert_true(end_ms >= last_ms);
		last_ms = end_ms;
	}
	assert_int_equal(n, N);
	by_hand_release(&h);
}

/* Lists of large values over many panes: their sums would be many times what is in the panes. */
static void
sums_of_large_values_do_not_take_many_times_the_panes(void **state)
{
	enum { PANES = 40, RECORDS = 130, VALUE = 40000 };
	struct by_hand    h = { .conf = { .kind = WINDOW_SLIDING, .size = PANES, .step = 1, .n_columns = 1, .stage = "window" } };
	struct err        err = ERR_INIT;
	struct op_refusal refusal;
	char             *value = alloc_zeroed(1, VALUE);

	(void)state;
	memset(value, '"', VALUE);
	memset(value + 1, 'x', VALUE - 2);
	h.conf.columns = h.columns;
	h.emit = (struct emit){ .out = &h.out, .dead = &h.dead };
	assert_int_equal(agg_parse(&h.columns[0], "c=collect(.v)", &err), 0);
	h.op = op_by_hand(&h);
	h.values[1] = (struct scan_value){ value + 1, VALUE - 2, SCAN_STRING, false };
	for (int i = 0; i < RECORDS; i++) {
		struct rec rec = { .key = span_str("k"), .ts_ms = i, .has_ts = true, .wanted = h.values };
		size_t     n = i < PANES ? (size_t)i + 1 : PANES;

		buf_reset(&h.out);
		h.op->class->watermark(h.op, i, &h.emit);
		assert_true(i == 0 || h.out.n > (i < PANES ? n - 1 : n) * VALUE);
		assert_true(h.out.n < n * (VALUE + 10) + 200);
		assert_int_equal(h.op->class->feed(h.op, 0, &rec, 1, &h.emit, &refusal), 1);
		assert_true(h.op->class->bytes(h.op) < 25 * 1000 * 1000);
	}
	free(value);
	h.op->class->free(h.op);
	agg_column_release(&h.columns[0]);
	buf_release(&h.out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_cases_hold_at_every_cut),
		cmocka_unit_test(random_tumbling_windows),
		cmocka_unit_test(random_sliding_windows),
		cmocka_unit_test(random_cumulative_windows),
		cmocka_unit_test(random_sessions),
		cmocka_unit_test(random_counts),
		cmocka_unit_test(random_global_windows),
		cmocka_unit_test(lines_that_save_does_not_write_are_refused),
		cmocka_unit_test(a_line_cut_short_anywhere_is_refused),
		cmocka_unit_test(a_delta_says_what_changed_and_no_more),
		cmocka_unit_test(the_first_dead_result_is_told_in_words),
		cmocka_unit_test(a_window_of_many_keys_closes_in_little_memory),
		cmocka_unit_test(sessions_that_end_together_leave_in_order),
		cmocka_unit_test(sums_of_large_values_do_not_take_many_times_the_panes),
	};

	return cmocka_run_group_tests_name("op", tests, NULL, NULL);
}
