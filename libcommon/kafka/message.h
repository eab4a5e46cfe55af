/*
 * message - a record as a message of Kafka
 *
 * Pure.  What of a record becomes what of a message, and back, stream-kafka(7) says; a message that was read with
 * --format binary comes out as it was: null and empty keys, values and headers stay apart, duplicates and order stay.
 */
#ifndef KAFKA_MESSAGE_H
#define KAFKA_MESSAGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "json/path.h"
#include "rec/rec.h"

enum {
	KAFKA_ANY_PARTITION = -1,            /* by the key */
	KAFKA_NO_TIME = -1,                  /* as a timestamp: there is none */
	MESSAGE_MAX_WANTED = 8
};

struct message_header {
	struct span name, value;             /* value SPAN_NONE: null */
};

/* Spans point into the record's line or into the arena. */
struct message {
	struct span            topic;        /* SPAN_NONE: the one that the URL names */
	struct span            key, value;   /* SPAN_NONE: null */
	struct message_header *headers;
	size_t                 n_headers;
	int64_t                ts_ms;        /* or KAFKA_NO_TIME */
	int32_t                partition;    /* or KAFKA_ANY_PARTITION */
};

/* What is to be made of records. */
struct message_plan {
	bool               as_text;          /* ?format=text: a string's characters are the value */
	bool               keeps_partition;  /* ?partition=keep */
	bool               whole_record;     /* --body record */
	const struct path *topic;            /* ?topic=PATH; NULL: not given */
	const struct rec_origin *origin;     /* of bare lines, for whole_record */
};

/* The paths whose values have to be in each record's `wanted`, in that order. */
struct message_wants {
	struct path        own[MESSAGE_MAX_WANTED];
	const struct path *list[MESSAGE_MAX_WANTED];
	size_t             n_own, n;
};

void message_wants_init(struct message_wants *, const struct message_plan *);
void message_wants_release(struct message_wants *);

/*
 * Fill in the message.  NULL, or why the record cannot be one, as a constant text.  SCRATCH is overwritten.
 */
const char *message_make(const struct message_plan *, const struct rec *, struct arena *, struct buf *scratch,
                         struct message *);

/* How large it is for a broker: as the only message of a batch that is not compressed. */
size_t message_bytes(const struct message *);

#endif
