/* test_run_files - spilled runs as files: what a snapshot names is there, whole, and nothing else */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "json/scan.h"
#include "store/run_files.h"

struct folder {
	char            path[60];
	struct file_dir dir;
};

static int
setup(void **state)
{
	static struct folder f;
	struct err           err = ERR_INIT;
	const char          *temp = getenv("TMPDIR");

	snprintf(f.path, sizeof(f.path), "%.30s/run_files.XXXXXX", temp == NULL ? "/tmp" : temp);
	assert_non_null(mkdtemp(f.path));
	assert_int_equal(file_dir_open(&f.dir, NULL, f.path, false, false, &err), 0);
	*state = &f;
	return 0;
}

static int
remove_one(void *cookie, const char *name, struct err *err)
{
	return file_remove(cookie, name, err);
}

static int
teardown(void **state)
{
	struct folder *f = *state;
	struct err     err = ERR_INIT;

	file_list(&f->dir, remove_one, &f->dir, &err);
	file_dir_close(&f->dir);
	rmdir(f->path);
	return 0;
}

static bool
is_there(const struct folder *f, const char *name)
{
	struct stat st;

	return fstatat(f->dir.fd, name, &st, 0) == 0;
}

static struct run_files *
open_files(const struct folder *f)
{
	struct run_files *files = run_files_new("/nowhere");
	struct err        err = ERR_INIT;

	if (run_files_open(files, &f->dir, true, &err) == -1)
		fail_msg("%s", err.text);
	return files;
}

static uint64_t
write_run(struct run_files *files, const char *text, size_t times)
{
	struct spill *s = run_files_spill(files);
	uint64_t      run = spill_begin(s);

	for (size_t i = 0; i < times; i++)
		spill_put(s, text, strlen(text));
	assert_int_equal(spill_end(s), strlen(text) * times);
	return run;
}

static void
assert_reads(struct run_files *files, uint64_t run, uint64_t at, const char *text)
{
	char   came[200];
	size_t n = strlen(text);

	assert_true(spill_read(run_files_spill(files), run, at, came, n));
	assert_memory_equal(came, text, n);
}

static void
seal(struct run_files *files, uint64_t epoch, int expected)
{
	struct err err = ERR_INIT;

	assert_int_equal(run_files_seal(files, epoch, &err), expected);
}

static void
tidy(struct run_files *files, uint64_t committed)
{
	struct err err = ERR_INIT;

	assert_int_not_equal(run_files_tidy(files, committed, &err), -1);
}

/* As a snapshot would keep it. */
static struct snap_writer
saved(const struct run_files *files)
{
	struct snap_writer w = { 0 };

	run_files_save(files, &w);
	assert_int_equal(w.entries, 1);
	memset(buf_reserve(&w.buf, SCAN_PAD), 0, SCAN_PAD);
	return w;
}

/* A new process, from what W has.  NULL: *err */
static struct run_files *
restart(const struct folder *f, struct snap_writer *w, struct err *err)
{
	struct run_files *files = run_files_new("/nowhere");
	struct span       line = span_of(w->buf.p, w->buf.n - 1);

	assert_true(run_files_is_line(line));
	if (run_files_load(files, line, err) == 0 && run_files_open(files, &f->dir, true, err) == 0)
		return files;
	run_files_free(files);
	return NULL;
}

static void
a_run_is_read_back_anywhere(void **state)
{
	struct run_files *files = open_files(*state);
	struct err        err = ERR_INIT;
	uint64_t          a = write_run(files, "0123456789", 100000), b = write_run(files, "abc", 1);

	assert_int_not_equal(a, b);
	assert_reads(files, a, 0, "0123");
	assert_reads(files, a, 999995, "56789");
	assert_reads(files, b, 1, "bc");
	assert_int_equal(run_files_check(files, &err), 1);
	assert_int_equal(run_files_check(files, &err), 0);
	run_files_free(files);
	assert_true(is_there(*state, "1.run"));
	assert_true(is_there(*state, "2.run"));
}

static void
without_a_checkpoint_files_have_no_names(void **state)
{
	const struct folder *f = *state;
	struct run_files    *files = run_files_new(f->path);
	uint64_t             run = write_run(files, "0123456789", 10);
	struct err           err = ERR_INIT;
	int                  seen = 0;

	assert_reads(files, run, 95, "56789");
	assert_int_equal(file_list(&f->dir, remove_one, &seen, &err), 0);      /* there is none to be removed */
	spill_drop(run_files_spill(files), run);
	run_files_free(files);
}

static void
a_snapshot_brings_runs_back(void **state)
{
	struct run_files  *files = open_files(*state), *again;
	uint64_t           run = write_run(files, "0123456789", 3);
	struct snap_writer w;
	struct err         err = ERR_INIT;

	seal(files, 1, 1);
	seal(files, 2, 0);
	w = saved(files);
	write_run(files, "not in the snapshot", 1);
	run_files_free(files);
	assert_non_null(again = restart(*state, &w, &err));
	assert_reads(again, run, 25, "56789");
	assert_false(is_there(*state, "2.run"));
	assert_int_equal(write_run(again, "its number is free", 1), 2);
	run_files_free(again);
	buf_release(&w.buf);
}

/* Dropped before barrier 2: snapshot 1 names it, which a power cut may bring back as long as 2 alone is committed. */
static void
a_dropped_run_stays_while_a_start_may_need_it(void **state)
{
	struct run_files  *files = open_files(*state), *again;
	uint64_t           run = write_run(files, "0123456789", 3);
	struct snap_writer one, two;
	struct err         err = ERR_INIT;

	seal(files, 1, 1);
	one = saved(files);
	tidy(files, 0);
	spill_drop(run_files_spill(files), run);
	seal(files, 2, 0);
	two = saved(files);
	tidy(files, 1);
	tidy(files, 2);
	assert_true(is_there(*state, "1.run"));
	run_files_free(files);

	assert_non_null(again = restart(*state, &two, &err));
	assert_true(is_there(*state, "1.run"));
	run_files_free(again);
	assert_non_null(again = restart(*state, &one, &err));
	assert_reads(again, run, 0, "01234");
	run_files_free(again);
	assert_non_null(again = restart(*state, &two, &err));
	seal(again, 3, 0);
	tidy(again, 3);
	assert_false(is_there(*state, "1.run"));
	run_files_free(again);
	buf_release(&one.buf);
	buf_release(&two.buf);
}

static void
what_no_snapshot_named_goes_at_once(void **state)
{
	struct run_files *files = open_files(*state);
	uint64_t          run = write_run(files, "0123456789", 3);

	spill_drop(run_files_spill(files), run);
	assert_false(is_there(*state, "1.run"));
	run_files_free(files);
}

static void
overwrite(const struct folder *f, const char *name, off_t at, char c)
{
	int fd = openat(f->dir.fd, name, O_WRONLY);

	assert_int_equal(pwrite(fd, &c, 1, at), 1);
	close(fd);
}

static void
a_missing_or_changed_file_is_an_error(void **state)
{
	const struct folder *f = *state;
	struct run_files    *files = open_files(f);
	struct snap_writer   w;
	struct err           err = ERR_INIT;

	write_run(files, "0123456789", 3);
	seal(files, 1, 1);
	w = saved(files);
	run_files_free(files);

	overwrite(f, "1.run", 7, 'x');
	assert_null(restart(f, &w, &err));
	assert_int_equal(err.status, 1);
	assert_non_null(strstr(err.text, "/1.run: damaged: checksum does not match"));
	overwrite(f, "1.run", 30, 'x');
	assert_null(restart(f, &w, &err));
	assert_non_null(strstr(err.text, "/1.run: damaged: 31 bytes, not 30"));
	unlinkat(f->dir.fd, "1.run", 0);
	assert_null(restart(f, &w, &err));
	assert_non_null(strstr(err.text, "/1.run is missing: the state of this stage needs it"));
	assert_int_equal(err.status, 1);
	buf_release(&w.buf);
}

static void
what_goes_wrong_is_told_once_and_for_all(void **state)
{
	struct run_files *files = run_files_new("/nowhere/at/all");
	struct spill     *s = run_files_spill(files);
	struct err        err = ERR_INIT;
	char              c;

	(void)state;
	assert_int_equal(run_files_check(files, &err), 0);
	spill_begin(s);
	spill_put(s, "x", 1);
	spill_end(s);
	assert_true(s->failed);
	assert_false(spill_read(s, 1, 0, &c, 1));
	assert_int_equal(run_files_check(files, &err), -1);
	assert_int_equal(err.sys, ENOENT);
	assert_non_null(strstr(err.text, "/nowhere/at/all: a temporary file"));
	run_files_free(files);
}

static void
lines_that_are_none_are_refused(void **state)
{
	static const char *const lines[] = {
		"{\"spilled\":1}", "{\"spilled\":{\"next\":0,\"runs\":[],\"gone\":[]}}", "{\"spilled\":{\"next\":2,\"runs\":[]}}",
		"{\"spilled\":{\"next\":2,\"runs\":[{\"run\":1,\"length\":3,\"sum\":\"12\"}],\"gone\":[]}}",
		"{\"spilled\":{\"next\":2,\"runs\":[],\"gone\":[{\"run\":1}]}}", "{\"spilled\":{"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct run_files *files = run_files_new("/nowhere");
		struct err        err = ERR_INIT;

		assert_int_equal(run_files_load(files, span_str(lines[i]), &err), -1);
		assert_int_equal(err.status, 1);
		run_files_free(files);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_run_is_read_back_anywhere, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_checkpoint_files_have_no_names, setup, teardown),
		cmocka_unit_test_setup_teardown(a_snapshot_brings_runs_back, setup, teardown),
		cmocka_unit_test_setup_teardown(a_dropped_run_stays_while_a_start_may_need_it, setup, teardown),
		cmocka_unit_test_setup_teardown(what_no_snapshot_named_goes_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(a_missing_or_changed_file_is_an_error, setup, teardown),
		cmocka_unit_test(what_goes_wrong_is_told_once_and_for_all),
		cmocka_unit_test(lines_that_are_none_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
