/*
 * when - times and durations
 *
 * Event time is int64 milliseconds since the epoch, negative allowed; fractions of a millisecond
 * are cut towards minus infinity; years 0000 to 9999; leap second 60 reads as the second after 59.
 * Additions saturate, divisions are floor divisions.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define WHEN_MIN INT64_MIN                 /* "nothing yet" as a watermark */
#define WHEN_MAX INT64_MAX                 /* end of input */

enum when_format { WHEN_AUTO, WHEN_RFC3339, WHEN_S, WHEN_MS, WHEN_US, WHEN_NS, WHEN_STRPTIME };

/* "auto", "rfc3339", "s", "ms", "us", "ns".  False: none of them. */
bool when_format_named(const char *name, enum when_format *);
const char *when_format_name(enum when_format);       /* WHEN_STRPTIME: NULL */

/* Remembers the day it parsed last: one per column.  {0} is a good start. */
struct when_cache { char day[10]; bool is_set; int64_t day_ms; };

/*
 * RFC 3339: 2013-01-01T05:17:00Z, +hh:mm, -hhmm, +hh, fraction of any length; 'T', 't' or a blank
 * between; a date alone is midnight UTC; no zone is UTC.  All fields are checked.  False: is none.
 */
bool when_rfc3339(struct span text, struct when_cache *, int64_t *ts_ms);

/*
 * A JSON number (integer, decimal or with exponent) in the unit; AUTO: below 10^11 s, 10^14 ms,
 * 10^17 µs, else ns (by absolute value).  WHEN_MIN and WHEN_MAX are no times.
 */
bool when_number(struct span text, enum when_format unit, int64_t *ts_ms);

/*
 * strptime(3) with FORMAT, plus %N or %f: a fraction of a second.  UTC unless %z is in it; %Z takes
 * UTC, GMT and Z only.  All fields are checked; the text has to end with the format.  C locale.
 */
bool when_strptime(struct span text, const char *format, int64_t *ts_ms);

/* Fields in UTC to seconds since the epoch.  False: no such day or time; second 60 is one. */
bool when_from_fields(int year, int month, int day, int hour, int minute, int second, int64_t *s);

/* 2013-01-01T05:17:00.000Z; what lies outside years 0000 to 9999 as the number.  For messages. */
void when_put(struct buf *, int64_t ts_ms);

/*
 * "500ms" "10s" "5m" "1h" "2d" "1w" "1h30m" "1.5s", "0"; units from large to small; a sign where
 * NEGATIVE says so.  -1 and ERR_USAGE: reason.
 */
int  when_duration(const char *text, bool negative, int64_t *ms, struct err *);

/* A duration for people: 86399s → "23h59m59s". */
void when_put_duration(struct buf *, int64_t ms);

static inline int64_t
when_add(int64_t a, int64_t b)            /* saturating */
{
	int64_t r;

	if (__builtin_add_overflow(a, b, &r))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return r;
}

static inline int64_t
when_sub(int64_t a, int64_t b)            /* saturating */
{
	int64_t r;

	if (__builtin_sub_overflow(a, b, &r))
		return b < 0 ? INT64_MAX : INT64_MIN;
	return r;
}

static inline int64_t
when_floor_mod(int64_t a, int64_t m)      /* m > 0; in [0, m) */
{
	int64_t r = a % m;

	return r < 0 ? r + m : r;
}

static inline int64_t
when_floor_div(int64_t a, int64_t m)      /* m > 0 */
{
	return a / m - (a % m < 0);
}

#endif
