/*
 * hash - XXH3, inlined
 *
 * Three uses: hash_bytes for tables (seeded per process, never written down), hash_print for what
 * stands for the bytes themselves (seeded; a seed that is written down makes prints outlive the
 * process) and hash_sum for checksums and fingerprints (no seed: the same on every machine).  Not
 * against forgery.
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

/* 128 bits: among 10^9 different spans, two have the same with a chance of 1.5 in 10^21. */
struct hash_print {
	uint64_t hi, lo;
};

static inline struct hash_print
hash_print(struct span s, uint64_t seed)
{
	XXH128_hash_t h = XXH3_128bits_withSeed(s.p, s.n, seed);

	return (struct hash_print){ h.high64, h.low64 };
}

static inline uint64_t
hash_sum(struct span s)
{
	return XXH3_64bits(s.p, s.n);
}

#endif
