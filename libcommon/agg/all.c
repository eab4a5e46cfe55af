/* all - are all values true */
#include "agg/truth.h"

static bool
all_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	const struct truth *t = acc;

	(void)scope;
	buf_str(b, t->some_false ? "false" : t->some_true ? "true" : "null");
	return true;
}

const struct agg_class agg_all = {
	.name = "all",
	.help = "are all values true",
	.takes = "P",
	.size = sizeof(struct truth),
	.check = truth_check,
	.add = truth_add,
	.merge = truth_merge,
	.result = all_result,
	.save = truth_save,
	.load = truth_load
};
