/* count - how many records, or how many values that are not null */
#include "agg/number.h"

struct count {
	_Alignas(16) uint64_t n;
};

static bool
count_check(const struct scan_value *v, struct agg_input *in, const char **reason)
{
	(void)reason;
	in->skip = v != NULL && agg_is_null(v);
	return true;
}

static void
count_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	struct count *c = acc;

	(void)in;
	(void)arena;
	c->n++;
}

static void
count_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	struct count       *c = acc;
	const struct count *other = from;

	(void)args;
	(void)arena;
	c->n += other->n;
}

static void
count_save(const void *acc, struct buf *b)
{
	const struct count *c = acc;

	buf_u64(b, c->n);
}

static bool
count_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	(void)scope;
	count_save(acc, b);
	return true;
}

static bool
count_load(void *acc, struct span json, struct arena *arena)
{
	struct count *c = acc;
	int64_t       n;

	(void)arena;
	if (!num_i64(json, &n) || n < 0)
		return false;
	c->n = (uint64_t)n;
	return true;
}

const struct agg_class agg_count = {
	.name = "count",
	.help = "records; with a path, values there that are not null",
	.takes = "?P",
	.size = sizeof(struct count),
	.check = count_check,
	.add = count_add,
	.merge = count_merge,
	.result = count_result,
	.save = count_save,
	.load = count_load
};
