/* last - the value of the latest record */
#include "agg/edge.h"
#include "agg/number.h"

static void
last_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	edge_add(acc, in, arena, true);
}

static void
last_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	(void)args;
	edge_merge(acc, from, arena, true);
}

const struct agg_class agg_last = {
	.name = "last",
	.help = "value of the latest record by event time, as it was written",
	.takes = "P",
	.size = sizeof(struct edge),
	.check = agg_check_whole,
	.add = last_add,
	.merge = last_merge,
	.result = edge_result,
	.save = edge_save,
	.load = edge_load
};
