/*
 * window_cold - sessions that have no room in memory
 *
 * Sums can be added up, and bounds, too: when the sessions take more than --memory, those that are open are written
 * down as one run of partial sessions, and memory begins anew.  A key that comes again has another part of its session
 * in memory, with a bound that touches that of the one on disk.  A session ends when the watermark reaches its end, so
 * a run lies in the order of the ends, and is read forwards, once: what ends next comes back a slice at a time, some
 * while before the watermark gets there.  A part that ends in the slice may be continued by one that ends behind it:
 * behind its sessions a run has their bounds in the order of prints of their keys, and these of all runs are looked
 * through for what is in the slice, also in the order of prints.  Who is continued takes the bounds of both,
 * and waits for the rest of its sums in memory.
 *
 * Slices hold what fits into some of the memory, so their number, and with it how often the bounds are read, grows with
 * how often the open sessions are larger than that.
 *
 * A record whose own [ts, ts + gap) ends behind the slice touches nothing that ends before; so only one that is late by
 * more than about the gap has to be looked for, by its print, in each run.
 *
 * Parts are known to be of one session by 128 bits of their keys' hash; nothing but bounds are taken by them.
 */
#ifndef OP_WINDOW_COLD_H
#define OP_WINDOW_COLD_H

#include "base/buf.h"
#include "state/run_reader.h"

struct window;

/* A part of a session, in a run. */
struct window_cold_part {
	int64_t     end_ms, start_ms;
	uint64_t    number;              /* the piece's */
	struct span key, accs;           /* as in snapshots: [12,"…"] */
	size_t      n_bytes;             /* that it takes */
};

struct window_cold_run {
	uint64_t                run;     /* in the spill */
	uint64_t                length_bytes;
	uint64_t                at_bytes;        /* what lies before it is in memory */
	bool                    is_open;         /* the rest is known: */
	uint64_t                parts_bytes, n;  /* the bounds lie behind the parts */
	struct run_reader       reader;
	struct window_cold_part now;     /* the next part */
};

/* {0}: all is in memory. */
struct window_cold {
	struct window_cold_run *runs;
	size_t                  n_runs, cap_runs;
	bool                    is_open; /* all runs are */
	int64_t                 from_ms; /* sessions that end before are in memory, and no part in a run belongs to them */
	int64_t                 ahead_ms;        /* about how long a slice is */
	uint64_t                most_pieces;     /* in memory, before it is looked at */
};

/* Those that are open go to disk if all take too much.  There is a spill. */
void window_cold_look(struct window *);

/* Is it time for that?  Costs nothing. */
bool window_cold_is_time(const struct window *);

/* Has the watermark come to where sessions may end of which there are parts in runs? */
bool window_cold_is_due(const struct window *, int64_t ts_ms);

/* The next slice: from_ms goes up, or nothing is left in runs.  False: the spill has failed. */
bool window_cold_take(struct window *, int64_t ts_ms);

/* [*start, *end) of a key's record, with the parts of sessions in runs that it touches. */
void window_cold_widen(struct window *, struct span key, int64_t *start_ms, int64_t *end_ms);

uint64_t window_cold_bytes(const struct window_cold *);
void     window_cold_release(struct window_cold *);

/* Runs as a snapshot has them: all are forgotten, then known anew; what is in them is read later. */
void window_cold_forget(struct window_cold *);
void window_cold_know(struct window_cold *, uint64_t run, uint64_t length_bytes, uint64_t at_bytes);

#endif
