/*
 * draw - a pipeline that chance makes, with what it means
 *
 * What can follow what is data (draw_choices.c): each choice says what it needs of the stream that it reads, what it takes
 * from it and gives to it, and what it means in SQL, if SQL can say it.
 */
#ifndef CRASH_DRAW_H
#define CRASH_DRAW_H

#include "base/buf.h"
#include "crash.h"

/* What is known of a stream. */
enum {
	FLIGHTS   = 1,         /* payloads are flights, with some members more or less */
	RESULTS   = 2,         /* of a window: n and others */
	PAIRS     = 4,         /* left and right, which are flights or null */
	IN_ORDER  = 8,         /* its records come in the same order in each run */
	MARKS     = 16,        /* its watermarks stand at the same places in each run */
	IN_TIME   = 32,        /* no record comes behind the watermark */
	FINAL     = 64,        /* what was said is not taken back */
	IN_SQL    = 128,       /* there is a table of it: n, ts, key, payload, w */
	SQL_ORDER = 256,       /* n is the order in which records come */
	SQL_LATE  = 512,       /* w is the watermark that a record meets */
	SHAPES    = FLIGHTS | RESULTS | PAIRS
};

enum { DAY_MS = 86400000, HOUR_MS = 3600000, MINUTE_MS = 60000 };

/*
 * A row of a command.  In SQL: @ is the table before, $.a.b what stands there in the payload.  NULL: SQL cannot say it.
 */
struct choice {
	const char *words[8];
	unsigned    needs, takes, gives;
	const char *sql;
	bool        judges;                      /* asks whether a record is late */
};

enum window_kind { TUMBLING, SLIDING, CUMULATIVE, SESSION, COUNT, GLOBAL, ZONE };

struct window_choice {
	const char      *words[6];
	enum window_kind kind;
	int64_t          size, step, offset;     /* ms; of COUNT size in records */
};

struct column_choice {
	const char *word;
	unsigned    needs;
	const char *sql;
};

enum { JOIN_INNER = 1, JOIN_LEFT = 2, JOIN_RIGHT = 4, JOIN_FULL = 8, JOIN_SEMI = 16, JOIN_ANTI = 32, JOIN_ALL = 63 };

struct join_choice {
	const char *words[4];
	const char *on;
	unsigned    kinds;
	const char *sql;                         /* which l and r belong together */
	const char *ts;                          /* of a pair, or of what stands alone: of l.ts and r.ts, either may be NULL */
	bool        is_table;
};

extern const struct choice        draw_filters[], draw_execs[], draw_eaches[], draw_dedups[], draw_sorts[], draw_foreign[],
                                  draw_emits[], draw_sinks[];
extern const struct window_choice draw_windows[];
extern const struct column_choice draw_columns[];
extern const struct join_choice   draw_joins[];
extern const struct choice        draw_pairs[];          /* of a join: which pairs count, and what they look like */
extern const struct choice        draw_keys[];           /* of a source; sql: of the payload */
extern const struct choice        draw_delays[];         /* --out-of-order; sql: in ms */
extern const char *const          draw_kinds[];          /* of joins, in the order of their bits */

struct draw {
	struct pipeline pipeline;
	unsigned        first, count;            /* which flights */
	bool            has_bad, reference_with_checkpoint, payload_only;
	struct buf      sql;                     /* the script; meaningful where `is_in_sql` */
	bool            is_in_sql;

	/* while it is made */
	uint64_t        chance;
	unsigned        flow;
	unsigned        stages, outputs, tables, args;
	const char     *key_sql;                 /* where the source finds the key */
	char            rate[16];
	char            pool[24000];
	size_t          used;
};

void draw_make(struct draw *, uint64_t seed);
void draw_release(struct draw *);

/* The line as one can paste it. */
void draw_line(const struct draw *, struct buf *to);

/* ---- draw_words.c, while it is made ---- */

/* COMMAND is a literal: it outlives the draw.  ROLE NULL: not ours. */
void  draw_stage(struct draw *, const char *command, const char *role);
void  draw_word(struct draw *, const char *word);
void  draw_words(struct draw *, const char *const *words, size_t cap);
void  draw_stage_end(struct draw *);
/* Text that lives as long as the draw. */
char *draw_text(struct draw *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define ADD(d, list) draw_words((d), (list), sizeof(list) / sizeof((list)[0]))

/* ---- draw_sql.c, while it is made: the next table, or no more SQL ---- */

void draw_sql_source(struct draw *, const struct choice *key, const struct choice *delay);
void draw_sql_choice(struct draw *, const struct choice *, bool new_key);
void draw_sql_window(struct draw *, const struct window_choice *, const struct column_choice *const *columns, size_t n, bool global);
/* RIGHT: input.ndjson, more.ndjson or the table. */
void draw_sql_join(struct draw *, const struct join_choice *, unsigned kind, const struct choice *pairs, const char *right);
/* What must be in the output: a JSON array of time, key and payload a line. */
void draw_sql_end(struct draw *);

#endif
