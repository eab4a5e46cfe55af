/* ids - which fingerprints have been seen, and a word for each */
#include "state/ids.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "state/ids_parts.h"

static inline uint32_t
shard_of(struct hash_print p)
{
	return (uint32_t)(p.hi >> (64 - IDS_SHARD_BITS));
}

/* The fingerprint's first word without what the shard says; the flags are 0. */
static inline uint64_t
word_of(struct hash_print p)
{
	return p.hi << IDS_SHARD_BITS;
}

static inline bool
is_like(uint64_t there, uint64_t word)
{
	return (there ^ word) <= IDS_FLAG_MASK;
}

/* ---- searching ---- */

static uint64_t *
find_in_group(uint64_t *group, uint64_t word, uint64_t low)
{
	for (int i = 0; i < IDS_GROUP; i++)
		if (group[i] != 0 && is_like(group[i], word) && group[i + IDS_LOW] == low)
			return group + i;
	return NULL;
}

/*
 * Two entries' first words as four halves: of an entry that is there the lower is not 0, whatever it is, and of one that is
 * looked for the upper is known.
 */
typedef uint32_t halves __attribute__((vector_size(16), may_alias));
typedef uint64_t both __attribute__((vector_size(16), may_alias));

enum { SECOND_SHIFT = 8 };

/* In lower halves how many slots are empty, in upper ones how many entries look like it. */
static inline halves
count_group(const uint64_t *group, halves sought)
{
	const halves *g = (const halves *)group;

	return -(halves)((g[0] == sought) + (g[1] == sought) + (g[2] == sought) + (g[3] == sought));
}

/* *VACANT is where one that is not there would stand; NULL: its groups are full. */
static inline uint64_t *
search(const struct ids_shard *h, uint64_t word, uint64_t low, unsigned words, uint64_t **vacant)
{
	const uint64_t upper = word & ~(uint64_t)UINT32_MAX;
	uint64_t      *first, *second, *entry, counts;
	unsigned       first_empty, second_empty;
	both           sum;

	*vacant = NULL;
	if (h->n_groups == 0)
		return NULL;
	first = ids_group(h, ids_home(h, word), words);
	second = ids_group(h, ids_second_home(h, word, low), words);
	sum = (both)(count_group(first, (halves)(both){ upper, upper }) + (count_group(second, (halves)(both){ upper, upper }) << SECOND_SHIFT));
	counts = sum[0] + sum[1];
	if (counts >> 32 != 0 && ((entry = find_in_group(first, word, low)) != NULL || (entry = find_in_group(second, word, low)) != NULL))
		return entry;
	first_empty = counts & ((1 << SECOND_SHIFT) - 1);
	second_empty = (uint32_t)counts >> SECOND_SHIFT;
	if (second_empty > first_empty)
		*vacant = second + IDS_GROUP - second_empty;
	else if (first_empty > 0)
		*vacant = first + IDS_GROUP - first_empty;
	return NULL;
}

static inline uint64_t *
search_of(const struct ids *s, const struct ids_shard *h, struct hash_print p, uint64_t **vacant)
{
	return s->words == 2 ? search(h, word_of(p), p.lo, 2, vacant) : search(h, word_of(p), p.lo, 3, vacant);
}

/* Not as a call: the compiler would find that it does nothing. */
static inline __attribute__((always_inline)) void
prefetch(const struct ids *s, const struct hash_print *p, size_t n, unsigned words)
{
	/* First the lists of pages, then, when they are there, the pages. */
	for (size_t i = 0; i < n; i++) {
		const struct ids_shard *h = &s->shards[shard_of(p[i])];

		if (h->n_groups == 0)
			continue;
		__builtin_prefetch(&h->pages[ids_home(h, word_of(p[i])) / ids_page_groups(words)]);
		__builtin_prefetch(&h->pages[ids_second_home(h, word_of(p[i]), p[i].lo) / ids_page_groups(words)]);
	}
	for (size_t i = 0; i < n; i++) {
		const struct ids_shard *h = &s->shards[shard_of(p[i])];

		if (h->n_groups == 0)
			continue;
		for (unsigned w = 0; w < words; w++) {
			__builtin_prefetch(ids_group(h, ids_home(h, word_of(p[i])), words) + w * IDS_GROUP, 1);
			__builtin_prefetch(ids_group(h, ids_second_home(h, word_of(p[i]), p[i].lo), words) + w * IDS_GROUP, 1);
		}
	}
}

void
ids_prefetch(const struct ids *s, const struct hash_print *p, size_t n)
{
	if (s->words == 2)
		prefetch(s, p, n, 2);
	else
		prefetch(s, p, n, 3);
}

uint64_t *
ids_find(const struct ids *s, struct hash_print p)
{
	uint64_t *vacant;

	return search_of(s, &s->shards[shard_of(p)], p, &vacant);
}

uint64_t
ids_places(struct hash_print p)
{
	return (uint64_t)shard_of(p) << 2 * IDS_HOME_BITS | ids_home_bits(word_of(p)) << IDS_HOME_BITS
	       | ids_second_bits(word_of(p), p.lo);
}

uint64_t *
ids_find_value(const struct ids *s, uint64_t places, uint64_t flags, uint64_t value, struct hash_print *p)
{
	const uint64_t          shard = places >> 2 * IDS_HOME_BITS, mask = (1 << IDS_HOME_BITS) - 1;
	const struct ids_shard *h = &s->shards[shard];

	for (int half = 1; half >= 0; half--) {
		uint64_t  bits = places >> (half == 1 ? IDS_HOME_BITS : 0) & mask;
		uint64_t *group = ids_group(h, (uint32_t)(bits * h->n_groups >> IDS_HOME_BITS), s->words);

		for (int i = 0; i < IDS_GROUP; i++)
			if (group[i + IDS_VALUE] == value && (group[i] & flags) == flags && group[i] != 0) {
				*p = (struct hash_print){ shard << (64 - IDS_SHARD_BITS) | group[i] >> IDS_SHARD_BITS, group[i + IDS_LOW] };
				return group + i;
			}
	}
	abort();                     /* nobody has this value */
}

/* ---- adding ---- */

/* Somewhere in the shard, which may have to move or to grow for it. */
static void
put_entry(struct ids *s, struct ids_shard *h, struct ids_entry *e)
{
	for (;;) {
		uint32_t  homes[2] = { ids_home(h, e->word[0]), ids_second_home(h, e->word[0], e->word[1]) }, moved;
		uint64_t *group = ids_group(h, homes[0], s->words);

		if (ids_group_fill(group) == IDS_GROUP)
			group = ids_group(h, homes[1], s->words);
		if (ids_group_fill(group) < IDS_GROUP) {
			uint64_t *slot = group + ids_group_fill(group);

			for (unsigned w = 0; w < s->words; w++)
				slot[w * IDS_GROUP] = e->word[w];
			return;
		}
		if (ids_shard_squeeze(s, h, e, &moved))
			return;
		ids_shard_grow(s, h);
	}
}

/* There is no room where it belongs, or none at all. */
static uint64_t * __attribute__((noinline))
add_crowded(struct ids *s, struct ids_shard *h, struct hash_print p)
{
	struct ids_entry e = { { word_of(p) | IDS_USED, p.lo, 0 } };

	if (h->n >= h->room)
		ids_shard_grow(s, h);
	put_entry(s, h, &e);
	h->n++;
	s->n++;
	return ids_find(s, p);
}

uint64_t *
ids_add(struct ids *s, struct hash_print p, bool *is_new)
{
	struct ids_shard *h = &s->shards[shard_of(p)];
	uint64_t         *vacant, *entry = search_of(s, h, p, &vacant);

	*is_new = entry == NULL;
	if (entry != NULL)
		return entry;
	if (__builtin_expect(vacant == NULL || h->n >= h->room, 0))
		return add_crowded(s, h, p);
	vacant[IDS_FLAGS] = word_of(p) | IDS_USED;
	vacant[IDS_LOW] = p.lo;
	if (s->words == 3)
		vacant[IDS_VALUE] = 0;
	h->n++;
	s->n++;
	return vacant;
}

/* ---- removing ---- */

/* The last entry of the group goes to ENTRY's place. */
static void
close_gap(uint64_t *group, uint64_t *entry, unsigned words)
{
	uint64_t *last = group + ids_group_fill(group) - 1;

	for (unsigned w = 0; w < words; w++)
		entry[w * IDS_GROUP] = last[w * IDS_GROUP];
	*last = 0;
}

static bool
is_in(const uint64_t *group, const uint64_t *entry)
{
	return entry >= group && entry < group + IDS_GROUP;
}

void
ids_remove(struct ids *s, struct hash_print p, uint64_t *entry)
{
	struct ids_shard *h = &s->shards[shard_of(p)];
	uint64_t         *group = ids_group(h, ids_home(h, word_of(p)), s->words);

	if (!is_in(group, entry))
		group = ids_group(h, ids_second_home(h, word_of(p), p.lo), s->words);
	assert(is_in(group, entry));
	close_gap(group, entry, s->words);
	h->n--;
	s->n--;
	if (h->n < h->room / 2)
		ids_shard_fit(s, h);
}

uint64_t
ids_sweep(struct ids *s, uint32_t shard, bool (*keep)(const void *, const uint64_t *), const void *cookie)
{
	struct ids_shard *h = &s->shards[shard];
	uint32_t          was = h->n;

	for (uint32_t g = 0; g < h->n_groups; g++) {
		uint64_t *group = ids_group(h, g, s->words);

		/* From the end: what takes a place has been looked at. */
		for (unsigned i = ids_group_fill(group); i-- > 0;) {
			if (keep(cookie, group + i))
				continue;
			close_gap(group, group + i, s->words);
			h->n--;
		}
	}
	s->n -= was - h->n;
	if (h->n < was)
		ids_shard_fit(s, h);
	return was;
}

/* ---- walking ---- */

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

/* ---- life ---- */

struct ids *
ids_new(bool has_values)
{
	struct ids *s = alloc_zeroed(1, sizeof(*s));

	s->words = has_values ? 3 : 2;
	s->pages.page_bytes = IDS_PAGE_BYTES;
	return s;
}

void
ids_free(struct ids *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < IDS_SHARDS; i++)
		ids_shard_release(s, &s->shards[i]);
	pages_release(&s->pages);
	free(s->fill);
	free(s);
}

void
ids_reserve(struct ids *s, uint64_t n)
{
	if (n / IDS_SHARDS > UINT32_MAX / 2)
		return;
	for (size_t i = 0; i < IDS_SHARDS; i++)
		ids_shard_reserve(s, &s->shards[i], (uint32_t)(n / IDS_SHARDS));
}

uint64_t
ids_count(const struct ids *s)
{
	return s->n;
}

uint64_t
ids_moves(const struct ids *s)
{
	return s->moves;
}

uint64_t
ids_bytes(const struct ids *s)
{
	return sizeof(*s) + s->bytes + pages_bytes(&s->pages) + s->cap_fill;
}
