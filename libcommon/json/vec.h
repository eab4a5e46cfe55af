/*
 * vec - the few steps on VEC_BYTES bytes at once that the scanner is made of
 *
 * Three shapes of one thing: SSE2, NEON, or a plain 64-bit word (SCAN_SWAR asks for that one
 * anywhere, so that it is tested where the others run).  A mask has one bit per byte, at distance
 * 1 << VEC_SHIFT; the byte that comes first in memory has the lowest.
 */
#ifndef JSON_VEC_H
#define JSON_VEC_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define vec_inline static inline __attribute__((always_inline))

/*
 * Makes a blank of a quote, a quote of a blank, and of a control byte another one: with it, one comparison finds quotes
 * and control bytes.
 */
enum { VEC_QUOTE_SWAP = '"' ^ ' ' };

#if defined(__SSE2__) && !defined(SCAN_SWAR)

#include <emmintrin.h>

enum { VEC_BYTES = 16, VEC_SHIFT = 0 };
typedef __m128i  vec;
typedef uint32_t vec_mask;

vec_inline vec
vec_load(const char *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* P is a multiple of VEC_BYTES. */
vec_inline vec
vec_load_aligned(const char *p)
{
	return _mm_load_si128((const __m128i *)(const void *)p);
}

vec_inline vec
vec_zero(void)
{
	return _mm_setzero_si128();
}

vec_inline vec
vec_or(vec a, vec b)
{
	return _mm_or_si128(a, b);
}

/* Quotes, backslashes and control bytes: what ends a run of plain bytes in a string. */
vec_inline vec_mask
vec_special(vec v)
{
	__m128i swapped = _mm_xor_si128(v, _mm_set1_epi8(VEC_QUOTE_SWAP));
	__m128i quote_or_control = _mm_cmpeq_epi8(_mm_min_epu8(swapped, _mm_set1_epi8(0x20)), swapped);
	__m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'));

	return (vec_mask)_mm_movemask_epi8(_mm_or_si128(quote_or_control, slash));
}

vec_inline vec_mask
vec_no_digit(vec v)
{
	__m128i from_0 = _mm_sub_epi8(v, _mm_set1_epi8('0'));
	__m128i digit = _mm_cmpeq_epi8(_mm_min_epu8(from_0, _mm_set1_epi8(9)), from_0);

	return (vec_mask)_mm_movemask_epi8(digit) ^ 0xFFFF;
}

/* Is there a byte >= 0x80? */
vec_inline bool
vec_any_high(vec v)
{
	return _mm_movemask_epi8(v) != 0;
}

enum { VEC_ALL = 0xFFFF };

/* Do A and B differ in bytes that SKIP (of vec_skip) has not set? */
vec_inline bool
vec_differ(vec a, vec b, vec_mask skip)
{
	return ((vec_mask)_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)) | skip) != VEC_ALL;
}

#elif defined(__aarch64__) && !defined(SCAN_SWAR)

#include <arm_neon.h>

enum { VEC_BYTES = 16, VEC_SHIFT = 2 };
typedef uint8x16_t vec;
typedef uint64_t   vec_mask;

vec_inline vec
vec_load(const char *p)
{
	return vld1q_u8((const uint8_t *)p);
}

vec_inline vec
vec_load_aligned(const char *p)
{
	return vec_load(p);
}

vec_inline vec
vec_zero(void)
{
	return vdupq_n_u8(0);
}

vec_inline vec
vec_or(vec a, vec b)
{
	return vorrq_u8(a, b);
}

/* Bytes of all ones or zeros to one bit in four: the narrowing shift keeps half of each byte. */
vec_inline vec_mask
vec_mask_of(uint8x16_t bytes)
{
	uint8x8_t halves = vshrn_n_u16(vreinterpretq_u16_u8(bytes), 4);

	return vget_lane_u64(vreinterpret_u64_u8(halves), 0) & 0x8888888888888888;
}

vec_inline vec_mask
vec_special(vec v)
{
	uint8x16_t quote_or_control = vcleq_u8(veorq_u8(v, vdupq_n_u8(VEC_QUOTE_SWAP)), vdupq_n_u8(0x20));
	uint8x16_t slash = vceqq_u8(v, vdupq_n_u8('\\'));

	return vec_mask_of(vorrq_u8(quote_or_control, slash));
}

vec_inline vec_mask
vec_no_digit(vec v)
{
	return vec_mask_of(vcgtq_u8(vsubq_u8(v, vdupq_n_u8('0')), vdupq_n_u8(9)));
}

vec_inline bool
vec_any_high(vec v)
{
	return vmaxvq_u8(v) >= 0x80;
}

#define VEC_ALL UINT64_MAX

vec_inline bool
vec_differ(vec a, vec b, vec_mask skip)
{
	uint8x8_t halves = vshrn_n_u16(vreinterpretq_u16_u8(vceqq_u8(a, b)), 4);

	return (vget_lane_u64(vreinterpret_u64_u8(halves), 0) | skip) != VEC_ALL;
}

#else

enum { VEC_BYTES = 8, VEC_SHIFT = 3 };
typedef uint64_t vec;
typedef uint64_t vec_mask;

#define VEC_EACH(byte) (0x0101010101010101 * (uint64_t)(byte))

vec_inline vec
vec_load(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

vec_inline vec
vec_load_aligned(const char *p)
{
	return vec_load(p);
}

vec_inline vec
vec_zero(void)
{
	return 0;
}

vec_inline vec
vec_or(vec a, vec b)
{
	return a | b;
}

/* The high bit of each byte that is zero; no carry goes from one byte to the next. */
vec_inline vec_mask
vec_zeros(uint64_t v)
{
	return ~(((v & VEC_EACH(0x7F)) + VEC_EACH(0x7F)) | v | VEC_EACH(0x7F));
}

vec_inline vec_mask
vec_special(vec v)
{
	vec_mask quote = vec_zeros(v ^ VEC_EACH('"'));
	vec_mask slash = vec_zeros(v ^ VEC_EACH('\\'));
	vec_mask control = vec_zeros(v & VEC_EACH(0xE0));

	return quote | slash | control;
}

vec_inline vec_mask
vec_no_digit(vec v)
{
	uint64_t from_0 = v ^ VEC_EACH('0');

	return (((from_0 & VEC_EACH(0x7F)) + VEC_EACH(0x7F - 9)) | from_0) & VEC_EACH(0x80);
}

vec_inline bool
vec_any_high(vec v)
{
	return (v & VEC_EACH(0x80)) != 0;
}

#define VEC_ALL UINT64_MAX

vec_inline bool
vec_differ(vec a, vec b, vec_mask skip)
{
	return ((a ^ b) & ~skip) != 0;
}

#endif

/* All but the first N of VEC_BYTES bytes, for vec_differ. */
vec_inline vec_mask
vec_skip(unsigned n)
{
	unsigned bits = n << VEC_SHIFT;

	return (vec_mask)VEC_ALL & (vec_mask)(bits == 64 ? 0 : UINT64_MAX << bits);
}

/* The place of the first byte of a mask that is not empty. */
vec_inline unsigned
vec_first(vec_mask m)
{
	return (unsigned)__builtin_ctzll(m) >> VEC_SHIFT;
}

vec_inline vec_mask
vec_drop_first(vec_mask m)
{
	return m & (m - 1);
}

#endif
