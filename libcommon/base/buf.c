/* buf - bytes that grow */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/swar.h"

void
buf_release(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}

void
buf_grow(struct buf *b, size_t more)
{
	size_t cap = b->cap < 256 ? 256 : b->cap;

	while (cap - b->n < more)
		cap = cap > SIZE_MAX / 4 ? SIZE_MAX - BUF_SLACK : cap * 2;
	b->p = alloc_resized(b->p, cap + BUF_SLACK, 1);
	b->cap = cap;
}

void
buf_str(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

/*
 * V < 10^8 as eight digits, leading zeros too, the first in the lowest byte: halves of four digits, of each two pairs,
 * of each two digits, all of a size at once.  (Multiplications by 1/100 and 1/10 that are exact so far.)
 */
static inline uint64_t
eight_digits(uint32_t v)
{
	uint64_t fours = v / 10000 | (uint64_t)(v % 10000) << 32;
	uint64_t tops = (fours * 10486 >> 20) & 0x0000007f0000007f;
	uint64_t pairs = tops | (fours - 100 * tops) << 16;
	uint64_t tens = (pairs * 103 >> 10) & 0x000f000f000f000f;

	return tens | (pairs - 10 * tens) << 8;
}

/* All eight of them. */
static inline char *
put_eight(char *to, uint32_t v)
{
	swar_store(to, eight_digits(v) | SWAR_ZEROS);
	return to + 8;
}

/* Without leading zeros.  Writes eight bytes all the same. */
static inline char *
put_some(char *to, uint32_t v)
{
	uint64_t digits = eight_digits(v);
	unsigned zeros = (unsigned)__builtin_ctzll(digits | (uint64_t)1 << 56) / 8;

	swar_store(to, (digits | SWAR_ZEROS) >> 8 * zeros);
	return to + 8 - zeros;
}

char *
buf_u64_at(char *to, uint64_t v)
{
	static const uint64_t E8 = 100000000, E16 = 10000000000000000;

	if (v < E8)
		return put_some(to, (uint32_t)v);
	if (v < E16) {
		to = put_some(to, (uint32_t)(v / E8));
		return put_eight(to, (uint32_t)(v % E8));
	}
	to = put_some(to, (uint32_t)(v / E16));
	to = put_eight(to, (uint32_t)(v / E8 % E8));
	return put_eight(to, (uint32_t)(v % E8));
}

void
buf_u64(struct buf *b, uint64_t v)
{
	char *to = buf_reserve(b, 24);

	b->n = (size_t)(buf_u64_at(to, v) - b->p);
}

void
buf_i64(struct buf *b, int64_t v)
{
	if (v < 0) {
		buf_char(b, '-');
		buf_u64(b, -(uint64_t)v);
	} else {
		buf_u64(b, (uint64_t)v);
	}
}

void
buf_hex64(struct buf *b, uint64_t v)
{
	char *to = buf_reserve(b, 16);

	for (int i = 0; i < 16; i++)
		to[i] = "0123456789abcdef"[(v >> (60 - 4 * i)) & 15];
	b->n += 16;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int     n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n > 0) {
		vsnprintf(buf_reserve(b, (size_t)n + 1), (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	}
	va_end(again);
}
