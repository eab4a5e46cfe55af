/* sort_parts - what the files of the sort operator share */
#ifndef OP_SORT_PARTS_H
#define OP_SORT_PARTS_H

#include "op/sort.h"
#include "json/scan.h"
#include "state/heads.h"
#include "state/runs.h"

/* In front of each record of a spilled run. */
struct sort_head {
	int64_t  ts_ms;
	uint64_t number;
	uint64_t n;                      /* bytes that follow */
};

/* A run that was spilled. */
struct sort_run {
	uint64_t         run;            /* in the spill; 0: this place is free */
	uint64_t         at_bytes;       /* where its first record's head begins */
	uint64_t         length_bytes;
	struct sort_head head;           /* of that record, once the runs are open */
	char            *window;         /* bytes from window_at on; NULL: none were read yet */
	uint64_t         window_at;
	size_t           window_n;
};

struct sort {
	struct op        op;
	struct spill    *spill;
	size_t           limit_bytes;    /* for mem */
	size_t           window_bytes;   /* of each spilled run */
	size_t           most_spilled;   /* runs; more are merged */

	int64_t          watermark_ms;
	uint64_t         next_number;
	uint64_t         from_number;    /* what came before lies in spilled runs, or has left */
	uint64_t         settled_number; /* what came before stands in the snapshot */
	uint64_t         n_new;          /* records in mem that do not */
	uint64_t         n_spilled_recs, n_spilled_loaded;   /* records that were spilled, since the pipeline and this process began */
	struct op_count  count;

	struct runs      mem;
	struct sort_run *spilled;        /* places, some of them free again */
	size_t           n_places, cap_places;
	size_t           n_spilled;
	struct heads     heads;          /* of them, once they are open */
	bool             is_open;
	struct buf       scratch;        /* a line on its way into mem */

	struct scan     *scan;           /* of state lines; NULL before the first */
};

/* ---- sort_spill.c ---- */

/* Write all that is in memory as a run, and merge runs if there are too many. */
void sort_spill_all(struct sort *);

/* The first of the spilled records; NULL: none, or the spill has failed. */
const struct sort_head *sort_spilled_first(struct sort *);

/* Append that record's line to TO, and go on.  False: failed. */
bool sort_take_spilled(struct sort *, struct buf *to);

size_t sort_windows_bytes(const struct sort *);

/* The runs as a snapshot has them: all are forgotten, then known anew. */
void sort_forget_spilled(struct sort *);
void sort_know_spilled(struct sort *, uint64_t run, uint64_t at_bytes, uint64_t length_bytes);

/* ---- sort_snap.c ---- */

void sort_save(const struct op *, bool delta, struct snap_writer *);
int  sort_load(struct op *, struct span line, struct err *);

#endif
