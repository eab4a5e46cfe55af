/*
 * test_expr_jq - the same expression on the same line, by us and by the jq that is installed
 *
 * Expressions and lines are made at random, from a seed that a failure prints and STREAM_SEED repeats.
 * What is meant to differ (expr.h) is left out of what is made: numbers in another text than jq's own, something that
 * fails behind a ?, any and all over something that fails.  Values must be equal, and in the same
 * order; where jq has an error we must have one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exprtest.h"
#include "io/jq.h"
#include "optest.h"

enum { ROUNDS = 12, FOREIGN_ROUNDS = 4, EXPRESSIONS = 40, LINES = 8 };        /* 3840 pairs, 1280 */

static unsigned
any(uint64_t *random, unsigned n)
{
	return (unsigned)(optest_random(random) >> 33) % n;
}

#define ONE_OF(random, row) (row)[any(random, sizeof(row) / sizeof((row)[0]))]

/* ---- lines ---- */

static void
put_value(struct buf *b, uint64_t *random, int depth)
{
	static const char *const scalars[] = {
		"null", "true", "false", "0", "1", "2", "-3", "1.5", "0.1", "100", "-0.25", "\"\"", "\"a\"", "\"b\"", "\"ab,c\"",
		"\"a b\"", "\"\\u00e9\"", "\"é\"", "\"\\\"\\n\"", "\"12\"", "\"-1.50\"", "\"A\"", "\"😀x\"", "[]", "{}",
	};
	static const char *const names[] = { "a", "b", "c", "d", "x y", "\\u0061" };
	unsigned n = any(random, 4), kind = any(random, 8);

	if (depth == 0 || kind < 4) {
		buf_str(b, ONE_OF(random, scalars));
		return;
	}
	buf_char(b, kind < 6 ? '[' : '{');
	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			buf_str(b, any(random, 2) ? "," : " , ");
		if (kind >= 6)
			buf_printf(b, "\"%s\":", ONE_OF(random, names));
		put_value(b, random, depth - 1);
	}
	buf_char(b, kind < 6 ? ']' : '}');
}

static void
put_line(struct buf *b, uint64_t *random)
{
	static const char *const names[] = { "a", "b", "c", "d", "x y" };
	unsigned n = any(random, 6);

	if (any(random, 6) == 0) {
		put_value(b, random, 3);
		return;
	}
	buf_char(b, '{');
	for (unsigned i = 0; i < n; i++) {
		buf_printf(b, "%s\"%s\":", i > 0 ? "," : "", names[i % 5]);
		put_value(b, random, 3);
	}
	buf_char(b, '}');
}

/* ---- expressions ---- */

static void put_expr(struct buf *, uint64_t *, int depth);

static void
put_leaf(struct buf *b, uint64_t *random)
{
	static const char *const leaves[] = {
		".", ".a", ".b", ".c", ".d", ".a.b", ".b.a", ".a.b.c", ".[\"x y\"]", ".a[0]", ".[0]", ".b[1].a", ".a[-1]", ".[\"a\"][\"b\"]",
		"null", "true", "false", "0", "1", "2", "-1", "1.5", "\"a\"", "\"b\"", "\"\"", "\",\"", "[]", "{}", "[1,\"a\"]", "{\"a\":1}",
		".a[]", ".[]", ".b[]", "empty",
	};

	buf_str(b, ONE_OF(random, leaves));
}

/* FORMAT, with % for an expression each. */
static void
put_form(struct buf *b, uint64_t *random, const char *form, int depth)
{
	for (; *form != '\0'; form++) {
		if (*form == '%')
			put_expr(b, random, depth);
		else
			buf_char(b, *form);
	}
}

static void
put_expr(struct buf *b, uint64_t *random, int depth)
{
	static const char *const forms[] = {
		"(% + %)", "(% - %)", "(% * 2)", "(% / ([%] | .[]))", "(%, %)", "(% | %)", "(% | %)", "(% | %)", "(% == %)", "(% != %)", "(% < %)", "(% <= %)",
		"(% > %)", "(% >= %)", "(% and %)", "(% or %)", "(% // %)", "(% // %)", "(% | not)", "(-(%))", "(if % then % else % end)",
		"(if % then % elif % then % else % end)", "[%]", "[%, %]", "{a: %, b: (%)}", "{(% | tostring): %}", "{a, b, \"c\": .d}", "{\"x y\", a: 1}",
		"\"\\(%)-\\(%)\"", "\"x\\(%)\"", "select(%)", "(% | select(%))", "(% | length)", "(% | type)", "(% | tostring)", "(% | tonumber)",
		"(% | keys)", "(% | add)", "(% | has(\"a\"))", "(% | has(0))", "(% | has(%))", "(% | startswith(\"a\"))", "(% | endswith(%))",
		"(% | split(\",\"))", "(% | split(%))", "(% | join(\",\"))", "(% | join(%))", "(% | ascii_downcase)", "(% | ascii_upcase)",
		"(% | floor)", "(% | map(%))", "(% | any)", "(% | all)", "(% | any(. == 1))", "(% | all(.[]; . != \"a\"))",
		"any((%, %)?; . == null)", "(% | values)", "(% | ltrimstr(\"a\"))", "(% | rtrimstr(%))", "([(%)?] | .[])", "[.a.b?]", "[.a[% | tostring]?]", "[.a[% | length]?]", "[.a[]?]", "(% | .[])",
		"(% | .a)", "(% | .[0])", "(% | .[% | tostring])", "(% | .[% | length])", "(% | map(type))", "[% | .. ]", "(% | ceil)", "(% | round)",
		"(% | (.a = %))", "(.a.b = %)", "(.b[1] = %)", "(.a += %)", "(% | (.b |= %))", "(.a //= 1)", "(.a[0] |= %)", "(% | del(.a))",
		"del(.a.b, .c)", "(% | del(.[0]))", "del(.a[-1])", "(.[-1] -= %)", "(.[\"x y\"].a = %)",
	};
	const char *form = ONE_OF(random, forms);

	if (depth == 0 || any(random, 4) == 0 || strstr(form, "..") != NULL)
		put_leaf(b, random);
	else
		put_form(b, random, form, depth - 1);
}

/* ---- both ---- */

struct text {
	char name[64];
	FILE *file;
};

static void
text_init(struct text *t, const struct buf *content)
{
	const char *dir = getenv("TMPDIR");

	snprintf(t->name, sizeof(t->name), "%.40s/expr.XXXXXX", dir == NULL ? "/tmp" : dir);
	t->file = fdopen(mkstemp(t->name), "w");
	assert_non_null(t->file);
	assert_int_equal(fwrite(content->p, 1, content->n, t->file), content->n);
	assert_int_equal(fclose(t->file), 0);
}

/* What `jq -c OPTION FILE INPUT` prints. */
static void
ask_jq(struct buf *out, const char *option, const struct text *program, const struct text *input)
{
	char  command[300];
	FILE *pipe;
	size_t n;

	snprintf(command, sizeof(command), "jq -c %s %s %s", option, program == NULL ? "." : program->name, input->name);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	while ((n = fread(buf_reserve(out, 65536), 1, 65536, pipe)) > 0)
		out->n += n;
	if (pclose(pipe) != 0)
		fail_msg("%s does not work", command);
}

/* Outputs as one array; "!" for an error. */
static void
put_ours(struct buf *to, const char *expr, const char *line, unsigned *n_errors)
{
	struct buf whole = { 0 };
	size_t     from = to->n;
	int        rc;

	buf_printf(&whole, "[%s]%c", expr, '\0');
	rc = exprtest_run(whole.p, line, false, to);
	if (rc == EXPRTEST_NO_EXPR)
		fail_msg("%s: %.*s", expr, (int)(to->n - from), to->p + from);
	if (rc == EXPRTEST_ERROR) {
		to->n = from;
		buf_lit(to, "\"!\"");
		++*n_errors;
	}
	buf_char(to, '\n');
	buf_release(&whole);
}

static const char *
next_line(const char **at, size_t *n)
{
	const char *line = *at, *end = strchr(line, '\n');

	assert_non_null(end);
	*n = (size_t)(end - line);
	*at = end + 1;
	return line;
}

static void
compare(char *const *exprs, char *const *lines, const struct buf *ours, const struct buf *theirs, uint64_t seed)
{
	const char *p = ours->p, *q = theirs->p;

	for (int l = 0; l < LINES; l++) {
		for (int e = 0; e < EXPRESSIONS; e++) {
			size_t      n, m;
			const char *x = next_line(&p, &n), *y = next_line(&q, &m);

			if (n != m || memcmp(x, y, n) != 0)
				fail_msg("STREAM_SEED=%llu: %s on %s\n gives %.*s\n   jq: %.*s", (unsigned long long)seed, exprs[e], lines[l],
				         (int)n, x, (int)m, y);
		}
	}
}

static unsigned
round_of_both(uint64_t seed)
{
	uint64_t    random = seed;
	struct buf  program = { 0 }, input = { 0 }, raw = { 0 }, ours = { 0 }, theirs = { 0 };
	struct text program_file, input_file, raw_file;
	char       *exprs[EXPRESSIONS], *lines[LINES];
	unsigned    n_errors = 0;

	for (int e = 0; e < EXPRESSIONS; e++) {
		struct buf b = { 0 };

		put_expr(&b, &random, 3);
		buf_char(&b, '\0');
		exprs[e] = b.p;
		buf_printf(&program, "%s(try [%s] catch \"!\")\n", e > 0 ? ", " : "", b.p);
	}
	for (int l = 0; l < LINES; l++) {
		struct buf b = { 0 };

		put_line(&b, &random);
		buf_char(&b, '\0');
		lines[l] = b.p;
		buf_printf(&input, "%s\n", b.p);
		for (int e = 0; e < EXPRESSIONS; e++)
			put_ours(&raw, exprs[e], lines[l], &n_errors);
	}
	text_init(&program_file, &program);
	text_init(&input_file, &input);
	text_init(&raw_file, &raw);
	ask_jq(&theirs, "-f", &program_file, &input_file);
	ask_jq(&ours, "", NULL, &raw_file);              /* 1.50 is 1.5, "\u00e9" is "é" */
	buf_char(&ours, '\0');
	buf_char(&theirs, '\0');
	compare(exprs, lines, &ours, &theirs, seed);
	unlink(program_file.name);
	unlink(input_file.name);
	unlink(raw_file.name);
	for (int e = 0; e < EXPRESSIONS; e++)
		free(exprs[e]);
	for (int l = 0; l < LINES; l++)
		free(lines[l]);
	buf_release(&program);
	buf_release(&input);
	buf_release(&raw);
	buf_release(&ours);
	buf_release(&theirs);
	return n_errors;
}

static void
the_same_as_jq(void **state)
{
	const char *given = getenv("STREAM_SEED");
	uint64_t    seed = given == NULL ? 20130101 : strtoull(given, NULL, 10);
	unsigned    n_errors = 0, n_pairs = ROUNDS * EXPRESSIONS * LINES;

	(void)state;
	if (system("jq --version > /dev/null 2>&1") != 0)
		skip();
	for (int i = 0; i < ROUNDS; i++)
		n_errors += round_of_both(seed + 2 * (uint64_t)i);
	/* Both kinds are there. */
	assert_in_range(n_errors, n_pairs / 10, n_pairs * 8 / 10);
}

/* ---- what libjq runs ---- */

/* libjq 1.6 loses what ltrimstr is given where that is no text, and the like. */
const char *__lsan_default_suppressions(void) __attribute__((visibility("default")));

const char *
__lsan_default_suppressions(void)
{
	return "leak:libjq";
}

/* FORM is what our engine does not have, with % for what it has. */
static struct expr *
compile_foreign(const char *expr)
{
	struct buf   whole = { 0 };
	struct err   err = ERR_INIT;
	struct expr *e;

	buf_printf(&whole, "[%s]%c", expr, '\0');
	e = expr_compile(whole.p, &jq_class, &err);
	if (e == NULL || expr_why_foreign(e) == NULL)
		fail_msg("%s: %s", expr, e == NULL ? err.text : "is not libjq's");
	buf_release(&whole);
	return e;
}

static void
put_foreign(struct buf *b, uint64_t *random)
{
	static const char *const forms[] = {
		"reduce (% | .[]?) as $x (0; . + ($x | length))", "[foreach (% | .[]?) as $x (0; . + 1; [$x, .])]", "def f: %; f, f",
		"def f(g): [g, g]; f(%)", "% as $x | [$x, %]", ". as {$a, b: $c} | [$a, $c, %]", "[paths]", "[..]", "(% | tostring | test(\"a\"))",
		"(% | tostring | [scan(\"[a-z]\")])", "(% | tostring | gsub(\"a\"; \"\\(.)!\"))", "(% | tostring | explode | tojson)", "(% | @base64)", "(% | @json)",
		"(% | tojson | fromjson)", "(try % catch .)", "[.[]? | try % catch \"e\"]", "[limit(2; %)]", "first(%)", "(% | tostring | .[1:3])",
		"([%] | sort)", "([%] | unique)", "([%] | group_by(type))", "([%] | min_by(length), max)", "(% | to_entries)", "(% | with_entries(.))",
		"(% | walk(.))", "[range(3)] | map(. * 2)", "(% | indices(1))", "([%] | flatten)", "label $f | %, break $f", "[% | strings, numbers]",
		"((% | length) as $n | $n * 86400 | todate)", "(% | explode | implode)", "[splits(\",\")?]", "(.. |= .)", "(.a[]? += 1)", "([%] | any(.[]; . == 1) as $x | $x)",
	};

	put_form(b, random, ONE_OF(random, forms), 1);
}

static void
put_output(struct buf *to, struct expr *e, const char *line, unsigned *n_errors)
{
	size_t from = to->n;

	if (exprtest_apply(e, line, false, to) == EXPRTEST_ERROR) {
		to->n = from;
		buf_lit(to, "\"!\"");
		++*n_errors;
	}
	buf_char(to, '\n');
}

/* As round_of_both, but byte by byte: nothing of it keeps its text. */
static unsigned
round_of_foreign(uint64_t seed)
{
	uint64_t    random = seed;
	struct buf  program = { 0 }, input = { 0 }, ours = { 0 }, theirs = { 0 };
	struct text program_file, input_file;
	char       *exprs[EXPRESSIONS], *lines[LINES];
	struct expr *compiled[EXPRESSIONS];
	unsigned    n_errors = 0;

	for (int e = 0; e < EXPRESSIONS; e++) {
		struct buf b = { 0 };

		put_foreign(&b, &random);
		buf_char(&b, '\0');
		exprs[e] = b.p;
		compiled[e] = compile_foreign(b.p);
		buf_printf(&program, "%s(try [%s] catch \"!\")\n", e > 0 ? ", " : "", b.p);
	}
	for (int l = 0; l < LINES; l++) {
		struct buf b = { 0 };

		put_line(&b, &random);
		buf_char(&b, '\0');
		lines[l] = b.p;
		buf_printf(&input, "%s\n", b.p);
		for (int e = 0; e < EXPRESSIONS; e++)
			put_output(&ours, compiled[e], lines[l], &n_errors);
	}
	text_init(&program_file, &program);
	text_init(&input_file, &input);
	ask_jq(&theirs, "-f", &program_file, &input_file);
	buf_char(&ours, '\0');
	buf_char(&theirs, '\0');
	compare(exprs, lines, &ours, &theirs, seed);
	unlink(program_file.name);
	unlink(input_file.name);
	for (int e = 0; e < EXPRESSIONS; e++) {
		free(exprs[e]);
		expr_free(compiled[e]);
	}
	for (int l = 0; l < LINES; l++)
		free(lines[l]);
	buf_release(&program);
	buf_release(&input);
	buf_release(&ours);
	buf_release(&theirs);
	return n_errors;
}

static void
what_libjq_runs_gives_the_bytes_of_jq(void **state)
{
	const char *given = getenv("STREAM_SEED");
	uint64_t    seed = given == NULL ? 20130101 : strtoull(given, NULL, 10);
	unsigned    n_errors = 0, n_pairs = FOREIGN_ROUNDS * EXPRESSIONS * LINES;

	(void)state;
	if (system("jq --version > /dev/null 2>&1") != 0)
		skip();
	for (int i = 0; i < FOREIGN_ROUNDS; i++)
		n_errors += round_of_foreign(seed + 2 * (uint64_t)i);
	assert_in_range(n_errors, n_pairs / 20, n_pairs * 8 / 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_as_jq),
		cmocka_unit_test(what_libjq_runs_gives_the_bytes_of_jq),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
