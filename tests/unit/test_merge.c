/* merge: several files by event time, against a stable sort; from a position at any record, the rest */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "home.h"
#include "json/tree.h"
#include "random.h"
#include "run/input.h"
#include "run/merge.h"

enum { MOST_FILES = 4, MOST_RECORDS = 30 };

/* A record: which file it is of, which of its lines, and when. */
struct made {
	size_t  file, line;
	int64_t ts_ms;
};

struct files {
	size_t      n, n_records;
	const char *names[MOST_FILES];
	struct made records[MOST_FILES * MOST_RECORDS];
};

/* Each in its own order; equal times within a file and between them, files that are empty. */
static void
make_files(struct files *f, uint64_t *seed)
{
	static const char *const names[] = { "a", "b", "c", "d" };

	*f = (struct files){ .n = 1 + random_below(seed, MOST_FILES) };
	for (size_t i = 0; i < f->n; i++) {
		uint64_t lines = random_below(seed, 5) == 0 ? 0 : random_below(seed, MOST_RECORDS);
		int64_t  ts_ms = random_between(seed, -5, 5);
		FILE    *file = fopen(names[i], "w");

		f->names[i] = names[i];
		for (size_t line = 1; line <= lines; line++) {
			ts_ms += random_between(seed, 0, 4);
			f->records[f->n_records++] = (struct made){ i, line, ts_ms };
			fprintf(file, "{\"t\":%lld}\n", (long long)ts_ms);
		}
		fclose(file);
	}
}

/* By time; ties: the file that was named first, then as they stand in it. */
static int
by_time(const void *a, const void *b)
{
	const struct made *x = a, *y = b;

	if (x->ts_ms != y->ts_ms)
		return x->ts_ms < y->ts_ms ? -1 : 1;
	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	return x->line < y->line ? -1 : 1;
}

static void
open_files(struct input *in, const struct files *f, const struct path *time)
{
	struct input_conf conf = {
		.source = { .inputs = f->names, .n_inputs = f->n, .max_line_bytes = 1 << 20 },
		.plan = { .time = time, .time_format = WHEN_MS, .is_source = true },
		.merge = true, .since.ms = WHEN_MIN, .until.ms = WHEN_MAX, .watermark_step_ms = 1, .max_future_ms = WHEN_MAX,
		.max_records = UINT64_MAX,
	};
	struct err err = ERR_INIT;

	*in = (struct input){ .source = NULL };
	assert_int_equal(input_open(in, &conf, &err), 0);
}

/* The next record.  False: there is no more. */
static bool
next_record(struct input *in, const struct files *f, struct made *made)
{
	for (;;) {
		enum input_event event;
		struct err       err = ERR_INIT;

		assert_int_equal(input_next(in, SIZE_MAX, &event, &err), 0);
		if (event == INPUT_RECS && in->n_recs > 0) {
			assert_int_equal(in->n_recs, 1);
			*made = (struct made){ .file = 0, .line = in->recs[0].line_no, .ts_ms = in->recs[0].ts_ms };
			while (strcmp(f->names[made->file], in->topic) != 0)
				made->file++;
			return true;
		}
		assert_int_not_equal(event, INPUT_BAD);
		if (event == INPUT_EMPTY && input_fill(in, &err) == INPUT_END)
			return false;
	}
}

static void
assert_made(const struct made *a, const struct made *b)
{
	assert_int_equal(a->file, b->file);
	assert_int_equal(a->line, b->line);
	assert_int_equal(a->ts_ms, b->ts_ms);
}

static void
merged_is_sorted(void **state)
{
	uint64_t     seed = 1;
	struct path  time = { 0 };
	struct err   err = ERR_INIT;
	struct files f;

	(void)state;
	assert_int_equal(path_parse(&time, ".t", &err), 0);
	for (int round = 0; round < 100; round++) {
		struct input in;
		struct made  made;

		make_files(&f, &seed);
		qsort(f.records, f.n_records, sizeof(f.records[0]), by_time);
		open_files(&in, &f, &time);
		for (size_t i = 0; i < f.n_records; i++) {
			assert_true(next_record(&in, &f, &made));
			assert_made(&made, &f.records[i]);
		}
		assert_false(next_record(&in, &f, &made));
		input_release(&in);
	}
	path_release(&time);
}

static void
a_position_behind_any_record_is_gone_on_from(void **state)
{
	uint64_t     seed = 2;
	struct path  time = { 0 };
	struct err   err = ERR_INIT;
	struct files f;

	(void)state;
	assert_int_equal(path_parse(&time, ".t", &err), 0);
	for (int round = 0; round < 20; round++) {
		make_files(&f, &seed);
		qsort(f.records, f.n_records, sizeof(f.records[0]), by_time);
		for (size_t cut = 0; cut <= f.n_records; cut++) {
			struct buf   position = { 0 };
			struct tree *t;
			struct input in;
			struct made  made;

			open_files(&in, &f, &time);
			for (size_t i = 0; i < cut; i++)
				assert_true(next_record(&in, &f, &made));
			assert_int_equal(input_save(&in, &position, &err), 0);
			input_release(&in);
			open_files(&in, &f, &time);
			t = tree_parse(buf_all(&position), &err);
			assert_non_null(t);
			assert_int_equal(input_load(&in, t, false, &err), 0);
			tree_free(t);
			for (size_t i = cut; i < f.n_records; i++) {
				assert_true(next_record(&in, &f, &made));
				assert_made(&made, &f.records[i]);
			}
			assert_false(next_record(&in, &f, &made));
			input_release(&in);
			buf_release(&position);
		}
	}
	path_release(&time);
}

static void
another_number_of_inputs_is_no_position_of_theirs(void **state)
{
	uint64_t     seed = 3;
	struct path  time = { 0 };
	struct err   err = ERR_INIT;
	struct buf   position = { 0 };
	struct tree *t;
	struct files f;
	struct input in;

	(void)state;
	assert_int_equal(path_parse(&time, ".t", &err), 0);
	do
		make_files(&f, &seed);
	while (f.n < 3);
	open_files(&in, &f, &time);
	assert_int_equal(input_save(&in, &position, &err), 0);
	input_release(&in);
	f.n--;
	open_files(&in, &f, &time);
	t = tree_parse(buf_all(&position), &err);
	assert_int_equal(input_load(&in, t, false, &err), -1);
	assert_int_equal(err.kind, ERR_DATA);
	tree_free(t);
	input_release(&in);
	buf_release(&position);
	path_release(&time);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merged_is_sorted),
		cmocka_unit_test(a_position_behind_any_record_is_gone_on_from),
		cmocka_unit_test(another_number_of_inputs_is_no_position_of_theirs),
	};

	return cmocka_run_group_tests(tests, home_enter, home_leave);
}
