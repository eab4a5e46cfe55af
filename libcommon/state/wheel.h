/*
 * wheel - what is due when, for time that only goes up
 *
 * A radix heap (Ahuja, Mehlhorn, Orlin, Tarjan 1990): things lie in buckets by the highest bit in
 * which their time differs from now.  Adding is O(1); when now gets into a bucket's stretch of time,
 * that is dealt out to the buckets below it, which are empty by then: a thing is moved a few times in
 * its life, along with its neighbours.  A large bucket is dealt out a little at a time before now gets
 * there, so that no turn has to wait for a million things.  In no order: who needs one sorts what is
 * due.  Nothing is found or taken out of the middle.  16 bytes a thing.
 */
#ifndef STATE_WHEEL_H
#define STATE_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "state/timers.h"

enum { WHEEL_CHUNK = 63, WHEEL_BUCKETS = 65 };

struct wheel_chunk {
	struct wheel_chunk *next;
	size_t              n;
	struct timer        all[WHEEL_CHUNK];
};

/* Things with one highest bit: as they came, and, of a large bucket, by what now will be when it begins. */
struct wheel_bucket {
	struct wheel_chunk  *all;
	size_t               n;              /* in it, those dealt out ahead aside */
	struct wheel_chunk **ahead;          /* WHEEL_BUCKETS lists; NULL: nothing has been dealt out */
};

/* {0}, with now_ms = INT64_MIN, is a good empty one. */
struct wheel {
	int64_t             now_ms;
	struct wheel_bucket buckets[WHEEL_BUCKETS];      /* the first: what is due */
	struct wheel_chunk *spare;
	size_t              n_chunks, n_spare;
	size_t              credit;                      /* chunks that may be dealt out ahead */
};

/* At or before now: it is due at once. */
void wheel_add(struct wheel *, struct timer);

/* It is now NOW_MS (not earlier than before). */
void wheel_turn(struct wheel *, int64_t now_ms);

/* One that is due, taken out.  False: there is none. */
bool wheel_take(struct wheel *, struct timer *);

void   wheel_release(struct wheel *);
size_t wheel_bytes(const struct wheel *);

#endif
