/* window_spill - windows on a grid whose groups have no room in memory: the runs there are, and when there is another */
#include "op/window_spill.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "op/window_spill_parts.h"

enum {
	RUN_MEMORY_BYTES = 64 * 1024,    /* there may be as many runs as this goes into the memory, */
	LEAST_RUNS = 4,
	MOST_RUNS = 256,                 /* but each is an open file */
	LEAST_PIECE_BYTES = 256,
	MOST_PIECE_BYTES = 256 * 1024,
	RANK_BYTES = 2 * sizeof(struct ranked),  /* what an entry takes while the table is put in order */
	SPACE_BYTES = 256                /* looking at memory costs a look at each pane: not more often than so many bytes for each come in */
};

static size_t
between(uint64_t n, size_t least, size_t most)
{
	return n < least ? least : n > most ? most : (size_t)n;
}

void
window_spill_init(struct window *w)
{
	struct window_spill      *s = &w->spill;
	const struct window_conf *c = &w->conf;
	uint64_t                  memory_bytes = c->memory_bytes, read_bytes = memory_bytes / 8;

	if (c->spill == NULL || !window_can_spill(c))
		return;
	s->spill = c->spill;
	s->limit_bytes = memory_bytes - memory_bytes / 4;
	s->most_runs = between(memory_bytes / RUN_MEMORY_BYTES, LEAST_RUNS, MOST_RUNS);
	s->piece_bytes = between(read_bytes / s->most_runs, LEAST_PIECE_BYTES, MOST_PIECE_BYTES);
	s->order_bytes = (size_t)read_bytes;
	s->patience_bytes = memory_bytes / 32;
	s->is_open = true;
}

static void
release_run(struct window_run *r)
{
	free(r->panes);
	free(r->places);
}

void
window_spill_forget(struct window_spill *s)
{
	while (s->n_runs > 0)
		release_run(&s->runs[--s->n_runs]);
	s->is_open = true;
	s->has_changed = false;
}

void
window_spill_release(struct window_spill *s)
{
	window_spill_forget(s);
	free(s->runs);
	free(s->whole);
	arena_release(&s->whole_arena);
}

uint64_t
window_spill_bytes(const struct window_spill *s)
{
	uint64_t n = s->cap_runs * sizeof(*s->runs);

	for (size_t i = 0; i < s->n_runs; i++)
		n += s->runs[i].n_panes * sizeof(*s->runs[i].panes) + s->runs[i].cap_places * sizeof(*s->runs[i].places);
	return n;
}

void
window_spill_add_run(struct window_spill *s, struct window_run run)
{
	if (s->n_runs == s->cap_runs) {
		s->cap_runs = s->cap_runs == 0 ? 8 : s->cap_runs * 2;
		s->runs = alloc_resized(s->runs, s->cap_runs, sizeof(*s->runs));
	}
	s->runs[s->n_runs++] = run;
}

void
window_spill_know(struct window_spill *s, uint64_t run, uint64_t length_bytes)
{
	window_spill_add_run(s, (struct window_run){ .run = run, .length_bytes = length_bytes });
	s->is_open = false;
}

void
window_spill_remove_run(struct window_spill *s, size_t i)
{
	spill_drop(s->spill, s->runs[i].run);
	release_run(&s->runs[i]);
	s->n_runs--;
	memmove(&s->runs[i], &s->runs[i + 1], (s->n_runs - i) * sizeof(*s->runs));
	s->has_changed = true;
}

/* ---- directories ---- */

static bool
is_directory(const struct window_run *r, uint64_t sums_bytes)
{
	for (size_t i = 0; i < r->n_panes; i++) {
		const struct window_spilled_pane *p = &r->panes[i];

		if (p->at_bytes > sums_bytes || p->length_bytes > sums_bytes - p->at_bytes || (i > 0 && p->pane_ms <= p[-1].pane_ms))
			return false;
	}
	return true;
}

static bool
read_directory(struct window_spill *s, struct window_run *r)
{
	struct window_run_tail tail = { 0 };
	uint64_t    bytes;

	if (r->length_bytes >= sizeof(tail) && !spill_read(s->spill, r->run, r->length_bytes - sizeof(tail), &tail, sizeof(tail)))
		return false;
	if (tail.magic == WINDOW_RUN_MAGIC && tail.n_panes <= r->length_bytes / sizeof(*r->panes)) {
		bytes = tail.n_panes * sizeof(*r->panes);
		if (bytes <= r->length_bytes - sizeof(tail)) {
			r->n_panes = (size_t)tail.n_panes;
			r->panes = alloc_zeroed(r->n_panes + 1, sizeof(*r->panes));
			if (!spill_read(s->spill, r->run, r->length_bytes - sizeof(tail) - bytes, r->panes, (size_t)bytes))
				return false;
			if (is_directory(r, r->length_bytes - sizeof(tail) - bytes))
				return true;
		}
	}
	spill_say_damaged(s->spill, r->run);
	return false;
}

bool
window_spill_open(struct window *w)
{
	struct window_spill *s = &w->spill;

	if (s->spill == NULL)
		return true;
	if (s->spill->failed)
		return false;
	for (size_t i = 0; !s->is_open && i < s->n_runs; i++)
		if (s->runs[i].panes == NULL && !read_directory(s, &s->runs[i]))
			return false;
	s->is_open = true;
	return true;
}

size_t
window_run_pane_from(const struct window_run *r, int64_t at_ms)
{
	size_t low = r->first, high = r->n_panes;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->panes[mid].pane_ms < at_ms)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool
window_runs_pane_from(const struct window_spill *s, size_t n, int64_t at_ms, int64_t *pane_ms)
{
	bool found = false;

	for (size_t i = 0; i < n; i++) {
		const struct window_run *r = &s->runs[i];
		size_t                   at = window_run_pane_from(r, at_ms);

		if (at == r->n_panes || (found && r->panes[at].pane_ms >= *pane_ms))
			continue;
		*pane_ms = r->panes[at].pane_ms;
		found = true;
	}
	return found;
}

bool
window_spill_pane_from(const struct window *w, int64_t at_ms, int64_t *pane_ms)
{
	return window_runs_pane_from(&w->spill, w->spill.n_runs, at_ms, pane_ms);
}

void
window_spill_add_stretches(const struct window_spill *s, size_t n, struct window_partials *p, int64_t from_ms, int64_t to_ms)
{
	for (size_t i = 0; i < n; i++) {
		const struct window_run *r = &s->runs[i];
		size_t                   at = window_run_pane_from(r, from_ms);

		if (at == r->n_panes || r->panes[at].pane_ms > to_ms)
			continue;
		window_partials_add_run(p, r->run, r->panes[at].at_bytes, r->panes[at].at_bytes + r->panes[at].length_bytes);
	}
}

uint64_t
window_spill_next(const struct window *w, int64_t pane_ms)
{
	const struct window_spill *s = &w->spill;
	uint64_t                   next = 0;

	for (size_t i = 0; i < s->n_runs; i++) {
		const struct window_run *r = &s->runs[i];
		size_t                   at = window_run_pane_from(r, pane_ms);

		if (at < r->n_panes && r->panes[at].pane_ms == pane_ms && r->panes[at].next > next)
			next = r->panes[at].next;
	}
	return next;
}

int64_t
window_spill_drop_gone(struct window *w)
{
	struct window_spill *s = &w->spill;
	int64_t              due_ms = WHEN_MAX;

	for (size_t i = 0; i < s->n_runs; ) {
		struct window_run *r = &s->runs[i];
		int64_t            gone_ms;

		while (r->first < r->n_panes && window_gone_ms(w, r->panes[r->first].pane_ms) <= w->watermark_ms)
			r->first++;
		if (r->first == r->n_panes) {
			window_spill_remove_run(s, i);
			continue;
		}
		gone_ms = window_gone_ms(w, r->panes[r->first].pane_ms);
		due_ms = gone_ms < due_ms ? gone_ms : due_ms;
		i++;
	}
	return due_ms;
}

/* ---- what is in memory ---- */

uint64_t
window_spill_memory_bytes(const struct window *w)
{
	struct store_counts c;

	store_count(w->store, &c);
	return store_bytes(w->store) + window_slide_bytes(&w->slide) + c.entries * RANK_BYTES;
}

void
window_spill_look(struct window *w)
{
	struct window_spill *s = &w->spill;
	struct store_counts  c;

	s->fed_bytes = 0;
	if (window_spill_memory_bytes(w) > s->limit_bytes)
		window_spill_all(w);
	store_count(w->store, &c);
	s->patience_bytes = c.spaces * SPACE_BYTES > s->limit_bytes / 24 ? c.spaces * SPACE_BYTES : s->limit_bytes / 24;
}
