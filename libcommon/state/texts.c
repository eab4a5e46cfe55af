/* texts - bytes of many things, in the order in which they came; those that came first may go to disk */
#include "state/texts.h"

#include <stdlib.h>

#include "base/alloc.h"

enum {
	LEAST_SEGMENT_BYTES = 1024,
	MOST_SEGMENT_BYTES = 1024 * 1024,
	SEGMENTS_OF_MEMORY = 64,
	MOST_RUNS = 64,                      /* each is an open file */
	MERGED_RUNS = 8,
	PIECE_BYTES = 256 * 1024,
	OWN_SEGMENT = 4                      /* a text longer than this part of a segment has its own */
};

void
texts_init(struct texts *t, struct spill *spill, uint64_t memory_bytes)
{
	uint64_t bytes = memory_bytes / SEGMENTS_OF_MEMORY;

	bytes = bytes < LEAST_SEGMENT_BYTES ? LEAST_SEGMENT_BYTES : bytes;
	*t = (struct texts){ .spill = spill, .next = 1, .patience_bytes = memory_bytes / 8 };
	t->segment_bytes = bytes > MOST_SEGMENT_BYTES ? MOST_SEGMENT_BYTES : (size_t)bytes;
}

/* ---- segments ---- */

static void
put_in_slots(struct texts *t, struct text_segment *s)
{
	size_t mask = t->cap_slots - 1, i = s->number & mask;

	while (t->slots[i] != NULL)
		i = (i + 1) & mask;
	t->slots[i] = s;
}

static void
grow_slots(struct texts *t)
{
	free(t->slots);
	t->cap_slots = t->cap_slots == 0 ? 16 : t->cap_slots * 2;
	t->slots = alloc_zeroed(t->cap_slots, sizeof(struct text_segment *));
	for (struct text_segment *s = t->first; s != NULL; s = s->next)
		put_in_slots(t, s);
}

/* Those behind it that would not be found any more move up. */
static void
take_from_slots(struct texts *t, const struct text_segment *s)
{
	size_t mask = t->cap_slots - 1, hole = s->number & mask;

	while (t->slots[hole] != s)
		hole = (hole + 1) & mask;
	for (size_t i = (hole + 1) & mask; t->slots[i] != NULL; i = (i + 1) & mask) {
		if (((i - t->slots[i]->number) & mask) < ((i - hole) & mask))
			continue;
		t->slots[hole] = t->slots[i];
		hole = i;
	}
	t->slots[hole] = NULL;
}

struct text_segment *
texts_make_segment(struct texts *t, uint64_t number)
{
	struct text_segment *s = alloc_zeroed(1, sizeof(*s));

	if (2 * (t->n_segments + 1) > t->cap_slots)
		grow_slots(t);
	s->number = number;
	s->previous = t->last;
	if (t->last != NULL)
		t->last->next = s;
	else
		t->first = s;
	t->last = s;
	t->n_segments++;
	put_in_slots(t, s);
	return s;
}

struct text_run *
texts_run(struct texts *t, uint64_t run)
{
	for (size_t i = t->n_runs; i-- > 0; )
		if (t->runs[i].run == run)
			return &t->runs[i];
	if (t->n_runs == t->cap_runs) {
		t->cap_runs = t->cap_runs == 0 ? 16 : t->cap_runs * 2;
		t->runs = alloc_resized(t->runs, t->cap_runs, sizeof(*t->runs));
	}
	t->runs[t->n_runs] = (struct text_run){ .run = run };
	return &t->runs[t->n_runs++];
}

static void
leave_run(struct texts *t, const struct text_segment *s)
{
	struct text_run *r = texts_run(t, s->run);

	r->bytes -= s->n;
	if (--r->n_segments > 0)
		return;
	spill_drop(t->spill, r->run);
	*r = t->runs[--t->n_runs];
}

static void
enter_run(struct texts *t, struct text_segment *s, uint64_t run, uint64_t from_bytes)
{
	struct text_run *r = texts_run(t, run);

	r->bytes += s->n;
	r->n_segments++;
	s->run = run;
	s->from_bytes = from_bytes;
	t->n_moved += !s->has_moved;
	s->has_moved = true;
}

static void
free_segment(struct text_segment *s)
{
	free(s->bytes);
	free(s);
}

void
texts_remove_segment(struct texts *t, struct text_segment *s)
{
	take_from_slots(t, s);
	*(s->previous == NULL ? &t->first : &s->previous->next) = s->next;
	*(s->next == NULL ? &t->last : &s->next->previous) = s->previous;
	t->n_segments--;
	t->n_moved -= s->has_moved;
	for (size_t i = 0; i < TEXTS_LANES; i++)
		if (t->open[i] == s)
			t->open[i] = NULL;
	if (s->run == 0) {
		t->memory_bytes -= s->n;
	} else {
		t->disk_bytes -= s->n;
		t->n_on_disk--;
	}
	free_segment(s);
}

void
texts_release(struct texts *t)
{
	for (struct text_segment *s = t->first, *next; s != NULL; s = next) {
		next = s->next;
		free_segment(s);
	}
	for (size_t i = 0; i < TEXTS_LANES; i++)
		buf_release(&t->held[i].buf);
	buf_release(&t->piece);
	free(t->slots);
	free(t->runs);
}

void
texts_leave(struct texts *t)
{
	t->is_frozen = true;
}

/* ---- texts come and go ---- */

static struct text_segment *
new_segment(struct texts *t, size_t cap)
{
	struct text_segment *s = texts_make_segment(t, t->next++);

	s->bytes = alloc_bytes(cap);
	s->cap = (uint32_t)cap;
	return s;
}

struct text_place
texts_place(uint64_t segment, uint64_t at)
{
	struct text_place place = { 0, 0 };

	if (segment >> TEXT_SEGMENT_BITS == 0 && at >> TEXT_AT_BITS == 0) {
		place.segment = segment & ((UINT64_C(1) << TEXT_SEGMENT_BITS) - 1);
		place.at = at & ((UINT64_C(1) << TEXT_AT_BITS) - 1);
	}
	return place;
}

struct text_place
texts_add(struct texts *t, unsigned lane, struct span text)
{
	struct text_segment *s = t->open[lane];
	struct text_place    place;

	if (text.n > t->segment_bytes / OWN_SEGMENT)
		s = new_segment(t, text.n);
	else if (s == NULL || text.n > s->cap - s->n)
		s = t->open[lane] = new_segment(t, t->segment_bytes);
	place = texts_place(s->number, s->n);
	memcpy(s->bytes + s->n, text.p, text.n);
	s->n += (uint32_t)text.n;
	s->n_live++;
	s->live_bytes += text.n;
	t->live_bytes += text.n;
	t->memory_bytes += text.n;
	return place;
}

void
texts_give_last(struct texts *t, struct text_segment *s)
{
	if (t->is_frozen)
		return;
	if (s->run != 0)
		leave_run(t, s);
	texts_remove_segment(t, s);
}

bool
texts_is_sparse(const struct texts *t, struct text_place place)
{
	const struct text_segment *s = texts_segment(t, place.segment);

	for (size_t i = 0; i < TEXTS_LANES; i++)
		if (t->open[i] == s)
			return false;
	return s->live_bytes < s->n - s->n / 4;
}

struct span
texts_read(struct texts *t, unsigned lane, const struct text_segment *s, struct text_place place, uint32_t n)
{
	struct text_held *h = &t->held[lane];

	if (h->place.segment == place.segment && h->place.at == place.at && h->buf.n == n)
		return buf_all(&h->buf);
	h->place.segment = 0;
	buf_reset(&h->buf);
	buf_reserve(&h->buf, n);
	if (!spill_read(t->spill, s->run, s->from_bytes + place.at, h->buf.p, n))
		return SPAN_LIT("null");
	h->buf.n = n;
	h->place = place;
	return buf_all(&h->buf);
}

uint64_t
texts_beside_bytes(const struct texts *t)
{
	uint64_t n = t->cap_slots * sizeof(struct text_segment *) + t->n_segments * sizeof(struct text_segment) +
	             t->cap_runs * sizeof(*t->runs) + t->piece.cap;

	for (size_t i = 0; i < TEXTS_LANES; i++)
		n += t->held[i].buf.cap;
	return n;
}

/* ---- to disk ---- */

static int
by_bytes(const void *a, const void *b)
{
	const struct text_run *x = a, *y = b;

	return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

static void
copy_segment(struct texts *t, const struct text_segment *s)
{
	buf_reserve(&t->piece, PIECE_BYTES);
	for (uint64_t at = 0; at < s->n; at += PIECE_BYTES) {
		size_t some = s->n - at < PIECE_BYTES ? (size_t)(s->n - at) : PIECE_BYTES;

		if (!spill_read(t->spill, s->run, s->from_bytes + at, t->piece.p, some))
			return;
		spill_put(t->spill, t->piece.p, some);
	}
}

/* The smallest become one. */
static void
merge_runs(struct texts *t)
{
	uint64_t old[MERGED_RUNS], run, at = 0;

	qsort(t->runs, t->n_runs, sizeof(*t->runs), by_bytes);
	for (size_t i = 0; i < MERGED_RUNS; i++)
		old[i] = t->runs[i].run;
	memmove(t->runs, t->runs + MERGED_RUNS, (t->n_runs -= MERGED_RUNS) * sizeof(*t->runs));
	run = spill_begin(t->spill);
	for (struct text_segment *s = t->first; s != NULL; s = s->next) {
		bool is_old = false;

		for (size_t i = 0; i < MERGED_RUNS; i++)
			is_old |= s->run == old[i];
		if (!is_old)
			continue;
		copy_segment(t, s);
		enter_run(t, s, run, at);
		at += s->n;
	}
	spill_end(t->spill);
	for (size_t i = 0; i < MERGED_RUNS; i++)
		spill_drop(t->spill, old[i]);
	buf_release(&t->piece);
}

static void
move_to_run(struct texts *t, struct text_segment *s, uint64_t run, uint64_t at)
{
	spill_put(t->spill, s->bytes, s->n);
	for (size_t i = 0; i < TEXTS_LANES; i++)
		if (t->open[i] == s)
			t->open[i] = NULL;
	free(s->bytes);
	s->bytes = NULL;
	enter_run(t, s, run, at);
	t->memory_bytes -= s->n;
	t->disk_bytes += s->n;
	t->n_on_disk++;
	t->n_spilled += s->n_live;
}

void
texts_spill(struct texts *t, uint64_t bytes)
{
	struct text_segment *s = t->first;
	uint64_t             run, at = 0;

	if (t->memory_bytes == 0 || t->spill->failed)
		return;
	run = spill_begin(t->spill);
	for (; s != NULL && at < bytes; s = s->next) {
		if (s->run != 0)
			continue;
		move_to_run(t, s, run, at);
		at += s->n;
	}
	spill_end(t->spill);
	if (t->n_runs > MOST_RUNS)
		merge_runs(t);
}
