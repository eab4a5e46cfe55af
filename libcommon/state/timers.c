/* timers - what is due when */
#include "state/timers.h"

#include <stdlib.h>

#include "base/alloc.h"

enum { SMALL = 64 };                     /* a heap that has no more keeps its memory */

static unsigned
heap_of(const struct timers *t, int64_t at_ms)
{
	uint64_t differ = (uint64_t)at_ms ^ (uint64_t)t->last_ms;

	return at_ms <= t->last_ms ? 0 : 64U - (unsigned)__builtin_clzll(differ);
}

static void
put(struct timer_heap *h, struct timer timer)
{
	if (h->n == h->cap) {
		h->cap = h->cap == 0 ? 16 : h->cap * 2;
		h->all = alloc_resized(h->all, h->cap, sizeof(*h->all));
	}
	if (h->n == 0 || timer.at_ms < h->first_ms)
		h->first_ms = timer.at_ms;
	h->all[h->n++] = timer;
}

void
timers_add(struct timers *t, struct timer timer)
{
	if (t->n++ == 0)
		t->last_ms = INT64_MIN;
	put(&t->heaps[heap_of(t, timer.at_ms)], timer);
}

/* Its earliest is the last one taken now: all of it belongs to lower heaps, and that one to the lowest. */
static void
deal(struct timers *t, struct timer_heap *h)
{
	struct timer_heap whole = *h;

	*h = (struct timer_heap){ 0 };
	t->last_ms = whole.first_ms;
	for (size_t i = 0; i < whole.n; i++)
		put(&t->heaps[heap_of(t, whole.all[i].at_ms)], whole.all[i]);
	if (whole.cap > SMALL) {
		free(whole.all);
		return;
	}
	whole.n = 0;
	*h = whole;
}

bool
timers_take(struct timers *t, int64_t now_ms, struct timer *first)
{
	struct timer_heap *h = t->heaps;

	if (t->n == 0)
		return false;
	while (h->n == 0)
		h++;
	if (h->first_ms > now_ms)
		return false;
	if (h > t->heaps)
		deal(t, h);
	h = t->heaps;
	*first = h->all[--h->n];
	t->n--;
	return true;
}

size_t
timers_bytes(const struct timers *t)
{
	size_t bytes = sizeof(*t);

	for (size_t i = 0; i < TIMER_HEAPS; i++)
		bytes += t->heaps[i].cap * sizeof(struct timer);
	return bytes;
}

void
timers_release(struct timers *t)
{
	for (size_t i = 0; i < TIMER_HEAPS; i++)
		free(t->heaps[i].all);
	*t = (struct timers){ 0 };
}
