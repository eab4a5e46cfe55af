/* test_ids - a set of fingerprints: against a sorted list, at any size, and what it costs */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "optest.h"
#include "state/ids.h"

enum { FEW = 3000 };

static struct hash_print
print_of(uint64_t i)
{
	return hash_print(span_of((const char *)&i, sizeof(i)), 7);
}

/* Fingerprints that crowd: of few shards and homes, some equal in their first word. */
static struct hash_print
crowded(uint64_t *random)
{
	uint64_t r = optest_random(random);

	return (struct hash_print){ (r % 3) << 62 | (r >> 40) % 40 << 20, (r >> 20) % 4 };
}

static bool
is_after(struct hash_print a, struct hash_print b)
{
	return a.hi != b.hi ? a.hi > b.hi : a.lo > b.lo;
}

/* ---- against a list ---- */

struct list {
	struct hash_print prints[FEW];
	uint64_t          values[FEW];
	size_t            n;
};

static size_t
list_find(const struct list *l, struct hash_print p)
{
	size_t i = 0;

	while (i < l->n && (l->prints[i].hi != p.hi || l->prints[i].lo != p.lo))
		i++;
	return i;
}

static void
compare(const struct ids *s, const struct list *l, bool has_values)
{
	struct ids_cursor at = { 0 };
	struct hash_print p, before = { 0, 0 };
	size_t            n = 0;
	uint64_t         *e;

	while ((e = ids_next(s, &at, &p)) != NULL) {
		size_t i = list_find(l, p);

		assert_true(i < l->n);
		assert_true(n == 0 || is_after(p, before));
		assert_true(!has_values || e[IDS_VALUE] == l->values[i]);
		assert_ptr_equal(ids_find(s, p), e);
		before = p;
		n++;
	}
	assert_int_equal(n, l->n);
	assert_int_equal(ids_count(s), l->n);
}

static bool
is_even(const void *cookie, const uint64_t *e)
{
	(void)cookie;
	return e[IDS_VALUE] % 2 == 0;
}

static void
sweep_odd(struct ids *s, struct list *l)
{
	size_t kept = 0;

	for (uint32_t shard = 0; shard < IDS_SHARDS; shard++)
		ids_sweep(s, shard, is_even, NULL);
	for (size_t i = 0; i < l->n; i++) {
		if (l->values[i] % 2 != 0)
			continue;
		l->prints[kept] = l->prints[i];
		l->values[kept++] = l->values[i];
	}
	l->n = kept;
}

static void
take_one(struct ids *s, struct list *l, size_t i, bool has_values)
{
	struct hash_print p = l->prints[i], found;

	if (has_values)
		assert_ptr_equal(ids_find_value(s, ids_places(p), IDS_USED, l->values[i], &found), ids_find(s, p));
	ids_remove(s, p, ids_find(s, p));
	l->prints[i] = l->prints[--l->n];
	l->values[i] = l->values[l->n];
}

static void
as_a_list_would(bool has_values, bool is_crowded)
{
	static struct list l;
	uint64_t           random = 20130101;
	struct ids        *s = ids_new(has_values);

	l.n = 0;
	for (uint64_t i = 0; i < FEW; i++) {
		struct hash_print p = is_crowded ? crowded(&random) : print_of(optest_random(&random) % (FEW / 2));
		size_t            at = list_find(&l, p);
		bool              is_new;
		uint64_t         *e;

		assert_true((ids_find(s, p) != NULL) == (at < l.n));
		ids_prefetch(s, &p, 1);
		e = i % 3 == 0 ? ids_append(s, p, &is_new) : ids_add(s, p, &is_new);
		assert_int_equal(is_new, at == l.n);
		l.prints[at] = p;
		l.n += is_new;
		l.values[at] = 1000001 + i;
		if (has_values)
			e[IDS_VALUE] = l.values[at];
		if (optest_random(&random) % 5 == 0)
			take_one(s, &l, optest_random(&random) % l.n, has_values);
		if (i % 50 == 0)
			compare(s, &l, has_values);
		if (has_values && i % 1000 == 999)
			sweep_odd(s, &l);
	}
	compare(s, &l, has_values);
	while (l.n > 0)
		take_one(s, &l, 0, has_values);
	compare(s, &l, has_values);
	ids_free(s);
}

static void
a_set_is_a_sorted_list_without_doubles(void **state)
{
	(void)state;
	as_a_list_would(false, false);
	as_a_list_would(true, false);
	as_a_list_would(true, true);
}

/* ---- what it costs ---- */

#ifdef __SANITIZE_ADDRESS__
enum { MANY = 1000000, FEWER = 1000000 };
#else
enum { MANY = 10000000, FEWER = 2000000 };
#endif

/* The most bytes an id took from a million on, and at the end. */
static void
fill(struct ids *s, uint64_t n, double *most, double *last)
{
	bool is_new;

	*most = *last = 0;
	for (uint64_t i = 1; i <= n; i++) {
		ids_add(s, print_of(i), &is_new);
		if (i % 4096 != 0 || i < 1000000 - 4096)
			continue;
		*last = (double)ids_bytes(s) / (double)i;
		if (*last > *most)
			*most = *last;
	}
}

static void
measure(bool has_values, uint64_t n, double limit)
{
	struct ids *s = ids_new(has_values);
	double      most, last;

	fill(s, n, &most, &last);
	print_message("%s values, %llu ids: %.1f bytes an id, at most %.1f\n", has_values ? "with" : "without",
	              (unsigned long long)n, last, most);
	assert_true(most <= limit);
	assert_int_equal(ids_count(s), n);
	ids_free(s);
}

static void
an_id_takes_few_bytes_at_any_size(void **state)
{
	(void)state;
	measure(false, MANY, 24);
	measure(true, FEWER, 32);
}

/* A hundredth of the shards with a hundredth of a hundred million ids: as large as they get, and grown from nothing. */
static void
growing_stops_nobody_for_long(void **state)
{
	enum { SHARDS = IDS_SHARDS / 100, N = 1000000, BATCH = 32 };
	struct ids *s = ids_new(true);
	uint64_t    most = 0, random = 20130101;
	bool        is_new;

	(void)state;
	for (int i = 0; i < N / BATCH; i++) {
		uint64_t before = ids_moves(s);

		for (int k = 0; k < BATCH; k++) {
			struct hash_print p = print_of(optest_random(&random));

			p.hi = p.hi >> IDS_SHARD_BITS | (p.hi % SHARDS) << (64 - IDS_SHARD_BITS);
			ids_add(s, p, &is_new);
		}
		if (ids_moves(s) - before > most)
			most = ids_moves(s) - before;
	}
	print_message("at 100 M ids %d adds moved at most %llu entries\n", BATCH, (unsigned long long)most);
	/* Three shards that grow at once. */
	assert_true(most > 0 && most < 3 * (N / SHARDS));
	ids_free(s);
}

/*
 * A walk's ids appended to another set, with or without room for them beforehand; now and then something else is done to
 * the shard that is being filled.
 */
static void
copy(const struct ids *from, bool has_values, uint64_t reserved, bool is_disturbed)
{
	struct ids_cursor at = { 0 };
	struct ids       *to = ids_new(has_values);
	struct hash_print p, before = { 0, 0 };
	uint64_t         *e, *new, n = 0, random = 7;
	bool              is_new;

	ids_reserve(to, reserved);
	while ((e = ids_next(from, &at, &p)) != NULL) {
		uint64_t r = is_disturbed ? optest_random(&random) % 5000 : 5000;

		if (r == 0)
			ids_reserve(to, ids_count(to) * 2);
		if (r < 2 && n > 0)
			ids_remove(to, before, ids_find(to, before));
		if (r < 3 && n > 0) {
			new = ids_add(to, before, &is_new);
			assert_int_equal(is_new, r < 2);
			if (has_values)
				new[IDS_VALUE] = n - 1;
		}
		new = ids_append(to, p, &is_new);
		assert_true(is_new);
		assert_true(!has_values || new[IDS_VALUE] == 0);
		if (has_values)
			new[IDS_VALUE] = n;
		if (r == 4) {
			assert_ptr_equal(ids_append(to, p, &is_new), new);
			assert_false(is_new);
		}
		before = p;
		n++;
	}
	assert_int_equal(ids_count(to), n);
	n = 0;
	for (at = (struct ids_cursor){ 0 }; (e = ids_next(from, &at, &p)) != NULL; n++) {
		new = ids_find(to, p);
		assert_non_null(new);
		assert_true(!has_values || new[IDS_VALUE] == n);
	}
	ids_free(to);
}

static void
what_a_walk_gives_can_be_appended(void **state)
{
	enum { N = 400000 };
	struct ids *s = ids_new(false);
	bool        is_new;

	(void)state;
	for (uint64_t i = 0; i < N; i++)
		ids_add(s, print_of(i), &is_new);
	for (int k = 0; k < 8; k++)
		copy(s, (k & 1) != 0, (k & 2) != 0 ? N : 0, (k & 4) != 0);
	ids_free(s);
}

/* As they come from a snapshot. */
static void
in_ascending_order_they_do_not_crowd(void **state)
{
	enum { N = 2000000 };
	struct ids *s = ids_new(false);
	bool        is_new;

	(void)state;
	for (uint64_t i = 0; i < N; i++)
		ids_add(s, (struct hash_print){ i * (UINT64_MAX / N), i }, &is_new);
	print_message("in order: %.1f moves an id, %.1f bytes an id\n", (double)ids_moves(s) / N, (double)ids_bytes(s) / N);
	assert_true(ids_moves(s) < (uint64_t)N * 10);
	assert_int_equal(ids_count(s), N);
	assert_true(ids_bytes(s) < (uint64_t)N * 26);
	ids_free(s);
}

static void
what_is_reserved_is_never_put_elsewhere(void **state)
{
	enum { N = 2000000 };
	struct ids *s = ids_new(false);
	bool        is_new;

	(void)state;
	ids_reserve(s, N);
	for (uint64_t i = 0; i < N; i++)
		ids_append(s, (struct hash_print){ i * (UINT64_MAX / N), i }, &is_new);
	assert_true(ids_moves(s) < (uint64_t)N / 10);
	assert_int_equal(ids_count(s), N);
	assert_true(ids_bytes(s) < (uint64_t)N * 22);
	ids_reserve(s, N / 2);                  /* takes nothing away */
	assert_int_equal(ids_count(s), N);
	ids_free(s);
}

static bool
none(const void *cookie, const uint64_t *e)
{
	(void)cookie;
	(void)e;
	return false;
}

static void
what_goes_gives_its_memory_back(void **state)
{
	struct ids *s = ids_new(true);
	uint64_t    empty = ids_bytes(s);
	bool        is_new;

	(void)state;
	for (uint64_t i = 0; i < 200000; i++)
		ids_add(s, print_of(i), &is_new);
	assert_true(ids_bytes(s) > 20 * 200000);
	for (uint32_t shard = 0; shard < IDS_SHARDS; shard++)
		ids_sweep(s, shard, none, NULL);
	assert_int_equal(ids_count(s), 0);
	assert_true(ids_bytes(s) < empty + 20000);
	ids_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_is_a_sorted_list_without_doubles),
		cmocka_unit_test(an_id_takes_few_bytes_at_any_size),
		cmocka_unit_test(growing_stops_nobody_for_long),
		cmocka_unit_test(what_a_walk_gives_can_be_appended),
		cmocka_unit_test(in_ascending_order_they_do_not_crowd),
		cmocka_unit_test(what_is_reserved_is_never_put_elsewhere),
		cmocka_unit_test(what_goes_gives_its_memory_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
