/*
 * sort_snap - the sort operator's state as lines
 *
 *     {"sort":1,"watermark":1357000000000,"next":842,"from":0,"spilled":0,"runs":[{"run":7,"at":0,"length":88210}]}
 *     {"i":841,"ts":1357000860000,"record":{"topic":…}}
 *
 * First the scalars (watermark: null before the first, "max" after the last; next: the number of the
 * next record) with the spilled runs that are left; then the records in memory, by arrival: all, or
 * those that are new.  Which have gone since, the scalars say: what is before the watermark has left,
 * what came before `from` lies in the runs.
 */
#include "json/tree.h"
#include "op/line.h"
#include "op/sort_parts.h"

/* ---- save ---- */

static void
save_runs(const struct sort *s, struct buf *b)
{
	const char *between = "";

	buf_lit(b, ",\"runs\":[");
	for (size_t i = 0; i < s->n_places; i++) {
		const struct sort_run *r = &s->spilled[i];

		if (r->run == 0)
			continue;
		buf_str(b, between);
		between = ",";
		buf_lit(b, "{\"run\":");
		buf_u64(b, r->run);
		buf_lit(b, ",\"at\":");
		buf_u64(b, r->at_bytes);
		buf_lit(b, ",\"length\":");
		buf_u64(b, r->length_bytes);
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

static void
save_scalars(const struct sort *s, struct snap_writer *out)
{
	struct buf *b = &out->buf;

	buf_lit(b, "{\"sort\":1,\"watermark\":");
	line_put_ms(b, s->watermark_ms);
	buf_lit(b, ",\"next\":");
	buf_u64(b, s->next_number);
	buf_lit(b, ",\"from\":");
	buf_u64(b, s->from_number);
	buf_lit(b, ",\"spilled\":");
	buf_u64(b, s->n_spilled_recs);
	save_runs(s, b);
	buf_char(b, '}');
	snap_line(out);
}

void
sort_save(const struct op *op, bool delta, struct snap_writer *out)
{
	const struct sort     *s = (const struct sort *)op;
	uint64_t               from = delta ? s->settled_number : 0;
	struct runs_walk       walk = { 0 };
	const struct runs_rec *rec;

	save_scalars(s, out);
	while ((rec = runs_next(&s->mem, &walk, from)) != NULL) {
		struct buf *b = &out->buf;

		buf_lit(b, "{\"i\":");
		buf_u64(b, rec->number);
		buf_lit(b, ",\"ts\":");
		buf_i64(b, rec->ts_ms);
		buf_lit(b, ",\"record\":");
		buf_put(b, rec->bytes, rec->n);
		buf_char(b, '}');
		snap_line(out);
	}
}

/* ---- load ---- */

enum line_member { LINE_SORT, LINE_WATERMARK, LINE_NEXT, LINE_FROM, LINE_SPILLED, LINE_RUNS, LINE_NUMBER, LINE_TS, LINE_RECORD, LINE_MEMBERS };

static const struct path member_paths[LINE_MEMBERS] = {
	[LINE_SORT] = LINE_MEMBER("sort"),
	[LINE_WATERMARK] = LINE_MEMBER("watermark"),
	[LINE_NEXT] = LINE_MEMBER("next"),
	[LINE_FROM] = LINE_MEMBER("from"),
	[LINE_SPILLED] = LINE_MEMBER("spilled"),
	[LINE_RUNS] = LINE_MEMBER("runs"),
	[LINE_NUMBER] = LINE_MEMBER("i"),
	[LINE_TS] = LINE_MEMBER("ts"),
	[LINE_RECORD] = LINE_MEMBER("record"),
};

static bool
load_run(struct sort *s, const struct tree *t)
{
	int64_t run, at, length;

	if (!tree_i64(t, "run", &run) || !tree_i64(t, "at", &at) || !tree_i64(t, "length", &length) || run <= 0 || at < 0
	    || at >= length)
		return false;
	sort_know_spilled(s, (uint64_t)run, (uint64_t)at, (uint64_t)length);
	return true;
}

static bool
load_runs(struct sort *s, const struct scan_value *v)
{
	struct err   ignored = ERR_INIT;
	struct tree *t;
	bool         good;

	if (v->kind != SCAN_ARRAY || (t = tree_parse(span_of(v->p, v->n), &ignored)) == NULL)
		return false;
	good = true;
	sort_forget_spilled(s);
	for (size_t i = 0; good && i < tree_count(t); i++)
		good = load_run(s, tree_item(t, i));
	tree_free(t);
	return good;
}

/* Of a delta: what its base had, and what has left since. */
static void
drop_left(struct sort *s, uint64_t was_from)
{
	const struct runs_rec *rec;

	if (s->from_number > was_from)
		runs_clear(&s->mem);
	while ((rec = runs_first(&s->mem)) != NULL && (rec->ts_ms < s->watermark_ms || s->watermark_ms == WHEN_MAX))
		runs_drop_first(&s->mem);
	runs_tidy(&s->mem);
}

static bool
load_scalars(struct sort *s, const struct scan_value *v)
{
	uint64_t version, was_from = s->from_number, was_next = s->next_number;
	int64_t  was_watermark_ms = s->watermark_ms;

	if (!line_count(&v[LINE_SORT], &version) || version != 1 || !line_ms(&v[LINE_WATERMARK], &s->watermark_ms)
	    || !line_count(&v[LINE_NEXT], &s->next_number) || !line_count(&v[LINE_FROM], &s->from_number)
	    || !line_count(&v[LINE_SPILLED], &s->n_spilled_recs) || !load_runs(s, &v[LINE_RUNS]))
		return false;
	/* Of a delta they only go on. */
	if (s->watermark_ms < was_watermark_ms || s->from_number < was_from || s->next_number < was_next
	    || s->from_number > s->next_number)
		return false;
	s->n_spilled_loaded = s->n_spilled_recs;
	drop_left(s, was_from);
	return true;
}

static bool
load_record(struct sort *s, const struct scan_value *v)
{
	uint64_t number;
	int64_t  ts_ms;

	if (!line_count(&v[LINE_NUMBER], &number) || !line_i64(&v[LINE_TS], &ts_ms) || v[LINE_RECORD].kind != SCAN_OBJECT)
		return false;
	if (number < s->settled_number || number < s->from_number || number >= s->next_number || ts_ms < s->watermark_ms
	    || s->watermark_ms == WHEN_MAX)
		return false;
	runs_add(&s->mem, ts_ms, number, span_of(v[LINE_RECORD].p, v[LINE_RECORD].n));
	s->settled_number = number + 1;
	return true;
}

int
sort_load(struct op *op, struct span line, struct err *err)
{
	struct sort       *s = (struct sort *)op;
	struct scan_value  v[LINE_MEMBERS];
	struct scan_result r;

	if (s->scan == NULL)
		s->scan = line_scan(member_paths, LINE_MEMBERS);
	scan_line(s->scan, line.p, v, &r);
	if (r.verdict != SCAN_OK || !(v[LINE_SORT].kind != SCAN_MISSING ? load_scalars(s, v) : load_record(s, v)))
		return err_set(err, ERR_DATA, "not the state of this stream-sort: %.*s", (int)(line.n < 120 ? line.n : 120), line.p);
	return 0;
}
