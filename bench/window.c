/*
 * window - what the window operator costs, without reading and scanning
 *
 *     window [KEYS…]
 *
 * Records made beforehand, of KEYS keys at random (10,000 and 1,000,000), 100,000 or four times KEYS
 * a window, are counted and summed.  Prints CPU nanoseconds a record, a result, a saved entry and a
 * loaded one, the longest batch (64 records) while a window fills, and memory an entry.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "cost.h"
#include "op/window.h"
#include "state/table.h"

enum { BATCH = 64, N_RECS = 1 << 22, TEXT = 24 };

struct work {
	struct window_conf conf;
	struct agg_column  columns[2];
	struct store      *store;
	struct op         *op;
	size_t             n_wanted;
	char              *keys, *values;    /* TEXT bytes each, as in the line */
	struct rec        *recs;             /* a ring of BATCH */
	struct scan_value *wanted;
	struct buf         out, dead;
	size_t             n_keys, per_window;
	double             longest;
};

static void
fresh_op(struct work *w)
{
	w->store = table_new(window_value_bytes(&w->conf), 12345);
	w->op = window_new(&w->conf, w->store);
	w->op->class->wants(w->op, 0, &w->n_wanted);
}

/* Keys lie in another order than that of their numbers, as they do in lines. */
static void
make_work(struct work *w, size_t n_keys)
{
	struct err err = ERR_INIT;

	if (agg_parse(&w->columns[0], "n=count", &err) == -1 || agg_parse(&w->columns[1], "s=sum(.price)", &err) == -1)
		exit(1);
	w->n_keys = n_keys;
	w->per_window = n_keys * 4 > 100000 ? n_keys * 4 : 100000;
	w->conf = (struct window_conf){ .size = (int64_t)w->per_window, .columns = w->columns, .n_columns = 2, .stage = "window" };
	w->keys = alloc_zeroed(N_RECS, TEXT);
	w->values = alloc_zeroed(N_RECS, TEXT);
	for (size_t i = 0; i < N_RECS; i++) {
		snprintf(w->keys + i * TEXT, TEXT, "user%llu", (unsigned long long)any(n_keys));
		snprintf(w->values + i * TEXT, TEXT, "%llu.%02llu", (unsigned long long)any(2000), (unsigned long long)any(100));
	}
	fresh_op(w);
	w->recs = alloc_zeroed(BATCH, sizeof(*w->recs));
	w->wanted = alloc_zeroed(BATCH * w->n_wanted, sizeof(*w->wanted));
}

static void
make_batch(struct work *w, size_t at)
{
	for (size_t i = 0; i < BATCH; i++) {
		struct scan_value *v = w->wanted + i * w->n_wanted;
		const char        *key = w->keys + (at + i) % N_RECS * TEXT, *value = w->values + (at + i) % N_RECS * TEXT;

		v[1] = (struct scan_value){ value, (uint32_t)strlen(value), SCAN_NUMBER, false };
		w->recs[i] = (struct rec){ .key = span_str(key), .ts_ms = (int64_t)(at + i), .has_ts = true, .wanted = v };
	}
}

static void
count_results(struct emit *e)
{
	size_t *results = e->cookie;

	for (const char *p = e->out->p, *end = p + e->out->n; p < end; p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1)
		++*results;
	buf_reset(e->out);
}

/* N records, their own making not counted; the watermark follows at every window's end.  CPU ns. */
static void
feed(struct work *w, size_t n, double *feeding, double *firing, size_t *results)
{
	struct emit       e = { .out = &w->out, .dead = &w->dead, .drain = count_results, .cookie = results };
	struct op_refusal refusal;

	for (size_t at = 0; at < n; at += BATCH) {
		double start, took;

		make_batch(w, at);
		start = now();
		if (w->op->class->feed(w->op, 0, w->recs, BATCH, &e, &refusal) != BATCH)
			exit(1);
		took = now() - start;
		*feeding += took;
		w->longest = took > w->longest ? took : w->longest;
		if (at / w->per_window == (at + BATCH) / w->per_window)
			continue;
		start = now();
		w->op->class->watermark(w->op, (int64_t)(at + BATCH), &e);
		*firing += now() - start;
		count_results(&e);
	}
}

/* What two calls of now() cost. */
static void
measure_state(struct work *w)
{
	struct snap_writer s = { 0 };
	struct err         err = ERR_INIT;
	struct store_counts c;
	double             start = now(), saving, loading;
	size_t             bytes;

	w->op->class->save(w->op, false, &s);
	saving = now() - start;
	buf_reset(&s.buf);
	start = now();
	w->op->class->save(w->op, false, &s);         /* the buffer's pages are there now */
	saving = now() - start < saving ? now() - start : saving;
	buf_reserve(&s.buf, SCAN_PAD);
	bytes = s.buf.n;
	store_count(w->store, &c);
	printf("  save   %6.1f ns an entry, %.2f GB/s (%.1f MB)\n", saving / (double)c.entries, (double)bytes / saving, (double)bytes / 1e6);
	printf("  memory %6.1f bytes an entry\n", (double)store_bytes(w->store) / (double)c.entries);
	w->op->class->free(w->op);
	fresh_op(w);
	start = now();
	for (const char *p = s.buf.p, *newline; p < s.buf.p + s.buf.n; p = newline + 1) {
		newline = memchr(p, '\n', (size_t)(s.buf.p + s.buf.n - p));
		if (w->op->class->load(w->op, span_of(p, (size_t)(newline - p)), &err) == -1)
			exit(1);
	}
	loading = now() - start;
	printf("  load   %6.1f ns an entry, %.2f GB/s\n", loading / (double)c.entries, (double)bytes / loading);
	buf_release(&s.buf);
}

static void
run(size_t n_keys)
{
	struct work w = { 0 };
	double      feeding = 0, firing = 0, clock = clock_ns();
	size_t      results = 0, n;

	make_work(&w, n_keys);
	n = w.per_window * 8 > 4000000 ? w.per_window * 2 : 4000000;
	feed(&w, n, &feeding, &firing, &results);      /* warm */
	w.op->class->free(w.op);
	fresh_op(&w);
	feeding = firing = w.longest = 0;
	results = 0;
	feed(&w, n, &feeding, &firing, &results);
	printf("%zu keys, %zu records a window\n", n_keys, w.per_window);
	printf("  feed   %6.1f ns a record; the longest batch of %d: %.0f us\n",
	    (feeding - clock * (double)n / BATCH) / (double)n, BATCH, w.longest / 1000);
	printf("  fire   %6.1f ns a result (%zu)\n", results == 0 ? 0 : firing / (double)results, results);
	w.op->class->free(w.op);
	fresh_op(&w);
	feed(&w, w.per_window - BATCH, &feeding, &firing, &results);      /* one open window, nearly full */
	measure_state(&w);
	w.op->class->free(w.op);
	for (int i = 0; i < 2; i++)
		agg_column_release(&w.columns[i]);
	buf_release(&w.out);
	buf_release(&w.dead);
	free(w.keys);
	free(w.values);
	free(w.recs);
	free(w.wanted);
}

int
main(int argc, char **argv)
{
	if (argc == 1) {
		run(10000);
		run(1000000);
	}
	for (int i = 1; i < argc; i++)
		run(strtoull(argv[i], NULL, 10));
	return 0;
}
