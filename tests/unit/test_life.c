/* test_life - a file for others, a line on a terminal, a question by signal */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "home.h"
#include "io/clock.h"
#include "io/publish.h"
#include "io/signals.h"
#include "io/term.h"
#include "io/wait.h"

/* ---- publish ---- */

static struct publish *
published(const char *path, const char *old)
{
	struct err      err = ERR_INIT;
	struct buf      had = { 0 };
	struct publish *p = publish_open(path, SPAN_LIT("# "), &had, &err);

	assert_non_null(p);
	assert_int_equal(had.n, strlen(old));
	assert_memory_equal(had.p == NULL ? "" : had.p, old, had.n);
	buf_release(&had);
	return p;
}

static void
is_refused(const char *path, const char *text)
{
	struct err err = ERR_INIT;
	struct buf had = { 0 };

	assert_null(publish_open(path, SPAN_LIT("# "), &had, &err));
	assert_int_equal(err.status, 2);
	assert_string_equal(err.text, text);
	buf_release(&had);
}

static void
a_file_is_replaced_whole_and_what_it_had_is_told(void **state)
{
	struct err      err = ERR_INIT;
	struct publish *p = published("new", "");
	struct stat     st;
	mode_t          mask = umask(022);
	int             reader;

	(void)state;
	assert_int_equal(publish_replace(p, SPAN_LIT("# one\n"), &err), 0);
	assert_file("new", "# one\n");
	reader = open("new", O_RDONLY);
	assert_int_equal(publish_replace(p, SPAN_LIT("# two\n"), &err), 0);
	assert_file("new", "# two\n");
	assert_int_equal(fstat(reader, &st), 0);
	assert_int_equal(st.st_nlink, 0);               /* whoever had it open still has the whole former one */
	close(reader);
	assert_int_equal(stat("new", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);      /* for others to read */
	assert_int_equal(access(".new.tmp", F_OK), -1);
	publish_free(p);
	publish_free(published("new", "# two\n"));
	umask(mask);
}

static void
a_second_one_is_refused_before_and_after_a_replacement(void **state)
{
	struct err      err = ERR_INIT;
	struct publish *p = published("mine", "");

	(void)state;
	is_refused("mine", "mine: another process writes to it: give each its own file");
	assert_int_equal(publish_replace(p, SPAN_LIT("# one\n"), &err), 0);
	is_refused("mine", "mine: another process writes to it: give each its own file");
	publish_free(p);
	publish_free(published("mine", "# one\n"));
}

static void
what_must_not_be_replaced_is_not(void **state)
{
	(void)state;
	is_refused("/dev/null", "/dev/null: no regular file, and it would be replaced");
	assert_int_equal(mkfifo("fifo", 0666), 0);
	is_refused("fifo", "fifo: no regular file, and it would be replaced");
	write_file("data", "{\"a\":1}\n", strlen("{\"a\":1}\n"));
	is_refused("data", "data: holds something else, and it would be replaced");
	assert_file("data", "{\"a\":1}\n");
	write_file("large", "# ", strlen("# "));
	assert_int_equal(truncate("large", 2 * 1024 * 1024), 0);
	is_refused("large", "large: holds something else, and it would be replaced");
}

static void
a_symbolic_link_stays(void **state)
{
	struct err      err = ERR_INIT;
	struct publish *p;
	struct stat     st;

	(void)state;
	assert_int_equal(mkdir("there", 0777), 0);
	assert_int_equal(symlink("there/file", "link"), 0);
	p = published("link", "");
	assert_int_equal(publish_replace(p, SPAN_LIT("# x\n"), &err), 0);
	assert_file("there/file", "# x\n");
	assert_int_equal(lstat("link", &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	publish_free(p);
}

static void
what_a_killed_process_left_is_no_obstacle_and_a_failure_may_pass(void **state)
{
	struct err      err = ERR_INIT;
	struct publish *p = published("file", "");

	(void)state;
	write_file(".file.tmp", "half", strlen("half"));
	assert_int_equal(publish_replace(p, SPAN_LIT("# 1\n"), &err), 0);
	assert_int_equal(mkdir(".file.tmp", 0777), 0);
	assert_int_equal(publish_replace(p, SPAN_LIT("# 2\n"), &err), -1);
	assert_file("file", "# 1\n");
	assert_int_equal(rmdir(".file.tmp"), 0);
	assert_int_equal(publish_replace(p, SPAN_LIT("# 3\n"), &err), 0);
	assert_file("file", "# 3\n");
	publish_free(p);
}

/* ---- term ---- */

static int
open_terminal(int *master, unsigned short columns)
{
	struct winsize size = { .ws_row = 10, .ws_col = columns };
	int            slave;

	*master = posix_openpt(O_RDWR | O_NOCTTY);
	if (*master == -1 || grantpt(*master) != 0 || unlockpt(*master) != 0)
		skip();
	slave = open(ptsname(*master), O_RDWR | O_NOCTTY);
	assert_true(slave != -1);
	assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
	return slave;
}

static void
screen_gets(int master, const char *bytes)
{
	char    got[300];
	size_t  n = 0, all = strlen(bytes);
	ssize_t r;

	while (n < all && (r = read(master, got + n, sizeof(got) - n)) > 0)
		n += (size_t)r;
	assert_int_equal(n, all);
	assert_memory_equal(got, bytes, all);
}

static void
a_line_is_drawn_over_the_last_and_cut_to_the_width_of_now(void **state)
{
	struct winsize size = { .ws_row = 10, .ws_col = 6 };
	struct term    t;
	int            master, slave = open_terminal(&master, 20);

	(void)state;
	assert_true(term_init(&t, slave, "xterm"));
	term_draw(&t, SPAN_LIT("hello world"));
	screen_gets(master, "\r\033[Jhello world\r");
	assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
	term_draw(&t, SPAN_LIT("hello world"));
	screen_gets(master, "\r\033[Jhello\r");
	term_erase(&t);
	term_erase(&t);                                 /* nothing is there to erase */
	term_draw(&t, SPAN_LIT("x"));
	screen_gets(master, "\r\033[J\r\033[Jx\r");
	close(slave);
	close(master);
}

static void
nothing_is_drawn_where_nothing_can_be_erased(void **state)
{
	struct term t;
	int         master, slave = open_terminal(&master, 20), null = open("/dev/null", O_WRONLY);

	(void)state;
	assert_false(term_init(&t, null, "xterm"));
	assert_false(term_init(&t, slave, "dumb"));
	assert_false(term_init(&t, slave, ""));
	assert_false(term_init(&t, slave, NULL));
	close(null);
	close(slave);
	close(master);
}

/* ---- a question by signal ---- */

static void
a_question_ends_a_wait_that_wants_it_and_no_other(void **state)
{
	struct wait_for what = WAIT_FOR_NOTHING;
	int             in[2];

	(void)state;
	signals_set(SIGNALS_FILTER);
	assert_false(signals_take_asked());
	raise(SIGUSR1);
	assert_true(signals_is_asked());
	what.deadline_ms = clock_mono_ms() + 5;
	assert_int_equal(wait_any(&what, false), WAIT_TIME);
	what.deadline_ms = CLOCK_NEVER;
	what.until_asked = true;
	assert_int_equal(wait_any(&what, false), WAIT_ASKED);
	assert_true(signals_take_asked());
	assert_false(signals_take_asked());
	assert_int_equal(pipe(in), 0);
	assert_int_equal(write(in[1], "x", 1), 1);
	what.in_fd = in[0];
	assert_int_equal(wait_any(&what, false), WAIT_INPUT);
	close(in[0]);
	close(in[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_replaced_whole_and_what_it_had_is_told),
		cmocka_unit_test(a_second_one_is_refused_before_and_after_a_replacement),
		cmocka_unit_test(what_must_not_be_replaced_is_not),
		cmocka_unit_test(a_symbolic_link_stays),
		cmocka_unit_test(what_a_killed_process_left_is_no_obstacle_and_a_failure_may_pass),
		cmocka_unit_test(a_line_is_drawn_over_the_last_and_cut_to_the_width_of_now),
		cmocka_unit_test(nothing_is_drawn_where_nothing_can_be_erased),
		cmocka_unit_test(a_question_ends_a_wait_that_wants_it_and_no_other),
	};

	return cmocka_run_group_tests_name("life", tests, home_enter, home_leave);
}
