/* test_tree - whole values, for the cold paths */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json/tree.h"

static struct tree *
parsed(const char *text)
{
	struct err   err = ERR_INIT;
	struct tree *t = tree_parse(span_str(text), &err);

	if (t == NULL)
		fail_msg("%s: %s", text, err.text);
	return t;
}

static void
test_members(void **state)
{
	struct tree *t = parsed("{\"i\":9223372036854775807,\"b\":true,\"f\":false,"
	    "\"s\":\"x\\u0000\\u00e9\",\"n\":null,\"r\":1.5,\"a\":[1,[]]}");
	int64_t      i = 7;
	bool         b = false;
	struct span  s = SPAN_NONE;

	(void)state;
	assert_true(tree_i64(t, "i", &i));
	assert_true(i == INT64_MAX);
	assert_true(tree_bool(t, "b", &b) && b);
	assert_true(tree_bool(t, "f", &b) && !b);
	assert_true(tree_string(t, "s", &s));
	assert_true(span_eq(s, span_of("x\0\xC3\xA9", 4)));
	assert_true(tree_value_string(tree_member(t, "s"), &s));
	assert_int_equal(tree_count(t), 7);
	assert_int_equal(tree_count(tree_member(t, "a")), 2);
	assert_int_equal(tree_count(tree_item(tree_member(t, "a"), 1)), 0);
	assert_null(tree_item(tree_member(t, "a"), 2));
	assert_null(tree_member(tree_member(t, "a"), "x"));
	tree_free(t);
}

/* Missing, null or of another kind: nothing is touched. */
static void
test_what_is_not_there(void **state)
{
	static const char *const names[] = { "missing", "null", "other" };
	struct tree *t = parsed("{\"null\":null,\"other\":{}}");
	int64_t      i = 7;
	bool         b = true;
	struct span  s = SPAN_LIT("kept");

	(void)state;
	for (int k = 0; k < 3; k++) {
		assert_false(tree_i64(t, names[k], &i));
		assert_false(tree_bool(t, names[k], &b));
		assert_false(tree_string(t, names[k], &s));
	}
	assert_false(tree_i64(NULL, "x", &i));
	assert_false(tree_value_string(NULL, &s));
	assert_null(tree_member(NULL, "x"));
	assert_null(tree_item(NULL, 0));
	assert_int_equal(tree_count(NULL), 0);
	assert_int_equal(i, 7);
	assert_true(b);
	assert_true(span_eq(s, span_str("kept")));
	tree_free(t);
	tree_free(NULL);
}

static void
test_put(void **state)
{
	static const char *const texts[] = {
		"{\"z\":1,\"a\":[true,false,null],\"m\":{\"x\":\"\\\"\xC3\xA9\"}}", "[]", "{}",
		"\"s\"", "-5", "null"
	};
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct tree *t = parsed(texts[i]);

		buf_reset(&b);
		tree_put(&b, t);
		assert_true(span_eq(buf_all(&b), span_str(texts[i])));
		tree_free(t);
	}
	buf_release(&b);
}

static void
test_walk(void **state)
{
	static const char *const names[] = { "z", "a", "m" };
	struct tree       *t = parsed("{\"z\":0,\"a\":1,\"m\":2}");
	const struct tree *value;
	const char        *name;
	void              *iter = NULL;
	int                n = 0;

	(void)state;
	for (; tree_next(t, &iter, &name, &value); n++) {
		assert_string_equal(name, names[n]);
		assert_ptr_equal(value, tree_member(t, name));
	}
	assert_int_equal(n, 3);
	tree_free(t);
	iter = NULL;
	assert_false(tree_next(NULL, &iter, &name, &value));
	t = parsed("[]");
	assert_false(tree_next(t, &iter, &name, &value));
	tree_free(t);
}

static void
test_bad_text(void **state)
{
	static const char *const texts[] = {
		"", " ", "{", "{\"a\":}", "[1,]", "nul", "{} {}", "\"\xFF\"", "99999999999999999999"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err err = ERR_INIT;

		assert_null(tree_parse(span_str(texts[i]), &err));
		assert_int_equal(err.kind, ERR_DATA);
		assert_true(strncmp(err.text, "not JSON: ", 10) == 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_what_is_not_there),
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_bad_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
