/*
 * csv - rows of comma-separated values (RFC 4180), as JSON objects
 *
 * The first row names the columns.  A field in quotes may hold commas, newlines and doubled quotes;
 * a quote inside a field that has none around it is wrong.  Values are text, with NUMBERS those
 * without quotes that are numbers in JSON's grammar are numbers, in their own digits.
 */
#ifndef REC_CSV_H
#define REC_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

/* Where a row is read up to.  The beginning of a field is the beginning of a row, too. */
enum csv_state { CSV_FIELD_START, CSV_PLAIN, CSV_QUOTED, CSV_QUOTE_IN_QUOTED };

/* Behind the newline that ends the row; NULL: it does not end before END, and *STATE is how it stands there. */
const char *csv_behind_row(const char *p, const char *end, enum csv_state *state);

/* The columns' names.  {0} is a good empty one: none are known. */
struct csv {
	struct buf  names;               /* "name", as JSON, one after the other */
	size_t     *ends;                /* n of them: where each name ends */
	size_t      n;
};

void csv_release(struct csv *);      /* knows none again */

/*
 * ROW is without its newline (and \r).  NULL: done.  Else what is wrong with it, a constant text, and nothing
 * is changed.  At most CSV_MAX_COLUMNS.
 */
enum { CSV_MAX_COLUMNS = 65536 };
const char *csv_set_columns(struct csv *, struct span row);

/* Add one column by its name as JSON, with its quotes. */
void csv_add_column(struct csv *, struct span name_json);

struct span csv_column(const struct csv *, size_t i);     /* as JSON, with its quotes */

/* Append ROW as an object.  NULL: done; else what is wrong with it, a constant text, and something is appended. */
const char *csv_put_object(const struct csv *, struct span row, bool numbers, struct buf *);

#endif
