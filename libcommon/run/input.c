/* input - a source's lines as batches of records and marks */
#include "run/input.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/num.h"
#include "io/clock.h"
#include "json/text.h"
#include "run/merge.h"

static enum input_form
form_by(enum run_format format)
{
	switch (format) {
	case RUN_BY_FIRST_LINE: return INPUT_UNKNOWN;
	case RUN_RECORD:
	case RUN_KCAT:          return INPUT_SAVED;
	default:                return INPUT_BARE;
	}
}

int
input_open(struct input *in, const struct input_conf *conf, struct err *err)
{
	struct rec_plan plan = conf->plan;

	if (conf->merge || conf->looks_ahead) {
		if ((in->lanes = merge_open(conf, !conf->merge, err)) == NULL)
			return -1;
	} else if ((in->source = conf->given != NULL ? conf->given : source_open(&conf->source, err)) == NULL) {
		return -1;
	}
	in->is_live = input_source(in) != NULL && input_source(in)->class->gives_records;
	plan.origin = &in->origin;
	plan.arrival_ms = conf->time_now ? &in->now_ms : NULL;
	rec_origin_set(&in->origin, SPAN_LIT("-"), 0);
	in->reader = rec_reader_new(&plan);
	in->form = in->is_live ? INPUT_SAVED : form_by(conf->format);
	convert_init(&in->convert, in->is_live ? RUN_RECORD : conf->format, conf->csv_numbers);
	in->is_merge = conf->merge;
	in->may_be_stream = in->form == INPUT_UNKNOWN && in->source != NULL && in->source->class->is_pipe(in->source);
	in->may_be_no_stream = in->may_be_stream && conf->source.takes_what_comes;
	if (in->may_be_no_stream)                       /* it is a source, whatever comes */
		in->may_be_stream = false;
	in->has_time = plan.time != NULL || conf->time_now;
	in->time_now = conf->time_now;
	in->max_future_ms = conf->max_future_ms;
	in->max_records = conf->max_records;
	in->from = conf->source.from;
	in->from_time = conf->from_time;
	in->since = conf->since;
	in->until = conf->until;
	in->has_parts = in->source != NULL && in->source->class->n_parts != NULL && !conf->time_now;
	in->parts.until_ms = conf->until.ms;
	watermark_init(&in->watermark, conf->out_of_order_ms, conf->watermark_step_ms);
	return 0;
}

void
input_release(struct input *in)
{
	if (in->source != NULL)
		in->source->class->free(in->source);
	merge_free(in->lanes);
	rec_reader_free(in->reader);
	rec_origin_release(&in->origin);
	convert_release(&in->convert);
	mark_release(&in->mark);
	parts_release(&in->parts);
	free(in->topic);
	*in = (struct input){ .source = NULL };
}

/* ---- reading on ---- */

static void
begin_part(struct input *in)
{
	in->part = in->chunk.part;
	parts_grow(&in->parts, in->source->class->n_parts(in->source), &in->watermark);
}

/* Lines of it are there. */
static void
wake_part(struct input *in)
{
	if (in->has_parts)
		parts_wake(&in->parts, in->part, &in->watermark);
}

static void
begin_topic(struct input *in)
{
	free(in->topic);
	in->topic = alloc_string(in->chunk.topic);
	in->n_topics++;
	in->chunk_partition = in->chunk.partition;
	rec_origin_set(&in->origin, span_str(in->topic), in->chunk.partition);
	if (in->has_parts)
		begin_part(in);
	if (in->is_live)                          /* it finds its beginning by itself */
		return;
	/* Of a file that was rotated the next one is read from its beginning. */
	in->from_offset = in->from.kind == SOURCE_FROM_OFFSET && in->chunk.partition == 0 ? in->from.n : 0;
	in->may_be_torn = in->chunk.may_be_torn;
	if (in->chunk.is_new)
		in->waits_for_time = in->from.kind == SOURCE_FROM_TIME;
}

static bool
begins_stream(const struct input *in, const char *line)
{
	return mark_starts(line, in->chunk.end) && mark_is_known(line, in->chunk.end);
}

bool
input_begins_stream(const struct input *in)
{
	return in->may_be_stream && begins_stream(in, in->chunk.p);
}

/* What a line is, the first one says: a mark of a saved stream, a saved record, or somebody's own JSON. */
static enum input_form
form_of(struct input *in, const char *line)
{
	const char *newline;
	struct rec  rec;

	if (begins_stream(in, line))
		return INPUT_SAVED;
	rec_reader_reset(in->reader);
	if (rec_read_envelope(in->reader, line, 0, 0, &rec, &newline) == REC_EMPTY)
		return INPUT_UNKNOWN;
	return rec.is_envelope && (rec.has_ts || rec.has_error) ? INPUT_SAVED : INPUT_BARE;
}

static void
decide_form(struct input *in)
{
	for (const char *line = in->chunk.p; in->form == INPUT_UNKNOWN && line < in->chunk.end; ) {
		in->form = form_of(in, line);
		line = (const char *)memchr(line, '\n', (size_t)(in->chunk.end - line)) + 1;
	}
}

/* Upstream died in the middle of a line: io has put a newline behind what there is of it. */
static void
drop_torn_line(struct source_chunk *c)
{
	const char *newline = memrchr(c->p, '\n', (size_t)(c->end - 1 - c->p));

	c->end = newline == NULL ? c->p : newline + 1;
}

bool
input_is_torn(const struct input *in)
{
	const struct source_chunk *c = &in->chunk;

	return c->partial && memchr(c->p, '\n', (size_t)(c->end - c->p)) == c->end - 1;
}

static void
skip_line(struct input *in)
{
	struct source_chunk *c = &in->chunk;

	c->p = (const char *)memchr(c->p, '\n', (size_t)(c->end - c->p)) + 1;
	if (c->line_no > 0)
		c->line_no++;
	in->chunk_lines++;
}

/* Is it a whole line?  Of an object or array the end alone is no JSON; of anything else it may be. */
static bool
is_whole(struct input *in, const char *line)
{
	const char *newline;
	struct rec  rec;

	line += strspn(line, " \t");
	if ((*line != '{' && *line != '[') || in->convert.format == RUN_TEXT || in->convert.format == RUN_BINARY ||
	    in->convert.format == RUN_CSV)
		return false;
	rec_reader_reset(in->reader);
	return rec_read_bare(in->reader, line, 0, 0, &rec, &newline) != REC_BAD || rec_fault(in->reader) != REC_FAULT_JSON;
}

/* An earlier run may have read the beginning of this line, and died. */
static void
drop_rest_of_line(struct input *in)
{
	in->may_be_torn = false;
	if (!is_whole(in, in->chunk.p))
		skip_line(in);
}

static void
take_chunk(struct input *in, bool is_long)
{
	struct source_chunk *c = &in->chunk;

	in->chunk_start = in->counted_to = c->p;
	in->chunk_lines = 0;
	in->long_bytes = is_long ? c->long_bytes : 0;
	if (c->offset == 0 && !in->may_be_torn)
		convert_begin(&in->convert);
	if (c->offset == 0 && in->convert.format != RUN_BINARY && c->end - c->p >= 3 && memcmp(c->p, "\xEF\xBB\xBF", 3) == 0)
		c->p += 3;                              /* a byte order mark */
	if (in->form == INPUT_STREAM && c->partial)
		drop_torn_line(c);
	if (is_long)
		return;
	if (in->may_be_torn)
		drop_rest_of_line(in);
	decide_form(in);
}

enum input_filled
input_fill(struct input *in, struct err *err)
{
	if (in->lanes != NULL) {
		enum input_filled filled = merge_fill(in->lanes, err);

		in->form = merge_form(in->lanes, in->form);
		return filled;
	}
	for (;;) {
		switch (in->source->class->next(in->source, &in->chunk, err)) {
		case SOURCE_BEGINS:
			begin_topic(in);
			continue;
		case SOURCE_LINES:
			wake_part(in);
			take_chunk(in, false);
			if (in->may_be_no_stream && in->chunk.p < in->chunk.end && begins_stream(in, in->chunk.p)) {
				err_set(err, ERR_USAGE, "--delivery: upstream is a stream of records; give it there");
				return INPUT_ERROR;
			}
			in->may_be_no_stream = false;
			return INPUT_FILLED;
		case SOURCE_LONG_LINE:
			wake_part(in);
			take_chunk(in, true);
			return INPUT_FILLED;
		case SOURCE_WAIT:  return INPUT_WAIT;
		case SOURCE_LEAVE: return INPUT_LEAVE;
		case SOURCE_END:   return INPUT_END;
		case SOURCE_ERROR: return INPUT_ERROR;
		}
	}
}

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

/* One broken clock must not close everybody's windows: such a record moves no watermark. */
static bool
is_too_far_ahead(const struct input *in, const struct rec *rec)
{
	return in->max_future_ms != WHEN_MAX && rec->has_ts && rec->ts_ms > when_add(in->now_ms, in->max_future_ms);
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
static void
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

static void
look_at_until(struct input *in)
{
	in->is_over = in->watermark.ts_ms != WHEN_MIN && in->watermark.ts_ms >= in->until.ms;
}

bool
input_pass_time(struct input *in, int64_t ts_ms)
{
	bool is_due = watermark_pass(&in->watermark, ts_ms);

	look_at_until(in);
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
	look_at_until(in);
	return is_due;
}

/* ---- by time ---- */

/* Its records come from where the lane's do. */
static void
show_origin(struct input *in, const struct input *lane)
{
	if (in->shown == lane && in->shown_topics == lane->n_topics)
		return;
	in->shown = lane;
	in->shown_topics = lane->n_topics;
	free(in->topic);
	in->topic = alloc_string(lane->topic);
	rec_origin_set(&in->origin, span_str(in->topic), lane->chunk_partition);
}

static int
next_of_lanes(struct input *in, enum input_event *event, struct err *err)
{
	struct input *lane;
	bool          is_bad;

	*event = INPUT_EMPTY;
	if (merge_peek(in->lanes, &lane, &is_bad, err) == -1)
		return -1;
	if (lane == NULL)
		return 0;
	in->recs[0] = lane->recs[0];
	in->n_recs = 1;
	in->n_taken++;
	show_origin(in, lane);
	if (!is_bad && in->is_merge && !in->recs[0].has_ts) {
		is_bad = true;
		in->bad_kind = BAD_TIME;
		snprintf(in->reason, sizeof(in->reason), "no event time to merge by");
	} else if (is_bad) {
		in->bad_kind = lane->bad_kind;
		snprintf(in->reason, sizeof(in->reason), "%s", lane->reason);
	}
	if (in->recs[0].has_ts && !is_too_far_ahead(lane, &in->recs[0]))
		in->watermark_next = watermark_pass(&in->watermark, in->recs[0].ts_ms);
	merge_take(in->lanes);
	*event = is_bad ? INPUT_BAD : INPUT_RECS;
	return 0;
}

int
input_next_ts(struct input *in, bool *known, int64_t *ts_ms, struct err *err)
{
	struct input *lane;
	bool          is_bad;

	*known = false;
	if (merge_peek(in->lanes, &lane, &is_bad, err) == -1)
		return -1;
	if (lane == NULL || is_bad || !lane->recs[0].has_ts)
		return 0;
	*known = true;
	*ts_ms = lane->recs[0].ts_ms;
	return 0;
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

/* One line; what it brings stands in recs, or in bad_next.  -1: err. */
static int
take_line(struct input *in, struct err *err)
{
	struct source_chunk *c = &in->chunk;
	struct rec          *rec = &in->recs[in->n_recs];
	uint64_t             offset = c->offset + (uint64_t)(c->p - in->chunk_start);
	const char          *newline, *behind;
	enum rec_verdict     verdict = REC_EMPTY;
	enum wanted          wanted;
	bool                 is_ahead;

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
	if (verdict == REC_EMPTY)
		return 0;
	is_ahead = is_too_far_ahead(in, rec);
	if (in->form != INPUT_STREAM && verdict == REC_OK && !is_ahead && (wanted = is_wanted(in, rec, &verdict)) != WANTED) {
		in->watermark_next = wanted == OUT_OF_BOUNDS && pass_time(in, rec->ts_ms);
		return 0;
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
	return 0;
}

static int
take_mark(struct input *in, struct err *err)
{
	struct source_chunk *c = &in->chunk;
	const char          *newline = memchr(c->p, '\n', (size_t)(c->end - c->p));
	struct span          line = span_of(c->p, (size_t)(newline - c->p));

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (mark_parse(&in->mark, line, err) == -1)
		return err_in(err, "%s:%" PRIu64, input_name(in), c->line_no);
	skip_line(in);
	return 0;
}

int
input_take_hello(struct input *in, struct mark *mark, struct err *err)
{
	if (!in->may_be_stream || !begins_stream(in, in->chunk.p))
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
		return next_of_lanes(in, event, err);
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
	while (c->p < c->end && in->n_recs < max && in->n_read < REC_BATCH_MAX && !in->bad_next && !in->watermark_next &&
	       !in->is_over) {
		if (in->form != INPUT_BARE && !convert_is_needed(in->convert.format) && mark_starts(c->p, c->end)) {
			if (in->form == INPUT_SAVED) {
				skip_line(in);
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
		if (take_line(in, err) == -1)
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

/* ---- for people ---- */

void
input_place(const struct input *in, const struct rec *rec, char *to, size_t size)
{
	const char       *at = rec->line.p + 1;
	struct span       name, topic = SPAN_NONE, partition = SPAN_NONE, offset = SPAN_NONE;
	struct scan_value v;

	while ((in->form == INPUT_STREAM || in->is_live) && rec->is_envelope && scan_member(&at, &name, &v)) {
		if (v.kind == SCAN_STRING && span_eq(name, SPAN_LIT("topic")))
			topic = span_of(v.p, v.n);
		else if (v.kind == SCAN_NUMBER && span_eq(name, SPAN_LIT("partition")))
			partition = span_of(v.p, v.n);
		else if (v.kind == SCAN_NUMBER && span_eq(name, SPAN_LIT("offset")))
			offset = span_of(v.p, v.n);
	}
	if (in->is_live && topic.p != NULL && partition.p != NULL && offset.p != NULL)
		snprintf(to, size, "%.*s[%.*s] offset %.*s", SPAN_ARGS(topic), SPAN_ARGS(partition), SPAN_ARGS(offset));
	else if (topic.p != NULL && offset.p != NULL)
		snprintf(to, size, "%.*s offset %.*s", SPAN_ARGS(topic), SPAN_ARGS(offset));
	else if (rec->line_no == 0)
		snprintf(to, size, "%s offset %" PRIu64, in->topic, rec->offset);
	else
		snprintf(to, size, "%s:%" PRIu64, input_name(in), rec->line_no);
}

/* ---- the source's side ---- */

int
input_check_seekable(struct input *in, struct err *err)
{
	return in->lanes != NULL ? merge_check_seekable(in->lanes, err) : in->source->class->check_seekable(in->source, err);
}

void
input_wait_for(struct input *in, struct wait_for *w)
{
	if (in->lanes != NULL)
		merge_wait_for(in->lanes, w);
	else
		in->source->class->wait_for(in->source, w);
}

int
input_read_ahead(struct input *in, size_t memory_bytes, struct err *err)
{
	if (in->source == NULL || in->source->class->read_ahead == NULL)
		return 0;
	return in->source->class->read_ahead(in->source, memory_bytes, err);
}

void
input_committed(struct input *in)
{
	struct source *s = input_source(in);

	if (s != NULL && s->class->committed != NULL)
		s->class->committed(s);
}

bool
input_awaits_commit(const struct input *in)
{
	const struct source *s = input_source(in);

	return s != NULL && s->class->awaits_commit != NULL && s->class->awaits_commit(s);
}

struct source *
input_source(const struct input *in)
{
	return in->lanes != NULL ? merge_whole(in->lanes) : in->source;
}

/* ---- parts ---- */

/* What lies between two looks is silence, if it is short: else the output was full, or we were stopped. */
void
input_look_at_parts(struct input *in, int64_t timeout_ms, int64_t slice_ms, bool ends, bool *due)
{
	const struct source *s = in->source;
	struct parts        *p = &in->parts;
	int64_t              now_ms = clock_mono_ms(), passed_ms = p->asked_ms == 0 ? 0 : now_ms - p->asked_ms;

	*due = false;
	if (in->lanes != NULL) {
		merge_look_at_parts(in->lanes, timeout_ms, slice_ms);
		return;
	}
	p->asked_ms = now_ms;
	parts_grow(p, s->class->n_parts(s), &in->watermark);
	for (size_t i = 0; i < p->n; i++) {
		struct part *part = &p->list[i];

		switch (s->class->part_state(s, i)) {
		case SOURCE_PART_BEHIND:
			part->silent_ms = 0;
			break;
		case SOURCE_PART_QUIET:
			part->silent_ms += passed_ms <= slice_ms ? passed_ms : 0;
			if (timeout_ms > 0 && part->silent_ms >= timeout_ms)
				*due |= parts_idle(p, i, &in->watermark);
			break;
		case SOURCE_PART_DONE:
			if (ends)
				*due |= parts_close(p, i, &in->watermark);
			else if (part->ts_ms == WHEN_MIN)       /* it has had nothing, and nothing is waited for */
				*due |= parts_idle(p, i, &in->watermark);
			break;
		}
	}
	look_at_until(in);
}

bool
input_parts_are_idle(const struct input *in)
{
	return in->lanes != NULL ? merge_is_idle(in->lanes) : parts_are_idle(&in->parts);
}

/* ---- how far ---- */

uint64_t
input_bytes(const struct input *in)
{
	return in->lanes != NULL ? merge_bytes(in->lanes) : in->n_bytes;
}

bool
input_extent(struct input *in, uint64_t *read_bytes, uint64_t *all_bytes)
{
	if (in->lanes != NULL)
		return merge_extent(in->lanes, read_bytes, all_bytes);
	return in->source->class->extent(in->source, read_bytes, all_bytes);
}

/* ---- position ---- */

static void
save_bound(struct buf *b, const char *name, const struct run_bound *bound)
{
	if (bound->by_clock)
		buf_printf(b, ",\"%s\":%" PRId64, name, bound->ms);
}

/* The moment that was so long ago when the pipeline began is the same in all its runs. */
static void
load_bound(const struct tree *t, const char *name, struct run_bound *bound)
{
	if (bound->by_clock)
		tree_i64(t, name, &bound->ms);
}

int
input_save(struct input *in, struct buf *b, struct err *err)
{
	buf_lit(b, "{\"position\":");
	if (in->lanes != NULL ? merge_save(in->lanes, b, err) == -1 : in->source->class->save(in->source, b, err) == -1)
		return -1;
	buf_lit(b, ",\"form\":");
	buf_str(b, in->form == INPUT_UNKNOWN ? "null" : in->form == INPUT_BARE ? "\"json\"" : "\"record\"");
	buf_lit(b, ",\"watermark\":");
	if (in->watermark.ts_ms == WHEN_MIN)
		buf_lit(b, "null");
	else
		buf_i64(b, in->watermark.ts_ms);
	buf_lit(b, ",\"due\":");
	if (in->watermark.due_ms == WHEN_MIN)
		buf_lit(b, "null");
	else
		buf_i64(b, in->watermark.due_ms);
	if (in->idle)
		buf_lit(b, ",\"idle\":true");
	if (in->has_parts) {
		buf_lit(b, ",\"parts\":");
		parts_save(&in->parts, b);
	}
	buf_lit(b, ",\"taken\":");
	buf_u64(b, in->n_taken);
	convert_save(&in->convert, b);
	save_bound(b, "from", &in->from_time);
	save_bound(b, "since", &in->since);
	save_bound(b, "until", &in->until);
	if (in->waits_for_time)
		buf_lit(b, ",\"waits_for_time\":true");
	buf_char(b, '}');
	return 0;
}

int
input_load(struct input *in, const struct tree *t, bool ended, struct err *err)
{
	const struct tree *position = tree_member(t, "position");
	struct span        form;
	int64_t            taken = 0;

	if (position == NULL)
		return err_set(err, ERR_DATA, "the checkpoint has no position of a source");
	if (tree_string(t, "form", &form))
		in->form = span_eq(form, SPAN_LIT("json")) ? INPUT_BARE : INPUT_SAVED;
	tree_i64(t, "watermark", &in->watermark.ts_ms);
	tree_i64(t, "due", &in->watermark.due_ms);
	tree_bool(t, "idle", &in->idle);
	if (in->has_parts)
		parts_load(&in->parts, tree_member(t, "parts"), &in->watermark);
	if (tree_i64(t, "taken", &taken))
		in->n_taken = (uint64_t)taken;
	convert_load(&in->convert, t);
	load_bound(t, "from", &in->from_time);
	load_bound(t, "since", &in->since);
	load_bound(t, "until", &in->until);
	tree_bool(t, "waits_for_time", &in->waits_for_time);
	if (in->lanes != NULL)
		return merge_load(in->lanes, position, ended, err);
	return in->source->class->load(in->source, position, ended, err);
}
