/* list - all values in the order of their arrival: what collect and concat have in common */
#include "agg/list.h"

#include "agg/saved.h"

struct head {
	uint64_t arrival, n;
};

enum { FIRST_CAP = 128, ALIGN = 8 };

static size_t
bytes_of(size_t n)
{
	return sizeof(struct head) + ((n + ALIGN - 1) & ~(size_t)(ALIGN - 1));
}

static void
make_room(struct list *l, size_t more, struct arena *arena)
{
	size_t cap = l->cap_bytes == 0 ? FIRST_CAP : l->cap_bytes;
	char  *items;

	if (l->cap_bytes - l->n_bytes >= more)
		return;
	while (cap - l->n_bytes < more)
		cap *= 2;
	items = arena_alloc(arena, cap);
	if (l->n_bytes > 0)
		memcpy(items, l->items, l->n_bytes);
	l->items = items;
	l->cap_bytes = cap;
}

void
list_add(struct list *l, struct list_item item, struct arena *arena)
{
	struct head head = { item.arrival, item.text.n };
	size_t      more = bytes_of(item.text.n);

	make_room(l, more, arena);
	memcpy(l->items + l->n_bytes, &head, sizeof(head));
	if (item.text.n > 0)
		memcpy(l->items + l->n_bytes + sizeof(head), item.text.p, item.text.n);
	l->n_bytes += more;
	l->n++;
	l->last = item.arrival;
}

bool
list_next(const struct list *l, size_t *at, struct list_item *item)
{
	struct head head;

	if (*at == l->n_bytes)
		return false;
	memcpy(&head, l->items + *at, sizeof(head));
	*item = (struct list_item){ head.arrival, span_of(l->items + *at + sizeof(head), head.n) };
	*at += bytes_of(head.n);
	return true;
}

/* Both ascend.  What comes behind all that is there is added; else both are woven into a new list. */
void
list_merge(void *acc, const void *from, const struct agg_args *args, struct arena *arena)
{
	struct list       *l = acc, woven = { 0 }, *to = &woven;
	const struct list *other = from;
	size_t             at[2] = { 0 };
	struct list_item   item[2] = { { 0 } };
	bool               more[2];

	(void)args;
	if (other->n == 0)
		return;
	more[0] = list_next(l, &at[0], &item[0]);
	more[1] = list_next(other, &at[1], &item[1]);
	if (!more[0] || item[1].arrival > l->last) {
		to = l;
		more[0] = false;
	} else {
		make_room(to, l->n_bytes + other->n_bytes, arena);
	}
	while (more[0] || more[1]) {
		int which = !more[0] || (more[1] && item[1].arrival < item[0].arrival);

		list_add(to, item[which], arena);
		more[which] = list_next(which ? other : l, &at[which], &item[which]);
	}
	*l = *to;
}

void
list_save(const void *acc, struct buf *b)
{
	const struct list *l = acc;
	struct list_item   item;
	size_t             at = 0;

	buf_char(b, '[');
	while (list_next(l, &at, &item)) {
		if (b->p[b->n - 1] != '[')
			buf_char(b, ',');
		buf_u64(b, item.arrival);
		buf_char(b, ',');
		buf_span(b, item.text);
	}
	buf_char(b, ']');
}

bool
list_load(void *acc, struct span json, struct arena *arena)
{
	struct saved     s;
	struct list_item item;

	if (!saved_open(&s, json))
		return false;
	while (!saved_at_end(&s)) {
		if (!saved_count(&s, &item.arrival) || !saved_next(&s, &item.text))
			return false;
		list_add(acc, item, arena);
	}
	return true;
}
