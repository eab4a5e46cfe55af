/*
 * foreign - another engine, for what ours does not have
 *
 * The door to a whole implementation of jq's language (io/jq.c, which has libjq behind it).  This room
 * knows texts of JSON and what follows here; it prepares the program so that each replay gives the
 * same: what asks the clock, the environment, other inputs or modules is refused by name.
 *
 * $.a.b, which jq does not have, is looked up by the reader and handed in beside the payload.
 * An expression has as many outputs and bytes as FOREIGN_MAX_OUTPUTS and EXPR_MAX_BYTES allow; then the
 * record is bad.  Steps and memory inside are the other engine's affair: it gives up (FOREIGN_GAVE_UP)
 * when it finds that a record takes too much of them.
 */
#ifndef EXPR_FOREIGN_H
#define EXPR_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "json/path.h"

enum { FOREIGN_MAX_OUTPUTS = 1000000 };

enum foreign_end {
	FOREIGN_DONE,
	FOREIGN_ERROR,            /* the reason says what, in jq's words */
	FOREIGN_GAVE_UP           /* by the clock, or for want of memory: not a matter of the record alone */
};

struct foreign_class {
	const char *name;         /* for people: "libjq" */

	/* NULL, ERR_USAGE: what is wrong with PROGRAM, which is not kept; in one line, without a place. */
	void *(*compile)(const char *program, struct err *);

	/*
	 * Run it on INPUT, a valid JSON text: TAKE gets each output, as compact JSON text that lives until it
	 * returns; false from it: no more of them (FOREIGN_DONE).  REASON: at least CAP bytes, for what is no
	 * FOREIGN_DONE.
	 */
	enum foreign_end (*each)(void *compiled, struct span input, bool (*take)(void *cookie, struct span output), void *cookie,
	                         char *reason, size_t cap);

	void (*free)(void *compiled);
};

/* ---- for expr.c ---- */

struct expr_input;
struct foreign;

/* NULL, ERR_USAGE. */
struct foreign *foreign_compile(const struct foreign_class *, const char *text, struct err *);
void            foreign_free(struct foreign *);

/* As expr_wants, expr_run and expr_test; *GAVE_UP says which kind of failure it was. */
const struct path *const *foreign_wants(const struct foreign *, size_t *n);
int  foreign_run(struct foreign *, const struct expr_input *, struct buf *out, size_t *n_outputs, bool *gave_up);
int  foreign_test(struct foreign *, const struct expr_input *, bool *gave_up);
const char *foreign_reason(const struct foreign *);

#endif
