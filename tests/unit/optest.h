/*
 * optest - operators, cut anywhere
 *
 * A case is a list of lines (records and watermarks) for an operator and what must come out.  It is
 * replayed in every way a stream can be cut: in batches as large as can be, record by record, at
 * random cuts, and with the state saved and loaded into a fresh operator between any two steps, as
 * a base or as a base with any number of deltas.  The bytes must be equal every time.
 *
 * Golden cases (tests/golden/OPERATOR) look like this:
 *
 *     == negative times fall into the window below
 *     : 10ms -a n=count
 *     < {"ts":-1,"key":"a","payload":{}}
 *     < {"mark":"watermark","ts":0}
 *     > {"topic":"window",…}
 *
 * `:` is what stands behind `stream-OPERATOR` (`tumbling` may be left out); `<` goes in, `>` must come out right then, `x`
 * must go to the dead letters, `+` to the operator's side file, `!` must be refused with these words.  `#` is a remark.
 *
 * Of two inputs, `l` goes into the left one and `r` into the right one; their marks come to the operator as a run of it
 * would have them, through mark/align.  `t` is a row of a table: several in a row make up one, whole, and as a table is
 * no part of the state, a fresh operator is given the rows again.
 *
 * Which operators there are: optest_ops.c.
 */
#ifndef TESTS_OPTEST_H
#define TESTS_OPTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

enum { OPTEST_MAX_WORDS = 64 };

enum optest_kind { OPTEST_OUT, OPTEST_DEAD, OPTEST_ASIDE, OPTEST_REFUSED, OPTEST_KINDS };

enum { OPTEST_LEFT, OPTEST_RIGHT, OPTEST_TABLE };

/* A line that goes in, and the lines that must come out at once. */
struct optest_step {
	struct span input;
	int         side;                /* OPTEST_LEFT for those with one input */
	struct buf  expected[OPTEST_KINDS];
};

struct optest_case {
	char               *name;
	const char         *operator;        /* "window" */
	char               *words[OPTEST_MAX_WORDS];
	size_t              n_words;
	struct optest_step *steps;
	size_t              n_steps, cap_steps;
};

/* For cases that a test makes itself.  INPUT must be followed by '\n' and SCAN_PAD bytes, and live as long as the case. */
void optest_case_init(struct optest_case *, const char *operator, const char *name, const char *words);
struct optest_step *optest_add(struct optest_case *, struct span input);
void optest_case_release(struct optest_case *);

/* Replay in every way; a difference fails the cmocka test at hand and says which way, with which seed. */
void optest_run(const struct optest_case *, uint64_t seed, int random_rounds);

/* All cases in the files of tests/golden/OPERATOR.  How many there were. */
size_t optest_run_golden(const char *operator, uint64_t seed, int random_rounds);

/* xorshift64*: the same numbers everywhere. */
uint64_t optest_random(uint64_t *state);

#endif
