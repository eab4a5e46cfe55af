/*
 * epoch - which epoch does a topic hold?
 *
 * Pure.  The epoch is the offset that a group of the pipeline's own has committed on partition 0 of the output topic,
 * inside the transaction that has the epoch's records; a text beside it says the same again.
 */
#ifndef KAFKA_EPOCH_H
#define KAFKA_EPOCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/* What is known at a start. */
struct epoch_case {
	bool     has_commit;         /* false: the pipeline is new, and the epoch 0 */
	uint64_t epoch;              /* of DIR/commit */
	bool     closed;             /* it was left in good order */
	bool     was_plain;          /* it was made without transactions: nothing was ever in flight */
	bool     has_answer;         /* the broker knows one: */
	uint64_t answer;
	bool     is_assumed;         /* the operator says: */
	uint64_t assumed;
};

enum epoch_verdict {
	EPOCH_GO_ON,                 /* from *held */
	EPOCH_EXPIRED,               /* from *held; the broker has forgotten, and nothing was in flight */
	EPOCH_IN_DOUBT,              /* it has forgotten, and the epoch behind DIR/commit may be in */
	EPOCH_FOREIGN,               /* directory and topic do not belong together */
	EPOCH_NOT_ASSUMED            /* the operator's is not one of those that can be */
};

enum epoch_verdict epoch_decide(const struct epoch_case *, uint64_t *held);

/* "stream/1 run=12 epoch=42" */
void epoch_put_text(struct buf *, uint64_t run, uint64_t epoch);
bool epoch_read_text(struct span, uint64_t *run, uint64_t *epoch);

#endif
