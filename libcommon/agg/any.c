/* any - is at least one of the values true */
#include "agg/truth.h"

static bool
any_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	const struct truth *t = acc;

	(void)scope;
	buf_str(b, t->some_true ? "true" : t->some_false ? "false" : "null");
	return true;
}

const struct agg_class agg_any = {
	.name = "any",
	.help = "is at least one of the values true",
	.takes = "P",
	.size = sizeof(struct truth),
	.check = truth_check,
	.add = truth_add,
	.merge = truth_merge,
	.result = any_result,
	.save = truth_save,
	.load = truth_load
};
