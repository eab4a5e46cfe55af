/* zone: civil time against that of libc, for zones with all the odd habits there are */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/when.h"
#include "base/zone.h"
#include "io/zonefile.h"
#include "random.h"

/* Negative summer time, half an hour of it, none, days left out, the year that Ramadan moves, odd offsets. */
static const char *const names[] = {
	"America/New_York", "Europe/Berlin", "Europe/Dublin", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca",
	"America/St_Johns", "Pacific/Apia", "Pacific/Kiritimati", "America/Santiago", "Asia/Tehran", "Antarctica/Troll",
	"Africa/Monrovia", "America/Nuuk", "UTC"
};

enum { N_NAMES = sizeof(names) / sizeof(names[0]) };

#define DAY_MS INT64_C(86400000)
#define FROM_MS (-65 * 365 * DAY_MS)         /* 1905: before, libc and the file differ about what held */
#define TO_MS (1200 * 365 * DAY_MS)          /* far behind what any file lists */

static void
each_zone(void (*look)(const struct zone *, uint64_t *seed))
{
	uint64_t seed = 1;

	for (size_t i = 0; i < N_NAMES; i++) {
		struct zone zone = { 0 };
		struct err  err = ERR_INIT;

		assert_int_equal(zonefile_read(names[i], &zone, &err), 0);
		setenv("TZ", names[i], 1);
		tzset();
		look(&zone, &seed);
		zone_release(&zone);
	}
}

static int64_t
libc_offset_ms(int64_t ts_ms)
{
	time_t    s = (time_t)when_floor_div(ts_ms, 1000);
	struct tm tm;

	assert_non_null(localtime_r(&s, &tm));
	return (int64_t)tm.tm_gmtoff * 1000;
}

static void
offsets_of(const struct zone *z, uint64_t *seed)
{
	for (int i = 0; i < 20000; i++) {
		int64_t ts_ms = random_between(seed, FROM_MS, i % 2 == 0 ? TO_MS : 80 * 365 * DAY_MS);

		assert_int_equal(zone_offset_ms(z, ts_ms), libc_offset_ms(ts_ms));
	}
	for (size_t i = 0; i < z->n_changes; i++)
		for (int64_t ts_ms = z->changes[i].at_ms - 1; ts_ms <= z->changes[i].at_ms; ts_ms++)
			if (ts_ms > FROM_MS)
				assert_int_equal(zone_offset_ms(z, ts_ms), libc_offset_ms(ts_ms));
}

static void
the_offset_is_what_libc_says(void **state)
{
	(void)state;
	each_zone(offsets_of);
}

/* What clocks show. */
static int64_t
shown_ms(const struct zone *z, int64_t ts_ms)
{
	return ts_ms + zone_offset_ms(z, ts_ms);
}

/* The first instant at which they show so much: then they do, and at none before. */
static void
is_first(const struct zone *z, uint64_t *seed, int64_t local_ms)
{
	int64_t ts_ms = zone_instant(z, local_ms);

	assert_true(shown_ms(z, ts_ms) >= local_ms);
	assert_true(shown_ms(z, ts_ms - 1) < local_ms);
	for (int i = 0; i < 20; i++)
		assert_true(shown_ms(z, ts_ms - random_between(seed, 1, 3 * DAY_MS)) < local_ms);
}

static void
instants_of(const struct zone *z, uint64_t *seed)
{
	for (int i = 0; i < 3000; i++)
		is_first(z, seed, random_between(seed, FROM_MS, i % 2 == 0 ? TO_MS : 80 * 365 * DAY_MS));
	for (size_t i = 0; i < z->n_changes; i++)
		if (z->changes[i].at_ms > FROM_MS)
			for (int64_t off_ms = -2 * 3600000; off_ms <= 2 * 3600000; off_ms += 900000)
				is_first(z, seed, shown_ms(z, z->changes[i].at_ms) + off_ms);
}

static void
an_instant_is_the_first_that_clocks_show_so_much(void **state)
{
	(void)state;
	each_zone(instants_of);
}

static void
months_begin_where_libc_says(void **state)
{
	(void)state;
	for (int64_t month = -12 * 500; month < 12 * 3000; month++) {
		int64_t   day = zone_day_of_month(month);
		struct tm tm = { .tm_year = (int)(70 + when_floor_div(month, 12)), .tm_mon = (int)when_floor_mod(month, 12), .tm_mday = 1 };

		assert_int_equal(day * 86400, timegm(&tm));
		assert_int_equal(zone_month_of_day(day), month);
		assert_int_equal(zone_month_of_day(day - 1), month - 1);
	}
}

static void
what_is_no_zone_is_an_error(void **state)
{
	static const char *const bad[] = { "No/Where", "", "../../../etc/passwd", "/etc/passwd" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct zone zone = { 0 };
		struct err  err = ERR_INIT;

		assert_int_equal(zonefile_read(bad[i], &zone, &err), -1);
		assert_int_equal(err.status, 2);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_offset_is_what_libc_says),
		cmocka_unit_test(an_instant_is_the_first_that_clocks_show_so_much),
		cmocka_unit_test(months_begin_where_libc_says),
		cmocka_unit_test(what_is_no_zone_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
