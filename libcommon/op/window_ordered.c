/* window_ordered - groups put into the order of their first appearance, on disk if they are many */
#include "op/window_ordered.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "state/heads.h"
#include "state/run_reader.h"

static const uint64_t IS_NULL_KEY = UINT64_MAX;

/* In front of a group's key and accumulators. */
struct head {
	uint64_t first;
	uint64_t key_bytes, acc_bytes;
};

struct group {
	struct head head;
	size_t      n;                   /* bytes, all in all */
	struct span key, accs;
};

/* ---- in memory ---- */

void
window_ordered_init(struct window_ordered *o, struct spill *spill, size_t most_bytes, size_t piece_bytes, size_t most_runs)
{
	*o = (struct window_ordered){ .spill = spill, .most_bytes = most_bytes, .piece_bytes = piece_bytes,
	                              .most_runs = most_runs };
}

void
window_ordered_release(struct window_ordered *o)
{
	for (size_t i = 0; i < o->n; i++)
		spill_drop(o->spill, o->runs[i].run);
	free(o->runs);
	buf_release(&o->bytes);
	ranks_release(&o->order);
}

static size_t
key_bytes_of(const struct head *h)
{
	return h->key_bytes == IS_NULL_KEY ? 0 : (size_t)h->key_bytes;
}

static void
set_spans(struct group *g, const char *p)
{
	size_t key_bytes = key_bytes_of(&g->head);

	p += sizeof(g->head);
	g->key = g->head.key_bytes == IS_NULL_KEY ? SPAN_NONE : span_of(p, key_bytes);
	g->accs = span_of(p + key_bytes, (size_t)g->head.acc_bytes);
	g->n = sizeof(g->head) + key_bytes + (size_t)g->head.acc_bytes;
}

static struct group
group_at(const struct window_ordered *o, size_t place)
{
	struct group g;

	memcpy(&g.head, o->bytes.p + place, sizeof(g.head));
	set_spans(&g, o->bytes.p + place);
	return g;
}

static void
know_run(struct window_ordered *o, uint64_t run)
{
	if (o->n == o->cap) {
		o->cap = o->cap == 0 ? 16 : o->cap * 2;
		o->runs = alloc_resized(o->runs, o->cap, sizeof(*o->runs));
	}
	o->runs[o->n++] = (struct window_ordered_run){ run, spill_end(o->spill) };
}

static void
write_all(struct window_ordered *o)
{
	uint64_t run = spill_begin(o->spill);

	ranks_sort(&o->order);
	for (size_t i = 0; i < o->order.n; i++) {
		struct group g = group_at(o, o->order.all[i].what);

		spill_put(o->spill, o->bytes.p + o->order.all[i].what, g.n);
	}
	know_run(o, run);
	o->order.n = 0;
	buf_reset(&o->bytes);
}

void
window_ordered_add(struct window_ordered *o, uint64_t first, struct span key, struct span accs)
{
	struct head h = { first, key.p == NULL ? IS_NULL_KEY : key.n, accs.n };

	if (o->order.n > 0 && o->bytes.n + sizeof(h) + key.n + accs.n + (o->order.n + 1) * 2 * sizeof(struct ranked) > o->most_bytes)
		write_all(o);
	ranks_add(&o->order, first, o->bytes.n);
	buf_put(&o->bytes, &h, sizeof(h));
	buf_span(&o->bytes, key);
	buf_span(&o->bytes, accs);
}

static bool
give_memory(struct window_ordered *o, bool (*take)(void *cookie, struct span key, struct span accs), void *cookie)
{
	enum { AHEAD = 8 };

	ranks_sort(&o->order);
	for (size_t i = 0; i < o->order.n; i++) {
		struct group g = group_at(o, o->order.all[i].what);

		if (i + AHEAD < o->order.n)
			__builtin_prefetch(o->bytes.p + o->order.all[i + AHEAD].what);
		if (!take(cookie, g.key, g.accs))
			return false;
	}
	return true;
}

/* ---- from runs ---- */

struct merge {
	struct run_reader *readers;
	struct group      *now;          /* of each */
	size_t             n;
	struct heads       heads;
};

/* The group that comes next in reader I. */
static bool
look(struct merge *m, size_t i)
{
	struct group      *g = &m->now[i];
	struct run_reader *r = &m->readers[i];
	const char        *p = run_reader_look(r, sizeof(g->head));

	if (p == NULL)
		return false;
	memcpy(&g->head, p, sizeof(g->head));
	if (key_bytes_of(&g->head) > r->end || g->head.acc_bytes > r->end) {
		spill_say_damaged(r->spill, r->run);
		return false;
	}
	if ((p = run_reader_look(r, sizeof(g->head) + key_bytes_of(&g->head) + g->head.acc_bytes)) == NULL)
		return false;
	set_spans(g, p);
	return true;
}

static struct heads_key
key_of(const struct merge *m, size_t i)
{
	return (struct heads_key){ (int64_t)m->now[i].head.first, i };
}

/* Of the first N runs. */
static bool
merge_init(struct merge *m, struct window_ordered *o, size_t n)
{
	*m = (struct merge){ .readers = alloc_zeroed(n, sizeof(struct run_reader)), .now = alloc_zeroed(n, sizeof(struct group)), .n = n };
	for (size_t i = 0; i < n; i++)
		run_reader_init(&m->readers[i], o->spill, o->runs[i].run, 0, o->runs[i].length_bytes, o->piece_bytes);
	for (size_t i = 0; i < n; i++) {
		if (!look(m, i))
			return false;
		heads_add(&m->heads, (uint32_t)i, key_of(m, i));
	}
	return true;
}

static void
merge_release(struct merge *m)
{
	for (size_t i = 0; i < m->n; i++)
		run_reader_release(&m->readers[i]);
	heads_release(&m->heads);
	free(m->readers);
	free(m->now);
}

static const struct group *
merge_first(const struct merge *m)
{
	const struct heads_item *first = heads_first(&m->heads);

	return first == NULL ? NULL : &m->now[first->run];
}

static bool
merge_pass(struct merge *m)
{
	size_t i = heads_first(&m->heads)->run;

	run_reader_pass(&m->readers[i], m->now[i].n);
	if (run_reader_is_done(&m->readers[i])) {
		heads_take_first(&m->heads);
		return true;
	}
	if (!look(m, i))
		return false;
	heads_replace_first(&m->heads, key_of(m, i));
	return true;
}

static void
forget_runs(struct window_ordered *o, size_t n)
{
	for (size_t i = 0; i < n; i++)
		spill_drop(o->spill, o->runs[i].run);
	o->n -= n;
	memmove(o->runs, o->runs + n, o->n * sizeof(*o->runs));
}

/* The oldest, which are the shortest, become one. */
static bool
merge_some(struct window_ordered *o)
{
	struct merge        m;
	const struct group *g;
	uint64_t            run = 0;
	bool                good = merge_init(&m, o, o->most_runs);

	if (good)
		run = spill_begin(o->spill);
	while (good && (g = merge_first(&m)) != NULL) {
		spill_put(o->spill, &g->head, sizeof(g->head));
		spill_put(o->spill, g->key.p, g->key.n);
		spill_put(o->spill, g->accs.p, g->accs.n);
		good = merge_pass(&m) && !o->spill->failed;
	}
	merge_release(&m);
	if (run == 0)
		return false;
	forget_runs(o, o->most_runs);
	know_run(o, run);
	return good;
}

bool
window_ordered_give(struct window_ordered *o, bool (*take)(void *cookie, struct span key, struct span accs), void *cookie)
{
	struct merge        m;
	const struct group *g;
	bool                good;

	if (o->n == 0)
		return give_memory(o, take, cookie);
	write_all(o);
	buf_release(&o->bytes);
	ranks_release(&o->order);
	while (o->n > o->most_runs)
		if (!merge_some(o))
			return false;
	good = merge_init(&m, o, o->n);
	while (good && (g = merge_first(&m)) != NULL)
		good = take(cookie, g->key, g->accs) && merge_pass(&m);
	merge_release(&m);
	return good;
}
