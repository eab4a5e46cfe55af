/*
 * window - aggregates by key and window of event time
 *
 * Windows are [start, end).  A window closes when the watermark reaches its end; with allowed
 * lateness its state stays until end + lateness and each late record fires it at once, whole.
 * Results leave by end, then start, then the key's first appearance in the window.
 */
#ifndef OP_WINDOW_H
#define OP_WINDOW_H

#include "agg/agg.h"
#include "op/op.h"
#include "state/store.h"

struct window_conf {
	int64_t                  size_ms;        /* > 0 */
	int64_t                  offset_ms;      /* any sign */
	int64_t                  allowed_lateness_ms;
	bool                     global_key;     /* --global: one group */
	const struct agg_column *columns;        /* borrowed for the op's life */
	size_t                   n_columns;      /* 0: count=count */
	const char              *stage;          /* the results' topic, borrowed */
};

/* How large the values of the store must be. */
size_t window_value_bytes(const struct window_conf *);

/*
 * Keeps its groups in STORE (a space is a window, named by its start), which must be empty and is
 * the op's from now on: table_new(window_value_bytes(&conf), seed).
 */
struct op *window_new(const struct window_conf *, struct store *);

#endif
