/*
 * join_where - an expression over both sides of a pair
 *
 * In the language of expr/expr.h (what is not, for the engine it is handed; NULL: none), over {"left":…,"right":…} whatever the sides are called in results:
 * `.left.price <= .right.limit`.  A pair is one where an output is neither false nor null.  Costs a
 * pass over both payloads for each pair that is judged.
 */
#ifndef OP_JOIN_WHERE_H
#define OP_JOIN_WHERE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/span.h"
#include "expr/foreign.h"
#include "op/join.h"

struct join_where;

/* NULL, ERR_USAGE: "byte 12: …"; a path into the record ($.ts) is one of the reasons: a pair has none. */
struct join_where *join_where_new(const char *text, const struct foreign_class *, struct err *);
void               join_where_free(struct join_where *);

/* As expr_why_foreign. */
const char *join_where_why_foreign(const struct join_where *);

/* For join_conf.where, the join_where as its cookie. */
bool join_where_test(void *join_where, struct span left, struct span right, struct join_doubt *);

#endif
