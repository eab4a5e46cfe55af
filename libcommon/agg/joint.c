/* joint - two numbers of each record: what corr and slope have in common */
#include "agg/joint.h"

#include "agg/saved.h"

static const struct dec one = { 1, 0 };

void
joint_add(void *acc, const struct agg_input *in, struct arena *arena)
{
	struct joint *j = acc;

	j->n++;
	num_dot_add(&j->y, in->number, one, arena);
	num_dot_add(&j->x, in->other, one, arena);
	num_dot_add(&j->yy, in->number, in->number, arena);
	num_dot_add(&j->xx, in->other, in->other, arena);
	num_dot_add(&j->yx, in->number, in->other, arena);
}

void
joint_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	struct joint       *j = acc;
	const struct joint *other = from;

	(void)args;
	j->n += other->n;
	num_dot_merge(&j->y, &other->y, arena);
	num_dot_merge(&j->x, &other->x, arena);
	num_dot_merge(&j->yy, &other->yy, arena);
	num_dot_merge(&j->xx, &other->xx, arena);
	num_dot_merge(&j->yx, &other->yx, arena);
}

/* n·Σab − Σa·Σb: its magnitude; true: it is negative. */
static bool
moment(struct big *to, uint64_t n, const struct num_dot *ab, const struct num_dot *a,
       const struct num_dot *b)
{
	struct big x, y, product;
	bool       minus = num_dot_big(ab, to), product_minus = num_dot_big(a, &x);

	product_minus ^= num_dot_big(b, &y);
	big_mul(&product, &x, &y);
	big_scale(to, n);
	big_scale_pow10(to, NUM_DOT_SCALE);
	if (minus != product_minus) {
		big_add(to, &product);
		return minus;
	}
	if (big_cmp(to, &product) >= 0) {
		big_sub(to, &product);
		return minus;
	}
	big_sub(&product, to);
	*to = product;
	return !minus;
}

void
joint_moments(const struct joint *j, struct joint_moments *m)
{
	moment(&m->yy, j->n, &j->yy, &j->y, &j->y);
	moment(&m->xx, j->n, &j->xx, &j->x, &j->x);
	m->yx_negative = moment(&m->yx, j->n, &j->yx, &j->y, &j->x);
}

void
joint_save(const void *acc, struct buf *b)
{
	const struct joint   *j = acc;
	const struct num_dot *sums[] = { &j->y, &j->x, &j->yy, &j->xx, &j->yx };

	buf_char(b, '[');
	buf_u64(b, j->n);
	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		buf_char(b, ',');
		num_dot_put(b, sums[i]);
	}
	buf_char(b, ']');
}

/* No more than 2^64 records can add up to, so that the result's products fit. */
static bool
is_possible(const struct joint *j)
{
	struct joint_moments m;

	joint_moments(j, &m);
	return big_bits(&m.yy) <= 1000 && big_bits(&m.xx) <= 1000 && big_bits(&m.yx) <= 1000;
}

bool
joint_load(void *acc, struct span json, struct arena *arena)
{
	struct joint   *j = acc;
	struct num_dot *sums[] = { &j->y, &j->x, &j->yy, &j->xx, &j->yx };
	struct saved    s;
	struct span     item;

	if (!saved_open(&s, json) || !saved_count(&s, &j->n))
		return false;
	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		if (!saved_next(&s, &item) || !num_dot_parse(sums[i], item, arena))
			return false;
	return saved_at_end(&s) && is_possible(j);
}
