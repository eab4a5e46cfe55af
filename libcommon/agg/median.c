/* median - number in the middle, exact */
#include "agg/number.h"
#include "agg/pile.h"

static bool
median_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	(void)scope;
	pile_quantile(acc, 1, 2, b);
	return true;
}

const struct agg_class agg_median = {
	.name = "median",
	.help = "number in the middle, exact",
	.takes = "P",
	.size = sizeof(struct pile),
	.check = agg_check_number,
	.add = pile_add,
	.merge = pile_merge,
	.result = median_result,
	.save = pile_save,
	.load = pile_load
};
