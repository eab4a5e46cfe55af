/*
 * exec_each - a line for each record: records and marks wait, in their order, for the program's lines
 *
 * A record waits as the line that it would leave as, so that all of it but the payload is kept; a mark as its line.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "run/exec_parts.h"

enum {
	MEMORY_BYTES = 32 * 1024 * 1024,     /* what waits beyond this waits on disk */
	TAKE_BYTES = 64 * 1024
};

void
exec_each_release(struct exec *e)
{
	hoard_free(e->queue);
	rec_reader_free(e->envelopes);
	buf_release(&e->ahead);
	buf_release(&e->line);
}

static int
put(struct exec *e, struct span line, struct err *err)
{
	if (e->queue == NULL)
		e->queue = hoard_new(MEMORY_BYTES);
	return hoard_put(e->queue, line.p, line.n, err);
}

/* The first line that waits, with its newline and the scanner's pad behind it.  1: it is there; 0: none; -1: err. */
static int
front(struct exec *e, struct span *line, struct err *err)
{
	size_t searched = 0;

	for (;;) {
		const char *from = e->ahead.p + e->ahead_from, *newline = NULL;
		size_t      n = e->ahead.n - e->ahead_from;
		ssize_t     got;

		if (n > searched)
			newline = memchr(from + searched, '\n', n - searched);
		if (newline != NULL) {
			*line = span_of(from, (size_t)(newline - from));
			return 1;
		}
		searched = n;
		if (n > 0 && e->ahead_from > 0)
			memmove(e->ahead.p, from, n);
		e->ahead.n = n;
		e->ahead_from = 0;
		if (e->queue == NULL || hoard_is_empty(e->queue))
			return 0;
		if ((got = hoard_take(e->queue, buf_reserve(&e->ahead, TAKE_BYTES), TAKE_BYTES, err)) == -1)
			return -1;
		e->ahead.n += (size_t)got;
	}
}

static void
drop_front(struct exec *e, struct span line)
{
	e->ahead_from += line.n + 1;
}

/* Marks whose turn it is. */
static int
give_marks(struct exec *e, struct err *err)
{
	struct output *out = &e->loop->out;
	struct span    line;
	struct mark    mark;
	int            r;

	while ((r = front(e, &line, err)) == 1 && mark_starts(line.p, line.p + line.n)) {
		if (mark_parse(&mark, line, err) == -1)
			return -1;
		drop_front(e, line);
		r = mark.kind == MARK_WATERMARK ? output_watermark(out, mark.ts_ms, err) : output_simple(out, mark.kind, err);
		mark_release(&mark);
		if (r == -1)
			return -1;
	}
	return r == -1 ? -1 : 0;
}

int
exec_each_put(struct exec *e, const struct rec *rec, const struct rec_origin *origin, struct err *err)
{
	buf_reset(&e->line);
	rec_put(&e->line, rec, origin);
	return put(e, buf_all(&e->line), err);
}

int
exec_each_mark(struct exec *e, struct span line, struct err *err)
{
	return put(e, line, err) == -1 ? -1 : give_marks(e, err);
}

static int
refuse(struct exec *e, const struct rec *rec, const char *wrong, struct err *err)
{
	char reason[500];

	snprintf(reason, sizeof(reason), "%s gave for it: %s", e->conf->called, wrong);
	return exec_refuse(e, rec, BAD_VALUE, e->loop->dead == NULL ? wrong : reason, err);
}

int
exec_each_take(struct exec *e, const struct rec *line, const char *wrong, struct err *err)
{
	static const struct rec_plan plain;
	struct rec_change            change = { .payload = line->line };
	struct span                  first;
	struct rec                   rec;
	const char                  *newline;
	int                          r = front(e, &first, err);

	if (r == -1)
		return -1;
	if (r == 0) {
		e->is_failed = true;
		return err_set(err, ERR_DATA, "%s gave more lines than the %" PRIu64 " records that it was given; --each needs one for each",
		               e->conf->called, e->n_given);
	}
	if (e->envelopes == NULL)
		e->envelopes = rec_reader_new(&plain);
	rec_reader_reset(e->envelopes);
	if (rec_read_envelope(e->envelopes, first.p, 0, 0, &rec, &newline) != REC_OK)
		return err_set(err, ERR_DATA, "a record that waited: %s", rec_reason(e->envelopes));
	if (wrong != NULL) {
		if (refuse(e, &rec, wrong, err) == -1)
			return -1;
	} else {
		rec_put_changed(output_buf(&e->loop->out), &rec, &change, &e->origin);
		e->loop->life.n_out++;
	}
	drop_front(e, first);
	return give_marks(e, err);
}
