/* run - the loop that every command is */
#include "run/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "io/clock.h"
#include "io/signals.h"
#include "io/wait.h"
#include "run/loop.h"

enum { RATE_SLICE_MS = 10 };         /* --rate lets records go in portions of that much time */

enum step { STEP_ON, STEP_DONE, STEP_FAILED };

/* ---- opening ---- */

static struct input_conf
input_conf(const struct loop *l, const char *const *stdin_only)
{
	const struct run_conf *c = l->conf;
	struct input_conf      in = {
		.source = { .inputs = c->inputs, .n_inputs = c->n_inputs, .max_line_bytes = c->max_line_bytes,
		            .follow = c->follow, .exit_at_end = c->exit_at_end },
		.plan = { .time = c->time, .time_format = c->time_format, .time_strptime = c->time_strptime,
		          .keys = c->keys, .n_keys = c->n_keys, .is_source = true },
		.form = !c->format_given ? INPUT_UNKNOWN : c->format_is_record ? INPUT_SAVED : INPUT_BARE,
		.out_of_order_ms = c->out_of_order_ms, .watermark_step_ms = c->watermark_step_ms,
		.max_records = c->max_records,
	};

	if (c->n_inputs == 0) {
		in.source.inputs = stdin_only;
		in.source.n_inputs = 1;
	}
	if (c->op != NULL)
		in.plan.wanted = c->op->class->wants(c->op, &in.plan.n_wanted);
	return in;
}

static int
open_output(struct loop *l, struct err *err)
{
	const struct run_conf *c = l->conf;
	struct sink_conf       conf = { .target = c->target, .payload_only = c->payload_only, .no_sync = c->no_sync,
	                                .has_checkpoint = c->checkpoint != NULL, .origin = &l->in.origin };

	if (c->target == NULL)
		return output_open_pipe(&l->out, c->plain, c->checkpoint != NULL, &l->in.origin, err);
	if (output_open_sink(&l->out, &conf, err) == -1)
		return -1;
	if (c->want_exactly_once && (l->out.sink->class->level != SINK_EXACTLY_ONCE || c->checkpoint == NULL))
		return err_set(err, ERR_USAGE, "%s: --delivery exactly-once needs %s", c->target,
		               c->checkpoint == NULL ? "--checkpoint" : "a target that can be cut back, such as file:PATH");
	return 0;
}

/* ---- waiting ---- */

/* Nothing to read now: flush, then block until there is, or until a source has something else to do. */
static int
wait_for_input(struct loop *l, struct err *err)
{
	struct wait_for w = WAIT_FOR_NOTHING;

	if (output_flush(&l->out, err) == -1 || refuse_flush(l, false, err) == -1)
		return -1;
	w.out_fd = output_fd(&l->out);
	if (l->is_source)
		w.deadline_ms = guard_deadline(l);
	l->in.source->class->wait_for(l->in.source, &w);
	if (wait_any(&w, !l->is_source) & WAIT_NO_READER)
		return err_set(err, ERR_READER_GONE, "the reader left");
	return l->is_source ? guard_alive(l, err) : 0;
}

/* Nothing may go before DUE_MS: flush, and wait until then or until there is something else to do. */
static int
wait_for_rate(struct loop *l, int64_t due_ms, struct err *err)
{
	struct wait_for w = WAIT_FOR_NOTHING;
	int64_t         guard_ms = guard_deadline(l);

	if (output_flush(&l->out, err) == -1 || refuse_flush(l, false, err) == -1)
		return -1;
	w.out_fd = output_fd(&l->out);
	w.deadline_ms = guard_ms != CLOCK_NEVER && guard_ms < due_ms ? guard_ms : due_ms;
	if (wait_any(&w, false) & WAIT_NO_READER)
		return err_set(err, ERR_READER_GONE, "the reader left");
	return guard_alive(l, err);
}

/* How many records --rate lets go now.  0: it has waited, and there may be something else to do. */
static int
rate_allows(struct loop *l, size_t *n, struct err *err)
{
	__int128 rate = (__int128)l->conf->rate;
	int64_t  now_ms, due_ms;
	__int128 allowed;

	*n = SIZE_MAX;
	if (rate == 0 || !l->is_source)
		return 0;
	now_ms = clock_mono_ms();
	if (l->rate_start_ms == 0)
		l->rate_start_ms = now_ms;
	allowed = 1 + (now_ms - l->rate_start_ms) * rate / 1000 - (__int128)l->rate_taken;
	*n = allowed > 0 ? (size_t)allowed : 0;
	if (*n > 0)
		return 0;
	due_ms = l->rate_start_ms + (int64_t)((__int128)l->rate_taken * 1000 / rate) + 1;
	return wait_for_rate(l, due_ms > now_ms + RATE_SLICE_MS ? due_ms : now_ms + RATE_SLICE_MS, err);
}

/* ---- records and marks ---- */

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

static int
on_recs(struct loop *l, struct err *err)
{
	struct op        *op = l->conf->op;
	const struct rec *recs = l->in.recs;
	size_t            n = l->in.n_recs, done = 0;

	l->rate_taken += n;
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

static int
on_watermark(struct loop *l, int64_t ts_ms, struct err *err)
{
	if (l->conf->op != NULL) {
		struct emit emit = { .out = output_buf(&l->out), .dead = &l->op_dead };

		l->conf->op->class->watermark(l->conf->op, ts_ms, &emit);
		if (give_results(l, &emit, err) == -1)
			return -1;
	}
	return output_watermark(&l->out, ts_ms == WHEN_MAX ? ts_ms : when_sub(ts_ms, l->conf->output_lag_ms), err);
}

/* ---- leaving ---- */

static bool
knows_time(const struct loop *l)
{
	return l->in.has_time || l->in.form == INPUT_SAVED;
}

/* A source is through: `end`, or (to go on another time) `stop`. */
static enum step
leave_source(struct loop *l, enum ckpt_last last, struct err *err)
{
	if (l->ckpt == NULL || l->conf->close)
		last = CKPT_ENDED;
	if (last == CKPT_ENDED && knows_time(l) && on_watermark(l, WHEN_MAX, err) == -1)
		return STEP_FAILED;
	if (l->ckpt != NULL && guard_barrier(l, l->epoch + 1, last, err) == -1)
		return STEP_FAILED;
	return output_simple(&l->out, last == CKPT_ENDED ? MARK_END : MARK_STOP, err) == -1 ? STEP_FAILED : STEP_DONE;
}

/* Upstream has said its last word. */
static enum step
on_last(struct loop *l, enum mark_kind kind, struct err *err)
{
	if (kind == MARK_END && l->ckpt == NULL && l->conf->op != NULL) {
		struct emit emit = { .out = output_buf(&l->out), .dead = &l->op_dead };

		l->conf->op->class->watermark(l->conf->op, WHEN_MAX, &emit);    /* a stream without times had none */
		if (give_results(l, &emit, err) == -1)
			return STEP_FAILED;
	}
	if (l->role == ROLE_SINK && l->ckpt != NULL) {
		if (ckpt_commit_closed(l->ckpt, err) == -1)
			return STEP_FAILED;
		ckpt_crash_point(l->conf->stage, "closed");
	}
	return output_simple(&l->out, kind, err) == -1 ? STEP_FAILED : STEP_DONE;
}

static enum step
on_fail(const struct mark *m, struct err *err)
{
	err_set(err, ERR_FAILED_UPSTREAM, "%s", m->reason == NULL ? "" : m->reason);
	err->status = m->status;
	return STEP_FAILED;
}

static enum step
on_mark(struct loop *l, const struct mark *m, struct err *err)
{
	int r = 0;

	switch (m->kind) {
	case MARK_HELLO:
		err_set(err, ERR_DATA, "stdin:%" PRIu64 ": a second hello: these are several streams in one; "
		        "saved streams are read as files, by name", l->in.chunk.line_no - 1);
		return STEP_FAILED;
	case MARK_WATERMARK:
		r = on_watermark(l, m->ts_ms, err);
		break;
	case MARK_BARRIER:
		r = l->ckpt == NULL ? output_barrier(&l->out, m->epoch, err) : guard_barrier(l, m->epoch, CKPT_GOES_ON, err);
		break;
	case MARK_IDLE:
	case MARK_ACTIVE:
		r = output_simple(&l->out, m->kind, err);
		break;
	case MARK_END:
	case MARK_STOP:
		return on_last(l, m->kind, err);
	case MARK_FAIL:
		return on_fail(m, err);
	}
	return r == -1 ? STEP_FAILED : STEP_ON;
}

/* The input gives no more: of a source that is its end, of a stream a breach. */
static enum step
on_input_end(struct loop *l, struct err *err)
{
	if (l->is_source)
		return leave_source(l, CKPT_ENDED, err);
	if (l->conf->cut_is_end && l->ckpt == NULL)
		return on_watermark(l, WHEN_MAX, err) == -1 ? STEP_FAILED : on_last(l, MARK_END, err);
	err_set(err, ERR_RETRY, "upstream broke off: its stream has no end%s",
	        l->ckpt == NULL ? " (head in the middle does this: --cut-is-end takes it as the end)" : "");
	return STEP_FAILED;
}

/* A bare input without --time cannot feed what needs time; a stream of ours brings its own. */
static int
check_form(const struct loop *l, struct err *err)
{
	if (l->in.form == INPUT_STREAM && (l->conf->time != NULL || l->conf->out_of_order_given))
		return err_set(err, ERR_USAGE, "%s: upstream is a stream of records that have their time; give it there",
		               l->conf->time != NULL ? "--time" : "--out-of-order");
	if (l->in.form == INPUT_BARE && l->conf->op_needs_time && l->conf->time == NULL)
		return err_set(err, ERR_USAGE, "no --time, and the input's lines are plain JSON: give the path of the event time, "
		               "such as --time .at");
	return 0;
}

/* ---- the loop ---- */

/* A source between two batches: was it told to stop, is a barrier due? */
static enum step
look_up(struct loop *l, struct err *err)
{
	bool due;

	if (signals_stop_asked())
		return leave_source(l, CKPT_STOPPED, err);
	if (guard_due(l, &due, err) == -1 || (due && guard_barrier(l, l->epoch + 1, CKPT_GOES_ON, err) == -1))
		return STEP_FAILED;
	return STEP_ON;
}

/* All that was read is used up. */
static enum step
refill(struct loop *l, struct err *err)
{
	enum step s = STEP_ON;

	if (l->is_source)
		s = look_up(l, err);
	else if (!l->in.source->class->is_ready(l->in.source) && output_flush(&l->out, err) == -1)
		s = STEP_FAILED;
	if (s != STEP_ON)
		return s;
	switch (input_fill(&l->in, err)) {
	case INPUT_FILLED: return check_form(l, err) == -1 ? STEP_FAILED : STEP_ON;
	case INPUT_ERROR:  return STEP_FAILED;
	case INPUT_END:    return on_input_end(l, err);
	case INPUT_LEAVE:  return leave_source(l, CKPT_STOPPED, err);
	case INPUT_WAIT:   break;
	}
	return wait_for_input(l, err) == -1 ? STEP_FAILED : STEP_ON;
}

static enum step
step(struct loop *l, struct err *err)
{
	enum input_event event;
	size_t           max = SIZE_MAX;
	uint64_t         left = input_left(&l->in);

	if (!input_has_pending(&l->in)) {
		if (left == 0)
			return leave_source(l, CKPT_STOPPED, err);
		if (rate_allows(l, &max, err) == -1)
			return STEP_FAILED;
		if (max == 0)
			return look_up(l, err);
	}
	if (input_next(&l->in, max > left ? (size_t)left : max, &event, err) == -1)
		return STEP_FAILED;
	switch (event) {
	case INPUT_RECS:
		return on_recs(l, err) == -1 ? STEP_FAILED : STEP_ON;
	case INPUT_BAD:
		return refuse_bad(l, &l->in.recs[0], l->in.reason, err) == -1 ? STEP_FAILED : STEP_ON;
	case INPUT_WATERMARK:
		return on_watermark(l, l->in.watermark.ts_ms, err) == -1 ? STEP_FAILED : STEP_ON;
	case INPUT_MARK:
		return on_mark(l, &l->in.mark, err);
	case INPUT_EMPTY:
		return refill(l, err);
	}
	return STEP_ON;
}

/* ---- starting ---- */

static void
set_hello(struct loop *l)
{
	const struct run_conf *c = l->conf;

	if (c->time != NULL) {
		l->hello.time = alloc_string(c->time->text);
		l->hello.time_format = alloc_string(c->time_format_text);
	}
	l->hello.n_keys = c->n_keys;
	l->hello.keys = alloc_zeroed(c->n_keys, sizeof(char *));
	for (size_t i = 0; i < c->n_keys; i++)
		l->hello.keys[i] = alloc_string(c->keys[i].text);
}

static int
say_hello(struct loop *l, struct err *err)
{
	char fingerprint[17];

	snprintf(fingerprint, sizeof(fingerprint), "%s", l->ckpt == NULL ? "" : ckpt_fingerprint(l->ckpt));
	if (l->ckpt != NULL)
		hello_add_via(&l->hello, l->conf->stage, fingerprint);
	if (output_hello(&l->out, &l->hello, err) == -1)
		return -1;
	ckpt_crash_point(l->conf->stage, "hello");
	return 0;
}

/* We are the source: a run, our position, hello. */
static enum step
start_source(struct loop *l, struct err *err)
{
	l->is_source = true;
	signals_set(SIGNALS_SOURCE);
	if (l->role == ROLE_SINK)
		return refuse_open(l, err) == -1 ? STEP_FAILED : STEP_ON;
	l->role = ROLE_SOURCE;
	set_hello(l);
	if (guard_open_source(l, err) == -1 || say_hello(l, err) == -1)
		return STEP_FAILED;
	if (l->is_loaded && l->last == CKPT_ENDED)
		return output_simple(&l->out, MARK_END, err) == -1 ? STEP_FAILED : STEP_DONE;
	return STEP_ON;
}

/* The first mark of a stream is there. */
static enum step
start_reader(struct loop *l, struct mark *first, struct err *err)
{
	if (first->kind == MARK_FAIL)
		return on_fail(first, err);
	if (first->kind != MARK_HELLO) {
		err_set(err, ERR_DATA, "the stream does not begin with hello: a filter before me drops marks");
		return STEP_FAILED;
	}
	hello_copy(&l->hello, &first->hello);
	if (check_form(l, err) == -1)
		return STEP_FAILED;
	if (l->role == ROLE_SINK)
		return guard_check_hello(l, err) == -1 ? STEP_FAILED : STEP_ON;
	return guard_open_stage(l, err) == -1 || say_hello(l, err) == -1 ? STEP_FAILED : STEP_ON;
}

static enum step
broke_off_early(struct err *err)
{
	err_set(err, ERR_RETRY, "upstream broke off before its hello");
	return STEP_FAILED;
}

/* Stdin is a pipe: its first line says what it is. */
static enum step
start_pipe(struct loop *l, struct err *err)
{
	bool              guarded = l->conf->checkpoint != NULL;
	enum input_filled filled = input_fill(&l->in, err);
	struct mark       first = { 0 };
	enum step         s = STEP_FAILED;
	int               is_mark = 0;

	if (filled == INPUT_END && guarded)             /* no run for a pipeline that is already broken */
		return broke_off_early(err);
	if (l->role == ROLE_SINK && guarded && guard_open_sink(l, err) == -1)
		return STEP_FAILED;
	for (; filled == INPUT_WAIT; filled = input_fill(&l->in, err))
		if (wait_for_input(l, err) == -1)
			return STEP_FAILED;
	if (filled == INPUT_ERROR)
		return STEP_FAILED;
	if (filled == INPUT_END)
		return guarded ? broke_off_early(err) : start_source(l, err);
	if ((is_mark = input_take_hello(&l->in, &first, err)) == 1)
		s = start_reader(l, &first, err);
	else if (is_mark == 0 && guarded)
		err_set(err, ERR_DATA, "stdin is no stream with marks: a filter before me drops them, or stream-cat is missing");
	else if (is_mark == 0)
		s = check_form(l, err) == -1 ? STEP_FAILED : start_source(l, err);
	mark_release(&first);
	return s;
}

static enum step
start(struct loop *l, struct err *err)
{
	static const char *const stdin_only[] = { "-" };
	struct input_conf        in = input_conf(l, stdin_only);

	signals_set(SIGNALS_FILTER);
	l->role = l->conf->target == NULL ? ROLE_STAGE : ROLE_SINK;
	if (open_output(l, err) == -1 || input_open(&l->in, &in, err) == -1)
		return STEP_FAILED;
	if (l->in.may_be_stream)
		return start_pipe(l, err);
	if (l->role == ROLE_SINK && l->conf->checkpoint != NULL) {
		err_set(err, ERR_USAGE, "stdin is a file: under a checkpoint stream-cat reads it and writes to me");
		return STEP_FAILED;
	}
	return start_source(l, err);
}

/* Every file that is written closes with success, or the run has not. */
static int
finish(struct loop *l, struct err *err)
{
	if (refuse_close(l, err) == -1)
		return -1;
	return output_close(&l->out, err);
}

static void
release(struct loop *l)
{
	output_release(&l->out);
	refuse_release(l);
	guard_release(l);
	input_release(&l->in);
	hello_release(&l->hello);
	free(l);
}

/* What came before the fault stands, as with any filter; under a checkpoint only what is committed does. */
static void
keep_what_is_done(struct loop *l)
{
	struct err ignored = ERR_INIT;

	if (l->conf->checkpoint == NULL) {
		refuse_flush(l, false, &ignored);
		output_flush(&l->out, &ignored);
	}
}

int
run(const struct run_conf *conf, struct err *err)
{
	struct loop *l = alloc_zeroed(1, sizeof(*l));
	enum step    s;

	l->conf = conf;
	s = start(l, err);
	while (s == STEP_ON)
		s = step(l, err);
	if (s == STEP_DONE && finish(l, err) == -1)
		s = STEP_FAILED;
	if (s == STEP_FAILED) {
		keep_what_is_done(l);
		if (err->kind == ERR_READER_GONE && conf->checkpoint != NULL)
			err->status = 75;
		if (err->status == 1 || err->status == 2)
			output_fail(&l->out, err->status, conf->stage, err->text);
	}
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
