/* window_pieces - what comes and goes by key */
#include "op/window_pieces.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"

enum { FIRST_BUCKETS = 64 };

struct pieces *
pieces_new(size_t value_bytes, uint64_t hash_seed)
{
	struct pieces *p = alloc_zeroed(1, sizeof(*p));

	p->value_bytes = value_bytes;
	p->hash_seed = hash_seed;
	p->generation = 1;
	p->n_buckets = FIRST_BUCKETS;
	p->buckets = alloc_zeroed(p->n_buckets, sizeof(*p->buckets));
	return p;
}

/* ---- keys ---- */

static struct span
holder_key(const struct holder *h)
{
	return h->is_null ? SPAN_NONE : span_of(h->key, h->n_key);
}

struct span
piece_key(const struct piece *piece)
{
	return holder_key(piece->holder);
}

static uint64_t
hash_key(const struct pieces *p, struct span key)
{
	return key.p == NULL ? 0 : hash_bytes(key, p->hash_seed);
}

static struct holder *
find(const struct pieces *p, struct span key, uint64_t hash)
{
	struct holder *h = p->buckets[hash & (p->n_buckets - 1)];

	while (h != NULL && !(h->hash == hash && span_eq(holder_key(h), key)))
		h = h->next;
	return h;
}

struct holder *
pieces_find(const struct pieces *p, struct span key)
{
	return find(p, key, hash_key(p, key));
}

static void
grow_buckets(struct pieces *p)
{
	size_t          n = p->n_buckets * 2;
	struct holder **buckets = alloc_zeroed(n, sizeof(*buckets)), *h, *next;

	for (size_t i = 0; i < p->n_buckets; i++) {
		for (h = p->buckets[i]; h != NULL; h = next) {
			next = h->next;
			h->next = buckets[h->hash & (n - 1)];
			buckets[h->hash & (n - 1)] = h;
		}
	}
	free(p->buckets);
	p->buckets = buckets;
	p->n_buckets = n;
}

static struct holder *
find_or_make(struct pieces *p, struct span key)
{
	uint64_t       hash = hash_key(p, key);
	struct holder *h = find(p, key, hash), **bucket;

	if (h != NULL)
		return h;
	if (p->n_holders++ == p->n_buckets)
		grow_buckets(p);
	bucket = &p->buckets[hash & (p->n_buckets - 1)];
	h = alloc_bytes(sizeof(*h) + key.n);
	*h = (struct holder){ .next = *bucket, .hash = hash, .n_key = key.n, .is_null = key.p == NULL };
	if (key.n > 0)
		memcpy(h->key, key.p, key.n);
	*bucket = h;
	return h;
}

static void
drop_holder(struct pieces *p, struct holder *h)
{
	struct holder **at = &p->buckets[h->hash & (p->n_buckets - 1)];

	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	p->n_holders--;
	free(h);
}

/* ---- pieces ---- */

static void
add_number(uint64_t **list, size_t *n, size_t *cap, uint64_t number)
{
	if (*n == *cap) {
		*cap = *cap == 0 ? 16 : *cap * 2;
		*list = alloc_resized(*list, *cap, sizeof(**list));
	}
	(*list)[(*n)++] = number;
}

static struct piece *
add(struct pieces *p, struct span key, uint64_t number)
{
	struct holder *h = find_or_make(p, key);
	struct piece  *piece = alloc_zeroed(1, sizeof(*piece) + p->value_bytes);

	piece->holder = h;
	piece->number = number;
	if (h->last == NULL)
		h->first = piece;
	else
		h->last->next = piece;
	h->last = piece;
	order_put(&p->by_number, (int64_t)number, piece);
	return piece;
}

struct piece *
pieces_add(struct pieces *p, struct span key)
{
	return add(p, key, p->next_number++);
}

struct piece *
pieces_following(const struct pieces *p, uint64_t number)
{
	return order_at_or_above(&p->by_number, (int64_t)number);
}

struct piece *
pieces_by_number(const struct pieces *p, uint64_t number)
{
	struct piece *piece = pieces_following(p, number);

	return piece != NULL && piece->number == number ? piece : NULL;
}

void
piece_untell(struct piece *piece)
{
	for (uint32_t i = 0; i < piece->n_told; i++)
		free(piece->told[i].payload);
	free(piece->told);
	piece->told = NULL;
	piece->n_told = 0;
}

void
piece_tell(struct piece *piece, int64_t start_ms, int64_t end_ms, struct span payload)
{
	piece->told = alloc_resized(piece->told, piece->n_told + 1, sizeof(*piece->told));
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
free_piece(struct piece *piece)
{
	piece_untell(piece);
	arena_release(&piece->arena);
	free(piece);
}

void
pieces_drop(struct pieces *p, struct piece *piece)
{
	order_take(&p->by_number, (int64_t)piece->number);
	if (piece->changed_in == p->generation)
		p->n_changed_alive--;
	if (piece->is_saved)
		add_number(&p->dropped, &p->n_dropped, &p->cap_dropped, piece->number);
	take_out(p, piece);
	free_piece(piece);
}

struct piece *
pieces_restore(struct pieces *p, struct span key, uint64_t number)
{
	struct piece *piece = pieces_by_number(p, number);

	if (number >= p->next_number)
		return NULL;
	if (piece == NULL) {
		piece = add(p, key, number);
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
	struct piece *piece = pieces_by_number(p, number);

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
	for (size_t i = 0; i < p->n_buckets; i++) {
		for (struct holder *h = p->buckets[i], *next; h != NULL; h = next) {
			next = h->next;
			for (struct piece *piece = h->first, *later; piece != NULL; piece = later) {
				later = piece->next;
				free_piece(piece);
			}
			free(h);
		}
	}
	order_release(&p->by_number);
	timers_release(&p->timers);
	free(p->buckets);
	free(p->changed);
	free(p->dropped);
	free(p->touched);
	free(p);
}

/* ---- what changed ---- */

/* A store nobody ever settles must not grow with what is gone. */
static void
forget_gone(struct pieces *p)
{
	size_t kept = 0;

	if (p->n_changed < 1024 || p->n_changed < 2 * p->n_changed_alive)
		return;
	for (size_t i = 0; i < p->n_changed; i++)
		if (pieces_by_number(p, p->changed[i]) != NULL)
			p->changed[kept++] = p->changed[i];
	p->n_changed = kept;
}

void
pieces_touch(struct pieces *p, struct piece *piece, uint64_t tick)
{
	if (piece->tick == tick)
		return;
	piece->tick = tick;
	add_number(&p->touched, &p->n_touched, &p->cap_touched, piece->number);
}

void
pieces_change(struct pieces *p, struct piece *piece, uint64_t tick)
{
	if (tick != 0)
		pieces_touch(p, piece, tick);
	if (piece->changed_in == p->generation)
		return;
	forget_gone(p);
	piece->changed_in = p->generation;
	p->n_changed_alive++;
	add_number(&p->changed, &p->n_changed, &p->cap_changed, piece->number);
}

void
pieces_count(const struct pieces *p, uint64_t *all, uint64_t *changed)
{
	*all = p->by_number.n;
	*changed = p->n_dropped + p->n_changed_alive;
}

static uint64_t
holder_bytes(const struct pieces *p, const struct holder *h)
{
	uint64_t n = sizeof(*h) + h->n_key;

	for (const struct piece *piece = h->first; piece != NULL; piece = piece->next) {
		n += sizeof(*piece) + p->value_bytes + piece->arena.total + piece->n_told * sizeof(*piece->told);
		for (uint32_t i = 0; i < piece->n_told; i++)
			n += piece->told[i].n;
	}
	return n;
}

/* Keys lie in buckets at random, so the first buckets stand for all. */
uint64_t
pieces_bytes(const struct pieces *p)
{
	enum { LOOKED_AT = 4096 };
	size_t   n_buckets = p->n_buckets < LOOKED_AT ? p->n_buckets : LOOKED_AT;
	uint64_t n = 0;

	for (size_t i = 0; i < n_buckets; i++)
		for (const struct holder *h = p->buckets[i]; h != NULL; h = h->next)
			n += holder_bytes(p, h);
	n *= p->n_buckets / n_buckets;           /* both are powers of two */
	return n + sizeof(*p) + p->n_buckets * sizeof(*p->buckets) + order_bytes(&p->by_number)
	       + (p->cap_changed + p->cap_dropped + p->cap_touched) * sizeof(uint64_t);
}

void
pieces_settle(struct pieces *p)
{
	for (size_t i = 0; i < p->n_changed; i++) {
		struct piece *piece = pieces_by_number(p, p->changed[i]);

		if (piece != NULL)
			piece->is_saved = true;
	}
	p->n_changed = p->n_changed_alive = p->n_dropped = 0;
	p->generation++;
}

/* ---- timers ---- */

void
pieces_wake(struct pieces *p, struct piece *piece, int64_t at_ms)
{
	if (piece->has_timer && piece->timer_ms <= at_ms)
		return;
	piece->has_timer = true;
	piece->timer_ms = at_ms;
	timers_add(&p->timers, (struct timer){ at_ms, piece->number });
}

struct piece *
pieces_woken(struct pieces *p, int64_t now_ms)
{
	struct timer t;

	while (timers_take(&p->timers, now_ms, &t)) {
		struct piece *piece = pieces_by_number(p, t.number);

		if (piece == NULL || !piece->has_timer || piece->timer_ms != t.at_ms)
			continue;
		piece->has_timer = false;
		return piece;
	}
	return NULL;
}

/* ---- results that are due ---- */

void
piece_dues_add(struct piece_dues *d, struct piece_due due)
{
	if (d->n == d->cap) {
		d->cap = d->cap == 0 ? 16 : d->cap * 2;
		d->all = alloc_resized(d->all, d->cap, sizeof(*d->all));
	}
	d->all[d->n++] = due;
}

static int
compare(const void *a, const void *b)
{
	const struct piece_due *x = a, *y = b;

	if (x->end_ms != y->end_ms)
		return x->end_ms < y->end_ms ? -1 : 1;
	if (x->start_ms != y->start_ms)
		return x->start_ms < y->start_ms ? -1 : 1;
	return (x->piece->number > y->piece->number) - (x->piece->number < y->piece->number);
}

void
piece_dues_sort(struct piece_dues *d)
{
	size_t kept = 0;

	if (d->n == 0)
		return;
	qsort(d->all, d->n, sizeof(*d->all), compare);
	for (size_t i = 0; i < d->n; i++)
		if (i == 0 || d->all[i].piece != d->all[kept - 1].piece)
			d->all[kept++] = d->all[i];
	d->n = kept;
}

void
piece_dues_release(struct piece_dues *d)
{
	free(d->all);
	*d = (struct piece_dues){ 0 };
}
