/*
 * template - a line seen before, without its values
 *
 * The pieces between the scalar values, brackets, names, blanks and the final newline included, the
 * quotes of strings not: value k stands between piece k and piece k + 1.  A line whose pieces are
 * the same has the same shape, so the place of each value in the tree of wanted paths is known.
 *
 *     {"a":1,"b":["x",null]}\n      pieces: {"a":   ,"b":[   ,   ]}\n      values: 1 "x" null
 *
 * Not every line makes one: see the limits, and a wanted member that comes twice.
 *
 * The first values of a line may be the same line after line, as topic and partition of a record are.  Then they and
 * the pieces around them are compared as one: the prefix.
 */
#ifndef JSON_TEMPLATE_H
#define JSON_TEMPLATE_H

#include <stdbool.h>
#include <stdint.h>

#include "json/check.h"
#include "json/vec.h"
#include "json/want.h"

enum {
	TEMPLATE_MAX_VALUES     = 64,
	TEMPLATE_MAX_PIECE      = 64,       /* bytes */
	TEMPLATE_MAX_DEPTH      = 60,
	TEMPLATE_MAX_CONTAINERS = 64,
	TEMPLATE_NO_CONTAINER   = 255,
	TEMPLATE_MAX_PREFIX     = 64,       /* bytes: so many may be read behind a newline */
	TEMPLATE_PREFIX_VALUES  = 15,
	TEMPLATE_VARIES         = 0x7FFFFFFF
};

/* What is read for each line that fits, with the value that follows the piece; and where it stands in the line at hand. */
struct template_piece {
	_Alignas(VEC_BYTES)
	char        head[VEC_BYTES];   /* its first bytes, */
	vec_mask    skip;              /* and which of head are not */
	uint16_t    bytes : 15;        /* where all of them are, in literals */
	uint16_t    is_special : 1;    /* longer than its head, or the last one */
	uint8_t     n;                 /* how many */
	uint8_t     path;              /* of the value, or WANT_NO_PATH */
	uint32_t    usual;             /* length of the value, or TEMPLATE_VARIES */
	uint32_t    surprises;         /* how often it had another */
	const char *at;
};

/* What is needed when a line parts from the template: how things stand before value k. */
struct template_place {
	uint64_t set;               /* bits of the paths that have a value by then */
	uint32_t index;             /* of the value, in an array */
	uint16_t node;
	uint8_t  container;         /* that it stands in, or TEMPLATE_NO_CONTAINER */
};

/* Brackets are told by piece and byte in that. */
struct template_container {
	uint32_t index;             /* in its parent, if that is an array */
	uint16_t node;
	uint8_t  depth;             /* 1: the outermost */
	uint8_t  parent;
	uint8_t  unwanted;          /* the outermost around (or itself) with nothing wanted in it */
	uint8_t  inside;            /* enum check_inside */
	uint8_t  open_piece, open_at;
	uint8_t  close_piece, close_behind;
};

/* A container that is itself wanted; in the order in which they close. */
struct template_span {
	uint8_t path;
	uint8_t kind;
	uint8_t open_piece, open_at;
	uint8_t close_piece, close_behind;
};

/* A wanted value in the prefix. */
struct template_kept {
	uint8_t path, kind, value;          /* how many values stand before it */
	uint8_t at, n;
	bool    escaped;
};

/* ASCII, and behind the piece before the first value that is not in it. */
struct template_prefix {
	uint8_t  n;                         /* bytes; 0: there is none */
	uint8_t  n_values;
	uint8_t  n_kept;
	uint8_t  n_sample;                  /* bytes that the line before had, where there is none yet */
	uint8_t  misses;
	bool     is_torn;                   /* since the last study, pieces of a line were passed over: their places are none */
	uint32_t study_at;                  /* when hits are that many */
	uint8_t  places[TEMPLATE_PREFIX_VALUES + 1];    /* of the pieces */
	struct template_kept kept[TEMPLATE_PREFIX_VALUES];
	char     bytes[TEMPLATE_MAX_PREFIX + VEC_BYTES];
};

struct template {
	uint32_t hits;
	uint8_t  n_values, n_spans, n_missing, n_containers;
	uint8_t  start, end;        /* of the JSON value: byte of the first piece, of the last */
	uint64_t set;               /* bits of all paths that get a value */
	struct template_prefix    prefix;
	struct template_piece     pieces[TEMPLATE_MAX_VALUES + 1];
	struct template_span      spans[SCAN_MAX_PATHS];
	uint8_t                   missing[SCAN_MAX_PATHS];
	struct template_place     places[TEMPLATE_MAX_VALUES];
	struct template_container containers[TEMPLATE_MAX_CONTAINERS];
	char                      literals[(TEMPLATE_MAX_VALUES + 1) * TEMPLATE_MAX_PIECE];
};

/* Make T of a line that is valid JSON and not blank.  False: it makes none, T is spoilt. */
bool template_learn(struct template *, const struct want *, const char *line);

/* Do the bytes from FROM on of a piece stand at P? */
bool template_rest_fits(const struct template *, const struct template_piece *, unsigned from,
    const char *p);

/* How many leading pieces A and B have in common. */
unsigned template_common(const struct template *a, const struct template *b);

/* The same for what follows the head of a piece longer than two of them. */
bool template_long_fits(const struct template *, const struct template_piece *, const char *p);

/* A line has fitted, hits are study_at: what has it in common with the one before?  VALUES: what was found. */
void template_study_prefix(struct template *, const struct scan_value *values);

/* LINE begins in another way: what it has in common with the prefix is the prefix from now on. */
void template_miss_prefix(struct template *, const char *line);

/* There is a prefix: does LINE begin with it? */
vec_inline bool
template_prefix_fits(const struct template_prefix *x, const char *line)
{
	unsigned at = 0;

	for (; at + VEC_BYTES <= x->n; at += VEC_BYTES)
		if (unlikely(vec_differ(vec_load(line + at), vec_load(x->bytes + at), 0)))
			return false;
	return !vec_differ(vec_load(line + at), vec_load(x->bytes + at), vec_skip(x->n - at));
}

/* Does the piece stand at P? */
vec_inline bool
template_fits(const struct template *t, const struct template_piece *piece, const char *p)
{
	const char *tail;

	if (vec_differ(vec_load(p), vec_load_aligned(piece->head), piece->skip))
		return false;
	if (likely(!piece->is_special) || piece->n <= VEC_BYTES)
		return true;
	if (piece->n > 2 * VEC_BYTES)
		return template_long_fits(t, piece, p);
	/* What is left, with some that was compared already. */
	tail = t->literals + piece->bytes + piece->n - VEC_BYTES;
	return !vec_differ(vec_load(p + piece->n - VEC_BYTES), vec_load(tail), 0);
}

#endif
