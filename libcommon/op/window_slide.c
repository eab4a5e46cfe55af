/* window_slide - sums of panes for windows that follow one another */
#include "op/window_slide.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "op/window_parts.h"
#include "state/table.h"

enum {
	SPARE_BYTES = 8 << 20,           /* the older part may take as much as the state, and so much */
	PLAIN_TIMES = 64,                /* if it would take more, try again after so many windows */
	AHEAD = 8                        /* slots, so that their sums are near when it is their turn */
};

/* A key's sum of a pane and the younger ones of the older part. */
struct slide_node {
	struct slide_node *next;         /* of the next pane that has the key */
	int64_t            pane_ms;
	_Alignas(16) char  value[];
};

struct slide_slot {
	struct slide_node *front;
	_Alignas(16) char  value[];      /* the sum of the younger part; its head's first is 0: none */
};

static const struct window_head *
head_of(const char *value)
{
	return (const struct window_head *)(const void *)value;
}

/* ---- sums ---- */

static void
note(char *value, const struct window_head *from)
{
	struct window_head *head = (struct window_head *)(void *)value;

	if (head->first == 0 || from->first < head->first)
		head->first = from->first;
	if (from->tick > head->tick)
		head->tick = from->tick;
}

static void
add_sum(const struct window *w, char *value, const char *from, struct arena *arena)
{
	note(value, head_of(from));
	window_merge(w, value, from, arena);
}

/* What was given out already is no part of a sum, but the key is. */
static void
add_entry(const struct window *w, char *value, const char *from, struct arena *arena)
{
	note(value, head_of(from));
	if (window_is_new(w, from))
		window_merge(w, value, from, arena);
}

static struct slide_node *
new_node(const struct window *w, struct window_slide *s, struct slide_node *next, int64_t pane_ms)
{
	struct slide_node *n = arena_alloc(&s->front, sizeof(*n) + w->value_bytes);

	n->next = next;
	n->pane_ms = pane_ms;
	memset(n->value, 0, w->value_bytes);
	return n;
}

static void
add_to_slot(const struct window *w, struct window_slide *s, struct slide_slot *slot, int64_t pane_ms,
            const char *from, bool to_front)
{
	struct slide_node *n;

	if (!to_front) {
		add_entry(w, slot->value, from, &s->back);
		return;
	}
	n = new_node(w, s, slot->front, pane_ms);
	add_entry(w, n->value, from, &s->front);
	if (slot->front != NULL)
		add_sum(w, n->value, slot->front->value, &s->front);
	slot->front = n;
}

/* ---- slots ---- */

static struct slide_slot *
slot_of(struct window_slide *s, struct span key, const struct store_probe *probe)
{
	uint64_t           number = s->space->n_entries;
	struct slide_slot *slot = store_put(s->slots, s->space, key, probe);
	struct store_entry e = { 0 };

	if (s->space->n_entries == number)
		return slot;
	if (s->n_keys == s->cap_keys) {
		s->cap_keys = s->cap_keys == 0 ? 64 : s->cap_keys * 2;
		s->keys = alloc_resized(s->keys, s->cap_keys, sizeof(*s->keys));
	}
	store_next(s->slots, s->space, &number, &e);
	s->keys[s->n_keys++] = (struct slide_key){ e.key, slot };
	return slot;
}

/* ---- panes ---- */

/* Of the keys that are known, what the pane has. */
static void
add_known(const struct window *w, struct window_slide *s, const struct store_space *pane, bool to_front)
{
	for (size_t i = 0; i < s->n_keys; i++) {
		const char *from = store_get(w->store, pane, s->keys[i].key);

		if (from != NULL)
			add_to_slot(w, s, s->keys[i].slot, pane->id, from, to_front);
	}
}

static void
add_pane(const struct window *w, struct window_slide *s, const struct store_space *pane, bool to_front)
{
	struct store_entry entries[STORE_BATCH];
	struct span        keys[STORE_BATCH];
	struct store_probe probes[STORE_BATCH];
	uint64_t           walk = 0;
	size_t             n;

	if (s->only_known) {
		add_known(w, s, pane, to_front);
		return;
	}
	do {
		for (n = 0; n < STORE_BATCH && store_next(w->store, pane, &walk, &entries[n]); n++)
			keys[n] = entries[n].key;
		store_prepare(s->slots, s->space, keys, n, probes);
		for (size_t i = 0; i < n; i++)
			add_to_slot(w, s, slot_of(s, keys[i], &probes[i]), pane->id, entries[i].value, to_front);
	} while (n == STORE_BATCH);
}

static void
add_younger(const struct window *w, struct window_slide *s, int64_t from_ms, int64_t to_ms)
{
	const struct store_space *pane = store_at_or_above(w->store, from_ms);

	for (; pane != NULL && pane->id < to_ms; pane = store_following(w->store, pane))
		add_pane(w, s, pane, false);
}

/* From the youngest on.  False: it takes too much. */
static bool
add_older(const struct window *w, struct window_slide *s, int64_t from_ms, int64_t to_ms)
{
	const struct store_space *pane = store_at_or_below(w->store, to_ms - 1);
	uint64_t                  most_bytes = SPARE_BYTES;

	while (pane != NULL && pane->id >= from_ms) {
		add_pane(w, s, pane, true);
		if (s->front.total > most_bytes && most_bytes == SPARE_BYTES)
			most_bytes += store_bytes(w->store);
		if (s->front.total > most_bytes)
			return false;
		pane = pane->id == INT64_MIN ? NULL : store_at_or_below(w->store, pane->id - 1);
	}
	return true;
}

/* ---- from window to window ---- */

static void
clear_known(const struct window *w, struct window_slide *s)
{
	for (size_t i = 0; i < s->n_keys; i++)
		memset(s->keys[i].slot, 0, sizeof(struct slide_slot) + w->value_bytes);
}

static void
drop_all(struct window_slide *s)
{
	if (s->space != NULL)
		store_drop(s->slots, s->space);
	s->space = NULL;
	s->n_keys = 0;
	s->done_ms = INT64_MIN;
}

static void
open_space(struct window *w, struct window_slide *s)
{
	if (s->slots == NULL)
		s->slots = table_new(sizeof(struct slide_slot) + w->value_bytes, w->store->hash_seed);
	s->space = store_space(s->slots, 0);
}

static void
clear(struct window *w, struct window_slide *s)
{
	arena_reset(&s->front);
	arena_reset(&s->back);
	if (s->only_known) {
		clear_known(w, s);
		return;
	}
	drop_all(s);
	open_space(w, s);
}

/* All panes of the window, in the older part if that is of use. */
static void
begin_at(struct window *w, struct window_slide *s, struct window_at at)
{
	bool in_front = w->conf.kind != WINDOW_CUMULATIVE && s->n_plain == 0;

	clear(w, s);
	s->n_plain -= s->n_plain > 0;
	if (in_front && !add_older(w, s, at.start_ms, at.end_ms)) {
		clear(w, s);
		s->n_plain = PLAIN_TIMES;
		in_front = false;
	}
	s->back_ms = in_front ? at.end_ms : at.start_ms;
	if (!in_front)
		add_younger(w, s, at.start_ms, at.end_ms);
}

void
window_slide_begin(struct window *w, struct window_slide *s)
{
	drop_all(s);
	open_space(w, s);
	s->only_known = true;
}

void
window_slide_know(struct window *w, struct window_slide *s, struct span key)
{
	struct store_probe probe;

	(void)w;
	store_prepare(s->slots, s->space, &key, 1, &probe);
	slot_of(s, key, &probe);
}

void
window_slide_to(struct window *w, struct window_slide *s, struct window_at at)
{
	if (s->done_ms == INT64_MIN || at.start_ms > s->back_ms || at.start_ms < s->start_ms || at.end_ms < s->done_ms)
		begin_at(w, s, at);
	else
		add_younger(w, s, s->done_ms, at.end_ms);
	s->start_ms = at.start_ms;
	s->done_ms = at.end_ms;
}

void
window_slide_forget(struct window_slide *s)
{
	drop_all(s);
	arena_release(&s->front);
	arena_release(&s->back);
}

/* ---- what a window has ---- */

/* The sum that begins with the first pane of the window. */
static inline const struct slide_node *
front_of(const struct window_slide *s, struct slide_slot *slot)
{
	while (slot->front != NULL && slot->front->pane_ms < s->start_ms)
		slot->front = slot->front->next;
	return slot->front;
}

static const char *
value_of(struct window *w, const struct window_slide *s, struct slide_slot *slot)
{
	const struct slide_node *front = front_of(s, slot);
	bool                     has_back = head_of(slot->value)->first != 0;
	char                    *one;

	if (front != NULL && !has_back)
		return front->value;
	if (front == NULL && has_back)
		return slot->value;
	one = window_one(w);
	if (front != NULL) {
		add_sum(w, one, front->value, &w->one_arena);
		add_sum(w, one, slot->value, &w->one_arena);
	}
	return one;
}

const char *
window_slide_one(struct window *w, struct window_slide *s)
{
	return value_of(w, s, s->keys[0].slot);
}

static void
put_in_order(struct window_slide *s, uint64_t tick)
{
	s->order.n = 0;
	for (size_t i = 0; i < s->n_keys; i++) {
		struct slide_slot        *slot = s->keys[i].slot;
		const struct slide_node  *front = front_of(s, slot);
		const struct window_head *back = head_of(slot->value);
		uint64_t                  first = back->first;

		if (i + AHEAD < s->n_keys)
			__builtin_prefetch(s->keys[i + AHEAD].slot->front);
		if (front != NULL && (first == 0 || head_of(front->value)->first < first))
			first = head_of(front->value)->first;
		if (first == 0 || (tick != 0 && back->tick != tick && (front == NULL || head_of(front->value)->tick != tick)))
			continue;
		ranks_add(&s->order, first, i);
	}
	ranks_sort(&s->order);
}

void
window_slide_put(struct window *w, struct window_slide *s, bool changed_only, struct emit *out)
{
	put_in_order(s, changed_only ? w->tick : 0);
	for (size_t i = 0; i < s->order.n; i++) {
		const struct slide_key *k = &s->keys[s->order.all[i].what];

		if (i + AHEAD < s->order.n)
			__builtin_prefetch(s->keys[s->order.all[i + AHEAD].what].slot->front);
		window_result_put(w, k->key, value_of(w, s, k->slot), NULL, out);
	}
}

/* ---- a record for a pane that is in ---- */

static void
add_record(const struct window *w, char *value, struct arena *arena)
{
	struct window_head now = { w->n_arrived, w->tick };

	note(value, &now);
	if (w->keeps)
		window_add(w, value, arena);
}

void
window_slide_add(struct window *w, struct window_slide *s, int64_t pane_ms, struct span key)
{
	struct store_probe  probe;
	struct slide_slot  *slot;
	struct slide_node **at, *next;

	if (pane_ms < s->start_ms)       /* no window to come holds it */
		return;
	store_prepare(s->slots, s->space, &key, 1, &probe);
	slot = slot_of(s, key, &probe);
	if (pane_ms >= s->back_ms) {
		add_record(w, slot->value, &s->back);
		return;
	}
	front_of(s, slot);
	for (at = &slot->front; *at != NULL && (*at)->pane_ms < pane_ms; at = &(*at)->next)
		add_record(w, (*at)->value, &s->front);
	if (*at == NULL || (*at)->pane_ms != pane_ms) {
		next = *at;
		*at = new_node(w, s, next, pane_ms);
		if (next != NULL)
			add_sum(w, (*at)->value, next->value, &s->front);
	}
	add_record(w, (*at)->value, &s->front);
}

/* ---- the end ---- */

uint64_t
window_slide_bytes(const struct window_slide *s)
{
	return (s->slots == NULL ? 0 : store_bytes(s->slots)) + s->front.total + s->back.total +
	       s->cap_keys * sizeof(*s->keys) + ranks_bytes(&s->order);
}

void
window_slide_release(struct window_slide *s)
{
	store_free(s->slots);
	arena_release(&s->front);
	arena_release(&s->back);
	ranks_release(&s->order);
	free(s->keys);
}
