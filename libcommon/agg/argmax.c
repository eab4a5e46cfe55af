/* argmax - the value at PATH where that at PATH2 is greatest */
#include "agg/pick.h"
#include "agg/number.h"

static void
argmax_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	pick_add(acc, in, arena, 1);
}

static void
argmax_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	(void)args;
	pick_merge(acc, from, arena, 1);
}

const struct agg_class agg_argmax = {
	.name = "argmax",
	.help = "value at PATH where that at PATH2 is greatest",
	.takes = "PQ",
	.size = sizeof(struct pick),
	.check = pick_check,
	.add = argmax_add,
	.merge = argmax_merge,
	.result = pick_result,
	.save = pick_save,
	.load = pick_load
};
