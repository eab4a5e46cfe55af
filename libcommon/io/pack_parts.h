/*
 * pack_parts - the two libraries behind pack, each seen by its own file; out of memory ends in there
 */
#ifndef IO_PACK_PARTS_H
#define IO_PACK_PARTS_H

#include "io/pack.h"

void *pack_gzip_new(void);
void  pack_gzip_free(void *);
void  pack_gzip_frame(void *, struct span bytes, struct buf *to);

void *pack_zstd_new(void);
void  pack_zstd_free(void *);
void  pack_zstd_frame(void *, struct span bytes, struct buf *to);

#endif
