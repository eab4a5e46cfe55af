/*
 * source_stats - what librdkafka tells of itself, once a second
 *
 * From it comes what no message says: where a partition ends at the broker, whether the brokers answer, and whether a topic
 * has got more partitions.
 */
#include <string.h>

#include "json/tree.h"
#include "kafka/source_parts.h"

enum { ANSWER_US = 3000000 };        /* a broker is asked ten times a second, unless our queue is full */

/* Has this broker said something lately?  Who waits for room in our queue asks nobody, and is not answered. */
static bool
is_answering(const struct tree *brokers, int64_t id)
{
	const char        *name;
	const struct tree *b;

	for (void *iter = NULL; tree_next(brokers, &iter, &name, &b); ) {
		struct span state;
		int64_t     node = -1, idle_us = INT64_MAX;

		if (!tree_i64(b, "nodeid", &node) || node != id)
			continue;
		tree_i64(b, "rxidle", &idle_us);
		return tree_string(b, "state", &state) && span_eq(state, SPAN_LIT("UP")) && idle_us <= ANSWER_US;
	}
	return false;
}

static void
take_part(struct kafka *k, struct kafka_part *part, const struct tree *p, const struct tree *brokers)
{
	int64_t end = -1, leader = -1;

	if (tree_i64(p, "hi_offset", &end) && end >= 0)
		part->known_end = end;
	part->is_answered = tree_i64(p, "leader", &leader) && leader >= 0 && is_answering(brokers, leader);
	if (part->is_answered && part->is_started)
		kafka_answered(&k->client);
}

static void
take_topic(struct kafka *k, struct kafka_topic *t, const struct tree *partitions, const struct tree *brokers)
{
	const char        *name;
	const struct tree *p;

	for (void *iter = NULL; tree_next(partitions, &iter, &name, &p); ) {
		int64_t n = -1;
		bool    is_unknown = false;

		tree_i64(p, "partition", &n);
		tree_bool(p, "unknown", &is_unknown);
		if (n < 0 || n >= INT32_MAX || is_unknown)
			continue;
		if (n < t->n_partitions && t->parts[n] != NULL)
			take_part(k, t->parts[n], p, brokers);
		if (n >= t->n_partitions && !k->conf.exit_at_end) {
			kafka_topic_grow(t, (int32_t)n + 1);
			k->looks_for_new = true;
		}
	}
}

int
kafka_on_stats(rd_kafka_t *rk, char *json, size_t n, void *opaque)
{
	struct kafka      *k = (struct kafka *)((char *)opaque - offsetof(struct kafka, client));
	struct err         ignored = ERR_INIT;
	struct tree       *t = tree_parse(span_of(json, n), &ignored);
	const struct tree *topics = tree_member(t, "topics"), *brokers = tree_member(t, "brokers");

	(void)rk;
	for (size_t i = 0; k->is_started && i < k->url.n_topics; i++)
		take_topic(k, &k->topics[i], tree_member(tree_member(topics, k->topics[i].name), "partitions"), brokers);
	tree_free(t);
	return 0;
}
