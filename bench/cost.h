/* cost - what the programs that measure one operator share: numbers at random, the same each time, and CPU time */
#ifndef BENCH_COST_H
#define BENCH_COST_H

#include <stdint.h>
#include <time.h>

static uint64_t random_state = 88172645463325252;

/* xorshift64 (Marsaglia 2003). */
static inline uint64_t
any(uint64_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 20) % below;
}

/* Nanoseconds of this process's. */
static inline double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* What asking costs. */
static inline double
clock_ns(void)
{
	double start = now();

	for (int i = 0; i < 100000; i++)
		now();
	return (now() - start) / 100000;
}

#endif
