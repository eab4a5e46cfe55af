/* join_within - pairs whose times are near each other */
#include "op/join_parts.h"

#include "base/when.h"

/* The times of the partners of a record at TS. */
static int64_t
first_partner_ms(const struct join *j, enum join_side side, int64_t ts_ms)
{
	return side == LEFT ? when_add(ts_ms, j->conf.lower_ms) : when_sub(ts_ms, j->conf.upper_ms);
}

static int64_t
last_partner_ms(const struct join *j, enum join_side side, int64_t ts_ms)
{
	return side == LEFT ? when_add(ts_ms, j->conf.upper_ms) : when_sub(ts_ms, j->conf.lower_ms);
}

/* Has the watermark passed all partners of a record at TS? */
static bool
is_over(const struct join *j, enum join_side side, int64_t ts_ms)
{
	return j->watermark_ms == WHEN_MAX || last_partner_ms(j, side, ts_ms) < j->watermark_ms;
}

/* ---- a record arrives ---- */

static int64_t
later_of(const struct rec *r, const struct lane_item *item)
{
	return item->ts_ms > r->ts_ms ? item->ts_ms : r->ts_ms;
}

/* A left record against what the right side has.  Semi and anti ask no more than whether there is one. */
static bool
match_left(struct join *j, const struct rec *r, struct holder *h, struct emit *e)
{
	struct lane       *lane = &h->lanes[RIGHT];
	struct lane_place  p = lane_seek(lane, first_partner_ms(j, LEFT, r->ts_ms), 0);
	int64_t            last_ms = last_partner_ms(j, LEFT, r->ts_ms);
	bool               is_matched = false;
	struct lane_item  *item;

	while ((item = lane_next(lane, &p)) != NULL && item->ts_ms <= last_ms) {
		struct kept *k = kept_of(item);
		struct span  text = join_text_of(j, RIGHT, k);

		if (!join_where(j, later_of(r, item), true, r->payload, text, e))
			continue;
		is_matched = true;
		if (join_passes(j))
			break;
		if (join_pads(j, RIGHT))
			join_set(j, h, k, KEPT_MATCHED);
		join_result_put(j, later_of(r, item), true, r->payload, text, e);
	}
	return is_matched;
}

static bool
match_right(struct join *j, const struct rec *r, struct holder *h, struct emit *e)
{
	struct lane       *lane = &h->lanes[LEFT];
	struct lane_place  p = lane_seek(lane, first_partner_ms(j, RIGHT, r->ts_ms), 0);
	int64_t            last_ms = last_partner_ms(j, RIGHT, r->ts_ms);
	bool               is_matched = false;
	struct lane_item  *item;

	while ((item = lane_next(lane, &p)) != NULL && item->ts_ms <= last_ms) {
		struct kept *k = kept_of(item);
		struct span  text = join_text_of(j, LEFT, k);

		if (!join_where(j, later_of(r, item), true, text, r->payload, e))
			continue;
		is_matched = true;
		if (join_pads(j, LEFT))
			join_set(j, h, k, KEPT_MATCHED);
		join_result_put(j, later_of(r, item), true, text, r->payload, e);
	}
	return is_matched;
}

/* Left records that have a partner now are done with: semi lets them through, anti keeps them back. */
static void
settle_left(struct join *j, const struct rec *r, struct holder *h, struct emit *e)
{
	struct lane       *lane = &h->lanes[LEFT];
	int64_t            last_ms = last_partner_ms(j, RIGHT, r->ts_ms), from_ms = first_partner_ms(j, RIGHT, r->ts_ms);
	struct lane_place  p = lane_seek(lane, from_ms, 0);
	struct lane_item  *item;

	while ((item = lane_next(lane, &p)) != NULL && item->ts_ms <= last_ms) {
		struct kept *k = kept_of(item);

		if (!join_where(j, later_of(r, item), true, join_payload_of(j, LEFT, k), r->payload, e))
			continue;
		if (j->conf.kind == JOIN_SEMI)
			join_pass_kept(j, k, e);
		join_due_add(j, LEFT, h, k);
	}
	for (size_t i = 0; i < j->n_dues; i++)
		join_drop(j, h, LEFT, j->dues[i].kept);
	j->n_dues = 0;
}

static bool
match(struct join *j, enum join_side side, const struct rec *r, struct holder *h, struct emit *e)
{
	if (side == LEFT)
		return match_left(j, r, h, e);
	if (!join_passes(j))
		return match_right(j, r, h, e);
	settle_left(j, r, h, e);
	return false;
}

/* Is it of use to what may still come? */
static bool
is_needed(const struct join *j, enum join_side side, int64_t ts_ms, bool is_matched)
{
	enum join_side other = side == LEFT ? RIGHT : LEFT;

	if (side == LEFT && join_passes(j) && is_matched)
		return false;
	if (join_pads(j, side) && !is_matched)
		return true;
	return j->own_ms[other] <= last_partner_ms(j, side, ts_ms);
}

static bool
within_take(struct join *j, enum join_side side, const struct rec *r, const struct join_on *on, struct emit *e,
            struct op_refusal *refusal)
{
	int64_t        below_ms = join_late_below(j, side);
	struct holder *h;
	bool           is_matched = false;

	if (r->ts_ms < below_ms) {
		refusal->kind = OP_REFUSED_LATE;
		refusal->late_ms = when_sub(below_ms, r->ts_ms);
		return false;
	}
	if (on->is_void) {
		join_pad_rec(j, side, r, on, e);
		return true;
	}
	h = join_find(&j->holders, on);
	if (h != NULL) {
		join_result_frame(j, on->key, NULL);
		is_matched = match(j, side, r, h, e);
	}
	if (side == LEFT && j->conf.kind == JOIN_SEMI && is_matched) {
		join_pass_rec(r, e);
	} else if (is_over(j, side, r->ts_ms)) {
		if (!is_matched)
			join_pad_rec(j, side, r, on, e);
	} else if (is_needed(j, side, r->ts_ms, is_matched)) {
		h = h != NULL ? h : join_hold(j, &j->holders, on);
		join_keep(j, h, side, r, on, WHEN_MIN, is_matched && join_pads(j, side) ? KEPT_MATCHED : 0, e);
		join_wake(j, h, when_add(last_partner_ms(j, side, r->ts_ms), 1));
		return true;
	}
	if (h != NULL)
		join_let_go(j, &j->holders, h);
	return true;
}

/* ---- the watermark moves on ---- */

/* When the first of the lane is over; WHEN_MAX: the lane is empty. */
static int64_t
over_at(const struct join *j, enum join_side side, const struct lane_item *item)
{
	return item == NULL ? WHEN_MAX : when_add(last_partner_ms(j, side, item->ts_ms), 1);
}

/* What no partner can come for any more goes; what leaves padded waits for its turn.  What then is the first? */
static struct lane_item *
clear_lane(struct join *j, struct holder *h, enum join_side side, struct emit *e)
{
	struct lane       *lane = &h->lanes[side];
	struct lane_place  p = { 0, 0 };
	struct lane_item  *item;

	if (e == NULL || !join_pads(j, side)) {
		while ((item = lane_first(lane)) != NULL && is_over(j, side, item->ts_ms))
			join_expire(j, h, side, kept_of(item));
	} else {
		while ((item = lane_next(lane, &p)) != NULL && is_over(j, side, item->ts_ms))
			join_due_add(j, side, h, kept_of(item));
	}
	return item;
}

static void
within_watermark(struct join *j, int64_t before_ms, struct emit *e)
{
	(void)before_ms;
	join_woken(j);
	for (size_t i = 0; i < j->n_woken; i++) {
		struct holder *h = join_woken_at(j, i);
		int64_t        left_ms = over_at(j, LEFT, clear_lane(j, h, LEFT, e));
		int64_t        right_ms = over_at(j, RIGHT, clear_lane(j, h, RIGHT, e));

		if (left_ms != WHEN_MAX || right_ms != WHEN_MAX)
			join_wake(j, h, left_ms < right_ms ? left_ms : right_ms);
		join_rest(j, h);
	}
	join_dues_sort(j);
	for (size_t i = 0; i < j->n_dues; i++) {
		struct join_due *d = &j->dues[i];

		if (!kept_is(d->kept, KEPT_MATCHED))
			join_pad_kept(j, d->side, d->holder, d->kept, e);
		join_expire(j, d->holder, d->side, d->kept);
		join_let_go(j, &j->holders, d->holder);
	}
	j->n_dues = 0;
}

static void
within_loaded(struct join *j, enum join_side side, struct holder *h, struct kept *k)
{
	join_wake(j, h, when_add(last_partner_ms(j, side, k->at.ts_ms), 1));
}

const struct join_way join_within_way = { within_take, within_watermark, within_loaded };
