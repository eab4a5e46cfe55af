/* kept - a text that an accumulator holds on to */
#include "agg/kept.h"

void
kept_set(struct kept *k, struct span text, struct arena *arena)
{
	uint64_t cap = k->cap == 0 ? 2 * KEPT_NEAR : k->cap;
	char    *to = k->near;

	if (k->cap != 0 || text.n > KEPT_NEAR) {
		while (cap < text.n)
			cap *= 2;
		if (cap > k->cap) {
			k->cap = cap > UINT32_MAX ? UINT32_MAX : (uint32_t)cap;
			k->far = arena_alloc(arena, k->cap);
		}
		to = k->far;
	}
	if (text.n > 0)
		memcpy(to, text.p, text.n);
	k->n = (uint32_t)text.n;
}
