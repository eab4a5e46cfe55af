/* slabs - memory for many small things of many sizes that come and go */
#include "state/slabs.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"

/* What has been given back is out of bounds. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

/* A slab lies at a multiple of its size, so that a thing knows its slab; malloc's own words fit in what it leaves. */
enum { SLAB = 32 * 1024, SLAB_BYTES = SLAB - 64, HEAD_BYTES = 48 };

struct slab {
	struct slab *next, *previous;
	void        *free;               /* given back; each points to the next */
	uint32_t     bump;               /* behind it nothing has been taken yet */
	uint32_t     used;               /* things */
	uint32_t     size;               /* of a thing, in bytes */
};

static_assert(sizeof(struct slab) <= HEAD_BYTES, "things begin behind it");

static struct slab *
new_slab(struct slabs *s)
{
	struct slab *slab = s->spare;
	void        *memory = NULL;

	s->spare = NULL;
	if (slab != NULL)
		return slab;
	if (posix_memalign(&memory, SLAB, SLAB_BYTES) != 0)
		alloc_failed();
	s->n_slabs++;
	return memory;
}

static void
link_slab(struct slabs *s, struct slab *slab)
{
	struct slab **first = &s->with_room[slab->size / 8];

	slab->previous = NULL;
	slab->next = *first;
	if (*first != NULL)
		(*first)->previous = slab;
	*first = slab;
}

static void
unlink_slab(struct slabs *s, struct slab *slab)
{
	if (slab->next != NULL)
		slab->next->previous = slab->previous;
	if (slab->previous != NULL)
		slab->previous->next = slab->next;
	else
		s->with_room[slab->size / 8] = slab->next;
}

static bool
is_full(const struct slab *slab)
{
	return slab->free == NULL && slab->bump + slab->size > SLAB_BYTES;
}

static struct slab *
slab_for(struct slabs *s, size_t size)
{
	struct slab *slab = s->with_room[size / 8];

	if (slab != NULL)
		return slab;
	slab = new_slab(s);
	slab->free = NULL;
	slab->bump = HEAD_BYTES;
	slab->used = 0;
	slab->size = (uint32_t)size;
	link_slab(s, slab);
	return slab;
}

void *
slabs_take(struct slabs *s, size_t n)
{
	struct slab *slab;
	void        *thing;

	if (n > SLABS_LARGEST) {
		s->large_bytes += n + 16;
		return alloc_bytes(n);
	}
	slab = slab_for(s, (n + 7) & ~(size_t)7);
	thing = slab->free;
	if (thing != NULL) {
		slab->free = *(void **)thing;
		ASAN_UNPOISON_MEMORY_REGION(thing, slab->size);
	} else {
		thing = (char *)slab + slab->bump;
		slab->bump += slab->size;
	}
	slab->used++;
	if (is_full(slab))
		unlink_slab(s, slab);
	return thing;
}

static void
retire(struct slabs *s, struct slab *slab)
{
	unlink_slab(s, slab);
	ASAN_UNPOISON_MEMORY_REGION(slab, SLAB_BYTES);
	if (s->spare == NULL) {
		s->spare = slab;
		return;
	}
	free(slab);
	s->n_slabs--;
}

void
slabs_give(struct slabs *s, void *thing, size_t n)
{
	struct slab *slab;

	if (n > SLABS_LARGEST) {
		s->large_bytes -= n + 16;
		free(thing);
		return;
	}
	slab = (struct slab *)((uintptr_t)thing & ~(uintptr_t)(SLAB - 1));
	if (is_full(slab))
		link_slab(s, slab);
	*(void **)thing = slab->free;
	slab->free = thing;
	ASAN_POISON_MEMORY_REGION((char *)thing + sizeof(void *), slab->size - sizeof(void *));
	if (--slab->used == 0)
		retire(s, slab);
}

void
slabs_release(struct slabs *s)
{
	assert(s->n_slabs == (s->spare != NULL));
	free(s->spare);
	*s = (struct slabs){ 0 };
}

size_t
slabs_bytes(const struct slabs *s)
{
	return s->n_slabs * SLAB + s->large_bytes;
}
