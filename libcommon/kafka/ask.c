/* ask - questions to the brokers, each with an end */
#include "kafka/ask.h"

#include <stdlib.h>
#include <string.h>

rd_kafka_resp_err_t
ask_topic(rd_kafka_t *rk, rd_kafka_topic_t *rkt, int timeout_ms, struct ask_topic *facts)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t             e = rd_kafka_metadata(rk, 0, rkt, &md, timeout_ms);

	if (e != RD_KAFKA_RESP_ERR_NO_ERROR)
		return e;
	if (rkt != NULL) {
		e = md->topic_cnt == 1 ? md->topics[0].err : RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
		facts->n_partitions = e == RD_KAFKA_RESP_ERR_NO_ERROR ? md->topics[0].partition_cnt : 0;
	}
	rd_kafka_metadata_destroy(md);
	return e;
}

/* ---- by the admin interface: a queue for one answer ---- */

struct question {
	rd_kafka_AdminOptions_t *options;
	rd_kafka_queue_t        *queue;
	rd_kafka_event_t        *event;
	int                      timeout_ms;
};

static void
question_init(struct question *q, rd_kafka_t *rk, rd_kafka_admin_op_t op, int timeout_ms)
{
	char ignored[200];

	q->options = rd_kafka_AdminOptions_new(rk, op);
	rd_kafka_AdminOptions_set_request_timeout(q->options, timeout_ms, ignored, sizeof(ignored));
	q->queue = rd_kafka_queue_new(rk);
	q->event = NULL;
	q->timeout_ms = timeout_ms;
}

static rd_kafka_resp_err_t
question_wait(struct question *q)
{
	q->event = rd_kafka_queue_poll(q->queue, q->timeout_ms + 1000);
	return q->event == NULL ? RD_KAFKA_RESP_ERR__TIMED_OUT : rd_kafka_event_error(q->event);
}

static void
question_release(struct question *q)
{
	if (q->event != NULL)
		rd_kafka_event_destroy(q->event);
	rd_kafka_queue_destroy(q->queue);
	rd_kafka_AdminOptions_destroy(q->options);
}

static void
set_limit(struct ask_limits *limits, const char *name, const char *value)
{
	struct { const char *name; int64_t *to; } rows[] = {
		{ "max.message.bytes", &limits->max_bytes }, { "retention.ms", &limits->retention_ms },
		{ "message.timestamp.before.max.ms", &limits->before_ms },
		{ "message.timestamp.after.max.ms", &limits->after_ms },
	};
	int64_t n = value == NULL ? -1 : strtoll(value, NULL, 10);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(name, rows[i].name) == 0 && n >= 0)
			*rows[i].to = n;
}

/* Brokers before 3.6 had one limit for both sides; where they have three, the old one counts where it is less. */
static void
add_limit(struct ask_limits *limits, const rd_kafka_ConfigEntry_t *entry)
{
	const char *name = rd_kafka_ConfigEntry_name(entry), *value = rd_kafka_ConfigEntry_value(entry);
	int64_t     n;

	if (strcmp(name, "message.timestamp.type") == 0) {
		limits->has_own_clock = value != NULL && strcmp(value, "LogAppendTime") == 0;
	} else if (strcmp(name, "message.timestamp.difference.max.ms") == 0) {
		n = value == NULL ? INT64_MAX : strtoll(value, NULL, 10);
		limits->before_ms = n < limits->before_ms ? n : limits->before_ms;
		limits->after_ms = n < limits->after_ms ? n : limits->after_ms;
	} else {
		set_limit(limits, name, value);
	}
}

static rd_kafka_resp_err_t
take_limits(rd_kafka_event_t *event, struct ask_limits *limits)
{
	const rd_kafka_DescribeConfigs_result_t *result = rd_kafka_event_DescribeConfigs_result(event);
	const rd_kafka_ConfigResource_t        **resources;
	const rd_kafka_ConfigEntry_t           **entries;
	size_t                                   n;
	const char                              *policy = "delete";

	if (result == NULL)
		return RD_KAFKA_RESP_ERR__BAD_MSG;
	resources = rd_kafka_DescribeConfigs_result_resources(result, &n);
	if (n != 1)
		return RD_KAFKA_RESP_ERR__BAD_MSG;
	if (rd_kafka_ConfigResource_error(resources[0]) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return rd_kafka_ConfigResource_error(resources[0]);
	entries = rd_kafka_ConfigResource_configs(resources[0], &n);
	*limits = ASK_NO_LIMITS;
	for (size_t i = 0; i < n; i++) {
		add_limit(limits, entries[i]);
		if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), "cleanup.policy") == 0
		    && rd_kafka_ConfigEntry_value(entries[i]) != NULL)
			policy = rd_kafka_ConfigEntry_value(entries[i]);
	}
	if (strstr(policy, "delete") == NULL)
		limits->retention_ms = INT64_MAX;
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t
ask_limits(rd_kafka_t *rk, const char *topic, int timeout_ms, struct ask_limits *limits)
{
	rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
	struct question            q;
	rd_kafka_resp_err_t        e;

	question_init(&q, rk, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout_ms);
	rd_kafka_DescribeConfigs(rk, &resource, 1, q.options, q.queue);
	if ((e = question_wait(&q)) == RD_KAFKA_RESP_ERR_NO_ERROR)
		e = take_limits(q.event, limits);
	rd_kafka_ConfigResource_destroy(resource);
	question_release(&q);
	return e;
}

rd_kafka_resp_err_t
ask_create(rd_kafka_t *rk, const char *topic, int partitions, int replication, int timeout_ms, struct buf *text)
{
	char                              why[300];
	rd_kafka_NewTopic_t              *new = rd_kafka_NewTopic_new(topic, partitions, replication, why, sizeof(why));
	const rd_kafka_CreateTopics_result_t *result;
	const rd_kafka_topic_result_t   **topics;
	struct question                   q;
	rd_kafka_resp_err_t               e;
	size_t                            n;

	if (new == NULL) {
		buf_str(text, why);
		return RD_KAFKA_RESP_ERR__INVALID_ARG;
	}
	question_init(&q, rk, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout_ms);
	rd_kafka_CreateTopics(rk, &new, 1, q.options, q.queue);
	e = question_wait(&q);
	if (e == RD_KAFKA_RESP_ERR_NO_ERROR && (result = rd_kafka_event_CreateTopics_result(q.event)) != NULL) {
		topics = rd_kafka_CreateTopics_result_topics(result, &n);
		e = n == 1 ? rd_kafka_topic_result_error(topics[0]) : RD_KAFKA_RESP_ERR__BAD_MSG;
		if (n == 1 && rd_kafka_topic_result_error_string(topics[0]) != NULL)
			buf_str(text, rd_kafka_topic_result_error_string(topics[0]));
	}
	rd_kafka_NewTopic_destroy(new);
	question_release(&q);
	return e == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS ? RD_KAFKA_RESP_ERR_NO_ERROR : e;
}

rd_kafka_resp_err_t
ask_offset(rd_kafka_t *consumer, const char *topic, int timeout_ms, int64_t *offset, struct buf *text)
{
	rd_kafka_topic_partition_list_t  *list = rd_kafka_topic_partition_list_new(1);
	const rd_kafka_topic_partition_t *p = rd_kafka_topic_partition_list_add(list, topic, 0);
	rd_kafka_resp_err_t               e = rd_kafka_committed(consumer, list, timeout_ms);

	if (e == RD_KAFKA_RESP_ERR_NO_ERROR)
		e = p->err;
	*offset = p->offset < 0 ? -1 : p->offset;
	buf_put(text, p->metadata, p->metadata_size);
	rd_kafka_topic_partition_list_destroy(list);
	return e;
}
