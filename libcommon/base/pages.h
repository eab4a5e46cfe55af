/*
 * pages - pages of one size, out of large blocks
 *
 * A page comes from the oldest block that has room, so that an owner who gives back and takes anew moves
 * towards the old ones and the young ones run empty; an empty block goes back to the system.  {page_bytes}
 * is a good empty one.
 */
#ifndef BASE_PAGES_H
#define BASE_PAGES_H

#include <stddef.h>

struct pages_block;

struct pages {
	size_t               page_bytes;     /* a multiple of 64; pages begin at one, too */
	struct pages_block **blocks;         /* the oldest first */
	size_t               n_blocks, cap_blocks;
	size_t               first_room;     /* blocks before this one are full */
	size_t               n_empty;        /* blocks: one at most, kept for what comes next */
};

void  *pages_take(struct pages *);           /* not zeroed */
void   pages_give(struct pages *, void *);
void   pages_release(struct pages *);        /* with all pages that are out */
size_t pages_bytes(const struct pages *);    /* of blocks */

#endif
