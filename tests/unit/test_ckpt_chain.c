/* bases and deltas: how snapshots build on each other, and when they go */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ckpt/ckpt.h"
#include "ckpttest.h"
#include "home.h"

/* Does the file's header say that it builds on another? */
static bool
is_delta(const char *path)
{
	char  head[500] = "";
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_non_null(fgets(head, sizeof(head), f));
	fclose(f);
	return strstr(head, "\"base\":null") == NULL;
}

static long
size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (long)st.st_size;
}

static void
small_or_much_changed_states_are_written_whole(void **state)
{
	static struct values v;
	struct line          l = line_at(0);

	(void)state;
	for (int i = 0; i < 200; i++)
		values_set(&v, i, i);
	state_save(l.source, 1, CKPT_GOES_ON, &v);
	values_set(&v, 0, 7);
	state_save(l.source, 2, CKPT_GOES_ON, &v);
	assert_false(is_delta("D/cat/2.snap"));
	for (int i = 0; i < 2000; i++)
		values_set(&v, i, i);
	state_save(l.source, 3, CKPT_GOES_ON, &v);
	assert_false(is_delta("D/cat/3.snap"));
	for (int i = 0; i < 1000; i++)
		values_set(&v, i, i);
	state_save(l.source, 4, CKPT_GOES_ON, &v);
	assert_false(is_delta("D/cat/4.snap"));
	values_set(&v, 5, 0);
	state_save(l.source, 5, CKPT_GOES_ON, &v);
	assert_true(is_delta("D/cat/5.snap"));
	/* A barrier costs what changed. */
	assert_true(size_of("D/cat/5.snap") < size_of("D/cat/4.snap") / 50);
	state_save(l.source, 6, CKPT_GOES_ON, &v);
	assert_true(is_delta("D/cat/6.snap"));
	/* The same epoch again: whole, and nothing builds on itself. */
	state_save(l.source, 6, CKPT_GOES_ON, &v);
	assert_false(is_delta("D/cat/6.snap"));
	line_end(&l);
}

static void
chains_need_all_their_links(void **state)
{
	static struct values v, w;
	struct ckpt_loaded   loaded;
	struct err           err = ERR_INIT;
	struct line          l = line_at(0);

	(void)state;
	for (int i = 0; i < 1000; i++)
		values_set(&v, i, i);
	for (uint64_t e = 1; e <= 4; e++) {
		values_set(&v, (int)e, 100 + (int)e);
		state_save(l.source, e, CKPT_GOES_ON, &v);
	}
	line_end(&l);
	l = line_from(4);
	assert_int_equal(state_load(l.source, &w, &loaded, &err), 1);
	assert_values(&v, &w);
	shell("mv D/cat/2.snap away");
	assert_int_equal(state_load(l.source, &w, &loaded, &err), -1);
	assert_string_equal(err.text, "state of epoch 2 is missing: D/cat/2.snap, which that of epoch 4 builds on");
	assert_int_equal(w.lines_taken, 0);
	shell("sed 's/\"v\":3}/\"v\":4}/' <D/cat/1.snap >x; mv x D/cat/1.snap; mv away D/cat/2.snap");
	assert_int_equal(state_load(l.source, &w, &loaded, &err), -1);
	assert_string_equal(err.text, "D/cat/1.snap: damaged: checksum does not match");
	line_end(&l);
}

static void
snapshots_that_no_recovery_needs_go(void **state)
{
	static struct values v;
	struct line          l = line_at(0);

	(void)state;
	for (uint64_t e = 1; e <= 6; e++) {
		state_save(l.source, e, CKPT_GOES_ON, &v);
		state_tidy(l.source, &v);
		/* Committed: e - 1; kept: e - 2 and above. */
		assert_int_equal(count_names("D/cat", ".snap"), e < 3 ? (int)e : 3);
		commit_up_to(l.sink, e - 1, e);
	}
	assert_true(is_there("D/cat/4.snap"));
	line_end(&l);
}

static void
snapshots_that_kept_ones_build_on_stay(void **state)
{
	static struct values v, w;
	struct ckpt_loaded   loaded;
	struct err           err = ERR_INIT;
	struct line          l = line_at(0);

	(void)state;
	for (int i = 0; i < 1000; i++)
		values_set(&v, i, i);
	for (uint64_t e = 1; e <= 20; e++) {
		values_set(&v, 1, (int)e);
		state_save(l.source, e, CKPT_GOES_ON, &v);
		state_tidy(l.source, &v);
		commit_up_to(l.sink, e - 1, e);
	}
	assert_int_equal(count_names("D/cat", ".snap"), 20);
	for (int i = 0; i < 1000; i++)
		values_set(&v, i, -i);
	for (uint64_t e = 21; e <= 23; e++) {
		state_save(l.source, e, CKPT_GOES_ON, &v);
		state_tidy(l.source, &v);
		commit_up_to(l.sink, e - 1, e);
	}
	assert_int_equal(count_names("D/cat", ".snap"), 3);
	line_end(&l);
	/* After a restart the old ones are known too. */
	l = line_at(23);
	assert_int_equal(state_load(l.source, &w, &loaded, &err), 1);
	assert_values(&v, &w);
	for (uint64_t e = 24; e <= 26; e++) {
		for (int i = 0; i < 1000; i++)
			values_set(&w, i, i);
		state_save(l.source, e, CKPT_GOES_ON, &w);
		state_tidy(l.source, &w);
		commit_up_to(l.sink, e - 1, e);
	}
	assert_int_equal(count_names("D/cat", ".snap"), 3);
	line_end(&l);
}

/* The epoch of the newest base on disk. */
static uint64_t
newest_base(uint64_t up_to)
{
	for (uint64_t e = up_to; e > 0; e--) {
		char path[64];

		snprintf(path, sizeof(path), "D/cat/%d.snap", (int)e);
		if (is_there(path) && !is_delta(path))
			return e;
	}
	return 0;
}

/* Deltas go on until a child's base has taken the place of one of them. */
static uint64_t
go_on_until_a_base_is_rewritten(struct line *l, struct values *v, uint64_t e, unsigned *seed)
{
	uint64_t first = 0;

	do {
		assert_true(e < 20000);
		for (int i = 0; i < 100; i++)
			values_set(v, rand_r(seed) % 1000, rand_r(seed));
		v->position = (long)e;
		state_save(l->source, ++e, CKPT_GOES_ON, v);
		if (first == 0)
			first = newest_base(e);
		state_tidy(l->source, v);
		commit_up_to(l->sink, e - 1, e);
	} while (newest_base(e) == first);
	return e;
}

static void
heavy_chains_get_a_new_base_beside_the_stream(void **state)
{
	static struct values v, w;
	struct ckpt_loaded   loaded;
	struct err           err = ERR_INIT;
	struct line          l = line_at(0);
	unsigned             seed = 3;
	uint64_t             e = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		values_set(&v, i, i);
	for (int round = 0; round < 3; round++) {
		e = go_on_until_a_base_is_rewritten(&l, &v, e, &seed);
		line_end(&l);
		assert_int_equal(count_names("D/cat", ".tmp."), 0);
		l = line_at(e);
		assert_int_equal(state_load(l.source, &w, &loaded, &err), 1);
		assert_values(&v, &w);
	}
	line_end(&l);
}

#define TEST(f) cmocka_unit_test_setup(f, no_dir)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(small_or_much_changed_states_are_written_whole),
		TEST(chains_need_all_their_links),
		TEST(snapshots_that_no_recovery_needs_go),
		TEST(snapshots_that_kept_ones_build_on_stay),
		TEST(heavy_chains_get_a_new_base_beside_the_stream),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("ckpt, chain", tests, home_enter, home_leave);
}
