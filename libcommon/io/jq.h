/*
 * jq - all of jq's language, by libjq
 *
 * The engine behind expr/foreign.h; io/jq.c alone sees libjq, and only commands that name it are linked
 * with it.  It lives here for its limits (io/leash.h) to the processor's time: five seconds for a record, or a
 * growth by 1 GiB, and it gives up.  A regular expression has libonig's limits.  What cannot be bounded: a
 * value nested a hundred thousand deep overflows libjq's stack, and the process dies of it.
 *
 * Numbers are doubles: digits beyond 17, and integers above 2^53, are lost.  ~/.jq is not read.
 */
#ifndef IO_JQ_H
#define IO_JQ_H

#include "expr/foreign.h"

extern const struct foreign_class jq_class;

#endif
