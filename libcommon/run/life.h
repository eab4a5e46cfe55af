/*
 * life - what a run counts, and the signs of life that are made of it
 *
 * Counted once per batch, chunk or barrier, whether somebody wants to know or not; --metrics and
 * --progress look at the clock when input is read or waited for.  All counts are this process's own.
 */
#ifndef RUN_LIFE_H
#define RUN_LIFE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Why a record was bad: the reasons of stream_records_bad_total. */
enum bad_kind {
	BAD_JSON,            /* no JSON, or not UTF-8 */
	BAD_FORMAT,          /* not what --format says */
	BAD_LONG,            /* longer than --max-line */
	BAD_RECORD,          /* lacks what a record has */
	BAD_TIME,
	BAD_KEY,
	BAD_VALUE,           /* the operator refuses it */
	BAD_RESULT,          /* no record: a result that cannot be given out */
	N_BAD
};

struct loop;
struct publish;

/* A number that grows, and how fast it does so lately. */
struct life_rate {
	double last, per_s;
	bool   is_set;       /* per_s is */
};

struct life {
	/* counted elsewhere in this room */
	uint64_t n_out;
	uint64_t n_bad[N_BAD];
	uint64_t n_late;
	uint64_t n_outside;
	int64_t  watermark_ms;       /* the input's last one that is a time; WHEN_MIN: none yet */
	uint64_t n_epochs;
	int64_t  barriers_us;        /* spent at them */
	int64_t  success_ms;         /* wall clock; 0: never */

	/* life.c */
	struct publish  *metrics;
	bool             is_unwritten;       /* the last try to write them went wrong, and that was told */
	int64_t          start_ms, start_wall_ms;
	int64_t          metrics_due_ms, show_due_ms;        /* INT64_MAX: never */
	int64_t          shown_ms;
	struct life_rate recs, share;        /* for --progress; share: of the whole input, 0 to 1 */
	int64_t          asked_ms;           /* the last SIGUSR1, and */
	uint64_t         asked_n_in;
};

/* The run begins: from here on SIGUSR1 and --progress are served. */
void life_begin(struct loop *);

/* Its locks are taken: open the metrics.  -1: err. */
int  life_open_metrics(struct loop *, struct err *);

/* Between two reads: what is due, and what was asked for. */
void life_tick(struct loop *);

/* Until when a wait may last at most; CLOCK_NEVER. */
int64_t life_deadline(const struct loop *);

/* What has brought the results so far: an epoch, or the whole, is through. */
void life_succeeded(struct loop *);

/* The run is over with STATUS: the last metrics, no progress any more.  A run that failed early opens them here. */
void life_end(struct loop *, int status);

#endif
