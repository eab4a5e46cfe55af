/* stddev_pop - standard deviation of the numbers as the whole population */
#include "agg/number.h"
#include "agg/spread.h"

static bool
stddev_pop_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	(void)scope;
	spread_put(acc, b, true, true);
	return true;
}

const struct agg_class agg_stddev_pop = {
	.name = "stddev_pop",
	.help = "standard deviation of the numbers as the whole population",
	.takes = "P",
	.size = sizeof(struct spread),
	.check = agg_check_number,
	.add = spread_add,
	.merge = spread_merge,
	.result = stddev_pop_result,
	.save = spread_save,
	.load = spread_load
};
