/* test_utf8 - every form of the check this machine can run says the same */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json/utf8.h"

static size_t
length_by_lead(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	return lead >> 5 == 6 ? 2 : lead >> 4 == 14 ? 3 : lead >> 3 == 30 ? 4 : 0;
}

/* RFC 3629's table once more, by decoding: the character's number must need that many bytes. */
static bool
is_utf8_slowly(const unsigned char *p, size_t n)
{
	size_t i = 0;

	while (i < n) {
		size_t   length = length_by_lead(p[i]);
		uint32_t code = length == 1 ? p[i] : p[i] & (0xFFu >> (length + 1)), least;

		if (length == 0 || n - i < length)
			return false;
		for (size_t k = 1; k < length; k++) {
			if (p[i + k] >> 6 != 2)
				return false;
			code = code << 6 | (p[i + k] & 0x3F);
		}
		least = length == 1 ? 0 : length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
		if (code < least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
			return false;
		i += length;
	}
	return true;
}

/* TEXT at the end of the memory that the contract asks for, with tails of characters behind it. */
static void
expect_all(const unsigned char *text, size_t n)
{
	size_t                  n_forms;
	const struct utf8_form *forms = utf8_forms(&n_forms);
	bool                    want = is_utf8_slowly(text, n);
	char                   *memory = malloc(n + UTF8_PAD);

	memcpy(memory, text, n);
	memset(memory + n, 0x80, UTF8_PAD);
	for (size_t i = 0; i < n_forms; i++) {
		if (forms[i].check(memory, n) != want) {
			for (size_t k = 0; k < n; k++)
				print_message("%02X ", text[k]);
			fail_msg("%s: wrong", forms[i].name);
		}
	}
	assert_int_equal(utf8_find_bad(memory, n) == NULL, want);
	free(memory);
}

/* All pairs of bytes, and all triples and quadruples of the bytes at which something changes. */
static void
test_short_sequences(void **state)
{
	static const unsigned char edges[] = {
		0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0,
		0xE1, 0xEC, 0xED, 0xEE, 0xEF,
		0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xF7, 0xF8, 0xFF
	};
	enum { N = sizeof(edges) };
	unsigned char text[4] = { 0 };

	(void)state;
	expect_all(text, 0);
	for (unsigned i = 0; i < 65536; i++) {
		text[0] = (unsigned char)(i >> 8);
		text[1] = (unsigned char)i;
		expect_all(text, 1);
		expect_all(text, 2);
	}
	for (unsigned i = 0; i < N * N * N * N; i++) {
		text[0] = edges[i / (N * N * N)];
		text[1] = edges[i / (N * N) % N];
		text[2] = edges[i / N % N];
		text[3] = edges[i % N];
		if (i % N == 0)
			expect_all(text, 3);
		if (text[0] >= 0xE0 && text[1] >= 0x80)
			expect_all(text, 4);
	}
}

/* Characters and fragments at every place around the bounds of 16- and 32-byte blocks. */
static void
test_at_every_place(void **state)
{
	static const char *const bits[] = {
		"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xC3", "\xE2", "\xE2\x82", "\xF0",
		"\xF0\x9F", "\xF0\x9F\x98", "\x80", "\xED\xA0\x80",
		"\xE0\x9F\xBF", "\xF4\x90\x80\x80", "\xF0\x8F\xBF\xBF", "\xC0\x80", "\xFF",
		"\xC3\xA9\xC3\xA9", "\xF0\x9F\x98\x80\xF0\x9F\x98\x80"
	};
	unsigned char text[160];

	(void)state;
	for (size_t b = 0; b < sizeof(bits) / sizeof(bits[0]); b++) {
		size_t n_bit = strlen(bits[b]);

		for (size_t n = n_bit; n < 100; n++) {
			for (size_t at = 0; at + n_bit <= n; at++) {
				memset(text, 'x', sizeof(text));
				memcpy(text + at, bits[b], n_bit);
				expect_all(text, n);
			}
		}
	}
}

static void
test_find_bad(void **state)
{
	static const char text[] = "0123456789\xC3\xA9\xF0\x9F\x98\x80" "abc\xE2\x82xyz\xFF";

	(void)state;
	assert_ptr_equal(utf8_find_bad(text, sizeof(text) - 1), text + 19);
	assert_null(utf8_find_bad(text, 19));
	assert_ptr_equal(utf8_find_bad(text, 15), text + 12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_sequences),
		cmocka_unit_test(test_at_every_place),
		cmocka_unit_test(test_find_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
