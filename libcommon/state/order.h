/*
 * order - things in the order of an int64
 *
 * A sorted list in two levels: blocks of a few hundred, and the list of blocks.  Finding is two
 * binary searches; putting in and taking out move a block's worth of bytes at most, also where a
 * million windows are open and their records come in any order.
 */
#ifndef STATE_ORDER_H
#define STATE_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct order_block;

/* {0} is a good empty one. */
struct order {
	struct order_block **blocks;     /* none of them empty */
	size_t               n_blocks;
	size_t               cap_blocks;
	size_t               n;          /* things, all in all */
};

void  order_release(struct order *);                        /* the list, not the things */

/* With the greatest id <= ID, with the least id >= ID; NULL: none. */
void *order_at_or_below(const struct order *, int64_t id);
void *order_at_or_above(const struct order *, int64_t id);

void  order_put(struct order *, int64_t id, void *thing);   /* there must be none with this id */
void  order_take(struct order *, int64_t id);               /* there must be one */

size_t order_bytes(const struct order *);

#endif
