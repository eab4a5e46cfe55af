/*
 * window_sessions - windows that the records of a key make themselves
 *
 * A record opens [ts, ts + gap); what overlaps or touches is one session.  Sessions of a key that are
 * kept never touch, so a record melts those it touches into one and that is all.  A piece is a
 * session; a timer wakes it at its end and, with allowed lateness, when it goes.
 */
#include "op/window_pieces.h"

#include "base/num.h"
#include "json/text.h"

enum { LONGEST_GAP = 60, END_AT_ONCE = 2048 };

static uint64_t
tick_of(const struct window *w)
{
	return w->conf.emit == WINDOW_EVERY ? w->tick : 0;
}

static int64_t
gone_ms(const struct window *w, int64_t end_ms)
{
	return when_add(end_ms, w->conf.allowed_lateness_ms);
}

/* ---- results ---- */

/* Can a result be followed by another one of the same session, and has it to be taken back then? */
static bool
must_remember(const struct window *w)
{
	return !w->conf.discarding && w->final_pane != PANE_NONE;
}

static void
retract_others(struct window *w, struct piece *s, struct emit *e)
{
	for (uint32_t i = 0; i < s->n_told; i++) {
		const struct told *t = &s->told[i];

		if (t->start_ms == s->start_ms && t->end_ms == s->end_ms)
			continue;
		window_result_frame(w, (struct window_of){ t->start_ms, t->end_ms, 0, PANE_RETRACT });
		window_result_retract(w, piece_key(s), span_of(t->payload, t->n), e);
	}
}

static void
speak(struct window *w, struct piece *s, enum window_pane pane, struct emit *e)
{
	struct buf told = { 0 };
	bool       remembers = must_remember(w);

	retract_others(w, s, e);
	window_result_frame(w, (struct window_of){ s->start_ms, s->end_ms, 0, pane });
	window_result_put(w, piece_key(s), s->value, remembers ? &told : NULL, e);
	if (remembers) {
		piece_untell(s);
		if (told.n > 0)
			piece_tell(s, s->start_ms, s->end_ms, buf_all(&told));
		buf_release(&told);
	}
	if (w->conf.discarding) {
		window_empty(w, s->value);
		arena_reset(&s->arena);
	}
	pieces_change(w->pieces, s, 0);
}

/* ---- taking a record ---- */

static bool
bad_gap(const struct window *w, struct op_refusal *r)
{
	return window_refuse(r, w->conf.gap_path->text,
	    " is no gap: milliseconds or a duration such as \"30m\", more than 0");
}

static bool
find_gap(struct window *w, const struct rec *rec, int64_t *gap_ms, struct op_refusal *r)
{
	const struct scan_value *v;
	struct err               err = ERR_INIT;
	bool                     good = false;

	*gap_ms = w->conf.size;
	if (w->conf.gap_path == NULL)
		return true;
	v = &rec->wanted[w->gap_wanted];
	if (v->kind == SCAN_NUMBER) {
		good = num_i64(span_of(v->p, v->n), gap_ms);
	} else if (v->kind == SCAN_STRING && v->n <= LONGEST_GAP) {
		buf_reset(&w->scratch);
		text_decode(&w->scratch, span_of(v->p, v->n));
		buf_char(&w->scratch, '\0');
		good = strlen(w->scratch.p) + 1 == w->scratch.n && when_duration(w->scratch.p, false, gap_ms, &err) == 0;
	}
	return (good && *gap_ms > 0) || bad_gap(w, r);
}

static bool
touches(const struct piece *s, int64_t start_ms, int64_t end_ms)
{
	return s->start_ms <= end_ms && start_ms <= s->end_ms;
}

static void
melt(struct window *w, struct piece *into, struct piece *s)
{
	into->start_ms = s->start_ms < into->start_ms ? s->start_ms : into->start_ms;
	into->end_ms = s->end_ms > into->end_ms ? s->end_ms : into->end_ms;
	window_merge(w, into->value, s->value, &into->arena);
	for (uint32_t i = 0; i < s->n_told; i++)
		piece_tell(into, s->told[i].start_ms, s->told[i].end_ms, span_of(s->told[i].payload, s->told[i].n));
	pieces_drop(w->pieces, s);
}

/* The oldest of those that touch takes the others; each that it takes makes it touch more. */
static struct piece *
melt_touching(struct window *w, struct holder *h, int64_t start_ms, int64_t end_ms)
{
	struct piece *found = NULL, *next;

	for (struct piece *s = h == NULL ? NULL : h->first; s != NULL; s = next) {
		next = s->next;
		if (!touches(s, start_ms, end_ms))
			continue;
		if (found == NULL)
			found = s;
		else
			melt(w, found, s);
	}
	return found;
}

struct piece *
window_sessions_join(struct window *w, struct holder *h, int64_t start_ms, int64_t end_ms)
{
	struct piece *s = melt_touching(w, h, start_ms, end_ms);

	if (s == NULL)
		return NULL;
	pieces_change(w->pieces, s, 0);
	pieces_wake(w->pieces, s, s->end_ms);
	return s;
}

/* The session that holds [start, end) from now on; NULL: that would be gone. */
static struct piece *
find_session(struct window *w, struct span key, uint64_t hash, int64_t start_ms, int64_t end_ms)
{
	struct piece *found;

	window_cold_widen(w, key, &start_ms, &end_ms);
	found = melt_touching(w, pieces_find(w->pieces, key, hash), start_ms, end_ms);
	if (found == NULL) {
		if (gone_ms(w, end_ms) <= w->watermark_ms)
			return NULL;
		found = pieces_add(w->pieces, key, hash);
		found->start_ms = start_ms;
		found->end_ms = end_ms;
	}
	found->start_ms = start_ms < found->start_ms ? start_ms : found->start_ms;
	found->end_ms = end_ms > found->end_ms ? end_ms : found->end_ms;
	return found;
}

static void
set_timer(struct window *w, struct piece *s)
{
	pieces_wake(w->pieces, s, s->end_ms > w->watermark_ms ? s->end_ms : gone_ms(w, s->end_ms));
}

static bool
take(struct window *w, const struct rec *rec, uint64_t hash, struct emit *e, struct op_refusal *r)
{
	struct span   key = w->conf.global_key ? SPAN_NONE : rec->key;
	struct piece *s;
	int64_t       gap_ms, end_ms;

	if (!window_check(w, rec, r) || !find_gap(w, rec, &gap_ms, r))
		return false;
	end_ms = when_add(rec->ts_ms, gap_ms);
	if ((s = find_session(w, key, hash, rec->ts_ms, end_ms)) == NULL)
		return window_refuse_late(r, when_sub(w->watermark_ms, end_ms));
	w->at = (struct agg_at){ rec->ts_ms, w->n_arrived++ };
	window_add(w, s->value, &s->arena);
	pieces_change(w->pieces, s, tick_of(w));
	set_timer(w, s);
	if (s->end_ms <= w->watermark_ms)
		speak(w, s, PANE_LATE, e);
	else if (w->conf.emit == WINDOW_UPDATES)
		speak(w, s, PANE_EARLY, e);
	return true;
}

size_t
window_sessions_feed(struct op *op, unsigned input, const struct rec *recs, size_t n, struct emit *e, struct op_refusal *r)
{
	struct window *w = (struct window *)op;
	uint64_t       hashes[STORE_BATCH];
	size_t         taken = 0, group = 1, here;

	(void)input;
	while (taken < n) {
		here = window_prepare_pieces(w, recs + taken, n - taken, &group, hashes);
		for (size_t i = 0; i < here; i++, taken++) {
			w->spill.fed_bytes += recs[taken].line.n;
			if (!take(w, &recs[taken], hashes[i], e, r))
				return taken;
		}
		if (window_cold_is_time(w))
			window_cold_look(w);
	}
	return n;
}

/* ---- time goes on ---- */

/*
 * It wakes up: it ends, or goes, or sleeps on; also if it has grown and its end comes in this very step, but behind the
 * timers that have come.
 */
static void
wake(struct window *w, struct piece *s, int64_t before_ms, struct piece_dues *ending)
{
	if (s->end_ms > s->timer_ms && s->end_ms <= w->watermark_ms && s->end_ms > w->pieces->timers.last_ms)
		pieces_wake(w->pieces, s, s->end_ms);
	else if (s->end_ms > before_ms && s->end_ms <= w->watermark_ms)
		piece_dues_add(ending, (struct piece_due){ s, s->start_ms, s->end_ms, 0 });
	else if (s->end_ms <= before_ms && gone_ms(w, s->end_ms) <= w->watermark_ms)
		pieces_drop(w->pieces, s);
	else
		set_timer(w, s);
}

/* It ends, and goes unless it may be late. */
static void
end(struct window *w, struct piece *s, struct emit *e)
{
	speak(w, s, w->final_pane, e);
	if (gone_ms(w, s->end_ms) <= w->watermark_ms)
		pieces_drop(w->pieces, s);
	else
		set_timer(w, s);
}

/* Those that end before BEHIND: their results, in order.  The others stay in the list. */
static void
end_some(struct window *w, struct piece_dues *ending, int64_t behind_ms, struct emit *e)
{
	size_t n = piece_dues_sort(ending), i;

	for (i = 0; i < n; i++) {
		const struct piece_due *due = piece_dues_at(ending, w->pieces, i);

		if (due->end_ms >= behind_ms)
			break;
		end(w, due->piece, e);
	}
	piece_dues_drop(ending, i);
}

/*
 * Timers come by time, none later than its session's end: when they have come to some time, all that
 * end before it are here.  So many may end at once, but not many are held, and what has just been
 * looked at is still near when its result is made.
 */
static void
end_due(struct window *w, int64_t before_ms, struct emit *e)
{
	struct piece_dues ending = { 0 };
	struct piece     *woken[STORE_BATCH];
	size_t            n;

	while ((n = pieces_woken(w->pieces, w->watermark_ms, woken, STORE_BATCH)) > 0) {
		for (size_t i = 0; i < n; i++)
			wake(w, woken[i], before_ms, &ending);
		if (ending.n >= END_AT_ONCE && ending.all[0].end_ms < w->pieces->timers.last_ms)
			end_some(w, &ending, w->pieces->timers.last_ms, e);
	}
	end_some(w, &ending, INT64_MAX, e);
	piece_dues_release(&ending);
}

static void
fire_early(struct window *w, struct emit *e)
{
	struct pieces    *p = w->pieces;
	struct piece_dues open = { 0 };
	size_t            n;

	for (size_t i = 0; i < p->touched.n; i++) {
		struct piece *s = pieces_touched_at(p, i);

		if (s != NULL && s->end_ms > w->watermark_ms)
			piece_dues_add(&open, (struct piece_due){ s, s->start_ms, s->end_ms, 0 });
	}
	n = piece_dues_sort(&open);
	for (size_t i = 0; i < n; i++)
		speak(w, piece_dues_at(&open, p, i)->piece, PANE_EARLY, e);
	piece_dues_release(&open);
	p->touched.n = 0;
	w->tick++;
}

static void
advance(struct window *w, int64_t ts_ms, struct emit *e)
{
	int64_t before_ms = w->watermark_ms;

	w->watermark_ms = ts_ms;
	end_due(w, before_ms, e);
}

void
window_sessions_watermark(struct op *op, int64_t ts_ms, struct emit *e)
{
	struct window *w = (struct window *)op;
	int64_t        before_ms = w->watermark_ms;

	if (ts_ms <= before_ms || (w->spill.spill != NULL && w->spill.spill->failed))
		return;
	while (window_cold_is_due(w, ts_ms)) {
		if (!window_cold_take(w, ts_ms))
			return;
		advance(w, w->cold.n_runs > 0 && w->cold.from_ms <= ts_ms ? w->cold.from_ms - 1 : ts_ms, e);
		window_cold_look(w);
	}
	if (w->watermark_ms < ts_ms)
		advance(w, ts_ms, e);
	if (window_ticks(w, before_ms))
		fire_early(w, e);
}
