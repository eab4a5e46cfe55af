/* test_path - paths as jq writes them */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "json/path.h"

#define STEPS_31 ".a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.a.b.c.d.e"

/* The steps of a path, each with its length: 1:a 3:x y [0] */
static const char *
steps_of(const struct path *path)
{
	static char text[512];
	size_t      n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < path->n_steps; i++) {
		const struct path_step *s = &path->steps[i];

		size_t left = sizeof(text) - n;

		if (s->is_index)
			n += (size_t)snprintf(text + n, left, "[%u]", s->index);
		else
			n += (size_t)snprintf(text + n, left, "%zu:%.*s ", s->name.n,
			    SPAN_ARGS(s->name));
	}
	return text;
}

static void
test_good_paths(void **state)
{
	static const struct { const char *text; bool in_record; const char *steps; } table[] = {
		{ ".", false, "" },
		{ ".a", false, "1:a " },
		{ ".a.b", false, "1:a 1:b " },
		{ "._a9.B", false, "3:_a9 1:B " },
		{ ".[\"x y\"]", false, "3:x y " },
		{ ".a[\"b\"][0]", false, "1:a 1:b [0]" },
		{ ".a.[\"b\"].[0]", false, "1:a 1:b [0]" },
		{ ".[0]", false, "[0]" },
		{ ".[4294967295]", false, "[4294967295]" },
		{ ".[0][1].a", false, "[0][1]1:a " },
		{ ".\"x y\".\"z\"", false, "3:x y 1:z " },
		{ ".[\"\"]", false, "0: " },
		{ ".[\"a\\u0062\\n\"]", false, "3:ab\n " },
		{ ".[\"\\\"]\"]", false, "2:\"] " },
		{ ".[\"\xC3\xA9\"]", false, "2:\xC3\xA9 " },
		{ ".[\"\\u00e9\"]", false, "2:\xC3\xA9 " },
		{ ".[\"\\ud83d\\ude00\"]", false, "4:\xF0\x9F\x98\x80 " },
		{ "$", true, "" },
		{ "$.topic", true, "5:topic " },
		{ "$.window.start", true, "6:window 5:start " },
		{ "$[\"topic\"]", true, "5:topic " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct path path;
		struct err  err = ERR_INIT;

		if (path_parse(&path, table[i].text, &err) != 0)
			fail_msg("%s: %s", table[i].text, err.text);
		assert_string_equal(steps_of(&path), table[i].steps);
		assert_int_equal(path.in_record, table[i].in_record);
		assert_string_equal(path.text, table[i].text);
		path_release(&path);
	}
}

/* Each says at which byte, and what to do. */
static void
test_bad_paths(void **state)
{
	static const struct { const char *text; const char *says; } table[] = {
		{ "", "byte 1: a path begins with ." },
		{ "a", "byte 1: a path begins with ." },
		{ "price", "byte 1: a path begins with . (in the payload)" },
		{ "[0]", "byte 1: a path begins with ." },
		{ "$topic", "byte 2: after $ comes . or [" },
		{ "$.", "byte 3: a name is missing" },
		{ "..", "byte 2: a path names one value: no .." },
		{ ".a.", "byte 4: a name is missing" },
		{ ".a..b", "no .." },
		{ ".a b", "byte 3: a name is letters" },
		{ ".9a", "byte 2: a name is letters" },
		{ ".foo-bar", "byte 5: a name is letters" },
		{ ".\xC3\xA9", "write others as [\"" },
		{ ".[]", "byte 3: a path names one value: [] goes through all" },
		{ ".a[-1]", "byte 4: an index counts from the front" },
		{ ".[1:2]", "no slice" },
		{ ".[:2]", "no slice" },
		{ ".a?", "byte 3: no ? is needed" },
		{ ".[0", "byte 4: ] is missing" },
		{ ".[x]", "byte 3: between [ and ]" },
		{ ".['x']", "byte 3: between [ and ]" },
		{ ".[4294967296]", "the index is too large" },
		{ ".[99999999999999999999999999]", "the index is too large" },
		{ ".[\"x", "the string does not end" },
		{ ".[\"x\"", "] is missing" },
		{ ".[\"\\x\"]", "no JSON escape" },
		{ ".[\"\\u12\"]", "no JSON escape" },
		{ ".[\"\\", "no JSON escape" },
		{ ".[\"a\tb\"]", "a control character" },
		{ ".[\"\xC3\"]", "not UTF-8" },
		{ ".[\"\xED\xA6\xA0\"]", "not UTF-8" },
		{ ".a|.b", "byte 3" },
		{ STEPS_31 ".f", "too many steps" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct path path;
		struct err  err = ERR_INIT;

		if (path_parse(&path, table[i].text, &err) == 0)
			fail_msg("%s: taken for a path", table[i].text);
		assert_int_equal(err.kind, ERR_USAGE);
		if (strstr(err.text, table[i].says) == NULL)
			fail_msg("%s", err.text);
	}
}

static void
test_most_steps(void **state)
{
	struct path path, under;
	struct err  err = ERR_INIT;

	(void)state;
	assert_int_equal(path_parse(&path, STEPS_31, &err), 0);
	assert_int_equal(path.n_steps, PATH_MAX_STEPS - 1);
	path_under(&under, "payload", &path);
	assert_int_equal(under.n_steps, PATH_MAX_STEPS);
	path_release(&under);
	path_release(&path);
}

static void
test_under(void **state)
{
	static const struct { const char *text, *name, *steps, *under; } table[] = {
		{ ".price", "payload", "7:payload 5:price ", ".payload.price" },
		{ ".", "payload", "7:payload ", ".payload" },
		{ ".[0].a", "payload", "7:payload [0]1:a ", ".payload[0].a" },
		{ ".[\"x y\"]", "payload", "7:payload 3:x y ", ".payload[\"x y\"]" },
		{ ".\"x y\"", "payload", "7:payload 3:x y ", ".payload.\"x y\"" },
		{ ".a", "x y", "3:x y 1:a ", ".[\"x y\"].a" },
		{ "$.a", "r", "1:r 1:a ", ".r.a" },
		{ "$", "r", "1:r ", ".r" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct path path, under, again;
		struct err  err = ERR_INIT;

		assert_int_equal(path_parse(&path, table[i].text, &err), 0);
		path_under(&under, table[i].name, &path);
		path_release(&path);                /* nothing is shared */
		assert_string_equal(steps_of(&under), table[i].steps);
		assert_string_equal(under.text, table[i].under);
		assert_int_equal(path_parse(&again, under.text, &err), 0);
		assert_string_equal(steps_of(&again), table[i].steps);
		path_release(&again);
		path_release(&under);
	}
}

/* A copy has nothing in common with the original; `$.payload.x` less its first step is `.x`. */
static void
test_copy_and_drop(void **state)
{
	struct path path, copy;
	struct err  err = ERR_INIT;

	(void)state;
	assert_int_equal(path_parse(&path, "$.payload.a[1]", &err), 0);
	path_copy(&copy, &path);
	path_release(&path);
	assert_true(copy.in_record);
	assert_string_equal(copy.text, "$.payload.a[1]");
	assert_string_equal(steps_of(&copy), "7:payload 1:a [1]");
	path_drop_first(&copy);
	assert_false(copy.in_record);
	assert_string_equal(steps_of(&copy), "1:a [1]");
	path_drop_first(&copy);
	path_drop_first(&copy);
	assert_string_equal(steps_of(&copy), "");
	path_release(&copy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_paths),
		cmocka_unit_test(test_bad_paths),
		cmocka_unit_test(test_most_steps),
		cmocka_unit_test(test_under),
		cmocka_unit_test(test_copy_and_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
