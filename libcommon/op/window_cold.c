/* window_cold - sessions that have no room in memory: the runs there are, and what a record touches in them */
#include <stdlib.h>

#include "base/alloc.h"
#include "op/window_cold_parts.h"

/* ---- the runs there are ---- */

void
window_cold_add_run(struct window_cold *c, struct window_cold_run run)
{
	if (c->n_runs == c->cap_runs) {
		c->cap_runs = c->cap_runs == 0 ? 8 : c->cap_runs * 2;
		c->runs = alloc_resized(c->runs, c->cap_runs, sizeof(*c->runs));
	}
	c->runs[c->n_runs++] = run;
	c->is_open = false;
}

void
window_cold_know(struct window_cold *c, uint64_t run, uint64_t length_bytes, uint64_t at_bytes)
{
	window_cold_add_run(c, (struct window_cold_run){ .run = run, .length_bytes = length_bytes, .at_bytes = at_bytes });
}

void
window_cold_forget(struct window_cold *c)
{
	while (c->n_runs > 0)
		run_reader_release(&c->runs[--c->n_runs].reader);
	c->from_ms = WHEN_MIN;
}

void
window_cold_release(struct window_cold *c)
{
	window_cold_forget(c);
	free(c->runs);
}

void
window_cold_remove_run(struct window *w, size_t i)
{
	struct window_cold *c = &w->cold;

	spill_drop(w->spill.spill, c->runs[i].run);
	run_reader_release(&c->runs[i].reader);
	c->n_runs--;
	memmove(&c->runs[i], &c->runs[i + 1], (c->n_runs - i) * sizeof(*c->runs));
	w->spill.has_changed = true;
}

uint64_t
window_cold_bytes(const struct window_cold *c)
{
	uint64_t n = c->cap_runs * sizeof(*c->runs);

	for (size_t i = 0; i < c->n_runs; i++)
		n += c->runs[i].reader.buf.cap;
	return n;
}

/* ---- parts ---- */

static bool
look(struct window_cold_run *r)
{
	struct window_cold_part *part = &r->now;
	struct window_cold_head  h;
	const char              *p;
	size_t                   key_bytes;

	if (run_reader_is_done(&r->reader) || (p = run_reader_look(&r->reader, sizeof(h))) == NULL)
		return false;
	memcpy(&h, p, sizeof(h));
	key_bytes = h.key_bytes == WINDOW_COLD_NULL_KEY ? 0 : (size_t)h.key_bytes;
	if (key_bytes > r->parts_bytes || h.acc_bytes > r->parts_bytes || h.start_ms >= h.end_ms) {
		spill_say_damaged(r->reader.spill, r->run);
		return false;
	}
	part->n_bytes = sizeof(h) + key_bytes + (size_t)h.acc_bytes;
	if ((p = run_reader_look(&r->reader, part->n_bytes)) == NULL)
		return false;
	p += sizeof(h);
	part->end_ms = h.end_ms;
	part->start_ms = h.start_ms;
	part->number = h.number;
	part->key = h.key_bytes == WINDOW_COLD_NULL_KEY ? SPAN_NONE : span_of(p, key_bytes);
	part->accs = span_of(p + key_bytes, (size_t)h.acc_bytes);
	return true;
}

bool
window_cold_pass(struct window_cold_run *r)
{
	r->at_bytes += r->now.n_bytes;
	run_reader_pass(&r->reader, r->now.n_bytes);
	return look(r);
}

struct window_cold_run *
window_cold_earliest(struct window_cold *c, size_t n)
{
	struct window_cold_run *first = NULL;

	for (size_t i = 0; i < n; i++)
		if (c->runs[i].at_bytes < c->runs[i].parts_bytes && (first == NULL || c->runs[i].now.end_ms < first->now.end_ms))
			first = &c->runs[i];
	return first;
}

static bool
open_run(struct window *w, struct window_cold_run *r)
{
	struct window_cold_tail tail = { 0 };
	struct spill           *spill = w->spill.spill;
	uint64_t                bytes = r->length_bytes - sizeof(tail);

	if (r->length_bytes >= sizeof(tail) && !spill_read(spill, r->run, bytes, &tail, sizeof(tail)))
		return false;
	if (tail.magic != WINDOW_COLD_MAGIC || tail.parts_bytes > bytes
	    || (bytes - tail.parts_bytes) % sizeof(struct window_cold_bound) != 0 || tail.n != (bytes - tail.parts_bytes) / sizeof(struct window_cold_bound) || r->at_bytes >= tail.parts_bytes) {
		spill_say_damaged(spill, r->run);
		return false;
	}
	r->parts_bytes = tail.parts_bytes;
	r->n = tail.n;
	run_reader_init(&r->reader, spill, r->run, r->at_bytes, r->parts_bytes, w->spill.piece_bytes);
	r->is_open = true;
	return look(r);
}

bool
window_cold_open(struct window *w)
{
	struct window_cold *c = &w->cold;

	if (w->spill.spill->failed)
		return false;
	for (size_t i = 0; !c->is_open && i < c->n_runs; i++)
		if (!c->runs[i].is_open && !open_run(w, &c->runs[i]))
			return false;
	c->is_open = true;
	return true;
}

/* ---- bounds ---- */

void
window_cold_read_bounds(const struct window *w, const struct window_cold_run *r, struct run_reader *reader)
{
	run_reader_init(reader, w->spill.spill, r->run, r->parts_bytes, r->length_bytes - sizeof(struct window_cold_tail),
	                w->spill.piece_bytes);
}

bool
window_cold_next_bound(struct run_reader *r, struct window_cold_bound *b)
{
	const char *p;

	if (run_reader_is_done(r) || (p = run_reader_look(r, sizeof(*b))) == NULL)
		return false;
	memcpy(b, p, sizeof(*b));
	run_reader_pass(r, sizeof(*b));
	return true;
}

static bool
read_bound(const struct window *w, const struct window_cold_run *r, uint64_t i, struct window_cold_bound *b)
{
	return spill_read(w->spill.spill, r->run, r->parts_bytes + i * sizeof(*b), b, sizeof(*b));
}

/* The first of a run whose print does not begin below HI.  False: the spill has failed. */
static bool
find_bound(const struct window *w, const struct window_cold_run *r, uint64_t hi, uint64_t *at)
{
	struct window_cold_bound b;
	uint64_t                 low = 0, high = r->n;

	while (low < high) {
		uint64_t mid = low + (high - low) / 2;

		if (!read_bound(w, r, mid, &b))
			return false;
		if (b.print.hi < hi)
			low = mid + 1;
		else
			high = mid;
	}
	*at = low;
	return true;
}

/* A part that was taken ends before from_ms. */
static void
widen_by_run(const struct window *w, const struct window_cold_run *r, struct hash_print print, int64_t *start_ms, int64_t *end_ms)
{
	struct window_cold_bound b;
	uint64_t                 at;

	if (!find_bound(w, r, print.hi, &at))
		return;
	for (; at < r->n && read_bound(w, r, at, &b) && b.print.hi == print.hi; at++) {
		if (b.print.lo != print.lo || b.end_ms < w->cold.from_ms || b.start_ms > *end_ms || b.end_ms < *start_ms)
			continue;
		*start_ms = b.start_ms < *start_ms ? b.start_ms : *start_ms;
		*end_ms = b.end_ms > *end_ms ? b.end_ms : *end_ms;
	}
}

void
window_cold_widen(struct window *w, struct span key, int64_t *start_ms, int64_t *end_ms)
{
	struct hash_print print;

	if (w->cold.n_runs == 0 || *end_ms >= w->cold.from_ms || !window_cold_open(w))
		return;
	print = window_cold_print(key);
	for (size_t i = 0; i < w->cold.n_runs; i++)
		widen_by_run(w, &w->cold.runs[i], print, start_ms, end_ms);
}
