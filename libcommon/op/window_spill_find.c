/* window_spill_find - one key of a window that has closed */
#include <stdlib.h>

#include "base/alloc.h"
#include "op/window_spill_parts.h"

enum {
	PLACE_BYTES = 4096,              /* from place to place, about */
	LOOK_BYTES = 2 * PLACE_BYTES
};

static void
note_place(struct window_run *r, uint64_t at_bytes, uint64_t hash)
{
	if (r->n_places == r->cap_places) {
		r->cap_places = r->cap_places == 0 ? 64 : r->cap_places * 2;
		r->places = alloc_resized(r->places, r->cap_places, sizeof(*r->places));
	}
	r->places[r->n_places++] = (struct window_spilled_place){ at_bytes, hash };
}

/* Of the stretch from FROM to TO. */
static bool
note_places(struct window_spill *s, struct window_run *r, uint64_t from, uint64_t to)
{
	struct run_reader     reader;
	struct window_partial p;
	uint64_t              at = from, noted = from;
	size_t                bytes;

	run_reader_init(&reader, s->spill, r->run, from, to, s->piece_bytes);
	while (window_partial_look(&reader, &p, &bytes)) {
		if (at == from || at - noted >= PLACE_BYTES) {
			note_place(r, at, p.hash);
			noted = at;
		}
		run_reader_pass(&reader, bytes);
		at += bytes;
	}
	run_reader_release(&reader);
	return !s->spill->failed;
}

static bool
know_places(struct window_spill *s, struct window_run *r)
{
	for (size_t i = r->first; r->n_places == 0 && i < r->n_panes; i++)
		if ((i == r->first || r->panes[i].at_bytes != r->panes[i - 1].at_bytes) &&
		    !note_places(s, r, r->panes[i].at_bytes, r->panes[i].at_bytes + r->panes[i].length_bytes))
			return false;
	return true;
}

/* Where to begin to look for HASH: the last place of the stretch before it, or the stretch's begin. */
static uint64_t
place_before(const struct window_run *r, const struct window_spilled_pane *stretch, uint64_t hash)
{
	uint64_t end = stretch->at_bytes + stretch->length_bytes;
	size_t   low = 0, high = r->n_places;

	while (low < high) {
		size_t                             mid = low + (high - low) / 2;
		const struct window_spilled_place *p = &r->places[mid];

		if (p->at_bytes <= stretch->at_bytes || (p->at_bytes < end && p->hash < hash))
			low = mid + 1;
		else
			high = mid;
	}
	return low == 0 || r->places[low - 1].at_bytes < stretch->at_bytes ? stretch->at_bytes : r->places[low - 1].at_bytes;
}

/* The partial sum is one of the key's. */
static bool
add_partial(struct window *w, const struct window_partial *p)
{
	struct window_spill *s = &w->spill;
	char                *value = arena_alloc(&s->whole_arena, w->value_bytes);

	memset(value, 0, w->value_bytes);
	if (!window_partial_load(w, p->accs, value, &s->whole_arena))
		return false;
	window_merge(w, s->whole, value, &s->whole_arena);
	return true;
}

static bool
add_run(struct window *w, struct window_run *r, struct window_at at, struct span key)
{
	struct window_spill              *s = &w->spill;
	size_t                            i = window_run_pane_from(r, at.start_ms);
	const struct window_spilled_pane *stretch = &r->panes[i];
	uint64_t                          hash = window_hash(key);
	struct run_reader                 reader;
	struct window_partial             p;
	size_t                            bytes;

	if (i == r->n_panes || stretch->pane_ms >= at.end_ms)
		return true;
	if (!know_places(s, r))
		return false;
	run_reader_init(&reader, s->spill, r->run, place_before(r, stretch, hash), stretch->at_bytes + stretch->length_bytes, LOOK_BYTES);
	for (; window_partial_look(&reader, &p, &bytes) && p.hash <= hash; run_reader_pass(&reader, bytes)) {
		bool is_it = p.hash == hash && p.pane_ms >= at.start_ms && p.pane_ms < at.end_ms && span_eq(p.key, key);

		if (is_it && !add_partial(w, &p)) {
			spill_say_damaged(s->spill, r->run);
			break;
		}
	}
	run_reader_release(&reader);
	return !s->spill->failed;
}

const char *
window_spill_whole(struct window *w, struct window_at at, struct span key, const char *value)
{
	struct window_spill *s = &w->spill;

	if (s->n_runs == 0 || !window_spill_open(w))
		return value;
	if (s->whole == NULL)
		s->whole = alloc_zeroed(1, w->value_bytes + 16);
	memset(s->whole, 0, w->value_bytes);
	arena_reset(&s->whole_arena);
	window_merge(w, s->whole, value, &s->whole_arena);
	for (size_t i = 0; i < s->n_runs; i++)
		if (!add_run(w, &s->runs[i], at, key))
			return value;
	return s->whole;
}
