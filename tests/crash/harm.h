/*
 * harm - what is done to a running pipeline, at moments that chance decides
 *
 * Shared by the rounds of chosen pipelines (rounds.c) and of drawn ones (soak.c).
 */
#ifndef CRASH_HARM_H
#define CRASH_HARM_H

#include "crash.h"

/* One pipeline, started again and again. */
struct round {
	struct trial    t;
	uint64_t        chance;
	struct instance inst;
	pid_t           feeder;                     /* 0: the input is there */
	unsigned        kills, starts, between;     /* between: kills after the first commit */
	unsigned        most_wanted;                /* kills before it is left alone: 2 to this many */
	bool            broker_too;                 /* is still to be killed */
	bool            asks;                       /* sources are asked to leave, too */
	uint64_t        last_kill_epoch;            /* 0: none between commits yet */
	char            crash[100];                 /* STREAM_CRASH of this start, or "" */
	char            history[600];
};

/* Start it until it is through, with something done to it each time until there were kills enough.  false: trial_fail. */
bool round_play(struct round *);

/* Did a kill fall between the first commit and the last one, EPOCH? */
bool round_counts(const struct round *, uint64_t epoch);

/* ---- for round_play ---- */

/* One start, and what happens to it. */
bool harm_some(struct round *);
/* Choose a crash point of one of the stages, somewhere in the next epochs. */
void harm_arm(struct round *);
/* Did the crash point end its process?  Then that was a kill like any other. */
void harm_count_armed(struct round *);
/* Any time in the next US, or until somebody is gone. */
void harm_wait(struct round *, unsigned us);

/* ---- tally.c: what kills hit, and how often what else was done; of all jobs ---- */

enum hit { HIT_START, HIT_REGISTERING, HIT_SNAPSHOT, HIT_COMMIT, HIT_BASE, HIT_BETWEEN, HIT_OUTSIDE, HIT_POINT, N_HITS };
enum deed { DEED_SECOND, DEED_STOPPED, DEED_ASLEEP, DEED_ASKED, DEED_BROKER, N_DEEDS };

void tally_begin(const struct conf *);
void tally_job(unsigned job);                    /* this process is that one */
void tally_hit(const char *who, enum hit);       /* WHO is a literal */
void tally_deed(enum deed);
void tally_tell(const struct conf *);

#endif
