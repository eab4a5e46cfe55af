/* prog - nodes, constants and names */
#include "expr/prog.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "expr/expr.h"
#include "expr/prog_parts.h"
#include "json/text.h"

void
prog_release(struct prog *p)
{
	for (size_t i = 0; i < p->n_owned; i++) {
		path_release(p->owned[i]);
		free(p->owned[i]);
	}
	free(p->owned);
	free(p->wants);
	free(p->nodes);
	free(p->consts);
	free(p->numbers);
	free(p->names);
	arena_release(&p->arena);
	*p = (struct prog){ 0 };
}

/* ---- what is wrong ---- */

static void
fail_v(struct parser *ps, const char *from, const char *fmt, va_list ap)
{
	char why[300];

	vsnprintf(why, sizeof(why), fmt, ap);
	err_set(ps->err, ERR_USAGE, "byte %zu: %s", (size_t)(from - ps->text) + 1, why);
	ps->failed = true;
	ps->token.kind = TOKEN_END;
}

void
prog_fail(struct parser *ps, const char *from, const char *fmt, ...)
{
	va_list ap;

	if (ps->failed)
		return;
	va_start(ap, fmt);
	fail_v(ps, from, fmt, ap);
	va_end(ap);
}

void
prog_fail_uncommon(struct parser *ps, const char *from, const char *fmt, ...)
{
	va_list ap;

	if (ps->failed)
		return;
	ps->prog->is_uncommon = true;
	va_start(ap, fmt);
	fail_v(ps, from, fmt, ap);
	va_end(ap);
}

void
prog_unexpected(struct parser *ps, const char *instead)
{
	struct span t = ps->token.text;

	if (ps->token.kind == TOKEN_END)
		prog_fail(ps, ps->token.from, "here it ends; expected %s", instead);
	else
		prog_fail(ps, ps->token.from, "unexpected %.*s; expected %s", (int)(t.n > 40 ? 40 : t.n), t.p, instead);
}

void
prog_uncommon(struct parser *ps, const char *what)
{
	prog_fail_uncommon(ps, ps->token.from, "%s: not in the everyday part of jq's language", what);
}

void
prog_next(struct parser *ps)
{

	if (ps->failed)
		return;
	if (token_next(&ps->at, &ps->token) == -1)
		prog_fail(ps, ps->token.from, "%c means nothing here", *ps->token.from >= ' ' ? *ps->token.from : '?');
}

/* ---- parts ---- */

uint16_t
prog_node(struct parser *ps, enum node_op op, uint16_t a, uint16_t b, uint16_t c, uint32_t value)
{
	struct prog *p = ps->prog;

	if (p->n_nodes == EXPR_MAX_NODES) {
		prog_fail(ps, ps->token.from, "the expression is too long (more than %d parts)", EXPR_MAX_NODES);
		return NODE_NONE;
	}
	if ((p->n_nodes & (p->n_nodes - 1)) == 0)
		p->nodes = alloc_resized(p->nodes, p->n_nodes == 0 ? 1 : p->n_nodes * 2, sizeof(*p->nodes));
	p->nodes[p->n_nodes] = (struct node){ .op = (uint8_t)op, .a = a, .b = b, .c = c, .value = value };
	return (uint16_t)p->n_nodes++;
}

uint32_t
prog_const(struct parser *ps, struct val v)
{
	struct prog *p = ps->prog;

	p->consts = alloc_resized(p->consts, p->n_consts + 1, sizeof(*p->consts));
	p->consts[p->n_consts] = v;
	return (uint32_t)p->n_consts++;
}

uint32_t
prog_name(struct parser *ps, struct span name)
{
	struct prog *p = ps->prog;

	p->names = alloc_resized(p->names, p->n_names + 1, sizeof(*p->names));
	p->names[p->n_names] = prog_keep(ps, name);
	return (uint32_t)p->n_names++;
}

struct span
prog_keep(struct parser *ps, struct span s)
{
	char *copy = arena_alloc(&ps->prog->arena, s.n + 1);

	if (s.n > 0)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return span_of(copy, s.n);
}

uint32_t
prog_text(struct parser *ps, struct span escaped)
{
	struct buf b = { 0 };
	uint32_t   value;

	text_decode(&b, escaped);
	value = prog_const(ps, val_text(prog_keep(ps, buf_all(&b))));
	buf_release(&b);
	return value;
}

/* As JSON writes numbers: then the text is the value. */
static bool
is_json_number(struct span s)
{
	size_t whole = strspn(s.p, "0123456789");

	return whole > 0 && (whole == 1 || s.p[0] != '0') && (whole == s.n || s.p[whole] != '.' ||
	    (whole + 1 < s.n && s.p[whole + 1] >= '0' && s.p[whole + 1] <= '9'));
}

uint16_t
prog_number(struct parser *ps)
{
	struct span s = prog_keep(ps, ps->token.text);
	struct val  v = { .p = s.p, .n = (uint32_t)s.n, .kind = SCAN_NUMBER };

	if (!is_json_number(s))
		v = val_number(strtod(s.p, NULL));
	prog_next(ps);
	return prog_node(ps, NODE_CONST, 0, 0, 0, prog_const(ps, v));
}

/* ---- paths into the record ---- */

/* The step at P that a path can have; NULL: there is none. */
static const char *
step_end(const char *p)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
	const char *end;

	if (*p == '.' && strchr(letters, p[1]) != NULL && p[1] != '\0') {
		p++;
		return p + strspn(p, letters) + strspn(p + strspn(p, letters), "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
	}
	if (*p == '.')
		p++;
	if (*p != '[')
		return NULL;
	if (p[1] >= '0' && p[1] <= '9') {
		end = p + 1 + strspn(p + 1, "0123456789");
		return *end == ']' ? end + 1 : NULL;
	}
	if (p[1] != '"')
		return NULL;
	for (end = p + 2; *end != '"'; end++)
		if (*end == '\0' || *end == '\\')
			return NULL;
	return end[1] == ']' ? end + 2 : NULL;
}

const char *
prog_record_path_end(const char *at)
{
	const char *next;

	while ((next = step_end(at)) != NULL)
		at = next;
	return at;
}

uint16_t
prog_record_path(struct parser *ps)
{
	struct prog *p = ps->prog;
	const char  *from = ps->token.from, *end = prog_record_path_end(ps->at);
	struct path *path = alloc_zeroed(1, sizeof(*path));
	struct err   err = ERR_INIT;
	struct span  text;

	text = prog_keep(ps, span_of(from, (size_t)(end - from)));
	if (path_parse(path, text.p, &err) == -1 || path->n_steps == 0) {
		path_release(path);
		free(path);
		prog_fail(ps, from, "after $. comes a member of the record, as in $.topic");
		return NODE_NONE;
	}
	p->owned = alloc_resized(p->owned, p->n_owned + 1, sizeof(struct path *));
	p->owned[p->n_owned++] = path;
	ps->at = end;
	prog_next(ps);
	return prog_node(ps, NODE_RECORD, 0, 0, 0, (uint32_t)(p->n_owned - 1));
}
