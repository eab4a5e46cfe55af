/* when - times and durations */
#include "base/when.h"

#include "base/num.h"
#include "base/swar.h"

enum { MS_PER_S = 1000, MS_PER_MINUTE = 60000, MS_PER_HOUR = 3600000, MS_PER_DAY = 86400000 };

/* the calendar (proleptic Gregorian; years count from March, so that the leap day comes last) */

static int64_t
days_of(int64_t year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = when_floor_div(y, 400);
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static void
date_of(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468;
	int64_t era = when_floor_div(z, 146097);
	int64_t day_of_era = z - era * 146097;
	int64_t leap_days = day_of_era / 1460 - day_of_era / 36524 + day_of_era / 146096;
	int64_t year_of_era = (day_of_era - leap_days) / 365;
	int64_t day_of_year = day_of_era - 365 * year_of_era - year_of_era / 4 + year_of_era / 100;
	int64_t m = (5 * day_of_year + 2) / 153;

	*day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2));
}

static int
days_in_month(int year, int month)
{
	static const char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

bool
when_from_fields(int year, int month, int day, int hour, int minute, int second, int64_t *s)
{
	if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 ||
	    day > days_in_month(year, month) || hour < 0 || hour > 23 || minute < 0 ||
	    minute > 59 || second < 0 || second > 60)
		return false;
	*s = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	return true;
}

/* RFC 3339 */

static inline bool
is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static inline int
two_digits(const char *p)                         /* both are digits */
{
	return (p[0] - '0') * 10 + (p[1] - '0');
}

/* "2013-01-01", 10 bytes. */
static bool
read_day(const char *p, int64_t *day_ms)
{
	for (int i = 0; i < 10; i++)
		if (i == 4 || i == 7 ? p[i] != '-' : !is_digit(p[i]))
			return false;
	if (!when_from_fields(two_digits(p) * 100 + two_digits(p + 2), two_digits(p + 5),
	    two_digits(p + 8), 0, 0, 0, day_ms))
		return false;
	*day_ms *= MS_PER_S;
	return true;
}

static inline bool
cached_day(const char *p, struct when_cache *cache, int64_t *day_ms)
{
	if (cache->is_set && memcmp(p, cache->day, sizeof(cache->day)) == 0) {
		*day_ms = cache->day_ms;
		return true;
	}
	if (!read_day(p, day_ms))
		return false;
	memcpy(cache->day, p, sizeof(cache->day));
	cache->day_ms = *day_ms;
	cache->is_set = true;
	return true;
}

/* "05:17:00", 8 bytes, second 60 included. */
static inline bool
read_clock(const char *p, int64_t *ms)
{
	/* Colons become zeros, as digits 0 do; a pair's number comes to stand in its first byte. */
	uint64_t x = swar_load(p) ^ UINT64_C(0x30303A30303A3030);
	unsigned hour, minute, second;

	if (!swar_are_digits(x) || (x & UINT64_C(0x0000FF0000FF0000)) != 0)
		return false;
	x = x * 10 + (x >> 8);
	hour = x & 0xff;
	minute = x >> 24 & 0xff;
	second = x >> 48 & 0xff;
	if (hour > 23 || minute > 59 || second > 60)
		return false;
	*ms = hour * MS_PER_HOUR + minute * MS_PER_MINUTE + second * MS_PER_S;
	return true;
}

/* At least one digit; *MS: of the first three.  Where the digits end; NULL: there is none. */
static inline const char *
read_fraction(const char *p, const char *end, int *ms)
{
	const char *start = p;
	int         weight = 100;

	*ms = 0;
	for (; p < end && is_digit(*p); p++) {
		*ms += (*p - '0') * weight;
		weight /= 10;
	}
	return p == start ? NULL : p;
}

/* Z, z, +hh:mm, -hhmm, +hh: the whole of p … end. */
static bool
read_zone(const char *p, const char *end, int64_t *offset_ms)
{
	ptrdiff_t n = end - p;
	int       hour, minute = 0;

	if (n == 1 && (*p | 0x20) == 'z') {
		*offset_ms = 0;
		return true;
	}
	if ((n != 3 && n != 5 && n != 6) || (*p != '+' && *p != '-') || !is_digit(p[1]) ||
	    !is_digit(p[2]))
		return false;
	hour = two_digits(p + 1);
	if (n > 3) {
		if ((n == 6 && p[3] != ':') || !is_digit(end[-2]) || !is_digit(end[-1]))
			return false;
		minute = two_digits(end - 2);
	}
	if (hour > 23 || minute > 59)
		return false;
	*offset_ms = hour * MS_PER_HOUR + minute * MS_PER_MINUTE;
	if (*p == '-')
		*offset_ms = -*offset_ms;
	return true;
}

bool
when_rfc3339(struct span text, struct when_cache *cache, int64_t *ts_ms)
{
	const char *p = text.p, *end = text.p + text.n;
	int64_t     day_ms, clock_ms, offset_ms = 0;
	int         fraction_ms = 0;

	if (text.n < 10 || !cached_day(p, cache, &day_ms))
		return false;
	if (text.n == 10) {
		*ts_ms = day_ms;
		return true;
	}
	if (text.n < 19 || ((p[10] | 0x20) != 't' && p[10] != ' ') ||
	    !read_clock(p + 11, &clock_ms))
		return false;
	p += 19;
	if (p < end && *p == '.' && (p = read_fraction(p + 1, end, &fraction_ms)) == NULL)
		return false;
	if (p < end && !read_zone(p, end, &offset_ms))
		return false;
	*ts_ms = day_ms + clock_ms + fraction_ms - offset_ms;
	return true;
}

/* numbers */

static enum when_format
unit_of(int64_t digits)
{
	return digits <= 11 ? WHEN_S : digits <= 14 ? WHEN_MS : digits <= 17 ? WHEN_US : WHEN_NS;
}

static bool
is_time(int64_t ms)
{
	return ms != WHEN_MIN && ms != WHEN_MAX;
}

static bool
whole_number(int64_t v, enum when_format unit, int64_t *ts_ms)
{
	if (unit == WHEN_AUTO) {
		uint64_t magnitude = v < 0 ? -(uint64_t)v : (uint64_t)v;

		unit = magnitude < UINT64_C(100000000000) ? WHEN_S :
		    magnitude < UINT64_C(100000000000000) ? WHEN_MS :
		    magnitude < UINT64_C(100000000000000000) ? WHEN_US : WHEN_NS;
	}
	switch (unit) {
	case WHEN_S:  return !__builtin_mul_overflow(v, MS_PER_S, ts_ms);
	case WHEN_MS: *ts_ms = v; return is_time(v);
	case WHEN_US: *ts_ms = when_floor_div(v, 1000); return true;
	case WHEN_NS: *ts_ms = when_floor_div(v, 1000000); return true;
	default:      return false;
	}
}

/* 1700000000.123456, as other programs write their clock: digits (at most 11), a point, digits. */
static bool
read_seconds(struct span text, int64_t *ts_ms)
{
	const char *end = text.p + text.n;
	const char *point = text.n == 0 ? NULL : memchr(text.p, '.', text.n < 12 ? text.n : 12);
	int64_t     s;
	int         fraction_ms;

	if (point == NULL || *text.p == '-' ||
	    !num_i64(span_of(text.p, (size_t)(point - text.p)), &s) ||
	    read_fraction(point + 1, end, &fraction_ms) != end)
		return false;
	*ts_ms = s * MS_PER_S + fraction_ms;
	return true;
}

bool
when_number(struct span text, enum when_format unit, int64_t *ts_ms)
{
	uint64_t ms;
	int64_t  v;

	/* Thirteen digits are milliseconds, unless somebody says otherwise. */
	if (text.n == 13 && (unit == WHEN_AUTO || unit == WHEN_MS) && text.p[0] != '0' && swar_read(text.p, 13, &ms)) {
		*ts_ms = (int64_t)ms;
		return true;
	}
	if (num_i64(text, &v))
		return whole_number(v, unit, ts_ms);
	if ((unit == WHEN_AUTO || unit == WHEN_S) && read_seconds(text, ts_ms))
		return true;
	if (unit == WHEN_AUTO)
		unit = unit_of(num_magnitude(text));
	switch (unit) {
	case WHEN_S:  return num_floor(text, 3, ts_ms) && is_time(*ts_ms);
	case WHEN_MS: return num_floor(text, 0, ts_ms) && is_time(*ts_ms);
	case WHEN_US: return num_floor(text, -3, ts_ms) && is_time(*ts_ms);
	case WHEN_NS: return num_floor(text, -6, ts_ms) && is_time(*ts_ms);
	default:      return false;
	}
}

static const char *const format_names[] = {
	[WHEN_AUTO] = "auto", [WHEN_RFC3339] = "rfc3339", [WHEN_S] = "s", [WHEN_MS] = "ms", [WHEN_US] = "us", [WHEN_NS] = "ns",
	[WHEN_STRPTIME] = NULL
};

const char *
when_format_name(enum when_format format)
{
	return format_names[format];
}

bool
when_format_named(const char *name, enum when_format *format)
{
	for (size_t i = 0; format_names[i] != NULL; i++) {
		if (strcmp(format_names[i], name) == 0) {
			*format = (enum when_format)i;
			return true;
		}
	}
	return false;
}

void
when_put(struct buf *b, int64_t ts_ms)
{
	int64_t days = when_floor_div(ts_ms, MS_PER_DAY);
	int     ms = (int)when_floor_mod(ts_ms, MS_PER_DAY);
	int     year, month, day;

	if (days < days_of(0, 1, 1) || days > days_of(9999, 12, 31)) {
		buf_i64(b, ts_ms);
		return;
	}
	date_of(days, &year, &month, &day);
	buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year, month, day,
	    ms / MS_PER_HOUR, ms / MS_PER_MINUTE % 60, ms / MS_PER_S % 60, ms % MS_PER_S);
}
