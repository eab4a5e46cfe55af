/*
 * window_snap - the window operator's state as lines
 *
 *     {"window":"tumbling","watermark":1357000000000,"next_offset":842,"arrived":8832}
 *     {"runs":[{"run":7,"length":88210}],"spilled":812}
 *     {"runs":[{"run":7,"length":88210,"at":4711}],"from":1357000003000,"ahead":10000,"spilled":812}
 *     {"start":1356930000000,"dropped":true}
 *     {"start":1357016400000,"i":3,"key":"UA","acc":[12,"…"]}
 *
 * First the scalars (watermark: null before the first, "max" after the last); if groups were ever spilled (in a delta:
 * if that changed) the runs that hold some; in a delta the panes that went from memory; then the groups, all of them or those that changed.  `i` is the group's number in its
 * pane: a number that is known replaces the group's content, the next one adds a group.  What lies
 * beside the grid has lines of its own: window_piece_snap.c.  window_load.c reads them.
 */
#include "json/text.h"
#include "op/window_lines.h"
#include "op/window_pieces.h"

static void
save_scalars(const struct window *w, struct snap_writer *out)
{
	buf_lit(&out->buf, "{\"window\":\"");
	buf_str(&out->buf, window_kind_name(w->conf.kind));
	buf_lit(&out->buf, "\",\"watermark\":");
	line_put_ms(&out->buf, w->watermark_ms);
	buf_lit(&out->buf, ",\"next_offset\":");
	buf_u64(&out->buf, w->next_offset);
	buf_lit(&out->buf, ",\"arrived\":");
	buf_u64(&out->buf, w->n_arrived);
	if (w->conf.emit == WINDOW_EVERY) {
		buf_lit(&out->buf, ",\"tick\":");
		buf_u64(&out->buf, w->tick);
	}
	if (w->pieces != NULL) {
		buf_lit(&out->buf, ",\"next_piece\":");
		buf_u64(&out->buf, w->pieces->next_number);
	}
	buf_char(&out->buf, '}');
	snap_line(out);
}

static void
save_entry(const struct window *w, int64_t start_ms, const struct store_entry *entry,
           struct snap_writer *out)
{
	struct buf *b = &out->buf;
	const char *value = entry->value;

	buf_lit(b, "{\"start\":");
	buf_i64(b, start_ms);
	buf_lit(b, ",\"i\":");
	buf_u64(b, entry->number);
	buf_char(b, ',');
	rec_put_key(b, entry->key);
	if (w->head_bytes > 0) {
		buf_lit(b, ",\"first\":");
		buf_u64(b, ((const struct window_head *)(const void *)value)->first);
		buf_lit(b, ",\"tick\":");
		buf_u64(b, ((const struct window_head *)(const void *)value)->tick);
	}
	buf_char(b, ',');
	window_save_accs(w, value, b);
	buf_char(b, '}');
	snap_line(out);
}

static void
save_dropped(const struct window *w, struct snap_writer *out)
{
	size_t  walk = 0;
	int64_t start_ms;

	while (store_next_dropped(w->store, &walk, &start_ms)) {
		buf_lit(&out->buf, "{\"start\":");
		buf_i64(&out->buf, start_ms);
		buf_lit(&out->buf, ",\"dropped\":true}");
		snap_line(out);
	}
}

static void
save_changed(const struct window *w, struct snap_writer *out)
{
	const struct store_space *space;
	struct store_walk         walk = { 0 };
	struct store_entry        entry;

	while ((space = store_next_changed(w->store, &walk, &entry)) != NULL)
		save_entry(w, space->id, &entry, out);
}

static void
save_all(const struct window *w, struct snap_writer *out)
{
	const struct store_space *space = store_at_or_above(w->store, INT64_MIN);

	for (; space != NULL; space = store_following(w->store, space)) {
		struct store_entry entry;
		uint64_t           walk = 0;

		while (store_next(w->store, space, &walk, &entry))
			save_entry(w, space->id, &entry, out);
	}
}

/* AT: where what is of use begins; 0: in front. */
static void
save_run(bool is_first, uint64_t run, uint64_t length_bytes, uint64_t at_bytes, struct buf *b)
{
	buf_str(b, is_first ? "{\"run\":" : ",{\"run\":");
	buf_u64(b, run);
	buf_lit(b, ",\"length\":");
	buf_u64(b, length_bytes);
	if (at_bytes > 0) {
		buf_lit(b, ",\"at\":");
		buf_u64(b, at_bytes);
	}
	buf_char(b, '}');
}

static void
save_runs(const struct window *w, struct snap_writer *out)
{
	const struct window_spill *s = &w->spill;
	const struct window_cold  *c = &w->cold;
	struct buf                *b = &out->buf;

	buf_lit(b, "{\"runs\":[");
	for (size_t i = 0; i < s->n_runs; i++)
		save_run(i == 0, s->runs[i].run, s->runs[i].length_bytes, 0, b);
	for (size_t i = 0; i < c->n_runs; i++)
		save_run(i == 0, c->runs[i].run, c->runs[i].length_bytes, c->runs[i].at_bytes, b);
	buf_char(b, ']');
	if (w->conf.kind == WINDOW_SESSION) {
		buf_lit(b, ",\"from\":");
		line_put_ms(b, c->from_ms);
		buf_lit(b, ",\"ahead\":");
		buf_i64(b, c->ahead_ms);
	}
	buf_lit(b, ",\"spilled\":");
	buf_u64(b, s->n_spilled);
	buf_char(b, '}');
	snap_line(out);
}

void
window_save(const struct op *op, bool delta, struct snap_writer *out)
{
	const struct window *w = (const struct window *)op;

	save_scalars(w, out);
	if (window_spill_has_line(&w->spill, delta))
		save_runs(w, out);
	if (w->pieces != NULL) {
		window_pieces_save(w, delta, out);
	} else if (delta) {
		save_dropped(w, out);
		save_changed(w, out);
	} else {
		save_all(w, out);
	}
}
