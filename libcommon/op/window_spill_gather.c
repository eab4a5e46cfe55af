/* window_spill_gather - the results of a window whose groups have no room in memory */
#include "op/window_ordered.h"
#include "op/window_spill_parts.h"

/* Sums of panes for one window after the other would take as much again. */
static bool
slide_has_no_room(const struct window *w)
{
	return w->is_shared && w->slide.done_ms == INT64_MIN && 2 * window_spill_memory_bytes(w) > w->spill.limit_bytes;
}

bool
window_spill_has(const struct window *w, struct window_at at)
{
	int64_t pane_ms;

	if (w->spill.spill == NULL)
		return false;
	return (window_spill_pane_from(w, at.start_ms, &pane_ms) && pane_ms < at.end_ms) || slide_has_no_room(w);
}

static void
order_groups(struct window *w, struct window_partials *p, struct window_ordered *o)
{
	const size_t label = sizeof("\"acc\":") - 1;
	struct buf   text = { 0 };

	while (window_partials_next(p)) {
		for (size_t i = 0; i < p->n; i++) {
			const struct window_partial *g = &p->groups[i];
			struct span                  accs = g->accs;

			if (g->value != NULL) {
				buf_reset(&text);
				window_save_accs(w, g->value, &text);
				accs = span_of(text.p + label, text.n - label);
			}
			window_ordered_add(o, g->first, g->key, accs);
		}
	}
	buf_release(&text);
}

struct giving {
	struct window *w;
	struct emit   *emit;
	uint64_t       run;              /* one of those it came from; 0: there was none */
};

static bool
give(void *cookie, struct span key, struct span accs)
{
	struct giving *g = cookie;
	struct window *w = g->w;
	char          *one = window_one(w);

	if (!window_partial_load(w, accs, one, &w->one_arena)) {
		spill_say_damaged(w->spill.spill, g->run);
		return false;
	}
	window_result_put(w, key, one, NULL, g->emit);
	return !g->emit->is_cut;
}

void
window_spill_gather(struct window *w, struct window_at at, struct emit *e)
{
	struct window_spill      *s = &w->spill;
	const struct store_space *pane = store_at_or_above(w->store, at.start_ms);
	struct window_partials    p;
	struct window_ordered     o;
	struct giving             giving = { w, e, s->n_runs == 0 ? 0 : s->runs[0].run };

	window_partials_init(&p, w, at.start_ms, at.end_ms - 1, false);
	for (; pane != NULL && pane->id < at.end_ms; pane = store_following(w->store, pane))
		window_partials_add_memory(&p, pane);
	window_spill_add_stretches(s, s->n_runs, &p, at.start_ms, at.end_ms - 1);
	window_ordered_init(&o, s->spill, s->order_bytes, s->piece_bytes, s->most_runs);
	if (window_partials_begin(&p))
		order_groups(w, &p, &o);
	window_partials_release(&p);
	if (!s->spill->failed)
		window_ordered_give(&o, give, &giving);
	window_ordered_release(&o);
}
