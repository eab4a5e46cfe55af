/*
 * fuzz_url - any text as the URL of topics
 *
 * It is refused with a reason, or brokers and topics, written down again, are the same URL; and each topic is one
 * that Kafka can have.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "kafka/url.h"
#include "must.h"

static void
check_again(const struct kafka_url *u)
{
	struct kafka_url again;
	struct err       err = ERR_INIT;
	struct buf       b = { 0 };

	buf_printf(&b, "kafka://%s", u->brokers);
	for (size_t i = 0; i < u->n_topics; i++) {
		MUST(kafka_is_topic(span_str(u->topics[i])));
		buf_char(&b, i == 0 ? '/' : ',');
		buf_str(&b, u->topics[i]);
	}
	buf_char(&b, '\0');
	MUST(kafka_url_parse(&again, b.p, &err) == 0);
	MUST(strcmp(again.brokers, u->brokers) == 0 && again.n_topics == u->n_topics && again.params == NULL);
	for (size_t i = 0; i < u->n_topics; i++)
		MUST(strcmp(again.topics[i], u->topics[i]) == 0);
	kafka_url_release(&again);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kafka_url u;
	struct err       err = ERR_INIT;
	struct buf       b = { 0 };

	buf_lit(&b, "kafka://");
	buf_put(&b, data, size);
	buf_char(&b, '\0');
	if (kafka_url_parse(&u, b.p, &err) == -1) {
		MUST(err.kind == ERR_USAGE && err.status == 2 && err.text[0] != '\0');
	} else {
		MUST(u.brokers != NULL && u.brokers[0] != '\0');
		MUST(u.params == NULL || (u.params >= b.p && u.params < b.p + b.n));
		check_again(&u);
		kafka_url_release(&u);
	}
	buf_release(&b);
	return 0;
}
