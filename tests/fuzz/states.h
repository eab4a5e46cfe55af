/*
 * states - what fuzzers of operators' states share
 *
 * Any lines are loaded until one is refused.  If none is, what the operator then saves must load into
 * another one, which must save the same bytes.
 */
#ifndef FUZZ_STATES_H
#define FUZZ_STATES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/scan.h"
#include "op/op.h"
#include "must.h"

static inline void
states_pad(struct buf *b)
{
	memset(buf_reserve(b, SCAN_PAD), 0, SCAN_PAD);
}

/* Lines, with a newline at the end and SCAN_PAD bytes behind it. */
static inline struct buf
states_text(const uint8_t *data, size_t size)
{
	struct buf text = { 0 };

	buf_put(&text, data, size);
	buf_char(&text, '\n');
	states_pad(&text);
	return text;
}

/* The next line of the text; *AT is NULL first. */
static inline bool
states_line(const struct buf *text, const char **at, struct span *line)
{
	const char *newline, *end = text->p + text->n;

	*at = *at == NULL ? text->p : *at;
	if (*at >= end)
		return false;
	newline = memchr(*at, '\n', (size_t)(end - *at));
	*line = span_of(*at, (size_t)(newline - *at));
	*at = newline + 1;
	return true;
}

static inline bool
states_load(struct op *op, const struct buf *text)
{
	struct err  err = ERR_INIT;
	const char *at = text->p;
	struct span line;
	uint64_t    n = 0;

	for (;;) {
		if (op->class->load_lines != NULL && at != text->p + text->n)
			at = op->class->load_lines(op, at, text->p + text->n, &n);
		if (!states_line(text, &at, &line))
			break;
		if (op->class->load(op, line, &err) == -1)
			return false;
	}
	return op->class->loaded == NULL || op->class->loaded(op, &err) == 0;
}

/* All of it; and it has as many lines as the operator says. */
static inline struct buf
states_save(struct op *op)
{
	struct snap_writer w = { 0 };
	uint64_t           all, changed;

	op->class->entries(op, &all, &changed);
	op->class->save(op, false, &w);
	MUST(w.entries == all);
	states_pad(&w.buf);
	return w.buf;
}

static inline bool
states_same(const struct buf *a, const struct buf *b)
{
	return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

/* OP has loaded something: AGAIN, a new one, loads what it saves, and what both save and END gives out of both is the same. */
static inline void
states_check(struct op *op, struct op *again, struct buf (*end)(struct op *))
{
	struct buf first = states_save(op), second, out, out_again;

	MUST(states_load(again, &first));
	second = states_save(again);
	MUST(states_same(&first, &second));
	out = end(op);
	out_again = end(again);
	MUST(states_same(&out, &out_again));
	buf_release(&first);
	buf_release(&second);
	buf_release(&out);
	buf_release(&out_again);
}

#endif
