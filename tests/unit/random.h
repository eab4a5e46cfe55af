/*
 * random - numbers for properties: the same ones each time
 */
#ifndef UNIT_RANDOM_H
#define UNIT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* xorshift64* (Marsaglia; Vigna): SEED is the state, and not 0. */
static inline uint64_t
random_next(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * UINT64_C(2685821657736338717);
}

/* In [0, n). */
static inline uint64_t
random_below(uint64_t *seed, uint64_t n)
{
	return (random_next(seed) >> 11) % n;
}

/* In [from, to). */
static inline int64_t
random_between(uint64_t *seed, int64_t from, int64_t to)
{
	return from + (int64_t)random_below(seed, (uint64_t)(to - from));
}

#endif
