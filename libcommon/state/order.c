/* order - things in the order of an int64 */
#include "state/order.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { BLOCK = 256 };

struct order_block {
	size_t  n;
	int64_t ids[BLOCK];
	void   *things[BLOCK];
};

void
order_release(struct order *o)
{
	for (size_t i = 0; i < o->n_blocks; i++)
		free(o->blocks[i]);
	free(o->blocks);
	*o = (struct order){ 0 };
}

/* The block that ID belongs to: the last that begins at or below it, else the first. */
static size_t
block_for(const struct order *o, int64_t id)
{
	size_t low = 0, high = o->n_blocks;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (o->blocks[middle]->ids[0] <= id)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* How many ids of the block lie below ID. */
static size_t
rank(const struct order_block *b, int64_t id)
{
	size_t low = 0, high = b->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (b->ids[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void *
order_at_or_below(const struct order *o, int64_t id)
{
	const struct order_block *b;
	size_t                    i;

	if (o->n_blocks == 0)
		return NULL;
	b = o->blocks[block_for(o, id)];
	i = rank(b, id);
	if (i < b->n && b->ids[i] == id)
		return b->things[i];
	return i == 0 ? NULL : b->things[i - 1];
}

void *
order_at_or_above(const struct order *o, int64_t id)
{
	size_t at, i;

	if (o->n_blocks == 0)
		return NULL;
	at = block_for(o, id);
	i = rank(o->blocks[at], id);
	if (i < o->blocks[at]->n)
		return o->blocks[at]->things[i];
	return at + 1 < o->n_blocks ? o->blocks[at + 1]->things[0] : NULL;
}

static struct order_block *
new_block(struct order *o, size_t at)
{
	struct order_block *b = alloc_bytes(sizeof(*b));

	if (o->n_blocks == o->cap_blocks) {
		o->cap_blocks = o->cap_blocks == 0 ? 4 : o->cap_blocks * 2;
		o->blocks = alloc_resized(o->blocks, o->cap_blocks, sizeof(struct order_block *));
	}
	memmove(o->blocks + at + 1, o->blocks + at, (o->n_blocks - at) * sizeof(struct order_block *));
	o->blocks[at] = b;
	o->n_blocks++;
	b->n = 0;
	return b;
}

/*
 * Block AT is full and ID belongs there: make room, and say where it belongs now.  Ids behind the
 * last one get a block of their own, as time mostly goes up; else the block's upper half moves out.
 */
static size_t
make_room(struct order *o, size_t at, int64_t id)
{
	const size_t        half = BLOCK / 2;
	struct order_block *b = o->blocks[at], *upper;
	bool                is_behind = at + 1 == o->n_blocks && id > b->ids[BLOCK - 1];

	upper = new_block(o, at + 1);
	if (is_behind)
		return at + 1;
	upper->n = BLOCK - half;
	memcpy(upper->ids, b->ids + half, upper->n * sizeof(int64_t));
	memcpy(upper->things, b->things + half, upper->n * sizeof(void *));
	b->n = half;
	return id < upper->ids[0] ? at : at + 1;
}

void
order_put(struct order *o, int64_t id, void *thing)
{
	struct order_block *b;
	size_t              at, i;

	if (o->n_blocks == 0)
		new_block(o, 0);
	at = block_for(o, id);
	if (o->blocks[at]->n == BLOCK)
		at = make_room(o, at, id);
	b = o->blocks[at];
	i = rank(b, id);
	assert(i == b->n || b->ids[i] != id);
	memmove(b->ids + i + 1, b->ids + i, (b->n - i) * sizeof(int64_t));
	memmove(b->things + i + 1, b->things + i, (b->n - i) * sizeof(void *));
	b->ids[i] = id;
	b->things[i] = thing;
	b->n++;
	o->n++;
}

void
order_take(struct order *o, int64_t id)
{
	struct order_block *b;
	size_t              at, i;

	assert(o->n_blocks > 0);
	at = block_for(o, id);
	b = o->blocks[at];
	i = rank(b, id);
	assert(i < b->n && b->ids[i] == id);
	b->n--;
	o->n--;
	memmove(b->ids + i, b->ids + i + 1, (b->n - i) * sizeof(int64_t));
	memmove(b->things + i, b->things + i + 1, (b->n - i) * sizeof(void *));
	if (b->n > 0)
		return;
	free(b);
	o->n_blocks--;
	memmove(o->blocks + at, o->blocks + at + 1, (o->n_blocks - at) * sizeof(struct order_block *));
}

size_t
order_bytes(const struct order *o)
{
	return o->n_blocks * sizeof(struct order_block) + o->cap_blocks * sizeof(struct order_block *);
}
