/*
 * want - the wanted paths as a tree, to be walked along with a line
 *
 * A node stands for a place in the value, and is a number: 0 is any place where nothing is wanted
 * (all its children are 0 again, so nobody needs to ask), 1 the whole value.  Of several equal
 * paths the node carries the first; the others are aliases, filled in when a line is done.
 * Nothing changes after want_init.
 */
#ifndef JSON_WANT_H
#define JSON_WANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/span.h"
#include "json/path.h"
#include "json/scan.h"

enum { WANT_NOTHING = 0, WANT_ROOT = 1, WANT_NO_PATH = 255, WANT_SLOTS = 16 };

struct want_node {
	uint64_t    below;                  /* bits of the paths that end here or further down */
	uint16_t    by_hash[WANT_SLOTS];    /* first named child with that hash, 0: none */
	uint64_t    head, head_mask;        /* the first 8 bytes of the name, and which of them count */
	struct span name;                   /* of the step that leads here */
	uint32_t    index;                  /* the same, in an array */
	uint16_t    next_same_hash;
	uint16_t    names;                  /* first named child, in a list by next_name */
	uint16_t    next_name;
	uint16_t    items;                  /* first child by index, in a list by next_item */
	uint16_t    next_item;
	uint8_t     path;                   /* that ends here, or WANT_NO_PATH */
};

struct want {
	struct want_node *nodes;
	size_t            n_nodes;
	size_t            n_paths;
	size_t            n_aliases;
	struct { uint8_t path, of; } aliases[SCAN_MAX_PATHS];
	uint64_t          all;              /* bits of the paths that are no alias */
};

void want_init(struct want *, const struct path *const *paths, size_t n_paths);
void want_release(struct want *);

/* The child of NODE whose name an escaped one decodes to. */
uint16_t want_escaped_member(const struct want_node *nodes, uint16_t node, struct span escaped);

/* Spreads short names: by length and both ends. */
static inline unsigned
want_hash(const char *name, size_t n)
{
	if (n == 0)
		return 0;
	return (unsigned)(n + (unsigned char)name[0] + 3u * (unsigned char)name[n - 1]) % WANT_SLOTS;
}

/* The child of NODE with that name, which has no escapes and 8 readable bytes from its first on. */
static inline uint16_t
want_member(const struct want_node *nodes, uint16_t node, const char *name, size_t n)
{
	uint16_t child = nodes[node].by_hash[want_hash(name, n)];
	uint64_t head;

	if (__builtin_expect(child == WANT_NOTHING, 1))
		return WANT_NOTHING;
	memcpy(&head, name, sizeof(head));
	for (; child != WANT_NOTHING; child = nodes[child].next_same_hash) {
		const struct want_node *c = &nodes[child];

		if (c->name.n == n && ((c->head ^ head) & c->head_mask) == 0 &&
		    (n <= sizeof(head) || memcmp(c->name.p + sizeof(head), name + sizeof(head), n - sizeof(head)) == 0))
			return child;
	}
	return WANT_NOTHING;
}

static inline uint16_t
want_item(const struct want_node *nodes, uint16_t node, uint32_t index)
{
	uint16_t child = nodes[node].items;

	while (child != WANT_NOTHING && nodes[child].index != index)
		child = nodes[child].next_item;
	return child;
}

#endif
