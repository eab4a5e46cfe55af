/*
 * number - what check functions have in common: numbers, and whole values
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

/* Two numbers, of which none is null or missing. */
static inline bool
agg_check_numbers(const struct scan_value *v, struct agg_input *in, const char **reason)
{
	struct dec first = { 0, 0 };
	bool       skip;

	in->second_is_bad = false;
	if (!agg_check_number(v, in, reason))
		return false;
	skip = in->skip;
	if (!skip)
		first = in->number;
	in->second_is_bad = true;
	if (!agg_check_number(in->second, in, reason))
		return false;
	in->second_is_bad = false;
	in->other = in->number;
	in->number = first;
	in->skip |= skip;
	return true;
}

/* The JSON text of a value that is there: a string with its quotes. */
static inline struct span
agg_whole(const struct scan_value *v)
{
	return v->kind == SCAN_STRING ? span_of(v->p - 1, (size_t)v->n + 2) : span_of(v->p, v->n);
}

/* Any value; null or missing is skipped. */
static inline bool
agg_check_whole(const struct scan_value *v, struct agg_input *in, const char **reason)
{
	(void)reason;
	in->skip = agg_is_null(v);
	if (!in->skip)
		in->whole = agg_whole(v);
	return true;
}

/* Is A's record before B's, in time, and in arrival where the time is the same? */
static inline bool
agg_is_before(struct agg_at a, struct agg_at b)
{
	return a.ts_ms != b.ts_ms ? a.ts_ms < b.ts_ms : a.arrival < b.arrival;
}

#endif
