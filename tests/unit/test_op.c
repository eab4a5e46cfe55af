/* test_op - the window operator: golden cases cut anywhere, random streams against a naive reading of the rules */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/when.h"
#include "json/scan.h"
#include "op/window.h"
#include "optest.h"
#include "state/table.h"

enum { GOLDEN_ROUNDS = 30, STREAMS = 40, STREAM_ROUNDS = 4, STREAM_STEPS = 250 };

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
	glob_t g;
	size_t n = 0;

	(void)state;
	assert_int_equal(glob("tests/golden/window/*.t", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++)
		n += optest_run_file(g.gl_pathv[i], seed_of_run(), GOLDEN_ROUNDS);
	globfree(&g);
	assert_true(n >= 30);
}

/* ---- the rules of windows, read naively ---- */

struct taken {
	int64_t start_ms;
	size_t  key;
	int64_t cents;
	bool    has_value;
};

struct naive {
	int64_t      size_ms, offset_ms, lateness_ms;
	int64_t      watermark_ms;
	struct taken taken[STREAM_STEPS];
	size_t       n_taken;
	uint64_t     next_offset;
};

static const char *const key_texts[] = {
	"null", "\"\"", "\"a\"", "\"b\"", "\"null\"", "\"caf\xc3\xa9\"", "\"\\\"\"", "\"0123456789\"", "\"01234567890123456789\"",
};
enum { N_KEYS = sizeof(key_texts) / sizeof(key_texts[0]) };

static int64_t
start_of(const struct naive *n, int64_t ts_ms)
{
	int64_t start = n->offset_ms;

	while (start > ts_ms)
		start -= n->size_ms;
	while (start + n->size_ms <= ts_ms)
		start += n->size_ms;
	return start;
}

static void
put_cents(struct buf *b, int64_t cents)
{
	char text[40];
	int  n = snprintf(text, sizeof(text), "%s%lld.%02lld", cents < 0 ? "-" : "", llabs(cents) / 100, llabs(cents) % 100);

	while (text[n - 1] == '0')
		n--;
	if (text[n - 1] == '.')
		n--;
	buf_put(b, text, (size_t)n);
}

/* The result of one key in one window, from all records ever taken. */
static void
naive_result(struct naive *n, int64_t start_ms, size_t key, const char *pane, struct buf *b)
{
	int64_t sum = 0, max = 0;
	size_t  count = 0, values = 0;

	for (size_t i = 0; i < n->n_taken; i++) {
		const struct taken *t = &n->taken[i];

		if (t->start_ms != start_ms || t->key != key)
			continue;
		count++;
		if (!t->has_value)
			continue;
		sum += t->cents;
		max = values == 0 || t->cents > max ? t->cents : max;
		values++;
	}
	buf_printf(b, "{\"topic\":\"window\",\"partition\":0,\"offset\":%llu,\"ts\":%lld,\"key\":%s,"
	    "\"window\":{\"start\":%lld,\"end\":%lld},", (unsigned long long)n->next_offset++,
	    (long long)(start_ms + n->size_ms - 1), key_texts[key], (long long)start_ms, (long long)(start_ms + n->size_ms));
	if (n->lateness_ms > 0)
		buf_printf(b, "\"pane\":\"%s\",", pane);
	buf_printf(b, "\"payload\":{\"n\":%zu,\"s\":", count);
	if (values == 0) {
		buf_lit(b, "null,\"m\":null}}\n");
		return;
	}
	put_cents(b, sum);
	buf_lit(b, ",\"m\":");
	put_cents(b, max);
	buf_lit(b, "}}\n");
}

static void
naive_record(struct naive *n, int64_t ts_ms, size_t key, bool has_value, int64_t cents, struct optest_step *step)
{
	int64_t start = start_of(n, ts_ms), end = start + n->size_ms;

	if (end + n->lateness_ms <= n->watermark_ms) {
		buf_printf(&step->expected[OPTEST_REFUSED], "late %lldms\n", (long long)(n->watermark_ms - end));
		return;
	}
	n->taken[n->n_taken++] = (struct taken){ start, key, cents, has_value };
	if (end <= n->watermark_ms)
		naive_result(n, start, key, "late", &step->expected[OPTEST_OUT]);
}

static bool
seen_before(const struct naive *n, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (n->taken[j].start_ms == n->taken[i].start_ms && n->taken[j].key == n->taken[i].key)
			return true;
	return false;
}

/* All windows that end in (before, now], the earliest first, each one's keys as they first came. */
static void
naive_watermark(struct naive *n, int64_t ts_ms, struct optest_step *step)
{
	int64_t before = n->watermark_ms, done = INT64_MIN;

	if (ts_ms <= before)
		return;
	n->watermark_ms = ts_ms;
	for (;;) {
		int64_t next = INT64_MAX;

		for (size_t i = 0; i < n->n_taken; i++) {
			int64_t start = n->taken[i].start_ms, end = start + n->size_ms;

			if (end > before && end <= ts_ms && start > done && start < next)
				next = start;
		}
		if (next == INT64_MAX)
			return;
		for (size_t i = 0; i < n->n_taken; i++)
			if (n->taken[i].start_ms == next && !seen_before(n, i))
				naive_result(n, next, n->taken[i].key, "final", &step->expected[OPTEST_OUT]);
		done = next;
	}
}

static int64_t
between(uint64_t *random, int64_t low, int64_t high)
{
	return low + (int64_t)((optest_random(random) >> 11) % (uint64_t)(high - low + 1));
}

/* A stream that wanders upwards with disorder; marks now and then. */
static void
make_stream(struct optest_case *c, struct naive *n, uint64_t *random, struct buf *text)
{
	int64_t now = between(random, -2000, 0);
	int64_t disorder = between(random, 0, 4 * n->size_ms);

	buf_reserve(text, 256 * STREAM_STEPS);        /* lines are pointed to: it must not move */
	for (int i = 0; i < STREAM_STEPS; i++) {
		size_t  at = text->n;
		int64_t ts = now - between(random, 0, disorder), cents = between(random, -100000, 100000);
		size_t  key = (size_t)between(random, 0, N_KEYS - 1);
		bool    is_mark = between(random, 0, 6) == 0, has_value = between(random, 0, 9) != 0;
		struct optest_step *step;

		now += between(random, 0, 20) == 0 ? between(random, 0, 20 * n->size_ms) : between(random, 0, n->size_ms / 2);
		if (is_mark)
			buf_printf(text, "{\"mark\":\"watermark\",\"ts\":%lld}", (long long)ts);
		else
			buf_printf(text, "{\"ts\":%lld,\"key\":%s,\"payload\":{\"v\":", (long long)ts, key_texts[key]);
		if (!is_mark && has_value)
			put_cents(text, cents);
		if (!is_mark)
			buf_str(text, has_value ? "}}" : "null}}");
		step = optest_add(c, span_of(text->p + at, text->n - at));
		buf_char(text, '\n');
		if (is_mark)
			naive_watermark(n, ts, step);
		else
			naive_record(n, ts, key, has_value, cents, step);
	}
}

static void
random_streams_give_what_the_rules_say(void **state)
{
	uint64_t random = seed_of_run();

	(void)state;
	for (int i = 0; i < STREAMS; i++) {
		static struct naive n;
		struct optest_case  c;
		struct buf          text = { 0 };
		char                words[200], name[60];

		n = (struct naive){ .watermark_ms = INT64_MIN };
		n.size_ms = between(&random, 1, 60);
		n.offset_ms = between(&random, -200, 200);
		n.lateness_ms = between(&random, 0, 1) == 0 ? 0 : between(&random, 1, 200);
		snprintf(words, sizeof(words), "%lldms --offset %lldms --allowed-lateness %lldms -a n=count -a s=sum(.v) -a m=max(.v)",
		    (long long)n.size_ms, (long long)n.offset_ms, (long long)n.lateness_ms);
		snprintf(name, sizeof(name), "random stream %d", i);
		optest_case_init(&c, name, words);
		make_stream(&c, &n, &random, &text);
		optest_run(&c, random, STREAM_ROUNDS);
		optest_case_release(&c);
		buf_release(&text);
	}
}

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

	*h = (struct by_hand){ .conf = { .size_ms = 10, .columns = h->columns, .n_columns = 2, .stage = "window" } };
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
	assert_int_equal(h->op->class->feed(h->op, &rec, 1, &h->emit, &refusal), 1);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_cases_hold_at_every_cut),
		cmocka_unit_test(random_streams_give_what_the_rules_say),
		cmocka_unit_test(lines_that_save_does_not_write_are_refused),
		cmocka_unit_test(a_line_cut_short_anywhere_is_refused),
		cmocka_unit_test(a_delta_says_what_changed_and_no_more),
		cmocka_unit_test(the_first_dead_result_is_told_in_words),
		cmocka_unit_test(a_window_of_many_keys_closes_in_little_memory),
	};

	return cmocka_run_group_tests_name("op", tests, NULL, NULL);
}
