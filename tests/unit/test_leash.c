/* test_leash - work of others that goes on for too long, or takes too much */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/leash.h"

static volatile sig_atomic_t stopped;
static volatile unsigned     spun;

static void
stop(void *cookie)
{
	*(volatile sig_atomic_t *)cookie = 1;
}

static struct leash *
make(unsigned cpu_ms, unsigned grace_ms, uint64_t memory_bytes)
{
	struct leash_conf conf = { .cpu_ms = cpu_ms, .grace_ms = grace_ms, .memory_bytes = memory_bytes,
	                           .stop = stop, .cookie = (void *)&stopped, .name = "somebody" };
	struct err    err = ERR_INIT;
	struct leash *l = leash_new(&conf, &err);

	assert_non_null(l);
	stopped = 0;
	return l;
}

static void
long_work_is_stopped(void **state)
{
	struct leash *l = make(300, 60000, UINT64_MAX / 4);

	(void)state;
	leash_begin(l);
	while (!stopped)
		spun++;
	assert_int_equal(leash_end(l), LEASH_TOO_LONG);
	/* The next thing begins anew. */
	stopped = 0;
	leash_begin(l);
	assert_int_equal(leash_end(l), LEASH_GOOD);
	assert_false(stopped);
	leash_free(l);
}

static void
much_work_on_many_things_is_not(void **state)
{
	struct leash *l = make(200, 200, UINT64_MAX / 4);

	(void)state;
	for (int i = 0; i < 100; i++) {
		leash_begin(l);
		for (int j = 0; j < 2000000; j++)
			spun++;
		assert_int_equal(leash_end(l), LEASH_GOOD);
	}
	leash_free(l);
}

static void
large_work_is_stopped(void **state)
{
	struct leash *l = make(60000, 60000, 64 << 20);
	enum { STEP = 1 << 20, STEPS = 1024 };
	char         *all[STEPS];
	int           n = 0;

	(void)state;
	leash_begin(l);
	while (!stopped && n < STEPS) {
		all[n] = malloc(STEP);
		assert_non_null(all[n]);
		memset(all[n++], 1, STEP);
		for (int j = 0; j < 1000000; j++)
			spun++;
	}
	assert_int_equal(leash_end(l), LEASH_TOO_LARGE);
	while (n > 0)
		free(all[--n]);
	leash_free(l);
}

static void
what_does_not_stop_ends_the_process(void **state)
{
	int  status, fds[2];
	char text[200] = "";
	pid_t child;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_int_not_equal(child, -1);
	if (child == 0) {
		dup2(fds[1], STDERR_FILENO);
		leash_begin(make(100, 100, UINT64_MAX / 4));
		for (;;)
			spun++;
	}
	close(fds[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	assert_true(read(fds[0], text, sizeof(text) - 1) > 0);
	close(fds[0]);
	assert_string_equal(text, "test_leash: somebody: does not come back from one step of an expression\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_work_is_stopped),
		cmocka_unit_test(much_work_on_many_things_is_not),
		cmocka_unit_test(large_work_is_stopped),
		cmocka_unit_test(what_does_not_stop_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
