/*
 * ids - which fingerprints have been seen, and a word for each
 *
 * A set of 128-bit fingerprints (base/hash.h), each with a 64-bit value where the set was made to
 * have them.  The fingerprint's first bits choose one of IDS_SHARDS shards; a shard is a hash table of
 * groups of eight, of which a fingerprint may stand in two, and goes to the emptier one (Azar, Broder, Karlin and
 * Upfal, Balanced allocations, 1994); where both are full, one that is there moves to its other group (Pagh and
 * Rodler, Cuckoo hashing, 2001).  A group has its fingerprints' first words in one line of cache, the second in the
 * next, the values in a third: two lines tell that one is not there, at any load.
 *
 * Shards grow one by one (as the submaps of Popovitch's parallel hashmap do): at 100 M ids that is a
 * hundred thousand entries, a millisecond or two (bench/ids) at a time.  They grow by a fifth, some more and some less, so that they are not all
 * emptiest together; in pages of one size, so that what one shard gives back fits the next
 * (base/pages.h).
 *
 * An entry is 16 bytes, with a value 24; with the gaps 19 to 21 bytes an id, with values 28 to 31
 * (tests/unit/test_ids.c measures it).  The bits that the shard stands for are left out of the entry:
 * in their place are flags that the owner may use.
 */
#ifndef STATE_IDS_H
#define STATE_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

enum { IDS_SHARD_BITS = 10, IDS_SHARDS = 1 << IDS_SHARD_BITS };

/* In the low bits of entry[IDS_FLAGS]; the other bits there are not the owner's. */
enum { IDS_USED = 1, IDS_FLAG_A = 2, IDS_FLAG_B = 4 };

/* The words of an entry: those of its neighbours lie between them. */
enum { IDS_FLAGS = 0, IDS_LOW = 8, IDS_VALUE = 16 };

struct ids;

struct ids *ids_new(bool has_values);
void        ids_free(struct ids *);

uint64_t ids_count(const struct ids *);
uint64_t ids_bytes(const struct ids *);      /* of memory */
uint64_t ids_moves(const struct ids *);      /* times that an entry was put elsewhere, ever: what growing costs */

/* About N in all will be there soon: their memory is taken at once, and nothing has to be put elsewhere for it to grow. */
void ids_reserve(struct ids *, uint64_t n);

/* These N will be looked for soon: their memory is asked for all at once. */
void ids_prefetch(const struct ids *, const struct hash_print *, size_t n);

/* Its entry, until the next add, remove or sweep; NULL: none. */
uint64_t *ids_find(const struct ids *, struct hash_print);

/*
 * Half of a fingerprint, which says where in a set it can stand; and the entry that has this value and, among others, these
 * flags there, with its fingerprint.  There must be one, and no other.
 */
uint64_t  ids_places(struct hash_print);
uint64_t *ids_find_value(const struct ids *, uint64_t places, uint64_t flags, uint64_t value, struct hash_print *);

/* The same as ids_find, made where there is none: no flags, the value is 0. */
uint64_t *ids_add(struct ids *, struct hash_print, bool *is_new);

/*
 * The same as ids_add, and much cheaper for those that come in ascending order into shards that were empty, as ids_next
 * gave them.  Would this one be such?  Then a prefetch is not worth it.
 */
uint64_t *ids_append(struct ids *, struct hash_print, bool *is_new);
bool      ids_follows(const struct ids *, struct hash_print);

/* ENTRY goes. */
void ids_remove(struct ids *, struct hash_print, uint64_t *entry);

/*
 * Walk the set in ascending order: {0} first, NULL at the end, where the walk's memory goes, too.  Nothing may be
 * added, removed or swept meanwhile.
 */
struct ids_cursor {
	uint32_t   shard;            /* to be looked at next */
	uint32_t   end;              /* the walk ends before this one; 0: behind the last */
	uint64_t **all;              /* the entries of the one before, in order: n of them, the next is AT */
	size_t     at, n, cap;
};

uint64_t *ids_next(const struct ids *, struct ids_cursor *, struct hash_print *);

/*
 * Look at a shard's entries and let those go that KEEP does not want; the shard gives back the memory
 * it needs no more.  Returns how many were looked at.
 */
uint64_t ids_sweep(struct ids *, uint32_t shard, bool (*keep)(const void *cookie, const uint64_t *entry), const void *cookie);

#endif
