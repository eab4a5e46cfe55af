/*
 * window_counts - windows of so many records of a key, and the one that holds them all
 *
 * Window n of a key (from 0 here) holds its records from n × STEP on, N of them.  A piece is a pane:
 * as many records as no window begins or ends between.  The newest pane of a key is always kept, as
 * it tells how many records there were.  The global window is one pane for ever.
 */
#include "op/window_pieces.h"

struct counts {
	uint64_t size, step;
	uint64_t pane;               /* records */
};

static uint64_t
common_divisor(uint64_t a, uint64_t b)
{
	while (b != 0) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static struct counts
counts_of(const struct window *w)
{
	uint64_t size = (uint64_t)w->conf.size, step = (uint64_t)w->conf.step;

	if (w->conf.kind == WINDOW_GLOBAL)
		return (struct counts){ UINT64_MAX, UINT64_MAX, UINT64_MAX };
	return (struct counts){ size, step, common_divisor(size, step) };
}

static uint64_t
tick_of(const struct window *w)
{
	return w->conf.emit == WINDOW_EVERY ? w->tick : 0;
}

/* Records of the key so far. */
static uint64_t
n_taken(const struct holder *h, const struct counts *c)
{
	return h->last->at * c->pane + h->last->n;
}

/* ---- results ---- */

/* Is what the pane holds news, or has it been given out? */
static bool
is_new(const struct window *w, const struct piece *p)
{
	return !w->conf.discarding || w->conf.emit != WINDOW_EVERY || p->tick == w->tick;
}

/* The bounds of the window that begins with pane FIRST, as far as it is filled. */
static struct piece_due
window_at_pane(struct piece *first, const struct counts *c)
{
	struct piece_due due = { first, first->start_ms, first->end_ms, first->at * c->pane / c->step };
	uint64_t         behind = first->at + c->size / c->pane;

	for (const struct piece *p = first->next; p != NULL && p->at < behind; p = p->next) {
		due.start_ms = p->start_ms < due.start_ms ? p->start_ms : due.start_ms;
		due.end_ms = p->end_ms > due.end_ms ? p->end_ms : due.end_ms;
	}
	return due;
}

static void
speak(struct window *w, const struct piece_due *due, const struct counts *c, enum window_pane pane, struct emit *e)
{
	const struct piece *first = due->piece;
	const char         *value = is_new(w, first) ? first->value : w->nothing;
	uint64_t            behind = first->at + c->size / c->pane;

	if (first->next != NULL && first->next->at < behind) {
		char *one = window_one(w);

		for (const struct piece *p = first; p != NULL && p->at < behind; p = p->next)
			if (is_new(w, p))
				window_merge(w, one, p->value, &w->one_arena);
		value = one;
	}
	window_result_frame(w, (struct window_of){ due->start_ms, due->end_ms, due->n + 1, pane });
	window_result_put(w, piece_key(first), value, NULL, e);
}

/* With --emit updates: as of the record that has just come, with --discarding of it alone. */
static void
speak_at_once(struct window *w, const struct piece_due *due, const struct counts *c, enum window_pane pane,
              struct emit *e)
{
	char *one;

	if (w->keeps) {
		speak(w, due, c, pane, e);
		return;
	}
	one = window_one(w);
	window_add(w, one, &w->one_arena);
	window_result_frame(w, (struct window_of){ due->start_ms, due->end_ms, due->n + 1, pane });
	window_result_put(w, piece_key(due->piece), one, NULL, e);
}

/* ---- taking a record ---- */

/* The pane that the key's next record belongs to. */
static struct piece *
find_pane(struct window *w, struct span key, uint64_t hash, const struct counts *c)
{
	struct holder *h = pieces_find(w->pieces, key, hash);
	struct piece  *last = h == NULL ? NULL : h->last, *p;

	if (last != NULL && last->n < c->pane)
		return last;
	p = pieces_add(w->pieces, key, hash);
	p->at = last == NULL ? 0 : last->at + 1;
	p->start_ms = WHEN_MAX;
	p->end_ms = WHEN_MIN;
	return p;
}

static void
add(struct window *w, struct piece *p, const struct rec *rec)
{
	int64_t end_ms = when_add(rec->ts_ms, 1);

	w->at = (struct agg_at){ rec->ts_ms, w->n_arrived++ };
	p->start_ms = rec->ts_ms < p->start_ms ? rec->ts_ms : p->start_ms;
	p->end_ms = end_ms > p->end_ms ? end_ms : p->end_ms;
	if (!is_new(w, p)) {
		window_empty(w, p->value);
		arena_reset(&p->arena);
	}
	pieces_change(w->pieces, p, tick_of(w));
	p->n++;
	if (w->keeps)
		window_add(w, p->value, &p->arena);
}

/* The windows that hold the key's newest record and speak now. */
static void
tell_windows(struct window *w, struct holder *h, const struct counts *c, struct emit *e)
{
	uint64_t taken = n_taken(h, c);

	for (struct piece *p = h->first; p != NULL; p = p->next) {
		uint64_t         from = p->at * c->pane;
		struct piece_due due;

		if (from % c->step != 0 || taken - from > c->size)
			continue;
		if (taken - from < c->size && w->conf.emit != WINDOW_UPDATES)
			continue;
		due = window_at_pane(p, c);
		speak_at_once(w, &due, c, taken - from == c->size ? w->final_pane : PANE_EARLY, e);
	}
}

/* Panes that no open window holds. */
static void
drop_done(struct window *w, struct holder *h, const struct counts *c)
{
	uint64_t taken = n_taken(h, c);

	while (h->first != h->last) {
		uint64_t from = h->first->at * c->pane, last_start = from - from % c->step;

		if (taken - last_start < c->size)
			return;
		pieces_drop(w->pieces, h->first);
	}
}

static bool
take(struct window *w, const struct counts *c, const struct rec *rec, uint64_t hash, struct emit *e,
     struct op_refusal *r)
{
	struct span   key = w->conf.global_key ? SPAN_NONE : rec->key;
	struct piece *p;

	if (!window_check(w, rec, r))
		return false;
	p = find_pane(w, key, hash, c);
	add(w, p, rec);
	if (w->conf.emit == WINDOW_UPDATES || p->n == c->pane)
		tell_windows(w, p->holder, c, e);
	drop_done(w, p->holder, c);
	return true;
}

size_t
window_counts_feed(struct op *op, unsigned input, const struct rec *recs, size_t n, struct emit *e, struct op_refusal *r)
{
	struct window *w = (struct window *)op;
	struct counts  c = counts_of(w);
	uint64_t       hashes[STORE_BATCH];
	size_t         taken = 0, group = 1, here;

	(void)input;
	while (taken < n) {
		here = window_prepare_pieces(w, recs + taken, n - taken, &group, hashes);
		for (size_t i = 0; i < here; i++, taken++)
			if (!take(w, &c, &recs[taken], hashes[i], e, r))
				return taken;
	}
	return n;
}

/* ---- time goes on ---- */

/* The open windows that hold pane P. */
static void
add_open(const struct piece *p, const struct counts *c, struct piece_dues *open)
{
	uint64_t taken = n_taken(p->holder, c);

	for (struct piece *q = p->holder->first; q != NULL && q->at <= p->at; q = q->next) {
		uint64_t from = q->at * c->pane;

		if (from % c->step == 0 && p->at * c->pane - from < c->size && taken - from < c->size)
			piece_dues_add(open, window_at_pane(q, c));
	}
}

static void
fire_early(struct window *w, const struct counts *c, struct emit *e)
{
	struct pieces    *p = w->pieces;
	struct piece_dues open = { 0 };
	size_t            n;

	for (size_t i = 0; i < p->touched.n; i++) {
		const struct piece *piece = pieces_touched_at(p, i);

		if (piece != NULL)
			add_open(piece, c, &open);
	}
	n = piece_dues_sort(&open);
	for (size_t i = 0; i < n; i++)
		speak(w, piece_dues_at(&open, w->pieces, i), c, PANE_EARLY, e);
	piece_dues_release(&open);
	p->touched.n = 0;
	w->tick++;
}

/* The end: what is left comes out. */
static void
fire_all(struct window *w, const struct counts *c, struct emit *e)
{
	struct piece_dues open = { 0 };
	size_t            n;
	struct ranks      all = { 0 };

	pieces_rank(w->pieces, &all);
	for (size_t i = 0; i < all.n; i++) {
		struct piece *p = pieces_at(w->pieces, all.all[i].what);
		uint64_t      from = p->at * c->pane;

		if (from % c->step == 0 && n_taken(p->holder, c) - from < c->size)
			piece_dues_add(&open, window_at_pane(p, c));
	}
	n = piece_dues_sort(&open);
	for (size_t i = 0; i < n; i++)
		speak(w, piece_dues_at(&open, w->pieces, i), c, w->final_pane, e);
	piece_dues_release(&open);
	for (size_t i = 0; i < all.n; i++)
		pieces_drop(w->pieces, pieces_at(w->pieces, all.all[i].what));
	ranks_release(&all);
}

void
window_counts_watermark(struct op *op, int64_t ts_ms, struct emit *e)
{
	struct window *w = (struct window *)op;
	struct counts  c = counts_of(w);
	int64_t        before_ms = w->watermark_ms;

	if (ts_ms <= before_ms)
		return;
	w->watermark_ms = ts_ms;
	if (ts_ms == WHEN_MAX)
		fire_all(w, &c, e);
	else if (window_ticks(w, before_ms))
		fire_early(w, &c, e);
}
