/* prog_term - what stands between operators: strings, brackets, paths */
#include "expr/prog_parts.h"

/* ---- strings: the opening quote is the token ---- */

/* The end of the text part at P: a quote, or the backslash of "\(". */
static const char *
text_end(struct parser *ps, const char *p)
{
	for (; *p != '"'; p++) {
		if (*p == '\0') {
			prog_fail(ps, ps->token.from, "the string does not end");
			return NULL;
		}
		if (*p != '\\')
			continue;
		if (p[1] == '(')
			return p;
		p++;
		if (*p == 'u' && strspn(p + 1, "0123456789abcdefABCDEF") >= 4) {
			p += 4;
		} else if (*p == '\0' || strchr("\"\\/bfnrt", *p) == NULL) {
			prog_fail(ps, p - 1, "no JSON escape");
			return NULL;
		}
	}
	return p;
}

static uint16_t
parse_string(struct parser *ps)
{
	uint16_t    piece = NODE_NONE;
	uint32_t    text;
	const char *end;

	for (;;) {
		end = text_end(ps, ps->at);
		if (end == NULL)
			return NODE_NONE;
		text = prog_text(ps, span_of(ps->at, (size_t)(end - ps->at)));
		if (*end == '"')
			break;
		ps->at = end + 2;
		prog_next(ps);
		if (!prog_enter(ps))
			return NODE_NONE;
		piece = prog_node(ps, NODE_TEXT, prog_pipe(ps), NODE_NONE, piece, text);
		ps->depth--;
		if (!prog_is_sign(ps, ")")) {
			prog_unexpected(ps, ")");
			return NODE_NONE;
		}
	}
	ps->at = end + 1;
	prog_next(ps);
	return piece == NODE_NONE ? prog_node(ps, NODE_CONST, 0, 0, 0, text) :
	    prog_node(ps, NODE_TEXT, NODE_NONE, NODE_NONE, piece, text);
}

/* ---- brackets ---- */

static uint16_t
member_of(struct parser *ps, uint16_t of, uint16_t name)
{
	const struct node *n = &ps->prog->nodes[name];
	struct val         v;

	if (n->op != NODE_CONST)
		return prog_node(ps, NODE_INDEX, of, name, 0, 0);
	v = ps->prog->consts[n->value];
	if (v.kind != SCAN_STRING)
		return prog_node(ps, NODE_INDEX, of, name, 0, 0);
	return prog_node(ps, NODE_MEMBER, of, 0, 0, prog_name(ps, span_of(v.p, v.n)));
}

static uint16_t
parse_bracket(struct parser *ps, uint16_t of)
{
	uint16_t index;

	prog_next(ps);
	if (prog_take_sign(ps, "]"))
		return prog_node(ps, NODE_EACH, of, 0, 0, 0);
	if (prog_is_sign(ps, ":")) {
		prog_uncommon(ps, "a slice");
		return NODE_NONE;
	}
	if (!prog_enter(ps))
		return NODE_NONE;
	index = prog_pipe(ps);
	ps->depth--;
	if (prog_is_sign(ps, ":"))
		prog_uncommon(ps, "a slice");
	prog_expect_sign(ps, "]");
	return member_of(ps, of, index);
}

static uint16_t
parse_array(struct parser *ps)
{
	static const struct val_list none = { 0 };
	uint16_t inside;

	prog_next(ps);
	if (prog_take_sign(ps, "]"))
		return prog_node(ps, NODE_CONST, 0, 0, 0, prog_const(ps, val_array(&none)));
	if (!prog_enter(ps))
		return NODE_NONE;
	inside = prog_pipe(ps);
	ps->depth--;
	prog_expect_sign(ps, "]");
	return prog_node(ps, NODE_ARRAY, inside, 0, 0, 0);
}

/* What stands behind the colon: commas end it. */
static uint16_t
parse_member_value(struct parser *ps)
{
	uint16_t left = prog_or_else(ps);

	while (!ps->failed && prog_take_sign(ps, "|"))
		left = prog_node(ps, NODE_PIPE, left, prog_or_else(ps), 0, 0);
	return left;
}

/* One `name: value` or `name`. */
static void
parse_member(struct parser *ps, uint16_t *name, uint16_t *value)
{
	uint16_t self = prog_node(ps, NODE_SELF, 0, 0, 0, 0);
	bool     alone = true;

	if (ps->token.kind == TOKEN_WORD) {
		*name = prog_node(ps, NODE_CONST, 0, 0, 0, prog_const(ps, val_text(prog_keep(ps, ps->token.text))));
		prog_next(ps);
	} else if (ps->token.kind == TOKEN_QUOTE) {
		*name = parse_string(ps);
	} else if (prog_take_sign(ps, "(")) {
		*name = prog_pipe(ps);
		prog_expect_sign(ps, ")");
		alone = false;
	} else if (ps->token.kind == TOKEN_VARIABLE) {
		prog_uncommon(ps, "a variable");
	} else {
		prog_unexpected(ps, "a name");
	}
	if (ps->failed)
		return;
	if (alone && !prog_is_sign(ps, ":")) {
		*value = member_of(ps, self, *name);
		return;
	}
	prog_expect_sign(ps, ":");
	*value = parse_member_value(ps);
}

static uint16_t
parse_object(struct parser *ps)
{
	static const struct val_map none = { 0 };
	uint16_t first = NODE_NONE, last = NODE_NONE, node, name = NODE_NONE, value = NODE_NONE;

	prog_next(ps);
	if (prog_take_sign(ps, "}"))
		return prog_node(ps, NODE_CONST, 0, 0, 0, prog_const(ps, val_object(&none)));
	if (!prog_enter(ps))
		return NODE_NONE;
	do {
		if (first != NODE_NONE && prog_is_sign(ps, "}"))
			break;
		parse_member(ps, &name, &value);
		if (ps->failed)
			return NODE_NONE;
		node = prog_node(ps, NODE_OBJECT, name, value, NODE_NONE, 0);
		if (first == NODE_NONE)
			first = node;
		else
			ps->prog->nodes[last].c = node;
		last = node;
	} while (!ps->failed && prog_take_sign(ps, ","));
	ps->depth--;
	prog_expect_sign(ps, "}");
	return first;
}

/* ---- terms ---- */

static uint16_t
parse_dot(struct parser *ps)
{
	uint16_t self = prog_node(ps, NODE_SELF, 0, 0, 0, 0);

	prog_next(ps);
	return ps->token.kind == TOKEN_QUOTE ? member_of(ps, self, parse_string(ps)) : self;
}

static uint16_t
parse_field(struct parser *ps, uint16_t of)
{
	uint32_t name = prog_name(ps, ps->token.text);

	prog_next(ps);
	return prog_node(ps, NODE_MEMBER, of, 0, 0, name);
}

static uint16_t
parse_term(struct parser *ps)
{
	uint16_t inside;

	switch (ps->token.kind) {
	case TOKEN_FIELD:  return parse_field(ps, prog_node(ps, NODE_SELF, 0, 0, 0, 0));
	case TOKEN_NUMBER: return prog_number(ps);
	case TOKEN_QUOTE:  return parse_string(ps);
	case TOKEN_WORD:   return prog_word(ps);
	case TOKEN_RECORD: return prog_record_path(ps);
	case TOKEN_VARIABLE:
		prog_uncommon(ps, "a variable");
		return NODE_NONE;
	case TOKEN_SIGN:
		if (prog_is_sign(ps, "."))
			return parse_dot(ps);
		if (prog_is_sign(ps, "["))
			return parse_array(ps);
		if (prog_is_sign(ps, "{"))
			return parse_object(ps);
		if (prog_is_sign(ps, "..") || prog_is_sign(ps, "@")) {
			prog_uncommon(ps, prog_is_sign(ps, "@") ? "a format" : "..");
			return NODE_NONE;
		}
		if (!prog_is_sign(ps, "(") || !prog_enter(ps))
			break;
		prog_next(ps);
		inside = prog_pipe(ps);
		ps->depth--;
		prog_expect_sign(ps, ")");
		return inside;
	case TOKEN_END:
		break;
	}
	prog_unexpected(ps, "a value");
	return NODE_NONE;
}

/*
 * A ? behind a step is about that step alone, not about the term in front of it: .a? on what .a is of
 * (the term becomes the input of the step).
 */
static uint16_t
optional_step(struct parser *ps, uint16_t of, uint16_t step)
{
	struct node *n = &ps->prog->nodes[step];
	uint16_t     self;

	if (!prog_is_sign(ps, "?") || n->a != of)
		return step;
	if (n->op == NODE_INDEX && ps->prog->nodes[n->b].op != NODE_CONST) {
		prog_next(ps);
		n->op = NODE_INDEX_TRY;              /* the index is looked for in the input of the whole */
		return step;
	}
	if (ps->prog->nodes[of].op == NODE_SELF)
		return step;
	prog_next(ps);
	self = prog_node(ps, NODE_SELF, 0, 0, 0, 0);
	ps->prog->nodes[step].a = self;
	return prog_node(ps, NODE_PIPE, of, prog_node(ps, NODE_TRY, step, 0, 0, 0), 0, 0);
}

uint16_t
prog_postfix(struct parser *ps)
{
	uint16_t left = parse_term(ps), of;

	while (!ps->failed) {
		of = left;
		if (ps->token.kind == TOKEN_FIELD) {
			left = optional_step(ps, of, parse_field(ps, of));
		} else if (prog_is_sign(ps, "[")) {
			left = optional_step(ps, of, parse_bracket(ps, of));
		} else if (prog_take_sign(ps, "?")) {
			left = prog_node(ps, NODE_TRY, left, 0, 0, 0);
		} else if (prog_take_sign(ps, ".")) {
			if (ps->token.kind == TOKEN_QUOTE)
				left = optional_step(ps, of, member_of(ps, of, parse_string(ps)));
			else if (!prog_is_sign(ps, "["))
				prog_unexpected(ps, "a name");
		} else {
			break;
		}
	}
	if (prog_is_word(ps, "as"))
		prog_uncommon(ps, "a variable");
	return left;
}
