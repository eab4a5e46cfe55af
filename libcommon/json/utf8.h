/*
 * utf8 - is it UTF-8 by RFC 3629: no overlong form, no surrogate, nothing above U+10FFFF
 *
 * The vector forms follow J. Keiser and D. Lemire, "Validating UTF-8 in less than one instruction
 * per byte" (2021): three table lookups by nibbles name all ways in which two neighbours can be
 * wrong.
 */
#ifndef JSON_UTF8_H
#define JSON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

enum { UTF8_PAD = 32 };      /* readable bytes that a vector form needs behind the last */

typedef bool utf8_check(const char *p, size_t n);

struct utf8_form {
	const char *name;
	utf8_check *check;
};

/* The forms this machine can run, the fastest first, the scalar one last; how many goes to *N. */
const struct utf8_form *utf8_forms(size_t *n);

/* The first byte that begins no character, or NULL.  Slow; no padding needed. */
const char *utf8_find_bad(const char *p, size_t n);

#endif
