/*
 * hash - XXH3, inlined
 *
 * Two uses: hash_bytes for tables (seeded per process, never written down) and hash_sum for
 * checksums and fingerprints (no seed: the same on every machine).  Not against forgery.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdint.h>

#define XXH_INLINE_ALL
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <xxhash.h>
#pragma GCC diagnostic pop

#include "base/span.h"

static inline uint64_t
hash_bytes(struct span s, uint64_t seed)
{
	return XXH3_64bits_withSeed(s.p, s.n, seed);
}

static inline uint64_t
hash_sum(struct span s)
{
	return XXH3_64bits(s.p, s.n);
}

#endif
