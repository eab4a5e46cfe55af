/* val_math - what + - * / % mean for each kind of value */
#include "expr/val.h"

static int
refuse(struct work *w, struct val a, struct val b, const char *why)
{
	char x[16], y[16];

	val_shown(w, a, x);
	val_shown(w, b, y);
	return work_fail(w, "%s (%s) and %s (%s) cannot be %s", val_kind(a), x, val_kind(b), y, why);
}

static bool
both(struct val a, struct val b, enum scan_kind kind)
{
	return a.kind == kind && b.kind == kind;
}

static int
join_strings(struct work *w, struct val a, struct val b, struct val *to)
{
	struct span x, y;
	char       *joined;

	if (val_bytes(w, a, &x) == -1 || val_bytes(w, b, &y) == -1)
		return -1;
	joined = work_alloc(w, x.n + y.n + 1);
	if (joined == NULL)
		return -1;
	if (x.n > 0)
		memcpy(joined, x.p, x.n);
	if (y.n > 0)
		memcpy(joined + x.n, y.p, y.n);
	*to = val_text(span_of(joined, x.n + y.n));
	return 0;
}

static int
join_arrays(struct work *w, struct val a, struct val b, struct val *to)
{
	const struct val_list *x, *y;
	struct val_list       *l;

	if (val_items(w, a, &x) == -1 || val_items(w, b, &y) == -1)
		return -1;
	l = work_alloc(w, sizeof(*l));
	if (l == NULL)
		return -1;
	*l = (struct val_list){ .n = x->n + y->n, .cap = x->n + y->n };
	l->items = work_alloc(w, l->n * sizeof(*l->items));
	if (l->items == NULL)
		return -1;
	if (x->n > 0)
		memcpy(l->items, x->items, x->n * sizeof(*l->items));
	if (y->n > 0)
		memcpy(l->items + x->n, y->items, y->n * sizeof(*l->items));
	*to = val_array(l);
	return 0;
}

/* DEEP: what are objects on both sides is joined in the same way. */
static int
join_objects(struct work *w, struct val a, struct val b, bool deep, struct val *to)
{
	const struct val_map *x, *y;
	struct val_map       *m;
	struct val            old, new;

	if (work_step(w) == -1 || val_members(w, a, &x) == -1 || val_members(w, b, &y) == -1)
		return -1;
	m = work_alloc(w, sizeof(*m));
	if (m == NULL)
		return -1;
	*m = (struct val_map){ .cap = x->n + y->n, .n = x->n };
	m->members = work_alloc(w, m->cap * sizeof(*m->members));
	if (m->members == NULL)
		return -1;
	if (x->n > 0)
		memcpy(m->members, x->members, x->n * sizeof(*m->members));
	for (size_t i = 0; i < y->n; i++) {
		new = y->members[i].value;
		if (deep && new.kind == SCAN_OBJECT && val_member(w, val_object(x), y->members[i].name, &old) &&
		    old.kind == SCAN_OBJECT && join_objects(w, old, new, true, &new) == -1)
			return -1;
		if (work_step(w) == -1 || val_add_member(w, m, y->members[i].name, new) == -1)
			return -1;
	}
	*to = val_object(m);
	return val_map_settle(w, m);
}

int
val_plus(struct work *w, struct val a, struct val b, struct val *to)
{
	if (a.kind == SCAN_NULL || b.kind == SCAN_NULL) {
		*to = a.kind == SCAN_NULL ? b : a;
		return 0;
	}
	if (both(a, b, SCAN_NUMBER)) {
		*to = val_number(val_double(a) + val_double(b));
		return 0;
	}
	if (both(a, b, SCAN_STRING))
		return join_strings(w, a, b, to);
	if (both(a, b, SCAN_ARRAY))
		return join_arrays(w, a, b, to);
	if (both(a, b, SCAN_OBJECT))
		return join_objects(w, a, b, false, to);
	return refuse(w, a, b, "added");
}

static int
without(struct work *w, struct val a, struct val b, struct val *to)
{
	const struct val_list *x, *y;
	struct val_list       *l;

	if (val_items(w, a, &x) == -1 || val_items(w, b, &y) == -1)
		return -1;
	l = work_alloc(w, sizeof(*l));
	if (l == NULL)
		return -1;
	*l = (struct val_list){ 0 };
	for (size_t i = 0; i < x->n; i++) {
		bool found = false;

		for (size_t j = 0; !found && j < y->n; j++)
			if (work_step(w) == -1 || val_equal(w, x->items[i], y->items[j], &found) == -1)
				return -1;
		if (!found && val_append(w, l, x->items[i]) == -1)
			return -1;
	}
	*to = val_array(l);
	return 0;
}

int
val_minus(struct work *w, struct val a, struct val b, struct val *to)
{
	if (both(a, b, SCAN_NUMBER)) {
		*to = val_number(val_double(a) - val_double(b));
		return 0;
	}
	if (both(a, b, SCAN_ARRAY))
		return without(w, a, b, to);
	return refuse(w, a, b, "subtracted");
}

/* As often as the whole part of TIMES says, at least once; null where that is not positive. */
static int
repeat(struct work *w, struct val text, double times, struct val *to)
{
	struct span s;
	char       *row;
	size_t      n;

	if (!(times > 0)) {
		*to = VAL_NULL;
		return 0;
	}
	if (val_bytes(w, text, &s) == -1)
		return -1;
	n = times < 1 ? 1 : times < 1e9 ? (size_t)times : (size_t)1e9;
	row = work_alloc(w, s.n * n + 1);
	if (row == NULL)
		return -1;
	for (size_t i = 0; s.n > 0 && i < n; i++)
		memcpy(row + i * s.n, s.p, s.n);
	*to = val_text(span_of(row, s.n * n));
	return 0;
}

int
val_times(struct work *w, struct val a, struct val b, struct val *to)
{
	if (both(a, b, SCAN_NUMBER)) {
		*to = val_number(val_double(a) * val_double(b));
		return 0;
	}
	if (a.kind == SCAN_STRING && b.kind == SCAN_NUMBER)
		return repeat(w, a, val_double(b), to);
	if (a.kind == SCAN_NUMBER && b.kind == SCAN_STRING)
		return repeat(w, b, val_double(a), to);
	if (both(a, b, SCAN_OBJECT))
		return join_objects(w, a, b, true, to);
	return refuse(w, a, b, "multiplied");
}

/* How many bytes the character at P has. */
static size_t
character(const char *p, size_t left)
{
	size_t n = 1;

	while (n < left && ((unsigned char)p[n] & 0xC0) == 0x80)
		n++;
	return n;
}

int
val_split(struct work *w, struct span text, struct span separator, struct val *to)
{
	struct val_list *l = work_alloc(w, sizeof(*l));
	const char      *p = text.p, *end = text.p + text.n, *next;

	if (l == NULL)
		return -1;
	*l = (struct val_list){ 0 };
	*to = val_array(l);
	work_charge(w, text.n);
	while (separator.n == 0 && p < end) {
		size_t n = character(p, (size_t)(end - p));

		if (val_append(w, l, val_text(span_of(p, n))) == -1)
			return -1;
		p += n;
	}
	if (separator.n == 0 || text.n == 0)
		return 0;
	while ((next = memmem(p, (size_t)(end - p), separator.p, separator.n)) != NULL) {
		if (val_append(w, l, val_text(span_of(p, (size_t)(next - p)))) == -1)
			return -1;
		p = next + separator.n;
	}
	return val_append(w, l, val_text(span_of(p, (size_t)(end - p))));
}

int
val_divide(struct work *w, struct val a, struct val b, struct val *to)
{
	struct span x, y;

	if (both(a, b, SCAN_NUMBER)) {
		if (val_double(b) == 0)
			return refuse(w, a, b, "divided because the divisor is zero");
		*to = val_number(val_double(a) / val_double(b));
		return 0;
	}
	if (both(a, b, SCAN_STRING))
		return val_bytes(w, a, &x) == -1 || val_bytes(w, b, &y) == -1 ? -1 : val_split(w, x, y, to);
	return refuse(w, a, b, "divided");
}

/* Towards zero, the ends of the range for what lies beyond; 0 for what is no number. */
static int64_t
whole(double d)
{
	return d != d ? 0 : d >= 9.2233720368547758e18 ? INT64_MAX : d <= -9.2233720368547758e18 ? -INT64_MAX : (int64_t)d;
}

int
val_modulo(struct work *w, struct val a, struct val b, struct val *to)
{
	int64_t divisor;

	if (!both(a, b, SCAN_NUMBER))
		return refuse(w, a, b, "divided (remainder)");
	divisor = whole(val_double(b));
	if (divisor == 0)
		return refuse(w, a, b, "divided (remainder) because the divisor is zero");
	*to = val_number((double)(whole(val_double(a)) % divisor));
	return 0;
}

int
val_negate(struct work *w, struct val v, struct val *to)
{
	char shown[16];

	if (v.kind != SCAN_NUMBER)
		return work_fail(w, "%s (%s) cannot be negated", val_kind(v), val_shown(w, v, shown));
	*to = val_number(-val_double(v));
	return 0;
}
