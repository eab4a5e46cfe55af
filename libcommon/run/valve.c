/*
 * valve - the marks of all inputs as one's, and which input is read next
 *
 * One input passes through.  Of several, mark/align says what goes out.
 */
#include "base/alloc.h"
#include "run/loop.h"

void
valve_init(struct loop *l, uint64_t epoch)
{
	struct align_said said;

	if (l->n_inlets == 1)
		return;
	align_init(&l->align, l->n_inlets, epoch);
	for (size_t i = 1; i < l->n_inlets && l->conf->left_alone; i++)
		align_watermark(&l->align, i, WHEN_MAX, &said);
}

/* ---- which is read next ---- */

/* Does the operator wait for this one, so that what others bring piles up there? */
static bool
holds_back(const struct loop *l, const struct inlet *t)
{
	return t->through == CKPT_GOES_ON && l->align.inputs[t->n].aligned && !align_is_held(&l->align, t->n);
}

/* Past --memory who is ahead waits, as long as the one behind can go on. */
static bool
is_too_far_ahead(const struct loop *l, const struct inlet *t)
{
	for (size_t i = 0; i < l->n_inlets; i++)
		if (&l->inlets[i] != t && l->inlets[i].watermark_ms < t->watermark_ms && holds_back(l, &l->inlets[i]))
			return true;
	return false;
}

bool
valve_is_held(const struct loop *l, const struct inlet *t)
{
	if (l->n_inlets == 1)
		return false;
	if (l->align.inputs == NULL)            /* what the others are is not known yet */
		return t->is_begun;
	return align_is_held(&l->align, t->n) || (l->is_full && is_too_far_ahead(l, t));
}

/*
 * The one whose event time is the least, the first of equal ones, so that files always give the same;
 * one that has nothing just now holds up nobody.  What was begun comes first: no barrier goes through the
 * middle of it.
 */
struct inlet *
valve_choose(struct loop *l)
{
	struct inlet *best = NULL;

	for (size_t i = 0; i < l->n_inlets; i++) {
		struct inlet *t = &l->inlets[i];

		if (input_has_pending(&t->in))
			return t;
		if (t->through != CKPT_GOES_ON || t->is_dry || valve_is_held(l, t))
			continue;
		if (best == NULL || t->watermark_ms < best->watermark_ms)
			best = t;
	}
	return best;
}

void
valve_filled(struct loop *l, const struct inlet *filled)
{
	if (l->n_inlets == 1)
		return;
	l->is_full = l->conf->op->class->bytes(l->conf->op) > l->conf->memory_bytes;
	for (size_t i = 0; i < l->n_inlets; i++)
		if (&l->inlets[i] != filled)
			l->inlets[i].is_dry = false;
}

int
valve_read_ahead(struct loop *l, struct err *err)
{
	for (size_t i = 0; i < l->n_inlets; i++) {
		struct inlet *t = &l->inlets[i];
		int           r;

		t->is_kept = false;
		if (t->through != CKPT_GOES_ON || !valve_is_held(l, t))
			continue;
		if ((r = input_read_ahead(&t->in, l->conf->memory_bytes / 4, err)) == -1)
			return -1;
		t->is_kept = r == 1;
	}
	return 0;
}

/* ---- marks ---- */

static int
pass_barrier(struct loop *l, uint64_t epoch, struct err *err)
{
	int r = flow_complete(l, err);

	if (r == 0)
		r = l->ckpt == NULL ? output_barrier(&l->out, epoch, err) : guard_barrier(l, epoch, CKPT_GOES_ON, err);
	if (r == 0)
		table_look(l);
	return r;
}

static int
say(struct loop *l, const struct align_said *said, struct err *err)
{
	if (said->active && output_simple(&l->out, MARK_ACTIVE, err) == -1)
		return -1;
	if (said->watermark && flow_watermark(l, said->watermark_ms, err) == -1)
		return -1;
	if (said->idle && output_simple(&l->out, MARK_IDLE, err) == -1)
		return -1;
	return said->barrier ? pass_barrier(l, said->epoch, err) : 0;
}

/* The operator hears of the input's own time before what it makes of the joint one. */
static void
tell_operator(struct loop *l, const struct inlet *t, int64_t before_ms)
{
	int64_t now_ms = l->align.inputs[t->n].watermark_ms;

	if (now_ms != before_ms)
		l->conf->op->class->input_watermark(l->conf->op, t->n, now_ms);
}

int
valve_watermark(struct loop *l, struct inlet *t, int64_t ts_ms, struct err *err)
{
	struct align_said said;
	int64_t           before_ms;

	if (l->n_inlets == 1) {
		if (l->conf->table.n_operands > 0)
			l->conf->op->class->input_watermark(l->conf->op, 0, ts_ms);
		return flow_watermark(l, ts_ms, err);
	}
	if (ts_ms > t->watermark_ms)
		t->watermark_ms = ts_ms;
	before_ms = l->align.inputs[t->n].watermark_ms;
	align_watermark(&l->align, t->n, ts_ms, &said);
	tell_operator(l, t, before_ms);
	return say(l, &said, err);
}

int
valve_simple(struct loop *l, struct inlet *t, enum mark_kind kind, struct err *err)
{
	struct align_said said;

	if (l->n_inlets == 1)
		return flow_simple(l, kind, err);
	if (kind == MARK_IDLE)
		align_idle(&l->align, t->n, &said);
	else
		align_active(&l->align, t->n, &said);
	return say(l, &said, err);
}

/* Those that are read here are always where the barrier is. */
static int
bring_sources_to(struct loop *l, uint64_t epoch, struct align_said *said, struct err *err)
{
	for (size_t i = 0; i < l->n_inlets; i++) {
		const struct inlet *t = &l->inlets[i];

		if (t->is_source && t->through == CKPT_GOES_ON && align_barrier(&l->align, t->n, epoch, said, err) == -1)
			return -1;
	}
	return 0;
}

int
valve_barrier(struct loop *l, struct inlet *t, uint64_t epoch, struct err *err)
{
	struct align_said said;

	if (l->n_inlets == 1)
		return pass_barrier(l, epoch, err);
	if (bring_sources_to(l, epoch, &said, err) == -1 || align_barrier(&l->align, t->n, epoch, &said, err) == -1)
		return -1;
	return say(l, &said, err);
}

int
valve_own_barrier(struct loop *l, enum ckpt_last last, struct err *err)
{
	struct align_said said;

	if (l->n_inlets > 1 && bring_sources_to(l, l->epoch + 1, &said, err) == -1)
		return -1;
	if (flow_complete(l, err) == -1 || guard_barrier(l, l->epoch + 1, last, err) == -1)
		return -1;
	if (last == CKPT_GOES_ON)
		table_look(l);
	return 0;
}

int
valve_through(struct loop *l, struct inlet *t, enum ckpt_last how, struct err *err)
{
	struct align_said said;
	int64_t           before_ms;

	if (t->is_source)
		l->n_sources--;
	t->through = how;
	if (l->n_inlets == 1)
		return 0;
	before_ms = l->align.inputs[t->n].watermark_ms;
	if (how == CKPT_ENDED)
		align_close(&l->align, t->n, &said);
	else
		align_stop(&l->align, t->n, &said);
	tell_operator(l, t, before_ms);
	return say(l, &said, err);
}

/* ---- snapshots ---- */

int
valve_save(struct loop *l, struct buf *b, struct err *err)
{
	buf_lit(b, "{\"align\":");
	align_save(&l->align, b);
	buf_lit(b, ",\"each\":[");
	for (size_t i = 0; i < l->n_inlets; i++) {
		struct inlet *t = &l->inlets[i];

		buf_str(b, i > 0 ? ",{\"watermark\":" : "{\"watermark\":");
		if (t->watermark_ms == WHEN_MIN)
			buf_lit(b, "null");
		else
			buf_i64(b, t->watermark_ms);
		if (t->is_source) {
			buf_lit(b, ",\"source\":");
			if (input_save(&t->in, b, err) == -1)
				return -1;
		}
		buf_char(b, '}');
	}
	buf_lit(b, "]}");
	return 0;
}

int
valve_load(struct loop *l, const struct tree *t, struct err *err)
{
	const struct tree *each = tree_member(t, "each");

	if (align_load(&l->align, tree_member(t, "align"), err) == -1)
		return -1;
	for (size_t i = 0; i < l->n_inlets; i++) {
		struct inlet      *in = &l->inlets[i];
		const struct tree *saved = tree_item(each, i);
		bool               ended = l->align.inputs[i].closed;

		tree_i64(saved, "watermark", &in->watermark_ms);
		if (in->is_source && input_load(&in->in, tree_member(saved, "source"), ended, err) == -1)
			return -1;
		if (in->is_source && ended) {
			in->through = CKPT_ENDED;
			l->n_sources--;
		}
	}
	return 0;
}
