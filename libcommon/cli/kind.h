/* kind - which windows the words behind stream-window ask for */
#ifndef CLI_KIND_H
#define CLI_KIND_H

#include "base/err.h"
#include "cli/options.h"

/*
 * Takes the kind and its sizes off the front of o->inputs, into o->window; words behind the kind that
 * read as sizes are sizes, ./50s is a file.  -1, ERR_USAGE.
 */
int kind_take(struct options *, struct err *);

/* The same, of o->window_words: windows that lie on a grid of time.  -1, ERR_USAGE. */
int kind_parse(struct options *, struct err *);

#endif
