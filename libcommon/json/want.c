/* want - the wanted paths as a tree, to be walked along with a line */
#include "json/want.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "json/text.h"

static uint16_t
new_node(struct want *w)
{
	struct want_node *node = &w->nodes[w->n_nodes];

	*node = (struct want_node){ .path = WANT_NO_PATH };
	return (uint16_t)w->n_nodes++;
}

/* As in a line, where an empty name has its quotes around. */
static unsigned
slot_of(struct span name)
{
	static const char quotes[] = "\"\"";

	return name.n == 0 ? want_hash(quotes + 1, 0) : want_hash(name.p, name.n);
}

static uint16_t
named_child(struct want *w, uint16_t parent, struct span name)
{
	uint16_t          child = w->nodes[parent].names;
	struct want_node *c;
	unsigned          slot = slot_of(name);
	size_t            n_head = name.n < sizeof(c->head) ? name.n : sizeof(c->head);

	while (child != WANT_NOTHING && !span_eq(w->nodes[child].name, name))
		child = w->nodes[child].next_name;
	if (child != WANT_NOTHING)
		return child;
	child = new_node(w);
	c = &w->nodes[child];
	c->name = name;
	memcpy(c->head, name.p, n_head);
	memset(c->heed, 0xFF, n_head);
	c->next_name = w->nodes[parent].names;
	w->nodes[parent].names = child;
	c->next_same_hash = w->nodes[parent].by_hash[slot];
	w->nodes[parent].by_hash[slot] = child;
	return child;
}

static uint16_t
indexed_child(struct want *w, uint16_t parent, uint32_t index)
{
	uint16_t child = want_item(w->nodes, parent, index);

	if (child != WANT_NOTHING)
		return child;
	child = new_node(w);
	w->nodes[child].index = index;
	w->nodes[child].next_item = w->nodes[parent].items;
	w->nodes[parent].items = child;
	return child;
}

static uint16_t
child_of(struct want *w, uint16_t parent, const struct path_step *step)
{
	if (step->is_index)
		return indexed_child(w, parent, step->index);
	return named_child(w, parent, step->name);
}

static void
add_path(struct want *w, size_t number, const struct path *path)
{
	uint16_t node = WANT_ROOT;
	uint64_t bit = (uint64_t)1 << number;

	for (size_t i = 0; i < path->n_steps; i++)
		node = child_of(w, node, &path->steps[i]);
	if (w->nodes[node].path != WANT_NO_PATH) {
		w->aliases[w->n_aliases].path = (uint8_t)number;
		w->aliases[w->n_aliases].of = w->nodes[node].path;
		w->n_aliases++;
		return;
	}
	w->nodes[node].path = (uint8_t)number;
	w->nodes[node].bit = bit;
	w->all |= bit;
	node = WANT_ROOT;
	w->nodes[node].below |= bit;
	for (size_t i = 0; i < path->n_steps; i++) {
		node = child_of(w, node, &path->steps[i]);
		w->nodes[node].below |= bit;
	}
}

void
want_init(struct want *w, const struct path *const *paths, size_t n_paths)
{
	size_t room = 2;

	assert(n_paths <= SCAN_MAX_PATHS);
	for (size_t i = 0; i < n_paths; i++)
		room += paths[i]->n_steps;
	*w = (struct want){ .nodes = alloc_zeroed(room, sizeof(*w->nodes)), .n_paths = n_paths };
	new_node(w);
	new_node(w);
	w->nodes[WANT_NOTHING].name.n = SIZE_MAX;
	for (size_t i = 0; i < n_paths; i++)
		add_path(w, i, paths[i]);
}

void
want_release(struct want *w)
{
	free(w->nodes);
	*w = (struct want){ 0 };
}

uint16_t
want_escaped_member(const struct want_node *nodes, uint16_t node, struct span escaped)
{
	uint16_t child = nodes[node].names;

	while (child != WANT_NOTHING && !text_equal(escaped, nodes[child].name))
		child = nodes[child].next_name;
	return child;
}

uint16_t
want_long_member(const struct want_node *nodes, uint16_t node, struct span name)
{
	uint16_t child = nodes[node].by_hash[want_hash(name.p, name.n)];

	while (child != WANT_NOTHING && !span_eq(name, nodes[child].name))
		child = nodes[child].next_same_hash;
	return child;
}
