/*
 * line - the members of the lines that operators' states are saved as
 *
 * A line is an object whose members a scan has found; what is not of the kind asked for is refused
 * with false.  A time is a number, null where there is none yet, "max" after the last.
 */
#ifndef OP_LINE_H
#define OP_LINE_H

#include "base/buf.h"
#include "base/num.h"
#include "base/when.h"
#include "json/scan.h"

#define LINE_MEMBER(text) { .n_steps = 1, .steps = { { .name = { text, sizeof(text) - 1 } } } }

/* Finds these members of a line; LINE_MEMBERs, borrowed. */
struct scan *line_scan(const struct path *members, size_t n);

/* What stands between the quotes of a string; else the value's text. */
static inline struct span
line_text(const struct scan_value *v)
{
	return span_of(v->p, v->n);
}

static inline bool
line_is(const struct scan_value *v, const char *text)
{
	return v->kind == SCAN_STRING && span_eq(line_text(v), span_str(text));
}

static inline bool
line_i64(const struct scan_value *v, int64_t *to)
{
	return v->kind == SCAN_NUMBER && num_i64(line_text(v), to);
}

bool line_count(const struct scan_value *, uint64_t *to);    /* from 0 on */
bool line_ms(const struct scan_value *, int64_t *ms);

/* A key's bytes, as rec_put_key writes them: in the line, or in SCRATCH. */
bool line_key(const struct scan_value *key, const struct scan_value *key_base64, struct buf *scratch, struct span *to);

void line_put_ms(struct buf *, int64_t ms);

#endif
