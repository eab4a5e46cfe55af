/* source - topics of Kafka as a source: "kafka://localhost:9092/orders" */
#ifndef KAFKA_SOURCE_H
#define KAFKA_SOURCE_H

#include "source/source.h"

extern const struct source_class source_kafka;

#endif
