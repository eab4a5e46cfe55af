/* val_cmp - jq's order of values */
#include <stdlib.h>

#include "base/num.h"
#include "base/num_digits.h"
#include "expr/val.h"

static int
rank(struct val v)
{
	static const unsigned char ranks[] = {
		[SCAN_NULL] = 1, [SCAN_FALSE] = 2, [SCAN_TRUE] = 3, [SCAN_NUMBER] = 4,
		[SCAN_STRING] = 5, [SCAN_ARRAY] = 6, [SCAN_OBJECT] = 7,
	};

	return ranks[v.kind];
}

static int
cmp_numbers(struct val a, struct val b)
{
	int64_t x, y;
	int     x_scale, y_scale;
	double  p, q;

	if (a.made || b.made) {
		p = val_double(a);
		q = val_double(b);
		return p < q ? -1 : p == q ? 0 : p > q ? 1 : p != p ? -1 : 1;       /* not a number is the least */
	}
	if (num_short(span_of(a.p, a.n), &x, &x_scale) && num_short(span_of(b.p, b.n), &y, &y_scale))
		return num_cmp_short(x, x_scale, y, y_scale);
	return num_cmp_text(span_of(a.p, a.n), span_of(b.p, b.n));
}

static int
cmp_strings(struct work *w, struct val a, struct val b, int *order)
{
	struct span x, y;

	if (val_bytes(w, a, &x) == -1 || val_bytes(w, b, &y) == -1)
		return -1;
	work_charge(w, x.n < y.n ? x.n : y.n);
	*order = span_cmp(x, y);
	return 0;
}

static int
cmp_arrays(struct work *w, struct val a, struct val b, int *order)
{
	const struct val_list *x, *y;

	if (val_items(w, a, &x) == -1 || val_items(w, b, &y) == -1)
		return -1;
	for (size_t i = 0; i < x->n && i < y->n; i++)
		if (val_cmp(w, x->items[i], y->items[i], order) == -1 || *order != 0)
			return *order != 0 ? 0 : -1;
	*order = (x->n > y->n) - (x->n < y->n);
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct val_member *x = a, *y = b;

	return span_cmp(x->name, y->name);
}

struct val_member *
val_by_name(struct work *w, const struct val_map *m)
{
	struct val_member *row = work_alloc(w, (m->n + 1) * sizeof(*row));

	if (row != NULL && m->n > 0) {
		memcpy(row, m->members, m->n * sizeof(*row));
		qsort(row, m->n, sizeof(*row), by_name);
	}
	return row;
}

/* First the sets of names, as arrays; then the values, in the order of the names. */
static int
cmp_objects(struct work *w, struct val a, struct val b, int *order)
{
	const struct val_map *x, *y;
	struct val_member    *left, *right;

	if (val_members(w, a, &x) == -1 || val_members(w, b, &y) == -1)
		return -1;
	left = val_by_name(w, x);
	right = val_by_name(w, y);
	if (left == NULL || right == NULL)
		return -1;
	for (size_t i = 0; i < x->n && i < y->n; i++) {
		*order = span_cmp(left[i].name, right[i].name);
		if (*order != 0)
			return 0;
	}
	*order = (x->n > y->n) - (x->n < y->n);
	for (size_t i = 0; *order == 0 && i < x->n; i++)
		if (val_cmp(w, left[i].value, right[i].value, order) == -1)
			return -1;
	return 0;
}

int
val_cmp(struct work *w, struct val a, struct val b, int *order)
{
	*order = rank(a) - rank(b);
	if (*order != 0)
		return 0;
	if (work_step(w) == -1)
		return -1;
	switch (a.kind) {
	case SCAN_NUMBER:
		*order = cmp_numbers(a, b);
		return 0;
	case SCAN_STRING: return cmp_strings(w, a, b, order);
	case SCAN_ARRAY:  return cmp_arrays(w, a, b, order);
	case SCAN_OBJECT: return cmp_objects(w, a, b, order);
	default:          return 0;
	}
}

int
val_equal(struct work *w, struct val a, struct val b, bool *equal)
{
	int order;

	if (a.kind == SCAN_STRING && b.kind == SCAN_STRING && !a.escaped && !b.escaped) {
		work_charge(w, a.n);
		*equal = a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
		return 0;
	}
	if (val_cmp(w, a, b, &order) == -1)
		return -1;
	*equal = order == 0;
	return 0;
}
