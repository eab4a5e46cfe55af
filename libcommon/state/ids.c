/* ids - which fingerprints have been seen, and a word for each */
#include "state/ids.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum {
	PAGE_BYTES = 2032,
	MALLOC_BYTES = 16,           /* what it adds to each */
	SLACK = 16,                  /* slots behind the last home */
	LEAST_SLOTS = 4,
	FORESIGHT = 64,
	FAR = 64,                    /* from its home, for an entry */
	AHEAD_WORDS = 32,            /* as far as it is to a free slot, mostly */
	FLAG_MASK = IDS_SHARDS - 1
};

struct shard {
	uint64_t **pages;            /* all of page_slots, or a single one of cap */
	uint32_t   n_pages;
	uint32_t   cap;              /* slots */
	uint32_t   homes;            /* of them, where an entry can belong */
	uint32_t   n;
	uint32_t   greatest;         /* of those that were here, the beginning */
};

struct ids {
	unsigned      words;         /* of an entry: 2 or 3 */
	uint64_t      n;
	uint64_t      bytes;         /* of pages and lists of pages */
	uint64_t     *scratch;       /* a shard's entries, while it is laid out anew */
	size_t        cap_scratch;   /* words */
	struct shard  shards[IDS_SHARDS];
};

/* ---- where things are ---- */

static inline uint32_t
page_slots(unsigned words)
{
	return words == 2 ? PAGE_BYTES / 16 : PAGE_BYTES / 24;
}

/* Each with a constant to divide by. */
static inline uint64_t *
slot(const struct shard *h, uint32_t i, unsigned words)
{
	if (words == 2)
		return h->pages[i / page_slots(2)] + (size_t)(i % page_slots(2)) * 2;
	return h->pages[i / page_slots(3)] + (size_t)(i % page_slots(3)) * 3;
}

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

static inline uint32_t
home_of(const struct shard *h, uint64_t word)
{
	return (uint32_t)((word >> 32) * h->homes >> 32);
}

static inline uint64_t
without_flags(uint64_t word)
{
	return word & ~(uint64_t)FLAG_MASK;
}

/* ---- going along a shard ---- */

struct spot {
	uint32_t  i;                 /* the slot's number */
	uint64_t *e, *page_end;
};

static inline struct spot
spot_at(const struct shard *h, uint32_t i, unsigned words)
{
	uint32_t page = i / page_slots(words), first = page * page_slots(words);
	uint32_t n = h->cap - first < page_slots(words) ? h->cap - first : page_slots(words);

	return (struct spot){ i, h->pages[page] + (size_t)(i - first) * words, h->pages[page] + (size_t)n * words };
}

/* False: the shard ends there. */
static inline bool
spot_next(const struct shard *h, struct spot *at, unsigned words)
{
	at->i++;
	at->e += words;
	if (__builtin_expect(at->e == at->page_end, 0)) {
		if (at->i == h->cap)
			return false;
		*at = spot_at(h, at->i, words);
	}
	return true;
}

/*
 * Where the fingerprint stands, or where it would: the first slot from its home on that is free or
 * holds a greater one; e is NULL behind the last slot.
 */
static inline struct spot
search(const struct shard *h, uint64_t word, uint64_t low, unsigned words, bool *found)
{
	struct spot at;

	*found = false;
	if (h->cap == 0)
		return (struct spot){ 0, NULL, NULL };
	for (at = spot_at(h, home_of(h, word), words);;) {
		uint64_t there = without_flags(at.e[IDS_FLAGS]);

		if (at.e[IDS_FLAGS] == 0 || there > word)
			return at;
		if (there == word && at.e[IDS_LOW] >= low) {
			*found = at.e[IDS_LOW] == low;
			return at;
		}
		if (!spot_next(h, &at, words))
			return (struct spot){ h->cap, NULL, NULL };
	}
}

/* ---- laying a shard out ---- */

static void
need_scratch(struct ids *s, size_t words)
{
	if (words <= s->cap_scratch)
		return;
	free(s->scratch);
	s->cap_scratch = words + words / 4;
	s->scratch = alloc_bytes(s->cap_scratch * sizeof(uint64_t));
}

static inline void
copy_entry(uint64_t *to, const uint64_t *from, unsigned words)
{
	for (unsigned w = 0; w < words; w++)
		to[w] = from[w];
}

static inline uint64_t
gather_words(const struct shard *h, uint64_t *to, bool (*keep)(const void *, const uint64_t *), const void *cookie,
             unsigned words)
{
	const uint64_t *from = to;

	for (uint32_t first = 0, page = 0; first < h->cap; first += page_slots(words), page++) {
		uint32_t        n = h->cap - first < page_slots(words) ? h->cap - first : page_slots(words);
		const uint64_t *e = h->pages[page], *end = e + (size_t)n * words;

		for (; e < end; e += words) {
			if (e[IDS_FLAGS] == 0 || (keep != NULL && !keep(cookie, e)))
				continue;
			copy_entry(to, e, words);
			to += words;
		}
	}
	return (uint64_t)(to - from) / words;
}

/* The entries that are to stay into the scratch, in their order; how many. */
static uint64_t
gather(struct ids *s, const struct shard *h, bool (*keep)(const void *, const uint64_t *), const void *cookie)
{
	need_scratch(s, (size_t)h->n * s->words);
	return s->words == 2 ? gather_words(h, s->scratch, keep, cookie, 2) : gather_words(h, s->scratch, keep, cookie, 3);
}

static size_t
shard_bytes(const struct shard *h, unsigned words)
{
	return (size_t)h->cap * words * sizeof(uint64_t) + h->n_pages * (MALLOC_BYTES + sizeof(uint64_t *));
}

/* As many slots as CAP, all free. */
static void
resize(struct ids *s, struct shard *h, uint32_t cap)
{
	uint32_t each = page_slots(s->words), n = (cap + each - 1) / each;
	size_t   page_bytes = (size_t)(cap < each ? cap : each) * s->words * sizeof(uint64_t);
	bool     was_partial = h->cap < each;

	s->bytes -= shard_bytes(h, s->words);
	for (uint32_t i = was_partial ? 0 : n; i < h->n_pages; i++)
		free(h->pages[i]);
	if (was_partial || cap < each) {
		if (!was_partial && h->n_pages > 0 && n > 0)
			free(h->pages[0]);
		h->n_pages = 0;
	}
	if (h->n_pages > n)
		h->n_pages = n;
	if (n == 0) {
		free(h->pages);
		h->pages = NULL;
	} else {
		h->pages = alloc_resized(h->pages, n, sizeof(*h->pages));
	}
	for (uint32_t i = h->n_pages; i < n; i++)
		h->pages[i] = alloc_bytes(page_bytes);
	for (uint32_t i = 0; i < n; i++)
		memset(h->pages[i], 0, page_bytes);
	h->n_pages = n;
	h->cap = cap;
	h->homes = cap < 4 * SLACK ? cap - cap / 4 : cap - SLACK;
	s->bytes += shard_bytes(h, s->words);
}

static inline bool
lay_out_words(const struct shard *h, const uint64_t *e, uint64_t n, unsigned words)
{
	struct spot at = spot_at(h, 0, words);
	uint32_t    next = 0;

	for (const uint64_t *end = e + n * words; e < end; e += words) {
		uint32_t home = home_of(h, e[IDS_FLAGS]);

		if (home > next)
			next = home;
		if (next >= h->cap)
			return false;
		if (at.e + (size_t)(next - at.i) * words < at.page_end)
			at = (struct spot){ next, at.e + (size_t)(next - at.i) * words, at.page_end };
		else
			at = spot_at(h, next, words);
		copy_entry(at.e, e, words);
		next++;
	}
	return true;
}

/* The N entries of the scratch into free slots.  False: they run over the end. */
static bool
lay_out(const struct ids *s, const struct shard *h, uint64_t n)
{
	if (n == 0)
		return true;
	return s->words == 2 ? lay_out_words(h, s->scratch, n, 2) : lay_out_words(h, s->scratch, n, 3);
}

/* The next larger number of slots: half as many more, from a page on an eighth, in whole pages. */
static uint32_t
larger(const struct ids *s, uint32_t cap)
{
	uint32_t each = page_slots(s->words), pages = cap / each;

	if (cap == 0)
		return LEAST_SLOTS;
	if (cap < each)
		return cap + cap / 2 + 1 < each ? cap + cap / 2 + 1 : each;
	return (pages + (pages < 8 ? 1 : pages / 8)) * each;
}

static uint32_t
room_of(uint32_t cap)
{
	return cap - cap / 8;
}

static void
grow(struct ids *s, struct shard *h, uint64_t room)
{
	uint64_t n = gather(s, h, NULL, NULL);
	uint32_t cap = larger(s, h->cap);

	while (room_of(cap) < room)
		cap = larger(s, cap);
	for (resize(s, h, cap); !lay_out(s, h, n); resize(s, h, cap))
		cap = larger(s, cap);
}

/*
 * Where ids come in ascending order, as from a snapshot, those that are here have their homes at the
 * beginning and crowd there.  The greatest of them says how far it has come, and so how many there
 * will be; but not more than FORESIGHT times what there is.
 */
static uint64_t
likely_count(const struct shard *h)
{
	uint64_t likely = ((uint64_t)h->n << 32) / ((uint64_t)h->greatest + 1);

	return likely < (uint64_t)h->n * FORESIGHT ? likely : (uint64_t)h->n * FORESIGHT;
}

static inline bool
is_crowded(const struct shard *h, uint32_t steps)
{
	return steps > FAR && likely_count(h) > room_of(h->cap) + room_of(h->cap) / 16;
}

/* ---- the set ---- */

struct ids *
ids_new(bool has_values)
{
	struct ids *s = alloc_zeroed(1, sizeof(*s));

	s->words = has_values ? 3 : 2;
	return s;
}

void
ids_free(struct ids *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < IDS_SHARDS; i++) {
		for (uint32_t p = 0; p < s->shards[i].n_pages; p++)
			free(s->shards[i].pages[p]);
		free(s->shards[i].pages);
	}
	free(s->scratch);
	free(s);
}

uint64_t
ids_count(const struct ids *s)
{
	return s->n;
}

uint64_t
ids_bytes(const struct ids *s)
{
	return sizeof(*s) + s->bytes + s->cap_scratch * sizeof(uint64_t);
}

void
ids_prefetch(const struct ids *s, const struct hash_print *p, size_t n)
{
	unsigned words = s->words;

	/* First the lists of pages, then, when they are there, the pages. */
	for (size_t i = 0; i < n; i++) {
		const struct shard *h = &s->shards[shard_of(p[i])];

		if (h->cap > 0)
			__builtin_prefetch(&h->pages[home_of(h, word_of(p[i])) / (words == 2 ? page_slots(2) : page_slots(3))]);
	}
	for (size_t i = 0; i < n; i++) {
		const struct shard *h = &s->shards[shard_of(p[i])];
		const uint64_t     *e;

		if (h->cap == 0)
			continue;
		e = slot(h, home_of(h, word_of(p[i])), words);
		for (unsigned word = 0; word < AHEAD_WORDS; word += 8)
			__builtin_prefetch(e + word, 1);
	}
}

static inline struct spot
search_of(const struct ids *s, const struct shard *h, struct hash_print p, bool *found)
{
	return s->words == 2 ? search(h, word_of(p), p.lo, 2, found) : search(h, word_of(p), p.lo, 3, found);
}

uint64_t *
ids_find(const struct ids *s, struct hash_print p)
{
	bool        found;
	struct spot at = search_of(s, &s->shards[shard_of(p)], p, &found);

	return found ? at.e : NULL;
}

uint64_t *
ids_find_value(const struct ids *s, uint64_t hi, uint64_t value, struct hash_print *p)
{
	const struct shard *h;
	struct spot         at;
	bool                found;

	*p = (struct hash_print){ hi, 0 };
	h = &s->shards[shard_of(*p)];
	for (at = search_of(s, h, *p, &found); at.e[IDS_VALUE] != value; spot_next(h, &at, s->words))
		assert(without_flags(at.e[IDS_FLAGS]) == word_of(*p));
	p->lo = at.e[IDS_LOW];
	return at.e;
}

/* Slots FROM to FREE move up by one. */
static void
shift_up(const struct ids *s, struct shard *h, uint32_t from, uint32_t free)
{
	uint32_t each = page_slots(s->words);
	size_t   bytes = s->words * sizeof(uint64_t);

	while (free > from) {
		uint32_t first = free - free % each;         /* of the page that FREE is on */

		if (first < from)
			first = from;
		if (first == free) {
			memcpy(slot(h, free, s->words), slot(h, free - 1, s->words), bytes);
			free--;
			continue;
		}
		memmove(slot(h, first, s->words) + s->words, slot(h, first, s->words), (free - first) * bytes);
		free = first;
	}
}

/* From AT on the first slot that is free; e is NULL where there is none. */
static struct spot
find_free(const struct shard *h, struct spot at, unsigned words)
{
	if (at.e == NULL)
		return at;
	while (at.e[IDS_FLAGS] != 0)
		if (!spot_next(h, &at, words))
			return (struct spot){ h->cap, NULL, NULL };
	return at;
}

uint64_t *
ids_add(struct ids *s, struct hash_print p, bool *is_new)
{
	struct shard *h = &s->shards[shard_of(p)];
	bool          found;
	struct spot   at = search_of(s, h, p, &found), hole;

	*is_new = !found;
	if (found)
		return at.e;
	if (h->n > 0 && is_crowded(h, at.i - home_of(h, word_of(p)))) {
		grow(s, h, likely_count(h) + likely_count(h) / 8);
		at = search_of(s, h, p, &found);
	}
	for (;;) {
		hole = find_free(h, at, s->words);
		if (hole.e != NULL && h->n < room_of(h->cap))
			break;
		grow(s, h, 0);
		at = search_of(s, h, p, &found);
	}
	if (hole.e + s->words <= at.page_end && hole.e >= at.e)
		memmove(at.e + s->words, at.e, (size_t)((char *)hole.e - (char *)at.e));
	else
		shift_up(s, h, at.i, hole.i);
	memset(at.e, 0, s->words * sizeof(uint64_t));
	at.e[IDS_FLAGS] = word_of(p) | IDS_USED;
	at.e[IDS_LOW] = p.lo;
	if (word_of(p) >> 32 > h->greatest)
		h->greatest = (uint32_t)(word_of(p) >> 32);
	h->n++;
	s->n++;
	return at.e;
}

/* As few slots as N entries like to have. */
static void
shrink(struct ids *s, struct shard *h, uint64_t n)
{
	uint32_t cap = 0;

	while (n > 0 && room_of(cap) < n + n / 16)
		cap = larger(s, cap);
	h->n = (uint32_t)n;
	resize(s, h, cap);
	while (!lay_out(s, h, n))
		resize(s, h, larger(s, h->cap));
}

void
ids_remove(struct ids *s, struct hash_print p, uint64_t *entry)
{
	struct shard *h = &s->shards[shard_of(p)];
	bool          found;
	uint32_t      i = search_of(s, h, p, &found).i;
	size_t        bytes = s->words * sizeof(uint64_t);

	assert(found && slot(h, i, s->words) == entry);
	for (; i + 1 < h->cap; i++) {
		const uint64_t *next = slot(h, i + 1, s->words);

		if (next[IDS_FLAGS] == 0 || home_of(h, next[IDS_FLAGS]) > i)
			break;
		memcpy(slot(h, i, s->words), next, bytes);
	}
	memset(slot(h, i, s->words), 0, bytes);
	h->n--;
	s->n--;
	if (h->n < room_of(h->cap) / 2)
		shrink(s, h, gather(s, h, NULL, NULL));
}

uint64_t *
ids_next(const struct ids *s, struct ids_cursor *c, struct hash_print *p)
{
	for (; c->shard < IDS_SHARDS; c->shard++, c->slot = 0) {
		const struct shard *h = &s->shards[c->shard];

		for (; c->slot < h->cap; c->slot++) {
			uint64_t *e = slot(h, c->slot, s->words);

			if (e[IDS_FLAGS] == 0)
				continue;
			c->slot++;
			p->hi = (uint64_t)c->shard << (64 - IDS_SHARD_BITS) | e[IDS_FLAGS] >> IDS_SHARD_BITS;
			p->lo = e[IDS_LOW];
			return e;
		}
	}
	return NULL;
}

uint64_t
ids_sweep(struct ids *s, uint32_t shard, bool (*keep)(const void *, const uint64_t *), const void *cookie)
{
	struct shard *h = &s->shards[shard];
	uint32_t      was = h->n;
	uint64_t      n;

	if (was == 0)
		return 0;
	n = gather(s, h, keep, cookie);
	s->n -= was - n;
	if (n < was)
		shrink(s, h, n);
	return was;
}
