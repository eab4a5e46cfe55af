/* filter_edit - payloads with members set, left out, or alone */
#include "op/filter_edit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "json/edit.h"

struct set {
	struct filter_set conf;
	size_t            n_wants;
	size_t            at[EXPR_MAX_WANTS];    /* among the edit's wants; SIZE_MAX: the reader is not asked for it */
	struct scan      *scan;                  /* of those in the payload */
};

struct filter_edit {
	struct set         *sets;
	size_t              n_sets;
	struct path        *pick, *drop;
	size_t              n_pick, n_drop;
	const struct path **wants;
	size_t              n_wants;
	struct buf          texts[2];            /* what a payload is on its way, and becomes next */
	struct buf          value;
	struct scan_value   wanted[EXPR_MAX_WANTS], scanned[EXPR_MAX_WANTS];
};

static int
refuse(struct op_refusal *why, const char *what, const struct path *path, const char *reason)
{
	why->kind = OP_REFUSED_BAD;
	snprintf(why->reason, sizeof(why->reason), "--%s%s%s: %s", what, path == NULL ? "" : " ", path == NULL ? "" : path->text, reason);
	return -1;
}

/* ---- set ---- */

/*
 * What the expression wants of a text that the reader has not seen; it has '\n' and SCAN_PAD bytes behind it.
 * What stands in the record around it is as it came.
 */
static int
look_up(struct filter_edit *e, const struct set *s, const char *text, const struct scan_value *wanted, struct op_refusal *why)
{
	const struct path *const *paths;
	struct scan_result r;
	size_t             n, next = 0;

	scan_line(s->scan, text, e->scanned, &r);
	if (r.verdict != SCAN_OK)
		return refuse(why, "set", &s->conf.path, r.reason);
	paths = expr_wants(s->conf.expr, &n);
	for (size_t i = 0; i < n; i++)
		e->wanted[i] = paths[i]->in_record ? wanted[s->at[i]] : e->scanned[next++];
	return 0;
}

static int
give_value(struct filter_edit *e, const struct set *s, const struct expr_input *in, struct span *value, struct op_refusal *why)
{
	size_t n;

	buf_reset(&e->value);
	if (expr_run(s->conf.expr, in, &e->value, &n) == -1) {
		refuse(why, "set", &s->conf.path, expr_reason(s->conf.expr));
		if (expr_gave_up(s->conf.expr))
			why->kind = OP_REFUSED_FATAL;
		return -1;
	}
	if (n != 1)
		return refuse(why, "set", &s->conf.path, n == 0 ? "gives no value" : "gives several values");
	*value = span_of(e->value.p, e->value.n - 1);
	return 0;
}

/* TEXT becomes what stands in the other of the two texts. */
static int
set_one(struct filter_edit *e, const struct set *s, struct span *text, bool is_read, const struct scan_value *wanted, struct buf *to,
        struct op_refusal *why)
{
	struct expr_input in = { *text, is_read ? wanted + s->at[0] : e->wanted };
	struct span       value;
	char              reason[200];

	if (!is_read && s->n_wants > 0 && look_up(e, s, text->p, wanted, why) == -1)
		return -1;
	if (give_value(e, s, &in, &value, why) == -1)
		return -1;
	buf_reset(to);
	if (edit_set(to, *text, &s->conf.path, value, reason, sizeof(reason)) == -1)
		return refuse(why, "set", &s->conf.path, reason);
	buf_char(to, '\n');
	memset(buf_reserve(to, SCAN_PAD), 0, SCAN_PAD);
	*text = span_of(to->p, to->n - 1);
	return 0;
}

static int
set_all(struct filter_edit *e, struct span *text, bool as_it_came, const struct scan_value *wanted, struct op_refusal *why)
{
	struct buf *first = &e->texts[1];

	if (e->n_sets > 0 && !as_it_came) {
		buf_reset(first);
		buf_span(first, *text);
		buf_char(first, '\n');
		memset(buf_reserve(first, SCAN_PAD), 0, SCAN_PAD);
		*text = span_of(first->p, first->n - 1);
	}
	for (size_t i = 0; i < e->n_sets; i++)
		if (set_one(e, &e->sets[i], text, as_it_came && i == 0, wanted, &e->texts[i % 2], why) == -1)
			return -1;
	return 0;
}

/* ---- all ---- */

int
filter_edit_put(struct filter_edit *e, struct buf *to, struct span payload, bool as_it_came, const struct scan_value *wanted,
                struct op_refusal *why)
{
	struct buf *picked = &e->texts[e->n_sets % 2];

	if (payload.p == NULL)
		return refuse(why, e->n_sets > 0 ? "set" : e->n_pick > 0 ? "pick" : "drop", NULL, "the payload is no JSON");
	if (set_all(e, &payload, as_it_came, wanted, why) == -1)
		return -1;
	if (e->n_pick > 0) {
		buf_reset(picked);
		if (edit_pick(e->n_drop > 0 ? picked : to, payload, e->pick, e->n_pick) == -1)
			return refuse(why, "pick", NULL, "the payload is no object and no array");
		payload = buf_all(picked);
	}
	if (e->n_drop > 0)
		edit_drop(to, payload, e->drop, e->n_drop);
	else if (e->n_pick == 0)
		buf_span(to, payload);
	return 0;
}

/* The reader looks up all that the first expression wants, and what others want of the record around the payload. */
static void
set_init(struct filter_edit *e, struct set *s, bool is_first)
{
	const struct path *inside[EXPR_MAX_WANTS];
	const struct path *const *paths = expr_wants(s->conf.expr, &s->n_wants);
	size_t             n = 0;

	for (size_t i = 0; i < s->n_wants; i++) {
		s->at[i] = SIZE_MAX;
		if (!paths[i]->in_record)
			inside[n++] = paths[i];
		if (!is_first && !paths[i]->in_record)
			continue;
		e->wants = alloc_resized(e->wants, e->n_wants + 1, sizeof(*e->wants));
		s->at[i] = e->n_wants;
		e->wants[e->n_wants++] = paths[i];
	}
	s->scan = scan_new(inside, n);
}

struct filter_edit *
filter_edit_new(const struct filter_conf *conf)
{
	struct filter_edit *e;

	if (conf->n_sets == 0 && conf->n_pick == 0 && conf->n_drop == 0)
		return NULL;
	e = alloc_zeroed(1, sizeof(*e));
	e->n_sets = conf->n_sets;
	e->sets = alloc_zeroed(e->n_sets, sizeof(*e->sets));
	for (size_t i = 0; i < e->n_sets; i++) {
		e->sets[i].conf = conf->sets[i];
		set_init(e, &e->sets[i], i == 0);
	}
	free(conf->sets);
	e->pick = conf->pick;
	e->n_pick = conf->n_pick;
	e->drop = conf->drop;
	e->n_drop = conf->n_drop;
	return e;
}

const struct path *const *
filter_edit_wants(const struct filter_edit *e, size_t *n)
{
	*n = e->n_wants;
	return e->wants;
}

static void
free_paths(struct path *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		path_release(&paths[i]);
	free(paths);
}

void
filter_edit_free(struct filter_edit *e)
{
	if (e == NULL)
		return;
	for (size_t i = 0; i < e->n_sets; i++) {
		path_release(&e->sets[i].conf.path);
		expr_free(e->sets[i].conf.expr);
		scan_free(e->sets[i].scan);
	}
	free(e->sets);
	free_paths(e->pick, e->n_pick);
	free_paths(e->drop, e->n_drop);
	free(e->wants);
	buf_release(&e->texts[0]);
	buf_release(&e->texts[1]);
	buf_release(&e->value);
	free(e);
}
