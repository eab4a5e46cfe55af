/* call_inside - functions of what arrays and objects hold */
#include "expr/call_parts.h"

int
call_has(struct work *w, struct val v, struct val name, struct val *to)
{
	const struct val_list *items;
	struct val             found;
	struct span            bytes;
	double                 index;

	if (v.kind == SCAN_NULL) {
		*to = val_bool(false);
		return 0;
	}
	if (v.kind == SCAN_OBJECT && name.kind == SCAN_STRING) {
		if (val_bytes(w, name, &bytes) == -1)
			return -1;
		*to = val_bool(val_member(w, v, bytes, &found));
		return 0;
	}
	if (v.kind == SCAN_ARRAY && name.kind == SCAN_NUMBER) {
		if (val_items(w, v, &items) == -1)
			return -1;
		index = call_whole(val_double(name));
		*to = val_bool(index >= 0 && index < (double)items->n);
		return 0;
	}
	return work_fail(w, "Cannot check whether %s has a %s key", val_kind(v), val_kind(name));
}

int
call_keys(struct work *w, struct val v, struct val unused, struct val *to)
{
	const struct val_list *items = NULL;
	const struct val_map  *members;
	struct val_member     *sorted = NULL;
	struct val_list       *l;
	size_t                 n;
	char                   shown[16];

	(void)unused;
	if (v.kind != SCAN_ARRAY && v.kind != SCAN_OBJECT)
		return work_fail(w, "%s (%s) has no keys", val_kind(v), val_shown(w, v, shown));
	if (v.kind == SCAN_ARRAY) {
		if (val_items(w, v, &items) == -1)
			return -1;
		n = items->n;
	} else {
		if (val_members(w, v, &members) == -1 || (sorted = val_by_name(w, members)) == NULL)
			return -1;
		n = members->n;
	}
	l = work_alloc(w, sizeof(*l));
	if (l == NULL)
		return -1;
	*l = (struct val_list){ 0 };
	for (size_t i = 0; i < n; i++)
		if (val_append(w, l, sorted != NULL ? val_text(sorted[i].name) : val_number((double)i)) == -1)
			return -1;
	*to = val_array(l);
	return 0;
}

/* What .[] goes through. */
static int
contents(struct work *w, struct val v, const struct val_list **to)
{
	const struct val_map *members;
	struct val_list      *l;
	char                  shown[16];

	if (v.kind == SCAN_ARRAY)
		return val_items(w, v, to);
	if (v.kind != SCAN_OBJECT)
		return work_fail(w, "Cannot iterate over %s (%s)", val_kind(v), val_shown(w, v, shown));
	if (val_members(w, v, &members) == -1)
		return -1;
	l = work_alloc(w, sizeof(*l));
	if (l == NULL)
		return -1;
	*l = (struct val_list){ 0 };
	for (size_t i = 0; i < members->n; i++)
		if (val_append(w, l, members->members[i].value) == -1)
			return -1;
	*to = l;
	return 0;
}

/* How many from I on are strings. */
static size_t
strings_from(const struct val_list *l, size_t i)
{
	size_t from = i;

	while (i < l->n && l->items[i].kind == SCAN_STRING)
		i++;
	return i - from;
}

int
call_add(struct work *w, struct val v, struct val unused, struct val *to)
{
	const struct val_list *l;
	struct buf             b = { 0 };
	int                    rc = 0;

	(void)unused;
	*to = VAL_NULL;
	if (contents(w, v, &l) == -1)
		return -1;
	if (l->n > 2 && strings_from(l, 0) == l->n) {         /* in one piece, not in N growing ones */
		for (size_t i = 0; rc == 0 && i < l->n; i++)
			rc = val_put_text(w, &b, l->items[i]);
		if (rc == 0)
			rc = call_keep(w, &b, to);
		buf_release(&b);
		return rc;
	}
	for (size_t i = 0; i < l->n; i++)
		if (work_step(w) == -1 || val_plus(w, *to, l->items[i], to) == -1)
			return -1;
	return 0;
}

/* An item of join as a string: null is empty, numbers and booleans their text. */
static int
put_item(struct work *w, struct buf *b, struct val v)
{
	struct val so_far, refused;

	if (v.kind == SCAN_NULL)
		return 0;
	if (v.kind != SCAN_ARRAY && v.kind != SCAN_OBJECT)
		return val_put_text(w, b, v);
	so_far = val_text(buf_all(b));
	if (b->n == 0)
		so_far = val_text(SPAN_LIT(""));
	return val_plus(w, so_far, v, &refused);              /* for its words */
}

int
call_join(struct work *w, struct val v, struct val between, struct val *to)
{
	const struct val_list *l;
	struct buf             b = { 0 };
	struct val             refused;
	int                    rc = 0;

	if (contents(w, v, &l) == -1)
		return -1;
	for (size_t i = 0; rc == 0 && i < l->n; i++) {
		if (i > 0 && between.kind == SCAN_STRING)
			rc = val_put_text(w, &b, between);
		else if (i > 0 && between.kind != SCAN_NULL)
			rc = val_plus(w, val_text(b.n == 0 ? SPAN_LIT("") : buf_all(&b)), between, &refused);
		if (rc == 0)
			rc = work_step(w) == -1 ? -1 : put_item(w, &b, l->items[i]);
	}
	if (rc == 0)
		rc = call_keep(w, &b, to);
	buf_release(&b);
	return rc;
}
