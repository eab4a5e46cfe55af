/*
 * Any line: as a mark it is refused with a reason or comes back as it was; as a record, whatever is
 * written of it (anew, or as a dead letter) is a record again that says the same.
 */
#include <stdlib.h>

#include "mark/mark.h"
#include "rec/rec.h"
#include "must.h"

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static void
put_mark(struct buf *b, const struct mark *m)
{
	switch (m->kind) {
	case MARK_HELLO:     mark_put_hello(b, &m->hello); break;
	case MARK_WATERMARK: mark_put_watermark(b, m->ts_ms); break;
	case MARK_BARRIER:   mark_put_barrier(b, m->epoch); break;
	case MARK_FAIL:      mark_put_fail(b, m->status, m->stage == NULL ? "" : m->stage, m->reason == NULL ? "" : m->reason); break;
	default:             mark_put_simple(b, m->kind);
	}
}

static void
try_mark(struct span line)
{
	struct err  err = ERR_INIT;
	struct mark m, again;
	struct buf  first = { 0 }, second = { 0 };

	if (!mark_starts(line.p, line.p + line.n))
		return;
	if (mark_parse(&m, line, &err) == -1) {
		check(err.kind == ERR_DATA && err.text[0] != '\0');
		return;
	}
	put_mark(&first, &m);
	check(mark_starts(first.p, first.p + first.n));
	check(mark_parse(&again, span_of(first.p, first.n - 1), &err) == 0);
	put_mark(&second, &again);
	check(span_eq(buf_all(&first), buf_all(&second)));
	mark_release(&m);
	mark_release(&again);
	buf_release(&first);
	buf_release(&second);
}

/* What is written must read as the same record. */
static void
check_written(struct rec_reader *r, struct buf *b, const struct rec *rec)
{
	const char *newline;
	struct rec  again;
	struct buf  key = { 0 }, key_again = { 0 };

	rec_put_key(&key, rec->key);
	memset(buf_reserve(b, SCAN_PAD), 0, SCAN_PAD);
	check(rec_read_envelope(r, b->p, 0, 0, &again, &newline) == REC_OK);
	check(newline == b->p + b->n - 1);
	check(again.has_ts == rec->has_ts && (!rec->has_ts || again.ts_ms == rec->ts_ms));
	rec_put_key(&key_again, again.key);
	check(span_eq(buf_all(&key), buf_all(&key_again)));
	check((again.payload.p == NULL) == (rec->payload.p == NULL));
	buf_release(&key);
	buf_release(&key_again);
}

static void
try_record(struct rec_reader *r, struct rec_reader *plain, const char *line, bool is_bare, const struct rec_origin *origin)
{
	struct buf       out = { 0 };
	struct rec       rec;
	const char      *newline;
	enum rec_verdict verdict;

	rec_reader_reset(r);
	rec_reader_reset(plain);
	verdict = is_bare ? rec_read_bare(r, line, 0, 1, &rec, &newline) : rec_read_envelope(r, line, 0, 1, &rec, &newline);
	if (verdict == REC_OK) {
		rec_put(&out, &rec, origin);
		check_written(plain, &out, &rec);
	} else if (verdict == REC_BAD) {
		check(rec_reason(r)[0] != '\0');
		rec_put_dead(&out, &rec, origin, "fuzz", rec_reason(r));
		memset(buf_reserve(&out, SCAN_PAD), 0, SCAN_PAD);
		check(rec_read_envelope(plain, out.p, 0, 0, &rec, &newline) == REC_OK && rec.has_error);
	}
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const texts[] = { ".at", ".key", ".a[0]" };
	struct path       paths[3];
	struct rec_origin origin = { 0 };
	struct rec_plan   plan = { .time = &paths[0], .keys = &paths[1], .n_keys = 1 + size % 2, .is_source = true, .origin = &origin };
	struct rec_plan   no_paths = { .origin = &origin };
	struct rec_reader *r, *plain;
	struct err        err = ERR_INIT;
	char             *line = malloc(size + 1 + SCAN_PAD);
	size_t            n = 0;

	while (n < size && data[n] != '\n')
		n++;
	memcpy(line, data, n);
	line[n] = '\n';
	memset(line + n + 1, 0, SCAN_PAD);
	for (size_t i = 0; i < 3; i++)
		check(path_parse(&paths[i], texts[i], &err) == 0);
	rec_origin_set(&origin, SPAN_LIT("fuzz"), 0);
	r = rec_reader_new(&plan);
	plain = rec_reader_new(&no_paths);
	try_mark(span_of(line, n));
	try_record(r, plain, line, true, &origin);
	try_record(r, plain, line, false, &origin);
	try_record(plain, plain, line, false, &origin);
	rec_reader_free(r);
	rec_reader_free(plain);
	rec_origin_release(&origin);
	for (size_t i = 0; i < 3; i++)
		path_release(&paths[i]);
	free(line);
	return 0;
}
