/*
 * store - the door to keyed state
 *
 * What an operator keeps beyond a batch lies in a store: fixed-size values by key, in *spaces*.  A
 * space is named by an int64 (a window: its start), lives and goes as a whole, and has an arena for
 * what is of variable length.  Inside a space, entries are numbered from 0 by first appearance, and
 * that is the order in which they are walked: no order of a hash table ever shows.
 *
 * A store remembers what changed since the last settle, so that a snapshot costs what changed and
 * not what is there.
 *
 * state/table.c keeps everything in memory; another store can stand behind the same calls.  So an
 * operator holds on to a value only until the next prepare, put, drop or settle.
 */
#ifndef STATE_STORE_H
#define STATE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/span.h"

/* At most this many keys go into one prepare. */
enum { STORE_BATCH = 64 };

/* What everybody may know of a space; the store's own part lies behind it. */
struct store_space {
	int64_t      id;
	uint64_t     n_entries;
	struct arena arena;          /* variable parts of the values; goes with the space */
};

struct store_entry {
	struct span key;             /* SPAN_NONE: the null key, which is another than "" */
	uint64_t    number;          /* by first appearance in its space, from 0 */
	void       *value;           /* value_bytes, aligned to 16 */
};

/* What prepare found out about a key, for the put that follows. */
struct store_probe {
	uint64_t                  hash;
	const struct store_space *space;     /* where the store looked ahead, and */
	void                     *likely;    /* what it met; its own affair */
};

/* Where a walk over what changed stands; {0} is the beginning. */
struct store_walk {
	size_t space;
	size_t entry;
};

struct store_counts {
	uint64_t spaces;             /* that have entries */
	uint64_t entries;
	uint64_t changed;            /* entries, since the last settle */
	uint64_t dropped;            /* spaces that an earlier settle had seen, since the last one */
};

struct store;

struct store_class {
	const char *name;

	struct store_space *(*space)(struct store *, int64_t id);
	struct store_space *(*at_or_below)(const struct store *, int64_t id);
	struct store_space *(*at_or_above)(const struct store *, int64_t id);
	void  (*drop)(struct store *, struct store_space *);

	void  (*prepare)(struct store *, const struct store_space *, const struct span *keys, size_t n,
	                 struct store_probe *);
	void *(*put)(struct store *, struct store_space *, struct span key, const struct store_probe *);
	void *(*get)(const struct store *, const struct store_space *, struct span key);
	void *(*restore)(struct store *, struct store_space *, struct span key, uint64_t number);
	bool  (*loaded)(struct store *);
	bool  (*next)(const struct store *, const struct store_space *, uint64_t *at, struct store_entry *);

	const struct store_space *(*next_changed)(const struct store *, struct store_walk *,
	                                          struct store_entry *);
	bool  (*next_dropped)(const struct store *, size_t *at, int64_t *id);
	void  (*settle)(struct store *);
	void  (*trim)(struct store *);

	void  (*count)(const struct store *, struct store_counts *);
	uint64_t (*bytes)(const struct store *);
	void  (*free)(struct store *);
};

struct store {
	const struct store_class *class;
	size_t                    value_bytes;     /* a multiple of 16 */
	uint64_t                  hash_seed;       /* the maker's choice; never written down, never shows */
};

/* Of a key; the null key has none. */
static inline uint64_t
store_hash(const struct store *s, struct span key)
{
	return key.p == NULL ? 0 : hash_bytes(key, s->hash_seed);
}

/* The space ID, made where there is none.  Until something is put there no snapshot knows of it. */
static inline struct store_space *
store_space(struct store *s, int64_t id)
{
	return s->class->space(s, id);
}

/* The space with the greatest id <= ID; NULL: none. */
static inline struct store_space *
store_at_or_below(const struct store *s, int64_t id)
{
	return s->class->at_or_below(s, id);
}

/* The space with the least id >= ID; NULL: none. */
static inline struct store_space *
store_at_or_above(const struct store *s, int64_t id)
{
	return s->class->at_or_above(s, id);
}

/* Spaces in ascending order: begin with store_at_or_above(s, INT64_MIN). */
static inline struct store_space *
store_following(const struct store *s, const struct store_space *space)
{
	return space->id == INT64_MAX ? NULL : s->class->at_or_above(s, space->id + 1);
}

/* The space and all that is in it goes. */
static inline void
store_drop(struct store *s, struct store_space *space)
{
	s->class->drop(s, space);
}

/*
 * N <= STORE_BATCH keys are about to be put, most of them into SPACE (NULL: not known): hash them,
 * and give a head start to what they will touch.  Changes nothing.  The probes serve until a space
 * is dropped.
 */
static inline void
store_prepare(struct store *s, const struct store_space *space, const struct span *keys, size_t n,
              struct store_probe *probes)
{
	s->class->prepare(s, space, keys, n, probes);
}

/*
 * The value of KEY, made (zeroed) where there is none; the entry counts as changed.  PROBE is what
 * prepare said of this key; for the null key it is not looked at.
 */
static inline void *
store_put(struct store *s, struct store_space *space, struct span key,
          const struct store_probe *probe)
{
	return s->class->put(s, space, key, probe);
}

/* The value of KEY; NULL: none.  Not to be changed. */
static inline const void *
store_get(const struct store *s, const struct store_space *space, struct span key)
{
	return s->class->get(s, space, key);
}

/*
 * For loading: the value of entry NUMBER, zeroed, and not counted as changed.  Either the next new
 * number with a key that is new, or a known number with its key; else NULL, and nothing is changed.
 * Whether a new number's key is new, the store may leave to store_loaded.
 */
static inline void *
store_restore(struct store *s, struct store_space *space, struct span key, uint64_t number)
{
	return s->class->restore(s, space, key, number);
}

/* Behind the last restore.  False: a key was restored under two numbers of one space. */
static inline bool
store_loaded(struct store *s)
{
	return s->class->loaded(s);
}

/* Walk a space by number, from *at on: 0 first.  Nothing may be put or dropped meanwhile. */
static inline bool
store_next(const struct store *s, const struct store_space *space, uint64_t *at, struct store_entry *e)
{
	return s->class->next(s, space, at, e);
}

/*
 * Walk the entries that changed since the last settle, space by space, in the order in which they
 * first did; new ones of a space come by ascending number.  The entry's space, or NULL at the end.
 */
static inline const struct store_space *
store_next_changed(const struct store *s, struct store_walk *walk, struct store_entry *e)
{
	return s->class->next_changed(s, walk, e);
}

/* Walk the spaces dropped since the last settle, *at = 0 first.  One may have been made anew since. */
static inline bool
store_next_dropped(const struct store *s, size_t *at, int64_t *id)
{
	return s->class->next_dropped(s, at, id);
}

/* What changed is saved. */
static inline void
store_settle(struct store *s)
{
	s->class->settle(s);
}

static inline void
store_count(const struct store *s, struct store_counts *c)
{
	s->class->count(s, c);
}

/* Memory that is held for spaces to come is given back. */
static inline void
store_trim(struct store *s)
{
	s->class->trim(s);
}

/* Of memory, all in all, as far as it was touched.  Takes time with the number of spaces: for reports. */
static inline uint64_t
store_bytes(const struct store *s)
{
	return s->class->bytes(s);
}

static inline void
store_free(struct store *s)
{
	if (s != NULL)
		s->class->free(s);
}

#endif
