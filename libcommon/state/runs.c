/* runs - records in the order of time, in memory */
#include "state/runs.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"

enum { ALIGN = 8, FEW_CHUNKS = 8, FEW_RUNS = 64, SHORT_RUN = 8 };

struct runs_chunk {
	uint64_t first_number;           /* of its records, those that are gone too */
	uint64_t n_live;
	size_t   used, cap;
	char     room[];
};

static size_t
whole_bytes(size_t n)
{
	return (sizeof(struct runs_rec) + n + ALIGN - 1) / ALIGN * ALIGN;
}

/* Dropped, but its chunk is still there. */
static bool
is_gone(const struct runs_rec *rec)
{
	return rec->next == rec;
}

/* ---- chunks ---- */

static struct runs_chunk *
chunk_new(struct runs *r, size_t room)
{
	struct runs_chunk *c = r->spare;
	size_t             cap = room > r->chunk_bytes ? room : r->chunk_bytes;

	if (c != NULL && c->cap >= cap) {
		r->spare = NULL;
	} else {
		c = alloc_bytes(sizeof(*c) + cap);
		c->cap = cap;
		r->chunks_bytes += sizeof(*c) + cap;
	}
	c->used = 0;
	c->n_live = 0;
	return c;
}

static void
chunk_free(struct runs *r, struct runs_chunk *c)
{
	r->chunks_bytes -= sizeof(*c) + c->cap;
	free(c);
}

/* One is kept: a stream that is nearly sorted fills and empties them all the time. */
static void
chunk_give_back(struct runs *r, struct runs_chunk *c)
{
	if (r->spare == NULL && c->cap == r->chunk_bytes)
		r->spare = c;
	else
		chunk_free(r, c);
}

static struct runs_chunk *
newest_chunk(const struct runs *r)
{
	return r->n_chunks == 0 ? NULL : r->chunks[r->n_chunks - 1];
}

/* Those that are gone at the front. */
static void
forget_first_chunks(struct runs *r)
{
	size_t gone = 0;

	while (gone < r->n_chunks && r->chunks[gone] == NULL)
		gone++;
	if (gone < r->n_chunks && gone < r->n_chunks / 2)
		return;                          /* the list is moved now and then only */
	r->n_chunks -= gone;
	r->first_chunk += (uint32_t)gone;
	memmove(r->chunks, r->chunks + gone, r->n_chunks * sizeof(*r->chunks));
}

static struct runs_chunk *
chunk_for(struct runs *r, size_t room)
{
	struct runs_chunk *c = newest_chunk(r);

	if (c != NULL && c->cap - c->used >= room)
		return c;
	if (r->n_chunks == r->cap_chunks) {
		r->cap_chunks = r->cap_chunks == 0 ? 16 : r->cap_chunks * 2;
		r->chunks = alloc_resized(r->chunks, r->cap_chunks, sizeof(*r->chunks));
	}
	c = chunk_new(r, room);
	r->chunks[r->n_chunks++] = c;
	return c;
}

static void
leave_chunk(struct runs *r, uint32_t number)
{
	uint32_t           i = number - r->first_chunk;      /* numbers begin anew after a long time */
	struct runs_chunk *c = r->chunks[i];

	if (--c->n_live > 0)
		return;
	if (i == r->n_chunks - 1 && c->cap == r->chunk_bytes) {
		c->used = 0;                     /* warm, and empty */
		return;
	}
	r->chunks[i] = NULL;
	chunk_give_back(r, c);
	forget_first_chunks(r);
}

/* ---- a record comes ---- */

static struct runs_rec *
keep(struct runs *r, int64_t ts_ms, uint64_t number, struct span bytes)
{
	size_t             room = whole_bytes(bytes.n);
	struct runs_chunk *c = chunk_for(r, room);
	struct runs_rec   *rec = (struct runs_rec *)(void *)(c->room + c->used);

	if (c->used == 0)
		c->first_number = number;
	rec->next = NULL;
	rec->ts_ms = ts_ms;
	rec->number = number;
	rec->n = (uint32_t)bytes.n;
	rec->chunk = r->first_chunk + (uint32_t)r->n_chunks - 1;
	memcpy(rec->bytes, bytes.p, bytes.n);
	c->used += room;
	c->n_live++;
	r->live_bytes += room;
	r->n++;
	return rec;
}

/* The first run whose last record is not later; n_runs: there is none. */
static size_t
find_run(const struct runs *r, int64_t ts_ms)
{
	size_t low = 0, high = r->n_runs, i = r->recent;

	if (i < r->n_runs && r->runs[i].last_ts_ms <= ts_ms) {
		if (i == 0 || r->runs[i - 1].last_ts_ms > ts_ms)
			return i;
		high = i;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->runs[middle].last_ts_ms <= ts_ms)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void
begin_run(struct runs *r, struct runs_rec *rec)
{
	if (r->n_runs == r->cap_runs) {
		r->cap_runs += r->cap_runs / 4 + 8;
		r->runs = alloc_resized(r->runs, r->cap_runs, sizeof(*r->runs));
	}
	r->runs[r->n_runs++] = (struct run){ rec->ts_ms, rec, rec };
	heads_add(&r->heads, (uint32_t)r->n_runs - 1, (struct heads_key){ rec->ts_ms, rec->number });
}

static void
add_to_run(struct runs *r, size_t i, struct runs_rec *rec)
{
	struct run *run = &r->runs[i];

	run->last->next = rec;
	run->last = rec;
	run->last_ts_ms = rec->ts_ms;
}

/* Before all that the last run has: it can be its first.  A stream that goes backwards makes one run. */
static bool
put_in_front(struct runs *r, struct runs_rec *rec)
{
	struct run *run;

	if (r->n_runs == 0 || rec->ts_ms >= (run = &r->runs[r->n_runs - 1])->first->ts_ms)
		return false;
	rec->next = run->first;
	run->first = rec;
	heads_lower(&r->heads, (uint32_t)r->n_runs - 1, (struct heads_key){ rec->ts_ms, rec->number });
	return true;
}

/* All of them as one run. */
static void
join_runs(struct runs *r)
{
	const struct heads_item *least;
	struct runs_rec         *first = r->runs[heads_first(&r->heads)->run].first, *last = NULL;

	while ((least = heads_first(&r->heads)) != NULL) {
		struct run      *run = &r->runs[least->run];
		struct runs_rec *rec = run->first;

		run->first = rec->next;
		if (last != NULL)
			last->next = rec;
		last = rec;
		if (run->first != NULL)
			heads_replace_first(&r->heads, (struct heads_key){ run->first->ts_ms, run->first->number });
		else
			heads_take_first(&r->heads);
	}
	last->next = NULL;
	r->runs[0] = (struct run){ last->ts_ms, first, last };
	r->n_runs = 1;
	heads_add(&r->heads, 0, (struct heads_key){ first->ts_ms, first->number });
}

static void
line_up(struct runs *r, struct runs_rec *rec)
{
	size_t i = find_run(r, rec->ts_ms);

	if (i < r->n_runs) {
		add_to_run(r, i, rec);
		r->recent = i;
		return;
	}
	/* A zigzag makes runs of two.  One run instead costs a merge now, for an eighth of all that came since the last. */
	if (r->n_runs > FEW_RUNS && r->n_runs > r->n / SHORT_RUN)
		join_runs(r);
	if (!put_in_front(r, rec))
		begin_run(r, rec);
	r->recent = r->n_runs - 1;
}

void
runs_add(struct runs *r, int64_t ts_ms, uint64_t number, struct span bytes)
{
	line_up(r, keep(r, ts_ms, number, bytes));
}

/* ---- records go ---- */

void
runs_drop_first(struct runs *r)
{
	uint32_t         i = heads_first(&r->heads)->run;
	struct run      *run = &r->runs[i];
	struct runs_rec *rec = run->first;
	uint32_t         chunk = rec->chunk;

	run->first = rec->next;
	if (run->first != NULL) {
		heads_replace_first(&r->heads, (struct heads_key){ run->first->ts_ms, run->first->number });
	} else {
		heads_take_first(&r->heads);
		/* The least have gone, so what is empty ends before all others. */
		assert(i == r->n_runs - 1);
		r->n_runs--;
	}
	r->live_bytes -= whole_bytes(rec->n);
	r->n--;
	rec->next = rec;
	leave_chunk(r, chunk);
}

void
runs_clear(struct runs *r)
{
	for (size_t i = 0; i < r->n_chunks; i++)
		if (r->chunks[i] != NULL)
			chunk_give_back(r, r->chunks[i]);
	r->first_chunk += (uint32_t)r->n_chunks;
	r->n_chunks = 0;
	r->n_runs = 0;
	r->heads.n = 0;
	r->live_bytes = 0;
	r->n = 0;
}

/* Chunk by chunk, so that what is moved is never there twice. */
static void
move_all(struct runs *to, struct runs *from)
{
	for (size_t i = 0; i < from->n_chunks; i++) {
		struct runs_chunk *c = from->chunks[i];

		for (size_t at = 0; c != NULL && at < c->used; ) {
			const struct runs_rec *rec = (const struct runs_rec *)(void *)(c->room + at);

			at += whole_bytes(rec->n);
			if (!is_gone(rec))
				runs_add(to, rec->ts_ms, rec->number, span_of(rec->bytes, rec->n));
		}
		free(c);
	}
	from->n_chunks = 0;
}

bool
runs_compact(struct runs *r)
{
	struct runs from = *r;

	if (r->live_bytes > r->chunks_bytes / 2)
		return false;
	runs_init(r, from.chunk_bytes);
	move_all(r, &from);
	runs_release(&from);
	return true;
}

void
runs_tidy(struct runs *r)
{
	if (r->chunks_bytes > FEW_CHUNKS * r->chunk_bytes && r->live_bytes < r->chunks_bytes / 4)
		runs_compact(r);
}

/* ---- walking ---- */

/* The last chunk that begins at NUMBER or below, or the first. */
static size_t
find_chunk(const struct runs *r, uint64_t number)
{
	size_t i = r->n_chunks;

	while (i > 0 && (r->chunks[i - 1] == NULL || r->chunks[i - 1]->used == 0 || r->chunks[i - 1]->first_number > number))
		i--;
	return i == 0 ? 0 : i - 1;
}

const struct runs_rec *
runs_next(const struct runs *r, struct runs_walk *w, uint64_t number)
{
	if (!w->has_begun) {
		w->has_begun = true;
		w->chunk = find_chunk(r, number);
	}
	while (w->chunk < r->n_chunks) {
		struct runs_chunk *c = r->chunks[w->chunk];

		while (c != NULL && w->at < c->used) {
			const struct runs_rec *rec = (const struct runs_rec *)(void *)(c->room + w->at);

			w->at += whole_bytes(rec->n);
			if (!is_gone(rec) && rec->number >= number)
				return rec;
		}
		w->chunk++;
		w->at = 0;
	}
	return NULL;
}

/* ---- life ---- */

void
runs_init(struct runs *r, size_t chunk_bytes)
{
	*r = (struct runs){ .chunk_bytes = chunk_bytes };
}

void
runs_release(struct runs *r)
{
	for (size_t i = 0; i < r->n_chunks; i++)
		free(r->chunks[i]);
	free(r->spare);
	free(r->chunks);
	free(r->runs);
	heads_release(&r->heads);
	*r = (struct runs){ .chunk_bytes = r->chunk_bytes };
}

size_t
runs_bytes(const struct runs *r)
{
	return r->chunks_bytes + r->cap_chunks * sizeof(*r->chunks) + r->cap_runs * sizeof(*r->runs) + heads_bytes(&r->heads);
}
