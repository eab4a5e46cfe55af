/* input_chunk - reading on: what the source gives next, where it is from, and what form it has */
#include "run/input_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "run/merge.h"

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

bool
input_is_mark_of_ours(const struct input *in, const char *line)
{
	return mark_starts(line, in->chunk.end) && mark_is_known(line, in->chunk.end);
}

bool
input_begins_stream(const struct input *in)
{
	return in->may_be_stream && input_is_mark_of_ours(in, in->chunk.p);
}

/* What a line is, the first one says: a mark of a saved stream, a saved record, or somebody's own JSON. */
static enum input_form
form_of(struct input *in, const char *line)
{
	const char *newline;
	struct rec  rec;

	if (input_is_mark_of_ours(in, line))
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

void
input_skip_line(struct input *in)
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
		input_skip_line(in);
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
			if (in->may_be_no_stream && in->chunk.p < in->chunk.end && input_is_mark_of_ours(in, in->chunk.p)) {
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
