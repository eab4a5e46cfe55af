/*
 * ask - questions to the brokers, each with an end
 *
 * All return 0, or the library's error; RD_KAFKA_RESP_ERR__TIMED_OUT among them.  TEXT is what it has to say.
 */
#ifndef KAFKA_ASK_H
#define KAFKA_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "kafka/client.h"

struct ask_topic {
	int32_t n_partitions;
};

/* INT64_MAX: no limit. */
struct ask_limits {
	int64_t max_bytes;           /* max.message.bytes: of a batch */
	int64_t retention_ms;        /* older records are deleted */
	int64_t before_ms, after_ms; /* how far a record's time may be from the clock */
	bool    has_own_clock;       /* message.timestamp.type=LogAppendTime: the record's time counts for nothing */
};

#define ASK_NO_LIMITS ((struct ask_limits){ INT64_MAX, INT64_MAX, INT64_MAX, INT64_MAX, false })

/* What there is of it; of NULL nothing, but that somebody answers.  On brokers that make topics by themselves this may make it. */
rd_kafka_resp_err_t ask_topic(rd_kafka_t *, rd_kafka_topic_t *, int timeout_ms, struct ask_topic *);

/* Never makes it. */
rd_kafka_resp_err_t ask_limits(rd_kafka_t *, const char *topic, int timeout_ms, struct ask_limits *);

/* REPLICATION -1: the broker's default.  That it is there already is no error. */
rd_kafka_resp_err_t ask_create(rd_kafka_t *, const char *topic, int partitions, int replication, int timeout_ms,
                               struct buf *text);

/*
 * The offset that the consumer's group has committed on partition 0, once no transaction is open on it; -1: none.  TEXT
 * gets the metadata.  By a consumer that only reads what is committed: the admin interface's way to ask crashes in
 * librdkafka 2.0.2 when a broker that has just started answers "not yet".
 */
rd_kafka_resp_err_t ask_offset(rd_kafka_t *consumer, const char *topic, int timeout_ms, int64_t *offset, struct buf *text);

#endif
