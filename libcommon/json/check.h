/*
 * check - the one-pass validator
 *
 * Walks a line byte by byte, in strings and numbers VEC_BYTES at a time, and takes down the wanted
 * values as it passes them.  It can begin at a line's first byte, or in the middle, where a
 * template has stopped to fit and knows what is open there.  UTF-8 is not looked at.
 */
#ifndef JSON_CHECK_H
#define JSON_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "json/lex.h"
#include "json/scan.h"
#include "json/want.h"

enum check_inside { CHECK_TOP, CHECK_OBJECT, CHECK_ARRAY };

/* An open container. */
struct check_frame {
	const char *start;              /* its bracket */
	uint32_t    index;              /* of the item that is being read, in an array */
	uint16_t    node;
	uint8_t     inside;             /* enum check_inside */
};

struct check {
	const struct want_node *nodes;
	struct scan_value      *values;     /* where to put what is found: set before each line */
	uint64_t                set;        /* bits of the paths that have a value by now */
	const char             *start;      /* of the whole value */
	const char             *end;        /* behind its last byte */
	struct lex              lex;        /* bad, reason: after a NULL */
	struct scan_value       unwanted;   /* where a value goes that has no place in values */
	uint32_t                depth;
	struct check_frame      frames[SCAN_MAX_DEPTH + 1];    /* [0]: the line itself */
};

void check_init(struct check *, const struct want_node *);

/* A whole line.  The newline that ends it; NULL: see lex.  A line of blanks is end == start. */
const char *check_line(struct check *, const char *line);

enum check_at { CHECK_AT_VALUE, CHECK_BEHIND_VALUE };

/*
 * Go on in the middle of a line, at P: a value whose node is NODE, or what follows one (NODE then
 * does not matter).  Depth, frames, set and start say how things stand.  The newline; where DEPTH
 * is not 0: behind the bracket that closes the container at that depth.  NULL: see lex.
 */
const char *check_on(struct check *, const char *p, enum check_at, uint16_t node, uint32_t depth);

static inline void
check_take(struct scan_value *to, const char *p, const char *end, enum scan_kind kind, bool escaped)
{
	to->p = p;
	to->n = (uint32_t)(end - p);
	to->kind = (uint8_t)kind;
	to->escaped = escaped;
}

#endif
