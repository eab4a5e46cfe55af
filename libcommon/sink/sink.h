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
#include "source/remote.h"
#include "state/snap.h"

enum sink_level {
	SINK_AT_LEAST_ONCE,      /* an epoch may come out again after a crash */
	SINK_EXACTLY_ONCE        /* the commit is atomic, or writing an epoch again changes nothing */
};

/* Borrowed for the sink's life. */
struct sink_conf {
	const char *target;              /* as given */
	const char *stage;               /* --name */
	bool        payload_only;        /* --body payload */
	bool        at_least_once;       /* --delivery: less than the target could give is enough */
	bool        has_checkpoint;
	bool        no_sync;
	int64_t     roll_ms;             /* --roll; 0: not given */
	const struct rec_origin *origin; /* of bare lines */
	const struct remote_conf *remote;        /* for a target that is a server */
	uint64_t    create_partitions, create_replication;   /* --create-topic; 0: not given */
	bool        has_assumed;         /* --assume-epoch */
	uint64_t    assumed_epoch;
};

/* A run begins; what the checkpoint knows. */
struct sink_start {
	const char *pipeline;            /* its id */
	uint64_t    run;                 /* newer than all that the checkpoint knows */
	bool        has_commit;          /* false: the pipeline is new */
	uint64_t    epoch;               /* of the last commit; 0: there was none */
	struct span token;               /* of the last commit: JSON; SPAN_NONE: there was none */
	bool        closed;              /* it was left in good order */
};

/* What the target holds, asked by start. */
struct sink_held {
	uint64_t   run;                  /* the newest run that the target knows of; 0: it knows none */
	uint64_t   epoch;                /* the epoch that it holds */
	struct buf token;                /* what goes into the commit: JSON */
};

struct sink;

/*
 * What a sink keeps beside its target, in the stage's snapshots: for targets that show an epoch only some time after
 * it is committed.  The order under a checkpoint is: start, load…, resume; per epoch seal, (snapshot: save, settle),
 * commit, (the epoch is committed), publish; at `end` complete, (a snapshot of the same epoch), publish.
 */
struct sink_state {
	/* Lines of a snapshot: as ckpt_saver and ckpt_loader say. */
	void (*entries)(const struct sink *, uint64_t *all, uint64_t *changed);
	void (*save)(const struct sink *, bool delta, struct snap_writer *);
	void (*settle)(struct sink *);
	int  (*load)(struct sink *, struct span line, struct err *);

	/* All lines are loaded, or there were none: go back to them, and publish again what a crash may have left out. */
	int  (*resume)(struct sink *, struct err *);

	/* A barrier: what was written is made durable, and decided what is to be published behind it. */
	int  (*seal)(struct sink *, struct err *);

	/* The epoch is committed: show what seal, or complete, has decided. */
	int  (*publish)(struct sink *, struct err *);

	/* The stream has ended, behind a barrier: all is to be published.  1: save a snapshot first; 0: nothing is left. */
	int  (*complete)(struct sink *, struct err *);
};

struct sink_class {
	const char     *scheme;          /* "file" */
	const char     *help;
	enum sink_level level;
	bool            can_less;        /* at-least-once costs less, where that is asked for */

	struct sink *(*open)(const struct sink_conf *, struct err *);

	/* After it nothing of an older run can get in any more, and what is not committed is gone.  HELD is filled in. */
	int (*start)(struct sink *, const struct sink_start *, struct sink_held *, struct err *);

	int (*write)(struct sink *, const struct rec *, size_t n, struct err *);

	/* Nothing to do now: let readers see what is written, as far as the target shows what is not committed. */
	int (*flush)(struct sink *, struct err *);

	/* Make all that was written durable as EPOCH; TOKEN (reset before) gets what the commit must hold. */
	int (*commit)(struct sink *, uint64_t epoch, struct buf *token, struct err *);

	/* How many bytes of records this process has given out or holds; NULL: nobody has counted. */
	uint64_t (*given_bytes)(const struct sink *);

	/* All is written (without a checkpoint: not flushed yet).  Releases the sink, whatever happens. */
	int (*close)(struct sink *, struct err *);

	void (*free)(struct sink *);     /* on a failure: nothing more goes out */

	/* What not every sink has; NULL. */

	const struct sink_state *state;

	/* Paths whose values are to be in each rec's wanted, in that order. */
	const struct path *const *(*wants)(const struct sink *, size_t *n);

	/*
	 * Why the record cannot go there, as a constant text; NULL: it can.  Each record is asked for once, in order, and
	 * those that are not refused are written next, in that order.
	 */
	const char *(*refuses)(struct sink *, const struct rec *);

	/* Event time has come to TS; WHEN_MAX: the end. */
	int (*watermark)(struct sink *, int64_t ts_ms, struct err *);

	/* When flush wants to be called, whatever comes (clock_mono_ms); CLOCK_NEVER. */
	int64_t (*deadline)(const struct sink *);
};

struct sink { const struct sink_class *class; };

extern const struct sink_class *const sink_classes[];        /* NULL at the end */

/* ERR_USAGE: no such scheme, a bad parameter. */
struct sink *sink_open(const struct sink_conf *, struct err *);

#endif
