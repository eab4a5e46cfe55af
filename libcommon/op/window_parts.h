/* window_parts - what the files of the window operator share; nobody else's business */
#ifndef OP_WINDOW_PARTS_H
#define OP_WINDOW_PARTS_H

#include "op/window.h"

/* An accumulator: where it lies in an entry's value, and where what it eats comes from. */
struct window_func {
	const struct agg_class *class;
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

enum window_pane { PANE_NONE, PANE_FINAL, PANE_LATE };

/* The text around the results of one window, ready to copy. */
struct window_frame {
	int64_t    start_ms, end_ms;
	struct buf ts;                       /* between offset and key */
	struct buf bounds;                   /* between key and columns */
};

/* A window that records went to lately. */
struct window_place {
	int64_t             start_ms, end_ms;
	int64_t             gone_ms;         /* when the watermark gets here it is forgotten */
	struct store_space *space;           /* NULL: none; then the bounds hold no time */
};

enum { WINDOW_PLACES = 2 };

struct window {
	struct op              op;
	int64_t                size_ms;
	int64_t                offset_ms;    /* brought into [0, size) */
	int64_t                lateness_ms;
	bool                   global_key;
	const char            *stage;
	struct agg_column      default_column;    /* count=count, where no columns were asked for */
	struct window_func    *funcs;
	size_t                 n_funcs;
	struct window_column  *columns;
	size_t                 n_columns;
	struct path            pane_path;    /* $.pane, the first of the wanted ones */
	const struct path    **wants;
	size_t                 n_wants;
	struct agg_input      *inputs;       /* of the record at hand, one a func */
	bool                   has_seconds;  /* a func has a second path */
	struct agg_at          at;           /* the record at hand, for those that ask when it was */

	struct store          *store;        /* with the next three: the state */
	uint64_t               n_arrived;    /* records taken */
	int64_t                watermark_ms;
	uint64_t               next_offset;

	int64_t                due_ms;       /* below it no watermark does anything */
	struct window_place    recent[WINDOW_PLACES];
	struct buf             head;         /* of each result, up to the offset */
	struct window_frame    frame;
	struct buf             scratch;
	struct scan           *scan;         /* load's */
};

struct window_bounds { int64_t start_ms, end_ms; };

/* The window that holds TS; also that of its own start.  At the ends of time it is cut off. */
static inline struct window_bounds
window_bounds(const struct window *w, int64_t ts_ms)
{
	int64_t behind_start = when_floor_mod(ts_ms, w->size_ms) - w->offset_ms;

	if (behind_start < 0)
		behind_start += w->size_ms;
	return (struct window_bounds){
		when_sub(ts_ms, behind_start), when_add(ts_ms, w->size_ms - behind_start)
	};
}

/* window_result.c: the results of one window are to be told with that pane, then each of them. */
void window_result_columns(struct window *, const struct agg_column *, size_t n);
void window_result_frame(struct window *, struct window_bounds, enum window_pane);
void window_result_put(struct window *, struct span key, const char *value, struct emit *);
void window_result_release(struct window *);

/* window_snap.c */
void window_save(const struct op *, bool delta, struct snap_writer *);
int  window_load(struct op *, struct span line, struct err *);

#endif
