/* io/file, io/child: files replaced for good, locks, and children that hold none */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "home.h"
#include "io/child.h"
#include "io/clock.h"
#include "io/file.h"

/* ---- files ---- */

static struct file_dir
open_dir(const char *path)
{
	struct file_dir d;
	struct err      err = ERR_INIT;

	assert_int_equal(file_dir_open(&d, NULL, path, true, true, &err), 0);
	return d;
}

static void
file_replace_leaves_the_new_content_and_no_temp(void **state)
{
	struct file_dir d = open_dir("replace");
	struct err      err = ERR_INIT;
	struct buf      b = { 0 };
	struct stat     st;

	(void)state;
	assert_int_equal(file_read(&d, "a", 100, &b, &err), 0);
	assert_int_equal(file_replace(&d, "a", SPAN_LIT("one"), true, &err), 0);
	assert_int_equal(file_replace(&d, "a", SPAN_LIT("two!"), false, &err), 0);
	assert_file("replace/a", "two!");
	assert_int_equal(file_read(&d, "a", 4, &b, &err), 1);
	assert_true(span_eq(buf_all(&b), SPAN_LIT("two!")));
	assert_int_equal(file_read(&d, "a", 3, &b, &err), -1);
	assert_int_equal(stat("replace/a", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat("replace", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(unlink("replace/a"), 0);
	assert_int_equal(rmdir("replace"), 0);       /* no temp file is left */
	assert_int_equal(file_replace(&d, "a", SPAN_LIT("three"), true, &err), -1);
	buf_release(&b);
	file_dir_close(&d);
}

static void
file_dirs_are_not_made_without_a_parent(void **state)
{
	struct file_dir d;
	struct err      err = ERR_INIT;

	(void)state;
	assert_int_equal(file_dir_open(&d, NULL, "no/such", true, true, &err), -1);
	assert_string_equal(err.text, "no/such: No such file or directory");
	assert_int_equal(err.status, 1);
	write_file("a-file", "", 0);
	assert_int_equal(file_dir_open(&d, NULL, "a-file", true, true, &err), -1);
	assert_string_equal(err.text, "a-file: Not a directory");
}

/* ---- locks ---- */

static pid_t
hold(const char *dir, int *ready_fd)
{
	int   fds[2];
	char  c;
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (child == 0) {
		struct file_dir d = open_dir(dir);
		struct err      err = ERR_INIT;
		int             fd;

		close(fds[0]);
		if (file_lock(&d, "lock", clock_mono_ms() + 10000, NULL, &fd, &err) != 0 ||
		    file_lock_note(fd, "lock", 12, &err) != 0 || write(fds[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &c, 1), 1);
	*ready_fd = fds[0];
	return child;
}

static void
end_child(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static int
see_run(void *cookie, struct span content, struct err *err)
{
	int64_t pid;

	file_lock_read(content, cookie, &pid);
	(void)err;
	return 0;
}

static void
lock_waits_until_its_deadline_and_says_who_holds_it(void **state)
{
	struct file_dir  d = open_dir("locks");
	struct err       err = ERR_INIT;
	uint64_t         run = 0;
	struct file_busy busy = { see_run, &run };
	int              fd, ready;
	pid_t            child = hold("locks", &ready);
	int64_t          deadline = clock_mono_ms() + 30;
	char             text[100];

	(void)state;
	assert_int_equal(file_lock(&d, "lock", deadline, &busy, &fd, &err), -1);
	assert_true(clock_mono_ms() >= deadline);
	assert_int_equal(err.status, 75);
	snprintf(text, sizeof(text), "locks/lock: held by pid %d", (int)child);
	assert_string_equal(err.text, text);
	assert_int_equal(run, 12);
	end_child(child);
	close(ready);
	assert_int_equal(file_lock(&d, "lock", 0, NULL, &fd, &err), 0);
	close(fd);
	file_dir_close(&d);
}

/* Somebody is waiting for it: now the holder dies. */
static int
kill_holder(void *cookie, struct span content, struct err *err)
{
	(void)content;
	(void)err;
	kill(*(pid_t *)cookie, SIGKILL);
	return 0;
}

static void
lock_is_taken_when_its_holder_dies(void **state)
{
	struct file_dir  d = open_dir("locks");
	struct err       err = ERR_INIT;
	int              fd, ready;
	pid_t            child = hold("locks", &ready);
	struct file_busy busy = { kill_holder, &child };

	(void)state;
	assert_int_equal(file_lock(&d, "lock", clock_mono_ms() + 20000, &busy, &fd, &err), 0);
	waitpid(child, NULL, 0);
	close(fd);
	close(ready);
	file_dir_close(&d);
}

static int
refuse(void *cookie, struct span content, struct err *err)
{
	(void)cookie;
	(void)content;
	return err_set(err, ERR_USAGE, "not with that one");
}

static void
lock_wait_ends_when_the_asker_does_not_like_the_holder(void **state)
{
	struct file_dir  d = open_dir("locks");
	struct err       err = ERR_INIT;
	int              fd, ready;
	pid_t            child = hold("locks", &ready);
	struct file_busy busy = { refuse, NULL };

	(void)state;
	assert_int_equal(file_lock(&d, "lock", CLOCK_NEVER, &busy, &fd, &err), -1);
	assert_string_equal(err.text, "not with that one");
	end_child(child);
	close(ready);
	file_dir_close(&d);
}

static void
lock_of_a_file_that_was_replaced_is_none(void **state)
{
	struct file_dir d = open_dir("locks");
	struct err      err = ERR_INIT;
	int             fd, other, ready;
	pid_t           child = hold("locks", &ready);

	(void)state;
	assert_int_equal(rename("locks/lock", "locks/gone"), 0);
	assert_int_equal(file_lock(&d, "lock", 0, NULL, &fd, &err), 0);
	assert_false(file_is_deleted(fd));
	assert_int_equal(file_is_same(&d, "lock", fd, &err), 1);
	other = open("locks/gone", O_RDONLY);
	assert_true(file_lock_is_held(other));
	assert_int_equal(file_is_same(&d, "lock", other, &err), 0);
	unlink("locks/gone");
	assert_true(file_is_deleted(other));
	end_child(child);
	assert_false(file_lock_is_held(other));
	close(other);
	close(ready);
	close(fd);
	file_dir_close(&d);
}

static void
lock_notes_survive_garbage(void **state)
{
	uint64_t run;
	int64_t  pid;

	(void)state;
	file_lock_read(SPAN_LIT("{\"run\":12,\"pid\":34}   \n"), &run, &pid);
	assert_int_equal(run, 12);
	assert_int_equal(pid, 34);
	file_lock_read(SPAN_LIT("\0\0\0\0"), &run, &pid);
	assert_int_equal(run, 0);
	file_lock_read(SPAN_LIT("{\"run\":-1,\"pid\":true}"), &run, &pid);
	assert_int_equal(run, 0);
	assert_int_equal(pid, 0);
	file_lock_read(SPAN_LIT(""), &run, &pid);
	assert_int_equal(run, 0);
}

static void
child_holds_no_lock_and_keeps_one_descriptor(void **state)
{
	struct file_dir d = open_dir("locks");
	struct err      err = ERR_INIT;
	int             fd, status, out[2];
	pid_t           child;
	char            c;

	(void)state;
	assert_int_equal(pipe(out), 0);
	assert_int_equal(file_lock(&d, "lock", 0, NULL, &fd, &err), 0);
	child = child_fork(out[1], &err);
	if (child == 0) {
		bool lone = fcntl(0, F_GETFD) < 0 && fcntl(fd, F_GETFD) < 0 && fcntl(out[0], F_GETFD) < 0 &&
		            fcntl(2, F_GETFD) >= 0;

		if (write(out[1], lone ? "y" : "n", 1) != 1)
			child_exit(1);
		for (;;)
			pause();
	}
	close(out[1]);
	assert_int_equal(read(out[0], &c, 1), 1);
	assert_int_equal(c, 'y');
	close(fd);
	assert_int_equal(file_lock(&d, "lock", 0, NULL, &fd, &err), 0);
	assert_int_equal(child_poll(child, &status), 0);
	child_kill(child);
	close(fd);
	close(out[0]);
	file_dir_close(&d);
}

static void
child_dies_with_its_parent(void **state)
{
	int   out[2], life[2];
	pid_t parent;
	char  c;

	(void)state;
	assert_int_equal(pipe(out), 0);
	assert_int_equal(pipe(life), 0);
	parent = fork();
	if (parent == 0) {
		struct err err = ERR_INIT;

		close(out[0]);
		if (child_fork(out[1], &err) == 0) {
			if (write(out[1], "r", 1) != 1)
				child_exit(1);
			for (;;)
				pause();
		}
		for (;;)
			pause();
	}
	close(out[1]);
	assert_int_equal(read(out[0], &c, 1), 1);
	end_child(parent);
	assert_int_equal(read(out[0], &c, 1), 0);        /* nobody has the other end any more */
	close(out[0]);
	close(life[0]);
	close(life[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_replace_leaves_the_new_content_and_no_temp),
		cmocka_unit_test(file_dirs_are_not_made_without_a_parent),
		cmocka_unit_test(lock_waits_until_its_deadline_and_says_who_holds_it),
		cmocka_unit_test(lock_is_taken_when_its_holder_dies),
		cmocka_unit_test(lock_wait_ends_when_the_asker_does_not_like_the_holder),
		cmocka_unit_test(lock_of_a_file_that_was_replaced_is_none),
		cmocka_unit_test(lock_notes_survive_garbage),
		cmocka_unit_test(child_holds_no_lock_and_keeps_one_descriptor),
		cmocka_unit_test(child_dies_with_its_parent),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("io, file", tests, home_enter, home_leave);
}
