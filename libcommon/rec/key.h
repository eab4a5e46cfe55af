/*
 * key - a key, from the values at its paths
 *
 * One value: a string's text, another scalar's JSON text; null or missing is the null key.  Several:
 * the compact JSON array as text, strings in their shortest escape, numbers as they stand, null stays.
 */
#ifndef REC_KEY_H
#define REC_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/span.h"
#include "json/scan.h"

/* Room to work in, used again and again; {0} is a good start. */
struct rec_key_room {
	struct buf text, decoded;
};

/*
 * The key of N >= 1 VALUES, in the line or in ARENA.  *N_NULL: how many of them were null or missing.
 * False: *BAD is an array or object, which is no key.
 */
bool rec_key_of(const struct scan_value *values, size_t n, struct rec_key_room *, struct arena *,
                struct span *key, size_t *n_null, size_t *bad);

void rec_key_room_release(struct rec_key_room *);

#endif
