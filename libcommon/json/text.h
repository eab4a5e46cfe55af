/*
 * text - JSON strings to bytes and back; base64
 *
 * Bytes inside are "generalised UTF-8": a lone surrogate \ud800 decodes to the three bytes ED A0 80
 * and is written back as \ud800, so nothing is lost and two different strings stay different.
 */
#ifndef JSON_TEXT_H
#define JSON_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

/* Append the decoded bytes of what stands between the quotes of a valid JSON string. */
void text_decode(struct buf *, struct span escaped);

/*
 * Append BYTES, which must satisfy text_is_utf8, as the inside of a JSON string (no quotes) in its
 * shortest escape.
 */
void text_encode(struct buf *, struct span bytes);

/* The same with quotes around. */
void text_quote(struct buf *, struct span bytes);

/* Can BYTES be written as a JSON string: UTF-8 (RFC 3629), and lone surrogates as said above. */
bool text_is_utf8(struct span bytes);

/* Do the decoded bytes of ESCAPED equal BYTES?  No allocation. */
bool text_equal(struct span escaped, struct span bytes);

/*
 * A value over several lines as one line: newlines between its tokens become blanks, in place.  False: there is one inside
 * a string, so it is no JSON; some may be blanks by then.
 */
bool text_join_lines(char *p, const char *end);

/* RFC 4648 base64 with padding.  Decoding: -1 on a bad character or length, nothing appended. */
void text_base64(struct buf *, struct span bytes);
int  text_unbase64(struct buf *, struct span text);

#endif
