/* naive_join - the rules of joins, read naively */
#include "naive_join.h"

#include <stdlib.h>

#include "base/when.h"

typedef struct naive_kept kept;

/* ---- lines ---- */

struct window { int64_t start, end; };

static void
put_result(struct naive_join *n, struct optest_step *step, int64_t ts_ms, const char *key, const struct window *w,
           const char *left, const char *right)
{
	struct buf *b = &step->expected[OPTEST_OUT];

	buf_printf(b, "{\"topic\":\"join\",\"partition\":0,\"offset\":%llu,\"ts\":%lld,\"key\":%s", (unsigned long long)n->next_offset++,
	    (long long)ts_ms, key);
	if (w != NULL)
		buf_printf(b, ",\"window\":{\"start\":%lld,\"end\":%lld}", (long long)w->start, (long long)w->end);
	buf_printf(b, ",\"payload\":{\"left\":%s,\"right\":%s}}\n", left, right);
}

static void
put_line(struct optest_step *step, const kept *k)
{
	buf_span(&step->expected[OPTEST_OUT], k->line->line);
	buf_char(&step->expected[OPTEST_OUT], '\n');
}

static void
refuse_late(struct optest_step *step, int64_t late_ms)
{
	buf_printf(&step->expected[OPTEST_REFUSED], "late %lldms\n", (long long)late_ms);
}

/* ---- what fits ---- */

static bool
is_void(const struct naive_join *n, const struct naive_line *l)
{
	return strcmp(l->key, "null") == 0 && !n->conf.null_keys;
}

static bool
deletes(const struct naive_line *l)
{
	return strcmp(l->payload, "null") == 0;
}

static bool
are_pair(const struct naive_join *n, const struct naive_line *left, const struct naive_line *right)
{
	if (is_void(n, left) || is_void(n, right) || strcmp(left->key, right->key) != 0)
		return false;
	return n->conf.where == NULL || (!deletes(left) && !deletes(right) && left->v <= right->v);
}

static bool
pads(const struct naive_join *n, int side)
{
	enum join_kind k = n->conf.kind;

	return side == NAIVE_LEFT ? k == JOIN_LEFT || k == JOIN_FULL || k == JOIN_ANTI : k == JOIN_RIGHT || k == JOIN_FULL;
}

static void
put_padded(struct naive_join *n, struct optest_step *step, kept *k, const struct window *w)
{
	const struct naive_line *l = k->line;
	int64_t                  ts_ms = w == NULL ? l->ts_ms : w->end - 1;

	k->is_done = true;
	if (n->conf.kind == JOIN_ANTI)
		put_line(step, k);
	else if (l->side == NAIVE_LEFT)
		put_result(n, step, ts_ms, l->key, w, l->payload, "null");
	else
		put_result(n, step, ts_ms, l->key, w, "null", l->payload);
}

static int
by_time(const void *a, const void *b)
{
	const kept *x = *(kept *const *)a, *y = *(kept *const *)b;

	if (x->line->ts_ms != y->line->ts_ms)
		return x->line->ts_ms < y->line->ts_ms ? -1 : 1;
	return (x > y) - (x < y);
}

static int
by_time_left_first(const void *a, const void *b)
{
	const kept *x = *(kept *const *)a, *y = *(kept *const *)b;

	if (x->line->ts_ms != y->line->ts_ms)
		return x->line->ts_ms < y->line->ts_ms ? -1 : 1;
	return x->line->side != y->line->side ? x->line->side - y->line->side : (x > y) - (x < y);
}

static kept *
keep(struct naive_join *n, const struct naive_line *l, int64_t late_below_ms)
{
	kept *k = &n->kept[n->n++];

	*k = (kept){ .line = l, .late_below_ms = late_below_ms };
	return k;
}

/* ---- within ---- */

static bool
is_near(const struct naive_join *n, const struct naive_line *left, const struct naive_line *right)
{
	return right->ts_ms >= left->ts_ms + n->conf.lower_ms && right->ts_ms <= left->ts_ms + n->conf.upper_ms;
}

static bool
is_over(const struct naive_join *n, const struct naive_line *l)
{
	int64_t last = l->side == NAIVE_LEFT ? l->ts_ms + n->conf.upper_ms : l->ts_ms - n->conf.lower_ms;

	return n->watermark_ms == WHEN_MAX || last < n->watermark_ms;
}

static void
meet(struct naive_join *n, struct optest_step *step, kept *left, kept *right)
{
	const struct naive_line *l = left->line, *r = right->line;

	switch (n->conf.kind) {
	case JOIN_SEMI:
		if (!left->is_done)
			put_line(step, left);
		left->is_done = true;
		break;
	case JOIN_ANTI:
		break;
	default:
		put_result(n, step, l->ts_ms > r->ts_ms ? l->ts_ms : r->ts_ms, l->key, NULL, l->payload, r->payload);
	}
	left->is_matched = right->is_matched = true;
}

static void
take_within(struct naive_join *n, const struct naive_line *l, int64_t below_ms, struct optest_step *step)
{
	kept   *all[NAIVE_JOIN_RECORDS], *new;
	size_t  n_all = 0;

	if (l->ts_ms < below_ms) {
		refuse_late(step, below_ms - l->ts_ms);
		return;
	}
	new = keep(n, l, below_ms);
	for (size_t i = 0; i + 1 < n->n; i++) {
		const struct naive_line *o = n->kept[i].line, *left = l->side == NAIVE_LEFT ? l : o, *right = l->side == NAIVE_LEFT ? o : l;

		if (o->side != l->side && are_pair(n, left, right) && is_near(n, left, right))
			all[n_all++] = &n->kept[i];
	}
	qsort(all, n_all, sizeof(all[0]), by_time);
	for (size_t i = 0; i < n_all; i++)
		meet(n, step, l->side == NAIVE_LEFT ? new : all[i], l->side == NAIVE_LEFT ? all[i] : new);
	if (!new->is_matched && pads(n, l->side) && (is_void(n, l) || is_over(n, l)))
		put_padded(n, step, new, NULL);
}

static void
watermark_within(struct naive_join *n, struct optest_step *step)
{
	kept   *all[NAIVE_JOIN_RECORDS];
	size_t  n_all = 0;

	for (size_t i = 0; i < n->n; i++) {
		kept *k = &n->kept[i];

		if (pads(n, k->line->side) && !k->is_matched && !k->is_done && is_over(n, k->line))
			all[n_all++] = k;
	}
	qsort(all, n_all, sizeof(all[0]), by_time_left_first);
	for (size_t i = 0; i < n_all; i++)
		put_padded(n, step, all[i], NULL);
}

/* ---- as-of, latest ---- */

static void
answer(struct naive_join *n, struct optest_step *step, kept *left, const kept *version)
{
	left->is_done = true;
	if (version != NULL && (deletes(version->line) || !are_pair(n, left->line, version->line)))
		version = NULL;
	if (version == NULL) {
		if (pads(n, NAIVE_LEFT))
			put_padded(n, step, left, NULL);
	} else if (n->conf.kind == JOIN_SEMI) {
		put_line(step, left);
	} else if (n->conf.kind != JOIN_ANTI) {
		put_result(n, step, left->line->ts_ms, left->line->key, NULL, left->line->payload, version->line->payload);
	}
}

static void
take_as_of(struct naive_join *n, const struct naive_line *l, int64_t below_ms, struct optest_step *step)
{
	kept *new;

	if (l->side == NAIVE_LEFT && l->ts_ms < below_ms) {
		refuse_late(step, below_ms - l->ts_ms);
		return;
	}
	new = keep(n, l, below_ms);
	if (l->side == NAIVE_LEFT && is_void(n, l))
		answer(n, step, new, NULL);
}

static void
watermark_as_of(struct naive_join *n, struct optest_step *step)
{
	kept   *all[NAIVE_JOIN_RECORDS];
	size_t  n_all = 0;

	for (size_t i = 0; i < n->n; i++) {
		kept *k = &n->kept[i];

		if (k->line->side == NAIVE_LEFT && !k->is_done && (k->line->ts_ms < n->watermark_ms || n->watermark_ms == WHEN_MAX))
			all[n_all++] = k;
	}
	qsort(all, n_all, sizeof(all[0]), by_time);
	for (size_t i = 0; i < n_all; i++) {
		const kept *best = NULL;
		int64_t     ts_ms = all[i]->line->ts_ms;

		for (size_t v = 0; v < n->n; v++) {
			const kept *k = &n->kept[v];

			if (k->line->side == NAIVE_RIGHT && strcmp(k->line->key, all[i]->line->key) == 0 && k->line->ts_ms <= ts_ms &&
			    (k->line->ts_ms >= k->late_below_ms || ts_ms >= k->late_below_ms) &&
			    (best == NULL || k->line->ts_ms >= best->line->ts_ms))
				best = k;
		}
		answer(n, step, all[i], best);
	}
}

static void
take_latest(struct naive_join *n, const struct naive_line *l, struct optest_step *step)
{
	kept       *new = keep(n, l, WHEN_MIN);
	const kept *version = NULL;

	if (l->side == NAIVE_RIGHT)
		return;
	for (size_t i = 0; i + 1 < n->n; i++)
		if (n->kept[i].line->side == NAIVE_RIGHT && !is_void(n, l) && strcmp(n->kept[i].line->key, l->key) == 0)
			version = &n->kept[i];
	answer(n, step, new, version);
}

/* ---- windows ---- */

/* Streams lie between these, with their disorder. */
enum { FIRST_MS = -400, LAST_MS = 6000, MOST_WINDOWS = 2000 };

/* All windows that a record may lie in. */
static size_t
all_windows(const struct naive_join *n, struct window *to, size_t most)
{
	const struct window_conf *c = &n->conf.window;
	int64_t                   step = c->kind == WINDOW_TUMBLING ? c->size : c->step;
	size_t                    n_to = 0;

	/* In order of their ends. */
	if (c->kind == WINDOW_CUMULATIVE) {
		for (int64_t m = FIRST_MS / c->size; n_to + 10 < most && m * c->size < LAST_MS; m++)
			for (int64_t end = step; end <= c->size; end += step)
				to[n_to++] = (struct window){ c->offset_ms + m * c->size, c->offset_ms + m * c->size + end };
		return n_to;
	}
	for (int64_t m = FIRST_MS / step; n_to < most && m * step < LAST_MS; m++)
		to[n_to++] = (struct window){ c->offset_ms + m * step, c->offset_ms + m * step + c->size };
	return n_to;
}

static bool
is_in(const kept *k, const struct window *w)
{
	return k->line->ts_ms >= w->start && k->line->ts_ms < w->end && w->end > k->late_below_ms;
}

static void
take_window(struct naive_join *n, const struct naive_line *l, int64_t below_ms, struct optest_step *step)
{
	static struct window ws[MOST_WINDOWS];
	size_t               n_ws = all_windows(n, ws, MOST_WINDOWS);
	const struct window *last = NULL;

	for (size_t i = 0; i < n_ws; i++)
		if (l->ts_ms >= ws[i].start && l->ts_ms < ws[i].end && (last == NULL || ws[i].end > last->end))
			last = &ws[i];
	if (last == NULL)
		buf_lit(&step->expected[OPTEST_REFUSED], "between windows\n");
	else if (last->end <= below_ms)
		refuse_late(step, below_ms - last->end);
	else
		keep(n, l, below_ms);
}

static bool
is_last_of(const struct naive_join *n, const kept *k, const struct window *w)
{
	int64_t step = n->conf.window.kind == WINDOW_SLIDING ? n->conf.window.step : n->conf.window.size;

	return n->conf.window.kind == WINDOW_CUMULATIVE ? w->end - w->start == n->conf.window.size : k->line->ts_ms < w->start + step;
}

/* One key in one window. */
static void
close_key(struct naive_join *n, const struct window *w, kept **all, size_t n_all, const char *key, struct optest_step *step)
{
	for (size_t i = 0; i < n_all; i++)
		all[i]->is_done = false;
	for (size_t i = 0; i < n_all; i++) {
		kept *left = all[i];
		bool  is_matched = false;

		if (left->line->side != NAIVE_LEFT || strcmp(left->line->key, key) != 0)
			continue;
		for (size_t x = 0; x < n_all; x++) {
			if (all[x]->line->side != NAIVE_RIGHT || !are_pair(n, left->line, all[x]->line))
				continue;
			is_matched = all[x]->is_done = true;
			if (n->conf.kind != JOIN_SEMI && n->conf.kind != JOIN_ANTI)
				put_result(n, step, w->end - 1, key, w, left->line->payload, all[x]->line->payload);
		}
		if (n->conf.kind == JOIN_SEMI && is_matched && !left->is_matched)
			put_line(step, left);
		left->is_matched |= is_matched;
		if (n->conf.kind == JOIN_ANTI ? !left->is_matched && is_last_of(n, left, w) : !is_matched && pads(n, NAIVE_LEFT))
			put_padded(n, step, left, w);
	}
	for (size_t x = 0; x < n_all && pads(n, NAIVE_RIGHT); x++)
		if (all[x]->line->side == NAIVE_RIGHT && strcmp(all[x]->line->key, key) == 0 && !all[x]->is_done)
			put_padded(n, step, all[x], w);
}

static void
close_window(struct naive_join *n, const struct window *w, struct optest_step *step)
{
	kept       *all[NAIVE_JOIN_RECORDS];
	const char *keys[NAIVE_JOIN_RECORDS];
	size_t      n_all = 0, n_keys = 0, k;

	for (size_t i = 0; i < n->n; i++) {
		const struct naive_line *l = n->kept[i].line;

		/* Without a partner for ever and not to be padded: not even its key appears. */
		if (!is_in(&n->kept[i], w) || (is_void(n, l) && !pads(n, l->side)))
			continue;
		all[n_all++] = &n->kept[i];
		for (k = 0; k < n_keys && strcmp(keys[k], l->key) != 0; k++)
			;
		if (k == n_keys)
			keys[n_keys++] = l->key;
	}
	qsort(all, n_all, sizeof(all[0]), by_time);
	for (k = 0; k < n_keys; k++)
		close_key(n, w, all, n_all, keys[k], step);
}

static void
watermark_window(struct naive_join *n, int64_t before_ms, struct optest_step *step)
{
	static struct window ws[MOST_WINDOWS];
	size_t               n_ws = all_windows(n, ws, MOST_WINDOWS);

	for (size_t i = 0; i < n_ws; i++)
		if (ws[i].end > before_ms && ws[i].end <= n->watermark_ms)
			close_window(n, &ws[i], step);
}

/* ---- lines come in ---- */

static void
take_record(struct naive_join *n, const struct naive_line *l, struct optest_step *step)
{
	int64_t below_ms = n->own_ms[l->side] > n->watermark_ms ? n->own_ms[l->side] : n->watermark_ms;

	switch (n->conf.mode) {
	case JOIN_WITHIN:
		take_within(n, l, below_ms, step);
		break;
	case JOIN_AS_OF:
		take_as_of(n, l, below_ms, step);
		break;
	case JOIN_WINDOW:
		take_window(n, l, below_ms, step);
		break;
	default:
		take_latest(n, l, step);
	}
}

void
naive_join_take(struct naive_join *n, const struct naive_line *l, struct optest_step *step)
{
	struct align_said said;
	int64_t           before_ms = n->watermark_ms;

	if (l->is_watermark) {
		if (l->ts_ms > n->own_ms[l->side])
			n->own_ms[l->side] = l->ts_ms;
		align_watermark(&n->align, (size_t)l->side, l->ts_ms, &said);
	} else if (l->is_idle) {
		align_idle(&n->align, (size_t)l->side, &said);
	} else if (l->is_active) {
		align_active(&n->align, (size_t)l->side, &said);
	} else {
		take_record(n, l, step);
		return;
	}
	if (!said.watermark)
		return;
	n->watermark_ms = said.watermark_ms;
	if (n->conf.mode == JOIN_WITHIN)
		watermark_within(n, step);
	else if (n->conf.mode == JOIN_AS_OF)
		watermark_as_of(n, step);
	else if (n->conf.mode == JOIN_WINDOW)
		watermark_window(n, before_ms, step);
}

void
naive_join_init(struct naive_join *n, const struct join_conf *conf)
{
	n->conf = *conf;
	n->watermark_ms = n->own_ms[NAIVE_LEFT] = n->own_ms[NAIVE_RIGHT] = WHEN_MIN;
	n->next_offset = 0;
	n->n = 0;
	align_init(&n->align, 2, 0);
}

void
naive_join_release(struct naive_join *n)
{
	align_release(&n->align);
}
