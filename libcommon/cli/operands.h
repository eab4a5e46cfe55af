/*
 * operands - what the words that are no options say, and what does not go together
 */
#ifndef CLI_OPERANDS_H
#define CLI_OPERANDS_H

#include "base/err.h"
#include "cli/options.h"

/* Takes o->inputs (all words) apart: the kind of window, the target; the rest stays. -1, ERR_USAGE. */
int operands_check(struct options *o, struct err *);

/* What --body is for this target where it is not given: BODY_… */
int operands_body(const struct options *);

#endif
