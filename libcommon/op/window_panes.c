/*
 * window_panes - windows on a grid: tumbling, sliding, cumulative
 *
 * A space of the store is a pane, the stretch between two bounds of windows, named by its start; its
 * entries are the groups.  A tumbling window is its own pane; others are put together when they
 * fire.  When a window fires and when a pane goes is read off the grid and the watermark: nothing
 * else is kept, and a watermark that jumps over a million empty windows meets none of them.
 */
#include "op/window_parts.h"

enum { GROUP_GROWTH = 8 };       /* keys looked ahead at: 1, 8, 64; a refused record wastes little */

/* ---- which pane ---- */

void
window_panes_forget(struct window *w)
{
	for (size_t i = 0; i < WINDOW_PLACES; i++)
		w->recent[i] = (struct window_place){ INT64_MAX, INT64_MIN, INT64_MIN, INT64_MIN, NULL };
}

static void
be_due(struct window *w, int64_t ms)
{
	if (ms < w->due_ms)
		w->due_ms = ms;
}

static bool
refuse_outside(struct op_refusal *r)
{
	*r = (struct op_refusal){ .kind = OP_REFUSED_OUTSIDE };
	return false;
}

static bool
find_new_place(struct window *w, int64_t ts_ms, struct window_place *found, struct op_refusal *r)
{
	int64_t last_end_ms;

	if (!window_pane_at(&w->shape, ts_ms, &found->start_ms, &found->end_ms))
		return refuse_outside(r);
	last_end_ms = found->first_end_ms = found->end_ms;
	if (w->is_shared) {
		last_end_ms = window_last_holding(&w->shape, ts_ms).end_ms;
		found->first_end_ms = window_first_after(&w->shape, ts_ms).end_ms;
	}
	found->gone_ms = when_add(last_end_ms, w->conf.allowed_lateness_ms);
	if (found->gone_ms <= w->watermark_ms)
		return window_refuse_late(r, when_sub(w->watermark_ms, last_end_ms));
	found->space = store_space(w->store, found->start_ms);
	if (found->first_end_ms > w->watermark_ms)
		be_due(w, found->first_end_ms);
	else
		be_due(w, w->is_shared ? WHEN_MIN : found->gone_ms);
	return true;
}

static __attribute__((noinline)) bool
find_other_place(struct window *w, int64_t ts_ms, struct op_refusal *r)
{
	struct window_place found = w->recent[1];

	if ((ts_ms < found.start_ms || ts_ms >= found.end_ms) && !find_new_place(w, ts_ms, &found, r))
		return false;
	w->recent[1] = w->recent[0];
	w->recent[0] = found;
	return true;
}

/* The pane that holds TS is in recent[0], made if need be.  False: none, or all of its windows are gone. */
static inline bool
find_place(struct window *w, int64_t ts_ms, struct op_refusal *r)
{
	const struct window_place *last = &w->recent[0];

	if (__builtin_expect(ts_ms >= last->start_ms && ts_ms < last->end_ms, 1))
		return true;
	return find_other_place(w, ts_ms, r);
}

/* ---- taking a record ---- */

/* The record alone; what it brings is new whatever else the window had. */
static const char *
record_alone(struct window *w)
{
	char *one = window_one(w);

	window_add(w, one, &w->one_arena);
	return one;
}

static void
know_alone(struct window *w, struct span key)
{
	window_slide_begin(w, &w->aside);
	window_slide_know(w, &w->aside, key);
}

/* The record is in its pane: the windows that hold it and speak at once. */
static __attribute__((noinline)) void
tell_windows(struct window *w, int64_t ts_ms, struct span key, const char *value, struct emit *e)
{
	struct window_at at = window_first_after(&w->shape, ts_ms);

	if (w->conf.discarding)
		value = record_alone(w);
	else if (w->is_shared)
		know_alone(w, key);
	for (; at.start_ms <= ts_ms; at = window_following(&w->shape, at)) {
		bool is_late = at.end_ms <= w->watermark_ms;

		if (!is_late && w->conf.emit != WINDOW_UPDATES)
			return;
		if (is_late && when_add(at.end_ms, w->conf.allowed_lateness_ms) <= w->watermark_ms)
			continue;
		if (w->is_shared && !w->conf.discarding) {
			window_slide_to(w, &w->aside, at);
			value = window_slide_one(w, &w->aside);
		}
		window_result_frame(w, (struct window_of){ at.start_ms, at.end_ms, 0, is_late ? PANE_LATE : PANE_EARLY });
		window_result_put(w, key, w->conf.discarding ? value : window_spill_whole(w, at, key, value), NULL, e);
	}
}

/* In front of the accumulators: when the key came here first, and in which tick it changed last. */
static void
note_head(struct window *w, const struct store_space *space, char *value)
{
	struct window_head       *head = (struct window_head *)(void *)value;
	struct window_every_head *every = (struct window_every_head *)(void *)value;

	if (head->first == 0) {
		head->first = w->n_arrived;
		if (w->conf.emit == WINDOW_EVERY)
			every->number = space->n_entries - 1;
	}
	if (head->tick == w->tick)
		return;
	if (w->conf.emit == WINDOW_EVERY)
		window_touch(w, space->id, every->number);
	if (w->conf.discarding && w->conf.emit == WINDOW_EVERY)
		window_empty(w, value);
	head->tick = w->tick;
}

static inline bool
take(struct window *w, const struct rec *rec, const struct store_probe *probe, struct emit *e,
     struct op_refusal *r)
{
	struct span          key = w->conf.global_key ? SPAN_NONE : rec->key;
	struct window_place *place = &w->recent[0];
	char                *value;

	if (!window_check(w, rec, r) || !find_place(w, rec->ts_ms, r))
		return false;
	value = store_put(w->store, place->space, key, probe);
	w->at = (struct agg_at){ rec->ts_ms, w->n_arrived++ };
	if (w->head_bytes > 0)
		note_head(w, place->space, value);
	if (w->keeps)
		window_add(w, value, &place->space->arena);
	if (__builtin_expect(place->start_ms < w->slide.done_ms, 0))
		window_slide_add(w, &w->slide, place->start_ms, key);
	if (w->conf.emit == WINDOW_EVERY)
		be_due(w, window_next_tick(w));
	if (__builtin_expect(place->first_end_ms <= w->watermark_ms || w->conf.emit == WINDOW_UPDATES, 0))
		tell_windows(w, rec->ts_ms, key, value, e);
	return true;
}

/* A record takes about its own bytes, where it does not take those of a group. */
static void
count_fed(struct window *w, const struct rec *recs, size_t n)
{
	uint64_t bytes = n * w->store->value_bytes;

	for (size_t i = 0; i < n; i++)
		bytes += recs[i].line.n;
	w->spill.fed_bytes += bytes;
	if (__builtin_expect(w->spill.fed_bytes > w->spill.patience_bytes, 0))
		window_spill_look(w);
}

size_t
window_panes_feed(struct op *op, unsigned input, const struct rec *recs, size_t n, struct emit *e, struct op_refusal *r)
{
	struct window     *w = (struct window *)op;
	struct span        keys[STORE_BATCH];
	struct store_probe probes[STORE_BATCH];
	size_t             taken = 0, group = 1;

	(void)input;
	while (taken < n) {
		size_t here = n - taken < group ? n - taken : group;

		if (!w->conf.global_key) {
			for (size_t i = 0; i < here; i++)
				keys[i] = recs[taken + i].key;
			store_prepare(w->store, w->recent[0].space, keys, here, probes);
		}
		for (size_t i = 0; i < here; i++, taken++) {
			if (!take(w, &recs[taken], &probes[i], e, r))
				return taken;
		}
		if (w->spill.spill != NULL)
			count_fed(w, recs + taken - here, here);
		group = group * GROUP_GROWTH < STORE_BATCH ? group * GROUP_GROWTH : STORE_BATCH;
	}
	return n;
}

/* ---- time goes on ---- */

/* The first pane at or behind AT, wherever it is.  False: there is none. */
static bool
pane_from(const struct window *w, int64_t at_ms, int64_t *pane_ms)
{
	const struct store_space *s = store_at_or_above(w->store, at_ms);
	bool                      spilled = w->spill.n_runs > 0 && window_spill_pane_from(w, at_ms, pane_ms);

	if (s == NULL)
		return spilled;
	if (!spilled || s->id < *pane_ms)
		*pane_ms = s->id;
	return true;
}

/*
 * The first window with something in it, from AT on.  Empty ones are jumped over, however many
 * there are.  False: there is none.
 */
static bool
find_filled(const struct window *w, struct window_at *at)
{
	int64_t pane_ms;

	while (pane_from(w, at->start_ms, &pane_ms)) {
		if (pane_ms < at->end_ms)
			return true;
		*at = window_first_after(&w->shape, pane_ms);
	}
	return false;
}

/* Fire what ends in (before, now]. */
static void
fire_due(struct window *w, int64_t before_ms, struct emit *e)
{
	struct window_at at = window_first_after(&w->shape, before_ms);

	for (; find_filled(w, &at); at = window_following(&w->shape, at)) {
		if (at.end_ms > w->watermark_ms) {
			be_due(w, at.end_ms);
			return;
		}
		window_gather(w, at, w->final_pane, e);
	}
}

int64_t
window_gone_ms(const struct window *w, int64_t pane_ms)
{
	return when_add(window_last_holding(&w->shape, pane_ms).end_ms, w->conf.allowed_lateness_ms);
}

static void
drop_gone(struct window *w)
{
	struct store_space *s;

	if (w->spill.n_runs > 0)
		be_due(w, window_spill_drop_gone(w));
	while ((s = store_at_or_above(w->store, INT64_MIN)) != NULL) {
		int64_t gone_ms = window_gone_ms(w, s->id);

		if (gone_ms > w->watermark_ms) {
			be_due(w, gone_ms);
			return;
		}
		store_drop(w->store, s);
	}
}

void
window_panes_watermark(struct op *op, int64_t ts_ms, struct emit *e)
{
	struct window *w = (struct window *)op;
	int64_t        before_ms = w->watermark_ms;

	if (ts_ms <= before_ms)
		return;
	w->watermark_ms = ts_ms;
	if (ts_ms < w->due_ms)
		return;
	if (!window_spill_open(w))
		return;
	w->due_ms = INT64_MAX;
	window_panes_forget(w);
	fire_due(w, before_ms, e);
	if (w->conf.discarding && w->conf.emit == WINDOW_EVERY)
		window_slide_forget(&w->slide);  /* what is new now will not be so later */
	if (window_ticks(w, before_ms)) {
		window_fire_tick(w, e);
	} else if (w->conf.emit == WINDOW_EVERY) {
		be_due(w, window_next_tick(w));
	}
	drop_gone(w);
}
