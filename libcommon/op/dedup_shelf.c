/*
 * dedup_shelf - ids for which there is no room in memory
 *
 * A slice of the fingerprints, by their first bits, goes to the shelf as a table, one slice after the other in a ring (several, where
 * they are small), so that each has been in memory for as long as the others when it goes.  In memory is what is new, or has changed: it counts
 * more than what the shelf has of the same id.  An id that comes again and is found there stays there.
 *
 * Where ids are forgotten, the shelf's tables of a slice are rewritten without those once in a horizon, when the slice goes
 * there anyway: it never holds the ids of more than two horizons or so.
 */
#include "op/dedup_parts.h"

#include <endian.h>
#include <string.h>

enum {
	PRINT_BYTES = 16,
	PLAIN_BYTES = 21, VALUE_BYTES = 31,  /* of an entry, with the room to grow */
	LEAST_IDS = 8,                       /* in memory */
	TABLE_IDS = 1 << 16                  /* so many are worth a table */
};

_Static_assert(DEDUP_SLICES == 8 * sizeof(((struct dedup *)0)->moved), "a bit for each slice");

/* Ascending as the fingerprints are. */
static struct span
key_of(struct hash_print p, unsigned char to[PRINT_BYTES])
{
	uint64_t words[2] = { htobe64(p.hi), htobe64(p.lo) };

	memcpy(to, words, sizeof(words));
	return span_of((const char *)to, PRINT_BYTES);
}

/* The least that can be in a slice; of the one behind the last: 0. */
static struct hash_print
first_of(uint32_t slice)
{
	return (struct hash_print){ (uint64_t)slice * DEDUP_SLICE_SHARDS << (64 - IDS_SHARD_BITS), 0 };
}

/* ---- looking up ---- */

void
dedup_cold_find(struct dedup *d, const struct hash_print *prints, size_t n, struct dedup_cold *colds)
{
	unsigned char bytes[DEDUP_GROUP][PRINT_BYTES];
	struct span   keys[DEDUP_GROUP], values[DEDUP_GROUP];
	size_t        whose[DEDUP_GROUP], n_keys = 0;

	memset(colds, 0, n * sizeof(*colds));
	if (d->conf.shelf->n_tables == 0)
		return;
	for (size_t i = 0; i < n; i++) {
		if (ids_find(d->ids, prints[i]) != NULL)
			continue;
		keys[n_keys] = key_of(prints[i], bytes[i]);
		whose[n_keys++] = i;
	}
	if (n_keys == 0 || !shelf_get(d->conf.shelf, keys, n_keys, values))
		return;
	for (size_t i = 0; i < n_keys; i++) {
		struct dedup_cold *cold = &colds[whose[i]];

		cold->is_there = values[i].p != NULL;
		if (values[i].n == sizeof(cold->ts_ms))
			memcpy(&cold->ts_ms, values[i].p, sizeof(cold->ts_ms));
	}
}

bool
dedup_cold_is_known(const struct dedup *d, const struct dedup_cold *cold, struct hash_print p)
{
	if (cold == NULL || !cold->is_there || (d->has_horizon && d->watermark_ms >= when_add(cold->ts_ms, d->conf.within_ms)))
		return false;
	return ids_find(d->ids, p) == NULL;      /* one before it in the group may have brought it back */
}

/* ---- moving ---- */

static uint64_t
room(const struct dedup *d)
{
	uint64_t all = d->conf.memory_bytes, taken = d->conf.shelf->memory_bytes, least = all / 4;
	uint64_t left = all < taken + least ? least : all - taken;
	uint64_t n = left / (d->has_values ? VALUE_BYTES : PLAIN_BYTES);

	return n < LEAST_IDS ? LEAST_IDS : n;
}

static uint64_t
n_plain(const struct dedup *d)
{
	return ids_count(d->ids) - d->held.n;
}

static bool
stays(const void *cookie, const uint64_t *entry)
{
	(void)cookie;
	return (entry[IDS_FLAGS] & DEDUP_HELD) != 0;
}

static bool
is_shelved(const struct dedup *d, const uint64_t *entry)
{
	return !stays(NULL, entry) && dedup_is_live(d, entry);
}

void
dedup_drop_slice(struct dedup *d, uint32_t slice)
{
	struct ids_cursor at = { .shard = slice * DEDUP_SLICE_SHARDS, .end = (slice + 1) * DEDUP_SLICE_SHARDS };
	struct hash_print p;
	const uint64_t   *e;

	while (d->has_horizon && (e = ids_next(d->ids, &at, &p)) != NULL)
		if (!stays(NULL, e))
			dedup_forget_time(d, e, false);
	for (uint32_t i = slice * DEDUP_SLICE_SHARDS; i < (slice + 1) * DEDUP_SLICE_SHARDS; i++)
		ids_sweep(d->ids, i, stays, NULL);
}

/* How many went. */
static uint64_t
write_slice(struct dedup *d, uint32_t slice, bool is_first)
{
	struct ids_cursor at = { .shard = slice * DEDUP_SLICE_SHARDS, .end = (slice + 1) * DEDUP_SLICE_SHARDS };
	struct hash_print p;
	const uint64_t   *e;
	uint64_t          n = 0;

	while ((e = ids_next(d->ids, &at, &p)) != NULL) {
		unsigned char key[PRINT_BYTES];

		if (!is_shelved(d, e))
			continue;
		if (n++ == 0 && is_first)
			shelf_begin(d->conf.shelf);
		shelf_put(d->conf.shelf, key_of(p, key), d->has_horizon ? span_of((const char *)&e[IDS_VALUE], sizeof(*e)) : SPAN_LIT(""));
	}
	return n;
}

/* These go there anyway: what is forgotten of them goes, once in a horizon. */
static void
clear(struct dedup *d, uint32_t from, uint32_t to)
{
	unsigned char keys[2][PRINT_BYTES];

	if (d->to_clear == 0 && d->watermark_ms >= when_add(d->cleared_ms, d->conf.within_ms)) {
		d->to_clear = d->cleared_ms == WHEN_MIN ? 0 : DEDUP_SLICES;
		d->cleared_ms = d->watermark_ms;
	}
	if (d->to_clear == 0)
		return;
	d->to_clear -= to - from < d->to_clear ? to - from : d->to_clear;
	shelf_forget(d->conf.shelf, key_of(first_of(from), keys[0]), to == DEDUP_SLICES ? SPAN_NONE : key_of(first_of(to), keys[1]),
	             when_add(when_sub(d->watermark_ms, d->conf.within_ms), 1));
}

/* The next slices as a table: so many that it is worth one.  They are out of memory when it is written. */
static void
write_table(struct dedup *d, uint64_t least)
{
	uint32_t from = d->next_slice, to = from;
	uint64_t n = 0;

	while (to < DEDUP_SLICES && n < least)
		n += write_slice(d, to++, n == 0);
	if (n > 0)
		shelf_end(d->conf.shelf);
	if (d->has_horizon)
		clear(d, from, to);
	d->next_slice = to % DEDUP_SLICES;
	if (d->conf.shelf->failed)
		return;
	d->n_shelved += n;
	for (uint32_t i = from; i < to; i++) {
		dedup_drop_slice(d, i);
		d->moved |= (uint32_t)1 << i;
	}
	dedup_log_drop(d, first_of(from), (struct hash_print){ first_of(to).hi - 1, 0 });
}

void
dedup_shelve(struct dedup *d)
{
	uint64_t most = room(d), least = most / 4 < TABLE_IDS ? most / 4 : TABLE_IDS;

	while (n_plain(d) > most && !d->conf.shelf->failed)
		write_table(d, least);
}
