/*
 * window_snap - the window operator's state as lines
 *
 *     {"window":"tumbling","watermark":1357000000000,"next_offset":842,"arrived":8832}
 *     {"runs":[{"run":7,"length":88210}],"spilled":812}
 *     {"start":1356930000000,"dropped":true}
 *     {"start":1357016400000,"i":3,"key":"UA","acc":[12,"…"]}
 *
 * First the scalars (watermark: null before the first, "max" after the last); if groups were ever spilled (in a delta:
 * if that changed) the runs that hold some; in a delta the panes that went from memory; then the groups, all of them or those that changed.  `i` is the group's number in its
 * pane: a number that is known replaces the group's content, the next one adds a group.  What lies
 * beside the grid has lines of its own: window_piece_snap.c.
 */
#include "json/text.h"
#include "json/tree.h"
#include "op/window_lines.h"
#include "op/window_pieces.h"

/* ---- save ---- */

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

static void
save_runs(const struct window *w, struct snap_writer *out)
{
	struct buf *b = &out->buf;

	buf_lit(b, "{\"runs\":[");
	for (size_t i = 0; i < w->spill.n_runs; i++) {
		buf_str(b, i == 0 ? "{\"run\":" : ",{\"run\":");
		buf_u64(b, w->spill.runs[i].run);
		buf_lit(b, ",\"length\":");
		buf_u64(b, w->spill.runs[i].length_bytes);
		buf_char(b, '}');
	}
	buf_lit(b, "],\"spilled\":");
	buf_u64(b, w->spill.n_spilled);
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

/* ---- load ---- */

static const struct path member_paths[LINE_MEMBERS] = {
	[LINE_WINDOW] = LINE_MEMBER("window"),
	[LINE_WATERMARK] = LINE_MEMBER("watermark"),
	[LINE_NEXT_OFFSET] = LINE_MEMBER("next_offset"),
	[LINE_ARRIVED] = LINE_MEMBER("arrived"),
	[LINE_TICK] = LINE_MEMBER("tick"),
	[LINE_NEXT_PIECE] = LINE_MEMBER("next_piece"),
	[LINE_START] = LINE_MEMBER("start"),
	[LINE_END] = LINE_MEMBER("end"),
	[LINE_DROPPED] = LINE_MEMBER("dropped"),
	[LINE_NUMBER] = LINE_MEMBER("i"),
	[LINE_PIECE] = LINE_MEMBER("piece"),
	[LINE_KEY] = LINE_MEMBER("key"),
	[LINE_KEY_BASE64] = LINE_MEMBER("key_base64"),
	[LINE_FIRST] = LINE_MEMBER("first"),
	[LINE_AT] = LINE_MEMBER("at"),
	[LINE_N] = LINE_MEMBER("n"),
	[LINE_TOLD] = LINE_MEMBER("told"),
	[LINE_ACC] = LINE_MEMBER("acc"),
	[LINE_RUNS] = LINE_MEMBER("runs"),
	[LINE_SPILLED] = LINE_MEMBER("spilled"),
};

static bool
load_scalars(struct window *w, const struct scan_value *v)
{
	uint64_t tick = w->tick, next_piece = 0;

	if (v[LINE_WINDOW].kind != SCAN_STRING ||
	    !span_eq(line_text(&v[LINE_WINDOW]), span_str(window_kind_name(w->conf.kind))) ||
	    !line_count(&v[LINE_NEXT_OFFSET], &w->next_offset) || !line_count(&v[LINE_ARRIVED], &w->n_arrived))
		return false;
	if (w->conf.emit == WINDOW_EVERY && !line_count(&v[LINE_TICK], &tick))
		return false;
	if (w->pieces != NULL && !line_count(&v[LINE_NEXT_PIECE], &next_piece))
		return false;
	if (tick != w->tick)
		w->n_touched = 0;
	if (w->pieces != NULL)
		window_pieces_load_scalars(w, tick, next_piece);
	w->tick = tick;
	return line_ms(&v[LINE_WATERMARK], &w->watermark_ms);
}

bool
window_line_key(struct window *w, const struct scan_value *v, struct span *key)
{
	return line_key(&v[LINE_KEY], &v[LINE_KEY_BASE64], &w->scratch, key) && (key->p == NULL || !w->conf.global_key);
}

/* Does a pane begin there? */
static bool
is_pane(const struct window *w, int64_t start_ms)
{
	int64_t from_ms, to_ms;

	return window_pane_at(&w->shape, start_ms, &from_ms, &to_ms) && from_ms == start_ms;
}

static bool
load_head(struct window *w, const struct scan_value *v, int64_t start_ms, uint64_t number, char *value)
{
	struct window_head *head = (struct window_head *)(void *)value;

	if (w->head_bytes == 0)
		return true;
	if (!line_count(&v[LINE_FIRST], &head->first) || head->first == 0 || !line_count(&v[LINE_TICK], &head->tick))
		return false;
	if (w->conf.emit == WINDOW_EVERY) {
		((struct window_every_head *)(void *)value)->number = number;
		if (head->tick == w->tick)
			window_touch(w, start_ms, number);
	}
	return true;
}

static bool
load_entry(struct window *w, const struct scan_value *v, int64_t start_ms)
{
	struct window_place *place = &w->recent[0];
	struct span          key;
	uint64_t             number;
	char                *value;

	if (!line_count(&v[LINE_NUMBER], &number) || !window_line_key(w, v, &key))
		return false;
	if (place->space == NULL || place->space->id != start_ms) {
		if (!is_pane(w, start_ms))
			return false;
		place->space = store_space(w->store, start_ms);
	}
	value = store_restore(w->store, place->space, key, number);
	return value != NULL && load_head(w, v, start_ms, number, value) &&
	       window_load_accs(w, &v[LINE_ACC], value, &place->space->arena);
}

static bool
load_dropped(struct window *w, int64_t start_ms)
{
	struct store_space *space = store_at_or_below(w->store, start_ms);

	if (space == NULL || space->id != start_ms)
		return false;
	w->recent[0].space = NULL;
	store_drop(w->store, space);
	store_settle(w->store);          /* who is loading has nothing new to say */
	return true;
}

static bool
load_run(struct window *w, const struct tree *t)
{
	int64_t run, length;

	if (!tree_i64(t, "run", &run) || !tree_i64(t, "length", &length) || run <= 0 || length <= 0)
		return false;
	window_spill_know(&w->spill, (uint64_t)run, (uint64_t)length);
	return true;
}

static bool
load_runs(struct window *w, const struct scan_value *v)
{
	struct err   ignored = ERR_INIT;
	struct tree *t;
	bool         good;

	if (w->spill.spill == NULL || v[LINE_RUNS].kind != SCAN_ARRAY || !line_count(&v[LINE_SPILLED], &w->spill.n_spilled)
	    || (t = tree_parse(span_of(v[LINE_RUNS].p, v[LINE_RUNS].n), &ignored)) == NULL)
		return false;
	good = w->spill.n_spilled > 0;
	w->spill.n_loaded = w->spill.n_spilled;
	window_spill_forget(&w->spill);
	for (size_t i = 0; good && i < tree_count(t); i++)
		good = load_run(w, tree_item(t, i));
	tree_free(t);
	return good;
}

static bool
load_line(struct window *w, const struct scan_value *v)
{
	int64_t start_ms;

	if (v[LINE_WINDOW].kind != SCAN_MISSING)
		return load_scalars(w, v);
	if (v[LINE_RUNS].kind != SCAN_MISSING)
		return load_runs(w, v);
	if (w->pieces != NULL)
		return window_piece_load(w, v);
	if (!line_i64(&v[LINE_START], &start_ms))
		return false;
	if (v[LINE_DROPPED].kind != SCAN_MISSING)
		return v[LINE_DROPPED].kind == SCAN_TRUE && load_dropped(w, start_ms);
	return load_entry(w, v, start_ms);
}

int
window_load(struct op *op, struct span line, struct err *err)
{
	struct window     *w = (struct window *)op;
	struct scan_value  v[LINE_MEMBERS];
	struct scan_result r;

	if (w->scan == NULL)
		w->scan = line_scan(member_paths, LINE_MEMBERS);
	w->due_ms = WHEN_MIN;            /* not known: let the next watermark look */
	window_slide_forget(&w->slide);
	scan_line(w->scan, line.p, v, &r);
	if (r.verdict != SCAN_OK || !load_line(w, v))
		return err_set(err, ERR_DATA, "not the state of this stream-window: %.*s",
		    (int)(line.n < 120 ? line.n : 120), line.p);
	return 0;
}
