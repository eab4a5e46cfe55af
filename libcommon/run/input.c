/* input - a source's lines as batches of records and marks */
#include "run/input_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "io/clock.h"
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
	input_look_at_until(in);
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
