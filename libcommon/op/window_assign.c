/* window_assign - where the windows of a grid lie */
#include "op/window_assign.h"

#include "base/when.h"

enum { DAY_MS = 86400000 };

static const int64_t FAR_MS = INT64_MAX / 2;

static int64_t
clamp(window_index i)
{
	return i < INT64_MIN ? INT64_MIN : i > INT64_MAX ? INT64_MAX : (int64_t)i;
}

static window_index
floor_to(window_index a, int64_t m)
{
	window_index r;

	if (a >= INT64_MIN && a <= INT64_MAX)    /* nearly always, and much faster */
		return a - when_floor_mod((int64_t)a, m);
	r = a % m;
	return a - (r < 0 ? r + m : r);
}

/* ---- instants ---- */

static int64_t
instant(const struct window_shape *s, window_index i)
{
	window_index local;

	if (s->unit == WINDOW_MS)
		return clamp(i + s->offset_ms);
	local = s->unit == WINDOW_DAYS ? i + s->first_day : zone_day_of_month((int64_t)i);
	return zone_instant(s->zone, clamp(local * DAY_MS + s->offset_ms));
}

/* The last unit that has begun at TS. */
static window_index
index_at(const struct window_shape *s, int64_t ts_ms)
{
	window_index i;
	int64_t      day;

	if (s->unit == WINDOW_MS)
		return (window_index)ts_ms - s->offset_ms;
	/* Nobody's calendar reaches the ends of time, where sums are cut off. */
	if (ts_ms < -FAR_MS || ts_ms > FAR_MS)
		ts_ms = ts_ms < 0 ? -FAR_MS : FAR_MS;
	day = when_floor_div(when_sub(when_add(ts_ms, zone_offset_ms(s->zone, ts_ms)), s->offset_ms), DAY_MS);
	i = s->unit == WINDOW_DAYS ? day - s->first_day : zone_month_of_day(day);
	/* Where clocks go back over midnight the next day has begun already. */
	for (i++; instant(s, i) > ts_ms; i--)
		;
	return i;
}

static struct window_at
window_from(const struct window_shape *s, window_index start, window_index end)
{
	return (struct window_at){ instant(s, start), instant(s, end), start, end };
}

/* ---- windows ---- */

struct window_shape
window_shape_of(const struct window_conf *c)
{
	return (struct window_shape){
		.is_cumulative = c->kind == WINDOW_CUMULATIVE, .unit = c->unit, .size = c->size,
		.step = c->kind == WINDOW_TUMBLING ? c->size : c->step,
		.offset_ms = c->offset_ms, .first_day = c->first_day, .zone = c->zone,
	};
}

bool
window_pane_at(const struct window_shape *s, int64_t ts_ms, int64_t *start_ms, int64_t *end_ms)
{
	window_index i = index_at(s, ts_ms), base = floor_to(i, s->step);
	int64_t      cut = s->is_cumulative ? 0 : s->size % s->step;     /* where windows end, behind BASE */

	if (!s->is_cumulative && i - base >= s->size)
		return false;
	if (cut == 0) {
		*start_ms = instant(s, base);
		*end_ms = instant(s, base + s->step);
	} else if (i < base + cut) {
		*start_ms = instant(s, base);
		*end_ms = instant(s, base + cut);
	} else {
		*start_ms = instant(s, base + cut);
		*end_ms = instant(s, base + s->step);
	}
	return true;
}

struct window_at
window_first_after(const struct window_shape *s, int64_t ts_ms)
{
	window_index i = index_at(s, ts_ms), start;

	if (s->is_cumulative) {
		start = floor_to(i, s->step);
		return window_from(s, floor_to(start, s->size), start + s->step);
	}
	start = floor_to(i - s->size, s->step) + s->step;
	return window_from(s, start, start + s->size);
}

struct window_at
window_last_holding(const struct window_shape *s, int64_t ts_ms)
{
	window_index start = floor_to(index_at(s, ts_ms), s->is_cumulative ? s->size : s->step);

	return window_from(s, start, start + s->size);
}

struct window_at
window_following(const struct window_shape *s, struct window_at at)
{
	if (s->is_cumulative)
		return window_from(s, floor_to(at.end, s->size), at.end + s->step);
	return window_from(s, at.start + s->step, at.end + s->step);
}
