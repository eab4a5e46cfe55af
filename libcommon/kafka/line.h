/*
 * line - a message as a line of ours: the record in its envelope
 *
 * Nothing is lost: keys, values and headers that are null, empty or no text stay apart, and
 * message.h makes the same message of the line again.  The value is looked at once, as JSON; what is
 * none stands in payload_base64.  So does the JSON text `null`, since "payload":null is a message
 * without a value.
 */
#ifndef KAFKA_LINE_H
#define KAFKA_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct scan;

/* --format */
enum line_values {
	LINE_JSON,               /* that JSON; newlines between its tokens become blanks */
	LINE_TEXT,               /* a string; what is no UTF-8 in payload_base64 */
	LINE_BINARY              /* payload_base64 */
};

struct line_header { struct span name, value; };    /* value.p NULL: null */

/* Borrowed for the call. */
struct line_message {
	struct span  head;       /* {"topic":"orders","partition":3,"offset": */
	int64_t      offset;
	int64_t      ts_ms;      /* where has_ts */
	bool         has_ts;
	struct span  key, value; /* p NULL: null */
	const struct line_header *headers;
	size_t       n_headers;
};

struct line_maker {
	enum line_values values;
	struct scan     *scan;
};

void line_init(struct line_maker *, enum line_values);
void line_release(struct line_maker *);

/* Append the line with its newline. */
void line_put(struct line_maker *, struct buf *, const struct line_message *);

#endif
