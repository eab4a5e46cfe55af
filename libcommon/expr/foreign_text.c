/* foreign_text - an expression as another engine shall see it */
#include "expr/foreign_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "expr/expr.h"
#include "expr/prog.h"
#include "expr/token.h"

#define HIDDEN "refused__"        /* followed by the name: what nobody defines */
#define RECORD "$record__"

static const char clock[] = "the clock must not decide what comes out";
static const char one_record[] = "an expression sees one record";
static const char beside[] = "an expression writes nothing beside its outputs";
static const char environment[] = "what comes out must not depend on the environment";
static const char modules[] = "there are no modules";
static const char end[] = "an expression does not end the run: see error";

/* A definition in front of the expression hides the builtin; the expression's own definitions hide it in turn. */
static const struct hidden {
	const char *name, *parameters, *why;
} hidden[] = {
	{ "now", "", clock },
	{ "input", "", one_record }, { "inputs", "", one_record }, { "input_filename", "", one_record },
	{ "input_line_number", "", one_record },
	{ "debug", "", beside }, { "debug", "(a)", beside }, { "stderr", "", beside },
	{ "env", "", environment }, { "localtime", "", environment }, { "strflocaltime", "(a)", environment },
	{ "halt", "", end }, { "halt_error", "", end }, { "halt_error", "(a)", end },
	{ "modulemeta", "", modules }, { "get_search_list", "", modules }, { "get_prog_origin", "", modules },
	{ "get_jq_origin", "", modules },
};
enum { N_HIDDEN = sizeof(hidden) / sizeof(hidden[0]) };

/* The same for what no definition can hide. */
static const struct hidden words[] = {
	{ "$ENV", "", environment }, { "$__loc__", "", "an expression has no place" }, { "$__prog_args", "", environment },
	{ "$", "", "the name of a variable follows it at once" },
};
static const struct hidden first_words[] = { { "import", "", modules }, { "include", "", modules }, { "module", "", modules } };

static int
refuse(const struct hidden *rows, size_t n, struct span word, struct err *err)
{
	for (size_t i = 0; i < n; i++)
		if (span_eq(word, span_str(rows[i].name)))
			return err_set(err, ERR_USAGE, "%s is refused: %s", rows[i].name, rows[i].why);
	return 0;
}

void
foreign_text_reword(struct err *err)
{
	struct span text = span_str(err->text), mark = SPAN_LIT(HIDDEN);
	struct span name;

	if (!span_starts(text, mark))
		return;
	name = span_of(text.p + mark.n, strcspn(text.p + mark.n, "/"));
	for (size_t i = 0; i < N_HIDDEN; i++) {
		if (span_eq(name, span_str(hidden[i].name))) {
			err_set(err, ERR_USAGE, "%s is refused: %s", hidden[i].name, hidden[i].why);
			return;
		}
	}
}

/* ---- paths into the record ---- */

void
foreign_paths_release(struct foreign_paths *paths)
{
	for (size_t i = 0; i < paths->n; i++) {
		path_release(paths->items[i]);
		free(paths->items[i]);
	}
	free(paths->items);
	*paths = (struct foreign_paths){ 0 };
}

/* The $ stands at FROM, and *AT behind it; then *AT is behind the path. */
static int
put_record_path(struct buf *to, struct foreign_paths *paths, const char *from, const char **at, struct err *err)
{
	struct path *path;
	char        *text;
	size_t       i = 0;
	struct err   why = ERR_INIT;

	*at = prog_record_path_end(*at);
	text = alloc_string_n(from, (size_t)(*at - from));
	while (i < paths->n && strcmp(paths->items[i]->text, text) != 0)
		i++;
	if (i == paths->n) {
		path = alloc_zeroed(1, sizeof(*path));
		paths->items = alloc_resized(paths->items, paths->n + 1, sizeof(*paths->items));
		paths->items[paths->n++] = path;
		if (path_parse(path, text, &why) == -1 || path->n_steps == 0)
			err_set(err, ERR_USAGE, "after $. comes a member of the record, as in $.topic");
		else if (paths->n > EXPR_MAX_WANTS)
			err_set(err, ERR_USAGE, "more than %d paths into the record", EXPR_MAX_WANTS);
	}
	free(text);
	buf_printf(to, RECORD "[%zu]", i);
	return err->kind == ERR_NONE ? 0 : -1;
}

/* ---- the whole ---- */

/* Behind the opening quote or an interpolation: to behind the closing quote, or behind the next "\(". */
static const char *
string_end(const char *p, bool *is_over)
{
	for (; *p != '\0' && *p != '"'; p++) {
		if (*p != '\\' || p[1] == '\0')
			continue;
		p++;
		if (*p == '(') {
			*is_over = false;
			return p + 1;
		}
	}
	*is_over = true;
	return *p == '"' ? p + 1 : p;
}

/* Where we are in strings inside brackets inside strings. */
struct walk {
	unsigned open[EXPR_MAX_DEPTH];    /* brackets open in each interpolation; [0]: outside all */
	size_t   depth;
};

/* At the sign: is the interpolation closed by it, so that its string goes on? */
static bool
closes(struct walk *w, struct span sign)
{
	if (span_eq(sign, SPAN_LIT("(")))
		w->open[w->depth]++;
	if (!span_eq(sign, SPAN_LIT(")")))
		return false;
	if (w->open[w->depth] > 0) {
		w->open[w->depth]--;
		return false;
	}
	if (w->depth == 0)
		return false;
	w->depth--;
	return true;
}

static int
put_expression(struct buf *to, struct foreign_paths *paths, const char *text, struct err *err)
{
	struct walk  w = { .depth = 0 };
	const char  *at = text, *from = text;    /* what stands before FROM is put */
	struct token t;
	bool         is_over;

	while (token_next(&at, &t) == 0 && t.kind != TOKEN_END) {
		if (t.kind == TOKEN_VARIABLE && refuse(words, sizeof(words) / sizeof(words[0]), t.text, err) == -1)
			return -1;
		if (t.kind == TOKEN_RECORD) {
			buf_put(to, from, (size_t)(t.from - from));
			if (put_record_path(to, paths, t.from, &at, err) == -1)
				return -1;
			from = at;
		}
		if (t.kind != TOKEN_QUOTE && !(t.kind == TOKEN_SIGN && closes(&w, t.text)))
			continue;
		at = string_end(at, &is_over);
		if (is_over)
			continue;
		if (++w.depth == EXPR_MAX_DEPTH)
			return err_set(err, ERR_USAGE, "too many brackets inside each other (more than %d)", EXPR_MAX_DEPTH);
		w.open[w.depth] = 0;
	}
	buf_str(to, from);
	return 0;
}

int
foreign_text_put(struct buf *program, struct foreign_paths *paths, const char *text, struct err *err)
{
	struct buf   expression = { 0 };
	const char  *at = text;
	struct token first;
	int          r;

	if (token_next(&at, &first) == 0 && first.kind == TOKEN_WORD
	    && refuse(first_words, sizeof(first_words) / sizeof(first_words[0]), first.text, err) == -1)
		return -1;
	/* All in one line, so that lines are counted as they stand in the expression. */
	for (size_t i = 0; i < N_HIDDEN; i++)
		buf_printf(program, "def %s%s: " HIDDEN "%s; ", hidden[i].name, hidden[i].parameters, hidden[i].name);
	r = put_expression(&expression, paths, text, err);
	if (paths->n > 0)
		buf_lit(program, ".[1:] as " RECORD " | .[0] | ");
	buf_span(program, buf_all(&expression));
	buf_char(program, '\0');
	buf_release(&expression);
	return r;
}
