/* bottom - the N least values, or what goes with them */
#include "agg/ranking.h"

static void
bottom_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	ranking_add(acc, in, arena, -1);
}

static void
bottom_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	ranking_merge(acc, from, args, arena, -1);
}

const struct agg_class agg_bottom = {
	.name = "bottom",
	.help = "the N least values, or those at PATH where PATH2 is least",
	.takes = "Pn?Q",
	.size = sizeof(struct ranking),
	.check = ranking_check,
	.add = bottom_add,
	.merge = bottom_merge,
	.result = ranking_result,
	.save = ranking_save,
	.load = ranking_load
};
