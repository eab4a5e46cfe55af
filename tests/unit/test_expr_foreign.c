/* test_expr_foreign - what our engine does not have, libjq runs: the same on each replay, within limits */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exprtest.h"
#include "io/jq.h"

#define RECORD "{\"topic\":\"t\",\"partition\":0,\"offset\":7,\"ts\":5,\"key\":\"k\\u00e9\",\"headers\":[{\"key\":\"h\",\"value\":\"1\"}]," \
	"\"window\":{\"start\":3,\"end\":9},\"payload\":{\"a\":[1,2,3],\"s\":\"a1b22\"}}"

static void
check(const char *expr, const char *line, int how, const char *expected)
{
	struct buf out = { 0 };
	int        rc = exprtest_run_with(&jq_class, expr, line, strstr(line, "\"payload\":") != NULL, &out);

	buf_char(&out, '\0');
	/* Before a *: what does not depend on libjq's version. */
	if (rc != how || (strchr(expected, '*') == NULL ? strcmp(out.p, expected) : strncmp(out.p, expected, strcspn(expected, "*"))) != 0)
		fail_msg("%s on %s gives %s (%d)\n expected %s (%d)", expr, line, out.p, rc, expected, how);
	buf_release(&out);
}

static void
gives(const char *expr, const char *line, const char *expected)
{
	check(expr, line, EXPRTEST_OK, expected);
}

static void
fails(const char *expr, const char *line, const char *why)
{
	check(expr, line, EXPRTEST_ERROR, why);
}

static void
is_none(const char *expr, const char *why)
{
	check(expr, "{}", EXPRTEST_NO_EXPR, why);
}

static void
the_rest_of_the_language_is_there(void **state)
{
	(void)state;
	gives("reduce .a[] as $x (0; . + $x)", RECORD, "6");
	gives("[foreach .a[] as $x (0; . + $x)]", RECORD, "[1,3,6]");
	gives("def f(x): x * 2; f(.a[])", RECORD, "2 4 6");
	gives(". as {$s, a: [$one]} | \"\\($s)\\($one)\"", RECORD, "\"a1b221\"");
	gives("[.s | scan(\"[0-9]+\")]", RECORD, "[\"1\",\"22\"]");
	gives(".s | test(\"^A\"; \"i\")", RECORD, "true");
	gives(".s | @base64 | ., @base64d", RECORD, "\"YTFiMjI=\" \"a1b22\"");
	gives("try error(\"x\") catch .", RECORD, "\"x\"");
	gives("[paths]", "{\"a\":{\"b\":1}}", "[[\"a\"],[\"a\",\"b\"]]");
	gives("[limit(3; repeat(1))], first(range(9)), ([range(5)] | .[2:4])", "{}", "[1,1,1] 0 [2,3]");
	gives("0 | todate | ., fromdate", "{}", "\"1970-01-01T00:00:00Z\" 0");
	gives("group_by(.k) | map(length)", "[{\"k\":1},{\"k\":2},{\"k\":1}]", "[2,1]");
	gives("with_entries(.value += 1)", "{\"x\":1}", "{\"x\":2}");
	gives("label $out | 1, break $out, 2", "{}", "1");
	gives("empty | test(\"x\")", "{}", "");
	gives("[.[] as [$a] ?// $a | $a]", "[[1],2]", "[1,2]");
}

static void
errors_are_jqs_and_one_line(void **state)
{
	(void)state;
	fails("reduce .s as $x (0; . + $x)", RECORD, "number (0) and string (\"a1b22\") cannot be added");
	fails("error({a: 1}) | test(\"x\")", "{}", "{\"a\":1}");
	fails(".a | test(\"(\")", "{\"a\":\"x\"}", "Regex failure: *");
	fails("reduce range(1000) as $i (0; [.])", "{}", "what it gives is nested too deep");
	gives("reduce range(250) as $i (0; [.]) | [.[:0], \"<s\"]", "{}", "[[],\"<s\"]");
	gives("error(null) | test(\"x\")", "{}", "");                 /* as in jq 1.6 */
}

static void
the_record_is_there_too(void **state)
{
	(void)state;
	gives("reduce $.window.start as $x ($.offset; . + $x)", RECORD, "10");
	gives("$.headers[0].value as $x | \"\\($x)\\($.key)\\($.[\"topic\"])\"", RECORD, "\"1ké" "t\"");
	gives("[$.headers[] | .key] | @csv", RECORD, "\"\\\"h\\\"\"");
	gives("$.none as $x | $x, $.window.none, ($.window | keys[0:1])", RECORD, "null null [\"end\"]");
	/* In a text or behind a # it is none. */
	gives("\"$.topic \\\"$.x\" as $x | $x # $.y", RECORD, "\"$.topic \\\"$.x\"");
	gives("\"\\(\"\\($.topic | . as $x | \")\\($x))\")\")\" # \"", RECORD, "\")t)\"");
}

static void
numbers_are_doubles_there(void **state)
{
	(void)state;
	gives(".a", "{\"a\":9007199254740993}", "9007199254740993");
	gives(".a as $x | $x", "{\"a\":9007199254740993}", "9007199254740992");
	gives(".a", "{\"a\":1.10}", "1.10");
	gives(".a as $x | $x", "{\"a\":1.10}", "1.1");
}

static void
what_would_differ_on_a_replay_is_refused(void **state)
{
	static const char *const clock[] = { "now", "def f: now; f", ".a[now:2]", "{a: now}", "\"\\(now)\"", "now as $x | $x", "[.[] | now]" };
	static const char *const environment[] = { "env", "env.HOME", "localtime", ".t | strflocaltime(\"%H\")" };
	char why[200];

	(void)state;
	for (size_t i = 0; i < sizeof(clock) / sizeof(clock[0]); i++)
		is_none(clock[i], "now is refused: the clock must not decide what comes out");
	for (size_t i = 0; i < sizeof(environment) / sizeof(environment[0]); i++) {
		snprintf(why, sizeof(why), "%s is refused: what comes out must not depend on the environment",
		         i < 2 ? "env" : i == 2 ? "localtime" : "strflocaltime");
		is_none(environment[i], why);
	}
	is_none("$ENV.HOME", "$ENV is refused: what comes out must not depend on the environment");
	is_none("\"\\($ENV)\"", "$ENV is refused: what comes out must not depend on the environment");
	is_none("$ ENV", "$ is refused: the name of a variable follows it at once");
	is_none("$__loc__", "$__loc__ is refused: an expression has no place");
	is_none("input", "input is refused: an expression sees one record");
	is_none("[inputs]", "inputs is refused: an expression sees one record");
	is_none("input_filename", "input_filename is refused: an expression sees one record");
	is_none(".a | debug", "debug is refused: an expression writes nothing beside its outputs");
	is_none("stderr", "stderr is refused: an expression writes nothing beside its outputs");
	is_none("halt_error(1)", "halt_error is refused: an expression does not end the run: see error");
	is_none("import \"a\" as a; a::f", "import is refused: there are no modules");
	is_none("include \"a\"; .", "include is refused: there are no modules");
	is_none("\"a\" | modulemeta", "modulemeta is refused: there are no modules");
	/* The words themselves are not. */
	gives("{now: .now, env, \"input\": 1} as $debug | $debug", "{\"now\":1,\"env\":2}", "{\"now\":1,\"env\":2,\"input\":1}");
	gives("def now: 5; now, \"now $ENV\"", "{}", "5 \"now $ENV\"");
	gives("def f(input): input; f(3)", "{}", "3");
}

static void
definitions_from_home_are_not_read(void **state)
{
	char  dir[] = "/tmp/expr.XXXXXX", name[64], *home = getenv("HOME") == NULL ? NULL : strdup(getenv("HOME"));
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(name, sizeof(name), "%s/.jq", dir);
	f = fopen(name, "w");
	assert_non_null(f);
	fputs("def from_home: 7;\n", f);
	fclose(f);
	setenv("HOME", dir, 1);
	is_none("from_home", "from_home/0 is not defined");
	assert_string_equal(getenv("HOME"), dir);
	if (home != NULL)
		setenv("HOME", home, 1);
	else
		unsetenv("HOME");
	free(home);
	remove(name);
	remove(dir);
}

static void
what_is_no_expression_says_so_once(void **state)
{
	(void)state;
	is_none(".a as $x | $y", "$y is not defined");
	is_none("foo(1)", "foo/1 is not defined");
	is_none("reduce . as $x", "syntax error, unexpected *");
	is_none(".a as $x\n| $x +\n| 1", "syntax error, unexpected *");
	is_none("1\n| . as $x\n| $y", "$y is not defined in line 3");
	is_none(".a ==", "byte 6: here it ends; expected a value");      /* ours says where */
	is_none("", "an empty expression");
	is_none("def f: \"\xff\"; f", "not UTF-8");
}

/* ---- engines of our own: one that has no end, one that gives up ---- */

static void *
compile_anything(const char *text, struct err *err)
{
	(void)err;
	return (void *)(uintptr_t)text;
}

static enum foreign_end
give_up(void *compiled, struct span input, bool (*take)(void *cookie, struct span output), void *cookie, char *reason, size_t cap)
{
	(void)compiled;
	take(cookie, input);
	snprintf(reason, cap, "no patience");
	return FOREIGN_GAVE_UP;
}

/* As long as somebody takes them. */
static enum foreign_end
repeat(void *compiled, struct span input, bool (*take)(void *cookie, struct span output), void *cookie, char *reason, size_t cap)
{
	(void)compiled;
	(void)reason;
	(void)cap;
	while (take(cookie, input))
		continue;
	return FOREIGN_DONE;
}

static void
forget(void *compiled)
{
	(void)compiled;
}

static void
outputs_have_a_limit(void **state)
{
	static const struct foreign_class class = { "test", compile_anything, repeat, forget };
	static char       large[1 << 20];
	struct err        err = ERR_INIT;
	struct expr      *e = expr_compile(". as $x | $x", &class, &err);
	struct expr_input many = { SPAN_LIT("false"), NULL }, long_ones = { span_of(large, sizeof(large)), NULL };
	struct buf        out = { 0 };
	size_t            n;

	(void)state;
	memset(large, '1', sizeof(large));
	assert_non_null(e);
	assert_int_equal(expr_run(e, &many, &out, &n), -1);
	assert_string_equal(expr_reason(e), "the expression has too many outputs for this record");
	assert_int_equal(expr_test(e, &many), -1);
	assert_int_equal(expr_run(e, &long_ones, &out, &n), -1);
	assert_true(out.cap <= 2 * EXPR_MAX_BYTES);
	assert_false(expr_gave_up(e));
	/* The first that is true is enough. */
	assert_int_equal(expr_test(e, &long_ones), 1);
	buf_release(&out);
	expr_free(e);
}

static void
giving_up_is_not_an_error_of_the_record(void **state)
{
	static const struct foreign_class class = { "test", compile_anything, give_up, forget };
	struct err        err = ERR_INIT;
	struct expr      *e = expr_compile(". as $x | $x", &class, &err);
	struct expr_input in = { SPAN_LIT("17"), NULL };
	struct buf        out = { 0 };
	size_t            n;

	(void)state;
	assert_non_null(e);
	assert_string_equal(expr_why_foreign(e), "byte 3: a variable: not in the everyday part of jq's language");
	assert_int_equal(expr_run(e, &in, &out, &n), -1);
	assert_int_equal(out.n, 0);
	assert_true(expr_gave_up(e));
	assert_string_equal(expr_reason(e), "no patience");
	buf_release(&out);
	expr_free(e);
	/* What is ours is not given to others. */
	e = expr_compile(".a", &class, &err);
	assert_null(expr_why_foreign(e));
	expr_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rest_of_the_language_is_there),
		cmocka_unit_test(errors_are_jqs_and_one_line),
		cmocka_unit_test(the_record_is_there_too),
		cmocka_unit_test(numbers_are_doubles_there),
		cmocka_unit_test(what_would_differ_on_a_replay_is_refused),
		cmocka_unit_test(definitions_from_home_are_not_read),
		cmocka_unit_test(what_is_no_expression_says_so_once),
		cmocka_unit_test(outputs_have_a_limit),
		cmocka_unit_test(giving_up_is_not_an_error_of_the_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
