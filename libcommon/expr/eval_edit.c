/* eval_edit - a value with one of its parts set, made from what it was, or taken out */
#include "expr/eval.h"

#include <assert.h>

struct edit {
	struct machine    *m;
	const struct node *steps[PROG_MAX_STEPS];
	size_t             n;
	bool               deletes;
	struct val         value;            /* else this is set */
};

/* NODE is a chain of members and indices of the input: the nearest to the input first. */
static void
edit_init(struct edit *e, struct machine *m, uint16_t node)
{
	const struct node *nodes = m->prog->nodes;

	*e = (struct edit){ .m = m };
	for (uint16_t at = node; nodes[at].op != NODE_SELF; at = nodes[at].a)
		e->n++;
	assert(e->n <= PROG_MAX_STEPS);
	for (size_t i = e->n; i-- > 0; node = nodes[node].a)
		e->steps[i] = &nodes[node];
}

static struct val
index_of(const struct edit *e, const struct node *step)
{
	return e->m->prog->consts[e->m->prog->nodes[step->b].value];
}

static int
part_of(const struct edit *e, const struct node *step, struct val v, struct val *to)
{
	if (step->op == NODE_MEMBER)
		return eval_member(e->m, v, e->m->prog->names[step->value], to);
	return eval_index(e->m, v, index_of(e, step), to);
}

/* GONE: the member is left out. */
static int
with_member(struct work *w, struct val v, struct span name, struct val part, bool gone, struct val *to)
{
	static const struct val_map none = { 0 };
	const struct val_map       *old = &none;
	struct val_map             *new;
	bool                        found = false;

	if (v.kind == SCAN_OBJECT && val_members(w, v, &old) == -1)
		return -1;
	new = work_alloc(w, sizeof(*new));
	if (new == NULL)
		return -1;
	*new = (struct val_map){ .cap = old->n + 1 };
	new->members = work_alloc(w, new->cap * sizeof(*new->members));
	if (new->members == NULL)
		return -1;
	work_charge(w, old->n * sizeof(*new->members));
	for (size_t i = 0; i < old->n; i++) {
		bool is_it = span_cmp(old->members[i].name, name) == 0;

		found = found || is_it;
		if (is_it && gone)
			continue;
		new->members[new->n] = old->members[i];
		if (is_it)
			new->members[new->n].value = part;
		new->n++;
	}
	if (!found && !gone)
		new->members[new->n++] = (struct val_member){ name, part };
	*to = val_object(new);
	return 0;
}

/* The same of an item; what lies between the end and a new one is null. */
static int
with_item(struct work *w, struct val v, double index, struct val part, bool gone, struct val *to)
{
	static const struct val_list none = { 0 };
	const struct val_list       *old = &none;
	struct val_list             *new;
	size_t                       at;

	if (v.kind == SCAN_ARRAY && val_items(w, v, &old) == -1)
		return -1;
	if (index < 0)
		index += (double)old->n;
	if (gone && !(index >= 0 && index < (double)old->n)) {
		*to = v;
		return 0;
	}
	if (index < 0)
		return work_fail(w, "Out of bounds negative array index");
	at = (size_t)index;
	new = work_alloc(w, sizeof(*new));
	if (new == NULL)
		return -1;
	*new = (struct val_list){ .cap = at < old->n ? old->n : at + 1 };
	new->items = work_alloc(w, new->cap * sizeof(*new->items));
	if (new->items == NULL)
		return -1;
	work_charge(w, new->cap * sizeof(*new->items));
	for (size_t i = 0; i < new->cap; i++)
		if (i != at || !gone)
			new->items[new->n++] = i == at ? part : i < old->n ? old->items[i] : VAL_NULL;
	*to = val_array(new);
	return 0;
}

static int
edit_at(const struct edit *e, size_t i, struct val v, struct val *to)
{
	const struct node *step = e->steps[i];
	bool               gone = e->deletes && i + 1 == e->n;
	struct val         part;

	if (work_step(&e->m->work) == -1 || part_of(e, step, v, &part) == -1)
		return -1;
	*to = v;
	if (e->deletes && (v.kind == SCAN_NULL || (part.kind == SCAN_NULL && !gone)))
		return 0;
	if (i + 1 == e->n)
		part = e->value;
	else if (edit_at(e, i + 1, part, &part) == -1)
		return -1;
	if (step->op == NODE_MEMBER)
		return with_member(&e->m->work, v, e->m->prog->names[step->value], part, gone, to);
	return with_item(&e->m->work, v, val_double(index_of(e, step)), part, gone, to);
}

int
eval_set(struct machine *m, uint16_t path, struct val input, struct val value, struct val *to)
{
	struct edit e;

	edit_init(&e, m, path);
	e.value = value;
	return edit_at(&e, 0, input, to);
}

int
eval_delete(struct machine *m, uint16_t path, struct val input, struct val *to)
{
	struct edit e;

	edit_init(&e, m, path);
	e.deletes = true;
	return edit_at(&e, 0, input, to);
}

/* ---- |= ---- */

struct first {
	struct then then;
	struct val  value;
	bool        found;
};

static int
first_take(struct machine *m, struct then *then, struct val v)
{
	struct first *f = (struct first *)then;

	(void)m;
	f->value = v;
	f->found = true;
	return EVAL_STOP;
}

int
eval_update(struct machine *m, const struct node *n, struct val input, struct val *to)
{
	struct first f = { { first_take }, VAL_NULL, false };
	struct edit  e;
	struct val   part = input;

	edit_init(&e, m, n->a);
	for (size_t i = 0; i < e.n; i++)
		if (part_of(&e, e.steps[i], part, &part) == -1)
			return -1;
	if (eval_each(m, n->b, part, &f.then) == EVAL_FAILED)
		return -1;
	e.deletes = !f.found;
	e.value = f.value;
	return edit_at(&e, 0, input, to);
}
