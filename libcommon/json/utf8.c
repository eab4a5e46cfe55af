/* utf8 - is it UTF-8 by RFC 3629 */
#include "json/utf8.h"

#include <stdint.h>
#include <string.h>

static bool
is_tail(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

/* The length of the character at P, which begins with a byte >= 0x80; 0 if it is none. */
static size_t
sequence(const unsigned char *p, size_t left)
{
	if (*p >= 0xC2 && *p <= 0xDF)
		return left >= 2 && is_tail(p[1]) ? 2 : 0;
	if (*p >= 0xE0 && *p <= 0xEF) {
		if (left < 3 || !is_tail(p[1]) || !is_tail(p[2]))
			return 0;
		return (*p == 0xE0 && p[1] < 0xA0) || (*p == 0xED && p[1] > 0x9F) ? 0 : 3;
	}
	if (*p >= 0xF0 && *p <= 0xF4) {
		if (left < 4 || !is_tail(p[1]) || !is_tail(p[2]) || !is_tail(p[3]))
			return 0;
		return (*p == 0xF0 && p[1] < 0x90) || (*p == 0xF4 && p[1] > 0x8F) ? 0 : 4;
	}
	return 0;
}

const char *
utf8_find_bad(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text, *end = p + n;
	uint64_t             eight;
	size_t               length;

	while (p != end) {
		if (end - p >= 8) {
			memcpy(&eight, p, sizeof(eight));
			if ((eight & 0x8080808080808080) == 0) {
				p += 8;
				continue;
			}
		}
		length = *p < 0x80 ? 1 : sequence(p, (size_t)(end - p));
		if (length == 0)
			return (const char *)p;
		p += length;
	}
	return NULL;
}

static bool
check_scalar(const char *p, size_t n)
{
	return utf8_find_bad(p, n) == NULL;
}

/*
 * What can be wrong with a pair of bytes.  A table by the high nibble of the first, one by its low
 * nibble, one by the high nibble of the second; a fault is there where all three say so.
 */
enum {
	TOO_SHORT  = 0x01,     /* a lead byte, then no tail */
	TOO_LONG   = 0x02,     /* ASCII, then a tail */
	OVERLONG_3 = 0x04,     /* E0 80..9F */
	TOO_LARGE  = 0x08,     /* F4 90.., F5.. 90.. */
	SURROGATE  = 0x10,     /* ED A0.. */
	OVERLONG_2 = 0x20,     /* C0, C1 */
	OVERLONG_4 = 0x40,     /* F0 80..8F */
	LARGE_80   = 0x40,     /* F5.. 80..8F: may share the bit */
	TWO_TAILS  = 0x80,     /* right only as third or fourth byte: judged with the lead */
	ALWAYS     = TOO_SHORT | TOO_LONG | TWO_TAILS,
	TAIL       = TOO_LONG | OVERLONG_2 | TWO_TAILS
};

/* Taken off with saturation, they leave the high bit to the leads of three and four bytes only. */
enum { BELOW_E0 = 0xE0 - 0x80, BELOW_F0 = 0xF0 - 0x80 };

static const uint8_t by_first_high[16] __attribute__((aligned(16), unused)) = {
	TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG,
	TWO_TAILS, TWO_TAILS, TWO_TAILS, TWO_TAILS,
	TOO_SHORT | OVERLONG_2,
	TOO_SHORT,
	TOO_SHORT | OVERLONG_3 | SURROGATE,
	TOO_SHORT | TOO_LARGE | LARGE_80 | OVERLONG_4
};

static const uint8_t by_first_low[16] __attribute__((aligned(16), unused)) = {
	ALWAYS | OVERLONG_3 | OVERLONG_2 | OVERLONG_4,
	ALWAYS | OVERLONG_2,
	ALWAYS,
	ALWAYS,
	ALWAYS | TOO_LARGE,
	ALWAYS | TOO_LARGE | LARGE_80, ALWAYS | TOO_LARGE | LARGE_80, ALWAYS | TOO_LARGE | LARGE_80,
	ALWAYS | TOO_LARGE | LARGE_80, ALWAYS | TOO_LARGE | LARGE_80, ALWAYS | TOO_LARGE | LARGE_80,
	ALWAYS | TOO_LARGE | LARGE_80, ALWAYS | TOO_LARGE | LARGE_80,
	ALWAYS | TOO_LARGE | LARGE_80 | SURROGATE,
	ALWAYS | TOO_LARGE | LARGE_80, ALWAYS | TOO_LARGE | LARGE_80
};

static const uint8_t by_second_high[16] __attribute__((aligned(16), unused)) = {
	TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
	TAIL | OVERLONG_3 | LARGE_80 | OVERLONG_4,
	TAIL | OVERLONG_3 | TOO_LARGE,
	TAIL | SURROGATE | TOO_LARGE,
	TAIL | SURROGATE | TOO_LARGE,
	TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT
};

/* From tail_mask + 32 - n on: n times FF, then zeros.  Blanks out what lies behind the text. */
static const uint8_t tail_mask[64] __attribute__((unused)) = {
	0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
	0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
	0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
	0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF
};

#if defined(__x86_64__)

#include <immintrin.h>

__attribute__((target("ssse3"))) static inline __m128i
faults_16(__m128i now, __m128i before)
{
	const __m128i nibble = _mm_set1_epi8(15);
	__m128i first = _mm_alignr_epi8(now, before, 15);
	__m128i before_2 = _mm_alignr_epi8(now, before, 14);
	__m128i before_3 = _mm_alignr_epi8(now, before, 13);
	__m128i lead_of_3 = _mm_subs_epu8(before_2, _mm_set1_epi8(BELOW_E0));
	__m128i lead_of_4 = _mm_subs_epu8(before_3, _mm_set1_epi8(BELOW_F0));
	__m128i lead = _mm_or_si128(lead_of_3, lead_of_4);
	__m128i wants_tail = _mm_and_si128(lead, _mm_set1_epi8((char)0x80));
	__m128i a = _mm_shuffle_epi8(_mm_load_si128((const __m128i *)(const void *)by_first_high),
	    _mm_and_si128(_mm_srli_epi16(first, 4), nibble));
	__m128i b = _mm_shuffle_epi8(_mm_load_si128((const __m128i *)(const void *)by_first_low),
	    _mm_and_si128(first, nibble));
	__m128i c = _mm_shuffle_epi8(_mm_load_si128((const __m128i *)(const void *)by_second_high),
	    _mm_and_si128(_mm_srli_epi16(now, 4), nibble));

	return _mm_xor_si128(_mm_and_si128(_mm_and_si128(a, b), c), wants_tail);
}

__attribute__((target("ssse3"))) static bool
check_ssse3(const char *p, size_t n)
{
	__m128i now, before = _mm_setzero_si128(), faults = _mm_setzero_si128();

	for (; n >= 16; p += 16, n -= 16) {
		now = _mm_loadu_si128((const __m128i *)(const void *)p);
		faults = _mm_or_si128(faults, faults_16(now, before));
		before = now;
	}
	now = _mm_and_si128(_mm_loadu_si128((const __m128i *)(const void *)p),
	    _mm_loadu_si128((const __m128i *)(const void *)(tail_mask + 32 - n)));
	faults = _mm_or_si128(faults, faults_16(now, before));
	return _mm_movemask_epi8(_mm_cmpeq_epi8(faults, _mm_setzero_si128())) == 0xFFFF;
}

__attribute__((target("avx2"))) static inline __m256i
table_32(const uint8_t *table)
{
	return _mm256_broadcastsi128_si256(_mm_load_si128((const __m128i *)(const void *)table));
}

__attribute__((target("avx2"))) static inline __m256i
faults_32(__m256i now, __m256i before)
{
	const __m256i nibble = _mm256_set1_epi8(15);
	__m256i joint = _mm256_permute2x128_si256(before, now, 0x21);
	__m256i first = _mm256_alignr_epi8(now, joint, 15);
	__m256i before_2 = _mm256_alignr_epi8(now, joint, 14);
	__m256i before_3 = _mm256_alignr_epi8(now, joint, 13);
	__m256i lead_of_3 = _mm256_subs_epu8(before_2, _mm256_set1_epi8(BELOW_E0));
	__m256i lead_of_4 = _mm256_subs_epu8(before_3, _mm256_set1_epi8(BELOW_F0));
	__m256i lead = _mm256_or_si256(lead_of_3, lead_of_4);
	__m256i wants_tail = _mm256_and_si256(lead, _mm256_set1_epi8((char)0x80));
	__m256i first_high = _mm256_and_si256(_mm256_srli_epi16(first, 4), nibble);
	__m256i second_high = _mm256_and_si256(_mm256_srli_epi16(now, 4), nibble);
	__m256i a = _mm256_shuffle_epi8(table_32(by_first_high), first_high);
	__m256i b = _mm256_shuffle_epi8(table_32(by_first_low), _mm256_and_si256(first, nibble));
	__m256i c = _mm256_shuffle_epi8(table_32(by_second_high), second_high);

	return _mm256_xor_si256(_mm256_and_si256(_mm256_and_si256(a, b), c), wants_tail);
}

__attribute__((target("avx2"))) static bool
check_avx2(const char *p, size_t n)
{
	__m256i now, before = _mm256_setzero_si256(), faults = _mm256_setzero_si256();

	for (; n >= 32; p += 32, n -= 32) {
		now = _mm256_loadu_si256((const __m256i *)(const void *)p);
		faults = _mm256_or_si256(faults, faults_32(now, before));
		before = now;
	}
	now = _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(const void *)p),
	    _mm256_loadu_si256((const __m256i *)(const void *)(tail_mask + 32 - n)));
	faults = _mm256_or_si256(faults, faults_32(now, before));
	return _mm256_testz_si256(faults, faults);
}

static const struct utf8_form forms[] = {
	{ "avx2", check_avx2 }, { "ssse3", check_ssse3 }, { "scalar", check_scalar }
};

const struct utf8_form *
utf8_forms(size_t *n)
{
	size_t skip = __builtin_cpu_supports("avx2") ? 0 : __builtin_cpu_supports("ssse3") ? 1 : 2;

	*n = sizeof(forms) / sizeof(forms[0]) - skip;
	return forms + skip;
}

#elif defined(__aarch64__)

#include <arm_neon.h>

static inline uint8x16_t
faults_16(uint8x16_t now, uint8x16_t before)
{
	uint8x16_t first = vextq_u8(before, now, 15);
	uint8x16_t lead_of_3 = vqsubq_u8(vextq_u8(before, now, 14), vdupq_n_u8(BELOW_E0));
	uint8x16_t lead_of_4 = vqsubq_u8(vextq_u8(before, now, 13), vdupq_n_u8(BELOW_F0));
	uint8x16_t wants_tail = vandq_u8(vorrq_u8(lead_of_3, lead_of_4), vdupq_n_u8(0x80));
	uint8x16_t a = vqtbl1q_u8(vld1q_u8(by_first_high), vshrq_n_u8(first, 4));
	uint8x16_t b = vqtbl1q_u8(vld1q_u8(by_first_low), vandq_u8(first, vdupq_n_u8(15)));
	uint8x16_t c = vqtbl1q_u8(vld1q_u8(by_second_high), vshrq_n_u8(now, 4));

	return veorq_u8(vandq_u8(vandq_u8(a, b), c), wants_tail);
}

static bool
check_neon(const char *text, size_t n)
{
	const uint8_t *p = (const uint8_t *)text;
	uint8x16_t     now, before = vdupq_n_u8(0), faults = vdupq_n_u8(0);

	for (; n >= 16; p += 16, n -= 16) {
		now = vld1q_u8(p);
		faults = vorrq_u8(faults, faults_16(now, before));
		before = now;
	}
	now = vandq_u8(vld1q_u8(p), vld1q_u8(tail_mask + 32 - n));
	faults = vorrq_u8(faults, faults_16(now, before));
	return vmaxvq_u8(faults) == 0;
}

static const struct utf8_form forms[] = { { "neon", check_neon }, { "scalar", check_scalar } };

const struct utf8_form *
utf8_forms(size_t *n)
{
	*n = sizeof(forms) / sizeof(forms[0]);
	return forms;
}

#else

static const struct utf8_form forms[] = { { "scalar", check_scalar } };

const struct utf8_form *
utf8_forms(size_t *n)
{
	*n = 1;
	return forms;
}

#endif
