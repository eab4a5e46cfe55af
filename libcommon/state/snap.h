/*
 * snap - the lines of a snapshot
 *
 * A snapshot is NDJSON: a header line, which ckpt/ writes and checks, and entry lines, which those
 * who own the state write and read.  This is the pure half: whoever saves appends a line to `buf`
 * and calls snap_line; where the bytes go, `drain` knows.
 */
#ifndef STATE_SNAP_H
#define STATE_SNAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum { SNAP_DRAIN_BYTES = 64 * 1024 };

struct snap_writer {
	struct buf buf;                               /* the line being made, and those before it not yet drained */
	uint64_t   entries;                           /* lines so far */
	void     (*drain)(struct snap_writer *);      /* takes all of buf and resets it; errors are its own affair; NULL: let it grow */
	void      *cookie;
};

/* The line in buf is whole (without its newline). */
static inline void
snap_line(struct snap_writer *w)
{
	buf_char(&w->buf, '\n');
	w->entries++;
	if (w->drain != NULL && w->buf.n >= SNAP_DRAIN_BYTES)
		w->drain(w);
}

#endif
