/* zone_rule - when clocks change, as POSIX writes it: EST5EDT,M3.2.0,M11.1.0 */
#ifndef BASE_ZONE_RULE_H
#define BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct zone_rule_day {
	enum { ZONE_RULE_MONTH, ZONE_RULE_JULIAN, ZONE_RULE_DAY } kind;    /* Mm.w.d, Jn, n */
	int     month, week, weekday;
	int     day;
	int64_t time_ms;             /* of local time, any sign */
};

struct zone_rule {
	int64_t              offset_ms, dst_offset_ms;
	bool                 has_dst;
	struct zone_rule_day begins, ends;       /* of summer time */
};

bool zone_rule_parse(struct zone_rule *, struct span text);

/* When the day of that year comes where local time is UTC and OFFSET_MS. */
int64_t zone_rule_instant(const struct zone_rule_day *, int64_t year, int64_t offset_ms);

#endif
