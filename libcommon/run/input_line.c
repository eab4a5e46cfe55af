/* input_line - the lines of a chunk, one by one: records, bad ones, marks, and what they make of the watermark */
#include "run/input_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/clock.h"

/* ---- lines to records ---- */

/* The newline that a last line lacks, and was given, is none of the input's. */
static void
count_bytes(struct input *in)
{
	const struct source_chunk *c = &in->chunk;

	in->n_bytes += (uint64_t)(c->p - in->counted_to);
	in->counted_to = c->p;
	if (c->partial && c->p == c->end && in->form != INPUT_STREAM)
		in->n_bytes--;
}

/* The lines up to chunk.p are done with. */
static void
took(struct input *in)
{
	count_bytes(in);
	in->source->class->took(in->source, in->chunk.offset + (uint64_t)(in->chunk.p - in->chunk_start), in->chunk_lines);
	in->chunk_lines = 0;
}

void
input_take_late(struct input *in)
{
	if (in->chunk_lines > 0)
		took(in);
}

static void
take_long_line(struct input *in)
{
	struct source_chunk *c = &in->chunk;

	in->bad = (struct rec){ .line = span_of(c->p, (size_t)(c->end - c->p)), .is_not_json = true, .offset = c->offset,
	                        .line_no = c->line_no };
	in->bad_next = c->offset >= in->from_offset && !in->may_be_torn;
	in->may_be_torn = false;
	in->bad_kind = BAD_LONG;
	in->n_bytes += in->long_bytes;
	snprintf(in->reason, sizeof(in->reason), "a line of %" PRIu64 " bytes, longer than --max-line; its first %zu are kept",
	         in->long_bytes, in->bad.line.n);
	in->source->class->took(in->source, c->offset + in->long_bytes, 1);
	in->long_bytes = 0;
	c->p = c->end;
}

/* The time of arrival does not go back when the clock is set back: no record is late for that. */
static void
ask_clock(struct input *in)
{
	if (!in->time_now && in->max_future_ms == WHEN_MAX)
		return;
	in->now_ms = clock_wall_ms();
	if (in->time_now && in->watermark.ts_ms != WHEN_MIN) {
		int64_t newest_ms = when_add(in->watermark.ts_ms, in->watermark.out_of_order_ms);

		if (in->now_ms < newest_ms)
			in->now_ms = newest_ms;
	}
}

static void
say_ahead(struct input *in, const struct rec *rec)
{
	struct buf b = { 0 };

	buf_lit(&b, "its time is ");
	when_put_duration(&b, when_sub(rec->ts_ms, in->now_ms));
	buf_lit(&b, " ahead of the clock, more than --max-future ");
	when_put_duration(&b, in->max_future_ms);
	snprintf(in->reason, sizeof(in->reason), "%.*s", SPAN_ARGS(buf_all(&b)));
	buf_release(&b);
}

enum bad_kind
input_bad_kind(enum rec_fault fault)
{
	switch (fault) {
	case REC_FAULT_JSON:   return BAD_JSON;
	case REC_FAULT_RECORD: return BAD_RECORD;
	case REC_FAULT_TIME:   return BAD_TIME;
	case REC_FAULT_KEY:    return BAD_KEY;
	}
	return BAD_RECORD;
}

/* The reader has found a line bad. */
static void
take_reason(struct input *in)
{
	in->bad_kind = input_bad_kind(rec_fault(in->reader));
	snprintf(in->reason, sizeof(in->reason), "%s", rec_reason(in->reader));
}

/* A line that is no JSON; *BEHIND it the next begins.  -1: err, the input cannot be read. */
static int
read_converted(struct input *in, uint64_t offset, struct rec *rec, const char **behind, enum rec_verdict *verdict,
               struct err *err)
{
	struct source_chunk *c = &in->chunk;
	struct span          raw;
	const char          *line, *newline, *wrong = NULL;

	*behind = convert_behind(&in->convert, c->p, c->end);
	raw = span_of(c->p, (size_t)(*behind - 1 - c->p));
	*rec = (struct rec){ .line = raw, .offset = offset, .line_no = c->line_no, .is_not_json = true };
	switch (convert_line(&in->convert, raw, &in->origin, offset, &line, &wrong)) {
	case CONVERT_BARE:
		*verdict = rec_read_bare(in->reader, line, offset, c->line_no, rec, &newline);
		break;
	case CONVERT_RECORD:
		*verdict = rec_read_envelope(in->reader, line, offset, c->line_no, rec, &newline);
		break;
	case CONVERT_NOTHING:
		*verdict = REC_EMPTY;
		break;
	case CONVERT_HOPELESS:
		return err_set(err, ERR_DATA, "%s:%" PRIu64 ": the header: %s", input_name(in), c->line_no,
		               wrong);
	case CONVERT_BAD:
		*verdict = REC_BAD;
		in->bad_kind = BAD_FORMAT;
		snprintf(in->reason, sizeof(in->reason), "%s", wrong);
		return 0;
	}
	if (*verdict == REC_BAD)
		take_reason(in);
	return 0;
}

/* A row of CSV may be several lines. */
static inline void
count_lines(struct input *in, const char *behind)
{
	const char *p = in->chunk.p;
	uint64_t    n = 0;

	if (in->convert.format != RUN_CSV)
		n = 1;
	else
		for (; p < behind && (p = memchr(p, '\n', (size_t)(behind - p))) != NULL; p++)
			n++;
	if (in->chunk.line_no > 0)
		in->chunk.line_no += n;
	in->chunk_lines += n;
	in->chunk.p = behind;
}

enum wanted {
	WANTED,
	BEFORE_ALL,              /* it comes before where the input is begun: as if it were not there */
	OUT_OF_BOUNDS            /* not asked for, but it was there, and its time has passed */
};

/* Is it of the time that was asked for? */
static enum wanted
is_wanted(struct input *in, struct rec *rec, enum rec_verdict *verdict)
{
	if (in->since.ms == WHEN_MIN && in->until.ms == WHEN_MAX && !in->waits_for_time)
		return WANTED;
	if (rec->has_ts) {
		if (in->waits_for_time && rec->ts_ms < in->from_time.ms)
			return BEFORE_ALL;
		in->waits_for_time = false;
		return rec->ts_ms >= in->since.ms && rec->ts_ms < in->until.ms ? WANTED : OUT_OF_BOUNDS;
	}
	in->bad_kind = BAD_TIME;
	snprintf(in->reason, sizeof(in->reason), "no event time, so %s tell", in->waits_for_time ? "--from cannot" :
	         "neither --since nor --until can");
	*verdict = REC_BAD;
	return WANTED;
}

bool
input_pass_time(struct input *in, int64_t ts_ms)
{
	bool is_due = watermark_pass(&in->watermark, ts_ms);

	input_look_at_until(in);
	return is_due;
}

/* A record's time. */
static bool
pass_time(struct input *in, int64_t ts_ms)
{
	bool is_due;

	if (!in->has_parts)
		return input_pass_time(in, ts_ms);
	is_due = parts_pass(&in->parts, in->part, ts_ms, &in->watermark);
	input_look_at_until(in);
	return is_due;
}

/* ---- lines, one by one ---- */

/* A line before the place to begin at.  False: it is the header of CSV, which is needed all the same. */
static bool
pass_over(struct input *in)
{
	if (in->convert.format == RUN_CSV && in->convert.csv.n == 0)
		return false;
	count_lines(in, convert_behind(&in->convert, in->chunk.p, in->chunk.end));
	in->n_read++;
	return true;
}

/* A line was read into REC, recs[n_recs]: what it brings stands there, or in bad_next. */
static void
settle_line(struct input *in, struct rec *rec, enum rec_verdict verdict)
{
	enum wanted wanted;
	bool        is_ahead;

	if (verdict == REC_EMPTY)
		return;
	is_ahead = input_is_too_far_ahead(in, rec);
	if (in->form != INPUT_STREAM && verdict == REC_OK && !is_ahead && (wanted = is_wanted(in, rec, &verdict)) != WANTED) {
		in->watermark_next = wanted == OUT_OF_BOUNDS && pass_time(in, rec->ts_ms);
		return;
	}
	in->n_taken++;
	if (verdict == REC_OK && !is_ahead) {
		in->n_recs++;
	} else {
		in->bad = *rec;
		in->bad_next = true;
		if (verdict == REC_OK) {
			in->bad_kind = BAD_TIME;
			say_ahead(in, rec);
		}
	}
	if (in->form != INPUT_STREAM && rec->has_ts && !is_ahead)
		in->watermark_next = pass_time(in, rec->ts_ms);
}

/* One line.  -1: err. */
static int
take_line(struct input *in, struct err *err)
{
	struct source_chunk *c = &in->chunk;
	struct rec          *rec = &in->recs[in->n_recs];
	uint64_t             offset = c->offset + (uint64_t)(c->p - in->chunk_start);
	const char          *newline, *behind;
	enum rec_verdict     verdict = REC_EMPTY;

	if (offset < in->from_offset && pass_over(in))
		return 0;
	if (convert_is_needed(in->convert.format)) {
		if (read_converted(in, offset, rec, &behind, &verdict, err) == -1)
			return -1;
	} else {
		verdict = in->form == INPUT_BARE ? rec_read_bare(in->reader, c->p, offset, c->line_no, rec, &newline)
		                                 : rec_read_envelope(in->reader, c->p, offset, c->line_no, rec, &newline);
		behind = newline + 1;
		if (verdict == REC_BAD)
			take_reason(in);
	}
	in->n_read++;
	count_lines(in, behind);
	settle_line(in, rec, verdict);
	return 0;
}

/* Is nothing asked of the lines that come but that they are records? */
static bool
lines_are_plain(const struct input *in)
{
	return !convert_is_needed(in->convert.format) && in->max_future_ms == WHEN_MAX && !in->waits_for_time && !in->has_parts &&
	       in->since.ms == WHEN_MIN && in->until.ms == WHEN_MAX &&
	       in->chunk.offset + (uint64_t)(in->chunk.p - in->chunk_start) >= in->from_offset;
}

/*
 * As take_line, where lines_are_plain and the first is no mark: one after the other, as long as they are records, MAX are
 * not there, and no watermark is due.
 */
static void
take_plain_lines(struct input *in, size_t max)
{
	struct source_chunk *c = &in->chunk;
	const char          *p = c->p, *newline = p - 1;
	size_t               n = in->n_recs, from = n;
	uint64_t             offset = c->offset + (uint64_t)(p - in->chunk_start), line_no = c->line_no;
	uint64_t             line_step = line_no > 0;
	bool                 makes_watermark = in->form != INPUT_STREAM, is_due = false;
	enum rec_verdict     verdict = REC_OK;

	if (max > n + (REC_BATCH_MAX - in->n_read))
		max = n + (REC_BATCH_MAX - in->n_read);
	for (; p < c->end && n < max && !is_due && (in->form == INPUT_BARE || !mark_starts(p, c->end)); n++) {
		struct rec *rec = &in->recs[n];

		verdict = in->form == INPUT_BARE ? rec_read_bare(in->reader, p, offset, line_no, rec, &newline)
		                                 : rec_read_envelope(in->reader, p, offset, line_no, rec, &newline);
		offset += (uint64_t)(newline + 1 - p);
		line_no += line_step;
		p = newline + 1;
		if (__builtin_expect(verdict != REC_OK, 0))
			break;
		if (makes_watermark && rec->has_ts)
			is_due = watermark_pass(&in->watermark, rec->ts_ms);
	}
	c->p = p;
	c->line_no = line_no;
	in->n_recs = n;
	in->n_taken += n - from;
	in->n_read += n - from;
	in->chunk_lines += n - from;
	in->watermark_next = is_due;
	if (verdict == REC_OK)
		return;
	in->n_read++;
	in->chunk_lines++;
	if (verdict == REC_BAD)
		take_reason(in);
	settle_line(in, &in->recs[n], verdict);
}

static int
take_mark(struct input *in, struct err *err)
{
	struct source_chunk *c = &in->chunk;
	const char          *newline = memchr(c->p, '\n', (size_t)(c->end - c->p));
	struct span          line = span_of(c->p, (size_t)(newline - c->p));

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (mark_parse(&in->mark, line, err) == -1) {
		err_in(err, "%s:%" PRIu64, input_name(in), c->line_no);
		input_skip_line(in);
		return -1;
	}
	input_skip_line(in);
	return 0;
}

int
input_take_hello(struct input *in, struct mark *mark, struct err *err)
{
	if (!in->may_be_stream || !input_is_mark_of_ours(in, in->chunk.p))
		return 0;
	in->form = INPUT_STREAM;
	if (take_mark(in, err) == -1)
		return -1;
	took(in);
	*mark = in->mark;
	in->mark = (struct mark){ 0 };
	return 1;
}

int
input_next(struct input *in, size_t max, enum input_event *event, struct err *err)
{
	struct source_chunk *c = &in->chunk;
	bool                 are_plain;

	if (in->bad_next) {
		in->bad_next = false;
		in->recs[0] = in->bad;
		*event = INPUT_BAD;
		return 0;
	}
	if (in->watermark_next) {
		in->watermark_next = false;
		*event = INPUT_WATERMARK;
		return 0;
	}
	if (in->lanes != NULL)
		return input_next_of_lanes(in, event, err);
	rec_reader_reset(in->reader);
	convert_reset(&in->convert);
	in->n_recs = in->n_read = 0;
	ask_clock(in);
	if (max > REC_BATCH_MAX - 1)
		max = REC_BATCH_MAX - 1;
	if (in->long_bytes > 0) {
		take_long_line(in);
		return input_next(in, max, event, err);
	}
	are_plain = lines_are_plain(in);
	while (c->p < c->end && in->n_recs < max && in->n_read < REC_BATCH_MAX && !in->bad_next && !in->watermark_next &&
	       !in->is_over) {
		if (in->form != INPUT_BARE && !convert_is_needed(in->convert.format) && mark_starts(c->p, c->end)) {
			if (in->form == INPUT_SAVED) {
				input_skip_line(in);
				continue;
			}
			if (in->n_recs > 0)
				break;
			if (take_mark(in, err) == -1)
				return -1;
			took(in);
			*event = INPUT_MARK;
			return 0;
		}
		if (are_plain)
			take_plain_lines(in, max);
		else if (take_line(in, err) == -1)
			return -1;
	}
	if (in->chunk_lines > 0 && !in->takes_late)
		took(in);
	if (in->n_recs > 0) {
		*event = INPUT_RECS;
		return 0;
	}
	if (in->bad_next || in->watermark_next)
		return input_next(in, max, event, err);
	*event = c->p < c->end ? INPUT_RECS : INPUT_EMPTY;
	return 0;
}
