/*
 * output - a pipe of records and marks, or a sink
 */
#ifndef RUN_OUTPUT_H
#define RUN_OUTPUT_H

#include "base/err.h"
#include "io/out.h"
#include "mark/mark.h"
#include "rec/rec.h"
#include "sink/sink.h"

struct output {
	struct sink *sink;               /* NULL: a pipe */
	struct out   pipe;
	bool         is_open;            /* pipe is */
	uint64_t     closed_bytes;       /* what had been given out when it was closed */
	bool         has_closed_bytes;
	bool         plain;              /* a pipe without marks */
	bool         has_checkpoint;
	const struct rec_origin *origin;
};

/* Standard output as a pipe; on a terminal it is plain. */
int output_open_pipe(struct output *, bool plain, bool has_checkpoint, const struct rec_origin *, struct err *);
int output_open_sink(struct output *, const struct sink_conf *, struct err *);

/* To be watched for a reader that leaves; -1: none. */
int output_fd(const struct output *);

/* Records that pass unchanged. */
int output_recs(struct output *, const struct rec *, size_t n, struct err *);

/* Where an operator's lines go; then output_spill.  Not for sinks. */
struct buf *output_buf(struct output *);
int output_spill(struct output *, struct err *);

/* Marks: nothing where the output is plain, or a sink (some want to know of watermarks). */
int output_hello(struct output *, const struct hello *, struct err *);
int output_watermark(struct output *, int64_t ts_ms, struct err *);
int output_barrier(struct output *, uint64_t epoch, struct err *);
int output_simple(struct output *, enum mark_kind, struct err *);

/* The last line of a stage that leaves with 1 or 2.  Nothing can be done if it does not arrive. */
void output_fail(struct output *, int status, const char *stage, const char *reason);

/* All that can go out before a wait. */
int output_flush(struct output *, struct err *);

/* Bytes given out so far, or about to be.  False: nobody has counted. */
bool output_given_bytes(const struct output *, uint64_t *bytes);

/* All is said.  Checked. */
int output_close(struct output *, struct err *);
void output_release(struct output *);

#endif
