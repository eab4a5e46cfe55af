/* test_texts - texts that come and go, in memory and on disk: what is put in comes out, and nothing is left behind */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "optest.h"
#include "spill_memory.h"
#include "state/texts.h"

enum { N = 3000, MOST_TEXT_BYTES = 700 };

/* What the owner of texts knows. */
struct owned {
	struct text_place place;
	uint32_t          n;
	unsigned          lane;
	unsigned char     first;         /* byte; the next ones count up */
};

struct job {
	struct texts  texts;
	struct spill *spill;
	struct owned  owned[N];
	size_t        n;
	uint64_t      random;
};

static void
job_init(struct job *j, uint64_t memory_bytes)
{
	*j = (struct job){ .spill = spill_memory_new(), .random = 20130101 };
	texts_init(&j->texts, j->spill, memory_bytes);
}

static void
job_release(struct job *j)
{
	texts_release(&j->texts);
	spill_memory_free(j->spill);
}

static uint64_t
below(struct job *j, uint64_t n)
{
	return (optest_random(&j->random) >> 11) % n;
}

/* None is zero. */
static char
byte_of(const struct owned *o, uint32_t i)
{
	return (char)(1 + (o->first + i) % 127);
}

static void
add(struct job *j)
{
	char          text[MOST_TEXT_BYTES];
	struct owned *o = &j->owned[j->n++];

	assert_true(j->n <= N);
	*o = (struct owned){ .n = 1 + (uint32_t)below(j, below(j, 20) == 0 ? MOST_TEXT_BYTES : 60), .lane = (unsigned)below(j, TEXTS_LANES),
	                     .first = (unsigned char)below(j, 256) };
	for (uint32_t i = 0; i < o->n; i++)
		text[i] = byte_of(o, i);
	o->place = texts_add(&j->texts, o->lane, span_of(text, o->n));
}

static void
check(struct job *j, const struct owned *o)
{
	struct span text = texts_get(&j->texts, o->lane, o->place, o->n);

	assert_int_equal(text.n, o->n);
	for (uint32_t i = 0; i < o->n; i++)
		assert_int_equal(text.p[i], byte_of(o, i));
}

static void
check_all(struct job *j)
{
	for (size_t i = 0; i < j->n; i++)
		check(j, &j->owned[i]);
}

static void
give(struct job *j, size_t i)
{
	texts_give(&j->texts, j->owned[i].place, j->owned[i].n);
	j->owned[i] = j->owned[--j->n];
}

/* What whoever keeps the places does. */
static void
tidy(struct job *j)
{
	for (size_t i = 0; i < j->n; i++) {
		struct owned     *o = &j->owned[i];
		struct text_place from = o->place;

		if (!texts_is_sparse(&j->texts, from))
			continue;
		o->place = texts_add(&j->texts, o->lane, texts_get(&j->texts, o->lane, from, o->n));
		texts_give(&j->texts, from, o->n);
	}
}

static void
do_something(struct job *j)
{
	uint64_t what = below(j, 100);

	if (j->n == 0 || (what < 50 && j->n < N))
		add(j);
	else if (what < 85)
		give(j, below(j, j->n));
	else if (what < 97)
		check(j, &j->owned[below(j, j->n)]);
	else
		texts_spill(&j->texts, 1 + below(j, 3000));
	if (texts_is_wasteful(&j->texts)) {
		tidy(j);
		assert_false(texts_is_wasteful(&j->texts));
	}
}

static void
what_is_put_in_comes_out_wherever_it_lies(void **state)
{
	static struct job j;

	(void)state;
	job_init(&j, 64 * 1024);
	for (size_t i = 0; i < 60000; i++)
		do_something(&j);
	check_all(&j);
	assert_true(spill_memory_begun(j.spill) > 1000 && j.texts.n_spilled > 1000);
	assert_true(spill_memory_live(j.spill) <= 65);
	while (j.n > 0)
		give(&j, below(&j, j.n));
	assert_int_equal(spill_memory_live(j.spill), 0);
	assert_int_equal(j.texts.memory_bytes + j.texts.disk_bytes + j.texts.live_bytes + j.texts.n_segments, 0);
	job_release(&j);
}

static void
what_came_first_goes_to_disk_and_no_more_than_is_asked_for(void **state)
{
	static struct job j;

	(void)state;
	job_init(&j, 64 * 1024);
	while (j.n < 2000)
		add(&j);
	for (uint64_t before; j.texts.memory_bytes > 8000; ) {
		size_t on_disk = 0;

		before = j.texts.memory_bytes;
		texts_spill(&j.texts, 5000);
		assert_true(before - j.texts.memory_bytes >= 5000 && before - j.texts.memory_bytes <= 5000 + 2048);
		while (on_disk < j.n && !texts_is_in_memory(&j.texts, j.owned[on_disk].place))
			on_disk++;
		/* Two lanes, and long texts have their own segments: all that is younger than two segments is still there. */
		for (size_t i = on_disk + 200; i < j.n; i++)
			assert_true(texts_is_in_memory(&j.texts, j.owned[i].place));
	}
	check_all(&j);
	job_release(&j);
}

/* ---- snapshots ---- */

/* A base's lines, or a delta's, into TO. */
static void
load_segments(const struct texts *from, bool delta, struct texts *to)
{
	struct snap_writer w = { 0 };

	texts_save(from, delta, &w);
	assert_int_equal(w.entries, texts_lines(from, delta));
	assert_true(texts_load_next(to, from->next));
	for (const char *p = w.buf.p, *end = p + w.buf.n; p < end; p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1) {
		unsigned long long seg, run, at, length;

		assert_int_equal(sscanf(p, "{\"seg\":%llu,\"run\":%llu,\"from\":%llu,\"length\":%llu}", &seg, &run, &at, &length), 4);
		assert_true(texts_load_segment(to, seg, run, at, length));
	}
	buf_release(&w.buf);
}

static void
load_texts(struct job *j, size_t from, struct texts *to)
{
	for (size_t i = from; i < j->n; i++) {
		const struct owned *o = &j->owned[i];

		if (texts_is_in_memory(&j->texts, o->place))
			assert_true(texts_load_text(to, o->place, texts_get(&j->texts, o->lane, o->place, o->n)));
		else
			assert_true(texts_load_place(to, o->place, o->n));
	}
}

/* A base, then a delta in which new ones came and segments that the base has in memory went to disk. */
static void
what_is_loaded_has_the_same_places(void **state)
{
	static struct job j;

	(void)state;
	for (int round = 0; round < 20; round++) {
		struct texts loaded;
		size_t       in_base;

		job_init(&j, 64 * 1024);
		j.random += (uint64_t)round * 2;
		for (size_t i = 0; i < 3000; i++)
			do_something(&j);
		texts_init(&loaded, j.spill, 1024 * 1024);
		load_segments(&j.texts, false, &loaded);
		load_texts(&j, 0, &loaded);
		texts_settle(&j.texts);
		assert_int_equal(texts_lines(&j.texts, true), 0);
		in_base = j.n;
		for (size_t i = 0; i < 400 && j.n < N; i++) {
			add(&j);
			if (below(&j, 40) == 0)
				texts_spill(&j.texts, 1 + below(&j, 3000));
		}
		load_segments(&j.texts, true, &loaded);
		load_texts(&j, in_base, &loaded);
		texts_loaded(&loaded);
		assert_int_equal(loaded.live_bytes, j.texts.live_bytes);
		assert_int_equal(loaded.disk_bytes, j.texts.disk_bytes);
		assert_int_equal(loaded.n_runs, j.texts.n_runs);
		texts_leave(&j.texts);
		texts_release(&j.texts);
		j.texts = loaded;
		check_all(&j);
		while (j.n > 0)
			give(&j, below(&j, j.n));
		assert_int_equal(spill_memory_live(j.spill), 0);
		job_release(&j);
	}
}

static void
what_cannot_be_is_refused(void **state)
{
	struct texts t;

	(void)state;
	texts_init(&t, NULL, 64 * 1024);
	assert_false(texts_load_segment(&t, 1, 1, 0, 10));           /* before it is said how many there are */
	assert_false(texts_load_next(&t, UINT64_C(1) << TEXT_SEGMENT_BITS));
	assert_true(texts_load_next(&t, 10));
	assert_false(texts_load_next(&t, 9));
	assert_false(texts_load_segment(&t, 0, 1, 0, 10));
	assert_false(texts_load_segment(&t, 10, 1, 0, 10));
	assert_false(texts_load_segment(&t, 1, 0, 0, 10));
	assert_false(texts_load_segment(&t, 1, 1, 0, (uint64_t)UINT32_MAX + 1));
	assert_false(texts_load_segment(&t, 1, 1, UINT64_MAX, 10));
	assert_true(texts_load_segment(&t, 1, 1, 0, 10));
	assert_false(texts_load_segment(&t, 1, 1, 0, 9));            /* it never gets shorter */
	assert_false(texts_load_text(&t, (struct text_place){ 1, 0 }, SPAN_LIT("on disk")));
	assert_true(texts_load_place(&t, (struct text_place){ 1, 4 }, 6));
	assert_false(texts_load_place(&t, (struct text_place){ 1, 5 }, 6));
	assert_int_equal(texts_place(1, UINT32_MAX).segment, 0);
	assert_false(texts_load_place(&t, texts_place(1, UINT32_MAX), 6));
	assert_false(texts_load_place(&t, (struct text_place){ 1, 1000 }, 6));
	assert_false(texts_load_place(&t, (struct text_place){ 1, 0 }, UINT64_MAX));
	assert_false(texts_load_place(&t, (struct text_place){ 1, 0 }, 0));
	assert_false(texts_load_place(&t, (struct text_place){ 2, 0 }, 1));
	assert_true(texts_load_text(&t, (struct text_place){ 2, 5 }, SPAN_LIT("text")));
	assert_false(texts_load_place(&t, (struct text_place){ 2, 5 }, 4));
	assert_false(texts_load_text(&t, (struct text_place){ 2, 8 }, SPAN_LIT("on top")));
	assert_true(texts_load_text(&t, (struct text_place){ 2, 0 }, SPAN_LIT("front")));
	assert_false(texts_load_text(&t, (struct text_place){ 2, 0 }, SPAN_LIT("")));
	assert_false(texts_load_text(&t, (struct text_place){ 3, (1 << TEXT_AT_BITS) - 1 }, SPAN_LIT("text")));
	assert_false(texts_load_segment(&t, 2, 1, 0, 8));            /* nine bytes of it are in memory */
	assert_true(texts_load_segment(&t, 2, 1, 10, 9));
	texts_leave(&t);
	texts_release(&t);
}

static void
a_spill_that_fails_gives_no_texts_and_keeps_quiet(void **state)
{
	static struct job j;

	(void)state;
	job_init(&j, 64 * 1024);
	while (j.n < 500)
		add(&j);
	texts_spill(&j.texts, 3000);
	spill_memory_break(j.spill);
	texts_spill(&j.texts, 3000);
	assert_true(span_eq(texts_get(&j.texts, 0, j.owned[0].place, j.owned[0].n), SPAN_LIT("null")));
	check(&j, &j.owned[j.n - 1]);
	while (j.n > 0)
		give(&j, j.n - 1);
	job_release(&j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_in_comes_out_wherever_it_lies),
		cmocka_unit_test(what_came_first_goes_to_disk_and_no_more_than_is_asked_for),
		cmocka_unit_test(what_is_loaded_has_the_same_places),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(a_spill_that_fails_gives_no_texts_and_keeps_quiet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
