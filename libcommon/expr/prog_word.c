/* prog_word - what begins with a word: if, true, functions */
#include "expr/call.h"
#include "expr/prog_parts.h"

static uint16_t
parse_if(struct parser *ps)
{
	uint16_t test, then, other;

	prog_next(ps);
	if (!prog_enter(ps))
		return NODE_NONE;
	test = prog_pipe(ps);
	prog_expect_word(ps, "then");
	then = prog_pipe(ps);
	if (ps->failed)
		return NODE_NONE;
	if (prog_is_word(ps, "elif")) {
		other = parse_if(ps);                  /* takes the `end`, too */
	} else if (prog_is_word(ps, "end")) {
		other = prog_node(ps, NODE_SELF, 0, 0, 0, 0);
		prog_next(ps);
	} else {
		prog_expect_word(ps, "else");
		other = prog_pipe(ps);
		prog_expect_word(ps, "end");
	}
	ps->depth--;
	return prog_node(ps, NODE_IF, test, then, other, 0);
}

/* any, all: of what (by default the input's items), and which of it (by default what it is). */
static uint16_t
parse_any(struct parser *ps, enum node_op op, unsigned n, const uint16_t *arguments)
{
	uint16_t self = prog_node(ps, NODE_SELF, 0, 0, 0, 0);
	uint16_t items = prog_node(ps, NODE_EACH, self, 0, 0, 0);

	if (n == 2)
		return prog_node(ps, op, arguments[0], arguments[1], 0, 0);
	return prog_node(ps, op, items, n == 1 ? arguments[0] : self, 0, 0);
}

static bool
has_index(const struct parser *ps, uint16_t node)
{
	const struct node *n = &ps->prog->nodes[node];

	if (n->op == NODE_COMMA)
		return has_index(ps, n->a) || has_index(ps, n->b);
	return n->op == NODE_INDEX || (n->op == NODE_MEMBER && has_index(ps, n->a));
}

/* Several places are taken out one after the other, so none of them may move others. */
static uint16_t
parse_delete(struct parser *ps, const char *from, uint16_t what)
{
	struct node n = ps->prog->nodes[what];
	uint16_t    left;

	if (n.op != NODE_COMMA)
		return prog_is_place(ps, from, what) ? prog_node(ps, NODE_DELETE, what, 0, 0, 0) : NODE_NONE;
	if (has_index(ps, what)) {
		prog_fail_uncommon(ps, from, "of several places to delete none may be an item of an array");
		return NODE_NONE;
	}
	left = parse_delete(ps, from, n.a);
	return ps->failed ? NODE_NONE : prog_node(ps, NODE_PIPE, left, parse_delete(ps, from, n.b), 0, 0);
}

static uint16_t
make_call(struct parser *ps, const struct token *word, unsigned n, const uint16_t *arguments)
{
	uint16_t self = prog_node(ps, NODE_SELF, 0, 0, 0, 0);
	char     what[100];

	if (span_eq(word->text, SPAN_LIT("any")) && n <= 2)
		return parse_any(ps, NODE_ANY, n, arguments);
	if (span_eq(word->text, SPAN_LIT("all")) && n <= 2)
		return parse_any(ps, NODE_ALL, n, arguments);
	if (span_eq(word->text, SPAN_LIT("empty")) && n == 0)
		return prog_node(ps, NODE_EMPTY, 0, 0, 0, 0);
	if (span_eq(word->text, SPAN_LIT("del")) && n == 1)
		return parse_delete(ps, word->from, arguments[0]);
	if (span_eq(word->text, SPAN_LIT("select")) && n == 1)
		return prog_node(ps, NODE_SELECT, arguments[0], 0, 0, 0);
	if (span_eq(word->text, SPAN_LIT("map")) && n == 1)
		return prog_node(ps, NODE_ARRAY, prog_node(ps, NODE_PIPE, prog_node(ps, NODE_EACH, self, 0, 0, 0), arguments[0], 0, 0), 0, 0, 0);
	if (span_eq(word->text, SPAN_LIT("values")) && n == 0)
		return prog_node(ps, NODE_SELECT,
		    prog_node(ps, NODE_NE, self, prog_node(ps, NODE_CONST, 0, 0, 0, prog_const(ps, VAL_NULL)), 0, 0), 0, 0, 0);
	for (uint32_t i = 0; call_table[i].name != NULL; i++)
		if (span_eq(word->text, span_str(call_table[i].name)) && call_table[i].arguments == n)
			return prog_node(ps, NODE_CALL, n == 0 ? NODE_NONE : arguments[0], 0, 0, i);
	ps->token = *word;
	snprintf(what, sizeof(what), "%.*s/%u", (int)(word->text.n > 60 ? 60 : word->text.n), word->text.p, n);
	prog_uncommon(ps, what);
	return NODE_NONE;
}

static uint16_t
parse_call(struct parser *ps)
{
	struct token word = ps->token;
	uint16_t     arguments[8] = { NODE_NONE };
	unsigned     n = 0;

	prog_next(ps);
	if (!prog_is_sign(ps, "("))
		return make_call(ps, &word, 0, arguments);
	if (!prog_enter(ps))
		return NODE_NONE;
	do {
		prog_next(ps);
		arguments[n++] = prog_pipe(ps);
	} while (!ps->failed && n < 8 && prog_is_sign(ps, ";"));
	ps->depth--;
	prog_expect_sign(ps, ")");
	return ps->failed ? NODE_NONE : make_call(ps, &word, n, arguments);
}

uint16_t
prog_word(struct parser *ps)
{
	static const char *const uncommon[] = {
		"reduce", "foreach", "def", "try", "label", "import", "include", "catch",
	};
	static const char *const ends[] = { "then", "elif", "else", "end", "and", "or", "as", "__loc__" };
	static const struct { const char *word; enum scan_kind kind; } literals[] = {
		{ "true", SCAN_TRUE }, { "false", SCAN_FALSE }, { "null", SCAN_NULL },
	};

	if (prog_is_word(ps, "if"))
		return parse_if(ps);
	for (size_t i = 0; i < sizeof(uncommon) / sizeof(uncommon[0]); i++) {
		if (prog_is_word(ps, uncommon[i])) {
			prog_uncommon(ps, uncommon[i]);
			return NODE_NONE;
		}
	}
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (prog_is_word(ps, ends[i])) {
			prog_unexpected(ps, "a value");
			return NODE_NONE;
		}
	}
	for (size_t i = 0; i < sizeof(literals) / sizeof(literals[0]); i++) {
		if (prog_is_word(ps, literals[i].word)) {
			prog_next(ps);
			return prog_node(ps, NODE_CONST, 0, 0, 0, prog_const(ps, (struct val){ .kind = (uint8_t)literals[i].kind }));
		}
	}
	return parse_call(ps);
}
