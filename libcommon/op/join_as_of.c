/*
 * join_as_of - the right side as a table of versions
 *
 * Left records wait until the watermark is past them.  Of a key's versions those are kept that a left
 * record may still ask for: the last of those that serve at the watermark already, and all above it.
 * What is below goes, in whatever order things come.  A version that deletes is one as well: without it
 * a late one from before it would come back to life.
 */
#include "op/join_parts.h"

#include "base/when.h"

static int64_t
serves_from_ms(const struct kept *k)
{
	int64_t from_ms = kept_from_ms(k);

	return from_ms > k->at.ts_ms ? from_ms : k->at.ts_ms;
}

/* The version that a left record at TS takes; NULL: there is none. */
static const struct kept *
version_at(const struct holder *h, int64_t ts_ms)
{
	const struct lane *lane = &h->lanes[RIGHT];
	struct lane_place  p = lane_seek(lane, ts_ms, UINT64_MAX);
	struct lane_item  *item;

	while ((item = lane_previous(lane, &p)) != NULL)
		if (serves_from_ms(kept_of(item)) <= ts_ms)
			return kept_is(kept_of(item), KEPT_DELETES) ? NULL : kept_of(item);
	return NULL;
}

/*
 * The versions that nobody can ask for any more go; loading finds that out by itself.  When to look
 * again: when the first of those serves that does not yet, or a moment before.
 */
static void
prune(struct join *j, struct holder *h)
{
	struct lane       *lane = &h->lanes[RIGHT];
	struct lane_place  p = lane_seek(lane, j->watermark_ms, UINT64_MAX), above = p;
	struct lane_item  *item = lane_next(lane, &above), *first;
	int64_t            again_ms = item == NULL ? WHEN_MAX : item->ts_ms;
	struct kept       *serving = NULL;

	while (serving == NULL && (item = lane_previous(lane, &p)) != NULL) {
		int64_t from_ms = serves_from_ms(kept_of(item));

		if (from_ms <= j->watermark_ms)
			serving = kept_of(item);
		else if (from_ms < again_ms)
			again_ms = from_ms;
	}
	while (serving != NULL && (first = lane_first(lane)) != &serving->at)
		join_expire(j, h, RIGHT, kept_of(first));
	if (again_ms != WHEN_MAX)
		join_wake(j, h, again_ms);
}

/* ---- a record arrives ---- */

static bool
take_left(struct join *j, const struct rec *r, const struct join_on *on, struct emit *e, struct op_refusal *refusal)
{
	int64_t        below_ms = join_late_below(j, LEFT);
	struct holder *h;

	if (r->ts_ms < below_ms) {
		refusal->kind = OP_REFUSED_LATE;
		refusal->late_ms = when_sub(below_ms, r->ts_ms);
		return false;
	}
	if (on->is_void) {
		join_pad_rec(j, LEFT, r, on, e);
		return true;
	}
	h = join_hold(j, &j->holders, on);
	join_keep(j, h, LEFT, r, on, WHEN_MIN, 0, e);
	join_wake(j, h, when_add(r->ts_ms, 1));
	return true;
}

static void
take_right(struct join *j, const struct rec *r, const struct join_on *on, struct emit *e)
{
	int64_t        below_ms = join_late_below(j, RIGHT);
	bool           deletes = join_is_null(r->payload);
	struct holder *h;

	if (on->is_void)
		return;
	h = join_hold(j, &j->holders, on);
	join_keep(j, h, RIGHT, r, on, r->ts_ms < below_ms ? below_ms : WHEN_MIN, deletes ? KEPT_DELETES : 0, e);
	prune(j, h);
}

static bool
as_of_take(struct join *j, enum join_side side, const struct rec *r, const struct join_on *on, struct emit *e,
           struct op_refusal *refusal)
{
	if (side == LEFT)
		return take_left(j, r, on, e, refusal);
	take_right(j, r, on, e);
	return true;
}

/* ---- the watermark moves on ---- */

/* "Past it" is ts < T, and at the end of input everything. */
static bool
is_past(const struct join *j, int64_t ts_ms)
{
	return ts_ms < j->watermark_ms || j->watermark_ms == WHEN_MAX;
}

static void
answer(struct join *j, const struct join_due *d, struct emit *e)
{
	const struct kept *version = version_at(d->holder, d->ts_ms);
	struct span        text = join_text_of(j, LEFT, d->kept);

	join_result_frame(j, holder_key(d->holder), NULL);
	if (version != NULL && !join_where(j, d->ts_ms, true, join_payload_of(j, LEFT, d->kept), join_text_of(j, RIGHT, version), e))
		version = NULL;
	if (version == NULL) {
		if (join_pads(j, LEFT))
			join_pad_kept(j, LEFT, d->holder, d->kept, e);
		return;
	}
	if (j->conf.kind == JOIN_SEMI) {
		join_pass_kept(j, d->kept, e);
	} else if (j->conf.kind != JOIN_ANTI) {
		join_result_put(j, d->ts_ms, true, text, join_text_of(j, RIGHT, version), e);
	}
}

/* Left records get their answers before versions go. */
static void
as_of_watermark(struct join *j, int64_t before_ms, struct emit *e)
{
	(void)before_ms;
	join_woken(j);
	for (size_t i = 0; i < j->n_woken; i++) {
		struct holder     *h = join_woken_at(j, i);
		struct lane_place  p = { 0, 0 };
		struct lane_item  *item;

		while ((item = lane_next(&h->lanes[LEFT], &p)) != NULL && is_past(j, item->ts_ms))
			join_due_add(j, LEFT, h, kept_of(item));
		if (item != NULL)
			join_wake(j, h, when_add(item->ts_ms, 1));
	}
	join_dues_sort(j);
	for (size_t i = 0; i < j->n_dues; i++) {
		struct join_due *d = &j->dues[i];

		if (e != NULL)
			answer(j, d, e);
		join_expire(j, d->holder, LEFT, d->kept);
	}
	j->n_dues = 0;
	for (size_t i = 0; i < j->n_woken; i++) {
		prune(j, j->woken[i]);
		join_rest(j, j->woken[i]);
	}
}

static void
as_of_loaded(struct join *j, enum join_side side, struct holder *h, struct kept *k)
{
	if (side == LEFT)
		join_wake(j, h, when_add(k->at.ts_ms, 1));
	else
		prune(j, h);
}

const struct join_way join_as_of_way = { as_of_take, as_of_watermark, as_of_loaded };
