/* timers - what is due when */
#include "state/timers.h"

#include <stdlib.h>

#include "base/alloc.h"

static bool
is_before(struct timer a, struct timer b)
{
	return a.at_ms < b.at_ms || (a.at_ms == b.at_ms && a.number < b.number);
}

void
timers_add(struct timers *t, struct timer timer)
{
	size_t i = t->n++;

	if (i == t->cap) {
		t->cap = t->cap == 0 ? 16 : t->cap * 2;
		t->heap = alloc_resized(t->heap, t->cap, sizeof(*t->heap));
	}
	for (; i > 0 && is_before(timer, t->heap[(i - 1) / 2]); i = (i - 1) / 2)
		t->heap[i] = t->heap[(i - 1) / 2];
	t->heap[i] = timer;
}

bool
timers_take(struct timers *t, int64_t now_ms, struct timer *first)
{
	struct timer last;
	size_t       i = 0, child;

	if (t->n == 0 || t->heap[0].at_ms > now_ms)
		return false;
	*first = t->heap[0];
	last = t->heap[--t->n];
	while ((child = 2 * i + 1) < t->n) {
		child += child + 1 < t->n && is_before(t->heap[child + 1], t->heap[child]);
		if (is_before(last, t->heap[child]))
			break;
		t->heap[i] = t->heap[child];
		i = child;
	}
	if (t->n > 0)
		t->heap[i] = last;
	return true;
}

void
timers_release(struct timers *t)
{
	free(t->heap);
	*t = (struct timers){ 0 };
}
