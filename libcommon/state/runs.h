/*
 * runs - records in the order of time, in memory
 *
 * A record that comes is added to a run whose last record is not later, else put in front of the
 * last run, else it begins a run: input that is nearly sorted, either way, makes a handful of them,
 * and costs a few comparisons a record.  That is patience sort, as the authors have it for
 * streams (Chandramouli, Goldstein, Li: "Impatience Is a Virtue", ICDE 2018; the sort itself is from
 * "Patience is a Virtue", SIGMOD 2014): what is before a watermark is taken off the heads of the
 * runs, and runs that are empty go.
 *
 * Where runs get so short that they are a burden, as a zigzag makes them, all become one.
 *
 * The bytes of the records lie in chunks, in the order they came, 32 bytes beside each; a run takes
 * 65 more at most, and there are no more than an eighth as many.  A chunk goes when its last record
 * does; where a few records keep many chunks, the records move together.
 */
#ifndef STATE_RUNS_H
#define STATE_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "state/heads.h"

/* A record that is kept.  Borrowed: it lives until the next call that changes the runs. */
struct runs_rec {
	struct runs_rec *next;           /* of its run */
	int64_t          ts_ms;
	uint64_t         number;         /* in the order of arrival */
	uint32_t         n;
	uint32_t         chunk;          /* its number */
	char             bytes[];
};

struct runs_chunk;

struct run {
	int64_t          last_ts_ms;
	struct runs_rec *first, *last;   /* NULL: empty */
};

struct runs {
	size_t              chunk_bytes;         /* at least; a long record has its own */
	struct runs_chunk **chunks;              /* by number, from first_chunk on; NULL: gone */
	size_t              n_chunks, cap_chunks;
	uint32_t            first_chunk;
	struct runs_chunk  *spare;
	struct run         *runs;                /* last_ts_ms descends, so those that are empty are behind */
	size_t              n_runs, cap_runs;
	size_t              recent;              /* the run that was added to last */
	struct heads        heads;
	uint64_t            n;                   /* records kept, */
	size_t              live_bytes;          /* of the chunks, */
	size_t              chunks_bytes;        /* and all of the chunks */
};

void runs_init(struct runs *, size_t chunk_bytes);
void runs_release(struct runs *);

/* Keep a copy of BYTES (less than 4 GiB).  NUMBER is above all before. */
void runs_add(struct runs *, int64_t ts_ms, uint64_t number, struct span bytes);

/* The first by (ts_ms, number); NULL: there is none. */
static inline const struct runs_rec *
runs_first(const struct runs *r)
{
	const struct heads_item *first = heads_first(&r->heads);

	return first == NULL ? NULL : r->runs[first->run].first;
}

void runs_drop_first(struct runs *);
void runs_clear(struct runs *);

/* Give memory back if much is held for little: after records have been dropped. */
void runs_tidy(struct runs *);

/* The same at once, if that gives back half.  False: it does not. */
bool runs_compact(struct runs *);

/* Walk by arrival, from NUMBER on, beginning with *walk {0}.  Nothing may change meanwhile.  NULL: no more. */
struct runs_walk {
	size_t chunk, at;
	bool   has_begun;
};
const struct runs_rec *runs_next(const struct runs *, struct runs_walk *, uint64_t number);

/* Of memory, all in all. */
size_t runs_bytes(const struct runs *);

#endif
