/* window_parts - what the files of the window operator share; nobody else's business */
#ifndef OP_WINDOW_PARTS_H
#define OP_WINDOW_PARTS_H

#include "op/window.h"
#include "base/rank.h"
#include "op/window_assign.h"
#include "op/window_cold.h"
#include "op/window_slide.h"
#include "op/window_spill.h"

/* An accumulator: where it lies in an entry's value, and where what it eats comes from. */
struct window_func {
	const struct agg_class *class;
	void                  (*add)(void *acc, const struct agg_input *, struct arena *);   /* the class's: asked for each record */
	struct agg_input       *in;          /* of the record at hand */
	const struct agg_args  *args;
	const struct path      *path;        /* NULL: none */
	const struct path      *second;      /* NULL: none */
	size_t                  wanted;      /* the path's place among the wanted ones */
	size_t                  wanted_second;
	size_t                  at_bytes;
};

/* A column of the result. */
struct window_column {
	enum agg_column_kind kind;
	const char          *name;
	size_t               func;           /* AGG_COLUMN_FUNC: which */
	struct buf           label;          /* `"name":` and the comma in front, ready to copy */
	struct buf           label_base64;   /* AGG_COLUMN_KEY: for a key that is no text */
};

enum window_pane { PANE_NONE, PANE_EARLY, PANE_FINAL, PANE_LATE, PANE_RETRACT };

/* What a result is the result of. */
struct window_of {
	int64_t          start_ms, end_ms;
	uint64_t         n;                  /* of a count window, from 1 */
	enum window_pane pane;
};

/* The text around the results of one window, ready to copy. */
struct window_frame {
	struct window_of of;
	struct buf       ts;                 /* between offset and key */
	struct buf       bounds;             /* between key and columns */
};

/* A pane of the grid that records went to lately. */
struct window_place {
	int64_t             start_ms, end_ms;
	int64_t             first_end_ms;    /* of the windows that hold it */
	int64_t             gone_ms;         /* when the watermark gets here it is forgotten */
	struct store_space *space;           /* NULL: none; then the bounds hold no time */
};

enum { WINDOW_PLACES = 2 };

/* A group that changed. */
struct window_touched {
	int64_t  pane_ms;
	uint64_t number;                     /* of the entry in its pane */
};

struct pieces;

struct window {
	struct op              op;
	struct window_conf     conf;
	struct window_shape    shape;        /* of the grid */
	bool                   is_shared;    /* a pane may belong to several windows */
	bool                   keeps;        /* what is added is asked for later */
	enum window_pane       final_pane;
	struct agg_column      default_column;    /* count=count, where no columns were asked for */
	struct window_func    *funcs;
	size_t                 n_funcs;
	size_t                 head_bytes;   /* of a value in the store, before the accumulators */
	size_t                 value_bytes;
	struct window_column  *columns;
	size_t                 n_columns;
	struct path            pane_path;    /* $.pane, the first of the wanted ones */
	const struct path    **wants;
	size_t                 n_wants;
	size_t                 gap_wanted;   /* the gap path's place among them */
	struct agg_input      *inputs;       /* of the record at hand, one a func */
	struct window_func   **checked;      /* the funcs that look at a value */
	size_t                 n_checked;
	bool                   has_seconds;  /* a func has a second path */
	struct agg_at          at;           /* the record at hand, for those that ask when it was */

	struct store          *store;        /* with the next five: the state */
	struct pieces         *pieces;       /* of sessions, counts and the global window; else NULL */
	uint64_t               n_arrived;    /* records taken */
	int64_t                watermark_ms;
	uint64_t               next_offset;
	uint64_t               tick;         /* WINDOW_EVERY: counts the times results were given, from 1 */

	int64_t                due_ms;       /* below it no watermark does anything */
	struct window_place    recent[WINDOW_PLACES];
	struct window_slide    slide;        /* the panes of one window after the other, by key */
	struct window_spill    spill;        /* what has no room in the store: state, too */
	struct window_cold     cold;         /* of sessions: that has no room in the pieces: state, too */
	struct window_slide    aside;        /* those of a few keys, for windows that speak together */
	struct window_touched *touched;      /* WINDOW_EVERY: groups that changed in this tick; some are gone */
	size_t                 n_touched, cap_touched;
	struct ranks           order;        /* of them */
	char                  *one;          /* a value made for one result */
	struct arena           one_arena;
	char                  *nothing;      /* a value without any */
	struct buf             head;         /* of each result, up to the offset */
	struct window_frame    frame;
	struct buf             scratch;
	struct scan           *scan;         /* load's */
};

/* ---- window_funcs.c ---- */

void window_funcs_set(struct window *, const struct agg_column *, size_t n);
void window_funcs_release(struct window *);

/* All of a record's values are looked at before any of them changes something. */
bool window_check(struct window *, const struct rec *, struct op_refusal *);
bool window_refuse(struct op_refusal *, const char *what, const char *why);
bool window_refuse_late(struct op_refusal *, int64_t late_ms);

/* Of FROM, another value. */
void window_merge(const struct window *, char *value, const char *from, struct arena *);
void window_empty(const struct window *, char *value);
void window_save_accs(const struct window *, const char *value, struct buf *);
bool window_load_accs(const struct window *, const struct scan_value *, char *value, struct arena *);

/* The record that was checked last. */
static inline void
window_add(const struct window *w, char *value, struct arena *arena)
{
	for (const struct window_func *f = w->funcs, *end = f + w->n_funcs; f < end; f++)
		if (!f->in->skip)
			f->add(value + f->at_bytes, f->in, arena);
}

/* w->one, emptied; w->one_arena goes with it. */
char *window_one(struct window *);

/* ---- window_result.c: what results are of, then each of them ---- */

void window_result_columns(struct window *, const struct agg_column *, size_t n);
void window_result_frame(struct window *, struct window_of);

/* TOLD, if not NULL, gets the payload's text behind its '{'; empty where it could not be given out. */
void window_result_put(struct window *, struct span key, const char *value, struct buf *told, struct emit *);
void window_result_retract(struct window *, struct span key, struct span told, struct emit *);
void window_result_release(struct window *);

/* ---- time ---- */

/* WINDOW_EVERY: the first multiple behind the watermark. */
int64_t window_next_tick(const struct window *);

/* Does a watermark that was at BEFORE pass a multiple by going where it is now? */
bool window_ticks(const struct window *, int64_t before_ms);

/* ---- window_panes.c: windows on the grid ---- */

size_t window_panes_feed(struct op *, unsigned input, const struct rec *, size_t n, struct emit *, struct op_refusal *);
void   window_panes_watermark(struct op *, int64_t ts_ms, struct emit *);
void   window_panes_forget(struct window *);

/* When the watermark gets here, no window that holds the pane is asked for any more. */
int64_t window_gone_ms(const struct window *, int64_t pane_ms);

/* What lies in front of a pane's accumulators, where head_bytes says so. */
struct window_head {
	uint64_t first;              /* the key's first arrival in the pane, and 1 */
	uint64_t tick;               /* in which it changed last */
};

/* The same with WINDOW_EVERY. */
struct window_every_head {
	struct window_head head;
	uint64_t           number;   /* the entry's */
	uint64_t           unused;
};

/* Has the value something that belongs to a result given now?  What is not new was given out. */
static inline bool
window_is_new(const struct window *w, const char *value)
{
	const struct window_head *head = (const struct window_head *)(const void *)value;

	return w->head_bytes == 0 || !w->conf.discarding || w->conf.emit != WINDOW_EVERY || head->tick == w->tick;
}

/* ---- window_gather.c ---- */

/* Give out one result for each key of the window, which has a pane. */
void window_gather(struct window *, struct window_at, enum window_pane, struct emit *);

/* ---- window_ticks.c: results at multiples of event time ---- */

/* A group changes in this tick for the first time. */
void window_touch(struct window *, int64_t pane_ms, uint64_t number);

/* Give out what is open and changed in this tick; then the next one begins. */
void window_fire_tick(struct window *, struct emit *);

/* ---- window_snap.c: what all kinds save, and the panes ---- */

void window_save(const struct op *, bool delta, struct snap_writer *);

/* ---- window_load.c ---- */

int         window_load(struct op *, struct span line, struct err *);
const char *window_load_lines(struct op *, const char *p, const char *end, uint64_t *n);
int         window_loaded(struct op *, struct err *);

#endif
