/* csv: rows found at any cut, fields that come back as they went in, rows that are wrong */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json/tree.h"
#include "random.h"
#include "rec/csv.h"

enum { MOST_COLUMNS = 6, MOST_ROWS = 5 };

/* A table as it was meant, and as text. */
struct table {
	size_t     n_columns, n_rows;
	struct buf fields[MOST_ROWS + 1][MOST_COLUMNS];      /* row 0: the names */
	size_t     behind[MOST_ROWS + 1];                    /* where each row ends in the text, its newline included */
	bool       has_cr[MOST_ROWS + 1];
	struct buf text;
};

static void
make_field(uint64_t *seed, struct buf *b)
{
	static const char *const pieces[] = { "a", "", ",", "\"", "\n", "\r", " ", "\t", "\xc3\xa9", "\xf0\x9f\x98\x80", "0", "1.50", "\\", "{}" };

	for (uint64_t n = random_below(seed, 5); n > 0; n--)
		buf_str(b, pieces[random_below(seed, sizeof(pieces) / sizeof(pieces[0]))]);
}

/* With quotes where it needs them, and now and then where it does not. */
static void
put_field(uint64_t *seed, struct buf *to, struct span field)
{
	bool needs = false;

	for (size_t i = 0; i < field.n; i++)
		needs |= strchr(",\"\n\r", field.p[i]) != NULL;
	if (!needs && random_below(seed, 4) > 0) {
		buf_span(to, field);
		return;
	}
	buf_char(to, '"');
	for (size_t i = 0; i < field.n; i++) {
		buf_char(to, field.p[i]);
		if (field.p[i] == '"')
			buf_char(to, '"');
	}
	buf_char(to, '"');
}

static void
table_make(struct table *t, uint64_t *seed)
{
	*t = (struct table){ .n_columns = 1 + random_below(seed, MOST_COLUMNS), .n_rows = random_below(seed, MOST_ROWS + 1) };
	for (size_t r = 0; r <= t->n_rows; r++) {
		for (size_t c = 0; c < t->n_columns; c++) {
			struct buf *f = &t->fields[r][c];

			make_field(seed, f);
			if (r == 0)
				buf_printf(f, "%zu", c);                 /* names are told apart */
			if (c > 0)
				buf_char(&t->text, ',');
			put_field(seed, &t->text, buf_all(f));
		}
		t->has_cr[r] = random_below(seed, 2) == 0;
		buf_str(&t->text, t->has_cr[r] ? "\r\n" : "\n");
		t->behind[r] = t->text.n;
	}
}

static void
table_release(struct table *t)
{
	for (size_t r = 0; r <= MOST_ROWS; r++)
		for (size_t c = 0; c < MOST_COLUMNS; c++)
			buf_release(&t->fields[r][c]);
	buf_release(&t->text);
}

static struct span
row_of(const struct table *t, size_t r)
{
	size_t from = r == 0 ? 0 : t->behind[r - 1];

	return span_of(t->text.p + from, t->behind[r] - from - 1 - t->has_cr[r]);
}

static void
what_went_in_comes_out(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct table t;
		struct csv   csv = { .n = 0 };

		table_make(&t, &seed);
		assert_null(csv_set_columns(&csv, row_of(&t, 0)));
		assert_int_equal(csv.n, t.n_columns);
		for (size_t r = 1; r <= t.n_rows; r++) {
			struct buf   object = { 0 };
			struct err   err = ERR_INIT;
			struct tree *tree;

			assert_null(csv_put_object(&csv, row_of(&t, r), false, &object));
			tree = tree_parse(buf_all(&object), &err);
			assert_non_null(tree);
			assert_int_equal(tree_count(tree), t.n_columns);
			for (size_t c = 0; c < t.n_columns; c++) {
				struct span value = SPAN_NONE;

				buf_char(&t.fields[0][c], '\0');
				assert_true(tree_string(tree, t.fields[0][c].p, &value));
				t.fields[0][c].n--;
				assert_non_null(value.p);
				assert_int_equal(value.n, t.fields[r][c].n);
				assert_true(value.n == 0 || memcmp(value.p, t.fields[r][c].p, value.n) == 0);
			}
			tree_free(tree);
			buf_release(&object);
		}
		csv_release(&csv);
		table_release(&t);
	}
}

/* A row's end is found where it is, wherever the text was cut, and cut again. */
static void
a_row_ends_where_it_ends_at_any_cut(void **state)
{
	uint64_t seed = 2;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct table t;

		table_make(&t, &seed);
		for (size_t r = 0; r <= t.n_rows; r++) {
			size_t      from = r == 0 ? 0 : t.behind[r - 1];
			const char *p = t.text.p + from, *end = t.text.p + t.behind[r];

			for (const char *cut = p; cut <= end; cut++) {
				enum csv_state s = CSV_FIELD_START;
				const char    *at = p;

				if (cut < end) {
					assert_null(csv_behind_row(p, cut, &s));
					at = cut + random_below(&seed, (uint64_t)(end - cut));
					assert_null(csv_behind_row(cut, at, &s));
				}
				assert_ptr_equal(csv_behind_row(at, t.text.p + t.text.n, &s), end);
			}
		}
		table_release(&t);
	}
}

static void
names_are_kept_and_given_back(void **state)
{
	struct csv csv = { .n = 0 }, again = { .n = 0 };

	(void)state;
	assert_null(csv_set_columns(&csv, SPAN_LIT("a,\"b \"\"c\"\"\",,d")));
	assert_int_equal(csv.n, 4);
	assert_true(span_eq(csv_column(&csv, 1), SPAN_LIT("\"b \\\"c\\\"\"")));
	assert_true(span_eq(csv_column(&csv, 2), SPAN_LIT("\"\"")));
	for (size_t i = 0; i < csv.n; i++)
		csv_add_column(&again, csv_column(&csv, i));
	for (size_t i = 0; i < csv.n; i++)
		assert_true(span_eq(csv_column(&csv, i), csv_column(&again, i)));
	csv_release(&csv);
	csv_release(&again);
}

static void
numbers(const char *row, const char *object)
{
	struct csv csv = { .n = 0 };
	struct buf b = { 0 };

	assert_null(csv_set_columns(&csv, SPAN_LIT("n")));
	assert_null(csv_put_object(&csv, span_str(row), true, &b));
	buf_char(&b, '\0');
	assert_string_equal(b.p, object);
	buf_release(&b);
	csv_release(&csv);
}

static void
a_number_is_what_json_calls_one(void **state)
{
	static const char *const no_numbers[] = { "", "01", "+1", ".5", "1.", "-", "1e", "1e+", "0x1", " 1", "1 ", "--1", "1.5.5",
	                                          "NaN", "1_000", "-01" };
	static const char *const are[] = { "0", "-0", "1.50", "-1.5E-7", "1e5", "12345678901234567890123", "0.0" };
	char object[100];

	(void)state;
	for (size_t i = 0; i < sizeof(are) / sizeof(are[0]); i++) {
		snprintf(object, sizeof(object), "{\"n\":%s}", are[i]);
		numbers(are[i], object);
	}
	for (size_t i = 0; i < sizeof(no_numbers) / sizeof(no_numbers[0]); i++) {
		snprintf(object, sizeof(object), "{\"n\":\"%s\"}", no_numbers[i]);
		numbers(no_numbers[i], object);
	}
	numbers("\"1\"", "{\"n\":\"1\"}");
}

static void
what_is_wrong_with_a_row_is_told(void **state)
{
	static const char *const rows[] = { "1", "1,2,3", "1,\"2", "1,\"2\"3", "1,2\"", "1,\xff", "\"1\" ,2" };
	struct csv csv = { .n = 0 };

	(void)state;
	assert_null(csv_set_columns(&csv, SPAN_LIT("a,b")));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b = { 0 };

		assert_non_null(csv_put_object(&csv, span_str(rows[i]), false, &b));
		buf_release(&b);
	}
	assert_non_null(csv_set_columns(&csv, SPAN_LIT("a,\"b")));
	assert_int_equal(csv.n, 2);                              /* what was known stays known */
	csv_release(&csv);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_went_in_comes_out),
		cmocka_unit_test(a_row_ends_where_it_ends_at_any_cut),
		cmocka_unit_test(names_are_kept_and_given_back),
		cmocka_unit_test(a_number_is_what_json_calls_one),
		cmocka_unit_test(what_is_wrong_with_a_row_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
