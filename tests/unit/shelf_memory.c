/* shelf_memory - a shelf in memory, for tests */
#include "shelf_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"

/* A table, and those before it.  Its number is what a shelf has written: n_tables. */
struct table {
	uint64_t before;                 /* number; 0: none */
	struct buf bytes;                /* key, value, each behind its length */
};

struct memory {
	struct shelf   shelf;
	struct memory *next;
	struct table   making;
	struct buf     last_key, answer;
	bool           is_making;
};

static struct {
	struct table             *tables;        /* by number − 1 */
	size_t                    n;
	struct memory            *shelves;       /* reachable: no leak */
	struct shelf_memory_count count;
} all;

static void
put_span(struct buf *b, struct span s)
{
	buf_put(b, &s.n, sizeof(s.n));
	buf_span(b, s);
}

static struct span
take_span(const char **at)
{
	struct span s;

	memcpy(&s.n, *at, sizeof(s.n));
	s.p = *at + sizeof(s.n);
	*at = s.p + s.n;
	return s;
}

static void
begin(struct shelf *s)
{
	struct memory *m = (struct memory *)s;

	assert_false(m->is_making);
	m->making = (struct table){ .before = s->n_tables };
	buf_reset(&m->last_key);
	m->is_making = true;
}

static void
put(struct shelf *s, struct span key, struct span value)
{
	struct memory *m = (struct memory *)s;

	assert_true(m->is_making);
	assert_true(m->making.bytes.n == 0 || span_cmp(buf_all(&m->last_key), key) < 0);
	buf_reset(&m->last_key);
	buf_span(&m->last_key, key);
	put_span(&m->making.bytes, key);
	put_span(&m->making.bytes, value);
	all.count.keys++;
}

static void
add_table(struct shelf *s, struct table t)
{
	all.tables = alloc_resized(all.tables, all.n + 1, sizeof(*all.tables));
	all.tables[all.n++] = t;
	s->n_tables = all.n;
}

static void
end(struct shelf *s)
{
	struct memory *m = (struct memory *)s;

	assert_true(m->is_making && m->making.bytes.n > 0);
	add_table(s, m->making);
	m->is_making = false;
	all.count.tables++;
}

static struct span
find(const struct table *t, struct span key)
{
	const char *at = t->bytes.p;

	while (at < t->bytes.p + t->bytes.n) {
		struct span k = take_span(&at), value = take_span(&at);

		if (span_eq(k, key))
			return value;
	}
	return SPAN_NONE;
}

static void
get(struct shelf *s, const struct span *keys, size_t n, struct span *values)
{
	assert_in_range(n, 1, SHELF_GROUP);
	for (size_t i = 0; i < n; i++) {
		values[i] = SPAN_NONE;
		for (uint64_t t = s->n_tables; t != 0 && values[i].p == NULL; t = all.tables[t - 1].before)
			values[i] = find(&all.tables[t - 1], keys[i]);
		all.count.found += values[i].p != NULL;
	}
}

/* At once, and thoroughly: what is of use has to be there still.  Who sees the tables as they were goes on doing so. */
static void
forget(struct shelf *s, struct span from, struct span to, int64_t floor_ms)
{
	struct table left = { 0 };

	for (uint64_t t = s->n_tables; t != 0; t = all.tables[t - 1].before) {
		const char *at = all.tables[t - 1].bytes.p, *stop = at + all.tables[t - 1].bytes.n;

		while (at < stop) {
			struct span key = take_span(&at), value = take_span(&at);
			int64_t     ts_ms;

			memcpy(&ts_ms, value.p, sizeof(ts_ms));
			if (span_cmp(key, from) < 0 || (to.p != NULL && span_cmp(key, to) >= 0) || ts_ms >= floor_ms) {
				put_span(&left.bytes, key);
				put_span(&left.bytes, value);
			} else {
				all.count.forgotten++;
			}
		}
	}
	add_table(s, left);
}

static bool
resume(struct shelf *s, uint64_t n_tables)
{
	s->n_tables = n_tables;
	return n_tables <= all.n;
}

static const struct shelf_class memory_class = { .begin = begin, .put = put, .end = end, .get = get, .forget = forget, .resume = resume };

struct shelf *
shelf_memory_new(void)
{
	struct memory *m = alloc_zeroed(1, sizeof(*m));

	m->shelf.class = &memory_class;
	m->next = all.shelves;
	all.shelves = m;
	return &m->shelf;
}

struct shelf_memory_count
shelf_memory_count(void)
{
	return all.count;
}

void
shelf_memory_break(struct shelf *s)
{
	s->failed = true;
}
