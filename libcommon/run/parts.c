/* parts - one watermark of an input whose parts each have an order of their own */
#include "run/parts.h"

#include <stdlib.h>

#include "base/alloc.h"

void
parts_release(struct parts *p)
{
	free(p->list);
	p->list = NULL;
	p->n = 0;
}

static bool
counts(const struct part *part)
{
	return !part->idle && !part->behind && !part->closed;
}

static int64_t
due_of(const struct parts *p, const struct watermark *w)
{
	return p->until_ms < w->due_ms && p->until_ms > w->ts_ms ? p->until_ms : w->due_ms;
}

/* Does it hold the next mark back? */
static bool
is_below(const struct part *part, int64_t due_ms)
{
	return part->ts_ms == WHEN_MIN || part->ts_ms < due_ms;
}

static void
count_below(struct parts *p, const struct watermark *w)
{
	int64_t due_ms = due_of(p, w);

	p->n_below = 0;
	for (size_t i = 0; i < p->n; i++)
		p->n_below += counts(&p->list[i]) && is_below(&p->list[i], due_ms);
}

/* The least of those that count; WHEN_MIN: one has none, or none counts. */
static int64_t
least(const struct parts *p)
{
	int64_t ts_ms = WHEN_MAX;

	for (size_t i = 0; i < p->n; i++)
		if (counts(&p->list[i]) && p->list[i].ts_ms < ts_ms)
			ts_ms = p->list[i].ts_ms;
	return ts_ms == WHEN_MAX ? WHEN_MIN : ts_ms;
}

static int64_t
highest(const struct parts *p)
{
	int64_t ts_ms = WHEN_MIN;

	for (size_t i = 0; i < p->n; i++)
		if (!p->list[i].closed && p->list[i].ts_ms > ts_ms)
			ts_ms = p->list[i].ts_ms;
	return ts_ms;
}

static bool
raise_to(struct parts *p, int64_t ts_ms, struct watermark *w)
{
	bool is_higher = ts_ms > w->ts_ms;

	if (is_higher)
		watermark_restore(w, ts_ms);
	count_below(p, w);
	return is_higher;
}

void
parts_grow(struct parts *p, size_t n, const struct watermark *w)
{
	if (n <= p->n)
		return;
	p->list = alloc_resized(p->list, n, sizeof(*p->list));
	for (size_t i = p->n; i < n; i++)
		p->list[i] = (struct part){ .ts_ms = WHEN_MIN };
	p->n = n;
	count_below(p, w);
}

bool
parts_pass(struct parts *p, size_t i, int64_t ts_ms, struct watermark *w)
{
	struct part *part = &p->list[i];
	int64_t      due_ms = due_of(p, w), t_ms = when_sub(ts_ms, w->out_of_order_ms);
	bool         was_below = counts(part) && is_below(part, due_ms);

	if (t_ms <= part->ts_ms)
		return false;
	part->ts_ms = t_ms;
	if (part->behind && t_ms >= w->ts_ms) {
		part->behind = false;
		if (is_below(part, due_ms))
			p->n_below++;
		return p->n_below == 0 && raise_to(p, least(p), w);
	}
	if (!was_below || is_below(part, due_ms))
		return false;
	return --p->n_below == 0 && raise_to(p, least(p), w);
}

void
parts_wake(struct parts *p, size_t i, const struct watermark *w)
{
	struct part *part = &p->list[i];

	part->silent_ms = 0;
	if (!part->idle)
		return;
	part->idle = false;
	part->behind = part->ts_ms < w->ts_ms;
	count_below(p, w);
}

/* Those that are left: does one have something still? */
static bool
is_active(const struct parts *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (!p->list[i].idle && !p->list[i].closed)
			return true;
	return false;
}

bool
parts_idle(struct parts *p, size_t i, struct watermark *w)
{
	struct part *part = &p->list[i];
	bool         held_back = counts(part);

	if (part->idle || part->closed)
		return false;
	part->idle = true;
	part->behind = false;
	if (is_active(p))
		return raise_to(p, least(p), w);
	return held_back && raise_to(p, highest(p), w);
}

bool
parts_close(struct parts *p, size_t i, struct watermark *w)
{
	struct part *part = &p->list[i];

	if (part->closed)
		return false;
	*part = (struct part){ .ts_ms = part->ts_ms, .closed = true };
	return raise_to(p, is_active(p) ? least(p) : highest(p), w);
}

bool
parts_are_idle(const struct parts *p)
{
	bool any = false;

	for (size_t i = 0; i < p->n; i++)
		any = any || !p->list[i].closed;
	return any && !is_active(p);
}

void
parts_save(const struct parts *p, struct buf *b)
{
	buf_char(b, '[');
	for (size_t i = 0; i < p->n; i++) {
		const struct part *part = &p->list[i];

		buf_str(b, i > 0 ? ",{\"watermark\":" : "{\"watermark\":");
		if (part->ts_ms == WHEN_MIN)
			buf_lit(b, "null");
		else
			buf_i64(b, part->ts_ms);
		if (part->idle)
			buf_lit(b, ",\"idle\":true");
		if (part->behind)
			buf_lit(b, ",\"behind\":true");
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

void
parts_load(struct parts *p, const struct tree *t, const struct watermark *w)
{
	parts_release(p);
	parts_grow(p, tree_count(t), w);
	for (size_t i = 0; i < p->n; i++) {
		tree_i64(tree_item(t, i), "watermark", &p->list[i].ts_ms);
		tree_bool(tree_item(t, i), "idle", &p->list[i].idle);
		tree_bool(tree_item(t, i), "behind", &p->list[i].behind);
	}
	count_below(p, w);
}
