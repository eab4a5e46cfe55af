/*
 * conf - from the command line to a run
 */
#ifndef CLI_CONF_H
#define CLI_CONF_H

#include "cli/options.h"
#include "expr/foreign.h"
#include "op/dedup.h"
#include "op/join.h"
#include "op/op.h"
#include "store/run_files.h"
#include "store/shelf_files.h"

/* Run the command with OP in the middle (NULL: none), which stays the caller's; tells what went wrong; the exit status. */
int conf_run(const struct options *, struct op *);

/* Run stream-exec. */
int conf_run_exec(const struct options *);

/* What the words ask of stream-dedup.  Its paths are the options'. */
struct dedup_conf conf_dedup(const struct options *, uint64_t seed);

/* The same of an operator that spills runs: to FILES. */
int conf_run_spilling(const struct options *, struct op *, struct run_files *files);

/* The same of one that moves keys and values to disk; fails if --memory is given and there is nothing that could. */
int conf_run_shelving(const struct options *, struct op *, struct shelf_files *);

/*
 * What the words ask of stream-join, the zone of its windows aside.  Its paths are the options'; its
 * where_cookie is a join_where, the caller's.  OTHER runs what our engine does not have, here and below, unless
 * there is --fast; only commands that name one are linked with its library.  -1, ERR_USAGE: --where is no expression.
 */
int conf_join(const struct options *, const struct foreign_class *other, uint64_t seed, struct join_conf *, struct err *);

/* stream-filter's operator; NULL, ERR_USAGE: an expression that is none. */
struct op *conf_filter(const struct options *, const struct foreign_class *other, struct err *);

/* --explain: tells which engine runs which expression; the exit status.  They do compile. */
int conf_explain(const struct options *, const struct foreign_class *other);

#endif
