/* exprtest - an expression on a line, as a record reader hands it out */
#include "exprtest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rec/rec.h"

int
exprtest_apply(struct expr *e, const char *line, bool envelope, struct buf *out)
{
	struct rec_origin  origin = { 0 };
	struct rec_plan    plan = { .is_source = true, .origin = &origin };
	struct rec_reader *reader;
	struct buf         padded = { 0 };
	struct rec         rec;
	struct expr_input  in;
	const char        *newline;
	size_t             n, from = out->n;
	int                rc, test;

	rec_origin_set(&origin, SPAN_LIT("t.ndjson"), 0);
	plan.wanted = expr_wants(e, &plan.n_wanted);
	reader = rec_reader_new(&plan);
	buf_str(&padded, line);
	buf_char(&padded, '\n');
	memset(buf_reserve(&padded, SCAN_PAD), 'x', SCAN_PAD);
	if ((envelope ? rec_read_envelope : rec_read_bare)(reader, padded.p, 7, 1, &rec, &newline) != REC_OK) {
		fprintf(stderr, "bad line: %s: %s\n", line, rec_reason(reader));
		abort();
	}
	in = (struct expr_input){ rec.payload, rec.wanted };
	rc = expr_run(e, &in, out, &n);
	if (rc == -1) {
		if (out->n != from)
			abort();
		buf_str(out, expr_reason(e));
	} else {
		bool any = false;

		/* A test says what the outputs say. */
		for (const char *p = out->p + from, *end; p < out->p + out->n; p = end + 1) {
			end = memchr(p, '\n', (size_t)(out->p + out->n - p));
			any = any || !((end - p == 4 && memcmp(p, "null", 4) == 0) || (end - p == 5 && memcmp(p, "false", 5) == 0));
		}
		test = expr_test(e, &in);
		if (test != (int)any)
			abort();
		for (size_t i = from; i < out->n; i++)
			if (out->p[i] == '\n')
				out->p[i] = ' ';
		if (out->n > from)
			out->n--;
	}
	rec_reader_free(reader);
	rec_origin_release(&origin);
	buf_release(&padded);
	return rc == -1 ? EXPRTEST_ERROR : EXPRTEST_OK;
}

int
exprtest_run(const char *expr, const char *line, bool envelope, struct buf *out)
{
	return exprtest_run_with(NULL, expr, line, envelope, out);
}

int
exprtest_run_with(const struct foreign_class *other, const char *expr, const char *line, bool envelope, struct buf *out)
{
	struct err   err = ERR_INIT;
	struct expr *e = expr_compile(expr, other, &err);
	int          rc;

	if (e == NULL) {
		buf_str(out, err.text);
		return EXPRTEST_NO_EXPR;
	}
	rc = exprtest_apply(e, line, envelope, out);
	expr_free(e);
	return rc;
}
