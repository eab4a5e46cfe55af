/* key - a key, from the values at its paths */
#include "rec/key.h"

#include "json/text.h"

static bool
is_null(const struct scan_value *v)
{
	return v->kind == SCAN_MISSING || v->kind == SCAN_NULL;
}

static struct span
decode(const struct scan_value *v, struct buf *decoded)
{
	buf_reset(decoded);
	buf_reserve(decoded, v->n);      /* an empty string is a place, too */
	text_decode(decoded, span_of(v->p, v->n));
	return buf_all(decoded);
}

static struct span
one_key(const struct scan_value *v, struct rec_key_room *room, struct arena *arena)
{
	if (is_null(v))
		return SPAN_NONE;
	return v->escaped ? arena_copy(arena, decode(v, &room->decoded)) : span_of(v->p, v->n);
}

static void
put_item(struct rec_key_room *room, const struct scan_value *v)
{
	bool quoted = v->kind == SCAN_STRING;

	if (is_null(v))
		buf_lit(&room->text, "null");
	else if (v->escaped)
		text_quote(&room->text, decode(v, &room->decoded));
	else
		buf_put(&room->text, v->p - quoted, v->n + 2 * (size_t)quoted);
}

bool
rec_key_of(const struct scan_value *values, size_t n, struct rec_key_room *room, struct arena *arena,
           struct span *key, size_t *n_null, size_t *bad)
{
	*n_null = 0;
	for (*bad = 0; *bad < n; ++*bad) {
		if (values[*bad].kind == SCAN_ARRAY || values[*bad].kind == SCAN_OBJECT)
			return false;
		*n_null += is_null(&values[*bad]);
	}
	if (n == 1) {
		*key = one_key(&values[0], room, arena);
		return true;
	}
	buf_reset(&room->text);
	for (size_t i = 0; i < n; i++) {
		buf_char(&room->text, i == 0 ? '[' : ',');
		put_item(room, &values[i]);
	}
	buf_char(&room->text, ']');
	*key = arena_copy(arena, buf_all(&room->text));
	return true;
}

void
rec_key_room_release(struct rec_key_room *room)
{
	buf_release(&room->text);
	buf_release(&room->decoded);
}
