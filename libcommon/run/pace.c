/* pace - when to wait: for input, for --rate */
#include "io/clock.h"
#include "io/wait.h"
#include "run/loop.h"

enum { RATE_SLICE_MS = 10 };         /* --rate lets records go in portions of that much time */

int64_t
pace_earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms == CLOCK_NEVER || (b_ms != CLOCK_NEVER && b_ms < a_ms) ? b_ms : a_ms;
}

/* Add what may come of the inputs; the first one's place is in W itself. */
static void
wait_for_inlets(struct loop *l, struct wait_for *w, struct wait_for *more)
{
	struct wait_for *at = w;

	for (size_t i = 0; i < l->n_inlets; i++) {
		struct inlet *t = &l->inlets[i];

		if (t->through != CKPT_GOES_ON || (valve_is_held(l, t) && !t->is_kept))
			continue;
		if (!t->is_kept)
			w->deadline_ms = pace_earlier(w->deadline_ms, lull_deadline(l, t));
		if (at == NULL) {
			more[i] = WAIT_FOR_NOTHING;
			more[i].also = w->also;
			w->also = at = &more[i];
		}
		at->deadline_ms = w->deadline_ms;
		input_wait_for(&t->in, at);
		w->deadline_ms = at->deadline_ms;
		at = NULL;
	}
}

int
pace_wait(struct loop *l, struct err *err)
{
	struct wait_for w = WAIT_FOR_NOTHING, more[RUN_MAX_INPUTS], program[EXEC_PLACES];
	int64_t         start_ms;
	unsigned        events;

	if (l->exec != NULL && exec_move(l->exec, err) == -1)
		return -1;
	if (output_flush(&l->out, err) == -1 || refuse_flush(l, false, err) == -1 || valve_read_ahead(l, err) == -1)
		return -1;
	w.out_fd = output_fd(&l->out);
	start_ms = clock_mono_ms();
	w.until_asked = true;
	w.deadline_ms = pace_earlier(life_deadline(l), guard_deadline(l));
	if (l->out.sink != NULL && l->out.sink->class->deadline != NULL)
		w.deadline_ms = pace_earlier(w.deadline_ms, l->out.sink->class->deadline(l->out.sink));
	wait_for_inlets(l, &w, more);
	if (l->exec != NULL)
		exec_wait_for(l->exec, &w, program);
	events = wait_any(&w, l->n_sources == 0);
	for (size_t i = 0; i < l->n_inlets; i++) {
		lull_waited(l, &l->inlets[i], &w, start_ms);
		l->inlets[i].is_dry = false;
	}
	if ((events & WAIT_NO_READER) != 0)
		return err_set(err, ERR_READER_GONE, "the reader left");
	life_tick(l);
	return guard_alive(l, err);
}

/* Nothing may go before DUE_MS: flush, and wait until then or until there is something else to do. */
static int
wait_for_rate(struct loop *l, int64_t due_ms, struct err *err)
{
	struct wait_for w = WAIT_FOR_NOTHING;

	if (output_flush(&l->out, err) == -1 || refuse_flush(l, false, err) == -1)
		return -1;
	w.out_fd = output_fd(&l->out);
	w.until_asked = true;
	w.deadline_ms = pace_earlier(due_ms, pace_earlier(guard_deadline(l), pace_earlier(lull_time_deadline(l), life_deadline(l))));
	if (wait_any(&w, false) & WAIT_NO_READER)
		return err_set(err, ERR_READER_GONE, "the reader left");
	life_tick(l);
	return guard_alive(l, err);
}

/* --speed: is it time for the next record?  The clock starts with the first. */
static int
allows_by_time(struct loop *l, size_t *n, struct err *err)
{
	bool    known;
	int64_t ts_ms, now_ms;
	double  due_ms;

	if (input_next_ts(&l->inlets[0].in, &known, &ts_ms, err) == -1)
		return -1;
	if (!known)
		return 0;
	now_ms = clock_mono_ms();
	if (!l->speed_started) {
		l->speed_started = true;
		l->speed_start_ms = now_ms;
		l->speed_first_ts_ms = ts_ms;
	}
	due_ms = (double)l->speed_start_ms + (double)when_sub(ts_ms, l->speed_first_ts_ms) / l->conf->speed;
	if (due_ms <= (double)now_ms)
		return 0;
	*n = 0;
	return wait_for_rate(l, due_ms > (double)(now_ms + INT32_MAX) ? now_ms + INT32_MAX : (int64_t)due_ms + 1, err);
}

int
pace_allows(struct loop *l, size_t *n, struct err *err)
{
	__int128 rate = (__int128)l->conf->rate;
	int64_t  now_ms, due_ms;
	__int128 allowed;

	*n = SIZE_MAX;
	if (l->conf->speed > 0 && l->n_sources > 0) {
		if (allows_by_time(l, n, err) == -1)
			return -1;
		if (*n == 0)
			return 0;
	}
	if (rate == 0 || l->n_sources == 0)
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
