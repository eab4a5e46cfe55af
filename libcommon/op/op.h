/*
 * op - what an operator is
 *
 * A pure state machine: (state, records and marks) → (state, lines).  No descriptor, no clock, no
 * signal, no randomness, no order of a hash table in what comes out.  That is what makes a replay
 * exact: the same input gives the same bytes at any cut into batches, with a save and a load between
 * any two steps (tests/unit/optest.c proves it for every golden case).
 *
 * The operator allocates what it keeps in a store (state/store.h) and nowhere else, apart from a few
 * scalars of its own, which save writes too.
 */
#ifndef OP_OP_H
#define OP_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/path.h"
#include "rec/rec.h"
#include "state/snap.h"

/* Where an operator's output goes.  Whole lines; the caller decides what becomes of them. */
struct emit {
	struct buf *out;             /* records for downstream */
	struct buf *aside;           /* for the operator's side file (--duplicates); NULL: nobody wants it */
	struct buf *dead;            /* results beyond 38 digits cannot be given out: dead letters */
	uint64_t    n_dead;
	char        dead_reason[200];    /* of the first: "window [0, 10), key \"UA\": column s has …" */
	bool        is_fatal;        /* the run ends for that reason, whatever there is for dead letters */

	/* While records are fed: where those that are bare lines come from, for rec_put. */
	const struct rec_origin *origin;

	/*
	 * Where results can be many at once (a window of a million keys closes): called between lines
	 * when OUT or DEAD has grown past EMIT_DRAIN_BYTES, to take both and reset them.  Errors are its
	 * own affair; after one is_cut is set: nobody takes the rest of this step, and it may be left
	 * out.  NULL: let them grow.
	 */
	void      (*drain)(struct emit *);
	void       *cookie;
	bool        is_cut;
};

enum { EMIT_DRAIN_BYTES = 1024 * 1024 };

/* Why a record was not taken. */
enum op_refusal_kind {
	OP_REFUSED_BAD,
	OP_REFUSED_LATE,
	OP_REFUSED_OUTSIDE,          /* it lies between two windows: counted, no fault */
	OP_REFUSED_FATAL             /* the run ends, whatever there is for bad records */
};

struct op_refusal {
	enum op_refusal_kind kind;
	int64_t              late_ms;     /* OP_REFUSED_LATE: how far behind the watermark its end lies */
	char                 reason[300]; /* ".price is not a number" */
};

/* A number for reports, beside those that every stage has. */
struct op_count {
	const char *name;            /* "duplicate": stream_records_duplicate_total */
	const char *words;           /* "duplicates": what people read */
	const char *help;            /* one sentence */
	uint64_t    n;               /* since the pipeline began */
	uint64_t    n_own;           /* since this process began */
};

struct op;

struct op_class {
	const char *name;            /* "window" */
	unsigned    version;         /* of what save writes */
	unsigned    n_inputs;        /* 1; a join: 2, left and right */

	/* The paths it needs of each record of an input, in the order of rec.wanted.  Live as long as the op. */
	const struct path *const *(*wants)(const struct op *, unsigned input, size_t *n);

	/*
	 * Take records of an input.  Returns how many were taken; fewer than N: RECS[that] was refused for
	 * *REFUSAL and changed nothing; the caller routes it and calls again with the rest.  How a stream is
	 * cut into batches changes nothing in what comes out.
	 */
	size_t (*feed)(struct op *, unsigned input, const struct rec *recs, size_t n, struct emit *, struct op_refusal *);

	/*
	 * Of several inputs: this one's own watermark has reached TS.  Comes before what it makes of the
	 * joint one.  NULL: an operator with one input.
	 */
	void (*input_watermark)(struct op *, unsigned input, int64_t ts_ms);

	/* The (joint) watermark has reached TS (WHEN_MAX: end of input).  Lower or equal to the last: ignored. */
	void (*watermark)(struct op *, int64_t ts_ms, struct emit *);

	/* How many entries a whole save has, and how many changed since the last settle (a delta's). */
	void (*entries)(const struct op *, uint64_t *all, uint64_t *changed);

	/* The memory that the state takes, about.  May take time with the number of windows: for reports. */
	uint64_t (*bytes)(const struct op *);

	/* What it counts; lives until the next call.  NULL: nothing. */
	const struct op_count *(*counts)(struct op *, size_t *n);

	/* Append the state's lines: all of it, or what changed since the last settle.  Changes nothing. */
	void (*save)(const struct op *, bool delta, struct snap_writer *);

	/* What changed is saved now. */
	void (*settle)(struct op *);

	/*
	 * Take one line that save wrote, in order: a base's, then each delta's.  A '\n' and SCAN_PAD
	 * readable bytes stand behind it.  What is loaded does not count as changed.  -1, ERR_DATA: not
	 * what save writes (then the op is good for nothing but free).
	 */
	int  (*load)(struct op *, struct span line, struct err *);

	/*
	 * The same for whole lines [p, end), as many at the front as it likes, counted in *N: for states of many lines alike.
	 * Where the first stands that load is to take, or refuse; END: there is none.  NULL: load takes all.
	 */
	const char *(*load_lines)(struct op *, const char *p, const char *end, uint64_t *n);

	/* Before the first line: about so much will be loaded.  A hint, and never beyond what a file holds.  NULL: never mind. */
	void (*expect)(struct op *, uint64_t lines, uint64_t bytes);

	/* Behind the last line: what is dearer to do, or to check, line by line.  -1, ERR_DATA, as load.  NULL: nothing. */
	int  (*loaded)(struct op *, struct err *);

	void (*free)(struct op *);
};

/* First member of struct window and its fellows. */
struct op {
	const struct op_class *class;
	bool                   needs_time;   /* records without an event time are of no use */
	const char            *key_option[2];    /* of an input: it goes by keys, which this option names, too: "--by"; NULL: not so */
	const char            *late_words;   /* what happened before a late record came: "its window closed" 5s ago */
	bool                   has_lateness; /* there is --allowed-lateness against that */
	bool                   moves_time, moves_key;    /* of its results the source's paths no longer say where they stand */
	int64_t                lag_ms;       /* how far behind the watermark results may come; WHEN_MAX: any time before the end */
	int64_t                lag_from_ms;  /* > 0: behind the last multiple of this that the watermark has passed */
};

#endif
