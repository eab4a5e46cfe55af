/* sink - write to a topic */
#include "kafka/sink.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ckpt/ckpt.h"
#include "io/clock.h"
#include "kafka/sink_parts.h"

enum {
	MAX_VALUES = 8,                      /* that a message is given to the library in */
	LOOK_MS = 500,                       /* while something is on its way, it may have something to tell */
	DAY_MS = 86400000                    /* the brokers forget an epoch that was not told for seven of them */
};

static struct kafka_sink *
self(struct sink *s)
{
	return (struct kafka_sink *)s;
}

/* ---- life ---- */

static void
target_free(struct sink *s)
{
	struct kafka_sink *k = self(s);

	if (k == NULL)
		return;
	sink_give_up(k);
	if (k->rk != NULL)
		rd_kafka_purge(k->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
	sink_disconnect(k);
	topics_release(k);
	if (k->settings != NULL)
		rd_kafka_conf_destroy(k->settings);
	message_wants_release(&k->wants);
	kafka_target_release(&k->target);
	arena_release(&k->arena);
	buf_release(&k->scratch);
	free(k->made);
	free(k->made_for);
	free(k->cluster);
	free(k->pipeline);
	free(k);
}

static struct sink *
target_open(const struct sink_conf *conf, struct err *err)
{
	struct kafka_sink *k = alloc_zeroed(1, sizeof(*k));

	k->sink.class = &sink_kafka;
	k->conf = *conf;
	k->client = (struct kafka_client){ .remote = conf->remote, .what = conf->target };
	k->exactly = conf->has_checkpoint && !conf->at_least_once;
	if (kafka_target_parse(&k->target, conf->target, err) == -1) {
		free(k);
		return NULL;
	}
	if (k->target.url.n_topics == 0 && (k->exactly || conf->create_partitions > 0)) {
		err_set(err, ERR_USAGE, "%s: %s kafka://HOST/TOPIC?topic=PATH", conf->target,
		        k->exactly ? "which topic is to keep the epoch?" : "which topic is --create-topic to make?");
		kafka_target_release(&k->target);
		free(k);
		return NULL;
	}
	k->plan = (struct message_plan){ .as_text = k->target.as_text, .keeps_partition = k->target.keeps_partition,
	                                 .whole_record = !conf->payload_only, .origin = conf->origin,
	                                 .topic = k->target.has_path ? &k->target.path : NULL };
	message_wants_init(&k->wants, &k->plan);
	if (sink_configure(k, err) == 0
	    && (conf->has_checkpoint || sink_open_target(k, clock_mono_ms() + conf->remote->connect_timeout_ms, err) == 0))
		return &k->sink;
	target_free(&k->sink);
	return NULL;
}

static int
target_start(struct sink *s, const struct sink_start *start, struct sink_held *held, struct err *err)
{
	return sink_start(self(s), start, held, err);
}

/* ---- records ---- */

static const struct path *const *
target_wants(const struct sink *s, size_t *n)
{
	const struct kafka_sink *k = (const struct kafka_sink *)s;

	*n = k->wants.n;
	return k->wants.list;
}

/* What it takes to know that is most of what it takes to write it: the message waits for target_write. */
static const char *
target_refuses(struct sink *s, const struct rec *rec)
{
	struct kafka_sink *k = self(s);
	const char        *reason;

	if (k->n_made == k->cap_made) {
		k->cap_made = k->cap_made == 0 ? REC_BATCH_MAX : k->cap_made * 2;
		k->made = alloc_resized(k->made, k->cap_made, sizeof(*k->made));
		k->made_for = alloc_resized(k->made_for, k->cap_made, sizeof(struct kafka_topic *));
	}
	reason = message_make(&k->plan, rec, &k->arena, &k->scratch, &k->made[k->n_made]);
	if (reason == NULL)
		reason = topic_refuses(k, &k->made[k->n_made], &k->made_for[k->n_made]);
	if (reason == NULL)
		k->n_made++;
	return reason;
}

static rd_kafka_headers_t *
make_headers(const struct message *m)
{
	rd_kafka_headers_t *headers = rd_kafka_headers_new(m->n_headers);

	for (size_t i = 0; i < m->n_headers; i++) {
		const struct message_header *h = &m->headers[i];

		rd_kafka_header_add(headers, h->name.p, (ssize_t)h->name.n, h->value.p, (ssize_t)h->value.n);
	}
	return headers;
}

/* The library has no room: its own threads make some. */
static int
produce(struct kafka_sink *k, const struct message *m, struct kafka_topic *t, struct err *err)
{
	rd_kafka_vu_t       values[MAX_VALUES];
	rd_kafka_error_t   *e;
	rd_kafka_headers_t *headers = NULL;
	size_t              n = 0;

	values[n++] = (rd_kafka_vu_t){ .vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = topic_handle(k, t) };
	values[n++] = (rd_kafka_vu_t){ .vtype = RD_KAFKA_VTYPE_PARTITION,
	                               .u.i32 = m->partition == KAFKA_ANY_PARTITION ? RD_KAFKA_PARTITION_UA : m->partition };
	values[n++] = (rd_kafka_vu_t){ .vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = { (void *)m->value.p, m->value.n } };
	values[n++] = (rd_kafka_vu_t){ .vtype = RD_KAFKA_VTYPE_KEY, .u.mem = { (void *)m->key.p, m->key.n } };
	values[n++] = (rd_kafka_vu_t){ .vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = m->ts_ms };
	values[n++] = (rd_kafka_vu_t){ .vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY };
	if (m->n_headers > 0) {
		headers = make_headers(m);
		values[n++] = (rd_kafka_vu_t){ .vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers };
	}
	while ((e = rd_kafka_produceva(k->rk, values, n)) != NULL) {
		rd_kafka_resp_err_t code = rd_kafka_error_code(e);

		rd_kafka_error_destroy(e);
		if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && sink_serve(k, 5, err) == 0)
			continue;
		if (headers != NULL)
			rd_kafka_headers_destroy(headers);
		if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL || sink_serve(k, 0, err) == -1)
			return -1;
		return kafka_fail(&k->client, code, err, "a message");
	}
	k->given_bytes += m->value.n;
	return 0;
}

static int
target_write(struct sink *s, const struct rec *recs, size_t n, struct err *err)
{
	struct kafka_sink *k = self(s);

	(void)recs;
	assert(n == k->n_made);
	if (n > 0 && k->exactly && sink_begin(k, err) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (k->made_for[i] == NULL) {
			*err = k->trouble;
			return -1;
		}
		if (produce(k, &k->made[i], k->made_for[i], err) == -1)
			return -1;
	}
	k->n_made = 0;
	if (k->arena.blocks != NULL)
		arena_reset(&k->arena);
	if (n > 0 && k->exactly && !k->has_records)
		ckpt_crash_point(k->conf.stage, "given");
	k->has_records |= n > 0;
	return n > 0 ? sink_serve(k, 0, err) : 0;
}

/* An epoch is told once a day, if nothing else is: the brokers forget what nobody tells. */
static int
target_flush(struct sink *s, struct err *err)
{
	struct kafka_sink *k = self(s);

	if (k->rk == NULL)
		return 0;
	if (sink_serve(k, 0, err) == -1)
		return -1;
	if (k->client.is_down && rd_kafka_outq_len(k->rk) == 0 && k->has_records)
		kafka_answered(&k->client);
	if (k->exactly && !k->is_begun && k->pipeline != NULL && clock_mono_ms() >= k->told_ms + DAY_MS)
		return sink_commit_epoch(k, k->epoch, err);
	return 0;
}

static int64_t
target_deadline(const struct sink *s)
{
	const struct kafka_sink *k = (const struct kafka_sink *)s;

	if (k->rk == NULL)
		return CLOCK_NEVER;
	if (k->exactly)
		return k->is_begun || k->pipeline == NULL ? CLOCK_NEVER : k->told_ms + DAY_MS;
	return rd_kafka_outq_len(k->rk) > 0 ? clock_mono_ms() + LOOK_MS : CLOCK_NEVER;
}

static int
target_commit(struct sink *s, uint64_t epoch, struct buf *token, struct err *err)
{
	struct kafka_sink *k = self(s);

	if ((k->exactly ? sink_commit_epoch(k, epoch, err) : sink_drain(k, err)) == -1)
		return -1;
	k->is_unseen |= k->has_records;
	k->has_records = false;
	sink_put_token(k, token);
	return 0;
}

static uint64_t
target_given_bytes(const struct sink *s)
{
	return ((const struct kafka_sink *)s)->given_bytes;
}

/*
 * A commit is decided before readers see it.  The next transaction, of the epoch alone, is taken only when they do.
 * What came behind the last barrier counts for nothing.
 */
static int
target_close(struct sink *s, struct err *err)
{
	struct kafka_sink *k = self(s);
	int                r = 0;

	if (!k->exactly)
		r = sink_drain(k, err);
	else if (k->is_begun && k->has_records)
		sink_give_up(k);
	else if (k->is_unseen)
		r = sink_commit_epoch(k, k->epoch, err);
	target_free(s);
	return r;
}

const struct sink_class sink_kafka = {
	.scheme = "kafka",
	.help = "a topic: kafka://HOST/TOPIC?format=json|text&partition=key|keep&topic=PATH",
	.level = SINK_EXACTLY_ONCE,
	.can_less = true,
	.open = target_open,
	.start = target_start,
	.write = target_write,
	.flush = target_flush,
	.commit = target_commit,
	.given_bytes = target_given_bytes,
	.close = target_close,
	.free = target_free,
	.wants = target_wants,
	.refuses = target_refuses,
	.deadline = target_deadline,
};
