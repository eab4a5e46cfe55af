/* align - N inputs: one watermark, one barrier */
#include "mark/align.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/when.h"

void
align_init(struct align *a, size_t n_inputs, uint64_t epoch)
{
	*a = (struct align){ .n_inputs = n_inputs, .watermark_ms = WHEN_MIN, .epoch = epoch };
	a->inputs = alloc_zeroed(n_inputs, sizeof(*a->inputs));
	for (size_t i = 0; i < n_inputs; i++)
		a->inputs[i] = (struct align_input){ .watermark_ms = WHEN_MIN, .aligned = true, .epoch = epoch };
}

void
align_release(struct align *a)
{
	free(a->inputs);
	*a = (struct align){ .inputs = NULL };
}

/* ---- the watermark ---- */

static bool
is_at_end(const struct align_input *in)
{
	return in->watermark_ms == WHEN_MAX;
}

/* What the inputs are that are not at their end. */
enum left { LEFT_NONE, LEFT_IDLE, LEFT_ACTIVE };

static enum left
left(const struct align *a)
{
	enum left most = LEFT_NONE;

	for (size_t i = 0; i < a->n_inputs; i++) {
		if (is_at_end(&a->inputs[i]))
			continue;
		if (!a->inputs[i].idle)
			return LEFT_ACTIVE;
		most = LEFT_IDLE;
	}
	return most;
}

static void
raise_to(struct align *a, int64_t ts_ms, struct align_said *said)
{
	if (ts_ms <= a->watermark_ms)
		return;
	a->watermark_ms = said->watermark_ms = ts_ms;
	said->watermark = true;
}

/* To the least watermark of those that count. */
static void
raise_to_least(struct align *a, struct align_said *said)
{
	int64_t least = WHEN_MAX;
	bool    any = false;

	for (size_t i = 0; i < a->n_inputs; i++) {
		const struct align_input *in = &a->inputs[i];

		if (!in->aligned || is_at_end(in))
			continue;
		any = true;
		if (in->watermark_ms < least)
			least = in->watermark_ms;
	}
	if (any)
		raise_to(a, least, said);
}

/* To the highest one of all that are left. */
static void
raise_to_highest(struct align *a, struct align_said *said)
{
	int64_t highest = WHEN_MIN;

	for (size_t i = 0; i < a->n_inputs; i++)
		if (!is_at_end(&a->inputs[i]) && a->inputs[i].watermark_ms > highest)
			highest = a->inputs[i].watermark_ms;
	raise_to(a, highest, said);
}

static void
say_active(struct align *a, struct align_said *said)
{
	said->active = a->idle;
	a->idle = false;
}

/* Input IN brings nothing more that has a time: from now on only the others count. */
static void
end_of_time(struct align *a, struct align_input *in, struct align_said *said)
{
	if (is_at_end(in))
		return;
	in->watermark_ms = WHEN_MAX;
	in->idle = in->aligned = false;
	switch (left(a)) {
	case LEFT_ACTIVE:
		raise_to_least(a, said);
		break;
	case LEFT_IDLE:
		if (a->idle)
			break;
		raise_to_highest(a, said);
		a->idle = said->idle = true;
		break;
	case LEFT_NONE:
		say_active(a, said);
		raise_to(a, WHEN_MAX, said);
		break;
	}
}

void
align_watermark(struct align *a, size_t i, int64_t ts_ms, struct align_said *said)
{
	struct align_input *in = &a->inputs[i];

	*said = (struct align_said){ .active = false };
	if (ts_ms == WHEN_MAX) {
		end_of_time(a, in, said);
		return;
	}
	if (in->idle || ts_ms <= in->watermark_ms)
		return;
	in->watermark_ms = ts_ms;
	if (ts_ms >= a->watermark_ms)
		in->aligned = true;
	raise_to_least(a, said);
}

void
align_idle(struct align *a, size_t i, struct align_said *said)
{
	struct align_input *in = &a->inputs[i];
	bool                held_back = in->watermark_ms == a->watermark_ms;

	*said = (struct align_said){ .active = false };
	if (in->idle || is_at_end(in))
		return;
	in->idle = true;
	in->aligned = false;
	if (left(a) == LEFT_ACTIVE) {
		raise_to_least(a, said);
		return;
	}
	if (held_back)
		raise_to_highest(a, said);
	a->idle = said->idle = true;
}

void
align_active(struct align *a, size_t i, struct align_said *said)
{
	struct align_input *in = &a->inputs[i];

	*said = (struct align_said){ .active = false };
	if (!in->idle)
		return;
	in->idle = false;
	in->aligned = in->watermark_ms >= a->watermark_ms;
	say_active(a, said);
	raise_to_least(a, said);
}

/* ---- the barrier ---- */

/* Do all that are not closed stand at the next one? */
static void
pass_barrier(struct align *a, struct align_said *said)
{
	bool any = false;

	for (size_t i = 0; i < a->n_inputs; i++) {
		if (a->inputs[i].closed || a->inputs[i].stopped)
			continue;
		if (!align_is_held(a, i))
			return;
		any = true;
	}
	if (!any)
		return;
	said->barrier = true;
	said->epoch = ++a->epoch;
}

int
align_barrier(struct align *a, size_t i, uint64_t epoch, struct align_said *said, struct err *err)
{
	struct align_input *in = &a->inputs[i];

	*said = (struct align_said){ .active = false };
	if (epoch != in->epoch + 1 || align_is_held(a, i))
		return err_set(err, ERR_DATA, "barrier %" PRIu64 " after %" PRIu64 ": a filter before me loses marks",
		               epoch, in->epoch);
	in->epoch = epoch;
	pass_barrier(a, said);
	return 0;
}

void
align_close(struct align *a, size_t i, struct align_said *said)
{
	struct align_input *in = &a->inputs[i];

	*said = (struct align_said){ .active = false };
	if (in->closed)
		return;
	in->closed = true;
	end_of_time(a, in, said);
	pass_barrier(a, said);
}

void
align_stop(struct align *a, size_t i, struct align_said *said)
{
	*said = (struct align_said){ .active = false };
	if (a->inputs[i].closed || a->inputs[i].stopped)
		return;
	a->inputs[i].stopped = true;
	pass_barrier(a, said);
}

/* ---- snapshots ---- */

static void
put_ts(struct buf *b, int64_t ts_ms)
{
	buf_lit(b, "{\"watermark\":");
	if (ts_ms == WHEN_MIN)
		buf_lit(b, "null");
	else if (ts_ms == WHEN_MAX)
		buf_lit(b, "\"max\"");
	else
		buf_i64(b, ts_ms);
}

static int
get_ts(const struct tree *t, int64_t *ts_ms)
{
	struct span text;

	if (tree_i64(t, "watermark", ts_ms))
		return 0;
	*ts_ms = WHEN_MIN;
	if (!tree_string(t, "watermark", &text))
		return 0;
	*ts_ms = WHEN_MAX;
	return span_eq(text, SPAN_LIT("max")) ? 0 : -1;
}

void
align_save(const struct align *a, struct buf *b)
{
	put_ts(b, a->watermark_ms);
	buf_lit(b, ",\"inputs\":[");
	for (size_t i = 0; i < a->n_inputs; i++) {
		const struct align_input *in = &a->inputs[i];

		assert(!align_is_held(a, i));
		if (i > 0)
			buf_char(b, ',');
		put_ts(b, in->watermark_ms);
		if (in->idle)
			buf_lit(b, ",\"idle\":true");
		if (in->aligned)
			buf_lit(b, ",\"aligned\":true");
		if (in->closed)
			buf_lit(b, ",\"closed\":true");
		buf_char(b, '}');
	}
	buf_lit(b, "]}");
}

static int
load_input(struct align_input *in, const struct tree *t)
{
	in->idle = in->aligned = in->closed = false;
	tree_bool(t, "idle", &in->idle);
	tree_bool(t, "aligned", &in->aligned);
	tree_bool(t, "closed", &in->closed);
	if (get_ts(t, &in->watermark_ms) == -1)
		return -1;
	if (is_at_end(in) ? in->idle || in->aligned : in->closed)
		return -1;
	return in->idle && in->aligned ? -1 : 0;
}

int
align_load(struct align *a, const struct tree *t, struct err *err)
{
	const struct tree *inputs = tree_member(t, "inputs");

	if (tree_count(inputs) != a->n_inputs)
		return err_set(err, ERR_DATA, "the watermarks of %zu inputs, but there are %zu", tree_count(inputs), a->n_inputs);
	if (get_ts(t, &a->watermark_ms) == -1)
		return err_set(err, ERR_DATA, "a watermark that is none");
	for (size_t i = 0; i < a->n_inputs; i++)
		if (load_input(&a->inputs[i], tree_item(inputs, i)) == -1)
			return err_set(err, ERR_DATA, "input %zu: a state of its watermark that there is not", i + 1);
	a->idle = left(a) == LEFT_IDLE;
	return 0;
}
