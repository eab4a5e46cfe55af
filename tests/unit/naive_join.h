/*
 * naive_join - the rules of joins, read naively
 *
 * Keeps every record ever accepted, drops none, and finds partners by looking at all of them.  For
 * random streams: slow, and with nothing in common with the operator.
 */
#ifndef TESTS_NAIVE_JOIN_H
#define TESTS_NAIVE_JOIN_H

#include "mark/align.h"
#include "op/join.h"
#include "optest.h"

enum { NAIVE_JOIN_RECORDS = 700, NAIVE_LEFT = 0, NAIVE_RIGHT = 1 };

/* A line of a side's stream: a record or a mark. */
struct naive_line {
	int         side;
	struct span line;
	bool        is_watermark, is_idle, is_active;
	int64_t     ts_ms;
	const char *key;                 /* as JSON text; "null" */
	char        payload[40];         /* {"v":…,"id":…} or null */
	long        v;
};

struct naive_kept {
	const struct naive_line *line;
	int64_t                  late_below_ms;  /* when it arrived */
	bool                     is_matched;
	bool                     is_done;        /* it has left, or never will */
};

struct naive_join {
	struct join_conf  conf;
	struct align      align;
	int64_t           watermark_ms, own_ms[2];
	uint64_t          next_offset;
	struct naive_kept kept[NAIVE_JOIN_RECORDS];      /* by arrival */
	size_t            n;
};

void naive_join_init(struct naive_join *, const struct join_conf *);
void naive_join_release(struct naive_join *);

/* What must come of it goes into STEP. */
void naive_join_take(struct naive_join *, const struct naive_line *, struct optest_step *);

#endif
