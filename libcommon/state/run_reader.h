/*
 * run_reader - a stretch of a spilled run, forwards
 *
 * Reads a piece at a time; a thing longer than a piece takes the room it needs.  It costs a piece of
 * memory from the first look on, until it is released.
 */
#ifndef STATE_RUN_READER_H
#define STATE_RUN_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "state/spill.h"

struct run_reader {
	struct spill *spill;
	uint64_t      run;
	uint64_t      next, end;         /* what has not been read yet */
	size_t        piece_bytes;
	struct buf    buf;               /* what has, */
	size_t        at;                /* and not been passed from here on */
};

/* Of RUN the bytes from FROM to TO.  SPILL is borrowed. */
void run_reader_init(struct run_reader *, struct spill *, uint64_t run, uint64_t from, uint64_t to, size_t piece_bytes);
void run_reader_release(struct run_reader *);

static inline bool
run_reader_is_done(const struct run_reader *r)
{
	return r->at == r->buf.n && r->next == r->end;
}

/* Out of line part of run_reader_look. */
const char *run_reader_fill(struct run_reader *, uint64_t n);

/*
 * The next N bytes, with BUF_SLACK readable ones behind; they stay where they are until the next look.  NULL: the
 * spill has failed, or there are not so many, which is said to be damage.
 */
static inline const char *
run_reader_look(struct run_reader *r, uint64_t n)
{
	return r->buf.n - r->at >= n ? r->buf.p + r->at : run_reader_fill(r, n);
}

/* The next N bytes, which were looked at, have been dealt with. */
static inline void
run_reader_pass(struct run_reader *r, size_t n)
{
	r->at += n;
}

#endif
