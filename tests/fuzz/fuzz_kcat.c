/*
 * fuzz_kcat - any lines as what `kcat -J` writes
 *
 * A line that is taken has become one line of JSON that reads as a record, or is refused there with a reason.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rec/kcat.h"
#include "rec/rec.h"
#include "must.h"

static void
check_record(struct rec_reader *r, struct buf *line)
{
	const char      *newline;
	struct rec       rec;
	enum rec_verdict verdict;

	MUST(line->n > 0 && line->p[0] == '{' && memchr(line->p, '\n', line->n) == NULL);
	buf_char(line, '\n');
	memset(buf_reserve(line, SCAN_PAD), 0, SCAN_PAD);
	rec_reader_reset(r);
	verdict = rec_read_envelope(r, line->p, 0, 1, &rec, &newline);
	MUST(newline == line->p + line->n - 1);
	/* A time beyond the range, say, is for the reader to refuse; that it is no JSON would be our fault. */
	MUST(verdict == REC_OK || (verdict == REC_BAD && rec_reason(r)[0] != '\0' && rec_fault(r) != REC_FAULT_JSON));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rec_origin  origin = { 0 };
	struct rec_plan    plan = { .origin = &origin };
	struct rec_reader *r;
	struct kcat       *k = kcat_new();
	struct buf         text = { 0 }, out = { 0 };

	rec_origin_set(&origin, SPAN_LIT("fuzz"), 0);
	r = rec_reader_new(&plan);
	buf_put(&text, data, size);
	buf_char(&text, '\n');
	memset(buf_reserve(&text, SCAN_PAD), 0, SCAN_PAD);
	for (const char *p = text.p, *newline; p < text.p + text.n; p = newline + 1) {
		const char *wrong;

		newline = memchr(p, '\n', (size_t)(text.p + text.n - p));
		buf_reset(&out);
		wrong = kcat_put_record(k, p, &out);
		if (wrong != NULL)
			MUST(wrong[0] != '\0');
		else if (out.n > 0)
			check_record(r, &out);
	}
	rec_reader_free(r);
	rec_origin_release(&origin);
	kcat_free(k);
	buf_release(&text);
	buf_release(&out);
	return 0;
}
