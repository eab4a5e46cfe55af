/* top - the N greatest values, or what goes with them */
#include "agg/ranking.h"

static void
top_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	ranking_add(acc, in, arena, 1);
}

static void
top_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	ranking_merge(acc, from, args, arena, 1);
}

const struct agg_class agg_top = {
	.name = "top",
	.help = "the N greatest values, or those at PATH where PATH2 is greatest",
	.takes = "Pn?Q",
	.size = sizeof(struct ranking),
	.check = ranking_check,
	.add = top_add,
	.merge = top_merge,
	.result = ranking_result,
	.save = ranking_save,
	.load = ranking_load
};
