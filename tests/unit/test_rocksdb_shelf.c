/* test_rocksdb_shelf - a shelf in files, on RocksDB: what is written is found, by later processes, too; what they see of a damaged one */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "io/folder.h"
#include "rocksdb/engine.h"
#include "store/shelf_files.h"

enum { MEMORY_BYTES = 1 << 20, KEYS = 5000 };

/* ---- a folder, and shelves in it, one after the other, as processes would be ---- */

struct place {
	struct file_dir dir;
	char            path[200];
};

static int
set_up(void **state)
{
	static struct place p;
	struct err          err = ERR_INIT;

	snprintf(p.path, sizeof(p.path), "%s/test_shelf.XXXXXX", file_temp_dir());
	assert_non_null(mkdtemp(p.path));
	assert_int_equal(file_dir_open(&p.dir, NULL, p.path, false, false, &err), 0);
	*state = &p;
	return 0;
}

static int
remove_it(void *cookie, const char *name, struct err *err)
{
	return folder_remove(cookie, name, err);
}

static int
tear_down(void **state)
{
	struct place *p = *state;
	struct err    err = ERR_INIT;

	assert_int_equal(file_list(&p->dir, remove_it, &p->dir, &err), 0);
	file_dir_close(&p->dir);
	assert_int_equal(rmdir(p->path), 0);
	return 0;
}

/* LINE: of the snapshot from which it goes on; "": the first. */
static struct shelf_files *
open_at(struct place *p, const struct buf *line)
{
	struct shelf_files *f = shelf_files_new(p->path, MEMORY_BYTES, &rocksdb_engine);
	struct err          err = ERR_INIT;

	if (line->n > 0)
		assert_int_equal(shelf_files_load(f, span_of(line->p, line->n - 1), &err), 0);
	if (shelf_files_open(f, &p->dir, &err) == -1)
		fail_msg("%s", err.text);
	return f;
}

static struct span
key_of(int i, char to[20])
{
	return span_of(to, (size_t)snprintf(to, 20, "key%08d", i));
}

/* Every STEPth key up to KEYS. */
static void
write_table(struct shelf_files *f, int step, int64_t value)
{
	struct shelf *s = shelf_files_shelf(f);
	char          text[20];

	shelf_begin(s);
	for (int i = 0; i < KEYS; i += step)
		shelf_put(s, key_of(i, text), span_of((const char *)&value, sizeof(value)));
	shelf_end(s);
}

/* -1: it is not there; -2: the shelf has failed. */
static int64_t
value_at(struct shelf_files *f, int i)
{
	char        text[20];
	struct span key = key_of(i, text), value;
	int64_t     n;

	if (!shelf_get(shelf_files_shelf(f), &key, 1, &value))
		return -2;
	if (value.p == NULL)
		return -1;
	assert_int_equal(value.n, sizeof(n));
	memcpy(&n, value.p, sizeof(n));
	return n;
}

static void
seal(struct shelf_files *f, uint64_t epoch, struct buf *line, int expected)
{
	struct snap_writer w = { 0 };
	struct err         err = ERR_INIT;

	assert_int_equal(shelf_files_seal(f, epoch, &err), expected);
	shelf_files_save(f, &w);
	buf_release(line);
	*line = w.buf;
}

static bool
is_there(const struct place *p, const char *name)
{
	return faccessat(p->dir.fd, name, F_OK, 0) == 0;
}

/* ---- without a checkpoint ---- */

static void
the_newest_table_counts(void **state)
{
	struct place       *p = *state;
	struct shelf_files *f = shelf_files_new(p->path, MEMORY_BYTES, &rocksdb_engine);
	struct err          err = ERR_INIT;

	write_table(f, 1, 100);
	assert_int_equal(shelf_files_check(f, &err), 1);
	assert_int_equal(shelf_files_check(f, &err), 0);
	/* More than there are levels for. */
	for (int i = 1; i < 12; i++) {
		write_table(f, i, 100 + i);
		assert_int_equal(value_at(f, 0), 100 + i);
		assert_int_equal(value_at(f, i), 100 + i);
		assert_int_equal(value_at(f, KEYS), -1);
	}
	assert_int_equal(value_at(f, 11 * 7), 111);
	assert_int_equal(value_at(f, 13), 101);
	assert_int_equal(shelf_files_shelf(f)->n_tables, 12);
	assert_int_equal(shelf_files_check(f, &err), 1);
	shelf_files_free(f);
}

static void
a_group_is_looked_up_at_once(void **state)
{
	struct place       *p = *state;
	struct shelf_files *f = shelf_files_new(p->path, MEMORY_BYTES, &rocksdb_engine);
	char                text[SHELF_GROUP][20];
	struct span         keys[SHELF_GROUP], values[SHELF_GROUP];

	write_table(f, 3, 5);
	for (int i = 0; i < SHELF_GROUP; i++)
		keys[i] = key_of((SHELF_GROUP - i) * 7, text[i]);        /* in any order */
	assert_true(shelf_get(shelf_files_shelf(f), keys, SHELF_GROUP, values));
	for (int i = 0; i < SHELF_GROUP; i++)
		assert_int_equal(values[i].p != NULL, (SHELF_GROUP - i) * 7 % 3 == 0);
	shelf_files_free(f);
}

static void
what_is_forgotten_goes_and_what_is_not_stays(void **state)
{
	struct place       *p = *state;
	struct shelf_files *f = shelf_files_new(p->path, MEMORY_BYTES, &rocksdb_engine);
	char                from[20], to[20];

	write_table(f, 1, 10);
	write_table(f, 2, 20);
	shelf_forget(shelf_files_shelf(f), key_of(1000, from), key_of(2000, to), 15);
	for (int i = 0; i < KEYS; i++)
		if (i % 2 == 0)
			assert_int_equal(value_at(f, i), 20);
		else if (i >= 1000 && i < 2000)
			assert_int_equal(value_at(f, i), -1);
		else                                         /* of use to nobody: it may be there, or not */
			assert_true(value_at(f, i) == 10 || value_at(f, i) == -1);
	shelf_forget(shelf_files_shelf(f), key_of(0, from), SPAN_NONE, 25);
	for (int i = 0; i < KEYS; i++)
		assert_int_equal(value_at(f, i), -1);
	assert_false(shelf_files_shelf(f)->failed);
	shelf_files_free(f);
}

static int
count_one(void *cookie, const char *name, struct err *err)
{
	(void)name, (void)err;
	++*(int *)cookie;
	return 0;
}

static void
nothing_is_left_in_the_folder_for_temporary_ones(void **state)
{
	struct place       *p = *state;
	struct shelf_files *f = shelf_files_new(p->path, MEMORY_BYTES, &rocksdb_engine);
	struct err          err = ERR_INIT;
	int                 n = 0;

	/* What one that was killed has left: nobody holds it. */
	assert_int_equal(mkdirat(p->dir.fd, "streamutils-shelf.killed", 0700), 0);
	assert_int_equal(file_replace(&p->dir, "streamutils-shelf.killed/owner", SPAN_LIT(""), false, &err), 0);
	write_table(f, 1, 1);
	assert_false(is_there(p, "streamutils-shelf.killed"));
	assert_int_equal(file_list(&p->dir, count_one, &n, &err), 0);
	assert_int_equal(n, 1);
	shelf_files_free(f);
	n = 0;
	assert_int_equal(file_list(&p->dir, count_one, &n, &err), 0);
	assert_int_equal(n, 0);
}

/* ---- with one ---- */

static void
a_later_process_finds_what_was_sealed(void **state)
{
	struct place       *p = *state;
	struct buf          line = { 0 };
	struct shelf_files *f = open_at(p, &line);

	seal(f, 1, &line, 0);
	assert_int_equal(line.n, 0);
	write_table(f, 2, 1);
	write_table(f, 3, 2);
	seal(f, 2, &line, 1);
	assert_string_equal((buf_char(&line, '\0'), line.n--, line.p), "{\"shelf\":{\"tables\":2,\"gone\":[]}}\n");
	seal(f, 3, &line, 0);
	/* This one no snapshot knows. */
	write_table(f, 1, 3);
	shelf_files_free(f);
	assert_false(is_there(p, "shelf.live"));

	f = open_at(p, &line);
	assert_int_equal(shelf_files_shelf(f)->n_tables, 2);
	assert_int_equal(value_at(f, 4), 1);
	assert_int_equal(value_at(f, 6), 2);
	assert_int_equal(value_at(f, 7), -1);
	write_table(f, 7, 4);
	assert_int_equal(value_at(f, 7), 4);
	shelf_files_free(f);

	/* And again from there: what the other did has changed nothing. */
	f = open_at(p, &line);
	assert_int_equal(value_at(f, 7), -1);
	assert_int_equal(value_at(f, 6), 2);
	shelf_files_free(f);
	buf_release(&line);
}

static void
what_was_replaced_stays_until_nobody_can_go_back_to_it(void **state)
{
	struct place       *p = *state;
	struct buf          line = { 0 }, first = { 0 };
	struct shelf_files *f = open_at(p, &line);
	struct err          err = ERR_INIT;

	write_table(f, 1, 1);
	seal(f, 5, &first, 1);
	write_table(f, 2, 2);
	seal(f, 6, &line, 1);
	assert_int_equal(shelf_files_tidy(f, 6, &err), 0);
	assert_true(is_there(p, "1.shelf"));
	shelf_files_free(f);

	/* Epoch 6 was not committed: its folder is nobody's. */
	f = open_at(p, &first);
	assert_false(is_there(p, "2.shelf"));
	assert_int_equal(value_at(f, 2), 1);
	write_table(f, 2, 3);
	seal(f, 6, &line, 1);
	assert_int_equal(shelf_files_tidy(f, 7, &err), 1);
	assert_int_equal(shelf_files_tidy(f, 8, &err), 0);
	assert_false(is_there(p, "1.shelf"));
	assert_true(is_there(p, "2.shelf"));
	shelf_files_free(f);
	f = open_at(p, &line);
	assert_int_equal(value_at(f, 2), 3);
	assert_int_equal(value_at(f, 1), 1);
	shelf_files_free(f);
	buf_release(&line);
	buf_release(&first);
}

/* ---- damage ---- */

struct hurt {
	struct file_dir dir;
	bool            remove;
	unsigned        n;
};

static int
hurt_one(void *cookie, const char *name, struct err *err)
{
	struct hurt *h = cookie;
	size_t       n = strlen(name);
	char         bytes[64] = "not what was written";
	struct buf   path = { 0 };
	FILE        *file;

	if (n < 4 || strcmp(name + n - 4, ".sst") != 0)
		return 0;
	h->n++;
	if (h->remove)
		return file_remove(&h->dir, name, err);
	buf_printf(&path, "%s/%s", h->dir.path, name);
	buf_char(&path, '\0');
	file = fopen(path.p, "r+");
	assert_non_null(file);
	for (int i = 0; i < 100; i++)                        /* its first blocks; what says where they are stands at the end */
		fwrite(bytes, 1, sizeof(bytes), file);
	assert_int_equal(fclose(file), 0);
	buf_release(&path);
	return 0;
}

/* As if it still had the name under which it was written. */
static int
link_one(void *cookie, const char *name, struct err *err)
{
	struct hurt *h = cookie;
	size_t       n = strlen(name);

	(void)err;
	if (n < 4 || strcmp(name + n - 4, ".sst") != 0)
		return 0;
	h->n++;
	return linkat(h->dir.fd, name, h->dir.fd, "table.new", 0);
}

static void
hurt(struct place *p, const char *name, bool remove)
{
	struct hurt h = { .remove = remove };
	struct err  err = ERR_INIT;

	assert_int_equal(file_dir_open(&h.dir, &p->dir, name, false, false, &err), 0);
	assert_int_equal(file_list(&h.dir, hurt_one, &h, &err), 0);
	assert_true(h.n > 0);
	file_dir_close(&h.dir);
}

static void
make_sealed(struct place *p, struct buf *line)
{
	struct shelf_files *f = open_at(p, line);

	write_table(f, 1, 1);
	seal(f, 1, line, 1);
	shelf_files_free(f);
}

static void
a_table_that_was_changed_is_an_error_where_it_is_read(void **state)
{
	struct place       *p = *state;
	struct buf          line = { 0 };
	struct shelf_files *f;
	struct err          err = ERR_INIT;

	make_sealed(p, &line);
	hurt(p, "1.shelf", false);
	f = open_at(p, &line);
	assert_int_equal(value_at(f, 1), -2);
	assert_int_equal(shelf_files_check(f, &err), -1);
	assert_int_equal(err.kind, ERR_DATA);
	shelf_files_free(f);
	buf_release(&line);
}

static void
a_table_or_a_folder_that_is_missing_is_an_error_at_the_start(void **state)
{
	struct place *p = *state;

	for (int whole = 0; whole < 2; whole++) {
		struct buf          line = { 0 };
		struct shelf_files *f;
		struct err          err = ERR_INIT;

		make_sealed(p, &line);
		if (whole == 0)
			hurt(p, "1.shelf", true);
		else
			assert_int_equal(folder_remove(&p->dir, "1.shelf", &err), 0);
		f = shelf_files_new(p->path, MEMORY_BYTES, &rocksdb_engine);
		assert_int_equal(shelf_files_load(f, span_of(line.p, line.n - 1), &err), 0);
		assert_int_equal(shelf_files_open(f, &p->dir, &err), -1);
		assert_int_equal(err.kind, ERR_DATA);
		assert_non_null(strstr(err.text, "shelf"));
		shelf_files_free(f);
		buf_release(&line);
	}
}

/* "Not a directory" stays until a person acts; a full disk would not. */
static void
an_error_of_the_system_is_judged_as_everywhere(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_null(rocksdb_engine.open("/dev/null/shelf", MEMORY_BYTES, &err));
	assert_int_equal(err.kind, ERR_FATAL);
	assert_non_null(strstr(err.text, "/dev/null/shelf: IO error: "));
}

/* The library calls a table by its own name and unlinks the other; where that fails it says nothing. */
static void
a_name_that_was_left_does_not_lead_into_an_older_table(void **state)
{
	struct place       *p = *state;
	struct buf          line = { 0 };
	struct shelf_files *f = open_at(p, &line);
	struct file_dir     live;
	struct err          err = ERR_INIT;
	struct hurt         first = { .n = 0 };

	write_table(f, 2, 1);
	assert_int_equal(file_dir_open(&live, &p->dir, "shelf.live", false, false, &err), 0);
	first.dir = live;
	assert_int_equal(file_list(&live, link_one, &first, &err), 0);
	assert_int_equal(first.n, 1);
	write_table(f, 3, 2);
	seal(f, 1, &line, 1);
	shelf_files_free(f);
	file_dir_close(&live);

	f = open_at(p, &line);
	assert_int_equal(value_at(f, 2), 1);
	assert_int_equal(value_at(f, 3), 2);
	shelf_files_free(f);
	buf_release(&line);
}

static int
has_owner_alone(void *cookie, const char *name, struct err *err)
{
	struct file_dir *d = cookie;
	struct stat      st;

	(void)err;
	assert_int_equal(fstatat(d->fd, name, &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	return 0;
}

static void
what_is_sealed_is_for_its_owner_alone(void **state)
{
	struct place       *p = *state;
	struct buf          line = { 0 };
	struct shelf_files *f = open_at(p, &line);
	struct err          err = ERR_INIT;
	struct file_dir     d;
	struct stat         st;

	for (int i = 1; i < 9; i++)                          /* some of them are merged */
		write_table(f, i, i);
	seal(f, 1, &line, 1);
	assert_int_equal(file_dir_open(&d, &p->dir, "8.shelf", false, false, &err), 0);
	assert_int_equal(fstat(d.fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(file_list(&d, has_owner_alone, &d, &err), 0);
	file_dir_close(&d);
	shelf_files_free(f);
	buf_release(&line);
}

static void
lines_that_are_none(void **state)
{
	static const char *const lines[] = { "{\"shelf\":{}}", "{\"shelf\":{\"tables\":0,\"gone\":[]}}", "{\"shelf\":{\"tables\":1}}",
	                                     "{\"shelf\":{\"tables\":1,\"gone\":[{}]}}", "{\"shelf\":[]}", "{\"shelf\":" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct shelf_files *f = shelf_files_new("/tmp", MEMORY_BYTES, &rocksdb_engine);
		struct err          err = ERR_INIT;

		assert_true(shelf_files_is_line(span_str(lines[i])));
		assert_int_equal(shelf_files_load(f, span_str(lines[i]), &err), -1);
		assert_int_equal(err.kind, ERR_DATA);
		shelf_files_free(f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_newest_table_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_group_is_looked_up_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_forgotten_goes_and_what_is_not_stays, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_is_left_in_the_folder_for_temporary_ones, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_later_process_finds_what_was_sealed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_replaced_stays_until_nobody_can_go_back_to_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_table_that_was_changed_is_an_error_where_it_is_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_table_or_a_folder_that_is_missing_is_an_error_at_the_start, set_up, tear_down),
		cmocka_unit_test(an_error_of_the_system_is_judged_as_everywhere),
		cmocka_unit_test_setup_teardown(a_name_that_was_left_does_not_lead_into_an_older_table, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_sealed_is_for_its_owner_alone, set_up, tear_down),
		cmocka_unit_test(lines_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
