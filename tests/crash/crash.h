/*
 * crash - kill -9 at every step, and at any moment; the output must be that of the undisturbed run
 *
 *     pipelines.c   what is run
 *     instance.c    one start of a pipeline: a process for each stage, and how they ended
 *     trial.c       a folder with its input and its checkpoint: looks into it, compares what came out
 *     points.c      every crash point of every stage once (STREAM_CRASH, debug build)
 *     harm.c        random kills, several at once, second instances, stopped processes, requests to leave
 *     tally.c       what the kills hit
 *     rounds.c      harm done to each of the pipelines, again and again
 *     draw.c        pipelines that chance makes of every command, from the tables of draw_choices.c
 *     draw_words.c  their words; the line as one can paste it
 *     draw_sql.c    what such a pipeline means, in SQL
 *     soak.c        harm done to those
 *     broker.c      topics as input and output; a broker that is killed, too
 *     reader.c      looks at the parts of a dir: target meanwhile
 *     feeder.c      writes the input meanwhile, and rotates it
 *     crash.c       the command line, and the sum
 *
 * The report is TAP: a line for each case, and how to do it again.
 */
#ifndef CRASH_CRASH_H
#define CRASH_CRASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../jobs.h"

enum { MAX_STAGES = 8, MAX_ARGS = 40, MAX_OUTPUTS = 12, PATH_BYTES = 4096 };

/* ---- pipelines ---- */

enum input { INPUT_FLIGHTS, INPUT_WITH_BAD, INPUT_YEAR, INPUT_GROWING, N_INPUTS };

/* In argv: the option that lets a source leave at the end of the file, once nobody writes to it any more. */
#define UNTIL_WRITTEN "--exit-at-end"

/* Beginnings of arguments: the URLs of the flights in a topic, each twice, and of a topic of the trial's own. */
#define TOPIC_IN  "topic:in"
#define TOPIC_OUT "topic:out"

struct stage {
	const char *name;                  /* as in STREAM_CRASH */
	const char *role;                  /* "source", "stage", "sink": which crash points it has; NULL: not ours */
	const char *argv[MAX_ARGS];
};

/* In argv of the third stage, where FORKED: the output of the first. */
#define FIRST_OUT "/dev/fd/3"

enum {
	ROUNDS_ONLY = 1,                   /* not for every crash point: it takes long, or has those of others */
	AS_SETS     = 2,                   /* outputs are compared as sets of lines, without `offset` */
	FORKED      = 4,                   /* the second stage is a source, too; the third reads both */
	ON_BROKER   = 8,                   /* with topics: outputs[0] is what is in the one it writes */
	TABLES_ONLY = 16                   /* of the crash points those of tables on disk: it has the rest of others */
};

struct pipeline {
	const char *name;
	enum input  input;                 /* input.ndjson */
	struct stage stages[MAX_STAGES];   /* name NULL at the end */
	const char *outputs[MAX_OUTPUTS];  /* compared byte by byte; NAME/: its parts, unpacked; NULL at the end */
	unsigned    traits;
};

extern const struct pipeline pipelines[];      /* name NULL at the end */

unsigned pipeline_stages(const struct pipeline *);
bool     pipeline_writes_topic(const struct pipeline *);

/* Has STAGE the crash points of ROLE, one of ckpt_crash_steps? */
bool     pipeline_has_role(const struct pipeline *, const struct stage *, const char *role);

/* ---- the command line ---- */

struct conf {
	const char *bin;                   /* folder of the commands: a copy, so that a build does not disturb */
	const char *only;                  /* one pipeline by name, or NULL */
	const char *step;                  /* one crash point by name, or NULL */
	const char *kafka;                 /* folder of the script `broker`: pipelines with topics, those alone; or NULL */
	char        topic[16];             /* what names of topics end with */
	char        work[PATH_BYTES - 256];/* a folder of ours */
	char        input[N_INPUTS][PATH_BYTES];
	char        airlines[PATH_BYTES];
	const char *interval;              /* --checkpoint-interval */
	unsigned    rounds;
	unsigned    soak;                  /* rounds of drawn pipelines */
	unsigned    jobs;                  /* so many trials at once */
	uint64_t    seed;
	bool        points;
	bool        brief;                 /* points: once each */
	bool        armed;                 /* rounds: debug commands, so that some starts get a crash point */
	bool        keep;
};

bool wanted(const struct conf *, const struct pipeline *);

/* ---- a trial: a folder ---- */

struct trial {
	const struct conf     *conf;
	const struct pipeline *pipeline;
	char                   dir[PATH_BYTES];
	char                   topic[160]; /* the one it writes, if it does */
	const char            *folder;     /* its files are the input, instead of the pipeline's; NULL: none */
	unsigned               slower;     /* --rate is divided by this: on a busy machine an epoch takes longer */
	char                   why[2000];  /* why it failed, or "" */
};

enum { LEAST_EPOCHS = 20, MOST_SLOWER = 16 };

/* What `commit` shows. */
struct commit {
	bool     exists, closed;
	uint64_t run, epoch;
};

/* A line for sh; its status, as system(3) gives it. */
int  shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

int  trial_begin(struct trial *, const struct conf *, const struct pipeline *, const char *name);
void trial_end(struct trial *);                          /* the folder goes, unless it failed or --keep */
void trial_fail(struct trial *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void trial_commit(const struct trial *, struct commit *);
bool trial_same(struct trial *, const struct trial *reference);   /* else trial_fail */

/* What a process that was killed was about, by the temp file it left: "commit", "register", "snapshot" or NULL. */
const char *trial_torn(const struct trial *, pid_t);
/* Has this process of STAGE got as far as its lock, and written so? */
bool trial_holds(const struct trial *, const struct stage *, pid_t);
bool trial_said(const struct trial *, const char *text); /* on stderr */
bool trial_has_temp(const struct trial *, const char *folder, const char *begin);

/* Do the whole pipeline once, undisturbed.  -1: trial_fail. */
int  trial_undisturbed(struct trial *, bool with_checkpoint);

/* The undisturbed run of PIPELINE, done once. */
const struct trial *reference(const struct conf *, const struct pipeline *);

/* ---- an instance ---- */

struct process {
	const struct stage *stage;
	pid_t               pid;
	int                 status;        /* of waitpid, once gone */
	bool                gone, killed, stopped, asked;
};

struct instance {
	struct trial  *trial;
	unsigned       n;
	struct process processes[MAX_STAGES];
	int64_t        started_us;
	uint64_t       generation;         /* the broker's, when it started */
	bool           disturbed;          /* something was killed or stopped, or another instance was there */
};

struct start {
	const char    *lock_wait;          /* NULL: 5s */
	const char    *crash;              /* STREAM_CRASH, or NULL */
	bool           without_checkpoint;
	bool           is_growing;         /* somebody writes the input */
	bool           is_hurried;         /* as fast as it goes */
	uint64_t      *order;              /* starts its processes in any order; NULL: from the left */
};

enum {
	WATCHDOG_LOOKS = 100000,           /* of 300 us and more: half a minute in which nobody writes */
	WATCHDOG_TIMES = 10                /* and ten of them, in which somebody does */
};

int64_t now_us(void);
void    nap_us(unsigned us);           /* between two looks */

void instance_start(struct instance *, struct trial *, const struct start *);
unsigned instance_reap(struct instance *);               /* how many are still there */
bool instance_wait(struct instance *);                   /* until all are gone; false: hung, trial_fail, all killed */
void instance_kill(struct instance *, unsigned which);   /* SIGKILL, and reap it */
void instance_kill_all(struct instance *);
void instance_stop(struct instance *);                   /* SIGTERM to its source: finish and leave */
pid_t child_of(pid_t);                                   /* a forked child, or 0 */

/*
 * Are the statuses what they may be: 0 or 75, 137 where we killed; all 0 if nothing disturbed it?  Else trial_fail.
 */
bool instance_check(struct instance *);
bool instance_done(const struct instance *);             /* the sink left with 0 */
int  exit_status(const struct process *);                /* as a shell says it */

/* ---- a broker, shared by all jobs ---- */

void broker_prepare(struct conf *);                      /* starts it, and makes the input */
void broker_begin(struct trial *);                       /* the topic it writes, if it does; else trial_fail */
void broker_fetch(struct trial *);                       /* what a reader of committed messages sees there, as outputs[0] */
void broker_end(const struct trial *);
/* ARG, or the URL that it stands for, in ROOM. */
const char *broker_argument(const struct trial *, const char *arg, char *room, size_t size);
/* Another one each time it was killed, or came back. */
uint64_t broker_generation(void);
bool broker_is_away(void);
bool broker_restart(struct trial *);                     /* kill -9, and start it; false: trial_fail */

/* ---- a reader of parts, where the first output has some ---- */

pid_t reader_start(const struct trial *);                /* 0: it has none */
void  reader_stop(struct trial *, pid_t);                /* trial_fail, if it saw what must not be */

/* ---- who writes the input, where it grows ---- */

pid_t feeder_start(const struct trial *);                /* 0: it is there already */
bool  feeder_is_through(pid_t);
void  feeder_stop(pid_t);

/* ---- the suites ---- */

void points_run(const struct conf *);
void rounds_run(const struct conf *);
void soak_run(const struct conf *);

#endif
