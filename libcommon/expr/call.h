/*
 * call - the functions
 *
 * A plug point: a function of one value, and of one argument where it takes one, is a line in the
 * table of call.c.  Those that need the machine (select, any, all, map, empty) are nodes.
 */
#ifndef EXPR_CALL_H
#define EXPR_CALL_H

#include "expr/val.h"

struct call {
	const char *name;
	unsigned    arguments;       /* 0, 1 */
	/* -1: an error in jq's words. */
	int       (*run)(struct work *, struct val input, struct val argument, struct val *to);
};

extern const struct call call_table[];      /* name NULL at the end */

#endif
