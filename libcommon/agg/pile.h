/*
 * pile - all numbers, each once with how often: what quantile and median have in common
 *
 * An open table of 16-byte slots in the arena, at most three quarters full: 21 to 43 bytes for each
 * different number, twice that while it grows and until the window goes.  A number of up to 17
 * digits lies in its slot; a longer one, 32 bytes, beside the table.
 */
#ifndef AGG_PILE_H
#define AGG_PILE_H

#include "agg/agg.h"

struct pile_slot;

struct pile {
	_Alignas(16) struct pile_slot *slots;
	uint64_t n_slots;                    /* a power of two, or 0 */
	uint64_t n_used;
	uint64_t n_values;
};

void pile_add(void *acc, const struct agg_input *, struct arena *);
void pile_merge(void *acc, const void *from, const struct agg_args *, struct arena *);
void pile_save(const void *acc, struct buf *);                  /* [value,count,value,count,…] */
bool pile_load(void *acc, struct span json, struct arena *);

/* The quantile PART ÷ WHOLE, between two values on the straight line; null of nothing. */
void pile_quantile(const struct pile *, uint64_t part, uint64_t whole, struct buf *);

#endif
