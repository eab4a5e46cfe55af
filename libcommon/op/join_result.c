/* join_result - what leaves a join */
#include "op/join_parts.h"

#include <stdio.h>

#include "json/text.h"

void
join_result_init(struct join *j)
{
	static const char *const names[] = { "left", "right" };

	buf_lit(&j->head, "{\"topic\":");
	text_quote(&j->head, span_str(j->conf.stage));
	buf_lit(&j->head, ",\"partition\":0,\"offset\":");
	for (int side = LEFT; side <= RIGHT; side++) {
		buf_char(&j->names[side], side == LEFT ? '{' : ',');
		text_quote(&j->names[side], span_str(j->conf.names[side] == NULL ? names[side] : j->conf.names[side]));
		buf_char(&j->names[side], ':');
	}
	if (j->conf.combine)
		j->combiner = join_combiner_new(j->conf.hash_seed);
}

void
join_result_release(struct join *j)
{
	buf_release(&j->head);
	buf_release(&j->names[LEFT]);
	buf_release(&j->names[RIGHT]);
	buf_release(&j->frame);
	join_combiner_free(j->combiner);
}

void
join_result_frame(struct join *j, struct span key, const struct window_at *w)
{
	buf_reset(&j->frame);            /* made when the first result asks for it: most records have no partner yet */
	j->frame_key = key;
	j->frame_has_window = w != NULL;
	if (w != NULL)
		j->frame_window = *w;
}

static void
make_frame(struct join *j)
{
	struct buf *b = &j->frame;

	buf_char(b, ',');
	rec_put_key(b, j->frame_key);
	if (j->frame_has_window) {
		buf_lit(b, ",\"window\":{\"start\":");
		buf_i64(b, j->frame_window.start_ms);
		buf_lit(b, ",\"end\":");
		buf_i64(b, j->frame_window.end_ms);
		buf_char(b, '}');
	}
	buf_lit(b, ",\"payload\":");
}

static void
put_payload(struct join *j, struct span left, struct span right, struct buf *out)
{
	if (j->combiner != NULL) {
		j->n_clashes += join_combine(j->combiner, left, right, out);
		return;
	}
	buf_span(out, buf_all(&j->names[LEFT]));
	buf_span(out, left.p == NULL ? SPAN_LIT("null") : left);
	buf_span(out, buf_all(&j->names[RIGHT]));
	buf_span(out, right.p == NULL ? SPAN_LIT("null") : right);
	buf_char(out, '}');
}

static inline void
drain(struct emit *e)
{
	if (e->drain != NULL && (e->out->n >= EMIT_DRAIN_BYTES || e->dead->n >= EMIT_DRAIN_BYTES))
		e->drain(e);
}

/* A result, up to its payload. */
static void
put_start(struct join *j, int64_t ts_ms, bool has_ts, struct buf *out)
{
	if (j->frame.n == 0)
		make_frame(j);
	buf_span(out, buf_all(&j->head));
	buf_u64(out, j->next_offset++);
	if (has_ts) {
		buf_lit(out, ",\"ts\":");
		buf_i64(out, ts_ms);
	}
	buf_span(out, buf_all(&j->frame));
}

void
join_result_put(struct join *j, int64_t ts_ms, bool has_ts, struct span left, struct span right, struct emit *e)
{
	struct buf *out = e->out;

	if (__builtin_expect(join_has_failed(j), 0))
		return;
	buf_reserve(out, j->head.n + j->frame.n + left.n + right.n + 128);
	put_start(j, ts_ms, has_ts, out);
	put_payload(j, left, right, out);
	buf_lit(out, "}\n");
	drain(e);
}

/* A pair of which nobody can say whether it is one. */
static __attribute__((noinline)) void
bury(struct join *j, int64_t ts_ms, bool has_ts, struct span left, struct span right, const char *reason, struct emit *e)
{
	struct span why = text_is_utf8(span_str(reason)) ? span_str(reason) : SPAN_LIT("bad bytes");

	if (e->n_dead++ == 0)
		snprintf(e->dead_reason, sizeof(e->dead_reason), "--where: %s", reason);
	put_start(j, ts_ms, has_ts, e->dead);
	put_payload(j, left, right, e->dead);
	buf_lit(e->dead, ",\"error\":{\"stage\":");
	text_quote(e->dead, span_str(j->conf.stage));
	buf_lit(e->dead, ",\"reason\":");
	text_quote(e->dead, why);
	buf_lit(e->dead, "}}\n");
	drain(e);
}

void
join_pass_rec(const struct rec *r, struct emit *e)
{
	rec_put(e->out, r, e->origin);
	drain(e);
}

void
join_pass_kept(const struct join *j, const struct kept *k, struct emit *e)
{
	struct span line = join_text_of(j, LEFT, k);

	if (join_has_failed(j))
		return;
	buf_span(e->out, line);
	buf_char(e->out, '\n');
	drain(e);
}

static void
pad(struct join *j, enum join_side side, int64_t ts_ms, bool has_ts, struct span payload, struct emit *e)
{
	join_result_put(j, ts_ms, has_ts, side == LEFT ? payload : SPAN_NONE, side == LEFT ? SPAN_NONE : payload, e);
}

void
join_pad_kept(struct join *j, enum join_side side, const struct holder *h, const struct kept *k, struct emit *e)
{
	if (j->conf.kind == JOIN_ANTI) {
		join_pass_kept(j, k, e);
		return;
	}
	join_result_frame(j, holder_key(h), NULL);
	pad(j, side, k->at.ts_ms, true, join_text_of(j, side, k), e);
}

void
join_pad_rec(struct join *j, enum join_side side, const struct rec *r, const struct join_on *on, struct emit *e)
{
	if (!join_pads(j, side))
		return;
	if (j->conf.kind == JOIN_ANTI) {
		join_pass_rec(r, e);
		return;
	}
	join_result_frame(j, on->key, NULL);
	pad(j, side, r->ts_ms, r->has_ts, r->payload, e);
}

bool
join_where_slow(struct join *j, int64_t ts_ms, bool has_ts, struct span left, struct span right, struct emit *e)
{
	struct join_doubt doubt = { NULL, false };
	bool              is_pair = !join_has_failed(j) && j->conf.where(j->conf.where_cookie, left, right, &doubt);

	if (doubt.reason == NULL)
		return is_pair;
	if (doubt.is_fatal && !e->is_fatal) {
		e->is_fatal = true;
		e->n_dead = 0;               /* this is the reason to tell */
	}
	bury(j, ts_ms, has_ts, left, right, doubt.reason, e);
	return false;
}
