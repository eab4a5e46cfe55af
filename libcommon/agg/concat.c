/*
 * concat - one string of all, in the order of their arrival
 *
 * A string gives its text, another scalar its JSON text.  Texts stay as they were escaped.
 */
#include "agg/list.h"
#include "agg/number.h"

static bool
concat_check(const struct scan_value *v, struct agg_input *in, const char **reason)
{
	in->skip = agg_is_null(v);
	if (in->skip)
		return true;
	if (v->kind == SCAN_ARRAY || v->kind == SCAN_OBJECT) {
		*reason = v->kind == SCAN_ARRAY ? "is an array" : "is an object";
		return false;
	}
	in->whole = agg_whole(v);
	return true;
}

static void
concat_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	list_add(acc, (struct list_item){ in->at->arrival, in->whole }, arena);
}

static bool
concat_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	const struct list *l = acc;
	struct span        separator = scope->args->separator.p == NULL ? SPAN_LIT(",") : scope->args->separator;
	struct list_item   item;
	size_t             at = 0;

	if (l->n == 0) {
		buf_lit(b, "null");
		return true;
	}
	buf_char(b, '"');
	for (bool is_first = true; list_next(l, &at, &item); is_first = false) {
		bool quoted = item.text.p[0] == '"';

		if (!is_first)
			buf_span(b, separator);
		buf_span(b, span_of(item.text.p + quoted, item.text.n - 2 * quoted));
	}
	buf_char(b, '"');
	return true;
}

const struct agg_class agg_concat = {
	.name = "concat",
	.help = "one string of all scalars, TEXT in between (default \",\"), in the order of arrival",
	.takes = "P?s",
	.size = sizeof(struct list),
	.check = concat_check,
	.add = concat_add,
	.merge = list_merge,
	.result = concat_result,
	.save = list_save,
	.load = list_load
};
