/*
 * parse - a command line into options
 *
 * GNU's conventions: --name=VALUE, --name VALUE, -nVALUE, -n VALUE, -fe; "--" ends the options;
 * options may follow operands unless POSIXLY_CORRECT is set; the last of two counts, except for
 * those that make a list.  No abbreviations: a name once shortened can never be extended.
 */
#ifndef CLI_PARSE_H
#define CLI_PARSE_H

#include "base/err.h"
#include "cli/options.h"

/* Looks a variable of the environment up: getenv, or a test's own. */
typedef const char *parse_env_fn(const char *name);

/*
 * -1 and ERR_USAGE: what is wrong.  0: *O is good, or o->help or o->version is set, which count as
 * soon as they are met and leave the rest unread.  Release O in any case.
 */
int parse_argv(struct options *o, unsigned command, int argc, char **argv, parse_env_fn *env, struct err *);

#endif
