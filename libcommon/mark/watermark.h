/*
 * watermark - when a source says what
 *
 * T = greatest ts seen - out_of_order; never goes back.  A mark is due right behind the record that
 * carries T across a multiple of `step` (event time), so that the same records give the same marks
 * however they arrive.  T itself is what the mark says, not the multiple.
 */
#ifndef MARK_WATERMARK_H
#define MARK_WATERMARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/when.h"

struct watermark {
	int64_t out_of_order_ms;
	int64_t step_ms;              /* > 0 */
	int64_t ts_ms;                /* T; WHEN_MIN: nothing seen yet */
	int64_t due_ms;               /* a mark is due when T reaches this: the next multiple of step behind the last mark */
};

static inline void
watermark_init(struct watermark *w, int64_t out_of_order_ms, int64_t step_ms)
{
	*w = (struct watermark){ out_of_order_ms, step_ms, WHEN_MIN, WHEN_MIN };
}

/* Go on from a saved T, whose mark has been given. */
static inline void
watermark_restore(struct watermark *w, int64_t ts_ms)
{
	w->ts_ms = ts_ms;
	w->due_ms = ts_ms == WHEN_MIN ? WHEN_MIN : when_add(when_sub(ts_ms, when_floor_mod(ts_ms, w->step_ms)), w->step_ms);
}

/* A record has passed; true: a mark with w->ts_ms is due behind it. */
static inline bool
watermark_pass(struct watermark *w, int64_t ts_ms)
{
	int64_t t = when_sub(ts_ms, w->out_of_order_ms);

	if (t <= w->ts_ms)
		return false;
	w->ts_ms = t;
	if (t < w->due_ms)
		return false;
	watermark_restore(w, t);
	return true;
}

#endif
