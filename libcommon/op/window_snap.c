/*
 * window_snap - the window operator's state as lines
 *
 *     {"window":"tumbling","watermark":1357000000000,"next_offset":842,"arrived":8832}
 *     {"start":1356930000000,"dropped":true}
 *     {"start":1357016400000,"i":3,"key":"UA","acc":[12,"…"]}
 *
 * First the scalars (watermark: null before the first, "max" after the last); in a delta the windows
 * that went; then the groups, all of them or those that changed.  `i` is the group's number in its
 * window: a number that is known replaces the group's content, the next one adds a group.
 */
#include "op/window_parts.h"

#include "json/scan.h"
#include "json/text.h"

/* ---- save ---- */

static void
save_scalars(const struct window *w, struct snap_writer *out)
{
	buf_lit(&out->buf, "{\"window\":\"tumbling\",\"watermark\":");
	if (w->watermark_ms == WHEN_MIN)
		buf_lit(&out->buf, "null");
	else if (w->watermark_ms == WHEN_MAX)
		buf_lit(&out->buf, "\"max\"");
	else
		buf_i64(&out->buf, w->watermark_ms);
	buf_lit(&out->buf, ",\"next_offset\":");
	buf_u64(&out->buf, w->next_offset);
	buf_lit(&out->buf, ",\"arrived\":");
	buf_u64(&out->buf, w->n_arrived);
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
	buf_lit(b, ",\"acc\":[");
	for (size_t i = 0; i < w->n_funcs; i++) {
		if (i > 0)
			buf_char(b, ',');
		w->funcs[i].class->save(value + w->funcs[i].at_bytes, b);
	}
	buf_lit(b, "]}");
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

void
window_save(const struct op *op, bool delta, struct snap_writer *out)
{
	const struct window *w = (const struct window *)op;

	save_scalars(w, out);
	if (delta) {
		save_dropped(w, out);
		save_changed(w, out);
	} else {
		save_all(w, out);
	}
}

/* ---- load ---- */

enum member {
	WINDOW, WATERMARK, NEXT_OFFSET, ARRIVED, START, DROPPED, NUMBER, KEY, KEY_BASE64, ACC, N_MEMBERS
};

#define MEMBER(text) { .n_steps = 1, .steps = { { .name = { text, sizeof(text) - 1 } } } }

static const struct path member_paths[N_MEMBERS] = {
	[WINDOW] = MEMBER("window"),
	[WATERMARK] = MEMBER("watermark"),
	[NEXT_OFFSET] = MEMBER("next_offset"),
	[ARRIVED] = MEMBER("arrived"),
	[START] = MEMBER("start"),
	[DROPPED] = MEMBER("dropped"),
	[NUMBER] = MEMBER("i"),
	[KEY] = MEMBER("key"),
	[KEY_BASE64] = MEMBER("key_base64"),
	[ACC] = MEMBER("acc"),
};

static struct scan *
new_scan(void)
{
	const struct path *paths[N_MEMBERS];

	for (size_t i = 0; i < N_MEMBERS; i++)
		paths[i] = &member_paths[i];
	return scan_new(paths, N_MEMBERS);
}

static struct span
text_of(const struct scan_value *v)
{
	return span_of(v->p, v->n);
}

static bool
read_i64(const struct scan_value *v, int64_t *to)
{
	return v->kind == SCAN_NUMBER && num_i64(text_of(v), to);
}

static bool
read_count(const struct scan_value *v, uint64_t *to)
{
	int64_t n;

	if (!read_i64(v, &n) || n < 0)
		return false;
	*to = (uint64_t)n;
	return true;
}

static bool
load_scalars(struct window *w, const struct scan_value *v)
{
	if (v[WINDOW].kind != SCAN_STRING || !span_eq(text_of(&v[WINDOW]), SPAN_LIT("tumbling")) ||
	    !read_count(&v[NEXT_OFFSET], &w->next_offset) || !read_count(&v[ARRIVED], &w->n_arrived))
		return false;
	switch (v[WATERMARK].kind) {
	case SCAN_NULL:
		w->watermark_ms = WHEN_MIN;
		return true;
	case SCAN_STRING:
		w->watermark_ms = WHEN_MAX;
		return span_eq(text_of(&v[WATERMARK]), SPAN_LIT("max"));
	default:
		return read_i64(&v[WATERMARK], &w->watermark_ms);
	}
}

/* The key's bytes, in the line or in w->scratch. */
static bool
read_key(struct window *w, const struct scan_value *v, struct span *key)
{
	struct buf *b = &w->scratch;

	*key = SPAN_NONE;
	if (v[KEY].kind == SCAN_NULL)
		return true;
	if (v[KEY].kind == SCAN_STRING && !v[KEY].escaped) {
		*key = text_of(&v[KEY]);
		return true;
	}
	buf_reset(b);
	buf_reserve(b, 1);
	if (v[KEY].kind == SCAN_STRING)
		text_decode(b, text_of(&v[KEY]));
	else if (v[KEY_BASE64].kind != SCAN_STRING || text_unbase64(b, text_of(&v[KEY_BASE64])) == -1)
		return false;
	*key = buf_all(b);
	return true;
}

/* The next value of a valid JSON array, *at behind its '[' or the last comma.  False: no more. */
static bool
next_item(const char **at, const char *end, struct span *item)
{
	const char *p = *at;
	int         depth = 0;
	bool        in_string = false;

	if (p >= end || *p == ']')
		return false;
	for (; p < end; p++) {
		if (in_string) {
			if (*p == '\\')
				p++;
			else if (*p == '"')
				in_string = false;
		} else if (*p == '"') {
			in_string = true;
		} else if (*p == '[' || *p == '{') {
			depth++;
		} else if (depth == 0 && (*p == ',' || *p == ']')) {
			break;
		} else if (*p == ']' || *p == '}') {
			depth--;
		}
	}
	*item = span_of(*at, (size_t)(p - *at));
	*at = p + 1;
	return true;
}

static bool
load_accs(struct window *w, const struct scan_value *v, char *value, struct arena *arena)
{
	const char *at, *end;
	struct span item;

	if (v->kind != SCAN_ARRAY)
		return false;
	at = v->p + 1;
	end = v->p + v->n;
	for (size_t i = 0; i < w->n_funcs; i++) {
		const struct window_func *f = &w->funcs[i];

		if (!next_item(&at, end, &item) || !f->class->load(value + f->at_bytes, item, arena))
			return false;
	}
	return !next_item(&at, end, &item);
}

static bool
load_entry(struct window *w, const struct scan_value *v, int64_t start_ms)
{
	struct window_place *place = &w->recent[0];
	struct span          key;
	uint64_t             number;
	char                *value;

	if (!read_count(&v[NUMBER], &number) || !read_key(w, v, &key))
		return false;
	if (w->global_key && key.p != NULL)
		return false;
	if (place->space == NULL || place->space->id != start_ms) {
		if (window_bounds(w, start_ms).start_ms != start_ms)
			return false;
		place->space = store_space(w->store, start_ms);
	}
	value = store_restore(w->store, place->space, key, number);
	return value != NULL && load_accs(w, &v[ACC], value, &place->space->arena);
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

int
window_load(struct op *op, struct span line, struct err *err)
{
	struct window     *w = (struct window *)op;
	struct scan_value  v[N_MEMBERS];
	struct scan_result r;
	int64_t            start_ms;
	bool               good;

	if (w->scan == NULL)
		w->scan = new_scan();
	w->due_ms = WHEN_MIN;            /* not known: let the next watermark look */
	scan_line(w->scan, line.p, v, &r);
	if (r.verdict != SCAN_OK) {
		good = false;
	} else if (v[START].kind == SCAN_MISSING) {
		good = load_scalars(w, v);
	} else if (!read_i64(&v[START], &start_ms)) {
		good = false;
	} else if (v[DROPPED].kind != SCAN_MISSING) {
		good = v[DROPPED].kind == SCAN_TRUE && load_dropped(w, start_ms);
	} else {
		good = load_entry(w, v, start_ms);
	}
	if (!good)
		return err_set(err, ERR_DATA, "not the state of this stream-window: %.*s",
		    (int)(line.n < 120 ? line.n : 120), line.p);
	return 0;
}
