/*
 * window_result - what a window says when it fires
 *
 * A result that cannot be given out, since a number in it has more than 38 digits, becomes a dead
 * letter: the same record, that number in full, and the reason.  It keeps the running number it was
 * given, so its id is no other record's, and the gap in the results shows that one is missing.
 */
#include "op/window_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "json/text.h"

enum { LONGEST_KEY_SHOWN = 40 };

static_assert(BUF_SLACK >= 32, "put_ready writes up to 31 bytes too many");

/* A text made ready earlier.  Whole vectors, past its end: both bufs have their slack. */
static inline void
put_ready(struct buf *b, const struct buf *text)
{
	char *to = buf_reserve(b, text->n);

	for (size_t i = 0; i < text->n; i += 32)
		memcpy(to + i, text->p + i, 32);
	b->n += text->n;
}

static void
put_label(struct buf *b, bool is_first, const char *name, const char *suffix)
{
	if (!is_first)
		buf_char(b, ',');
	buf_char(b, '"');
	text_encode(b, span_str(name));
	buf_str(b, suffix);
	buf_lit(b, "\":");
}

void
window_result_columns(struct window *w, const struct agg_column *columns, size_t n)
{
	size_t func = 0;

	w->columns = alloc_zeroed(n, sizeof(*w->columns));
	w->n_columns = n;
	for (size_t i = 0; i < n; i++) {
		struct window_column *c = &w->columns[i];

		c->kind = columns[i].kind;
		c->name = columns[i].name;
		put_label(&c->label, i == 0, c->name, "");
		if (c->kind == AGG_COLUMN_KEY)
			put_label(&c->label_base64, i == 0, c->name, "_base64");
		if (c->kind == AGG_COLUMN_FUNC)
			c->func = func++;
	}
	buf_lit(&w->head, "{\"topic\":");
	text_quote(&w->head, span_str(w->conf.stage));
	buf_lit(&w->head, ",\"partition\":0,\"offset\":");
}

void
window_result_release(struct window *w)
{
	for (size_t i = 0; i < w->n_columns; i++) {
		buf_release(&w->columns[i].label);
		buf_release(&w->columns[i].label_base64);
	}
	free(w->columns);
	buf_release(&w->head);
	buf_release(&w->frame.ts);
	buf_release(&w->frame.bounds);
}

/* Where it stands: a global window has no bounds, a count window a number too. */
static void
put_bounds(const struct window *w, const struct window_of *of, struct buf *b)
{
	if (w->conf.kind != WINDOW_GLOBAL) {
		buf_lit(b, ",\"window\":{\"start\":");
		buf_i64(b, of->start_ms);
		buf_lit(b, ",\"end\":");
		buf_i64(b, of->end_ms);
		if (w->conf.kind == WINDOW_COUNT) {
			buf_lit(b, ",\"n\":");
			buf_u64(b, of->n);
		}
		buf_char(b, '}');
	}
}

void
window_result_frame(struct window *w, struct window_of of)
{
	static const char *const panes[] = {
		[PANE_EARLY] = "early", [PANE_FINAL] = "final", [PANE_LATE] = "late", [PANE_RETRACT] = "retract"
	};
	struct window_frame *f = &w->frame;

	f->of = of;
	buf_reset(&f->ts);
	buf_lit(&f->ts, ",\"ts\":");
	buf_i64(&f->ts, of.end_ms - 1);
	buf_char(&f->ts, ',');
	buf_reset(&f->bounds);
	put_bounds(w, &of, &f->bounds);
	if (of.pane != PANE_NONE) {
		buf_lit(&f->bounds, ",\"pane\":\"");
		buf_str(&f->bounds, panes[of.pane]);
		buf_char(&f->bounds, '"');
	}
	buf_lit(&f->bounds, ",\"payload\":{");
}

static void
put_key_column(struct buf *out, const struct window_column *c, struct span key)
{
	if (key.p != NULL && !text_is_utf8(key)) {
		put_ready(out, &c->label_base64);
		buf_char(out, '"');
		text_base64(out, key);
		buf_char(out, '"');
		return;
	}
	put_ready(out, &c->label);
	if (key.p == NULL)
		buf_lit(out, "null");
	else
		text_quote(out, key);
}

/* OUT from FROM on, a line but for its end, cannot be given out: why, w->scratch says. */
static __attribute__((noinline)) void
bury(struct window *w, struct emit *e, size_t from, struct span key)
{
	if (e->n_dead++ == 0) {
		struct buf shown = { 0 };

		if (key.p != NULL && key.n <= LONGEST_KEY_SHOWN && text_is_utf8(key)) {
			buf_lit(&shown, ", key ");
			text_quote(&shown, key);
		}
		snprintf(e->dead_reason, sizeof(e->dead_reason), "window [%lld, %lld)%.*s: %.*s",
		    (long long)w->frame.of.start_ms, (long long)w->frame.of.end_ms, SPAN_ARGS(buf_all(&shown)),
		    SPAN_ARGS(buf_all(&w->scratch)));
		buf_release(&shown);
	}
	buf_put(e->dead, e->out->p + from, e->out->n - from);
	buf_lit(e->dead, "},\"error\":{\"stage\":");
	text_quote(e->dead, span_str(w->conf.stage));
	buf_lit(e->dead, ",\"reason\":");
	text_quote(e->dead, buf_all(&w->scratch));
	buf_lit(e->dead, "}}\n");
	e->out->n = from;
}

static void
note_too_long(struct window *w, const struct window_column *c)
{
	buf_str(&w->scratch, w->scratch.n == 0 ? "column " : "; column ");
	buf_str(&w->scratch, c->name);
	buf_lit(&w->scratch, " has more than 38 digits");
}

static void
put_bound(const struct window *w, int64_t ms, struct buf *out)
{
	if (w->conf.kind == WINDOW_GLOBAL)
		buf_lit(out, "null");
	else
		buf_i64(out, ms);
}

static void
put_column(struct window *w, const struct window_column *c, struct span key, const char *value,
           struct buf *out)
{
	const struct window_func *f;
	struct agg_scope          scope;

	if (c->kind == AGG_COLUMN_KEY) {
		put_key_column(out, c, key);
		return;
	}
	put_ready(out, &c->label);
	switch (c->kind) {
	case AGG_COLUMN_FUNC:
		f = &w->funcs[c->func];
		scope = (struct agg_scope){
			f->args, w->conf.kind < WINDOW_COUNT, w->frame.of.start_ms, w->frame.of.end_ms
		};
		if (!f->class->result(value + f->at_bytes, &scope, out)) {
			f->class->save(value + f->at_bytes, out);
			note_too_long(w, c);
		}
		break;
	case AGG_COLUMN_START:
		put_bound(w, w->frame.of.start_ms, out);
		break;
	case AGG_COLUMN_END:
		put_bound(w, w->frame.of.end_ms, out);
		break;
	case AGG_COLUMN_KEY:
		break;
	}
}

static void
put_start(struct window *w, struct span key, struct buf *out)
{
	put_ready(out, &w->head);
	buf_u64(out, w->next_offset++);
	put_ready(out, &w->frame.ts);
	rec_put_key(out, key);
	put_ready(out, &w->frame.bounds);
}

static inline void
drain(struct emit *e)
{
	if (e->drain != NULL && (e->out->n >= EMIT_DRAIN_BYTES || e->dead->n >= EMIT_DRAIN_BYTES))
		e->drain(e);
}

void
window_result_put(struct window *w, struct span key, const char *value, struct buf *told, struct emit *e)
{
	struct buf *out = e->out;
	size_t      from = out->n, payload_from;

	buf_reset(&w->scratch);
	put_start(w, key, out);
	payload_from = out->n;
	for (size_t i = 0; i < w->n_columns; i++)
		put_column(w, &w->columns[i], key, value, out);
	if (told != NULL)
		buf_reset(told);
	if (__builtin_expect(w->scratch.n == 0, 1)) {
		buf_lit(out, "}}\n");
		if (told != NULL)
			buf_put(told, out->p + payload_from, out->n - 2 - payload_from);
	} else {
		bury(w, e, from, key);
	}
	drain(e);
}

void
window_result_retract(struct window *w, struct span key, struct span told, struct emit *e)
{
	put_start(w, key, e->out);
	buf_span(e->out, told);
	buf_lit(e->out, "}\n");
	drain(e);
}
