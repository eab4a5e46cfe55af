/*
 * buf - bytes that grow
 *
 * The one growable buffer.  {0} is a good empty one.  Spans into it live until the next call that
 * adds to it.  BUF_SLACK bytes behind `n` are always there to be written over once something has
 * been reserved, so that copies may run in whole vectors.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

#define BUF_SLACK 64

struct buf {
	char  *p;
	size_t n;              /* used */
	size_t cap;            /* allocated, without the slack */
};

void buf_release(struct buf *);                 /* gives the memory back; the buf is {0} again */
void buf_grow(struct buf *, size_t more);       /* out of line part of buf_reserve */

static inline void
buf_reset(struct buf *b)                        /* forget the content, keep the memory */
{
	b->n = 0;
}

/* Room for `more` bytes at the returned place; the caller adds what it wrote to b->n. */
static inline char *
buf_reserve(struct buf *b, size_t more)
{
	if (__builtin_expect(b->p == NULL || b->cap - b->n < more, 0))
		buf_grow(b, more);
	return b->p + b->n;
}

static inline void
buf_put(struct buf *b, const void *p, size_t n)
{
	char *to = buf_reserve(b, n);

	if (n > 0)
		memcpy(to, p, n);
	b->n += n;
}

static inline void
buf_span(struct buf *b, struct span s)
{
	buf_put(b, s.p, s.n);
}

static inline void
buf_char(struct buf *b, char c)
{
	*buf_reserve(b, 1) = c;
	b->n++;
}

#define buf_lit(b, s) buf_put((b), (s), sizeof(s) - 1)

void buf_str(struct buf *, const char *);       /* a C string, without its NUL */
void buf_i64(struct buf *, int64_t);            /* decimal */
void buf_u64(struct buf *, uint64_t);
char *buf_u64_at(char *to, uint64_t);           /* the same where there is room for 24 bytes; behind the digits */
void buf_hex64(struct buf *, uint64_t);         /* 16 lower-case digits */
void buf_printf(struct buf *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline struct span
buf_all(const struct buf *b)
{
	return span_of(b->p, b->n);
}

#endif
