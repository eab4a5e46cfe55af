/* val - what is in a value */
#include "expr/val.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num_digits.h"
#include "json/text.h"

/* ---- what a record may use ---- */

int
work_fail(struct work *w, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(w->reason, sizeof(w->reason), fmt, ap);
	va_end(ap);
	return -1;
}

int
work_out_of_steps(struct work *w)
{
	w->steps_left = 0;
	return work_fail(w, "the expression takes too many steps for this record");
}

void *
work_alloc(struct work *w, size_t n)
{
	if (n > w->bytes_left) {
		w->bytes_left = 0;
		work_fail(w, "the expression takes too much memory for this record");
		return NULL;
	}
	w->bytes_left -= n;
	return arena_alloc(&w->arena, n);
}

/* ---- making ---- */

struct val
val_json(struct span s)
{
	struct val v = { .p = s.p, .n = (uint32_t)s.n };

	switch (s.p[0]) {
	case '{': v.kind = SCAN_OBJECT; break;
	case '[': v.kind = SCAN_ARRAY; break;
	case 'n': v.kind = SCAN_NULL; break;
	case 't': v.kind = SCAN_TRUE; break;
	case 'f': v.kind = SCAN_FALSE; break;
	case '"':
		v.kind = SCAN_STRING;
		v.p++;
		v.n -= 2;
		v.escaped = memchr(v.p, '\\', v.n) != NULL;
		break;
	default:  v.kind = SCAN_NUMBER; break;
	}
	return v;
}

/* Room for one more in a row that doubles. */
static int
grow(struct work *w, void **row, size_t n, size_t *cap, size_t size)
{
	void *more;

	if (n < *cap)
		return 0;
	*cap = *cap == 0 ? 4 : *cap * 2;
	more = work_alloc(w, *cap * size);
	if (more == NULL)
		return -1;
	if (n > 0)
		memcpy(more, *row, n * size);
	*row = more;
	return 0;
}

int
val_append(struct work *w, struct val_list *l, struct val v)
{
	void *row = l->items;

	if (grow(w, &row, l->n, &l->cap, sizeof(*l->items)) == -1)
		return -1;
	l->items = row;
	l->items[l->n++] = v;
	return 0;
}

int
val_add_member(struct work *w, struct val_map *m, struct span name, struct val v)
{
	void *row = m->members;

	if (grow(w, &row, m->n, &m->cap, sizeof(*m->members)) == -1)
		return -1;
	m->members = row;
	m->members[m->n++] = (struct val_member){ name, v };
	return 0;
}

static int
by_name_and_place(const void *a, const void *b)
{
	const struct val_member *const *x = a, *const *y = b;
	int c = span_cmp((*x)->name, (*y)->name);

	return c != 0 ? c : (*x > *y) - (*x < *y);
}

/* Which members stay, where there are many: those of one name side by side. */
static int
settle_many(struct work *w, struct val_map *m)
{
	struct val_member **row = work_alloc(w, m->n * sizeof(*row));
	size_t              kept = 0, run;

	if (row == NULL)
		return -1;
	for (size_t i = 0; i < m->n; i++)
		row[i] = &m->members[i];
	qsort(row, m->n, sizeof(*row), by_name_and_place);
	for (size_t i = 0; i < m->n; i += run) {
		for (run = 1; i + run < m->n && span_cmp(row[i]->name, row[i + run]->name) == 0; run++)
			row[i + run]->name.p = NULL;
		row[i]->value = row[i + run - 1]->value;
	}
	for (size_t i = 0; i < m->n; i++)
		if (m->members[i].name.p != NULL)
			m->members[kept++] = m->members[i];
	m->n = kept;
	return 0;
}

int
val_map_settle(struct work *w, struct val_map *m)
{
	size_t kept = 0, at;

	if (m->n > 16)
		return settle_many(w, m);
	for (size_t i = 0; i < m->n; i++) {
		for (at = 0; at < kept && span_cmp(m->members[at].name, m->members[i].name) != 0; at++)
			continue;
		if (at < kept)
			m->members[at].value = m->members[i].value;
		else
			m->members[kept++] = m->members[i];
	}
	m->n = kept;
	return 0;
}

/* ---- looking ---- */

const char *
val_kind(struct val v)
{
	switch (v.kind) {
	case SCAN_FALSE:
	case SCAN_TRUE:   return "boolean";
	case SCAN_NUMBER: return "number";
	case SCAN_STRING: return "string";
	case SCAN_ARRAY:  return "array";
	case SCAN_OBJECT: return "object";
	default:          return "null";
	}
}

/* The text may be followed by anything: a copy that ends. */
static double
double_slowly(struct val v)
{
	struct buf b = { 0 };
	char       place[64];
	double     d;

	if (v.n < sizeof(place)) {
		memcpy(place, v.p, v.n);
		place[v.n] = '\0';
		return strtod(place, NULL);
	}
	buf_put(&b, v.p, v.n);
	buf_char(&b, '\0');
	d = strtod(b.p, NULL);
	buf_release(&b);
	return d;
}

double
val_double(struct val v)
{
	bool     negative = !v.made && v.p[0] == '-';
	uint64_t digits = 0;
	int      scale = -1;
	double   d;

	if (v.made)
		return v.number;
	for (uint32_t i = negative; i < v.n; i++) {
		char c = v.p[i];

		if (c == '.' && scale == -1)
			scale = 0;
		else if (c >= '0' && c <= '9' && digits < UINT64_C(900000000000000)) {
			digits = digits * 10 + (uint64_t)(c - '0');
			scale += scale >= 0;
		} else {
			return double_slowly(v);
		}
	}
	if (scale > 19)
		return double_slowly(v);
	/* Both below 2^53: one rounding, the right one. */
	d = scale > 0 ? (double)digits / (double)num_pow10[scale] : (double)digits;
	return negative ? -d : d;
}

static int
decode(struct work *w, struct span escaped, struct span *to)
{
	char *copy;

	buf_reset(&w->scratch);
	text_decode(&w->scratch, escaped);
	copy = work_alloc(w, w->scratch.n + 1);
	if (copy == NULL)
		return -1;
	if (w->scratch.n > 0)
		memcpy(copy, w->scratch.p, w->scratch.n);
	*to = span_of(copy, w->scratch.n);
	return 0;
}

int
val_bytes(struct work *w, struct val v, struct span *to)
{
	*to = span_of(v.p, v.n);
	return v.made || !v.escaped ? 0 : decode(w, *to, to);
}

int
val_items(struct work *w, struct val v, const struct val_list **items)
{
	const char       *at = v.p;
	struct scan_value item;
	struct val_list  *list;

	*items = v.list;
	if (v.made)
		return 0;
	work_charge(w, v.n);
	list = work_alloc(w, sizeof(*list));
	if (list == NULL)
		return -1;
	*list = (struct val_list){ 0 };
	at++;
	while (scan_item(&at, &item))
		if (val_append(w, list, val_found(&item)) == -1)
			return -1;
	*items = list;
	return 0;
}

int
val_members(struct work *w, struct val v, const struct val_map **members)
{
	const char       *at = v.p;
	struct span       name;
	struct scan_value value;
	struct val_map   *map;

	*members = v.map;
	if (v.made)
		return 0;
	work_charge(w, v.n);
	map = work_alloc(w, sizeof(*map));
	if (map == NULL)
		return -1;
	*map = (struct val_map){ 0 };
	at++;
	while (scan_member(&at, &name, &value)) {
		if (memchr(name.p, '\\', name.n) != NULL && decode(w, name, &name) == -1)
			return -1;
		if (val_add_member(w, map, name, val_found(&value)) == -1)
			return -1;
	}
	*members = map;
	return val_map_settle(w, map);
}

bool
val_member(struct work *w, struct val v, struct span name, struct val *to)
{
	const char       *at = v.p;
	struct span       escaped;
	struct scan_value value;
	bool              found = false;

	if (v.made) {
		work_charge(w, v.map->n * sizeof(*v.map->members));
		for (size_t i = 0; i < v.map->n; i++) {
			if (span_cmp(v.map->members[i].name, name) == 0) {
				*to = v.map->members[i].value;
				return true;
			}
		}
		return false;
	}
	work_charge(w, v.n);
	at++;
	while (scan_member(&at, &escaped, &value)) {
		if (span_cmp(escaped, name) != 0 && (memchr(escaped.p, '\\', escaped.n) == NULL || !text_equal(escaped, name)))
			continue;
		*to = val_found(&value);
		found = true;
	}
	return found;
}

bool
val_item(struct work *w, struct val v, double index, struct val *to)
{
	const char            *at = v.p;
	const struct val_list *list;
	struct scan_value      item;

	if (!(index > -4e9 && index < 4e9) || index != (double)(int64_t)index)
		return false;
	if (!v.made && index >= 0) {
		work_charge(w, v.n);
		at++;
		for (int64_t i = 0; scan_item(&at, &item); i++) {
			if (i == (int64_t)index) {
				*to = val_found(&item);
				return true;
			}
		}
		return false;
	}
	if (val_items(w, v, &list) == -1)
		return false;
	if (index < 0)
		index += (double)list->n;
	if (index < 0 || index >= (double)list->n)
		return false;
	*to = list->items[(size_t)index];
	return true;
}
