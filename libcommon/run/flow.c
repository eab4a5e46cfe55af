/* flow - records and watermarks through the operator to the output */
#include "run/loop.h"

/* An operator at work, and what went wrong while it gave out results in the middle of a step. */
struct work {
	struct loop *loop;
	struct err  *err;
	bool         failed;
	size_t       counted;        /* bytes of emit.out whose lines are */
	struct emit  emit;
};

static void
count_lines(struct work *w)
{
	const char *from = w->emit.out->p + w->counted, *end = w->emit.out->p + w->emit.out->n;

	w->counted = w->emit.out->n;
	if (from == end)                /* most often; there may be no buffer yet */
		return;
	while (from < end && (from = memchr(from, '\n', (size_t)(end - from))) != NULL) {
		w->loop->life.n_out++;
		from++;
	}
}

static int
give_results(struct work *w)
{
	count_lines(w);
	if (refuse_results(w->loop, &w->emit, w->err) == -1 || refuse_aside(w->loop, w->err) == -1 || output_spill(&w->loop->out, w->err) == -1)
		return -1;
	w->counted = w->emit.out->n;
	return 0;
}

static void
drain(struct emit *emit)
{
	struct work *w = emit->cookie;

	if (!w->failed)
		w->failed = give_results(w) == -1;
	emit->is_cut = w->failed;
	if (w->failed) {
		buf_reset(emit->out);
		w->counted = 0;
	}
}

static void
work_init(struct work *w, struct loop *l, const struct rec_origin *origin, struct err *err)
{
	*w = (struct work){ .loop = l, .err = err,
	                    .counted = output_buf(&l->out)->n,
	                    .emit = { .out = output_buf(&l->out), .aside = l->aside == NULL ? NULL : side_buf(l->aside),
	                              .dead = &l->op_dead, .drain = drain, .cookie = w, .origin = origin } };
}

/* What the operator has on disk. */
static int
check_disk(struct work *w)
{
	const struct run_conf *c = w->loop->conf;
	int                    r;

	if (c->run_files != NULL && (r = run_files_check(c->run_files, w->err)) != 0) {
		if (r == -1)
			return -1;
		ckpt_crash_point(c->stage, "run-named");
	}
	if (c->shelf_files != NULL && (r = shelf_files_check(c->shelf_files, w->err)) != 0) {
		if (r == -1)
			return -1;
		ckpt_crash_point(c->stage, "table-written");
	}
	return 0;
}

static int
work_done(struct work *w)
{
	return w->failed || give_results(w) == -1 ? -1 : check_disk(w);
}

static int
refuse(struct loop *l, const struct input *in, const struct rec *rec, const struct op_refusal *why, struct err *err)
{
	switch (why->kind) {
	case OP_REFUSED_LATE:
		return refuse_late(l, in, rec, why, err);
	case OP_REFUSED_OUTSIDE:
		l->n_outside++;
		l->life.n_outside++;
		return 0;
	case OP_REFUSED_FATAL:
		return refuse_fatal(in, rec, why->reason, err);
	case OP_REFUSED_BAD:
		break;
	}
	return refuse_bad(l, in, rec, BAD_VALUE, why->reason, err);
}

/* Records that pass unchanged.  What a target has no place for is a bad record. */
static int
give_recs(struct loop *l, const struct input *in, struct err *err)
{
	struct sink       *s = l->out.sink;
	const struct rec  *recs = in->recs;
	size_t             n = in->n_recs, done = 0;

	for (size_t i = 0; s != NULL && s->class->refuses != NULL && i < n; i++) {
		const char *reason = s->class->refuses(s, &recs[i]);

		if (reason == NULL)
			continue;
		if (output_recs(&l->out, recs + done, i - done, err) == -1
		    || refuse_bad(l, in, &recs[i], BAD_VALUE, reason, err) == -1)
			return -1;
		l->life.n_out += i - done;
		done = i + 1;
	}
	l->life.n_out += n - done;
	return output_recs(&l->out, recs + done, n - done, err);
}

int
flow_recs(struct loop *l, struct inlet *t, struct err *err)
{
	struct op        *op = l->conf->op;
	const struct rec *recs = t->in.recs;
	size_t            n = t->in.n_recs, done = 0;

	l->rate_taken += n;
	l->n_recs += n;
	if (l->exec != NULL)
		return exec_take(l->exec, t, err);
	if (op == NULL)
		return give_recs(l, &t->in, err);
	while (done < n) {
		struct work       w;
		struct op_refusal why;

		work_init(&w, l, &t->in.origin, err);
		done += op->class->feed(op, t->n, recs + done, n - done, &w.emit, &why);
		if (work_done(&w) == -1 || (done < n && refuse(l, &t->in, &recs[done], &why, err) == -1))
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
	work_init(&w, l, NULL, err);
	l->conf->op->class->watermark(l->conf->op, ts_ms, &w.emit);
	return work_done(&w);
}

/* Up to where no result will come any more, at this watermark. */
static int64_t
behind(const struct op *op, int64_t ts_ms)
{
	if (op == NULL || ts_ms == WHEN_MAX)
		return ts_ms;
	if (op->lag_from_ms > 0)
		ts_ms = when_sub(ts_ms, when_floor_mod(ts_ms, op->lag_from_ms));
	return when_sub(ts_ms, op->lag_ms);
}

int
flow_watermark(struct loop *l, int64_t ts_ms, struct err *err)
{
	const struct op *op = l->conf->op;
	bool             waits;

	if (ts_ms != WHEN_MAX)
		l->life.watermark_ms = ts_ms;
	if (l->exec != NULL && exec_holds_watermark(l->exec, ts_ms, &waits, err) == -1)
		return -1;
	if (l->exec != NULL && waits)
		return 0;
	if (flow_close(l, ts_ms, err) == -1)
		return -1;
	if (op != NULL && ts_ms != WHEN_MAX && op->lag_ms == WHEN_MAX)
		return 0;
	return output_watermark(&l->out, behind(op, ts_ms), err);
}

int
flow_simple(struct loop *l, enum mark_kind kind, struct err *err)
{
	bool waits;

	if (l->exec != NULL && exec_holds_simple(l->exec, kind, &waits, err) == -1)
		return -1;
	return l->exec != NULL && waits ? 0 : output_simple(&l->out, kind, err);
}

int
flow_complete(struct loop *l, struct err *err)
{
	return l->exec == NULL ? 0 : exec_complete(l->exec, err);
}
