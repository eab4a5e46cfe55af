/*
 * url - "kafka://host[:port][,host[:port]]/topic[,topic]?name=value&name=value"
 *
 * A port that is left out is 9092.  An address of IPv6 stands in brackets.  What has a meaning here can be written as
 * %XX in names of topics and in values.
 */
#ifndef KAFKA_URL_H
#define KAFKA_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/span.h"

struct kafka_url {
	char       *brokers;     /* "host:port,host:port": as librdkafka takes them */
	char      **topics;      /* each legal for Kafka: letters, digits, . _ -, at most 249 of them */
	size_t      n_topics;    /* 0: none is named */
	const char *params;      /* behind the ?, still encoded: for url_params; NULL: none.  Of the text */
};

/* ERR_USAGE: "kafka:///orders: no host".  TEXT is borrowed for the url's life. */
int  kafka_url_parse(struct kafka_url *, const char *text, struct err *);
void kafka_url_release(struct kafka_url *);

/* Could a topic have that name? */
bool kafka_is_topic(struct span name);

#endif
