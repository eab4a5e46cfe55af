/* Names of folders and parameters of dir: targets; frames that stand one behind the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sink/dir_parts.h"

static void
key_is(const char *value, size_t n, const char *name)
{
	struct buf b = { 0 };

	dir_put_key(&b, value == NULL ? SPAN_NONE : span_of(value, n));
	buf_char(&b, '\0');
	assert_string_equal(b.p, name);
	buf_release(&b);
}

static void
values_are_names_that_lead_nowhere(void **state)
{
	(void)state;
	key_is("AA", 2, "key=AA");
	key_is("../x", 4, "key=..%2Fx");
	key_is("a\0b", 3, "key=a%00b");
	key_is("", 0, "key=");
	key_is(NULL, 0, "key=__HIVE_DEFAULT_PARTITION__");
	key_is("__HIVE_DEFAULT_PARTITION__", 26, "key=%5F_HIVE_DEFAULT_PARTITION__");
	key_is("50%", 3, "key=50%25");
	key_is("a~b", 3, "key=a%7Eb");
	key_is("\xc3\xbc", 2, "key=\xc3\xbc");
	key_is("\xc3", 1, "key=%C3");
	key_is("\xed\xa0\x80", 3, "key=%ED%A0%80");
}

/* Any bytes: a name that the file system takes, and another value has another. */
static void
any_value_has_a_name_of_its_own(void **state)
{
	char long_value[1000];

	(void)state;
	for (unsigned fill = 0; fill < 256; fill++)
		for (size_t n = 60; n < 210; n += 7) {
			struct buf a = { 0 }, b = { 0 };

			memset(long_value, (int)fill, sizeof(long_value));
			dir_put_key(&a, span_of(long_value, n));
			long_value[n - 1] ^= 1;
			dir_put_key(&b, span_of(long_value, n));
			assert_false(span_eq(buf_all(&a), buf_all(&b)));
			assert_true(a.n <= 255 && b.n <= 255);
			assert_null(memchr(a.p, '/', a.n));
			assert_null(memchr(a.p, '\0', a.n));
			buf_release(&a);
			buf_release(&b);
		}
}

/* Characters and escapes are not cut in two. */
static void
a_long_name_is_cut_between_characters(void **state)
{
	char value[600];

	(void)state;
	for (size_t shift = 0; shift < 3; shift++) {
		struct buf b = { 0 };

		memset(value, 'x', shift);
		for (size_t i = shift; i + 3 <= sizeof(value); i += 3)
			memcpy(value + i, "\xe2\x82\xac", 3);
		dir_put_key(&b, span_of(value, shift + 300));
		assert_true(b.n <= 4 + 160 + 17);
		assert_int_equal((b.n - 4 - 17 - shift) % 3, 0);
		b.n = 0;
		memset(value + shift, '/', 300);
		dir_put_key(&b, span_of(value, shift + 300));
		assert_int_equal((b.n - 4 - 17 - shift) % 3, 0);
		buf_release(&b);
	}
}

static void
window_is(int64_t start_ms, int64_t window_ms, const char *name)
{
	struct buf b = { 0 };

	dir_put_window(&b, start_ms, window_ms);
	buf_char(&b, '\0');
	assert_string_equal(b.p, name);
	buf_release(&b);
}

static void
windows_are_named_as_fine_as_they_are(void **state)
{
	(void)state;
	window_is(0, 86400000, "1970-01-01");
	window_is(-86400000, 7 * INT64_C(86400000), "1969-12-31");
	window_is(3600000, 3600000, "1970-01-01T01");
	window_is(5400000, 1800000, "1970-01-01T01-30");
	window_is(90000, 30000, "1970-01-01T00-01-30");
	window_is(18000000, 86400000, "1970-01-01T05");
	window_is(1, 1, "1970-01-01T00-00-00.001");
	window_is(INT64_MIN, 3600000, "-9223372036854775808");
}

static void
parameters_are_read(void **state)
{
	struct dir_target t;
	struct err        err = ERR_INIT;

	(void)state;
	assert_int_equal(dir_target_parse(&t, "dir:a/b?key=.[\"x%26y\"]&window=1h&size=2M&compress=gzip", &err), 0);
	assert_string_equal(t.path, "a/b");
	assert_string_equal(t.key.text, ".[\"x&y\"]");
	assert_int_equal(t.window_ms, 3600000);
	assert_int_equal(t.size_bytes, 2 << 20);
	assert_int_equal(t.pack, PACK_GZIP);
	assert_int_equal(t.offset_ms, 0);
	assert_null(t.tz);
	dir_target_release(&t);
	assert_int_equal(dir_target_parse(&t, "dir:a?window=1d&offset=-5h", &err), 0);
	assert_int_equal(t.offset_ms, -18000000);
	dir_target_release(&t);
	assert_int_equal(dir_target_parse(&t, "dir:a?tz=America/New_York&window=7d&offset=4d", &err), 0);
	assert_string_equal(t.tz, "America/New_York");
	assert_true(t.zone.n_changes > 0);
	dir_target_release(&t);
	assert_int_equal(dir_target_parse(&t, "dir:plain", &err), 0);
	assert_false(t.has_key);
	dir_target_release(&t);
	assert_int_equal(dir_target_parse(&t, "dir:x?size=99999999999999999999T", &err), -1);
	assert_int_equal(err.kind, ERR_USAGE);
	assert_int_equal(dir_target_parse(&t, "dir:x?key=.a&size=0", &err), -1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_names_that_lead_nowhere),
		cmocka_unit_test(any_value_has_a_name_of_its_own),
		cmocka_unit_test(a_long_name_is_cut_between_characters),
		cmocka_unit_test(windows_are_named_as_fine_as_they_are),
		cmocka_unit_test(parameters_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
