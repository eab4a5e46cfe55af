/* join_keep - what a join keeps: records by key and side, when they are looked at, what of them changed */
#include "op/join_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"

/* What malloc makes of that many bytes, about. */
static size_t
cost_of(size_t n)
{
	return (n + 8 + 15) & ~(size_t)15;
}

/* ---- keys ---- */

struct holder *
join_find(const struct chains *c, const struct join_on *on)
{
	struct chain_link *link = chains_first(c, on->hash);

	for (; link != NULL; link = link->next) {
		struct holder *h = (struct holder *)link;

		if (link->hash == on->hash && span_eq(holder_key(h), on->key))
			return h;
	}
	return NULL;
}

struct holder *
join_hold(struct join *j, struct chains *c, const struct join_on *on)
{
	struct holder *h = join_find(c, on);

	if (h != NULL)
		return h;
	h = alloc_zeroed(1, sizeof(*h) + on->key.n);
	h->link.hash = on->hash;
	h->due_ms = WHEN_MAX;
	h->n_key = on->key.p == NULL ? NULL_KEY : (uint32_t)on->key.n;
	if (on->key.n > 0)
		memcpy(h->key, on->key.p, on->key.n);
	chains_put(c, &h->link);
	j->holder_bytes += cost_of(sizeof(*h) + holder_key(h).n);
	return h;
}

void
join_let_go(struct join *j, struct chains *c, struct holder *h)
{
	if (h->lanes[LEFT].n > 0 || h->lanes[RIGHT].n > 0 || h->n_timers > 0)
		return;
	chains_take(c, &h->link);
	j->holder_bytes -= cost_of(sizeof(*h) + holder_key(h).n);
	free(h);
}

static void
free_kept(struct join *j, enum join_side side, struct kept *k)
{
	size_t            n = sizeof(*k) + kept_front(j, side, k);
	struct text_place place;

	if (j->texts == NULL) {
		n += k->n;
	} else if (k->n > 0) {
		memcpy(&place, (const char *)k + n, sizeof(place));
		texts_give(j->texts, place, k->n);
		n += sizeof(place);
	}
	slabs_give(&j->slabs, k, n);
	j->n_kept--;
}

static void
free_lane(struct join *j, enum join_side side, struct lane *l)
{
	struct lane_place  p = { 0, 0 };
	struct lane_item  *item;

	j->lane_bytes -= lane_bytes(l);
	while ((item = lane_next(l, &p)) != NULL)
		free_kept(j, side, kept_of(item));
	lane_release(l);
}

/* Empty places in the chains are left behind: the caller releases them. */
void
join_free_holders(struct join *j, struct chains *c)
{
	struct chains_walk w = { 0, NULL };
	struct chain_link *link;

	while ((link = chains_walk(c, &w)) != NULL) {
		struct holder *h = (struct holder *)link;

		free_lane(j, LEFT, &h->lanes[LEFT]);
		free_lane(j, RIGHT, &h->lanes[RIGHT]);
		j->holder_bytes -= cost_of(sizeof(*h) + holder_key(h).n);
		free(h);
	}
	chains_release(c);
}

/* ---- what changed ---- */

static void
note_changed(struct join *j, struct holder *h, struct kept *k)
{
	if (!j->is_tracking || kept_is(k, KEPT_CHANGED))
		return;
	if (j->n_changed == j->cap_changed) {
		j->cap_changed = j->cap_changed == 0 ? 64 : j->cap_changed * 2;
		j->changed = alloc_resized(j->changed, j->cap_changed, sizeof(*j->changed));
	}
	k->slot = (uint32_t)j->n_changed;
	k->at.order |= KEPT_CHANGED;
	j->changed[j->n_changed++] = (struct join_changed){ k, h };
}

/* The last one takes its place. */
static void
forget_changed(struct join *j, struct kept *k)
{
	if (!kept_is(k, KEPT_CHANGED))
		return;
	j->changed[k->slot] = j->changed[--j->n_changed];
	j->changed[k->slot].kept->slot = k->slot;
	k->at.order &= ~(uint64_t)KEPT_CHANGED;
}

void
join_set(struct join *j, struct holder *h, struct kept *k, enum kept_flag flag)
{
	if (kept_is(k, flag))
		return;
	k->at.order |= flag;
	note_changed(j, h, k);
}

void
join_move(struct join *j, struct holder *h, enum join_side side, struct kept *k, struct text_place place)
{
	memcpy(k->bytes + kept_front(j, side, k), &place, sizeof(place));
	if (!kept_is(k, KEPT_NEW))
		join_set(j, h, k, KEPT_MOVED);
}

void
join_settle(struct op *op)
{
	struct join *j = (struct join *)op;

	for (size_t i = 0; i < j->n_changed; i++)
		j->changed[i].kept->at.order &= ~(uint64_t)(KEPT_CHANGED | KEPT_NEW | KEPT_MOVED);
	j->n_changed = 0;
	if (j->cap_changed > 4096) {         /* a burst is over, maybe */
		free(j->changed);
		j->changed = NULL;
		j->cap_changed = 0;
	}
	if (j->gone.cap > 1024 * 1024)
		buf_release(&j->gone);
	buf_reset(&j->gone);
	j->n_gone = 0;
	if (j->texts != NULL)
		texts_settle(j->texts);
	j->is_tracking = true;
}

void
join_entries(const struct op *op, uint64_t *all, uint64_t *changed)
{
	const struct join *j = (const struct join *)op;

	*all = 1 + (j->conf.mode == JOIN_TABLE ? 0 : j->n_kept) + (j->texts == NULL ? 0 : texts_lines(j->texts, false));
	*changed = j->is_tracking ? 1 + j->n_changed + j->n_gone + (j->texts == NULL ? 0 : texts_lines(j->texts, true)) : *all;
}

/* ---- records ---- */

/* Where in the line at j->line the payload stands; 0 bytes: it has none. */
static struct kept_place
find_place(struct join *j)
{
	struct scan_value  v;
	struct scan_result s;
	bool               quoted;

	memset(buf_reserve(&j->line, SCAN_PAD), 0, SCAN_PAD);
	scan_line(j->place_scan, j->line.p, &v, &s);
	if (s.verdict != SCAN_OK || v.kind == SCAN_MISSING)
		return (struct kept_place){ 0, 0 };
	quoted = v.kind == SCAN_STRING;
	return (struct kept_place){ (uint32_t)(v.p - j->line.p) - quoted, v.n + 2U * quoted };
}

struct kept *
join_keep_at(struct join *j, struct holder *h, enum join_side side, int64_t ts_ms, uint64_t number, unsigned flags,
             int64_t from_ms, struct span text, struct text_place place_of_text)
{
	bool         has_from = from_ms != WHEN_MIN, has_place = side == LEFT && j->keeps_place;
	size_t       n_text = j->texts == NULL ? text.n : text.n > 0 ? sizeof(place_of_text) : 0;
	struct kept *k = slabs_take(&j->slabs, sizeof(*k) + has_from * sizeof(from_ms) + has_place * sizeof(struct kept_place) + n_text);
	char        *to = k->bytes;

	k->at = (struct lane_item){ ts_ms, number << KEPT_FLAGS_BITS | flags | (has_from ? KEPT_FROM : 0U) };
	k->n = (uint32_t)text.n;
	k->slot = 0;
	if (has_from) {
		memcpy(to, &from_ms, sizeof(from_ms));
		to += sizeof(from_ms);
	}
	if (has_place) {
		struct kept_place place = text.p == NULL ? (struct kept_place){ 0, 0 } : find_place(j);

		memcpy(to, &place, sizeof(place));
		to += sizeof(place);
	}
	if (n_text > 0)
		memcpy(to, j->texts == NULL ? text.p : (const char *)&place_of_text, n_text);
	j->lane_bytes -= lane_bytes(&h->lanes[side]);
	lane_put(&h->lanes[side], &k->at);
	j->lane_bytes += lane_bytes(&h->lanes[side]);
	j->n_kept++;
	return k;
}

struct kept *
join_keep_text(struct join *j, struct holder *h, enum join_side side, int64_t ts_ms, uint64_t number, unsigned flags,
               int64_t from_ms, struct span text)
{
	struct text_place place = { 0, 0 };

	if (j->texts != NULL && text.n > 0)
		place = texts_add(j->texts, side, text);
	return join_keep_at(j, h, side, ts_ms, number, flags, from_ms, text, place);
}

struct span
join_find_payload(struct join *j, enum join_side side, struct kept *k)
{
	struct span       text = join_text_of(j, side, k);
	struct kept_place place;

	buf_reset(&j->line);
	buf_span(&j->line, text);
	buf_char(&j->line, '\n');
	place = find_place(j);
	memcpy(k->bytes + (kept_is(k, KEPT_FROM) ? sizeof(int64_t) : 0), &place, sizeof(place));
	return span_of(text.p + place.at, place.n);
}

struct kept *
join_keep(struct join *j, struct holder *h, enum join_side side, const struct rec *r, const struct join_on *on,
          int64_t from_ms, unsigned flags, struct emit *e)
{
	struct span  text = SPAN_NONE;
	struct kept *k;

	if (side == LEFT && join_passes(j)) {
		buf_reset(&j->line);
		rec_put(&j->line, r, e->origin);
		text = span_of(j->line.p, j->line.n - 1);
	} else if (j->keeps_text[side] && (flags & KEPT_DELETES) == 0) {
		text = r->payload;
	}
	flags |= on->is_void ? KEPT_VOID : 0U;
	k = join_keep_text(j, h, side, r->has_ts ? r->ts_ms : 0, j->n_arrived++, flags, from_ms, text);
	if (j->is_tracking && j->conf.mode != JOIN_TABLE) {
		k->at.order |= KEPT_NEW;
		note_changed(j, h, k);
	}
	if (j->texts != NULL && j->texts->memory_bytes > j->room_bytes)
		join_spill(j);
	return k;
}

void
join_expire(struct join *j, struct holder *h, enum join_side side, struct kept *k)
{
	struct lane *l = &h->lanes[side];

	forget_changed(j, k);
	j->lane_bytes -= lane_bytes(l);
	lane_take(l, &k->at);
	j->lane_bytes += lane_bytes(l);
	free_kept(j, side, k);
}

void
join_drop(struct join *j, struct holder *h, enum join_side side, struct kept *k)
{
	if (j->is_tracking && !kept_is(k, KEPT_NEW) && j->conf.mode != JOIN_TABLE)
		join_put_gone(j, h, side, k);
	join_expire(j, h, side, k);
}

/* ---- timers ---- */

void
join_wake(struct join *j, struct holder *h, int64_t at_ms)
{
	if (at_ms == WHEN_MAX)
		at_ms--;                         /* at the end everything is looked at; MAX itself stands for "not set" */
	if (at_ms >= h->due_ms)
		return;
	h->due_ms = at_ms;
	h->n_timers++;
	wheel_add(&j->wheel, (struct timer){ at_ms, (uint64_t)(uintptr_t)h });
}

static void
remember(struct join *j, struct holder *h)
{
	if (j->n_woken == j->cap_woken) {
		j->cap_woken = j->cap_woken == 0 ? 64 : j->cap_woken * 2;
		j->woken = alloc_resized(j->woken, j->cap_woken, sizeof(struct holder *));
	}
	j->woken[j->n_woken++] = h;
}

void
join_woken(struct join *j)
{
	struct timer t;

	j->n_woken = 0;
	wheel_turn(&j->wheel, j->watermark_ms);
	while (wheel_take(&j->wheel, &t)) {
		struct holder *h = (struct holder *)(uintptr_t)t.number;

		if (h->due_ms == t.at_ms) {
			h->due_ms = WHEN_MAX;
			remember(j, h);              /* its timer counts until join_rest */
		} else {
			h->n_timers--;               /* an earlier one took its place */
			join_let_go(j, &j->holders, h);
		}
	}
}

/* A lane's things, or its only one. */
static inline void
prefetch_lanes(const struct holder *h)
{
	__builtin_prefetch(h->lanes[LEFT].at);
	__builtin_prefetch(h->lanes[RIGHT].at);
}

/* Holders of lists that are gone through are asked for so far ahead, what is in their lanes a little later. */
enum { NEAR = 4, FAR = 8 };

struct holder *
join_woken_at(struct join *j, size_t i)
{
	if (i + FAR < j->n_woken)
		__builtin_prefetch(j->woken[i + FAR]);
	if (i + NEAR < j->n_woken)
		prefetch_lanes(j->woken[i + NEAR]);
	return j->woken[i];
}

const struct join_window_due *
join_window_due_at(const struct join *j, size_t i)
{
	if (i + FAR < j->n_window_dues)
		__builtin_prefetch(j->window_dues[i + FAR].holder);
	if (i + NEAR < j->n_window_dues)
		prefetch_lanes(j->window_dues[i + NEAR].holder);
	return &j->window_dues[i];
}

void
join_prefetch(const struct join *j, const struct join_on *on, size_t n)
{
	const struct chain_link *links[JOIN_BATCH];

	for (size_t i = 0; i < n; i++) {
		links[i] = chains_first(&j->holders, on[i].hash);
		__builtin_prefetch(links[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (links[i] != NULL)
			prefetch_lanes((const struct holder *)links[i]);
}

void
join_rest(struct join *j, struct holder *h)
{
	h->n_timers--;
	join_let_go(j, &j->holders, h);
}

/* ---- records whose time has come ---- */

void
join_due_add(struct join *j, enum join_side side, struct holder *h, struct kept *k)
{
	if (j->n_dues == j->cap_dues) {
		j->cap_dues = j->cap_dues == 0 ? 64 : j->cap_dues * 2;
		j->dues = alloc_resized(j->dues, j->cap_dues, sizeof(*j->dues));
	}
	j->dues[j->n_dues++] = (struct join_due){ k->at.ts_ms, kept_number(k), h, k, side };
}

static int
compare_dues(const void *a, const void *b)
{
	const struct join_due *x = a, *y = b;

	if (x->ts_ms != y->ts_ms)
		return x->ts_ms < y->ts_ms ? -1 : 1;
	if (x->side != y->side)
		return x->side < y->side ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

void
join_dues_sort(struct join *j)
{
	if (j->n_dues > 1)
		qsort(j->dues, j->n_dues, sizeof(*j->dues), compare_dues);
}
