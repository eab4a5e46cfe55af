/* window_spill_write - windows whose groups have no room in memory: runs are written, and merged */
#include <stdlib.h>

#include "base/alloc.h"
#include "op/window_spill_parts.h"

/* ---- writing runs ---- */

struct writer {
	struct window    *w;
	struct window_run run;
	uint64_t          at_bytes;
	struct buf        buf;
	size_t            cap_panes;
};

static void
writer_begin(struct writer *t, struct window *w)
{
	*t = (struct writer){ .w = w, .run = { .run = spill_begin(w->spill.spill) } };
}

static void
write_partial(struct writer *t, const struct window_partial *p)
{
	buf_reset(&t->buf);
	window_partial_put(t->w, p, &t->buf);
	spill_put(t->w->spill.spill, t->buf.p, t->buf.n);
	t->at_bytes += t->buf.n;
}

/* Panes come in ascending order. */
static void
list_pane(struct writer *t, struct window_spilled_pane pane)
{
	struct window_run *r = &t->run;

	if (r->n_panes == t->cap_panes) {
		t->cap_panes = t->cap_panes == 0 ? 4 : t->cap_panes * 2;
		r->panes = alloc_resized(r->panes, t->cap_panes, sizeof(*r->panes));
	}
	r->panes[r->n_panes++] = pane;
}

/* The run that was written is there. */
static void
writer_end(struct writer *t)
{
	struct window_spill *s = &t->w->spill;
	struct window_run_tail tail = { t->run.n_panes, WINDOW_RUN_MAGIC };

	spill_put(s->spill, t->run.panes, t->run.n_panes * sizeof(*t->run.panes));
	spill_put(s->spill, &tail, sizeof(tail));
	t->run.length_bytes = spill_end(s->spill);
	buf_release(&t->buf);
	window_spill_add_run(s, t->run);
	s->has_changed = true;
}

/* All that the sources have, in one stretch.  How many there are. */
static uint64_t
write_merged(struct writer *t, struct window_partials *p)
{
	uint64_t n = 0;

	if (!window_partials_begin(p))
		return 0;
	while (window_partials_next(p)) {
		for (size_t i = 0; i < p->n; i++)
			write_partial(t, &p->groups[i]);
		n += p->n;
	}
	return n;
}

static struct store_space *
first_pane(const struct window *w)
{
	return store_at_or_above(w->store, INT64_MIN);
}

/* A window is a pane: each for itself. */
static void
write_panes(struct writer *t)
{
	struct window *w = t->w;

	for (const struct store_space *pane = first_pane(w); pane != NULL; pane = store_following(w->store, pane)) {
		struct window_partials p;
		uint64_t               at = t->at_bytes, next;

		if (pane->n_entries == 0)
			continue;
		window_partials_init(&p, w, pane->id, pane->id, true);
		window_partials_add_memory(&p, pane);
		write_merged(t, &p);
		window_partials_release(&p);
		next = window_spill_next(w, pane->id) + pane->n_entries;
		list_pane(t, (struct window_spilled_pane){ pane->id, at, t->at_bytes - at, pane->n_entries, next });
	}
}

/* A window has many panes: all together. */
static void
write_together(struct writer *t)
{
	struct window         *w = t->w;
	struct window_partials p;

	window_partials_init(&p, w, INT64_MIN, INT64_MAX, true);
	for (const struct store_space *pane = first_pane(w); pane != NULL; pane = store_following(w->store, pane)) {
		if (pane->n_entries == 0)
			continue;
		window_partials_add_memory(&p, pane);
		list_pane(t, (struct window_spilled_pane){ .pane_ms = pane->id, .n = pane->n_entries });
	}
	write_merged(t, &p);
	window_partials_release(&p);
	for (size_t i = 0; i < t->run.n_panes; i++)
		t->run.panes[i].length_bytes = t->at_bytes;
}

/* ---- merging runs ---- */

static uint64_t
live_bytes(const struct window_run *r)
{
	uint64_t n = 0;

	for (size_t i = r->first; i < r->n_panes; i++)
		if (i == r->first || r->panes[i].at_bytes != r->panes[i - 1].at_bytes)
			n += r->panes[i].length_bytes;
	return n;
}

static int
by_length(const void *a, const void *b)
{
	uint64_t x = live_bytes(a), y = live_bytes(b);

	return (x > y) - (x < y);
}

/* What the first N runs know of a pane; where its sums will lie is not known yet. */
static struct window_spilled_pane
add_up(const struct window_spill *s, size_t n, int64_t pane_ms)
{
	struct window_spilled_pane sum = { .pane_ms = pane_ms };

	for (size_t i = 0; i < n; i++) {
		const struct window_run          *r = &s->runs[i];
		size_t                            at = window_run_pane_from(r, pane_ms);
		const struct window_spilled_pane *p = &r->panes[at];

		if (at == r->n_panes || p->pane_ms != pane_ms)
			continue;
		sum.n += p->n;
		sum.next = p->next > sum.next ? p->next : sum.next;
	}
	return sum;
}

static void
merge_panes(struct writer *t, size_t n)
{
	const struct window_spill *s = &t->w->spill;
	int64_t                    at_ms = INT64_MIN, pane_ms;

	while (!s->spill->failed && window_runs_pane_from(s, n, at_ms, &pane_ms)) {
		struct window_spilled_pane pane = add_up(s, n, pane_ms);
		struct window_partials     p;

		pane.at_bytes = t->at_bytes;
		window_partials_init(&p, t->w, pane_ms, pane_ms, true);
		window_spill_add_stretches(s, n, &p, pane_ms, pane_ms);
		pane.n = write_merged(t, &p);
		window_partials_release(&p);
		pane.length_bytes = t->at_bytes - pane.at_bytes;
		list_pane(t, pane);
		if (pane_ms == INT64_MAX)
			return;
		at_ms = pane_ms + 1;
	}
}

static void
merge_together(struct writer *t, size_t n)
{
	const struct window_spill *s = &t->w->spill;
	struct window_partials     p;
	int64_t                    at_ms = INT64_MIN, pane_ms;
	bool                       more;

	if (!window_runs_pane_from(s, n, at_ms, &pane_ms))
		return;
	window_partials_init(&p, t->w, pane_ms, INT64_MAX, true);
	window_spill_add_stretches(s, n, &p, pane_ms, INT64_MAX);
	write_merged(t, &p);
	window_partials_release(&p);
	for (more = true; more; more = pane_ms < INT64_MAX && window_runs_pane_from(s, n, pane_ms + 1, &pane_ms)) {
		struct window_spilled_pane pane = add_up(s, n, pane_ms);

		pane.length_bytes = t->at_bytes;
		list_pane(t, pane);
	}
}

/* The shorter half: so each group is written about once for each time the number of runs would have multiplied. */
static void
merge_some(struct window *w)
{
	struct window_spill *s = &w->spill;
	size_t               n = s->n_runs / 2 + 1;
	struct writer        t;

	qsort(s->runs, s->n_runs, sizeof(*s->runs), by_length);
	writer_begin(&t, w);
	if (w->is_shared)
		merge_together(&t, n);
	else
		merge_panes(&t, n);
	writer_end(&t);
	while (n-- > 0)
		window_spill_remove_run(s, 0);
}

/* ---- spilling ---- */

static void
clear_memory(struct window *w)
{
	struct store_space *pane;

	while ((pane = first_pane(w)) != NULL)
		store_drop(w->store, pane);
	store_trim(w->store);
	window_slide_forget(&w->slide);
	window_panes_forget(w);
}

void
window_spill_all(struct window *w)
{
	struct window_spill *s = &w->spill;
	struct store_counts  c;
	struct writer        t;

	store_count(w->store, &c);
	if (c.entries == 0 || !window_spill_open(w))
		return;
	writer_begin(&t, w);
	if (w->is_shared)
		write_together(&t);
	else
		write_panes(&t);
	writer_end(&t);
	s->n_spilled += c.entries;
	clear_memory(w);
	while (s->n_runs > s->most_runs && !s->spill->failed)
		merge_some(w);
}
