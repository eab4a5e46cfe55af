/*
 * ids - which fingerprints have been seen, and a word for each
 *
 * A set of 128-bit fingerprints (base/hash.h), each with a 64-bit value where the set was made to
 * have them.  The fingerprint's first bits choose one of IDS_SHARDS shards; a shard is an ordered
 * hash table with linear probing (Amble and Knuth, Ordered hash tables, 1974): its entries stand in
 * the order of their fingerprints, with gaps, so that a search for what is not there ends early at a
 * load of 7/8, a walk is in ascending order whatever came in which order, and growing is one
 * pass over a shard.  Shards grow one by one (as the submaps of Popovitch's parallel hashmap do): at
 * 100 M ids that is half a millisecond at a time.  They grow by an eighth, in pages that are all of
 * one size, so that what one shard gives back fits the next.
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

/* The words of an entry. */
enum { IDS_FLAGS, IDS_LOW, IDS_VALUE };

struct ids;

struct ids *ids_new(bool has_values);
void        ids_free(struct ids *);

uint64_t ids_count(const struct ids *);
uint64_t ids_bytes(const struct ids *);      /* of memory */

/* These N will be looked for soon: their memory is asked for all at once. */
void ids_prefetch(const struct ids *, const struct hash_print *, size_t n);

/* Its entry, until the next add, remove or sweep; NULL: none. */
uint64_t *ids_find(const struct ids *, struct hash_print);

/* The entry with that value whose fingerprint begins with HI, and the whole of it; there must be one. */
uint64_t *ids_find_value(const struct ids *, uint64_t hi, uint64_t value, struct hash_print *);

/* The same as ids_find, made where there is none: no flags, the value is 0. */
uint64_t *ids_add(struct ids *, struct hash_print, bool *is_new);

/* ENTRY goes. */
void ids_remove(struct ids *, struct hash_print, uint64_t *entry);

/* Of those that follow *CURSOR, the least fingerprint; {0}: of all.  NULL: there is no more. */
struct ids_cursor { uint32_t shard, slot; };
uint64_t *ids_next(const struct ids *, struct ids_cursor *, struct hash_print *);

/*
 * Look at a shard's entries and let those go that KEEP does not want; the shard gives back the memory
 * it needs no more.  Returns how many were looked at.
 */
uint64_t ids_sweep(struct ids *, uint32_t shard, bool (*keep)(const void *cookie, const uint64_t *entry), const void *cookie);

#endif
