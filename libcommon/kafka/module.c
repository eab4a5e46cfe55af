/* module - Kafka, as a source and as a sink (librdkafka) */
#include "io/module.h"
#include "kafka/sink.h"
#include "kafka/source.h"

extern const struct module stream_module __attribute__((visibility("default")));

const struct module stream_module = { .version = STREAM_VERSION, .source = &source_kafka, .sink = &sink_kafka };
