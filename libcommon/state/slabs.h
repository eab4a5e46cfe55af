/*
 * slabs - memory for many small things of many sizes that come and go
 *
 * A slab holds things of one size, a multiple of 8, with nothing beside them (Bonwick, 1994).  Things that
 * came about the same time lie together, and mostly go about the same time: a slab without things goes
 * back.  A thing larger than SLABS_LARGEST is malloc's.
 */
#ifndef STATE_SLABS_H
#define STATE_SLABS_H

#include <stddef.h>
#include <stdint.h>

enum { SLABS_LARGEST = 1024, SLABS_CLASSES = SLABS_LARGEST / 8 + 1 };

struct slab;

/* {0} is a good empty one. */
struct slabs {
	struct slab *with_room[SLABS_CLASSES];   /* by size / 8; doubly linked */
	struct slab *spare;                      /* one without things, for whoever comes next */
	size_t       n_slabs;
	size_t       large_bytes;
};

/* N > 0 bytes, aligned to 8, not zeroed. */
void  *slabs_take(struct slabs *, size_t n);
/* What slabs_take gave for as many. */
void   slabs_give(struct slabs *, void *, size_t n);

/* All things have been given back. */
void   slabs_release(struct slabs *);
size_t slabs_bytes(const struct slabs *);

#endif
