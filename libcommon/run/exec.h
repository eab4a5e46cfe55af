/*
 * exec - somebody else's program in the place of an operator
 *
 * One process for each epoch (without a checkpoint: for the whole run).  It starts with the epoch's first record,
 * is given the payloads, a line each, and sees the end of its input at the barrier.  Its output lines become
 * payloads of records while it is still at work; the barrier passes on when it has left with 0 and all of its
 * output is given out.  So all that outlives an epoch is a running number.
 *
 * It reads and writes as it likes: whoever waits, waits for both directions.  What goes downstream goes at the
 * reader's pace, so that the program's pipe fills, not our memory.
 *
 * Marks that come while it runs are held until all of its output is there: any line may belong to any record.
 * With `each` line n is record n's; then marks keep their place, and records that have no line yet wait with all they
 * have, beyond a bound on disk.
 */
#ifndef RUN_EXEC_H
#define RUN_EXEC_H

#include "io/wait.h"
#include "mark/mark.h"
#include "run/run.h"
#include "state/snap.h"

struct exec;
struct loop;
struct inlet;

struct exec *exec_new(struct loop *);             /* conf->exec is there */
void         exec_free(struct exec *);            /* a program that still runs is killed; NULL is fine */

/*
 * What the input is has been seen, and loop->hello says what the source does, or we would: settle where the
 * program's lines have their time and key, and say it there.  ERR_USAGE: the options do not go with that.
 */
int exec_settle(struct exec *, bool is_stream, struct err *);

/* Records of the inlet, which may have to wait until the program takes more. */
int exec_take(struct exec *, struct inlet *, struct err *);

/* A mark: is it given out later, in its place? */
int exec_holds_watermark(struct exec *, int64_t ts_ms, bool *holds, struct err *);
int exec_holds_simple(struct exec *, enum mark_kind, bool *holds, struct err *);

/* All that goes without waiting, in both directions. */
int exec_move(struct exec *, struct err *);

enum { EXEC_PLACES = 3 };
/* What may come of the program, for a wait: into W, and MORE behind it, which may have places already. */
void exec_wait_for(const struct exec *, struct wait_for *, struct wait_for more[EXEC_PLACES]);

/*
 * The epoch is over: its input ends, its output is taken to the last line.  -1: err, also where the program did not
 * leave with 0.  Nothing where none has been started.
 */
int exec_complete(struct exec *, struct err *);

/* It is not the program's fault that the run ends here: what it makes of what it has been given may still come. */
bool exec_is_well(const struct exec *);

void exec_save(const struct exec *, struct snap_writer *);
bool exec_is_line(struct span line);
int  exec_load(struct exec *, struct span line, struct err *);

#endif
