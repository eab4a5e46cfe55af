/*
 * table - the store in memory
 *
 * Entries lie dense in order of first appearance and never move; an index of tags and numbers
 * (state/index.h) stands beside them.  It grows a part at a time, so no put ever waits for a whole
 * table to be rehashed.  What a dropped space had is kept for the next one.
 */
#ifndef STATE_TABLE_H
#define STATE_TABLE_H

#include "state/store.h"

/* VALUE_BYTES is rounded up to a multiple of 16. */
struct store *table_new(size_t value_bytes, uint64_t hash_seed);

#endif
