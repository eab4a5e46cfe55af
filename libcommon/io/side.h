/*
 * side - a file beside the stream: late records, dead letters, duplicates
 *
 * Held by one process at a time.  Without a checkpoint it is appended to.  With one, its length is
 * part of the stage's snapshot, and a restart cuts it back to that: what came out after the
 * snapshot comes out again.  Terminals, pipes and devices are written to as they are: no lock, no
 * cut.
 */
#ifndef IO_SIDE_H
#define IO_SIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* What a snapshot says of a side file. */
struct side_place {
	const char *path;          /* as given */
	uint64_t    inode;
	/* birth time, 0 where the file system has none: inode numbers are used again */
	int64_t     born_ns;
	uint64_t    length_bytes;
};

struct side;

/*
 * Open PATH for writing, take its lock, and find the place to write at.  KNOWN is what the snapshot
 * says, NULL: no checkpoint, or a snapshot that does not know a file for this purpose: then at its
 * end.
 *   the same file:              cut back to KNOWN's length; shorter: ERR_DATA, "shorter than the checkpoint knows"
 *   missing, or the path holds another file now (it was rotated away): begins at 0
 *   KNOWN is of another path:   at its end, as if nothing were known
 * A second holder: ERR_USAGE.  *IS_NEW: the snapshot knows nothing of where this file begins; under
 * a checkpoint the caller makes a snapshot before it writes the first byte.
 */
struct side *side_open(const char *path, const struct side_place *known, bool *is_new,
                       struct err *);

/* Append whole lines here, then side_spill. */
struct buf *side_buf(struct side *);

int side_spill(struct side *, struct err *);               /* write if 64 KiB are there */
int side_flush(struct side *, struct err *);               /* write all */
int side_sync(struct side *, struct err *);                /* flush and fsync */

/* Where it stands, for the snapshot: what is flushed.  path is borrowed from the side. */
void side_place(const struct side *, struct side_place *);

/* Flush, close, both checked; free.  NULL is fine. */
int  side_close(struct side *, struct err *);
void side_free(struct side *);                             /* drops what is not flushed */

#endif
