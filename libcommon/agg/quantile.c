/* quantile - number below which the fraction Q of all lies, exact */
#include "agg/number.h"
#include "agg/pile.h"

static bool
quantile_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	pile_quantile(acc, scope->args->part, scope->args->whole, b);
	return true;
}

const struct agg_class agg_quantile = {
	.name = "quantile",
	.help = "number below which the fraction Q of all lies, exact",
	.takes = "Pq",
	.size = sizeof(struct pile),
	.check = agg_check_number,
	.add = pile_add,
	.merge = pile_merge,
	.result = quantile_result,
	.save = pile_save,
	.load = pile_load
};
