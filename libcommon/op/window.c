/*
 * window - aggregates by key and window of event time
 *
 * A space of the store is a window, named by its start; its entries are the groups.  When a window
 * fires and when it goes is read off its end and the watermark: nothing else is kept of a window,
 * and a watermark that jumps over a million empty ones meets none of them.
 */
#include "op/window_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "json/text.h"

enum { GROUP_GROWTH = 8 };       /* keys looked ahead at: 1, 8, 64; a refused record wastes little */

static const struct window *
const_window_of(const struct op *op)
{
	return (const struct window *)op;
}

/* ---- which window ---- */

static void
forget_places(struct window *w)
{
	for (size_t i = 0; i < WINDOW_PLACES; i++)
		w->recent[i] = (struct window_place){ INT64_MAX, INT64_MIN, INT64_MIN, NULL };
}

/* Is the window that holds TS gone?  Else it is in recent[0], made if need be. */
static bool
find_place(struct window *w, int64_t ts_ms, int64_t *gone_end_ms)
{
	struct window_place  *last = &w->recent[0], found = w->recent[1];
	struct window_bounds  at;

	if (__builtin_expect(ts_ms >= last->start_ms && ts_ms < last->end_ms, 1))
		return true;
	if (ts_ms < found.start_ms || ts_ms >= found.end_ms) {
		int64_t gone_ms;

		at = window_bounds(w, ts_ms);
		gone_ms = when_add(at.end_ms, w->lateness_ms);
		if (gone_ms <= w->watermark_ms) {
			*gone_end_ms = at.end_ms;
			return false;
		}
		found = (struct window_place){ at.start_ms, at.end_ms, gone_ms, NULL };
		found.space = store_space(w->store, at.start_ms);
		at.end_ms = at.end_ms > w->watermark_ms ? at.end_ms : gone_ms;
		if (at.end_ms < w->due_ms)
			w->due_ms = at.end_ms;
	}
	w->recent[1] = *last;
	w->recent[0] = found;
	return true;
}

/* ---- taking a record ---- */

static bool
refuse(struct op_refusal *r, const char *what, const char *why)
{
	r->kind = OP_REFUSED_BAD;
	r->late_ms = 0;
	snprintf(r->reason, sizeof(r->reason), "%s%s", what, why);
	return false;
}

static bool
refuse_late(struct op_refusal *r, int64_t late_ms)
{
	*r = (struct op_refusal){ .kind = OP_REFUSED_LATE, .late_ms = late_ms };
	return false;
}

static bool
is_retraction(const struct scan_value *pane)
{
	return pane->kind == SCAN_STRING && text_equal(span_of(pane->p, pane->n), SPAN_LIT("retract"));
}

static __attribute__((noinline)) bool
refuse_value(const struct window_func *f, const struct agg_input *in, const char *reason,
             struct op_refusal *r)
{
	const struct path *path = in->second_is_bad ? f->second : f->path;
	char               said[200];

	snprintf(said, sizeof(said), "%s ", path == NULL ? f->class->name : path->text);
	return refuse(r, said, reason);
}

static __attribute__((noinline)) void
find_seconds(struct window *w, const struct rec *rec)
{
	for (size_t i = 0; i < w->n_funcs; i++)
		if (w->funcs[i].second != NULL)
			w->inputs[i].second = &rec->wanted[w->funcs[i].wanted_second];
}

/* All of a record's values are looked at before any of them changes something. */
static bool
check_record(struct window *w, const struct rec *rec, struct op_refusal *r)
{
	if (__builtin_expect(rec->wanted[0].kind != SCAN_MISSING && is_retraction(&rec->wanted[0]), 0))
		return refuse(r, "retraction: upstream must emit final", "");
	if (__builtin_expect(!rec->has_ts, 0))
		return refuse(r, "no event time", "");
	if (__builtin_expect(w->has_seconds, 0))
		find_seconds(w, rec);
	for (size_t i = 0; i < w->n_funcs; i++) {
		const struct window_func *f = &w->funcs[i];
		const char               *reason = NULL;

		if (!f->class->check(f->path == NULL ? NULL : &rec->wanted[f->wanted], &w->inputs[i], &reason))
			return refuse_value(f, &w->inputs[i], reason, r);
	}
	return true;
}

static bool
take(struct window *w, const struct rec *rec, const struct store_probe *probe, struct emit *e,
     struct op_refusal *r)
{
	struct span          key = w->global_key ? SPAN_NONE : rec->key;
	struct window_place *place = &w->recent[0];
	int64_t              end_ms;
	char                *value;

	if (!check_record(w, rec, r))
		return false;
	if (!find_place(w, rec->ts_ms, &end_ms))
		return refuse_late(r, when_sub(w->watermark_ms, end_ms));
	value = store_put(w->store, place->space, key, probe);
	w->at = (struct agg_at){ rec->ts_ms, w->n_arrived++ };
	for (size_t i = 0; i < w->n_funcs; i++) {
		if (!w->inputs[i].skip)
			w->funcs[i].class->add(value + w->funcs[i].at_bytes, &w->inputs[i], &place->space->arena);
	}
	if (__builtin_expect(place->end_ms <= w->watermark_ms, 0)) {
		window_result_frame(w, (struct window_bounds){ place->start_ms, place->end_ms }, PANE_LATE);
		window_result_put(w, key, value, e);
	}
	return true;
}

static size_t
window_feed(struct op *op, const struct rec *recs, size_t n, struct emit *e, struct op_refusal *r)
{
	struct window     *w = (struct window *)op;
	struct span        keys[STORE_BATCH];
	struct store_probe probes[STORE_BATCH];
	size_t             taken = 0, group = 1;

	while (taken < n) {
		size_t here = n - taken < group ? n - taken : group;

		if (!w->global_key) {
			for (size_t i = 0; i < here; i++)
				keys[i] = recs[taken + i].key;
			store_prepare(w->store, w->recent[0].space, keys, here, probes);
		}
		for (size_t i = 0; i < here; i++, taken++) {
			if (!take(w, &recs[taken], &probes[i], e, r))
				return taken;
		}
		group = group * GROUP_GROWTH < STORE_BATCH ? group * GROUP_GROWTH : STORE_BATCH;
	}
	return n;
}

/* ---- time goes on ---- */

static void
fire(struct window *w, const struct store_space *space, struct window_bounds at, struct emit *e)
{
	struct store_entry entry;
	uint64_t           walk = 0;

	window_result_frame(w, at, w->lateness_ms > 0 ? PANE_FINAL : PANE_NONE);
	while (store_next(w->store, space, &walk, &entry))
		window_result_put(w, entry.key, entry.value, e);
}

/*
 * Fire what ends in (before, now].  Ends ascend with starts, and the window around BEFORE is the
 * first with its end behind it.
 */
static void
fire_due(struct window *w, int64_t before_ms, struct emit *e)
{
	const struct store_space *s = store_at_or_above(w->store, window_bounds(w, before_ms).start_ms);

	for (; s != NULL; s = store_following(w->store, s)) {
		struct window_bounds at = window_bounds(w, s->id);

		if (at.end_ms > w->watermark_ms) {
			w->due_ms = at.end_ms;
			return;
		}
		fire(w, s, at, e);
	}
}

static void
drop_gone(struct window *w)
{
	struct store_space *s;

	while ((s = store_at_or_above(w->store, INT64_MIN)) != NULL) {
		int64_t gone_ms = when_add(window_bounds(w, s->id).end_ms, w->lateness_ms);

		if (gone_ms > w->watermark_ms) {
			if (gone_ms < w->due_ms)
				w->due_ms = gone_ms;
			return;
		}
		store_drop(w->store, s);
	}
}

static void
window_watermark(struct op *op, int64_t ts_ms, struct emit *e)
{
	struct window *w = (struct window *)op;
	int64_t        before_ms = w->watermark_ms;

	if (ts_ms <= before_ms)
		return;
	w->watermark_ms = ts_ms;
	if (ts_ms < w->due_ms)
		return;
	w->due_ms = INT64_MAX;
	forget_places(w);
	fire_due(w, before_ms, e);
	drop_gone(w);
}

/* ---- life ---- */

static const struct path *const *
window_wants(const struct op *op, size_t *n)
{
	*n = const_window_of(op)->n_wants;
	return const_window_of(op)->wants;
}

static void
window_entries(const struct op *op, uint64_t *all, uint64_t *changed)
{
	struct store_counts c;

	store_count(const_window_of(op)->store, &c);
	*all = 1 + c.entries;
	*changed = 1 + c.dropped + c.changed;
}

static void
window_settle(struct op *op)
{
	store_settle(((struct window *)op)->store);
}

static void
window_free(struct op *op)
{
	struct window *w = (struct window *)op;

	window_result_release(w);
	store_free(w->store);
	path_release(&w->pane_path);
	if (w->default_column.name != NULL)
		agg_column_release(&w->default_column);
	free(w->funcs);
	free(w->wants);
	free(w->inputs);
	buf_release(&w->scratch);
	scan_free(w->scan);
	free(w);
}

static const struct op_class window_class = {
	.name = "window",
	.version = 1,
	.wants = window_wants,
	.feed = window_feed,
	.watermark = window_watermark,
	.entries = window_entries,
	.save = window_save,
	.settle = window_settle,
	.load = window_load,
	.free = window_free,
};

static bool
same_place(const struct path *a, const struct path *b)
{
	if (a->in_record != b->in_record || a->n_steps != b->n_steps)
		return false;
	for (size_t i = 0; i < a->n_steps; i++) {
		const struct path_step *x = &a->steps[i], *y = &b->steps[i];

		if (x->is_index != y->is_index)
			return false;
		if (x->is_index ? x->index != y->index : !span_eq(x->name, y->name))
			return false;
	}
	return true;
}

/* The place of PATH among the wanted ones; two aggregates of one path share it. */
static size_t
want(struct window *w, const struct path *path)
{
	for (size_t i = 0; i < w->n_wants; i++)
		if (same_place(w->wants[i], path))
			return i;
	w->wants[w->n_wants] = path;
	return w->n_wants++;
}

static void
set_funcs(struct window *w, const struct agg_column *columns, size_t n)
{
	size_t at_bytes = 0;

	w->funcs = alloc_zeroed(n, sizeof(*w->funcs));
	w->inputs = alloc_zeroed(n, sizeof(*w->inputs));
	w->wants = alloc_zeroed(2 * n + 1, sizeof(*w->wants));
	want(w, &w->pane_path);
	for (size_t i = 0; i < n; i++) {
		struct window_func *f = &w->funcs[w->n_funcs];

		if (columns[i].kind != AGG_COLUMN_FUNC)
			continue;
		f->class = columns[i].class;
		f->args = &columns[i].args;
		w->inputs[w->n_funcs].args = f->args;
		w->inputs[w->n_funcs].at = &w->at;
		f->at_bytes = at_bytes;
		at_bytes += f->class->size;
		if (columns[i].has_path) {
			f->path = &columns[i].path;
			f->wanted = want(w, f->path);
		}
		if (columns[i].has_second) {
			w->has_seconds = true;
			f->second = &columns[i].second;
			f->wanted_second = want(w, f->second);
		}
		w->n_funcs++;
	}
	assert(at_bytes <= w->store->value_bytes);
}

static int
default_column(struct agg_column *c)
{
	struct err err = ERR_INIT;

	return agg_parse(c, "count=count", &err);
}

size_t
window_value_bytes(const struct window_conf *conf)
{
	struct agg_column c;
	size_t            bytes = 0;

	for (size_t i = 0; i < conf->n_columns; i++)
		if (conf->columns[i].kind == AGG_COLUMN_FUNC)
			bytes += conf->columns[i].class->size;
	if (conf->n_columns == 0 && default_column(&c) == 0) {
		bytes = c.class->size;
		agg_column_release(&c);
	}
	return bytes;
}

struct op *
window_new(const struct window_conf *conf, struct store *store)
{
	struct window           *w = alloc_zeroed(1, sizeof(*w));
	const struct agg_column *columns = conf->columns;
	size_t                   n = conf->n_columns;
	struct err               err = ERR_INIT;
	int                      failed = path_parse(&w->pane_path, "$.pane", &err);

	assert(conf->size_ms > 0 && conf->allowed_lateness_ms >= 0);
	if (n == 0) {
		failed |= default_column(&w->default_column);
		columns = &w->default_column;
		n = 1;
	}
	assert(failed == 0);
	w->op.class = &window_class;
	w->size_ms = conf->size_ms;
	w->offset_ms = when_floor_mod(conf->offset_ms, conf->size_ms);
	w->lateness_ms = conf->allowed_lateness_ms;
	w->global_key = conf->global_key;
	w->stage = conf->stage;
	w->store = store;
	w->watermark_ms = WHEN_MIN;
	w->due_ms = WHEN_MAX;
	set_funcs(w, columns, n);
	window_result_columns(w, columns, n);
	forget_places(w);
	return &w->op;
}
