/*
 * join - what the join operator costs, without reading and scanning
 *
 *     join [KEYS…]
 *
 * Records made beforehand, left and right by turns, of KEYS keys at random (10,000 and 1,000,000),
 * payloads of 150 bytes, joined within a time (or by windows) in which each has one partner on average.
 * Prints CPU nanoseconds a record, results a record, the longest batch (64 records), memory beside a
 * record's bytes (its key's included: they have few records each), and nanoseconds a saved record and a
 * loaded one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "cost.h"
#include "op/join.h"

enum { BATCH = 64, N_KEYS_MADE = 1 << 21, TEXT = 24, PAYLOAD = 150 };

struct work {
	struct join_conf  conf;
	struct op        *op;
	size_t            n_keys;
	char             *keys;
	char              payload[PAYLOAD + 1];
	struct rec        recs[BATCH];
	struct scan_value wanted;
	struct buf        out, dead;
	double            taking, longest;
	size_t            n_results;
};

static void
count_results(struct emit *e)
{
	struct work *w = e->cookie;

	for (const char *p = e->out->p, *end = p + e->out->n; p < end; p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1)
		w->n_results++;
	buf_reset(e->out);
}

/* N records, one a millisecond; the watermark of both sides follows a batch behind. */
static void
feed(struct work *w, size_t from, size_t n)
{
	struct emit       e = { .out = &w->out, .dead = &w->dead, .drain = count_results, .cookie = w };
	struct op_refusal refusal;

	for (size_t at = from; at < from + n; at += BATCH) {
		unsigned side = at / BATCH % 2;
		double   start, took;

		for (size_t i = 0; i < BATCH; i++) {
			const char *key = w->keys + (at + i) * 31 % N_KEYS_MADE * TEXT;

			w->recs[i] = (struct rec){ .key = span_str(key), .ts_ms = (int64_t)(at + i), .has_ts = true,
			                           .payload = span_of(w->payload, PAYLOAD), .line = span_of(w->payload, PAYLOAD),
			                           .is_envelope = true, .wanted = &w->wanted };
		}
		start = now();
		if (w->op->class->feed(w->op, side, w->recs, BATCH, &e, &refusal) != BATCH)
			exit(1);
		if (side == 1) {
			w->op->class->input_watermark(w->op, 0, (int64_t)(at - BATCH));
			w->op->class->input_watermark(w->op, 1, (int64_t)(at - BATCH));
			w->op->class->watermark(w->op, (int64_t)(at - BATCH), &e);
		}
		took = now() - start;
		w->taking += took;
		w->longest = took > w->longest ? took : w->longest;
		count_results(&e);
	}
}

static void
measure_state(struct work *w)
{
	struct snap_writer s = { 0 };
	struct err         err = ERR_INIT;
	double             start = now(), saving, loading;
	uint64_t           all, changed;

	w->op->class->entries(w->op, &all, &changed);
	w->op->class->save(w->op, false, &s);
	saving = now() - start;
	printf("  memory %6.1f bytes a record beside its %d (%llu records)\n",
	    (double)w->op->class->bytes(w->op) / (double)all - PAYLOAD, PAYLOAD, (unsigned long long)all);
	printf("  save   %6.1f ns a record, %.2f GB/s\n", saving / (double)all, (double)s.buf.n / saving);
	buf_reserve(&s.buf, SCAN_PAD);
	w->op->class->free(w->op);
	w->op = join_new(&w->conf);
	start = now();
	for (const char *p = s.buf.p, *newline; p < s.buf.p + s.buf.n; p = newline + 1) {
		newline = memchr(p, '\n', (size_t)(s.buf.p + s.buf.n - p));
		if (w->op->class->load(w->op, span_of(p, (size_t)(newline - p)), &err) == -1)
			exit(1);
	}
	loading = now() - start;
	printf("  load   %6.1f ns a record, %.2f GB/s\n", loading / (double)all, (double)s.buf.n / loading);
	buf_release(&s.buf);
}

static void
run(size_t n_keys, enum join_mode mode, enum join_kind kind)
{
	static struct work w;
	double             clock = clock_ns();
	size_t             n = 2000000 / BATCH * BATCH, warm = 2 * n_keys / BATCH * BATCH;

	w = (struct work){ .n_keys = n_keys, .conf = { .mode = mode, .kind = kind, .stage = "join", .hash_seed = 12345 } };
	w.conf.window.size = 2 * (int64_t)n_keys;
	w.conf.upper_ms = (int64_t)n_keys;               /* half of that time's records are of the other side: one partner */
	w.conf.lower_ms = -w.conf.upper_ms;
	w.keys = alloc_zeroed(N_KEYS_MADE, TEXT);
	for (size_t i = 0; i < N_KEYS_MADE; i++)
		snprintf(w.keys + i * TEXT, TEXT, "user%llu", (unsigned long long)any(n_keys));
	memset(w.payload, '1', PAYLOAD);
	w.op = join_new(&w.conf);
	feed(&w, 0, warm);
	w.taking = w.longest = 0;
	w.n_results = 0;
	feed(&w, warm, n);
	printf("%s %s, %zu keys\n", join_kind_name(kind), join_mode_name(mode), n_keys);
	printf("  take   %6.1f ns a record, %.2f results a record; the longest batch of %d: %.0f us\n",
	    (w.taking - clock * (double)n / BATCH) / (double)n, (double)w.n_results / (double)n, BATCH, w.longest / 1000);
	measure_state(&w);
	w.op->class->free(w.op);
	buf_release(&w.out);
	buf_release(&w.dead);
	free(w.keys);
}

int
main(int argc, char **argv)
{
	static const char *const defaults[] = { "10000", "1000000" };

	for (int i = 0; i < (argc == 1 ? 2 : argc - 1); i++) {
		size_t n_keys = strtoull(argc == 1 ? defaults[i] : argv[i + 1], NULL, 10);

		run(n_keys, JOIN_WITHIN, JOIN_INNER);
		run(n_keys, JOIN_WITHIN, JOIN_FULL);
		run(n_keys, JOIN_WITHIN, JOIN_SEMI);
		run(n_keys, JOIN_WINDOW, JOIN_INNER);
		run(n_keys, JOIN_AS_OF, JOIN_LEFT);
		run(n_keys, JOIN_LATEST, JOIN_LEFT);
	}
	return 0;
}
