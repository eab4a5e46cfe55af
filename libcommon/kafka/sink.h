/*
 * sink - write to a topic
 *
 *     kafka://HOST[:PORT]/TOPIC?format=json|text&partition=key|keep&topic=PATH
 *
 * Under a checkpoint an epoch is a transaction, and carries its number: exactly once for readers of committed records.
 * With --delivery at-least-once, or without a checkpoint, there are no transactions; the brokers have all of an epoch
 * before it is committed.  At most queue.buffering.max.kbytes (128 MiB) wait for a broker in memory.
 */
#ifndef KAFKA_SINK_H
#define KAFKA_SINK_H

#include "sink/sink.h"

extern const struct sink_class sink_kafka;

#endif
