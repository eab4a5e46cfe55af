/* window_funcs - a record's values, and the accumulators that take them */
#include "op/window_lines.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "json/text.h"

/* ---- what is wanted of a record ---- */

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

/* Where there is nothing to look at, a look before the first record is enough. */
static void
check_nothing(const struct agg_class *class, struct agg_input *in)
{
	const char *reason = NULL;
	bool        is_good = class->check(NULL, in, &reason);

	assert(is_good);
	(void)is_good;
}

static void
set_func(struct window *w, const struct agg_column *column, size_t at_bytes)
{
	struct window_func *f = &w->funcs[w->n_funcs];
	struct agg_input   *in = &w->inputs[w->n_funcs];

	*f = (struct window_func){
		.class = column->class, .add = column->class->add, .in = in, .args = &column->args, .at_bytes = at_bytes
	};
	in->args = f->args;
	in->at = &w->at;
	if (column->has_path) {
		f->path = &column->path;
		f->wanted = want(w, f->path);
	}
	if (column->has_second) {
		f->second = &column->second;
		f->wanted_second = want(w, f->second);
		w->has_seconds = true;
	}
	if (!column->has_path)
		check_nothing(column->class, in);
	else
		w->checked[w->n_checked++] = f;
	w->n_funcs++;
}

void
window_funcs_set(struct window *w, const struct agg_column *columns, size_t n)
{
	size_t at_bytes = w->head_bytes;

	w->funcs = alloc_zeroed(n, sizeof(*w->funcs));
	w->inputs = alloc_zeroed(n, sizeof(*w->inputs));
	w->checked = alloc_zeroed(n, sizeof(struct window_func *));
	w->wants = alloc_zeroed(2 * n + 2, sizeof(*w->wants));
	want(w, &w->pane_path);
	for (size_t i = 0; i < n; i++) {
		if (columns[i].kind != AGG_COLUMN_FUNC)
			continue;
		set_func(w, &columns[i], at_bytes);
		at_bytes += columns[i].class->size;
	}
	if (w->conf.gap_path != NULL)
		w->gap_wanted = want(w, w->conf.gap_path);
	w->value_bytes = at_bytes;
	assert(at_bytes <= w->store->value_bytes);
	w->one = alloc_zeroed(1, at_bytes + 16);
	w->nothing = alloc_zeroed(1, at_bytes + 16);
}

void
window_funcs_release(struct window *w)
{
	free(w->funcs);
	free(w->inputs);
	free(w->checked);
	free(w->wants);
	free(w->one);
	free(w->nothing);
	arena_release(&w->one_arena);
}

char *
window_one(struct window *w)
{
	memset(w->one, 0, w->value_bytes);
	arena_reset(&w->one_arena);
	return w->one;
}

/* ---- judging a record ---- */

bool
window_refuse(struct op_refusal *r, const char *what, const char *why)
{
	r->kind = OP_REFUSED_BAD;
	r->late_ms = 0;
	snprintf(r->reason, sizeof(r->reason), "%s%s", what, why);
	return false;
}

bool
window_refuse_late(struct op_refusal *r, int64_t late_ms)
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

	snprintf(said, sizeof(said), "%s ", path->text);
	return window_refuse(r, said, reason);
}

static __attribute__((noinline)) void
find_seconds(struct window *w, const struct rec *rec)
{
	for (size_t i = 0; i < w->n_funcs; i++)
		if (w->funcs[i].second != NULL)
			w->inputs[i].second = &rec->wanted[w->funcs[i].wanted_second];
}

bool
window_check(struct window *w, const struct rec *rec, struct op_refusal *r)
{
	if (__builtin_expect(rec->wanted[0].kind != SCAN_MISSING && is_retraction(&rec->wanted[0]), 0))
		return window_refuse(r, "retraction: upstream must emit final", "");
	if (__builtin_expect(!rec->has_ts, 0))
		return window_refuse(r, "no event time", "");
	if (__builtin_expect(w->has_seconds, 0))
		find_seconds(w, rec);
	for (size_t i = 0; i < w->n_checked; i++) {
		const struct window_func *f = w->checked[i];
		const char               *reason = NULL;

		if (!f->class->check(&rec->wanted[f->wanted], f->in, &reason))
			return refuse_value(f, f->in, reason, r);
	}
	return true;
}

/* ---- accumulators ---- */

void
window_merge(const struct window *w, char *value, const char *from, struct arena *arena)
{
	for (size_t i = 0; i < w->n_funcs; i++) {
		const struct window_func *f = &w->funcs[i];

		f->class->merge(value + f->at_bytes, from + f->at_bytes, f->args, arena);
	}
}

void
window_empty(const struct window *w, char *value)
{
	memset(value + w->head_bytes, 0, w->value_bytes - w->head_bytes);
}

void
window_save_accs(const struct window *w, const char *value, struct buf *b)
{
	buf_lit(b, "\"acc\":[");
	for (size_t i = 0; i < w->n_funcs; i++) {
		if (i > 0)
			buf_char(b, ',');
		w->funcs[i].class->save(value + w->funcs[i].at_bytes, b);
	}
	buf_char(b, ']');
}

bool
window_line_item(const char **at, const char *end, struct span *item)
{
	const char *p = *at;
	int         depth = 0;
	bool        in_string = false;

	if (p >= end || *p == ']')
		return false;
	for (; p < end; p++) {
		if (in_string) {
			if (*p == '\\')
				p++;
			else if (*p == '"')
				in_string = false;
		} else if (*p == '"') {
			in_string = true;
		} else if (*p == '[' || *p == '{') {
			depth++;
		} else if (depth == 0 && (*p == ',' || *p == ']')) {
			break;
		} else if (*p == ']' || *p == '}') {
			depth--;
		}
	}
	*item = span_of(*at, (size_t)(p - *at));
	*at = p + 1;
	return true;
}

bool
window_load_accs(const struct window *w, const struct scan_value *v, char *value, struct arena *arena)
{
	const char *at, *end;
	struct span item;

	if (v->kind != SCAN_ARRAY)
		return false;
	at = v->p + 1;
	end = v->p + v->n;
	for (size_t i = 0; i < w->n_funcs; i++) {
		const struct window_func *f = &w->funcs[i];

		if (!window_line_item(&at, end, &item) || !f->class->load(value + f->at_bytes, item, arena))
			return false;
	}
	return !window_line_item(&at, end, &item);
}
