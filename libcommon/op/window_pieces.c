/* window_pieces - what comes and goes by key */
#include "op/window_pieces.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"

enum {
	CLEAN_FROM = 1024,               /* a shorter list may hold what is gone */
	GROUP_GROWTH = 8                 /* keys looked ahead at: 1, 8, 64; a refused record wastes little */
};

static const uint32_t IS_NULL_KEY = UINT32_MAX;

struct pieces *
pieces_new(size_t value_bytes, uint64_t hash_seed)
{
	struct pieces *p = alloc_zeroed(1, sizeof(*p));

	p->value_bytes = value_bytes;
	p->hash_seed = hash_seed;
	p->generation = 1;
	slab_init(&p->all, sizeof(struct piece) + value_bytes);
	slab_init(&p->holders, sizeof(struct holder));
	return p;
}

/* ---- keys ---- */

static inline struct span
holder_key(const struct holder *h)
{
	if (h->n_key == IS_NULL_KEY)
		return SPAN_NONE;
	return span_of(h->n_key <= PIECES_NEAR_BYTES ? h->near : h->far, h->n_key);
}

struct span
piece_key(const struct piece *piece)
{
	return holder_key(piece->holder);
}

static inline uint64_t
hash_key(const struct pieces *p, struct span key)
{
	return key.p == NULL ? 0 : hash_bytes(key, p->hash_seed);
}

static inline uint32_t
tag_of(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

struct holder *
pieces_find(const struct pieces *p, struct span key, uint64_t hash)
{
	struct index_probe probe = index_probe(&p->by_key, tag_of(hash));
	uint32_t           place;

	while (index_next(&probe, &place)) {
		struct holder *h = slab_at(&p->holders, place);

		if (span_eq(holder_key(h), key))
			return h;
	}
	return NULL;
}

/*
 * One after the other, each record would wait for memory three times (slot, holder, piece) where
 * there are more keys than the caches hold; here a whole batch waits three times.
 */
void
pieces_prepare(const struct pieces *p, const struct span *keys, size_t n, uint64_t *hashes)
{
	const struct holder *likely[STORE_BATCH];
	struct index_probe   probe;
	uint32_t             place;

	assert(n <= STORE_BATCH);
	for (size_t i = 0; i < n; i++) {
		hashes[i] = hash_key(p, keys[i]);
		index_prefetch(&p->by_key, tag_of(hashes[i]));
	}
	for (size_t i = 0; i < n; i++) {
		probe = index_probe(&p->by_key, tag_of(hashes[i]));
		likely[i] = index_next(&probe, &place) ? slab_at(&p->holders, place) : NULL;
		__builtin_prefetch(likely[i]);
	}
	for (size_t i = 0; i < n; i++)
		if (likely[i] != NULL)
			pieces_prefetch(likely[i]->first);
}

size_t
window_prepare_pieces(const struct window *w, const struct rec *recs, size_t n, size_t *group, uint64_t *hashes)
{
	struct span keys[STORE_BATCH];
	size_t      here = n < *group ? n : *group;

	for (size_t i = 0; i < here; i++)
		keys[i] = w->conf.global_key ? SPAN_NONE : recs[i].key;
	pieces_prepare(w->pieces, keys, here, hashes);
	*group = *group * GROUP_GROWTH < STORE_BATCH ? *group * GROUP_GROWTH : STORE_BATCH;
	return here;
}

static struct holder *
find_or_make(struct pieces *p, struct span key, uint64_t hash)
{
	struct holder *h = pieces_find(p, key, hash);
	uint32_t       place;

	if (h != NULL)
		return h;
	assert(key.n < IS_NULL_KEY);
	h = slab_take(&p->holders, &place);
	h->place = place;
	h->tag = tag_of(hash);
	h->n_key = key.p == NULL ? IS_NULL_KEY : (uint32_t)key.n;
	if (key.n > PIECES_NEAR_BYTES)
		h->far = alloc_string_n(key.p, key.n);
	else if (key.n > 0)
		memcpy(h->near, key.p, key.n);
	index_add(&p->by_key, h->tag, place);
	return h;
}

static void
free_key(struct holder *h)
{
	if (h->n_key != IS_NULL_KEY && h->n_key > PIECES_NEAR_BYTES)
		free(h->far);
}

static void
drop_holder(struct pieces *p, struct holder *h)
{
	index_take(&p->by_key, h->tag, h->place);
	free_key(h);
	slab_give_back(&p->holders, h->place);
	if (p->holders.n == 0)
		index_release(&p->by_key);
}

/* ---- numbers, for those who load ---- */

static uint32_t
number_tag(uint64_t number)
{
	return (uint32_t)(number * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static void
forget_numbers(struct pieces *p)
{
	index_release(&p->by_number);
	p->has_numbers = false;
}

static struct piece *
find_number(struct pieces *p, uint64_t number)
{
	struct index_probe probe;
	uint32_t           place;

	for (uint32_t i = 0; !p->has_numbers && i < p->all.n_places; i++)
		if (pieces_at(p, i)->is_there)
			index_add(&p->by_number, number_tag(pieces_at(p, i)->number), i);
	p->has_numbers = true;
	probe = index_probe(&p->by_number, number_tag(number));
	while (index_next(&probe, &place))
		if (pieces_at(p, place)->number == number)
			return pieces_at(p, place);
	return NULL;
}

void
pieces_rank(const struct pieces *p, struct ranks *r)
{
	for (uint32_t i = 0; i < p->all.n_places; i++)
		if (pieces_at(p, i)->is_there)
			ranks_add(r, pieces_at(p, i)->number, i);
	ranks_sort(r);
}

/* ---- pieces ---- */

/* By number: nearly always it is the last one. */
static void
put_in(struct holder *h, struct piece *piece)
{
	struct piece **at = &h->first;

	if (h->last != NULL && h->last->number < piece->number)
		at = &h->last->next;
	while (*at != NULL && (*at)->number < piece->number)
		at = &(*at)->next;
	piece->next = *at;
	*at = piece;
	if (piece->next == NULL)
		h->last = piece;
}

static struct piece *
add(struct pieces *p, struct span key, uint64_t hash, uint64_t number)
{
	struct holder *h = find_or_make(p, key, hash);
	uint32_t       place;
	struct piece  *piece = slab_take(&p->all, &place);

	piece->holder = h;
	piece->number = number;
	piece->place = place;
	piece->is_there = true;
	put_in(h, piece);
	return piece;
}

struct piece *
pieces_add(struct pieces *p, struct span key, uint64_t hash)
{
	if (p->has_numbers)
		forget_numbers(p);
	return add(p, key, hash, p->next_number++);
}

struct piece *
pieces_put_back(struct pieces *p, struct span key, uint64_t number)
{
	if (p->has_numbers)
		forget_numbers(p);
	return add(p, key, hash_key(p, key), number);
}

void
piece_untell(struct piece *piece)
{
	if (piece->n_told == 0)
		return;
	for (uint32_t i = 0; i < piece->n_told; i++)
		free(piece->told[i].payload);
	free(piece->told);
	piece->told = NULL;
	piece->n_told = 0;
}

void
piece_tell(struct piece *piece, int64_t start_ms, int64_t end_ms, struct span payload)
{
	piece->told = alloc_resized(piece->n_told == 0 ? NULL : piece->told, piece->n_told + 1, sizeof(*piece->told));
	piece->told[piece->n_told++] =
	    (struct told){ start_ms, end_ms, alloc_string_n(payload.p, payload.n), payload.n };
}

static void
take_out(struct pieces *p, struct piece *piece)
{
	struct holder *h = piece->holder;
	struct piece  *before = NULL;

	for (struct piece *at = h->first; at != piece; at = at->next)
		before = at;
	if (before == NULL)
		h->first = piece->next;
	else
		before->next = piece->next;
	if (h->last == piece)
		h->last = before;
	if (h->first == NULL)
		drop_holder(p, h);
}

static void
note_dropped(struct pieces *p, uint64_t number)
{
	if (p->n_dropped == p->cap_dropped) {
		p->cap_dropped = p->cap_dropped == 0 ? 16 : p->cap_dropped * 2;
		p->dropped = alloc_resized(p->dropped, p->cap_dropped, sizeof(*p->dropped));
	}
	p->dropped[p->n_dropped++] = number;
}

void
pieces_drop(struct pieces *p, struct piece *piece)
{
	if (piece->changed_in == p->generation)
		p->n_changed--;
	if (piece->is_saved)
		note_dropped(p, piece->number);
	if (p->has_numbers)
		index_take(&p->by_number, number_tag(piece->number), piece->place);
	take_out(p, piece);
	piece_untell(piece);
	arena_release(&piece->arena);
	piece->is_there = piece->has_timer = false;
	slab_give_back(&p->all, piece->place);
	if (p->all.n == 0)
		timers_release(&p->timers);
}

struct piece *
pieces_restore(struct pieces *p, struct span key, uint64_t number)
{
	struct piece *piece = find_number(p, number);

	if (number >= p->next_number)
		return NULL;
	if (piece == NULL) {
		piece = add(p, key, hash_key(p, key), number);
		index_add(&p->by_number, number_tag(number), piece->place);
	} else {
		if (!span_eq(piece_key(piece), key))
			return NULL;
		piece_untell(piece);
		arena_reset(&piece->arena);
		memset(piece->value, 0, p->value_bytes);
	}
	piece->is_saved = true;
	return piece;
}

bool
pieces_drop_saved(struct pieces *p, uint64_t number)
{
	struct piece *piece = find_number(p, number);

	if (piece == NULL)
		return false;
	pieces_drop(p, piece);
	p->n_dropped = 0;                /* who is loading has nothing new to say */
	return true;
}

void
pieces_free(struct pieces *p)
{
	if (p == NULL)
		return;
	for (uint32_t i = 0; i < p->all.n_places; i++) {
		struct piece *piece = pieces_at(p, i);

		if (!piece->is_there)
			continue;
		if (piece->holder->last == piece)
			free_key(piece->holder);
		piece_untell(piece);
		arena_release(&piece->arena);
	}
	slab_release(&p->all);
	slab_release(&p->holders);
	index_release(&p->by_key);
	index_release(&p->by_number);
	timers_release(&p->timers);
	free(p->changed.all);
	free(p->touched.all);
	free(p->dropped);
	free(p);
}

/* ---- what changed ---- */

static uint32_t
list_add(struct piece_list *l, const struct piece *piece)
{
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 16 : l->cap * 2;
		l->all = alloc_resized(l->all, l->cap, sizeof(*l->all));
	}
	l->all[l->n] = piece->place;
	return (uint32_t)l->n++;
}

/* The thing at a place that was written down; NULL: all went since. */
static struct piece *
listed(const struct pieces *p, const struct piece_list *l, size_t i)
{
	return l->all[i] < p->all.n_places ? pieces_at(p, l->all[i]) : NULL;
}

struct piece *
pieces_changed_at(const struct pieces *p, size_t i)
{
	struct piece *piece = listed(p, &p->changed, i);

	return piece != NULL && piece->is_there && piece->changed_in == p->generation && piece->changed_at == i ? piece : NULL;
}

struct piece *
pieces_touched_at(const struct pieces *p, size_t i)
{
	struct piece *piece = listed(p, &p->touched, i);

	return piece != NULL && piece->is_there && piece->touched_at == i ? piece : NULL;
}

/* Lists that nobody ever settles must not grow with what is gone. */
static void
forget_gone(struct pieces *p)
{
	struct piece *piece;
	size_t        kept = 0;

	for (size_t i = 0; i < p->changed.n; i++) {
		if ((piece = pieces_changed_at(p, i)) == NULL)
			continue;
		p->changed.all[kept] = piece->place;
		piece->changed_at = (uint32_t)kept++;
	}
	p->changed.n = kept;
	kept = 0;
	for (size_t i = 0; i < p->touched.n; i++) {
		if ((piece = pieces_touched_at(p, i)) == NULL)
			continue;
		p->touched.all[kept] = piece->place;
		piece->touched_at = (uint32_t)kept++;
	}
	p->touched.n = kept;
}

void
pieces_touch(struct pieces *p, struct piece *piece, uint64_t tick)
{
	if (piece->tick == tick)
		return;
	if (p->touched.n >= CLEAN_FROM && p->touched.n >= 2 * (size_t)p->all.n)
		forget_gone(p);
	piece->tick = tick;
	piece->touched_at = list_add(&p->touched, piece);
}

void
pieces_change(struct pieces *p, struct piece *piece, uint64_t tick)
{
	if (tick != 0)
		pieces_touch(p, piece, tick);
	if (piece->changed_in == p->generation)
		return;
	if (p->changed.n >= CLEAN_FROM && p->changed.n >= 2 * p->n_changed)
		forget_gone(p);
	piece->changed_in = p->generation;
	piece->changed_at = list_add(&p->changed, piece);
	p->n_changed++;
}

void
pieces_count(const struct pieces *p, uint64_t *all, uint64_t *changed)
{
	*all = p->all.n;
	*changed = p->n_dropped + p->n_changed;
}

void
pieces_settle(struct pieces *p)
{
	for (size_t i = 0; i < p->changed.n; i++) {
		struct piece *piece = pieces_changed_at(p, i);

		if (piece != NULL)
			piece->is_saved = true;
	}
	p->changed.n = p->n_changed = p->n_dropped = 0;
	p->generation++;
}

/* What lies beside the piece itself. */
static uint64_t
variable_bytes(const struct piece *piece)
{
	const struct holder *h = piece->holder;
	uint64_t             n = piece->arena.total + piece->n_told * sizeof(*piece->told);

	for (uint32_t i = 0; i < piece->n_told; i++)
		n += piece->told[i].n;
	return n + (h->n_key != IS_NULL_KEY && h->n_key > PIECES_NEAR_BYTES ? h->n_key : 0);
}

/* What lies beside all of them, about. */
static uint64_t
all_variable_bytes(const struct pieces *p)
{
	enum { LOOKED_AT = 4096 };
	uint64_t n = 0, looked_at = 0;

	for (uint32_t i = 0; i < p->all.n_places && looked_at < LOOKED_AT; i++) {
		if (!pieces_at(p, i)->is_there)
			continue;
		n += variable_bytes(pieces_at(p, i));
		looked_at++;
	}
	return looked_at == 0 ? 0 : n * p->all.n / looked_at;
}

static uint64_t
beside_bytes(const struct pieces *p)
{
	return all_variable_bytes(p) + index_bytes(&p->by_key) + index_bytes(&p->by_number) + timers_bytes(&p->timers) - sizeof(p->timers) +
	       (p->changed.cap + p->touched.cap) * sizeof(uint32_t) + p->cap_dropped * sizeof(uint64_t);
}

uint64_t
pieces_bytes(const struct pieces *p)
{
	return sizeof(*p) + beside_bytes(p) + slab_bytes(&p->all) + slab_bytes(&p->holders);
}

uint64_t
pieces_used_bytes(const struct pieces *p)
{
	return beside_bytes(p) + p->all.n * p->all.stride + p->holders.n * p->holders.stride;
}

/* ---- timers ---- */

void
pieces_wake(struct pieces *p, struct piece *piece, int64_t at_ms)
{
	if (piece->has_timer && piece->timer_ms <= at_ms)
		return;
	piece->has_timer = true;
	piece->timer_ms = at_ms;
	timers_add(&p->timers, (struct timer){ at_ms, piece->place });
}

void
pieces_clear_timers(struct pieces *p)
{
	timers_release(&p->timers);
	for (uint32_t i = 0; i < p->all.n_places; i++) {
		const struct piece *piece = pieces_at(p, i);

		if (piece->is_there && piece->has_timer)
			timers_add(&p->timers, (struct timer){ piece->timer_ms, i });
	}
}

size_t
pieces_woken(struct pieces *p, int64_t now_ms, struct piece **woken, size_t most)
{
	struct timer due[STORE_BATCH];
	size_t       n, kept;

	do {
		for (n = 0; n < most && timers_take(&p->timers, now_ms, &due[n]); n++)
			if (due[n].number < p->all.n_places)
				pieces_prefetch(pieces_at(p, due[n].number));
		for (size_t i = kept = 0; i < n; i++) {
			struct piece *piece = due[i].number < p->all.n_places ? pieces_at(p, due[i].number) : NULL;

			/* The place may be another's by now; the time tells whether it is its timer. */
			if (piece == NULL || !piece->has_timer || piece->timer_ms != due[i].at_ms)
				continue;
			piece->has_timer = false;
			woken[kept++] = piece;
		}
	} while (n > 0 && kept == 0);
	return kept;
}
