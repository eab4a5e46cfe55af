/* agg - the table of aggregates, and what follows -a */
#include "agg/agg.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "json/text.h"

/* Every aggregate there is, in the order in which help and messages list them. */
#define AGGREGATES(X) \
	X(count) \
	X(sum) \
	X(min) \
	X(max) \
	X(mean)

#define DECLARE(name) extern const struct agg_class agg_##name;
#define ENTER(name)   &agg_##name,

AGGREGATES(DECLARE)

const struct agg_class *const agg_classes[] = {
	AGGREGATES(ENTER)
	NULL
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

/* PATH: what stands between the parentheses; SPAN_NONE: there are none. */
static int
parse_function(struct agg_column *column, struct span name, struct span path, struct err *err)
{
	char *text;
	int   r;

	if (column_of_window(name, &column->kind)) {
		if (path.p != NULL)
			return err_set(err, ERR_USAGE, "%.*s takes no path", SPAN_ARGS(name));
		return 0;
	}
	column->kind = AGG_COLUMN_FUNC;
	if ((column->class = class_named(name)) == NULL)
		return no_such_function(name, err);
	if (path.p == NULL) {
		if (column->class->path == AGG_PATH_REQUIRED)
			return err_set(err, ERR_USAGE, "%s needs a path: %s(.price)",
			    column->class->name, column->class->name);
		return 0;
	}
	if (column->class->path == AGG_PATH_NONE)
		return err_set(err, ERR_USAGE, "%s takes no path", column->class->name);
	text = alloc_string_n(path.p, path.n);
	r = path_parse(&column->path, text, err);
	free(text);
	column->has_path = r == 0;
	return r;
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
	free(column->name);
	free(column->text);
	*column = (struct agg_column){ 0 };
}
