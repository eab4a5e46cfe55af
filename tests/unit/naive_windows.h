/*
 * naive_windows - the rules of windows, read naively
 *
 * Keeps every record ever taken and works out anew, each time, which windows hold it and what they
 * must say.  For random streams: slow, and with nothing in common with the operator.
 */
#ifndef TESTS_NAIVE_WINDOWS_H
#define TESTS_NAIVE_WINDOWS_H

#include "op/window.h"
#include "optest.h"

enum { NAIVE_RECORDS = 400, NAIVE_SESSIONS = 400, NAIVE_WINDOWS = 8000, NAIVE_TOLD = 40, NAIVE_KEYS = 9 };

struct naive_record {
	int64_t ts_ms;
	size_t  key;
	int64_t cents, gap_ms;
	bool    has_value;
};

/* A session, or a window that has spoken. */
struct naive_window {
	int64_t start_ms, end_ms;
	size_t  key;
	size_t  first;                           /* record */
	bool    is_gone;
	bool    holds[NAIVE_RECORDS];
	size_t  told_up_to;                      /* records before that have been given out */
	struct { int64_t start_ms, end_ms; char *payload; } told[NAIVE_TOLD];
	size_t  n_told;
};

struct naive {
	struct window_conf  conf;
	const char *const  *keys;                /* as JSON texts */
	int64_t             watermark_ms;
	uint64_t            next_offset;
	struct naive_record records[NAIVE_RECORDS];
	size_t              n_records;
	size_t              ticked_at;           /* records before the last tick */
	struct naive_window windows[NAIVE_WINDOWS];
	size_t              n_windows;
};

void naive_init(struct naive *, const char *const *keys);

/* What must come of it goes into STEP.  The results' columns are n=count s=sum(.v) m=max(.v). */
void naive_take(struct naive *, const struct naive_record *, struct optest_step *);
void naive_watermark(struct naive *, int64_t ts_ms, struct optest_step *);
void naive_release(struct naive *);

/* 1.5, from 150. */
void naive_put_cents(struct buf *, int64_t cents);

#endif
