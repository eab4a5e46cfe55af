/* eval - nodes that give any number of outputs */
#include "expr/eval.h"

#include "expr/call.h"

/* What stands around a `then`: it is the first member of each of these. */
struct step {
	struct then        then;
	struct then       *next;         /* who gets what comes out */
	const struct node *node;
	struct val         input;        /* of the node */
	struct val         other;        /* its second operand */
	bool               found;
	bool               behind;       /* something went wrong behind us */
};

/* ---- nodes that look at each output of their first operand ---- */

static int
iterate(struct machine *m, struct val v, struct then *next)
{
	const struct val_map *members;
	const char           *at = v.p;
	struct scan_value     item;
	char                  shown[16];
	int                   rc = EVAL_DONE;

	if (v.kind == SCAN_ARRAY && !v.made) {
		at++;
		while (rc == EVAL_DONE && scan_item(&at, &item)) {
			work_charge(&m->work, item.n);
			rc = work_step(&m->work) == -1 ? EVAL_FAILED : next->take(m, next, val_found(&item));
		}
		return rc;
	}
	if (v.kind == SCAN_ARRAY) {
		for (size_t i = 0; rc == EVAL_DONE && i < v.list->n; i++)
			rc = work_step(&m->work) == -1 ? EVAL_FAILED : next->take(m, next, v.list->items[i]);
		return rc;
	}
	if (v.kind != SCAN_OBJECT)
		return work_fail(&m->work, "Cannot iterate over %s (%s)", val_kind(v), val_shown(&m->work, v, shown));
	if (val_members(&m->work, v, &members) == -1)
		return EVAL_FAILED;
	for (size_t i = 0; rc == EVAL_DONE && i < members->n; i++)
		rc = work_step(&m->work) == -1 ? EVAL_FAILED : next->take(m, next, members->members[i].value);
	return rc;
}

/* As true or false. */
static int
truth_take(struct machine *m, struct then *then, struct val v)
{
	struct step *s = (struct step *)then;

	return s->next->take(m, s->next, val_bool(val_truth(v)));
}

static int
each_second(struct machine *m, struct step *s, struct val v)
{
	struct step second = { { truth_take }, s->next, s->node, s->input, VAL_NULL, false, false };

	if (val_truth(v) != (s->node->op == NODE_AND))
		return s->next->take(m, s->next, val_bool(s->node->op == NODE_OR));
	return eval_each(m, s->node->b, s->input, &second.then);
}

static int
first_take(struct machine *m, struct then *then, struct val v)
{
	struct step       *s = (struct step *)then;
	const struct node *n = s->node;
	struct val         out;
	int                rc;

	switch (n->op) {
	case NODE_EACH:   return iterate(m, v, s->next);
	case NODE_PIPE:   return eval_each(m, n->b, v, s->next);
	case NODE_IF:     return eval_each(m, val_truth(v) ? n->b : n->c, s->input, s->next);
	case NODE_SELECT: return val_truth(v) ? s->next->take(m, s->next, s->input) : EVAL_DONE;
	case NODE_AND:
	case NODE_OR:     return each_second(m, s, v);
	case NODE_MEMBER: rc = eval_member(m, v, m->prog->names[n->value], &out); break;
	case NODE_NEGATE: rc = val_negate(&m->work, v, &out); break;
	default:          rc = call_table[n->value].run(&m->work, s->input, v, &out); break;
	}
	return rc == -1 ? EVAL_FAILED : s->next->take(m, s->next, out);
}

/* ---- two operands: for each of the second, each of the first ---- */

static int
left_take(struct machine *m, struct then *then, struct val v)
{
	struct step *s = (struct step *)then;
	struct val   out;

	if (eval_two(m, (enum node_op)s->node->op, v, s->other, &out) == -1)
		return s->node->op == NODE_INDEX_TRY && eval_may_catch(m) ? EVAL_DONE : EVAL_FAILED;
	return s->next->take(m, s->next, out);
}

static int
right_take(struct machine *m, struct then *then, struct val v)
{
	struct step *s = (struct step *)then;
	struct step  left = { { left_take }, s->next, s->node, s->input, v, false, false };

	return eval_each(m, s->node->a, s->input, &left.then);
}

static int
set_take(struct machine *m, struct then *then, struct val v)
{
	struct step *s = (struct step *)then;
	struct val   out;

	return eval_set(m, s->node->a, s->input, v, &out) == -1 ? EVAL_FAILED : s->next->take(m, s->next, out);
}

/* ---- ? and // ---- */

static int
try_take(struct machine *m, struct then *then, struct val v)
{
	struct step *s = (struct step *)then;
	int          rc = s->next->take(m, s->next, v);

	s->behind = rc == EVAL_FAILED;
	return rc;
}

static int
each_try(struct machine *m, struct step *s)
{
	int rc;

	s->then.take = try_take;
	rc = eval_each(m, s->node->a, s->input, &s->then);
	return rc == EVAL_FAILED && !s->behind && eval_may_catch(m) ? EVAL_DONE : rc;
}

static int
or_else_take(struct machine *m, struct then *then, struct val v)
{
	struct step *s = (struct step *)then;

	if (!val_truth(v))
		return EVAL_DONE;
	s->found = true;
	return s->next->take(m, s->next, v);
}

static int
each_or_else(struct machine *m, struct step *s)
{
	int rc;

	s->then.take = or_else_take;
	rc = eval_each(m, s->node->a, s->input, &s->then);
	return rc != EVAL_DONE || s->found ? rc : eval_each(m, s->node->b, s->input, s->next);
}

/* ---- objects: the first member is the outermost loop ---- */

struct building {
	struct then    *next;
	struct val      input;
	struct val_map *members;         /* so far */
};

struct member {
	struct then        then;
	struct building   *building;
	const struct node *node;
	struct span        name;
};

static int each_member(struct machine *, struct building *, const struct node *);

static int
finish_object(struct machine *m, struct building *b)
{
	struct val_map *map = work_alloc(&m->work, sizeof(*map));

	if (map == NULL)
		return EVAL_FAILED;
	*map = (struct val_map){ .n = b->members->n, .cap = b->members->n };
	map->members = work_alloc(&m->work, map->n * sizeof(*map->members));
	if (map->members == NULL)
		return EVAL_FAILED;
	memcpy(map->members, b->members->members, map->n * sizeof(*map->members));
	return val_map_settle(&m->work, map) == -1 ? EVAL_FAILED : b->next->take(m, b->next, val_object(map));
}

static int
value_take(struct machine *m, struct then *then, struct val v)
{
	struct member   *e = (struct member *)then;
	struct building *b = e->building;
	int              rc;

	if (val_add_member(&m->work, b->members, e->name, v) == -1)
		return EVAL_FAILED;
	rc = e->node->c == NODE_NONE ? finish_object(m, b) : each_member(m, b, &m->prog->nodes[e->node->c]);
	b->members->n--;
	return rc;
}

static int
name_take(struct machine *m, struct then *then, struct val v)
{
	struct member *e = (struct member *)then;
	struct member  value = { { value_take }, e->building, e->node, SPAN_NONE };
	char           shown[16];

	if (v.kind != SCAN_STRING)
		return work_fail(&m->work, "Object keys must be strings, not %s (%s)", val_kind(v), val_shown(&m->work, v, shown));
	if (val_bytes(&m->work, v, &value.name) == -1)
		return EVAL_FAILED;
	return eval_each(m, e->node->b, e->building->input, &value.then);
}

static int
each_member(struct machine *m, struct building *b, const struct node *n)
{
	struct member e = { { name_take }, b, n, SPAN_NONE };

	return eval_each(m, n->a, b->input, &e.then);
}

/* ---- "\(…)": the last piece is the outermost loop ---- */

struct piece {
	struct then         then;
	struct then        *next;
	struct val          input;
	const struct node  *node;
	struct val          value;
	const struct piece *behind;      /* the one that stands behind it in the text */
};

static int
finish_text(struct machine *m, const struct piece *first)
{
	struct then *next = first->next;
	struct buf   b = { 0 };
	char        *copy;
	size_t       n;
	int          rc = 0;

	for (const struct piece *p = first; rc == 0 && p != NULL; p = p->behind) {
		rc = val_put_text(&m->work, &b, m->prog->consts[p->node->value]);
		if (rc == 0 && p->node->a != NODE_NONE)
			rc = val_put_text(&m->work, &b, p->value);
	}
	n = b.n;
	copy = rc == 0 ? work_alloc(&m->work, n + 1) : NULL;
	if (copy != NULL && n > 0)
		memcpy(copy, b.p, n);
	buf_release(&b);
	return copy == NULL ? EVAL_FAILED : next->take(m, next, val_text(span_of(copy, n)));
}

static int each_piece(struct machine *, struct piece *);

static int
piece_take(struct machine *m, struct then *then, struct val v)
{
	struct piece *p = (struct piece *)then;
	struct piece  before = { { piece_take }, p->next, p->input, &m->prog->nodes[p->node->c], VAL_NULL, p };

	p->value = v;
	return p->node->c == NODE_NONE ? finish_text(m, p) : each_piece(m, &before);
}

static int
each_piece(struct machine *m, struct piece *p)
{
	return p->node->a == NODE_NONE ? piece_take(m, &p->then, VAL_NULL) : eval_each(m, p->node->a, p->input, &p->then);
}

/* ---- all ---- */

static int
each_object(struct machine *m, const struct node *n, struct val input, struct then *next)
{
	struct val_map  members = { 0 };
	struct building b = { next, input, &members };

	return each_member(m, &b, n);
}

static int
each_many(struct machine *m, const struct node *n, struct val input, struct then *next)
{
	struct step s = { { first_take }, next, n, input, VAL_NULL, false, false };
	int         rc;

	switch (n->op) {
	case NODE_COMMA:
		rc = eval_each(m, n->a, input, next);
		return rc != EVAL_DONE ? rc : eval_each(m, n->b, input, next);
	case NODE_TRY:     return each_try(m, &s);
	case NODE_OR_ELSE: return each_or_else(m, &s);
	case NODE_EACH: case NODE_PIPE: case NODE_IF: case NODE_SELECT: case NODE_AND: case NODE_OR: case NODE_MEMBER: case NODE_NEGATE: case NODE_CALL:
		return eval_each(m, n->a, input, &s.then);
	case NODE_SET:
		s.then.take = set_take;
		return eval_each(m, n->b, input, &s.then);
	default:
		s.then.take = right_take;
		return eval_each(m, n->b, input, &s.then);
	}
}

int
eval_each(struct machine *m, uint16_t node, struct val input, struct then *next)
{
	const struct node *n = &m->prog->nodes[node];
	struct val         v;
	bool               any;

	if (n->op == NODE_OBJECT || n->op == NODE_TEXT) {
		struct piece last = { { piece_take }, next, input, n, VAL_NULL, NULL };

		if (work_step(&m->work) == -1)
			return EVAL_FAILED;
		return n->op == NODE_OBJECT ? each_object(m, n, input, next) : each_piece(m, &last);
	}
	if (n->single) {
		if (eval_one(m, node, input, &v, &any) == -1)
			return EVAL_FAILED;
		return any ? next->take(m, next, v) : EVAL_DONE;
	}
	return work_step(&m->work) == -1 ? EVAL_FAILED : each_many(m, n, input, next);
}
