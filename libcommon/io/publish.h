/*
 * publish - a small file for other programs, always whole
 *
 * Each time a new file is made beside it and takes its name, so that whoever reads sees one state or
 * the next, never half of one.  Nothing is synced: after a power cut it does not matter what it said.
 * Its permissions are what the umask leaves.
 */
#ifndef IO_PUBLISH_H
#define IO_PUBLISH_H

#include "base/buf.h"
#include "base/err.h"

struct publish;

/*
 * Take PATH, which is made if it is not there; what stands in it is appended to OLD.  ERR_USAGE:
 * another process publishes there; it is no regular file (a device would be replaced); it does not
 * begin with BEGINS, or is longer than 1 MiB, so that it must be something else.  A symbolic link
 * stays, and what it points to is replaced.
 */
struct publish *publish_open(const char *path, struct span begins, struct buf *old, struct err *);

/* From now on this is what stands there.  After -1 the next try may go well. */
int  publish_replace(struct publish *, struct span, struct err *);

void publish_free(struct publish *);            /* the file stays.  NULL is fine */

#endif
