/* a process that dies at any step */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ckpt/ckpt.h"
#include "ckpttest.h"
#include "home.h"
#include "io/clock.h"

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
		state_save(l.source, ++e, CKPT_GOES_ON, &v);
		state_tidy(l.source, &v);
		commit_up_to(l.sink, e - 1, e);
	}
	unsetenv("STREAM_CRASH");
	line_end(&l);
	assert_int_equal(count_names("D/cat", ".tmp."), 0);
	l = line_at(e);
	assert_int_equal(state_load(l.source, &w, &loaded, &err), 1);
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
	int                  rc = state_load(ck, is, &loaded, &err);

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
#ifdef STREAM_DEBUG
	const struct CMUnitTest tests[] = {
		TEST(base_child_that_dies_changes_nothing),
		TEST(killed_at_any_step_it_goes_on),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("ckpt, crash", tests, home_enter, home_leave);
#else
	printf("1..0 # skip only a debug build dies where it is told to\n");
	return 0;
#endif
}
