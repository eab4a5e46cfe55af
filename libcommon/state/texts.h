/*
 * texts - bytes of many things, in the order in which they came; those that came first may go to disk
 *
 * A log in segments, as the log-structured file system has it (Rosenblum, Ousterhout, 1992): a text is put behind the
 * last one of its lane, and its place never changes, whether its segment is in memory or in a run behind state/spill.h.  So
 * what goes to disk goes a segment at a time, and nobody who knows a place has to be told.  A segment goes when its last text
 * does.  Where a few texts keep many segments, texts_is_wasteful says so, and whoever has the places puts those of sparse
 * segments in anew.
 *
 * Lanes are for texts that live about as long as each other.  Runs that are too many are merged, the smallest of them.
 *
 * In memory a text takes its bytes; a segment some 80 more, on disk, too.
 *
 * Snapshots: a segment on disk is a line, with its run; the texts of others its owner saves with their places, and gives
 * back with them.  When such a segment goes to disk later, its line in a delta is all that has to be said.
 */
#ifndef STATE_TEXTS_H
#define STATE_TEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "state/snap.h"
#include "state/spill.h"

enum { TEXTS_LANES = 2 };

enum { TEXT_SEGMENT_BITS = 40, TEXT_AT_BITS = 24 };

/* Segment 0: nowhere. */
struct text_place {
	uint64_t segment : TEXT_SEGMENT_BITS;
	uint64_t at : TEXT_AT_BITS;
};

struct text_segment {
	struct text_segment *next, *previous;    /* by number */
	char                *bytes;              /* NULL: not in memory */
	uint64_t             number;
	uint32_t             n, cap;
	uint32_t             n_live;             /* texts that are left, */
	uint64_t             live_bytes;         /* and theirs of N */
	uint64_t             run, from_bytes;    /* where it lies on disk; run 0: it does not */
	bool                 has_moved;          /* there, since the last settle */
};

struct text_run {
	uint64_t run;
	uint64_t bytes;              /* of the segments that are left in it, */
	uint32_t n_segments;         /* which are so many */
};

/* What was read of a lane last. */
struct text_held {
	struct text_place place;
	struct buf        buf;
};

struct texts {
	struct spill         *spill;         /* borrowed */
	size_t                segment_bytes;
	uint64_t              patience_bytes;        /* that may be wasted in any case */
	struct text_segment **slots;         /* by number; open addressing */
	size_t                cap_slots, n_segments;
	struct text_segment  *first, *last;
	struct text_segment  *open[TEXTS_LANES];     /* that the next text of the lane goes into; NULL: none */
	uint64_t              next;          /* number */
	uint64_t              live_bytes;    /* of texts, */
	uint64_t              memory_bytes, disk_bytes;      /* and of the segments that hold them */
	uint64_t              n_spilled;     /* texts that have gone to disk, ever */
	size_t                n_on_disk, n_moved;    /* segments */
	struct text_run      *runs;
	size_t                n_runs, cap_runs;
	struct text_held      held[TEXTS_LANES];
	struct buf            piece;
	bool                  is_frozen;     /* segments stay, whatever is given: while loading, and on the way out */
};

/* MEMORY_BYTES: that the owner has, with all it keeps: segments are so large that there are some dozens of them. */
void texts_init(struct texts *, struct spill *, uint64_t memory_bytes);
void texts_release(struct texts *);

/* From now on runs stay, for who comes next: all texts are given, then it is released. */
void texts_leave(struct texts *);

/* Put a copy in; at least one byte, and none of them zero. */
struct text_place texts_add(struct texts *, unsigned lane, struct span text);

/* NULL: there is none of that number. */
static inline struct text_segment *
texts_segment(const struct texts *t, uint64_t number)
{
	size_t mask = t->cap_slots - 1, i = number & mask;

	if (t->cap_slots == 0)
		return NULL;
	while (t->slots[i] != NULL && t->slots[i]->number != number)
		i = (i + 1) & mask;
	return t->slots[i];
}

/* That many bytes at PLACE are not needed any more. */
void texts_give_last(struct texts *, struct text_segment *);

static inline void
texts_give(struct texts *t, struct text_place place, uint32_t n)
{
	struct text_segment *s = texts_segment(t, place.segment);

	s->live_bytes -= n;
	t->live_bytes -= n;
	if (__builtin_expect(--s->n_live == 0, 0))
		texts_give_last(t, s);
}

struct span texts_read(struct texts *, unsigned lane, const struct text_segment *, struct text_place place, uint32_t n);

/* Borrowed until the next call for that lane, or one that changes the texts.  The spill has failed: `null`. */
static inline struct span
texts_get(struct texts *t, unsigned lane, struct text_place place, uint32_t n)
{
	const struct text_segment *s = texts_segment(t, place.segment);

	return s->bytes != NULL ? span_of(s->bytes + place.at, n) : texts_read(t, lane, s, place, n);
}

static inline bool
texts_is_in_memory(const struct texts *t, struct text_place place)
{
	return texts_segment(t, place.segment)->run == 0;
}

/* So many bytes of memory, at least, go to disk: what came first. */
void texts_spill(struct texts *, uint64_t bytes);

/* Is more than half of it nobody's?  Then put those for which is_sparse holds in again, and give their places. */
static inline bool
texts_is_wasteful(const struct texts *t)
{
	return t->memory_bytes + t->disk_bytes > 2 * t->live_bytes + t->patience_bytes;
}

bool texts_is_sparse(const struct texts *, struct text_place);

/* All memory but that of the texts' segments. */
uint64_t texts_beside_bytes(const struct texts *);

/* ---- texts_snap.c: snapshots ---- */

/* {"seg":7,"run":3,"from":0,"length":65536}: all on disk, or those that have moved since the last settle; how many. */
void   texts_save(const struct texts *, bool delta, struct snap_writer *);
size_t texts_lines(const struct texts *, bool delta);
void   texts_settle(struct texts *);

/*
 * What snapshots say, in their order; NEXT: the number of the next segment.  False: that cannot be.  Then texts_loaded, once;
 * before it nothing else is called but give.
 */
bool texts_load_next(struct texts *, uint64_t next);
bool texts_load_segment(struct texts *, uint64_t number, uint64_t run, uint64_t from_bytes, uint64_t length_bytes);
struct text_place texts_place(uint64_t segment, uint64_t at);        /* nowhere, where there cannot be such a place */
bool texts_load_text(struct texts *, struct text_place, struct span text);
bool texts_load_place(struct texts *, struct text_place, uint64_t n);
void texts_loaded(struct texts *);

/* ---- texts.c, for texts_snap.c ---- */

struct text_segment *texts_make_segment(struct texts *, uint64_t number);
void                 texts_remove_segment(struct texts *, struct text_segment *);
struct text_run     *texts_run(struct texts *, uint64_t run);        /* made where there is none */

#endif
