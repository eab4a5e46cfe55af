/* arena - memory that goes all at once */
#include "base/arena.h"

#include <stdlib.h>

#include "base/alloc.h"

struct arena_block {
	struct arena_block *older;
	size_t              size;
	_Alignas(16) char   bytes[];
};

enum { BLOCK_MIN = 64, BLOCK_MAX = 1 << 20 };

void
arena_release(struct arena *a)
{
	struct arena_block *b = a->blocks, *older;

	for (; b != NULL; b = older) {
		older = b->older;
		free(b);
	}
	*a = (struct arena){ 0 };
}

void
arena_reset(struct arena *a)
{
	struct arena_block *keep = a->blocks, *b, *older;

	if (keep == NULL)
		return;
	for (b = keep->older; b != NULL; b = older) {
		older = b->older;
		free(b);
	}
	keep->older = NULL;
	a->next = keep->bytes;
	a->left = keep->size;
	a->total = keep->size;
}

static void *
take(struct arena *a, size_t n)
{
	void *p = a->next;

	a->next += n;
	a->left -= n;
	return p;
}

static void *
take_from_new_block(struct arena *a, size_t n)
{
	size_t              size = a->blocks == NULL ? BLOCK_MIN : a->blocks->size * 2;
	struct arena_block *b;

	if (size > BLOCK_MAX)
		size = BLOCK_MAX;
	if (size < n)
		size = n;
	b = alloc_bytes(sizeof(*b) + size);
	b->older = a->blocks;
	b->size = size;
	a->blocks = b;
	a->next = b->bytes;
	a->left = size;
	a->total += size;
	return take(a, n);
}

void *
arena_alloc(struct arena *a, size_t n)
{
	size_t skip = (size_t)(-(uintptr_t)a->next & 15);

	n = (n + 15) & ~(size_t)15;
	if (a->next == NULL || a->left < skip || a->left - skip < n)
		return take_from_new_block(a, n);
	take(a, skip);
	return take(a, n);
}

struct span
arena_copy(struct arena *a, struct span s)
{
	char *p;

	if (s.p == NULL)
		return SPAN_NONE;
	p = a->left < s.n || a->next == NULL ? take_from_new_block(a, s.n) : take(a, s.n);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return span_of(p, s.n);
}
