/*
 * edit - a JSON text with one part set, with parts left out, or with some parts alone
 *
 * Works on the text: all bytes that are not concerned stay as they are, blanks, order, escapes and the
 * digits of numbers included.  TEXT is valid JSON without blanks around; so is what is appended.  A name
 * is compared decoded; of equal names the last counts.  Costs a pass over the objects and arrays on the
 * way to each part.
 */
#ifndef JSON_EDIT_H
#define JSON_EDIT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"
#include "json/path.h"

enum {
	EDIT_MAX_PATHS = 64,
	EDIT_MAX_ITEMS = 1000000         /* nulls that are put in front of a new item */
};

/*
 * Append TEXT with VALUE, a JSON text, at PATH.  What is missing on the way, or null, is made: objects for
 * names, arrays with nulls in front for indices.  -1: a step meets what has no such parts, or an index is too
 * far; jq's words in REASON, at least CAP bytes, and TO is as it was.
 */
int edit_set(struct buf *to, struct span text, const struct path *, struct span value, char *reason, size_t cap);

/* Append TEXT without what stands at the PATHS (at most EDIT_MAX_PATHS, each with a step); what is not there is not missed. */
void edit_drop(struct buf *to, struct span text, const struct path *paths, size_t n);

/*
 * Append what stands at the PATHS (as above) alone, each where it stood: the objects around it have no other member,
 * the arrays null in place of the items before it.  Nothing there: an empty object or array as TEXT is one, null
 * for null.  -1: TEXT has no parts at all.
 */
int edit_pick(struct buf *to, struct span text, const struct path *paths, size_t n);

#endif
