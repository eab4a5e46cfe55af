/* prog_parse - operators, with jq's precedence */
#include "expr/expr.h"
#include "expr/prog_parts.h"
#include "json/text.h"

/* ---- signs ---- */

bool
prog_is_sign(const struct parser *ps, const char *sign)
{
	return ps->token.kind == TOKEN_SIGN && span_eq(ps->token.text, span_str(sign));
}

bool
prog_is_word(const struct parser *ps, const char *word)
{
	return ps->token.kind == TOKEN_WORD && span_eq(ps->token.text, span_str(word));
}

bool
prog_take_sign(struct parser *ps, const char *sign)
{
	if (!prog_is_sign(ps, sign))
		return false;
	prog_next(ps);
	return true;
}

void
prog_expect_sign(struct parser *ps, const char *sign)
{
	if (!prog_take_sign(ps, sign))
		prog_unexpected(ps, sign);
}

void
prog_expect_word(struct parser *ps, const char *word)
{
	if (prog_is_word(ps, word))
		prog_next(ps);
	else
		prog_unexpected(ps, word);
}

bool
prog_enter(struct parser *ps)
{
	if (++ps->depth > EXPR_MAX_DEPTH)
		prog_fail(ps, ps->token.from, "too many brackets inside each other (more than %d)", EXPR_MAX_DEPTH);
	return !ps->failed;
}

/* ---- operators, from the tightest to the loosest ---- */

struct infix {
	const char  *sign;
	enum node_op op;
};

static const struct infix products[] = { { "*", NODE_TIMES }, { "/", NODE_DIVIDE }, { "%", NODE_MODULO }, { NULL, 0 } };
static const struct infix sums[] = { { "+", NODE_PLUS }, { "-", NODE_MINUS }, { NULL, 0 } };
static const struct infix orders[] = {
	{ "==", NODE_EQ }, { "!=", NODE_NE }, { "<=", NODE_LE }, { ">=", NODE_GE }, { "<", NODE_LT }, { ">", NODE_GT }, { NULL, 0 },
};

static const struct infix *
find_infix(const struct parser *ps, const struct infix *row)
{
	while (row->sign != NULL && !prog_is_sign(ps, row->sign))
		row++;
	return row->sign == NULL ? NULL : row;
}

/* A literal becomes another one. */
static uint16_t
negative(struct parser *ps, uint16_t node)
{
	const struct node *n = &ps->prog->nodes[node];
	struct val         v;
	char              *text;

	if (ps->failed || n->op != NODE_CONST || ps->prog->consts[n->value].kind != SCAN_NUMBER)
		return prog_node(ps, NODE_NEGATE, node, 0, 0, 0);
	v = ps->prog->consts[n->value];
	if (v.made || v.p[0] == '-') {
		v = val_number(-val_double(v));
	} else {
		text = arena_alloc(&ps->prog->arena, v.n + 1u);
		text[0] = '-';
		memcpy(text + 1, v.p, v.n);
		v.p = text;
		v.n++;
	}
	return prog_node(ps, NODE_CONST, 0, 0, 0, prog_const(ps, v));
}

static uint16_t
parse_product(struct parser *ps)
{
	const struct infix *i;
	uint16_t            left;

	if (prog_is_sign(ps, "-")) {
		if (!prog_enter(ps))
			return NODE_NONE;
		prog_next(ps);
		left = negative(ps, parse_product(ps));
		ps->depth--;
		return left;
	}
	left = prog_postfix(ps);
	while (!ps->failed && (i = find_infix(ps, products)) != NULL) {
		prog_next(ps);
		left = prog_node(ps, i->op, left, prog_is_sign(ps, "-") ? parse_product(ps) : prog_postfix(ps), 0, 0);
	}
	return left;
}

static uint16_t
parse_sum(struct parser *ps)
{
	uint16_t            left = parse_product(ps);
	const struct infix *i;

	while (!ps->failed && (i = find_infix(ps, sums)) != NULL) {
		prog_next(ps);
		left = prog_node(ps, i->op, left, parse_product(ps), 0, 0);
	}
	return left;
}

static uint16_t
parse_order(struct parser *ps)
{
	uint16_t            left = parse_sum(ps);
	const struct infix *i = find_infix(ps, orders);

	if (ps->failed || i == NULL)
		return left;
	prog_next(ps);
	left = prog_node(ps, i->op, left, parse_sum(ps), 0, 0);
	if (!ps->failed && find_infix(ps, orders) != NULL)
		prog_fail(ps, ps->token.from, "comparisons do not follow each other: write a < b and b < c");
	return left;
}

static uint16_t
parse_and(struct parser *ps)
{
	uint16_t left = parse_order(ps);

	while (!ps->failed && prog_is_word(ps, "and")) {
		prog_next(ps);
		left = prog_node(ps, NODE_AND, left, parse_order(ps), 0, 0);
	}
	return left;
}

static uint16_t
parse_or(struct parser *ps)
{
	uint16_t left = parse_and(ps);

	while (!ps->failed && prog_is_word(ps, "or")) {
		prog_next(ps);
		left = prog_node(ps, NODE_OR, left, parse_and(ps), 0, 0);
	}
	return left;
}

/* ---- assignment ---- */

bool
prog_is_place(struct parser *ps, const char *from, uint16_t node)
{
	const struct node *nodes = ps->prog->nodes;
	size_t             n = 0;
	double             index;

	for (; !ps->failed && nodes[node].op != NODE_SELF; node = nodes[node].a) {
		const struct node *at = &nodes[nodes[node].b];

		if (nodes[node].op == NODE_INDEX && at->op == NODE_CONST && ps->prog->consts[at->value].kind == SCAN_NUMBER) {
			index = val_double(ps->prog->consts[at->value]);
			if (index > -1e9 && index < 1e9 && index == (double)(int64_t)index && ++n <= PROG_MAX_STEPS)
				continue;
		} else if (nodes[node].op == NODE_MEMBER && ++n <= PROG_MAX_STEPS) {
			continue;
		}
		n = 0;
		break;
	}
	if (n == 0)
		prog_fail_uncommon(ps, from, "in the everyday part of jq's language only places such as .a.b or .a[0] can be changed");
	return !ps->failed;
}

/* The same place once more, to be read. */
static uint16_t
copy_place(struct parser *ps, uint16_t node)
{
	struct node n = ps->prog->nodes[node];

	return n.op == NODE_SELF ? node : prog_node(ps, (enum node_op)n.op, copy_place(ps, n.a), n.b, n.c, n.value);
}

static uint16_t
parse_assignment(struct parser *ps)
{
	static const struct infix row[] = {
		{ "=", NODE_SET }, { "|=", NODE_UPDATE }, { "+=", NODE_PLUS }, { "-=", NODE_MINUS }, { "*=", NODE_TIMES },
		{ "/=", NODE_DIVIDE }, { "%=", NODE_MODULO }, { "//=", NODE_OR_ELSE }, { NULL, 0 },
	};
	const char         *from = ps->token.from;
	uint16_t            left = parse_or(ps), right;
	const struct infix *i = find_infix(ps, row);

	if (ps->failed || i == NULL || !prog_is_place(ps, from, left))
		return left;
	prog_next(ps);
	right = parse_or(ps);
	if (!ps->failed && find_infix(ps, row) != NULL)
		prog_fail(ps, ps->token.from, "assignments do not follow each other: write .a = 1 | .b = 2");
	if (ps->failed)
		return NODE_NONE;
	if (i->op == NODE_SET || i->op == NODE_UPDATE)
		return prog_node(ps, i->op, left, right, 0, 0);
	return prog_node(ps, NODE_SET, left, prog_node(ps, i->op, copy_place(ps, left), right, 0, 0), 0, 0);
}

uint16_t
prog_or_else(struct parser *ps)
{
	uint16_t left = parse_assignment(ps);

	if (ps->failed || !prog_take_sign(ps, "//"))
		return left;
	if (!prog_enter(ps))
		return NODE_NONE;
	left = prog_node(ps, NODE_OR_ELSE, left, prog_or_else(ps), 0, 0);
	ps->depth--;
	return left;
}

static uint16_t
parse_comma(struct parser *ps)
{
	uint16_t left = prog_or_else(ps);

	while (!ps->failed && prog_take_sign(ps, ","))
		left = prog_node(ps, NODE_COMMA, left, prog_or_else(ps), 0, 0);
	return left;
}

uint16_t
prog_pipe(struct parser *ps)
{
	uint16_t left = parse_comma(ps);

	while (!ps->failed && prog_take_sign(ps, "|"))
		left = prog_node(ps, NODE_PIPE, left, parse_comma(ps), 0, 0);
	return left;
}

int
prog_parse(struct prog *prog, const char *text, struct err *err)
{
	struct parser ps = { .prog = prog, .text = text, .at = text, .err = err };

	*prog = (struct prog){ 0 };
	prog_node(&ps, NODE_SELF, 0, 0, 0, 0);         /* node 0 is none */
	if (!text_is_utf8(span_str(text)))
		return err_set(err, ERR_USAGE, "not UTF-8");
	prog_next(&ps);
	if (!ps.failed && ps.token.kind == TOKEN_END)
		return err_set(err, ERR_USAGE, "an empty expression");
	prog->root = prog_pipe(&ps);
	if (!ps.failed && ps.token.kind != TOKEN_END)
		prog_unexpected(&ps, "an operator, or the end");
	return ps.failed ? -1 : 0;
}
