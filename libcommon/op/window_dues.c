/* window_dues - results that are due, in order */
#include <stdlib.h>

#include "base/alloc.h"
#include "op/window_pieces.h"

void
piece_dues_add(struct piece_dues *d, struct piece_due due)
{
	if (d->n == d->cap) {
		d->cap = d->cap == 0 ? 16 : d->cap * 2;
		d->all = alloc_resized(d->all, d->cap, sizeof(*d->all));
	}
	d->all[d->n++] = due;
}

/* Each by one of its numbers; among equals the order stays. */
static void
rank_by(struct piece_dues *d, uint64_t (*number)(const struct piece_due *))
{
	for (size_t i = 0; i < d->order.n; i++)
		d->order.all[i].by = number(&d->all[d->order.all[i].what]);
	ranks_sort(&d->order);
}

static uint64_t
piece_of(const struct piece_due *d)
{
	return d->piece->number;
}

static uint64_t
start_of(const struct piece_due *d)
{
	return rank_i64(d->start_ms);
}

static uint64_t
end_of(const struct piece_due *d)
{
	return rank_i64(d->end_ms);
}

size_t
piece_dues_sort(struct piece_dues *d)
{
	struct ranks *order = &d->order;
	size_t        kept = 0;

	order->n = 0;
	ranks_reserve(order, d->n);
	for (size_t i = 0; i < d->n; i++)
		ranks_add(order, 0, i);
	rank_by(d, piece_of);
	rank_by(d, start_of);
	rank_by(d, end_of);
	for (size_t i = 0; i < order->n; i++)
		if (kept == 0 || d->all[order->all[i].what].piece != d->all[order->all[kept - 1].what].piece)
			order->all[kept++] = order->all[i];
	order->n = kept;
	return kept;
}

static struct piece *
piece_at(const struct piece_dues *d, size_t i)
{
	return i < d->order.n ? d->all[d->order.all[i].what].piece : NULL;
}

/*
 * What is due lies anywhere: the piece, by it the key's holder, and by that its slot in the index each
 * wait for memory, so they are asked for one after the other, some results before it is their turn.
 */
struct piece_due *
piece_dues_at(const struct piece_dues *d, const struct pieces *p, size_t i)
{
	enum { PIECE_AHEAD = 12, HOLDER_AHEAD = 8, SLOT_AHEAD = 4 };
	const struct piece *piece;

	if ((piece = piece_at(d, i + PIECE_AHEAD)) != NULL)
		pieces_prefetch(piece);
	if ((piece = piece_at(d, i + HOLDER_AHEAD)) != NULL)
		__builtin_prefetch(piece->holder, 1);
	if ((piece = piece_at(d, i + SLOT_AHEAD)) != NULL)
		index_prefetch(&p->by_key, piece->holder->tag);
	return &d->all[d->order.all[i].what];
}

void
piece_dues_drop(struct piece_dues *d, size_t n)
{
	struct piece_dues rest = { 0 };

	if (n == d->order.n) {
		d->n = d->order.n = 0;
		return;
	}
	for (size_t i = n; i < d->order.n; i++)
		piece_dues_add(&rest, d->all[d->order.all[i].what]);
	piece_dues_release(d);
	*d = rest;
}

void
piece_dues_release(struct piece_dues *d)
{
	free(d->all);
	ranks_release(&d->order);
	*d = (struct piece_dues){ 0 };
}
