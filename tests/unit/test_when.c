/* Times and durations: every field is checked, every day comes back. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/when.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NONE     INT64_MIN                /* no test's time */

/* Exactly the bytes of TEXT on the heap, so that a sanitizer sees any read beyond them. */
static struct span
exact_copy(const char *text)
{
	size_t n = strlen(text);
	char  *p = malloc(n == 0 ? 1 : n);

	assert_non_null(p);
	return span_of(memcpy(p, text, n), n);
}

static void
drop(struct span s)
{
	free((char *)s.p);
}

static int64_t
rfc3339(const char *text, struct when_cache *cache)
{
	struct span s = exact_copy(text);
	int64_t     ts = 0;
	bool        ok = when_rfc3339(s, cache, &ts);

	drop(s);
	return ok ? ts : NONE;
}

static void
reads_rfc3339(void **state)
{
	static const struct { const char *text; int64_t ts; } cases[] = {
		{ "2013-01-01T05:17:00Z", 1357017420000 }, { "1970-01-01T00:00:00Z", 0 },
		{ "1970-01-01", 0 }, { "1969-12-31T23:59:59Z", -1000 },
		{ "2013-01-01t05:17:00z", 1357017420000 },
		{ "2013-01-01 05:17:00Z", 1357017420000 }, { "2013-01-01T05:17:00", 1357017420000 },
		{ "2013-01-01 05:17:00", 1357017420000 }, { "2013-01-01", 1356998400000 },
		{ "2013-01-01T05:17:00+00:00", 1357017420000 },
		{ "2013-01-01T05:17:00-00:00", 1357017420000 },
		{ "2013-01-01T05:17:00+05:30", 1356997620000 },
		{ "2013-01-01T05:17:00-0800", 1357046220000 },
		{ "2013-01-01T05:17:00+0530", 1356997620000 },
		{ "2013-01-01T05:17:00+01", 1357013820000 },
		{ "2013-01-01T00:00:00+23:59", 1356912060000 },
		{ "2013-01-01T00:00:00-23:59", 1357084740000 },
		{ "2013-01-01T05:17:00.1Z", 1357017420100 },
		{ "2013-01-01T05:17:00.12Z", 1357017420120 },
		{ "2013-01-01T05:17:00.123Z", 1357017420123 },
		{ "2013-01-01T05:17:00.1239Z", 1357017420123 },
		{ "2013-01-01T05:17:00.123999999999999999999999999999999999999Z", 1357017420123 },
		{ "2013-01-01T05:17:00.5+05:30", 1356997620500 },
		{ "2013-01-01T05:17:00.5", 1357017420500 },
		{ "2013-01-01T05:17:00.000", 1357017420000 },
		/* cut towards minus infinity, before 1970 too */
		{ "1969-12-31T23:59:59.9999Z", -1 }, { "1969-12-31T23:59:59.0001Z", -1000 },
		{ "1969-12-31T23:59:59.9Z", -100 },
		/* leap days */
		{ "2012-02-29T00:00:00Z", 1330473600000 }, { "2000-02-29T00:00:00Z", 951782400000 },
		{ "0000-02-29", -62162121600000 },
		{ "2013-02-29", NONE }, { "1900-02-29", NONE }, { "2100-02-29", NONE },
		{ "2013-02-28", 1362009600000 },
		/* a leap second is the second after */
		{ "2016-12-31T23:59:60Z", 1483228800000 },
		{ "2016-12-31T23:59:60.5Z", 1483228800500 },
		{ "2016-12-31T15:59:60-08:00", 1483228800000 },
		{ "2016-12-31T23:59:61Z", NONE },
		/* ends of the calendar */
		{ "0000-01-01T00:00:00Z", -62167219200000 },
		{ "9999-12-31T23:59:59.999Z", 253402300799999 },
		{ "0000-01-01T00:00:00+23:59", -62167305540000 },
		/* each field */
		{ "2013-00-01", NONE }, { "2013-13-01", NONE }, { "2013-01-00", NONE },
		{ "2013-01-32", NONE }, { "2013-04-31", NONE }, { "2013-99-99", NONE },
		{ "2013-01-01T24:00:00Z", NONE }, { "2013-01-01T23:60:00Z", NONE },
		{ "2013-01-01T99:99:99Z", NONE }, { "2013-01-01T23:59:59Z", 1357084799000 },
		{ "2013-01-01T05:17:00+24:00", NONE }, { "2013-01-01T05:17:00+00:60", NONE },
		{ "2013-01-01T05:17:00+2400", NONE }, { "2013-01-01T05:17:00+24", NONE },
		/* what is none */
		{ "", NONE }, { "2", NONE }, { "2013-01", NONE }, { "2013-1-1", NONE },
		{ "2013/01/01", NONE }, { "2013-01-0x", NONE }, { "x013-01-01", NONE },
		{ "13-01-01T05:17:00Z", NONE }, { "02013-01-01", NONE },
		{ "12013-01-01T05:17:00Z", NONE }, { "-2013-01-01", NONE },
		{ "2013-01-01T", NONE }, { "2013-01-01Z", NONE }, { "2013-01-01T05", NONE },
		{ "2013-01-01T05:17", NONE }, { "2013-01-01T05:17Z", NONE },
		{ "2013-01-01T05:17:0", NONE }, { "2013-01-01T5:17:00Z", NONE },
		{ "2013-01-01T05-17-00Z", NONE }, { "2013-01-01T05:17.00Z", NONE },
		{ "2013-01-01_05:17:00Z", NONE }, { "2013-01-01T05:17:00.Z", NONE },
		{ "2013-01-01T05:17:00.", NONE }, { "2013-01-01T05:17:00,5Z", NONE },
		{ "2013-01-01T05:17:00 Z", NONE }, { "2013-01-01T05:17:00ZZ", NONE },
		{ "2013-01-01T05:17:00Z ", NONE }, { " 2013-01-01T05:17:00Z", NONE },
		{ "2013-01-01T05:17:00X", NONE },
		{ "2013-01-01T05:17:00+", NONE }, { "2013-01-01T05:17:00+5", NONE },
		{ "2013-01-01T05:17:00+5:30", NONE }, { "2013-01-01T05:17:00+053", NONE },
		{ "2013-01-01T05:17:00+05:3", NONE },
		{ "2013-01-01T05:17:00+05:300", NONE }, { "2013-01-01T05:17:00+05-30", NONE },
		{ "2013-01-01T05:17:00+05:30Z", NONE }, { "2013-01-01T05:17:00+x5:30", NONE },
		{ "2013-01-01T05:17:00+05:x0", NONE },
		{ "2013-01-01T05:17:0\xb0Z", NONE }, { "2013-01-01T05\xba""17:00Z", NONE },
		{ "1357017420", NONE }, { "2013-01-01T05:17:000Z", NONE },
		{ "2013-01-01T05:17:00.1.2Z", NONE }
	};
	struct when_cache kept = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct when_cache fresh = { 0 };

		if (rfc3339(cases[i].text, &fresh) != cases[i].ts)
			fail_msg("%s gives %lld", cases[i].text,
			    (long long)rfc3339(cases[i].text, &fresh));
		/* and no other day seen before makes a difference */
		if (rfc3339(cases[i].text, &kept) != cases[i].ts ||
		    rfc3339(cases[i].text, &kept) != cases[i].ts)
			fail_msg("%s is read differently after another day", cases[i].text);
	}
	assert_false(when_rfc3339(SPAN_NONE, &kept, &(int64_t){ 0 }));
}

/* Days are counted here one by one; the library's arithmetic must agree on each of 3.65 million. */
static void
every_day_comes_back(void **state)
{
	struct when_cache cache = { 0 };
	struct buf        b = { 0 };
	int64_t           ms = -62167219200000, ts;

	(void)state;
	for (int year = 0; year <= 9999; year++)
		for (int month = 1; month <= 12; month++) {
			bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
			bool short_one = month == 4 || month == 6 || month == 9 || month == 11;
			int  days = month == 2 ? 28 + leap : short_one ? 30 : 31;

			for (int day = 1; day <= 31; day++) {
				char text[32];
				int  at = snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, day);

				assert_int_equal(when_rfc3339(span_of(text, (size_t)at), &cache, &ts),
				    day <= days);
				if (day > days)
					continue;
				if (ts != ms)
					fail_msg("%s gives %lld, not %lld", text, (long long)ts, (long long)ms);
				if (day == 1 || day == days) {
					buf_reset(&b);
					when_put(&b, ms + 86399999);
					if (b.n != 24 || memcmp(b.p, text, 10) != 0 ||
					    memcmp(b.p + 10, "T23:59:59.999Z", 14) != 0)
						fail_msg("%s is written as %.*s", text, (int)b.n, b.p);
				}
				ms += 86400000;
			}
		}
	assert_int_equal(ms, 253402300800000);
	buf_release(&b);
}

static void
every_second_of_a_day(void **state)
{
	struct when_cache cache = { 0 };
	int64_t           ts;

	(void)state;
	for (int s = 0; s < 86400; s++) {
		char text[40];
		int  n = snprintf(text, sizeof(text), "1969-07-20T%02d:%02d:%02d.%03dZ", s / 3600,
		    s / 60 % 60, s % 60, s % 1000);

		assert_true(when_rfc3339(span_of(text, (size_t)n), &cache, &ts));
		assert_int_equal(ts, -14256000000 + s * INT64_C(1000) + s % 1000);
	}
}

/* Each byte of a good time replaced by each other byte: the same verdict as a slow reading. */
static void
refuses_every_foreign_byte(void **state)
{
	static const char good[] = "2013-01-01T05:17:00.5+05:30";
	struct when_cache cache = { 0 };
	int64_t           ts;

	(void)state;
	for (size_t at = 0; at < sizeof(good) - 1; at++)
		for (int c = 0; c < 256; c++) {
			char text[sizeof(good)];
			int  y, mo, d, h, mi, s, zh, zm;
			bool ok;

			memcpy(text, good, sizeof(good));
			text[at] = (char)c;
			if (good[at] >= '0' && good[at] <= '9') {
				ok = c >= '0' && c <= '9' &&
				    sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%*1d+%2d:%2d",
				        &y, &mo, &d, &h, &mi, &s, &zh, &zm) == 8 &&
				    mo >= 1 && mo <= 12 && d >= 1 && d <= 31 && h < 24 && mi < 60 &&
				    s <= 60 && zh < 24 && zm < 60;
			} else {
				ok = c == good[at] || (at == 10 && (c == 't' || c == ' ')) ||
				    (at == 21 && c == '-');
			}
			if (when_rfc3339(span_of(text, sizeof(good) - 1), &cache, &ts) != ok)
				fail_msg("byte %d at %zu: %s", c, at, text);
		}
}

static int64_t
number(const char *text, enum when_format unit)
{
	struct span s = exact_copy(text);
	int64_t     ts = 0;
	bool        ok = when_number(s, unit, &ts);

	drop(s);
	return ok ? ts : NONE;
}

static void
reads_numbers(void **state)
{
	static const struct { const char *text; enum when_format unit; int64_t ts; } cases[] = {
		{ "1700000000", WHEN_S, 1700000000000 }, { "1700000000.5", WHEN_S, 1700000000500 },
		{ "1700000000.9999", WHEN_S, 1700000000999 },
		{ "-1.5", WHEN_S, -1500 }, { "-0.0001", WHEN_S, -1 }, { "-1e-400", WHEN_S, -1 },
		{ "1e-400", WHEN_S, 0 }, { "1.7e9", WHEN_S, 1700000000000 },
		{ "1700000000.1234567890123456789012345678901234567890123456789", WHEN_S, 1700000000123 },
		{ "-0", WHEN_S, 0 },
		{ "9223372036854775", WHEN_S, 9223372036854775000 },
		{ "9223372036854776", WHEN_S, NONE }, { "1e30", WHEN_S, NONE },
		{ "1e400", WHEN_S, NONE },
		{ "1700000000123", WHEN_MS, 1700000000123 },
		{ "1700000000123.9", WHEN_MS, 1700000000123 },
		{ "-1700000000123.1", WHEN_MS, -1700000000124 },
		{ "9223372036854775806", WHEN_MS, INT64_MAX - 1 },
		{ "9223372036854775807", WHEN_MS, NONE },
		{ "-9223372036854775807", WHEN_MS, -INT64_MAX },
		{ "-9223372036854775808", WHEN_MS, NONE },
		{ "9223372036854775807.5", WHEN_MS, NONE },
		{ "9223372036854775808", WHEN_MS, NONE },
		{ "1700000000123456", WHEN_US, 1700000000123 }, { "-1", WHEN_US, -1 },
		{ "999", WHEN_US, 0 }, { "-1000", WHEN_US, -1 }, { "-1001", WHEN_US, -2 },
		{ "1700000000123456789", WHEN_NS, 1700000000123 }, { "-1", WHEN_NS, -1 },
		{ "1.5e18", WHEN_NS, 1500000000000 },
		{ "99999999999999999999", WHEN_NS, 99999999999999 },
		/* auto: below 10^11 s, 10^14 ms, 10^17 us, else ns */
		{ "0", WHEN_AUTO, 0 }, { "99999999999", WHEN_AUTO, 99999999999000 },
		{ "100000000000", WHEN_AUTO, 100000000000 },
		{ "99999999999.9999", WHEN_AUTO, 99999999999999 },
		{ "100000000000.5", WHEN_AUTO, 100000000000 },
		{ "99999999999999", WHEN_AUTO, 99999999999999 },
		{ "100000000000000", WHEN_AUTO, 100000000000 },
		{ "99999999999999999", WHEN_AUTO, 99999999999999 },
		{ "100000000000000000", WHEN_AUTO, 100000000000 },
		{ "99999999999999999.9", WHEN_AUTO, 99999999999999 },
		{ "-99999999999", WHEN_AUTO, -99999999999000 },
		{ "-100000000000", WHEN_AUTO, -100000000000 },
		{ "-100000000000000001", WHEN_AUTO, -100000000001 },
		{ "1e10", WHEN_AUTO, 10000000000000 }, { "1e11", WHEN_AUTO, 100000000000 },
		{ "0.1e12", WHEN_AUTO, 100000000000 }, { "1e17", WHEN_AUTO, 100000000000 },
		{ "1e-5", WHEN_AUTO, 0 },
		{ "0.0", WHEN_AUTO, 0 }, { "1e30", WHEN_AUTO, NONE },
		{ "1e20", WHEN_AUTO, 100000000000000 },
		{ "-1e99999999999999999999", WHEN_AUTO, NONE },
		{ "1700000000", WHEN_RFC3339, NONE }, { "1700000000", WHEN_STRPTIME, NONE },
		{ "1.5", WHEN_RFC3339, NONE }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (number(cases[i].text, cases[i].unit) != cases[i].ts)
			fail_msg("%s in unit %d gives %lld", cases[i].text, (int)cases[i].unit,
			    (long long)number(cases[i].text, cases[i].unit));
}

static void
reads_formats_of_strptime(void **state)
{
	static const struct { const char *format, *text; int64_t ts; } cases[] = {
		{ "%Y-%m-%d %H:%M:%S", "2013-01-01 05:17:00", 1357017420000 },
		{ "%d/%b/%Y:%H:%M:%S %z", "10/Oct/2000:13:55:36 -0700", 971211336000 },
		{ "%F", "2013-01-01", 1356998400000 },
		{ "%F %T", "2013-01-01 05:17:00", 1357017420000 },
		{ "%Y%m%d", "20130101", 1356998400000 },
		{ "%Y-%m", "2013-02", 1359676800000 }, { "%Y", "2013", 1356998400000 },
		{ "%H:%M", "05:17", 19020000 }, { "%Y-%j", "2012-366", 1356912000000 },
		{ "%m/%d/%y", "01/01/13", 1356998400000 }, { "%m/%d/%y", "01/01/70", 0 },
		{ "%m/%d/%y", "12/31/69", -86400000 },
		{ "%a %b %e %H:%M:%S %Y", "Tue Jan  1 05:17:00 2013", 1357017420000 },
		{ "%a %b %e %H:%M:%S %Z %Y", "Tue Jan  1 05:17:00 UTC 2013", 1357017420000 },
		{ "%FT%T%Z", "2013-01-01T05:17:00Z", 1357017420000 },
		{ "%FT%T %Z", "2013-01-01T05:17:00 GMT", 1357017420000 },
		{ "%FT%T %Z", "2013-01-01T05:17:00 EST", NONE },
		{ "%FT%T%z", "2013-01-01T05:17:00+0100", 1357013820000 },
		{ "%FT%T%z", "2013-01-01T05:17:00+01:00", 1357013820000 },
		{ "%FT%T%z", "2013-01-01T05:17:00Z", 1357017420000 },
		/* fractions */
		{ "%F %T.%N", "2013-01-01 05:17:00.25", 1357017420250 },
		{ "%F %T.%f", "2013-01-01 05:17:00.123456", 1357017420123 },
		{ "%F %T,%f", "2013-01-01 05:17:00,123", 1357017420123 },
		{ "%F %T.%N%z", "2013-01-01 05:17:00.123456789+0100", 1357013820123 },
		{ "%F %T.%N", "1969-12-31 23:59:59.9999", -1 },
		{ "%F %T.%N", "2013-01-01 05:17:00.", NONE },
		{ "%F %T.%N", "2013-01-01 05:17:00", NONE },
		{ "%I:%M:%S.%f %p %d/%m/%Y", "03:04:05.25 PM 01/02/2013", 1359731045250 },
		{ "%I:%M:%S.%f %p %d/%m/%Y", "12:04:05.25 AM 01/02/2013", 1359677045250 },
		{ "%f|%F", "5|2013-01-01", 1356998400500 },
		{ "%F %T.%N %%N", "2013-01-01 05:17:00.5 %N", 1357017420500 },
		/* seconds since the epoch, whatever the local zone is */
		{ "%s", "1357017420", 1357017420000 }, { "%s.%N", "1357017420.5", 1357017420500 },
		{ "%s", "-1", -1000 }, { "%s.%N", "-2.500000000", -1500 }, { "@%s", "@0", 0 },
		{ "%s", "x", NONE }, { "%s", "-", NONE }, { "%s", "", NONE },
		{ "%s", "9223372036854775807", NONE }, { "%s", "99999999999999999999999", NONE },
		{ "%-s", "5", 5000 }, { "%_s", "5", 5000 }, { "%Es", "5", 5000 },
		/* all is checked, all is read */
		{ "%F", "2013-02-29", NONE }, { "%F", "2012-02-29", 1330473600000 },
		{ "%F", "2013-04-31", NONE }, { "%F", "2013-13-01", NONE },
		{ "%F", "2013-01-01 ", NONE }, { "%F", "2013-01-01x", NONE }, { "%F", "", NONE },
		{ "%F %T", "2013-01-01 24:00:00", NONE },
		{ "%F %T", "2016-12-31 23:59:60", 1483228800000 },
		{ "%F %T", "2016-12-31 23:59:61", NONE }, { "%F", "nonsense", NONE },
		/* strptime reads these and forgets them: a wrong time is worse than none */
		{ "%G-W%V-%u", "2013-W01-2", NONE }, { "%g", "13", NONE },
		{ "%F %", "2013-01-01 %", NONE }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span s = exact_copy(cases[i].text);
		int64_t     ts = 0;
		bool        ok = when_strptime(s, cases[i].format, &ts);

		if ((ok ? ts : NONE) != cases[i].ts)
			fail_msg("'%s' by '%s' gives %lld", cases[i].text, cases[i].format,
			    ok ? (long long)ts : -999);
		drop(s);
	}
}

static void
strptime_takes_any_text(void **state)
{
	char    text[1000];
	int64_t ts;

	(void)state;
	memset(text, ' ', sizeof(text));
	assert_false(when_strptime(span_of(text, sizeof(text)), "%F", &ts));
	memcpy(text, "2013\0", 5);
	assert_false(when_strptime(span_of(text, 5), "%Y", &ts));
	assert_true(when_strptime(span_of(text, 4), "%Y", &ts));
	assert_false(when_strptime(SPAN_NONE, "%Y", &ts));
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_false(when_strptime(SPAN_LIT("x"), text, &ts));
}

static void
the_local_zone_plays_no_part(void **state)
{
	static const char *const zones[] = { "UTC", "America/New_York", "Asia/Kolkata" };
	int64_t ts;

	(void)state;
	for (size_t i = 0; i < COUNT(zones); i++) {
		setenv("TZ", zones[i], 1);
		tzset();
		assert_true(when_strptime(SPAN_LIT("2013-07-01 05:17:00"), "%F %T", &ts));
		assert_int_equal(ts, 1372655820000);
		assert_true(when_strptime(SPAN_LIT("1372655820"), "%s", &ts));
		assert_int_equal(ts, 1372655820000);
	}
	unsetenv("TZ");
}

static void
writes_times(void **state)
{
	static const struct { int64_t ts; const char *text; } cases[] = {
		{ 0, "1970-01-01T00:00:00.000Z" }, { 1357017420123, "2013-01-01T05:17:00.123Z" },
		{ -1, "1969-12-31T23:59:59.999Z" }, { -62167219200000, "0000-01-01T00:00:00.000Z" },
		{ -62167219200001, "-62167219200001" },
		{ 253402300799999, "9999-12-31T23:59:59.999Z" },
		{ 253402300800000, "253402300800000" },
		{ INT64_MAX, "9223372036854775807" }, { INT64_MIN, "-9223372036854775808" }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf b = { 0 };

		when_put(&b, cases[i].ts);
		buf_char(&b, '\0');
		assert_string_equal(b.p, cases[i].text);
		buf_release(&b);
	}
}

static void
reads_durations(void **state)
{
	static const struct { const char *text; int64_t ms; } good[] = {
		{ "0", 0 }, { "0s", 0 }, { "0.0s", 0 }, { "500ms", 500 }, { "10s", 10000 },
		{ "5m", 300000 }, { "1h", 3600000 }, { "2d", 172800000 }, { "1w", 604800000 },
		{ "1h30m", 5400000 }, { "1w1d1h1m1s1ms", 694861001 },
		{ "1.5s", 1500 }, { "0.001s", 1 }, { "0.25m", 15000 }, { "1.5h", 5400000 },
		{ "1m1.5s", 61500 }, { "1.500000000000s", 1500 }, { "0.125s", 125 },
		{ "1.000ms", 1 }, { "0.5d", 43200000 }, { "00010s", 10000 },
		{ "9223372036854775807ms", INT64_MAX }, { "106751991167d", 9223372036828800000 }
	};
	static const struct { const char *text; int64_t ms; } signed_ones[] = {
		{ "-5m", -300000 }, { "+5m", 300000 }, { "-0", 0 }, { "-1h30m", -5400000 },
		{ "-1.5s", -1500 }, { "10s", 10000 }
	};
	static const struct { const char *text, *says; } bad[] = {
		{ "", "numbers with units" }, { "x", "numbers with units" },
		{ "s", "numbers with units" }, { ".5s", "numbers with units" }, { "10", "no unit" },
		{ "1h30", "no unit" }, { "00", "no unit" }, { "10x", "the units are" },
		{ "10S", "the units are" },
		{ "10 s", "the units are" }, { "10s ", "the units are" },
		{ "1mo", "the units are" }, { "1.s", "no digits" }, { "1.5h30m", "only the last" },
		{ "0.0005s", "finer" }, { "0.5ms", "finer" }, { "0.3333333333333h", "finer" },
		{ "1m1h", "large to small" }, { "1h1h", "large to small" },
		{ "1s1ms1s", "large to small" }, { "9223372036854775808ms", "too long" },
		{ "106751991168d", "too long" }, { "99999999999999999999s", "too long" },
		{ "106751991167d1w", "large to small" }, { "106751991167d23h59m", "too long" },
		{ "-5m", "no sign" }, { "+5m", "no sign" }, { "5m-3s", "the units are" }
	};
	struct err err = ERR_INIT;
	int64_t    ms;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (when_duration(good[i].text, false, &ms, &err) != 0 || ms != good[i].ms)
			fail_msg("%s gives %lld %s", good[i].text, (long long)ms, err.text);
	for (size_t i = 0; i < COUNT(signed_ones); i++)
		if (when_duration(signed_ones[i].text, true, &ms, &err) != 0 ||
		    ms != signed_ones[i].ms)
			fail_msg("%s gives %lld %s", signed_ones[i].text, (long long)ms, err.text);
	for (size_t i = 0; i < COUNT(bad); i++) {
		err = (struct err)ERR_INIT;
		if (when_duration(bad[i].text, false, &ms, &err) != -1 || err.status != 2 ||
		    strstr(err.text, bad[i].says) == NULL)
			fail_msg("'%s': %s", bad[i].text, err.text);
	}
	assert_int_equal(when_duration("--5m", true, &ms, &err), -1);
	assert_int_equal(when_duration("-", true, &ms, &err), -1);
}

static void
writes_durations(void **state)
{
	static const struct { int64_t ms; const char *text; } cases[] = {
		{ 0, "0" }, { 1, "1ms" }, { 999, "999ms" }, { 1000, "1s" }, { 1500, "1.5s" },
		{ 61500, "1m1.5s" }, { 60005, "1m5ms" }, { 86399000, "23h59m59s" },
		{ 86400000, "1d" }, { 604800000, "7d" }, { 90061001, "1d1h1m1.001s" },
		{ -300000, "-5m" }, { INT64_MAX, "106751991167d7h12m55.807s" },
		{ INT64_MIN, "-106751991167d7h12m55.808s" }
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf b = { 0 };
		int64_t    again;

		when_put_duration(&b, cases[i].ms);
		buf_char(&b, '\0');
		assert_string_equal(b.p, cases[i].text);
		if (cases[i].ms != INT64_MIN) {
			assert_int_equal(when_duration(b.p, true, &again, &err), 0);
			assert_int_equal(again, cases[i].ms);
		}
		buf_release(&b);
	}
}

static void
arithmetic_saturates(void **state)
{
	(void)state;
	assert_int_equal(when_add(INT64_MAX, 1), INT64_MAX);
	assert_int_equal(when_add(INT64_MIN, -1), INT64_MIN);
	assert_int_equal(when_add(-5, 3), -2);
	assert_int_equal(when_sub(INT64_MIN, 1), INT64_MIN);
	assert_int_equal(when_sub(INT64_MAX, -1), INT64_MAX);
	assert_int_equal(when_sub(0, INT64_MIN), INT64_MAX);
	assert_int_equal(when_floor_div(-1, 1000), -1);
	assert_int_equal(when_floor_div(-1000, 1000), -1);
	assert_int_equal(when_floor_div(999, 1000), 0);
	assert_int_equal(when_floor_mod(-1, 1000), 999);
	assert_int_equal(when_floor_mod(-1000, 1000), 0);
	assert_int_equal(when_floor_div(INT64_MIN, INT64_MAX), -2);
}

static void
formats_have_names(void **state)
{
	enum when_format format;

	(void)state;
	for (format = WHEN_AUTO; format < WHEN_STRPTIME; format++) {
		enum when_format again = WHEN_STRPTIME;

		assert_true(when_format_named(when_format_name(format), &again));
		assert_int_equal(again, format);
	}
	assert_null(when_format_name(WHEN_STRPTIME));
	assert_false(when_format_named("%Y", &format));
	assert_false(when_format_named("", &format));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_rfc3339),
		cmocka_unit_test(every_day_comes_back),
		cmocka_unit_test(every_second_of_a_day),
		cmocka_unit_test(refuses_every_foreign_byte),
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(reads_formats_of_strptime),
		cmocka_unit_test(strptime_takes_any_text),
		cmocka_unit_test(the_local_zone_plays_no_part),
		cmocka_unit_test(formats_have_names),
		cmocka_unit_test(writes_times),
		cmocka_unit_test(reads_durations),
		cmocka_unit_test(writes_durations),
		cmocka_unit_test(arithmetic_saturates)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
