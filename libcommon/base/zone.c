/* zone - civil time of a place */
#include "base/zone.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/when.h"
#include "base/zone_rule.h"

enum { DAY_MS = 86400000, RULE_YEARS = 402, YEAR_FIRST_SAID = 1970 };

/* The calendar repeats after 146097 days, which are whole weeks. */
static const int64_t CYCLE_MS = INT64_C(146097) * DAY_MS;

/* ---- the calendar ---- */

int64_t
zone_day_of_month(int64_t month)
{
	int64_t year = when_floor_div(month, 12) + 1970, of_year = when_floor_mod(month, 12);
	int64_t from_march = (of_year + 10) % 12, era, year_of_era;

	year -= of_year < 2;
	era = when_floor_div(year, 400);
	year_of_era = year - era * 400;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       (153 * from_march + 2) / 5 - 719468;
}

int64_t
zone_month_of_day(int64_t day)
{
	/* An average month has 30.436875 days: never off by more than one. */
	int64_t month = when_floor_div(day, 30436875) * 1000000 +
	                when_floor_mod(day, 30436875) * 1000000 / 30436875;

	while (zone_day_of_month(month) > day)
		month--;
	while (zone_day_of_month(month + 1) <= day)
		month++;
	return month;
}

/* ---- reading TZif ---- */

static int64_t
read_be(const char *p, int bytes)
{
	uint64_t v = (p[0] & 0x80) != 0 ? UINT64_MAX : 0;

	for (int i = 0; i < bytes; i++)
		v = v << 8 | (unsigned char)p[i];
	return (int64_t)v;
}

struct header {
	size_t n_isut, n_isstd, n_leap, n_times, n_types, n_chars;
};

enum { HEADER_BYTES = 44 };

static bool
read_header(struct span s, struct header *h)
{
	if (s.n < HEADER_BYTES || memcmp(s.p, "TZif", 4) != 0)
		return false;
	h->n_isut = (uint32_t)read_be(s.p + 20, 4);
	h->n_isstd = (uint32_t)read_be(s.p + 24, 4);
	h->n_leap = (uint32_t)read_be(s.p + 28, 4);
	h->n_times = (uint32_t)read_be(s.p + 32, 4);
	h->n_types = (uint32_t)read_be(s.p + 36, 4);
	h->n_chars = (uint32_t)read_be(s.p + 40, 4);
	return h->n_types > 0 && h->n_types <= 256;
}

static size_t
body_bytes(const struct header *h, size_t time_bytes)
{
	return h->n_times * (time_bytes + 1) + h->n_types * 6 + h->n_chars + h->n_leap * (time_bytes + 4) +
	       h->n_isstd + h->n_isut;
}

static void
add_change(struct zone *z, int64_t at_ms, int64_t offset_ms)
{
	z->changes[z->n_changes++] = (struct zone_change){ at_ms, offset_ms };
}

/* The block behind header H, with times of 8 bytes.  False: it is none. */
static bool
read_changes(struct zone *z, const char *p, const struct header *h)
{
	const char *types = p + h->n_times * 8, *infos = types + h->n_times;

	z->first_offset_ms = read_be(infos, 4) * 1000;
	for (size_t i = 0; i < h->n_times; i++) {
		size_t  type = (unsigned char)types[i];
		int64_t at_s = read_be(p + i * 8, 8);

		if (type >= h->n_types || at_s > INT64_MAX / 1000)
			return false;
		if (z->n_changes > 0 && at_s * 1000 <= z->changes[z->n_changes - 1].at_ms)
			return false;
		if (at_s < INT64_MIN / 1000)
			at_s = INT64_MIN / 1000;
		add_change(z, at_s * 1000, read_be(infos + type * 6, 4) * 1000);
	}
	return true;
}

/* What the rule says of the years behind the last change told. */
static void
follow_rule(struct zone *z, const struct zone_rule *rule)
{
	int64_t last_ms = z->n_changes == 0 ? WHEN_MIN : z->changes[z->n_changes - 1].at_ms;
	int64_t year = YEAR_FIRST_SAID;

	if (!rule->has_dst) {
		if (z->n_changes == 0)
			z->first_offset_ms = rule->offset_ms;
		return;
	}
	if (last_ms > 0)
		year += zone_month_of_day(when_floor_div(last_ms, DAY_MS)) / 12;
	for (int64_t y = year; y < year + RULE_YEARS; y++) {
		int64_t on_ms = zone_rule_instant(&rule->begins, y, rule->offset_ms);
		int64_t off_ms = zone_rule_instant(&rule->ends, y, rule->dst_offset_ms);
		bool    on_first = on_ms < off_ms;

		for (int i = 0; i < 2; i++) {
			bool    is_on = (i == 0) == on_first;
			int64_t at_ms = is_on ? on_ms : off_ms;

			if (at_ms > last_ms)
				add_change(z, at_ms, is_on ? rule->dst_offset_ms : rule->offset_ms);
		}
	}
	z->repeats_at_ms = zone_day_of_month((year + RULE_YEARS - 1 - 1970) * 12) * DAY_MS;
}

static bool
parse(struct zone *z, struct span s)
{
	struct header    h;
	struct zone_rule rule;
	size_t           bytes;

	if (!read_header(s, &h) || s.p[4] < '2')
		return false;
	bytes = HEADER_BYTES + body_bytes(&h, 4);        /* the old block, with times of 4 bytes */
	if (bytes > s.n)
		return false;
	s = span_of(s.p + bytes, s.n - bytes);
	if (!read_header(s, &h))
		return false;
	bytes = HEADER_BYTES + body_bytes(&h, 8);
	if (bytes + 2 > s.n || s.p[bytes] != '\n' || s.p[s.n - 1] != '\n')
		return false;
	z->changes = alloc_zeroed(h.n_times + 2 * RULE_YEARS, sizeof(*z->changes));
	if (!read_changes(z, s.p + HEADER_BYTES, &h))
		return false;
	if (s.n == bytes + 2)
		return true;                             /* no rule: the last change holds for ever */
	if (!zone_rule_parse(&rule, span_of(s.p + bytes + 1, s.n - bytes - 2)))
		return false;
	follow_rule(z, &rule);
	return true;
}

int
zone_parse(struct zone *z, struct span tzif, struct err *err)
{
	*z = (struct zone){ .repeats_at_ms = WHEN_MAX };
	if (parse(z, tzif))
		return 0;
	zone_release(z);
	return err_set(err, ERR_DATA, "no file of the tz database (TZif, version 2 or later)");
}

void
zone_release(struct zone *z)
{
	free(z->changes);
	*z = (struct zone){ 0 };
}

/* ---- asking ---- */

/* How many whole cycles TS is behind what the table tells. */
static int64_t
cycles(const struct zone *z, int64_t ts_ms)
{
	if (z->n_changes == 0 || ts_ms < z->repeats_at_ms)
		return 0;
	return (ts_ms - z->repeats_at_ms) / CYCLE_MS + 1;
}

/* How many changes are at or before TS. */
static size_t
changes_before(const struct zone *z, int64_t ts_ms)
{
	size_t low = 0, high = z->n_changes;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (z->changes[middle].at_ms <= ts_ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int64_t
offset_behind(const struct zone *z, size_t n_changes)
{
	return n_changes == 0 ? z->first_offset_ms : z->changes[n_changes - 1].offset_ms;
}

int64_t
zone_offset_ms(const struct zone *z, int64_t ts_ms)
{
	return offset_behind(z, changes_before(z, ts_ms - cycles(z, ts_ms) * CYCLE_MS));
}

int64_t
zone_instant(const struct zone *z, int64_t local_ms)
{
	/* No offset is larger than two days: what holds that long before comes first. */
	int64_t k = cycles(z, when_sub(local_ms, 2 * DAY_MS));
	int64_t local = local_ms - k * CYCLE_MS;
	size_t  i = changes_before(z, when_sub(local, 2 * DAY_MS));

	for (;; i++) {
		int64_t from_ms = i == 0 ? WHEN_MIN : z->changes[i - 1].at_ms;
		int64_t at_ms = when_sub(local, offset_behind(z, i));

		if (at_ms < from_ms)
			at_ms = from_ms;
		if (i == z->n_changes || at_ms < z->changes[i].at_ms)
			return when_add(at_ms, k * CYCLE_MS);
	}
}
