/*
 * distinct - how many different values, exactly
 *
 * A set of fingerprints (same.h): an open table of 16 bytes a slot in the arena, at most three
 * quarters full.  That is 21 to 43 bytes a value, and while it grows half as much again.
 */
#include "agg/same.h"
#include "json/text.h"

#include <stdlib.h>

#include "base/alloc.h"

struct distinct {
	_Alignas(16) struct same *slots;     /* all zero: empty */
	uint64_t n_slots;                    /* a power of two, or 0 */
	uint64_t n_used;
};

enum { FIRST_SLOTS = 8, SAVED_BYTES = 16 };

static bool
is_empty(const struct same *s)
{
	return (s->low | s->high) == 0;
}

/* The slot where S is, or would be. */
static struct same *
find(const struct distinct *d, struct same s)
{
	uint64_t mask = d->n_slots - 1;

	for (uint64_t i = s.low & mask;; i = (i + 1) & mask) {
		struct same *there = &d->slots[i];

		if (is_empty(there) || (there->low == s.low && there->high == s.high))
			return there;
	}
}

static void
grow(struct distinct *d, struct arena *arena)
{
	struct distinct old = *d;

	d->n_slots = old.n_slots == 0 ? FIRST_SLOTS : old.n_slots * 2;
	d->slots = arena_alloc(arena, d->n_slots * sizeof(d->slots[0]));
	memset(d->slots, 0, d->n_slots * sizeof(d->slots[0]));
	for (uint64_t i = 0; i < old.n_slots; i++)
		if (!is_empty(&old.slots[i]))
			*find(d, old.slots[i]) = old.slots[i];
}

static void
put(struct distinct *d, struct same s, struct arena *arena)
{
	struct same *slot;

	if (d->n_used * 4 >= d->n_slots * 3)
		grow(d, arena);
	slot = find(d, s);
	if (is_empty(slot)) {
		*slot = s;
		d->n_used++;
	}
}

static void
distinct_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	put(acc, same_of(in), arena);
}

static void
distinct_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	const struct distinct *other = from;

	(void)args;
	for (uint64_t i = 0; i < other->n_slots; i++)
		if (!is_empty(&other->slots[i]))
			put(acc, other->slots[i], arena);
}

static bool
distinct_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	const struct distinct *d = acc;

	(void)scope;
	buf_u64(b, d->n_used);
	return true;
}

static int
by_value(const void *a, const void *b)
{
	const struct same *x = a, *y = b;

	if (x->high != y->high)
		return x->high < y->high ? -1 : 1;
	return (x->low > y->low) - (x->low < y->low);
}

static void
put_bytes(struct buf *b, uint64_t v)
{
	for (int shift = 56; shift >= 0; shift -= 8)
		buf_char(b, (char)(v >> shift));
}

static uint64_t
read_bytes(const char *p)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | (unsigned char)p[i];
	return v;
}

/* All fingerprints ascending, 16 bytes each, as one string of base64. */
static void
distinct_save(const void *acc, struct buf *b)
{
	const struct distinct *d = acc;
	struct same           *all = alloc_zeroed(d->n_used, sizeof(*all));
	struct buf             bytes = { 0 };
	uint64_t               n = 0;

	for (uint64_t i = 0; i < d->n_slots; i++)
		if (!is_empty(&d->slots[i]))
			all[n++] = d->slots[i];
	qsort(all, n, sizeof(*all), by_value);
	for (uint64_t i = 0; i < n; i++) {
		put_bytes(&bytes, all[i].high);
		put_bytes(&bytes, all[i].low);
	}
	free(all);
	buf_char(b, '"');
	text_base64(b, buf_all(&bytes));
	buf_char(b, '"');
	buf_release(&bytes);
}

static bool
distinct_load(void *acc, struct span json, struct arena *arena)
{
	struct buf bytes = { 0 };
	bool       good;

	if (json.n < 2 || json.p[0] != '"' || json.p[json.n - 1] != '"')
		return false;
	buf_reserve(&bytes, 1);
	good = text_unbase64(&bytes, span_of(json.p + 1, json.n - 2)) == 0 && bytes.n % SAVED_BYTES == 0;
	for (size_t i = 0; good && i < bytes.n; i += SAVED_BYTES) {
		struct same s = { .high = read_bytes(bytes.p + i), .low = read_bytes(bytes.p + i + 8) };

		good = !is_empty(&s);
		if (good)
			put(acc, s, arena);
	}
	buf_release(&bytes);
	return good;
}

const struct agg_class agg_distinct = {
	.name = "distinct",
	.help = "how many different values, exact",
	.takes = "P",
	.size = sizeof(struct distinct),
	.check = same_check,
	.add = distinct_add,
	.merge = distinct_merge,
	.result = distinct_result,
	.save = distinct_save,
	.load = distinct_load
};
