/*
 * scan - one pass over a line: is it JSON, and where are the values that are wanted
 *
 * Full validation by RFC 8259 and UTF-8 (RFC 3629); the values at up to SCAN_MAX_PATHS paths come
 * out as spans into the line.  Never allocates after scan_new, never recurses, never reads past
 * SCAN_PAD bytes behind the line's newline.
 *
 * Learnt templates stand in front of a one-pass validator: a template is the bytes between the
 * scalar values of a line seen before, with the role of each value; a line that fits costs a few
 * vector compares.  At the first byte that differs the validator goes on from the state that the
 * template has there, so nothing is looked at twice.  SSE2 (x86-64), NEON (AArch64) or 8 bytes at
 * a time elsewhere; the UTF-8 check alone is chosen at run time.
 *
 * Decided, where RFC 8259 leaves it open (stream-record(5)): of members with one name the last
 * counts; names are compared decoded; lone surrogates (\ud800) and \u0000 are let through; depth
 * is limited to SCAN_MAX_DEPTH; numbers may have any length; blanks are space, tab and \r (a \n
 * ends the line).
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "json/path.h"

enum {
	SCAN_MAX_PATHS = 64,
	SCAN_MAX_DEPTH = 1024,
	SCAN_PAD       = 64        /* readable bytes needed behind the last newline of a buffer */
};

enum scan_kind {
	SCAN_MISSING,              /* no such member, or a step meets another kind of value */
	SCAN_NULL,
	SCAN_FALSE,
	SCAN_TRUE,
	SCAN_NUMBER,
	SCAN_STRING,               /* p, n: what stands between the quotes, still escaped */
	SCAN_ARRAY,                /* p, n: with the brackets */
	SCAN_OBJECT
};

struct scan_value {
	const char *p;             /* into the line: lives as long as that does */
	uint32_t    n;
	uint8_t     kind;          /* enum scan_kind */
	bool        escaped;       /* SCAN_STRING: there is a backslash in it */
};

enum scan_verdict {
	SCAN_OK,
	SCAN_EMPTY,                /* nothing but blanks */
	SCAN_BAD
};

struct scan_result {
	enum scan_verdict verdict;
	const char *start;         /* of the JSON value: the line without the blanks around */
	const char *end;           /* behind its last byte */
	const char *newline;       /* the \n that ends the line */
	const char *bad;           /* SCAN_BAD: at which byte, */
	const char *reason;        /* and what is wrong: a constant text */
};

struct scan;

/* N_PATHS <= SCAN_MAX_PATHS are borrowed for the life of the scan; in_record is not looked at. */
struct scan *scan_new(const struct path *const *paths, size_t n_paths);
void         scan_free(struct scan *);

/*
 * Scan the line that begins at LINE.  There must be a '\n' at or after LINE, with SCAN_PAD readable
 * bytes behind it.  VALUES has n_paths places and is filled for SCAN_OK only.  SCAN_BAD finds the
 * newline too: a bad line never swallows the next.
 */
void scan_line(struct scan *, const char *line, struct scan_value *values, struct scan_result *);

/*
 * Walk the members of an object that scan_line has found to be valid JSON (slow: no templates).
 * At entry *at is the byte behind '{' at the first call.  False at the closing brace.
 */
bool scan_member(const char **at, struct span *name_escaped, struct scan_value *value);

/* The same for the items of an array: *at is the byte behind '[' at the first call. */
bool scan_item(const char **at, struct scan_value *value);

#endif
