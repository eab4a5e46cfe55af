/*
 * ring - pages that the reader of a pipe reads where they stand
 *
 * write(2) into a pipe has the kernel allocate pages on one core, copy into them, and free them on another: half a
 * nanosecond a byte on both sides together.  vmsplice(2) of pages that are used again and again costs a third of that;
 * the pipeline cat | window | sink takes 11 % less CPU, the copy into the ring included.  (Lines written straight into
 * these pages would take 2 % less again, and want a buffer that is not its owner's: not done.)
 *
 * The price: what stands in the pipe is a reference, and who splices or tees it on (pv does) still has one when it has
 * left the pipe.  So only where the reader is known to copy, as read(2) does: every reader of ours holds a lock on a
 * byte of the pipe that nobody else knows, as long as it lives.  A page is written again when both hold, asked in this
 * order: the pipe does not hold it any more (FIONREAD), and the reader is still the one first seen (F_GETLK).  Else
 * all goes by write(2) from then on, and the pages are left as they are.  tests/model/ring.pml checks that any reader,
 * ours or not, that follows another on the same pipe sees what was written, whoever is killed.
 *
 * What no lock tells: somebody else who splices out of the same pipe while one of ours reads it, too.  Each gets a part
 * of the lines then, as of any pipe with two readers; and the other's part may change in its hands.
 */
#ifndef IO_RING_H
#define IO_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	RING_CHUNKS      = 8,                  /* more than a pipe of 256 KiB holds of them, and one being filled */
	RING_CHUNK_BYTES = 128 * 1024,         /* the most that is given at once */
	RING_LEAST_BYTES = 16 * 1024           /* less than that is cheaper to write */
};

/* {0} is one that has not found its reader. */
struct ring {
	char    *pages;                        /* RING_CHUNKS of them; NULL: none yet, or no longer */
	pid_t    reader;
	bool     is_over;                      /* the reader was another: for good */
	size_t   n_used;                       /* chunks that have ever been given */
	uint64_t ends[RING_CHUNKS];            /* of what each held: in the bytes that were put into the pipe */
	uint64_t given_bytes;                  /* through the ring */
};

/*
 * The reader's side: from now on until this process ends, or closes any descriptor of this pipe, it takes what comes
 * by read(2), or preadv2(2), and in no other way.  Nothing is lost if that cannot be said.
 */
void ring_announce(int fd);

/*
 * The writer's side: how many of N bytes went into the pipe FD.  0: none, write them.  PUT_BYTES: how many the caller
 * has put into it so far, at least.  Blocks where write(2) would.  Of P nothing is kept.
 */
size_t ring_give(struct ring *, int fd, const char *p, size_t n, uint64_t put_bytes);

/* What is in the pipe stays there. */
void ring_release(struct ring *);

#endif
