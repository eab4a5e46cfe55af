/*
 * join - records of two inputs that belong together
 *
 * Input 0 is the left side, input 1 the right one; records belong together where their `on` values
 * (by default the keys) are equal, by bytes, and their times fit:
 *
 * - within:  right.ts ∈ [left.ts + lower, left.ts + upper].  A pair leaves when its second record
 *            arrives, with the larger of both times, in order of the other side's time, then arrival.
 *            A record is kept until the watermark says that no partner can come any more.
 * - window:  both lie in one window; its pairs leave when it closes, with `window` and ts = end - 1:
 *            keys by first appearance, then pairs by (ts, arrival) of left, then right, then what
 *            the right side has without a partner.
 * - as-of:   the right side is a table of versions (a payload of null deletes): a left record waits
 *            until the watermark is past it and takes the version with the greatest ts <= its own, of
 *            equal ones the last to arrive.  A version that came behind its own side's watermark W
 *            serves only left records with ts >= W.  Of each key the last version stays for good, also
 *            one that deletes.
 * - latest:  the left record takes the right one that arrived last (a payload of null deletes).
 * - table:   the right side is read first, whole; all its rows with the key match, in their order
 *            (a payload of null deletes those before it).
 *
 * Kinds: inner; left, right, full pad what finds no partner with null, once none can come; semi lets
 * a left record with a partner through, anti one without, both as they came, once.  A null `on` value
 * matches nothing unless asked for: such a record counts as one without a partner at once (in a
 * window: when that closes).  Of several `on` paths one null is enough.
 *
 * A record is late when ts < T, T being its own side's watermark or, behind an input that comes back
 * from idleness, the joint one, if that is higher (window: when all windows that hold it end at or
 * below T; one that some of them still take is in those only).  Late versions of as-of are taken, as
 * said above; nothing is late for latest and table.  So the set of results does not depend on how the
 * two inputs interleave; their order does, and for one interleaving is always the same.
 *
 * Costs: O(log n) a record and O(1) a pair, n being the records kept of that key.  What is kept are the
 * record's bytes (what of it is needed: payload, whole line, nothing), some 40 beside, and once for
 * each key that is there its bytes and about 110.  Within, window, as-of: past MEMORY_BYTES the records' bytes
 * go to disk, those first that came first, and are read again where a pair asks for them; the rest stays.
 */
#ifndef OP_JOIN_H
#define OP_JOIN_H

#include "op/op.h"
#include "op/window.h"
#include "state/spill.h"

enum join_kind { JOIN_INNER, JOIN_LEFT, JOIN_RIGHT, JOIN_FULL, JOIN_SEMI, JOIN_ANTI };

enum join_mode { JOIN_WITHIN, JOIN_WINDOW, JOIN_AS_OF, JOIN_LATEST, JOIN_TABLE };

/* Why a pair could not be judged. */
struct join_doubt {
	const char *reason;          /* NULL: it could; lives until the next pair */
	bool        is_fatal;        /* the run ends */
};

struct join_conf {
	enum join_kind      kind;            /* as-of, latest, table: not right, not full */
	enum join_mode      mode;
	int64_t             lower_ms;        /* JOIN_WITHIN: lower <= upper, any sign */
	int64_t             upper_ms;
	struct window_conf  window;          /* JOIN_WINDOW: tumbling, sliding or cumulative; of it kind, unit, size,
	                                        step, offset_ms, first_day, zone */
	const struct path  *on[2];           /* n_on[side] paths, borrowed */
	size_t              n_on[2];         /* 0: the record's key */
	bool                null_keys;       /* null equals null */
	bool                combine;         /* members of both payloads side by side, right wins */
	const char         *names[2];        /* members of the result's payload; NULL: left, right */
	const char         *stage;           /* the results' topic, borrowed */
	uint64_t            hash_seed;       /* the maker's choice; never written down, never shows */
	struct spill       *spill;           /* borrowed; NULL: all stays in memory */
	uint64_t            memory_bytes;    /* with a spill: a quarter of it is for what the inputs keep aside */

	/*
	 * A pair for which this is false is none.  Payloads are JSON texts.  Where there is a doubt, the pair
	 * could not be judged: it is none either, and becomes a dead letter.  NULL: every pair is one.
	 */
	bool              (*where)(void *cookie, struct span left, struct span right, struct join_doubt *);
	void               *where_cookie;
};

const char *join_kind_name(enum join_kind);      /* "inner" */
const char *join_mode_name(enum join_mode);      /* "within", "window", "as-of", "latest", "table" */

/* Is there such a join?  Right and full ones are within or window. */
bool join_fits(enum join_kind, enum join_mode);

/* Does the left watermark alone count?  Then watermarks of the right side and joint ones are not looked at. */
bool join_left_alone(enum join_mode);

/*
 * op.needs_time is false for latest and table, whose results have the left record's ts, if any;
 * op.lag_ms says how far behind the watermark padded rows and passed left records may come.
 */
struct op *join_new(const struct join_conf *);

/*
 * JOIN_TABLE: between begin and end, records of input 1 make up a new table; end puts it in place of
 * the old one, at once.  A begin without end leaves that as it is; what came since is dropped at the next
 * begin.  A table is no part of the snapshot: it is read at each start.
 */
void join_table_begin(struct op *);
void join_table_end(struct op *);

#endif
