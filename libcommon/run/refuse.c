/* refuse - bad and late records: to their file, counted, or the end of the run */
#include "run/loop.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"

enum { PLACE_BYTES = 400 };

int
refuse_open(struct loop *l, struct err *err)
{
	const struct run_conf *c = l->conf;

	if (c->late != NULL && c->dead_letter != NULL && strcmp(c->late, c->dead_letter) == 0)
		return err_set(err, ERR_USAGE, "--late and --dead-letter are the same file, %s", c->late);
	if (c->late != NULL
	    && (l->late = side_open(c->late, l->known_late.path == NULL ? NULL : &l->known_late, &l->late_is_new, err)) == NULL)
		return -1;
	if (c->dead_letter != NULL
	    && (l->dead = side_open(c->dead_letter, l->known_dead.path == NULL ? NULL : &l->known_dead, &l->dead_is_new,
	                            err)) == NULL)
		return -1;
	return 0;
}

static int
count_bad(struct loop *l, const char *place, const char *reason, struct err *err)
{
	l->n_bad++;
	if (l->n_bad <= l->conf->max_errors)
		return side_spill(l->dead, err);
	return err_set(err, ERR_DATA, "%s: %s: the bad record that is one more than --max-errors %" PRIu64, place, reason,
	               l->conf->max_errors);
}

int
refuse_bad(struct loop *l, const struct input *in, const struct rec *rec, enum bad_kind kind, const char *reason,
           struct err *err)
{
	char place[PLACE_BYTES];

	l->life.n_bad[kind]++;
	input_place(in, rec, place, sizeof(place));
	if (l->dead == NULL)
		return err_set(err, ERR_DATA, "%s: %s", place, reason);
	rec_put_dead(side_buf(l->dead), rec, &in->origin, l->conf->stage, reason);
	return count_bad(l, place, reason, err);
}

int
refuse_late(struct loop *l, const struct input *in, const struct rec *rec, const struct op_refusal *why, struct err *err)
{
	char       place[PLACE_BYTES];
	struct buf how_late = { 0 };

	l->life.n_late++;
	if (l->late != NULL) {
		rec_put(side_buf(l->late), rec, &in->origin);
		l->n_late++;
		return side_spill(l->late, err);
	}
	if (l->conf->late_drop) {
		l->n_late++;
		return 0;
	}
	input_place(in, rec, place, sizeof(place));
	when_put_duration(&how_late, why->late_ms);
	err_set(err, ERR_DATA, "%s: late: its window closed %.*s%s: see --out-of-order%s, --allowed-lateness, --late",
	        place, why->late_ms == 0 ? 8 : (int)how_late.n, why->late_ms == 0 ? "just now" : how_late.p,
	        why->late_ms == 0 ? "" : " ago", in->form == INPUT_STREAM ? " (of the source)" : "");
	buf_release(&how_late);
	return -1;
}

/* Results that the operator could not give out, as dead letters. */
int
refuse_results(struct loop *l, struct emit *emit, struct err *err)
{
	if (emit->n_dead == 0)
		return 0;
	l->life.n_bad[BAD_RESULT] += emit->n_dead;
	if (l->dead == NULL)
		return err_set(err, ERR_DATA, "%s", emit->dead_reason);
	buf_span(side_buf(l->dead), buf_all(emit->dead));
	buf_reset(emit->dead);
	l->n_bad += emit->n_dead - 1;
	emit->n_dead = 0;
	return count_bad(l, "a result", emit->dead_reason, err);
}

static int
flush_one(struct side *side, bool sync, struct err *err)
{
	return side == NULL ? 0 : sync ? side_sync(side, err) : side_flush(side, err);
}

int
refuse_flush(struct loop *l, bool sync, struct err *err)
{
	return flush_one(l->late, sync, err) == -1 || flush_one(l->dead, sync, err) == -1 ? -1 : 0;
}

int
refuse_close(struct loop *l, struct err *err)
{
	struct side *late = l->late, *dead = l->dead;
	int          r;

	l->late = l->dead = NULL;
	if ((r = side_close(late, err)) == -1)
		side_free(dead);
	else
		r = side_close(dead, err);
	return r;
}

void
refuse_release(struct loop *l)
{
	side_free(l->late);
	side_free(l->dead);
	l->late = l->dead = NULL;
	free(l->known_late_path);
	free(l->known_dead_path);
	buf_release(&l->op_dead);
}
