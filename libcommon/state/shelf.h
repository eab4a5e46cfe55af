/*
 * shelf - the door to keys and values that have no room in memory
 *
 * What is written comes as tables: keys in ascending order, whole, before the next thing happens.  A key's newest table
 * counts.  Looked up are a group of keys at once.  As with state/spill.h it outlives whoever wrote it if the
 * checkpoint does (store/shelf_files.h): the owner keeps, among its own snapshot lines, how many tables it has
 * written, and says so when it goes on.
 *
 * Values may be empty.  Values of which some may be forgotten begin with a time, 8 bytes in the byte order of the machine.
 *
 * What goes wrong is told where the run loop asks for it (a full disk, a file that was changed): from then on `failed` is
 * set, writes do nothing and nothing is found.  The owner only stops.
 */
#ifndef STATE_SHELF_H
#define STATE_SHELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

enum { SHELF_GROUP = 64 };

struct shelf;

struct shelf_class {
	/* Write a table; at least one key. */
	void (*begin)(struct shelf *);
	void (*put)(struct shelf *, struct span key, struct span value);
	void (*end)(struct shelf *);

	/* N keys, up to SHELF_GROUP; VALUES live until the next call of any of these; those that are not there are SPAN_NONE. */
	void (*get)(struct shelf *, const struct span *keys, size_t n, struct span *values);

	/*
	 * What has a time before FLOOR_MS is of no use from now on: it may go whenever its table is rewritten.  Keys from
	 * FROM up to TO (none: to the last) are, now.
	 */
	void (*forget)(struct shelf *, struct span from, struct span to, int64_t floor_ms);

	/* There are N_TABLES: as of the snapshot that is loaded.  False: that is another shelf. */
	bool (*resume)(struct shelf *, uint64_t n_tables);
};

/* First member of what is behind the door. */
struct shelf {
	const struct shelf_class *class;
	bool                      failed;
	uint64_t                  n_tables;      /* written, since the state began */
	uint64_t                  memory_bytes;  /* that it takes, as of the last table */
};

static inline void
shelf_begin(struct shelf *s)
{
	if (!s->failed)
		s->class->begin(s);
}

static inline void
shelf_put(struct shelf *s, struct span key, struct span value)
{
	if (!s->failed)
		s->class->put(s, key, value);
}

static inline void
shelf_end(struct shelf *s)
{
	if (!s->failed)
		s->class->end(s);
}

/* False: failed. */
static inline bool
shelf_get(struct shelf *s, const struct span *keys, size_t n, struct span *values)
{
	if (!s->failed)
		s->class->get(s, keys, n, values);
	return !s->failed;
}

static inline void
shelf_forget(struct shelf *s, struct span from, struct span to, int64_t floor_ms)
{
	if (!s->failed)
		s->class->forget(s, from, to, floor_ms);
}

static inline bool
shelf_resume(struct shelf *s, uint64_t n_tables)
{
	return s->class->resume(s, n_tables);
}

#endif
