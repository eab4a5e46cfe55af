/*
 * help - the pages --help and --version print
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/buf.h"
#include "cli/options.h"

void help_put(struct buf *, const struct command *);
void help_put_version(struct buf *, const struct command *);

#endif
