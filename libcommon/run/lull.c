/*
 * lull - silence of a source, and event time that goes on by the clock
 *
 * Silence is time spent waiting for input that was asked for more and has none.  Time in which the
 * output was full, or the process was stopped, is none: so a wait is cut into slices, and one that
 * took much longer than it was meant to does not count.
 */
#include "io/clock.h"
#include "run/loop.h"

enum {
	LIVE_TIMEOUT_MS = 10000, /* of a source that is live, unless told */
	SLICE_MS = 500,
	OVERRUN_MS = 250,        /* a slice that is so much too long: we were not running */
	CLOCK_SET_MS = 1000      /* the clock may be set: look at it this often */
};

static int64_t
timeout_of(const struct loop *l, const struct inlet *t)
{
	return l->conf->idle_timeout_ms > 0 || !t->in.is_live ? l->conf->idle_timeout_ms : LIVE_TIMEOUT_MS;
}

/* Event time has come to the clock's.  Marks of an idle input are ignored downstream: it is active for a moment. */
static int
time_goes_on(struct loop *l, struct inlet *t, struct err *err)
{
	bool was_idle = t->in.idle;

	if (!input_pass_time(&t->in, clock_wall_ms()))
		return 0;
	if (was_idle && valve_simple(l, t, MARK_ACTIVE, err) == -1)
		return -1;
	if (valve_watermark(l, t, t->in.watermark.ts_ms, err) == -1)
		return -1;
	return was_idle ? valve_simple(l, t, MARK_IDLE, err) : 0;
}

int
lull_time(struct loop *l, struct inlet *t, struct err *err)
{
	return t->in.time_now ? time_goes_on(l, t, err) : 0;
}

/* Of several inputs one is asked again while others have much; what lies between is its silence, if it is short. */
static void
count_silence(const struct loop *l, struct inlet *t)
{
	int64_t now_ms;

	if (timeout_of(l, t) == 0)
		return;
	now_ms = clock_mono_ms();
	if (t->asked_ms > 0 && now_ms - t->asked_ms <= SLICE_MS + OVERRUN_MS)
		t->silent_ms += now_ms - t->asked_ms;
	t->asked_ms = now_ms;
}

int
lull_parts(struct loop *l, struct inlet *t, struct err *err)
{
	bool ends = l->ckpt == NULL || l->conf->close, due;

	if (!input_has_parts(&t->in))
		return 0;
	input_look_at_parts(&t->in, timeout_of(l, t), SLICE_MS + OVERRUN_MS, ends, &due);
	if (due && valve_watermark(l, t, t->in.watermark.ts_ms, err) == -1)
		return -1;
	if (t->in.idle || !input_parts_are_idle(&t->in))
		return 0;
	t->in.idle = true;
	return valve_simple(l, t, MARK_IDLE, err);
}

int
lull_goes_on(struct loop *l, struct inlet *t, struct err *err)
{
	int64_t timeout_ms = timeout_of(l, t);
	bool    falls;

	if (input_has_parts(&t->in)) {
		if (lull_parts(l, t, err) == -1)
			return -1;
		return t->in.idle && l->conf->close_idle ? time_goes_on(l, t, err) : 0;
	}
	if (l->n_inlets > 1)
		count_silence(l, t);
	falls = timeout_ms > 0 && !t->in.idle && t->silent_ms >= timeout_ms;
	if (!falls && !t->in.idle)
		return 0;
	if (l->conf->close_idle && input_knows_time(&t->in) && time_goes_on(l, t, err) == -1)
		return -1;
	t->in.idle = true;
	return falls ? valve_simple(l, t, MARK_IDLE, err) : 0;
}

int
lull_end(struct loop *l, struct inlet *t, struct err *err)
{
	t->silent_ms = t->asked_ms = 0;
	if (!t->in.idle)
		return 0;
	t->in.idle = false;
	return valve_simple(l, t, MARK_ACTIVE, err);
}

void
lull_waited(struct loop *l, struct inlet *t, const struct wait_for *w, int64_t start_ms)
{
	int64_t now_ms;

	if (l->n_inlets > 1 || input_has_parts(&t->in))         /* count_silence does it, or lull_parts */
		return;
	now_ms = clock_mono_ms();
	if (w->deadline_ms == CLOCK_NEVER || now_ms <= w->deadline_ms + OVERRUN_MS)
		t->silent_ms += now_ms - start_ms;
}

/* When the clock carries event time across the next step. */
static int64_t
next_step_ms(const struct inlet *t)
{
	const struct watermark *w = &t->in.watermark;
	int64_t                 left_ms = 0;

	if (w->due_ms != WHEN_MIN)
		left_ms = when_sub(when_add(w->due_ms, w->out_of_order_ms), clock_wall_ms());
	if (left_ms < 0)
		left_ms = 0;
	return clock_mono_ms() + (left_ms < CLOCK_SET_MS ? left_ms : CLOCK_SET_MS);
}

int64_t
lull_time_deadline(const struct loop *l)
{
	return l->inlets[0].in.time_now ? next_step_ms(&l->inlets[0]) : CLOCK_NEVER;
}

int64_t
lull_deadline(const struct loop *l, const struct inlet *t)
{
	int64_t timeout_ms = timeout_of(l, t), left_ms = timeout_ms - t->silent_ms, at_ms = CLOCK_NEVER, step_ms;

	if (!t->is_source)
		return CLOCK_NEVER;
	if (timeout_ms > 0 && !t->in.idle)
		at_ms = clock_mono_ms() + (left_ms < 0 ? 0 : left_ms < SLICE_MS ? left_ms : SLICE_MS);
	if (!t->in.time_now && !(t->in.idle && l->conf->close_idle && input_knows_time(&t->in)))
		return at_ms;
	step_ms = next_step_ms(t);
	return at_ms == CLOCK_NEVER || step_ms < at_ms ? step_ms : at_ms;
}
