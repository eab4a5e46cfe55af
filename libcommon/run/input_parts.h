/* input_parts - what the files of the input share; nobody else's business */
#ifndef RUN_INPUT_PARTS_H
#define RUN_INPUT_PARTS_H

#include "run/input.h"

/* ---- input_chunk.c ---- */

/* Does LINE of the chunk begin a stream of ours: is it a mark that we know? */
bool input_is_mark_of_ours(const struct input *, const char *line);

/* The next line of the chunk is passed over. */
void input_skip_line(struct input *);

/* ---- input_lanes.c: as input_next, of several sources ---- */

int input_next_of_lanes(struct input *, enum input_event *, struct err *);

/* ---- of a record's time, and the watermark's ---- */

/* One broken clock must not close everybody's windows: such a record moves no watermark. */
static inline bool
input_is_too_far_ahead(const struct input *in, const struct rec *rec)
{
	return in->max_future_ms != WHEN_MAX && rec->has_ts && rec->ts_ms > when_add(in->now_ms, in->max_future_ms);
}

static inline void
input_look_at_until(struct input *in)
{
	in->is_over = in->watermark.ts_ms != WHEN_MIN && in->watermark.ts_ms >= in->until.ms;
}

#endif
