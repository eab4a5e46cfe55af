/*
 * same - fingerprints of values: what distinct and distinct~ have in common
 *
 * Two values have one fingerprint if they are the same: numbers by value (1 = 1.0, at any length),
 * strings decoded, true, false; 1 is not "1".  128 bits of XXH3, the same on every machine: for two
 * different ones to meet has a chance of 10^-20 among 10^9.  Not against forgery.
 */
#ifndef AGG_SAME_H
#define AGG_SAME_H

#include "agg/agg.h"

struct same {
	uint64_t low, high;
};

/* Numbers, strings, true and false; null or missing is skipped. */
bool        same_check(const struct scan_value *, struct agg_input *, const char **reason);
struct same same_of(const struct agg_input *);

#endif
