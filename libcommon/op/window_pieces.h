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
#include "state/order.h"
#include "state/timers.h"

/* A result that somebody downstream has, until it is retracted. */
struct told {
	int64_t start_ms, end_ms;
	char   *payload;                 /* owned; its text behind the '{' */
	size_t  n;
};

struct piece {
	struct piece  *next;             /* of the same key, made later */
	struct holder *holder;
	uint64_t       number;
	int64_t        start_ms, end_ms; /* of a session; else the least and, exclusive, the greatest time */
	uint64_t       at;               /* count: which pane of the key, from 0 */
	uint64_t       n;                /* count: records in it */
	uint64_t       tick;             /* in which it changed last */
	uint64_t       changed_in;       /* generation; 0: none yet */
	bool           is_saved;
	bool           has_timer;
	int64_t        timer_ms;
	struct told   *told;
	uint32_t       n_told;
	struct arena   arena;
	_Alignas(16) char value[];
};

/* The pieces of one key; there is at least one. */
struct holder {
	struct holder *next;             /* in the bucket */
	uint64_t       hash;
	struct piece  *first, *last;
	size_t         n_key;
	bool           is_null;
	char           key[];
};

struct pieces {
	size_t          value_bytes;
	uint64_t        hash_seed;
	uint64_t        next_number;
	struct order    by_number;
	struct holder **buckets;
	size_t          n_buckets, n_holders;    /* a power of two */
	struct timers   timers;
	uint64_t        generation;
	uint64_t       *changed;         /* numbers, in order of first change; some are gone */
	size_t          n_changed, cap_changed, n_changed_alive;
	uint64_t       *dropped;         /* numbers that the last settle knew */
	size_t          n_dropped, cap_dropped;
	uint64_t       *touched;         /* numbers, in this tick; some are gone */
	size_t          n_touched, cap_touched;
};

struct pieces *pieces_new(size_t value_bytes, uint64_t hash_seed);
void           pieces_free(struct pieces *);

struct holder *pieces_find(const struct pieces *, struct span key);      /* NULL: none */
struct piece  *pieces_add(struct pieces *, struct span key);             /* the next number; changed */
struct piece  *pieces_by_number(const struct pieces *, uint64_t number); /* NULL: gone */
struct piece  *pieces_following(const struct pieces *, uint64_t number); /* the first from NUMBER on */
void           pieces_drop(struct pieces *, struct piece *);
struct span    piece_key(const struct piece *);

/* For loading: the piece of that number, emptied, or a new one; NULL: it is another key's. */
struct piece  *pieces_restore(struct pieces *, struct span key, uint64_t number);
bool           pieces_drop_saved(struct pieces *, uint64_t number);

/* It changed; also in this tick. */
void pieces_change(struct pieces *, struct piece *, uint64_t tick);
void pieces_touch(struct pieces *, struct piece *, uint64_t tick);

/* Wake it no later than that; what was said before may come first. */
void pieces_wake(struct pieces *, struct piece *, int64_t at_ms);
/* One that is due by NOW_MS, and due no more; NULL: there is none. */
struct piece *pieces_woken(struct pieces *, int64_t now_ms);

void piece_tell(struct piece *, int64_t start_ms, int64_t end_ms, struct span payload);
void piece_untell(struct piece *);

void pieces_count(const struct pieces *, uint64_t *all, uint64_t *changed);
void pieces_settle(struct pieces *);

/* The memory they take: of many keys an estimate, from some of them. */
uint64_t pieces_bytes(const struct pieces *);

/* A result that is due. */
struct piece_due { struct piece *piece; int64_t start_ms, end_ms; uint64_t n; };
struct piece_dues { struct piece_due *all; size_t n, cap; };

void piece_dues_add(struct piece_dues *, struct piece_due);
/* By end, then start, then the first appearance of the key; the same one twice stays once. */
void piece_dues_sort(struct piece_dues *);
void piece_dues_release(struct piece_dues *);

/* window_sessions.c, window_counts.c */
size_t window_sessions_feed(struct op *, unsigned input, const struct rec *, size_t n, struct emit *, struct op_refusal *);
void   window_sessions_watermark(struct op *, int64_t ts_ms, struct emit *);
size_t window_counts_feed(struct op *, unsigned input, const struct rec *, size_t n, struct emit *, struct op_refusal *);
void   window_counts_watermark(struct op *, int64_t ts_ms, struct emit *);

#endif
