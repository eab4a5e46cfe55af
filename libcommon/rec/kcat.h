/*
 * kcat - lines of `kcat -J` as records
 *
 * Its headers are one flat array of names and values, its payload is always a string.  What that
 * string holds becomes the payload where it is JSON, as it would from the broker itself; else it
 * stays a string.
 */
#ifndef REC_KCAT_H
#define REC_KCAT_H

#include "base/buf.h"

struct kcat;

struct kcat *kcat_new(void);
void         kcat_free(struct kcat *);

/*
 * Append the record that LINE (a '\n' and SCAN_PAD bytes must follow, as scan_line says) stands for, without a
 * newline; nothing where it is empty.  NULL: done; else what is wrong with it, which lives until the next call.
 */
const char *kcat_put_record(struct kcat *, const char *line, struct buf *);

#endif
