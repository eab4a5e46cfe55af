/* flow - records and watermarks through the operator to the output */
#include "run/loop.h"

static int
give_results(struct loop *l, struct emit *emit, struct err *err)
{
	if (refuse_results(l, emit, err) == -1)
		return -1;
	return output_spill(&l->out, err);
}

static int
refuse(struct loop *l, const struct rec *rec, const struct op_refusal *why, struct err *err)
{
	return why->kind == OP_REFUSED_LATE ? refuse_late(l, rec, why, err) : refuse_bad(l, rec, why->reason, err);
}

int
flow_recs(struct loop *l, struct err *err)
{
	struct op        *op = l->conf->op;
	const struct rec *recs = l->in.recs;
	size_t            n = l->in.n_recs, done = 0;

	l->rate_taken += n;
	l->n_recs += n;
	if (op == NULL)
		return output_recs(&l->out, recs, n, err);
	while (done < n) {
		struct emit       emit = { .out = output_buf(&l->out), .dead = &l->op_dead };
		struct op_refusal why;

		done += op->class->feed(op, recs + done, n - done, &emit, &why);
		if (give_results(l, &emit, err) == -1 || (done < n && refuse(l, &recs[done], &why, err) == -1))
			return -1;
		done++;
	}
	return 0;
}

/* What the operator closes when event time has come to TS. */
int
flow_close(struct loop *l, int64_t ts_ms, struct err *err)
{
	struct emit emit = { .out = output_buf(&l->out), .dead = &l->op_dead };

	if (l->conf->op == NULL)
		return 0;
	l->conf->op->class->watermark(l->conf->op, ts_ms, &emit);
	return give_results(l, &emit, err);
}

int
flow_watermark(struct loop *l, int64_t ts_ms, struct err *err)
{
	if (flow_close(l, ts_ms, err) == -1)
		return -1;
	return output_watermark(&l->out, ts_ms == WHEN_MAX ? ts_ms : when_sub(ts_ms, l->conf->output_lag_ms), err);
}
