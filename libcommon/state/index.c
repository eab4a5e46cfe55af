/* index - from a hash to the numbers of entries */
#include "state/index.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum {
	SEGMENT_MIN_BITS = 3,
	SEGMENT_MAX_BITS = 13,         /* 64 KiB: a split takes some 20 µs */
	ROOMY = 11, ROOMY_OF = 16,     /* so full are reserved ones: almost none has to split */
	DEPTH_MAX = 19                 /* 2^19 full segments: more entries than there are numbers */
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

/* The segment that TAG belongs to gives way to LOWER and UPPER, each in half of its places. */
static void
replace(struct index *ix, uint32_t tag, struct index_segment *lower, struct index_segment *upper)
{
	struct index_segment *old = index_segment_of(ix, tag);
	size_t                places = (size_t)1 << (ix->bits - old->depth);
	size_t                first = ((uint64_t)tag >> (32 - ix->bits)) & ~(places - 1);

	for (size_t i = 0; i < places; i++)
		ix->directory[first + i] = i < places / 2 ? lower : upper;
	free(old);
}

static void
widen(struct index *ix, uint32_t tag)
{
	struct index_segment *old = index_segment_of(ix, tag);
	struct index_segment *s = new_segment(old->bits + 1U, old->depth);

	for (size_t i = 0; i < (size_t)1 << old->bits; i++) {
		if (old->slots[i] != 0)
			place(s, old->slots[i]);
	}
	replace(ix, tag, s, s);
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

/* Two segments, told apart by one more bit of the tag. */
static void
split(struct index *ix, uint32_t tag)
{
	struct index_segment *old = index_segment_of(ix, tag), *half[2];

	if (old->depth == ix->bits)
		double_directory(ix);
	half[0] = new_segment(SEGMENT_MAX_BITS, old->depth + 1U);
	half[1] = new_segment(SEGMENT_MAX_BITS, old->depth + 1U);
	for (size_t i = 0; i < (size_t)1 << old->bits; i++) {
		uint64_t slot = old->slots[i];

		if (slot != 0)
			place(half[slot >> (63 - old->depth) & 1], slot);
	}
	replace(ix, tag, half[0], half[1]);
}

/* A segment of one tag many times over would split for ever: at DEPTH_MAX it widens again. */
static void
make_room(struct index *ix, uint32_t tag)
{
	const struct index_segment *s = index_segment_of(ix, tag);

	if (s->bits < SEGMENT_MAX_BITS || s->depth == DEPTH_MAX)
		widen(ix, tag);
	else
		split(ix, tag);
}

void
index_reserve(struct index *ix, uint32_t n)
{
	unsigned bits = SEGMENT_MIN_BITS, depth = 0;

	if (ix->directory != NULL)
		return;
	while (bits < SEGMENT_MAX_BITS && (uint64_t)n * ROOMY_OF > (uint64_t)ROOMY << bits)
		bits++;
	while (depth < DEPTH_MAX && (uint64_t)n * ROOMY_OF > (uint64_t)ROOMY << bits << depth)
		depth++;
	ix->bits = depth;
	ix->directory = alloc_bytes(sizeof(struct index_segment *) << depth);
	for (size_t i = 0; i < (size_t)1 << depth; i++)
		ix->directory[i] = new_segment(bits, depth);
}

void
index_add(struct index *ix, uint32_t tag, uint32_t number)
{
	if (ix->directory == NULL) {
		ix->directory = alloc_bytes(sizeof(struct index_segment *));
		ix->directory[0] = new_segment(SEGMENT_MIN_BITS, 0);
	}
	while (is_full(index_segment_of(ix, tag)))
		make_room(ix, tag);
	place(index_segment_of(ix, tag), (uint64_t)tag << 32 | (number + 1));
}

/*
 * Those behind the place that falls free, up to the next one that is free already, might be looked
 * for in vain: each moves up if its search passes there.
 */
void
index_take(struct index *ix, uint32_t tag, uint32_t number)
{
	struct index_segment *s = index_segment_of(ix, tag);
	uint32_t              mask = (1U << s->bits) - 1, gap = index_home(s, tag), at, home;

	while (s->slots[gap] != ((uint64_t)tag << 32 | (number + 1))) {
		assert(s->slots[gap] != 0);
		gap = (gap + 1) & mask;
	}
	for (at = (gap + 1) & mask; s->slots[at] != 0; at = (at + 1) & mask) {
		home = index_home(s, (uint32_t)(s->slots[at] >> 32));
		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		s->slots[gap] = s->slots[at];
		gap = at;
	}
	s->slots[gap] = 0;
	s->used--;
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
