/* collect - an array of all values, as they were written, in the order of their arrival */
#include "agg/list.h"
#include "agg/number.h"

static void
collect_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	list_add(acc, (struct list_item){ in->at->arrival, in->whole }, arena);
}

static bool
collect_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	const struct list *l = acc;
	struct list_item   item;
	size_t             at = 0;

	(void)scope;
	if (l->n == 0) {
		buf_lit(b, "null");
		return true;
	}
	buf_char(b, '[');
	for (bool is_first = true; list_next(l, &at, &item); is_first = false) {
		if (!is_first)
			buf_char(b, ',');
		buf_span(b, item.text);
	}
	buf_char(b, ']');
	return true;
}

const struct agg_class agg_collect = {
	.name = "collect",
	.help = "array of all values, as they were written, in the order of arrival",
	.takes = "P",
	.size = sizeof(struct list),
	.check = agg_check_whole,
	.add = collect_add,
	.merge = list_merge,
	.result = collect_result,
	.save = list_save,
	.load = list_load
};
