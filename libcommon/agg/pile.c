/* pile - all numbers, each once with how often: what quantile and median have in common */
#include "agg/pile.h"

#include <assert.h>
#include <stdlib.h>

#include "agg/saved.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "base/num_digits.h"

/*
 * word: 0, an empty slot; odd, a decimal packed into it, 57 bits of coefficient above 6 of scale;
 * else the address of a struct dec.
 */
struct pile_slot {
	uintptr_t word;
	uint64_t  count;
};

static_assert(sizeof(uintptr_t) == sizeof(uint64_t), "a decimal is packed into a word");

enum { SCALE_BITS = 6, FIRST_SLOTS = 8 };

static bool
pack(struct dec d, uintptr_t *word)
{
	int64_t small = (int64_t)d.coef;

	if (small != d.coef || small >= 1LL << 56 || small < -(1LL << 56))
		return false;
	*word = (uintptr_t)small << (SCALE_BITS + 1) | (uintptr_t)d.scale << 1 | 1;
	return true;
}

static struct dec
unpack(uintptr_t word)
{
	if ((word & 1) == 0)
		return *(const struct dec *)word;
	return (struct dec){ (int64_t)word >> (SCALE_BITS + 1), (int32_t)(word >> 1 & ((1 << SCALE_BITS) - 1)) };
}

static uint64_t
hash_of(struct dec d)
{
	uint64_t parts[3] = { (uint64_t)d.coef, (uint64_t)(d.coef >> 64), (uint64_t)d.scale };

	return hash_sum(span_of((const char *)parts, sizeof(parts)));
}

/* The slot where D is, or would be. */
static struct pile_slot *
find(const struct pile *p, struct dec d, uintptr_t packed)
{
	uint64_t mask = p->n_slots - 1;

	for (uint64_t i = hash_of(d) & mask;; i = (i + 1) & mask) {
		struct pile_slot *s = &p->slots[i];
		struct dec        there;

		if (s->word == 0 || s->word == packed)
			return s;
		if (packed != 0 || (s->word & 1) != 0)
			continue;
		there = unpack(s->word);
		if (there.coef == d.coef && there.scale == d.scale)
			return s;
	}
}

static void
grow(struct pile *p, struct arena *arena)
{
	struct pile old = *p;

	p->n_slots = old.n_slots == 0 ? FIRST_SLOTS : old.n_slots * 2;
	p->slots = arena_alloc(arena, p->n_slots * sizeof(p->slots[0]));
	memset(p->slots, 0, p->n_slots * sizeof(p->slots[0]));
	for (uint64_t i = 0; i < old.n_slots; i++) {
		uintptr_t word = old.slots[i].word;

		if (word != 0)
			*find(p, unpack(word), word & 1 ? word : 0) = old.slots[i];
	}
}

static void
put(struct pile *p, struct dec d, uint64_t count, struct arena *arena)
{
	uintptr_t         packed = 0;
	struct pile_slot *s;

	if (p->n_used * 4 >= p->n_slots * 3)
		grow(p, arena);
	pack(d, &packed);
	s = find(p, d, packed);
	if (s->word == 0) {
		if (packed == 0) {
			struct dec *far = arena_alloc(arena, sizeof(*far));

			*far = d;
			packed = (uintptr_t)far;
		}
		s->word = packed;
		p->n_used++;
	}
	s->count += count;
	p->n_values += count;
}

void
pile_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	put(acc, in->number, 1, arena);
}

void
pile_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	const struct pile *other = from;

	(void)args;
	for (uint64_t i = 0; i < other->n_slots; i++)
		if (other->slots[i].word != 0)
			put(acc, unpack(other->slots[i].word), other->slots[i].count, arena);
}

/* ---- in order ---- */

struct many {
	struct dec value;
	uint64_t   count;
};

static int
by_value(const void *a, const void *b)
{
	return num_cmp(((const struct many *)a)->value, ((const struct many *)b)->value);
}

/* All of them, ascending; the caller frees them. */
static struct many *
sorted(const struct pile *p)
{
	struct many *all = alloc_zeroed(p->n_used, sizeof(*all));
	size_t       n = 0;

	for (uint64_t i = 0; i < p->n_slots; i++)
		if (p->slots[i].word != 0)
			all[n++] = (struct many){ unpack(p->slots[i].word), p->slots[i].count };
	qsort(all, n, sizeof(*all), by_value);
	return all;
}

/* sum += d × factor */
static void
add_times(struct num_sum *sum, struct dec d, uint64_t factor)
{
	struct num_sum power = { 0 };

	num_sum_add(&power, d);
	for (; factor != 0; factor >>= 1) {
		struct num_sum same = power;

		if (factor & 1)
			num_sum_merge(sum, &power);
		num_sum_merge(&power, &same);
	}
}

void
pile_quantile(const struct pile *p, uint64_t part, uint64_t whole, struct buf *b)
{
	struct num_sum sum = { 0 };
	struct many   *all;
	uint64_t       behind, below, seen = 0;
	u128           place;
	size_t         i = 0;

	if (p->n_values == 0) {
		buf_lit(b, "null");
		return;
	}
	place = (u128)(p->n_values - 1) * part;
	below = (uint64_t)(place / whole);
	behind = (uint64_t)(place % whole);
	all = sorted(p);
	while (seen + all[i].count <= below)
		seen += all[i++].count;
	if (behind == 0 || seen + all[i].count > below + 1) {
		num_put(b, all[i].value);
	} else {
		add_times(&sum, all[i].value, whole - behind);
		add_times(&sum, all[i + 1].value, behind);
		num_sum_mean(&sum, whole, b);
	}
	free(all);
}

/* ---- save and load ---- */

void
pile_save(const void *acc, struct buf *b)
{
	const struct pile *p = acc;
	struct many       *all = sorted(p);

	buf_char(b, '[');
	for (uint64_t i = 0; i < p->n_used; i++) {
		if (i > 0)
			buf_char(b, ',');
		num_put(b, all[i].value);
		buf_char(b, ',');
		buf_u64(b, all[i].count);
	}
	buf_char(b, ']');
	free(all);
}

bool
pile_load(void *acc, struct span json, struct arena *arena)
{
	struct pile *p = acc;
	struct saved s;
	struct span  value;
	struct dec   d;
	uint64_t     count;

	if (!saved_open(&s, json))
		return false;
	while (saved_next(&s, &value)) {
		if (!(value.p[0] == '-' || (value.p[0] >= '0' && value.p[0] <= '9')) ||
		    !num_parse(value, &d) || !saved_count(&s, &count) || count == 0 ||
		    count > INT64_MAX - p->n_values)
			return false;
		put(p, d, count, arena);
	}
	return saved_at_end(&s);
}
