/*
 * ckpt - the checkpoint directory
 *
 * One directory per pipeline.  The sink registers the run, sources take it, only the sink writes
 * `commit`.  Each step below is one of the protocol's; HACKING.md and tests/model say why it is
 * there.
 *
 *     DIR/pipeline          {"id":…}
 *     DIR/lock              flock, held by the sink as long as it lives
 *     DIR/run               {"run":12,"pid":…}; the flock on this very inode says whether that sink lives
 *     DIR/commit            {"run":12,"epoch":41,"token":…,"via":[["cat","91ab…"]],"closed":false}
 *     DIR/<stage>/lock      {"run":12,"pid":…}: flock, held by the stage; the newest run that has held it
 *     DIR/<stage>/42.snap   the stage's state as of barrier 42
 *
 * Orders of calls:
 *
 *   sink     ckpt_open_sink, (fence the target, ask it, roll back), ckpt_register, ckpt_load if it has side files,
 *            ckpt_check_hello; at each barrier (make the output durable), ckpt_save if it has side files, ckpt_commit,
 *            ckpt_tidy; at the end ckpt_commit_closed, ckpt_free
 *   source   ckpt_open_source, ckpt_load, say hello; at each barrier ckpt_save, say it, ckpt_tidy; ckpt_committed
 *            tells when the next may come; ckpt_alive while waiting; ckpt_free
 *   stage    read hello, ckpt_open_stage, ckpt_load, cut side files, pass hello; at each barrier write out, ckpt_save,
 *            pass it on, ckpt_tidy; ckpt_free
 *
 * A command that is its own source is a source whose snapshot holds both.  Whoever has side files
 * and gets 0 from ckpt_load makes a snapshot of epoch 0 before anything else.
 *
 * All errors are final: the process leaves with the error's status.
 */
#ifndef CKPT_CKPT_H
#define CKPT_CKPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"
#include "mark/mark.h"
#include "state/snap.h"

struct ckpt;

/* All borrowed for the life of the ckpt. */
struct ckpt_conf {
	const char *dir;
	const char *given;           /* how it was given, for messages: "STREAM_CHECKPOINT=state is set" */
	const char *stage;           /* --name */
	const char *options;         /* what means something: a JSON object of strings, {"--key":".carrier"} */
	int64_t     lock_deadline_ms;    /* start of the process + --lock-wait; by clock_mono_ms */
	bool        no_sync;         /* --no-sync: leave fsync out */
	bool        has_reader;      /* a source: wait for a run only while stdout has a reader */
};

/*
 * Sink: DIR is made if it is not there, then DIR/lock; `pipeline` is made if this is the first
 * time.
 *   ERR_RETRY  "state/lock: held by pid 123"
 *   ERR_DATA   "state/commit is missing", … damaged, … written by a newer version
 * ckpt_found says what `commit` had; ckpt_run is 0 until ckpt_register.
 */
struct ckpt *ckpt_open_sink(const struct ckpt_conf *, struct err *);

/*
 * Source: own lock first, then a registered run whose sink lives and which no source of this name
 * has had.
 *   ERR_RETRY  "STREAM_CHECKPOINT=state is set, but no stream-sink runs on it", "state/cat/lock: held by pid 123",
 *              or a stop was asked for meanwhile
 *   ERR_READER_GONE
 */
struct ckpt *ckpt_open_source(const struct ckpt_conf *, struct err *);

/*
 * Stage: takes its lock for HELLO's run.
 *   ERR_USAGE  "two stages named window: give --name"; HELLO is of another pipeline than DIR
 *   ERR_RETRY  held by another; a newer or the same run has held this stage; the run has been replaced
 */
struct ckpt *ckpt_open_stage(const struct ckpt_conf *, const struct hello *, struct err *);

void ckpt_free(struct ckpt *);              /* all locks go; a base being written is given up.  NULL is fine */

const char *ckpt_pipeline(const struct ckpt *);
uint64_t    ckpt_run(const struct ckpt *);
uint64_t    ckpt_epoch(const struct ckpt *);      /* the committed epoch that this run goes on from */

/* DIR/<stage>, for files that snapshots name: open once ckpt_load has been called. */
struct file_dir;
const struct file_dir *ckpt_folder(const struct ckpt *);

/* ---- the sink ---- */

/* What `commit` said when the sink took the lock. */
struct ckpt_found {
	bool        exists;          /* false: a new pipeline; epoch 0, no token */
	uint64_t    run, epoch;
	struct span token;           /* JSON text; lives as long as the ckpt */
	bool        closed;
};
const struct ckpt_found *ckpt_found(const struct ckpt *);

/* The run to be: newer than any in DIR, and than the target's (0: it knows none). */
uint64_t ckpt_next_run(const struct ckpt *, uint64_t target_run);

/* Write `commit` (EPOCH and TOKEN as the target has them, not closed), then register the run. */
int ckpt_register(struct ckpt *, uint64_t run, uint64_t epoch, struct span token, struct err *);

/*
 * Is this hello of the run and epoch registered (else ERR_RETRY), and is the pipeline made of the
 * stages that `commit` names (else ERR_DATA, naming the stage)?  Its via is written with the next
 * commit.
 */
int ckpt_check_hello(struct ckpt *, const struct hello *, struct err *);

/*
 * Write `commit`: durable when it returns 0.  The output up to EPOCH must be.  Epochs go up by one
 * (else ERR_DATA: a barrier is missing).
 */
int ckpt_commit(struct ckpt *, uint64_t epoch, struct span token, struct err *);

/* After `end` or `stop`: the same commit again, with "closed":true. */
int ckpt_commit_closed(struct ckpt *, struct err *);

/* ---- snapshots ---- */

enum ckpt_last { CKPT_GOES_ON, CKPT_STOPPED, CKPT_ENDED };      /* "last": null, "stop", "end" */

struct ckpt_loaded {
	/* of the snapshot; less than ckpt_epoch only where it was the stage's last */
	uint64_t       epoch;
	enum ckpt_last last;
};

/*
 * Takes one entry line: no newline in it; a newline and SCAN_PAD readable bytes behind it.  -1:
 * err, loading ends.
 */
struct ckpt_loader {
	int  (*line)(void *cookie, struct span line, struct err *);
	void  *cookie;
	/*
	 * Of the whole lines [p, end), take those at the front that are like many others, and count them.  Where the first
	 * stands that LINE is to take; END: there is none.  NULL: LINE takes all.
	 */
	const char *(*lines)(void *cookie, const char *p, const char *end, uint64_t *n);
	/* Before the first line: about so much will come.  A damaged file may say anything up to its size.  NULL: who cares. */
	void  (*expect)(void *cookie, uint64_t lines, uint64_t bytes);
	/* Behind the last line of the last file.  -1 as LINE.  NULL: nothing is to be done. */
	int   (*loaded)(void *cookie, struct err *err);
};

/*
 * Load the snapshot of ckpt_epoch exactly, or the newest below it if that was the stage's last: the
 * base's lines, then each delta's.  A file is read once, so whether its checksum holds is known behind its last line:
 * after -1 what was handed out is good for nothing.  Newer snapshots and temp files are removed.
 * 1: loaded; 0: a new pipeline, nothing to load; -1: ERR_DATA, "state of epoch 41 is missing: state/cat/41.snap",
 * "state/cat/41.snap: damaged: …", "--key was .carrier, is .dest now: …".
 */
int ckpt_load(struct ckpt *, const struct ckpt_loader *, struct ckpt_loaded *, struct err *);

/*
 * Who owns the state.  Plain functions of the state: they change nothing and do no I/O, also in a
 * forked child.
 */
struct ckpt_saver {
	/* How many entry lines a whole save has, and a delta. */
	void (*entries)(void *cookie, uint64_t *all, uint64_t *changed);
	/*
	 * Append the lines: all, or those that changed since the last settle; few scalars
	 * (positions) may come in both.
	 */
	void (*save)(void *cookie, bool delta, struct snap_writer *);
	/* What was changed is saved now.  Called when the snapshot is durable. */
	void (*settle)(void *cookie);
	void  *cookie;
};

/*
 * Make the snapshot of EPOCH durable: a base where the state is small or mostly changed, else a
 * delta.  Saving an epoch again replaces it by a base (side files that were not known to it).
 */
int ckpt_save(struct ckpt *, uint64_t epoch, enum ckpt_last, const struct ckpt_saver *,
              struct err *);

/*
 * Right after the barrier was passed on, before the next record is taken: removes the snapshots
 * that no recovery can need, and where the deltas have outgrown their base lets a child write a new
 * base of this very epoch.
 */
int ckpt_tidy(struct ckpt *, const struct ckpt_saver *, struct err *);

/* ---- watching: cheap, but system calls; call it every few ms at most ---- */

/* The epoch that `commit` shows now.  ERR_RETRY: it is of another run. */
int ckpt_committed(struct ckpt *, uint64_t *epoch, struct err *);

/* ERR_RETRY: the sink of our run is gone, or the run was replaced.  ERR_DATA: DIR was deleted. */
int ckpt_alive(struct ckpt *, struct err *);

/* ---- crash points ---- */

/*
 * In debug builds STREAM_CRASH=stage:step:n ends the process with SIGKILL when STAGE gets to STEP
 * for the n-th time. The steps are those of ckpt_crash_steps, which ends with {NULL, NULL}; role is
 * "source", "stage" or "sink"; or "topic", of a sink whose target is one of Kafka.
 */
struct ckpt_crash_step { const char *role, *step; };
extern const struct ckpt_crash_step ckpt_crash_steps[];

#ifdef STREAM_DEBUG
void ckpt_crash_point(const char *stage, const char *step);
#else
static inline void
ckpt_crash_point(const char *stage, const char *step)
{
	(void)stage;
	(void)step;
}
#endif

#endif
