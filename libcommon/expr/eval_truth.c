/*
 * eval_truth - is it true?
 *
 * Most tests compare what the reader has found with a constant, and join such comparisons by and, or.  Their truth is
 * told from the bytes of the record, with no value made on the way; of all other nodes the output is asked for.
 */
#include "base/num_digits.h"
#include "expr/eval.h"

/* How a node came out, beside true (1), false (0) and EVAL_FAILED. */
enum {
	NO_OUTPUT = 2,
	NOT_TOLD = 3              /* ask for its output */
};

static inline int
told_by(enum node_op op, int order)
{
	switch (op) {
	case NODE_EQ: return order == 0;
	case NODE_NE: return order != 0;
	case NODE_LT: return order < 0;
	case NODE_LE: return order <= 0;
	case NODE_GT: return order > 0;
	default:      return order >= 0;
	}
}

/* wants[] OP consts[], where both are short numbers, or plain strings that are equal or not. */
static inline int
compare(const struct machine *m, const struct node *n)
{
	const struct node       *a = &m->prog->nodes[n->a], *b = &m->prog->nodes[n->b];
	const struct scan_value *v;
	const struct val        *c;
	int64_t                  digits;
	int                      scale;

	if (a->op != NODE_WANT || b->op != NODE_CONST)
		return NOT_TOLD;
	v = &m->in->wanted[a->value];
	if (v->kind == SCAN_NUMBER) {
		const struct prog_number *number = &m->prog->numbers[b->value];

		if (!number->is_short || !num_short(span_of(v->p, v->n), &digits, &scale))
			return NOT_TOLD;
		return told_by((enum node_op)n->op, num_cmp_short(digits, scale, number->digits, number->scale));
	}
	c = &m->prog->consts[b->value];
	if (v->kind != SCAN_STRING || c->kind != SCAN_STRING || v->escaped || c->escaped || (n->op != NODE_EQ && n->op != NODE_NE))
		return NOT_TOLD;
	return (v->n == c->n && memcmp(v->p, c->p, v->n) == 0) == (n->op == NODE_EQ);
}

static int
ask(struct machine *m, uint16_t node)
{
	struct val v;
	bool       any;

	if (eval_one(m, node, m->top, &v, &any) == -1)
		return EVAL_FAILED;
	return any ? val_truth(v) : NO_OUTPUT;
}

/* As deep as the expression's brackets. */
static int
truth(struct machine *m, uint16_t node)
{
	const struct node *n = &m->prog->nodes[node];
	int                t = NOT_TOLD;

	switch (n->op) {
	case NODE_AND:
	case NODE_OR:
		t = truth(m, n->a);
		if (t == EVAL_FAILED || t == NO_OUTPUT)
			return t;
		return t != (n->op == NODE_AND) ? t : truth(m, n->b);
	case NODE_EQ: case NODE_NE: case NODE_LT: case NODE_LE: case NODE_GT: case NODE_GE:
		t = compare(m, n);
		break;
	}
	return t == NOT_TOLD ? ask(m, node) : t;
}

int
eval_truth(struct machine *m, uint16_t node)
{
	int t = truth(m, node);

	return t == NO_OUTPUT ? 0 : t;
}
