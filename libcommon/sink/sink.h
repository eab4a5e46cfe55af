/*
 * sink - where records go: one outside system a file
 *
 * A sink declares what it can promise.  Under a checkpoint the order of calls is: open, start (shut
 * out older runs, go back to what is committed), then per epoch write… and commit; at last close.
 * Without one: open, write…, flush when nothing is there to read, close.
 *
 * To add one: a file sink/NAME.c that exports sink_NAME, a line in the table of sink.c.
 */
#ifndef SINK_SINK_H
#define SINK_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "rec/rec.h"

enum sink_level {
	SINK_AT_LEAST_ONCE,      /* an epoch may come out again after a crash */
	SINK_EXACTLY_ONCE        /* the commit is atomic, or writing an epoch again changes nothing */
};

/* Borrowed for the sink's life. */
struct sink_conf {
	const char *target;              /* as given */
	bool        payload_only;        /* --body payload */
	bool        has_checkpoint;
	bool        no_sync;
	const struct rec_origin *origin; /* of bare lines */
};

/* What the target holds, asked by start. */
struct sink_held {
	uint64_t   run;                  /* the newest run that the target knows of; 0: it knows none */
	uint64_t   epoch;                /* the epoch that it holds */
	struct buf token;                /* what goes into the commit: JSON */
};

struct sink;

struct sink_class {
	const char     *scheme;          /* "file" */
	const char     *help;
	enum sink_level level;

	struct sink *(*open)(const struct sink_conf *, struct err *);

	/*
	 * RUN begins; EPOCH and TOKEN (SPAN_NONE: there was no commit yet) are what the last commit says.  After it
	 * nothing of an older run can get in any more, and what is not committed is gone.  HELD is filled in.
	 */
	int (*start)(struct sink *, uint64_t epoch, struct span token, struct sink_held *, struct err *);

	int (*write)(struct sink *, const struct rec *, size_t n, struct err *);

	/* Nothing to do now: let readers see what is written, as far as the target shows what is not committed. */
	int (*flush)(struct sink *, struct err *);

	/* Make all that was written durable as EPOCH; TOKEN (reset before) gets what the commit must hold. */
	int (*commit)(struct sink *, uint64_t epoch, struct buf *token, struct err *);

	/* All is written (without a checkpoint: not flushed yet).  Releases the sink, whatever happens. */
	int (*close)(struct sink *, struct err *);

	void (*free)(struct sink *);     /* on a failure: nothing more goes out */
};

struct sink { const struct sink_class *class; };

extern const struct sink_class *const sink_classes[];        /* NULL at the end */

/* ERR_USAGE: no such scheme, a bad parameter. */
struct sink *sink_open(const struct sink_conf *, struct err *);

#endif
