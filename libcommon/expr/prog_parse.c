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

static uint16_t
parse_product(struct parser *ps)
{
	const struct infix *i;
	uint16_t            left;

	if (prog_is_sign(ps, "-")) {
		if (!prog_enter(ps))
			return NODE_NONE;
		prog_next(ps);
		left = prog_node(ps, NODE_NEGATE, parse_product(ps), 0, 0, 0);
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

uint16_t
prog_or_else(struct parser *ps)
{
	static const char *const assignments[] = { "=", "|=", "+=", "-=", "*=", "/=", "%=", "//=", "?//=" };
	uint16_t left = parse_or(ps);

	for (size_t i = 0; i < sizeof(assignments) / sizeof(assignments[0]); i++)
		if (!ps->failed && prog_is_sign(ps, assignments[i]))
			prog_uncommon(ps, "an assignment");
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
