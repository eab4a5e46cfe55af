/* variance - variance of the numbers as a sample, rounded to 17 digits */
#include "agg/number.h"
#include "agg/spread.h"

static bool
variance_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	(void)scope;
	spread_put(acc, b, false, false);
	return true;
}

const struct agg_class agg_variance = {
	.name = "variance",
	.help = "variance of the numbers as a sample, rounded to 17 digits",
	.takes = "P",
	.size = sizeof(struct spread),
	.check = agg_check_number,
	.add = spread_add,
	.merge = spread_merge,
	.result = variance_result,
	.save = spread_save,
	.load = spread_load
};
