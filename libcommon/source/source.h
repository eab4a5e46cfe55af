/*
 * source - where records come from: one outside system a file
 *
 * A source hands out chunks of whole lines and knows its position: what a snapshot has to hold so
 * that a later run goes on right behind the last line that was taken.  It does not know what a
 * record is.  Nothing here blocks: SOURCE_WAIT says that there is nothing now, wait_for what to wait for.
 *
 * To add one: a file source/NAME.c that exports source_NAME, a line in the table of source.c.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "io/wait.h"
#include "json/tree.h"
#include "source/remote.h"

/* Where an input is begun that no position knows yet. */
enum source_from_kind {
	SOURCE_FROM_BEGINNING,
	SOURCE_FROM_OFFSET,          /* the first line at N or behind it: or before, and the caller passes over what is */
	SOURCE_FROM_LAST,            /* the last N lines; 0: what comes from now on */
	SOURCE_FROM_TIME             /* its beginning: only the caller knows times; or else what is of that time or later */
};

struct source_from {
	enum source_from_kind kind;
	uint64_t              n;
};

/* Of a source of messages: what a message's value is (--format). */
enum source_values { SOURCE_VALUES_JSON, SOURCE_VALUES_TEXT, SOURCE_VALUES_BINARY, SOURCE_VALUES_OTHER };

/* Borrowed for the source's life. */
struct source_conf {
	const char *const *inputs;       /* operands, all of one scheme */
	size_t             n_inputs;
	size_t             max_line_bytes;
	bool               follow;       /* wait for more at the end of the last one */
	bool               rows;         /* CSV: a line may hold newlines inside quotes */
	bool               exit_at_end;  /* with follow: leave where the end was when we came */
	bool               pipes;        /* an operand may be a pipe that is a stream of ours, and that nobody writes to yet */
	struct source_from from;
	int64_t            from_ms;      /* SOURCE_FROM_TIME, for a source that knows times */
	enum source_values values;
	bool               by_part;      /* each part is read by itself: lane */
	uint32_t           slice, n_slices;      /* of the partitions, those with p mod n_slices = slice; n_slices 0: all */
	bool               skip_gaps;    /* what the server has deleted is passed over, and that is told */
	const struct remote_conf *remote;        /* for what is read from a server */
	bool               takes_what_comes;     /* what cannot go back is fine under a checkpoint: it is gone on with */
};

enum source_event {
	SOURCE_BEGINS,               /* lines of another input follow: its topic and partition are in the chunk */
	SOURCE_LINES,
	SOURCE_LONG_LINE,            /* one line over the limit: [p, end) are its first bytes */
	SOURCE_WAIT,
	SOURCE_LEAVE,                /* told to leave here, but there may be more later */
	SOURCE_END,
	SOURCE_ERROR
};

struct source_chunk {
	const char *p, *end;         /* SOURCE_LINES: end[-1] is '\n', SCAN_PAD bytes behind; live until the next call of next */
	uint64_t    offset;          /* of p in its input */
	uint64_t    line_no;         /* of the first line, from 1; 0: nobody knows, as the input was begun behind its beginning */
	uint64_t    long_bytes;      /* SOURCE_LONG_LINE: the whole line's length */
	bool        partial;         /* SOURCE_LINES: the last line had no newline of its own */
	const char *topic;           /* SOURCE_BEGINS; borrowed from the source */
	int64_t     partition;
	size_t      part;            /* SOURCE_BEGINS: which part of the source it is, for part_state */
	bool        is_new;          /* SOURCE_BEGINS: it is begun where `from` says, not where an earlier run was */
	bool        may_be_torn;     /* SOURCE_BEGINS: an earlier run may have read the beginning of its first line */
};

struct source;

/* A part of a source that has several, each in an order of its own: a partition. */
enum source_part_state {
	SOURCE_PART_BEHIND,          /* there is more of it, or nobody knows: the server does not answer */
	SOURCE_PART_QUIET,           /* all that there is of it is taken, and the server says so */
	SOURCE_PART_DONE             /* it has come to where it is to leave */
};

/* How far a part is behind. */
struct source_lag {
	const char *topic;           /* borrowed from the source */
	int64_t     partition;
	uint64_t    records;         /* about: what a server counts for itself is among them */
	bool        has_ts;
	int64_t     ts_ms;           /* of the last record taken, as the server has it */
};

struct source_class {
	const char *scheme;          /* "file" */
	const char *help;

	/*
	 * Its lines are records in their envelope, whatever the format; it is live: it has no end of its own, and where
	 * conf.from says is found by itself.
	 */
	bool gives_records;

	/* NULL: it is one.  They keep their numbers, also when it is loaded again; new ones come behind. */
	size_t (*n_parts)(const struct source *);
	enum source_part_state (*part_state)(const struct source *, size_t part);

	/* NULL, or false: nobody knows. */
	bool (*lag)(const struct source *, size_t part, struct source_lag *);

	/*
	 * With conf.by_part: PART as a source, which gives out, waits and leaves by itself; it is freed before this one.
	 * This one's next is to be called before theirs are: it says WAIT, and there may be more parts by then.  Positions are
	 * saved and loaded by this one.  NULL: the class has no parts.
	 */
	struct source *(*lane)(struct source *, size_t part);

	/* NULL, or: the position that save gave last is committed.  Does it want to hear that, of the last one, too? */
	void (*committed)(struct source *);
	bool (*awaits_commit)(const struct source *);

	/* Open what can be opened now; the rest when its turn comes. */
	struct source *(*open)(const struct source_conf *, struct err *);

	/* Is it a pipe, whose first line may say that it is a stream of ours? */
	bool (*is_pipe)(const struct source *);

	/* Can it go back, or has it leave not to?  -1, ERR_USAGE: why not. */
	int (*check_seekable)(struct source *, struct err *);

	enum source_event (*next)(struct source *, struct source_chunk *, struct err *);

	/* Of the last chunk, all up to OFFSET is taken; it was LINES lines.  next may be called when all of it is. */
	void (*took)(struct source *, uint64_t offset, uint64_t lines);

	/* After SOURCE_WAIT: fills in in_fd, watch_fd and, as a bound, deadline_ms. */
	void (*wait_for)(struct source *, struct wait_for *);

	/*
	 * Nobody wants its lines just now, but who writes them must not be held up: read what is there and keep it, beyond
	 * MEMORY_BYTES on disk.  1: there may be more later: wait_for; 0: there is nothing to be held up; -1: err.  NULL: the
	 * same as 0.
	 */
	int (*read_ahead)(struct source *, size_t memory_bytes, struct err *);

	/* How far it is in what it has to read, in bytes of the files as they lie there.  False: nobody knows the end. */
	bool (*extent)(struct source *, uint64_t *read_bytes, uint64_t *all_bytes);

	/* Append the position behind what is taken, as one JSON value.  -1: it could not be read back. */
	int (*save)(struct source *, struct buf *, struct err *);

	/*
	 * Go to a saved position, before the first next.  ERR_DATA where the input is not what it was.  ENDED: it had come
	 * to its end; then what was added since is an error, too.
	 */
	int (*load)(struct source *, const struct tree *, bool ended, struct err *);

	void (*free)(struct source *);
};

struct source { const struct source_class *class; };

extern const struct source_class *const source_classes[];        /* NULL at the end */

/* NULL: err. */
const struct source_class *source_class_of(const char *input, struct err *);

/* By the scheme of the operands (a path has none).  ERR_USAGE: no such scheme, or several in one command. */
struct source *source_open(const struct source_conf *, struct err *);

#endif
