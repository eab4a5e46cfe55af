/* test_window_spill - more groups than there is memory for: the same results, what is left, a spill that fails */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/when.h"
#include "json/scan.h"
#include "op/window.h"
#include "optest.h"
#include "spill_memory.h"
#include "state/table.h"

enum { LITTLE_BYTES = 16 * 1024 };

/* A window operator with columns count and sum, and what comes of it. */
struct job {
	struct window_conf conf;
	struct agg_column  columns[2];
	struct op         *op;
	struct buf         out, dead;
	struct emit        emit;
	uint64_t           random;
};

static struct op *
new_op(const struct job *j)
{
	return window_new(&j->conf, table_new(window_value_bytes(&j->conf), 5));
}

/* SPILL NULL: all in memory. */
static void
job_init(struct job *j, enum window_kind kind, int64_t lateness_ms, struct spill *spill, uint64_t memory_bytes)
{
	struct err err = ERR_INIT;

	*j = (struct job){ .conf = { .kind = kind, .size = 100, .step = kind == WINDOW_TUMBLING ? 0 : 50, .columns = j->columns, .n_columns = 2,
	                             .stage = "window", .allowed_lateness_ms = lateness_ms, .memory_bytes = memory_bytes, .spill = spill },
	                   .random = 20130101 };
	j->emit = (struct emit){ .out = &j->out, .dead = &j->dead };
	assert_int_equal(agg_parse(&j->columns[0], "n=count", &err), 0);
	assert_int_equal(agg_parse(&j->columns[1], "s=sum(.v)", &err), 0);
	j->op = new_op(j);
}

static void
job_release(struct job *j)
{
	j->op->class->free(j->op);
	agg_column_release(&j->columns[0]);
	agg_column_release(&j->columns[1]);
	buf_release(&j->out);
	buf_release(&j->dead);
}

/* A record of any of so many keys, one of which is null. */
static void
feed(struct job *j, int64_t ts_ms, size_t n_keys)
{
	char              key[40], number[40];
	uint64_t          r = optest_random(&j->random) >> 20;
	struct scan_value values[2] = { { 0 }, { number, 0, SCAN_NUMBER, false } };
	struct rec        rec = { .ts_ms = ts_ms, .has_ts = true, .wanted = values };
	struct op_refusal refusal;

	snprintf(key, sizeof(key), "%s%llu", r % 3 == 0 ? "a key of some length, " : "", (unsigned long long)(r % n_keys));
	rec.key = r % n_keys == 0 ? SPAN_NONE : span_str(key);
	rec.line = rec.key;
	values[1].n = (uint32_t)snprintf(number, sizeof(number), "%llu.25", (unsigned long long)(r % 1000));
	assert_int_equal(j->op->class->feed(j->op, 0, &rec, 1, &j->emit, &refusal), 1);
}

/* Windows that follow each other, the records of each out of order; with lateness, some for windows that have closed. */
static void
feed_all(struct job *j, size_t n, size_t n_keys)
{
	for (size_t i = 0; i < n; i++) {
		if (j->conf.allowed_lateness_ms > 0 && i > n / 2 && i % (n / 200) == 0)
			feed(j, (int64_t)(i * 400 / n) - 150, n_keys);
		feed(j, (int64_t)(i * 400 / n) + (int64_t)(optest_random(&j->random) >> 40) % 60, n_keys);
		if (i % (n / 8) == 0)
			j->op->class->watermark(j->op, (int64_t)(i * 400 / n), &j->emit);
	}
}

static void
end(struct job *j)
{
	j->op->class->watermark(j->op, WHEN_MAX, &j->emit);
}

static void
the_results_are_the_same_and_nothing_is_left(void **state)
{
	(void)state;
	for (enum window_kind kind = WINDOW_TUMBLING; kind <= WINDOW_SESSION; kind++) {
		for (uint64_t memory_bytes = WINDOW_MEMORY_MIN_BYTES; memory_bytes <= 256 * 1024; memory_bytes *= 4) {
			struct spill *spill = spill_memory_new();
			struct job    little, plenty;
			int64_t       lateness_ms = memory_bytes == 16 * 1024 ? 0 : 200;

			job_init(&little, kind, lateness_ms, spill, memory_bytes);
			job_init(&plenty, kind, lateness_ms, NULL, 0);
			feed_all(&little, 12000, 5000);
			feed_all(&plenty, 12000, 5000);
			end(&little);
			end(&plenty);
			assert_true(spill_memory_begun(spill) > (memory_bytes < 64 * 1024 ? 20 : 0));
			assert_true(span_eq(buf_all(&little.out), buf_all(&plenty.out)));
			assert_true((memmem(little.out.p, little.out.n, "late", 4) != NULL) == (lateness_ms > 0));
			assert_int_equal(spill_memory_live(spill), 0);
			job_release(&little);
			job_release(&plenty);
			spill_memory_free(spill);
		}
	}
}

/* Files are many, too: they are merged. */
static void
runs_stay_few(void **state)
{
	struct spill *spill = spill_memory_new();
	struct job    j;
	size_t        most = 0;

	(void)state;
	job_init(&j, WINDOW_TUMBLING, 0, spill, WINDOW_MEMORY_MIN_BYTES);
	for (size_t i = 0; i < 4000; i++) {
		feed(&j, 5, 3000);
		most = spill_memory_live(spill) > most ? spill_memory_live(spill) : most;
	}
	assert_true(spill_memory_begun(spill) > 50);
	assert_in_range(most, 2, 8);
	job_release(&j);
	spill_memory_free(spill);
}

static void
memory_is_bounded(void **state)
{
	(void)state;
	for (enum window_kind kind = WINDOW_TUMBLING; kind <= WINDOW_SESSION; kind++) {
		struct spill *spill = spill_memory_new();
		struct job    j;

		job_init(&j, kind, 0, spill, 1024 * 1024);
		for (size_t i = 0; i < 40000; i++) {
			feed(&j, (int64_t)i / 800, 30000);
			if (i % 256 == 0)
				assert_true(j.op->class->bytes(j.op) <= 1024 * 1024);
		}
		assert_true(spill_memory_begun(spill) > 1);
		job_release(&j);
		spill_memory_free(spill);
	}
}

static uint64_t
changed(const struct job *j)
{
	uint64_t all, n;

	j->op->class->entries(j->op, &all, &n);
	return n;
}

static void
a_delta_names_the_runs_and_what_changed_since(void **state)
{
	struct spill      *spill = spill_memory_new();
	struct job         j;
	struct snap_writer w = { 0 };
	size_t             begun;

	(void)state;
	job_init(&j, WINDOW_TUMBLING, 0, spill, LITTLE_BYTES);
	feed_all(&j, 4000, 3000);
	j.op->class->settle(j.op);
	assert_int_equal(changed(&j), 1);
	/* Until there is another run a delta says nothing of them. */
	feed(&j, 450, 3000);
	assert_int_equal(changed(&j), 2);
	for (begun = spill_memory_begun(spill); spill_memory_begun(spill) == begun; )
		feed(&j, 450, 3000);
	j.op->class->save(j.op, true, &w);
	assert_int_equal(w.entries, changed(&j));
	assert_non_null(memmem(w.buf.p, w.buf.n, "{\"runs\":[{\"run\":", 16));
	buf_release(&w.buf);
	job_release(&j);
	spill_memory_free(spill);
}

static void
a_spill_that_fails_ends_it(void **state)
{
	(void)state;
	for (enum window_kind kind = WINDOW_TUMBLING; kind <= WINDOW_SESSION; kind++) {
		struct spill *spill = spill_memory_new();
		struct job    j;

		job_init(&j, kind, 0, spill, LITTLE_BYTES);
		for (size_t i = 0; i < 2000; i++)
			feed(&j, 5, 3000);
		spill_memory_break(spill);
		for (size_t i = 0; i < 2000; i++)
			feed(&j, 5, 3000);
		end(&j);
		assert_int_equal(j.out.n, 0);
		job_release(&j);
		spill_memory_free(spill);
	}
}

/* What is read makes no sense: it is said, or the results are others, but it ends. */
static void
damage_is_survived(void **state)
{
	size_t n_failed = 0;

	(void)state;
	for (size_t at = 0; at < 300; at++) {
		struct spill *spill = spill_memory_new();
		struct job    j;

		job_init(&j, WINDOW_TUMBLING, 0, spill, LITTLE_BYTES);
		for (size_t i = 0; spill_memory_begun(spill) == 0; i++)
			feed(&j, 5, 3000);
		spill_memory_damage(spill, 1, at);
		end(&j);
		n_failed += spill->failed;
		job_release(&j);
		spill_memory_free(spill);
	}
	assert_true(n_failed > 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_results_are_the_same_and_nothing_is_left),
		cmocka_unit_test(runs_stay_few),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(a_delta_names_the_runs_and_what_changed_since),
		cmocka_unit_test(a_spill_that_fails_ends_it),
		cmocka_unit_test(damage_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
