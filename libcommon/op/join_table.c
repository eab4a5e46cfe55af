/* join_table - the right side as it stands now: the last record of each key, or the rows of a table */
#include "op/join_parts.h"

/* ---- a left record: what it finds it takes at once ---- */

static void
take_left(struct join *j, const struct rec *r, const struct join_on *on, struct emit *e)
{
	struct holder     *h = on->is_void ? NULL : join_find(&j->holders, on);
	struct lane_place  p = { 0, 0 };
	struct lane_item  *item;
	bool               is_matched = false;

	if (h != NULL)
		join_result_frame(j, on->key, NULL);
	while (h != NULL && (item = lane_next(&h->lanes[RIGHT], &p)) != NULL) {
		struct span right = join_text_of(j, RIGHT, kept_of(item));

		if (!join_where(j, r->ts_ms, r->has_ts, r->payload, right, e))
			continue;
		is_matched = true;
		if (join_passes(j))
			break;
		join_result_put(j, r->ts_ms, r->has_ts, r->payload, right, e);
	}
	if (!is_matched)
		join_pad_rec(j, LEFT, r, on, e);
	else if (j->conf.kind == JOIN_SEMI)
		join_pass_rec(r, e);
}

static void
drop_all(struct join *j, struct holder *h)
{
	struct lane_item *item;

	while ((item = lane_first(&h->lanes[RIGHT])) != NULL)
		join_drop(j, h, RIGHT, kept_of(item));
}

/* ---- latest ---- */

static bool
latest_take(struct join *j, enum join_side side, const struct rec *r, const struct join_on *on, struct emit *e,
            struct op_refusal *refusal)
{
	struct holder *h;

	(void)refusal;
	if (side == LEFT) {
		take_left(j, r, on, e);
	} else if (!on->is_void) {
		h = join_hold(j, &j->holders, on);
		drop_all(j, h);
		if (!join_is_null(r->payload))
			join_keep(j, h, RIGHT, r, on, WHEN_MIN, 0, e);
		join_let_go(j, &j->holders, h);
	}
	return true;
}

/* ---- table ---- */

static bool
table_take(struct join *j, enum join_side side, const struct rec *r, const struct join_on *on, struct emit *e,
           struct op_refusal *refusal)
{
	struct holder *h;

	(void)refusal;
	if (side == LEFT) {
		take_left(j, r, on, e);
		return true;
	}
	assert(j->is_reading_table);
	if (on->is_void)
		return true;
	h = join_hold(j, &j->next_table, on);
	if (join_is_null(r->payload)) {
		drop_all(j, h);
	} else {
		/* One time for all: rows stay in the order of the file. */
		join_keep_text(j, h, RIGHT, 0, j->n_rows++, 0, WHEN_MIN, j->keeps_text[RIGHT] ? r->payload : SPAN_NONE);
	}
	join_let_go(j, &j->next_table, h);
	return true;
}

/* Time has no say here. */
static void
no_watermark(struct join *j, int64_t before_ms, struct emit *e)
{
	(void)j;
	(void)before_ms;
	(void)e;
}

static void
nothing_loaded(struct join *j, enum join_side side, struct holder *h, struct kept *k)
{
	(void)j;
	(void)side;
	(void)h;
	(void)k;
}

const struct join_way join_latest_way = { latest_take, no_watermark, nothing_loaded };
const struct join_way join_table_way = { table_take, no_watermark, nothing_loaded };
