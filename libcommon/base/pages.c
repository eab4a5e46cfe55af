/* pages - pages of one size, out of large blocks */
#include "base/pages.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { HEAD_BYTES = 128 };     /* pages of so many bytes begin with a pair of lines of cache */

/* At the beginning of its memory. */
struct pages_block {
	size_t   place;              /* among the blocks */
	uint32_t n_out;              /* pages that are somebody's */
	uint32_t n_fresh;            /* pages from the beginning that have been somebody's */
	void    *given;              /* back: a list through their first words */
};

_Static_assert(sizeof(struct pages_block) <= HEAD_BYTES, "pages begin behind it");

static uint32_t
pages_in_block(const struct pages *s)
{
	return (uint32_t)((ALLOC_BLOCK_BYTES - HEAD_BYTES) / s->page_bytes);
}

static struct pages_block *
add_block(struct pages *s)
{
	struct pages_block *b = alloc_block();

	if (s->n_blocks == s->cap_blocks) {
		s->cap_blocks = s->cap_blocks == 0 ? 8 : 2 * s->cap_blocks;
		s->blocks = alloc_resized(s->blocks, s->cap_blocks, sizeof(struct pages_block *));
	}
	*b = (struct pages_block){ .place = s->n_blocks };
	s->n_empty++;
	return s->blocks[s->n_blocks++] = b;
}

static void
drop_block(struct pages *s, struct pages_block *b)
{
	size_t place = b->place;

	alloc_block_free(b);
	s->n_blocks--;
	s->n_empty--;
	memmove(s->blocks + place, s->blocks + place + 1, (s->n_blocks - place) * sizeof(struct pages_block *));
	for (size_t i = place; i < s->n_blocks; i++)
		s->blocks[i]->place = i;
}

void *
pages_take(struct pages *s)
{
	struct pages_block *b;
	void              *page;

	while (s->first_room < s->n_blocks && s->blocks[s->first_room]->n_out == pages_in_block(s))
		s->first_room++;
	b = s->first_room < s->n_blocks ? s->blocks[s->first_room] : add_block(s);
	if (b->n_out++ == 0)
		s->n_empty--;
	if (b->given == NULL)
		return (char *)b + HEAD_BYTES + b->n_fresh++ * s->page_bytes;
	page = b->given;
	memcpy(&b->given, page, sizeof(void *));
	return page;
}

void
pages_give(struct pages *s, void *page)
{
	struct pages_block *b = (void *)((char *)page - ((uintptr_t)page & (ALLOC_BLOCK_BYTES - 1)));

	memcpy(page, &b->given, sizeof(void *));
	b->given = page;
	if (b->place < s->first_room)
		s->first_room = b->place;
	if (--b->n_out > 0)
		return;
	/* One stays, so that a page to and fro does not cost a block each time; but not all alone. */
	s->n_empty++;
	if (s->n_empty > 1)
		drop_block(s, b);
	if (s->n_empty == s->n_blocks)
		pages_release(s);
}

void
pages_release(struct pages *s)
{
	for (size_t i = 0; i < s->n_blocks; i++)
		alloc_block_free(s->blocks[i]);
	free(s->blocks);
	*s = (struct pages){ .page_bytes = s->page_bytes };
}

size_t
pages_bytes(const struct pages *s)
{
	return s->n_blocks * ALLOC_BLOCK_BYTES + s->cap_blocks * sizeof(struct pages_block *);
}
