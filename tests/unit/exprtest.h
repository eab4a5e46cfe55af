/* exprtest - an expression on a line, as a record reader hands it out */
#ifndef TESTS_EXPRTEST_H
#define TESTS_EXPRTEST_H

#include <stdbool.h>

#include "base/buf.h"
#include "expr/expr.h"

enum { EXPRTEST_OK, EXPRTEST_ERROR, EXPRTEST_NO_EXPR };

/*
 * Append the outputs with blanks between them; or the reason (EXPRTEST_ERROR, EXPRTEST_NO_EXPR: it
 * does not compile).  ENVELOPE: the line is a record of ours, else a bare payload.
 */
int exprtest_run(const char *expr, const char *line, bool envelope, struct buf *out);

/* The same of one that is compiled. */
int exprtest_apply(struct expr *, const char *line, bool envelope, struct buf *out);

/* The same; what our engine does not have is run by OTHER. */
int exprtest_run_with(const struct foreign_class *other, const char *expr, const char *line, bool envelope, struct buf *out);

#endif
