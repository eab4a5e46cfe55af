/*
 * join_combine - the members of two objects side by side
 *
 * The left ones that the right object does not have, then all of the right one: original bytes.  Names
 * are compared decoded.  The right one's names go into a small hash table of their own, so that objects
 * of thousands of members cost no more than their length.
 */
#include "op/join_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "json/text.h"

struct name {
	struct span text;                /* decoded; in the payload or in `decoded` */
	size_t      at;                  /* where in `decoded`; SIZE_MAX: in the payload */
	uint64_t    hash;
};

struct join_combiner {
	struct name *names;              /* of the right object */
	size_t       n, cap;
	uint32_t    *slots;              /* number + 1; 0: free; a power of two, twice as many as names at least */
	size_t       n_slots;
	struct buf   decoded, one;
	struct buf   left, right;        /* the payloads, with room behind them */
	uint64_t     hash_seed;
};

struct join_combiner *
join_combiner_new(uint64_t hash_seed)
{
	struct join_combiner *c = alloc_zeroed(1, sizeof(*c));

	c->hash_seed = hash_seed;
	return c;
}

void
join_combiner_free(struct join_combiner *c)
{
	if (c == NULL)
		return;
	free(c->names);
	free(c->slots);
	buf_release(&c->decoded);
	buf_release(&c->one);
	buf_release(&c->left);
	buf_release(&c->right);
	free(c);
}

static void
add_name(struct join_combiner *c, struct span escaped)
{
	struct name *n;

	if (c->n == c->cap) {
		c->cap = c->cap == 0 ? 32 : c->cap * 2;
		c->names = alloc_resized(c->names, c->cap, sizeof(*c->names));
	}
	n = &c->names[c->n++];
	*n = (struct name){ escaped, SIZE_MAX, 0 };
	if (memchr(escaped.p, '\\', escaped.n) == NULL)
		return;
	n->at = c->decoded.n;
	text_decode(&c->decoded, escaped);
	n->text.n = c->decoded.n - n->at;
}

static void
make_slots(struct join_combiner *c)
{
	size_t n_slots = c->n_slots == 0 ? 64 : c->n_slots;

	while (n_slots < 2 * c->n)
		n_slots *= 2;
	if (n_slots != c->n_slots) {
		free(c->slots);
		c->slots = alloc_zeroed(n_slots, sizeof(*c->slots));
		c->n_slots = n_slots;
	} else {
		memset(c->slots, 0, n_slots * sizeof(*c->slots));
	}
	for (size_t i = 0; i < c->n; i++) {
		struct name *n = &c->names[i];
		size_t       slot;

		if (n->at != SIZE_MAX)
			n->text.p = c->decoded.p + n->at;
		n->hash = hash_bytes(n->text, c->hash_seed);
		for (slot = n->hash & (n_slots - 1); c->slots[slot] != 0; slot = (slot + 1) & (n_slots - 1))
			;
		c->slots[slot] = (uint32_t)i + 1;
	}
}

static bool
has_name(struct join_combiner *c, struct span escaped)
{
	struct span name = escaped;
	uint64_t    hash;

	if (c->n == 0)
		return false;
	if (memchr(escaped.p, '\\', escaped.n) != NULL) {
		buf_reset(&c->one);
		text_decode(&c->one, escaped);
		name = buf_all(&c->one);
	}
	hash = hash_bytes(name, c->hash_seed);
	for (size_t slot = hash & (c->n_slots - 1); c->slots[slot] != 0; slot = (slot + 1) & (c->n_slots - 1)) {
		const struct name *n = &c->names[c->slots[slot] - 1];

		if (n->hash == hash && n->text.n == name.n && memcmp(n->text.p, name.p, name.n) == 0)
			return true;
	}
	return false;
}

/* The scanner wants room behind what it reads, which kept bytes do not have.  SPAN_NONE: null, or nothing. */
static struct span
object_in(struct buf *room, struct span s)
{
	if (s.p == NULL || s.p[0] != '{')
		return SPAN_NONE;
	buf_reset(room);
	buf_span(room, s);
	memset(buf_reserve(room, SCAN_PAD), 0, SCAN_PAD);
	return buf_all(room);
}

/* What stands between the braces, without blanks around it. */
static struct span
inside(struct span object)
{
	const char *p = object.p + 1, *end = object.p + object.n - 1;

	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r'))
		p++;
	while (end > p && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		end--;
	return span_of(p, (size_t)(end - p));
}

static bool
put_left(struct join_combiner *c, struct span left, struct buf *out)
{
	const char        *at = left.p + 1;
	struct span        name;
	struct scan_value  v;
	bool               is_first = true, clashes = false;

	while (scan_member(&at, &name, &v)) {
		bool quoted = v.kind == SCAN_STRING;

		if (has_name(c, name)) {
			clashes = true;
			continue;
		}
		if (!is_first)
			buf_char(out, ',');
		is_first = false;
		buf_put(out, name.p - 1, name.n + 2);
		buf_char(out, ':');
		buf_put(out, v.p - quoted, v.n + 2 * (size_t)quoted);
	}
	return clashes;
}

static void
read_names(struct join_combiner *c, struct span right)
{
	const char        *at = right.p + 1;
	struct span        name;
	struct scan_value  v;

	while (scan_member(&at, &name, &v))
		add_name(c, name);
	make_slots(c);
}

bool
join_combine(struct join_combiner *c, struct span left, struct span right, struct buf *out)
{
	bool   clashes = false;
	size_t from;

	left = object_in(&c->left, left);
	right = object_in(&c->right, right);
	c->n = 0;
	buf_reset(&c->decoded);
	if (left.p != NULL && right.p != NULL)
		read_names(c, right);
	buf_char(out, '{');
	from = out->n;
	if (left.p != NULL)
		clashes = put_left(c, left, out);
	if (right.p != NULL) {
		struct span members = inside(right);

		if (out->n > from && members.n > 0)
			buf_char(out, ',');
		buf_span(out, members);
	}
	buf_char(out, '}');
	return clashes;
}
