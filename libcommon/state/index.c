/* index - from a hash to the numbers of entries */
#include "state/index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum {
	SEGMENT_MIN_BITS = 3,
	SEGMENT_MAX_BITS = 15          /* 256 KiB */
};

const uint64_t index_no_slots[1] = { 0 };

static size_t
segment_bytes(unsigned bits)
{
	return sizeof(struct index_segment) + ((size_t)8 << bits);
}

static struct index_segment *
new_segment(unsigned bits, unsigned depth)
{
	struct index_segment *s = alloc_zeroed(1, segment_bytes(bits));

	s->bits = (uint8_t)bits;
	s->depth = (uint8_t)depth;
	return s;
}

static void
place(struct index_segment *s, uint64_t slot)
{
	uint32_t mask = (1U << s->bits) - 1;
	uint32_t at = index_home(s, (uint32_t)(slot >> 32));

	while (s->slots[at] != 0)
		at = (at + 1) & mask;
	s->slots[at] = slot;
	s->used++;
}

static bool
is_full(const struct index_segment *s)
{
	return (s->used + 1) * 4 > 3U << s->bits;
}

/* The only segment, not of full size yet, gets twice the slots. */
static void
widen(struct index *ix)
{
	struct index_segment *old = ix->directory[0], *s;

	assert(ix->bits == 0);
	s = new_segment(old->bits + 1U, 0);
	for (size_t i = 0; i < (size_t)1 << old->bits; i++) {
		if (old->slots[i] != 0)
			place(s, old->slots[i]);
	}
	free(old);
	ix->directory[0] = s;
}

static void
double_directory(struct index *ix)
{
	size_t                 n = (size_t)1 << ix->bits;
	struct index_segment **d = alloc_bytes(2 * n * sizeof(struct index_segment *));

	for (size_t i = 0; i < n; i++)
		d[2 * i] = d[2 * i + 1] = ix->directory[i];
	free(ix->directory);
	ix->directory = d;
	ix->bits++;
}

/* The full segment that TAG belongs to becomes two, told apart by one more bit of the tag. */
static void
split(struct index *ix, uint32_t tag)
{
	struct index_segment *old = index_segment_of(ix, tag), *half[2];
	size_t                share, first;

	/* 2^17 segments of 24,576: more entries than numbers.  Tags are bits of a seeded hash. */
	assert(old->depth + SEGMENT_MAX_BITS < 32);
	if (old->depth == ix->bits)
		double_directory(ix);
	half[0] = new_segment(SEGMENT_MAX_BITS, old->depth + 1U);
	half[1] = new_segment(SEGMENT_MAX_BITS, old->depth + 1U);
	for (size_t i = 0; i < (size_t)1 << old->bits; i++) {
		uint64_t slot = old->slots[i];

		if (slot != 0)
			place(half[slot >> (63 - old->depth) & 1], slot);
	}
	share = (size_t)1 << (ix->bits - old->depth);
	first = ((uint64_t)tag >> (32 - ix->bits)) & ~(share - 1);
	for (size_t i = 0; i < share; i++)
		ix->directory[first + i] = half[i >= share / 2];
	free(old);
}

void
index_add(struct index *ix, uint32_t tag, uint32_t number)
{
	if (ix->directory == NULL) {
		ix->directory = alloc_bytes(sizeof(struct index_segment *));
		ix->directory[0] = new_segment(SEGMENT_MIN_BITS, 0);
	}
	while (is_full(index_segment_of(ix, tag))) {
		if (index_segment_of(ix, tag)->bits < SEGMENT_MAX_BITS)
			widen(ix);
		else
			split(ix, tag);
	}
	place(index_segment_of(ix, tag), (uint64_t)tag << 32 | (number + 1));
}

/* Segments stand in the directory as many times as they lack depth: the place behind S at I. */
static size_t
behind(const struct index *ix, size_t i, const struct index_segment *s)
{
	return i + ((size_t)1 << (ix->bits - s->depth));
}

void
index_clear(struct index *ix)
{
	if (ix->directory == NULL)
		return;
	for (size_t i = 0; i < (size_t)1 << ix->bits; i = behind(ix, i, ix->directory[i])) {
		struct index_segment *s = ix->directory[i];

		memset(s->slots, 0, (size_t)8 << s->bits);
		s->used = 0;
	}
}

void
index_release(struct index *ix)
{
	size_t n = ix->directory == NULL ? 0 : (size_t)1 << ix->bits, next;

	for (size_t i = 0; i < n; i = next) {
		next = behind(ix, i, ix->directory[i]);
		free(ix->directory[i]);
	}
	free(ix->directory);
	*ix = (struct index){ 0 };
}

size_t
index_bytes(const struct index *ix)
{
	size_t n = ix->directory == NULL ? 0 : (size_t)1 << ix->bits;
	size_t bytes = n * sizeof(struct index_segment *);

	for (size_t i = 0; i < n; i = behind(ix, i, ix->directory[i]))
		bytes += segment_bytes(ix->directory[i]->bits);
	return bytes;
}
