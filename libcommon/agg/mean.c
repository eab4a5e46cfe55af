/* mean - the sum divided by how many, to 17 digits */
#include "agg/number.h"

static void
mean_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	(void)arena;
	num_sum_add(acc, in->number);
}

static void
mean_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	(void)args;
	(void)arena;
	num_sum_merge(acc, from);
}

static bool
mean_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	const struct num_sum *s = acc;

	(void)scope;
	if (s->n == 0)
		buf_lit(b, "null");
	else
		num_sum_mean(s, s->n, b);
	return true;
}

/* [sum,n] */
static void
mean_save(const void *acc, struct buf *b)
{
	const struct num_sum *s = acc;

	buf_char(b, '[');
	num_sum_put(b, s);
	buf_char(b, ',');
	buf_u64(b, s->n);
	buf_char(b, ']');
}

static bool
mean_load(void *acc, struct span json, struct arena *arena)
{
	struct num_sum *s = acc;
	const char     *comma = memchr(json.p, ',', json.n);
	int64_t         n;

	(void)arena;
	if (comma == NULL || json.p[0] != '[' || json.p[json.n - 1] != ']')
		return false;
	if (!num_sum_parse(s, span_of(json.p + 1, (size_t)(comma - json.p - 1))) ||
	    !num_i64(span_of(comma + 1, (size_t)(json.p + json.n - comma - 2)), &n) || n < 0)
		return false;
	s->n = (uint64_t)n;
	return true;
}

const struct agg_class agg_mean = {
	.name = "mean",
	.help = "arithmetic mean of the numbers, rounded to 17 digits",
	.takes = "P",
	.size = sizeof(struct num_sum),
	.check = agg_check_number,
	.add = mean_add,
	.merge = mean_merge,
	.result = mean_result,
	.save = mean_save,
	.load = mean_load
};
