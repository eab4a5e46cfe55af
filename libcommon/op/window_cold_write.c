/* window_cold_write - sessions that have no room in memory: runs are written, and merged */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/rank.h"
#include "op/window_cold_parts.h"
#include "state/heads.h"

enum {
	SLICES = 16,                     /* of the time until a session ends */
	FEW = 16,                        /* less than this share of the sessions is not worth a run */
	PATIENCE = 48,                   /* this share of the memory comes in before it is looked at again */
	RANK_BYTES = 2 * sizeof(struct ranked)   /* what a session takes while they are put in order */
};

/* ---- writing a run ---- */

struct writer {
	struct spill           *spill;
	struct window_cold_run  run;
	uint64_t                n;
	struct buf              buf;
};

static struct writer
writer_begin(const struct window *w)
{
	return (struct writer){ .spill = w->spill.spill, .run = { .run = spill_begin(w->spill.spill) } };
}

static void
write_part(struct writer *t, const struct window_cold_part *part)
{
	struct window_cold_head h = { part->end_ms, part->start_ms, part->number,
	                              part->key.p == NULL ? WINDOW_COLD_NULL_KEY : part->key.n, part->accs.n };

	spill_put(t->spill, &h, sizeof(h));
	spill_put(t->spill, part->key.p, part->key.n);
	spill_put(t->spill, part->accs.p, part->accs.n);
	t->run.parts_bytes += sizeof(h) + part->key.n + part->accs.n;
	t->n++;
}

static void
write_piece(struct writer *t, const struct window *w, const struct piece *s)
{
	const size_t label = sizeof("\"acc\":") - 1;

	buf_reset(&t->buf);
	window_save_accs(w, s->value, &t->buf);
	write_part(t, &(struct window_cold_part){ s->end_ms, s->start_ms, s->number, piece_key(s),
	                                          span_of(t->buf.p + label, t->buf.n - label), 0 });
}

static void
write_bound(struct writer *t, const struct window_cold_bound *b)
{
	spill_put(t->spill, b, sizeof(*b));
	t->run.n++;
}

/* The run that was written is there. */
static void
writer_end(struct writer *t, struct window *w)
{
	struct window_cold_tail tail = { t->run.n, t->run.parts_bytes, WINDOW_COLD_MAGIC };

	spill_put(t->spill, &tail, sizeof(tail));
	t->run.length_bytes = spill_end(t->spill);
	buf_release(&t->buf);
	window_cold_add_run(&w->cold, t->run);
	w->spill.has_changed = true;
}

/* ---- merging runs ---- */

static int
by_rest(const void *a, const void *b)
{
	const struct window_cold_run *r = a, *s = b;
	uint64_t                      x = r->parts_bytes - r->at_bytes, y = s->parts_bytes - s->at_bytes;

	return (x > y) - (x < y);
}

static void
merge_parts(struct writer *t, struct window *w, size_t n)
{
	struct window_cold_run *r;

	while (!t->spill->failed && (r = window_cold_earliest(&w->cold, n)) != NULL) {
		write_part(t, &r->now);
		window_cold_pass(r);
	}
}

struct bounds {
	struct run_reader        reader;
	struct window_cold_bound now;
};

static struct heads_key
key_of(const struct bounds *b, size_t i)
{
	return (struct heads_key){ (int64_t)rank_i64((int64_t)b->now.print.hi), i };
}

/* The next one that is of a part which was not taken. */
static bool
next_bound(struct bounds *b, int64_t from_ms)
{
	do {
		if (!window_cold_next_bound(&b->reader, &b->now))
			return false;
	} while (b->now.end_ms < from_ms);
	return true;
}

static void
merge_bounds(struct writer *t, struct window *w, size_t n)
{
	struct bounds           *all = alloc_zeroed(n, sizeof(*all));
	struct heads             heads = { 0 };
	const struct heads_item *first;
	int64_t                  from_ms = w->cold.from_ms;

	for (size_t i = 0; i < n; i++) {
		window_cold_read_bounds(w, &w->cold.runs[i], &all[i].reader);
		if (next_bound(&all[i], from_ms))
			heads_add(&heads, (uint32_t)i, key_of(&all[i], i));
	}
	while ((first = heads_first(&heads)) != NULL) {
		struct bounds *b = &all[first->run];

		write_bound(t, &b->now);
		if (next_bound(b, from_ms))
			heads_replace_first(&heads, key_of(b, first->run));
		else
			heads_take_first(&heads);
	}
	for (size_t i = 0; i < n; i++)
		run_reader_release(&all[i].reader);
	heads_release(&heads);
	free(all);
}

/* The shorter half: so each part is written about once for each time the number of runs would have multiplied. */
static void
merge_some(struct window *w)
{
	struct window_cold *c = &w->cold;
	size_t              n = c->n_runs / 2 + 1;
	struct writer       t;

	if (!window_cold_open(w))
		return;
	qsort(c->runs, c->n_runs, sizeof(*c->runs), by_rest);
	t = writer_begin(w);
	merge_parts(&t, w, n);
	merge_bounds(&t, w, n);
	if (!t.spill->failed && t.n != t.run.n)
		spill_say_damaged(t.spill, c->runs[0].run);
	writer_end(&t, w);
	while (n-- > 0)
		window_cold_remove_run(w, 0);
}

/* ---- spilling ---- */

/* Not those in the slice, and those that have spoken: they may have to speak again at once. */
static bool
is_cold(const struct piece *s, int64_t from_ms)
{
	return s->is_there && s->end_ms >= from_ms && s->n_told == 0;
}

static void
order_cold(const struct window *w, int64_t from_ms, struct ranks *order)
{
	const struct pieces *p = w->pieces;

	for (uint32_t i = 0; i < p->all.n_places; i++)
		if (is_cold(pieces_at(p, i), from_ms))
			ranks_add(order, rank_i64(pieces_at(p, i)->end_ms), i);
	ranks_sort(order);
}

/* From a middle one of what is in order: how long the sessions have left. */
static int64_t
slice_ms(const struct window *w, const struct ranks *order)
{
	const struct piece *middle = pieces_at(w->pieces, order->all[order->n / 2].what);

	return w->watermark_ms == WHEN_MIN ? 0 : when_sub(middle->end_ms, w->watermark_ms) / SLICES;
}

static void
write_pieces(struct writer *t, struct window *w, struct ranks *order)
{
	enum { AHEAD = 8 };
	const struct pieces *p = w->pieces;

	for (size_t i = 0; i < order->n; i++) {
		struct piece *s = pieces_at(p, order->all[i].what);

		if (i + AHEAD < order->n)
			pieces_prefetch(pieces_at(p, order->all[i + AHEAD].what));
		write_piece(t, w, s);
		order->all[i].by = window_cold_print(piece_key(s)).hi;
	}
	ranks_sort(order);
	for (size_t i = 0; i < order->n; i++) {
		const struct piece *s = pieces_at(p, order->all[i].what);

		write_bound(t, &(struct window_cold_bound){ window_cold_print(piece_key(s)), s->start_ms, s->end_ms });
	}
}

static void
spill_cold(struct window *w)
{
	struct window_cold *c = &w->cold;
	struct ranks        order = { 0 };
	struct writer       t;
	int64_t             from_ms = c->from_ms > w->watermark_ms ? c->from_ms : when_add(w->watermark_ms, 1);

	order_cold(w, from_ms, &order);
	if (order.n > w->pieces->all.n / FEW) {
		c->from_ms = from_ms;
		c->ahead_ms = slice_ms(w, &order);
		t = writer_begin(w);
		write_pieces(&t, w, &order);
		writer_end(&t, w);
		w->spill.n_spilled += order.n;
		for (size_t i = 0; i < order.n; i++)
			pieces_drop(w->pieces, pieces_at(w->pieces, order.all[i].what));
		pieces_clear_timers(w->pieces);
	}
	ranks_release(&order);
	while (c->n_runs > w->spill.most_runs && !w->spill.spill->failed)
		merge_some(w);
}

bool
window_cold_is_time(const struct window *w)
{
	const struct window_spill *s = &w->spill;

	return s->spill != NULL && (s->fed_bytes > s->patience_bytes || w->pieces->all.n > w->cold.most_pieces);
}

/* With what it takes to write them down. */
static bool
are_too_much(const struct window *w)
{
	return pieces_used_bytes(w->pieces) + w->pieces->all.n * RANK_BYTES > w->spill.limit_bytes;
}

/* If they are too much still they will be for a while. */
static uint64_t
most_pieces(const struct window *w, bool are_too_much)
{
	const struct pieces *p = w->pieces;
	uint64_t             most = w->spill.limit_bytes / (p->all.stride + p->holders.stride + RANK_BYTES);

	return !are_too_much || most > p->all.n ? most : p->all.n + p->all.n / FEW;
}

void
window_cold_look(struct window *w)
{
	bool still = are_too_much(w) && !w->spill.spill->failed;

	if (still) {
		spill_cold(w);
		still = are_too_much(w);
	}
	w->spill.fed_bytes = 0;
	w->spill.patience_bytes = w->spill.limit_bytes / PATIENCE;
	w->cold.most_pieces = most_pieces(w, still);
}
