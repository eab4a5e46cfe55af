/*
 * sides - which join the words behind stream-join ask for
 */
#ifndef CLI_SIDES_H
#define CLI_SIDES_H

#include "base/err.h"
#include "cli/options.h"

/*
 * Takes the kind off the front of o->inputs (./left is a file); sets join_kind and join_mode, and leaves the
 * operands: LEFT RIGHT, or with --table LEFT, or none.  -1, ERR_USAGE.
 */
int sides_take(struct options *, struct err *);

#endif
