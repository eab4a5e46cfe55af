/*
 * window_partials - partial sums of groups, from runs and from memory, merged by key
 *
 * Each source gives its partial sums in the order of their keys' hashes (without a seed: other processes read them),
 * and of a hash all that there are.  So all of a key come together, whichever other keys have its hash.
 */
#ifndef OP_WINDOW_PARTIALS_H
#define OP_WINDOW_PARTIALS_H

#include "base/rank.h"
#include "op/window_spill.h"
#include "state/heads.h"
#include "state/run_reader.h"
#include "state/store.h"

/* A sum of some records of a group. */
struct window_partial {
	uint64_t    hash;
	int64_t     pane_ms;
	uint64_t    first;               /* the lower, the earlier the group came first */
	struct span key;
	struct span accs;                /* as in snapshots: [12,"…"], where */
	const char *value;               /* is NULL; */
	char       *own;                 /* the same, if it was made for the merge */
};

/* What is in memory: panes, and their entries by hash. */
struct window_in_memory {
	const struct store_space **panes;
	uint64_t                  *from;         /* number of the first entry of each */
	size_t                     n, cap;
	struct ranks               order;
	size_t                     at;
};

struct window_source {
	struct run_reader      reader;
	bool                   is_memory;
	struct window_partial  now;
	size_t                 now_bytes;        /* that it takes in the run */
};

struct window_partials {
	struct window           *w;
	int64_t                  from_ms, to_ms; /* panes outside are left out; both within */
	bool                     by_pane;        /* sums of several panes stay apart */
	struct window_in_memory  memory;
	struct window_source    *sources;
	size_t                   n_sources, cap_sources;
	struct heads             heads;
	struct arena             arena;          /* of the groups at hand: */
	struct window_partial   *groups;
	size_t                   n, cap;
};

uint64_t window_hash(struct span key);

/* Of panes in [FROM, TO). */
void window_partials_init(struct window_partials *, struct window *, int64_t from_ms, int64_t to_ms, bool by_pane);
void window_partials_release(struct window_partials *);

/* Sources: the panes in memory; a stretch of a run.  Then begin. */
void window_partials_add_memory(struct window_partials *, const struct store_space *pane);
void window_partials_add_run(struct window_partials *, uint64_t run, uint64_t from, uint64_t to);
bool window_partials_begin(struct window_partials *);

/* The groups of the next hash are in groups, until the next call.  False: there are none, or the spill has failed. */
bool window_partials_next(struct window_partials *);

/* The next one of a run, which takes so many bytes; borrowed.  False: there is none, or the spill has failed. */
bool window_partial_look(struct run_reader *, struct window_partial *, size_t *bytes);

/* In a run: its bytes appended. */
void window_partial_put(const struct window *, const struct window_partial *, struct buf *);

/* A value from the text of its accumulators.  VALUE is zeroed. */
bool window_partial_load(const struct window *, struct span accs, char *value, struct arena *);

#endif
