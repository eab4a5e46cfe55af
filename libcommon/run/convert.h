/*
 * convert - lines that are no JSON, as lines that are
 *
 * What comes out is read like any other line: a bare one, or a record in its envelope.
 */
#ifndef RUN_CONVERT_H
#define RUN_CONVERT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "json/tree.h"
#include "rec/csv.h"
#include "rec/kcat.h"
#include "rec/rec.h"
#include "run/run.h"

struct convert {
	enum run_format format;
	bool            numbers;         /* --csv-numbers */
	struct csv      csv;             /* n 0: the header is still to come */
	struct kcat    *kcat;
	struct buf      text;
	struct arena    arena;
};

enum convert_verdict {
	CONVERT_BARE,                    /* the line stands for itself */
	CONVERT_RECORD,                  /* in an envelope */
	CONVERT_NOTHING,                 /* an empty line, a header */
	CONVERT_BAD,                     /* *WRONG */
	CONVERT_HOPELESS                 /* the same, and nothing behind it can be read either */
};

/* Formats that are JSON already need none. */
static inline bool
convert_is_needed(enum run_format format)
{
	return format >= RUN_TEXT;
}

void convert_init(struct convert *, enum run_format, bool numbers);
void convert_release(struct convert *);

/* Another input begins: a header is to come. */
void convert_begin(struct convert *);

/* New batch: what came out before is forgotten. */
void convert_reset(struct convert *);

/* The line at P, behind its newline. */
const char *convert_behind(const struct convert *, const char *p, const char *end);

/*
 * RAW is a line of the input without its newline, but with the newline and SCAN_PAD bytes behind it.  *LINE is
 * what rec_read_bare or rec_read_envelope take; it lives until convert_reset.
 */
enum convert_verdict convert_line(struct convert *, struct span raw, const struct rec_origin *, uint64_t offset,
                                  const char **line, const char **wrong);

/* What a snapshot needs: append members of an object, each with a comma in front; take them back. */
void convert_save(const struct convert *, struct buf *);
void convert_load(struct convert *, const struct tree *);

#endif
