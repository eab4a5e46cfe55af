/* input_save - where an input stands, in the lines of a snapshot */
#include "run/input_parts.h"

#include <inttypes.h>

#include "run/merge.h"

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
