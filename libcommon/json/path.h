/*
 * path - a place inside a JSON value, as jq writes it
 *
 *     .a.b   .["x y"]   .a["b"][0]   .[0]   .
 *     $.topic   $.window.start                    into the record itself
 *
 * A path is compiled once, from the command line, and lives as long as the program.  Negative
 * indices, slices, iteration (.[]) and `?` are no paths here: an error names them.
 */
#ifndef JSON_PATH_H
#define JSON_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

enum { PATH_MAX_STEPS = 32 };

struct path_step {
	bool        is_index;
	uint32_t    index;
	struct span name;        /* decoded (no escapes), owned by the path */
};

struct path {
	bool             in_record;      /* began with $ */
	size_t           n_steps;        /* 0: the whole value */
	struct path_step steps[PATH_MAX_STEPS];
	char            *text;           /* as given, owned: for messages and hello */
};

/* Compile TEXT.  -1 and ERR_USAGE with the reason and the byte where it is. */
int  path_parse(struct path *, const char *text, struct err *);
void path_release(struct path *);

/* Do they lead to the same place, however they were written? */
bool path_eq(const struct path *, const struct path *);

/* A deep copy of PATH with STEP_NAME in front of its steps (".price" → ".payload.price"). */
void path_under(struct path *to, const char *step_name, const struct path *);

/* A deep copy. */
void path_copy(struct path *to, const struct path *);

/* The first step goes, and in_record: $.payload.x → .x; the text stays. */
void path_drop_first(struct path *);

#endif
