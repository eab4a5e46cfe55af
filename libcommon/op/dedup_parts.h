/* dedup_parts - what the files of the dedup operator share; nobody else's business */
#ifndef OP_DEDUP_PARTS_H
#define OP_DEDUP_PARTS_H

#include "base/hash.h"
#include "op/dedup.h"
#include "op/dedup_horizon.h"
#include "op/dedup_held.h"
#include "state/ids.h"
#include "state/shelf.h"

/* Flags of an entry of the set. */
enum {
	DEDUP_CHANGED = IDS_FLAG_A,  /* since the last settle; only where values change */
	DEDUP_HELD = IDS_FLAG_B      /* the value is a struct held; else the time from which the horizon counts */
};

enum { DEDUP_GROUP = SHELF_GROUP };      /* records looked ahead at */

/* What the shelf has of an id that is not in memory. */
struct dedup_cold {
	bool    is_there;
	int64_t ts_ms;               /* from which its horizon counts, if there is one */
};

/* Fingerprints in the order in which they changed, and their values then. */
struct dedup_log {
	struct dedup_log_block *first, *last;
	uint64_t                n;
};

struct dedup {
	struct op          op;
	struct dedup_conf  conf;
	bool               has_values;   /* entries have one */
	bool               has_horizon;
	bool               logs_values;  /* they never change: what was logged holds */
	struct path        pane_path;    /* $.pane, the first of the wanted ones */
	struct path        id_paths[3];  /* topic, partition, offset */
	const struct path **wants;
	size_t             n_wants;

	struct ids        *ids;          /* with the next nine: the state */
	struct horizon     horizon;      /* of the entries that hold nothing */
	struct held_heap   held;
	int64_t            watermark_ms;
	uint64_t           n_arrived;    /* that were held, for ties */
	uint64_t           n_duplicates; /* since the pipeline began */
	uint64_t           n_without_id;
	struct dedup_log   log;
	bool               is_logging;   /* there was a settle or a load: changes are kept apart */
	uint64_t           n_shelved;    /* ids that went to the shelf, since the pipeline began */
	uint64_t           n_shelved_loaded;
	int64_t            cleared_ms;   /* the watermark when forgotten ids began to be taken from the shelf; WHEN_MIN: never */

	uint32_t           next_slice;   /* to go to the shelf */
	uint32_t           to_clear;     /* slices, in this round */
	uint32_t           moved;        /* a bit for each slice that went there since the last settle */

	uint64_t           n_duplicates_loaded, n_without_id_loaded;
	struct op_count    counts[3];
	struct buf         scratch;      /* ids that have to be put together; records that are held */
	struct scan       *scan;         /* load's */
};

/* ---- dedup.c: entries that hold nothing have a time, where there is a horizon ---- */

/* Is the id of an entry known still, at this watermark? */
bool dedup_is_known(const struct dedup *, const uint64_t *entry);

/* The horizon is counted from TS; IS_NEW: the entry has had no time. */
void dedup_set_time(struct dedup *, uint64_t *entry, bool is_new, int64_t ts_ms);
void dedup_forget_time(struct dedup *, const uint64_t *entry, bool is_new);

/* A duplicate has come: its time counts if it is greater. */
void dedup_refresh(struct dedup *, struct hash_print, uint64_t *entry, int64_t ts_ms);
void dedup_refresh_cold(struct dedup *, struct hash_print, const struct dedup_cold *, int64_t ts_ms);

/* Does a snapshot say anything of the entry? */
bool dedup_is_live(const void *dedup, const uint64_t *entry);

/* ---- dedup_shelf.c: ids for which there is no room ---- */

/* Of the fingerprints, by their first bits: as many as bits of `moved`. */
enum { DEDUP_SLICES = 32, DEDUP_SLICE_SHARDS = IDS_SHARDS / DEDUP_SLICES };

/* What the shelf knows of those that are not in memory. */
void dedup_cold_find(struct dedup *, const struct hash_print *, size_t n, struct dedup_cold *);

/* It is on the shelf alone, and known still. */
bool dedup_cold_is_known(const struct dedup *, const struct dedup_cold *, struct hash_print);

/* While there are more ids than there is room, the slices that have been there longest go to the shelf. */
void dedup_shelve(struct dedup *);

/* Did its slice go there since the last settle? */
static inline bool
dedup_has_moved(const struct dedup *d, struct hash_print p)
{
	return (d->moved >> (p.hi >> (64 - IDS_SHARD_BITS)) / DEDUP_SLICE_SHARDS & 1) != 0;
}

/* What there is of a slice in memory is on the shelf, or forgotten. */
void dedup_drop_slice(struct dedup *, uint32_t slice);

/* ---- dedup_id.c ---- */

enum dedup_id { DEDUP_ID, DEDUP_NO_ID, DEDUP_BAD_ID };

/* Who the record is. */
enum dedup_id dedup_print(struct dedup *, const struct rec *, struct hash_print *, struct op_refusal *);

/* ---- dedup_log.c ---- */

void dedup_changed(struct dedup *, struct hash_print, uint64_t *entry);
void dedup_log_clear(struct dedup *);
/* Of fingerprints that begin as those from FROM to LAST and are not in memory any more nothing is known to have changed. */
void dedup_log_drop(struct dedup *, struct hash_print from, struct hash_print last);
uint64_t dedup_log_bytes(const struct dedup *);

/* Walk what changed: {0} first. */
struct dedup_log_walk { const struct dedup_log_block *block; size_t at; bool begun; };
bool dedup_log_next(const struct dedup *, struct dedup_log_walk *, struct hash_print *, int64_t *value);

/* ---- dedup_wait.c: earliest and latest ---- */

/* The record of an entry that holds one. */
static inline struct held *
dedup_held_of(const uint64_t *entry)
{
	return (struct held *)(uintptr_t)entry[IDS_VALUE];
}

void dedup_wait_take(struct dedup *, const struct rec *, struct hash_print, const struct dedup_cold *, struct emit *);
/* Without EMIT nothing comes out: it was given out before it was saved. */
void dedup_wait_watermark(struct dedup *, struct emit *);

/* For loading: the record that waits for an id; nothing does. */
void dedup_wait_restore(struct dedup *, struct hash_print, const struct held *, struct span line);
void dedup_wait_drop(struct dedup *, uint64_t *entry);

/* ---- dedup_snap.c, and dedup_load.c ---- */

enum { DEDUP_IDS_PER_LINE = 24, DEDUP_PRINT_BYTES = 16 };

extern const char *const dedup_keep_names[];

void dedup_entries(const struct op *, uint64_t *all, uint64_t *changed);
void dedup_save(const struct op *, bool delta, struct snap_writer *);
void dedup_settle(struct op *);
int  dedup_load(struct op *, struct span line, struct err *);
void dedup_expect(struct op *, uint64_t lines, uint64_t bytes);

#endif
