/*
 * number - what the aggregates over numbers have in common
 */
#ifndef AGG_NUMBER_H
#define AGG_NUMBER_H

#include "agg/agg.h"

static inline bool
agg_is_null(const struct scan_value *v)
{
	return v->kind == SCAN_MISSING || v->kind == SCAN_NULL;
}

/* A number of at most 38 digits, null or missing. */
static inline bool
agg_check_number(const struct scan_value *v, struct agg_input *in, const char **reason)
{
	in->skip = agg_is_null(v);
	if (in->skip)
		return true;
	if (v->kind != SCAN_NUMBER) {
		*reason = "is not a number";
		return false;
	}
	if (!num_parse(span_of(v->p, v->n), &in->number)) {
		*reason = "has more than 38 digits";
		return false;
	}
	return true;
}

#endif
