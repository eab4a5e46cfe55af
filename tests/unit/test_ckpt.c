/* ckpt: the three roles, and that a snapshot is the state or an error, never a guess */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

#include "base/buf.h"
#include "ckpt/ckpt.h"
#include "io/clock.h"

static char home[] = "/tmp/test_ckpt.XXXXXX";

static int
enter_home(void **state)
{
	(void)state;
	return mkdtemp(home) == NULL || chdir(home) != 0 ? -1 : 0;
}

static int
leave_home(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", home);
	return chdir("/") != 0 || system(command) != 0 ? -1 : 0;
}

/* Each test has a directory of its own, named D, that is not there yet. */
static int
no_dir(void **state)
{
	(void)state;
	return system("rm -rf D");
}

static void
shell(const char *command)
{
	assert_int_equal(system(command), 0);
}

static void
assert_file(const char *path, const char *text)
{
	char    has[4096];
	int     fd = open(path, O_RDONLY);
	ssize_t n = read(fd, has, sizeof(has) - 1);

	assert_true(n >= 0);
	has[n] = '\0';
	assert_string_equal(has, text);
	close(fd);
}

static bool
is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* How many names of the directory hold PART. */
static int
count_names(const char *dir, const char *part)
{
	DIR           *d = opendir(dir);
	struct dirent *e;
	int            n = 0;

	assert_non_null(d);
	while ((e = readdir(d)) != NULL)
		n += strstr(e->d_name, part) != NULL;
	closedir(d);
	return n;
}

/* ---- a state to save: numbered values, and a position ---- */

enum { MAX_VALUES = 5000 };

struct values {
	long position;
	int  n, n_changed;
	int  v[MAX_VALUES];
	bool changed[MAX_VALUES];
	int  lines_taken;
};

static void
values_set(struct values *s, int i, int v)
{
	if (i >= s->n)
		s->n = i + 1;
	s->v[i] = v;
	s->n_changed += !s->changed[i];
	s->changed[i] = true;
}

static void
values_entries(void *cookie, uint64_t *all, uint64_t *changed)
{
	struct values *s = cookie;

	*all = (uint64_t)s->n;
	*changed = (uint64_t)s->n_changed;
}

static void
values_save(void *cookie, bool delta, struct snap_writer *w)
{
	struct values *s = cookie;

	buf_printf(&w->buf, "{\"position\":%ld}", s->position);
	snap_line(w);
	for (int i = 0; i < s->n; i++) {
		if (delta && !s->changed[i])
			continue;
		buf_printf(&w->buf, "{\"i\":%d,\"v\":%d}", i, s->v[i]);
		snap_line(w);
	}
}

static void
values_settle(void *cookie)
{
	struct values *s = cookie;

	memset(s->changed, 0, sizeof(s->changed));
	s->n_changed = 0;
}

static int
values_line(void *cookie, struct span line, struct err *err)
{
	struct values *s = cookie;
	int            i, v;

	s->lines_taken++;
	if (line.p[line.n] != '\n')
		return err_set(err, ERR_DATA, "no newline");
	if (sscanf(line.p, "{\"position\":%ld}", &s->position) == 1)
		return 0;
	if (sscanf(line.p, "{\"i\":%d,\"v\":%d}", &i, &v) != 2 || i < 0 || i >= MAX_VALUES)
		return err_set(err, ERR_DATA, "no value: %.*s", SPAN_ARGS(line));
	values_set(s, i, v);
	return 0;
}

static struct ckpt_saver
saver_of(struct values *s)
{
	return (struct ckpt_saver){ values_entries, values_save, values_settle, s };
}

static struct ckpt_loader
loader_of(struct values *s)
{
	return (struct ckpt_loader){ .line = values_line, .cookie = s };
}

static void
assert_values(const struct values *a, const struct values *b)
{
	assert_int_equal(a->position, b->position);
	assert_int_equal(a->n, b->n);
	assert_memory_equal(a->v, b->v, (size_t)a->n * sizeof(a->v[0]));
}

/* ---- opening ---- */

static struct ckpt_conf
conf_of(const char *stage)
{
	return (struct ckpt_conf){
		.dir = "D", .given = "STREAM_CHECKPOINT=D is set", .stage = stage,
		.options = "{\"--key\":\".carrier\"}", .no_sync = true,
	};
}

/* Borrowed for the ckpt's life: one for each stage's name. */
static const struct ckpt_conf *
conf(const char *stage)
{
	static struct ckpt_conf all[8];
	size_t i = 0;

	while (all[i].stage != NULL && strcmp(all[i].stage, stage) != 0)
		i++;
	all[i] = conf_of(stage);
	return &all[i];
}

static struct ckpt *
open_sink(void)
{
	struct err   err = ERR_INIT;
	struct ckpt *k = ckpt_open_sink(conf("sink"), &err);

	if (k == NULL)
		fail_msg("%s", err.text);
	return k;
}

static struct ckpt *
sink_at(uint64_t epoch)
{
	struct err   err = ERR_INIT;
	struct ckpt *k = open_sink();

	assert_int_equal(ckpt_register(k, ckpt_next_run(k, 0), epoch, SPAN_LIT("{\"length\":0}"), &err), 0);
	return k;
}

static struct ckpt *
open_source(const char *stage)
{
	struct err   err = ERR_INIT;
	struct ckpt *s = ckpt_open_source(conf(stage), &err);

	if (s == NULL)
		fail_msg("%s", err.text);
	return s;
}

static struct hello
hello_of(const struct ckpt *source)
{
	struct hello h = { 0 };

	h.pipeline = strdup(ckpt_pipeline(source));
	h.run = ckpt_run(source);
	h.epoch = ckpt_epoch(source);
	hello_add_via(&h, "cat", "91ab");
	return h;
}

/* A run that is on: sink and source; N committed. */
struct line {
	struct ckpt *sink, *source;
	struct hello hello;
};

static struct line
line_at(uint64_t epoch)
{
	struct line l = { .sink = sink_at(epoch), .source = open_source("cat") };

	l.hello = hello_of(l.source);
	return l;
}

static void
line_end(struct line *l)
{
	ckpt_free(l->source);
	ckpt_free(l->sink);
	hello_release(&l->hello);
}

static void
commit_up_to(struct ckpt *k, uint64_t from, uint64_t epoch)
{
	struct err err = ERR_INIT;

	while (from < epoch)
		assert_int_equal(ckpt_commit(k, ++from, SPAN_LIT("{\"length\":7}"), &err), 0);
}

static void
assert_error(const void *what, const struct err *err, int status, const char *text)
{
	assert_null(what);
	assert_string_equal(err->text, text);
	assert_int_equal(err->status, status);
}

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
	assert_error(ckpt_open_sink(conf("sink"), &err), &err, 75, text);
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
		ckpt_open_sink(conf("sink"), &err);
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
	assert_error(ckpt_open_sink(conf("sink"), &err), &err, 1,
	             "D/commit is missing, but there have been 1 runs; put it back, or begin a new checkpoint directory");
	shell("cp E/commit D; rm D/pipeline");
	assert_error(ckpt_open_sink(conf("sink"), &err), &err, 1,
	             "D/pipeline is missing; put it back, or begin a new checkpoint directory");
	shell("echo '{\"id\":\"x\",\"version\":2}' >D/pipeline");
	assert_error(ckpt_open_sink(conf("sink"), &err), &err, 1,
	             "D: written by a newer version of streamutils (format 2; this one knows 1)");
	shell("echo '{}' >D/pipeline");
	assert_error(ckpt_open_sink(conf("sink"), &err), &err, 1, "D/pipeline: damaged: no id");
	shell("cp E/pipeline D; echo 'run 12' >D/run");
	assert_error(ckpt_open_sink(conf("sink"), &err), &err, 1, "D/run: damaged");
	shell("cp E/run D; echo '{\"run\":1,\"epoch\":-1,\"token\":1,\"via\":[],\"closed\":true}' >D/commit");
	assert_error(ckpt_open_sink(conf("sink"), &err), &err, 1,
	             "D/commit: damaged: run, epoch, token, via or closed is missing");
	for (int n = 60; n >= 0; n--) {
		char command[100];

		snprintf(command, sizeof(command), "head -c %d E/commit >D/commit", n);
		shell(command);
		assert_null(ckpt_open_sink(conf("sink"), &err));
		assert_int_equal(err.status, 1);
		assert_true(strncmp(err.text, "D/commit: damaged: ", 19) == 0);
	}
	shell("rm -r E; rm -rf D; echo x >D");
	assert_error(ckpt_open_sink(conf("sink"), &err), &err, 1, "D: Not a directory");
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
	assert_error(ckpt_open_source(conf("cat"), &err), &err, 75,
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
	assert_error(ckpt_open_source(conf("cat"), &err), &err, 75, text);
	/* Another name: another source of the same run. */
	ckpt_free(open_source("dog"));
	ckpt_free(l.source);
	assert_error(ckpt_open_source(conf("cat"), &err), &err, 75,
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
	struct ckpt *w = ckpt_open_stage(conf("window"), &l.hello, &err);
	struct hello old;

	(void)state;
	assert_non_null(w);
	assert_int_equal(ckpt_run(w), 1);
	assert_int_equal(ckpt_alive(w, &err), 0);
	assert_error(ckpt_open_stage(conf("window"), &l.hello, &err), &err, 2,
	             "two stages named window: give --name");
	ckpt_free(w);
	assert_error(ckpt_open_stage(conf("window"), &l.hello, &err), &err, 75,
	             "D/window: run 1 comes too late: run 1 has been here");
	hello_copy(&old, &l.hello);
	line_end(&l);
	l = line_at(0);
	w = ckpt_open_stage(conf("window"), &l.hello, &err);
	assert_non_null(w);
	ckpt_free(w);
	assert_error(ckpt_open_stage(conf("window"), &old, &err), &err, 75,
	             "D/window: run 1 comes too late: run 2 has been here");
	/* It has never been here, but is replaced. */
	assert_error(ckpt_open_stage(conf("dedup"), &old, &err), &err, 75, "D: run 1 was replaced by run 2");
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
	assert_error(ckpt_open_stage(conf("window"), &l.hello, &err), &err, 75, "D: the stream-sink of run 1 is gone");
	line_end(&l);
}

static void
stage_waits_for_an_older_instance(void **state)
{
	struct err   err = ERR_INIT;
	struct line  l = line_at(0);
	struct ckpt *w = ckpt_open_stage(conf("window"), &l.hello, &err);
	char         text[100];

	(void)state;
	line_end(&l);
	l = line_at(0);
	snprintf(text, sizeof(text), "D/window/lock: held by pid %d", (int)getpid());
	assert_error(ckpt_open_stage(conf("window"), &l.hello, &err), &err, 75, text);
	ckpt_free(w);
	w = ckpt_open_stage(conf("window"), &l.hello, &err);
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
	assert_error(ckpt_open_stage(conf("cat"), &l.hello, &err), &err, 2, "two stages named cat: give --name");
	c.dir = "elsewhere";
	assert_error(ckpt_open_stage(&c, &l.hello, &err), &err, 2, "STREAM_CHECKPOINT=D is set, but what comes in is of "
	             "another checkpoint directory: this one is not there");
	shell("mkdir elsewhere");
	assert_null(ckpt_open_stage(&c, &l.hello, &err));
	assert_int_equal(err.status, 2);
	free(l.hello.pipeline);
	l.hello.pipeline = strdup("abc");
	assert_null(ckpt_open_stage(conf("window"), &l.hello, &err));
	assert_int_equal(err.status, 2);
	assert_non_null(strstr(err.text, "is of another pipeline (abc, not "));
	free(l.hello.pipeline);
	l.hello.pipeline = NULL;
	assert_error(ckpt_open_stage(conf("window"), &l.hello, &err), &err, 2, "STREAM_CHECKPOINT=D is set, but what comes "
	             "in has no checkpoint: give it to every stage, or export STREAM_CHECKPOINT");
	line_end(&l);
	shell("rm -r elsewhere");
}

/* ---- snapshots ---- */

static int
load(struct ckpt *ck, struct values *v, struct ckpt_loaded *loaded, struct err *err)
{
	struct ckpt_loader loader = loader_of(v);

	memset(v, 0, sizeof(*v));
	return ckpt_load(ck, &loader, loaded, err);
}

static void
save(struct ckpt *ck, uint64_t epoch, enum ckpt_last last, struct values *v)
{
	struct ckpt_saver saver = saver_of(v);
	struct err        err = ERR_INIT;

	if (ckpt_save(ck, epoch, last, &saver, &err) != 0)
		fail_msg("%s", err.text);
}

static void
tidy(struct ckpt *ck, struct values *v)
{
	struct ckpt_saver saver = saver_of(v);
	struct err        err = ERR_INIT;

	if (ckpt_tidy(ck, &saver, &err) != 0)
		fail_msg("%s", err.text);
}

/* A sink at EPOCH, whatever `commit` says now. */
static struct line
line_from(uint64_t epoch)
{
	char command[200];

	snprintf(command, sizeof(command), "test ! -e D/commit || sed -i 's/\"epoch\":[0-9]*/\"epoch\":%llu/' D/commit",
	         (unsigned long long)epoch);
	shell(command);
	return line_at(epoch);
}

static void
state_of_a_new_pipeline_is_none(void **state)
{
	static struct values v, w;
	struct ckpt_loaded   loaded;
	struct err           err = ERR_INIT;
	struct line          l = line_at(0);

	(void)state;
	assert_int_equal(load(l.source, &v, &loaded, &err), 0);
	/* Who was never committed leaves nothing, but 0.snap if it has side files. */
	v.position = 7;
	save(l.source, 0, CKPT_GOES_ON, &v);
	save(l.source, 1, CKPT_GOES_ON, &v);
	save(l.source, 2, CKPT_GOES_ON, &v);
	line_end(&l);
	l = line_at(0);
	shell("touch D/cat/3.snap.tmp.99 D/cat/base.tmp.99");
	assert_int_equal(load(l.source, &w, &loaded, &err), 1);
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
	save(l.source, 1, CKPT_STOPPED, &v);
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
		save(l.source, e, CKPT_GOES_ON, &v);
	}
	line_end(&l);
	l = line_from(3);
	assert_int_equal(load(l.source, &w, &loaded, &err), 1);
	assert_int_equal(loaded.epoch, 3);
	assert_int_equal(loaded.last, CKPT_GOES_ON);
	assert_int_equal(w.position, 30);
	assert_int_equal(count_names("D/cat", ".snap"), 3);
	assert_false(is_there("D/cat/4.snap"));
	line_end(&l);
	l = line_from(4);
	assert_int_equal(load(l.source, &w, &loaded, &err), -1);
	assert_string_equal(err.text, "state of epoch 4 is missing: D/cat/4.snap");
	assert_int_equal(err.status, 1);
	assert_int_equal(count_names("D/cat", ".snap"), 3);
	line_end(&l);
	l = line_from(3);
	shell("rm D/cat/*.snap");
	assert_int_equal(load(l.source, &w, &loaded, &err), -1);
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
		save(l.source, e, e == 3 ? CKPT_ENDED : CKPT_GOES_ON, &v);
	}
	line_end(&l);
	l = line_from(7);
	assert_int_equal(load(l.source, &w, &loaded, &err), 1);
	assert_int_equal(loaded.epoch, 3);
	assert_int_equal(loaded.last, CKPT_ENDED);
	assert_int_equal(w.position, 30);
	/* It goes on with its next epoch, and what was the last is still found. */
	save(l.source, 8, CKPT_STOPPED, &v);
	line_end(&l);
	l = line_from(8);
	assert_int_equal(load(l.source, &w, &loaded, &err), 1);
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
	assert_int_equal(load(ck, &v, &loaded, &err), -1);
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
	save(l.source, 1, CKPT_GOES_ON, &v);
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
	assert_int_equal(load(l.source, &w, &loaded, &err), 1);
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
	save(dog, 1, CKPT_GOES_ON, &v);
	ckpt_free(dog);
	save(l.source, 1, CKPT_GOES_ON, &v);
	save(l.source, 2, CKPT_GOES_ON, &v);
	shell("cp D/cat/1.snap good; mkdir dog; cp D/dog/1.snap dog");
	line_end(&l);
	l = line_from(1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err         err = ERR_INIT;
		struct ckpt_loaded loaded;

		shell(cases[i].make);
		assert_int_equal(load(l.source, &v, &loaded, &err), -1);
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
			save(s, epoch, CKPT_GOES_ON, &v);
			commit_up_to(k, 0, epoch);
			ckpt_free(s);
			ckpt_free(k);
			k = sink_at(epoch);
			c.options = cases[i].options;
			s = ckpt_open_source(&c, &err);
			if (epoch == 0 || cases[i].text == NULL) {
				assert_int_equal(load(s, &v, &loaded, &err), 1);
			} else {
				assert_int_equal(load(s, &v, &loaded, &err), -1);
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
	save(l.source, 1, CKPT_GOES_ON, &v);
	values_set(&v, 0, 7);
	save(l.source, 2, CKPT_GOES_ON, &v);
	assert_false(is_delta("D/cat/2.snap"));
	for (int i = 0; i < 2000; i++)
		values_set(&v, i, i);
	save(l.source, 3, CKPT_GOES_ON, &v);
	assert_false(is_delta("D/cat/3.snap"));
	for (int i = 0; i < 1000; i++)
		values_set(&v, i, i);
	save(l.source, 4, CKPT_GOES_ON, &v);
	assert_false(is_delta("D/cat/4.snap"));
	values_set(&v, 5, 0);
	save(l.source, 5, CKPT_GOES_ON, &v);
	assert_true(is_delta("D/cat/5.snap"));
	/* A barrier costs what changed. */
	assert_true(size_of("D/cat/5.snap") < size_of("D/cat/4.snap") / 50);
	save(l.source, 6, CKPT_GOES_ON, &v);
	assert_true(is_delta("D/cat/6.snap"));
	/* The same epoch again: whole, and nothing builds on itself. */
	save(l.source, 6, CKPT_GOES_ON, &v);
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
		save(l.source, e, CKPT_GOES_ON, &v);
	}
	line_end(&l);
	l = line_from(4);
	assert_int_equal(load(l.source, &w, &loaded, &err), 1);
	assert_values(&v, &w);
	shell("mv D/cat/2.snap away");
	assert_int_equal(load(l.source, &w, &loaded, &err), -1);
	assert_string_equal(err.text, "state of epoch 2 is missing: D/cat/2.snap, which that of epoch 4 builds on");
	assert_int_equal(w.lines_taken, 0);
	shell("sed 's/\"v\":3}/\"v\":4}/' <D/cat/1.snap >x; mv x D/cat/1.snap; mv away D/cat/2.snap");
	assert_int_equal(load(l.source, &w, &loaded, &err), -1);
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
		save(l.source, e, CKPT_GOES_ON, &v);
		tidy(l.source, &v);
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
		save(l.source, e, CKPT_GOES_ON, &v);
		tidy(l.source, &v);
		commit_up_to(l.sink, e - 1, e);
	}
	assert_int_equal(count_names("D/cat", ".snap"), 20);
	for (int i = 0; i < 1000; i++)
		values_set(&v, i, -i);
	for (uint64_t e = 21; e <= 23; e++) {
		save(l.source, e, CKPT_GOES_ON, &v);
		tidy(l.source, &v);
		commit_up_to(l.sink, e - 1, e);
	}
	assert_int_equal(count_names("D/cat", ".snap"), 3);
	line_end(&l);
	/* After a restart the old ones are known too. */
	l = line_at(23);
	assert_int_equal(load(l.source, &w, &loaded, &err), 1);
	assert_values(&v, &w);
	for (uint64_t e = 24; e <= 26; e++) {
		for (int i = 0; i < 1000; i++)
			values_set(&w, i, i);
		save(l.source, e, CKPT_GOES_ON, &w);
		tidy(l.source, &w);
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
		save(l->source, ++e, CKPT_GOES_ON, v);
		if (first == 0)
			first = newest_base(e);
		tidy(l->source, v);
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
		assert_int_equal(load(l.source, &w, &loaded, &err), 1);
		assert_values(&v, &w);
	}
	line_end(&l);
}

#ifdef STREAM_DEBUG

static void
base_child_that_dies_changes_nothing(void **state)
{
	static struct values v, w;
	struct ckpt_loaded   loaded;
	struct err           err = ERR_INIT;
	struct line          l = line_at(0);
	uint64_t             e = 0;

	(void)state;
	setenv("STREAM_CRASH", "cat:base-child:1", 1);
	for (int i = 0; i < 1000; i++)
		values_set(&v, i, i);
	/* Long enough for several children, each killed at once. */
	while (e < 200) {
		for (int i = 0; i < 100; i++)
			values_set(&v, (int)(e * 100 + (uint64_t)i) % 1000, (int)e);
		save(l.source, ++e, CKPT_GOES_ON, &v);
		tidy(l.source, &v);
		commit_up_to(l.sink, e - 1, e);
	}
	unsetenv("STREAM_CRASH");
	line_end(&l);
	assert_int_equal(count_names("D/cat", ".tmp."), 0);
	l = line_at(e);
	assert_int_equal(load(l.source, &w, &loaded, &err), 1);
	assert_values(&v, &w);
	line_end(&l);
}

/*
 * A whole pipeline in one process: source `cat`, stage `window`, sink; the state of epoch E is a
 * function of E.  It is killed at every step of every role, at the n-th time, and begun again.
 */
enum { LAST_EPOCH = 12, N_VALUES = 400 };

static void
values_at(struct values *v, uint64_t epoch)
{
	v->position = (long)epoch * 100;
	for (int i = 0; i < (epoch == 0 ? 0 : N_VALUES); i++)
		if (epoch == 1 || i % 3 == (int)epoch % 3)
			values_set(v, i, (int)epoch * 1000 + i);
}

static void
need(bool fact, const struct err *err)
{
	if (fact)
		return;
	fprintf(stderr, "%s\n", err->text);
	_exit(1);
}

/* What is loaded is what belongs to that epoch. */
static void
load_and_check(struct ckpt *ck, struct values *is)
{
	static struct values should;
	struct ckpt_loaded   loaded;
	struct err           err = ERR_INIT;
	int                  rc = load(ck, is, &loaded, &err);

	need(rc == 1 || (rc == 0 && ckpt_epoch(ck) == 0), &err);
	memset(&should, 0, sizeof(should));
	for (uint64_t e = 0; e <= ckpt_epoch(ck); e++)
		values_at(&should, e);
	if (rc == 1)
		assert_values(is, &should);
	values_settle(is);
}

static void
save_and_say(struct ckpt *ck, const char *stage, uint64_t epoch, struct values *v)
{
	struct ckpt_saver saver = saver_of(v);
	struct err        err = ERR_INIT;

	values_at(v, epoch);
	need(ckpt_save(ck, epoch, epoch == LAST_EPOCH ? CKPT_ENDED : CKPT_GOES_ON, &saver, &err) == 0, &err);
	ckpt_crash_point(stage, "barrier-said");
	need(ckpt_tidy(ck, &saver, &err) == 0, &err);
}

static struct ckpt_conf
patient_conf(const char *stage)
{
	struct ckpt_conf c = conf_of(stage);

	c.lock_deadline_ms = clock_mono_ms() + 20000;
	return c;
}

static void
run_pipeline(void)
{
	static struct values a, b;
	struct err       err = ERR_INIT;
	struct ckpt_conf kc = patient_conf("sink"), sc = patient_conf("cat"), wc = patient_conf("window");
	struct ckpt     *k, *s, *w;
	struct hello     h;

	need((k = ckpt_open_sink(&kc, &err)) != NULL, &err);
	ckpt_crash_point("sink", "rolled-back");
	need(ckpt_register(k, ckpt_next_run(k, 0), ckpt_found(k)->epoch, SPAN_LIT("1"), &err) == 0, &err);
	need((s = ckpt_open_source(&sc, &err)) != NULL, &err);
	load_and_check(s, &a);
	ckpt_crash_point("cat", "side-cut");
	ckpt_crash_point("cat", "hello");
	h = hello_of(s);
	need((w = ckpt_open_stage(&wc, &h, &err)) != NULL, &err);
	load_and_check(w, &b);
	ckpt_crash_point("window", "side-cut");
	ckpt_crash_point("window", "hello");
	need(ckpt_check_hello(k, &h, &err) == 0, &err);
	for (uint64_t e = ckpt_epoch(k) + 1; e <= LAST_EPOCH; e++) {
		save_and_say(s, "cat", e, &a);
		save_and_say(w, "window", e, &b);
		ckpt_crash_point("sink", "output-synced");
		need(ckpt_commit(k, e, SPAN_LIT("1"), &err) == 0, &err);
	}
	ckpt_crash_point("cat", "end-said");
	ckpt_crash_point("window", "end-said");
	need(ckpt_commit_closed(k, &err) == 0, &err);
	ckpt_crash_point("sink", "closed");
	ckpt_free(w);
	ckpt_free(s);
	ckpt_free(k);
	hello_release(&h);
}

static int
try_pipeline(const char *wish)
{
	int   status;
	pid_t child = fork();

	if (child == 0) {
		if (wish != NULL)
			setenv("STREAM_CRASH", wish, 1);
		run_pipeline();
		_exit(0);
	}
	waitpid(child, &status, 0);
	return status;
}

static const char *
stage_of(const char *role)
{
	return strcmp(role, "source") == 0 ? "cat" : strcmp(role, "stage") == 0 ? "window" : "sink";
}

/*
 * The sink here keeps no state of its own, as one that writes parts does, it writes no topic, and nobody spills:
 * tests/crash has such.
 */
static bool
is_of_others(const struct ckpt_crash_step *at)
{
	static const char *const steps[] = { "loaded", "resumed", "sealed", "snap-temp", "snap-synced", "snap-renamed",
	                                     "part-named", "published", "pruned" };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(at->role, "sink") == 0 && strcmp(at->step, steps[i]) == 0)
			return true;
	return strcmp(at->role, "topic") == 0 || strncmp(at->step, "run-named", 9) == 0 ||
	       strncmp(at->step, "runs-", 5) == 0 || strncmp(at->step, "table", 5) == 0;
}

static void
killed_at_any_step_it_goes_on(void **state)
{
	(void)state;
	for (const struct ckpt_crash_step *at = ckpt_crash_steps; at->step != NULL; at++) {
		/* Whether and when a child's base is published is up to the scheduler. */
		bool sure = strncmp(at->step, "base-", 5) != 0 && !is_of_others(at);

		for (int n = 1; n <= 4; n++) {
			char wish[100];
			int  status;

			no_dir(NULL);
			snprintf(wish, sizeof(wish), "%s:%s:%d", stage_of(at->role), at->step, n);
			status = try_pipeline(wish);
			assert_true(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
			if (sure && n == 1)
				assert_true(WIFSIGNALED(status));
			assert_int_equal(try_pipeline(NULL), 0);
			shell("grep -q '\"epoch\":12,.*\"closed\":true' D/commit");
			assert_int_equal(count_names("D", ".tmp.") + count_names("D/cat", ".tmp.") +
			                 count_names("D/window", ".tmp."), 0);
			assert_int_equal(try_pipeline(NULL), 0);
		}
	}
}

#endif

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
		TEST(state_of_a_new_pipeline_is_none),
		TEST(snapshot_is_lines_that_people_can_read),
		TEST(state_is_loaded_of_the_committed_epoch_exactly),
		TEST(state_that_was_the_last_serves_later_epochs),
		TEST(damaged_snapshots_are_errors_never_guesses),
		TEST(foreign_and_newer_snapshots_are_told_apart),
		TEST(options_that_changed_are_named),
		TEST(small_or_much_changed_states_are_written_whole),
		TEST(chains_need_all_their_links),
		TEST(snapshots_that_no_recovery_needs_go),
		TEST(snapshots_that_kept_ones_build_on_stay),
		TEST(heavy_chains_get_a_new_base_beside_the_stream),
#ifdef STREAM_DEBUG
		TEST(base_child_that_dies_changes_nothing),
		TEST(killed_at_any_step_it_goes_on),
#endif
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("ckpt", tests, enter_home, leave_home);
}
