/* call_parts - the functions, which stand in files by what they are of, and what these share */
#ifndef EXPR_CALL_PARTS_H
#define EXPR_CALL_PARTS_H

#include "expr/call.h"

typedef int call_fn(struct work *, struct val input, struct val argument, struct val *to);

call_fn call_tonumber, call_floor, call_ceil, call_round;
call_fn call_startswith, call_endswith, call_ltrimstr, call_rtrimstr, call_split, call_ascii_downcase, call_ascii_upcase;
call_fn call_has, call_keys, call_add, call_join;

/* What stands in the buffer, as a string that stays. */
int call_keep(struct work *, const struct buf *, struct val *to);

/* Towards zero; what has no places behind the point, or is no number, stays. */
double call_whole(double);

#endif
