/*
 * window_pieces - what comes and goes by key: sessions, panes of counts, the global window
 *
 * A piece is some records of one key and their accumulators, numbered by when it was made: that is
 * the order in which pieces are saved, and in which results leave where times are equal.  As a store
 * does, pieces remember what changed since the last settle.
 */
#ifndef OP_WINDOW_PIECES_H
#define OP_WINDOW_PIECES_H

#include "op/window_parts.h"
#include "state/index.h"
#include "state/slab.h"
#include "state/timers.h"

/* A result that somebody downstream has, until it is retracted. */
struct told {
	int64_t start_ms, end_ms;
	char   *payload;                 /* owned; its text behind the '{' */
	size_t  n;
};

/* A million of them are nothing unusual: what only one kind of windows needs shares its place. */
struct piece {
	struct piece  *next;             /* of the same key, with a higher number */
	struct holder *holder;
	uint64_t       number;
	int64_t        start_ms, end_ms; /* of a session; else the least and, exclusive, the greatest time */
	union {
		int64_t  timer_ms;       /* session: where has_timer */
		uint64_t at;             /* count: which pane of the key, from 0 */
	};
	union {
		struct told *told;       /* session: where n_told > 0 */
		uint64_t     n;          /* count: records in it */
	};
	uint64_t       tick;             /* in which it changed last */
	uint64_t       changed_in;       /* generation; 0: none yet */
	uint32_t       place;            /* its own */
	uint32_t       changed_at, touched_at;   /* in the lists of them, if it is there */
	uint32_t       n_told;
	bool           is_there;         /* false: it went */
	bool           is_saved;
	bool           has_timer;
	struct arena   arena;
	_Alignas(16) char value[];
};

enum { PIECES_NEAR_BYTES = 16 };

/* The pieces of one key; there is at least one. */
struct holder {
	struct piece  *first, *last;
	uint32_t       tag;              /* of its hash */
	uint32_t       place;            /* its own */
	uint32_t       n_key;            /* UINT32_MAX: the null key */
	union {
		char  near[PIECES_NEAR_BYTES];
		char *far;               /* owned */
	};
};

/* Places of pieces, each once; some are gone. */
struct piece_list {
	uint32_t *all;
	size_t    n, cap;
};

struct pieces {
	size_t            value_bytes;
	uint64_t          hash_seed;
	uint64_t          next_number;
	struct slab       all;
	struct slab       holders;
	struct index      by_key;        /* holders */
	struct index      by_number;     /* while loading */
	bool              has_numbers;   /* it holds all */
	struct timers     timers;        /* places */
	uint64_t          generation;
	struct piece_list changed;       /* in order of first change */
	size_t            n_changed;     /* that are there */
	struct piece_list touched;       /* in this tick */
	uint64_t         *dropped;       /* numbers that the last settle knew */
	size_t            n_dropped, cap_dropped;
};

struct pieces *pieces_new(size_t value_bytes, uint64_t hash_seed);
void           pieces_free(struct pieces *);

/*
 * Of the keys of the next records (N <= STORE_BATCH) the hashes, and a head start for what they will
 * touch.  The null key's is 0.
 */
void pieces_prepare(const struct pieces *, const struct span *keys, size_t n, uint64_t *hashes);

/* The same for records: how many of the next N, which grows with *GROUP, 1 at first. */
size_t window_prepare_pieces(const struct window *, const struct rec *, size_t n, size_t *group, uint64_t *hashes);

struct holder *pieces_find(const struct pieces *, struct span key, uint64_t hash);       /* NULL: none */
struct piece  *pieces_add(struct pieces *, struct span key, uint64_t hash);      /* the next number; changed */
/* One that was there, with the number that it had: it has no timer, and is new to the next save. */
struct piece  *pieces_put_back(struct pieces *, struct span key, uint64_t number);
void           pieces_drop(struct pieces *, struct piece *);
struct span    piece_key(const struct piece *);

/* All of them, by number: .what for pieces_at. */
void pieces_rank(const struct pieces *, struct ranks *);

static inline struct piece *
pieces_at(const struct pieces *p, uint64_t place)
{
	return slab_at(&p->all, (uint32_t)place);
}

/* As much of it as most need. */
static inline void
pieces_prefetch(const struct piece *piece)
{
	for (size_t i = 0; i < 4; i++)
		__builtin_prefetch((const char *)piece + i * 64, 1);
}

/* For loading: the piece of that number, emptied, or a new one; NULL: it is another key's. */
struct piece  *pieces_restore(struct pieces *, struct span key, uint64_t number);
bool           pieces_drop_saved(struct pieces *, uint64_t number);

/* It changed; also in this tick. */
void pieces_change(struct pieces *, struct piece *, uint64_t tick);
void pieces_touch(struct pieces *, struct piece *, uint64_t tick);

/* Of the lists of what changed, and of what did so in this tick, the piece at I; NULL: it is gone. */
struct piece *pieces_changed_at(const struct pieces *, size_t i);
struct piece *pieces_touched_at(const struct pieces *, size_t i);

/* Wake it no later than that; what was said before may come first. */
void pieces_wake(struct pieces *, struct piece *, int64_t at_ms);
/* Some, at most MOST <= STORE_BATCH, that are due by NOW_MS, and due no more.  0: there are none. */
size_t pieces_woken(struct pieces *, int64_t now_ms, struct piece **woken, size_t most);
/* Timers of pieces that went are not there any more. */
void   pieces_clear_timers(struct pieces *);

void piece_tell(struct piece *, int64_t start_ms, int64_t end_ms, struct span payload);
void piece_untell(struct piece *);

void pieces_count(const struct pieces *, uint64_t *all, uint64_t *changed);
void pieces_settle(struct pieces *);

/* The memory they take: of what is of variable length an estimate, from some of them. */
uint64_t pieces_bytes(const struct pieces *);
/* The same without room that there is for more of them. */
uint64_t pieces_used_bytes(const struct pieces *);

/* ---- window_dues.c ---- */

/* A result that is due. */
struct piece_due {
	struct piece *piece;
	int64_t       start_ms, end_ms;
	uint64_t      n;
};

struct piece_dues {
	struct piece_due *all;
	size_t            n, cap;
	struct ranks      order;         /* places in it */
};

void   piece_dues_add(struct piece_dues *, struct piece_due);
/* By end, then start, then the first appearance of the key; the same one twice stays once.  How many there are. */
size_t piece_dues_sort(struct piece_dues *);
/*
 * The one at I in that order, and a head start for those that follow: of these the pieces must still be
 * there, of those before it they may be gone.
 */
struct piece_due *piece_dues_at(const struct piece_dues *, const struct pieces *, size_t i);
/* After a sort: the first N of the order go. */
void piece_dues_drop(struct piece_dues *, size_t n);
void piece_dues_release(struct piece_dues *);

/* ---- window_sessions.c, window_counts.c ---- */

/*
 * Sessions of a key that touch [START, END) become one, which has changed, and is woken no later than its end.  NULL: there
 * are none.  Kept sessions never touch, but for one that has just been put back or has grown.
 */
struct piece *window_sessions_join(struct window *, struct holder *, int64_t start_ms, int64_t end_ms);

size_t window_sessions_feed(struct op *, unsigned input, const struct rec *, size_t n, struct emit *, struct op_refusal *);
void   window_sessions_watermark(struct op *, int64_t ts_ms, struct emit *);
size_t window_counts_feed(struct op *, unsigned input, const struct rec *, size_t n, struct emit *, struct op_refusal *);
void   window_counts_watermark(struct op *, int64_t ts_ms, struct emit *);

#endif
