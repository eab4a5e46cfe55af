/* ids_walk - the entries of a set in order */
#include <stdlib.h>

#include "base/alloc.h"
#include "state/ids_parts.h"

static bool
is_after(const uint64_t *a, const uint64_t *b)
{
	uint64_t x = a[IDS_FLAGS] >> IDS_SHARD_BITS, y = b[IDS_FLAGS] >> IDS_SHARD_BITS;

	return x != y ? x > y : a[IDS_LOW] > b[IDS_LOW];
}

/* Where the entry would stand if those of its shard were spread evenly. */
static size_t
likely_place(const struct ids_shard *h, const uint64_t *e)
{
	return (size_t)((e[IDS_FLAGS] >> 32) * h->n >> 32);
}

/* They stand almost in order. */
static void
sort_neighbours(uint64_t **all, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint64_t *e = all[i];
		size_t    at = i;

		for (; at > 0 && is_after(all[at - 1], e); at--)
			all[at] = all[at - 1];
		all[at] = e;
	}
}

/* The entries of the cursor's shard, in order: dealt out by where they are likely to stand. */
static void
take_shard(const struct ids *s, struct ids_cursor *c)
{
	const struct ids_shard *h = &s->shards[c->shard++];
	uint32_t               *ends;

	c->n = h->n;
	c->at = 0;
	if (h->n == 0)
		return;
	if (h->n > c->cap) {
		c->cap = h->n + h->n / 4;
		free(c->all);
		c->all = alloc_bytes(c->cap * sizeof(*c->all));
	}
	ends = alloc_zeroed(h->n, sizeof(*ends));
	for (uint32_t g = 0; g < h->n_groups; g++)
		for (uint64_t *group = ids_group(h, g, s->words), *e = group; e < group + IDS_GROUP && *e != 0; e++)
			ends[likely_place(h, e)]++;
	for (uint32_t i = 1; i < h->n; i++)
		ends[i] += ends[i - 1];
	for (uint32_t g = 0; g < h->n_groups; g++)
		for (uint64_t *group = ids_group(h, g, s->words), *e = group; e < group + IDS_GROUP && *e != 0; e++)
			c->all[--ends[likely_place(h, e)]] = e;
	free(ends);
	sort_neighbours(c->all, c->n);
}

uint64_t *
ids_next(const struct ids *s, struct ids_cursor *c, struct hash_print *p)
{
	const uint32_t end = c->end == 0 ? IDS_SHARDS : c->end;
	uint64_t      *e;

	while (c->at == c->n) {
		if (c->shard == end) {
			free(c->all);
			*c = (struct ids_cursor){ .shard = end, .end = end };
			return NULL;
		}
		take_shard(s, c);
	}
	e = c->all[c->at++];
	p->hi = (uint64_t)(c->shard - 1) << (64 - IDS_SHARD_BITS) | e[IDS_FLAGS] >> IDS_SHARD_BITS;
	p->lo = e[IDS_LOW];
	return e;
}
