/* pick - the value that goes with the least or the greatest of another path */
#include "agg/pick.h"

#include "agg/number.h"
#include "agg/saved.h"

bool
pick_check(const struct scan_value *v, struct agg_input *in, const char **reason)
{
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

static void
offer(struct pick *p, const struct agg_input *in, struct agg_at at, struct arena *arena, int direction)
{
	int order = p->by.kind == SCAN_MISSING ? 1 : extreme_compare(in, &p->by) * direction;

	if (order < 0 || (order == 0 && !agg_is_before(at, p->at)))
		return;
	extreme_keep(&p->by, in, arena);
	p->at = at;
	kept_set(&p->value, in->whole, arena);
}

void
pick_add(struct pick *p, const struct agg_input *in, struct arena *arena, int direction)
{
	offer(p, in, *in->at, arena, direction);
}

void
pick_merge(struct pick *p, const struct pick *from, struct arena *arena, int direction)
{
	struct agg_input in = { .whole = kept_text(&from->value) };

	if (from->by.kind == SCAN_MISSING)
		return;
	extreme_input(&from->by, &in);
	offer(p, &in, from->at, arena, direction);
}

bool
pick_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	const struct pick *p = acc;

	(void)scope;
	if (p->by.kind == SCAN_MISSING)
		buf_lit(b, "null");
	else
		buf_span(b, kept_text(&p->value));
	return true;
}

void
pick_save(const void *acc, struct buf *b)
{
	const struct pick *p = acc;

	if (p->by.kind == SCAN_MISSING) {
		buf_lit(b, "null");
		return;
	}
	buf_char(b, '[');
	extreme_save(&p->by, b);
	buf_char(b, ',');
	buf_i64(b, p->at.ts_ms);
	buf_char(b, ',');
	buf_u64(b, p->at.arrival);
	buf_char(b, ',');
	buf_span(b, kept_text(&p->value));
	buf_char(b, ']');
}

bool
pick_load(void *acc, struct span json, struct arena *arena)
{
	struct pick  *p = acc;
	struct saved  s;
	struct span   by, value;

	if (span_eq(json, SPAN_LIT("null")))
		return true;
	if (!saved_open(&s, json) || !saved_next(&s, &by) || !saved_i64(&s, &p->at.ts_ms) ||
	    !saved_count(&s, &p->at.arrival) || !saved_next(&s, &value) || !saved_at_end(&s))
		return false;
	if (!extreme_load(&p->by, by, arena) || p->by.kind == SCAN_MISSING)
		return false;
	kept_set(&p->value, value, arena);
	return true;
}
