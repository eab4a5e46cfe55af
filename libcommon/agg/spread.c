/* spread - the variances and standard deviations */
#include "agg/spread.h"

#include "agg/saved.h"

static const struct dec one = { 1, 0 };

void
spread_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	struct spread *s = acc;

	s->n++;
	num_dot_add(&s->x, in->number, one, arena);
	num_dot_add(&s->xx, in->number, in->number, arena);
}

void
spread_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	struct spread       *s = acc;
	const struct spread *other = from;

	(void)args;
	s->n += other->n;
	num_dot_merge(&s->x, &other->x, arena);
	num_dot_merge(&s->xx, &other->xx, arena);
}

/* Both sums are at 10^-76, their products at 10^-152. */
void
spread_put(const void *acc, struct buf *b, bool population, bool root)
{
	const struct spread *s = acc;
	struct big           x, squared, over, under;

	if (s->n < (population ? 1 : 2)) {
		buf_lit(b, "null");
		return;
	}
	num_dot_big(&s->x, &x);
	big_mul(&squared, &x, &x);
	num_dot_big(&s->xx, &over);
	big_scale(&over, s->n);
	big_scale_pow10(&over, NUM_DOT_SCALE);
	big_sub(&over, &squared);
	big_set(&under, s->n);
	big_scale(&under, population ? s->n : s->n - 1);
	if (root)
		big_put_root(b, false, &over, &under, 2 * NUM_DOT_SCALE);
	else
		big_put_ratio(b, false, &over, &under, 2 * NUM_DOT_SCALE);
}

void
spread_save(const void *acc, struct buf *b)
{
	const struct spread *s = acc;

	buf_char(b, '[');
	buf_u64(b, s->n);
	buf_char(b, ',');
	num_dot_put(b, &s->x);
	buf_char(b, ',');
	num_dot_put(b, &s->xx);
	buf_char(b, ']');
}

/* Σx² is at least (Σx)² ÷ n, whoever wrote it. */
static bool
is_possible(const struct spread *s)
{
	struct big x, squared, over;

	num_dot_big(&s->x, &x);
	if (num_dot_big(&s->xx, &over))
		return false;
	big_mul(&squared, &x, &x);
	big_scale(&over, s->n);
	big_scale_pow10(&over, NUM_DOT_SCALE);
	return big_cmp(&over, &squared) >= 0;
}

bool
spread_load(void *acc, struct span json, struct arena *arena)
{
	struct spread *s = acc;
	struct saved   items;
	struct span    x, xx;

	return saved_open(&items, json) && saved_count(&items, &s->n) && saved_next(&items, &x) &&
	    num_dot_parse(&s->x, x, arena) && saved_next(&items, &xx) && num_dot_parse(&s->xx, xx, arena) &&
	    saved_at_end(&items) && is_possible(s);
}
