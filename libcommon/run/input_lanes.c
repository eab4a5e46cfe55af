/* input_lanes - records of several sources, by their time */
#include "run/input_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "run/merge.h"

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

int
input_next_of_lanes(struct input *in, enum input_event *event, struct err *err)
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
	if (in->recs[0].has_ts && !input_is_too_far_ahead(lane, &in->recs[0]))
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
