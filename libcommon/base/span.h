/*
 * span - some bytes that belong to somebody else
 *
 * A value: passed and returned by copy, never freed.  How long the bytes live, the function that
 * hands a span out says.  {NULL, 0} stands for "none" (a null key, a missing value); an empty
 * string has a pointer and no length.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *p;
	size_t      n;
};

#define SPAN_NONE ((struct span){ NULL, 0 })
#define SPAN_LIT(s) ((struct span){ (s), sizeof(s) - 1 })     /* of a string literal */
#define SPAN_ARGS(s) ((int)(s).n), ((s).p)                   /* for %.*s */

static inline struct span
span_of(const char *p, size_t n)
{
	return (struct span){ p, n };
}

/* Of a C string; NULL gives SPAN_NONE. */
static inline struct span
span_str(const char *s)
{
	return s == NULL ? SPAN_NONE : (struct span){ s, strlen(s) };
}

static inline bool
span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.p == NULL) == (b.p == NULL) && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* By bytes, the shorter first where one begins the other. */
static inline int
span_cmp(struct span a, struct span b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int    c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

static inline bool
span_starts(struct span s, struct span with)
{
	return s.n >= with.n && (with.n == 0 || memcmp(s.p, with.p, with.n) == 0);
}

#endif
