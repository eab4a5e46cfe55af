/* sink_start - a handle that answers, and the topic */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "io/clock.h"
#include "kafka/sink_parts.h"

/* ---- settings ---- */

/*
 * Told of each message, so that it is given back by the thread that has made it: where the library's own thread does that,
 * both wait for one lock of the allocator, message by message.
 */
static void
on_report(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque)
{
	struct kafka_client *c = opaque;
	struct kafka_sink   *k = (struct kafka_sink *)((char *)c - offsetof(struct kafka_sink, client));

	(void)rk;
	if (m->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || m->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT
	    || m->err == RD_KAFKA_RESP_ERR__FATAL || m->err == RD_KAFKA_RESP_ERR_NO_ERROR)
		return;                 /* with the transaction, or the handle, whose error tells more */
	if (k->failed != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	k->failed = m->err;
	snprintf(k->failed_topic, sizeof(k->failed_topic), "%s", rd_kafka_topic_name(m->rkt));
}

static int64_t
number(const rd_kafka_conf_t *conf, const char *name)
{
	char   text[32];
	size_t n = sizeof(text);

	return rd_kafka_conf_get(conf, name, text, &n) == RD_KAFKA_CONF_OK ? strtoll(text, NULL, 10) : 0;
}

int64_t
sink_setting(const struct kafka_sink *k, const char *name)
{
	return number(k->settings, name);
}

int
sink_configure(struct kafka_sink *k, struct err *err)
{
	/* Nobody sees a transaction's records before its end, which does not linger: there is time to fill batches. */
	const struct kafka_setting ours[] = {
		{ "compression.codec", "lz4" }, { "partitioner", "murmur2_random" }, { "linger.ms", k->exactly ? "20" : "5" },
		{ "queue.buffering.max.kbytes", "131072" }, { "message.max.bytes", "1000000000" }, { NULL, NULL }
	};
	static const struct kafka_setting fixed[] = {
		{ "enable.idempotence", "true" }, { "acks", "all" }, { NULL, NULL }
	};

	size_t n = 0;

	if ((k->settings = kafka_conf(&k->client, &k->target.url, ours, fixed, err)) == NULL)
		return -1;
	rd_kafka_conf_set_dr_msg_cb(k->settings, on_report);
	if (rd_kafka_conf_get(k->settings, "transactional.id", NULL, &n) == RD_KAFKA_CONF_OK && n > 1)
		return err_set(err, ERR_USAGE, "transactional.id: it is the pipeline's id here");
	k->max_message_bytes = sink_setting(k, "message.max.bytes");
	return 0;
}

/* ---- a handle ---- */

void
sink_disconnect(struct kafka_sink *k)
{
	topics_forget_handles(k);
	kafka_destroy(k->rk);
	k->rk = NULL;
}

static int
make_handle(struct kafka_sink *k, struct err *err)
{
	enum { DEFAULT_MESSAGE_TIMEOUT_MS = 300000 };
	rd_kafka_conf_t *conf = rd_kafka_conf_dup(k->settings);
	char             ignored[200];

	if (k->exactly)
		rd_kafka_conf_set(conf, "transactional.id", k->pipeline, ignored, sizeof(ignored));
	else if (number(conf, "message.timeout.ms") == DEFAULT_MESSAGE_TIMEOUT_MS)
		rd_kafka_conf_set(conf, "message.timeout.ms", "0", ignored, sizeof(ignored));    /* as long as it takes */
	if ((k->rk = kafka_new(RD_KAFKA_PRODUCER, conf, err)) == NULL)
		return -1;
	rd_kafka_set_log_queue(k->rk, NULL);
	return 0;
}

static int
no_answer(const struct kafka_sink *k, struct err *err)
{
	const struct kafka_client *c = &k->client;

	return err_set(err, ERR_RETRY, "%s: no broker has answered in %g s%s%s", c->what,
	               (double)k->conf.remote->connect_timeout_ms / 1000, c->last_text[0] == '\0' ? "" : ": ", c->last_text);
}

static int
init_failed(struct kafka_sink *k, rd_kafka_resp_err_t e, struct err *err)
{
	if (e == RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT)
		return err_set(err, ERR_FATAL, "%s: transaction.timeout.ms=%" PRId64 " is more than the brokers allow "
		               "(transaction.max.timeout.ms): -X transaction.timeout.ms=…", k->client.what,
		               sink_setting(k, "transaction.timeout.ms"));
	if (k->client.fatal != RD_KAFKA_RESP_ERR_NO_ERROR && kafka_kind(e) == ERR_RETRY)
		return err_set(err, kafka_kind(k->client.fatal), "%s: %s", k->client.what, k->client.fatal_text);
	return kafka_fail(&k->client, e, err, "the transaction id %s", k->pipeline);
}

/*
 * What a transactional handle does first shuts out older runs and settles what they had begun.  One that was told to try
 * again waits half a second, a new one does not: so the first tries are short.
 */
int
sink_connect(struct kafka_sink *k, int64_t deadline_ms, struct err *err)
{
	enum { FIRST_SLICE_MS = 100 };

	for (int64_t slice_ms = FIRST_SLICE_MS;; slice_ms = slice_ms * 2 > SLICE_MS ? SLICE_MS : slice_ms * 2) {
		rd_kafka_error_t   *e;
		rd_kafka_resp_err_t code;
		bool                again;

		if (make_handle(k, err) == -1)
			return -1;
		if (!k->exactly || (e = rd_kafka_init_transactions(k->rk, (int)slice_ms)) == NULL)
			return 0;
		code = rd_kafka_error_code(e);
		again = !rd_kafka_error_is_fatal(e) && rd_kafka_error_is_retriable(e);
		rd_kafka_error_destroy(e);
		rd_kafka_poll(k->rk, 0);
		if (!again || k->client.fatal != RD_KAFKA_RESP_ERR_NO_ERROR)
			return init_failed(k, code, err);
		sink_disconnect(k);
		if (deadline_ms != CLOCK_NEVER && clock_mono_ms() >= deadline_ms)
			return no_answer(k, err);
	}
}

/* ---- the topic ---- */

static int
create_home(struct kafka_sink *k, int64_t deadline_ms, struct err *err)
{
	const char         *name = k->target.url.topics[0];
	struct buf          why = { 0 };
	rd_kafka_resp_err_t e;
	int                 again, r = 0;

	do {
		buf_reset(&why);
		e = ask_create(k->rk, name, (int)k->conf.create_partitions,
		               k->conf.create_replication == 0 ? -1 : (int)k->conf.create_replication, SLICE_MS, &why);
	} while ((again = sink_ask_again(k, e, deadline_ms, err)) == 1);
	if (again == -1 || e != RD_KAFKA_RESP_ERR_NO_ERROR)
		r = -1;
	if (again == 0 && r == -1) {
		buf_char(&why, '\0');
		kafka_fail(&k->client, e, err, "--create-topic%s%s", why.n > 1 ? ": " : "", why.p);
		if (err->kind == ERR_RETRY && clock_mono_ms() < deadline_ms)
			err_set(err, ERR_FATAL, "%s: --create-topic: %s", k->client.what, why.n > 1 ? why.p : rd_kafka_err2str(e));
	}
	buf_release(&why);
	return r;
}

/* Is anybody there? */
static int
open_nothing(struct kafka_sink *k, int64_t deadline_ms, struct err *err)
{
	struct ask_topic    ignored;
	rd_kafka_resp_err_t e;
	int                 again;

	do
		e = ask_topic(k->rk, NULL, 1000, &ignored);
	while ((again = sink_ask_again(k, e, deadline_ms, err)) == 1);
	if (again == -1 || e != RD_KAFKA_RESP_ERR_NO_ERROR)
		return again == -1 ? -1 : no_answer(k, err);
	kafka_answered(&k->client);
	return 0;
}

/* Right after it was made not all brokers know it. */
static int
open_home(struct kafka_sink *k, int64_t deadline_ms, struct err *err)
{
	struct span name;
	int         r;

	if (k->target.url.n_topics == 0)
		return open_nothing(k, deadline_ms, err);
	name = span_str(k->target.url.topics[0]);
	r = topic_open(k, name, deadline_ms, &k->home, err);
	if (r == 0 && k->conf.create_partitions > 0) {
		if (create_home(k, deadline_ms, err) == -1)
			return -1;
		while ((r = topic_open(k, name, deadline_ms, &k->home, err)) == 0 && clock_mono_ms() < deadline_ms)
			if (sink_serve(k, 20, err) == -1)
				return -1;
	}
	if (r == -1)
		return k->client.was_up || err->kind != ERR_RETRY || clock_mono_ms() < deadline_ms ? -1 : no_answer(k, err);
	if (r == 0)
		return err_set(err, ERR_FATAL, "%s: there is no topic %s%s", k->client.what, k->home->name,
		               k->conf.create_partitions == 0 ? "; --create-topic PARTITIONS makes it" : "");
	kafka_answered(&k->client);
	return 0;
}

/* A batch must not be larger than what the topic takes. */
static int
fit_batches(struct kafka_sink *k, int64_t deadline_ms, struct err *err)
{
	enum { BATCH_OVERHEAD = 200, LEAST = 1000 };
	int64_t most = k->home == NULL ? INT64_MAX : k->home->limits.max_bytes - BATCH_OVERHEAD;
	char    text[32], ignored[200];

	if (sink_setting(k, "batch.size") <= most)
		return 0;
	snprintf(text, sizeof(text), "%" PRId64, most < LEAST ? LEAST : most);
	rd_kafka_conf_set(k->settings, "batch.size", text, ignored, sizeof(ignored));
	sink_disconnect(k);
	return sink_connect(k, deadline_ms, err);
}

int
sink_open_target(struct kafka_sink *k, int64_t deadline_ms, struct err *err)
{
	if (sink_connect(k, deadline_ms, err) == -1 || open_home(k, deadline_ms, err) == -1)
		return -1;
	return fit_batches(k, deadline_ms, err);
}
