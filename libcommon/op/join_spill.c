/*
 * join_spill - a join whose records have no room in memory
 *
 * What is needed to find a record, some 50 bytes and its key, stays in memory; its text goes to disk where all together
 * takes more than the limit, those first that came first (state/texts.h).  Most partners of a record come soon, so most
 * texts that are asked for are in memory; and what is oldest, whatever the join, is the next to go for good.
 */
#include "op/join_parts.h"

#include <stdlib.h>

#include "base/alloc.h"

enum {
	LEAST_ROOM = 8,                  /* at least this part of the limit is for texts, however much the rest takes */
	PORTION = 4                      /* at least this part of the room goes to disk at once */
};

void
join_spill_init(struct join *j)
{
	if (j->conf.spill == NULL || join_left_alone(j->conf.mode))
		return;
	j->texts = alloc_zeroed(1, sizeof(*j->texts));
	texts_init(j->texts, j->conf.spill, j->conf.memory_bytes);
	j->limit_bytes = j->conf.memory_bytes - j->conf.memory_bytes / 4;
	j->room_bytes = j->limit_bytes;
}

void
join_spill_release(struct join *j)
{
	if (j->texts == NULL)
		return;
	texts_release(j->texts);
	free(j->texts);
}

/* All but the texts. */
static uint64_t
index_bytes(const struct join *j)
{
	return (j->texts == NULL ? 0 : texts_beside_bytes(j->texts)) + slabs_bytes(&j->slabs) + j->holder_bytes + j->lane_bytes +
	       chains_bytes(&j->holders) + chains_bytes(&j->next_table) + wheel_bytes(&j->wheel) +
	       j->cap_changed * sizeof(struct join_changed) + j->gone.cap;
}

uint64_t
join_bytes(const struct op *op)
{
	const struct join *j = (const struct join *)op;

	return index_bytes(j) + (j->texts == NULL ? 0 : j->texts->memory_bytes);
}

void
join_look_at_memory(struct join *j)
{
	uint64_t rest = index_bytes(j), least = j->limit_bytes / LEAST_ROOM;

	j->room_bytes = j->limit_bytes > rest + least ? j->limit_bytes - rest : least;
}

void
join_spill(struct join *j)
{
	texts_spill(j->texts, j->texts->memory_bytes - j->room_bytes + j->room_bytes / PORTION);
}

static void
move(struct join *j, struct holder *h, enum join_side side, struct kept *k)
{
	struct text_place from = kept_text_place(j, side, k);
	struct span       text = join_text_of(j, side, k);

	if (join_has_failed(j))
		return;
	join_move(j, h, side, k, texts_add(j->texts, side, text));
	texts_give(j->texts, from, k->n);
	if (j->texts->memory_bytes > j->room_bytes)
		join_spill(j);
}

void
join_tidy_slow(struct join *j)
{
	struct chains_walk  walk = { 0, NULL };
	struct chain_link  *link;

	while ((link = chains_walk(&j->holders, &walk)) != NULL) {
		struct holder *h = (struct holder *)link;

		for (int side = LEFT; side <= RIGHT; side++) {
			struct lane_place  p = { 0, 0 };
			struct lane_item  *item;

			while ((item = lane_next(&h->lanes[side], &p)) != NULL) {
				struct kept *k = kept_of(item);

				if (k->n > 0 && texts_is_sparse(j->texts, kept_text_place(j, (enum join_side)side, k)))
					move(j, h, (enum join_side)side, k);
			}
		}
	}
}
