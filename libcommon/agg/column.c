/* column - what follows -a: NAME=FUNC(PATH,ARG…) */
#include "agg/agg.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/num_digits.h"
#include "json/text.h"

enum {
	MOST_ARGUMENTS = 4,
	MOST_KEPT = 10000,               /* by top and bottom */
	FRACTION_DIGITS = 9              /* of q */
};

static const struct agg_class *
class_named(struct span name)
{
	for (size_t i = 0; agg_classes[i] != NULL; i++)
		if (span_eq(span_str(agg_classes[i]->name), name))
			return agg_classes[i];
	return NULL;
}

/* "there is count, sum, …, key, start and end" */
static int
no_such_function(struct span name, struct err *err)
{
	struct buf list = { 0 };

	for (size_t i = 0; agg_classes[i] != NULL; i++) {
		buf_str(&list, agg_classes[i]->name);
		buf_lit(&list, ", ");
	}
	buf_lit(&list, "key, start and end");
	err_set(err, ERR_USAGE, "no function '%.*s': there is %.*s", SPAN_ARGS(name),
	    SPAN_ARGS(buf_all(&list)));
	buf_release(&list);
	return -1;
}

static bool
column_of_window(struct span name, enum agg_column_kind *kind)
{
	static const struct { const char *name; enum agg_column_kind kind; } columns[] = {
		{ "key", AGG_COLUMN_KEY }, { "start", AGG_COLUMN_START }, { "end", AGG_COLUMN_END }
	};

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		if (span_eq(span_str(columns[i].name), name)) {
			*kind = columns[i].kind;
			return true;
		}
	return false;
}

/* ---- arguments ---- */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct span
without_blanks(struct span s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Cut at the commas that are in no string.  How many parts there are, also beyond what fits. */
static size_t
split(struct span inside, struct span parts[MOST_ARGUMENTS])
{
	const char *p = inside.p, *end = inside.p + inside.n, *start = p;
	bool        in_string = false;
	size_t      n = 0;

	for (;; p++) {
		if (p >= end || (*p == ',' && !in_string)) {
			if (n < MOST_ARGUMENTS)
				parts[n] = without_blanks(span_of(start, (size_t)(p < end ? p - start : end - start)));
			n++;
			start = p + 1;
			if (p >= end)
				return n;
		} else if (*p == '"') {
			in_string = !in_string;
		} else if (*p == '\\' && in_string) {
			p++;
		}
	}
}

static int
read_path(struct path *path, bool *has, struct span text, struct err *err)
{
	char *copy = alloc_string_n(text.p, text.n);
	int   r = path_parse(path, copy, err);

	free(copy);
	*has = r == 0;
	return r;
}

/* TEXT is a JSON value of its own: of which kind; SCAN_MISSING: none. */
static enum scan_kind
kind_of(struct span text)
{
	struct scan_value   v;
	struct scan_result  r;
	struct path         all = { 0 };
	const struct path  *paths[] = { &all };
	struct scan        *scan = scan_new(paths, 1);
	struct buf          line = { 0 };

	buf_span(&line, text);
	buf_char(&line, '\n');
	memset(buf_reserve(&line, SCAN_PAD), 0, SCAN_PAD);
	scan_line(scan, line.p, &v, &r);
	scan_free(scan);
	buf_release(&line);
	return r.verdict == SCAN_OK ? (enum scan_kind)v.kind : SCAN_MISSING;
}

static int
read_fraction(struct agg_args *args, struct span text, struct err *err)
{
	struct dec q;

	if (kind_of(text) != SCAN_NUMBER || !num_parse(text, &q) || q.coef < 0 ||
	    num_cmp(q, (struct dec){ 1, 0 }) > 0)
		return err_set(err, ERR_USAGE, "'%.*s' is no number from 0 to 1", SPAN_ARGS(text));
	if (q.scale > FRACTION_DIGITS)
		return err_set(err, ERR_USAGE, "'%.*s' has more than %d digits behind the point",
		    SPAN_ARGS(text), FRACTION_DIGITS);
	args->part = (uint64_t)q.coef;
	args->whole = num_pow10[q.scale];
	return 0;
}

static int
read_most(struct agg_args *args, struct span text, struct err *err)
{
	int64_t n;

	if (!num_i64(text, &n) || n < 1 || n > MOST_KEPT)
		return err_set(err, ERR_USAGE, "'%.*s' is no number from 1 to %d", SPAN_ARGS(text), MOST_KEPT);
	args->most = (uint32_t)n;
	return 0;
}

static int
read_separator(struct agg_column *column, struct span text, struct err *err)
{
	if (kind_of(text) != SCAN_STRING)
		return err_set(err, ERR_USAGE, "'%.*s' is no string in double quotes", SPAN_ARGS(text));
	column->separator = alloc_string_n(text.p + 1, text.n - 2);
	column->args.separator = span_of(column->separator, text.n - 2);
	return 0;
}

static int
read_argument(struct agg_column *column, char letter, struct span text, struct err *err)
{
	switch (letter) {
	case 'P':
		return read_path(&column->path, &column->has_path, text, err);
	case 'Q':
		column->args.by_second = true;
		return read_path(&column->second, &column->has_second, text, err);
	case 'q':
		return read_fraction(&column->args, text, err);
	case 'n':
		return read_most(&column->args, text, err);
	default:
		return read_separator(column, text, err);
	}
}

static int
wrong_number(const struct agg_class *class, const char *what, struct err *err)
{
	struct buf usage = { 0 };

	agg_put_usage(&usage, class);
	err_set(err, ERR_USAGE, "%s %s: %.*s", class->name, what, SPAN_ARGS(buf_all(&usage)));
	buf_release(&usage);
	return -1;
}

/* INSIDE: what stands between the parentheses; SPAN_NONE: there are none. */
static int
read_arguments(struct agg_column *column, struct span inside, struct err *err)
{
	const struct agg_class *class = column->class;
	struct span             parts[MOST_ARGUMENTS];
	size_t                  n = inside.p == NULL ? 0 : split(inside, parts), i = 0;
	bool                    may_end = false;

	if (n == 0 && class->takes[0] != '?' && class->takes[1] == '\0')
		return err_set(err, ERR_USAGE, "%s needs a path: %s(.price)", class->name, class->name);
	for (const char *t = class->takes; *t != '\0'; t++) {
		if (*t == '?') {
			may_end = true;
			continue;
		}
		if (i == n)
			return may_end ? 0 : wrong_number(class, "needs more", err);
		if (read_argument(column, *t, parts[i++], err) == -1)
			return -1;
	}
	return i < n ? wrong_number(class, "takes less", err) : 0;
}

/* ---- the whole ---- */

static int
parse_function(struct agg_column *column, struct span name, struct span inside, struct err *err)
{
	if (column_of_window(name, &column->kind)) {
		if (inside.p != NULL)
			return err_set(err, ERR_USAGE, "%.*s takes no path", SPAN_ARGS(name));
		return 0;
	}
	column->kind = AGG_COLUMN_FUNC;
	if ((column->class = class_named(name)) == NULL)
		return no_such_function(name, err);
	return read_arguments(column, inside, err);
}

static int
parse_column(struct agg_column *column, const char *text, struct err *err)
{
	const char *equals = strchr(text, '='), *function, *open;
	size_t      n;

	if (equals == NULL)
		return err_set(err, ERR_USAGE, "no name: say NAME=%s",
		    text[0] == '\0' ? "FUNC(PATH)" : text);
	if (equals == text)
		return err_set(err, ERR_USAGE, "the name is empty: say NAME=%s",
		    text[1] == '\0' ? "FUNC(PATH)" : text + 1);
	if (!text_is_utf8(span_of(text, (size_t)(equals - text))))
		return err_set(err, ERR_USAGE, "the name is not UTF-8");
	column->name = alloc_string_n(text, (size_t)(equals - text));
	function = equals + 1;
	column->text = alloc_string(function);
	n = strlen(function);
	if ((open = strchr(function, '(')) == NULL)
		return parse_function(column, span_of(function, n), SPAN_NONE, err);
	if (function[n - 1] != ')')
		return err_set(err, ERR_USAGE, "no ')' at the end");
	return parse_function(column, span_of(function, (size_t)(open - function)),
	    span_of(open + 1, (size_t)(function + n - 1 - (open + 1))), err);
}

int
agg_parse(struct agg_column *column, const char *text, struct err *err)
{
	*column = (struct agg_column){ 0 };
	if (parse_column(column, text, err) == 0)
		return 0;
	agg_column_release(column);
	return err_in(err, "-a '%s'", text);
}

void
agg_column_release(struct agg_column *column)
{
	if (column->has_path)
		path_release(&column->path);
	if (column->has_second)
		path_release(&column->second);
	free(column->separator);
	free(column->name);
	free(column->text);
	*column = (struct agg_column){ 0 };
}
