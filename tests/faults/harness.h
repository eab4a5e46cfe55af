/*
 * faults - every call fails once, and the power goes at every moment
 *
 *     inject.c oplog.c   the library that is loaded before all others
 *     lines.c            what is run: small pipelines, one for each way to use a file
 *     play.c             one run of a line: statuses, what was said, whether it hung; what it wrote
 *     faults.c           --faults: each call of each process fails, then the line is run again
 *     disk.c             what a disk may hold after a power cut, from the log of operations
 *     power.c            --power: from each such disk the line goes on
 *     harness.c          the command line, jobs, the sum
 *
 * The report is TAP: a line for each kind of case, and each failure with how to do it again.
 */
#ifndef FAULTS_HARNESS_H
#define FAULTS_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../jobs.h"

enum { STAGES_MOST = 4, ARGS_MOST = 28, OUTPUTS_MOST = 4, PATH_BYTES = 512, SAID_BYTES = 600, WATCHDOG_MS = 20000 };

/* ---- lines.c ---- */

enum {
	AS_SET     = 1,          /* its output is compared as a set of lines without `offset` */
	NO_CHECKPOINT = 2,
	LIBRARY_ABORTS = 4,      /* a library ends the process where it gets no memory: nobody can help that */
	IN_LONG    = 8,          /* not in a brief check */
	LIBRARY_MINDS = 16       /* a library minds an interrupted close, and may not say why something failed: 75 */
};

struct line {
	const char *name;
	unsigned    input_lines;                                   /* of the flights: input.ndjson */
	const char *stages[STAGES_MOST][ARGS_MOST];                /* argv; argv[0] NULL at the end */
	const char *outputs[OUTPUTS_MOST];                         /* NAME/: part files; NULL at the end */
	unsigned    traits;
	const char *before;      /* STREAM_CRASH of a run before the one that is hurt; NULL: there is none */
};

extern const struct line lines[];            /* name NULL at the end */

struct conf;
bool line_wanted(const struct conf *, const struct line *);

unsigned line_stages(const struct line *);
/* The command's name, as in messages: "stream-cat". */
const char *line_stage(const struct line *, unsigned stage);

/* ---- harness.c ---- */

struct conf {
	const char *bin, *inject, *only;
	char        work[PATH_BYTES / 4], flights[PATH_BYTES];
	unsigned    jobs;
	uint64_t    seed;
	bool        brief;
	const char *again;                       /* one case by its name, or NULL */
};

/* ---- play.c: a folder with its input, in which a line is run ---- */

struct place {
	const struct conf *conf;
	const struct line *line;
	char               dir[PATH_BYTES];      /* state, outputs; NAME.err of each stage; "fired" */
};

void place_make(struct place *, const struct conf *, const struct line *, const char *name);
void place_clear(const struct place *);      /* as before the first run */
void remove_tree(const char *path);

/* Environment of one process, beside what all have; NULL: none. */
struct extra {
	const char *fault;                       /* STREAM_FAULT */
	const char *oplog;                       /* STREAM_OPLOG */
	const char *loses;                       /* STREAM_OPLOG_LOSES */
	const char *crash;                       /* STREAM_CRASH */
};

struct played {
	unsigned n;
	int      status[STAGES_MOST];            /* as a shell says it */
	char     said[STAGES_MOST][SAID_BYTES];  /* on stderr */
	bool     hung, fired;
};

void play(const struct place *, const struct extra extras[STAGES_MOST], struct played *);
bool played_well(const struct played *);     /* all left with 0, in silence */
void played_tell(const struct played *, const struct line *, char *to, size_t size);

/* All that the line has written, in a form that is compared: malloc'd. */
char *place_output(const struct place *);
/* What an undisturbed run writes: made once. */
const char *reference_output(const struct conf *, const struct line *);

/* ---- faults.c, power.c ---- */

void faults_run(const struct conf *);
void power_run(const struct conf *);

#endif
