/*
 * spill - the door to bytes that have no room in memory
 *
 * A run is a row of bytes that is written once, whole, before the next thing happens, then read
 * where one likes, mostly forwards, and dropped.  It outlives whoever wrote it if the checkpoint
 * does (store/spill.h keeps runs as files beside the snapshots): a run is known by its number, which
 * its owner keeps in its own snapshot lines.
 *
 * What goes wrong is told where the run loop asks for it (a full disk, a file that was changed):
 * from then on `failed` is set, writes do nothing and reads give nothing.  The owner only stops.
 */
#ifndef STATE_SPILL_H
#define STATE_SPILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spill;

struct spill_class {
	/* Begin a run: its number, never 0.  One at a time. */
	uint64_t (*begin)(struct spill *);
	void     (*put)(struct spill *, const void *p, size_t n);
	/* All of it is there: how long it is. */
	uint64_t (*end)(struct spill *);

	/* N bytes from AT on, which must be there.  False: failed. */
	bool     (*read)(struct spill *, uint64_t run, uint64_t at, void *to, size_t n);
	/* What was read makes no sense: it is not what was written.  Sets failed. */
	void     (*say_damaged)(struct spill *, uint64_t run);
	/* Not needed any more.  As long as a snapshot that may be gone back to names it, it stays. */
	void     (*drop)(struct spill *, uint64_t run);
};

/* First member of what is behind the door. */
struct spill {
	const struct spill_class *class;
	bool                      failed;
};

static inline uint64_t
spill_begin(struct spill *s)
{
	return s->class->begin(s);
}

static inline void
spill_put(struct spill *s, const void *p, size_t n)
{
	s->class->put(s, p, n);
}

static inline uint64_t
spill_end(struct spill *s)
{
	return s->class->end(s);
}

static inline bool
spill_read(struct spill *s, uint64_t run, uint64_t at, void *to, size_t n)
{
	return !s->failed && s->class->read(s, run, at, to, n);
}

static inline void
spill_say_damaged(struct spill *s, uint64_t run)
{
	s->class->say_damaged(s, run);
}

static inline void
spill_drop(struct spill *s, uint64_t run)
{
	s->class->drop(s, run);
}

#endif
