/*
 * tell - the counts of a run as text
 */
#ifndef RUN_TELL_H
#define RUN_TELL_H

#include "base/span.h"
#include "run/loop.h"

/* Records taken, those that could not be read included. */
uint64_t tell_n_in(const struct loop *);

/* Bytes of the lines taken. */
uint64_t tell_bytes_in(const struct loop *);

/* How far part I of input T is behind, if somebody knows; *BEHIND_MS: how old the last record taken is, 0 at the end. */
bool tell_lag(const struct inlet *t, size_t i, int64_t wall_ms, struct source_lag *, int64_t *behind_ms);

/* How many parts it has. */
size_t tell_n_parts(const struct inlet *);

/* What the operator counts beside; NULL and 0: nothing. */
const struct op_count *tell_op_counts(const struct loop *, size_t *n);

/* Append the line of --progress, most telling things first; that of SIGUSR1. */
void tell_progress(const struct loop *, bool has_share, int64_t wall_ms, struct buf *);
void tell_status(const struct loop *, int64_t now_ms, int64_t wall_ms, struct buf *);

/* Append all metrics in the text format of Prometheus.  STATUS: -1 as long as it runs. */
void tell_metrics(const struct loop *, int status, int64_t wall_ms, struct buf *);

/* What that begins with, whatever was counted. */
struct span tell_metrics_begin(void);

/* What earlier metrics say of the last success; 0: nothing. */
int64_t tell_metrics_success(struct span metrics);

#endif
