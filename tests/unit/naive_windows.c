/* naive_windows - the rules of windows, read naively */
#include "naive_windows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"

/* ---- what is said ---- */

void
naive_put_cents(struct buf *b, int64_t cents)
{
	char text[40];
	int  n = snprintf(text, sizeof(text), "%s%lld.%02lld", cents < 0 ? "-" : "", llabs(cents) / 100, llabs(cents) % 100);

	while (text[n - 1] == '0')
		n--;
	if (text[n - 1] == '.')
		n--;
	buf_put(b, text, (size_t)n);
}

static void
put_payload(const struct naive *n, const bool *holds, size_t from, struct buf *b)
{
	int64_t sum = 0, max = 0;
	size_t  count = 0, values = 0;

	for (size_t i = from; i < n->n_records; i++) {
		const struct naive_record *r = &n->records[i];

		if (!holds[i])
			continue;
		count++;
		if (!r->has_value)
			continue;
		sum += r->cents;
		max = values == 0 || r->cents > max ? r->cents : max;
		values++;
	}
	buf_printf(b, "{\"n\":%zu,\"s\":", count);
	if (values == 0) {
		buf_lit(b, "null,\"m\":null}");
		return;
	}
	naive_put_cents(b, sum);
	buf_lit(b, ",\"m\":");
	naive_put_cents(b, max);
	buf_char(b, '}');
}

static void
put_line(struct naive *n, int64_t start_ms, int64_t end_ms, size_t key, uint64_t number, const char *pane,
         struct span payload, struct buf *b)
{
	buf_printf(b, "{\"topic\":\"window\",\"partition\":0,\"offset\":%llu,\"ts\":%lld,\"key\":%s",
	    (unsigned long long)n->next_offset++, (long long)(end_ms - 1), n->keys[key]);
	if (n->conf.kind != WINDOW_GLOBAL)
		buf_printf(b, ",\"window\":{\"start\":%lld,\"end\":%lld", (long long)start_ms, (long long)end_ms);
	if (n->conf.kind == WINDOW_COUNT)
		buf_printf(b, ",\"n\":%llu", (unsigned long long)number);
	buf_str(b, n->conf.kind == WINDOW_GLOBAL ? "" : "}");
	if (n->conf.emit != WINDOW_FINAL || n->conf.allowed_lateness_ms > 0)
		buf_printf(b, ",\"pane\":\"%s\"", pane);
	buf_printf(b, ",\"payload\":%.*s}\n", SPAN_ARGS(payload));
}

/* One result of W, which holds the records it is said to hold. */
static void
speak(struct naive *n, struct naive_window *w, uint64_t number, const char *pane, struct buf *b)
{
	struct buf payload = { 0 };

	put_payload(n, w->holds, n->conf.discarding && n->conf.kind != WINDOW_SESSION ? w->told_up_to : 0, &payload);
	for (size_t i = 0; i < w->n_told && !n->conf.discarding; i++) {
		if (w->told[i].start_ms != w->start_ms || w->told[i].end_ms != w->end_ms)
			put_line(n, w->told[i].start_ms, w->told[i].end_ms, w->key, 0, "retract",
			    span_str(w->told[i].payload), b);
		free(w->told[i].payload);
	}
	put_line(n, w->start_ms, w->end_ms, w->key, number, pane, buf_all(&payload), b);
	w->told_up_to = n->n_records;
	w->n_told = 0;
	if (n->conf.kind == WINDOW_SESSION && n->conf.discarding)
		memset(w->holds, 0, sizeof(w->holds));
	if (n->conf.kind == WINDOW_SESSION && !n->conf.discarding) {
		w->told[0].start_ms = w->start_ms;
		w->told[0].end_ms = w->end_ms;
		w->told[0].payload = alloc_string_n(payload.p, payload.n);
		w->n_told = 1;
	}
	buf_release(&payload);
}

/* ---- windows that have spoken, or are sessions ---- */

static struct naive_window *
new_window(struct naive *n, int64_t start_ms, int64_t end_ms, size_t key)
{
	struct naive_window *w;

	for (size_t i = 0; i < n->n_windows; i++)
		if (n->windows[i].is_gone) {
			w = &n->windows[i];
			goto found;
		}
	assert_true(n->n_windows < NAIVE_WINDOWS);
	w = &n->windows[n->n_windows++];
found:
	for (size_t i = 0; i < w->n_told; i++)
		free(w->told[i].payload);
	*w = (struct naive_window){ .start_ms = start_ms, .end_ms = end_ms, .key = key, .first = n->n_records };
	return w;
}

static int
by_first(const void *a, const void *b)
{
	const struct naive_window *x = *(struct naive_window *const *)a, *y = *(struct naive_window *const *)b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static int
by_end(const void *a, const void *b)
{
	const struct naive_window *x = *(struct naive_window *const *)a, *y = *(struct naive_window *const *)b;

	if (x->end_ms != y->end_ms)
		return x->end_ms < y->end_ms ? -1 : 1;
	if (x->start_ms != y->start_ms)
		return x->start_ms < y->start_ms ? -1 : 1;
	return by_first(a, b);
}

/* ---- the grid ---- */

/* In order of their ends. */
static void
next_on_grid(const struct naive *n, int64_t *start_ms, int64_t *end_ms)
{
	const struct window_conf *c = &n->conf;

	if (c->kind == WINDOW_CUMULATIVE && *end_ms - *start_ms < c->size) {
		*end_ms += c->step;
		return;
	}
	*start_ms += c->kind == WINDOW_SLIDING ? c->step : c->size;
	*end_ms = *start_ms + (c->kind == WINDOW_CUMULATIVE ? c->step : c->size);
}

static void
first_on_grid(const struct naive *n, int64_t *start_ms, int64_t *end_ms)
{
	const struct window_conf *c = &n->conf;
	int64_t                   period = c->kind == WINDOW_SLIDING ? c->step : c->size;

	*start_ms = c->offset_ms - period * 10000;
	while (*start_ms + c->size < -6000)
		*start_ms += period;
	*end_ms = *start_ms + (c->kind == WINDOW_CUMULATIVE ? c->step : c->size);
}

/* The window of that key, with all records it holds; as it was when it spoke last. */
static struct naive_window *
grid_window(struct naive *n, int64_t start_ms, int64_t end_ms, size_t key)
{
	struct naive_window *w = NULL;

	for (size_t i = 0; i < n->n_windows && w == NULL; i++)
		if (n->windows[i].start_ms == start_ms && n->windows[i].end_ms == end_ms && n->windows[i].key == key &&
		    !n->windows[i].is_gone)
			w = &n->windows[i];
	if (w == NULL)
		w = new_window(n, start_ms, end_ms, key);
	for (size_t i = 0; i < n->n_records; i++)
		w->holds[i] = n->records[i].key == key && n->records[i].ts_ms >= start_ms && n->records[i].ts_ms < end_ms;
	return w;
}

static void
grid_take(struct naive *n, const struct naive_record *r, struct optest_step *step)
{
	int64_t start, end, lateness = n->conf.allowed_lateness_ms, last_end = INT64_MIN;
	bool    open = false;

	first_on_grid(n, &start, &end);
	for (; start <= r->ts_ms; next_on_grid(n, &start, &end)) {
		if (end <= r->ts_ms)
			continue;
		last_end = end > last_end ? end : last_end;
		open = open || end + lateness > n->watermark_ms;
	}
	if (last_end == INT64_MIN) {
		buf_lit(&step->expected[OPTEST_REFUSED], "between windows\n");
		return;
	}
	if (!open) {
		buf_printf(&step->expected[OPTEST_REFUSED], "late %lldms\n", (long long)(n->watermark_ms - last_end));
		return;
	}
	n->records[n->n_records++] = *r;
	first_on_grid(n, &start, &end);
	for (; start <= r->ts_ms; next_on_grid(n, &start, &end)) {
		bool is_late = end <= n->watermark_ms;

		if (end <= r->ts_ms || end + lateness <= n->watermark_ms || (!is_late && n->conf.emit != WINDOW_UPDATES))
			continue;
		speak(n, grid_window(n, start, end, r->key), 0, is_late ? "late" : "early", &step->expected[OPTEST_OUT]);
	}
}

/* All keys of a window that have records from FROM on, in the order in which they first came at all. */
static void
grid_speak(struct naive *n, int64_t start, int64_t end, size_t from, const char *pane, struct buf *b)
{
	bool seen[NAIVE_KEYS] = { false };

	for (size_t i = 0; i < n->n_records; i++) {
		const struct naive_record *r = &n->records[i];
		struct naive_window       *w;
		bool                       changed = false;

		if (r->ts_ms < start || r->ts_ms >= end || seen[r->key])
			continue;
		seen[r->key] = true;
		w = grid_window(n, start, end, r->key);
		for (size_t j = from; j < n->n_records; j++)
			changed = changed || w->holds[j];
		if (changed)
			speak(n, w, 0, pane, b);
	}
}

static int64_t
latest(const struct naive *n)
{
	int64_t ts = INT64_MIN;

	for (size_t i = 0; i < n->n_records; i++)
		ts = n->records[i].ts_ms > ts ? n->records[i].ts_ms : ts;
	return ts;
}

static void
grid_watermark(struct naive *n, int64_t before, bool ticks, struct buf *b)
{
	int64_t start, end, T = n->watermark_ms;

	first_on_grid(n, &start, &end);
	for (; start <= latest(n); next_on_grid(n, &start, &end))
		if (end > before && end <= T)
			grid_speak(n, start, end, 0, "final", b);
	first_on_grid(n, &start, &end);
	for (; ticks && start <= latest(n); next_on_grid(n, &start, &end))
		if (end > T)
			grid_speak(n, start, end, n->ticked_at, "early", b);
	for (size_t i = 0; i < n->n_windows; i++)
		if (n->windows[i].end_ms + n->conf.allowed_lateness_ms <= T)
			n->windows[i].is_gone = true;
}

/* ---- sessions ---- */

static void
session_take(struct naive *n, const struct naive_record *r, struct optest_step *step)
{
	int64_t              gap = n->conf.gap_path != NULL ? r->gap_ms : n->conf.size;
	int64_t              start = r->ts_ms, end = r->ts_ms + gap;
	struct naive_window *w, *joined[NAIVE_SESSIONS];
	size_t               n_joined = 0;

	for (size_t i = 0; i < n->n_windows; i++) {
		w = &n->windows[i];
		if (!w->is_gone && w->key == r->key && w->start_ms <= end && start <= w->end_ms)
			joined[n_joined++] = w;
	}
	if (n_joined == 0 && end + n->conf.allowed_lateness_ms <= n->watermark_ms) {
		buf_printf(&step->expected[OPTEST_REFUSED], "late %lldms\n", (long long)(n->watermark_ms - end));
		return;
	}
	qsort(joined, n_joined, sizeof(joined[0]), by_first);
	w = n_joined > 0 ? joined[0] : new_window(n, start, end, r->key);
	for (size_t i = 1; i < n_joined; i++) {
		struct naive_window *o = joined[i];

		for (size_t j = 0; j < n->n_records; j++)
			w->holds[j] = w->holds[j] || o->holds[j];
		start = o->start_ms < start ? o->start_ms : start;
		end = o->end_ms > end ? o->end_ms : end;
		for (size_t j = 0; j < o->n_told; j++)
			w->told[w->n_told++] = o->told[j];
		o->n_told = 0;
		o->is_gone = true;
	}
	w->start_ms = start < w->start_ms ? start : w->start_ms;
	w->end_ms = end > w->end_ms ? end : w->end_ms;
	w->holds[n->n_records] = true;
	n->records[n->n_records++] = *r;
	if (w->end_ms <= n->watermark_ms)
		speak(n, w, 0, "late", &step->expected[OPTEST_OUT]);
	else if (n->conf.emit == WINDOW_UPDATES)
		speak(n, w, 0, "early", &step->expected[OPTEST_OUT]);
}

static void
session_watermark(struct naive *n, int64_t before, bool ticks, struct buf *b)
{
	struct naive_window *due[NAIVE_SESSIONS];
	int64_t              T = n->watermark_ms;

	for (int early = 0; early <= (int)ticks; early++) {
		size_t n_due = 0;

		for (size_t i = 0; i < n->n_windows; i++) {
			struct naive_window *w = &n->windows[i];
			bool                 changed = false;

			for (size_t j = n->ticked_at; j < n->n_records; j++)
				changed = changed || w->holds[j];
			if (!w->is_gone && (early ? w->end_ms > T && changed : w->end_ms > before && w->end_ms <= T))
				due[n_due++] = w;
		}
		qsort(due, n_due, sizeof(due[0]), by_end);
		for (size_t i = 0; i < n_due; i++)
			speak(n, due[i], 0, early ? "early" : "final", b);
	}
	for (size_t i = 0; i < n->n_windows; i++)
		if (n->windows[i].end_ms + n->conf.allowed_lateness_ms <= T)
			n->windows[i].is_gone = true;
}

/* ---- counts, global ---- */

/* Window J of the key, from 0; false: it has no records. */
static bool
count_window(struct naive *n, size_t key, uint64_t j, struct naive_window *w, uint64_t *n_held)
{
	bool     global = n->conf.kind == WINDOW_GLOBAL;
	uint64_t from = global ? 0 : j * (uint64_t)n->conf.step, to = global ? UINT64_MAX : from + (uint64_t)n->conf.size;
	uint64_t of_key = 0;

	*w = (struct naive_window){ .start_ms = INT64_MAX, .end_ms = INT64_MIN, .key = key };
	*n_held = 0;
	for (size_t i = 0; i < n->n_records; i++) {
		int64_t ts = n->records[i].ts_ms;

		if (n->records[i].key != key)
			continue;
		if (of_key >= from && of_key < to) {
			w->first = *n_held == 0 ? i : w->first;
			w->holds[i] = true;
			w->start_ms = ts < w->start_ms ? ts : w->start_ms;
			w->end_ms = ts + 1 > w->end_ms ? ts + 1 : w->end_ms;
			++*n_held;
		}
		of_key++;
	}
	return *n_held > 0;
}

static bool
is_full(const struct naive *n, uint64_t n_held)
{
	return n->conf.kind == WINDOW_COUNT && n_held == (uint64_t)n->conf.size;
}

static size_t
last_of(const struct naive_window *w)
{
	size_t last = 0;

	for (size_t i = 0; i < NAIVE_RECORDS; i++)
		last = w->holds[i] ? i : last;
	return last;
}

static void
count_take(struct naive *n, const struct naive_record *r, struct optest_step *step)
{
	struct naive_window w;
	uint64_t            held;

	n->records[n->n_records++] = *r;
	for (uint64_t j = 0; j < (n->conf.kind == WINDOW_GLOBAL ? 1 : NAIVE_RECORDS); j++) {
		if (!count_window(n, r->key, j, &w, &held) || !w.holds[n->n_records - 1])
			continue;
		/* With each record: what came before this one has been given out.  Else what came before the tick. */
		w.told_up_to = n->conf.emit == WINDOW_UPDATES ? n->n_records - 1 : n->conf.emit == WINDOW_EVERY ? n->ticked_at : 0;
		if (is_full(n, held))
			speak(n, &w, j + 1, "final", &step->expected[OPTEST_OUT]);
		else if (n->conf.emit == WINDOW_UPDATES)
			speak(n, &w, j + 1, "early", &step->expected[OPTEST_OUT]);
	}
}

static void
count_speak(struct naive *n, bool all, const char *pane, struct buf *b)
{
	static struct naive_window open[NAIVE_RECORDS];
	static uint64_t            numbers[NAIVE_RECORDS];
	struct naive_window       *due[NAIVE_RECORDS];
	size_t                     n_open = 0;
	uint64_t                   held;

	for (size_t key = 0; key < NAIVE_KEYS; key++)
		for (uint64_t j = 0; j < (n->conf.kind == WINDOW_GLOBAL ? 1 : NAIVE_RECORDS); j++) {
			struct naive_window *w = &open[n_open];

			if (!count_window(n, key, j, w, &held) || is_full(n, held) || (!all && last_of(w) < n->ticked_at))
				continue;
			w->told_up_to = n->conf.emit == WINDOW_UPDATES ? n->n_records
			                : n->conf.emit == WINDOW_EVERY ? n->ticked_at : 0;
			numbers[n_open] = j + 1;
			due[n_open] = w;
			n_open++;
		}
	qsort(due, n_open, sizeof(due[0]), by_end);
	for (size_t i = 0; i < n_open; i++)
		speak(n, due[i], numbers[due[i] - open], pane, b);
}

/* ---- all of them ---- */

/* Larger than a stack. */
void
naive_init(struct naive *n, const char *const *keys)
{
	memset(n, 0, sizeof(*n));
	n->watermark_ms = INT64_MIN;
	n->keys = keys;
}

void
naive_take(struct naive *n, const struct naive_record *r, struct optest_step *step)
{
	assert_true(n->n_records < NAIVE_RECORDS);
	if (n->conf.kind <= WINDOW_CUMULATIVE)
		grid_take(n, r, step);
	else if (n->conf.kind == WINDOW_SESSION)
		session_take(n, r, step);
	else
		count_take(n, r, step);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	int64_t q = a / b;

	return q * b > a ? q - 1 : q;
}

void
naive_watermark(struct naive *n, int64_t ts_ms, struct optest_step *step)
{
	int64_t     before = n->watermark_ms, every = n->conf.every_ms;
	struct buf *b = &step->expected[OPTEST_OUT];
	bool        ticks;

	if (ts_ms <= before)
		return;
	n->watermark_ms = ts_ms;
	ticks = n->conf.emit == WINDOW_EVERY && ts_ms != INT64_MAX && before != INT64_MIN &&
	        floor_div(before, every) < floor_div(ts_ms, every);
	if (n->conf.kind <= WINDOW_CUMULATIVE)
		grid_watermark(n, before, ticks, b);
	else if (n->conf.kind == WINDOW_SESSION)
		session_watermark(n, before, ticks, b);
	else if (ts_ms == INT64_MAX)
		count_speak(n, true, "final", b);
	else if (ticks)
		count_speak(n, false, "early", b);
	if (ticks)
		n->ticked_at = n->n_records;
}

void
naive_release(struct naive *n)
{
	for (size_t i = 0; i < n->n_windows; i++)
		for (size_t j = 0; j < n->windows[i].n_told; j++)
			free(n->windows[i].told[j].payload);
	n->n_windows = 0;
}
