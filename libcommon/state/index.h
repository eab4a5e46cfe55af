/*
 * index - from a hash to the numbers of entries
 *
 * Slots of 8 bytes: 32 bits of hash (the tag) and the entry's number; whether it is the entry, the
 * owner of the keys says.  Extendible hashing: a directory of segments by the tag's first bits; one
 * that is full grows to SEGMENT_MAX_BITS, then splits in two.  So growing costs a segment's worth
 * of slots at a time (tens of microseconds), however large the whole is, and looks at tags only,
 * never at entries.
 */
#ifndef STATE_INDEX_H
#define STATE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index_segment {
	uint32_t used;
	uint8_t  bits;               /* of slots: 1 << bits of them */
	uint8_t  depth;              /* leading bits of the tag that all in here have in common */
	uint64_t slots[];            /* tag << 32 | number + 1; 0: free */
};

/* {0} is a good empty one. */
struct index {
	struct index_segment **directory;    /* 1 << bits places; NULL: nothing in yet */
	unsigned               bits;
};

/* A search for one tag. */
struct index_probe {
	const uint64_t *slots;
	uint32_t        at;
	uint32_t        mask;
	uint32_t        tag;
};

extern const uint64_t index_no_slots[1];

static inline struct index_segment *
index_segment_of(const struct index *ix, uint32_t tag)
{
	return ix->directory[(uint64_t)tag >> (32 - ix->bits)];
}

/* Where the search for TAG begins: the bits behind those that the segment has in common. */
static inline uint32_t
index_home(const struct index_segment *s, uint32_t tag)
{
	return (uint32_t)(tag << s->depth) >> (32 - s->bits);
}

static inline struct index_probe
index_probe(const struct index *ix, uint32_t tag)
{
	const struct index_segment *s;

	if (ix->directory == NULL)
		return (struct index_probe){ index_no_slots, 0, 0, tag };
	s = index_segment_of(ix, tag);
	return (struct index_probe){ s->slots, index_home(s, tag), (1U << s->bits) - 1, tag };
}

/* The next number with this tag; false: there are no more. */
static inline bool
index_next(struct index_probe *p, uint32_t *number)
{
	for (;;) {
		uint64_t slot = p->slots[p->at];

		if (slot == 0)
			return false;
		p->at = (p->at + 1) & p->mask;
		if (slot >> 32 == p->tag) {
			*number = (uint32_t)slot - 1;
			return true;
		}
	}
}

static inline void
index_prefetch(const struct index *ix, uint32_t tag)
{
	const struct index_segment *s;

	if (ix->directory == NULL)
		return;
	s = index_segment_of(ix, tag);
	__builtin_prefetch(s->slots + index_home(s, tag));
}

/* Room for about N, where there is nothing yet. */
void   index_reserve(struct index *, uint32_t n);
void   index_add(struct index *, uint32_t tag, uint32_t number);     /* number < UINT32_MAX */
void   index_take(struct index *, uint32_t tag, uint32_t number);    /* it must be there; keeps the memory */
void   index_clear(struct index *);                                  /* keeps the memory */
void   index_release(struct index *);
size_t index_bytes(const struct index *);

#endif
