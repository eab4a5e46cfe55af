/*
 * join_window - all pairs of a window, when it closes
 *
 * Records lie in their key's lanes by time; a window is a stretch of them.  One timer a key, for the
 * first window that closes with something in it.
 */
#include "op/join_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/when.h"

static bool
holds(const struct window_at *w, int64_t ts_ms)
{
	return w->start_ms <= ts_ms && ts_ms < w->end_ms;
}

/* Has the last window that holds TS closed? */
static bool
is_over(const struct join *j, int64_t ts_ms)
{
	return window_last_holding(&j->shape, ts_ms).end_ms <= j->watermark_ms;
}

/* Wake the key for the first window behind the watermark that may hold one of its records. */
static void
wake(struct join *j, struct holder *h)
{
	int64_t at_ms = WHEN_MAX;

	for (int side = LEFT; side <= RIGHT; side++) {
		const struct lane_item *first = lane_first(&h->lanes[side]);
		struct window_at        w;

		if (first == NULL)
			continue;
		w = window_first_after(&j->shape, first->ts_ms > j->watermark_ms ? first->ts_ms : j->watermark_ms);
		at_ms = w.end_ms < at_ms ? w.end_ms : at_ms;
	}
	if (h->lanes[LEFT].n > 0 || h->lanes[RIGHT].n > 0)
		join_wake(j, h, at_ms);
}

/* ---- a record arrives ---- */

static bool
window_take(struct join *j, enum join_side side, const struct rec *r, const struct join_on *on, struct emit *e,
            struct op_refusal *refusal)
{
	int64_t          below_ms = join_late_below(j, side), from_ms = WHEN_MIN;
	struct window_at first = window_first_after(&j->shape, r->ts_ms), last;
	struct holder   *h;

	if (!holds(&first, r->ts_ms)) {
		refusal->kind = OP_REFUSED_OUTSIDE;
		return false;
	}
	last = window_last_holding(&j->shape, r->ts_ms);
	if (last.end_ms <= below_ms) {
		refusal->kind = OP_REFUSED_LATE;
		refusal->late_ms = when_sub(below_ms, last.end_ms);
		return false;
	}
	if (first.end_ms <= below_ms)
		from_ms = below_ms;
	if (on->is_void && !join_pads(j, side))
		return true;
	h = join_hold(j, &j->holders, on);
	join_keep(j, h, side, r, on, from_ms, 0, e);
	join_wake(j, h, (first.end_ms > j->watermark_ms ? first : window_first_after(&j->shape, j->watermark_ms)).end_ms);
	return true;
}

/* ---- a window closes ---- */

/* The next record of a lane in the window; NULL: no more. */
static struct kept *
next_in(const struct lane *lane, struct lane_place *p, const struct window_at *w)
{
	struct lane_item *item;

	while ((item = lane_next(lane, p)) != NULL && item->ts_ms < w->end_ms)
		if (kept_from_ms(kept_of(item)) < w->end_ms)
			return kept_of(item);
	return NULL;
}

static struct lane_place
begin(const struct lane *lane, const struct window_at *w)
{
	return lane_seek(lane, w->start_ms, 0);
}

/* One left record against the window's right ones, of which J->marks says who has had a partner. */
static bool
match_one(struct join *j, const struct holder *h, struct kept *left, const struct window_at *w, struct emit *e)
{
	const struct lane *lane = &h->lanes[RIGHT];
	struct lane_place  p = begin(lane, w);
	bool               is_matched = false;
	struct kept       *right;

	for (size_t i = 0; (right = next_in(lane, &p, w)) != NULL; i++) {
		struct span right_text = join_text_of(j, RIGHT, right);

		if (kept_is(right, KEPT_VOID) || !join_where(j, w->end_ms - 1, true, join_payload_of(j, LEFT, left), right_text, e))
			continue;
		is_matched = true;
		if (join_passes(j))
			break;
		if (i < j->marks.n)
			j->marks.p[i] = 1;
		join_result_put(j, w->end_ms - 1, true, join_text_of(j, LEFT, left), right_text, e);
	}
	return is_matched;
}

static void
settle_left(struct join *j, struct holder *h, struct kept *left, bool is_matched, const struct window_at *w, struct emit *e)
{
	if (kept_is(left, KEPT_MATCHED))
		return;
	if (is_matched) {
		join_set(j, h, left, KEPT_MATCHED);
		if (j->conf.kind == JOIN_SEMI)
			join_pass_kept(j, left, e);
	} else if (j->conf.kind == JOIN_ANTI && window_last_holding(&j->shape, left->at.ts_ms).end_ms == w->end_ms) {
		join_pass_kept(j, left, e);
	}
}

/* Nobody has a partner yet. */
static void
clear_marks(struct join *j, const struct holder *h, const struct window_at *w)
{
	struct lane_place p = begin(&h->lanes[RIGHT], w);

	buf_reset(&j->marks);
	if (join_pads(j, RIGHT))
		while (next_in(&h->lanes[RIGHT], &p, w) != NULL)
			buf_char(&j->marks, 0);
}

static void
fire(struct join *j, struct holder *h, const struct window_at *w, struct emit *e)
{
	const struct lane *lane = &h->lanes[LEFT];
	struct lane_place  p = begin(lane, w);
	struct kept       *k;

	clear_marks(j, h, w);
	join_result_frame(j, holder_key(h), w);
	while ((k = next_in(lane, &p, w)) != NULL) {
		bool is_matched = !kept_is(k, KEPT_VOID) && !(join_passes(j) && kept_is(k, KEPT_MATCHED)) && match_one(j, h, k, w, e);

		if (join_passes(j))
			settle_left(j, h, k, is_matched, w, e);
		else if (!is_matched && join_pads(j, LEFT))
			join_result_put(j, w->end_ms - 1, true, join_text_of(j, LEFT, k), SPAN_NONE, e);
	}
	p = begin(&h->lanes[RIGHT], w);
	for (size_t i = 0; i < j->marks.n && (k = next_in(&h->lanes[RIGHT], &p, w)) != NULL; i++)
		if (j->marks.p[i] == 0)
			join_result_put(j, w->end_ms - 1, true, SPAN_NONE, join_text_of(j, RIGHT, k), e);
}

/* ---- the watermark moves on ---- */

static void
add_due(struct join *j, struct holder *h, struct window_at w, uint64_t number)
{
	if (j->n_window_dues == j->cap_window_dues) {
		j->cap_window_dues = j->cap_window_dues == 0 ? 64 : j->cap_window_dues * 2;
		j->window_dues = alloc_resized(j->window_dues, j->cap_window_dues, sizeof(*j->window_dues));
	}
	j->window_dues[j->n_window_dues++] = (struct join_window_due){ w, number, h };
}

/* The number of the key's first record in the window; UINT64_MAX: it has none there. */
static uint64_t
first_number(const struct holder *h, const struct window_at *w)
{
	uint64_t first = UINT64_MAX;

	for (int side = LEFT; side <= RIGHT; side++) {
		struct lane_place  p = begin(&h->lanes[side], w);
		const struct kept *k;

		while ((k = next_in(&h->lanes[side], &p, w)) != NULL)
			first = kept_number(k) < first ? kept_number(k) : first;
	}
	return first;
}

/* The least time of the key's records from FROM_MS on; WHEN_MAX: there is none. */
static int64_t
first_time(const struct holder *h, int64_t from_ms)
{
	int64_t first = WHEN_MAX;

	for (int side = LEFT; side <= RIGHT; side++) {
		struct lane_place       p = lane_seek(&h->lanes[side], from_ms, 0);
		const struct lane_item *item = lane_next(&h->lanes[side], &p);

		if (item != NULL && item->ts_ms < first)
			first = item->ts_ms;
	}
	return first;
}

/* The key's windows that have closed since BEFORE. */
static void
find_dues(struct join *j, struct holder *h, int64_t before_ms)
{
	int64_t          ts_ms = first_time(h, WHEN_MIN);
	struct window_at w = window_first_after(&j->shape, ts_ms > before_ms ? ts_ms : before_ms);

	while (w.end_ms <= j->watermark_ms) {
		uint64_t number = first_number(h, &w);

		if (number != UINT64_MAX)
			add_due(j, h, w, number);
		w = window_following(&j->shape, w);
		ts_ms = first_time(h, w.start_ms);
		if (ts_ms == WHEN_MAX)
			break;
		if (ts_ms >= w.end_ms)
			w = window_first_after(&j->shape, ts_ms);
	}
}

static int
compare_dues(const void *a, const void *b)
{
	const struct join_window_due *x = a, *y = b;

	if (x->window.end_ms != y->window.end_ms)
		return x->window.end_ms < y->window.end_ms ? -1 : 1;
	if (x->window.start_ms != y->window.start_ms)
		return x->window.start_ms < y->window.start_ms ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

/* What lies in no window any more goes. */
static void
clear_out(struct join *j, struct holder *h)
{
	struct lane_item *item;

	for (int side = LEFT; side <= RIGHT; side++)
		while ((item = lane_first(&h->lanes[side])) != NULL && is_over(j, item->ts_ms))
			join_expire(j, h, (enum join_side)side, kept_of(item));
	wake(j, h);
	join_rest(j, h);
}

static void
window_watermark(struct join *j, int64_t before_ms, struct emit *e)
{
	join_woken(j);
	for (size_t i = 0; e != NULL && i < j->n_woken; i++)
		find_dues(j, join_woken_at(j, i), before_ms);
	if (j->n_window_dues > 1)
		qsort(j->window_dues, j->n_window_dues, sizeof(*j->window_dues), compare_dues);
	for (size_t i = 0; i < j->n_window_dues; i++) {
		const struct join_window_due *due = join_window_due_at(j, i);

		fire(j, due->holder, &due->window, e);
	}
	j->n_window_dues = 0;
	for (size_t i = 0; i < j->n_woken; i++)
		clear_out(j, join_woken_at(j, i));
}

static void
window_loaded(struct join *j, enum join_side side, struct holder *h, struct kept *k)
{
	(void)side;
	(void)k;
	wake(j, h);
}

const struct join_way join_window_way = { window_take, window_watermark, window_loaded };
