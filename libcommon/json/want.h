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
	uint64_t    bit;                    /* of the path that ends here; none: 0 */
	uint64_t    head[2], heed[2];       /* the name's first 16 bytes, and which of them count */
	uint16_t    by_hash[WANT_SLOTS];    /* first named child with that hash, or WANT_NOTHING */
	struct span name;                   /* of the step that leads here; node 0: endless */
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

/* The child of NODE with that name, for the names that want_member leaves. */
uint16_t want_long_member(const struct want_node *nodes, uint16_t node, struct span name);

/* The child of NODE whose name an escaped one decodes to. */
uint16_t want_escaped_member(const struct want_node *nodes, uint16_t node, struct span escaped);

/* Spreads short names: by length and both ends (the byte before an empty name is its quote). */
static inline unsigned
want_hash(const char *name, size_t n)
{
	unsigned char first = (unsigned char)name[0], last = (unsigned char)name[(ptrdiff_t)n - 1];

	return (unsigned)(n + first + 3u * last) % WANT_SLOTS;
}

/*
 * The child of NODE with that name, which has no escapes, a quote at both ends and 16 readable
 * bytes.  Without a branch but for long names and names with one hash: which member comes next
 * nobody can foretell, or we would not be here but in a template.
 */
static inline uint16_t
want_member(const struct want_node *nodes, uint16_t node, const char *name, size_t n)
{
	uint16_t                child = nodes[node].by_hash[want_hash(name, n)];
	const struct want_node *c = &nodes[child];
	uint64_t                head[2], differ = n ^ c->name.n;

	if (__builtin_expect(c->next_same_hash != WANT_NOTHING || n > sizeof(head), 0))
		return want_long_member(nodes, node, span_of(name, n));
	memcpy(head, name, sizeof(head));
	differ |= (head[0] ^ c->head[0]) & c->heed[0];
	differ |= (head[1] ^ c->head[1]) & c->heed[1];
	return differ == 0 ? child : WANT_NOTHING;
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
