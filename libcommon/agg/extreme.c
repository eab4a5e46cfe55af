/* extreme - the least or the greatest value seen: what min and max have in common */
#include "agg/extreme.h"

#include "agg/number.h"
#include "json/text.h"

static const char *
text_of(const struct extreme *e)
{
	return e->cap == 0 ? e->near : e->far;
}

bool
extreme_check(const struct scan_value *v, struct agg_input *in, const char **reason)
{
	in->skip = agg_is_null(v);
	if (in->skip)
		return true;
	if (v->kind != SCAN_NUMBER && v->kind != SCAN_STRING) {
		*reason = "is neither a number nor a string";
		return false;
	}
	in->kind = v->kind;
	in->escaped = v->escaped;
	in->text = span_of(v->p, v->n);
	in->is_dec = v->kind == SCAN_NUMBER && num_parse(in->text, &in->number);
	return true;
}

static int
compare_decoded(struct span a, struct span b)
{
	struct buf x = { 0 }, y = { 0 };
	int        order;

	text_decode(&x, a);
	text_decode(&y, b);
	order = span_cmp(buf_all(&x), buf_all(&y));
	buf_release(&x);
	buf_release(&y);
	return order;
}

int
extreme_compare(const struct agg_input *in, const struct extreme *e)
{
	struct span text = span_of(text_of(e), e->n);

	if (in->kind != e->kind)
		return in->kind == SCAN_STRING ? 1 : -1;
	if (in->is_dec && e->is_dec)
		return num_cmp(in->number, (struct dec){ e->coef, e->scale });
	if (in->kind == SCAN_NUMBER)
		return num_cmp_text(in->text, text);
	if (in->escaped || e->escaped)
		return compare_decoded(in->text, text);
	return span_cmp(in->text, text);
}

bool
extreme_is_shorter(const struct agg_input *in, const struct extreme *e)
{
	if (in->text.n != e->n)
		return in->text.n < e->n;
	return span_cmp(in->text, span_of(text_of(e), e->n)) < 0;
}

/* Room for N bytes of text.  What once is in the arena stays there, and grows by doubling. */
static char *
make_room(struct extreme *e, uint32_t n, struct arena *arena)
{
	uint64_t cap = e->cap == 0 ? 2 * EXTREME_INLINE : e->cap;

	if (e->cap == 0 && n <= EXTREME_INLINE)
		return e->near;
	if (n <= e->cap)
		return e->far;
	while (cap < n)
		cap *= 2;
	e->cap = cap > UINT32_MAX ? UINT32_MAX : (uint32_t)cap;
	e->far = arena_alloc(arena, e->cap);
	return e->far;
}

void
extreme_keep(struct extreme *e, const struct agg_input *in, struct arena *arena)
{
	char *to = make_room(e, (uint32_t)in->text.n, arena);

	if (in->text.n > 0)
		memcpy(to, in->text.p, in->text.n);
	e->n = (uint32_t)in->text.n;
	e->kind = in->kind;
	e->escaped = in->escaped;
	e->is_dec = in->is_dec;
	if (in->is_dec) {
		e->coef = in->number.coef;
		e->scale = in->number.scale;
	}
}

void
extreme_add(struct extreme *e, const struct agg_input *in, struct arena *arena, int direction)
{
	int order = e->kind == SCAN_MISSING ? 1 : extreme_compare(in, e) * direction;

	if (order > 0 || (order == 0 && extreme_is_shorter(in, e)))
		extreme_keep(e, in, arena);
}

void
extreme_input(const struct extreme *from, struct agg_input *in)
{
	in->kind = from->kind;
	in->escaped = from->escaped;
	in->text = span_of(text_of(from), from->n);
	in->is_dec = from->is_dec;
	in->number = (struct dec){ from->coef, from->scale };
}

void
extreme_merge(struct extreme *e, const struct extreme *from, struct arena *arena, int direction)
{
	struct agg_input in = { .skip = false };

	extreme_input(from, &in);
	if (from->kind != SCAN_MISSING)
		extreme_add(e, &in, arena, direction);
}

void
extreme_save(const void *acc, struct buf *b)
{
	const struct extreme *e = acc;

	switch (e->kind) {
	case SCAN_NUMBER:
		buf_put(b, text_of(e), e->n);
		break;
	case SCAN_STRING:
		buf_char(b, '"');
		buf_put(b, text_of(e), e->n);
		buf_char(b, '"');
		break;
	default:
		buf_lit(b, "null");
	}
}

bool
extreme_result(const void *acc, const struct agg_scope *scope, struct buf *b)
{
	(void)scope;
	extreme_save(acc, b);
	return true;
}

bool
extreme_load(void *acc, struct span json, struct arena *arena)
{
	struct agg_input in = { .kind = SCAN_NUMBER, .text = json };

	if (span_eq(json, SPAN_LIT("null")))
		return true;
	if (json.n >= 2 && json.p[0] == '"') {
		in.kind = SCAN_STRING;
		in.text = span_of(json.p + 1, json.n - 2);
		in.escaped = memchr(in.text.p, '\\', in.text.n) != NULL;
	} else if (json.n > 0 && (json.p[0] == '-' || (json.p[0] >= '0' && json.p[0] <= '9'))) {
		in.is_dec = num_parse(json, &in.number);
	} else {
		return false;
	}
	extreme_keep(acc, &in, arena);
	return true;
}
