/* source - topics of Kafka as a source */
#include "kafka/source.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/when.h"
#include "kafka/source_parts.h"

/* ---- opening ---- */

static int
check_conf(const struct source_conf *conf, struct err *err)
{
	if (conf->values == SOURCE_VALUES_OTHER)
		return err_set(err, ERR_USAGE, "--format: the values of messages are json, text or binary");
	return 0;
}

/* Several operands: topics of one cluster, and the same of each. */
static int
add_url(struct kafka *k, const char *text, struct err *err)
{
	struct kafka_url other;
	int              r = 0;

	if (k->url.brokers == NULL)
		return kafka_url_parse(&k->url, text, err);
	if (kafka_url_parse(&other, text, err) == -1)
		return -1;
	if (strcmp(other.brokers, k->url.brokers) != 0
	    || strcmp(other.params == NULL ? "" : other.params, k->url.params == NULL ? "" : k->url.params) != 0)
		r = err_set(err, ERR_USAGE, "%s: topics of one cluster are read together, with the same parameters: "
		            "kafka://host/a,b", text);
	for (size_t i = 0; i < other.n_topics && r == 0; i++) {
		for (size_t j = 0; j < k->url.n_topics && r == 0; j++)
			if (strcmp(k->url.topics[j], other.topics[i]) == 0)
				r = err_set(err, ERR_USAGE, "topic %s twice", other.topics[i]);
		k->url.topics = alloc_resized(k->url.topics, k->url.n_topics + 1, sizeof(*k->url.topics));
		k->url.topics[k->url.n_topics++] = alloc_string(other.topics[i]);
	}
	kafka_url_release(&other);
	return r;
}

static int
take_url(struct kafka *k, struct err *err)
{
	for (size_t i = 0; i < k->conf.n_inputs; i++)
		if (add_url(k, k->conf.inputs[i], err) == -1)
			return -1;
	if (k->url.n_topics == 0)
		return err_set(err, ERR_USAGE, "%s: which topic? kafka://host/topic", k->conf.inputs[0]);
	if (kafka_select_parse(&k->select, k->url.params, err) == -1)
		return err_in(err, "%s", k->conf.inputs[0]);
	k->select.slice = k->conf.slice;
	k->select.n_slices = k->conf.n_slices;
	buf_printf(&k->what, "kafka://%s", k->url.brokers);
	buf_char(&k->what, '\0');
	k->client = (struct kafka_client){ .remote = k->conf.remote, .what = k->what.p };
	return 0;
}

/* ours, but for the group's */
static int
new_handle(struct kafka *k, struct err *err)
{
	const struct kafka_setting ours[] = {
		{ "queued.min.messages", k->conf.by_part ? "100000" : "1000000" },
		{ "queued.max.messages.kbytes", k->conf.by_part ? "16384" : "131072" },
		{ "fetch.wait.max.ms", "100" }, { "topic.metadata.refresh.interval.ms", "30000" },
		{ "statistics.interval.ms", "1000" },
		{ k->select.group == NULL ? NULL : "group.id", k->select.group }, { NULL, NULL }
	};
	static const struct kafka_setting fixed[] = {
		{ "isolation.level", "read_committed" }, { "auto.offset.reset", "error" }, { "enable.auto.commit", "false" },
		{ "enable.auto.offset.store", "false" }, { "auto.commit.enable", "false" }, { "enable.partition.eof", "true" },
		{ "allow.auto.create.topics", "false" }, { NULL, NULL }
	};
	rd_kafka_conf_t           *conf;

	if ((conf = kafka_conf(&k->client, &k->url, ours, fixed, err)) == NULL)
		return -1;
	rd_kafka_conf_set_stats_cb(conf, kafka_on_stats);
	rd_kafka_conf_set(conf, "fetch.queue.backoff.ms", "5", NULL, 0);     /* where the library knows it */
	if ((k->rk = kafka_new(RD_KAFKA_CONSUMER, conf, err)) == NULL)
		return -1;
	rd_kafka_set_log_queue(k->rk, NULL);
	return 0;
}

static void
wake_by(const struct kafka *k, rd_kafka_queue_t *queue)
{
	static const uint64_t one = 1;

	rd_kafka_queue_io_event_enable(queue, k->event_fd, &one, sizeof(one));
}

rd_kafka_queue_t *
kafka_queue_new(struct kafka *k)
{
	rd_kafka_queue_t *queue = rd_kafka_queue_new(k->rk);

	wake_by(k, queue);
	return queue;
}

/* Messages, and what librdkafka has to say, both end a wait. */
static int
open_queues(struct kafka *k, struct err *err)
{
	rd_kafka_queue_t *main_queue;

	if ((k->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1)
		return err_sys(err, "eventfd");
	k->batch.queue = kafka_queue_new(k);
	main_queue = rd_kafka_queue_get_main(k->rk);
	wake_by(k, main_queue);
	rd_kafka_queue_destroy(main_queue);
	return 0;
}

static void
free_topics(struct kafka *k)
{
	for (size_t i = 0; k->topics != NULL && i < k->url.n_topics; i++) {
		if (k->topics[i].rkt != NULL)
			rd_kafka_topic_destroy(k->topics[i].rkt);
		free(k->topics[i].parts);
	}
	free(k->topics);
	for (size_t i = 0; i < k->n_parts; i++) {
		buf_release(&k->parts[i]->head);
		free(k->parts[i]);
	}
	free(k->parts);
}

static void
stop_parts(struct kafka *k)
{
	for (size_t i = 0; i < k->n_parts; i++) {
		if (k->parts[i]->is_started)
			rd_kafka_consume_stop(k->parts[i]->topic->rkt, k->parts[i]->partition);
		if (k->parts[i]->queue != NULL)
			rd_kafka_queue_destroy(k->parts[i]->queue);
	}
}

static void
kafka_close(struct source *s)
{
	struct kafka *k = (struct kafka *)s;

	if (k == NULL)
		return;
	kafka_batch_release(&k->batch);
	if (k->rk != NULL) {
		kafka_finish_commits(k);
		stop_parts(k);
		if (k->batch.queue != NULL)
			rd_kafka_queue_destroy(k->batch.queue);
	}
	free_topics(k);
	kafka_destroy(k->rk);
	if (k->event_fd != -1)
		close(k->event_fd);
	if (k->saved != NULL)
		rd_kafka_topic_partition_list_destroy(k->saved);
	line_release(&k->maker);
	kafka_select_release(&k->select);
	kafka_url_release(&k->url);
	buf_release(&k->what);
	free(k->cluster);
	free(k);
}

static struct source *
kafka_open(const struct source_conf *conf, struct err *err)
{
	static const enum line_values values[] = {
		[SOURCE_VALUES_JSON] = LINE_JSON, [SOURCE_VALUES_TEXT] = LINE_TEXT, [SOURCE_VALUES_BINARY] = LINE_BINARY
	};
	struct kafka *k;

	if (check_conf(conf, err) == -1)
		return NULL;
	k = alloc_zeroed(1, sizeof(*k));
	k->source.class = &source_kafka;
	k->conf = *conf;
	k->event_fd = -1;
	line_init(&k->maker, values[conf->values]);
	if (take_url(k, err) == 0 && new_handle(k, err) == 0 && open_queues(k, err) == 0) {
		k->topics = alloc_zeroed(k->url.n_topics, sizeof(*k->topics));
		return &k->source;
	}
	kafka_close(&k->source);
	return NULL;
}

/* ---- reading ---- */

static bool
kafka_is_pipe(const struct source *s)
{
	(void)s;
	return false;
}

static int
kafka_check_seekable(struct source *s, struct err *err)
{
	(void)s;
	(void)err;
	return 0;
}

static enum source_event
kafka_next(struct source *s, struct source_chunk *chunk, struct err *err)
{
	struct kafka *k = (struct kafka *)s;
	uint64_t      events;

	while (read(k->event_fd, &events, sizeof(events)) > 0)  /* before the look: what comes later wakes us */
		continue;
	if (kafka_connect(k, err) == -1 || kafka_start_parts(k, err) == -1)
		return SOURCE_ERROR;
	if (!k->conf.by_part)
		return kafka_read(k, &k->batch, NULL, chunk, err);
	return kafka_serve(k, err) == -1 ? SOURCE_ERROR : SOURCE_WAIT;
}

static void
kafka_took(struct source *s, uint64_t offset, uint64_t lines)
{
	(void)offset;
	kafka_read_took((struct kafka *)s, &((struct kafka *)s)->batch, lines);
}

static void
kafka_wait_for(struct source *s, struct wait_for *w)
{
	w->in_fd = ((struct kafka *)s)->event_fd;
}

static bool
kafka_extent(struct source *s, uint64_t *read_bytes, uint64_t *all_bytes)
{
	(void)s;
	(void)read_bytes;
	(void)all_bytes;
	return false;
}

/* ---- partitions ---- */

static size_t
kafka_n_parts(const struct source *s)
{
	return ((const struct kafka *)s)->n_parts;
}

static enum source_part_state
kafka_part_state(const struct source *s, size_t part)
{
	const struct kafka      *k = (const struct kafka *)s;
	const struct kafka_part *p = k->parts[part];

	if (p->is_done)
		return SOURCE_PART_DONE;
	return p->is_answered && !k->client.is_down && p->known_end >= 0 && p->next >= p->known_end ? SOURCE_PART_QUIET
	                                                                                           : SOURCE_PART_BEHIND;
}

static bool
kafka_lag(const struct source *s, size_t part, struct source_lag *lag)
{
	const struct kafka      *k = (const struct kafka *)s;
	const struct kafka_part *p = k->parts[part];
	int64_t                  first, end;

	if (p->next < 0 || !p->is_started
	    || rd_kafka_get_watermark_offsets(k->rk, p->topic->name, p->partition, &first, &end) != RD_KAFKA_RESP_ERR_NO_ERROR || end < 0)
		return false;
	*lag = (struct source_lag){ .topic = p->topic->name, .partition = p->partition, .has_ts = p->ts_ms != WHEN_MIN,
	                            .ts_ms = p->ts_ms, .records = p->next < end ? (uint64_t)(end - p->next) : 0 };
	return true;
}

const struct source_class source_kafka = {
	.scheme = "kafka",
	.help = "kafka://host[:port]/topic[,topic][?partitions=0-3,7][&group=NAME]",
	.gives_records = true,
	.open = kafka_open,
	.is_pipe = kafka_is_pipe,
	.check_seekable = kafka_check_seekable,
	.next = kafka_next,
	.took = kafka_took,
	.wait_for = kafka_wait_for,
	.extent = kafka_extent,
	.save = kafka_save,
	.load = kafka_load,
	.free = kafka_close,
	.n_parts = kafka_n_parts,
	.part_state = kafka_part_state,
	.lag = kafka_lag,
	.committed = kafka_committed,
	.awaits_commit = kafka_awaits_commit,
	.lane = kafka_lane,
};
