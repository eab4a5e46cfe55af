/*
 * dedup - each id once
 *
 * The first record of an id passes, those that follow are duplicates.  With a horizon the id is
 * forgotten when the watermark reaches the first record's time and the horizon (with REFRESH: the
 * greatest time of any of its records); without one never.  A record without an id passes.
 *
 * Kept are fingerprints, not ids (state/ids.h), and for earliest and latest the record that is to
 * come out.  Fingerprints beyond MEMORY_BYTES go to a shelf (state/shelf.h), a slice of all of them at a time.
 */
#ifndef OP_DEDUP_H
#define OP_DEDUP_H

#include "op/op.h"
#include "state/shelf.h"

enum dedup_keep {
	DEDUP_FIRST,                 /* by arrival: it passes at once */
	DEDUP_EARLIEST,              /* by event time: it waits until the watermark is past it */
	DEDUP_LATEST                 /* by event time: it waits until the id is forgotten */
};

struct dedup_conf {
	enum dedup_keep    keep;
	const struct path *by;           /* n_by of them, borrowed; 0: the record's key, or by_id */
	size_t             n_by;
	bool               by_id;        /* topic, partition and offset */
	int64_t            within_ms;    /* WHEN_MAX: for ever */
	bool               refresh;      /* a duplicate prolongs the horizon */
	uint64_t           seed;         /* of the fingerprints: what nobody can guess; a snapshot brings its own */
	struct shelf      *shelf;        /* borrowed; NULL: all of it stays in memory */
	uint64_t           memory_bytes; /* with what the shelf takes of it; UINT64_MAX: no limit */
};

struct op *dedup_new(const struct dedup_conf *);

#endif
