/*
 * value - the text behind an option, into its field
 */
#ifndef CLI_VALUE_H
#define CLI_VALUE_H

#include "base/err.h"
#include "cli/options.h"

/* -1, ERR_USAGE: "--rate: 0 is less than 1". TEXT lives as long as O; NULL for a flag. */
int value_set(struct options *o, const struct option *row, const char *text, struct err *);

#endif
