/*
 * window_spill - windows on a grid whose groups have no room in memory
 *
 * Sums can be added up, so nothing has to be looked up: when the panes take more than --memory, all of them are
 * written down as one run of partial sums in the order of their keys' hashes, and the table begins anew.  A key that
 * comes again has another partial sum.  When a window closes, the runs are read side by side, with what is in memory
 * as one more, and the sums of a key are merged (window_partials.h); the groups, which come by hash, are then put into
 * the order of their first appearance, on disk too if they are many (window_ordered.h).  That is an external merge
 * sort with aggregation on the way: Graefe, "Query evaluation techniques for large databases", 1993, section 4.
 *
 * A late record asks for one key of a window that has closed: it is found by its hash.
 *
 * A run holds the panes one after the other, each by hash, where a window is a pane; else all of them together, as a
 * window asks for most of them at once.  Behind the sums stands a directory of the panes.  Runs that are too many are
 * merged, the shorter half of them.  A pane goes when the watermark says so, and a run with its last pane: what a
 * snapshot has to name is the runs alone.
 */
#ifndef OP_WINDOW_SPILL_H
#define OP_WINDOW_SPILL_H

#include "base/arena.h"
#include "op/op.h"
#include "op/window_assign.h"
#include "state/spill.h"

struct window;

/* A pane in a run, as its directory has it. */
struct window_spilled_pane {
	int64_t  pane_ms;
	uint64_t at_bytes, length_bytes; /* where its partial sums lie: several panes may share a stretch */
	uint64_t n;                      /* of them */
	uint64_t next;                   /* groups of this pane that come later are numbered from here */
};

/* Where one of its partial sums begins. */
struct window_spilled_place {
	uint64_t at_bytes;
	uint64_t hash;
};

struct window_run {
	uint64_t                    run; /* in the spill */
	uint64_t                    length_bytes;
	struct window_spilled_pane *panes;       /* ascending; NULL: the directory was not read yet */
	size_t                      n_panes;
	size_t                      first;       /* those before it are gone */
	struct window_spilled_place *places;     /* one every few KiB, once a key was looked for */
	size_t                      n_places, cap_places;
};

/* {0}: everything stays in memory. */
struct window_spill {
	struct spill      *spill;        /* borrowed; NULL: none */
	uint64_t           limit_bytes;  /* for what is in memory */
	size_t             piece_bytes;  /* of each run that is read */
	size_t             order_bytes;  /* for groups on their way out */
	size_t             most_runs;
	uint64_t           fed_bytes;    /* since it was looked at last, */
	uint64_t           patience_bytes;       /* which happens after so many */
	struct window_run *runs;
	size_t             n_runs, cap_runs;
	bool               is_open;      /* their directories are known */
	bool               has_changed;  /* there are other runs than the last snapshot names */
	uint64_t           n_spilled, n_loaded;  /* groups that were spilled, since the pipeline and this process began */
	char              *whole;        /* a value put together for one result */
	struct arena       whole_arena;
	struct op_count    count;
};

void window_spill_init(struct window *);
void window_spill_release(struct window_spill *);

/* When fed_bytes has come to patience_bytes: spills all that is in memory if that is too much. */
void window_spill_look(struct window *);

/* Before anything below: false if the spill has failed. */
bool window_spill_open(struct window *);

/* The first pane at or behind AT that lies in a run.  False: there is none. */
bool window_spill_pane_from(const struct window *, int64_t at_ms, int64_t *pane_ms);

/* Groups of a pane that lies in runs too are numbered from here in memory. */
uint64_t window_spill_next(const struct window *, int64_t pane_ms);

/* Panes that are gone; when the next one goes (WHEN_MAX: there is none). */
int64_t window_spill_drop_gone(struct window *);

/* Has a window to be put together from partial sums? */
bool window_spill_has(const struct window *, struct window_at);

/* Its results, by first appearance; they have their frame. */
void window_spill_gather(struct window *, struct window_at, struct emit *);

/*
 * VALUE is what is in memory of a key in a window: with what lies in runs; borrowed until the next call.  The first time
 * in a run costs reading all of it, then it is a few KiB.  For late records, which are few.
 */
const char *window_spill_whole(struct window *, struct window_at, struct span key, const char *value);

/* Has a snapshot a line about runs?  A delta has one if they are others than before. */
static inline bool
window_spill_has_line(const struct window_spill *s, bool delta)
{
	return s->n_spilled > 0 && (!delta || s->has_changed);
}

uint64_t window_spill_bytes(const struct window_spill *);

/* The runs as a snapshot has them: all are forgotten, then known anew; the directories are read later. */
void window_spill_forget(struct window_spill *);
void window_spill_know(struct window_spill *, uint64_t run, uint64_t length_bytes);

#endif
