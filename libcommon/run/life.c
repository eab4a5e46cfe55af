/* life - when to give a sign of life */
#include "run/life.h"

#include <stdlib.h>

#include "io/clock.h"
#include "io/publish.h"
#include "io/signals.h"
#include "run/tell.h"

enum {
	METRICS_MS = 1000,
	SHOW_FIRST_MS = 300,     /* what is through sooner shows nothing */
	SHOW_MS = 200,
	RATE_MEMORY_MS = 3000    /* how far back a rate looks, about */
};

void
life_begin(struct loop *l)
{
	struct life *f = &l->life;

	f->watermark_ms = WHEN_MIN;
	f->start_ms = f->asked_ms = f->shown_ms = clock_mono_ms();
	f->start_wall_ms = clock_wall_ms();
	f->metrics_due_ms = INT64_MAX;
	f->show_due_ms = l->conf->show == NULL ? INT64_MAX : f->start_ms + SHOW_FIRST_MS;
}

static int
write_metrics(struct loop *l, int status, struct err *err)
{
	struct buf text = { 0 };
	int        r;

	tell_metrics(l, status, clock_wall_ms(), &text);
	r = publish_replace(l->life.metrics, buf_all(&text), err);
	buf_release(&text);
	return r;
}

/* A disk that is full for a while is no reason to end a run; but it is told, once. */
static void
update_metrics(struct loop *l, int status)
{
	struct err err = ERR_INIT;
	bool       failed = write_metrics(l, status, &err) == -1;

	if (failed && !l->life.is_unwritten)
		loop_say(l, "%s: the metrics are not up to date", err.text);
	l->life.is_unwritten = failed;
}

static int
open_metrics(struct loop *l, struct err *err)
{
	struct buf old = { 0 };

	l->life.metrics = publish_open(l->conf->metrics, tell_metrics_begin(), &old, err);
	if (l->life.metrics != NULL && l->life.success_ms == 0)
		l->life.success_ms = tell_metrics_success(buf_all(&old));
	buf_release(&old);
	return l->life.metrics == NULL ? -1 : 0;
}

int
life_open_metrics(struct loop *l, struct err *err)
{
	if (l->conf->metrics == NULL)
		return 0;
	if (open_metrics(l, err) == -1 || write_metrics(l, -1, err) == -1)
		return -1;
	l->life.metrics_due_ms = clock_mono_ms() + METRICS_MS;
	return 0;
}

/* ---- progress ---- */

static void
rate_update(struct life_rate *r, double now, double seconds)
{
	double lately = (now - r->last) / seconds, memory = RATE_MEMORY_MS / 1000.0;

	r->per_s = r->is_set ? r->per_s + (lately - r->per_s) * seconds / (seconds + memory) : lately;
	r->is_set = true;
	r->last = now;
}

/* Of all inputs together.  False: one is a stream, or has no end yet. */
static bool
extent(struct loop *l, uint64_t *read_bytes, uint64_t *all_bytes)
{
	*read_bytes = *all_bytes = 0;
	for (size_t i = 0; i < l->n_inlets; i++) {
		uint64_t read, all;

		if (!l->inlets[i].is_source || !input_extent(&l->inlets[i].in, &read, &all))
			return false;
		*read_bytes += read;
		*all_bytes += all;
	}
	return *all_bytes > 0;
}

/* How much of the input is through.  False: nobody knows how much there is. */
static bool
share_of_input(struct loop *l, double *share)
{
	uint64_t read_bytes, all_bytes, max = l->conf->max_records;
	double   of_records = max == 0 || max == UINT64_MAX ? 0 : (double)l->inlets[0].in.n_taken / (double)max;

	*share = of_records;
	if (!extent(l, &read_bytes, &all_bytes))
		return l->inlets[0].is_source && of_records > 0;
	*share = (double)read_bytes / (double)all_bytes;
	if (*share < of_records)
		*share = of_records;
	return true;
}

static void
show(struct loop *l, int64_t now_ms)
{
	struct life *f = &l->life;
	double       seconds = (double)(now_ms - f->shown_ms) / 1000, share;
	bool         has_share = share_of_input(l, &share);
	struct buf   text = { 0 };

	if (seconds > 0) {
		rate_update(&f->recs, (double)tell_n_in(l), seconds);
		if (has_share)
			rate_update(&f->share, share, seconds);
		f->shown_ms = now_ms;
	}
	tell_progress(l, has_share, clock_wall_ms(), &text);
	buf_char(&text, '\0');
	l->conf->show(l->conf->say_cookie, text.p);
	buf_release(&text);
	f->show_due_ms = now_ms + SHOW_MS;
}

static void
answer(struct loop *l)
{
	struct buf text = { 0 };
	int64_t    now_ms = clock_mono_ms();

	tell_status(l, now_ms, clock_wall_ms(), &text);
	loop_say(l, "%.*s", (int)text.n, text.p);
	buf_release(&text);
	l->life.asked_ms = now_ms;
	l->life.asked_n_in = tell_n_in(l);
}

/* ---- all of it ---- */

int64_t
life_deadline(const struct loop *l)
{
	const struct life *f = &l->life;
	int64_t            due_ms = f->show_due_ms < f->metrics_due_ms ? f->show_due_ms : f->metrics_due_ms;

	return due_ms == INT64_MAX ? CLOCK_NEVER : due_ms;
}

void
life_tick(struct loop *l)
{
	struct life *f = &l->life;
	int64_t      due_ms = life_deadline(l), now_ms;

	if (signals_take_asked())
		answer(l);
	if (due_ms == CLOCK_NEVER || (now_ms = clock_mono_ms()) < due_ms)
		return;
	if (now_ms >= f->show_due_ms)
		show(l, now_ms);
	if (now_ms >= f->metrics_due_ms) {
		update_metrics(l, -1);
		f->metrics_due_ms = now_ms + METRICS_MS;
	}
}

void
life_succeeded(struct loop *l)
{
	l->life.success_ms = clock_wall_ms();
}

void
life_end(struct loop *l, int status)
{
	struct err ignored = ERR_INIT;

	if (l->conf->show != NULL)
		l->conf->show(l->conf->say_cookie, NULL);
	if (l->conf->metrics != NULL && l->life.metrics == NULL)
		open_metrics(l, &ignored);         /* not where another run has them, which goes on */
	if (status == 0)
		life_succeeded(l);
	if (l->life.metrics != NULL)
		update_metrics(l, status);
	publish_free(l->life.metrics);
	l->life.metrics = NULL;
}
