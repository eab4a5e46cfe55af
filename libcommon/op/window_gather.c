/*
 * window_gather - the results of one window, put together from its panes
 *
 * Keys come by their first arrival in the window.  In a single pane that is the order they lie in;
 * of several panes they are merged in a table of their own and brought into that order.
 */
#include "op/window_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "state/table.h"

/* Has the value something that belongs to a result given now? */
static bool
is_new(const struct window *w, const char *value)
{
	const struct window_head *head = (const struct window_head *)(const void *)value;

	return w->head_bytes == 0 || !w->conf.discarding || w->conf.emit != WINDOW_EVERY || head->tick == w->tick;
}

static bool
has_changed(const struct window *w, const char *value)
{
	return ((const struct window_head *)(const void *)value)->tick == w->tick;
}

/* ---- one pane ---- */

static void
put_pane(struct window *w, const struct store_space *space, bool changed_only, struct emit *e)
{
	struct store_entry entry;
	uint64_t           walk = 0;

	while (store_next(w->store, space, &walk, &entry)) {
		if (changed_only && !has_changed(w, entry.value))
			continue;
		window_result_put(w, entry.key, is_new(w, entry.value) ? entry.value : w->nothing, NULL, e);
	}
}

/* ---- several ---- */

static void
merge_entry(struct window *w, struct store_space *to, const struct store_entry *entry,
            const struct store_probe *probe)
{
	const struct window_head *from = entry->value;
	char                     *value = store_put(w->gathered, to, entry->key, probe);
	struct window_head       *head = (struct window_head *)(void *)value;

	if (head->first == 0 || from->first < head->first)
		head->first = from->first;
	if (from->tick > head->tick)
		head->tick = from->tick;
	if (is_new(w, entry->value))
		window_merge(w, value, entry->value, &to->arena);
}

static void
merge_pane(struct window *w, struct store_space *to, const struct store_space *pane)
{
	struct store_entry entries[STORE_BATCH];
	struct span        keys[STORE_BATCH];
	struct store_probe probes[STORE_BATCH];
	uint64_t           walk = 0;
	size_t             n;

	do {
		for (n = 0; n < STORE_BATCH && store_next(w->store, pane, &walk, &entries[n]); n++)
			keys[n] = entries[n].key;
		store_prepare(w->gathered, to, keys, n, probes);
		for (size_t i = 0; i < n; i++)
			merge_entry(w, to, &entries[i], &probes[i]);
	} while (n == STORE_BATCH);
}

static int
by_first(const void *a, const void *b)
{
	const struct store_entry *x = a, *y = b;
	uint64_t                  first_x = ((const struct window_head *)x->value)->first;
	uint64_t                  first_y = ((const struct window_head *)y->value)->first;

	return (first_x > first_y) - (first_x < first_y);
}

static void
put_merged(struct window *w, const struct store_space *space, bool changed_only, struct emit *e)
{
	struct store_entry *all = alloc_zeroed(space->n_entries, sizeof(*all));
	size_t              n = 0;
	uint64_t            walk = 0;
	bool                in_order = true;

	while (store_next(w->gathered, space, &walk, &all[n])) {
		in_order = in_order && (n == 0 || by_first(&all[n - 1], &all[n]) < 0);
		n++;
	}
	if (!in_order)
		qsort(all, n, sizeof(*all), by_first);
	for (size_t i = 0; i < n; i++)
		if (!changed_only || has_changed(w, all[i].value))
			window_result_put(w, all[i].key, all[i].value, NULL, e);
	free(all);
}

void
window_gather(struct window *w, struct window_at at, enum window_pane pane, bool changed_only, struct emit *e)
{
	const struct store_space *s = store_at_or_above(w->store, at.start_ms), *next;
	struct store_space       *to;

	window_result_frame(w, (struct window_of){ at.start_ms, at.end_ms, 0, pane });
	next = store_following(w->store, s);
	if (next == NULL || next->id >= at.end_ms) {
		put_pane(w, s, changed_only, e);
		return;
	}
	if (w->gathered == NULL)
		w->gathered = table_new(w->store->value_bytes, w->store->hash_seed);
	to = store_space(w->gathered, 0);
	for (; s != NULL && s->id < at.end_ms; s = store_following(w->store, s))
		merge_pane(w, to, s);
	put_merged(w, to, changed_only, e);
	store_drop(w->gathered, to);
}

const char *
window_gather_one(struct window *w, struct window_at at, struct span key)
{
	const struct store_space *s = store_at_or_above(w->store, at.start_ms);
	char                     *one = window_one(w);

	for (; s != NULL && s->id < at.end_ms; s = store_following(w->store, s)) {
		const char *value = store_get(w->store, s, key);

		if (value != NULL)
			window_merge(w, one, value, &w->one_arena);
	}
	return one;
}
