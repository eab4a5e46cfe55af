/* sum - the exact sum of the numbers */
#include "agg/number.h"

static void
sum_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	(void)arena;
	num_sum_add(acc, in->number);
}

static void
sum_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	(void)args;
	(void)arena;
	num_sum_merge(acc, from);
}

static bool
sum_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	const struct num_sum *s = acc;

	(void)scope;
	if (s->n == 0) {
		buf_lit(b, "null");
		return true;
	}
	return num_sum_result(s, b);
}

static void
sum_save(const void *acc, struct buf *b)
{
	const struct num_sum *s = acc;

	if (s->n == 0)
		buf_lit(b, "null");
	else
		num_sum_put(b, s);
}

static bool
sum_load(void *acc, struct span json, struct arena *arena)
{
	struct num_sum *s = acc;

	(void)arena;
	if (span_eq(json, SPAN_LIT("null")))
		return true;
	if (!num_sum_parse(s, json))
		return false;
	s->n = 1;                        /* not nothing: all that counts for a sum */
	return true;
}

const struct agg_class agg_sum = {
	.name = "sum",
	.help = "exact sum of the numbers",
	.takes = "P",
	.size = sizeof(struct num_sum),
	.check = agg_check_number,
	.add = sum_add,
	.merge = sum_merge,
	.result = sum_result,
	.save = sum_save,
	.load = sum_load
};
