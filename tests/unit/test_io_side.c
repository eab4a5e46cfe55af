/* io/side: files beside the stream, cut back to the checkpoint */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "home.h"
#include "io/side.h"

static struct side *
side_with(const char *path, const struct side_place *known, bool is_new, const char *text)
{
	struct err   err = ERR_INIT;
	bool         new;
	struct side *s = side_open(path, known, &new, &err);

	assert_non_null(s);
	assert_int_equal(new, is_new);
	buf_str(side_buf(s), text);
	assert_int_equal(side_sync(s, &err), 0);
	return s;
}

static void
side_appends_without_a_checkpoint(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	write_file("late", "old\n", 4);
	assert_int_equal(side_close(side_with("late", NULL, true, "new\n"), &err), 0);
	assert_file("late", "old\nnew\n");
	assert_int_equal(side_close(NULL, &err), 0);
}

static void
side_is_cut_back_to_the_checkpoint(void **state)
{
	struct err        err = ERR_INIT;
	struct side_place place;
	struct side      *s;

	(void)state;
	unlink("late");
	s = side_with("late", NULL, true, "one\n");
	side_place(s, &place);
	assert_int_equal(place.length_bytes, 4);
	place.path = "late";
	buf_str(side_buf(s), "lost with the crash\n");
	assert_int_equal(side_close(s, &err), 0);
	assert_int_equal(side_close(side_with("late", &place, false, "two\n"), &err), 0);
	assert_file("late", "one\ntwo\n");
	/* Found again under another name too. */
	assert_int_equal(rename("late", "moved"), 0);
	assert_int_equal(side_close(side_with("moved", &place, false, "2\n"), &err), 0);
	assert_file("moved", "one\n2\n");
}

static void
side_begins_anew_when_rotated_away(void **state)
{
	struct err        err = ERR_INIT;
	struct side_place place;
	struct side      *s;

	(void)state;
	unlink("late");
	s = side_with("late", NULL, true, "one\n");
	side_place(s, &place);
	place.path = "late";
	assert_int_equal(side_close(s, &err), 0);
	assert_int_equal(rename("late", "late.1"), 0);
	assert_int_equal(side_close(side_with("late", &place, false, "two\n"), &err), 0);
	assert_file("late", "two\n");
	/* Killed before the next snapshot: the same place is known, and again another file is found. */
	assert_int_equal(side_close(side_with("late", &place, false, "2\n"), &err), 0);
	assert_file("late", "2\n");
	assert_file("late.1", "one\n");
}

static void
side_of_another_path_keeps_what_is_there(void **state)
{
	struct err        err = ERR_INIT;
	struct side_place place = { "late", 1, 1, 0 };

	(void)state;
	write_file("other", "mine\n", 5);
	assert_int_equal(side_close(side_with("other", &place, true, "late\n"), &err), 0);
	assert_file("other", "mine\nlate\n");
}

static void
side_that_got_shorter_is_an_error(void **state)
{
	struct err        err = ERR_INIT;
	struct side_place place;
	struct side      *s;
	bool              is_new;

	(void)state;
	unlink("late");
	s = side_with("late", NULL, true, "one\n");
	side_place(s, &place);
	place.path = "late";
	assert_int_equal(side_close(s, &err), 0);
	assert_int_equal(truncate("late", 3), 0);
	assert_null(side_open("late", &place, &is_new, &err));
	assert_string_equal(err.text, "late: shorter than the checkpoint knows: 3 bytes, not 4");
	assert_int_equal(err.status, 1);
}

static void
side_has_one_holder(void **state)
{
	struct err   err = ERR_INIT;
	struct side *s;
	bool         is_new;

	(void)state;
	s = side_with("late", NULL, true, "");
	assert_null(side_open("late", NULL, &is_new, &err));
	assert_int_equal(err.status, 2);
	side_free(s);
	/* Devices are for everybody. */
	s = side_with("/dev/null", NULL, false, "x\n");
	assert_int_equal(side_close(side_with("/dev/null", NULL, false, "x\n"), &err), 0);
	assert_int_equal(side_close(s, &err), 0);
	s = side_open("/dev/full", NULL, &is_new, &err);
	buf_str(side_buf(s), "x\n");
	assert_int_equal(side_close(s, &err), -1);
	assert_int_equal(err.status, 75);
	assert_null(side_open("no/such/file", NULL, &is_new, &err));
	assert_int_equal(err.status, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(side_appends_without_a_checkpoint),
		cmocka_unit_test(side_is_cut_back_to_the_checkpoint),
		cmocka_unit_test(side_begins_anew_when_rotated_away),
		cmocka_unit_test(side_of_another_path_keeps_what_is_there),
		cmocka_unit_test(side_that_got_shorter_is_an_error),
		cmocka_unit_test(side_has_one_holder),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("io, side", tests, home_enter, home_leave);
}
