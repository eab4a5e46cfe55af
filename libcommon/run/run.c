/* run - the loop that every command is */
#include "run/run.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/signals.h"
#include "run/loop.h"
#include "run/tell.h"

void
loop_note(const struct loop *l, const char *fmt, ...)
{
	char    text[400];
	va_list ap;

	if (l->conf->note == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->conf->note(l->conf->say_cookie, text);
}

void
loop_say(const struct loop *l, const char *fmt, ...)
{
	char    text[1000];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	l->conf->say(l->conf->say_cookie, text);
}

static enum step
on_mark(struct loop *l, struct inlet *t, const struct mark *m, struct err *err)
{
	int r = 0;

	switch (m->kind) {
	case MARK_HELLO:
		err_set(err, ERR_DATA, "%s:%" PRIu64 ": a second hello: these are several streams in one; "
		        "saved streams are read as files, by name", input_name(&t->in), t->in.chunk.line_no - 1);
		return STEP_FAILED;
	case MARK_WATERMARK:
		r = valve_watermark(l, t, m->ts_ms, err);
		break;
	case MARK_BARRIER:
		t->owes_barrier = false;
		r = valve_barrier(l, t, m->epoch, err);
		break;
	case MARK_IDLE:
	case MARK_ACTIVE:
		r = valve_simple(l, t, m->kind, err);
		break;
	case MARK_END:
	case MARK_STOP:
		return leave_at_last_mark(l, t, m->kind, err);
	case MARK_FAIL:
		return leave_at_fail(l, m, err);
	}
	return r == -1 ? STEP_FAILED : STEP_ON;
}

/* Between two batches, where something is read here first: were we told to stop, is a barrier due? */
static enum step
look_up(struct loop *l, struct err *err)
{
	bool due;

	if (signals_stop_asked() && l->n_sources > 0)
		return leave_sources(l, err);
	for (size_t i = 0; i < l->n_inlets; i++)
		if (l->inlets[i].is_source && lull_time(l, &l->inlets[i], err) == -1)
			return STEP_FAILED;
	if (!l->leads)
		return STEP_ON;
	if (guard_due(l, &due, err) == -1 || (due && valve_own_barrier(l, CKPT_GOES_ON, err) == -1))
		return STEP_FAILED;
	return STEP_ON;
}

/* Nothing to read. */
static enum step
wait_for_input(struct loop *l, struct err *err)
{
	enum step s = STEP_ON;

	if (l->n_inlets > 1) {
		life_tick(l);
		s = look_up(l, err);
	}
	return s == STEP_ON && pace_wait(l, err) == -1 ? STEP_FAILED : s;
}

/* All that was read is used up. */
static enum step
refill(struct loop *l, struct inlet *t, struct err *err)
{
	enum step s = STEP_ON;

	life_tick(l);
	if (l->ckpt == NULL)
		table_look(l);
	if (l->leads || l->n_sources > 0)
		s = look_up(l, err);
	if (s != STEP_ON || t->through != CKPT_GOES_ON)
		return s;
	if (lull_parts(l, t, err) == -1)
		return STEP_FAILED;
	switch (input_fill(&t->in, err)) {
	case INPUT_FILLED:
		valve_filled(l, t);
		return start_check_form(l, t, err) == -1 || lull_end(l, t, err) == -1 ? STEP_FAILED : STEP_ON;
	case INPUT_ERROR:  return STEP_FAILED;
	case INPUT_END:    return leave_at_input_end(l, t, err);
	case INPUT_LEAVE:  return leave_source(l, t, CKPT_STOPPED, err);
	case INPUT_WAIT:   break;
	}
	t->is_dry = true;
	if (lull_goes_on(l, t, err) == -1)
		return STEP_FAILED;
	return l->n_inlets == 1 ? wait_for_input(l, err) : STEP_ON;
}

/*
 * A line that is none, in a stream.  Under a checkpoint it may be what is left of one whose writer was killed, finished
 * by a filter between us: then nothing follows it, and that is to be tried again.  So it waits for what does.
 */
static enum step
bad_line(struct loop *l, struct inlet *t, struct err *err)
{
	if (t->is_source || l->ckpt == NULL || err->kind != ERR_DATA)
		return STEP_FAILED;
	t->torn = *err;
	*err = (struct err)ERR_INIT;
	return STEP_ON;
}

static enum step
step(struct loop *l, struct err *err)
{
	struct inlet    *t = l->n_inlets == 1 ? l->inlets : valve_choose(l);
	struct input    *in;
	enum input_event event;
	size_t           max = SIZE_MAX;
	uint64_t         left;

	if (t == NULL)
		return wait_for_input(l, err);
	in = &t->in;
	left = input_left(in);
	if (!input_has_pending(in)) {
		if (in->is_over)
			return leave_source(l, t, CKPT_ENDED, err);
		if (left == 0)
			return leave_source(l, t, CKPT_STOPPED, err);
		if (pace_allows(l, &max, err) == -1)
			return STEP_FAILED;
		if (max == 0)
			return look_up(l, err);
	}
	if (input_next(in, max > left ? (size_t)left : max, &event, err) == -1)
		return bad_line(l, t, err);
	if (t->torn.kind != ERR_NONE && event != INPUT_EMPTY) {
		*err = t->torn;
		return STEP_FAILED;
	}
	t->owes_barrier |= event == INPUT_RECS || event == INPUT_BAD;
	switch (event) {
	case INPUT_RECS:
		return flow_recs(l, t, err) == -1 ? STEP_FAILED : STEP_ON;
	case INPUT_BAD:
		if (refuse_bad(l, in, &in->recs[0], in->bad_kind, in->reason, err) == 0)
			return STEP_ON;
		return in->bad_kind == BAD_JSON ? bad_line(l, t, err) : STEP_FAILED;
	case INPUT_WATERMARK:
		return valve_watermark(l, t, in->watermark.ts_ms, err) == -1 ? STEP_FAILED : STEP_ON;
	case INPUT_MARK:
		return on_mark(l, t, &in->mark, err);
	case INPUT_EMPTY:
		return refill(l, t, err);
	}
	return STEP_ON;
}

/* Every file that is written closes with success, or the run has not. */
static int
finish(struct loop *l, struct err *err)
{
	if (refuse_close(l, err) == -1 || output_close(&l->out, err) == -1)
		return -1;
	if (l->role != ROLE_SINK)
		ckpt_crash_point(l->conf->stage, "end-said");
	guard_await_commit(l);
	return 0;
}

static void
release(struct loop *l)
{
	exec_free(l->exec);
	output_release(&l->out);
	refuse_release(l);
	if (l->conf->shelf_files != NULL)
		shelf_files_close(l->conf->shelf_files);
	guard_release(l);
	for (size_t i = 0; i < l->n_inlets; i++) {
		input_release(&l->inlets[i].in);
		hello_release(&l->inlets[i].hello);
	}
	free(l->inlets);
	align_release(&l->align);
	hello_release(&l->hello);
	free(l->failed_stage);
	free(l);
}

/* What came before the fault stands, as with any filter; under a checkpoint only what is committed does. */
static void
keep_what_is_done(struct loop *l, bool is_unread)
{
	struct err ignored = ERR_INIT;

	if (l->conf->checkpoint == NULL) {
		if (l->exec != NULL && !is_unread && exec_is_well(l->exec))
			exec_complete(l->exec, &ignored);
		refuse_flush(l, false, &ignored);
		output_flush(&l->out, &ignored);
	}
}

static void
note_counts(const struct loop *l)
{
	struct buf             more = { 0 };
	const struct op_count *counts;
	size_t                 n;

	if (l->conf->note == NULL)
		return;
	counts = tell_op_counts(l, &n);
	for (size_t i = 0; i < n; i++)
		buf_printf(&more, ", %" PRIu64 " %s", counts[i].n, counts[i].words);
	loop_note(l, "%" PRIu64 " records taken; %" PRIu64 " were late, %" PRIu64 " bad, %" PRIu64 " between windows%.*s%s",
	          l->n_recs, l->n_late, l->n_bad, l->n_outside, SPAN_ARGS(buf_all(&more)),
	          l->conf->checkpoint == NULL ? "" : " since the pipeline began");
	buf_release(&more);
}

int
run(const struct run_conf *conf, struct err *err)
{
	struct loop *l = alloc_zeroed(1, sizeof(*l));
	enum step    s;

	l->conf = conf;
	life_begin(l);
	s = start_run(l, err);
	if (s != STEP_FAILED && life_open_metrics(l, err) == -1)
		s = STEP_FAILED;
	while (s == STEP_ON)
		s = step(l, err);
	if (s == STEP_DONE && finish(l, err) == -1)
		s = STEP_FAILED;
	if (s == STEP_FAILED) {
		keep_what_is_done(l, err->kind == ERR_READER_GONE);
		if (err->kind == ERR_READER_GONE && conf->checkpoint != NULL)
			err->status = 75;
		if (err->status == 1 || err->status == 2)
			output_fail(&l->out, err->status, l->failed_stage == NULL ? conf->stage : l->failed_stage, err->text);
	}
	note_counts(l);
	life_end(l, s == STEP_DONE ? 0 : err->status);
	release(l);
	return s == STEP_DONE ? 0 : -1;
}

void
run_tell_failure(const char *stage, int status, const char *reason)
{
	struct output out = { .sink = NULL };
	struct err    ignored = ERR_INIT;
	struct stat   st;

	if (fstat(STDOUT_FILENO, &st) == -1 || (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode)))
		return;
	if (output_open_pipe(&out, false, false, NULL, &ignored) == -1)
		return;
	output_fail(&out, status, stage, reason);
	output_release(&out);
}
