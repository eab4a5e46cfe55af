/*
 * fuzz_expr - any text as an expression, on any line
 *
 * The first line is the expression, the second the payload.  What comes out is JSON, line by line; a
 * test says what the outputs say; and a second run gives the same bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "expr/expr.h"
#include "lines.h"
#include "must.h"

/* Is each of the N lines a value that is neither false nor null? */
static bool
any_true(const struct buf *out, size_t n)
{
	struct scan       *scan = scan_new(NULL, 0);
	struct scan_value  none;
	struct scan_result r;
	struct buf         padded = { 0 };
	const char        *p;
	bool               any = false;

	buf_span(&padded, buf_all(out));
	lines_pad(&padded);
	p = padded.p;
	for (size_t i = 0; i < n; i++) {
		scan_line(scan, p, &none, &r);
		/* What is built around a value that is as deep as can be is too deep to be read. */
		MUST(r.verdict == SCAN_OK || strstr(r.reason, "deep") != NULL);
		any = any || (*p != 'f' && *p != 'n');
		p = r.newline + 1;
	}
	MUST(p == padded.p + out->n);
	scan_free(scan);
	buf_release(&padded);
	return any;
}

static void
run(struct expr *e, const struct expr_input *in)
{
	struct buf first = { 0 }, second = { 0 };
	size_t     n = 0, m = 0;
	int        rc = expr_run(e, in, &first, &n), test;

	MUST(expr_run(e, in, &second, &m) == rc && n == m && span_eq(buf_all(&first), buf_all(&second)));
	test = expr_test(e, in);
	if (rc == 0)
		MUST(test == (int)any_true(&first, n));
	else
		MUST(first.n == 0 && expr_reason(e)[0] != '\0');
	buf_release(&first);
	buf_release(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf               text = { 0 }, line = { 0 };
	struct err               err = ERR_INIT;
	struct scan_value        values[EXPR_MAX_WANTS];
	struct scan_result       r;
	struct scan             *scan;
	struct expr             *e = NULL;
	const struct path *const *wants;
	size_t                   n;

	if (!lines_split(data, size, &text, &line))
		return 0;
	e = expr_compile(text.p, NULL, &err);
	if (e == NULL) {
		MUST(err.kind == ERR_USAGE);
	} else {
		wants = expr_wants(e, &n);
		scan = scan_new(wants, n);
		scan_line(scan, line.p, values, &r);
		if (r.verdict == SCAN_OK)
			run(e, &(struct expr_input){ span_of(r.start, (size_t)(r.end - r.start)), values });
		scan_free(scan);
	}
	expr_free(e);
	buf_release(&text);
	buf_release(&line);
	return 0;
}
