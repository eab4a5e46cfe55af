/*
 * expr - the everyday part of jq's language, on spans
 *
 *     .user.age >= 18 and (.tags | any(. == "new"))
 *     {id, total: (.items | map(.price * .n) | add), at: $.ts}
 *
 * Paths (.a.b .["x y"] .[0] .[] ? and $.topic into the record), literals and "\(…)", comparison in
 * jq's order, arithmetic, and or not //, if, |, comma, [] and {}, assignment to a place such as .a.b
 * and del of it, and the functions of call.c's table.
 *
 * An expression is compiled once into a flat array of nodes.  A path from the payload's top is
 * looked up by the reader in its one pass (expr_wants), so a predicate on scalars touches nothing
 * but their bytes.  What is neither built nor computed stays the span it is: it leaves with its
 * original bytes, numbers in their original text.
 *
 * What else jq has (variables, reduce, def, regular expressions …) another engine runs, if the caller
 * has one: expr/foreign.h.  It is slower by far, and there all numbers are doubles.
 *
 * The meaning in our engine is jq 1.6's but for this:
 *   - numbers that were not computed compare exactly, and keep all their digits;
 *   - lone surrogates (\ud800) survive;
 *   - ? catches what goes wrong in front of it, and not what goes wrong behind (as in jq 1.7);
 *   - any and all stop as soon as the answer is known;
 *   - tonumber keeps the text of a string that is a JSON number;
 *   - an index is a string or a number (in jq also an array to look for);
 *   - else may be left out, and so may the brackets around the values of an object (jq 1.7, 1.8).
 * Of an object's equal names the last counts, at the first one's place, as in jq.
 *
 * A hostile expression or record ends with an error: EXPR_MAX_STEPS, EXPR_MAX_BYTES for each record,
 * EXPR_MAX_NODES and EXPR_MAX_DEPTH for the expression.
 */
#ifndef EXPR_EXPR_H
#define EXPR_EXPR_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "expr/foreign.h"
#include "json/path.h"
#include "json/scan.h"

enum {
	EXPR_MAX_NODES = 2000,               /* parts of an expression */
	EXPR_MAX_DEPTH = 200,                /* brackets inside brackets */
	EXPR_MAX_WANTS = 16                  /* paths that the reader looks up; others are walked to */
};

#define EXPR_MAX_STEPS UINT64_C(10000000)              /* for one record: about a second */
#define EXPR_MAX_BYTES (UINT64_C(64) * 1024 * 1024)    /* of what is built for one record, and of what comes out */

struct expr;

/* NULL, ERR_USAGE: "byte 12: …".  TEXT is not kept.  OTHER runs what ours does not have; NULL: that is an error. */
struct expr *expr_compile(const char *text, const struct foreign_class *other, struct err *);
void         expr_free(struct expr *);

/* What ours does not have in it, and where: "byte 12: reduce: …".  NULL: ours runs it. */
const char  *expr_why_foreign(const struct expr *);

/* The paths whose values expr_run and expr_test are given, in that order; they live as long as the expr. */
const struct path *const *expr_wants(const struct expr *, size_t *n);

/* A record, as the reader has found it.  Spans live until the call is over. */
struct expr_input {
	struct span              payload;    /* valid JSON in a scanned line; SPAN_NONE: it is none */
	const struct scan_value *wanted;     /* of expr_wants */
};

/*
 * Evaluate.  Each output is appended to OUT as JSON text and a '\n'; how many in *N_OUTPUTS.  -1: an
 * error in jq's words in expr_reason, and OUT is as it was.
 */
int expr_run(struct expr *, const struct expr_input *, struct buf *out, size_t *n_outputs);

/* 1: an output is neither false nor null (the rest is not asked for).  0: none is.  -1: see expr_reason. */
int expr_test(struct expr *, const struct expr_input *);

/* What went wrong in the last call; lives until the next. */
const char *expr_reason(const struct expr *);

/* The last call failed by the clock or for want of memory: the run has to end, since neither may decide what comes out. */
bool        expr_gave_up(const struct expr *);

#endif
