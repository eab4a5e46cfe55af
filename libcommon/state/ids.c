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

/* ---- adding in order ---- */

/* Of the shard that is appended to: it holds what was appended, and nothing else. */
static void
look_at_fill(struct ids *s, const struct ids_shard *h)
{
	if (h->n_groups > s->cap_appended_fill) {
		s->cap_appended_fill = h->n_groups + h->n_groups / 4;
		free(s->appended_fill);
		s->appended_fill = alloc_bytes(s->cap_appended_fill);
	}
	for (uint32_t g = 0; g < h->n_groups; g++)
		s->appended_fill[g] = (uint8_t)ids_group_fill(ids_group(h, g, s->words));
	s->appended_n = h->n;
}

bool
ids_follows(const struct ids *s, struct hash_print p)
{
	const struct ids_shard *h = &s->shards[shard_of(p)];

	if (h->n == 0)
		return true;
	return h->n == s->appended_n && s->appended_shard == shard_of(p) &&
	       (p.hi > s->appended.hi || (p.hi == s->appended.hi && p.lo > s->appended.lo));
}

/* Others have to move for it, or the shard to grow. */
static uint64_t * __attribute__((noinline))
append_crowded(struct ids *s, struct ids_shard *h, struct hash_print p)
{
	struct ids_entry e = { { word_of(p) | IDS_USED, p.lo, 0 } };
	uint32_t         moved;

	if (h->n >= h->room || !ids_shard_squeeze(s, h, &e, &moved)) {
		if (h->n >= h->room)
			ids_shard_grow(s, h);
		put_entry(s, h, &e);
		h->n++;
		look_at_fill(s, h);
	} else {
		s->appended_fill[moved]++;
		s->appended_n = ++h->n;
	}
	s->n++;
	return ids_find(s, p);
}

uint64_t *
ids_append(struct ids *s, struct hash_print p, bool *is_new)
{
	struct ids_shard *h = &s->shards[shard_of(p)];
	uint64_t         *entry;
	uint32_t          home;

	if (__builtin_expect(!ids_follows(s, p), 0))
		return ids_add(s, p, is_new);
	*is_new = true;
	s->appended = p;
	if (h->n == 0) {
		s->appended_shard = shard_of(p);
		look_at_fill(s, h);
	}
	if (__builtin_expect(h->n >= h->room, 0))
		return append_crowded(s, h, p);
	home = ids_better_home(h, s->appended_fill, word_of(p), p.lo);
	if (__builtin_expect(s->appended_fill[home] == IDS_GROUP, 0))
		return append_crowded(s, h, p);
	entry = ids_group(h, home, s->words) + s->appended_fill[home]++;
	entry[IDS_FLAGS] = word_of(p) | IDS_USED;
	entry[IDS_LOW] = p.lo;
	if (s->words == 3)
		entry[IDS_VALUE] = 0;
	s->appended_n = ++h->n;
	s->n++;
	return entry;
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
	s->appended_n = 0;
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

	s->appended_n = 0;
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
	free(s->appended_fill);
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
	return sizeof(*s) + s->bytes + pages_bytes(&s->pages) + s->cap_fill + s->cap_appended_fill;
}
