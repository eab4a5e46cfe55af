/* merge - several inputs as one, by event time */
#include "run/merge.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "io/clock.h"

struct lane {
	struct input in;
	bool         has_head, head_is_bad;
	bool         needs_fill;
	bool         ended;
	bool         stopped;            /* as well: it was told to leave here */
	bool         idle;               /* it holds nobody back */
	int64_t      silent_ms;
};

struct merge {
	struct lane     **lanes;
	size_t            n;
	struct lane      *next;          /* whose head was given out; NULL: none was */
	struct source    *whole;         /* of which the lanes are the parts; NULL: each lane is an input */
	struct input_conf conf;          /* of the lanes to come of it */
	int64_t           asked_ms;      /* when silence was counted last; 0: never */
};

static int
add_lane(struct merge *m, const struct input_conf *conf, struct err *err)
{
	struct lane *l = alloc_zeroed(1, sizeof(*l));

	m->lanes = alloc_resized(m->lanes, m->n + 1, sizeof(struct lane *));
	m->lanes[m->n++] = l;
	l->in.takes_late = true;
	l->needs_fill = true;
	return input_open(&l->in, conf, err);
}

/* Those parts of the whole that have no lane yet. */
static int
add_parts(struct merge *m, struct err *err)
{
	while (m->n < m->whole->class->n_parts(m->whole)) {
		m->conf.given = m->whole->class->lane(m->whole, m->n);
		if (add_lane(m, &m->conf, err) == -1)
			return -1;
	}
	return 0;
}

struct merge *
merge_open(const struct input_conf *conf, bool all_in_one, struct err *err)
{
	const struct source_class *class = source_class_of(conf->source.inputs[0], err);
	struct merge              *m = alloc_zeroed(1, sizeof(*m));
	struct input_conf          one = *conf;
	size_t                     n = all_in_one ? 1 : conf->source.n_inputs;
	int                        r = class == NULL ? -1 : 0;

	one.merge = one.looks_ahead = false;
	one.max_records = UINT64_MAX;
	if (r == 0 && class->lane != NULL) {
		one.source.by_part = true;
		m->conf = one;
		if ((m->whole = source_open(&one.source, err)) != NULL)
			return m;
		r = -1;
	}
	for (size_t i = 0; i < n && r == 0; i++) {
		if (!all_in_one) {
			one.source.inputs = conf->source.inputs + i;
			one.source.n_inputs = 1;
		}
		r = add_lane(m, &one, err);
	}
	if (r == 0)
		return m;
	merge_free(m);
	return NULL;
}

void
merge_free(struct merge *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->n; i++) {
		input_release(&m->lanes[i]->in);
		free(m->lanes[i]);
	}
	free(m->lanes);
	if (m->whole != NULL)
		m->whole->class->free(m->whole);
	free(m);
}

/* ---- reading ---- */

static bool
is_over(const struct merge *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (!m->lanes[i]->ended)
			return false;
	return true;
}

static enum input_filled
fill_lane(struct lane *l, struct err *err)
{
	enum input_filled filled = input_fill(&l->in, err);

	switch (filled) {
	case INPUT_FILLED:
		l->needs_fill = l->idle = false;
		l->silent_ms = 0;
		if (input_begins_stream(&l->in)) {
			err_set(err, ERR_USAGE, "--speed: upstream is a stream of records already; give it there");
			return INPUT_ERROR;
		}
		l->in.may_be_stream = false;
		break;
	case INPUT_LEAVE:
	case INPUT_END:
		l->needs_fill = false;
		l->ended = true;
		l->stopped = filled == INPUT_LEAVE;
		break;
	case INPUT_WAIT:
	case INPUT_ERROR:
		break;
	}
	return filled;
}

enum input_filled
merge_fill(struct merge *m, struct err *err)
{
	bool                waits = m->n == 0, any = false, stopped = false;
	struct source_chunk none;

	if (m->whole != NULL && (m->whole->class->next(m->whole, &none, err) == SOURCE_ERROR || add_parts(m, err) == -1))
		return INPUT_ERROR;
	for (size_t i = 0; i < m->n; i++) {
		struct lane      *l = m->lanes[i];
		enum input_filled filled = l->needs_fill ? fill_lane(l, err) : INPUT_FILLED;

		if (filled == INPUT_ERROR)
			return INPUT_ERROR;
		waits = waits || (filled == INPUT_WAIT && !l->idle);
		any = any || (!l->ended && !l->idle);
		stopped = stopped || l->stopped;
	}
	if (waits || (!any && !is_over(m)))
		return INPUT_WAIT;
	return any ? INPUT_FILLED : stopped ? INPUT_LEAVE : INPUT_END;
}

enum input_form
merge_form(const struct merge *m, enum input_form known)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->lanes[i]->in.form == INPUT_BARE || known == INPUT_UNKNOWN)
			known = m->lanes[i]->in.form;
	return known;
}

static int
look_ahead(struct lane *l, struct err *err)
{
	enum input_event event;

	while (!l->has_head && !l->needs_fill && !l->ended) {
		if (input_next(&l->in, 1, &event, err) == -1)
			return -1;
		if (event == INPUT_BAD || (event == INPUT_RECS && l->in.n_recs > 0)) {
			l->has_head = true;
			l->head_is_bad = event == INPUT_BAD;
		} else if (l->in.is_over) {
			l->ended = true;
		} else if (event == INPUT_EMPTY) {
			input_take_late(&l->in);         /* lines that were nobody's */
			l->needs_fill = true;
		}
	}
	return 0;
}

/* What is bad has no place in time: it goes at once. */
static bool
goes_before(const struct lane *a, const struct lane *b)
{
	if (a->head_is_bad || b->head_is_bad)
		return a->head_is_bad && !b->head_is_bad;
	return a->in.recs[0].ts_ms < b->in.recs[0].ts_ms;
}

int
merge_peek(struct merge *m, struct input **lane, bool *is_bad, struct err *err)
{
	bool complete = true;

	*lane = NULL;
	m->next = NULL;
	for (size_t i = 0; i < m->n; i++) {
		struct lane *l = m->lanes[i];

		if (look_ahead(l, err) == -1)
			return -1;
		complete = complete && (!l->needs_fill || l->idle);
		if (l->has_head && (m->next == NULL || goes_before(l, m->next)))
			m->next = l;
	}
	if (m->next == NULL || (!complete && !m->next->head_is_bad)) {
		m->next = NULL;
		return 0;
	}
	*lane = &m->next->in;
	*is_bad = m->next->head_is_bad;
	return 0;
}

void
merge_take(struct merge *m)
{
	input_take_late(&m->next->in);
	m->next->has_head = false;
}

/* ---- the source's side ---- */

int
merge_check_seekable(struct merge *m, struct err *err)
{
	if (m->whole != NULL)
		return m->whole->class->check_seekable(m->whole, err);
	for (size_t i = 0; i < m->n; i++)
		if (input_check_seekable(&m->lanes[i]->in, err) == -1)
			return -1;
	return 0;
}

/* One at a time: when it has something, the next is asked. */
void
merge_wait_for(struct merge *m, struct wait_for *w)
{
	if (m->whole != NULL) {
		m->whole->class->wait_for(m->whole, w);
		return;
	}
	for (size_t i = 0; i < m->n; i++) {
		if (m->lanes[i]->needs_fill) {
			input_wait_for(&m->lanes[i]->in, w);
			return;
		}
	}
}

int
merge_save(struct merge *m, struct buf *b, struct err *err)
{
	if (m->whole != NULL)
		return m->whole->class->save(m->whole, b, err);
	for (size_t i = 0; i < m->n; i++) {
		buf_char(b, i == 0 ? '[' : ',');
		if (input_save(&m->lanes[i]->in, b, err) == -1)
			return -1;
	}
	buf_char(b, ']');
	return 0;
}

int
merge_load(struct merge *m, const struct tree *t, bool ended, struct err *err)
{
	if (m->whole != NULL)
		return m->whole->class->load(m->whole, t, ended, err);
	if (tree_count(t) != m->n)
		return err_set(err, ERR_DATA, "%zu inputs are merged, the checkpoint knows of %zu", m->n, tree_count(t));
	for (size_t i = 0; i < m->n; i++)
		if (input_load(&m->lanes[i]->in, tree_item(t, i), ended, err) == -1)
			return -1;
	return 0;
}

struct source *
merge_whole(const struct merge *m)
{
	return m->whole;
}

/* ---- silence ---- */

void
merge_look_at_parts(struct merge *m, int64_t timeout_ms, int64_t slice_ms)
{
	int64_t now_ms = clock_mono_ms(), passed_ms = m->asked_ms == 0 ? 0 : now_ms - m->asked_ms;

	m->asked_ms = now_ms;
	for (size_t i = 0; i < m->n; i++) {
		struct lane *l = m->lanes[i];

		if (!l->needs_fill || m->whole->class->part_state(m->whole, i) != SOURCE_PART_QUIET)
			l->silent_ms = 0;
		else if (passed_ms <= slice_ms)
			l->silent_ms += passed_ms;
		if (timeout_ms > 0 && l->silent_ms >= timeout_ms)
			l->idle = true;
	}
}

bool
merge_is_idle(const struct merge *m)
{
	bool any = false;

	for (size_t i = 0; i < m->n; i++) {
		if (!m->lanes[i]->ended && !m->lanes[i]->idle)
			return false;
		any = any || m->lanes[i]->idle;
	}
	return any;
}

/* ---- how far ---- */

uint64_t
merge_bytes(const struct merge *m)
{
	uint64_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += input_bytes(&m->lanes[i]->in);
	return n;
}

bool
merge_extent(struct merge *m, uint64_t *read_bytes, uint64_t *all_bytes)
{
	if (m->whole != NULL)
		return m->whole->class->extent(m->whole, read_bytes, all_bytes);
	*read_bytes = *all_bytes = 0;
	for (size_t i = 0; i < m->n; i++) {
		uint64_t read, all;

		if (!input_extent(&m->lanes[i]->in, &read, &all))
			return false;
		*read_bytes += read;
		*all_bytes += all;
	}
	return true;
}
