/* test_text - JSON strings to bytes and back; base64 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json/text.h"

#define S(literal) { (literal), sizeof(literal) - 1 }

static void
expect_bytes(const struct buf *b, struct span want)
{
	if (b->n != want.n || (want.n > 0 && memcmp(b->p, want.p, want.n) != 0))
		fail_msg("\"%.*s\" instead of \"%.*s\"", (int)b->n, b->p, (int)want.n, want.p);
}

/* What a string says, its bytes, and how those are written shortest. */
static const struct { struct span escaped, bytes, shortest; } strings[] = {
	{ S(""), S(""), S("") },
	{ S("abc"), S("abc"), S("abc") },
	{ S("\\\"\\\\\\/\\b\\f\\n\\r\\t"), S("\"\\/\b\f\n\r\t"), S("\\\"\\\\/\\b\\f\\n\\r\\t") },
	{ S("\\u0000"), S("\0"), S("\\u0000") },
	{ S("\\u0041\\u00e9\\u20AC"), S("A\xC3\xA9\xE2\x82\xAC"), S("A\xC3\xA9\xE2\x82\xAC") },
	{ S("\\u001f\\u001F\x7F"), S("\x1F\x1F\x7F"), S("\\u001f\\u001f\x7F") },
	{ S("\\ud83d\\ude00"), S("\xF0\x9F\x98\x80"), S("\xF0\x9F\x98\x80") },
	{ S("\\uDBFF\\uDFFF"), S("\xF4\x8F\xBF\xBF"), S("\xF4\x8F\xBF\xBF") },
	{ S("\\ud800"), S("\xED\xA0\x80"), S("\\ud800") },
	{ S("\\udfffx"), S("\xED\xBF\xBFx"), S("\\udfffx") },
	{ S("\\uDC00\\uD800"), S("\xED\xB0\x80\xED\xA0\x80"), S("\\udc00\\ud800") },
	{ S("\\ud800\\ud800\\udc00"), S("\xED\xA0\x80\xF0\x90\x80\x80"), S("\\ud800\xF0\x90\x80\x80") },
	{ S("\\ud800\\n"), S("\xED\xA0\x80\n"), S("\\ud800\\n") },
	{ S("\\ud800\\u0041"), S("\xED\xA0\x80" "A"), S("\\ud800A") },
	{ S("\xED\x9F\xBF\xEE\x80\x80"), S("\xED\x9F\xBF\xEE\x80\x80"), S("\xED\x9F\xBF\xEE\x80\x80") },
	{ S("a\\nb\\\\nc"), S("a\nb\\nc"), S("a\\nb\\\\nc") },
	{ S("\\u2028 \xE2\x80\xA8"), S("\xE2\x80\xA8 \xE2\x80\xA8"), S("\xE2\x80\xA8 \xE2\x80\xA8") },
};

enum { N_STRINGS = sizeof(strings) / sizeof(strings[0]) };

static void
test_decode_and_encode(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < N_STRINGS; i++) {
		buf_reset(&b);
		text_decode(&b, strings[i].escaped);
		expect_bytes(&b, strings[i].bytes);
		assert_true(text_is_utf8(strings[i].bytes));
		buf_reset(&b);
		text_encode(&b, strings[i].bytes);
		expect_bytes(&b, strings[i].shortest);
		buf_reset(&b);
		text_decode(&b, strings[i].shortest);
		expect_bytes(&b, strings[i].bytes);
	}
	buf_reset(&b);
	text_quote(&b, (struct span)S("a\"b"));
	expect_bytes(&b, (struct span)S("\"a\\\"b\""));
	buf_release(&b);
}

static void
test_equal(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_STRINGS; i++)
		for (size_t k = 0; k < N_STRINGS; k++)
			assert_int_equal(text_equal(strings[i].escaped, strings[k].bytes),
			    span_eq(strings[i].bytes, strings[k].bytes));
	assert_false(text_equal((struct span)S("ab"), (struct span)S("a")));
	assert_false(text_equal((struct span)S("a"), (struct span)S("ab")));
	assert_false(text_equal((struct span)S("\\u0061b"), (struct span)S("a")));
	assert_false(text_equal((struct span)S("\\u00e9"), (struct span)S("\xC3")));
}

/* All code points but surrogates, one by one and escaped. */
static void
test_all_characters(void **state)
{
	static const char hex[] = "0123456789abcdef";
	struct buf        escaped = { 0 }, bytes = { 0 }, again = { 0 };

	(void)state;
	for (uint32_t code = 0; code < 0x110000; code += code < 0x12000 ? 1 : 37) {
		uint32_t units[2] = { code, 0 };

		if (code >= 0x10000) {
			units[0] = 0xD800 + ((code - 0x10000) >> 10);
			units[1] = 0xDC00 + ((code - 0x10000) & 0x3FF);
		}
		buf_reset(&escaped);
		buf_reset(&bytes);
		buf_reset(&again);
		for (int u = 0; u < 2 && (u == 0 || units[1] != 0); u++) {
			buf_lit(&escaped, "\\u");
			for (int shift = 12; shift >= 0; shift -= 4)
				buf_char(&escaped, hex[units[u] >> shift & 15]);
		}
		text_decode(&bytes, buf_all(&escaped));
		assert_true(text_is_utf8(buf_all(&bytes)));
		text_encode(&again, buf_all(&bytes));
		assert_true(text_equal(buf_all(&again), buf_all(&bytes)));
		assert_true(text_equal(buf_all(&escaped), buf_all(&bytes)));
	}
	buf_release(&escaped);
	buf_release(&bytes);
	buf_release(&again);
}

static void
test_is_utf8(void **state)
{
	static const struct { struct span bytes; bool is; } table[] = {
		{ S(""), true }, { S("abc"), true }, { S("\xC3\xA9"), true },
		{ S("\xF4\x8F\xBF\xBF"), true }, { S("\0"), true },
		{ S("\xED\xA0\x80"), true }, { S("\xED\xB0\x80"), true },
		{ S("\xED\xB0\x80\xED\xA0\x80"), true }, { S("\xED\xA0\x80x\xED\xB0\x80"), true },
		{ S("\xED\xA0\x80\xED\xA0\x80"), true },
		{ S("\xED\xA0\x80\xED\xB0\x80"), false }, { S("\xED\xA0\xBD\xED\xB8\x80"), false },
		{ S("\x80"), false }, { S("\xC3"), false }, { S("\xC0\x80"), false },
		{ S("\xC1\xBF"), false }, { S("\xE0\x80\x80"), false },
		{ S("\xE0\x9F\xBF"), false },
		{ S("\xE2\x82"), false }, { S("\xE2\x28\xA1"), false }, { S("\xED\xA0"), false },
		{ S("\xF0\x80\x80\x80"), false }, { S("\xF0\x8F\xBF\xBF"), false },
		{ S("\xF0\x9F\x98"), false }, { S("\xF4\x90\x80\x80"), false },
		{ S("\xF5\x80\x80\x80"), false }, { S("\xFF"), false }, { S("a\xFE"), false },
		{ S("\xC3\xC3\xA9"), false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (text_is_utf8(table[i].bytes) != table[i].is)
			fail_msg("case %zu", i);
}

static void
test_base64(void **state)
{
	static const struct { struct span bytes; const char *text; } table[] = {
		{ S(""), "" }, { S("f"), "Zg==" }, { S("fo"), "Zm8=" }, { S("foo"), "Zm9v" },
		{ S("foob"), "Zm9vYg==" }, { S("fooba"), "Zm9vYmE=" }, { S("foobar"), "Zm9vYmFy" },
		{ S("\0"), "AA==" }, { S("\xFF\xFF\xFF"), "////" }, { S("\xFB\xEF\xBE"), "++++" },
	};
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		buf_reset(&b);
		text_base64(&b, table[i].bytes);
		expect_bytes(&b, span_str(table[i].text));
		buf_reset(&b);
		assert_int_equal(text_unbase64(&b, span_str(table[i].text)), 0);
		expect_bytes(&b, table[i].bytes);
	}
	buf_release(&b);
}

static void
test_bad_base64(void **state)
{
	static const char *const table[] = {
		"A", "AA", "AAA", "AAAAA", "=", "====", "A===", "AA=A", "=AAA", "AA-_", "AA A",
		"AAA\n", "Zg==Zg==", "Zm9v\xC3" "AAA"
	};
	struct buf               b = { 0 };

	(void)state;
	buf_lit(&b, "kept");
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (text_unbase64(&b, span_str(table[i])) != -1)
			fail_msg("%s", table[i]);
		expect_bytes(&b, (struct span)S("kept"));
	}
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode_and_encode),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_all_characters),
		cmocka_unit_test(test_is_utf8),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_bad_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
