/*
 * hoard - bytes of a pipe that were read before anybody wanted them
 *
 * Who writes into the pipe must not wait for us where we wait for somebody who waits for him: so what
 * comes is read, kept, and given out in its order later.  In memory up to a bound, beyond it in a file
 * without a name in $TMPDIR, whose space goes back as it is read.  Nothing of it outlives the process.
 */
#ifndef IO_HOARD_H
#define IO_HOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct hoard;

/* MEMORY_BYTES: about how much of it stays in memory. */
struct hoard *hoard_new(size_t memory_bytes);
void          hoard_free(struct hoard *);         /* NULL is fine */

/*
 * Read once from FD, which must be readable.  1: bytes came; 0: the end, or nothing there; -1: err, "NAME: …" or
 * that of the temp file.
 */
int hoard_fill(struct hoard *, int fd, const char *name, struct err *);

/* Keep bytes that are no pipe's, behind all that is there. */
int hoard_put(struct hoard *, const void *, size_t n, struct err *);

/* Up to N bytes, oldest first; 0: it is empty; -1: err. */
ssize_t hoard_take(struct hoard *, void *to, size_t n, struct err *);

bool     hoard_is_empty(const struct hoard *);
bool     hoard_has_ended(const struct hoard *);   /* the pipe has; what is kept comes before that */
uint64_t hoard_disk_bytes(const struct hoard *);  /* of what is kept: in the file */

#endif
