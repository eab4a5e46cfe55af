/*
 * ids - what it costs to keep fingerprints, and how long growing stops everybody
 *
 *     ids [IDS]
 *
 * IDS (100,000,000) fingerprints at random go into a set, all of them new, and once more: with no value, then with one.
 * Prints CPU nanoseconds to add one and to find one, bytes of memory an id, and how long the longest 32 adds took.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cost.h"
#include "state/ids.h"

enum { BATCH = 32 };

static void
add_batch(struct ids *s, uint64_t from)
{
	struct hash_print p[BATCH];
	bool              is_new;

	for (uint64_t k = 0; k < BATCH; k++)
		p[k] = hash_print(span_of((const char *)&(uint64_t){ from + k }, sizeof(uint64_t)), 7);
	ids_prefetch(s, p, BATCH);
	for (int k = 0; k < BATCH; k++)
		ids_add(s, p[k], &is_new);
}

static void
measure(uint64_t n, bool has_values)
{
	struct ids *s = ids_new(has_values);
	double      began = now(), before = began, after, added, longest = 0;

	for (uint64_t i = 0; i < n / BATCH; i++) {
		add_batch(s, i * BATCH);
		after = now();
		longest = after - before > longest ? after - before : longest;
		before = after;
	}
	added = before;
	for (uint64_t i = 0; i < n / BATCH; i++)
		add_batch(s, i * BATCH);
	printf("%-14s %" PRIu64 " ids: %.0f ns to add one, %.0f to find one, %.1f bytes an id, %.1f moves an id; the longest %d adds: %.0f us\n",
	    has_values ? "with values," : "no values,", ids_count(s), (added - began) / (double)n, (now() - added) / (double)n,
	    (double)ids_bytes(s) / (double)n, (double)ids_moves(s) / (double)n, BATCH, longest / 1000);
	ids_free(s);
}

int
main(int argc, char **argv)
{
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000000;

	measure(n, false);
	measure(n, true);
	return 0;
}
