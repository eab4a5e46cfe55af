/* rank - things in ascending order of a number */
#include "base/rank.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { DIGITS = 8, VALUES = 256, FEW = 24 };

void
ranks_reserve(struct ranks *r, size_t n)
{
	if (n <= r->cap)
		return;
	r->cap = n;
	r->all = alloc_resized(r->all, n, 2 * sizeof(*r->all));
}

void
ranks_add(struct ranks *r, uint64_t by, uint64_t what)
{
	if (r->n == r->cap)
		ranks_reserve(r, r->cap == 0 ? 16 : r->cap * 2);
	r->all[r->n++] = (struct ranked){ by, what };
}

/* The bits in which they differ; 0 too if they are in order as they are. */
static uint64_t
differing(const struct ranks *r)
{
	uint64_t bits = 0;
	size_t   descents = 0;

	for (size_t i = 1; i < r->n; i++) {
		bits |= r->all[i].by ^ r->all[0].by;
		descents += r->all[i].by < r->all[i - 1].by;
	}
	return descents == 0 ? 0 : bits;
}

static void
insert_each(struct ranks *r)
{
	for (size_t i = 1; i < r->n; i++) {
		struct ranked one = r->all[i];
		size_t        to = i;

		for (; to > 0 && r->all[to - 1].by > one.by; to--)
			r->all[to] = r->all[to - 1];
		r->all[to] = one;
	}
}

static void
deal(const struct ranked *from, struct ranked *to, size_t n, unsigned shift)
{
	size_t place[VALUES] = { 0 }, behind = 0;

	for (size_t i = 0; i < n; i++)
		place[from[i].by >> shift & 0xff]++;
	for (size_t v = 0; v < VALUES; v++) {
		size_t here = place[v];

		place[v] = behind;
		behind += here;
	}
	for (size_t i = 0; i < n; i++)
		to[place[from[i].by >> shift & 0xff]++] = from[i];
}

void
ranks_sort(struct ranks *r)
{
	uint64_t       bits = differing(r);
	struct ranked *from = r->all, *to, *other;

	if (bits == 0)
		return;
	if (r->n <= FEW) {
		insert_each(r);
		return;
	}
	to = from + r->cap;
	for (unsigned digit = 0; digit < DIGITS; digit++) {
		if ((bits >> digit * 8 & 0xff) == 0)
			continue;
		deal(from, to, r->n, digit * 8);
		other = from;
		from = to;
		to = other;
	}
	if (from != r->all)
		memcpy(r->all, from, r->n * sizeof(*from));
}

size_t
ranks_bytes(const struct ranks *r)
{
	return r->cap * 2 * sizeof(*r->all);
}

void
ranks_release(struct ranks *r)
{
	free(r->all);
	*r = (struct ranks){ 0 };
}
