/* io/wait, io/signals: what a process waits for, and who may stop it */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "home.h"
#include "io/clock.h"
#include "io/file.h"
#include "io/signals.h"
#include "io/wait.h"

static void
wait_tells_what_has_happened(void **state)
{
	struct wait_for what = WAIT_FOR_NOTHING;
	int             in[2], out[2];

	(void)state;
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	what.in_fd = in[0];
	what.out_fd = out[1];
	what.deadline_ms = clock_mono_ms() + 5;
	assert_int_equal(wait_any(&what, false), WAIT_TIME);
	assert_true(clock_mono_ms() >= what.deadline_ms);
	what.deadline_ms = CLOCK_NEVER;
	assert_int_equal(write(in[1], "x", 1), 1);
	assert_int_equal(wait_any(&what, false), WAIT_INPUT);
	close(out[0]);
	assert_int_equal(wait_any(&what, false), WAIT_INPUT | WAIT_NO_READER);
	what.in_fd = -1;
	assert_int_equal(wait_any(&what, false), WAIT_NO_READER);
	close(in[0]);
	close(in[1]);
	close(out[1]);
}

static void
wait_sees_a_file_grow(void **state)
{
	struct wait_for what = WAIT_FOR_NOTHING;
	int             fd;

	(void)state;
	write_file("grows", "", 0);
	what.watch_fd = watch_new();
	if (what.watch_fd < 0 || watch_path(what.watch_fd, "grows") != 0)
		skip();
	what.deadline_ms = clock_mono_ms();
	assert_int_equal(wait_any(&what, false), WAIT_TIME);
	fd = open("grows", O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	what.deadline_ms = CLOCK_NEVER;
	assert_int_equal(wait_any(&what, false), WAIT_CHANGED);
	watch_drain(what.watch_fd);
	what.deadline_ms = clock_mono_ms();
	assert_int_equal(wait_any(&what, false), WAIT_TIME);
	close(what.watch_fd);
}

/* A child that says over a pipe when it is ready, then waits; its wait status. */
static int
signalled(enum signals_role role, int sig, bool again)
{
	int   ready[2], status = 0;
	char  c;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		struct wait_for what = WAIT_FOR_NOTHING;

		signals_set(role);
		if (write(ready[1], "r", 1) != 1)
			_exit(9);
		wait_any(&what, false);            /* only a stop ends it */
		if (!signals_stop_asked() || wait_any(&what, false) != WAIT_STOP)
			_exit(8);
		if (!again)
			_exit(7);
		for (;;)
			wait_any(&what, true);
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	kill(child, sig);
	while (again && waitpid(child, &status, WNOHANG) == 0)
		kill(child, sig);
	if (!again)
		waitpid(child, &status, 0);
	close(ready[0]);
	close(ready[1]);
	return status;
}

static void
signals_stop_a_source_and_end_anybody_at_the_second(void **state)
{
	(void)state;
	assert_int_equal(WEXITSTATUS(signalled(SIGNALS_SOURCE, SIGTERM, false)), 7);
	assert_int_equal(WEXITSTATUS(signalled(SIGNALS_SOURCE, SIGINT, false)), 7);
	assert_int_equal(WTERMSIG(signalled(SIGNALS_SOURCE, SIGTERM, true)), SIGTERM);
	assert_int_equal(WTERMSIG(signalled(SIGNALS_FILTER, SIGTERM, true)), SIGTERM);
	assert_int_equal(WTERMSIG(signalled(SIGNALS_FILTER, SIGINT, true)), SIGINT);
}

static void
signals_let_a_filter_go_on(void **state)
{
	int   fds[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		struct wait_for what = WAIT_FOR_NOTHING;

		close(fds[1]);
		what.in_fd = fds[0];
		signals_set(SIGNALS_FILTER);
		raise(SIGTERM);
		raise(SIGPIPE);
		_exit(wait_any(&what, false) == WAIT_INPUT && !signals_stop_asked() ? 0 : 1);
	}
	close(fds[0]);
	close(fds[1]);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

static void
signals_that_were_ignored_stay_ignored(void **state)
{
	int   status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		signal(SIGINT, SIG_IGN);
		signals_set(SIGNALS_SOURCE);
		raise(SIGINT);
		_exit(signals_stop_asked());
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wait_tells_what_has_happened),
		cmocka_unit_test(wait_sees_a_file_grow),
		cmocka_unit_test(signals_stop_a_source_and_end_anybody_at_the_second),
		cmocka_unit_test(signals_let_a_filter_go_on),
		cmocka_unit_test(signals_that_were_ignored_stay_ignored),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("io, wait", tests, home_enter, home_leave);
}
