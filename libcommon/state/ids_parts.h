/* ids_parts - what the files of the set of fingerprints share; nobody else's business */
#ifndef STATE_IDS_PARTS_H
#define STATE_IDS_PARTS_H

#include "base/pages.h"
#include "state/ids.h"

enum {
	IDS_GROUP = 8,                   /* entries; they stand in the first slots, the others are 0 */
	IDS_PAGE_BYTES = 1536,           /* twelve groups, with values eight: nothing is left over */
	IDS_CROWDED = 6,                 /* as full a first home is as good as the second if that is emptier */
	IDS_FLAG_MASK = IDS_SHARDS - 1,
	IDS_HOME_BITS = (64 - IDS_SHARD_BITS) / 2
};

struct ids_shard {
	uint64_t **pages;                /* of IDS_PAGE_BYTES; a single one may be smaller */
	uint32_t   n_groups;
	uint32_t   n;
	uint32_t   room;                 /* entries at which it grows */
};

struct ids {
	unsigned         words;          /* of an entry: 2 or 3 */
	uint64_t         n;
	uint64_t         bytes;          /* of small pages and lists of pages */
	uint64_t         moves;
	struct pages     pages;
	uint8_t         *fill;           /* how full groups are while a shard is laid out */
	size_t           cap_fill;
	struct hash_print appended;      /* the last one; its shard, which had N then, and how full that shard's groups are */
	uint32_t         appended_shard;
	uint32_t         appended_n;     /* 0: it has changed since in another way */
	uint8_t         *appended_fill;
	size_t           cap_appended_fill;
	struct ids_shard shards[IDS_SHARDS];
};

/* An entry outside of its group. */
struct ids_entry {
	uint64_t word[3];                /* the third where there are values */
};

/* ---- ids_shard.c ---- */

/* Into more memory. */
void ids_shard_grow(struct ids *, struct ids_shard *);

/* Into memory for N, if that is more than it has. */
void ids_shard_reserve(struct ids *, struct ids_shard *, uint32_t n);

/* Into as little memory as its entries like to have, if that is less than it has by an eighth or more. */
void ids_shard_fit(struct ids *, struct ids_shard *);

/*
 * Both groups of the entry are full: others move until one has found room, and *GROUP is where.  False: none has, and
 * *ENTRY is one that stands nowhere now.
 */
bool ids_shard_squeeze(struct ids *, struct ids_shard *, struct ids_entry *, uint32_t *group);

void ids_shard_release(struct ids *, struct ids_shard *);

/* ---- where things are ---- */

static inline uint32_t
ids_page_groups(unsigned words)
{
	return words == 2 ? IDS_PAGE_BYTES / (IDS_GROUP * 16) : IDS_PAGE_BYTES / (IDS_GROUP * 24);
}

/* Each with a constant to divide by. */
static inline uint64_t *
ids_group(const struct ids_shard *h, uint32_t g, unsigned words)
{
	if (words == 2)
		return h->pages[g / ids_page_groups(2)] + (size_t)(g % ids_page_groups(2)) * IDS_GROUP * 2;
	return h->pages[g / ids_page_groups(3)] + (size_t)(g % ids_page_groups(3)) * IDS_GROUP * 3;
}

/* Of a fingerprint's first word without the shard's bits, and its second: as many bits for each of its two groups. */
static inline uint64_t
ids_home_bits(uint64_t word)
{
	return word >> (64 - IDS_HOME_BITS);
}

static inline uint64_t
ids_second_bits(uint64_t word, uint64_t low)
{
	word &= ~(uint64_t)IDS_FLAG_MASK;
	return ((low * UINT64_C(0x9fb21c651e98df25)) ^ word) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - IDS_HOME_BITS);
}

static inline uint32_t
ids_home(const struct ids_shard *h, uint64_t word)
{
	return (uint32_t)(ids_home_bits(word) * h->n_groups >> IDS_HOME_BITS);
}

static inline uint32_t
ids_second_home(const struct ids_shard *h, uint64_t word, uint64_t low)
{
	return (uint32_t)(ids_second_bits(word, low) * h->n_groups >> IDS_HOME_BITS);
}

/* Which of its homes is the better one, by how full groups are. */
static inline uint32_t
ids_better_home(const struct ids_shard *h, const uint8_t *fill, uint64_t word, uint64_t low)
{
	uint32_t home = ids_home(h, word), second = ids_second_home(h, word, low);
	int      is_better = (int)(fill[home] >= IDS_CROWDED) & (int)(fill[second] < fill[home]);

	return is_better ? second : home;
}

static inline unsigned
ids_group_fill(const uint64_t *group)
{
	unsigned n = 0;

	for (int i = 0; i < IDS_GROUP; i++)
		n += group[i] != 0;
	return n;
}

#endif
