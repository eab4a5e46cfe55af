/*
 * dedup_held - records that wait until the watermark lets them out
 *
 * A heap by when they are due; a record is its bytes and 48 beside them.
 */
#ifndef OP_DEDUP_HELD_H
#define OP_DEDUP_HELD_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct held {
	uint64_t places;         /* of its id: ids_places */
	int64_t  due_ms;         /* earliest: its time; latest: when its id is forgotten */
	int64_t  ts_ms;
	uint64_t arrival;
	uint32_t place;          /* in the heap */
	uint32_t n;
	char     line[];         /* an envelope with its newline */
};

struct held_heap {
	struct held **all;
	size_t        n, cap;
	uint64_t      bytes;     /* of the records */
};

_Static_assert(sizeof(struct held) + sizeof(struct held *) <= 48, "beside the bytes of a record");

/* A record with that line; what FROM says of line, n and place is not looked at. */
struct held *held_add(struct held_heap *, struct span line, const struct held *from);

/* Other bytes and times for one that is there; the pointer changes. */
struct held *held_replace(struct held_heap *, struct held *, struct span line, const struct held *from);

/* Its due_ms has changed. */
void held_moved(struct held_heap *, struct held *);

/* The first that is due, ties by arrival; NULL: none. */
struct held *held_first(const struct held_heap *);

/* It is the caller's from now on, to be freed. */
void held_take(struct held_heap *, struct held *);

void     held_release(struct held_heap *);
uint64_t held_bytes(const struct held_heap *);

#endif
