/* heads - which of several sorted runs has the least head */
#include "state/heads.h"

#include <stdlib.h>

#include "base/alloc.h"

void
heads_release(struct heads *m)
{
	free(m->heap);
	free(m->place);
	*m = (struct heads){ 0 };
}

static inline void
put(struct heads *m, size_t at, struct heads_item item)
{
	m->heap[at] = item;
	m->place[item.run] = (uint32_t)at;
}

static void
sift_up(struct heads *m, size_t at, struct heads_item item)
{
	for (; at > 0 && heads_before(item.key, m->heap[(at - 1) / 2].key); at = (at - 1) / 2)
		put(m, at, m->heap[(at - 1) / 2]);
	put(m, at, item);
}

static void
sift_down(struct heads *m, size_t at, struct heads_item item)
{
	size_t child;

	while ((child = 2 * at + 1) < m->n) {
		child += child + 1 < m->n && heads_before(m->heap[child + 1].key, m->heap[child].key);
		if (heads_before(item.key, m->heap[child].key))
			break;
		put(m, at, m->heap[child]);
		at = child;
	}
	put(m, at, item);
}

static size_t
grown(size_t cap, size_t least)
{
	size_t more = cap + cap / 4 + 8;

	return more < least ? least : more;
}

void
heads_add(struct heads *m, uint32_t run, struct heads_key key)
{
	if (m->n == m->cap) {
		m->cap = grown(m->cap, 0);
		m->heap = alloc_resized(m->heap, m->cap, sizeof(*m->heap));
	}
	if (run >= m->cap_places) {
		m->cap_places = grown(m->cap_places, run + (size_t)1);
		m->place = alloc_resized(m->place, m->cap_places, sizeof(*m->place));
	}
	m->n++;
	sift_up(m, m->n - 1, (struct heads_item){ key, run });
}

void
heads_replace_first(struct heads *m, struct heads_key key)
{
	sift_down(m, 0, (struct heads_item){ key, m->heap[0].run });
}

void
heads_take_first(struct heads *m)
{
	m->n--;
	if (m->n > 0)
		sift_down(m, 0, m->heap[m->n]);
}

void
heads_lower(struct heads *m, uint32_t run, struct heads_key key)
{
	sift_up(m, m->place[run], (struct heads_item){ key, run });
}

size_t
heads_bytes(const struct heads *m)
{
	return m->cap * sizeof(*m->heap) + m->cap_places * sizeof(*m->place);
}
