/*
 * dedup_id - who a record is
 *
 * Ids are equal where keys would be: a string counts by its decoded bytes, another scalar by its
 * text; of several values, null is one, and all null is no id.
 */
#include <stdio.h>
#include <stdlib.h>

#include "json/text.h"
#include "op/dedup_parts.h"

static struct span
value_span(const struct scan_value *v)
{
	return span_of(v->p, v->n);
}

static enum dedup_id
bad(struct op_refusal *r, const char *path, const struct scan_value *v)
{
	*r = (struct op_refusal){ .kind = OP_REFUSED_BAD };
	snprintf(r->reason, sizeof(r->reason), "%s is an %s: no id", path, v->kind == SCAN_ARRAY ? "array" : "object");
	return DEDUP_BAD_ID;
}

static bool
is_none(const struct scan_value *v)
{
	return v->kind == SCAN_MISSING || v->kind == SCAN_NULL;
}

static enum dedup_id
one_value(struct dedup *d, const struct scan_value *v, struct hash_print *p)
{
	struct span text = value_span(v);

	if (v->kind == SCAN_STRING && v->escaped) {
		buf_reset(&d->scratch);
		buf_reserve(&d->scratch, 1);
		text_decode(&d->scratch, text);
		text = buf_all(&d->scratch);
	}
	*p = hash_print(text, d->conf.seed);
	return DEDUP_ID;
}

/* Each with its length and kind before it, so that no two lists of values give the same bytes. */
static void
put_part(struct buf *b, const struct scan_value *v)
{
	size_t   at = b->n;
	uint64_t head;

	buf_put(b, &(uint64_t){ 0 }, sizeof(uint64_t));
	if (v->kind == SCAN_STRING && v->escaped)
		text_decode(b, value_span(v));
	else if (!is_none(v))
		buf_span(b, value_span(v));
	head = (uint64_t)(b->n - at) << 2 | (is_none(v) ? 0 : v->kind == SCAN_STRING ? 1 : 2);
	memcpy(b->p + at, &head, sizeof(head));
}

static enum dedup_id
several_values(struct dedup *d, const struct scan_value *v, size_t n, struct hash_print *p)
{
	buf_reset(&d->scratch);
	for (size_t i = 0; i < n; i++)
		put_part(&d->scratch, &v[i]);
	*p = hash_print(buf_all(&d->scratch), d->conf.seed);
	return DEDUP_ID;
}

enum dedup_id
dedup_print(struct dedup *d, const struct rec *rec, struct hash_print *p, struct op_refusal *r)
{
	const struct scan_value *v = rec->wanted + 1;
	size_t                   n = d->n_wants - 1, n_none = 0;

	if (n == 0) {
		if (rec->key.p == NULL)
			return DEDUP_NO_ID;
		*p = hash_print(rec->key, d->conf.seed);
		return DEDUP_ID;
	}
	for (size_t i = 0; i < n; i++) {
		if (v[i].kind == SCAN_ARRAY || v[i].kind == SCAN_OBJECT)
			return bad(r, d->wants[i + 1]->text, &v[i]);
		n_none += is_none(&v[i]);
	}
	if (n_none == n || (n_none > 0 && d->conf.by_id))
		return DEDUP_NO_ID;
	return n == 1 ? one_value(d, v, p) : several_values(d, v, n, p);
}
