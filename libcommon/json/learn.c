/* learn - a template out of a line */
#include "json/template.h"

#include <string.h>

struct learner {
	struct template        *t;
	const struct want_node *nodes;
	const char             *p;          /* in the line */
	const char             *piece;      /* where the piece begins that p is in */
	unsigned                n_literals;
	unsigned                depth;
	uint8_t                 container;  /* innermost open one */
	uint32_t                index;      /* in it */
	uint16_t                node;       /* of the value that comes */
};

/* Take what stands between the last value and END as a piece. */
static bool
end_piece(struct learner *l, const char *end)
{
	struct template_piece *piece = &l->t->pieces[l->t->n_values];
	unsigned               n = (unsigned)(end - l->piece);
	unsigned               n_head = n < VEC_BYTES ? n : VEC_BYTES;

	if (end - l->piece > TEMPLATE_MAX_PIECE)
		return false;
	*piece = (struct template_piece){
		.skip = vec_skip(n_head), .bytes = l->n_literals & 0x7FFF, .is_special = n > VEC_BYTES,
		.n = (uint8_t)n, .path = WANT_NO_PATH
	};
	memcpy(piece->head, l->piece, n_head);
	memcpy(l->t->literals + l->n_literals, l->piece, n);
	l->n_literals += n;
	return true;
}

static bool
take_scalar(struct learner *l)
{
	struct template       *t = l->t;
	struct template_place *place = &t->places[t->n_values];
	uint8_t                path = l->nodes[l->node].path;

	if (t->n_values == TEMPLATE_MAX_VALUES || !end_piece(l, l->p))
		return false;
	t->pieces[t->n_values].path = path;
	*place = (struct template_place){
		.set = t->set, .index = l->index, .node = l->node, .container = l->container
	};
	if (path != WANT_NO_PATH)
		t->set |= (uint64_t)1 << path;
	t->n_values++;
	l->p = l->piece = lex_skip_scalar(l->p);
	return true;
}

static bool
open_container(struct learner *l)
{
	struct template           *t = l->t;
	struct template_container *c = &t->containers[t->n_containers];

	if (l->depth == TEMPLATE_MAX_DEPTH || t->n_containers == TEMPLATE_MAX_CONTAINERS ||
	    l->p - l->piece >= TEMPLATE_MAX_PIECE)
		return false;
	l->depth++;
	*c = (struct template_container){
		.index = l->index, .node = l->node, .depth = (uint8_t)l->depth,
		.parent = l->container, .unwanted = TEMPLATE_NO_CONTAINER,
		.inside = *l->p == '{' ? CHECK_OBJECT : CHECK_ARRAY,
		.open_piece = t->n_values, .open_at = (uint8_t)(l->p - l->piece)
	};
	if (c->parent != TEMPLATE_NO_CONTAINER)
		c->unwanted = t->containers[c->parent].unwanted;
	if (c->unwanted == TEMPLATE_NO_CONTAINER && c->node == WANT_NOTHING)
		c->unwanted = t->n_containers;
	l->container = t->n_containers++;
	l->index = 0;
	l->p = lex_blanks(l->p + 1);
	return true;
}

static bool
close_container(struct learner *l)
{
	struct template           *t = l->t;
	struct template_container *c = &t->containers[l->container];
	uint8_t                    path = l->nodes[c->node].path;

	l->p++;
	if (l->p - l->piece > TEMPLATE_MAX_PIECE)
		return false;
	c->close_piece = t->n_values;
	c->close_behind = (uint8_t)(l->p - l->piece);
	if (path != WANT_NO_PATH) {
		t->spans[t->n_spans++] = (struct template_span){
			.path = path, .kind = c->inside == CHECK_OBJECT ? SCAN_OBJECT : SCAN_ARRAY,
			.open_piece = c->open_piece, .open_at = c->open_at,
			.close_piece = c->close_piece, .close_behind = c->close_behind
		};
		t->set |= (uint64_t)1 << path;
	}
	l->container = c->parent;
	l->index = c->index;
	l->depth--;
	return true;
}

/* From the quote of a member's name to its value.  False: it comes a second time. */
static bool
enter_member(struct learner *l)
{
	uint16_t    parent = l->t->containers[l->container].node;
	bool        escaped;
	const char *name = l->p + 1, *end = lex_skip_string(name, &escaped);
	size_t      n = (size_t)(end - name);

	if (escaped)
		l->node = want_escaped_member(l->nodes, parent, span_of(name, n));
	else
		l->node = want_member(l->nodes, parent, name, n);
	l->p = lex_blanks(lex_blanks(end + 1) + 1);
	return (l->t->set & l->nodes[l->node].below) == 0;
}

static bool
enter_item(struct learner *l)
{
	l->node = want_item(l->nodes, l->t->containers[l->container].node, l->index);
	return true;
}

/* Behind a value or an opening bracket: on to the next value, or (*DONE) to the line's end. */
static bool
go_on(struct learner *l, bool *done)
{
	for (;;) {
		l->p = lex_blanks(l->p);
		*done = l->container == TEMPLATE_NO_CONTAINER;
		if (*done)
			return true;
		if (*l->p != '}' && *l->p != ']')
			break;
		if (!close_container(l))
			return false;
	}
	if (*l->p == ',') {
		l->p = lex_blanks(l->p + 1);
		l->index++;
	}
	if (l->t->containers[l->container].inside == CHECK_OBJECT)
		return enter_member(l);
	return enter_item(l);
}

static void
list_missing(struct template *t, uint64_t all)
{
	for (unsigned i = 0; i < SCAN_MAX_PATHS; i++)
		if ((all & ~t->set) >> i & 1)
			t->missing[t->n_missing++] = (uint8_t)i;
}

static const char *
without_blanks_behind(const char *from, const char *end)
{
	while (end != from && lex_is_blank(end[-1]))
		end--;
	return end;
}

bool
template_learn(struct template *t, const struct want *want, const char *line)
{
	struct learner l = {
		.t = t, .nodes = want->nodes, .p = lex_blanks(line), .piece = line,
		.container = TEMPLATE_NO_CONTAINER, .node = WANT_ROOT
	};
	bool done = false;

	t->hits = 0;
	t->prefix = (struct template_prefix){ .n = 0 };
	t->n_values = t->n_spans = t->n_missing = t->n_containers = 0;
	t->set = 0;
	if (l.p - line > TEMPLATE_MAX_PIECE)
		return false;
	t->start = (uint8_t)(l.p - line);
	while (!done) {
		bool opens = *l.p == '{' || *l.p == '[';

		if (!(opens ? open_container(&l) : take_scalar(&l)) || !go_on(&l, &done))
			return false;
	}
	if (!end_piece(&l, l.p + 1))
		return false;
	t->pieces[t->n_values].is_special = 1;
	t->end = (uint8_t)(without_blanks_behind(l.piece, l.p) - l.piece);
	list_missing(t, want->all);
	return true;
}

bool
template_long_fits(const struct template *t, const struct template_piece *piece, const char *p)
{
	const char *bytes = t->literals + piece->bytes;
	unsigned    at = VEC_BYTES;

	for (; at + VEC_BYTES <= piece->n; at += VEC_BYTES)
		if (vec_differ(vec_load(p + at), vec_load(bytes + at), vec_skip(VEC_BYTES)))
			return false;
	/* What is left, with some that was compared already. */
	at = piece->n - VEC_BYTES;
	return !vec_differ(vec_load(p + at), vec_load(bytes + at), vec_skip(VEC_BYTES));
}

bool
template_rest_fits(const struct template *t, const struct template_piece *piece, unsigned from,
    const char *p)
{
	return memcmp(p, t->literals + piece->bytes + from, piece->n - from) == 0;
}

unsigned
template_common(const struct template *a, const struct template *b)
{
	unsigned most = a->n_values < b->n_values ? a->n_values : b->n_values, k;

	for (k = 0; k <= most; k++) {
		const struct template_piece *x = &a->pieces[k], *y = &b->pieces[k];
		const char                  *p = a->literals + x->bytes;
		const char                  *q = b->literals + y->bytes;

		if (x->n != y->n || memcmp(p, q, x->n) != 0)
			break;
	}
	return k;
}
