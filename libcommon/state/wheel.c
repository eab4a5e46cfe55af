/* wheel - what is due when, for time that only goes up */
#include "state/wheel.h"

#include <stdlib.h>

#include "base/alloc.h"

enum {
	LARGE = 2048,                /* things: dealing out as many takes some 20 µs */
	CREDIT = 16                  /* chunks dealt out ahead for each begun, and each turn */
};

/* The order of int64 as that of uint64. */
static inline uint64_t
biased(int64_t ms)
{
	return (uint64_t)ms ^ (uint64_t)1 << 63;
}

/* 0: due; else the highest bit in which it differs from NOW, and 1. */
static inline unsigned
bucket_of(int64_t now_ms, int64_t at_ms)
{
	return at_ms <= now_ms ? 0 : 64U - (unsigned)__builtin_clzll(biased(at_ms) ^ biased(now_ms));
}

/* What now will be when the stretch of time of a bucket begins. */
static int64_t
begin_of(const struct wheel *w, unsigned bucket)
{
	uint64_t bit = (uint64_t)1 << (bucket - 1);

	return (int64_t)(((biased(w->now_ms) | bit) & ~(bit - 1)) ^ (uint64_t)1 << 63);
}

static struct wheel_chunk *
take_chunk(struct wheel *w)
{
	struct wheel_chunk *c = w->spare;

	if (c == NULL) {
		w->n_chunks++;
		return alloc_bytes(sizeof(*c));
	}
	w->spare = c->next;
	w->n_spare--;
	return c;
}

/* A few are kept, so that a steady flow allocates nothing. */
static void
give_chunk(struct wheel *w, struct wheel_chunk *c)
{
	if (w->n_spare > 16 + w->n_chunks / 8) {
		free(c);
		w->n_chunks--;
		return;
	}
	c->next = w->spare;
	w->spare = c;
	w->n_spare++;
}

/* True: a chunk was begun for it. */
static inline bool
put(struct wheel *w, struct wheel_chunk **list, struct timer t)
{
	struct wheel_chunk *c = *list;
	bool                is_new = c == NULL || c->n == WHEEL_CHUNK;

	if (is_new) {
		c = take_chunk(w);
		c->next = *list;
		c->n = 0;
		*list = c;
	}
	c->all[c->n++] = t;
	return is_new;
}

void
wheel_add(struct wheel *w, struct timer t)
{
	struct wheel_bucket *b = &w->buckets[bucket_of(w->now_ms, t.at_ms)];

	if (put(w, &b->all, t))
		w->credit += CREDIT;
	b->n++;
}

/* All of FROM in front of TO. */
static void
splice(struct wheel_chunk **to, struct wheel_chunk *from)
{
	struct wheel_chunk *last = from;

	if (from == NULL)
		return;
	while (last->next != NULL)
		last = last->next;
	last->next = *to;
	*to = from;
}

static size_t
things_in(const struct wheel_chunk *c)
{
	size_t n = 0;

	for (; c != NULL; c = c->next)
		n += c->n;
	return n;
}

/* Each thing to where it belongs now. */
static void
deal_out(struct wheel *w, struct wheel_chunk *c)
{
	struct wheel_chunk *next;

	for (; c != NULL; c = next) {
		next = c->next;
		for (size_t i = 0; i < c->n; i++) {
			struct wheel_bucket *to = &w->buckets[bucket_of(w->now_ms, c->all[i].at_ms)];

			put(w, &to->all, c->all[i]);
			to->n++;
		}
		give_chunk(w, c);
	}
}

/* Now has gone past all that is in it. */
static void
make_due(struct wheel *w, struct wheel_bucket *b)
{
	splice(&w->buckets[0].all, b->all);
	for (unsigned k = 0; b->ahead != NULL && k < WHEEL_BUCKETS; k++)
		splice(&w->buckets[0].all, b->ahead[k]);
	free(b->ahead);
	*b = (struct wheel_bucket){ 0 };
}

/* Now has got into its stretch, which began at BEGIN_MS. */
static void
open_bucket(struct wheel *w, struct wheel_bucket *b, int64_t begin_ms)
{
	struct wheel_bucket was = *b;
	unsigned            passed = bucket_of(begin_ms, w->now_ms);

	*b = (struct wheel_bucket){ 0 };
	deal_out(w, was.all);
	for (unsigned k = 0; was.ahead != NULL && k < WHEEL_BUCKETS; k++) {
		if (k < passed || k == 0) {
			splice(&w->buckets[0].all, was.ahead[k]);
		} else if (k == passed) {
			deal_out(w, was.ahead[k]);
		} else {
			w->buckets[k].n += things_in(was.ahead[k]);
			splice(&w->buckets[k].all, was.ahead[k]);
		}
	}
	free(was.ahead);
}

/* Some chunks of large buckets, the soonest first, to where they will belong. */
static void
deal_ahead(struct wheel *w)
{
	for (unsigned i = 1; i < WHEEL_BUCKETS && w->credit > 0; i++) {
		struct wheel_bucket *b = &w->buckets[i];
		int64_t              begin_ms;

		if (b->n < LARGE)
			continue;
		begin_ms = begin_of(w, i);
		if (b->ahead == NULL)
			b->ahead = alloc_zeroed(WHEEL_BUCKETS, sizeof(struct wheel_chunk *));
		for (; w->credit > 0 && b->n >= LARGE; w->credit--) {
			struct wheel_chunk *c = b->all;

			b->all = c->next;
			b->n -= c->n;
			for (size_t k = 0; k < c->n; k++)
				put(w, &b->ahead[bucket_of(begin_ms, c->all[k].at_ms)], c->all[k]);
			give_chunk(w, c);
		}
	}
	w->credit = 0;
}

void
wheel_turn(struct wheel *w, int64_t now_ms)
{
	unsigned highest = bucket_of(w->now_ms, now_ms);
	int64_t  begin_ms = highest == 0 ? now_ms : begin_of(w, highest);

	if (highest == 0)
		return;
	/* Buckets above differ from the new now in the same bit as before; those below lie behind it. */
	w->now_ms = now_ms;
	for (unsigned i = 1; i < highest; i++)
		make_due(w, &w->buckets[i]);
	open_bucket(w, &w->buckets[highest], begin_ms);
	w->credit += CREDIT;
	deal_ahead(w);
}

bool
wheel_take(struct wheel *w, struct timer *t)
{
	struct wheel_chunk *c = w->buckets[0].all;

	if (c == NULL)
		return false;
	*t = c->all[--c->n];
	if (c->n == 0) {
		w->buckets[0].all = c->next;
		give_chunk(w, c);
	}
	return true;
}

static void
free_chunks(struct wheel_chunk *c)
{
	struct wheel_chunk *next;

	for (; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
}

void
wheel_release(struct wheel *w)
{
	for (unsigned i = 1; i < WHEEL_BUCKETS; i++)
		make_due(w, &w->buckets[i]);
	free_chunks(w->buckets[0].all);
	free_chunks(w->spare);
	*w = (struct wheel){ .now_ms = INT64_MIN };
}

size_t
wheel_bytes(const struct wheel *w)
{
	return w->n_chunks * sizeof(struct wheel_chunk);
}
