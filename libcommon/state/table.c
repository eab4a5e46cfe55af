/* table - the store in memory */
#include "state/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "state/index.h"
#include "state/order.h"

enum {
	FIRST_CHUNK_BITS = 2,         /* chunk i has 4 << i entries: none moves, few windows cost little */
	MAX_CHUNKS = 29,
	LOOK_AHEAD_FROM = 4096,       /* entries: below, the nearest caches hold the table */
	AHEAD_BYTES = 192,
	NEAR_BYTES = 16,
	FIRST_PENDING = 64,
	PART_ENTRIES = 64 * 1024,     /* a megabyte of the index */
	MAX_PART_BITS = 10
};

static const uint32_t IS_NULL_KEY = UINT32_MAX;

/* In front of each value.  A short key lies here, so that finding it costs no further miss. */
struct entry {
	union {
		char        near[NEAR_BYTES];
		const char *far;          /* in the space's arena */
	};
	uint64_t changed_in;              /* the generation in which it last changed; 0: none yet */
	uint32_t number;
	uint32_t key_bytes;               /* IS_NULL_KEY: there is none */
};

struct space {
	struct store_space head;
	struct index       index;
	char             **chunks;
	uint32_t           n_chunks;
	uint64_t           n_touched;       /* entries that others before had here */
	bool               is_saved;        /* a settle, or what was loaded, has seen it */
	struct entry      *null_entry;
	uint32_t          *pending;         /* tags of the last entries, while they are restored: not in the index yet */
	uint32_t           n_pending, cap_pending;
	uint32_t          *changed;         /* numbers, in order of first change in this generation */
	size_t             n_changed, cap_changed;
	size_t             changed_place;   /* in the table's changed spaces, where n_changed > 0 */
};

struct table {
	struct store   store;
	size_t         stride;              /* bytes from entry to entry */
	size_t         last_line;           /* where those of an entry end that are worth asking for ahead */
	uint64_t       generation;          /* counts settles, from 1 */
	struct order   spaces;
	struct space  *spare;               /* what a dropped one had, for the next */
	struct space **changed;             /* in order of first change; NULL: dropped since */
	size_t         n_changed, cap_changed;
	int64_t       *dropped;             /* ids that the last settle knew */
	size_t         n_dropped, cap_dropped;
	uint64_t       n_spaces, n_entries, n_changed_entries;
};

static struct table *
table_of(struct store *s)
{
	return (struct table *)s;
}

static const struct table *
const_table_of(const struct store *s)
{
	return (const struct table *)s;
}

static inline void *
value_of(struct entry *e)
{
	return e + 1;
}

static inline struct entry *
entry_at(const struct table *t, const struct space *sp, uint32_t number)
{
	uint32_t shifted = number + (1U << FIRST_CHUNK_BITS);
	unsigned bits = 31U - (unsigned)__builtin_clz(shifted);

	return (struct entry *)(sp->chunks[bits - FIRST_CHUNK_BITS] + (shifted - (1U << bits)) * t->stride);
}

static inline struct span
key_of(const struct entry *e)
{
	if (e->key_bytes == IS_NULL_KEY)
		return SPAN_NONE;
	return span_of(e->key_bytes <= NEAR_BYTES ? e->near : e->far, e->key_bytes);
}

static void
set_key(struct entry *e, struct span key, struct arena *arena)
{
	assert(key.n < IS_NULL_KEY);
	e->key_bytes = key.p == NULL ? IS_NULL_KEY : (uint32_t)key.n;
	if (key.n > NEAR_BYTES)
		e->far = arena_copy(arena, key).p;
	else if (key.n > 0)
		memcpy(e->near, key.p, key.n);
}

/* Entries that N chunks hold. */
static uint64_t
chunks_hold(uint32_t n)
{
	return (((uint64_t)1 << n) - 1) << FIRST_CHUNK_BITS;
}

static inline uint64_t
load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, 8);
	return v;
}

static inline uint32_t
load4(const char *p)
{
	uint32_t v;

	memcpy(&v, p, 4);
	return v;
}

/* Two loads that overlap beat a call. */
static inline bool
has_key(const struct entry *e, struct span key)
{
	const char *a = e->near, *b = key.p;
	size_t      n = key.n;

	if (n != e->key_bytes)
		return false;
	if (n > NEAR_BYTES)
		return memcmp(e->far, b, n) == 0;
	if (n >= 8)
		return load8(a) == load8(b) && load8(a + n - 8) == load8(b + n - 8);
	if (n >= 4)
		return load4(a) == load4(b) && load4(a + n - 4) == load4(b + n - 4);
	return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}

static inline struct entry *
find(const struct table *t, const struct space *sp, struct span key, uint64_t hash)
{
	struct index_probe probe;
	uint32_t           number;

	if (key.p == NULL)
		return sp->null_entry;
	probe = index_probe(&sp->index, (uint32_t)(hash >> 32));
	while (index_next(&probe, &number)) {
		struct entry *e = entry_at(t, sp, number);

		if (has_key(e, key))
			return e;
	}
	return NULL;
}

/* Not in the index yet. */
static struct entry *
append(struct table *t, struct space *sp, struct span key)
{
	uint64_t      number = sp->head.n_entries;
	struct entry *e;

	if (number == chunks_hold(sp->n_chunks)) {
		/* Beyond 2^31 entries in one window memory has run out long ago. */
		assert(sp->n_chunks < MAX_CHUNKS);
		sp->chunks = alloc_resized(sp->chunks, sp->n_chunks + 1, sizeof(char *));
		sp->chunks[sp->n_chunks] =
		    alloc_resized(NULL, (size_t)1 << (sp->n_chunks + FIRST_CHUNK_BITS), t->stride);
		sp->n_chunks++;
	}
	e = entry_at(t, sp, (uint32_t)number);
	memset(e, 0, t->stride);
	e->number = (uint32_t)number;
	set_key(e, key, &sp->head.arena);
	if (key.p == NULL)
		sp->null_entry = e;
	t->n_spaces += number == 0;
	t->n_entries++;
	sp->head.n_entries++;
	return e;
}

static struct entry *
add(struct table *t, struct space *sp, struct span key, uint64_t hash)
{
	struct entry *e = append(t, sp, key);

	if (key.p != NULL)
		index_add(&sp->index, (uint32_t)(hash >> 32), e->number);
	return e;
}

/* Room for one more: first what dropped spaces left, or a store nobody ever settles would grow. */
static void
make_room_for_changed(struct table *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->n_changed; i++) {
		if (t->changed[i] == NULL)
			continue;
		t->changed[i]->changed_place = kept;
		t->changed[kept++] = t->changed[i];
	}
	t->n_changed = kept;
	if (kept < t->cap_changed / 2)
		return;
	t->cap_changed = t->cap_changed == 0 ? 16 : t->cap_changed * 2;
	t->changed = alloc_resized(t->changed, t->cap_changed, sizeof(struct space *));
}

static void
mark_changed(struct table *t, struct space *sp, struct entry *e)
{
	if (sp->n_changed == 0) {
		if (t->n_changed == t->cap_changed)
			make_room_for_changed(t);
		sp->changed_place = t->n_changed;
		t->changed[t->n_changed++] = sp;
	}
	if (sp->n_changed == sp->cap_changed) {
		sp->cap_changed = sp->cap_changed == 0 ? 4 : sp->cap_changed * 2;
		sp->changed = alloc_resized(sp->changed, sp->cap_changed, sizeof(uint32_t));
	}
	sp->changed[sp->n_changed++] = e->number;
	t->n_changed_entries++;
	e->changed_in = t->generation;
}

/* E: NULL, the key is not there.  The rest of a put that is not most often. */
static __attribute__((noinline)) void *
put_slowly(struct table *t, struct space *sp, struct span key, uint64_t hash, struct entry *e)
{
	if (e == NULL)
		e = add(t, sp, key, hash);
	if (e->changed_in != t->generation)
		mark_changed(t, sp, e);
	return value_of(e);
}

static void *
table_put(struct store *store, struct store_space *head, struct span key,
          const struct store_probe *probe)
{
	struct table *t = table_of(store);
	struct space *sp = (struct space *)head;
	struct entry *e;

	if (__builtin_expect(key.p == NULL, 0))
		return put_slowly(t, sp, key, 0, sp->null_entry);
	if (probe->likely != NULL && probe->space == head && has_key(probe->likely, key))
		e = probe->likely;
	else
		e = find(t, sp, key, probe->hash);
	if (__builtin_expect(e == NULL || e->changed_in != t->generation, 0))
		return put_slowly(t, sp, key, probe->hash, e);
	return value_of(e);
}

static void *
table_get(const struct store *store, const struct store_space *head, struct span key)
{
	const struct space *sp = (const struct space *)head;
	struct entry       *e;

	assert(sp->n_pending == 0);
	e = find(const_table_of(store), sp, key, store_hash(store, key));
	return e == NULL ? NULL : value_of(e);
}

/* ---- restoring ---- */

/*
 * The index is what a restore would wait for: entries lie in order of their numbers, places in the index at random.  So
 * tags are kept, and put into the index all together, in the order of its parts: each part stays in the cache meanwhile.
 */
static void *
table_restore(struct store *store, struct store_space *head, struct span key, uint64_t number)
{
	struct table *t = table_of(store);
	struct space *sp = (struct space *)head;
	struct entry *e;

	if (number < head->n_entries) {
		e = entry_at(t, sp, (uint32_t)number);
		if (key.p == NULL ? e != sp->null_entry : !has_key(e, key))
			return NULL;
		memset(value_of(e), 0, t->store.value_bytes);
		return value_of(e);
	}
	if (number != head->n_entries || (key.p == NULL && sp->null_entry != NULL))
		return NULL;
	if (sp->n_pending == sp->cap_pending) {
		sp->cap_pending = sp->cap_pending == 0 ? FIRST_PENDING : sp->cap_pending * 2;
		sp->pending = alloc_resized(sp->pending, sp->cap_pending, sizeof(uint32_t));
	}
	sp->is_saved = true;
	sp->pending[sp->n_pending++] = (uint32_t)(store_hash(store, key) >> 32);
	return value_of(append(t, sp, key));
}

static void
forget_pending(struct space *sp)
{
	free(sp->pending);
	sp->pending = NULL;
	sp->n_pending = sp->cap_pending = 0;
}

/* False: its key is there. */
static bool
index_entry(const struct table *t, struct space *sp, uint32_t tag, uint32_t number)
{
	const struct entry *e = entry_at(t, sp, number);
	struct index_probe  probe = index_probe(&sp->index, tag);
	uint32_t            other;

	while (index_next(&probe, &other))
		if (has_key(entry_at(t, sp, other), key_of(e)))
			return false;
	index_add(&sp->index, tag, number);
	return true;
}

/* The pending tags with their numbers, those of one part of the index together. */
static uint64_t *
by_parts(const struct space *sp, unsigned bits)
{
	uint64_t *all = alloc_bytes(sp->n_pending * sizeof(*all));
	uint32_t *ends = alloc_zeroed((size_t)1 << bits, sizeof(*ends)), first = (uint32_t)sp->head.n_entries - sp->n_pending, at = 0;

	for (uint32_t i = 0; i < sp->n_pending; i++)
		ends[(uint64_t)sp->pending[i] >> (32 - bits)]++;
	for (size_t i = 0; i < (size_t)1 << bits; i++) {
		at += ends[i];
		ends[i] = at - ends[i];
	}
	for (uint32_t i = 0; i < sp->n_pending; i++)
		all[ends[(uint64_t)sp->pending[i] >> (32 - bits)]++] = (uint64_t)sp->pending[i] << 32 | (first + i);
	free(ends);
	return all;
}

static bool
index_pending(const struct table *t, struct space *sp)
{
	unsigned  bits = 0;
	uint64_t *all;
	bool      is_good = true;

	if (sp->n_pending == 0)
		return true;
	while (bits < MAX_PART_BITS && sp->n_pending >> bits > PART_ENTRIES)
		bits++;
	index_reserve(&sp->index, sp->n_pending);
	all = by_parts(sp, bits);
	for (uint32_t i = 0; i < sp->n_pending && is_good; i++)
		if (entry_at(t, sp, (uint32_t)all[i]) != sp->null_entry)
			is_good = index_entry(t, sp, (uint32_t)(all[i] >> 32), (uint32_t)all[i]);
	free(all);
	forget_pending(sp);
	return is_good;
}

static bool
table_loaded(struct store *store)
{
	struct store_space *sp = store_at_or_above(store, INT64_MIN);
	bool                is_good = true;

	for (; sp != NULL && is_good; sp = store_following(store, sp))
		is_good = index_pending(table_of(store), (struct space *)sp);
	return is_good;
}

/*
 * One after the other, each find would wait for memory twice (slot, entry) where a table is larger
 * than the caches; here a whole batch waits twice.
 */
static void
look_ahead(const struct table *t, const struct space *sp, struct store_probe *probes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		index_prefetch(&sp->index, (uint32_t)(probes[i].hash >> 32));
	for (size_t i = 0; i < n; i++) {
		struct index_probe probe = index_probe(&sp->index, (uint32_t)(probes[i].hash >> 32));
		uint32_t           number;
		char              *e;

		if (!index_next(&probe, &number))
			continue;
		e = (char *)entry_at(t, sp, number);
		__builtin_prefetch(e, 1);
		__builtin_prefetch(e + 64, 1);
		__builtin_prefetch(e + t->last_line, 1);
		probes[i].likely = e;
	}
}

static void
table_prepare(struct store *store, const struct store_space *head, const struct span *keys, size_t n,
              struct store_probe *probes)
{
	assert(n <= STORE_BATCH && (head == NULL || ((const struct space *)head)->n_pending == 0));
	for (size_t i = 0; i < n; i++)
		probes[i] = (struct store_probe){ store_hash(store, keys[i]), head, NULL };
	if (head != NULL && head->n_entries >= LOOK_AHEAD_FROM)
		look_ahead(table_of(store), (const struct space *)head, probes, n);
}

static void
fill(struct store_entry *to, struct entry *e)
{
	to->key = key_of(e);
	to->number = e->number;
	to->value = value_of(e);
}

static bool
table_next(const struct store *store, const struct store_space *head, uint64_t *at,
           struct store_entry *to)
{
	if (*at >= head->n_entries)
		return false;
	fill(to, entry_at(const_table_of(store), (const struct space *)head, (uint32_t)*at));
	++*at;
	return true;
}

static const struct store_space *
table_next_changed(const struct store *store, struct store_walk *walk, struct store_entry *to)
{
	const struct table *t = const_table_of(store);

	for (; walk->space < t->n_changed; walk->space++, walk->entry = 0) {
		const struct space *sp = t->changed[walk->space];

		if (sp != NULL && walk->entry < sp->n_changed) {
			fill(to, entry_at(t, sp, sp->changed[walk->entry++]));
			return &sp->head;
		}
	}
	return NULL;
}

static bool
table_next_dropped(const struct store *store, size_t *at, int64_t *id)
{
	const struct table *t = const_table_of(store);

	if (*at >= t->n_dropped)
		return false;
	*id = t->dropped[(*at)++];
	return true;
}

static void
table_settle(struct store *store)
{
	struct table *t = table_of(store);

	for (size_t i = 0; i < t->n_changed; i++) {
		if (t->changed[i] == NULL)
			continue;
		t->changed[i]->is_saved = true;
		t->changed[i]->n_changed = 0;
	}
	t->n_changed = 0;
	t->n_changed_entries = 0;
	t->n_dropped = 0;
	t->generation++;
}

static void
free_space(struct space *sp)
{
	if (sp == NULL)
		return;
	for (uint32_t i = 0; i < sp->n_chunks; i++)
		free(sp->chunks[i]);
	free(sp->chunks);
	free(sp->changed);
	free(sp->pending);
	index_release(&sp->index);
	arena_release(&sp->head.arena);
	free(sp);
}

/* Windows follow one another: what one had, the next will want.  Not if it was mostly empty. */
static void
retire(struct table *t, struct space *sp)
{
	if (t->spare != NULL || sp->head.n_entries < chunks_hold(sp->n_chunks) / 8) {
		free_space(sp);
		return;
	}
	index_clear(&sp->index);
	if (sp->n_touched < sp->head.n_entries)
		sp->n_touched = sp->head.n_entries;
	forget_pending(sp);
	arena_reset(&sp->head.arena);
	sp->head.n_entries = 0;
	sp->is_saved = false;
	sp->null_entry = NULL;
	sp->n_changed = 0;
	t->spare = sp;
}

static void
table_trim(struct store *store)
{
	struct table *t = table_of(store);

	free_space(t->spare);
	t->spare = NULL;
}

static struct store_space *
table_space(struct store *store, int64_t id)
{
	struct table *t = table_of(store);
	struct space *sp = order_at_or_below(&t->spaces, id);

	if (sp != NULL && sp->head.id == id)
		return &sp->head;
	sp = t->spare != NULL ? t->spare : alloc_zeroed(1, sizeof(*sp));
	t->spare = NULL;
	sp->head.id = id;
	order_put(&t->spaces, id, sp);
	return &sp->head;
}

static struct store_space *
table_at_or_below(const struct store *store, int64_t id)
{
	struct space *sp = order_at_or_below(&const_table_of(store)->spaces, id);

	return sp == NULL ? NULL : &sp->head;
}

static struct store_space *
table_at_or_above(const struct store *store, int64_t id)
{
	struct space *sp = order_at_or_above(&const_table_of(store)->spaces, id);

	return sp == NULL ? NULL : &sp->head;
}

static void
table_drop(struct store *store, struct store_space *head)
{
	struct table *t = table_of(store);
	struct space *sp = (struct space *)head;

	order_take(&t->spaces, head->id);
	if (sp->n_changed > 0)
		t->changed[sp->changed_place] = NULL;
	if (sp->is_saved) {
		if (t->n_dropped == t->cap_dropped) {
			t->cap_dropped = t->cap_dropped == 0 ? 16 : t->cap_dropped * 2;
			t->dropped = alloc_resized(t->dropped, t->cap_dropped, sizeof(int64_t));
		}
		t->dropped[t->n_dropped++] = head->id;
	}
	t->n_changed_entries -= sp->n_changed;
	t->n_entries -= head->n_entries;
	t->n_spaces -= head->n_entries > 0;
	retire(t, sp);
}

static void
table_count(const struct store *store, struct store_counts *c)
{
	const struct table *t = const_table_of(store);

	*c = (struct store_counts){ t->n_spaces, t->n_entries, t->n_changed_entries, t->n_dropped };
}

static uint64_t
space_bytes(const struct table *t, const struct space *sp)
{
	uint64_t touched = sp->n_touched > sp->head.n_entries ? sp->n_touched : sp->head.n_entries;

	return sizeof(*sp) + touched * t->stride + sp->n_chunks * sizeof(char *) + sp->cap_changed * sizeof(uint32_t) +
	       sp->cap_pending * sizeof(uint32_t) + index_bytes(&sp->index) + sp->head.arena.total;
}

static uint64_t
table_bytes(const struct store *store)
{
	const struct table       *t = const_table_of(store);
	const struct store_space *sp = store_at_or_above(store, INT64_MIN);
	uint64_t                  bytes = sizeof(*t) + order_bytes(&t->spaces) +
	                                  t->cap_changed * sizeof(struct space *) + t->cap_dropped * sizeof(int64_t);

	for (; sp != NULL; sp = store_following(store, sp))
		bytes += space_bytes(t, (const struct space *)sp);
	return bytes + (t->spare == NULL ? 0 : space_bytes(t, t->spare));
}

static void
table_free(struct store *store)
{
	struct table             *t = table_of(store);
	const struct store_space *sp = store_at_or_above(store, INT64_MIN), *next;

	for (; sp != NULL; sp = next) {
		next = store_following(store, sp);
		free_space((struct space *)sp);
	}
	free_space(t->spare);
	order_release(&t->spaces);
	free(t->changed);
	free(t->dropped);
	free(t);
}

static const struct store_class table_class = {
	.name = "table",
	.space = table_space,
	.at_or_below = table_at_or_below,
	.at_or_above = table_at_or_above,
	.drop = table_drop,
	.prepare = table_prepare,
	.put = table_put,
	.get = table_get,
	.restore = table_restore,
	.loaded = table_loaded,
	.next = table_next,
	.next_changed = table_next_changed,
	.next_dropped = table_next_dropped,
	.settle = table_settle,
	.trim = table_trim,
	.count = table_count,
	.bytes = table_bytes,
	.free = table_free,
};

struct store *
table_new(size_t value_bytes, uint64_t hash_seed)
{
	struct table *t = alloc_zeroed(1, sizeof(*t));

	value_bytes = (value_bytes + 15) & ~(size_t)15;
	t->store = (struct store){ &table_class, value_bytes, hash_seed };
	t->stride = sizeof(struct entry) + value_bytes;
	t->last_line = (t->stride < AHEAD_BYTES ? t->stride : AHEAD_BYTES) - 1;
	t->generation = 1;
	return &t->store;
}
