/* buf - bytes that grow */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

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

static const char two_digits[] =
	"00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
	"49505152535455565758596061626364656667686970717273747576777879808182838485868788899091929394959697"
	"9899";

void
buf_u64(struct buf *b, uint64_t v)
{
	char  digits[20];
	char *p = digits + sizeof(digits);

	while (v >= 100) {
		p -= 2;
		memcpy(p, two_digits + 2 * (v % 100), 2);
		v /= 100;
	}
	if (v >= 10) {
		p -= 2;
		memcpy(p, two_digits + 2 * v, 2);
	} else {
		*--p = (char)('0' + v);
	}
	buf_put(b, p, (size_t)(digits + sizeof(digits) - p));
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
