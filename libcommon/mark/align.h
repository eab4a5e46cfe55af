/*
 * align - N inputs: one watermark, one barrier
 *
 * What a command with several inputs (or a source with several partitions) may say for all of them,
 * by the rules of Flink's valve:
 *
 * - The watermark is the least one of the inputs that count, where that is higher than what was said.
 *   An input counts unless it is idle, has come to its end, or is behind: one that comes back from
 *   idleness counts again when its watermark has reached what was said.
 * - A watermark that is not higher than the input's last is ignored, as is one of an idle input.
 * - When the last input goes idle, and it held the others back (its watermark was what was said),
 *   the highest watermark of all goes out; then `idle`.
 * - An input is at its end with the watermark WHEN_MAX.  While those that are left are all idle it
 *   does not count either: the highest watermark of theirs goes out, then `idle`.  When no input is
 *   left, WHEN_MAX goes out.
 * - A barrier goes out when every input that is not closed stands at it.  Until then an input that
 *   has come to it is held: what lies behind the barrier belongs to the next epoch.
 *
 * With one input all of it passes through.
 */
#ifndef MARK_ALIGN_H
#define MARK_ALIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "json/tree.h"

struct align_input {
	int64_t  watermark_ms;   /* its last; WHEN_MIN: none yet, WHEN_MAX: at its end */
	bool     idle;
	bool     aligned;        /* not idle, and not behind what was said */
	bool     closed;         /* its stream is over: no barrier is waited for */
	bool     stopped;        /* nor is one here; but another time its stream goes on */
	uint64_t epoch;          /* its last barrier */
};

struct align {
	struct align_input *inputs;
	size_t              n_inputs;
	int64_t             watermark_ms;  /* said; WHEN_MIN: none yet */
	bool                idle;          /* said */
	uint64_t            epoch;         /* of the last barrier said */
};

/* What is to be said now, in this order. */
struct align_said {
	bool     active;
	bool     watermark;      /* watermark_ms */
	bool     idle;
	bool     barrier;        /* epoch */
	int64_t  watermark_ms;
	uint64_t epoch;
};

/* N inputs, active and without a watermark; EPOCH is the one that the run goes on from. */
void align_init(struct align *, size_t n_inputs, uint64_t epoch);
void align_release(struct align *);

/* A mark of input I.  Each fills in *SAID anew. */
void align_watermark(struct align *, size_t i, int64_t ts_ms, struct align_said *);
void align_idle(struct align *, size_t i, struct align_said *);
void align_active(struct align *, size_t i, struct align_said *);

/* -1, ERR_DATA: not the barrier that comes next. */
int  align_barrier(struct align *, size_t i, uint64_t epoch, struct align_said *, struct err *);

/* Input I has said `end`: no mark of it comes any more. */
void align_close(struct align *, size_t i, struct align_said *);

/*
 * Input I has said `stop`: no mark of it comes any more in this run, so its watermark stays where it is.
 * A snapshot does not hold that.
 */
void align_stop(struct align *, size_t i, struct align_said *);

/* Is input I not to be read on, since others have not come to its barrier yet? */
static inline bool
align_is_held(const struct align *a, size_t i)
{
	return a->inputs[i].epoch > a->epoch;
}

/*
 * Append as one JSON object / take it back, into what align_init made for as many inputs.  A snapshot
 * is made where a barrier goes out: no input is held then.  -1, ERR_DATA: not what align_save writes.
 */
void align_save(const struct align *, struct buf *);
int  align_load(struct align *, const struct tree *, struct err *);

#endif
