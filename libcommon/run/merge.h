/*
 * merge - several inputs as one, by event time
 *
 * Of each lane the next record is looked at before it is taken, so that the earliest of all goes
 * first (ties: the lane that was named first), and a position never stands behind a record that has
 * not been given out.  A lane that has nothing just now holds the others back, unless it is idle.  One lane alone
 * serves who must know a record's time before taking it.
 */
#ifndef RUN_MERGE_H
#define RUN_MERGE_H

#include "run/input.h"

struct merge;

/* One lane for each of CONF's inputs, or ALL_IN_ONE; where the source has parts, one for each of them.  NULL: err. */
struct merge *merge_open(const struct input_conf *, bool all_in_one, struct err *);
void          merge_free(struct merge *);

/* As input_fill, for the lanes that need it. */
enum input_filled merge_fill(struct merge *, struct err *);

/*
 * The lane whose record is next: recs[0], or where IS_BAD what could be read of it, with its reason.  NULL: a
 * lane has to be filled first (merge_fill says the end, too).  -1: err.
 */
int merge_peek(struct merge *, struct input **lane, bool *is_bad, struct err *);

/* The record that merge_peek gave is taken; it lives until the next merge_peek. */
void merge_take(struct merge *);

/* What its lines are: bare if any lane's are.  KNOWN: as far as it was known. */
enum input_form merge_form(const struct merge *, enum input_form known);

int  merge_check_seekable(struct merge *, struct err *);
void merge_wait_for(struct merge *, struct wait_for *);

/* Whose parts the lanes are; NULL: they are inputs. */
struct source *merge_whole(const struct merge *);

/* Of a whole, between two fills: a lane that has been silent for TIMEOUT_MS (0: never) holds nobody back.  Are all that? */
void merge_look_at_parts(struct merge *, int64_t timeout_ms, int64_t slice_ms);
bool merge_is_idle(const struct merge *);

/* As input_bytes and input_extent, of all lanes. */
uint64_t merge_bytes(const struct merge *);
bool     merge_extent(struct merge *, uint64_t *read_bytes, uint64_t *all_bytes);

/* Append the lanes' positions as an array / take them back. */
int merge_save(struct merge *, struct buf *, struct err *);
int merge_load(struct merge *, const struct tree *, bool ended, struct err *);

#endif
