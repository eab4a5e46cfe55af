/*
 * window_gather - the results of one window
 *
 * Keys come by their first arrival in the window.  In a single pane that is the order they lie in;
 * several panes are put together by window_slide.
 */
#include "op/window_parts.h"

static void
put_pane(struct window *w, const struct store_space *space, struct emit *e)
{
	struct store_entry entry;
	uint64_t           walk = 0;

	while (store_next(w->store, space, &walk, &entry))
		window_result_put(w, entry.key, window_is_new(w, entry.value) ? entry.value : w->nothing, NULL, e);
}

void
window_gather(struct window *w, struct window_at at, enum window_pane pane, struct emit *e)
{
	const struct store_space *s = store_at_or_above(w->store, at.start_ms), *next;

	window_result_frame(w, (struct window_of){ at.start_ms, at.end_ms, 0, pane });
	if (window_spill_has(w, at)) {
		window_spill_gather(w, at, e);
		return;
	}
	next = store_following(w->store, s);
	if (next == NULL || next->id >= at.end_ms) {
		put_pane(w, s, e);
		return;
	}
	window_slide_to(w, &w->slide, at);
	window_slide_put(w, &w->slide, false, e);
}
