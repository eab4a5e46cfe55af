/*
 * sort - records in the order of event time
 *
 * A record waits until the watermark has passed its time; then records leave by time, those of one
 * time in the order they came, with their bytes unchanged.  What is behind the watermark when it
 * comes is late.  At the end all leave.
 *
 * What has no room in memory is spilled: all that is there, as one sorted run, which is read back
 * beside the others as its time comes.  Too many runs are merged into longer ones.
 */
#ifndef OP_SORT_H
#define OP_SORT_H

#include "op/op.h"
#include "state/spill.h"

enum { SORT_MEMORY_MIN_BYTES = 4096 };

/*
 * MEMORY_BYTES, at least SORT_MEMORY_MIN_BYTES, bounds what is kept in memory, but for one record;
 * it may differ from run to run.  SPILL is borrowed for the op's life; nothing is asked of it while
 * state is loaded.
 */
struct op *sort_new(uint64_t memory_bytes, struct spill *spill);

#endif
