/* chains - a hash table of things that come and go */
#include "state/chains.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"

static struct chain_link **
bucket_at(const struct chains *c, size_t b)
{
	return &c->segments[b >> CHAINS_SEGMENT_BITS][b & (CHAINS_SEGMENT - 1)];
}

static void
add_segment(struct chains *c, size_t at)
{
	if (at == c->cap_segments) {
		c->cap_segments = c->cap_segments == 0 ? 1 : c->cap_segments * 2;
		c->segments = alloc_resized(c->segments, c->cap_segments, sizeof(struct chain_link **));
	}
	c->segments[at] = alloc_zeroed(CHAINS_SEGMENT, sizeof(struct chain_link *));
}

/* One bucket more: it takes from the one LEVEL in front of it what its bit of the hash says. */
static void
split(struct chains *c)
{
	size_t              new = c->n_buckets;
	struct chain_link **from, **to, *link;

	if (new == 2 * c->level)
		c->level *= 2;
	if ((new & (CHAINS_SEGMENT - 1)) == 0)
		add_segment(c, new >> CHAINS_SEGMENT_BITS);
	from = bucket_at(c, new - c->level);
	to = bucket_at(c, new);
	while ((link = *from) != NULL) {
		if ((link->hash & c->level) == 0) {
			from = &link->next;
			continue;
		}
		*from = link->next;
		link->next = NULL;
		*to = link;
		to = &link->next;
	}
	c->n_buckets++;
}

/* The last bucket goes back to where it came from. */
static void
join(struct chains *c)
{
	size_t              last = c->n_buckets - 1;
	struct chain_link **to = bucket_at(c, last - c->level);

	while (*to != NULL)
		to = &(*to)->next;
	*to = *bucket_at(c, last);
	if ((last & (CHAINS_SEGMENT - 1)) == 0)
		free(c->segments[last >> CHAINS_SEGMENT_BITS]);
	else
		*bucket_at(c, last) = NULL;
	c->n_buckets--;
	if (c->n_buckets == c->level)
		c->level /= 2;
}

void
chains_put(struct chains *c, struct chain_link *link)
{
	struct chain_link **bucket;

	if (c->n_buckets == 0) {
		add_segment(c, 0);
		c->n_buckets = CHAINS_SEGMENT;
		c->level = CHAINS_SEGMENT / 2;
	}
	if (++c->n > c->n_buckets)
		split(c);
	bucket = chains_bucket(c, link->hash);
	link->next = *bucket;
	*bucket = link;
}

void
chains_take(struct chains *c, struct chain_link *link)
{
	struct chain_link **at = chains_bucket(c, link->hash);

	while (*at != link) {
		assert(*at != NULL);
		at = &(*at)->next;
	}
	*at = link->next;
	c->n--;
	/* Two at a time, so that a table that empties gets small as fast as it grew. */
	for (int i = 0; i < 2 && c->n_buckets > CHAINS_SEGMENT && c->n < c->n_buckets / 2; i++)
		join(c);
}

struct chain_link *
chains_walk(const struct chains *c, struct chains_walk *w)
{
	struct chain_link *link = w->link;

	while (link == NULL && w->bucket < c->n_buckets)
		link = *bucket_at(c, w->bucket++);
	w->link = link == NULL ? NULL : link->next;
	return link;
}

void
chains_release(struct chains *c)
{
	for (size_t i = 0; i < c->n_buckets; i += CHAINS_SEGMENT)
		free(c->segments[i >> CHAINS_SEGMENT_BITS]);
	free(c->segments);
	*c = (struct chains){ 0 };
}

size_t
chains_bytes(const struct chains *c)
{
	size_t n_segments = (c->n_buckets + CHAINS_SEGMENT - 1) / CHAINS_SEGMENT;

	return c->cap_segments * sizeof(struct chain_link **) + n_segments * CHAINS_SEGMENT * sizeof(struct chain_link *);
}
