/* truth - was there a true, was there a false: what any and all have in common */
#include "agg/truth.h"

#include "agg/number.h"
#include "agg/saved.h"

bool
truth_check(const struct scan_value *v, struct agg_input *in, const char **reason)
{
	in->skip = agg_is_null(v);
	if (in->skip)
		return true;
	in->kind = v->kind;
	if (v->kind == SCAN_TRUE || v->kind == SCAN_FALSE)
		return true;
	*reason = "is neither true nor false";
	return false;
}

void
truth_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	struct truth *t = acc;

	(void)arena;
	t->some_true |= in->kind == SCAN_TRUE;
	t->some_false |= in->kind == SCAN_FALSE;
}

void
truth_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	struct truth       *t = acc;
	const struct truth *other = from;

	(void)args;
	(void)arena;
	t->some_true |= other->some_true;
	t->some_false |= other->some_false;
}

void
truth_save(const void *acc, struct buf *b)
{
	const struct truth *t = acc;

	buf_str(b, t->some_true ? "[true," : "[false,");
	buf_str(b, t->some_false ? "true]" : "false]");
}

static bool
read_bool(struct saved *s, bool *to)
{
	struct span item;

	if (!saved_next(s, &item))
		return false;
	*to = span_eq(item, SPAN_LIT("true"));
	return *to || span_eq(item, SPAN_LIT("false"));
}

bool
truth_load(void *acc, struct span json, struct arena *arena)
{
	struct truth *t = acc;
	struct saved  s;

	(void)arena;
	return saved_open(&s, json) && read_bool(&s, &t->some_true) && read_bool(&s, &t->some_false) &&
	    saved_at_end(&s);
}
