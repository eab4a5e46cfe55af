/* refuse - bad and late records: to their file, counted, or the end of the run */
#include "run/loop.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"

enum { PLACE_BYTES = 400 };

/* Two purposes, one file. */
static int
check_other(const char *a, const char *path_a, const char *b, const char *path_b, struct err *err)
{
	if (path_a == NULL || path_b == NULL || strcmp(path_a, path_b) != 0)
		return 0;
	return err_set(err, ERR_USAGE, "--%s and --%s are the same file, %s", a, b, path_a);
}

static int
open_one(struct side **side, const char *path, const struct side_place *known, bool *is_new, struct err *err)
{
	if (path == NULL)
		return 0;
	return (*side = side_open(path, known->path == NULL ? NULL : known, is_new, err)) == NULL ? -1 : 0;
}

int
refuse_open(struct loop *l, struct err *err)
{
	const struct run_conf *c = l->conf;

	if (check_other("late", c->late, "dead-letter", c->dead_letter, err) == -1
	    || check_other("late", c->late, c->aside_name, c->aside, err) == -1
	    || check_other("dead-letter", c->dead_letter, c->aside_name, c->aside, err) == -1)
		return -1;
	if (open_one(&l->late, c->late, &l->known_late, &l->late_is_new, err) == -1
	    || open_one(&l->dead, c->dead_letter, &l->known_dead, &l->dead_is_new, err) == -1)
		return -1;
	return open_one(&l->aside, c->aside, &l->known_aside, &l->aside_is_new, err);
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
refuse_bad_at(struct loop *l, const char *place, const struct rec *rec, const struct rec_origin *origin, enum bad_kind kind,
              const char *reason, struct err *err)
{
	l->life.n_bad[kind]++;
	if (l->dead == NULL)
		return err_set(err, ERR_DATA, "%s: %s", place, reason);
	rec_put_dead(side_buf(l->dead), rec, origin, l->conf->stage, reason);
	return count_bad(l, place, reason, err);
}

int
refuse_bad(struct loop *l, const struct input *in, const struct rec *rec, enum bad_kind kind, const char *reason,
           struct err *err)
{
	char place[PLACE_BYTES];

	input_place(in, rec, place, sizeof(place));
	return refuse_bad_at(l, place, rec, &in->origin, kind, reason, err);
}

int
refuse_fatal(const struct input *in, const struct rec *rec, const char *reason, struct err *err)
{
	char place[PLACE_BYTES];

	input_place(in, rec, place, sizeof(place));
	return err_set(err, ERR_DATA, "%s: %s", place, reason);
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
	if (why->late_ms == 0) {
		buf_lit(&how_late, "just now");
	} else {
		when_put_duration(&how_late, why->late_ms);
		buf_lit(&how_late, " ago");
	}
	err_set(err, ERR_DATA, "%s: late: %s %.*s: see --out-of-order%s, %s--late", place, l->conf->op->late_words,
	        SPAN_ARGS(buf_all(&how_late)), in->form == INPUT_STREAM ? " (of the source)" : "",
	        l->conf->op->has_lateness ? "--allowed-lateness, " : "");
	buf_release(&how_late);
	return -1;
}

int
refuse_aside(struct loop *l, struct err *err)
{
	return l->aside == NULL ? 0 : side_spill(l->aside, err);
}

/* Results that the operator could not give out, as dead letters. */
int
refuse_results(struct loop *l, struct emit *emit, struct err *err)
{
	if (emit->n_dead == 0)
		return 0;
	l->life.n_bad[BAD_RESULT] += emit->n_dead;
	if (l->dead == NULL || emit->is_fatal)
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
	if (flush_one(l->late, sync, err) == -1 || flush_one(l->dead, sync, err) == -1)
		return -1;
	return flush_one(l->aside, sync, err);
}

/* After a failure the others are only let go. */
static int
close_one(struct side **side, int r, struct err *err)
{
	struct side *s = *side;

	*side = NULL;
	if (r == 0)
		return side_close(s, err);
	side_free(s);
	return r;
}

int
refuse_close(struct loop *l, struct err *err)
{
	return close_one(&l->aside, close_one(&l->dead, close_one(&l->late, 0, err), err), err);
}

void
refuse_release(struct loop *l)
{
	close_one(&l->late, -1, NULL);
	close_one(&l->dead, -1, NULL);
	close_one(&l->aside, -1, NULL);
	free(l->known_late_path);
	free(l->known_dead_path);
	free(l->known_aside_path);
	buf_release(&l->op_dead);
}
