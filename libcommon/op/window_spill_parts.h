/* window_spill_parts - what the files of window_spill share */
#ifndef OP_WINDOW_SPILL_PARTS_H
#define OP_WINDOW_SPILL_PARTS_H

#include "op/window_partials.h"
#include "op/window_parts.h"

/* The end of a run, behind the directory. */
struct window_run_tail {
	uint64_t n_panes;
	uint64_t magic;
};

#define WINDOW_RUN_MAGIC UINT64_C(0x31656e61704e5553)

/* ---- window_spill.c ---- */

void window_spill_add_run(struct window_spill *, struct window_run);
void window_spill_remove_run(struct window_spill *, size_t i);

/* The first of its panes at or behind AT; n_panes: none. */
size_t window_run_pane_from(const struct window_run *, int64_t at_ms);

/* Of the first N runs.  False: there is none. */
bool window_runs_pane_from(const struct window_spill *, size_t n, int64_t at_ms, int64_t *pane_ms);

/* Sources: of the first N runs, what may lie in panes from FROM to TO. */
void window_spill_add_stretches(const struct window_spill *, size_t n, struct window_partials *, int64_t from_ms, int64_t to_ms);

/* Of what may be spilled, with what that takes. */
uint64_t window_spill_memory_bytes(const struct window *);

/* ---- window_spill_write.c ---- */

/* All that is in memory becomes a run. */
void window_spill_all(struct window *);

#endif
