/*
 * saved - reading back what save wrote
 *
 * A walk over the items of an array that is known to be valid JSON, without blanks.  Whoever walks
 * over something else comes to an end, but not to sense.
 */
#ifndef AGG_SAVED_H
#define AGG_SAVED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct saved {
	const char *p, *end;
};

bool saved_open(struct saved *, struct span json);          /* false: no array */
bool saved_next(struct saved *, struct span *item);         /* false: there are no more */
bool saved_count(struct saved *, uint64_t *);               /* the next item, a number from 0 to 2^63 */
bool saved_i64(struct saved *, int64_t *);
bool saved_at_end(const struct saved *);

#endif
