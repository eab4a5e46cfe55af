/* leave - the last barrier and the last word */
#include "run/loop.h"

#include "base/alloc.h"

/* All are through.  One that only stops goes on another time, so the whole does. */
static enum step
last_word(struct loop *l, struct err *err)
{
	enum ckpt_last last = CKPT_ENDED;

	for (size_t i = 0; i < l->n_inlets; i++) {
		if (l->inlets[i].through == CKPT_GOES_ON)
			return STEP_ON;
		if (l->inlets[i].through == CKPT_STOPPED)
			last = CKPT_STOPPED;
	}
	if (flow_complete(l, err) == -1)
		return STEP_FAILED;
	if (l->leads && l->ckpt != NULL && !l->is_over && valve_own_barrier(l, last, err) == -1)
		return STEP_FAILED;
	if (l->role == ROLE_STAGE && !l->leads && l->ckpt != NULL && guard_last(l, last, err) == -1)
		return STEP_FAILED;
	if (l->role == ROLE_SINK && !l->leads && l->ckpt != NULL
	    && guard_close(l, last == CKPT_ENDED ? MARK_END : MARK_STOP, err) == -1)
		return STEP_FAILED;
	return output_simple(&l->out, last == CKPT_ENDED ? MARK_END : MARK_STOP, err) == -1 ? STEP_FAILED : STEP_DONE;
}

/* A source is through: `end`, or (to go on another time) `stop`. */
enum step
leave_source(struct loop *l, struct inlet *t, enum ckpt_last last, struct err *err)
{
	if (l->ckpt == NULL || l->conf->close)
		last = CKPT_ENDED;
	if (last == CKPT_ENDED && lull_end(l, t, err) == -1)
		return STEP_FAILED;
	if (last == CKPT_ENDED && l->n_inlets == 1 && input_knows_time(&t->in) && valve_watermark(l, t, WHEN_MAX, err) == -1)
		return STEP_FAILED;
	return valve_through(l, t, last, err) == -1 ? STEP_FAILED : last_word(l, err);
}

enum step
leave_sources(struct loop *l, struct err *err)
{
	enum step s = STEP_ON;

	for (size_t i = 0; i < l->n_inlets && s == STEP_ON; i++)
		if (l->inlets[i].is_source && l->inlets[i].through == CKPT_GOES_ON)
			s = leave_source(l, &l->inlets[i], CKPT_STOPPED, err);
	return s;
}

/* Upstream has said its last word.  Where it said barriers and nobody else does, we go on to. */
enum step
leave_at_last_mark(struct loop *l, struct inlet *t, enum mark_kind kind, struct err *err)
{
	if (kind == MARK_END && l->n_inlets == 1 && l->ckpt == NULL && flow_close(l, WHEN_MAX, err) == -1)
		return STEP_FAILED;     /* a stream without times had none */
	if (t->owes_barrier && l->ckpt != NULL) {
		err_set(err, ERR_DATA, "the stream says %s, and no barrier before it: a filter before me drops barriers",
		        kind == MARK_END ? "end" : "stop");
		return STEP_FAILED;
	}
	if (valve_through(l, t, kind == MARK_END ? CKPT_ENDED : CKPT_STOPPED, err) == -1)
		return STEP_FAILED;
	guard_take_lead(l);
	return last_word(l, err);
}

enum step
leave_at_fail(struct loop *l, const struct mark *m, struct err *err)
{
	l->failed_stage = alloc_string(m->stage);
	err_set(err, ERR_FAILED_UPSTREAM, "%s", m->reason == NULL ? "" : m->reason);
	err->status = m->status;
	return STEP_FAILED;
}

/* The input gives no more: of a source that is its end, of a stream a breach. */
enum step
leave_at_input_end(struct loop *l, struct inlet *t, struct err *err)
{
	if (t->is_source)
		return leave_source(l, t, CKPT_ENDED, err);
	if (l->conf->cut_is_end && l->ckpt == NULL) {
		if (l->n_inlets == 1 && flow_watermark(l, WHEN_MAX, err) == -1)
			return STEP_FAILED;
		return leave_at_last_mark(l, t, MARK_END, err);
	}
	err_set(err, ERR_RETRY, "upstream broke off: its stream has no end%s",
	        l->ckpt == NULL ? " (head in the middle does this: --cut-is-end takes it as the end)" : "");
	return l->n_inlets == 1 ? STEP_FAILED : (err_in(err, "%s", input_name(&t->in)), STEP_FAILED);
}
