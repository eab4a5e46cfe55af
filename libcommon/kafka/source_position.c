/* source_position - where a snapshot goes on from: the cluster, and of each partition the offset of the next message */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/when.h"
#include "io/clock.h"
#include "json/text.h"
#include "kafka/source_parts.h"

enum { COMMIT_MS = 5000 };       /* how long the last ones are waited for */

static void
keep_for_group(struct kafka *k)
{
	if (k->select.group == NULL)
		return;
	if (k->saved != NULL)
		rd_kafka_topic_partition_list_destroy(k->saved);
	k->saved = rd_kafka_topic_partition_list_new((int)k->n_parts);
	for (size_t i = 0; i < k->n_parts; i++)
		if (k->parts[i]->next >= 0)
			rd_kafka_topic_partition_list_add(k->saved, k->parts[i]->topic->name, k->parts[i]->partition)->offset =
				k->parts[i]->next;
}

static void
save_part(struct buf *b, const struct kafka_part *p)
{
	buf_span(b, buf_all(&p->head));          /* {"topic":"orders","partition":3,"offset": */
	if (p->next < 0)
		buf_lit(b, "null");
	else
		buf_i64(b, p->next);
	if (p->floor > p->next)
		buf_printf(b, ",\"floor\":%" PRId64, p->floor);
	if (p->from_ms != WHEN_MIN)
		buf_printf(b, ",\"from\":%" PRId64, p->from_ms);
	if (p->ts_ms != WHEN_MIN)
		buf_printf(b, ",\"ts\":%" PRId64, p->ts_ms);
	buf_char(b, '}');
}

int
kafka_save(struct source *s, struct buf *b, struct err *err)
{
	struct kafka *k = (struct kafka *)s;

	if (kafka_connect(k, err) == -1 || kafka_start_parts(k, err) == -1)
		return -1;
	buf_lit(b, "{\"cluster\":");
	if (k->cluster == NULL)
		buf_lit(b, "null");
	else
		text_quote(b, span_str(k->cluster));
	buf_lit(b, ",\"partitions\":[");
	for (size_t i = 0; i < k->n_parts; i++) {
		if (i > 0)
			buf_char(b, ',');
		save_part(b, k->parts[i]);
	}
	buf_lit(b, "]}");
	keep_for_group(k);
	return 0;
}

static void
on_commit(rd_kafka_t *rk, rd_kafka_resp_err_t e, rd_kafka_topic_partition_list_t *list, void *cookie)
{
	struct kafka *k = cookie;

	(void)rk;
	(void)list;
	k->n_commits--;
	if (e == RD_KAFKA_RESP_ERR_NO_ERROR || k->is_unshown)
		return;
	k->is_unshown = true;
	kafka_say(&k->client, "group %s does not show the position: %s", k->select.group, rd_kafka_err2str(e));
}

/* For tools that show how far a group is.  Nothing depends on it. */
void
kafka_committed(struct source *s)
{
	struct kafka *k = (struct kafka *)s;

	if (k->saved == NULL)
		return;
	if (k->commits == NULL)
		k->commits = rd_kafka_queue_new(k->rk);
	if (rd_kafka_commit_queue(k->rk, k->saved, k->commits, on_commit, k) == RD_KAFKA_RESP_ERR_NO_ERROR)
		k->n_commits++;
	rd_kafka_topic_partition_list_destroy(k->saved);
	k->saved = NULL;
	rd_kafka_queue_poll_callback(k->commits, 0);
}

bool
kafka_awaits_commit(const struct source *s)
{
	return ((const struct kafka *)s)->select.group != NULL;
}

void
kafka_finish_commits(struct kafka *k)
{
	int64_t deadline_ms = clock_mono_ms() + COMMIT_MS;

	if (k->commits == NULL)
		return;
	while (k->n_commits > 0 && clock_mono_ms() < deadline_ms)
		rd_kafka_queue_poll_callback(k->commits, 100);
	rd_kafka_queue_destroy(k->commits);
	k->commits = NULL;
}

static int
check_cluster(const struct kafka *k, const struct tree *t, struct err *err)
{
	struct span id;

	if (!tree_string(t, "cluster", &id) || k->cluster == NULL || span_eq(id, span_str(k->cluster)))
		return 0;
	return err_set(err, ERR_DATA, "%s is cluster %s, the checkpoint's positions are of cluster %.*s", k->what.p, k->cluster,
	               SPAN_ARGS(id));
}

static struct kafka_topic *
find_topic(struct kafka *k, struct span name)
{
	for (size_t i = 0; i < k->url.n_topics; i++)
		if (span_eq(span_str(k->topics[i].name), name))
			return &k->topics[i];
	return NULL;
}

/* It has to be there, and selected, as it was. */
static int
load_part(struct kafka *k, const struct tree *t, struct err *err)
{
	struct kafka_topic *topic;
	struct kafka_part  *p;
	struct span         name;
	int64_t             partition;

	if (!tree_string(t, "topic", &name) || !tree_i64(t, "partition", &partition) || partition < 0 || partition > INT32_MAX)
		return err_set(err, ERR_DATA, "the checkpoint's position is no partition of a topic");
	if ((topic = find_topic(k, name)) == NULL)
		return err_set(err, ERR_DATA, "the checkpoint goes on with topic %.*s, which is not among the inputs", SPAN_ARGS(name));
	if (!kafka_select_has(&k->select, (int32_t)partition))
		return err_set(err, ERR_DATA, "the checkpoint goes on with %.*s[%" PRId64 "], which is not selected", SPAN_ARGS(name),
		               partition);
	if (partition >= topic->n_partitions)
		return err_set(err, ERR_DATA, "the checkpoint goes on with %.*s[%" PRId64 "], but the topic has %d partitions",
		               SPAN_ARGS(name), partition, topic->n_partitions);
	if (topic->parts[partition] != NULL)
		return err_set(err, ERR_DATA, "%.*s[%" PRId64 "] twice in the checkpoint", SPAN_ARGS(name), partition);
	p = kafka_add_part(k, topic, (int32_t)partition);
	tree_i64(t, "offset", &p->next);
	tree_i64(t, "floor", &p->floor);
	tree_i64(t, "from", &p->from_ms);
	tree_i64(t, "ts", &p->ts_ms);
	return 0;
}

/* It had come to its end. */
static int
check_not_grown(struct kafka *k, struct err *err)
{
	for (size_t i = 0; i < k->n_parts; i++) {
		const struct kafka_part *p = k->parts[i];
		int64_t                  first, end;

		if (kafka_ask_ends(k, p, &first, &end, err) == -1)
			return -1;
		if (end > (p->next < 0 ? first : p->next))
			return err_set(err, ERR_DATA, "%s[%d] has grown since the stream ended with --close: without it, -e goes on",
			               p->topic->name, p->partition);
	}
	return 0;
}

int
kafka_load(struct source *s, const struct tree *t, bool ended, struct err *err)
{
	struct kafka      *k = (struct kafka *)s;
	const struct tree *list = tree_member(t, "partitions");

	if (list == NULL)
		return err_set(err, ERR_DATA, "the checkpoint's position is none of Kafka");
	if (kafka_connect(k, err) == -1 || check_cluster(k, t, err) == -1)
		return -1;
	for (size_t i = 0; i < tree_count(list); i++)
		if (load_part(k, tree_item(list, i), err) == -1)
			return -1;
	k->is_loaded = true;
	keep_for_group(k);
	kafka_committed(s);
	return ended ? check_not_grown(k, err) : 0;
}
