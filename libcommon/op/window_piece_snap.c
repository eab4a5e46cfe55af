/*
 * window_piece_snap - pieces as lines
 *
 *     {"piece":17,"dropped":true}
 *     {"piece":18,"key":"N14228","start":1357000000000,"end":1357014400000,"acc":[12,"…"],
 *      "told":[[1357000000000,1357014400000,{"flights":11}]]}
 *     {"piece":19,"key":"UA","start":…,"end":…,"at":4,"n":7,"acc":[…]}
 *
 * In a delta the pieces that went, then those that changed.  `tick` stands where results come at
 * multiples of time, `told` where results may have to be retracted.
 */
#include "op/window_lines.h"
#include "op/window_pieces.h"

/* ---- save ---- */

static void
save_told(const struct piece *p, struct buf *b)
{
	if (p->n_told == 0)
		return;
	buf_lit(b, ",\"told\":[");
	for (uint32_t i = 0; i < p->n_told; i++) {
		const struct told *t = &p->told[i];

		buf_str(b, i == 0 ? "[" : ",[");
		buf_i64(b, t->start_ms);
		buf_char(b, ',');
		buf_i64(b, t->end_ms);
		buf_lit(b, ",{");
		buf_put(b, t->payload, t->n);
		buf_char(b, ']');
	}
	buf_char(b, ']');
}

static void
save_piece(const struct window *w, const struct piece *p, struct snap_writer *out)
{
	struct buf *b = &out->buf;

	buf_lit(b, "{\"piece\":");
	buf_u64(b, p->number);
	buf_char(b, ',');
	rec_put_key(b, piece_key(p));
	buf_lit(b, ",\"start\":");
	buf_i64(b, p->start_ms);
	buf_lit(b, ",\"end\":");
	buf_i64(b, p->end_ms);
	if (w->conf.kind != WINDOW_SESSION) {
		buf_lit(b, ",\"at\":");
		buf_u64(b, p->at);
		buf_lit(b, ",\"n\":");
		buf_u64(b, p->n);
	}
	if (w->conf.emit == WINDOW_EVERY) {
		buf_lit(b, ",\"tick\":");
		buf_u64(b, p->tick);
	}
	buf_char(b, ',');
	window_save_accs(w, p->value, b);
	save_told(p, b);
	buf_char(b, '}');
	snap_line(out);
}

static void
save_delta(const struct window *w, struct snap_writer *out)
{
	const struct pieces *p = w->pieces;

	for (size_t i = 0; i < p->n_dropped; i++) {
		buf_lit(&out->buf, "{\"piece\":");
		buf_u64(&out->buf, p->dropped[i]);
		buf_lit(&out->buf, ",\"dropped\":true}");
		snap_line(out);
	}
	for (size_t i = 0; i < p->changed.n; i++) {
		const struct piece *piece = pieces_changed_at(p, i);

		if (piece != NULL)
			save_piece(w, piece, out);
	}
}

void
window_pieces_save(const struct window *w, bool delta, struct snap_writer *out)
{
	struct ranks all = { 0 };

	if (delta) {
		save_delta(w, out);
		return;
	}
	pieces_rank(w->pieces, &all);
	for (size_t i = 0; i < all.n; i++)
		save_piece(w, pieces_at(w->pieces, all.all[i].what), out);
	ranks_release(&all);
}

/* ---- load ---- */

void
window_pieces_load_scalars(struct window *w, uint64_t tick, uint64_t next_number)
{
	if (tick != w->tick)
		w->pieces->touched.n = 0;
	w->pieces->next_number = next_number;
}

static bool
load_told(struct piece *p, struct span one)
{
	const char *at = one.p + 1, *end = one.p + one.n;
	struct span start, stop, payload, more;
	int64_t     start_ms, end_ms;

	if (one.p[0] != '[' || !window_line_item(&at, end, &start) || !window_line_item(&at, end, &stop) ||
	    !window_line_item(&at, end, &payload) || window_line_item(&at, end, &more))
		return false;
	if (!num_i64(start, &start_ms) || !num_i64(stop, &end_ms) || payload.n < 2 || payload.p[0] != '{')
		return false;
	piece_tell(p, start_ms, end_ms, span_of(payload.p + 1, payload.n - 1));
	return true;
}

static bool
load_all_told(struct piece *p, const struct scan_value *v)
{
	const char *at, *end;
	struct span one;

	if (v->kind == SCAN_MISSING)
		return true;
	if (v->kind != SCAN_ARRAY)
		return false;
	end = v->p + v->n;
	for (at = v->p + 1; window_line_item(&at, end, &one); )
		if (!load_told(p, one))
			return false;
	return true;
}

static bool
load_counts(const struct window *w, const struct scan_value *v, struct piece *p)
{
	if (w->conf.kind == WINDOW_SESSION)
		return p->start_ms < p->end_ms;
	if (v[LINE_TOLD].kind != SCAN_MISSING)
		return false;
	return line_count(&v[LINE_AT], &p->at) && line_count(&v[LINE_N], &p->n);
}

static bool
load_piece(struct window *w, const struct scan_value *v, uint64_t number)
{
	struct span   key;
	struct piece *p;
	uint64_t      tick = 0;

	if (!window_line_key(w, v, &key) || (p = pieces_restore(w->pieces, key, number)) == NULL)
		return false;
	if (w->conf.emit == WINDOW_EVERY && !line_count(&v[LINE_TICK], &tick))
		return false;
	if (tick == w->tick)
		pieces_touch(w->pieces, p, tick);
	p->tick = tick;
	if (!line_i64(&v[LINE_START], &p->start_ms) || !line_i64(&v[LINE_END], &p->end_ms) ||
	    !load_counts(w, v, p) || !load_all_told(p, &v[LINE_TOLD]))
		return false;
	/* Whether it has ended, or waits to be forgotten, the first watermark will tell. */
	if (w->conf.kind == WINDOW_SESSION)
		pieces_wake(w->pieces, p, p->end_ms);
	return window_load_accs(w, &v[LINE_ACC], p->value, &p->arena);
}

bool
window_piece_load(struct window *w, const struct scan_value *v)
{
	uint64_t number;

	if (!line_count(&v[LINE_PIECE], &number))
		return false;
	if (v[LINE_DROPPED].kind != SCAN_MISSING)
		return v[LINE_DROPPED].kind == SCAN_TRUE && pieces_drop_saved(w->pieces, number);
	return load_piece(w, v, number);
}
