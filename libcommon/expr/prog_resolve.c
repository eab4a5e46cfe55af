/* prog_resolve - what the reader shall look up, and what gives one output */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/num.h"
#include "expr/expr.h"
#include "expr/prog.h"

struct resolver {
	struct prog *prog;
	struct err  *err;
};

/* The place of PATH among the wants; -1: there is no room for another. */
static int
want(struct prog *p, const struct path *path)
{
	for (size_t i = 0; i < p->n_wants; i++)
		if (path_eq(p->wants[i], path))
			return (int)i;
	if (p->n_wants == EXPR_MAX_WANTS)
		return -1;
	p->wants = alloc_resized(p->wants, p->n_wants + 1, sizeof(*p->wants));
	p->wants[p->n_wants] = path;
	return (int)p->n_wants++;
}

/* The index that a path can have. */
static bool
plain_index(const struct prog *p, const struct node *n, uint32_t *index)
{
	const struct node *at = &p->nodes[n->b];
	double             d;

	if (at->op != NODE_CONST || p->consts[at->value].kind != SCAN_NUMBER)
		return false;
	d = val_double(p->consts[at->value]);
	if (!(d >= 0 && d < 1e9) || d != (double)(uint32_t)d)
		return false;
	*index = (uint32_t)d;
	return true;
}

/* NODE as a path from the top; false: it is none. */
static bool
as_path(const struct prog *p, uint16_t node, struct path *path)
{
	const struct node *n = &p->nodes[node];
	struct path_step  *step;
	uint32_t           index = 0;

	if (n->op == NODE_SELF)
		return true;
	if (n->op != NODE_MEMBER && (n->op != NODE_INDEX || !plain_index(p, n, &index)))
		return false;
	if (!as_path(p, n->a, path) || path->n_steps >= PATH_MAX_STEPS - 1)
		return false;
	step = &path->steps[path->n_steps++];
	step->is_index = n->op == NODE_INDEX;
	step->index = index;
	if (!step->is_index)
		step->name = span_of(alloc_string_n(p->names[n->value].p, p->names[n->value].n), p->names[n->value].n);
	return true;
}

/* A path from the top that the reader can look up becomes one node. */
static bool
look_up(struct prog *p, uint16_t node)
{
	struct path *path = alloc_zeroed(1, sizeof(*path));
	int          at = -1;

	path->text = alloc_string("");
	if (as_path(p, node, path) && path->n_steps > 0)
		at = want(p, path);
	if (at != -1)
		p->nodes[node] = (struct node){ .op = NODE_WANT, .single = true, .value = (uint32_t)at };
	if (at != -1 && p->wants[at] == path) {
		p->owned = alloc_resized(p->owned, p->n_owned + 1, sizeof(struct path *));
		p->owned[p->n_owned++] = path;
	} else {
		path_release(path);
		free(path);
	}
	return at != -1;
}

static bool
takes_parts(enum node_op op)
{
	return op == NODE_MEMBER || op == NODE_INDEX;
}

/* AT_TOP: the input of NODE is the payload itself. */
static int
resolve(struct resolver *r, uint16_t node, bool at_top)
{
	struct prog *p = r->prog;
	struct node *n = &p->nodes[node];
	bool         b_at_top = at_top;
	int          at;

	if (node == NODE_NONE)
		return 0;
	if (n->op == NODE_RECORD) {
		at = want(p, p->owned[n->value]);
		if (at == -1)
			return err_set(r->err, ERR_USAGE, "more than %d paths", EXPR_MAX_WANTS);
		n->value = (uint32_t)at;
	}
	if (at_top && takes_parts(n->op) && look_up(p, node))
		return 0;
	if (n->op == NODE_SET || n->op == NODE_UPDATE || n->op == NODE_DELETE) {
		if (resolve(r, n->b, at_top && n->op == NODE_SET) == -1)
			return -1;
		n->single = n->op != NODE_SET || p->nodes[n->b].single;
		return 0;
	}
	if (resolve(r, n->a, at_top) == -1)
		return -1;
	if (n->op == NODE_PIPE || n->op == NODE_ANY || n->op == NODE_ALL)
		b_at_top = at_top && p->nodes[n->a].op == NODE_SELF;
	if (resolve(r, n->b, b_at_top) == -1 || resolve(r, n->c, at_top) == -1)
		return -1;
	n->single = p->nodes[n->a].single && p->nodes[n->b].single && p->nodes[n->c].single;
	if (n->op == NODE_COMMA || n->op == NODE_EACH)
		n->single = false;
	else if (n->op == NODE_ARRAY || n->op == NODE_ANY || n->op == NODE_ALL)
		n->single = true;
	return 0;
}

static void
read_numbers(struct prog *p)
{
	p->numbers = alloc_zeroed(p->n_consts, sizeof(*p->numbers));
	for (size_t i = 0; i < p->n_consts; i++) {
		struct prog_number *n = &p->numbers[i];
		struct val          v = p->consts[i];

		n->is_short = v.kind == SCAN_NUMBER && !v.made && num_short(span_of(v.p, v.n), &n->digits, &n->scale);
	}
}

int
prog_resolve(struct prog *p, struct err *err)
{
	struct resolver r = { p, err };

	read_numbers(p);
	p->nodes[NODE_NONE].single = true;
	return resolve(&r, p->root, true);
}
