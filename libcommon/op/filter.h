/*
 * filter - which records go on, and what becomes of them
 *
 * A record passes if it is in the sample and the predicate gives a value for it that is neither false
 * nor null; then it leaves as its original bytes, or with each output of `map` as its payload and the
 * output of `set_key` as its key.  These expressions see the record as it came.  In each payload members
 * may then be set, picked and dropped, in that order: op/filter_edit.h.  One payload keeps the record's
 * topic, partition and offset; of several each is a record of its own: the stage's name, 0, a running number,
 * which is all the state there is.
 *
 * An error in an expression makes the record bad.  Nothing is late; records need no time.
 */
#ifndef OP_FILTER_H
#define OP_FILTER_H

#include "expr/expr.h"
#include "op/op.h"

/* --set PATH=EXPR: the expression gives one value. */
struct filter_set {
	struct path  path;           /* in the payload */
	struct expr *expr;
};

struct filter_conf {
	struct expr *where;          /* the predicate; NULL: all pass */
	struct expr *map;            /* NULL: the payload stays */
	struct expr *set_key;        /* NULL: the key stays */
	struct filter_set *sets;
	size_t       n_sets;
	struct path *pick, *drop;    /* at most EDIT_MAX_PATHS each, with a step each */
	size_t       n_pick, n_drop;
	double       sample;         /* the share of records that are looked at, by a hash of topic, partition and offset; 1: all */
	const char  *stage;
};

/* Expressions, sets and paths are the op's from now on, allocated; the stage is borrowed for its life. */
struct op *filter_new(const struct filter_conf *);

#endif
