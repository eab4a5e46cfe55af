/*
 * unpack - a compressed descriptor, as the bytes that were compressed
 *
 * gzip (several members one after the other are one file) and Zstandard (the same with frames).
 * What is cut short or damaged is an error, never a silent end.
 */
#ifndef IO_UNPACK_H
#define IO_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

enum unpack_kind { UNPACK_NONE, UNPACK_GZIP, UNPACK_ZSTD };

enum { UNPACK_LATER = -2 };          /* of a pipe: nothing there now */

struct unpack;

/* By the suffix: .gz, .zst. */
enum unpack_kind unpack_kind_of(const char *path);

/* Read FD, which stays the caller's, from where it stands.  NAME is borrowed.  NULL: no memory, ERR_RETRY. */
struct unpack *unpack_new(enum unpack_kind, int fd, const char *name, struct err *);
void           unpack_free(struct unpack *);

/* Up to N bytes; 0 at the end; UNPACK_LATER; -1: err, "x.gz: …". */
ssize_t unpack_read(struct unpack *, void *to, size_t n, struct err *);

/* Would a read give something other than UNPACK_LATER?  (True may prove wrong.) */
bool unpack_ready(const struct unpack *);

/* Forget all: the caller has moved FD to the beginning. */
void unpack_restart(struct unpack *);

#endif
