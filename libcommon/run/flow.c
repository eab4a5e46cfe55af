/* flow - records and watermarks through the operator to the output */
#include "run/loop.h"

static int
give_results(struct loop *l, struct emit *emit, struct err *err)
{
	if (refuse_results(l, emit, err) == -1)
		return -1;
	return output_spill(&l->out, err);
}

/* An operator at work, and what went wrong while it gave out results in the middle of a step. */
struct work {
	struct loop *loop;
	struct err  *err;
	bool         failed;
	struct emit  emit;
};

static void
drain(struct emit *emit)
{
	struct work *w = emit->cookie;

	if (!w->failed)
		w->failed = give_results(w->loop, emit, w->err) == -1;
	if (w->failed)
		buf_reset(emit->out);
}

static void
work_init(struct work *w, struct loop *l, struct err *err)
{
	*w = (struct work){ .loop = l, .err = err,
	                    .emit = { .out = output_buf(&l->out), .dead = &l->op_dead, .drain = drain, .cookie = w } };
}

static int
work_done(struct work *w)
{
	return w->failed ? -1 : give_results(w->loop, &w->emit, w->err);
}

static int
refuse(struct loop *l, const struct rec *rec, const struct op_refusal *why, struct err *err)
{
	switch (why->kind) {
	case OP_REFUSED_LATE:
		return refuse_late(l, rec, why, err);
	case OP_REFUSED_OUTSIDE:
		l->n_outside++;
		return 0;
	case OP_REFUSED_BAD:
		break;
	}
	return refuse_bad(l, rec, why->reason, err);
}

/* Records that pass unchanged.  What a target has no place for is a bad record. */
static int
give_recs(struct loop *l, const struct rec *recs, size_t n, struct err *err)
{
	const struct sink *s = l->out.sink;
	size_t             done = 0;

	for (size_t i = 0; s != NULL && s->class->refuses != NULL && i < n; i++) {
		const char *reason = s->class->refuses(s, &recs[i]);

		if (reason == NULL)
			continue;
		if (output_recs(&l->out, recs + done, i - done, err) == -1 || refuse_bad(l, &recs[i], reason, err) == -1)
			return -1;
		done = i + 1;
	}
	return output_recs(&l->out, recs + done, n - done, err);
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
		return give_recs(l, recs, n, err);
	while (done < n) {
		struct work       w;
		struct op_refusal why;

		work_init(&w, l, err);
		done += op->class->feed(op, recs + done, n - done, &w.emit, &why);
		if (work_done(&w) == -1 || (done < n && refuse(l, &recs[done], &why, err) == -1))
			return -1;
		done++;
	}
	return 0;
}

/* What the operator closes when event time has come to TS. */
int
flow_close(struct loop *l, int64_t ts_ms, struct err *err)
{
	struct work w;

	if (l->conf->op == NULL)
		return 0;
	work_init(&w, l, err);
	l->conf->op->class->watermark(l->conf->op, ts_ms, &w.emit);
	return work_done(&w);
}

int
flow_watermark(struct loop *l, int64_t ts_ms, struct err *err)
{
	if (flow_close(l, ts_ms, err) == -1)
		return -1;
	if (ts_ms != WHEN_MAX && l->conf->output_lag_ms == WHEN_MAX)
		return 0;
	return output_watermark(&l->out, ts_ms == WHEN_MAX ? ts_ms : when_sub(ts_ms, l->conf->output_lag_ms), err);
}
