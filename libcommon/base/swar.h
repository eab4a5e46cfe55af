/*
 * swar - eight characters at a time, in an ordinary register
 *
 * The first character of the text sits in the lowest byte, whatever the machine's byte order.
 * Nothing here reads beyond the text it is given.
 */
#ifndef BASE_SWAR_H
#define BASE_SWAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SWAR_ZEROS 0x3030303030303030u           /* "00000000" */
#define SWAR_HIGH  0x8080808080808080u
#define SWAR_ONES  0x0101010101010101u

static inline uint64_t
swar_load(const char *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

static inline void
swar_store(char *p, uint64_t v)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	memcpy(p, &v, 8);
}

static inline uint32_t
swar_load4(const char *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap32(v);
#endif
	return v;
}

/*
 * A text of 1 to 8 characters, right-justified: its last character in the highest byte, zero bytes
 * in front of it.  Loads that overlap instead of a loop: no branch on each length.
 */
static inline uint64_t
swar_load_tail(const char *p, size_t n)
{
	if (n >= 4) {
		uint64_t last = (uint64_t)swar_load4(p + n - 4) << 32;

		return last | (uint64_t)swar_load4(p) << (8 * (8 - n));
	}
	return (uint64_t)(unsigned char)p[n - 1] << 56 |
	    (uint64_t)(unsigned char)p[n / 2] << (8 * (8 - n + n / 2)) |
	    (uint64_t)(unsigned char)p[0] << (8 * (8 - n));
}

/* "00000000" in all bytes where swar_load_tail has put a character. */
static inline uint64_t
swar_zeros_tail(size_t n)                         /* 1 <= n <= 8 */
{
	return SWAR_ZEROS << (8 * (8 - n));
}

/* Are all bytes of X (text ^ SWAR_ZEROS) in 0 … 9? */
static inline bool
swar_are_digits(uint64_t x)
{
	return ((x | (x + 0x7676767676767676u)) & SWAR_HIGH) == 0;
}

/* Eight bytes of 0 … 9 (text ^ SWAR_ZEROS) to the number they spell. */
static inline uint32_t
swar_number(uint64_t x)
{
	const uint64_t mask = 0x000000FF000000FFu;

	x = x * 10 + (x >> 8);
	return (uint32_t)(((x & mask) * 0x000F424000000064u +
	    ((x >> 16) & mask) * 0x0000271000000001u) >> 32);
}

/* 9 to 16 digits, without the branches on length that shorter texts need.  False: another byte is among them. */
static inline bool
swar_read(const char *p, size_t n, uint64_t *value)
{
	uint64_t low = swar_load(p + n - 8) ^ SWAR_ZEROS;
	uint64_t high = (swar_load(p) ^ SWAR_ZEROS) << (8 * (16 - n));

	*value = swar_number(low) + swar_number(high) * UINT64_C(100000000);
	return swar_are_digits(low) && swar_are_digits(high);
}

/* The lowest byte of V that equals C, as 0 … 7; 8 where there is none. */
static inline unsigned
swar_find(uint64_t v, char c)
{
	uint64_t x = v ^ SWAR_ONES * (unsigned char)c;
	uint64_t hit = (x - SWAR_ONES) & ~x & SWAR_HIGH;

	return hit == 0 ? 8 : (unsigned)__builtin_ctzll(hit) / 8;
}

#endif
