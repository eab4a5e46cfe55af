/*
 * options - one table for all commands
 *
 * A name means one thing everywhere.  The table is what the parser, --help, the completions, the
 * fingerprint of a checkpoint and the test of the manuals read; nothing about an option is written
 * down a second time.  To add one: a number in enum option_id, a row in options.c, a field below, a
 * paragraph in the manual of each command that has it.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agg/agg.h"
#include "base/buf.h"
#include "base/when.h"
#include "json/path.h"
#include "op/dedup.h"
#include "op/join.h"
#include "op/window.h"

/* Commands, as bits: which of them have an option. */
enum {
	CMD_CAT    = 1,
	CMD_WINDOW = 2,
	CMD_SINK   = 4,
	CMD_DEDUP  = 8,
	CMD_FILTER = 16,
	CMD_SORT   = 32,
	CMD_JOIN   = 64,
	CMD_EXEC   = 128,

	CMD_TIMED   = CMD_WINDOW | CMD_DEDUP | CMD_SORT | CMD_JOIN,      /* have an operator for which a record can be late */
	CMD_OPS     = CMD_TIMED | CMD_FILTER | CMD_EXEC,    /* have an operator, or a program in its place */
	CMD_SOURCES = CMD_CAT | CMD_OPS,         /* can take inputs as operands */
	CMD_SINGLE  = CMD_SOURCES & ~CMD_JOIN,   /* the same, and they are one input */
	CMD_READERS = CMD_OPS | CMD_SINK,        /* can read a stream of ours from a pipe */
	CMD_ALL     = CMD_CAT | CMD_OPS | CMD_SINK
};

struct command {
	unsigned    bit;
	const char *name;          /* "stream-cat" */
	const char *stage;         /* "cat": what --name is by default */
	const char *synopsis;      /* what follows the name in a usage line */
	const char *words;         /* what may stand first among the operands, with blanks between; for completion */
	const char *summary;       /* lines for --help, each with its newline */
	const char *examples;      /* the same */
};

extern const struct command options_commands[];      /* name NULL at the end */

const struct command *options_command(unsigned bit);

enum option_id {
	OPT_TIME,
	OPT_LEFT_TIME,
	OPT_RIGHT_TIME,
	OPT_TIME_FORMAT,
	OPT_KEY,
	OPT_OUT_OF_ORDER,
	OPT_WATERMARK_STEP,
	OPT_IDLE_TIMEOUT,
	OPT_CLOSE_IDLE,
	OPT_MAX_FUTURE,
	OPT_FORMAT,
	OPT_CSV_NUMBERS,
	OPT_FROM,
	OPT_SINCE,
	OPT_UNTIL,
	OPT_MAX_RECORDS,
	OPT_RATE,
	OPT_SPEED,
	OPT_MERGE,
	OPT_FOLLOW,
	OPT_EXIT_AT_END,
	OPT_CLOSE,
	OPT_SLICE,
	OPT_ON_GAP,
	OPT_CUT_IS_END,
	OPT_AGGREGATE,
	OPT_GLOBAL,
	OPT_OFFSET,
	OPT_TZ,
	OPT_GAP_PATH,
	OPT_EMIT,
	OPT_DISCARDING,
	OPT_ALLOWED_LATENESS,
	OPT_BY,
	OPT_BY_ID,
	OPT_WITHIN,
	OPT_REFRESH,
	OPT_KEEP,
	OPT_DUPLICATES,
	OPT_WHERE,
	OPT_MAP,
	OPT_SET,
	OPT_PICK,
	OPT_DROP,
	OPT_SET_KEY,
	OPT_SAMPLE,
	OPT_EACH,
	OPT_SHELL,
	OPT_TIMEOUT,
	OPT_WITHIN_RANGE,
	OPT_WINDOW,
	OPT_AS_OF,
	OPT_LATEST,
	OPT_TABLE,
	OPT_TABLE_WATCH,
	OPT_ON,
	OPT_LEFT_ON,
	OPT_RIGHT_ON,
	OPT_NULL_KEYS,
	OPT_WHERE_PAIR,            /* where */
	OPT_COMBINE,
	OPT_AS,
	OPT_LATE,
	OPT_MEMORY,
	OPT_MEMORY_OF_IDS,         /* memory */
	OPT_FAST,
	OPT_EXPLAIN,
	OPT_BODY,
	OPT_DELIVERY,
	OPT_ROLL,
	OPT_CREATE_TOPIC,
	OPT_ASSUME_EPOCH,
	OPT_PLAIN,
	OPT_DEAD_LETTER,
	OPT_MAX_ERRORS,
	OPT_MAX_LINE,
	OPT_PROPERTY,
	OPT_PROPERTIES,
	OPT_CONNECT_TIMEOUT,
	OPT_DEBUG,
	OPT_CHECKPOINT,
	OPT_CHECKPOINT_INTERVAL,
	OPT_LOCK_WAIT,
	OPT_NAME,
	OPT_NO_SYNC,
	OPT_PROGRESS,
	OPT_METRICS,
	OPT_QUIET,
	OPT_VERBOSE,
	OPT_HELP,
	OPT_VERSION,
	N_OPTIONS
};

enum option_kind {
	OPTION_FLAG,               /* bool */
	OPTION_TEXT,               /* const char *, of argv */
	OPTION_TEXTS,              /* const char **, size_t: may be given several times */
	OPTION_NAME,               /* const char *: letters, digits, . _ - */
	OPTION_FILE,               /* const char * */
	OPTION_DIR,                /* char *, owned */
	OPTION_PATH,               /* struct path */
	OPTION_PATHS,              /* struct path *, size_t: may be given several times */
	OPTION_COLUMNS,            /* struct agg_column *, size_t: the same */
	OPTION_TIME_PATH,          /* struct path; or time_now */
	OPTION_TIME_FORMAT,        /* time_format, time_strptime */
	OPTION_MOMENT,             /* struct moment: RFC 3339, a date, a number since 1970; or how long ago */
	OPTION_PLACE,              /* struct place */
	OPTION_EMIT,               /* window.emit, window.every_ms */
	OPTION_RANGE,              /* within: D is -D..+D */
	OPTION_WINDOW,             /* window: its kind and sizes as one word */
	OPTION_SIDES,              /* two names with a comma between: sides[0], sides[1] */
	OPTION_DURATION,           /* int64_t ms >= 0 */
	OPTION_SIGNED_DURATION,    /* int64_t ms */
	OPTION_SIZE,               /* uint64_t bytes */
	OPTION_FACTOR,             /* double > 0 */
	OPTION_COUNT,              /* uint64_t */
	OPTION_SLICE,              /* struct slice: I/N */
	OPTION_TOPIC,              /* struct topic_shape: PARTITIONS[:REPLICATION] */
	OPTION_CHOICE              /* int: place in `choices`, from 1; 0: not given and no default */
};

enum option_group {
	GROUP_INPUT,
	GROUP_WINDOW,
	GROUP_DEDUP,
	GROUP_STATE,
	GROUP_FILTER,
	GROUP_EXEC,
	GROUP_JOIN,
	GROUP_EXPR,
	GROUP_OUTPUT,
	GROUP_BAD,
	GROUP_CHECKPOINT,
	GROUP_REMOTE,
	GROUP_GENERAL,
	N_GROUPS
};

extern const char *const options_group_titles[N_GROUPS];

struct option {
	char               letter;      /* 0: none */
	const char        *name;        /* without -- */
	const char        *arg;         /* as --help shows it; NULL for a flag */
	enum option_kind   kind;
	unsigned           commands;
	bool               means;       /* decides what comes out: part of the fingerprint; else it is manner */
	enum option_group  group;
	const char        *help;
	const char        *initial;     /* default as text, read like a given value; NULL: none */
	const char        *env;         /* environment variable that stands in for it; NULL: none */
	const char *const *choices;     /* OPTION_CHOICE: NULL at the end */
	int64_t            least;       /* of numbers: what is below is a usage error */
	int64_t            most;        /* 0: no bound */
	size_t             field;       /* offset into struct options */
	size_t             count_field; /* of lists: offset of the count */
};

extern const struct option options_table[N_OPTIONS];

/* A point in time: ms since 1970, or so many ms before the run begins. */
struct moment { int64_t ms; bool is_ago; };

/* Of N equal shares number I, from 0; n 0: all. */
struct slice { uint32_t i, n; };

/* A topic that is to be made; replication 0: as the brokers like. */
struct topic_shape { uint64_t partitions, replication; };

/* Where an input is begun. */
enum place_kind { PLACE_BEGINNING, PLACE_OFFSET, PLACE_LAST, PLACE_TIME };

struct place {
	enum place_kind kind;
	uint64_t        n;         /* OFFSET: in bytes; LAST: so many lines, 0: none of those that are there */
	struct moment   time;      /* TIME */
};

/* As enum run_format. */
enum { FORMAT_BY_FIRST_LINE, FORMAT_JSON, FORMAT_RECORD, FORMAT_TEXT, FORMAT_BINARY, FORMAT_CSV, FORMAT_KCAT };
enum { BODY_RECORD = 1, BODY_PAYLOAD };      /* set when the target is known */
enum { GAP_FAIL = 1, GAP_SKIP };
enum { KEEP_FIRST = 1, KEEP_EARLIEST, KEEP_LATEST };
enum { DELIVERY_BEST, DELIVERY_EXACTLY_ONCE, DELIVERY_AT_LEAST_ONCE, DELIVERY_AT_MOST_ONCE };

/* A command line, read.  Strings are argv's or the environment's; lists and paths are owned. */
struct options {
	const struct command *command;
	bool                  given[N_OPTIONS]; /* was it given (by the environment too)? */

	/* input */
	struct path           time;             /* where OPT_TIME was given, and not: */
	bool                  time_now;         /* arrival time */
	struct path           left_time;        /* where OPT_LEFT_TIME was given */
	struct path           right_time;
	enum when_format      time_format;
	const char           *time_strptime;    /* WHEN_STRPTIME */
	struct path          *keys;
	size_t                n_keys;
	int64_t               out_of_order_ms;
	int64_t               watermark_step_ms;
	int64_t               idle_timeout_ms;  /* 0: never idle */
	bool                  close_idle;
	int64_t               max_future_ms;    /* WHEN_MAX: no limit */
	int                   format;           /* FORMAT_… */
	bool                  csv_numbers;
	struct place          from;
	struct moment         since;            /* where OPT_SINCE was given */
	struct moment         until;            /* where OPT_UNTIL was given */
	uint64_t              max_records;      /* UINT64_MAX: no limit */
	uint64_t              rate;             /* records a second; 0: no limit */
	double                speed;            /* 0: no limit */
	bool                  merge;
	bool                  follow;
	bool                  exit_at_end;
	bool                  close;
	bool                  cut_is_end;
	struct slice          slice;
	int                   on_gap;           /* GAP_… */

	/* window */
	struct window_conf    window;           /* columns, stage and zone aside */
	const char           *window_words;     /* --window, for kind_parse; NULL: not given */
	char                  window_sizes[64]; /* in their one spelling: "1h 5m" */
	const char           *tz;               /* NULL: not given */
	struct path           gap_path;         /* where OPT_GAP_PATH was given */
	struct agg_column    *columns;
	size_t                n_columns;

	/* dedup */
	struct path          *by;
	size_t                n_by;
	bool                  by_id;
	int64_t               within_ms;        /* where OPT_WITHIN was given */
	bool                  refresh;
	int                   keep;             /* KEEP_… */
	const char           *duplicates;       /* NULL: not given */

	/* join */
	enum join_kind        join_kind;
	enum join_mode        join_mode;
	struct { int64_t lower_ms, upper_ms; } within;     /* where OPT_WITHIN_RANGE was given */
	bool                  as_of, latest;
	const char           *table;            /* NULL: not given */
	bool                  table_watch;
	struct path          *on, *left_on, *right_on;
	size_t                n_on, n_left_on, n_right_on;
	bool                  null_keys, combine;
	char                 *sides[2];         /* owned; NULL: left, right */

	/* late records */
	const char           *late;             /* NULL: not given, or late_drop */
	bool                  late_drop;

	/* what is kept */
	uint64_t              memory_bytes;
	/* filter */
	const char           *where;            /* expressions; NULL: not given */
	const char           *map;
	const char          **sets;             /* PATH=EXPR */
	size_t                n_sets;
	const char          **picks, **drops;   /* PATH,… */
	size_t                n_picks, n_drops;
	const char           *set_key;
	double                sample;           /* 1: all */
	bool                  fast, explain;

	/* exec */
	bool                  each;
	const char           *shell;            /* NULL: not given, then: */
	const char *const    *program;          /* the words behind --, NULL at the end: argv's own; NULL: there is no -- */
	int64_t               timeout_ms;       /* 0: for ever */

	/* output */
	int                   body;             /* BODY_… */
	int                   delivery;         /* DELIVERY_… */
	int64_t               roll_ms;          /* 0: not given */
	struct topic_shape    create_topic;     /* 0: not given */
	uint64_t              assumed_epoch;    /* where OPT_ASSUME_EPOCH was given */
	bool                  plain;

	/* bad records */
	const char           *dead_letter;      /* NULL: the first bad record ends the run */
	uint64_t              max_errors;       /* UINT64_MAX: no limit */
	uint64_t              max_line_bytes;

	/* servers */
	const char          **properties;
	size_t                n_properties;
	const char           *properties_file;  /* NULL: not given */
	int64_t               connect_timeout_ms;
	const char           *debug;            /* NULL: not given */

	/* checkpoint */
	char                 *checkpoint;       /* owned; NULL: none */
	char                 *checkpoint_given; /* owned; who said so: "STREAM_CHECKPOINT=state is set" */
	int64_t               checkpoint_interval_ms;
	int64_t               lock_wait_ms;
	const char           *name;             /* the stage's: never NULL */
	bool                  no_sync;

	/* general */
	bool                  progress;
	const char           *metrics;          /* NULL: none */
	bool                  quiet, verbose, help, version;

	/* operands */
	const char          **inputs;           /* all but sink: n_inputs of them, "-" for stdin; none: stdin is read */
	size_t                n_inputs;
	const char           *target;           /* sink */

};

static inline bool
options_given(const struct options *o, enum option_id id)
{
	return o->given[id];
}

void options_release(struct options *);

/* --time-format as it was given: "auto", "ms", a format of strptime. */
const char *options_time_format(const struct options *);

/*
 * Append what decides the output, as one compact JSON object of strings:
 * {"tumbling":"1d","--time":".at","--key":".carrier .dest"}.  An option at its default is left out, a
 * value comes in one spelling (24h is 1d), so that equal meanings give equal bytes.  Those of a list
 * stand with a blank between them.
 */
void options_meaning(const struct options *, struct buf *);

/* 16 hexadecimal digits and a NUL: the hash of the above. */
void options_fingerprint(const struct options *, char hex[17]);

#endif
