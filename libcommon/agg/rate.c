/* rate - how many records, or values that are not null, per second of the window */
#include "agg/number.h"

struct rate {
	_Alignas(16) uint64_t n;
};

static bool
rate_check(const struct scan_value *v, struct agg_input *in, const char **reason)
{
	(void)reason;
	in->skip = v != NULL && agg_is_null(v);
	return true;
}

static void
rate_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	struct rate *r = acc;

	(void)in;
	(void)arena;
	r->n++;
}

static void
rate_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	struct rate       *r = acc;
	const struct rate *other = from;

	(void)args;
	(void)arena;
	r->n += other->n;
}

static bool
rate_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	const struct rate *r = acc;
	struct num_sum     events = { 0 };

	if (!scope->has_bounds || scope->end_ms <= scope->start_ms) {
		buf_lit(b, "null");
		return true;
	}
	num_sum_add(&events, (struct dec){ (i128)r->n * 1000, 0 });
	num_sum_mean(&events, (uint64_t)scope->end_ms - (uint64_t)scope->start_ms, b);
	return true;
}

static void
rate_save(const void *acc, struct buf *b)
{
	const struct rate *r = acc;

	buf_u64(b, r->n);
}

static bool
rate_load(void *acc, struct span json, struct arena *arena)
{
	struct rate *r = acc;
	int64_t      n;

	(void)arena;
	if (!num_i64(json, &n) || n < 0)
		return false;
	r->n = (uint64_t)n;
	return true;
}

const struct agg_class agg_rate = {
	.name = "rate",
	.help = "records, or values that are not null, per second of the window",
	.takes = "?P",
	.size = sizeof(struct rate),
	.check = rate_check,
	.add = rate_add,
	.merge = rate_merge,
	.result = rate_result,
	.save = rate_save,
	.load = rate_load
};
