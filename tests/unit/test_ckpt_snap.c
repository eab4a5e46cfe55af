/* snapshots: a snapshot is the state or an error, never a guess */
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

static void
state_of_a_new_pipeline_is_none(void **state)
{
	static struct values v, w;
	struct ckpt_loaded   loaded;
	struct err           err = ERR_INIT;
	struct line          l = line_at(0);

	(void)state;
	assert_int_equal(state_load(l.source, &v, &loaded, &err), 0);
	/* Who was never committed leaves nothing, but 0.snap if it has side files. */
	v.position = 7;
	state_save(l.source, 0, CKPT_GOES_ON, &v);
	state_save(l.source, 1, CKPT_GOES_ON, &v);
	state_save(l.source, 2, CKPT_GOES_ON, &v);
	line_end(&l);
	l = line_at(0);
	shell("touch D/cat/3.snap.tmp.99 D/cat/base.tmp.99");
	assert_int_equal(state_load(l.source, &w, &loaded, &err), 1);
	assert_int_equal(loaded.epoch, 0);
	assert_int_equal(w.position, 7);
	assert_int_equal(count_names("D/cat", "snap"), 1);
	assert_int_equal(count_names("D/cat", "tmp"), 0);
	line_end(&l);
}

static void
snapshot_is_lines_that_people_can_read(void **state)
{
	static struct values v;
	struct line          l = line_at(0);
	char                 head[300];
	FILE                *f;

	(void)state;
	values_set(&v, 0, 5);
	state_save(l.source, 1, CKPT_STOPPED, &v);
	f = fopen("D/cat/1.snap", "r");
	assert_non_null(fgets(head, sizeof(head), f));
	assert_non_null(strstr(head, "{\"snapshot\":\"streamutils\",\"version\":1,\"stage\":\"cat\",\"epoch\":1,"
	                       "\"base\":null,\"last\":\"stop\",\"options\":{\"--key\":\".carrier\"},\"entries\":2  "));
	assert_non_null(fgets(head, sizeof(head), f));
	assert_string_equal(head, "{\"position\":0}\n");
	assert_non_null(fgets(head, sizeof(head), f));
	assert_string_equal(head, "{\"i\":0,\"v\":5}\n");
	assert_null(fgets(head, sizeof(head), f));
	fclose(f);
	line_end(&l);
}

static void
state_is_loaded_of_the_committed_epoch_exactly(void **state)
{
	static struct values v, w;
	struct ckpt_loaded   loaded;
	struct err           err = ERR_INIT;
	struct line          l = line_at(0);

	(void)state;
	for (uint64_t e = 1; e <= 5; e++) {
		v.position = (long)e * 10;
		state_save(l.source, e, CKPT_GOES_ON, &v);
	}
	line_end(&l);
	l = line_from(3);
	assert_int_equal(state_load(l.source, &w, &loaded, &err), 1);
	assert_int_equal(loaded.epoch, 3);
	assert_int_equal(loaded.last, CKPT_GOES_ON);
	assert_int_equal(w.position, 30);
	assert_int_equal(count_names("D/cat", ".snap"), 3);
	assert_false(is_there("D/cat/4.snap"));
	line_end(&l);
	l = line_from(4);
	assert_int_equal(state_load(l.source, &w, &loaded, &err), -1);
	assert_string_equal(err.text, "state of epoch 4 is missing: D/cat/4.snap");
	assert_int_equal(err.status, 1);
	assert_int_equal(count_names("D/cat", ".snap"), 3);
	line_end(&l);
	l = line_from(3);
	shell("rm D/cat/*.snap");
	assert_int_equal(state_load(l.source, &w, &loaded, &err), -1);
	assert_string_equal(err.text, "state of epoch 3 is missing: D/cat/3.snap");
	line_end(&l);
}

static void
state_that_was_the_last_serves_later_epochs(void **state)
{
	static struct values v, w;
	struct ckpt_loaded   loaded;
	struct err           err = ERR_INIT;
	struct line          l = line_at(0);

	(void)state;
	for (uint64_t e = 1; e <= 3; e++) {
		v.position = (long)e * 10;
		state_save(l.source, e, e == 3 ? CKPT_ENDED : CKPT_GOES_ON, &v);
	}
	line_end(&l);
	l = line_from(7);
	assert_int_equal(state_load(l.source, &w, &loaded, &err), 1);
	assert_int_equal(loaded.epoch, 3);
	assert_int_equal(loaded.last, CKPT_ENDED);
	assert_int_equal(w.position, 30);
	/* It goes on with its next epoch, and what was the last is still found. */
	state_save(l.source, 8, CKPT_STOPPED, &v);
	line_end(&l);
	l = line_from(8);
	assert_int_equal(state_load(l.source, &w, &loaded, &err), 1);
	assert_int_equal(loaded.epoch, 8);
	assert_int_equal(loaded.last, CKPT_STOPPED);
	line_end(&l);
}

static void
write_bytes(const char *path, const char *p, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
}

static void
assert_never_loaded(struct ckpt *ck, const char *p, size_t n)
{
	static struct values v;
	struct ckpt_loaded   loaded;
	struct err           err = ERR_INIT;

	write_bytes("D/cat/1.snap", p, n);
	assert_int_equal(state_load(ck, &v, &loaded, &err), -1);
	assert_int_equal(err.status, 1);
	assert_true(strncmp(err.text, "D/cat/1.snap: ", 14) == 0);
	assert_null(strchr(err.text, '\n'));
}

/* Every byte cut, every bit flipped, a byte more, a line more. */
static void
damaged_snapshots_are_errors_never_guesses(void **state)
{
	static struct values v, w;
	struct ckpt_loaded   loaded;
	struct err           err = ERR_INIT;
	struct line          l = line_at(0);
	char                 good[1000];
	size_t               n;
	FILE                *f;

	(void)state;
	v.position = 11;
	values_set(&v, 0, 5);
	values_set(&v, 1, 6);
	state_save(l.source, 1, CKPT_GOES_ON, &v);
	line_end(&l);
	l = line_from(1);
	f = fopen("D/cat/1.snap", "r");
	n = fread(good, 1, sizeof(good) - 1, f);
	fclose(f);
	for (size_t i = 0; i < n; i++)
		assert_never_loaded(l.source, good, i);
	for (size_t i = 0; i < 8 * n; i++) {
		good[i / 8] ^= (char)(1 << i % 8);
		assert_never_loaded(l.source, good, n);
		good[i / 8] ^= (char)(1 << i % 8);
	}
	good[n] = '\n';
	assert_never_loaded(l.source, good, n + 1);
	write_bytes("D/cat/1.snap", good, n);
	assert_int_equal(state_load(l.source, &w, &loaded, &err), 1);
	assert_values(&v, &w);
	line_end(&l);
}

static void
foreign_and_newer_snapshots_are_told_apart(void **state)
{
	static const struct { const char *make, *text; } cases[] = {
		{ "echo '{\"snapshot\":\"other\"}' >D/cat/1.snap", "D/cat/1.snap: is not a snapshot of streamutils" },
		{ "echo '[1,2]' >D/cat/1.snap", "D/cat/1.snap: is not a snapshot of streamutils" },
		{ "echo hello >D/cat/1.snap", "D/cat/1.snap: damaged: its first line is no header" },
		{ ": >D/cat/1.snap", "D/cat/1.snap: damaged: empty" },
		{ "head -c 3000000 /dev/zero >D/cat/1.snap", "D/cat/1.snap: damaged: no header line" },
		{ "sed 's/\"version\":1/\"version\":2/' good >D/cat/1.snap", "D/cat/1.snap: written by a newer version of "
		  "streamutils (format 2; this one knows 1)" },
		{ "sed 's/:5/:6/' good >D/cat/1.snap", "D/cat/1.snap: damaged: checksum does not match" },
		{ "cp dog/1.snap D/cat/1.snap", "D/cat/1.snap: is the state of another stage: dog" },
		{ "cp D/cat/2.snap D/cat/1.snap", "D/cat/1.snap: is the state of another epoch: 2" },
		{ "rm D/cat/1.snap; mkdir D/cat/1.snap", "D/cat/1.snap: Is a directory" },
	};
	static struct values v;
	struct line          l = line_at(0);
	struct ckpt         *dog = open_source("dog");

	(void)state;
	values_set(&v, 0, 5);
	state_save(dog, 1, CKPT_GOES_ON, &v);
	ckpt_free(dog);
	state_save(l.source, 1, CKPT_GOES_ON, &v);
	state_save(l.source, 2, CKPT_GOES_ON, &v);
	shell("cp D/cat/1.snap good; mkdir dog; cp D/dog/1.snap dog");
	line_end(&l);
	l = line_from(1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err         err = ERR_INIT;
		struct ckpt_loaded loaded;

		shell(cases[i].make);
		assert_int_equal(state_load(l.source, &v, &loaded, &err), -1);
		assert_string_equal(err.text, cases[i].text);
		assert_int_equal(err.status, 1);
	}
	line_end(&l);
	shell("rm -r good dog");
}

static void
options_that_changed_are_named(void **state)
{
	static const struct { const char *options, *text; } cases[] = {
		{ "{\"--key\":\".dest\",\"size\":\"1d\"}", "D/cat: --key was .carrier, is .dest now" },
		{ "{\"size\":\"1d\"}", "D/cat: --key was .carrier, is not given now" },
		{ "{\"--key\":\".carrier\",\"size\":\"1d\",\"--offset\":\"5h\"}",
		  "D/cat: --offset was not given, is 5h now" },
		{ "{\"size\":\"1d\",\"--key\":\".carrier\"}", NULL },
	};
	static struct values v;
	struct ckpt_loaded   loaded;
	struct err           err = ERR_INIT;
	struct ckpt_conf     c = conf_of("cat");

	(void)state;
	for (uint64_t epoch = 0; epoch < 2; epoch++) {
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			struct ckpt *k, *s;
			char         text[300];

			no_dir(NULL);
			k = sink_at(0);
			c.options = "{\"--key\":\".carrier\",\"size\":\"1d\"}";
			s = ckpt_open_source(&c, &err);
			state_save(s, epoch, CKPT_GOES_ON, &v);
			commit_up_to(k, 0, epoch);
			ckpt_free(s);
			ckpt_free(k);
			k = sink_at(epoch);
			c.options = cases[i].options;
			s = ckpt_open_source(&c, &err);
			if (epoch == 0 || cases[i].text == NULL) {
				assert_int_equal(state_load(s, &v, &loaded, &err), 1);
			} else {
				assert_int_equal(state_load(s, &v, &loaded, &err), -1);
				snprintf(text, sizeof(text), "%s; give the old one, another --name or a new directory",
				         cases[i].text);
				assert_string_equal(err.text, text);
				assert_int_equal(err.status, 1);
			}
			ckpt_free(s);
			ckpt_free(k);
		}
	}
}

#define TEST(f) cmocka_unit_test_setup(f, no_dir)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(state_of_a_new_pipeline_is_none),
		TEST(snapshot_is_lines_that_people_can_read),
		TEST(state_is_loaded_of_the_committed_epoch_exactly),
		TEST(state_that_was_the_last_serves_later_epochs),
		TEST(damaged_snapshots_are_errors_never_guesses),
		TEST(foreign_and_newer_snapshots_are_told_apart),
		TEST(options_that_changed_are_named),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("ckpt, snap", tests, home_enter, home_leave);
}
