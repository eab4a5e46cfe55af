/* ids_shard - the memory of a shard, laying it out anew, and moving entries where it is crowded */
#include "state/ids_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum {
	LOAD_SHARE = 64, LOAD = 58,  /* 58 of 64 slots */
	AHEAD = 8,                   /* groups */
	MOVES = 100
};

static size_t
group_bytes(const struct ids *s)
{
	return IDS_GROUP * s->words * sizeof(uint64_t);
}

/* ---- moving ---- */

static inline void
swap_entry(uint64_t *slot, struct ids_entry *e, unsigned words)
{
	for (unsigned w = 0; w < words; w++) {
		uint64_t there = slot[w * IDS_GROUP];

		slot[w * IDS_GROUP] = e->word[w];
		e->word[w] = there;
	}
}

bool
ids_shard_squeeze(struct ids *s, struct ids_shard *h, struct ids_entry *e, uint32_t *group)
{
	const unsigned words = s->words;
	uint32_t       g = ids_home(h, e->word[0]);

	for (unsigned i = 0; i < MOVES; i++) {
		uint64_t *there;
		uint32_t  home;
		unsigned  fill;

		s->moves++;
		/* Which one goes is as good as random. */
		swap_entry(ids_group(h, g, words) + (e->word[1] + i) % IDS_GROUP, e, words);
		home = ids_home(h, e->word[0]);
		g = home != g ? home : ids_second_home(h, e->word[0], e->word[1]);
		there = ids_group(h, g, words);
		if ((fill = ids_group_fill(there)) == IDS_GROUP)
			continue;
		for (unsigned w = 0; w < words; w++)
			there[fill + w * IDS_GROUP] = e->word[w];
		*group = g;
		return true;
	}
	return false;
}

/* ---- memory ---- */

static uint32_t
pages_for(const struct ids *s, uint32_t n_groups)
{
	return (n_groups + ids_page_groups(s->words) - 1) / ids_page_groups(s->words);
}

/* What does not lie in blocks of pages. */
static uint64_t
bytes_beside(const struct ids *s, const struct ids_shard *h)
{
	bool is_small = h->n_groups < ids_page_groups(s->words);

	return pages_for(s, h->n_groups) * sizeof(uint64_t *) + (is_small ? h->n_groups * group_bytes(s) : 0);
}

static uint32_t
room_of(uint32_t n_groups)
{
	return (uint32_t)((uint64_t)n_groups * IDS_GROUP * LOAD / LOAD_SHARE);
}

/* Memory for N_GROUPS that are empty. */
static void
take_pages(struct ids *s, struct ids_shard *h, uint32_t n_groups)
{
	uint32_t n = pages_for(s, n_groups);

	h->n_groups = n_groups;
	h->room = room_of(n_groups);
	h->pages = n == 0 ? NULL : alloc_bytes(n * sizeof(uint64_t *));
	for (uint32_t i = 0; i < n; i++)
		h->pages[i] = n_groups < ids_page_groups(s->words) ? alloc_bytes(n_groups * group_bytes(s)) : pages_take(&s->pages);
	for (uint32_t g = 0; g < n_groups; g++)
		memset(ids_group(h, g, s->words), 0, IDS_GROUP * sizeof(uint64_t));
	s->bytes += bytes_beside(s, h);
}

void
ids_shard_release(struct ids *s, struct ids_shard *h)
{
	s->bytes -= bytes_beside(s, h);
	for (uint32_t i = 0; i < pages_for(s, h->n_groups); i++) {
		if (h->n_groups < ids_page_groups(s->words))
			free(h->pages[i]);
		else
			pages_give(&s->pages, h->pages[i]);
	}
	free(h->pages);
}

/* ---- laying out ---- */

static inline bool
copy_entries(struct ids *s, const struct ids_shard *from, struct ids_shard *to, unsigned words)
{
	uint8_t *fill = s->fill;

	s->moves += from->n;
	for (uint32_t g = 0; g < from->n_groups; g++) {
		const uint64_t *old = ids_group(from, g, words);

		if (g + AHEAD < from->n_groups)
			for (unsigned w = 0; w < words; w++)
				__builtin_prefetch(ids_group(from, g + AHEAD, words) + w * IDS_GROUP);
		for (int i = 0; i < IDS_GROUP && old[i] != 0; i++) {
			uint32_t         home = ids_better_home(to, fill, old[i], old[i + IDS_LOW]);
			uint64_t        *new;
			struct ids_entry e;

			if (__builtin_expect(fill[home] == IDS_GROUP, 0)) {
				for (unsigned w = 0; w < words; w++)
					e.word[w] = old[i + w * IDS_GROUP];
				if (!ids_shard_squeeze(s, to, &e, &home))
					return false;
				fill[home]++;
				continue;
			}
			new = ids_group(to, home, words) + fill[home]++;
			for (unsigned w = 0; w < words; w++)
				new[w * IDS_GROUP] = old[i + w * IDS_GROUP];
		}
	}
	return true;
}

/* The shard in N_GROUPS.  False: there is no room for an entry; nothing has changed. */
static bool
lay_out(struct ids *s, struct ids_shard *h, uint32_t n_groups)
{
	struct ids_shard new = *h;
	bool             fits;

	s->appended_n = 0;
	take_pages(s, &new, n_groups);
	if (n_groups > s->cap_fill) {
		s->cap_fill = n_groups + n_groups / 4;
		free(s->fill);
		s->fill = alloc_bytes(s->cap_fill);
	}
	if (n_groups > 0)
		memset(s->fill, 0, n_groups);
	fits = s->words == 2 ? copy_entries(s, h, &new, 2) : copy_entries(s, h, &new, 3);
	ids_shard_release(s, fits ? h : &new);
	if (fits)
		*h = new;
	return fits;
}

/*
 * The next larger number of groups: half as many more, from a page on whole pages, an eighth to a quarter of them;
 * which, that is as good as random, so that shards of like size do not grow all at once.
 */
static uint32_t
larger(const struct ids *s, const struct ids_shard *h, uint32_t n_groups)
{
	uint32_t each = ids_page_groups(s->words), pages = n_groups / each;
	uint32_t r = ((uint32_t)(h - s->shards) + pages * 61) * UINT32_C(0x9e3779b1) >> 16;

	if (n_groups < each)
		return n_groups + n_groups / 2 + 1 < each ? n_groups + n_groups / 2 + 1 : each;
	return (pages + (pages < 8 ? 1 : pages / 8 + r % (pages / 8 + 1))) * each;
}

static void
lay_out_from(struct ids *s, struct ids_shard *h, uint32_t n_groups)
{
	while (!lay_out(s, h, n_groups))
		n_groups = larger(s, h, n_groups);
}

void
ids_shard_grow(struct ids *s, struct ids_shard *h)
{
	lay_out_from(s, h, larger(s, h, h->n_groups));
}

/* So many groups N entries like to have. */
static uint32_t
groups_for(const struct ids *s, const struct ids_shard *h, uint32_t n)
{
	uint32_t n_groups = 0;

	while (n > 0 && room_of(n_groups) < n + n / 16)
		n_groups = larger(s, h, n_groups);
	return n_groups;
}

void
ids_shard_reserve(struct ids *s, struct ids_shard *h, uint32_t n)
{
	uint32_t n_groups = groups_for(s, h, n);

	if (n_groups > h->n_groups)
		lay_out_from(s, h, n_groups);
}

void
ids_shard_fit(struct ids *s, struct ids_shard *h)
{
	uint32_t n_groups = groups_for(s, h, h->n);

	if (n_groups < h->n_groups - h->n_groups / 8)
		lay_out_from(s, h, n_groups);
}
