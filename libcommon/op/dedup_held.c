/* dedup_held - records that wait until the watermark lets them out */
#include "op/dedup_held.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static bool
is_before(const struct held *a, const struct held *b)
{
	return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->arrival < b->arrival;
}

static void
put_at(struct held_heap *q, size_t i, struct held *h)
{
	q->all[i] = h;
	h->place = (uint32_t)i;
}

static void
sift_up(struct held_heap *q, size_t i, struct held *h)
{
	for (; i > 0 && is_before(h, q->all[(i - 1) / 2]); i = (i - 1) / 2)
		put_at(q, i, q->all[(i - 1) / 2]);
	put_at(q, i, h);
}

static void
sift_down(struct held_heap *q, size_t i, struct held *h)
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child + 1 < q->n && is_before(q->all[child + 1], q->all[child]))
			child++;
		if (child >= q->n || !is_before(q->all[child], h))
			break;
		put_at(q, i, q->all[child]);
		i = child;
	}
	put_at(q, i, h);
}

static struct held *
make(struct held_heap *q, struct span line, const struct held *from)
{
	struct held *h = alloc_bytes(sizeof(*h) + line.n);

	*h = *from;
	h->n = (uint32_t)line.n;
	memcpy(h->line, line.p, line.n);
	q->bytes += sizeof(*h) + line.n;
	return h;
}

struct held *
held_add(struct held_heap *q, struct span line, const struct held *from)
{
	struct held *h = make(q, line, from);

	assert(q->n < UINT32_MAX);
	if (q->n == q->cap) {
		q->cap = q->cap == 0 ? 64 : q->cap + q->cap / 2;
		q->all = alloc_resized(q->all, q->cap, sizeof(struct held *));
	}
	sift_up(q, q->n++, h);
	return h;
}

void
held_moved(struct held_heap *q, struct held *h)
{
	sift_up(q, h->place, h);
	sift_down(q, h->place, h);
}

struct held *
held_replace(struct held_heap *q, struct held *old, struct span line, const struct held *from)
{
	struct held *h = make(q, line, from);

	put_at(q, old->place, h);
	q->bytes -= sizeof(*old) + old->n;
	free(old);
	held_moved(q, h);
	return h;
}

struct held *
held_first(const struct held_heap *q)
{
	return q->n == 0 ? NULL : q->all[0];
}

void
held_take(struct held_heap *q, struct held *h)
{
	struct held *last = q->all[--q->n];

	q->bytes -= sizeof(*h) + h->n;
	if (last == h)
		return;
	put_at(q, h->place, last);
	held_moved(q, last);
}

void
held_release(struct held_heap *q)
{
	for (size_t i = 0; i < q->n; i++)
		free(q->all[i]);
	free(q->all);
	*q = (struct held_heap){ 0 };
}

uint64_t
held_bytes(const struct held_heap *q)
{
	return q->bytes + q->cap * sizeof(struct held *);
}
