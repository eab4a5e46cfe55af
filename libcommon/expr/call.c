/* call - the functions of a value */
#include "expr/call_parts.h"

static int
not(struct work *w, struct val v, struct val unused, struct val *to)
{
	(void)w;
	(void)unused;
	*to = val_bool(!val_truth(v));
	return 0;
}

static int
type(struct work *w, struct val v, struct val unused, struct val *to)
{
	(void)w;
	(void)unused;
	*to = val_text(span_str(val_kind(v)));
	return 0;
}

static size_t
characters(struct span s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return n;
}

static int
length(struct work *w, struct val v, struct val unused, struct val *to)
{
	const struct val_list *items;
	const struct val_map  *members;
	struct span            bytes;
	size_t                 n = 0;

	(void)unused;
	switch (v.kind) {
	case SCAN_FALSE:
	case SCAN_TRUE:
		return work_fail(w, "boolean (%s) has no length", v.kind == SCAN_TRUE ? "true" : "false");
	case SCAN_NUMBER:
		*to = val_number(__builtin_fabs(val_double(v)));
		return 0;
	case SCAN_STRING:
		if (val_bytes(w, v, &bytes) == -1)
			return -1;
		work_charge(w, bytes.n);
		n = characters(bytes);
		break;
	case SCAN_ARRAY:
		if (val_items(w, v, &items) == -1)
			return -1;
		n = items->n;
		break;
	case SCAN_OBJECT:
		if (val_members(w, v, &members) == -1)
			return -1;
		n = members->n;
		break;
	default:
		break;
	}
	*to = val_number((double)n);
	return 0;
}

int
call_keep(struct work *w, const struct buf *b, struct val *to)
{
	char *copy = work_alloc(w, b->n + 1);

	if (copy == NULL)
		return -1;
	if (b->n > 0)
		memcpy(copy, b->p, b->n);
	*to = val_text(span_of(copy, b->n));
	return 0;
}

static int
tostring(struct work *w, struct val v, struct val unused, struct val *to)
{
	struct buf b = { 0 };
	int        rc = 0;

	(void)unused;
	*to = v;
	if (v.kind != SCAN_STRING)
		rc = val_put_text(w, &b, v) == -1 ? -1 : call_keep(w, &b, to);
	buf_release(&b);
	return rc;
}

const struct call call_table[] = {
	{ "add", 0, call_add },
	{ "ascii_downcase", 0, call_ascii_downcase },
	{ "ascii_upcase", 0, call_ascii_upcase },
	{ "ceil", 0, call_ceil },
	{ "endswith", 1, call_endswith },
	{ "floor", 0, call_floor },
	{ "has", 1, call_has },
	{ "join", 1, call_join },
	{ "keys", 0, call_keys },
	{ "length", 0, length },
	{ "ltrimstr", 1, call_ltrimstr },
	{ "not", 0, not },
	{ "round", 0, call_round },
	{ "rtrimstr", 1, call_rtrimstr },
	{ "split", 1, call_split },
	{ "startswith", 1, call_startswith },
	{ "tonumber", 0, call_tonumber },
	{ "tostring", 0, tostring },
	{ "type", 0, type },
	{ NULL, 0, NULL }
};
