/* join_parts - what the files of the join share; nobody else's business */
#ifndef OP_JOIN_PARTS_H
#define OP_JOIN_PARTS_H

#include <assert.h>

#include "op/join.h"
#include "op/window_assign.h"
#include "rec/key.h"
#include "state/chains.h"
#include "state/lane.h"
#include "state/slabs.h"
#include "state/texts.h"
#include "state/wheel.h"

enum join_side { LEFT, RIGHT };

/* ---- what is kept ---- */

/* Low bits of a kept record's order; above them is its number, by arrival on either side. */
enum kept_flag {
	KEPT_MATCHED = 1,            /* has had a partner; window: semi has let it through, anti never will */
	KEPT_CHANGED = 2,            /* stands among the changed, at its slot */
	KEPT_NEW = 4,                /* and is new there */
	KEPT_FROM = 8,               /* in front of the bytes: an int64, what it is for begins behind it */
	KEPT_VOID = 16,              /* its on value is null: it matches nothing */
	KEPT_DELETES = 32,           /* as-of, latest: payload null */
	KEPT_MOVED = 64,             /* changed: its text has another place */
	KEPT_FLAGS_BITS = 8
};

struct kept {
	struct lane_item at;         /* ts; number << KEPT_FLAGS_BITS | flags */
	uint32_t         n;          /* bytes of its text */
	uint32_t         slot;       /* KEPT_CHANGED */
	char             bytes[];    /* KEPT_FROM, then keeps_place, then the text, or where among the texts it is */
};

/* What is kept of one key; there while there is something, or a timer is set. */
struct holder {
	struct chain_link link;
	struct lane       lanes[2];
	int64_t           due_ms;    /* when it is looked at next; WHEN_MAX: not set */
	uint32_t          n_timers;
	uint32_t          n_key;     /* NULL_KEY: null */
	char              key[];
};

static const uint32_t NULL_KEY = UINT32_MAX;

/* The on value of the record at hand. */
struct join_on {
	struct span key;             /* SPAN_NONE: null */
	bool        is_void;         /* it matches nothing */
	uint64_t    hash;
};

struct join_changed { struct kept *kept; struct holder *holder; };

/* A record whose time has come, or (window) a key of one. */
struct join_due {
	int64_t        ts_ms;
	uint64_t       number;
	struct holder *holder;
	struct kept   *kept;
	enum join_side side;
};

struct join_window_due {
	struct window_at window;
	uint64_t         number;     /* of the key's first record in it */
	struct holder   *holder;
};

enum { JOIN_BATCH = 64 };

struct join;

/* How a mode takes a record, looks at a key whose timer has rung, and takes a line of a snapshot. */
struct join_way {
	/* False: refused.  ON is valid. */
	bool (*take)(struct join *, enum join_side, const struct rec *, const struct join_on *, struct emit *,
	             struct op_refusal *);
	/* The joint watermark has moved on from BEFORE.  E is NULL while loading: nothing leaves. */
	void (*watermark)(struct join *, int64_t before_ms, struct emit *e);
	/* A loaded record has been put in. */
	void (*loaded)(struct join *, enum join_side, struct holder *, struct kept *);
};

struct join {
	struct op              op;
	struct join_conf       conf;
	const struct join_way *way;
	struct window_shape    shape;            /* JOIN_WINDOW */
	struct path            pane_path;        /* $.pane, the first of the wanted ones */
	const struct path    **wants[2];
	size_t                 n_wants[2];
	bool                   keeps_text[2];    /* the payload of a record of this side is needed later */
	bool                   looks_at_payload[2];

	struct chains          holders;          /* with the next six: the state */
	uint64_t               n_kept;
	int64_t                watermark_ms;     /* the joint one */
	int64_t                own_ms[2];
	uint64_t               n_arrived;
	uint64_t               next_offset;
	uint64_t               n_clashes;        /* combine: results in which both sides had a member of one name */
	uint64_t               n_clashes_before; /* of them, before this process */

	struct wheel           wheel;            /* number: the holder's address */
	struct slabs           slabs;            /* of kept records */
	struct texts          *texts;            /* what may go to disk: their texts, by side; NULL: those lie with the records */
	uint64_t               limit_bytes;      /* for all that is kept in memory, */
	uint64_t               room_bytes;       /* and, as it was found last, for texts */
	uint64_t               n_spilled_before; /* texts, before this process */
	uint64_t               holder_bytes, lane_bytes;
	bool                   is_tracking;      /* a snapshot has been made or read: what changes is noted */
	struct join_changed   *changed;
	size_t                 n_changed, cap_changed;
	struct buf             gone;             /* lines of records that the last settle knew */
	uint64_t               n_gone;
	struct chains          next_table;       /* JOIN_TABLE, between begin and end */
	bool                   is_reading_table;
	uint64_t               n_rows;           /* of tables, ever: their numbers */

	struct join_on         batch[JOIN_BATCH];
	struct arena           batch_arena;
	struct join_due       *dues;
	size_t                 n_dues, cap_dues;
	struct join_window_due *window_dues;
	size_t                 n_window_dues, cap_window_dues;
	struct holder        **woken;
	size_t                 n_woken, cap_woken;
	struct buf             head;             /* of each result, up to the offset */
	struct buf             names[2];         /* `{"left":` and `,"right":` */
	struct buf             frame;            /* of the results that come now: `"key":…,"payload":`, or empty */
	struct span            frame_key;
	struct window_at       frame_window;
	bool                   frame_has_window;
	bool                   keeps_place;      /* in front of a left line: where in it the payload stands */
	struct rec_key_room    key_room;
	struct buf             line, marks;
	struct scan           *place_scan;
	struct join_combiner  *combiner;
	struct scan           *scan;             /* load's */
	struct op_count        counts[2];        /* counts' */
};

static inline struct kept *
kept_of(struct lane_item *item)
{
	return (struct kept *)(void *)item;
}

static inline bool
kept_is(const struct kept *k, enum kept_flag flag)
{
	return (k->at.order & flag) != 0;
}

static inline uint64_t
kept_number(const struct kept *k)
{
	return k->at.order >> KEPT_FLAGS_BITS;
}

/* What it is for begins behind this time: windows that end after it, left records at it or later. */
static inline int64_t
kept_from_ms(const struct kept *k)
{
	int64_t from_ms = WHEN_MIN;

	if (kept_is(k, KEPT_FROM))
		memcpy(&from_ms, k->bytes, sizeof(from_ms));
	return from_ms;
}

struct kept_place { uint32_t at, n; };

/* What stands in front of the text. */
static inline size_t
kept_front(const struct join *j, enum join_side side, const struct kept *k)
{
	return (kept_is(k, KEPT_FROM) ? sizeof(int64_t) : 0) + (side == LEFT && j->keeps_place ? sizeof(struct kept_place) : 0);
}

/* Of one with a text, where that lies among the texts. */
static inline struct text_place
kept_text_place(const struct join *j, enum join_side side, const struct kept *k)
{
	struct text_place place;

	memcpy(&place, k->bytes + kept_front(j, side, k), sizeof(place));
	return place;
}

/* What a record leaves as: its payload; of semi and anti the left line.  Until the next one of that side. */
static inline struct span
join_text_of(const struct join *j, enum join_side side, const struct kept *k)
{
	if (j->texts != NULL && k->n > 0)
		return texts_get(j->texts, side, kept_text_place(j, side, k), k->n);
	return span_of(k->bytes + kept_front(j, side, k), k->n);
}

/* Nothing leaves any more: what is on disk cannot be read. */
static inline bool
join_has_failed(const struct join *j)
{
	return j->texts != NULL && j->texts->spill->failed;
}

/* Of a left line that came back without its text: where in it the payload stands is found out. */
struct span join_find_payload(struct join *, enum join_side, struct kept *);

/* What where looks at; SPAN_NONE: nobody does. */
static inline struct span
join_payload_of(struct join *j, enum join_side side, struct kept *k)
{
	struct span       text = join_text_of(j, side, k);
	struct kept_place place;

	if (side == RIGHT || (j->conf.kind != JOIN_SEMI && j->conf.kind != JOIN_ANTI))
		return text;
	if (!j->keeps_place)
		return SPAN_NONE;
	memcpy(&place, k->bytes + (kept_is(k, KEPT_FROM) ? sizeof(int64_t) : 0), sizeof(place));
	if (place.n == 0)
		return join_find_payload(j, side, k);
	return join_has_failed(j) ? text : span_of(text.p + place.at, place.n);
}

static inline struct span
holder_key(const struct holder *h)
{
	return h->n_key == NULL_KEY ? SPAN_NONE : span_of(h->key, h->n_key);
}

/* Below it a record of that side is late. */
static inline int64_t
join_late_below(const struct join *j, enum join_side side)
{
	return j->own_ms[side] > j->watermark_ms ? j->own_ms[side] : j->watermark_ms;
}

/* Do records of that side leave padded where they find no partner (anti: as they came)? */
static inline bool
join_pads(const struct join *j, enum join_side side)
{
	enum join_kind k = j->conf.kind;

	return side == LEFT ? k == JOIN_LEFT || k == JOIN_FULL || k == JOIN_ANTI : k == JOIN_RIGHT || k == JOIN_FULL;
}

/* Does the left record leave itself? */
static inline bool
join_passes(const struct join *j)
{
	return j->conf.kind == JOIN_SEMI || j->conf.kind == JOIN_ANTI;
}

static inline bool
join_is_null(struct span payload)
{
	return payload.n == 4 && memcmp(payload.p, "null", 4) == 0;
}

/* ---- join_keep.c ---- */

struct holder *join_find(const struct chains *, const struct join_on *);     /* NULL: none */
void           join_prefetch(const struct join *, const struct join_on *, size_t n);      /* to be found soon */
struct holder *join_hold(struct join *, struct chains *, const struct join_on *);                 /* made where there is none */
void           join_let_go(struct join *, struct chains *, struct holder *);      /* if nothing is left of it */
void           join_free_holders(struct join *, struct chains *);

/* Put a record in: a copy of what is needed of it; FROM_MS WHEN_MIN: from the beginning. */
struct kept   *join_keep(struct join *, struct holder *, enum join_side, const struct rec *, const struct join_on *,
                         int64_t from_ms, unsigned flags, struct emit *);
struct kept   *join_keep_text(struct join *, struct holder *, enum join_side, int64_t ts_ms, uint64_t number,
                              unsigned flags, int64_t from_ms, struct span text);
/* The same where it is known where the text lies; TEXT {NULL, n}: it is on disk. */
struct kept   *join_keep_at(struct join *, struct holder *, enum join_side, int64_t ts_ms, uint64_t number, unsigned flags,
                            int64_t from_ms, struct span text, struct text_place);
/* Take it out, for good / because the watermark says so, which a later load finds by itself. */
void           join_drop(struct join *, struct holder *, enum join_side, struct kept *);
void           join_expire(struct join *, struct holder *, enum join_side, struct kept *);
void           join_set(struct join *, struct holder *, struct kept *, enum kept_flag);

/* Look at it when the watermark has reached AT_MS, or sooner. */
void           join_wake(struct join *, struct holder *, int64_t at_ms);
/*
 * Those that are due now, n_woken of them; no timer is set for them any more.  Each stays until
 * join_rest gives it up: it is gone then if nothing is left of it.
 */
void           join_woken(struct join *);
struct holder *join_woken_at(struct join *, size_t i);         /* those behind it are on their way, then */
void           join_rest(struct join *, struct holder *);
const struct join_window_due *join_window_due_at(const struct join *, size_t i);      /* likewise */

/* Its text has another place. */
void           join_move(struct join *, struct holder *, enum join_side, struct kept *, struct text_place);

void           join_settle(struct op *);
void           join_entries(const struct op *, uint64_t *all, uint64_t *changed);
uint64_t       join_bytes(const struct op *);

void           join_due_add(struct join *, enum join_side, struct holder *, struct kept *);
void           join_dues_sort(struct join *);      /* by ts, left first, arrival */

/* ---- join_spill.c ---- */

void join_spill_init(struct join *);
void join_spill_release(struct join *);

/* Between records: how much room there is for texts. */
void join_look_at_memory(struct join *);

/* Texts have more than ROOM_BYTES: those that came first go to disk.  None may be held. */
void join_spill(struct join *);

/* Between two steps: texts that keep much that is nobody's any more move together. */
void join_tidy_slow(struct join *);

static inline void
join_tidy(struct join *j)
{
	if (j->texts != NULL && texts_is_wasteful(j->texts))
		join_tidy_slow(j);
}

/* ---- join_result.c ---- */

void join_result_init(struct join *);
void join_result_release(struct join *);
/* The key (and window, or NULL) of the results that follow. */
void join_result_frame(struct join *, struct span key, const struct window_at *);
/* A pair; a span of {NULL} is padding. */
void join_result_put(struct join *, int64_t ts_ms, bool has_ts, struct span left, struct span right, struct emit *);
/* A left record as it came. */
void join_pass_rec(const struct rec *, struct emit *);
void join_pass_kept(const struct join *, const struct kept *, struct emit *);
/* A kept record leaves without a partner. */
void join_pad_kept(struct join *, enum join_side, const struct holder *, const struct kept *, struct emit *);
/* One that is not kept: its on value is null, or it is too late for a partner. */
void join_pad_rec(struct join *, enum join_side, const struct rec *, const struct join_on *, struct emit *);

/* Are they a pair, that would come out with this time?  Where nobody asks, payloads may be {NULL}. */
bool join_where_slow(struct join *, int64_t ts_ms, bool has_ts, struct span left, struct span right, struct emit *);

static inline bool
join_where(struct join *j, int64_t ts_ms, bool has_ts, struct span left, struct span right, struct emit *e)
{
	return j->conf.where == NULL || join_where_slow(j, ts_ms, has_ts, left, right, e);
}

/* ---- join_combine.c ---- */

struct join_combiner;

struct join_combiner *join_combiner_new(uint64_t hash_seed);
void                  join_combiner_free(struct join_combiner *);
/* Append the object of both payloads' members.  True: both had one of the same name. */
bool                  join_combine(struct join_combiner *, struct span left, struct span right, struct buf *);

/* ---- one a mode ---- */

extern const struct join_way join_within_way, join_as_of_way, join_window_way, join_latest_way, join_table_way;

/* ---- join_snap.c ---- */

void join_save(const struct op *, bool delta, struct snap_writer *);
int  join_load(struct op *, struct span line, struct err *);
int  join_loaded(struct op *, struct err *);
void join_put_gone(struct join *, const struct holder *, enum join_side, const struct kept *);

#endif
