/* test_dedup - the dedup operator: golden cases cut anywhere, random streams against a naive reading of the rules */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/when.h"
#include "json/scan.h"
#include "op/dedup.h"
#include "optest.h"
#include "shelf_memory.h"

enum { GOLDEN_ROUNDS = 30, STREAMS = 20, STREAM_ROUNDS = 3, STEPS = 250, MOST_IDS = 40 };

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
	assert_true(optest_run_golden("dedup", seed_of_run(), GOLDEN_ROUNDS) >= 20);
}

/* ---- the rules, read naively ---- */

/* What is known of an id: nothing, its horizon, and the record that waits. */
struct known {
	bool        is_known, waits;
	int64_t     from_ms;         /* the horizon is counted from there */
	int64_t     ts_ms;           /* of the record that waits */
	int         arrival;
	struct span line;
};

struct naive {
	struct dedup_conf conf;
	int64_t           watermark_ms;
	int               arrivals;
	struct known      ids[MOST_IDS];
};

static void
expect(struct optest_step *step, enum optest_kind kind, struct span line)
{
	buf_span(&step->expected[kind], line);
	buf_char(&step->expected[kind], '\n');
}

static bool
needs_time(const struct naive *n)
{
	return n->conf.within_ms != WHEN_MAX || n->conf.keep != DEDUP_FIRST;
}

static int64_t
forgotten_ms(const struct naive *n, const struct known *k)
{
	return n->conf.within_ms == WHEN_MAX ? WHEN_MAX : when_add(k->from_ms, n->conf.within_ms);
}

static void
naive_first(struct naive *n, struct known *k, int64_t ts_ms, struct span line, struct optest_step *step)
{
	*k = (struct known){ true, n->conf.keep != DEDUP_FIRST, ts_ms, ts_ms, n->arrivals++, line };
	if (!k->waits)
		expect(step, OPTEST_OUT, line);
}

static void
naive_take(struct naive *n, int id, int64_t ts_ms, struct span line, struct optest_step *step)
{
	struct known *k = &n->ids[id];
	int64_t       newest_ms = ts_ms > k->from_ms ? ts_ms : k->from_ms;
	bool          wins;

	if (needs_time(n) && ts_ms < n->watermark_ms) {
		buf_printf(&step->expected[OPTEST_REFUSED], "late %lldms\n", (long long)(n->watermark_ms - ts_ms));
		return;
	}
	if (id == 0) {                   /* the null key */
		expect(step, OPTEST_OUT, line);
		return;
	}
	if (!k->is_known) {
		naive_first(n, k, ts_ms, line, step);
		return;
	}
	wins = k->waits && (n->conf.keep == DEDUP_EARLIEST ? ts_ms < k->ts_ms : ts_ms >= k->ts_ms);
	expect(step, OPTEST_ASIDE, wins ? k->line : line);
	if (wins && n->conf.keep == DEDUP_EARLIEST)
		k->from_ms = ts_ms;
	if (n->conf.refresh)
		k->from_ms = newest_ms;
	if (wins) {
		k->ts_ms = ts_ms;
		k->line = line;
		k->arrival = n->arrivals++;
	}
}

static bool
is_forgotten(const struct naive *n, const struct known *k)
{
	return k->is_known && (forgotten_ms(n, k) <= n->watermark_ms);
}

/* Does the record leave at this watermark? */
static bool
leaves(const struct naive *n, const struct known *k)
{
	if (!k->waits)
		return false;
	if (n->conf.keep == DEDUP_LATEST)
		return is_forgotten(n, k);
	return k->ts_ms < n->watermark_ms || n->watermark_ms == WHEN_MAX;
}

static struct known *
first_to_leave(struct naive *n)
{
	struct known *first = NULL;

	for (int i = 0; i < MOST_IDS; i++) {
		struct known *k = &n->ids[i];

		if (leaves(n, k) && (first == NULL || k->ts_ms < first->ts_ms
		                     || (k->ts_ms == first->ts_ms && k->arrival < first->arrival)))
			first = k;
	}
	return first;
}

static void
naive_watermark(struct naive *n, int64_t ts_ms, struct optest_step *step)
{
	struct known *k;

	if (ts_ms <= n->watermark_ms)
		return;
	n->watermark_ms = ts_ms;
	while ((k = first_to_leave(n)) != NULL) {
		expect(step, OPTEST_OUT, k->line);
		k->waits = false;
	}
	for (int i = 0; i < MOST_IDS; i++)
		if (is_forgotten(n, &n->ids[i]))
			n->ids[i].is_known = false;
}

/* ---- random streams ---- */

static int64_t
between(uint64_t *random, int64_t low, int64_t high)
{
	return low + (int64_t)((optest_random(random) >> 11) % (uint64_t)(high - low + 1));
}

/* A stream that wanders upwards with disorder, ties and late records; marks now and then; a null key is id 0. */
static void
make_stream(struct optest_case *c, struct naive *n, uint64_t *random, struct buf *text)
{
	int64_t now = between(random, -2000, 0), disorder = between(random, 0, 60);
	int     n_ids = (int)between(random, 1, MOST_IDS);

	buf_reserve(text, 256 * STEPS);               /* lines are pointed to: it must not move */
	for (int i = 0; i < STEPS; i++) {
		size_t              at = text->n;
		int64_t             ts_ms = now - between(random, 0, disorder);
		int                 id = (int)between(random, 0, n_ids - 1);
		bool                is_mark = between(random, 0, 6) == 0;
		struct optest_step *step;

		now += between(random, 0, 20) == 0 ? between(random, 0, 300) : between(random, 0, 4);
		if (i == STEPS - 1) {
			is_mark = true;
			ts_ms = WHEN_MAX;
			buf_lit(text, "{\"mark\":\"watermark\",\"ts\":\"max\"}");
		} else if (is_mark) {
			buf_printf(text, "{\"mark\":\"watermark\",\"ts\":%lld}", (long long)ts_ms);
		} else if (id == 0) {
			buf_printf(text, "{\"ts\":%lld,\"key\":null,\"payload\":%d}", (long long)ts_ms, i);
		} else {
			buf_printf(text, "{\"ts\":%lld,\"key\":\"%d\",\"payload\":%d}", (long long)ts_ms, id, i);
		}
		step = optest_add(c, span_of(text->p + at, text->n - at));
		buf_char(text, '\n');
		if (is_mark)
			naive_watermark(n, ts_ms, step);
		else
			naive_take(n, id, ts_ms, step->input, step);
	}
}

/* MEMORY: "", or one that has no room for them all. */
static void
random_streams_of(enum dedup_keep keep, const char *memory)
{
	static const char *const keeps[] = { "first", "earliest", "latest" };
	static struct naive      n;
	uint64_t                 random = seed_of_run() + (uint64_t)keep * 2;

	for (int i = 0; i < (memory[0] == '\0' ? STREAMS : STREAMS / 2); i++) {
		struct optest_case c;
		struct buf         text = { 0 };
		char               words[120], name[200];

		n = (struct naive){ .conf = { .keep = keep, .within_ms = WHEN_MAX }, .watermark_ms = WHEN_MIN };
		snprintf(words, sizeof(words), "--keep %s%s", keeps[keep], memory);
		if (between(&random, 0, 3) > 0) {
			n.conf.within_ms = between(&random, 1, 200);
			n.conf.refresh = between(&random, 0, 1) == 1;
			snprintf(words, sizeof(words), "--keep %s --within %lldms%s%s", keeps[keep], (long long)n.conf.within_ms,
			         n.conf.refresh ? " --refresh" : "", memory);
		}
		snprintf(name, sizeof(name), "random stream %d: %s", i, words);
		optest_case_init(&c, "dedup", name, words);
		make_stream(&c, &n, &random, &text);
		optest_run(&c, seed_of_run() + (uint64_t)i, STREAM_ROUNDS);
		optest_case_release(&c);
		buf_release(&text);
	}
}

static void
the_first_is_as_read_naively(void **state)
{
	(void)state;
	random_streams_of(DEDUP_FIRST, "");
}

static void
the_earliest_is_as_read_naively(void **state)
{
	(void)state;
	random_streams_of(DEDUP_EARLIEST, "");
}

static void
the_latest_is_as_read_naively(void **state)
{
	(void)state;
	random_streams_of(DEDUP_LATEST, "");
}

static void
what_is_on_disk_counts_as_what_is_in_memory(void **state)
{
	struct shelf_memory_count before = shelf_memory_count(), after;

	(void)state;
	random_streams_of(DEDUP_FIRST, " --memory 4K");
	random_streams_of(DEDUP_EARLIEST, " --memory 4K");
	random_streams_of(DEDUP_LATEST, " --memory 4K");
	after = shelf_memory_count();
	assert_in_range(after.tables - before.tables, 1000, 1000000);
	assert_in_range(after.found - before.found, 1000, 100000000);
	assert_in_range(after.forgotten - before.forgotten, 100, 100000000);
}

/* ---- what a snapshot costs ---- */

enum { MANY = 20000, MORE = 10 };

static void
feed_keys(struct op *op, int from, int n, struct emit *e)
{
	static const struct scan_value none = { .kind = SCAN_MISSING };

	for (int i = from; i < from + n; i++) {
		char              text[32], line[96];
		size_t            n_line;
		struct rec        rec = { .ts_ms = i, .has_ts = true, .has_key = true, .is_envelope = true, .wanted = &none };
		struct op_refusal refusal;

		rec.key = span_of(text, (size_t)snprintf(text, sizeof(text), "%d", i));
		n_line = (size_t)snprintf(line, sizeof(line), "{\"ts\":%d,\"key\":\"%d\",\"payload\":0}", i, i);
		rec.line = span_of(line, n_line);
		assert_int_equal(op->class->feed(op, 0, &rec, 1, e, &refusal), 1);
	}
}

static uint64_t
bytes_of(struct op *op, bool delta)
{
	struct snap_writer w = { 0 };
	uint64_t           n;

	op->class->save(op, delta, &w);
	n = w.buf.n;
	buf_release(&w.buf);
	return n;
}

static void
a_delta_has_what_changed(void **state)
{
	(void)state;
	for (int keep = DEDUP_FIRST; keep <= DEDUP_LATEST; keep++) {
		struct dedup_conf conf = { .keep = (enum dedup_keep)keep, .within_ms = 10 * MANY, .refresh = keep == DEDUP_FIRST, .seed = 1,
		                           .memory_bytes = UINT64_MAX };
		struct op        *op = dedup_new(&conf);
		struct buf        out = { 0 };
		struct emit       e = { .out = &out };
		uint64_t          all, changed;

		feed_keys(op, 0, MANY, &e);
		op->class->settle(op);
		feed_keys(op, MANY - MORE / 2, MORE, &e);        /* half of them are there already */
		op->class->entries(op, &all, &changed);
		assert_in_range(changed, 2, 1 + MORE);
		assert_in_range(bytes_of(op, true), 100, 300 + 200 * MORE);
		assert_true(bytes_of(op, false) > 20 * MANY);
		op->class->settle(op);
		op->class->entries(op, &all, &changed);
		assert_int_equal(changed, 1);
		/* Time alone is told in the first line. */
		op->class->watermark(op, MANY / 2, &e);
		op->class->entries(op, &all, &changed);
		assert_int_equal(changed, 1);
		op->class->free(op);
		buf_release(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_cases_hold_at_every_cut),
		cmocka_unit_test(the_first_is_as_read_naively),
		cmocka_unit_test(the_earliest_is_as_read_naively),
		cmocka_unit_test(the_latest_is_as_read_naively),
		cmocka_unit_test(what_is_on_disk_counts_as_what_is_in_memory),
		cmocka_unit_test(a_delta_has_what_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
