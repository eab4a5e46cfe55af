/*
 * filter_edit - payloads with members set, left out, or alone
 *
 * First what is set, one after the other, each expression over what the one before has left; then what is
 * picked; then what is dropped.  All that is not concerned keeps its bytes: json/edit.h.
 */
#ifndef OP_FILTER_EDIT_H
#define OP_FILTER_EDIT_H

#include "op/filter.h"

struct filter_edit;

/* NULL: there is nothing to edit.  What CONF says of it is owned from now on. */
struct filter_edit *filter_edit_new(const struct filter_conf *);
void                filter_edit_free(struct filter_edit *);

/* What the expressions want of a record, in that order; live as long as the edit. */
const struct path *const *filter_edit_wants(const struct filter_edit *, size_t *n);

/*
 * Append the payload that PAYLOAD, of REC, becomes.  AS_IT_CAME: it is the record's own, of which the reader has found
 * WANTED (filter_edit_wants).  -1: refused, and TO may have got some bytes.
 */
int filter_edit_put(struct filter_edit *, struct buf *to, struct span payload, bool as_it_came, const struct scan_value *wanted,
                    struct op_refusal *);

#endif
