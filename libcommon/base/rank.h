/*
 * rank - things in ascending order of a number
 *
 * A radix sort from the last byte on, over those bytes only in which the numbers differ: what lies
 * close together (arrivals of one window, ends of sessions) takes two or three passes, each of
 * them forward through memory.  Stable, so several sorts, the least important number first, make an
 * order by several numbers.
 */
#ifndef BASE_RANK_H
#define BASE_RANK_H

#include <stddef.h>
#include <stdint.h>

struct ranked {
	uint64_t by;
	uint64_t what;                   /* the caller's: a place, a number */
};

/* Room for N things, twice: sorting needs a second place.  {0} is a good empty one. */
struct ranks {
	struct ranked *all;
	size_t         n, cap;
};

void   ranks_reserve(struct ranks *, size_t n);          /* room for so many, all in all */
void   ranks_add(struct ranks *, uint64_t by, uint64_t what);
void   ranks_sort(struct ranks *);
size_t ranks_bytes(const struct ranks *);
void   ranks_release(struct ranks *);

/* So that negative ones come first. */
static inline uint64_t
rank_i64(int64_t n)
{
	return (uint64_t)n ^ (UINT64_C(1) << 63);
}

#endif
