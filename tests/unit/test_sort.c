/* test_sort - the sort operator: golden cases cut anywhere, random streams against a stable sort, memory, a spill that fails */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/when.h"
#include "json/scan.h"
#include "mark/mark.h"
#include "op/sort.h"
#include "optest.h"
#include "spill_memory.h"
#include "state/runs.h"

enum { GOLDEN_ROUNDS = 20, STREAMS = 30, STREAM_ROUNDS = 3, STREAM_STEPS = 250, LINE_BYTES = 700 };

/* Printed with what fails; STREAM_SEED=n repeats it. */
static uint64_t
seed_of_run(void)
{
	const char *text = getenv("STREAM_SEED");

	return text == NULL ? 20130101 : strtoull(text, NULL, 10) | 1;
}

static int64_t
between(uint64_t *random, int64_t low, int64_t high)
{
	return low + (int64_t)((optest_random(random) >> 11) % (uint64_t)(high - low + 1));
}

static void
golden_cases_hold_at_every_cut(void **state)
{
	(void)state;
	assert_true(optest_run_golden("sort", seed_of_run(), GOLDEN_ROUNDS) >= 12);
}

/* ---- a stable sort of what was accepted ---- */

struct naive {
	struct { int64_t ts_ms; struct span line; } kept[STREAM_STEPS];
	size_t  n;
	int64_t watermark_ms;
};

/* Those before the watermark, in order, the first that came first. */
static void
naive_watermark(struct naive *n, int64_t ts_ms, struct buf *out)
{
	if (ts_ms <= n->watermark_ms)
		return;
	n->watermark_ms = ts_ms;
	for (;;) {
		size_t least = n->n;

		for (size_t i = 0; i < n->n; i++)
			if ((ts_ms == WHEN_MAX || n->kept[i].ts_ms < ts_ms) && (least == n->n || n->kept[i].ts_ms < n->kept[least].ts_ms))
				least = i;
		if (least == n->n)
			return;
		buf_span(out, n->kept[least].line);
		buf_char(out, '\n');
		n->n--;
		memmove(&n->kept[least], &n->kept[least + 1], (n->n - least) * sizeof(n->kept[0]));
	}
}

static void
naive_record(struct naive *n, int64_t ts_ms, struct optest_step *step)
{
	if (ts_ms < n->watermark_ms) {
		buf_printf(&step->expected[OPTEST_REFUSED], "late %lldms\n", (long long)(n->watermark_ms - ts_ms));
		return;
	}
	n->kept[n->n].ts_ms = ts_ms;
	n->kept[n->n++].line = step->input;
}

/* How a stream wanders, and how far it jumps back. */
struct shape {
	int64_t step_ms, disorder_ms;
	int     mark_every;              /* records, about; 0: none before the end */
	int64_t pad_bytes;
};

static struct shape
any_shape(uint64_t *random)
{
	static const int64_t disorders[] = { 0, 3, 50, 1000, 1000000 };

	return (struct shape){ .step_ms = between(random, -3, 20), .disorder_ms = disorders[between(random, 0, 4)],
	                       .mark_every = (int)between(random, 0, 3) * 10, .pad_bytes = between(random, 0, 500) };
}

static void
make_stream(struct optest_case *c, struct naive *n, uint64_t *random, struct buf *text)
{
	struct shape shape = any_shape(random);
	int64_t      now = between(random, -2000, 2000);

	*n = (struct naive){ .watermark_ms = WHEN_MIN };
	buf_reserve(text, LINE_BYTES * STREAM_STEPS);        /* lines are pointed to: it must not move */
	for (int i = 0; i < STREAM_STEPS; i++) {
		size_t              at = text->n;
		bool                is_end = i == STREAM_STEPS - 1;
		bool                is_mark = is_end || (shape.mark_every > 0 && between(random, 0, shape.mark_every) == 0);
		int64_t             ts_ms = is_mark ? now - between(random, 0, shape.disorder_ms) / 2
		                                    : now - between(random, 0, shape.disorder_ms);
		struct optest_step *step;

		now += shape.step_ms;
		if (is_end)
			buf_lit(text, "{\"mark\":\"watermark\",\"ts\":\"max\"}");
		else if (is_mark)
			buf_printf(text, "{\"mark\":\"watermark\",\"ts\":%lld}", (long long)ts_ms);
		else
			buf_printf(text, "{\"ts\":%lld,\"payload\":{\"n\":%d,\"pad\":\"%*s\"}}", (long long)ts_ms, i,
			    (int)between(random, 0, shape.pad_bytes), "");
		step = optest_add(c, span_of(text->p + at, text->n - at));
		if (is_mark)
			naive_watermark(n, is_end ? WHEN_MAX : ts_ms, &step->expected[OPTEST_OUT]);
		else
			naive_record(n, ts_ms, step);
		buf_char(text, '\n');
	}
	memset(buf_reserve(text, SCAN_PAD), 0, SCAN_PAD);
}

static void
random_streams_come_out_as_by_a_stable_sort(void **state)
{
	uint64_t random = seed_of_run();

	(void)state;
	for (int i = 0; i < STREAMS; i++) {
		static struct naive n;
		struct optest_case  c;
		struct buf          text = { 0 };
		char                name[60];
		uint64_t            seed = random;

		snprintf(name, sizeof(name), "stream %d, STREAM_SEED=%llu", i, (unsigned long long)seed);
		optest_case_init(&c, "sort", name, i % 3 == 0 ? "" : i % 3 == 1 ? "--memory 4K" : "--memory 32K");
		make_stream(&c, &n, &random, &text);
		optest_run(&c, optest_random(&random), STREAM_ROUNDS);
		optest_case_release(&c);
		buf_release(&text);
	}
}

/* ---- records in memory ---- */

static void
add_numbers(struct runs *r, int n, int64_t (*ts_of)(int))
{
	for (int i = 0; i < n; i++)
		runs_add(r, ts_of(i), (uint64_t)i, SPAN_LIT("{\"some\":\"record of sixty four bytes, as many as there can be\"}  "));
}

static void
take_in_order(struct runs *r, uint64_t n)
{
	const struct runs_rec *rec;
	struct heads_key       last = { WHEN_MIN, 0 };

	for (; (rec = runs_first(r)) != NULL; n--) {
		struct heads_key key = { rec->ts_ms, rec->number };

		assert_true(heads_before(last, key));
		last = key;
		runs_drop_first(r);
	}
	assert_int_equal(n, 0);
}

static int64_t forwards(int i) { return i / 3; }
static int64_t backwards(int i) { return -i; }
static int64_t nearly(int i) { return i - i * 7919 % 50; }
static int64_t anyhow(int i) { return (int64_t)((uint64_t)i * 0x9e3779b97f4a7c15 >> 44); }
static int64_t zigzag(int i) { return i % 2 == 0 ? -i : -i + 3; }

static void
a_record_costs_its_bytes_and_at_most_48(void **state)
{
	static int64_t (*const shapes[])(int) = { forwards, backwards, nearly, anyhow, zigzag };

	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct runs r;

		runs_init(&r, 64 * 1024);
		add_numbers(&r, 100000, shapes[i]);
		assert_true(runs_bytes(&r) <= 100000 * (64 + 48));
		take_in_order(&r, 100000);
		runs_release(&r);
	}
}

static void
input_that_is_nearly_in_order_makes_few_runs(void **state)
{
	struct runs r;

	(void)state;
	runs_init(&r, 4096);
	add_numbers(&r, 10000, forwards);
	assert_int_equal(r.n_runs, 1);
	runs_clear(&r);
	add_numbers(&r, 10000, backwards);
	assert_int_equal(r.n_runs, 1);
	runs_clear(&r);
	add_numbers(&r, 10000, nearly);
	assert_in_range(r.n_runs, 2, 50);
	runs_clear(&r);
	add_numbers(&r, 10000, zigzag);
	assert_in_range(r.n_runs, 1, 10000 / 8);
	take_in_order(&r, 10000);
	runs_release(&r);
}

/* A broken clock's record stays to the end, one in each chunk: they move together. */
static void
memory_goes_back_though_some_records_stay(void **state)
{
	struct runs r;
	size_t      most = 0;

	(void)state;
	runs_init(&r, 4096);
	for (int i = 0; i < 100000; i++) {
		runs_add(&r, i % 1000 == 0 ? WHEN_MAX : i, (uint64_t)i, SPAN_LIT("{\"ts\":1,\"payload\":{\"some\":\"thing\"}}"));
		while (runs_first(&r) != NULL && runs_first(&r)->ts_ms < i - 10)
			runs_drop_first(&r);
		runs_tidy(&r);
		most = runs_bytes(&r) > most ? runs_bytes(&r) : most;
	}
	assert_true(most < 64 * 1024);
	take_in_order(&r, 100 + 11);
	runs_release(&r);
}

/* ---- an operator that spills ---- */

struct feeder {
	struct spill      *spill;
	struct op         *op;
	struct rec_reader *reader;
	struct rec_plan    plan;
	struct emit        emit;
	struct buf         out, line;
};

static void
feeder_init(struct feeder *f, uint64_t memory_bytes)
{
	*f = (struct feeder){ .spill = spill_memory_new() };
	f->op = sort_new(memory_bytes, f->spill);
	f->emit.out = &f->out;
	f->reader = rec_reader_new(&f->plan);
}

static void
feeder_release(struct feeder *f)
{
	f->op->class->free(f->op);
	spill_memory_free(f->spill);
	rec_reader_free(f->reader);
	buf_release(&f->out);
	buf_release(&f->line);
}

static void
feed_one(struct feeder *f, int64_t ts_ms, size_t pad)
{
	const char       *newline;
	struct rec        rec;
	struct op_refusal why;

	buf_reset(&f->line);
	buf_printf(&f->line, "{\"ts\":%lld,\"payload\":\"%*s\"}\n", (long long)ts_ms, (int)pad, "");
	memset(buf_reserve(&f->line, SCAN_PAD), 0, SCAN_PAD);
	assert_int_equal(rec_read_envelope(f->reader, f->line.p, 0, 1, &rec, &newline), REC_OK);
	assert_int_equal(f->op->class->feed(f->op, 0, &rec, 1, &f->emit, &why), 1);
	rec_reader_reset(f->reader);
}

static void
memory_is_bounded_and_each_record_is_written_a_few_times(void **state)
{
	struct feeder f;
	size_t        lines = 0;

	(void)state;
	feeder_init(&f, 64 * 1024);
	for (int i = 0; i < 20000; i++) {
		feed_one(&f, anyhow(i), 60);
		assert_true(f.op->class->bytes(f.op) <= 80 * 1024);
	}
	assert_true(spill_memory_live(f.spill) <= 5);
	/* 20000 of 110 bytes, 48 KiB a time: some 50 runs; half of four are merged each time. */
	assert_in_range(spill_memory_begun(f.spill), 40, 120);
	f.op->class->watermark(f.op, WHEN_MAX, &f.emit);
	assert_int_equal(spill_memory_live(f.spill), 0);
	for (const char *p = f.out.p; (p = memchr(p, '\n', (size_t)(f.out.p + f.out.n - p))) != NULL; p++)
		if (lines++ == 19999)
			break;
	assert_int_equal(lines, 20000);
	feeder_release(&f);
}

static void
a_record_may_be_longer_than_the_memory(void **state)
{
	struct feeder f;

	(void)state;
	feeder_init(&f, 4096);
	feed_one(&f, 3, 100000);
	feed_one(&f, 1, 10);
	feed_one(&f, 2, 50000);
	f.op->class->watermark(f.op, WHEN_MAX, &f.emit);
	assert_true(span_starts(buf_all(&f.out), SPAN_LIT("{\"ts\":1,")));
	assert_true(span_starts(span_of(f.out.p + 32, 8), SPAN_LIT("{\"ts\":2,")));
	assert_true(f.out.n > 150000);
	feeder_release(&f);
}

static void
after_a_spill_that_fails_nothing_comes(void **state)
{
	struct feeder f;

	(void)state;
	feeder_init(&f, 4096);
	for (int i = 0; i < 200; i++)
		feed_one(&f, anyhow(i), 60);
	spill_memory_break(f.spill);
	for (int i = 200; i < 300; i++)
		feed_one(&f, anyhow(i), 60);
	f.op->class->watermark(f.op, WHEN_MAX, &f.emit);
	assert_int_equal(f.out.n, 0);
	feeder_release(&f);
}

/* The length of a record says more than there is. */
static void
a_damaged_run_is_noticed(void **state)
{
	struct feeder f;

	(void)state;
	feeder_init(&f, 4096);
	for (int i = 0; i < 60; i++)
		feed_one(&f, i, 60);
	assert_true(spill_memory_live(f.spill) > 0);
	/* The first record's head is known; of the second's, the upper half of the length. */
	spill_memory_damage(f.spill, 1, sizeof("{\"ts\":0,\"payload\":\"\"}") - 1 + 60 + 24 + 20);
	f.op->class->watermark(f.op, 10, &f.emit);
	assert_true(f.spill->failed);
	feeder_release(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_cases_hold_at_every_cut),
		cmocka_unit_test(random_streams_come_out_as_by_a_stable_sort),
		cmocka_unit_test(a_record_costs_its_bytes_and_at_most_48),
		cmocka_unit_test(input_that_is_nearly_in_order_makes_few_runs),
		cmocka_unit_test(memory_goes_back_though_some_records_stay),
		cmocka_unit_test(memory_is_bounded_and_each_record_is_written_a_few_times),
		cmocka_unit_test(a_record_may_be_longer_than_the_memory),
		cmocka_unit_test(after_a_spill_that_fails_nothing_comes),
		cmocka_unit_test(a_damaged_run_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
