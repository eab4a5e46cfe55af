/*
 * lex - strings, numbers and words: where a scalar ends, and whether it is one
 *
 * The short forms are inline, for the validator and the templates; what is rare (escapes, long
 * numbers, exponents, all errors) is out of line in lex.c.  All of them stop at the line's '\n',
 * for it has no place in any scalar, and read up to VEC_BYTES bytes behind it.
 */
#ifndef JSON_LEX_H
#define JSON_LEX_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "json/scan.h"
#include "json/vec.h"

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* What the slow forms leave behind. */
struct lex {
	const char *bad;         /* where a form that gave NULL found no way on */
	const char *reason;
	bool        high;        /* a byte >= 0x80 went by */
};

/* To the closing quote; behind the number.  NULL: it is none. */
const char *lex_escaped_string(struct lex *, const char *backslash);
const char *lex_any_number(struct lex *, const char *first);

/* NULL, with AT and REASON taken down. */
const char *lex_fail(struct lex *, const char *at, const char *reason);

/* In what is known to be valid: from behind the opening quote to the closing one; over a scalar. */
const char *lex_skip_string(const char *p, bool *escaped);
const char *lex_skip_scalar(const char *p);

/*
 * P is behind the opening quote.  The closing quote; or the first byte that is not plain: escapes
 * then want lex_escaped_string.  What goes by is gathered in *HIGH.
 */
vec_inline const char *
lex_plain(const char *p, vec *high)
{
	vec_mask special;
	vec      seen = *high;           /* in a register: *high may have to lie in memory */

	for (;; p += VEC_BYTES) {
		vec v = vec_load(p);

		seen = vec_or(seen, v);
		special = vec_special(v);
		if (likely(special != 0))
			break;
	}
	*high = seen;
	return p + vec_first(special);
}

/* May a number begin so?  (Two bytes too many say yes; lex_short_number says no to them.) */
vec_inline bool
lex_begins_number(char c)
{
	return (unsigned char)(c - '-') <= '9' - '-';
}

/*
 * P is where lex_begins_number.  Behind the number; NULL: none of the short forms, ask
 * lex_any_number.  NEXT is a byte that often follows, and never goes on a number.
 */
vec_inline const char *
lex_short_number(const char *p, char next)
{
	unsigned minus = *p == '-';
	vec_mask rest = vec_no_digit(vec_load(p)) & ~((vec_mask)minus << ((1 << VEC_SHIFT) - 1));
	unsigned n, end;

	if (unlikely(rest == 0))
		return NULL;
	n = vec_first(rest);
	if (unlikely(n <= minus || (p[minus] == '0' && n > minus + 1)))
		return NULL;
	if (p[n] == next)
		return p + n;
	if (p[n] == '.') {
		rest = vec_drop_first(rest);
		if (unlikely(rest == 0))
			return NULL;
		end = vec_first(rest);
		if (unlikely(end == n + 1))
			return NULL;
		n = end;
	}
	return unlikely((p[n] | 0x20) == 'e') ? NULL : p + n;
}

vec_inline bool
lex_is_word(const char *p, const char word[4])
{
	uint32_t a, b;

	memcpy(&a, p, sizeof(a));
	memcpy(&b, word, sizeof(b));
	return a == b;
}

vec_inline bool
lex_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

vec_inline const char *
lex_blanks(const char *p)
{
	while (lex_is_blank(*p))
		p++;
	return p;
}

/* What stands between the quotes: P is behind the opening one.  The closing one, or NULL. */
vec_inline const char *
lex_string(struct lex *lex, const char *p, vec *high, bool *escaped)
{
	p = lex_plain(p, high);
	*escaped = *p != '"';
	if (likely(!*escaped))
		return p;
	if (*p == '\\')
		return lex_escaped_string(lex, p);
	return lex_fail(lex, p, "control character in a string");
}

/* P is where lex_begins_number.  Behind the number, or NULL.  NEXT: as above. */
vec_inline const char *
lex_number(struct lex *lex, const char *p, char next)
{
	const char *end = lex_short_number(p, next);

	return likely(end != NULL) ? end : lex_any_number(lex, p);
}

/*
 * null, true or false at P.  Behind it, or NULL.  No branch for each: which of two it is, nobody can foretell.
 */
vec_inline const char *
lex_word(struct lex *lex, const char *p, enum scan_kind *kind)
{
	unsigned is_null = lex_is_word(p, "null"), is_true = lex_is_word(p, "true");
	unsigned is_false = (unsigned)lex_is_word(p, "fals") & (p[4] == 'e'), any;

	*kind = (enum scan_kind)(SCAN_NULL + is_false * (SCAN_FALSE - SCAN_NULL) + is_true * (SCAN_TRUE - SCAN_NULL));
	any = is_null | is_true | is_false;
	__asm__("" : "+r"(any));         /* or the compiler makes branches of it */
	if (unlikely(any == 0))
		return lex_fail(lex, p, "expected a value");
	return p + 4 + is_false;
}

/*
 * The scalar at *P: where it ends, *P then at its first byte (behind a quote).  NULL: there is
 * none.  NEXT is a byte that often follows.
 */
vec_inline const char *
lex_scalar(struct lex *lex, const char **p, char next,
    vec *high, enum scan_kind *kind, bool *escaped)
{
	const char *from = *p;

	*escaped = false;
	if (*from == '"') {
		*kind = SCAN_STRING;
		*p = ++from;
		return lex_string(lex, from, high, escaped);
	}
	if (lex_begins_number(*from)) {
		*kind = SCAN_NUMBER;
		return lex_number(lex, from, next);
	}
	return lex_word(lex, from, kind);
}

#endif
