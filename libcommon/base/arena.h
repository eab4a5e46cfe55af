/*
 * arena - memory that goes all at once
 *
 * Bump allocation in blocks; nothing is freed by itself.  {0} is a good empty one.  Pointers stay
 * valid until arena_reset or arena_release.  An arena of a batch is reset with the batch; one of a
 * window goes with the window.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/span.h"

struct arena_block;

struct arena {
	struct arena_block *blocks;      /* newest first */
	char               *next;
	size_t              left;
	size_t              total;       /* bytes of all blocks: what the arena costs */
};

void  arena_release(struct arena *);
void  arena_reset(struct arena *);                       /* keeps the largest block for reuse */
void *arena_alloc(struct arena *, size_t n);             /* aligned to 16, not zeroed */
struct span arena_copy(struct arena *, struct span);     /* unaligned; SPAN_NONE stays SPAN_NONE */

#endif
