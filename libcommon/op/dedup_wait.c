/*
 * dedup_wait - the earliest or the latest record of an id
 *
 * The record waits with its id: the earliest until the watermark is past it, so that no earlier one
 * can come; then the id alone is kept until its horizon is over.  The latest waits until then itself.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "op/dedup_parts.h"

static void
hold(uint64_t *entry, struct held *h)
{
	entry[IDS_FLAGS] |= DEDUP_HELD;
	entry[IDS_VALUE] = (uintptr_t)h;
}

static struct span
line_of(const struct held *h)
{
	return span_of(h->line, h->n);
}

/* The record in its envelope, until the next of these. */
static struct span
envelope(struct dedup *d, const struct rec *rec, const struct emit *e)
{
	buf_reset(&d->scratch);
	rec_put(&d->scratch, rec, e->origin);
	return buf_all(&d->scratch);
}

/* ---- taking a record ---- */

static int64_t
due_ms(const struct dedup *d, int64_t ts_ms)
{
	return d->conf.keep == DEDUP_EARLIEST ? ts_ms : when_add(ts_ms, d->conf.within_ms);
}

static void
take_first(struct dedup *d, const struct rec *rec, struct hash_print p, uint64_t *entry, struct emit *e)
{
	struct held from = { .places = ids_places(p), .due_ms = due_ms(d, rec->ts_ms), .ts_ms = rec->ts_ms, .arrival = d->n_arrived++ };

	hold(entry, held_add(&d->held, envelope(d, rec, e), &from));
	dedup_changed(d, p, entry);
}

/* The record takes the place of the one that waits. */
static void
supersede(struct dedup *d, const struct rec *rec, struct hash_print p, uint64_t *entry, struct emit *e)
{
	struct held *h = dedup_held_of(entry), from = *h;

	if (e->aside != NULL)
		buf_span(e->aside, line_of(h));
	from.arrival = d->n_arrived++;
	if (d->conf.keep == DEDUP_EARLIEST || d->conf.refresh)
		from.due_ms = due_ms(d, rec->ts_ms);
	if (d->conf.keep == DEDUP_LATEST || !d->conf.refresh)
		from.ts_ms = rec->ts_ms;
	hold(entry, held_replace(&d->held, h, envelope(d, rec, e), &from));
	dedup_changed(d, p, entry);
}

/* Of an earliest one, ts_ms is where its horizon begins. */
static void
prolong(struct dedup *d, const struct rec *rec, struct hash_print p, uint64_t *entry)
{
	if (!d->conf.refresh || d->conf.keep != DEDUP_EARLIEST || dedup_held_of(entry)->ts_ms >= rec->ts_ms)
		return;
	dedup_held_of(entry)->ts_ms = rec->ts_ms;
	dedup_changed(d, p, entry);
}

static bool
is_better(const struct dedup *d, const struct rec *rec, const struct held *h)
{
	return d->conf.keep == DEDUP_EARLIEST ? rec->ts_ms < h->due_ms : rec->ts_ms >= h->ts_ms;
}

void
dedup_wait_take(struct dedup *d, const struct rec *rec, struct hash_print p, const struct dedup_cold *cold, struct emit *e)
{
	bool      is_new;
	uint64_t *entry;

	if (dedup_cold_is_known(d, cold, p)) {
		d->n_duplicates++;
		if (d->conf.refresh)
			dedup_refresh_cold(d, p, cold, rec->ts_ms);
		if (e->aside != NULL)
			rec_put(e->aside, rec, e->origin);
		return;
	}
	entry = ids_add(d->ids, p, &is_new);
	if (is_new || !dedup_is_known(d, entry)) {
		dedup_forget_time(d, entry, is_new);
		take_first(d, rec, p, entry, e);
		return;
	}
	d->n_duplicates++;
	if ((entry[IDS_FLAGS] & DEDUP_HELD) != 0 && is_better(d, rec, dedup_held_of(entry))) {
		supersede(d, rec, p, entry, e);
		return;
	}
	if ((entry[IDS_FLAGS] & DEDUP_HELD) != 0)
		prolong(d, rec, p, entry);
	else if (d->conf.refresh)
		dedup_refresh(d, p, entry, rec->ts_ms);
	if (e->aside != NULL)
		rec_put(e->aside, rec, e->origin);
}

/* ---- giving out ---- */

static bool
is_due(const struct dedup *d, const struct held *h)
{
	if (d->conf.keep == DEDUP_LATEST)
		return h->due_ms <= d->watermark_ms;
	return h->due_ms < d->watermark_ms || d->watermark_ms == WHEN_MAX;
}

static void
give(struct held *h, struct emit *e)
{
	if (e != NULL) {
		buf_span(e->out, line_of(h));
		if (e->drain != NULL && e->out->n > EMIT_DRAIN_BYTES)
			e->drain(e);
	}
	free(h);
}

/* The record is out: of the earliest its id stays. */
static void
leave(struct dedup *d, struct held *h)
{
	struct hash_print p;
	uint64_t         *entry = ids_find_value(d->ids, h->places, DEDUP_HELD, (uintptr_t)h, &p);

	if (d->conf.keep == DEDUP_LATEST) {
		ids_remove(d->ids, p, entry);
		return;
	}
	entry[IDS_FLAGS] &= ~(uint64_t)DEDUP_HELD;
	entry[IDS_VALUE] = 0;
	dedup_set_time(d, entry, true, h->ts_ms);
	if (dedup_has_moved(d, p))               /* after the others of its slice: a load has to see that it stayed */
		dedup_changed(d, p, entry);
}

static int
by_time(const void *x, const void *y)
{
	const struct held *a = *(struct held *const *)x, *b = *(struct held *const *)y;

	return a->ts_ms != b->ts_ms ? (a->ts_ms > b->ts_ms) - (a->ts_ms < b->ts_ms)
	                            : (a->arrival > b->arrival) - (a->arrival < b->arrival);
}

/* Those that are forgotten at one watermark leave by their own times. */
static void
give_latest(struct dedup *d, struct emit *e)
{
	struct held **all = NULL, *h;
	size_t        n = 0, cap = 0;

	while ((h = held_first(&d->held)) != NULL && is_due(d, h)) {
		if (n == cap)
			all = alloc_resized(all, cap = cap == 0 ? 64 : 2 * cap, sizeof(struct held *));
		leave(d, h);
		held_take(&d->held, h);
		all[n++] = h;
	}
	if (n > 1)
		qsort(all, n, sizeof(struct held *), by_time);
	for (size_t i = 0; i < n; i++)
		give(all[i], e);
	free(all);
}

/* E is NULL where what is loaded was given out before it was saved. */
void
dedup_wait_watermark(struct dedup *d, struct emit *e)
{
	struct held *h;

	if (d->conf.keep == DEDUP_LATEST) {
		give_latest(d, e);
		return;
	}
	while ((h = held_first(&d->held)) != NULL && is_due(d, h)) {
		leave(d, h);
		held_take(&d->held, h);
		give(h, e);
	}
}

/* ---- loading ---- */

/* Whatever the entry holds goes. */
void
dedup_wait_drop(struct dedup *d, uint64_t *entry)
{
	if ((entry[IDS_FLAGS] & DEDUP_HELD) == 0)
		return;
	held_take(&d->held, dedup_held_of(entry));
	free(dedup_held_of(entry));
	entry[IDS_FLAGS] &= ~(uint64_t)DEDUP_HELD;
	entry[IDS_VALUE] = 0;
}

void
dedup_wait_restore(struct dedup *d, struct hash_print p, const struct held *from, struct span line)
{
	bool      is_new;
	uint64_t *entry = ids_add(d->ids, p, &is_new);

	if (!is_new && (entry[IDS_FLAGS] & DEDUP_HELD) != 0)
		dedup_wait_drop(d, entry);
	else
		dedup_forget_time(d, entry, is_new);
	hold(entry, held_add(&d->held, line, from));
}
