/* The ground: spans, growing bytes, arenas, errors. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
spans_tell_none_from_empty(void **state)
{
	(void)state;
	assert_true(span_eq(SPAN_NONE, SPAN_NONE));
	assert_true(span_eq(SPAN_LIT(""), span_of("x", 0)));
	assert_false(span_eq(SPAN_NONE, SPAN_LIT("")));
	assert_true(span_eq(span_str(NULL), SPAN_NONE));
	assert_false(span_eq(span_str(""), SPAN_NONE));
	assert_true(span_eq(SPAN_LIT("ab"), span_of("abc", 2)));
	assert_false(span_eq(SPAN_LIT("ab"), SPAN_LIT("ac")));
}

static void
spans_compare_by_bytes(void **state)
{
	static const struct { struct span a, b; int order; } cases[] = {
		{ { "", 0 }, { "", 0 }, 0 }, { { "", 0 }, { "a", 1 }, -1 }, { { "a", 1 },
		{ "ab", 2 }, -1 },
		{ { "b", 1 }, { "ab", 2 }, 1 }, { { "\xff", 1 }, { "a", 1 }, 1 }, { { "a\0b", 3 },
		{ "a\0c", 3 }, -1 },
		{ { NULL, 0 }, { "a", 1 }, -1 }, { { NULL, 0 }, { "", 0 }, 0 }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int forth = span_cmp(cases[i].a, cases[i].b);
		int back = span_cmp(cases[i].b, cases[i].a);

		assert_int_equal((forth > 0) - (forth < 0), cases[i].order);
		assert_int_equal((back > 0) - (back < 0), -cases[i].order);
	}
	assert_true(span_starts(SPAN_LIT("abc"), SPAN_LIT("ab")));
	assert_true(span_starts(SPAN_LIT("abc"), SPAN_LIT("")));
	assert_true(span_starts(SPAN_NONE, SPAN_LIT("")));
	assert_false(span_starts(SPAN_LIT("ab"), SPAN_LIT("abc")));
	assert_false(span_starts(SPAN_LIT("ab"), SPAN_LIT("b")));
}

static void
holds(struct buf *b, const char *expected)
{
	buf_char(b, '\0');
	assert_string_equal(b->p, expected);
	buf_release(b);
	assert_null(b->p);
}

static void
an_empty_buf_is_all_zeros(void **state)
{
	struct buf b = { 0 };

	(void)state;
	assert_int_equal(buf_all(&b).n, 0);
	buf_put(&b, NULL, 0);
	buf_span(&b, SPAN_NONE);
	assert_int_equal(b.n, 0);
	buf_reset(&b);
	buf_release(&b);
	buf_release(&b);
}

static void
a_buf_grows_and_keeps_what_it_has(void **state)
{
	struct buf b = { 0 };
	char      *room;

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		buf_char(&b, (char)(i * 7));
	for (unsigned i = 0; i < 100000; i++)
		assert_int_equal(b.p[i], (char)(i * 7));
	room = buf_reserve(&b, 1 << 20);
	memset(room, 'x', (1 << 20) + BUF_SLACK);       /* the slack is there to be written over */
	assert_int_equal(b.n, 100000);
	assert_int_equal(b.p[99999], (char)(99999u * 7));
	buf_reset(&b);
	room = b.p;
	assert_ptr_equal(buf_reserve(&b, 1 << 20), room);
	buf_release(&b);
}

/* Exactly as much as was asked for, at each fill: a sanitizer sees what is short. */
static void
a_reserve_is_never_short(void **state)
{
	(void)state;
	for (size_t used = 0; used < 600; used += 7)
		for (size_t more = 0; more < 600; more += 11) {
			struct buf b = { 0 };

			memset(buf_reserve(&b, used), 'a', used);
			b.n = used;
			memset(buf_reserve(&b, more), 'b', more + BUF_SLACK);
			b.n += more;
			assert_true(used == 0 || b.p[used - 1] == 'a');
			assert_true(b.n <= b.cap);
			buf_release(&b);
		}
}

static void
a_buf_takes_all_kinds_of_text(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_lit(&b, "a\0b");
	assert_int_equal(b.n, 3);
	buf_reset(&b);
	buf_str(&b, "str ");
	buf_span(&b, SPAN_LIT("span "));
	buf_char(&b, 'c');
	buf_printf(&b, " %s %d", "printf", -5);
	buf_printf(&b, "%s", "");
	holds(&b, "str span c printf -5");
}

static void
a_long_printf_is_not_cut(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_printf(&b, "%5000d|%d", 1, 2);
	assert_int_equal(b.n, 5002);
	assert_memory_equal(b.p + 4999, "1|2", 3);
	buf_release(&b);
}

static void
writes_integers(void **state)
{
	static const struct { int64_t v; const char *text; } cases[] = {
		{ 0, "0" }, { 1, "1" }, { 9, "9" }, { 10, "10" }, { 99, "99" }, { 100, "100" },
		{ 101, "101" }, { 999, "999" },
		{ 1000, "1000" }, { -1, "-1" }, { -10, "-10" }, { 1700000000123, "1700000000123" },
		{ INT64_MAX, "9223372036854775807" }, { INT64_MIN, "-9223372036854775808" }
	};
	struct buf b = { 0 };
	uint64_t   power = 1;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		buf_i64(&b, cases[i].v);
		holds(&b, cases[i].text);
	}
	for (int digits = 1; digits <= 20; digits++, power *= 10) {
		buf_u64(&b, power);
		assert_int_equal(b.n, digits);
		buf_reset(&b);
		buf_u64(&b, power - 1);
		assert_int_equal(b.n, digits == 1 ? 1 : digits - 1);
		buf_reset(&b);
	}
	buf_u64(&b, UINT64_MAX);
	holds(&b, "18446744073709551615");
	/* All of up to five digits, then some of each length. */
	for (uint64_t i = 0, v = 1; i < 400000; i++) {
		uint64_t n = i < 100000 ? i : v >> i % 64;
		char     text[24];

		snprintf(text, sizeof(text), "%" PRIu64, n);
		buf_u64(&b, n);
		holds(&b, text);
		v = v * 6364136223846793005u + 1442695040888963407u;
	}
	buf_hex64(&b, 0x0123456789abcdef);
	buf_hex64(&b, 0);
	buf_hex64(&b, UINT64_MAX);
	holds(&b, "0123456789abcdef0000000000000000ffffffffffffffff");
}

/* arenas */

static void
an_arena_gives_aligned_room_of_its_own(void **state)
{
	struct arena a = { 0 };
	char        *given[500];

	(void)state;
	for (size_t i = 0; i < COUNT(given); i++) {
		given[i] = arena_alloc(&a, i);
		assert_int_equal((uintptr_t)given[i] % 16, 0);
		memset(given[i], (int)i, i);
		arena_copy(&a, span_of("xyz", i % 4));      /* leaves the next place unaligned */
	}
	for (size_t i = 0; i < COUNT(given); i++)
		for (size_t k = 0; k < i; k++)
			assert_int_equal((unsigned char)given[i][k], i & 0xff);
	assert_true(a.total >= 500 * 499 / 2);
	arena_release(&a);
	assert_int_equal(a.total, 0);
}

static void
an_arena_takes_more_than_a_block(void **state)
{
	struct arena a = { 0 };
	char        *large;

	(void)state;
	large = arena_alloc(&a, 5 << 20);
	memset(large, 1, 5 << 20);
	memset(arena_alloc(&a, 100), 2, 100);
	assert_int_equal(large[(5 << 20) - 1], 1);
	arena_release(&a);
}

static void
a_reset_arena_is_used_again(void **state)
{
	struct arena a = { 0 };
	size_t       total;

	(void)state;
	arena_reset(&a);
	for (int i = 0; i < 1000; i++)
		memset(arena_alloc(&a, 100), i, 100);
	arena_reset(&a);
	total = a.total;
	assert_true(total > 0);
	for (int round = 0; round < 100; round++) {
		memset(arena_alloc(&a, total / 2), 7, total / 2);
		arena_reset(&a);
	}
	assert_int_equal(a.total, total);
	arena_release(&a);
	arena_release(&a);
}

static void
an_arena_copies_bytes(void **state)
{
	struct arena a = { 0 };
	struct span  none = arena_copy(&a, SPAN_NONE), empty = arena_copy(&a, SPAN_LIT("")), s;
	char         bytes[] = "abc";

	(void)state;
	assert_null(none.p);
	assert_non_null(empty.p);
	assert_int_equal(empty.n, 0);
	s = arena_copy(&a, span_of(bytes, 3));
	bytes[0] = 'x';
	assert_true(span_eq(s, SPAN_LIT("abc")));
	arena_release(&a);
}

/* memory */

static void
strings_are_copied(void **state)
{
	char *s = alloc_string("abc"), *n = alloc_string_n("abcdef", 2);
	char *none = alloc_string_n(NULL, 0);

	(void)state;
	assert_string_equal(s, "abc");
	assert_string_equal(n, "ab");
	assert_string_equal(none, "");
	assert_null(alloc_string(NULL));
	free(s);
	free(n);
	free(none);
	free(alloc_bytes(0));
	free(alloc_zeroed(0, 0));
}

/* errors */

static void
an_error_has_a_status(void **state)
{
	static const struct { enum err_kind kind; int status; } cases[] = {
		{ ERR_USAGE, 2 }, { ERR_DATA, 1 }, { ERR_FATAL, 1 }, { ERR_RETRY, 75 },
		{ ERR_READER_GONE, 141 }, { ERR_FAILED_UPSTREAM, 1 }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(err_set(&err, cases[i].kind, "no %s", "good"), -1);
		assert_int_equal(err.kind, cases[i].kind);
		assert_int_equal(err.status, cases[i].status);
		assert_int_equal(err.sys, 0);
		assert_string_equal(err.text, "no good");
	}
}

static void
what_may_pass_is_worth_another_try(void **state)
{
	static const struct { int sys, status; } cases[] = {
		{ ENOSPC, 75 }, { EDQUOT, 75 }, { EIO, 75 }, { ENOMEM, 75 }, { EAGAIN, 75 },
		{ EMFILE, 75 }, { ENFILE, 75 },
		{ ENOENT, 1 }, { EACCES, 1 }, { EROFS, 1 }, { EISDIR, 1 }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err err = ERR_INIT;

		errno = cases[i].sys;
		assert_int_equal(err_sys(&err, "%s", "out.ndjson"), -1);
		assert_int_equal(err.status, cases[i].status);
		assert_int_equal(err.sys, cases[i].sys);
		assert_memory_equal(err.text, "out.ndjson: ", 12);
		assert_string_equal(err.text + 12, strerror(cases[i].sys));
	}
	assert_string_equal(err_text(0), "unknown error");
}

static void
an_error_is_given_a_place(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_set(&err, ERR_DATA, "not JSON");
	assert_int_equal(err_in(&err, "%s:%d", "a.ndjson", 7), -1);
	assert_string_equal(err.text, "a.ndjson:7: not JSON");
	assert_int_equal(err.status, 1);
}

static void
a_long_error_is_cut_not_spilled(void **state)
{
	struct err err = ERR_INIT;
	char       text[3000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	err_set(&err, ERR_DATA, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	err_in(&err, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	errno = EIO;
	err_sys(&err, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	err_set(&err, ERR_DATA, "not JSON");
	err_in(&err, "%.998s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_tell_none_from_empty),
		cmocka_unit_test(spans_compare_by_bytes),
		cmocka_unit_test(an_empty_buf_is_all_zeros),
		cmocka_unit_test(a_buf_grows_and_keeps_what_it_has),
		cmocka_unit_test(a_reserve_is_never_short),
		cmocka_unit_test(a_buf_takes_all_kinds_of_text),
		cmocka_unit_test(a_long_printf_is_not_cut),
		cmocka_unit_test(writes_integers),
		cmocka_unit_test(an_arena_gives_aligned_room_of_its_own),
		cmocka_unit_test(an_arena_takes_more_than_a_block),
		cmocka_unit_test(a_reset_arena_is_used_again),
		cmocka_unit_test(an_arena_copies_bytes),
		cmocka_unit_test(strings_are_copied),
		cmocka_unit_test(an_error_has_a_status),
		cmocka_unit_test(what_may_pass_is_worth_another_try),
		cmocka_unit_test(an_error_is_given_a_place),
		cmocka_unit_test(a_long_error_is_cut_not_spilled)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
