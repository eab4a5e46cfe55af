/* io/out: all is written, or it is said why not */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "home.h"
#include "io/out.h"
#include "io/wait.h"

static void
out_writes_all_to_a_slow_non_blocking_pipe(void **state)
{
	struct out o;
	struct err err = ERR_INIT;
	int        fds[2], status;
	size_t     total = 3 << 20, got = 0;
	pid_t      child;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		if (out_init(&o, fds[1], "pipe", &err) != 0 || o.kind != OUT_PIPE)
			_exit(1);
		for (size_t i = 0; i < total / 4; i++) {
			buf_put(&o.buf, "abc\n", 4);
			if (out_spill(&o, &err) != 0)
				_exit(2);
		}
		_exit(out_close(&o, &err) != 0 || o.written_bytes != total);
	}
	close(fds[1]);
	for (char some[5000]; ; ) {
		ssize_t n = read(fds[0], some, sizeof(some));

		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++, got++)
			if (some[i] != "abc\n"[got % 4])
				fail();
	}
	assert_int_equal(got, total);
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	close(fds[0]);
}

static void
out_widens_a_narrow_pipe_only(void **state)
{
	struct err err = ERR_INIT;
	struct out out;
	int        fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(out_init(&out, fds[1], "a pipe", &err), 0);
	assert_int_equal(fcntl(fds[1], F_GETPIPE_SZ), OUT_PIPE_BYTES);
	out_release(&out);
	assert_int_equal(fcntl(fds[1], F_SETPIPE_SZ, 2 * OUT_PIPE_BYTES), 2 * OUT_PIPE_BYTES);
	assert_int_equal(out_init(&out, fds[1], "a pipe", &err), 0);
	assert_int_equal(fcntl(fds[1], F_GETPIPE_SZ), 2 * OUT_PIPE_BYTES);
	out_release(&out);
	close(fds[0]);
	close(fds[1]);
}

static void
out_says_that_the_reader_is_gone(void **state)
{
	struct out o;
	struct err err = ERR_INIT;
	int        fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(out_init(&o, fds[1], "standard output", &err), 0);
	assert_false(wait_reader_gone(fds[1]));
	close(fds[0]);
	assert_true(wait_reader_gone(fds[1]));
	buf_lit(&o.buf, "x\n");
	assert_int_equal(out_flush(&o, &err), -1);
	assert_int_equal(err.kind, ERR_READER_GONE);
	assert_int_equal(err.status, 141);
	assert_int_equal(o.buf.n, 2);
	assert_int_equal(out_close(&o, &err), -1);
}

static void
out_says_that_the_disk_is_full(void **state)
{
	struct out o;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(out_init(&o, open("/dev/full", O_WRONLY), "out", &err), 0);
	buf_lit(&o.buf, "x\n");
	assert_int_equal(out_close(&o, &err), -1);
	assert_int_equal(err.status, 75);
	assert_string_equal(err.text, "out: No space left on device");
}

static void
out_refuses_what_cannot_be_written(void **state)
{
	struct out o;
	struct err err = ERR_INIT;
	int        fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_int_equal(out_init(&o, fd, "standard output", &err), -1);
	close(fd);
	assert_int_equal(out_init(&o, fd, "standard output", &err), -1);
	assert_string_equal(err.text, "standard output: Bad file descriptor");
}

static void
out_knows_what_it_writes_to(void **state)
{
	struct out o;
	struct err err = ERR_INIT;
	int        fd = open("plain", O_WRONLY | O_CREAT, 0600), null = open("/dev/null", O_WRONLY);

	(void)state;
	assert_int_equal(out_init(&o, fd, "plain", &err), 0);
	assert_int_equal(o.kind, OUT_REGULAR);
	assert_int_equal(out_close(&o, &err), 0);
	assert_int_equal(out_init(&o, null, "null", &err), 0);
	assert_int_equal(o.kind, OUT_OTHER);
	assert_int_equal(out_close(&o, &err), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(out_writes_all_to_a_slow_non_blocking_pipe),
		cmocka_unit_test(out_widens_a_narrow_pipe_only),
		cmocka_unit_test(out_says_that_the_reader_is_gone),
		cmocka_unit_test(out_says_that_the_disk_is_full),
		cmocka_unit_test(out_refuses_what_cannot_be_written),
		cmocka_unit_test(out_knows_what_it_writes_to),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("io, out", tests, home_enter, home_leave);
}
