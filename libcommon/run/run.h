/*
 * run - the loop that every command is
 *
 *     input (a source, or a pipe of our lines) → operator (or none) → output (a pipe, or a sink)
 *
 * stream-cat is source → nothing → pipe, stream-sink is pipe → nothing → sink; a join has two inputs,
 * each of either kind.  Reads what is there,
 * gives it to the operator in batches, writes what comes out, and flushes before it would block.
 * With a checkpoint it keeps the protocol of ckpt/ckpt.h.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "op/op.h"
#include "rec/rec.h"
#include "source/source.h"
#include "store/run_files.h"
#include "store/shelf_files.h"

/* What the lines of a source are. */
enum run_format {
	RUN_BY_FIRST_LINE,       /* bare lines or saved records */
	RUN_JSON,                /* bare lines */
	RUN_RECORD,              /* saved records */
	RUN_TEXT, RUN_BINARY, RUN_CSV, RUN_KCAT
};

/* A bound of event time. */
struct run_bound {
	int64_t ms;
	bool    by_clock;            /* the clock gave it: a checkpoint keeps it as it was first */
};

enum { RUN_MAX_INPUTS = 2 };

/* One input. */
struct run_input {
	const char *const *operands;            /* one after the other (or merged); n_operands 0: stdin */
	size_t             n_operands;
	const struct path *time;                /* NULL: not given, or time_now */
};

/* Somebody else's program in the place of an operator. */
struct exec_conf {
	const char *const *argv;                /* NULL at the end */
	const char        *called;              /* in messages */
	bool               is_shell;            /* argv is a shell's: a status of 128 + n is that signal n ended its program */
	bool               each;                /* a line for each record */
	int64_t            timeout_ms;          /* so long it may do nothing while it is waited for; 0: for ever */
};

/* All borrowed for the length of the call. */
struct run_conf {
	const char        *stage;               /* --name */

	/* input: as many as the operator has */
	struct run_input   inputs[RUN_MAX_INPUTS];
	size_t             n_inputs;
	bool               left_alone;          /* only the first has an event time that counts */
	uint64_t           memory_bytes;        /* beyond this, what comes of an input that is ahead waits on disk */
	struct run_input   table;               /* n_operands 0: none; else read whole, as input 1, before the first record */
	bool               table_watch;         /* and again when it has changed */
	bool               time_now;            /* arrival time */
	enum when_format   time_format;
	const char        *time_strptime;
	const char        *time_format_text;    /* for hello; NULL: auto */
	const struct path *keys;
	size_t             n_keys;
	int64_t            out_of_order_ms;
	bool               out_of_order_given;
	int64_t            watermark_step_ms;
	int64_t            idle_timeout_ms;     /* 0: never idle */
	bool               close_idle;
	int64_t            max_future_ms;       /* WHEN_MAX: no limit */
	enum run_format    format;
	bool               csv_numbers;
	bool               at_most_once;        /* --delivery: what cannot be read again is gone on with all the same */
	struct source_from from;                /* where the inputs are begun */
	struct run_bound   from_time;           /* SOURCE_FROM_TIME: at the first record of this time or later */
	struct run_bound   since, until;        /* WHEN_MIN, WHEN_MAX: not given */
	uint64_t           max_records;         /* UINT64_MAX: all */
	uint64_t           rate;                /* records a second; 0: as fast as it goes */
	double             speed;               /* as fast as event time goes, times this; 0: as fast as it goes */
	bool               merge;               /* the inputs by event time, not one after the other */
	uint64_t           max_line_bytes;
	bool               follow, exit_at_end, close, cut_is_end;

	uint32_t           slice, n_slices;     /* --slice: of the partitions; n_slices 0: all */
	bool               skip_gaps;           /* --on-gap skip */
	const struct remote_conf *remote;       /* for inputs and targets that are servers */

	/* operator */
	struct op         *op;                  /* NULL: none */
	struct run_files  *run_files;           /* what it spills; NULL: it has no such thing */
	struct shelf_files *shelf_files;        /* what it moves to disk; NULL: nothing.  Closed at the end */
	const struct exec_conf *exec;           /* instead of an operator; NULL: none.  Of a stream, time and keys say where its lines have them */

	/* output */
	const char        *target;              /* NULL: stdout as a pipe of records and marks */
	bool               payload_only;
	bool               want_exactly_once, want_at_least_once;    /* --delivery */
	uint64_t           create_partitions, create_replication;   /* --create-topic; 0: not given */
	bool               has_assumed;         /* --assume-epoch */
	uint64_t           assumed_epoch;
	int64_t            roll_ms;             /* --roll; 0: not given */
	bool               plain;               /* no marks */

	/* what is refused */
	const char        *dead_letter;         /* NULL: the first bad record ends the run */
	uint64_t           max_errors;          /* UINT64_MAX: no limit */
	const char        *late;                /* NULL: the first late record ends the run, unless late_drop */
	bool               late_drop;
	const char        *aside;               /* a file for what the operator puts aside; NULL: nobody wants it */
	const char        *aside_name;          /* the option that names it: "duplicates" */

	/* checkpoint */
	const char        *checkpoint;          /* NULL: none */
	const char        *checkpoint_given;    /* how: "--checkpoint state" */
	int64_t            checkpoint_interval_ms;
	int64_t            lock_deadline_ms;    /* by clock_mono_ms */
	bool               no_sync;
	const char        *options;             /* what means something: a JSON object */

	const char        *metrics;             /* a file for them; NULL: none */

	/* For people.  A line that they get in any case; one that they asked for (-v; NULL: nobody did); the line of
	 * --progress (NULL: none), which a text of NULL erases. */
	void             (*say)(void *cookie, const char *text);
	void             (*note)(void *cookie, const char *text);
	void             (*show)(void *cookie, const char *text);
	void              *say_cookie;
};

/* 0: all is done.  -1: err; a reader downstream has been told (`fail`) where the status is 1 or 2. */
int run(const struct run_conf *, struct err *);

/* For a command that fails before it can run: tell the reader downstream, if stdout is a pipe. */
void run_tell_failure(const char *stage, int status, const char *reason);

#endif
