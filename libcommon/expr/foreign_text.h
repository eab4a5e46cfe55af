/*
 * foreign_text - an expression as another engine shall see it
 *
 * Its functions that would make a replay differ are hidden behind definitions that do not compile;
 * $.a.b becomes a part of an array that is handed in beside the payload.
 */
#ifndef EXPR_FOREIGN_TEXT_H
#define EXPR_FOREIGN_TEXT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/path.h"

/* The paths of $.…, each once, in the order of the array; owned. */
struct foreign_paths {
	struct path **items;
	size_t        n;
};

/* Append the program, NUL and all.  -1, ERR_USAGE: something in it is refused.  Without paths its input is the
   payload, else [payload, value of path 0, …]. */
int  foreign_text_put(struct buf *program, struct foreign_paths *, const char *text, struct err *);
void foreign_paths_release(struct foreign_paths *);

/* ERR says that a hidden function is not defined: say instead that it is refused, and why. */
void foreign_text_reword(struct err *);

#endif
