/*
 * window_assign - where the windows of a grid lie
 *
 * Everything is counted in units from the grid's beginning, which are milliseconds, civil days or
 * civil months; only the bounds of a window know what instant that is.
 */
#ifndef OP_WINDOW_ASSIGN_H
#define OP_WINDOW_ASSIGN_H

#include "op/window.h"

/* Wide enough for what lies around the ends of time. */
typedef __int128 window_index;

struct window_shape {
	bool               is_cumulative;
	enum window_unit   unit;
	int64_t            size, step;
	int64_t            offset_ms, first_day;
	const struct zone *zone;
};

/* A window; its bounds are cut off at the ends of time. */
struct window_at {
	int64_t      start_ms, end_ms;
	window_index start, end;
};

struct window_shape window_shape_of(const struct window_conf *);

/* The stretch around TS in which no window begins or ends.  False: no window holds TS. */
bool window_pane_at(const struct window_shape *, int64_t ts_ms, int64_t *start_ms, int64_t *end_ms);

/* In order of their ends.  Where windows hold TS, the first that ends after it is the first of them. */
struct window_at window_first_after(const struct window_shape *, int64_t ts_ms);
struct window_at window_last_holding(const struct window_shape *, int64_t ts_ms);
struct window_at window_following(const struct window_shape *, struct window_at);

#endif
