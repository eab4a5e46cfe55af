/*
 * optest_ops - the operators that optest can replay: a line in the table each
 */
#ifndef TESTS_OPTEST_OPS_H
#define TESTS_OPTEST_OPS_H

#include <stdint.h>

#include "base/zone.h"
#include "cli/options.h"
#include "op/op.h"

struct optest_operator {
	const char  *name;               /* "window": stream-window, tests/golden/window */
	unsigned     command;            /* CMD_WINDOW */
	const char  *kind;               /* the first word where a case begins with a digit; NULL: none is added */

	/* An empty operator, as the command makes it.  OPTIONS and ZONE (of --tz; NULL: not given) live longer. */
	struct op *(*make)(const struct options *, const struct zone *, uint64_t hash_seed);

	/* Or, where the words are no command line: from them. */
	struct op *(*make_from_words)(char *const *words, size_t n, uint64_t hash_seed);
};

extern const struct optest_operator optest_operators[];      /* ends with a NULL name */

struct op *optest_join(char *const *words, size_t n, uint64_t hash_seed);

#endif
