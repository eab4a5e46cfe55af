/* window - the operator as a whole: what it is asked for, what it keeps, its life */
#include "op/window.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "op/window_parts.h"
#include "op/window_pieces.h"

static const struct window *
const_window_of(const struct op *op)
{
	return (const struct window *)op;
}

const char *
window_kind_name(enum window_kind kind)
{
	static const char *const names[] = {
		[WINDOW_TUMBLING] = "tumbling", [WINDOW_SLIDING] = "sliding", [WINDOW_CUMULATIVE] = "cumulative",
		[WINDOW_SESSION] = "session", [WINDOW_COUNT] = "count", [WINDOW_GLOBAL] = "global"
	};

	return names[kind];
}

bool
window_can_spill(const struct window_conf *c)
{
	return c->kind <= WINDOW_SESSION && c->emit == WINDOW_FINAL;
}

static int64_t
lag_ms(const struct window_conf *c)
{
	return c->kind == WINDOW_COUNT || c->kind == WINDOW_GLOBAL ? WHEN_MAX : c->allowed_lateness_ms;
}

/* A session's result may be taken back at the next tick, when the watermark has long passed its end. */
static int64_t
lag_from_ms(const struct window_conf *c)
{
	return c->kind == WINDOW_SESSION && c->emit == WINDOW_EVERY ? c->every_ms : 0;
}

/* ---- ticks of --emit every ---- */

int64_t
window_next_tick(const struct window *w)
{
	int64_t now_ms = w->watermark_ms, every_ms = w->conf.every_ms;

	return now_ms == WHEN_MIN ? WHEN_MIN : when_add(when_sub(now_ms, when_floor_mod(now_ms, every_ms)), every_ms);
}

bool
window_ticks(const struct window *w, int64_t before_ms)
{
	int64_t every_ms = w->conf.every_ms;

	/* The first watermark passes nothing: it comes from nowhere. */
	if (w->conf.emit != WINDOW_EVERY || w->watermark_ms == WHEN_MAX || before_ms == WHEN_MIN)
		return false;
	return when_floor_div(before_ms, every_ms) < when_floor_div(w->watermark_ms, every_ms);
}

/* ---- life ---- */

static const struct path *const *
window_wants(const struct op *op, unsigned input, size_t *n)
{
	(void)input;
	*n = const_window_of(op)->n_wants;
	return const_window_of(op)->wants;
}

static void
window_entries(const struct op *op, uint64_t *all, uint64_t *changed)
{
	const struct window *w = const_window_of(op);
	struct store_counts  c;

	if (w->pieces != NULL) {
		pieces_count(w->pieces, all, changed);
	} else {
		store_count(w->store, &c);
		*all = c.entries;
		*changed = c.dropped + c.changed;
	}
	*all += 1 + window_spill_has_line(&w->spill, false);
	*changed += 1 + window_spill_has_line(&w->spill, true);
}

static uint64_t
window_bytes(const struct op *op)
{
	const struct window *w = const_window_of(op);

	if (w->pieces != NULL)
		return pieces_bytes(w->pieces) + window_cold_bytes(&w->cold);
	return store_bytes(w->store) + window_slide_bytes(&w->slide) + w->cap_touched * sizeof(*w->touched) +
	       window_spill_bytes(&w->spill);
}

static const struct op_count *
window_counts(struct op *op, size_t *n)
{
	struct window_spill *s = &((struct window *)op)->spill;

	s->count = (struct op_count){ "spilled", "spilled", "Groups that had no room in memory and went to disk.", s->n_spilled,
	                              s->n_spilled - s->n_loaded };
	*n = s->spill != NULL;
	return &s->count;
}

static void
window_settle(struct op *op)
{
	struct window *w = (struct window *)op;

	if (w->pieces != NULL)
		pieces_settle(w->pieces);
	else
		store_settle(w->store);
	w->spill.has_changed = false;
}

static void
window_free(struct op *op)
{
	struct window *w = (struct window *)op;

	window_result_release(w);
	window_funcs_release(w);
	pieces_free(w->pieces);
	store_free(w->store);
	window_slide_release(&w->slide);
	window_slide_release(&w->aside);
	window_spill_release(&w->spill);
	window_cold_release(&w->cold);
	ranks_release(&w->order);
	free(w->touched);
	path_release(&w->pane_path);
	if (w->default_column.name != NULL)
		agg_column_release(&w->default_column);
	buf_release(&w->scratch);
	scan_free(w->scan);
	free(w);
}

#define COMMON \
	.name = "window", \
	.version = 1, \
	.n_inputs = 1, \
	.wants = window_wants, \
	.entries = window_entries, \
	.bytes = window_bytes, \
	.save = window_save, \
	.settle = window_settle, \
	.load = window_load, \
	.load_lines = window_load_lines, \
	.loaded = window_loaded, \
	.free = window_free

static const struct op_class panes_class = {
	COMMON, .feed = window_panes_feed, .watermark = window_panes_watermark, .counts = window_counts,
};

static const struct op_class sessions_class = {
	COMMON, .feed = window_sessions_feed, .watermark = window_sessions_watermark, .counts = window_counts,
};

static const struct op_class counts_class = {
	COMMON, .feed = window_counts_feed, .watermark = window_counts_watermark,
};

static const struct op_class *const classes[] = {
	[WINDOW_TUMBLING] = &panes_class, [WINDOW_SLIDING] = &panes_class, [WINDOW_CUMULATIVE] = &panes_class,
	[WINDOW_SESSION] = &sessions_class, [WINDOW_COUNT] = &counts_class, [WINDOW_GLOBAL] = &counts_class
};

/* ---- making one ---- */

static int
default_column(struct agg_column *c)
{
	struct err err = ERR_INIT;

	return agg_parse(c, "count=count", &err);
}

static bool
is_shared(const struct window_conf *c)
{
	return c->kind == WINDOW_CUMULATIVE || (c->kind == WINDOW_SLIDING && c->size != c->step);
}

static size_t
head_bytes(const struct window_conf *c)
{
	bool on_grid = c->kind <= WINDOW_CUMULATIVE;

	if (!on_grid)
		return 0;
	if (c->emit == WINDOW_EVERY)
		return sizeof(struct window_every_head);
	return is_shared(c) ? sizeof(struct window_head) : 0;
}

size_t
window_value_bytes(const struct window_conf *conf)
{
	struct agg_column c;
	size_t            bytes = head_bytes(conf);

	for (size_t i = 0; i < conf->n_columns; i++)
		if (conf->columns[i].kind == AGG_COLUMN_FUNC)
			bytes += conf->columns[i].class->size;
	if (conf->n_columns == 0 && default_column(&c) == 0) {
		bytes += c.class->size;
		agg_column_release(&c);
	}
	return bytes;
}

static void
check_conf(const struct window_conf *c)
{
	assert(c->kind == WINDOW_GLOBAL || (c->kind == WINDOW_SESSION && c->gap_path != NULL) || c->size > 0);
	assert((c->kind != WINDOW_SLIDING && c->kind != WINDOW_CUMULATIVE && c->kind != WINDOW_COUNT) || c->step > 0);
	assert(c->kind != WINDOW_CUMULATIVE || c->size % c->step == 0);
	assert((c->unit == WINDOW_MS) == (c->zone == NULL));
	assert(c->emit != WINDOW_EVERY || c->every_ms > 0);
	assert(c->allowed_lateness_ms >= 0);
	assert(c->spill == NULL || c->memory_bytes >= WINDOW_MEMORY_MIN_BYTES);
}

struct op *
window_new(const struct window_conf *conf, struct store *store)
{
	struct window           *w = alloc_zeroed(1, sizeof(*w));
	const struct agg_column *columns = conf->columns;
	size_t                   n = conf->n_columns;
	struct err               err = ERR_INIT;
	int                      failed = path_parse(&w->pane_path, "$.pane", &err);

	check_conf(conf);
	if (n == 0) {
		failed |= default_column(&w->default_column);
		columns = &w->default_column;
		n = 1;
	}
	assert(failed == 0);
	w->op = (struct op){ .class = classes[conf->kind], .needs_time = true,
	                     .late_words = "its window closed", .has_lateness = true, .moves_time = true, .moves_key = true,
	                     .lag_ms = lag_ms(conf), .lag_from_ms = lag_from_ms(conf) };
	w->conf = *conf;
	w->shape = window_shape_of(conf);
	w->is_shared = is_shared(conf);
	w->head_bytes = head_bytes(conf);
	w->keeps = !(conf->discarding && conf->emit == WINDOW_UPDATES);
	w->final_pane = conf->emit == WINDOW_FINAL && conf->allowed_lateness_ms == 0 ? PANE_NONE : PANE_FINAL;
	w->store = store;
	w->watermark_ms = WHEN_MIN;
	w->due_ms = WHEN_MAX;
	w->tick = 1;
	w->slide.done_ms = w->aside.done_ms = INT64_MIN;
	window_funcs_set(w, columns, n);
	window_result_columns(w, columns, n);
	window_panes_forget(w);
	window_spill_init(w);
	w->cold.from_ms = WHEN_MIN;
	if (conf->kind >= WINDOW_SESSION)
		w->pieces = pieces_new(w->value_bytes, store->hash_seed);
	return &w->op;
}
