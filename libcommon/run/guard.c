/* guard - the checkpoint: what a run does at its start and at each barrier */
#include "run/loop.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "io/clock.h"
#include "json/tree.h"

enum {
	LOOK_MIN_MS = 1,         /* an epoch is in flight: `commit` is looked at this often at first, */
	LOOK_MAX_MS = 20,        /* and this often when the sink is slow, or stopped */
	AWAIT_MS = 10000,        /* how long the last commit is waited for, where somebody wants to hear of it */
	ALIVE_MS = 500           /* a waiting source asks whether the run is still its own */
};

/* ---- starting ---- */

static struct ckpt_conf
ckpt_conf(const struct loop *l)
{
	const struct run_conf *c = l->conf;

	return (struct ckpt_conf){ .dir = c->checkpoint, .given = c->checkpoint_given, .stage = c->stage,
	                           .options = c->options, .lock_deadline_ms = c->lock_deadline_ms, .no_sync = c->no_sync };
}

static int
load(struct loop *l, struct err *err)
{
	struct ckpt_loader loader = snapshot_loader(l);
	struct ckpt_loaded loaded;
	int                r;

	if ((r = ckpt_load(l->ckpt, &loader, &loaded, err)) == -1)
		return -1;
	l->epoch = l->committed = ckpt_epoch(l->ckpt);
	if (r == 1) {
		l->is_loaded = true;
		l->last = loaded.last;
		l->is_over = l->last == CKPT_ENDED;
	}
	if (l->conf->run_files != NULL
	    && run_files_open(l->conf->run_files, ckpt_folder(l->ckpt), !l->conf->no_sync, err) == -1)
		return -1;
	if (l->conf->shelf_files != NULL && shelf_files_open(l->conf->shelf_files, ckpt_folder(l->ckpt), err) == -1)
		return -1;
	loop_note(l, "run %" PRIu64 ", goes on from epoch %" PRIu64, ckpt_run(l->ckpt), l->epoch);
	return 0;
}

static int
make_position(struct loop *l, struct err *err)
{
	buf_reset(&l->position);
	if (l->n_inlets > 1)
		return valve_save(l, &l->position, err);
	return l->role == ROLE_SOURCE ? input_save(&l->inlets[0].in, &l->position, err) : 0;
}

/* Back to where the inputs were.  Before the first commit nothing has been read for good: another may be tried. */
static int
load_position(struct loop *l, struct err *err)
{
	struct tree *t;
	int          r;

	valve_init(l, l->epoch);
	if (!l->is_loaded || l->epoch == 0 || l->position.n == 0)
		return 0;
	if ((t = tree_parse(buf_all(&l->position), err)) == NULL)
		return -1;
	r = l->n_inlets > 1 ? valve_load(l, t, err) : input_load(&l->inlets[0].in, t, l->is_over, err);
	tree_free(t);
	return r;
}

/* What is read here has to be read again from a position. */
static int
check_seekable(struct loop *l, struct err *err)
{
	for (size_t i = 0; i < l->n_inlets; i++)
		if (l->inlets[i].is_source && input_check_seekable(&l->inlets[i].in, err) == -1)
			return -1;
	return 0;
}

/* The first snapshot of a new pipeline, or of a side file that the last one does not know. */
static int
save_first(struct loop *l, struct err *err)
{
	struct ckpt_saver s = snapshot_saver(l);

	ckpt_crash_point(l->conf->stage, "side-cut");
	if (l->is_loaded && !l->late_is_new && !l->dead_is_new && !l->aside_is_new)
		return 0;
	if (make_position(l, err) == -1)
		return -1;
	return ckpt_save(l->ckpt, l->epoch, l->is_loaded ? l->last : CKPT_GOES_ON, &s, err);
}

int
guard_open_source(struct loop *l, struct err *err)
{
	struct ckpt_conf conf = ckpt_conf(l);

	if (l->conf->checkpoint == NULL) {
		valve_init(l, 0);
		return refuse_open(l, err);
	}
	if (check_seekable(l, err) == -1)
		return -1;
	conf.has_reader = true;
	if ((l->ckpt = ckpt_open_source(&conf, err)) == NULL || load(l, err) == -1 || load_position(l, err) == -1)
		return -1;
	for (size_t i = 0; i < l->n_inlets && l->last != CKPT_GOES_ON; i++)
		l->inlets[i].in.n_taken = 0;         /* --max-records counts anew after a stop */
	if (refuse_open(l, err) == -1 || save_first(l, err) == -1)
		return -1;
	l->hello.pipeline = alloc_string(ckpt_pipeline(l->ckpt));
	l->hello.run = ckpt_run(l->ckpt);
	l->hello.epoch = l->epoch;
	l->next_barrier_ms = clock_mono_ms() + l->conf->checkpoint_interval_ms;
	l->next_alive_ms = clock_mono_ms() + ALIVE_MS;
	return 0;
}

int
guard_open_stage(struct loop *l, struct err *err)
{
	struct ckpt_conf conf = ckpt_conf(l);

	if (l->conf->checkpoint == NULL && l->hello.pipeline != NULL)
		return err_set(err, ERR_USAGE, "upstream runs under a checkpoint, so I need it too: "
		               "set STREAM_CHECKPOINT once for the whole pipeline");
	if (l->conf->checkpoint != NULL && l->hello.pipeline == NULL)
		return err_set(err, ERR_USAGE, "%s, but upstream runs without a checkpoint: "
		               "set STREAM_CHECKPOINT once for the whole pipeline", l->conf->checkpoint_given);
	if (l->conf->checkpoint == NULL) {
		valve_init(l, 0);
		return refuse_open(l, err);
	}
	if (check_seekable(l, err) == -1)
		return -1;
	if ((l->ckpt = ckpt_open_stage(&conf, &l->hello, err)) == NULL || load(l, err) == -1 || load_position(l, err) == -1)
		return -1;
	return refuse_open(l, err) == -1 ? -1 : save_first(l, err);
}

static int
start_target(struct loop *l, struct sink_held *held, struct err *err)
{
	const struct ckpt_found *found = ckpt_found(l->ckpt);
	struct sink             *s = l->out.sink;
	uint64_t                 n = found->epoch;
	struct sink_start        start = { .pipeline = ckpt_pipeline(l->ckpt), .run = ckpt_next_run(l->ckpt, 0),
	                                   .has_commit = found->exists, .epoch = n, .closed = found->closed,
	                                   .token = found->exists ? found->token : SPAN_NONE };

	if (s->class->start(s, &start, held, err) == -1)
		return -1;
	if (held->epoch != n && held->epoch != n + 1)
		return err_set(err, ERR_DATA, "%s is at epoch %" PRIu64 ", the checkpoint at %" PRIu64, l->conf->target,
		               held->epoch, n);
	ckpt_crash_point(l->conf->stage, "rolled-back");
	return ckpt_register(l->ckpt, ckpt_next_run(l->ckpt, held->run), held->epoch, buf_all(&held->token), err);
}

int
guard_open_sink(struct loop *l, struct err *err)
{
	struct sink_held held = { 0 };
	struct ckpt_conf conf = ckpt_conf(l);
	int              r;

	if ((l->ckpt = ckpt_open_sink(&conf, err)) == NULL)
		return -1;
	r = start_target(l, &held, err);
	buf_release(&held.token);
	if (r == -1 || load(l, err) == -1 || refuse_open(l, err) == -1)
		return -1;
	if (sink_state(l) != NULL && sink_state(l)->resume(l->out.sink, err) == -1)
		return -1;
	ckpt_crash_point(l->conf->stage, "resumed");
	return save_first(l, err);
}

int
guard_check_hello(struct loop *l, struct err *err)
{
	if (l->conf->checkpoint == NULL && l->hello.pipeline != NULL)
		return err_set(err, ERR_USAGE, "upstream runs under a checkpoint, so I need it too: "
		               "set STREAM_CHECKPOINT once for the whole pipeline");
	if (l->ckpt == NULL)
		return refuse_open(l, err);
	if (l->hello.pipeline == NULL)
		return err_set(err, ERR_USAGE, "%s, but upstream runs without a checkpoint: "
		               "set STREAM_CHECKPOINT once for the whole pipeline", l->conf->checkpoint_given);
	return ckpt_check_hello(l->ckpt, &l->hello, err);
}

void
guard_release(struct loop *l)
{
	ckpt_free(l->ckpt);
	l->ckpt = NULL;
	buf_release(&l->position);
	buf_release(&l->token);
}

/* ---- barriers ---- */

/* The snapshot will name them. */
static int
seal_disk(struct loop *l, uint64_t epoch, struct err *err)
{
	const struct run_conf *c = l->conf;
	int                    runs = 0, tables = 0;

	if (c->run_files != NULL && (runs = run_files_seal(c->run_files, epoch, err)) == 1)
		ckpt_crash_point(c->stage, "runs-synced");
	if (runs != -1 && c->shelf_files != NULL && (tables = shelf_files_seal(c->shelf_files, epoch, err)) == 1)
		ckpt_crash_point(c->stage, "tables-linked");
	return runs == -1 || tables == -1 ? -1 : 0;
}

/* After the snapshots that named them. */
static int
tidy_disk(struct loop *l, struct err *err)
{
	const struct run_conf *c = l->conf;
	uint64_t               committed;
	int                    runs = 0, tables = 0;

	if (c->run_files == NULL && c->shelf_files == NULL)
		return 0;
	if (ckpt_committed(l->ckpt, &committed, err) == -1)
		return -1;
	if (c->run_files != NULL && (runs = run_files_tidy(c->run_files, committed, err)) == 1)
		ckpt_crash_point(c->stage, "runs-removed");
	if (c->shelf_files != NULL && (tables = shelf_files_tidy(c->shelf_files, committed, err)) == 1)
		ckpt_crash_point(c->stage, "tables-removed");
	return runs == -1 || tables == -1 ? -1 : 0;
}

static int
seal_output(struct loop *l, struct err *err)
{
	if (sink_state(l) == NULL)
		return 0;
	if (sink_state(l)->seal(l->out.sink, err) == -1)
		return -1;
	ckpt_crash_point(l->conf->stage, "sealed");
	return 0;
}

/* What a kill leaves out here the next start does. */
static int
publish(struct loop *l, struct err *err)
{
	if (sink_state(l) == NULL)
		return 0;
	if (sink_state(l)->publish(l->out.sink, err) == -1)
		return -1;
	ckpt_crash_point(l->conf->stage, "published");
	return 0;
}

static int
commit_output(struct loop *l, uint64_t epoch, struct err *err)
{
	struct sink *s = l->out.sink;

	buf_reset(&l->token);
	if (s->class->commit(s, epoch, &l->token, err) == -1)
		return -1;
	ckpt_crash_point(l->conf->stage, "output-synced");
	return 0;
}

int
guard_barrier(struct loop *l, uint64_t epoch, enum ckpt_last last, struct err *err)
{
	struct ckpt_saver s = snapshot_saver(l);
	int64_t           start_us = clock_mono_us();

	if (epoch != l->epoch + 1)
		return err_set(err, ERR_DATA, "barrier %" PRIu64 " after %" PRIu64 ": a filter before me loses marks",
		               epoch, l->epoch);
	if (output_flush(&l->out, err) == -1)
		return -1;
	if (refuse_flush(l, !l->conf->no_sync, err) == -1 || make_position(l, err) == -1)
		return -1;
	if (seal_disk(l, epoch, err) == -1)
		return -1;
	if (seal_output(l, err) == -1 || ckpt_save(l->ckpt, epoch, last, &s, err) == -1)
		return -1;
	if (l->role == ROLE_SINK) {
		/* The snapshot first: a target that has E finds it at the next start. */
		if (commit_output(l, epoch, err) == -1 || ckpt_commit(l->ckpt, epoch, buf_all(&l->token), err) == -1)
			return -1;
		if (publish(l, err) == -1)
			return -1;
	} else {
		if (output_barrier(&l->out, epoch, err) == -1)
			return -1;
		ckpt_crash_point(l->conf->stage, "barrier-said");
	}
	l->epoch = epoch;
	l->next_barrier_ms = INT64_MAX;
	l->next_look_ms = 0;
	l->barrier_said_ms = clock_mono_ms();
	l->life.n_epochs++;
	l->life.barriers_us += clock_mono_us() - start_us;
	if (!l->leads)                          /* who does learns of the commit later */
		life_succeeded(l);
	return ckpt_tidy(l->ckpt, &s, err) == -1 ? -1 : tidy_disk(l, err);
}

/*
 * Upstream is through, but others may lead on to epochs of which we hear nothing: a join further down that has another
 * input.  The next one is written down as our last, so that any later one finds it.  It says the same as this one: a few
 * lines on top of it.  Before we pass the word on: until then nobody leads.
 */
int
guard_last(struct loop *l, enum ckpt_last last, struct err *err)
{
	struct ckpt_saver s = snapshot_saver(l);

	if (l->life.n_epochs == 0 && l->last != CKPT_GOES_ON)
		return 0;                        /* it stands there, from an earlier run */
	if (refuse_flush(l, !l->conf->no_sync, err) == -1 || make_position(l, err) == -1)
		return -1;
	return seal_disk(l, l->epoch + 1, err) == -1 ? -1 : ckpt_save(l->ckpt, l->epoch + 1, last, &s, err);
}

/*
 * At the end all is to be seen.  Which parts that are goes into the snapshot of the epoch that is committed already:
 * it says the same as before, and that no more comes.
 */
int
guard_close(struct loop *l, enum mark_kind kind, struct err *err)
{
	struct ckpt_saver s = snapshot_saver(l);
	int               r = 0;

	if (kind == MARK_END && sink_state(l) != NULL && (r = sink_state(l)->complete(l->out.sink, err)) == -1)
		return -1;
	if (r == 1 && ckpt_save(l->ckpt, l->epoch, CKPT_GOES_ON, &s, err) == -1)
		return -1;
	if (ckpt_commit_closed(l->ckpt, err) == -1)
		return -1;
	ckpt_crash_point(l->conf->stage, "closed");
	return r == 1 ? publish(l, err) : 0;
}

void
guard_take_lead(struct loop *l)
{
	bool has_source = false;

	for (size_t i = 0; i < l->n_inlets; i++) {
		has_source |= l->inlets[i].is_source;
		if (!l->inlets[i].is_source && l->inlets[i].through == CKPT_GOES_ON)
			return;
	}
	if (!has_source || l->leads)
		return;
	l->leads = true;
	if (l->next_barrier_ms != INT64_MAX)         /* none is in flight */
		l->next_barrier_ms = clock_mono_ms() + l->conf->checkpoint_interval_ms;
	l->next_alive_ms = clock_mono_ms() + ALIVE_MS;
}

static void
tell_inputs(struct loop *l)
{
	for (size_t i = 0; i < l->n_inlets; i++)
		if (l->inlets[i].is_source)
			input_committed(&l->inlets[i].in);
}

int
guard_due(struct loop *l, bool *due, struct err *err)
{
	int64_t now_ms;

	*due = false;
	if (l->ckpt == NULL)
		return 0;
	now_ms = clock_mono_ms();
	if (l->next_barrier_ms == INT64_MAX && now_ms >= l->next_look_ms) {
		if (ckpt_committed(l->ckpt, &l->committed, err) == -1)
			return -1;
		if (l->committed >= l->epoch) {
			life_succeeded(l);
			tell_inputs(l);
			l->next_barrier_ms = now_ms + l->conf->checkpoint_interval_ms;
			l->next_alive_ms = now_ms + ALIVE_MS;
		} else {
			int64_t wait_ms = (now_ms - l->barrier_said_ms) / 8;

			l->next_look_ms = now_ms + (wait_ms < LOOK_MIN_MS ? LOOK_MIN_MS : wait_ms > LOOK_MAX_MS ? LOOK_MAX_MS : wait_ms);
		}
	}
	*due = now_ms >= l->next_barrier_ms;
	return 0;
}

void
guard_await_commit(struct loop *l)
{
	struct err ignored = ERR_INIT;
	int64_t    deadline_ms = clock_mono_ms() + AWAIT_MS, pause_ms = 0;
	bool       is_awaited = false;

	for (size_t i = 0; i < l->n_inlets; i++)
		is_awaited |= l->inlets[i].is_source && input_awaits_commit(&l->inlets[i].in);
	if (l->ckpt == NULL || !l->leads || !is_awaited)
		return;
	for (;;) {
		bool goes_on = ckpt_alive(l->ckpt, &ignored) == 0;      /* before the look: it may have been its last */

		if (ckpt_committed(l->ckpt, &l->committed, &ignored) == -1)
			return;
		if (l->committed >= l->epoch) {
			tell_inputs(l);
			return;
		}
		if (!goes_on || wait_between_tries(&pause_ms, deadline_ms) == WAIT_TIME)
			return;
	}
}

int64_t
guard_deadline(const struct loop *l)
{
	int64_t at_ms;

	if (l->ckpt == NULL || !l->leads)
		return CLOCK_NEVER;
	at_ms = l->next_barrier_ms == INT64_MAX ? l->next_look_ms : l->next_barrier_ms;
	return at_ms < l->next_alive_ms ? at_ms : l->next_alive_ms;
}

int
guard_alive(struct loop *l, struct err *err)
{
	int64_t now_ms;

	if (l->ckpt == NULL || !l->leads || (now_ms = clock_mono_ms()) < l->next_alive_ms)
		return 0;
	l->next_alive_ms = now_ms + ALIVE_MS;
	return ckpt_alive(l->ckpt, err);
}
