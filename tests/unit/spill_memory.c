/* spill_memory - runs in memory, for tests */
#include "spill_memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"

struct memory_run {
	struct buf bytes;
	bool       is_whole, is_dropped;
};

struct memory {
	struct spill       spill;
	struct memory_run *runs;         /* by number − 1 */
	size_t             n;
};

static struct memory_run *
run_of(struct spill *s, uint64_t run)
{
	struct memory *m = (struct memory *)s;

	assert_in_range(run, 1, m->n);
	assert_false(m->runs[run - 1].is_dropped);
	return &m->runs[run - 1];
}

static uint64_t
begin(struct spill *s)
{
	struct memory *m = (struct memory *)s;

	assert_true(m->n == 0 || m->runs[m->n - 1].is_whole);
	m->runs = alloc_resized(m->runs, m->n + 1, sizeof(*m->runs));
	m->runs[m->n] = (struct memory_run){ 0 };
	return ++m->n;
}

static void
put(struct spill *s, const void *p, size_t n)
{
	if (!s->failed)
		buf_put(&run_of(s, ((struct memory *)s)->n)->bytes, p, n);
}

static uint64_t
end(struct spill *s)
{
	struct memory_run *r = run_of(s, ((struct memory *)s)->n);

	r->is_whole = true;
	return r->bytes.n;
}

static bool
read(struct spill *s, uint64_t run, uint64_t at, void *to, size_t n)
{
	const struct memory_run *r = run_of(s, run);

	assert_true(r->is_whole);
	assert_true(at <= r->bytes.n && n <= r->bytes.n - at);
	memcpy(to, r->bytes.p + at, n);
	return true;
}

static void
say_damaged(struct spill *s, uint64_t run)
{
	run_of(s, run);
	s->failed = true;
}

static void
drop(struct spill *s, uint64_t run)
{
	struct memory_run *r = run_of(s, run);

	buf_release(&r->bytes);
	r->is_dropped = true;
}

static const struct spill_class memory_class = {
	.begin = begin, .put = put, .end = end, .read = read, .say_damaged = say_damaged, .drop = drop
};

struct spill *
spill_memory_new(void)
{
	struct memory *m = alloc_zeroed(1, sizeof(*m));

	m->spill.class = &memory_class;
	return &m->spill;
}

void
spill_memory_free(struct spill *s)
{
	struct memory *m = (struct memory *)s;

	for (size_t i = 0; i < m->n; i++)
		buf_release(&m->runs[i].bytes);
	free(m->runs);
	free(m);
}

size_t
spill_memory_live(const struct spill *s)
{
	const struct memory *m = (const struct memory *)s;
	size_t               live = 0;

	for (size_t i = 0; i < m->n; i++)
		live += !m->runs[i].is_dropped;
	return live;
}

size_t
spill_memory_begun(const struct spill *s)
{
	return ((const struct memory *)s)->n;
}

void
spill_memory_break(struct spill *s)
{
	s->failed = true;
}

void
spill_memory_damage(struct spill *s, uint64_t run, uint64_t at)
{
	run_of(s, run)->bytes.p[at] ^= 0x40;
}
