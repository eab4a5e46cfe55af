/* merge - several inputs as one, by event time */
#include "run/merge.h"

#include <stdlib.h>

#include "base/alloc.h"

struct lane {
	struct input in;
	bool         has_head, head_is_bad;
	bool         needs_fill;
	bool         ended;
};

struct merge {
	struct lane  *lanes;
	size_t        n;
	struct lane  *next;              /* whose head was given out; NULL: none was */
};

struct merge *
merge_open(const struct input_conf *conf, bool all_in_one, struct err *err)
{
	struct merge *m = alloc_zeroed(1, sizeof(*m));

	m->n = all_in_one ? 1 : conf->source.n_inputs;
	m->lanes = alloc_zeroed(m->n, sizeof(*m->lanes));
	for (size_t i = 0; i < m->n; i++) {
		struct input_conf one = *conf;

		one.merge = one.looks_ahead = false;
		one.max_records = UINT64_MAX;
		if (!all_in_one) {
			one.source.inputs = conf->source.inputs + i;
			one.source.n_inputs = 1;
		}
		if (input_open(&m->lanes[i].in, &one, err) == -1) {
			merge_free(m);
			return NULL;
		}
		m->lanes[i].in.takes_late = true;
		m->lanes[i].needs_fill = true;
	}
	return m;
}

void
merge_free(struct merge *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; i < m->n; i++)
		input_release(&m->lanes[i].in);
	free(m->lanes);
	free(m);
}

/* ---- reading ---- */

enum input_filled
merge_fill(struct merge *m, struct err *err)
{
	bool waits = false, any = false;

	for (size_t i = 0; i < m->n; i++) {
		struct lane *l = &m->lanes[i];

		if (l->needs_fill) {
			switch (input_fill(&l->in, err)) {
			case INPUT_FILLED:
				l->needs_fill = false;
				if (input_begins_stream(&l->in)) {
					err_set(err, ERR_USAGE, "--speed: upstream is a stream of records already; give it there");
					return INPUT_ERROR;
				}
				l->in.may_be_stream = false;
				break;
			case INPUT_WAIT:   waits = true; break;
			case INPUT_ERROR:  return INPUT_ERROR;
			case INPUT_LEAVE:  return INPUT_LEAVE;
			case INPUT_END:
				l->needs_fill = false;
				l->ended = true;
			}
		}
		any = any || !l->ended;
	}
	return waits ? INPUT_WAIT : any ? INPUT_FILLED : INPUT_END;
}

enum input_form
merge_form(const struct merge *m, enum input_form known)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->lanes[i].in.form == INPUT_BARE || known == INPUT_UNKNOWN)
			known = m->lanes[i].in.form;
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
		struct lane *l = &m->lanes[i];

		if (look_ahead(l, err) == -1)
			return -1;
		complete = complete && !l->needs_fill;
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
	for (size_t i = 0; i < m->n; i++)
		if (input_check_seekable(&m->lanes[i].in, err) == -1)
			return -1;
	return 0;
}

/* One at a time: when it has something, the next is asked. */
void
merge_wait_for(struct merge *m, struct wait_for *w)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->lanes[i].needs_fill) {
			input_wait_for(&m->lanes[i].in, w);
			return;
		}
	}
}

int
merge_save(struct merge *m, struct buf *b, struct err *err)
{
	for (size_t i = 0; i < m->n; i++) {
		buf_char(b, i == 0 ? '[' : ',');
		if (input_save(&m->lanes[i].in, b, err) == -1)
			return -1;
	}
	buf_char(b, ']');
	return 0;
}

int
merge_load(struct merge *m, const struct tree *t, bool ended, struct err *err)
{
	if (tree_count(t) != m->n)
		return err_set(err, ERR_DATA, "%zu inputs are merged, the checkpoint knows of %zu", m->n, tree_count(t));
	for (size_t i = 0; i < m->n; i++)
		if (input_load(&m->lanes[i].in, tree_item(t, i), ended, err) == -1)
			return -1;
	return 0;
}

/* ---- how far ---- */

uint64_t
merge_bytes(const struct merge *m)
{
	uint64_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += input_bytes(&m->lanes[i].in);
	return n;
}

bool
merge_extent(struct merge *m, uint64_t *read_bytes, uint64_t *all_bytes)
{
	*read_bytes = *all_bytes = 0;
	for (size_t i = 0; i < m->n; i++) {
		uint64_t read, all;

		if (!input_extent(&m->lanes[i].in, &read, &all))
			return false;
		*read_bytes += read;
		*all_bytes += all;
	}
	return true;
}
