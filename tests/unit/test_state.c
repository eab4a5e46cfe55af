/* test_state - keyed state in memory: what is put is found, in order of appearance, and what changed is known */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/rank.h"
#include "state/index.h"
#include "state/order.h"
#include "state/slab.h"
#include "state/table.h"
#include "state/timers.h"
#include "optest.h"

/* ---- rank ---- */

/* Numbers that differ in some bytes alone; what they stand for is where they stood. */
static void
ranks_are_in_order_and_equals_stay_as_they_were(void **state)
{
	static const uint64_t masks[] = { 0, 0xff, 0xffff, 0xff00ff, UINT64_C(0xff00000000000000), UINT64_MAX };
	uint64_t              random = 3;

	(void)state;
	for (size_t m = 0; m < sizeof(masks) / sizeof(masks[0]); m++) {
		for (size_t n = 0; n < 3000; n = n * 2 + 1) {
			struct ranks r = { 0 };

			for (size_t i = 0; i < n; i++)
				ranks_add(&r, UINT64_C(0x8000123400005678) ^ (optest_random(&random) & masks[m]), i);
			ranks_sort(&r);
			assert_int_equal(r.n, n);
			for (size_t i = 1; i < n; i++)
				assert_true(r.all[i - 1].by < r.all[i].by ||
				    (r.all[i - 1].by == r.all[i].by && r.all[i - 1].what < r.all[i].what));
			ranks_release(&r);
		}
	}
	assert_true(rank_i64(INT64_MIN) < rank_i64(-1) && rank_i64(-1) < rank_i64(0) && rank_i64(0) < rank_i64(INT64_MAX));
}

/* ---- slab ---- */

static void
places_of_a_slab_are_taken_again_and_nothing_moves(void **state)
{
	enum { N = 2000 };
	static uint64_t *things[N];
	static uint32_t  numbers[N];
	struct slab      slab;
	uint64_t         random = 5;
	size_t           n = 0, most = 0;

	(void)state;
	slab_init(&slab, 40);
	assert_int_equal(slab_bytes(&slab), 0);
	for (int step = 0; step < 40000; step++) {
		size_t i = optest_random(&random) % N;

		if (things[i] == NULL) {
			things[i] = slab_take(&slab, &numbers[i]);
			for (size_t j = 0; j < 5; j++)
				assert_int_equal(things[i][j], 0);
			for (size_t j = 0; j < 5; j++)
				things[i][j] = i;
			n++;
		} else {
			assert_ptr_equal(slab_at(&slab, numbers[i]), things[i]);
			assert_int_equal(things[i][4], i);
			slab_give_back(&slab, numbers[i]);
			things[i] = NULL;
			n--;
		}
		most = n > most ? n : most;
		assert_int_equal(slab.n, n);
		assert_true(slab.n_places <= most);
	}
	for (size_t i = 0; i < N; i++)
		if (things[i] != NULL)
			slab_give_back(&slab, numbers[i]);
	assert_int_equal(slab_bytes(&slab), 0);
	slab_release(&slab);
}

/* ---- timers ---- */

/* Against a plain list: each comes once, in order of time, and none before it is due. */
static void
timers_come_in_order_and_when_they_are_due(void **state)
{
	enum { N = 1000 };
	static const int64_t spans[] = { 3, 1000, 100000, INT64_MAX / 64 };
	static int64_t       due[N];
	static bool          waits[N];
	uint64_t             random = 17;

	(void)state;
	for (size_t s = 0; s < sizeof(spans) / sizeof(spans[0]); s++) {
		struct timers t = { 0 };
		struct timer  first;
		int64_t       now = s % 2 == 0 ? -spans[s] / 2 : 0;
		size_t        n = 0;

		for (int step = 0; step < 20000; step++) {
			size_t  i = optest_random(&random) % N;
			int64_t last = INT64_MIN;

			if (step % 7 != 0) {
				if (waits[i])
					continue;
				due[i] = now + 1 + (int64_t)(optest_random(&random) >> 2) % spans[s];
				waits[i] = true;
				timers_add(&t, (struct timer){ due[i], i });
				n++;
				continue;
			}
			now += (int64_t)(optest_random(&random) >> 2) % (spans[s] / 300 + 2);
			while (timers_take(&t, now, &first)) {
				assert_true(waits[first.number] && due[first.number] == first.at_ms);
				assert_true(first.at_ms <= now && first.at_ms >= last);
				last = first.at_ms;
				waits[first.number] = false;
				n--;
			}
			assert_int_equal(t.n, n);
			for (size_t j = 0; j < N; j++)
				assert_true(!waits[j] || due[j] > now);
		}
		timers_release(&t);
		memset(waits, 0, sizeof(waits));
	}
}

/* ---- order ---- */

enum { ORDER_IDS = 5000 };

static int64_t
order_id(size_t i)
{
	return i == 0 ? INT64_MIN : i == ORDER_IDS - 1 ? INT64_MAX : ((int64_t)i - ORDER_IDS / 2) * 1000;
}

static void
check_order(const struct order *o, char *there)
{
	for (size_t i = 0, below = SIZE_MAX; i < ORDER_IDS; i++) {
		if (there[i])
			below = i;
		assert_ptr_equal(order_at_or_below(o, order_id(i)), below == SIZE_MAX ? NULL : &there[below]);
		if (i > 0 && i < ORDER_IDS - 1)
			assert_ptr_equal(order_at_or_below(o, order_id(i) + 1), below == SIZE_MAX ? NULL : &there[below]);
	}
	for (size_t i = ORDER_IDS, above = SIZE_MAX; i-- > 0; ) {
		if (there[i])
			above = i;
		assert_ptr_equal(order_at_or_above(o, order_id(i)), above == SIZE_MAX ? NULL : &there[above]);
		if (i > 0 && i < ORDER_IDS - 1)
			assert_ptr_equal(order_at_or_above(o, order_id(i) - 1), above == SIZE_MAX ? NULL : &there[above]);
	}
}

static void
order_finds_neighbours_however_things_come_and_go(void **state)
{
	static char  there[ORDER_IDS];
	struct order o = { 0 };
	uint64_t     random = 7;
	size_t       n = 0;

	(void)state;
	check_order(&o, there);
	for (int step = 0; step < 60000; step++) {
		size_t i = optest_random(&random) % ORDER_IDS;
		bool   fill = step / 12000 % 2 == 0;

		if (there[i] && (!fill || step % 4 == 0)) {
			order_take(&o, order_id(i));
			there[i] = 0;
			n--;
		} else if (!there[i] && (fill || step % 4 == 0)) {
			order_put(&o, order_id(i), &there[i]);
			there[i] = 1;
			n++;
		}
		assert_int_equal(o.n, n);
		if (step % 5000 == 0)
			check_order(&o, there);
	}
	check_order(&o, there);
	order_release(&o);
}

static void
order_takes_time_that_goes_up_or_down(void **state)
{
	static char  there[ORDER_IDS];
	struct order o = { 0 };

	(void)state;
	for (size_t i = 0; i < ORDER_IDS; i++) {
		order_put(&o, order_id(i), &there[i]);
		there[i] = 1;
	}
	check_order(&o, there);
	for (size_t i = 0; i < ORDER_IDS; i++)
		order_take(&o, order_id(i));
	assert_int_equal(o.n, 0);
	for (size_t i = ORDER_IDS; i-- > 0; )
		order_put(&o, order_id(i), &there[i]);
	check_order(&o, there);
	order_release(&o);
}

/* ---- index ---- */

static bool
index_holds(const struct index *ix, uint32_t tag, uint32_t number)
{
	struct index_probe probe = index_probe(ix, tag);
	uint32_t           n;

	while (index_next(&probe, &n))
		if (n == number)
			return true;
	return false;
}

static void
index_finds_all_through_every_growth(void **state)
{
	enum { N = 300000 };
	struct index ix = { 0 };
	uint32_t    *tags = alloc_bytes(N * sizeof(*tags));
	uint64_t     random = 3;

	(void)state;
	assert_false(index_holds(&ix, 5, 0));
	for (uint32_t i = 0; i < N; i++) {
		/* Some tags many times, some in one corner of the range. */
		tags[i] = (uint32_t)optest_random(&random);
		if (i % 16 == 0)
			tags[i] &= 0xfffff;
		index_add(&ix, tags[i], i);
		if ((i & (i + 1)) == 0)
			for (uint32_t j = 0; j <= i; j++)
				assert_true(index_holds(&ix, tags[j], j));
	}
	for (uint32_t i = 0; i < N; i++)
		assert_true(index_holds(&ix, tags[i], i));
	for (uint32_t i = 0; i < N; i += 16)
		assert_false(index_holds(&ix, tags[i], i + 1));
	index_clear(&ix);
	for (uint32_t i = 0; i < N; i += 7)
		assert_false(index_holds(&ix, tags[i], i));
	index_add(&ix, 9, 9);
	assert_true(index_holds(&ix, 9, 9));
	free(tags);
	index_release(&ix);
}

/* Few tags, so that searches run into each other; each number there or not, as a plain array says. */
static void
index_forgets_what_is_taken_and_nothing_else(void **state)
{
	enum { N = 3000 };
	static bool  there[N];
	struct index ix = { 0 };
	uint64_t     random = 11;

	(void)state;
	for (int step = 0; step < 60000; step++) {
		uint32_t i = (uint32_t)(optest_random(&random) % N), tag = i * 0x9e3779b1U & 0xfff00000U;

		if (there[i])
			index_take(&ix, tag, i);
		else
			index_add(&ix, tag, i);
		there[i] = !there[i];
		if (step % 6000 != 0)
			continue;
		for (uint32_t j = 0; j < N; j++)
			assert_int_equal(index_holds(&ix, j * 0x9e3779b1U & 0xfff00000U, j), there[j]);
	}
	index_release(&ix);
}

static void
index_survives_tags_that_hardly_differ(void **state)
{
	enum { N = 30000 };
	struct index ix = { 0 };

	(void)state;
	for (uint32_t i = 0; i < N; i++) {
		index_add(&ix, 0xabcd0000 | i, i);
		index_add(&ix, i << 16, i);
	}
	for (uint32_t i = 0; i < N; i += 1000) {
		assert_true(index_holds(&ix, 0xabcd0000 | i, i));
		assert_true(index_holds(&ix, i << 16, i));
	}
	assert_true(index_bytes(&ix) > (size_t)8 * 2 * N);
	index_release(&ix);
}

/* ---- table ---- */

static struct span
key_of(char *text, size_t size, uint64_t i)
{
	return span_of(text, (size_t)snprintf(text, size, "key-%llu", (unsigned long long)i));
}

static uint64_t *
put(struct store *s, struct store_space *space, struct span key)
{
	struct store_probe probe;

	store_prepare(s, space, &key, 1, &probe);
	return store_put(s, space, key, &probe);
}

static const uint64_t *
get(const struct store *s, const struct store_space *space, struct span key)
{
	return store_get(s, space, key);
}

static void
entries_stay_where_they_are_and_come_by_first_appearance(void **state)
{
	enum { N = 200000 };
	struct store       *s = table_new(24, 1);
	struct store_space *space = store_space(s, 0);
	void              **places = alloc_bytes(N * sizeof(*places));
	struct store_entry  e;
	uint64_t            walk = 0;
	char                text[40];

	(void)state;
	assert_int_equal(s->value_bytes, 32);
	for (uint64_t i = 0; i < N; i++) {
		uint64_t *v = put(s, space, key_of(text, sizeof(text), i * 7919 % N));

		assert_int_equal(v[0] | v[1] | v[2] | v[3], 0);
		assert_int_equal((uintptr_t)v % 16, 0);
		v[0] = i;
		places[i] = v;
	}
	for (uint64_t i = 0; i < N; i++) {
		struct span key = key_of(text, sizeof(text), i * 7919 % N);

		assert_ptr_equal(get(s, space, key), places[i]);
		assert_ptr_equal(put(s, space, key), places[i]);
	}
	for (uint64_t i = 0; i < N; i++) {
		assert_true(store_next(s, space, &walk, &e));
		assert_int_equal(e.number, i);
		assert_ptr_equal(e.value, places[i]);
		assert_true(span_eq(e.key, key_of(text, sizeof(text), i * 7919 % N)));
	}
	assert_false(store_next(s, space, &walk, &e));
	free(places);
	store_free(s);
}

static void
every_byte_of_a_key_counts_at_every_length(void **state)
{
	struct store       *s = table_new(16, 0);
	struct store_space *space = store_space(s, 0);
	char                bytes[40];
	uint64_t            n = 0;

	(void)state;
	for (size_t len = 0; len <= 40; len++) {
		memset(bytes, 'x', sizeof(bytes));
		*put(s, space, span_of(bytes, len)) = ++n;
		for (size_t i = 0; i < len; i++) {
			bytes[i] = 'y';
			assert_null(get(s, space, span_of(bytes, len)));
			*put(s, space, span_of(bytes, len)) = ++n;
			bytes[i] = 'x';
		}
	}
	assert_int_equal(space->n_entries, n);
	n = 0;
	for (size_t len = 0; len <= 40; len++) {
		assert_int_equal(*get(s, space, span_of(bytes, len)), ++n);
		for (size_t i = 0; i < len; i++) {
			bytes[i] = 'y';
			assert_int_equal(*get(s, space, span_of(bytes, len)), ++n);
			bytes[i] = 'x';
		}
	}
	store_free(s);
}

static void
a_probe_for_another_space_or_entry_leads_nobody_astray(void **state)
{
	struct store       *s = table_new(16, 0);
	struct store_space *one = store_space(s, 1), *two = store_space(s, 2);
	struct store_probe  probe;
	struct span         key = SPAN_LIT("a");
	char                text[40];

	(void)state;
	for (uint64_t i = 0; i < 10000; i++) {
		*put(s, one, key_of(text, sizeof(text), i)) = i;
		*put(s, two, key_of(text, sizeof(text), 9999 - i)) = 9999 - i;
	}
	for (uint64_t i = 0; i < 10000; i++) {
		key = key_of(text, sizeof(text), i);
		store_prepare(s, one, &key, 1, &probe);
		assert_int_equal(*(uint64_t *)store_put(s, two, key, &probe), i);
		assert_int_equal(*(uint64_t *)store_put(s, one, key, &probe), i);
	}
	for (uint64_t i = 0; i < 500; i++) {             /* all with one hash */
		probe = (struct store_probe){ .hash = 0x1234567800000000 };
		*(uint64_t *)store_put(s, store_space(s, 3), key_of(text, sizeof(text), i), &probe) = i;
	}
	for (uint64_t i = 0; i < 500; i++)
		assert_int_equal(*(uint64_t *)store_put(s, store_space(s, 3), key_of(text, sizeof(text), i), &probe), i);
	store_free(s);
}

static void
the_null_key_is_not_the_empty_one(void **state)
{
	struct store       *s = table_new(16, 0);
	struct store_space *space = store_space(s, 0);
	struct store_entry  e;
	uint64_t            walk = 0;

	(void)state;
	assert_null(get(s, space, SPAN_NONE));
	*put(s, space, SPAN_LIT("")) = 1;
	assert_null(get(s, space, SPAN_NONE));
	*put(s, space, SPAN_NONE) = 2;
	assert_int_equal(*get(s, space, SPAN_LIT("")), 1);
	assert_int_equal(*get(s, space, SPAN_NONE), 2);
	assert_true(store_next(s, space, &walk, &e) && e.key.p != NULL && e.key.n == 0);
	assert_true(store_next(s, space, &walk, &e) && e.key.p == NULL && e.number == 1);
	store_free(s);
}

static void
preparing_changes_nothing(void **state)
{
	enum { N = 100000 };
	struct store       *s = table_new(16, 42);
	struct store_space *space = store_space(s, 0);
	struct span         keys[STORE_BATCH];
	struct store_probe  probes[STORE_BATCH];
	char                texts[STORE_BATCH][40];
	struct store_counts c;

	(void)state;
	for (uint64_t i = 0; i < N; i += STORE_BATCH) {
		for (size_t j = 0; j < STORE_BATCH; j++)
			keys[j] = j == 0 ? SPAN_NONE : key_of(texts[j], sizeof(texts[j]), i + j);
		store_prepare(s, i % 3 == 0 ? NULL : space, keys, STORE_BATCH, probes);
		store_count(s, &c);
		assert_int_equal(c.entries, space->n_entries);
		for (size_t j = 0; j < STORE_BATCH; j++) {
			assert_int_equal(probes[j].hash, store_hash(s, keys[j]));
			store_put(s, space, keys[j], &probes[j]);
		}
	}
	store_free(s);
}

static size_t
count_changed(const struct store *s, char *what, size_t size)
{
	struct store_walk         walk = { 0 };
	struct store_entry        e;
	const struct store_space *space;
	size_t                    n = 0, at = 0;

	what[0] = '\0';
	for (; (space = store_next_changed(s, &walk, &e)) != NULL; n++)
		at += (size_t)snprintf(what + at, size - at, "%lld/%llu/%.*s ", (long long)space->id,
		    (unsigned long long)e.number, SPAN_ARGS(e.key));
	return n;
}

static void
what_changed_is_known_until_it_is_settled(void **state)
{
	struct store       *s = table_new(16, 0);
	struct store_space *ten = store_space(s, 10), *five = store_space(s, 5);
	struct store_counts c;
	char                what[200];
	size_t              walk = 0;
	int64_t             id;

	(void)state;
	put(s, ten, SPAN_LIT("a"));
	put(s, five, SPAN_LIT("b"));
	put(s, ten, SPAN_LIT("c"));
	put(s, ten, SPAN_LIT("a"));
	assert_int_equal(count_changed(s, what, sizeof(what)), 3);
	assert_string_equal(what, "10/0/a 10/1/c 5/0/b ");
	store_settle(s);
	assert_int_equal(count_changed(s, what, sizeof(what)), 0);
	put(s, five, SPAN_LIT("d"));
	put(s, ten, SPAN_LIT("c"));
	get(s, ten, SPAN_LIT("a"));
	count_changed(s, what, sizeof(what));
	assert_string_equal(what, "5/1/d 10/1/c ");
	store_drop(s, five);
	store_count(s, &c);
	assert_int_equal(c.changed, 1);
	assert_int_equal(c.dropped, 1);
	assert_int_equal(c.spaces, 1);
	assert_int_equal(c.entries, 2);
	assert_true(store_next_dropped(s, &walk, &id) && id == 5);
	assert_false(store_next_dropped(s, &walk, &id));
	put(s, store_space(s, 5), SPAN_LIT("e"));
	store_drop(s, store_space(s, 5));
	put(s, store_space(s, 6), SPAN_LIT("f"));
	store_drop(s, store_space(s, 6));
	store_count(s, &c);
	assert_int_equal(c.dropped, 1);              /* nobody has heard of the others */
	store_settle(s);
	store_count(s, &c);
	assert_int_equal(c.changed + c.dropped, 0);
	store_free(s);
}

/* Many, so that the index is made in parts; of several spaces, and twice: a base, and a delta with more. */
static void
what_is_restored_is_found_and_a_key_twice_told(void **state)
{
	enum { EACH = 200000 };
	struct store *s = table_new(16, 7);
	char          name[40];

	(void)state;
	for (uint64_t i = 0; i < 2 * EACH; i++) {
		struct span key = span_of(name, (size_t)snprintf(name, sizeof(name), "%s%llu", i % 3 == 0 ? "a long key in front of " : "k",
		                                                 (unsigned long long)i));

		for (int64_t id = 0; id < 2; id++)
			*(uint64_t *)store_restore(s, store_space(s, id), key, i) = i + (uint64_t)id;
		if (i == EACH)
			assert_true(store_loaded(s));
	}
	assert_true(store_loaded(s));
	for (uint64_t i = 0; i < 2 * EACH; i++) {
		struct span key = span_of(name, (size_t)snprintf(name, sizeof(name), "%s%llu", i % 3 == 0 ? "a long key in front of " : "k",
		                                                 (unsigned long long)i));

		for (int64_t id = 0; id < 2; id++)
			assert_int_equal(*(const uint64_t *)store_get(s, store_space(s, id), key), i + (uint64_t)id);
	}
	assert_null(store_get(s, store_space(s, 0), SPAN_LIT("k")));
	assert_null(store_restore(s, store_space(s, 1), SPAN_LIT("k1"), 2));
	assert_non_null(store_restore(s, store_space(s, 1), SPAN_LIT("k7"), 2 * EACH));
	assert_false(store_loaded(s));
	store_free(s);
}

static void
what_is_restored_does_not_count_as_changed(void **state)
{
	struct store       *s = table_new(16, 0);
	struct store_space *space = store_space(s, 0);
	struct store_counts c;

	(void)state;
	assert_null(store_restore(s, space, SPAN_LIT("a"), 1));       /* 0 is next */
	assert_non_null(store_restore(s, space, SPAN_LIT("a"), 0));
	assert_null(store_restore(s, space, SPAN_LIT("b"), 0));
	*(uint64_t *)store_restore(s, space, SPAN_NONE, 1) = 7;
	assert_int_equal(*(uint64_t *)store_restore(s, space, SPAN_NONE, 1), 0);
	assert_null(store_restore(s, space, SPAN_NONE, 2));           /* it is 1 */
	assert_true(store_loaded(s));
	store_count(s, &c);
	assert_int_equal(c.entries, 2);
	assert_int_equal(c.changed, 0);
	store_drop(s, space);
	store_count(s, &c);
	assert_int_equal(c.dropped, 1);
	store_free(s);
}

/* Spaces come and go for ever; nothing is ever settled, as without a checkpoint. */
static void
memory_does_not_grow_with_time(void **state)
{
	struct store *s = table_new(16, 0);
	uint64_t      early = 0;
	char          text[40];

	(void)state;
	for (int64_t id = 0; id < 3000; id++) {
		struct store_space *space = store_space(s, id);

		for (uint64_t i = 0; i < 100; i++)
			put(s, space, key_of(text, sizeof(text), i));
		arena_alloc(&space->arena, 5000);
		if (id >= 3)
			store_drop(s, store_at_or_below(s, id - 3));
		if (id == 50)
			early = store_bytes(s);
	}
	assert_true(store_bytes(s) <= early + 4096);
	store_free(s);
}

static void
a_space_that_had_a_predecessor_s_memory_is_empty(void **state)
{
	struct store       *s = table_new(16, 0);
	struct store_space *space = store_space(s, 1);
	struct store_entry  e;
	uint64_t            walk = 0;
	char                text[40];

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		*put(s, space, key_of(text, sizeof(text), i)) = 1;
	*put(s, space, SPAN_NONE) = 1;
	store_drop(s, space);
	space = store_space(s, 2);
	assert_false(store_next(s, space, &walk, &e));
	assert_null(get(s, space, SPAN_NONE));
	for (uint64_t i = 0; i < 1000; i++) {
		assert_null(get(s, space, key_of(text, sizeof(text), i)));
		assert_int_equal(*put(s, space, key_of(text, sizeof(text), i)), 0);
	}
	store_free(s);
}

static void
spaces_are_found_by_their_neighbours(void **state)
{
	struct store *s = table_new(0, 0);
	int64_t       ids[] = { 7, INT64_MAX, -3, INT64_MIN, 0 }, sorted[] = { INT64_MIN, -3, 0, 7, INT64_MAX };
	struct store_space *space;
	size_t              n = 0;

	(void)state;
	assert_null(store_at_or_above(s, INT64_MIN));
	for (size_t i = 0; i < 5; i++)
		put(s, store_space(s, ids[i]), SPAN_NONE);
	for (space = store_at_or_above(s, INT64_MIN); space != NULL; space = store_following(s, space))
		assert_int_equal(space->id, sorted[n++]);
	assert_int_equal(n, 5);
	assert_int_equal(store_at_or_below(s, 6)->id, 0);
	assert_int_equal(store_at_or_above(s, 1)->id, 7);
	store_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_of_a_slab_are_taken_again_and_nothing_moves),
		cmocka_unit_test(timers_come_in_order_and_when_they_are_due),
		cmocka_unit_test(index_forgets_what_is_taken_and_nothing_else),
		cmocka_unit_test(ranks_are_in_order_and_equals_stay_as_they_were),
		cmocka_unit_test(order_finds_neighbours_however_things_come_and_go),
		cmocka_unit_test(order_takes_time_that_goes_up_or_down),
		cmocka_unit_test(index_finds_all_through_every_growth),
		cmocka_unit_test(index_survives_tags_that_hardly_differ),
		cmocka_unit_test(entries_stay_where_they_are_and_come_by_first_appearance),
		cmocka_unit_test(every_byte_of_a_key_counts_at_every_length),
		cmocka_unit_test(a_probe_for_another_space_or_entry_leads_nobody_astray),
		cmocka_unit_test(the_null_key_is_not_the_empty_one),
		cmocka_unit_test(preparing_changes_nothing),
		cmocka_unit_test(what_changed_is_known_until_it_is_settled),
		cmocka_unit_test(what_is_restored_is_found_and_a_key_twice_told),
		cmocka_unit_test(what_is_restored_does_not_count_as_changed),
		cmocka_unit_test(memory_does_not_grow_with_time),
		cmocka_unit_test(a_space_that_had_a_predecessor_s_memory_is_empty),
		cmocka_unit_test(spaces_are_found_by_their_neighbours),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
