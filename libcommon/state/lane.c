/* lane - things in order of time, then arrival */
#include "state/lane.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { FLAT = 64, BLOCK = 126 };

static const uint32_t LANE_BLOCKED = UINT32_MAX;

struct block {
	uint32_t          from, n;           /* things lie at [from, from + n) */
	struct lane_item *items[BLOCK];
};

struct blocks {
	uint32_t      n, cap;
	struct block *all[];                 /* none of them empty */
};

static inline struct blocks *
blocks_of(const struct lane *l)
{
	return l->at;
}

/* The things that lie together: of a block, or of the whole lane. */
static inline struct lane_item *const *
items_at(const struct lane *l, uint32_t block, uint32_t *n)
{
	if (l->cap == LANE_BLOCKED) {
		const struct block *b = blocks_of(l)->all[block];

		*n = b->n;
		return b->items + b->from;
	}
	*n = l->n;
	return l->cap == 0 ? (struct lane_item *const *)&l->at : l->at;
}

static inline bool
is_below(const struct lane_item *item, int64_t ts_ms, uint64_t order)
{
	return item->ts_ms < ts_ms || (item->ts_ms == ts_ms && item->order < order);
}

/* How many of them lie below.  Looks at the last one first: time mostly goes up. */
static uint32_t
rank(struct lane_item *const *items, uint32_t n, int64_t ts_ms, uint64_t order)
{
	uint32_t low = 0, high = n;

	if (n > 0 && is_below(items[n - 1], ts_ms, order))
		return n;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (is_below(items[middle], ts_ms, order))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The last block that begins at or below, else the first. */
static uint32_t
block_for(const struct blocks *b, int64_t ts_ms, uint64_t order)
{
	uint32_t low = 0, high = b->n;

	if (!is_below(b->all[high - 1]->items[b->all[high - 1]->from], ts_ms, order))
		while (high - low > 1) {
			uint32_t middle = low + (high - low) / 2;

			if (is_below(b->all[middle]->items[b->all[middle]->from], ts_ms, order))
				low = middle;
			else
				high = middle;
		}
	else
		low = high - 1;
	return low;
}

struct lane_place
lane_seek(const struct lane *l, int64_t ts_ms, uint64_t order)
{
	struct lane_place        p = { 0, 0 };
	struct lane_item *const *items;
	uint32_t                 n;

	if (l->cap == LANE_BLOCKED)
		p.block = block_for(blocks_of(l), ts_ms, order);
	items = items_at(l, p.block, &n);
	p.i = rank(items, n, ts_ms, order);
	return p;
}

struct lane_item *
lane_next(const struct lane *l, struct lane_place *p)
{
	struct lane_item *const *items;
	uint32_t                 n;

	items = items_at(l, p->block, &n);
	if (p->i == n) {
		if (l->cap != LANE_BLOCKED || p->block + 1 == blocks_of(l)->n)
			return NULL;
		*p = (struct lane_place){ p->block + 1, 0 };
		items = items_at(l, p->block, &n);
	}
	return items[p->i++];
}

struct lane_item *
lane_previous(const struct lane *l, struct lane_place *p)
{
	struct lane_item *const *items;
	uint32_t                 n;

	if (p->i == 0) {
		if (p->block == 0)
			return NULL;
		p->block--;
		items_at(l, p->block, &n);
		p->i = n;
	}
	items = items_at(l, p->block, &n);
	return items[--p->i];
}

struct lane_item *
lane_find(const struct lane *l, int64_t ts_ms, uint64_t order)
{
	struct lane_place  p = lane_seek(l, ts_ms, order);
	struct lane_item  *item = lane_next(l, &p);

	return item != NULL && item->ts_ms == ts_ms && item->order == order ? item : NULL;
}

struct lane_item *
lane_first(const struct lane *l)
{
	struct lane_place p = { 0, 0 };

	return l->n == 0 ? NULL : lane_next(l, &p);
}

/* ---- putting in ---- */

static struct block *
new_block(struct lane *l, uint32_t at)
{
	struct blocks *b = blocks_of(l);
	struct block  *new = alloc_bytes(sizeof(*new));

	if (b->n == b->cap) {
		b->cap *= 2;
		l->at = b = alloc_resized(b, 1, sizeof(*b) + b->cap * sizeof(struct block *));
	}
	memmove(b->all + at + 1, b->all + at, (b->n - at) * sizeof(struct block *));
	b->all[at] = new;
	b->n++;
	new->from = new->n = 0;
	return new;
}

static void
block_put(struct block *b, uint32_t i, struct lane_item *item)
{
	struct lane_item **items = b->items + b->from;

	if (b->from + b->n == BLOCK) {
		/* Room is in front only: what lies below moves there. */
		memmove(items - 1, items, i * sizeof(struct lane_item *));
		b->from--;
		items--;
	} else {
		memmove(items + i + 1, items + i, (b->n - i) * sizeof(struct lane_item *));
	}
	items[i] = item;
	b->n++;
}

static void
put_in_block(struct lane *l, struct lane_item *item)
{
	struct lane_place p = lane_seek(l, item->ts_ms, item->order);
	struct block     *b = blocks_of(l)->all[p.block], *upper;
	const uint32_t    half = BLOCK / 2;

	if (b->n < BLOCK) {
		block_put(b, p.i, item);
		return;
	}
	/* Full.  Behind the last of all a block is begun; else the upper half moves out. */
	upper = new_block(l, p.block + 1);
	if (p.i == BLOCK && p.block + 2 == blocks_of(l)->n) {
		block_put(upper, 0, item);
		return;
	}
	upper->n = BLOCK - half;
	memcpy(upper->items, b->items + half, upper->n * sizeof(struct lane_item *));
	b->n = half;
	if (p.i <= half)
		block_put(b, p.i, item);
	else
		block_put(upper, p.i - half, item);
}

/* From an array to blocks. */
static void
make_blocks(struct lane *l)
{
	struct lane_item **items = l->at;
	struct blocks     *b = alloc_bytes(sizeof(*b) + 4 * sizeof(struct block *));
	struct block      *first;

	b->n = 0;
	b->cap = 4;
	l->at = b;
	l->cap = LANE_BLOCKED;
	first = new_block(l, 0);
	memcpy(first->items, items, l->n * sizeof(struct lane_item *));
	first->n = l->n;
	free(items);
}

/* An array for twice as many, or one for the second thing. */
static void
widen(struct lane *l)
{
	struct lane_item **items;

	if (l->cap > 0) {
		l->cap *= 2;
		l->at = alloc_resized(l->at, l->cap, sizeof(struct lane_item *));
		return;
	}
	items = alloc_bytes(2 * sizeof(struct lane_item *));
	items[0] = l->at;
	l->at = items;
	l->cap = 2;
}

void
lane_put(struct lane *l, struct lane_item *item)
{
	struct lane_item **items;
	uint32_t           i;

	if (l->n == 0 && l->cap == 0) {
		l->at = item;
		l->n = 1;
		return;
	}
	if (l->cap == FLAT && l->n == FLAT)
		make_blocks(l);
	if (l->cap == LANE_BLOCKED) {
		put_in_block(l, item);
		l->n++;
		return;
	}
	if (l->n >= l->cap)
		widen(l);
	items = l->at;
	i = rank(items, l->n, item->ts_ms, item->order);
	memmove(items + i + 1, items + i, (l->n - i) * sizeof(struct lane_item *));
	items[i] = item;
	l->n++;
}

/* ---- taking out ---- */

static void
block_take(struct lane *l, struct lane_place p)
{
	struct blocks     *b = blocks_of(l);
	struct block      *from = b->all[p.block];
	struct lane_item **items = from->items + from->from;

	if (p.i < from->n / 2) {
		memmove(items + 1, items, p.i * sizeof(struct lane_item *));
		from->from++;
	} else {
		memmove(items + p.i, items + p.i + 1, (from->n - p.i - 1) * sizeof(struct lane_item *));
	}
	if (--from->n > 0)
		return;
	free(from);
	b->n--;
	memmove(b->all + p.block, b->all + p.block + 1, (b->n - p.block) * sizeof(struct block *));
}

/* From blocks to an array, when it has become small. */
static void
make_array(struct lane *l)
{
	struct blocks     *b = blocks_of(l);
	struct lane_item **items = alloc_bytes(FLAT * sizeof(struct lane_item *));
	uint32_t           n = 0;

	for (uint32_t i = 0; i < b->n; i++) {
		memcpy(items + n, b->all[i]->items + b->all[i]->from, b->all[i]->n * sizeof(struct lane_item *));
		n += b->all[i]->n;
		free(b->all[i]);
	}
	free(b);
	l->at = items;
	l->cap = FLAT;
}

static void
narrow(struct lane *l)
{
	if (l->n == 0) {
		free(l->at);
		*l = (struct lane){ 0 };
	} else if (l->cap > 4 && l->n <= l->cap / 4) {
		l->cap /= 2;
		l->at = alloc_resized(l->at, l->cap, sizeof(struct lane_item *));
	}
}

void
lane_take(struct lane *l, const struct lane_item *item)
{
	struct lane_place  p = lane_seek(l, item->ts_ms, item->order);
	struct lane_item **items;

	if (l->cap == 0) {
		assert(l->at == item);
		*l = (struct lane){ 0 };
		return;
	}
	l->n--;
	if (l->cap == LANE_BLOCKED) {
		/* It may be the first of the next block that is not below itself. */
		if (p.i == blocks_of(l)->all[p.block]->n)
			p = (struct lane_place){ p.block + 1, 0 };
		assert(blocks_of(l)->all[p.block]->items[blocks_of(l)->all[p.block]->from + p.i] == item);
		block_take(l, p);
		if (l->n <= FLAT / 2)
			make_array(l);
		return;
	}
	items = l->at;
	assert(items[p.i] == item);
	memmove(items + p.i, items + p.i + 1, (l->n - p.i) * sizeof(struct lane_item *));
	narrow(l);
}

void
lane_release(struct lane *l)
{
	if (l->cap == LANE_BLOCKED)
		for (uint32_t i = 0; i < blocks_of(l)->n; i++)
			free(blocks_of(l)->all[i]);
	if (l->cap != 0)
		free(l->at);
	*l = (struct lane){ 0 };
}

size_t
lane_bytes(const struct lane *l)
{
	if (l->cap == LANE_BLOCKED)
		return sizeof(struct blocks) + blocks_of(l)->cap * sizeof(struct block *) + blocks_of(l)->n * sizeof(struct block);
	return l->cap * sizeof(struct lane_item *);
}
