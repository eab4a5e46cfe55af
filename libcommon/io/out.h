/*
 * out - bytes to a descriptor, whole lines only
 *
 * The caller appends whole lines to `buf` and calls out_spill now and then (after each batch), and
 * out_flush before it would block.  Every write is checked; short writes, EINTR and descriptors
 * that somebody made non-blocking are handled here.  Where a command of ours reads the pipe, much goes by pages that both
 * share (ring.h) instead of write(2); nobody sees a difference.
 */
#ifndef IO_OUT_H
#define IO_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "io/ring.h"

enum {
	OUT_SPILL_BYTES = 64 * 1024,           /* out_spill writes when that much is there */
	OUT_WRITE_BYTES = 256 * 1024,          /* the most for one write(2) */
	OUT_PIPE_BYTES  = 256 * 1024           /* what a pipe is asked to hold */
};

enum out_kind { OUT_PIPE, OUT_SOCKET, OUT_TTY, OUT_REGULAR, OUT_OTHER };

struct out {
	int           fd;
	const char   *name;                /* for messages; borrowed */
	enum out_kind kind;
	struct buf    buf;                 /* append whole lines here */
	uint64_t      written_bytes;       /* by this process: what the descriptor took */
	struct ring   ring;                /* of a pipe */
};

/*
 * A pipe that holds less is widened.  -1 if FD is not open for writing ("standard output: closed").
 * The descriptor stays the caller's until out_close.
 */
int out_init(struct out *, int fd, const char *name, struct err *);

/*
 * Write all of buf.  A reader that is gone: ERR_READER_GONE.  After a failure buf holds what was
 * not taken.
 */
int out_flush(struct out *, struct err *);

/* Flush and close the descriptor, both checked.  The out is released, whatever happened. */
int out_close(struct out *, struct err *);

/* Give back the memory, close nothing; what is in buf is dropped: flush first. */
void out_release(struct out *);

static inline int
out_spill(struct out *o, struct err *err)
{
	return __builtin_expect(o->buf.n < OUT_SPILL_BYTES, 1) ? 0 : out_flush(o, err);
}

/* For others that write: all N bytes to FD, at OFFSET if that is >= 0.  NAME is for the message. */
int out_write_all(int fd, const char *name, const void *p, size_t n, int64_t offset, struct err *);

#endif
