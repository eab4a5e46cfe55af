/*
 * window_ticks - results of windows on a grid at multiples of event time
 *
 * Groups that change are written down, once a tick; when the watermark passes a multiple they alone
 * are looked at, however many are open.
 */
#include "op/window_parts.h"

#include "base/alloc.h"

/* ---- what changed ---- */

static const struct store_space *
pane_of(const struct window *w, int64_t pane_ms)
{
	const struct store_space *pane = store_at_or_above(w->store, pane_ms);

	return pane == NULL || pane->id != pane_ms ? NULL : pane;
}

/* Panes may come and go for long between two multiples. */
static void
forget_gone(struct window *w)
{
	const struct store_space *pane = NULL;
	size_t                    kept = 0;

	for (size_t i = 0; i < w->n_touched; i++) {
		const struct window_touched *t = &w->touched[i];

		if (pane == NULL || pane->id != t->pane_ms)
			pane = pane_of(w, t->pane_ms);
		if (pane != NULL)
			w->touched[kept++] = *t;
	}
	w->n_touched = kept;
}

void
window_touch(struct window *w, int64_t pane_ms, uint64_t number)
{
	if (w->n_touched == w->cap_touched) {
		forget_gone(w);
		if (w->n_touched >= w->cap_touched / 2) {
			w->cap_touched = w->cap_touched == 0 ? 64 : w->cap_touched * 2;
			w->touched = alloc_resized(w->touched, w->cap_touched, sizeof(*w->touched));
		}
	}
	w->touched[w->n_touched++] = (struct window_touched){ pane_ms, number };
}

/* ---- in order ---- */

/* The group; false: it is gone, or is told of as it was before a load. */
static bool
find_touched(const struct window *w, const struct window_touched *t, const struct store_space *pane,
             struct store_entry *entry)
{
	uint64_t at = t->number;

	if (pane == NULL || !store_next(w->store, pane, &at, entry))
		return false;
	return ((const struct window_head *)entry->value)->tick == w->tick;
}

/* By pane, then by first appearance in it: places in w->touched, each group once. */
static void
sort_touched(struct window *w)
{
	struct ranks *order = &w->order;
	size_t        kept = 0;

	order->n = 0;
	for (size_t i = 0; i < w->n_touched; i++)
		ranks_add(order, w->touched[i].number, i);
	ranks_sort(order);
	for (size_t i = 0; i < order->n; i++)
		order->all[i].by = rank_i64(w->touched[order->all[i].what].pane_ms);
	ranks_sort(order);
	for (size_t i = 0; i < order->n; i++) {
		const struct window_touched *t = &w->touched[order->all[i].what];
		const struct window_touched *last = kept == 0 ? NULL : &w->touched[order->all[kept - 1].what];

		if (last == NULL || last->pane_ms != t->pane_ms || last->number != t->number)
			order->all[kept++] = order->all[i];
	}
	order->n = kept;
}

static const struct window_touched *
touched_at(const struct window *w, size_t i)
{
	return i < w->order.n ? &w->touched[w->order.all[i].what] : NULL;
}

/* ---- results ---- */

/* A window is a pane. */
static void
fire_panes(struct window *w, struct emit *e)
{
	const struct store_space    *pane = NULL;
	const struct window_touched *t;
	struct window_at             at = { 0 };
	struct store_entry           entry;

	for (size_t i = 0; (t = touched_at(w, i)) != NULL; i++) {
		if (i == 0 || t->pane_ms != touched_at(w, i - 1)->pane_ms) {
			pane = pane_of(w, t->pane_ms);
			at = window_first_after(&w->shape, t->pane_ms);
			window_result_frame(w, (struct window_of){ at.start_ms, at.end_ms, 0, PANE_EARLY });
		}
		if (at.end_ms > w->watermark_ms && find_touched(w, t, pane, &entry))
			window_result_put(w, entry.key, entry.value, NULL, e);
	}
}

/* Of the keys that changed anywhere; which of them did in a window, their sums tell. */
static void
know_touched(struct window *w)
{
	const struct store_space    *pane = NULL;
	const struct window_touched *t;
	struct store_entry           entry;

	window_slide_begin(w, &w->aside);
	for (size_t i = 0; (t = touched_at(w, i)) != NULL; i++) {
		if (pane == NULL || pane->id != t->pane_ms)
			pane = pane_of(w, t->pane_ms);
		if (find_touched(w, t, pane, &entry))
			window_slide_know(w, &w->aside, entry.key);
	}
}

static void
fire_windows(struct window *w, struct emit *e)
{
	struct window_at             at = window_first_after(&w->shape, w->watermark_ms);
	const struct window_touched *t;

	know_touched(w);
	for (size_t i = 0; (t = touched_at(w, i)) != NULL; ) {
		if (t->pane_ms < at.start_ms) {
			i++;
		} else if (t->pane_ms >= at.end_ms) {
			at = window_first_after(&w->shape, t->pane_ms);
		} else {
			window_result_frame(w, (struct window_of){ at.start_ms, at.end_ms, 0, PANE_EARLY });
			window_slide_to(w, &w->aside, at);
			window_slide_put(w, &w->aside, true, e);
			at = window_following(&w->shape, at);
		}
	}
	window_slide_forget(&w->aside);
}

void
window_fire_tick(struct window *w, struct emit *e)
{
	sort_touched(w);
	if (w->is_shared)
		fire_windows(w, e);
	else
		fire_panes(w, e);
	w->n_touched = 0;
	w->tick++;
}
