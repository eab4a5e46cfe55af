/* eval_one - nodes that give at most one output */
#include "expr/call.h"
#include "expr/eval.h"

/* NAME for a message: cut between two characters. */
static int
cut_name(struct span name)
{
	size_t n = name.n > 60 ? 60 : name.n;

	while (n > 0 && n < name.n && ((unsigned char)name.p[n] & 0xC0) == 0x80)
		n--;
	return (int)n;
}

int
eval_member(struct machine *m, struct val v, struct span name, struct val *to)
{
	if (v.kind == SCAN_OBJECT) {
		if (!val_member(&m->work, v, name, to))
			*to = VAL_NULL;
		return 0;
	}
	if (v.kind != SCAN_NULL)
		return work_fail(&m->work, "Cannot index %s with \"%.*s\"", val_kind(v), cut_name(name), name.p);
	*to = VAL_NULL;
	return 0;
}

int
eval_index(struct machine *m, struct val v, struct val index, struct val *to)
{
	struct span name;

	if (index.kind == SCAN_STRING)
		return val_bytes(&m->work, index, &name) == -1 ? -1 : eval_member(m, v, name, to);
	if (index.kind != SCAN_NUMBER || (v.kind != SCAN_ARRAY && v.kind != SCAN_NULL))
		return work_fail(&m->work, "Cannot index %s with %s", val_kind(v), val_kind(index));
	if (v.kind == SCAN_NULL || !val_item(&m->work, v, val_double(index), to))
		*to = VAL_NULL;
	return 0;
}

/* What the reader has not found is null, unless a step goes into something that has no parts. */
static int
walk(struct machine *m, const struct path *path, struct val *to)
{
	*to = m->top;
	for (size_t i = 0; i < path->n_steps; i++) {
		const struct path_step *step = &path->steps[i];

		if ((step->is_index ? eval_index(m, *to, val_number(step->index), to) : eval_member(m, *to, step->name, to)) == -1)
			return -1;
	}
	return 0;
}

int
eval_want(struct machine *m, const struct node *n, struct val *to)
{
	const struct scan_value *v = &m->in->wanted[n->value];
	const struct path       *path = m->prog->wants[n->value];

	if (v->kind != SCAN_MISSING) {
		*to = val_found(v);
		return 0;
	}
	*to = VAL_NULL;
	if (path->in_record || (path->n_steps == 1 && !path->steps[0].is_index && m->top.kind == SCAN_OBJECT))
		return 0;
	return walk(m, path, to);
}

int
eval_two(struct machine *m, enum node_op op, struct val a, struct val b, struct val *to)
{
	struct work *w = &m->work;
	bool         equal;
	int          order;

	switch (op) {
	case NODE_INDEX:
	case NODE_INDEX_TRY: return eval_index(m, a, b, to);
	case NODE_PLUS:   return val_plus(w, a, b, to);
	case NODE_MINUS:  return val_minus(w, a, b, to);
	case NODE_TIMES:  return val_times(w, a, b, to);
	case NODE_DIVIDE: return val_divide(w, a, b, to);
	case NODE_MODULO: return val_modulo(w, a, b, to);
	case NODE_EQ:
	case NODE_NE:
		if (val_equal(w, a, b, &equal) == -1)
			return -1;
		*to = val_bool(equal == (op == NODE_EQ));
		return 0;
	default:
		if (val_cmp(w, a, b, &order) == -1)
			return -1;
		*to = val_bool(op == NODE_LT ? order < 0 : op == NODE_LE ? order <= 0 : op == NODE_GT ? order > 0 : order >= 0);
		return 0;
	}
}

/* ---- what has one output by gathering many ---- */

struct gather {
	struct then      then;
	struct val_list *list;
};

static int
gather_take(struct machine *m, struct then *then, struct val v)
{
	return val_append(&m->work, ((struct gather *)then)->list, v);
}

static int
one_array(struct machine *m, const struct node *n, struct val input, struct val *to)
{
	struct gather g = { { gather_take }, work_alloc(&m->work, sizeof(struct val_list)) };

	if (g.list == NULL)
		return -1;
	*g.list = (struct val_list){ 0 };
	*to = val_array(g.list);
	return eval_each(m, n->a, input, &g.then);
}

/* Ends at the first output whose truth is WANTED. */
struct seek {
	struct then then;
	uint16_t    test;                /* to be applied first; NODE_NONE: none */
	bool        wanted, found;
};

static int
seek_take(struct machine *m, struct then *then, struct val v)
{
	struct seek *s = (struct seek *)then;

	if (s->test != NODE_NONE) {
		struct seek inner = { { seek_take }, NODE_NONE, s->wanted, false };
		int         rc = eval_each(m, s->test, v, &inner.then);

		if (rc == EVAL_FAILED)
			return rc;
		s->found = inner.found;
	} else {
		s->found = val_truth(v) == s->wanted;
	}
	return s->found ? EVAL_STOP : EVAL_DONE;
}

static int
one_any(struct machine *m, const struct node *n, struct val input, struct val *to)
{
	bool        is_any = n->op == NODE_ANY;
	struct seek s = { { seek_take }, n->b, is_any, false };

	if (eval_each(m, n->a, input, &s.then) == EVAL_FAILED)
		return -1;
	*to = val_bool(s.found == is_any);
	return 0;
}

struct last {
	struct then then;
	struct val *to;
	bool       *any;
};

static int
last_take(struct machine *m, struct then *then, struct val v)
{
	struct last *l = (struct last *)then;

	(void)m;
	*l->to = v;
	*l->any = true;
	return EVAL_DONE;
}

static int
one_last(struct machine *m, uint16_t node, struct val input, struct val *to, bool *any)
{
	struct last last = { { last_take }, to, any };

	*any = false;
	return eval_each(m, node, input, &last.then);
}

/* ---- the others ---- */

/* What most operands are takes no call. */
static inline int
operand(struct machine *m, uint16_t node, struct val input, struct val *to, bool *any)
{
	const struct node *n = &m->prog->nodes[node];

	if (n->op != NODE_CONST && n->op != NODE_WANT)
		return eval_one(m, node, input, to, any);
	*any = true;
	if (work_step(&m->work) == -1)
		return -1;
	if (n->op == NODE_WANT)
		return eval_want(m, n, to);
	*to = m->prog->consts[n->value];
	return 0;
}

static int
one_two(struct machine *m, const struct node *n, struct val input, struct val *to, bool *any)
{
	struct val a, b;

	if (operand(m, n->b, input, &b, any) == -1)
		return -1;
	if (!*any)
		return 0;
	if (operand(m, n->a, input, &a, any) == -1)
		return -1;
	if (!*any || eval_two(m, (enum node_op)n->op, a, b, to) == 0)
		return 0;
	*any = false;
	return n->op == NODE_INDEX_TRY && eval_may_catch(m) ? 0 : -1;
}

static int
one_after(struct machine *m, const struct node *n, struct val input, struct val v, struct val *to, bool *any)
{
	switch (n->op) {
	case NODE_MEMBER: return eval_member(m, v, m->prog->names[n->value], to);
	case NODE_NEGATE: return val_negate(&m->work, v, to);
	case NODE_CALL:   return call_table[n->value].run(&m->work, input, v, to);
	case NODE_PIPE:   return eval_one(m, n->b, v, to, any);
	case NODE_IF:     return eval_one(m, val_truth(v) ? n->b : n->c, input, to, any);
	case NODE_SELECT:
		*to = input;
		*any = val_truth(v);
		return 0;
	default:          /* and, or */
		if (val_truth(v) != (n->op == NODE_AND)) {
			*to = val_bool(n->op == NODE_OR);
			return 0;
		}
		if (eval_one(m, n->b, input, to, any) == -1)
			return -1;
		*to = val_bool(val_truth(*to));
		return 0;
	}
}

static int
one_or_else(struct machine *m, const struct node *n, struct val input, struct val *to, bool *any)
{
	if (eval_one(m, n->a, input, to, any) == -1)
		return -1;
	return *any && val_truth(*to) ? 0 : eval_one(m, n->b, input, to, any);
}

static int
one_try(struct machine *m, const struct node *n, struct val input, struct val *to, bool *any)
{
	if (eval_one(m, n->a, input, to, any) == 0)
		return 0;
	*any = false;
	return eval_may_catch(m) ? 0 : -1;
}

int
eval_one(struct machine *m, uint16_t node, struct val input, struct val *to, bool *any)
{
	const struct node *n = &m->prog->nodes[node];
	struct val         v = VAL_NULL;

	*any = true;
	if (work_step(&m->work) == -1)
		return -1;
	switch (n->op) {
	case NODE_SELF:
		*to = input;
		return 0;
	case NODE_CONST:
		*to = m->prog->consts[n->value];
		return 0;
	case NODE_WANT:
	case NODE_RECORD:  return eval_want(m, n, to);
	case NODE_TRY:     return one_try(m, n, input, to, any);
	case NODE_OR_ELSE: return one_or_else(m, n, input, to, any);
	case NODE_ARRAY:   return one_array(m, n, input, to);
	case NODE_ANY:
	case NODE_ALL:     return one_any(m, n, input, to);
	case NODE_SET:
		if (eval_one(m, n->b, input, &v, any) == -1)
			return -1;
		return *any ? eval_set(m, n->a, input, v, to) : 0;
	case NODE_UPDATE: return eval_update(m, n, input, to);
	case NODE_DELETE: return eval_delete(m, n->a, input, to);
	case NODE_EMPTY:
		*any = false;
		return 0;
	case NODE_OBJECT:
	case NODE_TEXT:
		return one_last(m, node, input, to, any);
	case NODE_MEMBER: case NODE_NEGATE: case NODE_PIPE: case NODE_IF: case NODE_SELECT: case NODE_AND: case NODE_OR: case NODE_CALL:
		if (n->a != NODE_NONE && operand(m, n->a, input, &v, any) == -1)
			return -1;
		return *any ? one_after(m, n, input, v, to, any) : 0;
	default:
		return one_two(m, n, input, to, any);
	}
}
