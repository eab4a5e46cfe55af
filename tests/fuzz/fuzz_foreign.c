/*
 * fuzz_foreign - any text as an expression for another engine, any line as what it gets
 *
 * The first line is the expression, the second the payload.  An engine of ours, which gives back what it is handed,
 * shows what stands before the door: a program that is one line's worth of text and hides what may not be asked, an input
 * that is JSON.  Behind the door is libjq: it runs programs from a list, as its own compiler and a few functions end the
 * process for some texts (assertions), on any payload: JSON comes out, the same each time, or a reason.
 */
#include <string.h>

#include "expr/expr.h"
#include "expr/foreign.h"
#include "io/jq.h"
#include "json/scan.h"
#include "lines.h"
#include "must.h"

/* libjq keeps some memory of programs that were refused, and of numbers. */
const char *__lsan_default_suppressions(void) __attribute__((visibility("default")));

const char *
__lsan_default_suppressions(void)
{
	return "leak:libjq";
}

static const char *const programs[] = {
	".", "..", ".[]?", "[paths]", "tojson | fromjson", "to_entries?", "keys?", "map_values(. as $x | $x)?", "[.[]? | tostring]",
	"[leaf_paths] | length", "reduce .[]? as $x (0; . + 1)", "[limit(5; ..)]", "try error catch .", "def f: .; [.. | f] | length",
	"walk(.)", "[splits(\"a\")?]", "ascii_downcase?", "@json", "@html?", "@csv?", "@uri?", "@base64?", "[.. | numbers | floor]",
	"[match(\"[a-z]+\"; \"g\").string]?", "group_by(.)?", "unique?", "flatten?", "transpose?", "[range(0; 5)]", ".a.b?", "$.key",
	"[$.ts, .a]", "ltrimstr(\"a\")", "indices(1)?", "getpath([\"a\", \"b\"])?", "del(.a)?", "with_entries(.)?"
};
enum { N_PROGRAMS = sizeof(programs) / sizeof(programs[0]) };

static bool
is_json(struct span text)
{
	struct scan       *scan = scan_new(NULL, 0);
	struct scan_value  none;
	struct scan_result r;
	struct buf         line = { 0 };
	bool               good;

	buf_span(&line, text);
	lines_pad(&line);
	scan_line(scan, line.p, &none, &r);
	good = r.verdict == SCAN_OK || (r.verdict == SCAN_BAD && strstr(r.reason, "deep") != NULL);
	scan_free(scan);
	buf_release(&line);
	return good;
}

/* ---- an engine that gives back what it gets ---- */

static void *
mirror_compile(const char *program, struct err *err)
{
	(void)err;
	MUST(program[0] != '\0');
	return strdup(program);
}

static enum foreign_end
mirror_each(void *compiled, struct span input, bool (*take)(void *cookie, struct span output), void *cookie, char *reason, size_t cap)
{
	(void)compiled;
	(void)reason;
	(void)cap;
	MUST(is_json(input));
	take(cookie, input);
	return FOREIGN_DONE;
}

static const struct foreign_class mirror = { "mirror", mirror_compile, mirror_each, free };

/* ---- both ---- */

static void
run(struct expr *e, const struct expr_input *in)
{
	struct buf first = { 0 }, second = { 0 };
	size_t     n = 0, m = 0, lines = 0;
	int        rc = expr_run(e, in, &first, &n);

	if (expr_gave_up(e))                 /* by the clock: a second time may differ */
		goto out;
	MUST(expr_run(e, in, &second, &m) == rc && n == m && span_eq(buf_all(&first), buf_all(&second)));
	if (rc == -1)
		MUST(first.n == 0 && expr_reason(e)[0] != '\0');
	for (size_t at = 0; rc == 0 && at < first.n; lines++) {
		const char *p = first.p + at, *newline = memchr(p, '\n', first.n - at);

		MUST(newline != NULL && is_json(span_of(p, (size_t)(newline - p))));
		at = (size_t)(newline + 1 - first.p);
	}
	MUST(rc == -1 || lines == n);
out:
	buf_release(&first);
	buf_release(&second);
}

static void
on_line(struct expr *e, const char *line)
{
	struct scan_value         values[EXPR_MAX_WANTS];
	struct scan_result        r;
	struct scan              *scan;
	const struct path *const *wants;
	size_t                    n;

	wants = expr_wants(e, &n);
	MUST(n <= EXPR_MAX_WANTS);
	scan = scan_new(wants, n);
	scan_line(scan, line, values, &r);
	if (r.verdict == SCAN_OK)
		run(e, &(struct expr_input){ span_of(r.start, (size_t)(r.end - r.start)), values });
	scan_free(scan);
}

/* libjq takes longest to compile: each of its programs is kept. */
static void
behind_the_door(const char *text, const char *line)
{
	static struct expr *ready[N_PROGRAMS];
	struct err          err = ERR_INIT;
	unsigned            which = 0;

	for (const char *p = text; *p != '\0'; p++)
		which = which * 31 + (unsigned char)*p;
	which %= N_PROGRAMS;
	if (ready[which] == NULL)
		ready[which] = expr_compile(programs[which], &jq_class, &err);
	MUST(ready[which] != NULL);
	on_line(ready[which], line);
}

static void
before_the_door(const char *text, const char *line)
{
	struct err   err = ERR_INIT;
	struct expr *e = expr_compile(text, &mirror, &err);

	if (e == NULL)
		MUST(err.kind == ERR_USAGE && err.text[0] != '\0');
	else
		on_line(e, line);
	expr_free(e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf  text = { 0 }, line = { 0 };

	if (!lines_split(data, size, &text, &line))
		return 0;
	before_the_door(text.p, line.p);
	behind_the_door(text.p, line.p);
	buf_release(&text);
	buf_release(&line);
	return 0;
}
