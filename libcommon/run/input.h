/*
 * input - a source's lines as batches of records and marks
 *
 * Three forms: bare lines, saved records, and a stream of ours (a pipe whose first line is `hello`).
 * Of a stream the marks come from upstream; of the others this is where the watermark is made.
 */
#ifndef RUN_INPUT_H
#define RUN_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "mark/mark.h"
#include "mark/watermark.h"
#include "rec/rec.h"
#include "run/convert.h"
#include "run/life.h"
#include "run/parts.h"
#include "source/source.h"

struct merge;

/* Why a line is bad, as the counts have it. */
enum bad_kind input_bad_kind(enum rec_fault);

enum input_form { INPUT_UNKNOWN, INPUT_BARE, INPUT_SAVED, INPUT_STREAM };

enum input_event {
	INPUT_RECS,          /* recs[0, n_recs) */
	INPUT_BAD,           /* recs[0] is what could be read of a line that is no record; reason */
	INPUT_WATERMARK,     /* watermark.ts_ms, made here */
	INPUT_MARK,          /* mark: of a stream */
	INPUT_EMPTY          /* all that was read is used up: input_fill */
};

enum input_filled {
	INPUT_FILLED,
	INPUT_WAIT,          /* nothing there: wait, then input_fill again */
	INPUT_LEAVE,         /* the source was told to leave here */
	INPUT_END,           /* all is read; of a stream: it broke off */
	INPUT_ERROR
};

struct input {
	struct source       *source;         /* NULL: lanes has several */
	struct merge        *lanes;          /* NULL: records are taken as they come */
	const struct input  *shown;          /* whose topic is in origin: lanes */
	uint64_t             shown_topics;
	uint64_t             n_topics;       /* begun */
	bool                 is_live;        /* records of a source that never ends by itself */
	bool                 is_merge;
	bool                 takes_late;     /* a lane: what was read is taken by input_take_late */
	struct rec_reader   *reader;
	struct rec_origin    origin;
	char                *topic;          /* of origin, for messages */
	enum input_form      form;
	bool                 may_be_stream, may_be_no_stream;
	bool                 has_time;       /* --time was given */
	bool                 time_now;
	int64_t              max_future_ms;
	int64_t              now_ms;         /* by the clock, where it is asked: of the batch at hand */
	struct watermark     watermark;
	bool                 has_parts;      /* of a source that has several, each with a watermark of its own */
	struct parts         parts;
	size_t               part;           /* of the chunk at hand */
	bool                 idle;           /* `idle` was said */
	uint64_t             n_taken;        /* records, as --max-records counts them */
	uint64_t             n_bytes;        /* input_bytes says it of all */
	uint64_t             max_records;
	struct source_from   from;
	struct run_bound     from_time, since, until;
	uint64_t             from_offset;    /* of the input at hand: what stands before is passed over */
	bool                 waits_for_time; /* nothing of the input at hand has been as late as from_time */
	bool                 may_be_torn;    /* the next line is what is left of one */
	bool                 is_over;        /* nothing before `until` is expected any more */
	struct convert       convert;

	struct source_chunk  chunk;          /* p moves on as lines are taken */
	const char          *chunk_start;
	int64_t              chunk_partition;
	const char          *counted_to;     /* of the chunk, in n_bytes */
	uint64_t             chunk_lines;    /* taken of it */
	uint64_t             long_bytes;     /* the chunk is a line that is too long */

	struct rec           recs[REC_BATCH_MAX];
	size_t               n_recs;
	size_t               n_read;         /* lines of this batch, records or not */
	struct mark          mark;
	bool                 bad_next, watermark_next;
	struct rec           bad;
	enum bad_kind        bad_kind;
	char                 reason[500];
};

struct input_conf {
	struct source_conf source;
	struct rec_plan    plan;             /* its origin is set here */
	bool               time_now;         /* the clock gives the time */
	bool               merge;            /* several inputs, by event time */
	bool               looks_ahead;      /* for input_next_ts */
	struct source     *given;           /* read from here; owned from now on; NULL: open it */
	enum run_format    format;
	bool               csv_numbers;
	struct run_bound   from_time, since, until;
	int64_t            out_of_order_ms, watermark_step_ms;
	int64_t            max_future_ms;    /* WHEN_MAX: no limit */
	uint64_t           max_records;
};

int  input_open(struct input *, const struct input_conf *, struct err *);
void input_release(struct input *);

/* Read on.  Only after INPUT_EMPTY, or before the first input_next. */
enum input_filled input_fill(struct input *, struct err *);

/*
 * What comes next of what was read.  MAX: no more records than that.  -1: ERR_DATA (a mark that is none),
 * ERR_USAGE.  Spans live until the next call.
 */
int input_next(struct input *, size_t max, enum input_event *, struct err *);

/* By the clock, event time has come to TS.  True: a watermark is due. */
bool input_pass_time(struct input *, int64_t ts_ms);

/* Something that was taken with the last batch is still to be given out: no snapshot before that. */
static inline bool
input_has_pending(const struct input *in)
{
	return in->bad_next || in->watermark_next;
}

/* Do records have an event time?  False as long as no line has told. */
static inline bool
input_knows_time(const struct input *in)
{
	return in->has_time || in->form == INPUT_SAVED;
}

/* How many records --max-records leaves. */
static inline uint64_t
input_left(const struct input *in)
{
	return in->form == INPUT_STREAM ? UINT64_MAX : in->max_records > in->n_taken ? in->max_records - in->n_taken : 0;
}

/* Is the first line of what was read `hello`, or another mark of ours? */
bool input_begins_stream(const struct input *);

/* Is all that was read one line without its end? */
bool input_is_torn(const struct input *);

/* The first line of what was read is `hello`: parsed into MARK, and passed over.  0: it is not. */
int input_take_hello(struct input *, struct mark *, struct err *);

/* With looks_ahead: the time of the record that input_next would give.  False: it has none, or is not there yet.  -1: err. */
int input_next_ts(struct input *, bool *known, int64_t *ts_ms, struct err *);

/* A lane's last record has been given out: the position moves behind it. */
void input_take_late(struct input *);

/*
 * Between two fills, where has_parts: those that have been silent for TIMEOUT_MS (0: never) are idle, those that are DONE
 * do not hold others back if they are so for good (ENDS).  *DUE: a watermark is.
 */
void input_look_at_parts(struct input *, int64_t timeout_ms, int64_t slice_ms, bool ends, bool *due);

/* Where it is read from; NULL: several sources. */
struct source *input_source(const struct input *);

/* Are its parts looked at? */
static inline bool
input_has_parts(const struct input *in)
{
	return in->has_parts || (in->is_live && in->lanes != NULL);
}

/* Are all parts idle? */
bool input_parts_are_idle(const struct input *);

/* What input_save gave last is committed.  Does the source want to hear that, of the last one, too? */
void input_committed(struct input *);
bool input_awaits_commit(const struct input *);

/* What it is called in messages. */
static inline const char *
input_name(const struct input *in)
{
	return in->topic == NULL || strcmp(in->topic, "-") == 0 ? "stdin" : in->topic;
}

/* As the source's. */
int  input_check_seekable(struct input *, struct err *);
void input_wait_for(struct input *, struct wait_for *);
int  input_read_ahead(struct input *, size_t memory_bytes, struct err *);

/* Of the lines taken, by this process. */
uint64_t input_bytes(const struct input *);

/* As source.h says; of all inputs together. */
bool input_extent(struct input *, uint64_t *read_bytes, uint64_t *all_bytes);

/* "flights.ndjson:1042", or for a record of a stream "flights.ndjson offset 8745". */
void input_place(const struct input *, const struct rec *, char *to, size_t size);

/* The lines that a snapshot needs: append one JSON object / take it back. */
int input_save(struct input *, struct buf *, struct err *);
int input_load(struct input *, const struct tree *, bool ended, struct err *);

#endif
