/*
 * eval - the machine
 *
 * jq's generators by continuation: whoever evaluates a node hands on what shall be done with each of
 * its outputs.  Nodes that give at most one (most do) are evaluated straight, without one.
 */
#ifndef EXPR_EVAL_H
#define EXPR_EVAL_H

#include "expr/expr.h"
#include "expr/prog.h"

struct machine {
	const struct prog       *prog;
	const struct expr_input *in;
	struct val               top;        /* the payload */
	struct work              work;
};

enum { EVAL_DONE = 0, EVAL_STOP = 1, EVAL_FAILED = -1 };

/* What to do with an output: EVAL_DONE: go on; EVAL_STOP: no more of them; EVAL_FAILED. */
struct then {
	int (*take)(struct machine *, struct then *, struct val);
};

/* EVAL_STOP: `then` said so. */
int eval_each(struct machine *, uint16_t node, struct val input, struct then *);

/* Of a single node: its output, if there is one. */
int eval_one(struct machine *, uint16_t node, struct val input, struct val *to, bool *any);

/* Of a single node with the payload as its input: 1, its output is true; 0, it is not, or there is none; EVAL_FAILED. */
int eval_truth(struct machine *, uint16_t node);

/* What is common to both: all that takes a value or two and gives one. */
int eval_member(struct machine *, struct val, struct span name, struct val *to);
int eval_index(struct machine *, struct val, struct val index, struct val *to);
int eval_want(struct machine *, const struct node *, struct val *to);
int eval_two(struct machine *, enum node_op, struct val a, struct val b, struct val *to);

/* A part of INPUT, which PATH names, set, taken out, or made anew from what it was: eval_edit.c. */
int eval_set(struct machine *, uint16_t path, struct val input, struct val value, struct val *to);
int eval_delete(struct machine *, uint16_t path, struct val input, struct val *to);
int eval_update(struct machine *, const struct node *, struct val input, struct val *to);

/* After a failure: may it be caught?  Not where the record's share is used up. */
static inline bool
eval_may_catch(const struct machine *m)
{
	return m->work.steps_left > 0 && m->work.bytes_left > 0;
}

#endif
