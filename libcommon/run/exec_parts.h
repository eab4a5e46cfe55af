/*
 * exec_parts - what the files of exec share
 */
#ifndef RUN_EXEC_PARTS_H
#define RUN_EXEC_PARTS_H

#include "io/program.h"
#include "io/hoard.h"
#include "io/in.h"
#include "run/exec.h"
#include "run/loop.h"

struct exec {
	struct loop            *loop;
	const struct exec_conf *conf;

	/* exec.c: the program, and what is on its way to it */
	struct program      program;
	struct program_end  end;
	bool                is_running;  /* an epoch has begun, and is not complete */
	bool                has_ended;   /* the process has: end says how */
	bool                is_closing;  /* the epoch is over: no more comes for it */
	bool                is_failed;   /* what is wrong is its own doing */
	struct buf          to;          /* from `given` on it has yet to be taken */
	size_t              given;
	struct in           out, errs;
	bool                out_ended, errs_ended;
	int64_t             moved_ms;    /* when it last took or gave something, or we began to wait for it */
	uint64_t            n_given;     /* records, in this epoch */

	/* exec_paths.c */
	struct path         time;
	bool                has_time, time_now;
	struct path        *keys;
	size_t              n_keys;
	enum when_format    time_format;
	char               *time_strptime;

	/* exec_lines.c: its lines, to records */
	struct rec_reader  *reader;
	struct rec_origin   origin;
	uint64_t            next_offset;
	uint64_t            line_no;     /* in this epoch */
	uint64_t            n_got;       /* lines that are records, bad ones included */
	struct buf          tail;        /* a last line without its end: it is one if the program ends well */
	int64_t             now_ms;

	/* marks that wait for the end of the epoch */
	int64_t             watermark_ms;        /* WHEN_MIN: none */
	bool                is_idle;

	/* exec_each.c: records and marks that wait for their lines */
	struct hoard       *queue;
	struct buf          ahead;       /* of the queue, from `ahead_from` on */
	size_t              ahead_from;
	struct buf          line;
	struct rec_reader  *envelopes;
};

/* ---- exec_paths.c ---- */

/* Can it be given to the program, and what comes back be understood?  -1: err */
int  exec_check_known(const struct exec *, const struct rec *, struct err *);
void exec_paths_release(struct exec *);

/* ---- exec_lines.c ---- */

/* REC is of the program's making, or what it made is not good. */
int  exec_refuse(struct exec *, const struct rec *, enum bad_kind, const char *reason, struct err *);

/* What can be read of its output now. */
int  exec_read_lines(struct exec *, bool *moved, struct err *);
/* The line that has no end. */
int  exec_take_tail(struct exec *, struct err *);
/* What it tells on stderr, to ours. */
int  exec_read_words(struct exec *, bool *moved, struct err *);

/* ---- exec_each.c ---- */

int  exec_each_put(struct exec *, const struct rec *, const struct rec_origin *, struct err *);
int  exec_each_mark(struct exec *, struct span line, struct err *);
/* The line is the payload of the record whose turn it is; WRONG (NULL: nothing): it is no JSON. */
int  exec_each_take(struct exec *, const struct rec *line, const char *wrong, struct err *);
void exec_each_release(struct exec *);

#endif
