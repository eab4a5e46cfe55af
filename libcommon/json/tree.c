/* tree - whole values, for the cold paths */
#include "json/tree.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/alloc.h"

/* A struct tree is jansson's json_t under another name. */
static json_t *
json_of(const struct tree *t)
{
	return (json_t *)(uintptr_t)t;
}

static const struct tree *
tree_of(const json_t *j)
{
	return (const struct tree *)j;
}

struct tree *
tree_parse(struct span text, struct err *err)
{
	const char  *p = text.p == NULL ? "" : text.p;
	json_error_t why;
	json_t      *j;

	/* Or it would call a good text bad where there is no memory. */
	json_set_alloc_funcs(alloc_bytes, free);
	j = json_loadb(p, text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
	if (j == NULL)
		err_set(err, ERR_DATA, "not JSON: %s (byte %d)", why.text, why.position);
	return (struct tree *)j;
}

void
tree_free(struct tree *t)
{
	json_decref(json_of(t));
}

const struct tree *
tree_member(const struct tree *t, const char *name)
{
	return tree_of(json_object_get(json_of(t), name));
}

const struct tree *
tree_item(const struct tree *t, size_t i)
{
	return tree_of(json_array_get(json_of(t), i));
}

size_t
tree_count(const struct tree *t)
{
	const json_t *j = json_of(t);

	return json_is_object(j) ? json_object_size(j) : json_array_size(j);
}

bool
tree_i64(const struct tree *t, const char *name, int64_t *to)
{
	const json_t *j = json_object_get(json_of(t), name);

	if (!json_is_integer(j))
		return false;
	*to = json_integer_value(j);
	return true;
}

bool
tree_bool(const struct tree *t, const char *name, bool *to)
{
	const json_t *j = json_object_get(json_of(t), name);

	if (!json_is_boolean(j))
		return false;
	*to = json_is_true(j);
	return true;
}

bool
tree_string(const struct tree *t, const char *name, struct span *to)
{
	return tree_value_string(tree_member(t, name), to);
}

bool
tree_value_string(const struct tree *t, struct span *to)
{
	const json_t *j = json_of(t);

	if (!json_is_string(j))
		return false;
	*to = span_of(json_string_value(j), json_string_length(j));
	return true;
}

static int
append(const char *p, size_t n, void *to)
{
	buf_put(to, p, n);
	return 0;
}

void
tree_put(struct buf *b, const struct tree *t)
{
	json_dump_callback(json_of(t), append, b, JSON_COMPACT | JSON_ENCODE_ANY);
}

bool
tree_next(const struct tree *t, void **iter, const char **name, const struct tree **value)
{
	json_t *j = json_of(t);

	*iter = *iter == NULL ? json_object_iter(j) : json_object_iter_next(j, *iter);
	if (*iter == NULL)
		return false;
	*name = json_object_iter_key(*iter);
	*value = tree_of(json_object_iter_value(*iter));
	return true;
}

const char *
tree_library(void)
{
	return "jansson " JANSSON_VERSION;
}
