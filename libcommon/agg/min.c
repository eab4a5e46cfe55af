/* min - the least number or string, in its original text */
#include "agg/extreme.h"

static void
min_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	extreme_add(acc, in, arena, -1);
}

static void
min_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	(void)args;
	extreme_merge(acc, from, arena, -1);
}

const struct agg_class agg_min = {
	.name = "min",
	.help = "least number or string, as it was written",
	.takes = "P",
	.size = sizeof(struct extreme),
	.check = extreme_check,
	.add = min_add,
	.merge = min_merge,
	.result = extreme_result,
	.save = extreme_save,
	.load = extreme_load
};
