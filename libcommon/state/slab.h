/*
 * slab - things of one size that come and go
 *
 * They lie in chunks of some ten KiB and never move; a thing has a number, which the next one gets when
 * it goes.  What is behind the first 8 bytes of a thing that went stays until its place is taken
 * again, so whoever kept a number can see that it stands for nothing any more, if the thing says so
 * there.  Once all are gone the memory goes, too.
 */
#ifndef STATE_SLAB_H
#define STATE_SLAB_H

#include <stddef.h>
#include <stdint.h>

struct slab {
	size_t   stride;                 /* a multiple of 16 */
	unsigned chunk_bits;             /* 1 << that many things a chunk */
	char   **chunks;
	uint32_t n_chunks;
	uint32_t n_places;               /* taken at any time; numbers are below it */
	uint32_t free;                   /* the place that went last, and 1; 0: none */
	uint32_t n;                      /* things there are */
};

void slab_init(struct slab *, size_t thing_bytes);
void slab_release(struct slab *);

/* A thing, zeroed, aligned to 16. */
void *slab_take(struct slab *, uint32_t *number);
void  slab_give_back(struct slab *, uint32_t number);

static inline void *
slab_at(const struct slab *s, uint32_t number)
{
	return s->chunks[number >> s->chunk_bits] + (number & ((1U << s->chunk_bits) - 1)) * s->stride;
}

size_t slab_bytes(const struct slab *);

#endif
