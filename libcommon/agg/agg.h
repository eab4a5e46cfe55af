/*
 * agg - what an aggregate is
 *
 * An accumulator is `size` bytes in a store's entry, aligned to 16; zeroed is the empty one.  Parts
 * of variable length (the text of a minimum) live in the arena that goes with the window; an
 * aggregate doubles what it takes there, so that garbage stays below what is live.  An accumulator
 * may be moved: nothing points into it.
 *
 * All aggregates of a record are checked before any is updated (semantics.md calls a value of the
 * wrong type a bad record), hence `check` and `add` apart; check parses, add does not again.
 *
 * How values are divided between accumulators that are merged, and when they are saved and loaded,
 * shows neither in the result nor in what is saved.
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

/* What follows the path in FUNC(PATH,…), read once from the command line. */
struct agg_args {
	uint64_t    part, whole;         /* q of a quantile is part ÷ whole, whole a power of ten */
	uint32_t    most;                /* n of top and bottom */
	bool        by_second;           /* top(PATH,n,BY) */
	struct span separator;           /* inside a JSON string, escaped; the column owns it */
};

/* The record at hand. */
struct agg_at {
	int64_t  ts_ms;
	uint64_t arrival;                /* a number that no two records of a run share, ascending */
};

/* One value, checked: made by check, consumed by add before the line's bytes go. */
struct agg_input {
	/* From the caller; check leaves them alone. */
	const struct agg_args   *args;
	const struct agg_at     *at;         /* good for add, not yet for check */
	const struct scan_value *second;     /* the value at the second path; NULL: none was given */

	/* From check. */
	bool       skip;         /* null or missing: add is not called */
	bool       second_is_bad;    /* where check says no: it is the second path's fault */
	uint8_t    kind;         /* enum scan_kind */
	bool       escaped;      /* of a string */
	struct span text;        /* a number's text; a string's inside, escaped */
	bool       is_dec;       /* number holds it */
	struct dec number;       /* where the aggregate asked for one */
	struct span whole;       /* another value that is kept: its JSON text */
	struct dec other;        /* the second path's number */
};

/* What a result is the result of. */
struct agg_scope {
	const struct agg_args *args;
	bool                   has_bounds;       /* of the window; count and global ones have none */
	int64_t                start_ms, end_ms;
};

struct agg_class {
	const char   *name;
	const char   *help;      /* one line, for --help and the manual */

	/*
	 * What stands between the parentheses, a letter each, '?' in front of what may be left out:
	 * P a path, Q a second path, q a fraction from 0 to 1, n how many, s a string in double quotes.
	 */
	const char   *takes;
	size_t        size;      /* bytes of an accumulator, a multiple of 16 */

	/*
	 * False: *reason is a constant text such as "is not a number" (the caller puts the path
	 * before it).  The value is NULL where no path was given: true, and then it is asked only once, before
	 * the first record.  Changes nothing but the input.
	 */
	bool (*check)(const struct scan_value *, struct agg_input *, const char **reason);
	void (*add)(void *acc, const struct agg_input *, struct arena *);

	/* FROM may lie in another arena, which goes: what it holds is copied. */
	void (*merge)(void *acc, const void *from, const struct agg_args *, struct arena *);

	/* Append JSON; false: beyond 38 digits, and nothing is appended. */
	bool (*result)(const void *acc, const struct agg_scope *, struct buf *);
	void (*save)(const void *acc, struct buf *);    /* append one JSON value, all load needs */
	bool (*load)(void *acc, struct span json, struct arena *);   /* ACC is zeroed, JSON valid;
	                                                        * false: not what save wrote */
};

extern const struct agg_class *const agg_classes[];          /* NULL at the end */

/* Append how the class is asked for: "quantile(PATH,Q)", "count[(PATH)]". */
void agg_put_usage(struct buf *, const struct agg_class *);

/* A column of a result: NAME=FUNC, NAME=FUNC(PATH,ARG…) or NAME=key|start|end. */
enum agg_column_kind { AGG_COLUMN_FUNC, AGG_COLUMN_KEY, AGG_COLUMN_START, AGG_COLUMN_END };

struct agg_column {
	char                   *name;        /* owned */
	enum agg_column_kind    kind;
	const struct agg_class *class;       /* AGG_COLUMN_FUNC */
	bool                    has_path, has_second;
	struct path             path, second;        /* owned */
	struct agg_args         args;
	char                   *separator;   /* owned */
	char                   *text;        /* FUNC(PATH,…) as given, owned: fingerprint, messages */
};

/*
 * Parse what follows -a.  ERR_USAGE: no such function (lists them), no name, an argument missing,
 * unwanted, or not what it should be.
 */
int  agg_parse(struct agg_column *, const char *text, struct err *);
void agg_column_release(struct agg_column *);

#endif
