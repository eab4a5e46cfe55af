/* variance_pop - variance of the numbers as the whole population */
#include "agg/number.h"
#include "agg/spread.h"

static bool
variance_pop_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	(void)scope;
	spread_put(acc, b, true, false);
	return true;
}

const struct agg_class agg_variance_pop = {
	.name = "variance_pop",
	.help = "variance of the numbers as the whole population",
	.takes = "P",
	.size = sizeof(struct spread),
	.check = agg_check_number,
	.add = spread_add,
	.merge = spread_merge,
	.result = variance_pop_result,
	.save = spread_save,
	.load = spread_load
};
