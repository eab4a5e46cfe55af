/* leave - the last barrier and the last word */
#include "run/loop.h"

#include "base/alloc.h"

/* A source is through: `end`, or (to go on another time) `stop`. */
enum step
leave_source(struct loop *l, enum ckpt_last last, struct err *err)
{
	if (l->ckpt == NULL || l->conf->close)
		last = CKPT_ENDED;
	if (last == CKPT_ENDED && lull_end(l, err) == -1)
		return STEP_FAILED;
	if (last == CKPT_ENDED && input_knows_time(&l->in) && flow_watermark(l, WHEN_MAX, err) == -1)
		return STEP_FAILED;
	if (l->ckpt != NULL && guard_barrier(l, l->epoch + 1, last, err) == -1)
		return STEP_FAILED;
	return output_simple(&l->out, last == CKPT_ENDED ? MARK_END : MARK_STOP, err) == -1 ? STEP_FAILED : STEP_DONE;
}

/* Upstream has said its last word. */
enum step
leave_at_last_mark(struct loop *l, enum mark_kind kind, struct err *err)
{
	if (kind == MARK_END && l->ckpt == NULL && flow_close(l, WHEN_MAX, err) == -1)    /* a stream without times had none */
		return STEP_FAILED;
	if (l->role == ROLE_SINK && l->ckpt != NULL && guard_close(l, kind, err) == -1)
		return STEP_FAILED;
	return output_simple(&l->out, kind, err) == -1 ? STEP_FAILED : STEP_DONE;
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
leave_at_input_end(struct loop *l, struct err *err)
{
	if (l->is_source)
		return leave_source(l, CKPT_ENDED, err);
	if (l->conf->cut_is_end && l->ckpt == NULL)
		return flow_watermark(l, WHEN_MAX, err) == -1 ? STEP_FAILED : leave_at_last_mark(l, MARK_END, err);
	err_set(err, ERR_RETRY, "upstream broke off: its stream has no end%s",
	        l->ckpt == NULL ? " (head in the middle does this: --cut-is-end takes it as the end)" : "");
	return STEP_FAILED;
}
