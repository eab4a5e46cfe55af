/*
 * zone - civil time of a place
 *
 * What the tz database says of a zone (RFC 8536, TZif), as a table: from which instant which offset
 * from UTC holds.  Behind the last instant told the rule at the end of the file goes on for ever,
 * and repeats with the calendar, every 400 years.  Reading the file is not done here: io/zonefile.h.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

struct zone_change {
	int64_t at_ms;           /* from here on */
	int64_t offset_ms;       /* local time is UTC and this */
};

/* {0} is UTC. */
struct zone {
	int64_t             first_offset_ms;     /* before the first change */
	struct zone_change *changes;             /* ascending */
	size_t              n_changes;
	int64_t             repeats_at_ms;       /* from here on as 400 years before; WHEN_MAX: it does not */
};

/* From the bytes of a TZif file.  -1, ERR_DATA: it is none. */
int  zone_parse(struct zone *, struct span tzif, struct err *);
void zone_release(struct zone *);

int64_t zone_offset_ms(const struct zone *, int64_t ts_ms);

/*
 * The first instant at which clocks in the zone show LOCAL_MS (since 1970-01-01T00:00 there) or
 * more: where they skip it, that of the skip; where they show it twice, the first.
 */
int64_t zone_instant(const struct zone *, int64_t local_ms);

/* The days from 1970-01-01 to the first of a month, counted from January 1970. */
int64_t zone_day_of_month(int64_t month);

/* The month that day is in. */
int64_t zone_month_of_day(int64_t day);

#endif
