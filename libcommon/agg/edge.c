/* edge - the first or the last value by event time */
#include "agg/edge.h"

#include "agg/number.h"
#include "agg/saved.h"

static void
offer(struct edge *e, struct agg_at at, struct span value, struct arena *arena, bool last)
{
	if (e->is_there && agg_is_before(e->at, at) != last)
		return;
	e->is_there = true;
	e->at = at;
	kept_set(&e->value, value, arena);
}

void
edge_add(struct edge *e, const struct agg_input *in, struct arena *arena, bool last)
{
	offer(e, *in->at, in->whole, arena, last);
}

void
edge_merge(struct edge *e, const struct edge *from, struct arena *arena, bool last)
{
	if (from->is_there)
		offer(e, from->at, kept_text(&from->value), arena, last);
}

bool
edge_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	const struct edge *e = acc;

	(void)scope;
	if (e->is_there)
		buf_span(b, kept_text(&e->value));
	else
		buf_lit(b, "null");
	return true;
}

void
edge_save(const void *acc, struct buf *b)
{
	const struct edge *e = acc;

	if (!e->is_there) {
		buf_lit(b, "null");
		return;
	}
	buf_char(b, '[');
	buf_i64(b, e->at.ts_ms);
	buf_char(b, ',');
	buf_u64(b, e->at.arrival);
	buf_char(b, ',');
	buf_span(b, kept_text(&e->value));
	buf_char(b, ']');
}

bool
edge_load(void *acc, struct span json, struct arena *arena)
{
	struct edge  *e = acc;
	struct saved  s;
	struct span   value;

	if (span_eq(json, SPAN_LIT("null")))
		return true;
	if (!saved_open(&s, json) || !saved_i64(&s, &e->at.ts_ms) || !saved_count(&s, &e->at.arrival) ||
	    !saved_next(&s, &value) || !saved_at_end(&s))
		return false;
	e->is_there = true;
	kept_set(&e->value, value, arena);
	return true;
}
