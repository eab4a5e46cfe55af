/* program: a child with three pipes; nothing of ours reaches it, and it does not outlive us */
#include <errno.h>
#include <fcntl.h>
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

#include "io/clock.h"
#include "io/program.h"
#include "io/wait.h"

static void
start(struct program *p, const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct err        err = ERR_INIT;

	if (program_start(p, argv, &err) == -1)
		fail_msg("%s", err.text);
}

/* All that comes of FD, to its end. */
static const char *
all_of(int fd)
{
	static char text[2000];
	size_t      n = 0;
	ssize_t     got;

	while ((got = read(fd, text + n, sizeof(text) - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	return text;
}

static struct program_end
end_of(struct program *p)
{
	struct program_end end;

	while (!program_has_ended(p, &end)) {
		struct wait_for w = WAIT_FOR_NOTHING;

		w.in_fd = p->end_fd;
		w.deadline_ms = clock_mono_ms() + 20;
		wait_any(&w, true);
	}
	return end;
}

static void
what_it_is_given_it_reads_and_what_it_writes_we_do(void **state)
{
	struct program     p;
	struct err         err = ERR_INIT;
	struct program_end end;

	(void)state;
	start(&p, "read x; echo \"out $x\"; echo err >&2; exit 7");
	assert_int_equal(program_write(&p, "line\nmore\n", 10, &err), 10);
	program_close_in(&p);
	assert_string_equal(all_of(p.out_fd), "out line\n");
	assert_string_equal(all_of(p.err_fd), "err\n");
	end = end_of(&p);
	assert_false(end.by_signal);
	assert_int_equal(end.n, 7);
	program_release(&p);
	program_release(&p);               /* once more is fine */
}

static void
a_full_pipe_takes_nothing_and_a_reader_that_left_is_told(void **state)
{
	static char     bytes[64 * 1024];
	struct program  p;
	struct err      err = ERR_INIT;
	ssize_t         took;
	struct wait_for w = WAIT_FOR_NOTHING;

	(void)state;
	start(&p, "exec tail -f /dev/null");
	do {
		took = program_write(&p, bytes, sizeof(bytes), &err);
	} while (took > 0);
	assert_int_equal(took, 0);
	w.room_fd = p.in_fd;
	w.deadline_ms = clock_mono_ms() + 10;
	assert_int_equal(wait_any(&w, true), WAIT_TIME);
	program_release(&p);
	start(&p, "exec < /dev/null; echo; exec tail -f /dev/null");
	assert_int_equal(read(p.out_fd, bytes, 1), 1);
	w.room_fd = p.in_fd;
	w.deadline_ms = CLOCK_NEVER;
	assert_int_equal(wait_any(&w, true), WAIT_ROOM);
	assert_int_equal(program_write(&p, bytes, 1, &err), -1);
	assert_int_equal(err.kind, ERR_READER_GONE);
	program_release(&p);
}

static void
how_it_ended_is_told(void **state)
{
	struct program     p;
	struct program_end end;

	(void)state;
	start(&p, "kill -SEGV $$");
	end = end_of(&p);
	assert_true(end.by_signal);
	assert_int_equal(end.n, SIGSEGV);
	program_release(&p);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);      /* no zombie */
	assert_int_equal(errno, ECHILD);
}

static void
what_is_released_is_killed_with_its_group(void **state)
{
	struct program p;
	char           text[100];
	pid_t          grandchild;

	(void)state;
	start(&p, "tail -f /dev/null & echo $!; wait");
	assert_true(read(p.out_fd, text, sizeof(text)) > 0);
	grandchild = (pid_t)atoi(text);
	assert_int_equal(kill(grandchild, 0), 0);
	program_release(&p);
	/* It is somebody else's to reap; that may take a moment. */
	for (int i = 0; i < 1000 && kill(grandchild, 0) == 0; i++) {
		char  path[64], stat[200] = "";
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)grandchild);
		if ((f = fopen(path, "r")) == NULL)
			break;
		if (fgets(stat, sizeof(stat), f) == NULL)
			stat[0] = '\0';
		fclose(f);
		if (strstr(stat, ") Z ") != NULL)
			return;
		wait_until(clock_mono_ms() + 5);
	}
	assert_int_equal(kill(grandchild, 0), -1);
}

static void
it_dies_with_who_started_it(void **state)
{
	int   fds[2];
	char  byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	if ((pid = fork()) == 0) {
		struct program    p;
		char              script[100];
		const char *const argv[] = { "sh", "-c", script, NULL };
		struct err        err = ERR_INIT;

		snprintf(script, sizeof(script), "echo; exec tail -f /dev/null >&%d", fds[1]);
		if (program_start(&p, argv, &err) == -1 || read(p.out_fd, &byte, 1) != 1)
			_exit(1);
		raise(SIGKILL);
	}
	close(fds[1]);
	waitpid(pid, NULL, 0);
	assert_int_equal(read(fds[0], &byte, 1), 0);           /* nobody has the other end any more */
	close(fds[0]);
}

static void
it_gets_its_three_descriptors_and_a_pipe_without_a_reader_ends_it(void **state)
{
	struct program     p;
	struct program_end end;
	int                ours = open("/dev/null", O_RDONLY | O_CLOEXEC);
	char               script[300];

	(void)state;
	snprintf(script, sizeof(script), "[ -e /proc/$$/fd/%d ] && echo open; echo \"<$STREAM_CHECKPOINT>\"; "
	         "[ $(ps -o pgid= $$) -eq $$ ] && echo alone", ours);
	start(&p, script);
	assert_string_equal(all_of(p.out_fd), "<>\nalone\n");
	end_of(&p);
	program_release(&p);
	start(&p, "while :; do echo; done");
	close(p.out_fd);
	p.out_fd = -1;
	end = end_of(&p);
	assert_true(end.by_signal);
	assert_int_equal(end.n, SIGPIPE);
	program_release(&p);
	close(ours);
}

static void
what_is_no_program_is_told_before(void **state)
{
	static const char *const words[] = { "sh", "/bin/sh", "no-such-thing", "/no/such/thing", "/dev/null", "/" };
	static const enum err_kind kinds[] = { ERR_NONE, ERR_NONE, ERR_USAGE, ERR_USAGE, ERR_FATAL, ERR_FATAL };
	const char *const  argv[] = { "/no/such/thing", NULL };
	struct program     p;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(program_check(words[i], &err), kinds[i] == ERR_NONE ? 0 : -1);
		assert_int_equal(err.kind, kinds[i]);
	}
	for (int i = 0; i < 3; i++) {
		struct err err = ERR_INIT;

		assert_int_equal(program_start(&p, argv, &err), -1);
		assert_int_equal(err.sys, ENOENT);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_is_given_it_reads_and_what_it_writes_we_do),
		cmocka_unit_test(a_full_pipe_takes_nothing_and_a_reader_that_left_is_told),
		cmocka_unit_test(how_it_ended_is_told),
		cmocka_unit_test(what_is_released_is_killed_with_its_group),
		cmocka_unit_test(it_dies_with_who_started_it),
		cmocka_unit_test(it_gets_its_three_descriptors_and_a_pipe_without_a_reader_ends_it),
		cmocka_unit_test(what_is_no_program_is_told_before),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
