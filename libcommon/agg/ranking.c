/* ranking - the n best values, or what goes with them: what top and bottom have in common */
#include "agg/ranking.h"

#include "agg/extreme.h"
#include "agg/kept.h"
#include "agg/number.h"
#include "agg/saved.h"

struct ranked {
	struct extreme by;
	_Alignas(16) struct agg_at at;
	struct kept    value;                /* with a second path */
};

enum { FIRST_CAP = 4 };

bool
ranking_check(const struct scan_value *v, struct agg_input *in, const char **reason)
{
	in->second_is_bad = false;
	if (!in->args->by_second)
		return extreme_check(v, in, reason);
	in->second_is_bad = true;
	if (!extreme_check(in->second, in, reason))
		return false;
	in->second_is_bad = false;
	if (agg_is_null(v))
		in->skip = true;
	if (!in->skip)
		in->whole = agg_whole(v);
	return true;
}

/* Does the input, of the record AT, come before R? */
static bool
is_better(const struct agg_input *in, struct agg_at at, const struct ranked *r, int direction)
{
	int order = extreme_compare(in, &r->by) * direction;

	if (order != 0)
		return order > 0;
	return in->args->by_second ? agg_is_before(at, r->at) : extreme_is_shorter(in, &r->by);
}

/* Places double; their number is at most what was asked for, or what a save had. */
static void
grow(struct ranking *r, struct arena *arena)
{
	uint32_t       cap = r->cap == 0 ? FIRST_CAP : r->cap * 2;
	struct ranked *places = arena_alloc(arena, cap * sizeof(*places));
	uint32_t      *order = arena_alloc(arena, cap * sizeof(*order));

	memset(places, 0, cap * sizeof(*places));
	if (r->n > 0) {
		memcpy(places, r->places, r->n * sizeof(*places));
		memcpy(order, r->order, r->n * sizeof(*order));
	}
	r->places = places;
	r->order = order;
	r->cap = cap;
}

/* How many stand in front of the input. */
static uint32_t
rank_of(const struct ranking *r, const struct agg_input *in, struct agg_at at, int direction)
{
	uint32_t low = 0, high = r->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (is_better(in, at, &r->places[r->order[middle]], direction))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void
fill(struct ranked *place, const struct agg_input *in, struct agg_at at, bool with_value, struct arena *arena)
{
	extreme_keep(&place->by, in, arena);
	place->at = at;
	if (with_value)
		kept_set(&place->value, in->whole, arena);
}

static void
offer(struct ranking *r, const struct agg_input *in, struct agg_at at, struct arena *arena, int direction)
{
	uint32_t rank, place;

	if (r->n >= in->args->most && !is_better(in, at, &r->places[r->order[r->n - 1]], direction))
		return;
	rank = rank_of(r, in, at, direction);
	if (r->n < in->args->most) {
		if (r->n == r->cap)
			grow(r, arena);
		place = r->n++;
	} else {
		place = r->order[r->n - 1];
	}
	memmove(r->order + rank + 1, r->order + rank, (r->n - 1 - rank) * sizeof(r->order[0]));
	r->order[rank] = place;
	fill(&r->places[place], in, at, in->args->by_second, arena);
}

void
ranking_add(struct ranking *r, const struct agg_input *in, struct arena *arena, int direction)
{
	offer(r, in, *in->at, arena, direction);
}

void
ranking_merge(struct ranking *r, const struct ranking *from, const struct agg_args *args,
              struct arena *arena, int direction)
{
	for (uint32_t i = 0; i < from->n; i++) {
		const struct ranked *place = &from->places[from->order[i]];
		struct agg_input     in = { .args = args, .whole = kept_text(&place->value) };

		extreme_input(&place->by, &in);
		offer(r, &in, place->at, arena, direction);
	}
}

bool
ranking_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	const struct ranking *r = acc;

	if (r->n == 0) {
		buf_lit(b, "null");
		return true;
	}
	for (uint32_t i = 0; i < r->n; i++) {
		const struct ranked *place = &r->places[r->order[i]];

		buf_char(b, i == 0 ? '[' : ',');
		if (scope->args->by_second)
			buf_span(b, kept_text(&place->value));
		else
			extreme_save(&place->by, b);
	}
	buf_char(b, ']');
	return true;
}

void
ranking_save(const void *acc, struct buf *b)
{
	const struct ranking *r = acc;

	buf_char(b, '[');
	for (uint32_t i = 0; i < r->n; i++) {
		const struct ranked *place = &r->places[r->order[i]];
		bool                 with_value = place->value.n > 0;

		if (i > 0)
			buf_char(b, ',');
		if (with_value)
			buf_char(b, '[');
		extreme_save(&place->by, b);
		if (!with_value)
			continue;
		buf_char(b, ',');
		buf_i64(b, place->at.ts_ms);
		buf_char(b, ',');
		buf_u64(b, place->at.arrival);
		buf_char(b, ',');
		buf_span(b, kept_text(&place->value));
		buf_char(b, ']');
	}
	buf_char(b, ']');
}

static bool
load_place(struct ranked *place, struct span item, struct arena *arena)
{
	struct saved s;
	struct span  value;

	if (saved_open(&s, item)) {
		if (!saved_next(&s, &item) || !saved_i64(&s, &place->at.ts_ms) ||
		    !saved_count(&s, &place->at.arrival) || !saved_next(&s, &value) || !saved_at_end(&s))
			return false;
		kept_set(&place->value, value, arena);
	}
	return extreme_load(&place->by, item, arena) && place->by.kind != SCAN_MISSING;
}

bool
ranking_load(void *acc, struct span json, struct arena *arena)
{
	struct ranking *r = acc;
	struct saved    s;
	struct span     item;

	if (!saved_open(&s, json))
		return false;
	while (saved_next(&s, &item)) {
		if (r->n == r->cap)
			grow(r, arena);
		if (!load_place(&r->places[r->n], item, arena))
			return false;
		r->order[r->n] = r->n;
		r->n++;
	}
	return saved_at_end(&s);
}
