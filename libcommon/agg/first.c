/* first - the value of the earliest record */
#include "agg/edge.h"
#include "agg/number.h"

static void
first_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	edge_add(acc, in, arena, false);
}

static void
first_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	(void)args;
	edge_merge(acc, from, arena, false);
}

const struct agg_class agg_first = {
	.name = "first",
	.help = "value of the earliest record by event time, as it was written",
	.takes = "P",
	.size = sizeof(struct edge),
	.check = agg_check_whole,
	.add = first_add,
	.merge = first_merge,
	.result = edge_result,
	.save = edge_save,
	.load = edge_load
};
