/*
 * agg - what each aggregate costs
 *
 *     agg [VALUES]
 *
 * VALUES (1,000,000) different numbers, in no order, go into one accumulator of each kind.  Prints
 * CPU nanoseconds a value, and the memory that is held then.  After that a thousand small groups of
 * ten values each are merged, saved and loaded: nanoseconds a group.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agg/agg.h"
#include "base/alloc.h"

enum { TEXT = 16, GROUPS = 1000, GROUP = 10 };

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

struct work {
	const struct agg_class *class;
	struct agg_args         args;
	char                   *texts;
	size_t                  n;
	struct arena            arena;
};

static void
add(struct work *w, void *acc, size_t i)
{
	const char       *text = w->texts + i * TEXT;
	bool              is_truth = strcmp(w->class->name, "any") == 0 || strcmp(w->class->name, "all") == 0;
	struct scan_value v = { .p = text, .n = (uint32_t)strlen(text), .kind = SCAN_NUMBER }, second = v;
	struct agg_at     at = { .ts_ms = (int64_t)i, .arrival = i };
	struct agg_input  in = { .args = &w->args, .at = &at, .second = &second };
	const char       *reason;

	if (is_truth)
		v.kind = SCAN_TRUE;
	if (w->class->check(&v, &in, &reason))
		w->class->add(acc, &in, &w->arena);
}

static void *
new_acc(const struct agg_class *class)
{
	void *acc = aligned_alloc(16, class->size);

	if (acc == NULL)
		abort();
	return memset(acc, 0, class->size);
}

static double
one_large(struct work *w)
{
	void  *acc = new_acc(w->class);
	double began = now();

	for (size_t i = 0; i < w->n; i++)
		add(w, acc, i);
	began = (now() - began) / (double)w->n;
	free(acc);
	return began;
}

static void
many_small(struct work *w, double *merge, double *save, double *load)
{
	void             *all = new_acc(w->class), *acc[GROUPS];
	struct buf        saved[GROUPS] = { { 0 } };
	double            began;

	for (size_t g = 0; g < GROUPS; g++) {
		acc[g] = new_acc(w->class);
		for (size_t i = 0; i < GROUP; i++)
			add(w, acc[g], g * GROUP + i);
	}
	began = now();
	for (size_t g = 0; g < GROUPS; g++)
		w->class->save(acc[g], &saved[g]);
	*save = (now() - began) / GROUPS;
	began = now();
	for (size_t g = 0; g < GROUPS; g++)
		w->class->merge(all, acc[g], &w->args, &w->arena);
	*merge = (now() - began) / GROUPS;
	began = now();
	for (size_t g = 0; g < GROUPS; g++) {
		memset(acc[g], 0, w->class->size);
		if (!w->class->load(acc[g], buf_all(&saved[g]), &w->arena))
			abort();
	}
	*load = (now() - began) / GROUPS;
	for (size_t g = 0; g < GROUPS; g++) {
		free(acc[g]);
		buf_release(&saved[g]);
	}
	free(all);
}

int
main(int argc, char **argv)
{
	struct work w = { .args = { .part = 95, .whole = 100, .most = 10 } };

	w.n = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
	if (w.n < GROUPS * GROUP)
		w.n = GROUPS * GROUP;
	w.texts = alloc_zeroed(w.n, TEXT);
	for (size_t i = 0; i < w.n; i++)         /* a prime: all of them are different */
		snprintf(w.texts + i * TEXT, TEXT, "%" PRIu64 ".%02u", (uint64_t)i * 48271 % 2147483647 / 100,
		    (unsigned)((uint64_t)i * 48271 % 2147483647 % 100));
	printf("%-14s %10s %12s %10s %10s %10s\n", "", "add", "holds", "merge", "save", "load");
	printf("%-14s %10s %12s %10s %10s %10s\n", "", "ns/value", "bytes", "ns/group", "ns/group", "ns/group");
	for (size_t i = 0; agg_classes[i] != NULL; i++) {
		double value, merge, save, load;
		size_t held;

		w.class = agg_classes[i];
		w.args.by_second = false;
		value = one_large(&w);
		held = w.class->size + w.arena.total;
		arena_release(&w.arena);
		many_small(&w, &merge, &save, &load);
		arena_release(&w.arena);
		printf("%-14s %10.1f %12zu %10.0f %10.0f %10.0f\n", w.class->name, value, held, merge, save, load);
	}
	free(w.texts);
	return 0;
}
