/* sink_topic - the topics that are written, and what they refuse */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/when.h"
#include "io/clock.h"
#include "kafka/sink_parts.h"

enum { ASK_AGAIN_MS = 10000 };               /* what was not there may be there after so long */

struct kafka_topic *
topic_find(struct kafka_sink *k, struct span name)
{
	for (struct kafka_topic *t = k->topics; t != NULL; t = t->next)
		if (span_eq(span_str(t->name), name))
			return t;
	return NULL;
}

rd_kafka_topic_t *
topic_handle(struct kafka_sink *k, struct kafka_topic *t)
{
	if (t->rkt == NULL && (t->rkt = rd_kafka_topic_new(k->rk, t->name, NULL)) == NULL)
		alloc_failed();
	return t->rkt;
}

static void
free_topic(struct kafka_topic *t)
{
	if (t->rkt != NULL)
		rd_kafka_topic_destroy(t->rkt);
	free(t->name);
	free(t);
}

void
topics_forget_handles(struct kafka_sink *k)
{
	for (struct kafka_topic *t = k->topics; t != NULL; t = t->next) {
		if (t->rkt != NULL)
			rd_kafka_topic_destroy(t->rkt);
		t->rkt = NULL;
	}
}

void
topics_release(struct kafka_sink *k)
{
	while (k->topics != NULL) {
		struct kafka_topic *t = k->topics;

		k->topics = t->next;
		free_topic(t);
	}
	k->home = k->last = NULL;
}

/* ---- asking for one ---- */

static bool
is_passing(rd_kafka_resp_err_t e)
{
	return e == RD_KAFKA_RESP_ERR__TIMED_OUT || e == RD_KAFKA_RESP_ERR__TRANSPORT || e == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN
	       || e == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT || e == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE
	       || e == RD_KAFKA_RESP_ERR_NOT_CONTROLLER || e == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS
	       || e == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE || e == RD_KAFKA_RESP_ERR_NOT_COORDINATOR
	       || e == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT;
}

static bool
is_absent(rd_kafka_resp_err_t e)
{
	return e == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || e == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC
	       || e == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION;
}

static int
left_ms(int64_t deadline_ms)
{
	int64_t ms = deadline_ms - clock_mono_ms();

	return ms < 1 ? 1 : ms > SLICE_MS ? SLICE_MS : (int)ms;
}

int
sink_ask_again(struct kafka_sink *k, rd_kafka_resp_err_t e, int64_t deadline_ms, struct err *err)
{
	if (!is_passing(e))
		return 0;
	if (sink_serve(k, 100, err) == -1)
		return -1;
	return clock_mono_ms() < deadline_ms;
}

/*
 * Its limits first: that question makes no topic where brokers make those that are asked for.  Who may not ask it has to
 * do without.
 */
static rd_kafka_resp_err_t
ask(struct kafka_sink *k, struct kafka_topic *t, int timeout_ms)
{
	rd_kafka_resp_err_t e = ask_limits(k->rk, t->name, timeout_ms, &t->limits);

	if (e == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || e == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED
	    || e == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE || e == RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION)
		t->limits = ASK_NO_LIMITS;
	else if (e != RD_KAFKA_RESP_ERR_NO_ERROR)
		return e;
	return ask_topic(k->rk, topic_handle(k, t), timeout_ms, &t->facts);
}

int
topic_open(struct kafka_sink *k, struct span name, int64_t deadline_ms, struct kafka_topic **topic, struct err *err)
{
	struct kafka_topic *t = topic_find(k, name);
	rd_kafka_resp_err_t e;
	int                 again;

	if (t == NULL) {
		t = alloc_zeroed(1, sizeof(*t));
		t->name = alloc_string_n(name.p, name.n);
		t->next = k->topics;
		k->topics = t;
	}
	do
		e = ask(k, t, left_ms(deadline_ms));
	while ((again = sink_ask_again(k, e, deadline_ms, err)) == 1);
	if (again == -1)
		return -1;
	t->asked_ms = clock_mono_ms();
	*topic = t;
	if (is_absent(e))
		return 0;
	if (e != RD_KAFKA_RESP_ERR_NO_ERROR)
		return kafka_fail(&k->client, e, err, "topic %s", t->name);
	return 1;
}

/* ---- where a message goes ---- */

/*
 * As of ten seconds ago at most, if it matters.  NULL: there is none; or nobody can say, which is trouble: the record is
 * not to blame.
 */
static struct kafka_topic *
look_up(struct kafka_sink *k, struct span name)
{
	struct kafka_topic *t = k->last;

	if (name.p == NULL)
		return k->home;
	if (t == NULL || !span_eq(span_str(t->name), name))
		t = topic_find(k, name);
	if ((t == NULL || (t->facts.n_partitions == 0 && clock_mono_ms() - t->asked_ms > ASK_AGAIN_MS))
	    && kafka_is_topic(name)
	    && topic_open(k, name, clock_mono_ms() + k->conf.remote->connect_timeout_ms, &t, &k->trouble) == -1)
		return NULL;
	k->last = t;
	return t != NULL && t->facts.n_partitions > 0 ? t : NULL;
}

/* More may have been made. */
static bool
has_partition(struct kafka_sink *k, struct kafka_topic *t, int32_t partition)
{
	if (partition < t->facts.n_partitions)
		return true;
	if (clock_mono_ms() - t->asked_ms > ASK_AGAIN_MS) {
		t->asked_ms = clock_mono_ms();
		ask_topic(k->rk, topic_handle(k, t), SLICE_MS, &t->facts);
	}
	return partition < t->facts.n_partitions;
}

/*
 * They come too late, or too early, for what the topic keeps or takes.  The clock is looked at only where that matters:
 * once a batch, and before a record is refused for being ahead.
 */
static const char *
refuses_time(struct kafka_sink *k, const struct kafka_topic *t, int64_t ts_ms)
{
	const struct ask_limits *l = &t->limits;

	if (ts_ms == KAFKA_NO_TIME || l->has_own_clock)
		return NULL;
	if (((l->before_ms != INT64_MAX || l->retention_ms != INT64_MAX) && k->n_made == 0)
	    || when_sub(ts_ms, k->now_ms) > l->after_ms)
		k->now_ms = clock_wall_ms();
	if (when_sub(ts_ms, k->now_ms) > l->after_ms)
		return "the time is further ahead of the clock than the topic takes (message.timestamp.after.max.ms)";
	if (when_sub(k->now_ms, ts_ms) > l->before_ms)
		return "the time is longer ago than the topic takes (message.timestamp.before.max.ms)";
	if (when_sub(k->now_ms, ts_ms) > l->retention_ms && !k->told_of_retention) {
		k->told_of_retention = true;
		kafka_say(&k->client, "topic %s keeps records for %lld s (retention.ms): there are older ones among these, which "
		          "will be deleted soon", t->name, (long long)(l->retention_ms / 1000));
	}
	return NULL;
}

const char *
topic_refuses(struct kafka_sink *k, const struct message *m, struct kafka_topic **topic)
{
	struct kafka_topic *t = look_up(k, m->topic);
	size_t              n = message_bytes(m);

	*topic = t;
	if (t == NULL)
		return k->trouble.kind == ERR_NONE ? "there is no topic of that name" : NULL;
	if (m->partition != KAFKA_ANY_PARTITION && !has_partition(k, t, m->partition))
		return "the topic has no such partition";
	if ((int64_t)n > t->limits.max_bytes)
		return "larger than the topic takes (max.message.bytes)";
	/* The library reckons with the longest form of all its numbers. */
	if ((int64_t)n + (int64_t)m->n_headers * 10 + 40 > k->max_message_bytes)
		return "larger than the client is allowed to send (message.max.bytes)";
	return refuses_time(k, t, m->ts_ms);
}
