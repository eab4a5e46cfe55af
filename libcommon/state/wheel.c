/* wheel - what is due when, for time that only goes up */
#include "state/wheel.h"

#include <stdlib.h>

#include "base/alloc.h"

/* The order of int64 as that of uint64. */
static inline uint64_t
biased(int64_t ms)
{
	return (uint64_t)ms ^ (uint64_t)1 << 63;
}

/* 0: due; else the highest bit in which it differs from now, and 1. */
static inline unsigned
bucket_of(const struct wheel *w, int64_t at_ms)
{
	return at_ms <= w->now_ms ? 0 : 64U - (unsigned)__builtin_clzll(biased(at_ms) ^ biased(w->now_ms));
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

static inline void
put(struct wheel *w, unsigned bucket, struct timer t)
{
	struct wheel_chunk *c = w->buckets[bucket];

	if (c == NULL || c->n == WHEEL_CHUNK) {
		c = take_chunk(w);
		c->next = w->buckets[bucket];
		c->n = 0;
		w->buckets[bucket] = c;
	}
	c->all[c->n++] = t;
}

void
wheel_add(struct wheel *w, struct timer t)
{
	put(w, bucket_of(w, t.at_ms), t);
	w->n++;
}

static void
deal_out(struct wheel *w, unsigned bucket)
{
	struct wheel_chunk *c = w->buckets[bucket], *next;

	w->buckets[bucket] = NULL;
	for (; c != NULL; c = next) {
		next = c->next;
		for (size_t i = 0; i < c->n; i++)
			put(w, bucket_of(w, c->all[i].at_ms), c->all[i]);
		give_chunk(w, c);
	}
}

void
wheel_turn(struct wheel *w, int64_t now_ms)
{
	unsigned highest = bucket_of(w, now_ms);

	/* Those above differ from the new now in the same bit as before; those below lie behind it. */
	w->now_ms = now_ms > w->now_ms ? now_ms : w->now_ms;
	for (unsigned b = 1; b <= highest; b++)
		if (w->buckets[b] != NULL)
			deal_out(w, b);
}

bool
wheel_take(struct wheel *w, struct timer *t)
{
	struct wheel_chunk *c = w->buckets[0];

	if (c == NULL)
		return false;
	*t = c->all[--c->n];
	w->n--;
	if (c->n == 0) {
		w->buckets[0] = c->next;
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
	for (int b = 0; b < WHEEL_BUCKETS; b++)
		free_chunks(w->buckets[b]);
	free_chunks(w->spare);
	*w = (struct wheel){ .now_ms = INT64_MIN };
}

size_t
wheel_bytes(const struct wheel *w)
{
	return w->n_chunks * sizeof(struct wheel_chunk);
}
