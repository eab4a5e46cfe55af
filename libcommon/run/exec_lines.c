/* exec_lines - a program's lines: on stdout records, on stderr words for people */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "io/clock.h"
#include "run/exec_parts.h"

enum {
	READS_AT_ONCE = 4,       /* then somebody looks whether the program wants something */
	PLACE_BYTES = 300,
	WORDS_AT_ONCE = 900      /* a longer line of stderr comes in pieces */
};

/* ---- records ---- */

int
exec_refuse(struct exec *e, const struct rec *rec, enum bad_kind kind, const char *reason, struct err *err)
{
	char place[PLACE_BYTES];

	snprintf(place, sizeof(place), "%s:%" PRIu64, e->conf->called, e->line_no);
	e->is_failed = refuse_bad_at(e->loop, place, rec, &e->origin, kind, reason, err) == -1;
	return e->is_failed ? -1 : 0;
}

static int
take_record(struct exec *e, struct rec *rec, enum rec_verdict verdict, struct err *err)
{
	bool is_empty = verdict == REC_EMPTY;

	if (e->conf->each) {
		e->n_got++;
		return exec_each_take(e, rec, is_empty ? "an empty line" : verdict == REC_BAD ? rec_reason(e->reader) : NULL, err);
	}
	if (is_empty)
		return 0;
	e->n_got++;
	rec->offset = e->next_offset++;
	if (verdict == REC_BAD)
		return exec_refuse(e, rec, input_bad_kind(rec_fault(e->reader)), rec_reason(e->reader), err);
	rec_put(output_buf(&e->loop->out), rec, &e->origin);
	e->loop->life.n_out++;
	return 0;
}

static void
ask_clock(struct exec *e)
{
	int64_t now_ms = e->time_now ? clock_wall_ms() : 0;

	if (now_ms > e->now_ms)         /* it does not go back when the clock is set back */
		e->now_ms = now_ms;
}

/* Whole lines; SCAN_PAD bytes stand behind END. */
static int
take_lines(struct exec *e, const char *p, const char *end, struct err *err)
{
	ask_clock(e);
	for (size_t n = 0; p < end; n++) {
		const char      *newline;
		struct rec       rec;
		enum rec_verdict verdict;

		if (n % REC_BATCH_MAX == 0)
			rec_reader_reset(e->reader);
		e->line_no++;
		verdict = rec_read_bare(e->reader, p, 0, e->line_no, &rec, &newline);
		if (take_record(e, &rec, verdict, err) == -1 || output_spill(&e->loop->out, err) == -1)
			return -1;
		p = newline + 1;
	}
	return 0;
}

static int
take_long_line(struct exec *e, const struct in_chunk *c, struct err *err)
{
	struct rec rec = { .line = span_of(c->p, (size_t)(c->end - c->p)), .is_not_json = true };
	char       reason[120];

	e->line_no++;
	e->n_got++;
	snprintf(reason, sizeof(reason), "a line of %" PRIu64 " bytes, longer than --max-line; its first %zu are kept",
	         c->long_bytes, rec.line.n);
	if (e->conf->each)
		return exec_each_take(e, &rec, reason, err);
	rec.offset = e->next_offset++;
	return exec_refuse(e, &rec, BAD_LONG, reason, err);
}

/* A last line without a newline is one, unless the program was killed in the middle of it: that is not known yet. */
static const char *
keep_tail(struct exec *e, const struct in_chunk *c)
{
	const char *newline;

	if (!c->completed)
		return c->end;
	newline = memrchr(c->p, '\n', (size_t)(c->end - 1 - c->p));
	newline = newline == NULL ? c->p : newline + 1;
	buf_put(&e->tail, newline, (size_t)(c->end - newline));
	return newline;
}

int
exec_take_tail(struct exec *e, struct err *err)
{
	return e->tail.n == 0 ? 0 : take_lines(e, e->tail.p, e->tail.p + e->tail.n, err);
}

int
exec_read_lines(struct exec *e, bool *moved, struct err *err)
{
	for (int i = 0; i < READS_AT_ONCE && !e->out_ended; i++) {
		struct in_chunk c;

		switch (in_fill(&e->out, &c, err)) {
		case IN_LINES:
			*moved = true;
			if (take_lines(e, c.p, keep_tail(e, &c), err) == -1)
				return -1;
			break;
		case IN_LONG_LINE:
			*moved = true;
			if (take_long_line(e, &c, err) == -1)
				return -1;
			break;
		case IN_WOULD_BLOCK:
			return 0;
		case IN_END:
			*moved = e->out_ended = true;
			break;
		case IN_ERROR:
			return -1;
		}
	}
	return 0;
}

/* ---- words ---- */

static void
say_line(struct exec *e, const char *p, size_t n)
{
	do {
		size_t some = n < WORDS_AT_ONCE ? n : WORDS_AT_ONCE;

		loop_say(e->loop, "%s: %.*s", e->conf->called, (int)some, p);
		p += some;
		n -= some;
	} while (n > 0);
}

int
exec_read_words(struct exec *e, bool *moved, struct err *err)
{
	while (!e->errs_ended) {
		struct in_chunk c;

		switch (in_fill(&e->errs, &c, err)) {
		case IN_LINES:
			*moved = true;
			for (const char *p = c.p, *newline; p < c.end; p = newline + 1) {
				newline = memchr(p, '\n', (size_t)(c.end - p));
				say_line(e, p, (size_t)(newline - p));
			}
			break;
		case IN_LONG_LINE:
			*moved = true;
			say_line(e, c.p, (size_t)(c.end - c.p));
			break;
		case IN_WOULD_BLOCK:
			return 0;
		case IN_END:
			*moved = e->errs_ended = true;
			break;
		case IN_ERROR:
			return -1;
		}
	}
	return 0;
}
