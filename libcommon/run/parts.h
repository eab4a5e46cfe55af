/*
 * parts - one watermark of an input whose parts (partitions) each have an order of their own
 *
 * As mark/align does it for several inputs, but by what each part has come to, not by its marks: the input's watermark is
 * the least of the parts that count, and a mark is due right behind the record that carries that across a multiple of the
 * step.  A part counts unless it is idle, closed, or behind: one that comes back from idleness counts again when it has
 * reached what was said.  As long as one that counts has had no record, nothing is said.  A record costs a comparison or
 * two; a mark costs one look at each part.
 */
#ifndef RUN_PARTS_H
#define RUN_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "json/tree.h"
#include "mark/watermark.h"

struct part {
	int64_t ts_ms;           /* greatest event time, less the bound of disorder; WHEN_MIN: none yet */
	int64_t silent_ms;       /* how long it has been quiet, as the caller counts it */
	bool    idle;
	bool    behind;          /* back from idleness, and not there yet */
	bool    closed;          /* nothing more will come of it */
};

struct parts {
	struct part *list;
	size_t       n;
	size_t       n_below;    /* of those that count: how many hold the next mark back */
	int64_t      until_ms;   /* a mark is due there, too; WHEN_MAX: no such thing */
	int64_t      asked_ms;   /* when silence was counted last; 0: never */
};

void parts_release(struct parts *);

/* There are N by now.  W is what was said for all, here and below: each of these may raise it. */
void parts_grow(struct parts *, size_t n, const struct watermark *w);

/* A record of part I, with its time.  True: a mark is due behind it. */
bool parts_pass(struct parts *, size_t i, int64_t ts_ms, struct watermark *w);

/* Part I has something again. */
void parts_wake(struct parts *, size_t i, const struct watermark *w);

/* Part I is idle, or will never have anything again.  True: a mark is due. */
bool parts_idle(struct parts *, size_t i, struct watermark *w);
bool parts_close(struct parts *, size_t i, struct watermark *w);

/* Are all that are not closed idle, and is there one? */
bool parts_are_idle(const struct parts *);

/* Append as a JSON array / take it back; what is there is replaced. */
void parts_save(const struct parts *, struct buf *);
void parts_load(struct parts *, const struct tree *, const struct watermark *w);

#endif
