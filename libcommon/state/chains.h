/*
 * chains - a hash table of things that come and go
 *
 * Linear hashing (Litwin, 1980): with each thing that comes, one bucket is split, with some that go,
 * one is joined again.  So no put and no take ever waits for a table to be rehashed, and the table is
 * as large as what is in it.  The things are the caller's: each begins with a link.
 */
#ifndef STATE_CHAINS_H
#define STATE_CHAINS_H

#include <stddef.h>
#include <stdint.h>

struct chain_link {
	struct chain_link *next;
	uint64_t           hash;
};

enum { CHAINS_SEGMENT_BITS = 9, CHAINS_SEGMENT = 1 << CHAINS_SEGMENT_BITS };

/* {0} is a good empty one. */
struct chains {
	struct chain_link ***segments;       /* of CHAINS_SEGMENT buckets each */
	size_t               cap_segments;
	size_t               n_buckets;      /* 0: nothing has been put yet */
	size_t               level;          /* the greatest power of two <= n_buckets */
	size_t               n;              /* things */
};

static inline struct chain_link **
chains_bucket(const struct chains *c, uint64_t hash)
{
	size_t b = hash & (2 * c->level - 1);

	if (b >= c->n_buckets)
		b -= c->level;
	return &c->segments[b >> CHAINS_SEGMENT_BITS][b & (CHAINS_SEGMENT - 1)];
}

/* The first that may have that hash; then follow `next` and compare. */
static inline struct chain_link *
chains_first(const struct chains *c, uint64_t hash)
{
	return c->n_buckets == 0 ? NULL : *chains_bucket(c, hash);
}

/* To be looked for soon. */
static inline void
chains_prefetch(const struct chains *c, uint64_t hash)
{
	if (c->n_buckets != 0)
		__builtin_prefetch(chains_bucket(c, hash));
}

void chains_put(struct chains *, struct chain_link *);       /* its hash is set */
void chains_take(struct chains *, struct chain_link *);      /* it must be there */

/* Where a walk stands; {0} is the beginning.  In no order that may show; nothing may be put or taken meanwhile. */
struct chains_walk { size_t bucket; struct chain_link *link; };

struct chain_link *chains_walk(const struct chains *, struct chains_walk *);     /* NULL: no more */

void   chains_release(struct chains *);                      /* the table, not the things */
size_t chains_bytes(const struct chains *);

#endif
