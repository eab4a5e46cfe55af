/*
 * pack - bytes made smaller, a frame at a time
 *
 * Every call makes a frame (gzip: a member) that stands alone, so that a file of frames can be cut
 * behind any of them and is whole; frames one behind the other are one file to gzip -d and zstd -d.
 */
#ifndef IO_PACK_H
#define IO_PACK_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"

enum pack_kind { PACK_NONE, PACK_GZIP, PACK_ZSTD, N_PACK_KINDS };

extern const char *const pack_names[N_PACK_KINDS];       /* "none", "gzip", "zstd" */
extern const char *const pack_suffixes[N_PACK_KINDS];    /* "", ".gz", ".zst" */

struct pack;

struct pack *pack_new(enum pack_kind);
void         pack_free(struct pack *);                   /* NULL is fine */

/* Append a frame with BYTES in it. */
void pack_frame(struct pack *, struct span bytes, struct buf *to);

/* The libraries with their versions: "zlib 1.3", "zstd 1.5.5". */
const char *pack_gzip_library(void);
const char *pack_zstd_library(void);

#endif
