/* window_cold_take - sessions that have no room in memory: those that end next come back */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/rank.h"
#include "op/window_cold_parts.h"

enum {
	LEAST_SHARE = 6,                 /* of the memory, what a slice may take */
	ENDING_BYTES = 128               /* what its sessions take in tables, and while they are looked through */
};

bool
window_cold_is_due(const struct window *w, int64_t ts_ms)
{
	return w->cold.n_runs > 0 && w->cold.from_ms <= ts_ms;
}

/* ---- parts ---- */

/* It is a piece again, or of one that it touches. */
static bool
take_part(struct window *w, const struct window_cold_run *r)
{
	const struct window_cold_part *part = &r->now;
	struct scan_value              accs = { .p = part->accs.p, .n = (uint32_t)part->accs.n, .kind = SCAN_ARRAY };
	struct piece                  *s;

	if (part->accs.n < 2 || part->accs.n > UINT32_MAX || part->number >= w->pieces->next_number)
		return false;
	s = pieces_put_back(w->pieces, part->key, part->number);
	s->start_ms = part->start_ms;
	s->end_ms = part->end_ms;
	if (!window_load_accs(w, &accs, s->value, &s->arena))
		return false;
	window_sessions_join(w, s->holder, s->start_ms, s->end_ms);
	return true;
}

static uint64_t
room_bytes(const struct window *w)
{
	uint64_t limit = w->spill.limit_bytes, used = pieces_used_bytes(w->pieces), least = limit / LEAST_SHARE;

	return used + least > limit ? least : limit - used;
}

/* Those that end before UNTIL, as far as there is room.  Then it is known what from_ms is. */
static bool
take_parts(struct window *w, int64_t until_ms)
{
	struct window_cold     *c = &w->cold;
	struct spill           *spill = w->spill.spill;
	uint64_t                bytes = 0, most = room_bytes(w);
	int64_t                 last_ms = WHEN_MIN;
	struct window_cold_run *r;

	while (!spill->failed && (r = window_cold_earliest(c, c->n_runs)) != NULL) {
		if (r->now.end_ms >= until_ms && until_ms != WHEN_MAX)
			break;
		if (bytes >= most && r->now.end_ms > last_ms) {
			until_ms = r->now.end_ms;
			break;
		}
		last_ms = r->now.end_ms;
		bytes += r->now.n_bytes + w->pieces->all.stride + w->pieces->holders.stride + ENDING_BYTES;
		if (!take_part(w, r)) {
			if (!spill->failed)
				spill_say_damaged(spill, r->run);
			return false;
		}
		window_cold_pass(r);
	}
	c->from_ms = until_ms;
	return !spill->failed;
}

static void
drop_empty(struct window *w)
{
	for (size_t i = w->cold.n_runs; i-- > 0;)
		if (w->cold.runs[i].at_bytes == w->cold.runs[i].parts_bytes)
			window_cold_remove_run(w, i);
}

/* ---- what goes on behind the slice ---- */

/* Of a session that ends in it. */
struct ending {
	struct hash_print print;
	int64_t           start_ms, end_ms;
	uint32_t          place;
};

struct endings {
	struct ending *all;              /* by print */
	size_t         n;
};

static struct endings
find_endings(const struct window *w, int64_t since_ms)
{
	const struct pieces *p = w->pieces;
	struct ranks         order = { 0 };
	struct endings       e = { 0 };

	for (uint32_t i = 0; i < p->all.n_places; i++) {
		const struct piece *s = pieces_at(p, i);

		if (s->is_there && s->end_ms >= since_ms && s->end_ms < w->cold.from_ms)
			ranks_add(&order, window_cold_print(piece_key(s)).hi, i);
	}
	ranks_sort(&order);
	e.all = alloc_zeroed(order.n + 1, sizeof(*e.all));
	for (; e.n < order.n; e.n++) {
		uint32_t            place = (uint32_t)order.all[e.n].what;
		const struct piece *s = pieces_at(p, place);

		e.all[e.n] = (struct ending){ window_cold_print(piece_key(s)), s->start_ms, s->end_ms, place };
	}
	ranks_release(&order);
	return e;
}

static inline void
widen(struct ending *s, const struct window_cold_bound *b, int64_t from_ms)
{
	if (b->end_ms < from_ms || b->start_ms > s->end_ms || b->print.lo != s->print.lo)
		return;
	s->start_ms = b->start_ms < s->start_ms ? b->start_ms : s->start_ms;
	s->end_ms = b->end_ms > s->end_ms ? b->end_ms : s->end_ms;
}

static void
widen_by_run(struct window *w, const struct window_cold_run *r, const struct endings *e)
{
	struct run_reader        reader;
	struct window_cold_bound b;

	window_cold_read_bounds(w, r, &reader);
	for (size_t i = 0; i < e->n && window_cold_next_bound(&reader, &b);) {
		while (i < e->n && e->all[i].print.hi < b.print.hi)
			i++;
		for (size_t k = i; k < e->n && e->all[k].print.hi == b.print.hi; k++)
			widen(&e->all[k], &b, w->cold.from_ms);
	}
	run_reader_release(&reader);
}

/* They touch others now, perhaps. */
static void
join_widened(struct window *w, const struct endings *e)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct ending *to = &e->all[i];
		struct piece        *s = pieces_at(w->pieces, to->place);

		if (!s->is_there || to->end_ms < w->cold.from_ms)
			continue;
		s->start_ms = to->start_ms < s->start_ms ? to->start_ms : s->start_ms;
		s->end_ms = to->end_ms > s->end_ms ? to->end_ms : s->end_ms;
		window_sessions_join(w, s->holder, s->start_ms, s->end_ms);
	}
}

bool
window_cold_take(struct window *w, int64_t ts_ms)
{
	struct window_cold *c = &w->cold;
	int64_t             since_ms = c->from_ms;
	struct endings      ending;

	if (!window_cold_open(w) || !take_parts(w, when_add(when_add(ts_ms, 1), c->ahead_ms)))
		return false;
	w->spill.has_changed = true;
	drop_empty(w);
	if (c->n_runs == 0) {
		c->from_ms = WHEN_MIN;
		return true;
	}
	ending = find_endings(w, since_ms);
	for (size_t i = 0; ending.n > 0 && i < c->n_runs; i++)
		widen_by_run(w, &c->runs[i], &ending);
	join_widened(w, &ending);
	free(ending.all);
	return !w->spill.spill->failed;
}
