/* slab - things of one size that come and go */
#include "state/slab.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { CHUNK_BYTES = 32 * 1024, FIRST_CHUNK_BITS = 3 };

void
slab_init(struct slab *s, size_t thing_bytes)
{
	*s = (struct slab){ .stride = (thing_bytes + 15) & ~(size_t)15, .chunk_bits = FIRST_CHUNK_BITS };
	while ((s->stride << (s->chunk_bits + 1)) <= CHUNK_BYTES)
		s->chunk_bits++;
}

void
slab_release(struct slab *s)
{
	for (uint32_t i = 0; i < s->n_chunks; i++)
		free(s->chunks[i]);
	free(s->chunks);
	*s = (struct slab){ .stride = s->stride, .chunk_bits = s->chunk_bits };
}

static void
add_chunk(struct slab *s)
{
	if ((s->n_chunks & (s->n_chunks - 1)) == 0)      /* a power of two: room for as many again */
		s->chunks = alloc_resized(s->chunks, s->n_chunks == 0 ? 1 : (size_t)s->n_chunks * 2, sizeof(char *));
	s->chunks[s->n_chunks++] = alloc_resized(NULL, (size_t)1 << s->chunk_bits, s->stride);
}

void *
slab_take(struct slab *s, uint32_t *number)
{
	char *thing;

	if (s->free != 0) {
		*number = s->free - 1;
		thing = slab_at(s, *number);
		memcpy(&s->free, thing, sizeof(s->free));
	} else {
		/* Memory has run out long before numbers do. */
		assert(s->n_places < UINT32_MAX - 1);
		*number = s->n_places++;
		if (*number >> s->chunk_bits == s->n_chunks)
			add_chunk(s);
		thing = slab_at(s, *number);
	}
	s->n++;
	return memset(thing, 0, s->stride);
}

void
slab_give_back(struct slab *s, uint32_t number)
{
	assert(s->n > 0);
	if (--s->n == 0) {
		slab_release(s);
		return;
	}
	memcpy(slab_at(s, number), &s->free, sizeof(s->free));
	s->free = number + 1;
}

size_t
slab_bytes(const struct slab *s)
{
	return s->n_chunks * (sizeof(char *) + ((size_t)1 << s->chunk_bits) * s->stride);
}
