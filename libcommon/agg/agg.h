/*
 * agg - what an aggregate is
 *
 * An accumulator is `size` bytes in a store's entry, aligned to 16; zeroed is the empty one.  Parts
 * of variable length (the text of a minimum) live in the arena that goes with the window; an
 * aggregate doubles what it takes there, so that garbage stays below what is live.
 *
 * All aggregates of a record are checked before any is updated (semantics.md calls a value of the
 * wrong type a bad record), hence `check` and `add` apart; check parses, add does not again.
 *
 * To add one: a file agg/NAME.c that exports agg_NAME alone, a line in the table of agg.c, a golden
 * file in tests/golden/agg.
 */
#ifndef AGG_AGG_H
#define AGG_AGG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "base/span.h"
#include "json/path.h"
#include "json/scan.h"

/* One value, checked: made by check, consumed by add before the line's bytes go. */
struct agg_input {
	bool       skip;         /* null or missing: add is not called */
	uint8_t    kind;         /* enum scan_kind */
	bool       escaped;      /* of a string */
	struct span text;        /* a number's text; a string's inside, escaped */
	bool       is_dec;       /* number holds it */
	struct dec number;       /* where the aggregate asked for one */
};

enum agg_path { AGG_PATH_NONE, AGG_PATH_OPTIONAL, AGG_PATH_REQUIRED };

struct agg_class {
	const char   *name;
	const char   *help;      /* one line, for --help and the manual */
	enum agg_path path;
	size_t        size;      /* bytes of an accumulator, a multiple of 16 */

	/*
	 * False: *reason is a constant text such as "is not a number" (the caller puts the path
	 * before it).  The value is NULL where no path was given.  Changes nothing but the input.
	 */
	bool (*check)(const struct scan_value *, struct agg_input *, const char **reason);
	void (*add)(void *acc, const struct agg_input *, struct arena *);
	void (*merge)(void *acc, const void *from, struct arena *);
	bool (*result)(const void *acc, struct buf *);  /* append JSON; false: beyond 38 digits */
	void (*save)(const void *acc, struct buf *);    /* append one JSON value, all load needs */
	bool (*load)(void *acc, struct span json, struct arena *);   /* ACC is zeroed, JSON valid;
	                                                        * false: not what save wrote */
};

extern const struct agg_class *const agg_classes[];          /* NULL at the end */

/* A column of a result: NAME=FUNC, NAME=FUNC(PATH) or NAME=key|start|end. */
enum agg_column_kind { AGG_COLUMN_FUNC, AGG_COLUMN_KEY, AGG_COLUMN_START, AGG_COLUMN_END };

struct agg_column {
	char                   *name;        /* owned */
	enum agg_column_kind    kind;
	const struct agg_class *class;       /* AGG_COLUMN_FUNC */
	bool                    has_path;
	struct path             path;        /* owned */
	char                   *text;        /* FUNC(PATH) as given, owned: fingerprint, messages */
};

/* Parse what follows -a.  ERR_USAGE: no such function (lists them), path missing or unwanted, no name. */
int  agg_parse(struct agg_column *, const char *text, struct err *);
void agg_column_release(struct agg_column *);

#endif
