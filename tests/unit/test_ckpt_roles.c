/* the three roles: who may be in a checkpoint, and with whom */
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ckpt/ckpt.h"
#include "ckpttest.h"
#include "home.h"
#include "io/clock.h"

/* ---- the sink ---- */

static void
sink_makes_a_new_pipeline(void **state)
{
	struct err   err = ERR_INIT;
	struct ckpt *k = open_sink();
	struct stat  st;
	char         text[200];

	(void)state;
	assert_false(ckpt_found(k)->exists);
	assert_int_equal(ckpt_found(k)->epoch, 0);
	assert_int_equal(strlen(ckpt_pipeline(k)), 32);
	assert_false(is_there("D/run"));
	assert_int_equal(ckpt_next_run(k, 0), 1);
	assert_int_equal(ckpt_next_run(k, 41), 42);
	assert_int_equal(ckpt_register(k, 1, 0, SPAN_LIT("{\"length\":12}"), &err), 0);
	assert_file("D/commit", "{\"run\":1,\"epoch\":0,\"token\":{\"length\":12},\"via\":[],\"closed\":false}\n");
	snprintf(text, sizeof(text), "{\"id\":\"%s\",\"version\":1}\n", ckpt_pipeline(k));
	assert_file("D/pipeline", text);
	snprintf(text, sizeof(text), "grep -qx '{\"run\":1,\"pid\":%d} *' D/run", (int)getpid());
	shell(text);
	assert_int_equal(count_names("D", ".tmp."), 0);
	assert_int_equal(stat("D", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat("D/commit", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	ckpt_free(k);
}

/* Killed between its first commit in the target and the file that says so: the file names no stages yet. */
static void
the_target_may_be_ahead_of_the_first_commit(void **state)
{
	struct err   err = ERR_INIT;
	struct line  l = line_at(0);
	struct ckpt *k;
	struct hello h = { 0 };

	(void)state;
	line_end(&l);
	k = open_sink();
	assert_int_equal(ckpt_register(k, 2, 1, SPAN_LIT("7"), &err), 0);
	h.pipeline = strdup(ckpt_pipeline(k));
	h.run = 2;
	h.epoch = 1;
	hello_add_via(&h, "cat", "91ab");
	assert_int_equal(ckpt_check_hello(k, &h, &err), 0);
	assert_int_equal(ckpt_commit(k, 2, SPAN_LIT("8"), &err), 0);
	assert_file("D/commit", "{\"run\":2,\"epoch\":2,\"token\":8,\"via\":[[\"cat\",\"91ab\"]],\"closed\":false}\n");
	hello_release(&h);
	ckpt_free(k);
}

static void
sink_goes_on_where_another_left_off(void **state)
{
	struct err               err = ERR_INIT;
	struct line              l = line_at(0);
	const struct ckpt_found *found;
	struct ckpt             *k;
	char                    *id = strdup(ckpt_pipeline(l.sink));

	(void)state;
	assert_int_equal(ckpt_check_hello(l.sink, &l.hello, &err), 0);
	assert_int_equal(ckpt_commit(l.sink, 1, SPAN_LIT("[1.10,\"x\"]"), &err), 0);
	assert_file("D/commit", "{\"run\":1,\"epoch\":1,\"token\":[1.10,\"x\"],\"via\":[[\"cat\",\"91ab\"]],\"closed\":false}\n");
	assert_int_equal(ckpt_commit_closed(l.sink, &err), 0);
	line_end(&l);
	shell("touch D/commit.tmp.1 D/run.tmp.2");
	k = open_sink();
	assert_int_equal(count_names("D", ".tmp."), 0);
	found = ckpt_found(k);
	assert_true(found->exists && found->closed);
	assert_int_equal(found->run, 1);
	assert_int_equal(found->epoch, 1);
	assert_true(found->token.n > 0 && found->token.p[0] == '[');
	assert_string_equal(ckpt_pipeline(k), id);
	assert_int_equal(ckpt_next_run(k, 0), 2);
	assert_int_equal(ckpt_register(k, 2, 1, SPAN_LIT("7"), &err), 0);
	assert_file("D/commit", "{\"run\":2,\"epoch\":1,\"token\":7,\"via\":[[\"cat\",\"91ab\"]],\"closed\":false}\n");
	ckpt_free(k);
	free(id);
}

static void
sink_is_alone(void **state)
{
	struct err   err = ERR_INIT;
	struct ckpt *k = open_sink();
	char         text[100];

	(void)state;
	snprintf(text, sizeof(text), "D/lock: held by pid %d", (int)getpid());
	assert_error(ckpt_open_sink(conf_for("sink"), &err), &err, 75, text);
	ckpt_free(k);
	ckpt_free(open_sink());
}

/* Who was stopped in the middle keeps its locks: the others go and come again. */
static void
sink_waits_for_a_stopped_one_no_longer_than_the_deadline(void **state)
{
	struct err       err = ERR_INIT;
	struct ckpt_conf c = conf_of("sink");
	int              fds[2], status;
	char             text[100], r;
	pid_t            child;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		ckpt_open_sink(conf_for("sink"), &err);
		if (write(fds[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(fds[0], &r, 1), 1);
	kill(child, SIGSTOP);
	waitpid(child, &status, WUNTRACED);
	c.lock_deadline_ms = clock_mono_ms() + 30;
	snprintf(text, sizeof(text), "D/lock: held by pid %d", (int)child);
	assert_error(ckpt_open_sink(&c, &err), &err, 75, text);
	assert_true(clock_mono_ms() >= c.lock_deadline_ms);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	ckpt_free(open_sink());
	close(fds[0]);
	close(fds[1]);
}

static void
sink_commits_one_epoch_after_the_other(void **state)
{
	struct err   err = ERR_INIT;
	struct ckpt *k = sink_at(0);

	(void)state;
	assert_int_equal(ckpt_commit(k, 1, SPAN_LIT("1"), &err), 0);
	assert_int_equal(ckpt_commit(k, 3, SPAN_LIT("1"), &err), -1);
	assert_int_equal(err.status, 1);
	assert_string_equal(err.text, "barrier 3 came after epoch 1: what is between is missing");
	ckpt_free(k);
}

static void
sink_believes_a_target_that_is_one_ahead_and_no_other(void **state)
{
	struct err   err = ERR_INIT;
	struct ckpt *k = sink_at(0);

	(void)state;
	commit_up_to(k, 0, 41);
	ckpt_free(k);
	k = open_sink();
	assert_int_equal(ckpt_register(k, 2, 57, SPAN_LIT("1"), &err), -1);
	assert_string_equal(err.text, "D: target is at epoch 57, checkpoint at 41: they do not belong together");
	assert_int_equal(err.status, 1);
	ckpt_free(k);
	k = open_sink();
	assert_int_equal(ckpt_register(k, 2, 42, SPAN_LIT("1"), &err), 0);
	assert_int_equal(ckpt_epoch(k), 42);
	ckpt_free(k);
}

static void
assert_hello_refused(struct ckpt *k, const struct hello *h, int status, const char *text)
{
	struct err err = ERR_INIT;

	assert_int_equal(ckpt_check_hello(k, h, &err), -1);
	assert_string_equal(err.text, text);
	assert_int_equal(err.status, status);
}

static void
sink_takes_the_hello_of_its_run_alone(void **state)
{
	struct err   err = ERR_INIT;
	struct line  l = line_at(0);
	struct hello h;

	(void)state;
	h = l.hello;
	h.run = 7;
	assert_hello_refused(l.sink, &h, 75, "what comes in is of run 7, epoch 0; this is run 1, epoch 0");
	h = l.hello;
	h.epoch = 7;
	assert_hello_refused(l.sink, &h, 75, "what comes in is of run 1, epoch 7; this is run 1, epoch 0");
	h.pipeline = NULL;
	assert_hello_refused(l.sink, &h, 2, "STREAM_CHECKPOINT=D is set, but what comes in has no checkpoint: "
	                     "give it to every stage, or export STREAM_CHECKPOINT");
	h.pipeline = (char[]){ "abc" };
	assert_int_equal(ckpt_check_hello(l.sink, &h, &err), -1);
	assert_int_equal(err.status, 2);
	hello_add_via(&l.hello, "sink", "1");
	assert_hello_refused(l.sink, &l.hello, 2, "two stages named sink: give --name");
	line_end(&l);
}

#define PUT_BACK "; put it back as it was, or begin a new checkpoint directory"

static void
sink_knows_the_stages_of_its_pipeline(void **state)
{
	static const struct {
		const char *stages[4], *text;
	} cases[] = {
		{ { "a=1", "b=2", "c=3" }, NULL },
		{ { "a=1", "c=3" }, "D: stage b was in this pipeline and is missing now" PUT_BACK },
		{ { "a=1", "b=2", "d=4", "c=3" }, "D: stage d was not in this pipeline before" PUT_BACK },
		{ { "a=1", "c=3", "b=2" }, "D: stage c was at another place in this pipeline" PUT_BACK },
		{ { "a=1", "b=9", "c=3" }, "D: stage b had other options" PUT_BACK },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err   err = ERR_INIT;
		struct ckpt *k = sink_at(i == 0 ? 0 : 1);
		struct hello h = { .pipeline = strdup(ckpt_pipeline(k)), .run = ckpt_run(k), .epoch = ckpt_epoch(k) };

		for (size_t j = 0; j < 4 && cases[i].stages[j] != NULL; j++)
			hello_add_via(&h, (char[]){ cases[i].stages[j][0], '\0' }, cases[i].stages[j] + 2);
		if (cases[i].text != NULL)
			assert_hello_refused(k, &h, 1, cases[i].text);
		else
			assert_int_equal(ckpt_check_hello(k, &h, &err), 0);
		if (i == 0)
			commit_up_to(k, 0, 1);
		hello_release(&h);
		ckpt_free(k);
	}
}

static void
sink_says_what_is_wrong_with_its_files(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	ckpt_free(sink_at(0));
	shell("cp -r D E; rm D/commit");
	assert_error(ckpt_open_sink(conf_for("sink"), &err), &err, 1,
	             "D/commit is missing, but there have been 1 runs; put it back, or begin a new checkpoint directory");
	shell("cp E/commit D; rm D/pipeline");
	assert_error(ckpt_open_sink(conf_for("sink"), &err), &err, 1,
	             "D/pipeline is missing; put it back, or begin a new checkpoint directory");
	shell("echo '{\"id\":\"x\",\"version\":2}' >D/pipeline");
	assert_error(ckpt_open_sink(conf_for("sink"), &err), &err, 1,
	             "D: written by a newer version of streamutils (format 2; this one knows 1)");
	shell("echo '{}' >D/pipeline");
	assert_error(ckpt_open_sink(conf_for("sink"), &err), &err, 1, "D/pipeline: damaged: no id");
	shell("cp E/pipeline D; echo 'run 12' >D/run");
	assert_error(ckpt_open_sink(conf_for("sink"), &err), &err, 1, "D/run: damaged");
	shell("cp E/run D; echo '{\"run\":1,\"epoch\":-1,\"token\":1,\"via\":[],\"closed\":true}' >D/commit");
	assert_error(ckpt_open_sink(conf_for("sink"), &err), &err, 1,
	             "D/commit: damaged: run, epoch, token, via or closed is missing");
	for (int n = 60; n >= 0; n--) {
		char command[100];

		snprintf(command, sizeof(command), "head -c %d E/commit >D/commit", n);
		shell(command);
		assert_null(ckpt_open_sink(conf_for("sink"), &err));
		assert_int_equal(err.status, 1);
		assert_true(strncmp(err.text, "D/commit: damaged: ", 19) == 0);
	}
	shell("rm -r E; rm -rf D; echo x >D");
	assert_error(ckpt_open_sink(conf_for("sink"), &err), &err, 1, "D: Not a directory");
}

/* ---- sources ---- */

static void
source_without_a_sink_says_so(void **state)
{
	struct err       err = ERR_INIT;
	struct ckpt_conf c = conf_of("cat");

	(void)state;
	c.lock_deadline_ms = clock_mono_ms() + 20;
	assert_error(ckpt_open_source(&c, &err), &err, 75, "STREAM_CHECKPOINT=D is set, but no stream-sink runs on it");
	assert_true(clock_mono_ms() >= c.lock_deadline_ms);
	/* A run whose sink has died is none. */
	ckpt_free(sink_at(0));
	assert_error(ckpt_open_source(conf_for("cat"), &err), &err, 75,
	             "STREAM_CHECKPOINT=D is set, but no stream-sink runs on it");
	c.dir = "no/D";
	assert_error(ckpt_open_source(&c, &err), &err, 1, "no/D: No such file or directory");
}

static void
source_may_start_before_the_sink(void **state)
{
	struct ckpt_conf c = conf_of("cat");
	struct err       err = ERR_INIT;
	int              fds[2], status;
	struct ckpt     *k;
	pid_t            child;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		c.lock_deadline_ms = clock_mono_ms() + 20000;
		_exit(ckpt_open_source(&c, &err) == NULL);
	}
	while (!is_there("D/cat/lock"))
		sched_yield();
	k = sink_at(0);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	ckpt_free(k);
	close(fds[0]);
	close(fds[1]);
}

static void
source_takes_each_run_once(void **state)
{
	struct err  err = ERR_INIT;
	struct line l = line_at(0);
	char        text[200];

	(void)state;
	assert_int_equal(ckpt_run(l.source), 1);
	assert_int_equal(ckpt_epoch(l.source), 0);
	assert_string_equal(ckpt_pipeline(l.source), ckpt_pipeline(l.sink));
	snprintf(text, sizeof(text), "grep -qx '{\"run\":1,\"pid\":%d} *' D/cat/lock", (int)getpid());
	shell(text);
	snprintf(text, sizeof(text), "D/cat/lock: held by pid %d", (int)getpid());
	assert_error(ckpt_open_source(conf_for("cat"), &err), &err, 75, text);
	/* Another name: another source of the same run. */
	ckpt_free(open_source("dog"));
	ckpt_free(l.source);
	assert_error(ckpt_open_source(conf_for("cat"), &err), &err, 75,
	             "D: the stream-sink there still serves run 1, which an earlier cat had (two of one name? give --name)");
	ckpt_free(l.sink);
	l.sink = sink_at(0);
	l.source = open_source("cat");
	assert_int_equal(ckpt_run(l.source), 2);
	line_end(&l);
}

static void
source_sees_what_is_committed_and_that_its_sink_lives(void **state)
{
	struct err  err = ERR_INIT;
	struct line l = line_at(0);
	uint64_t    epoch;

	(void)state;
	for (uint64_t e = 0; e < 20; e++) {
		assert_int_equal(ckpt_committed(l.source, &epoch, &err), 0);
		assert_int_equal(epoch, e);
		assert_int_equal(ckpt_committed(l.source, &epoch, &err), 0);
		assert_int_equal(epoch, e);
		assert_int_equal(ckpt_alive(l.source, &err), 0);
		commit_up_to(l.sink, e, e + 1);
	}
	assert_int_equal(ckpt_alive(l.sink, &err), 0);
	ckpt_free(l.sink);
	assert_int_equal(ckpt_alive(l.source, &err), -1);
	assert_string_equal(err.text, "D: the stream-sink of run 1 is gone");
	assert_int_equal(err.status, 75);
	l.sink = sink_at(20);
	assert_int_equal(ckpt_alive(l.source, &err), -1);
	assert_string_equal(err.text, "D: run 1 was replaced by a newer one");
	assert_int_equal(err.status, 75);
	assert_int_equal(ckpt_committed(l.source, &epoch, &err), -1);
	assert_string_equal(err.text, "D: run 1 was replaced by run 2");
	line_end(&l);
}

static void
everybody_notices_a_deleted_directory(void **state)
{
	struct err        err = ERR_INIT;
	struct line       l = line_at(0);
	struct values     v = { 0 };
	struct ckpt_saver saver = saver_of(&v);

	(void)state;
	shell("rm -r D");
	assert_int_equal(ckpt_alive(l.source, &err), -1);
	assert_string_equal(err.text, "D: the checkpoint directory was deleted");
	assert_int_equal(err.status, 1);
	assert_int_equal(ckpt_save(l.source, 1, CKPT_GOES_ON, &saver, &err), -1);
	assert_int_equal(err.status, 1);
	assert_int_equal(ckpt_commit(l.sink, 1, SPAN_LIT("1"), &err), -1);
	assert_string_equal(err.text, "D: the checkpoint directory was deleted");
	assert_int_equal(err.status, 1);
	shell("mkdir D");
	assert_int_equal(ckpt_alive(l.source, &err), -1);
	assert_false(is_there("D/commit"));
	line_end(&l);
}

static void
names_that_cannot_be_directories_are_refused(void **state)
{
	static const char *const names[] = { "", ".", "..", "a/b", ".x", "lock", "run", "commit", "pipeline", "a.tmp.b" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct err       err = ERR_INIT;
		struct ckpt_conf c = conf_of(names[i]);

		assert_null(ckpt_open_source(&c, &err));
		assert_int_equal(err.status, 2);
	}
}

/* ---- stages ---- */

static void
stage_takes_a_newer_run_only(void **state)
{
	struct err   err = ERR_INIT;
	struct line  l = line_at(0);
	struct ckpt *w = ckpt_open_stage(conf_for("window"), &l.hello, &err);
	struct hello old;

	(void)state;
	assert_non_null(w);
	assert_int_equal(ckpt_run(w), 1);
	assert_int_equal(ckpt_alive(w, &err), 0);
	assert_error(ckpt_open_stage(conf_for("window"), &l.hello, &err), &err, 2,
	             "two stages named window: give --name");
	ckpt_free(w);
	assert_error(ckpt_open_stage(conf_for("window"), &l.hello, &err), &err, 75,
	             "D/window: run 1 comes too late: run 1 has been here");
	hello_copy(&old, &l.hello);
	line_end(&l);
	l = line_at(0);
	w = ckpt_open_stage(conf_for("window"), &l.hello, &err);
	assert_non_null(w);
	ckpt_free(w);
	assert_error(ckpt_open_stage(conf_for("window"), &old, &err), &err, 75,
	             "D/window: run 1 comes too late: run 2 has been here");
	/* It has never been here, but is replaced. */
	assert_error(ckpt_open_stage(conf_for("dedup"), &old, &err), &err, 75, "D: run 1 was replaced by run 2");
	hello_release(&old);
	line_end(&l);
}

static void
stage_refuses_a_run_whose_sink_is_gone(void **state)
{
	struct err  err = ERR_INIT;
	struct line l = line_at(0);

	(void)state;
	ckpt_free(l.sink);
	l.sink = NULL;
	assert_error(ckpt_open_stage(conf_for("window"), &l.hello, &err), &err, 75, "D: the stream-sink of run 1 is gone");
	line_end(&l);
}

static void
stage_waits_for_an_older_instance(void **state)
{
	struct err   err = ERR_INIT;
	struct line  l = line_at(0);
	struct ckpt *w = ckpt_open_stage(conf_for("window"), &l.hello, &err);
	char         text[100];

	(void)state;
	line_end(&l);
	l = line_at(0);
	snprintf(text, sizeof(text), "D/window/lock: held by pid %d", (int)getpid());
	assert_error(ckpt_open_stage(conf_for("window"), &l.hello, &err), &err, 75, text);
	ckpt_free(w);
	w = ckpt_open_stage(conf_for("window"), &l.hello, &err);
	assert_non_null(w);
	ckpt_free(w);
	line_end(&l);
}

static void
stage_refuses_the_hello_of_another_pipeline(void **state)
{
	struct err       err = ERR_INIT;
	struct line      l = line_at(0);
	struct ckpt_conf c = conf_of("window");

	(void)state;
	assert_error(ckpt_open_stage(conf_for("cat"), &l.hello, &err), &err, 2, "two stages named cat: give --name");
	c.dir = "elsewhere";
	assert_error(ckpt_open_stage(&c, &l.hello, &err), &err, 2, "STREAM_CHECKPOINT=D is set, but what comes in is of "
	             "another checkpoint directory: this one is not there");
	shell("mkdir elsewhere");
	assert_null(ckpt_open_stage(&c, &l.hello, &err));
	assert_int_equal(err.status, 2);
	free(l.hello.pipeline);
	l.hello.pipeline = strdup("abc");
	assert_null(ckpt_open_stage(conf_for("window"), &l.hello, &err));
	assert_int_equal(err.status, 2);
	assert_non_null(strstr(err.text, "is of another pipeline (abc, not "));
	free(l.hello.pipeline);
	l.hello.pipeline = NULL;
	assert_error(ckpt_open_stage(conf_for("window"), &l.hello, &err), &err, 2, "STREAM_CHECKPOINT=D is set, but what comes "
	             "in has no checkpoint: give it to every stage, or export STREAM_CHECKPOINT");
	line_end(&l);
	shell("rm -r elsewhere");
}

#define TEST(f) cmocka_unit_test_setup(f, no_dir)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sink_makes_a_new_pipeline),
		TEST(the_target_may_be_ahead_of_the_first_commit),
		TEST(sink_goes_on_where_another_left_off),
		TEST(sink_is_alone),
		TEST(sink_waits_for_a_stopped_one_no_longer_than_the_deadline),
		TEST(sink_commits_one_epoch_after_the_other),
		TEST(sink_believes_a_target_that_is_one_ahead_and_no_other),
		TEST(sink_takes_the_hello_of_its_run_alone),
		TEST(sink_knows_the_stages_of_its_pipeline),
		TEST(sink_says_what_is_wrong_with_its_files),
		TEST(source_without_a_sink_says_so),
		TEST(source_may_start_before_the_sink),
		TEST(source_takes_each_run_once),
		TEST(source_sees_what_is_committed_and_that_its_sink_lives),
		TEST(everybody_notices_a_deleted_directory),
		TEST(names_that_cannot_be_directories_are_refused),
		TEST(stage_takes_a_newer_run_only),
		TEST(stage_refuses_a_run_whose_sink_is_gone),
		TEST(stage_waits_for_an_older_instance),
		TEST(stage_refuses_the_hello_of_another_pipeline),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("ckpt, roles", tests, home_enter, home_leave);
}
