/*
 * loop - what one run holds; seen inside this room only
 */
#ifndef RUN_LOOP_H
#define RUN_LOOP_H

#include "ckpt/ckpt.h"
#include "io/side.h"
#include "io/wait.h"
#include "mark/align.h"
#include "run/exec.h"
#include "run/input.h"
#include "run/life.h"
#include "run/output.h"
#include "run/run.h"
#include "run/table.h"

enum role { ROLE_SOURCE, ROLE_STAGE, ROLE_SINK };

/* One of the loop's inputs. */
struct inlet {
	struct input   in;
	unsigned       n;                /* as the operator counts them */
	bool           is_source;        /* it is read here first: no stream of ours */
	bool           is_begun;         /* what it is has been seen */
	bool           owes_barrier;     /* a stream: records have come since its last one */
	enum ckpt_last through;          /* CKPT_GOES_ON: there may be more */
	struct err     torn;             /* what is wrong with its last line, until something follows that */
	struct hello   hello;            /* of a stream */

	/* valve.c */
	int64_t        watermark_ms;     /* its own last one; WHEN_MIN: none yet */
	bool           is_dry;           /* asked, it had nothing */
	bool           is_kept;          /* held, and what comes meanwhile is read ahead */

	/* lull.c */
	int64_t        silent_ms;        /* how long it has had nothing */
	int64_t        asked_ms;         /* of several: when it was seen to have nothing; 0: it had something */
};

struct loop {
	const struct run_conf *conf;
	enum role      role;
	struct inlet  *inlets;
	size_t         n_inlets;
	size_t         n_sources;        /* inlets that are, and are not through */
	bool           leads;            /* nobody upstream says barriers (any more) */
	struct align   align;            /* of several inlets */
	bool           is_full;          /* the operator keeps more than it should: who is ahead waits */
	struct output  out;
	struct hello   hello;            /* what we say, or what we have heard */
	char          *failed_stage;     /* whose `fail` we have read; NULL: none */

	/* refuse.c */
	struct side   *late, *dead, *aside;
	bool           late_is_new, dead_is_new, aside_is_new;
	uint64_t       n_recs;           /* that this process took */
	uint64_t       n_late, n_bad, n_outside;    /* since the pipeline began */
	struct buf     op_dead;          /* results that cannot be given out */

	/* guard.c */
	struct ckpt   *ckpt;             /* NULL: none */
	bool           is_loaded;        /* a snapshot was */
	bool           is_over;          /* it says that all had ended */
	enum ckpt_last last;             /* how the run that it is from went through */
	uint64_t       epoch;            /* the last barrier said or seen */
	uint64_t       committed;
	int64_t        next_barrier_ms;  /* source: when the interval is over; INT64_MAX: an epoch is in flight */
	int64_t        barrier_said_ms;
	int64_t        next_look_ms;     /* source: when to look at `commit` again */
	int64_t        next_alive_ms;
	struct side_place known_late, known_dead, known_aside;       /* of the snapshot; path NULL: none */
	char          *known_late_path, *known_dead_path, *known_aside_path;
	struct buf     position;         /* the inputs', made before each save */
	struct buf     token;

	struct life    life;
	struct table   table;
	struct exec   *exec;             /* NULL: none */

	/* rate */
	int64_t        rate_start_ms;
	uint64_t       rate_taken;

	/* speed */
	bool           speed_started;
	int64_t        speed_start_ms, speed_first_ts_ms;
};

/* What a part of the loop says to the whole. */
enum step {
	STEP_ON,
	STEP_DONE,               /* all is said: close, exit 0 */
	STEP_FAILED              /* err */
};

/* ---- run.c ---- */

/* A line for people who asked for it (-v). */
void loop_note(const struct loop *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A line for people in any case. */
void loop_say(const struct loop *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- start.c ---- */

/* Output, input, the checkpoint's run, hello: all that can fail before the first record. */
enum step start_run(struct loop *, struct err *);

/* Does the input's form go with the options?  Asked as soon as lines are there. */
int start_check_form(const struct loop *, const struct inlet *, struct err *);

/* ---- valve.c: the marks of all inputs as one's ---- */

/* EPOCH is the one that the run goes on from. */
void valve_init(struct loop *, uint64_t epoch);

/* The input to be read next; NULL: wait for one. */
struct inlet *valve_choose(struct loop *);

/* There is more of this one: others may have something, too. */
void valve_filled(struct loop *, const struct inlet *);

/* Is the inlet not to be read on just now, whatever it has? */
bool valve_is_held(const struct loop *, const struct inlet *);

/* Nobody has anything to read: keep what comes of those that are held, beyond a bound on disk. */
int valve_read_ahead(struct loop *, struct err *);

int valve_watermark(struct loop *, struct inlet *, int64_t ts_ms, struct err *);
int valve_simple(struct loop *, struct inlet *, enum mark_kind, struct err *);      /* idle, active */
int valve_barrier(struct loop *, struct inlet *, uint64_t epoch, struct err *);

/* The inlet gives no more.  CKPT_ENDED: nor will it ever. */
int valve_through(struct loop *, struct inlet *, enum ckpt_last, struct err *);

/* A barrier of our own: none of the inputs has said it. */
int valve_own_barrier(struct loop *, enum ckpt_last, struct err *);

/* Of several inlets: what a snapshot holds of them / take it back. */
int valve_save(struct loop *, struct buf *, struct err *);
int valve_load(struct loop *, const struct tree *, struct err *);

/* ---- flow.c: through the operator to the output ---- */

int flow_recs(struct loop *, struct inlet *, struct err *);          /* of its recs */
int flow_watermark(struct loop *, int64_t ts_ms, struct err *);
int flow_close(struct loop *, int64_t ts_ms, struct err *);          /* the same, without the mark */
int flow_simple(struct loop *, enum mark_kind, struct err *);        /* idle, active */
int flow_complete(struct loop *, struct err *);                      /* what is still on its way comes out, before a barrier or the end */

/* ---- pace.c: when to wait ---- */

/* Nothing to read now: flush, then block until there is, or until a source has something else to do. */
int pace_wait(struct loop *, struct err *);

/* Of two deadlines; CLOCK_NEVER is none. */
int64_t pace_earlier(int64_t a_ms, int64_t b_ms);

/* How many records --rate lets go now.  0: it has waited, and there may be something else to do. */
int pace_allows(struct loop *, size_t *n, struct err *);

/* ---- lull.c: silence of a source, and event time that goes on by the clock ---- */

int  lull_goes_on(struct loop *, struct inlet *, struct err *);     /* the input was asked and has nothing */
int  lull_parts(struct loop *, struct inlet *, struct err *);       /* before it is asked: which partitions are silent? */
int  lull_end(struct loop *, struct inlet *, struct err *);         /* it has something, or is at its end */
int  lull_time(struct loop *, struct inlet *, struct err *);        /* between two batches: with --time now, time goes on */
void lull_waited(struct loop *, struct inlet *, const struct wait_for *, int64_t start_ms);

/* When a wait for input has to end for one of them; CLOCK_NEVER. */
int64_t lull_deadline(const struct loop *, const struct inlet *);
int64_t lull_time_deadline(const struct loop *);    /* of a wait for something else: lull_time's */

/* ---- leave.c: the last barrier and the last word ---- */

/* An input leaves; with the last one the loop does. */
enum step leave_source(struct loop *, struct inlet *, enum ckpt_last, struct err *);         /* it is through, or stops */
enum step leave_sources(struct loop *, struct err *);                        /* all that are sources stop */
enum step leave_at_last_mark(struct loop *, struct inlet *, enum mark_kind, struct err *);   /* upstream said end or stop */
enum step leave_at_fail(struct loop *, const struct mark *, struct err *);
enum step leave_at_input_end(struct loop *, struct inlet *, struct err *);   /* of a source that is its end, of a stream a breach */

/* ---- refuse.c: bad and late records ---- */

int refuse_open(struct loop *, struct err *);               /* the side files */
/* A line of somebody else's than an input: PLACE says where it stands. */
int refuse_bad_at(struct loop *, const char *place, const struct rec *, const struct rec_origin *, enum bad_kind,
                  const char *reason, struct err *);
int refuse_bad(struct loop *, const struct input *, const struct rec *, enum bad_kind, const char *reason, struct err *);
int refuse_fatal(const struct input *, const struct rec *, const char *reason, struct err *);     /* -1, ERR_DATA */
int refuse_late(struct loop *, const struct input *, const struct rec *, const struct op_refusal *, struct err *);
int refuse_aside(struct loop *, struct err *);              /* the operator has put something aside, perhaps */
int refuse_results(struct loop *, struct emit *, struct err *);     /* dead letters of an operator; taken out of EMIT */
int refuse_flush(struct loop *, bool sync, struct err *);
int refuse_close(struct loop *, struct err *);
void refuse_release(struct loop *);

/* ---- snapshot.c: what a stage keeps ---- */

/* What the target keeps, if the output is one that does; else NULL. */
const struct sink_state *sink_state(const struct loop *);

struct ckpt_saver  snapshot_saver(struct loop *);
struct ckpt_loader snapshot_loader(struct loop *);

/* ---- guard.c: the checkpoint ---- */

/* Sink: lock, fence, register.  Source: wait for a run, load, seek.  Stage: after `hello`.  Nothing without --checkpoint. */
int guard_open_sink(struct loop *, struct err *);
int guard_open_source(struct loop *, struct err *);
int guard_open_stage(struct loop *, struct err *);
int guard_check_hello(struct loop *, struct err *);         /* sink */
void guard_release(struct loop *);

/* All streams are through, and something is read here: from now on the barriers are ours to say. */
void guard_take_lead(struct loop *);

/* Source: is the next barrier due?  Looks at the clock, and at `commit` now and then. */
int guard_due(struct loop *, bool *due, struct err *);

/* Sink: the stream has ended, or stopped. */
int guard_close(struct loop *, enum mark_kind, struct err *);

/* Source and stage: everything up to barrier EPOCH is durable here, then say it.  Sink: commit it. */
int guard_barrier(struct loop *, uint64_t epoch, enum ckpt_last, struct err *);

/* Stage: upstream is through and others may go on.  Before that is passed on. */
int guard_last(struct loop *, enum ckpt_last, struct err *);

/* When a waiting source has to look up again; CLOCK_NEVER without a checkpoint. */
int64_t guard_deadline(const struct loop *);

/* All is said: where a source wants to hear of the last commit, too, wait for it a while. */
void guard_await_commit(struct loop *);

/* While waiting: is the run still ours? */
int guard_alive(struct loop *, struct err *);

#endif
