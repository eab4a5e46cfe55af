/*
 * window - aggregates by key and window
 *
 * Windows of event time are [start, end): tumbling, sliding and cumulative ones lie on a grid, the
 * same for all keys; sessions are found in the records of each key.  A window closes when the
 * watermark reaches its end; with allowed lateness its state stays until end + lateness and each
 * late record fires it at once.  Windows of a count of records close by that count, the global one
 * at the end.  Results leave by end, then start, then the key's first appearance in the window.
 *
 * Windows on the grid share panes: a record is added once, however many windows hold it, and a window
 * that follows another is put together from two sums a key, however many panes it has (window_slide.h).
 */
#ifndef OP_WINDOW_H
#define OP_WINDOW_H

#include "agg/agg.h"
#include "base/zone.h"
#include "op/op.h"
#include "state/spill.h"
#include "state/store.h"

enum window_kind {
	WINDOW_TUMBLING,
	WINDOW_SLIDING,
	WINDOW_CUMULATIVE,
	WINDOW_SESSION,
	WINDOW_COUNT,
	WINDOW_GLOBAL
};

/* What size and step count: milliseconds, or civil days or months of a zone. */
enum window_unit { WINDOW_MS, WINDOW_DAYS, WINDOW_MONTHS };

/* When a window speaks before its end: never, with each record, at multiples of event time. */
enum window_emit { WINDOW_FINAL, WINDOW_UPDATES, WINDOW_EVERY };

struct window_conf {
	enum window_kind         kind;
	enum window_unit         unit;           /* tumbling, sliding, cumulative */
	int64_t                  size;           /* > 0; a session's gap; count: records */
	int64_t                  step;           /* > 0: sliding, cumulative, count; size is a multiple of a cumulative one's */
	const struct path       *gap_path;       /* session: where a record's own gap stands; NULL: size */
	int64_t                  offset_ms;      /* any sign; civil where the unit is */
	int64_t                  first_day;      /* WINDOW_DAYS: the grid's day 0, from 1970-01-01 */
	const struct zone       *zone;           /* WINDOW_DAYS, WINDOW_MONTHS; borrowed */
	int64_t                  allowed_lateness_ms;
	enum window_emit         emit;
	int64_t                  every_ms;       /* WINDOW_EVERY: > 0 */
	bool                     discarding;     /* each result has only what is new since the last */
	bool                     global_key;     /* --global: one group */
	const struct agg_column *columns;        /* borrowed for the op's life */
	size_t                   n_columns;      /* 0: count=count */
	const char              *stage;          /* the results' topic, borrowed */
	uint64_t                 memory_bytes;   /* at least WINDOW_MEMORY_MIN_BYTES; may differ from run to run */
	struct spill            *spill;          /* what has no room in that; borrowed; NULL: all stays in memory */
};

enum { WINDOW_MEMORY_MIN_BYTES = 4096 };

const char *window_kind_name(enum window_kind);

/* Can their groups be spilled?  Those that are asked for one by one stay in memory. */
bool window_can_spill(const struct window_conf *);

/* How large the values of the store must be. */
size_t window_value_bytes(const struct window_conf *);

/*
 * Keeps its groups in STORE (a space is a pane of the grid, named by its start), which must be empty
 * and is the op's from now on: table_new(window_value_bytes(&conf), seed).  Sessions, counts and the
 * global window, which come and go by key, lie beside it.  Nothing is asked of the spill while state is loaded.
 */
struct op *window_new(const struct window_conf *, struct store *);

#endif
