/*
 * window_load - the window operator's state from the lines of window_snap.c
 *
 * Any line can be read by the scanner.  Groups are by far the most: those that look as we write them, with a key in plain
 * ASCII and accumulators that are plain numbers, are taken straight from the text in less than half the time.
 */
#include <string.h>

#include "json/tree.h"
#include "op/window_lines.h"
#include "op/window_pieces.h"

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
	[LINE_FROM] = LINE_MEMBER("from"),
	[LINE_AHEAD] = LINE_MEMBER("ahead"),
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

/* What of a group stands before its accumulators. */
struct group_head {
	uint64_t first, tick;
};

static bool
load_head(struct window *w, const struct group_head *h, int64_t start_ms, uint64_t number, char *value)
{
	struct window_head *head = (struct window_head *)(void *)value;

	if (h->first == 0)
		return false;
	head->first = h->first;
	head->tick = h->tick;
	if (w->conf.emit == WINDOW_EVERY) {
		((struct window_every_head *)(void *)value)->number = number;
		if (head->tick == w->tick)
			window_touch(w, start_ms, number);
	}
	return true;
}

/* Where the groups of the pane go.  NULL: no pane begins there. */
static struct store_space *
space_of(struct window *w, int64_t start_ms)
{
	struct window_place *place = &w->recent[0];

	if (place->space == NULL || place->space->id != start_ms) {
		if (!is_pane(w, start_ms))
			return NULL;
		place->space = store_space(w->store, start_ms);
	}
	return place->space;
}

static bool
load_entry(struct window *w, const struct scan_value *v, int64_t start_ms)
{
	struct group_head   head = { 0, 0 };
	struct span         key;
	struct store_space *space;
	uint64_t            number;
	char               *value;

	if (!line_count(&v[LINE_NUMBER], &number) || !window_line_key(w, v, &key) || (space = space_of(w, start_ms)) == NULL)
		return false;
	if (w->head_bytes > 0 && (!line_count(&v[LINE_FIRST], &head.first) || !line_count(&v[LINE_TICK], &head.tick)))
		return false;
	value = store_restore(w->store, space, key, number);
	return value != NULL && (w->head_bytes == 0 || load_head(w, &head, start_ms, number, value)) &&
	       window_load_accs(w, &v[LINE_ACC], value, &space->arena);
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
	int64_t run, length, at = 0;

	if (!tree_i64(t, "run", &run) || !tree_i64(t, "length", &length) || run <= 0 || length <= 0)
		return false;
	if (w->pieces == NULL) {
		window_spill_know(&w->spill, (uint64_t)run, (uint64_t)length);
		return true;
	}
	if (tree_member(t, "at") != NULL && (!tree_i64(t, "at", &at) || at <= 0 || at >= length))
		return false;
	window_cold_know(&w->cold, (uint64_t)run, (uint64_t)length, (uint64_t)at);
	return true;
}

static bool
load_slice(struct window *w, const struct scan_value *v)
{
	struct window_cold *c = &w->cold;

	window_cold_forget(c);
	return w->conf.kind != WINDOW_SESSION || (line_ms(&v[LINE_FROM], &c->from_ms) && line_i64(&v[LINE_AHEAD], &c->ahead_ms)
	                                          && c->ahead_ms >= 0);
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
	window_spill_forget(&w->spill);
	good = w->spill.n_spilled > 0 && load_slice(w, v);
	w->spill.n_loaded = w->spill.n_spilled;
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

/* ---- groups, straight from the text ---- */

enum { COUNT_DIGITS = 18 };              /* that fit for certain */

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The text of a number from 0 on; behind it, or NULL. */
static inline const char *
take_count(const char *p, uint64_t *to)
{
	const char *from = p;
	uint64_t    v = 0;

	while (is_digit(*p) && p - from < COUNT_DIGITS)
		v = v * 10 + (uint64_t)(*p++ - '0');
	*to = v;
	return p == from || (*from == '0' && p > from + 1) ? NULL : p;
}

/* Behind what must stand there, or NULL. */
static inline const char *
take_text(const char *p, struct span text)
{
	return p != NULL && memcmp(p, text.p, text.n) == 0 ? p + text.n : NULL;
}

/* It stands as it is between quotes, and is no part of a longer character. */
static inline bool
is_plain(char c)
{
	return (unsigned char)(c - ' ') < 0x7f - ' ' && c != '"' && c != '\\';
}

static inline bool
are_plain(const char *p)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t       x, quotes, escapes, low;

	memcpy(&x, p, sizeof(x));
	quotes = x ^ ones * '"';
	escapes = x ^ ones * '\\';
	low = x - ones * ' ';
	return ((x | low | (quotes - ones) | (escapes - ones)) & tops) == 0;
}

static inline const char *
behind_plain(const char *p)
{
	while (are_plain(p))
		p += 8;
	while (is_plain(*p))
		p++;
	return p;
}

/* A number as JSON has it, without exponent; behind it, or NULL. */
static inline const char *
behind_number(const char *p)
{
	p += *p == '-';
	if (!is_digit(*p) || (*p == '0' && is_digit(p[1])))
		return NULL;
	while (is_digit(*p))
		p++;
	if (*p != '.')
		return p;
	if (!is_digit(*++p))
		return NULL;
	while (is_digit(*p))
		p++;
	return p;
}

/* How the lines of one pane begin, up to the group's number. */
struct pane_head {
	struct span         text;
	int64_t             start_ms;
	struct store_space *space;
};

static bool
take_pane(struct window *w, const char *p, struct pane_head *h)
{
	const char *from = take_text(p, SPAN_LIT("{\"start\":")), *q = from;

	if (q == NULL)
		return false;
	while (is_digit(*q) || *q == '-')
		q++;
	if (!num_i64(span_of(from, (size_t)(q - from)), &h->start_ms) || (q = take_text(q, SPAN_LIT(",\"i\":"))) == NULL)
		return false;
	h->text = span_of(p, (size_t)(q - p));
	h->space = space_of(w, h->start_ms);
	return h->space != NULL;
}

/* Accumulators that are plain numbers, and the end of the line; behind it, or NULL. */
static const char *
take_accs(const struct window *w, const char *p, char *value, struct arena *arena)
{
	p = take_text(p, SPAN_LIT(",\"acc\":["));
	for (size_t i = 0; p != NULL && i < w->n_funcs; i++) {
		const struct window_func *f = &w->funcs[i];
		const char               *from;

		if (i > 0 && *p++ != ',')
			return NULL;
		from = p;
		if ((p = behind_number(p)) == NULL || !f->class->load(value + f->at_bytes, span_of(from, (size_t)(p - from)), arena))
			return NULL;
	}
	return take_text(p, SPAN_LIT("]}\n"));
}

/*
 * A group's line as we write it, with a key in plain ASCII; behind it, or NULL: the scanner has to look, and what was put
 * in is put in again.  Nothing looks further than SCAN_PAD behind the newline, which stops whatever goes on byte by byte.
 */
static const char *
take_group(struct window *w, const struct pane_head *pane, const char *p)
{
	struct group_head head = { 0, 0 };
	uint64_t          number;
	char             *value;
	const char       *key;

	if ((p = take_count(p + pane->text.n, &number)) == NULL || (p = take_text(p, SPAN_LIT(",\"key\":\""))) == NULL)
		return NULL;
	key = p;
	p = behind_plain(p);
	if (*p != '"' || (value = store_restore(w->store, pane->space, span_of(key, (size_t)(p - key)), number)) == NULL)
		return NULL;
	p++;
	if (w->head_bytes > 0) {
		if ((p = take_text(p, SPAN_LIT(",\"first\":"))) == NULL || (p = take_count(p, &head.first)) == NULL ||
		    (p = take_text(p, SPAN_LIT(",\"tick\":"))) == NULL || (p = take_count(p, &head.tick)) == NULL ||
		    !load_head(w, &head, pane->start_ms, number, value))
			return NULL;
	}
	return take_accs(w, p, value, &pane->space->arena);
}

const char *
window_load_lines(struct op *op, const char *p, const char *end, uint64_t *n)
{
	struct window   *w = (struct window *)op;
	struct pane_head pane = { SPAN_NONE, 0, NULL };
	const char      *next;

	if (w->pieces != NULL || w->conf.global_key)
		return p;
	w->due_ms = WHEN_MIN;
	window_slide_forget(&w->slide);
	for (; p < end; p = next, ++*n) {
		if ((pane.text.n == 0 || memcmp(p, pane.text.p, pane.text.n) != 0) && !take_pane(w, p, &pane))
			break;
		if ((next = take_group(w, &pane, p)) == NULL)
			break;
	}
	return p;
}

int
window_loaded(struct op *op, struct err *err)
{
	const struct window *w = (const struct window *)op;

	return store_loaded(w->store) ? 0 : err_set(err, ERR_DATA, "not the state of this stream-window: a key twice in one window");
}
