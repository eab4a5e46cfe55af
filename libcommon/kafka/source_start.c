/* source_start - the first words with a broker: which topics and partitions there are, where each is begun */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/when.h"
#include "io/clock.h"
#include "json/text.h"
#include "kafka/source_parts.h"

enum {
	SLICE_MS = 250,          /* between two looks at the clock and for a signal, at first, */
	LONGEST_SLICE_MS = 4000, /* and where a broker takes its time: an answer that comes later is lost */
	ASK_MS = 10000           /* for one answer later on */
};

/* ---- errors that come beside an answer ---- */

static int
check_client(struct kafka *k, struct err *err)
{
	rd_kafka_poll(k->rk, 0);
	if (k->client.fatal == RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	return err_set(err, kafka_kind(k->client.fatal), "%s: %s", k->what.p, k->client.fatal_text);
}

/* ---- topics ---- */

static int
no_topic(const struct kafka *k, const char *name, rd_kafka_resp_err_t e, struct err *err)
{
	if (e == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		return err_set(err, ERR_FATAL, "%s has no topic %s", k->what.p, name);
	return kafka_fail(&k->client, e, err, "topic %s", name);
}

/* Is it only that the cluster is not done yet with something, as a partition without a leader? */
static bool
comes_later(rd_kafka_resp_err_t e)
{
	return e == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE || e == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION
	       || e == RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE || e == RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE
	       || e == RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH || e == RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH
	       || e == RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE || e == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT
	       || e == RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION || e == RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR
	       || e == RD_KAFKA_RESP_ERR__TIMED_OUT || e == RD_KAFKA_RESP_ERR__TRANSPORT
	       || e == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || e == RD_KAFKA_RESP_ERR__RESOLVE
	       || e == RD_KAFKA_RESP_ERR__WAIT_CACHE;
}

void
kafka_topic_grow(struct kafka_topic *t, int32_t n_partitions)
{
	if (n_partitions <= t->n_partitions)
		return;
	t->parts = alloc_resized(t->parts, (size_t)n_partitions, sizeof(struct kafka_part *));
	for (int32_t p = t->n_partitions; p < n_partitions; p++)
		t->parts[p] = NULL;
	t->n_partitions = n_partitions;
}

/* 1: the number of its partitions is known; 0: no answer in this slice. */
static int
ask_topic(struct kafka *k, struct kafka_topic *t, int64_t slice_ms, struct err *err)
{
	const struct rd_kafka_metadata *md;
	rd_kafka_resp_err_t             e = rd_kafka_metadata(k->rk, 0, t->rkt, &md, (int)slice_ms);

	if (check_client(k, err) == -1) {
		if (e == RD_KAFKA_RESP_ERR_NO_ERROR)
			rd_kafka_metadata_destroy(md);
		return -1;
	}
	if (e == RD_KAFKA_RESP_ERR_NO_ERROR) {
		if (md->topic_cnt != 1)
			e = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
		else if ((e = md->topics[0].err) == RD_KAFKA_RESP_ERR_NO_ERROR)
			kafka_topic_grow(t, md->topics[0].partition_cnt);
		rd_kafka_metadata_destroy(md);
	}
	if (e == RD_KAFKA_RESP_ERR_NO_ERROR)
		return 1;
	return comes_later(e) ? 0 : no_topic(k, t->name, e, err);
}

static int
told_to_stop(const struct kafka *k, struct err *err)
{
	return err_set(err, ERR_RETRY, "%s: told to stop before it answered", k->what.p);
}

/* Has any broker said something yet?  It is the library that keeps asking: no answer is lost between two looks. */
static bool
is_anybody_there(struct kafka *k)
{
	char *id = rd_kafka_clusterid(k->rk, SLICE_MS);

	if (id == NULL)
		return false;
	rd_kafka_mem_free(k->rk, id);
	return true;
}

/* The slices become long only where somebody is known to be there, whose answer they wait for. */
static int
wait_for_topic(struct kafka *k, struct kafka_topic *t, int64_t deadline_ms, struct err *err)
{
	int64_t slice_ms = SLICE_MS, left_ms;
	int     r;

	for (;;) {
		left_ms = deadline_ms - clock_mono_ms();
		r = ask_topic(k, t, slice_ms < left_ms ? slice_ms : left_ms < 1 ? 1 : left_ms, err);
		if (r != 0)
			break;
		if (k->conf.remote->stop_asked())
			return told_to_stop(k, err);
		if (clock_mono_ms() >= deadline_ms)
			return err_set(err, ERR_RETRY, "%s: no broker has answered within --connect-timeout%s%s", k->what.p,
			               k->client.last_text[0] == '\0' ? "" : ": ", k->client.last_text);
		if (is_anybody_there(k))
			slice_ms = slice_ms * 2 < LONGEST_SLICE_MS ? slice_ms * 2 : LONGEST_SLICE_MS;
	}
	return r == -1 ? -1 : 0;
}

static void
keep_cluster(struct kafka *k)
{
	char *id = rd_kafka_clusterid(k->rk, SLICE_MS);

	k->cluster = alloc_string(id);
	if (id != NULL)
		rd_kafka_mem_free(k->rk, id);
}

int
kafka_connect(struct kafka *k, struct err *err)
{
	int64_t deadline_ms;

	if (k->is_connected)
		return 0;
	deadline_ms = clock_mono_ms() + k->conf.remote->connect_timeout_ms;
	for (size_t i = 0; i < k->url.n_topics; i++) {
		struct kafka_topic *t = &k->topics[i];

		t->name = k->url.topics[i];
		t->rkt = rd_kafka_topic_new(k->rk, t->name, NULL);
		if (t->rkt == NULL)
			return kafka_fail(&k->client, rd_kafka_last_error(), err, "topic %s", t->name);
		if (wait_for_topic(k, t, deadline_ms, err) == -1)
			return -1;
	}
	keep_cluster(k);
	kafka_answered(&k->client);
	k->is_connected = true;
	return 0;
}

/* ---- partitions ---- */

struct kafka_part *
kafka_add_part(struct kafka *k, struct kafka_topic *t, int32_t partition)
{
	struct kafka_part *p = alloc_zeroed(1, sizeof(*p));

	*p = (struct kafka_part){ .topic = t, .partition = partition, .index = k->n_parts, .next = -1, .expected = 0,
	                          .from_ms = WHEN_MIN, .end = -1, .known_end = -1, .ts_ms = WHEN_MIN };
	buf_lit(&p->head, "{\"topic\":");
	text_quote(&p->head, span_str(t->name));
	buf_printf(&p->head, ",\"partition\":%d,\"offset\":", partition);
	t->parts[partition] = p;
	k->parts = alloc_resized(k->parts, k->n_parts + 1, sizeof(struct kafka_part *));
	k->parts[k->n_parts++] = p;
	return p;
}

int
kafka_add_parts(struct kafka *k, struct err *err)
{
	for (size_t i = 0; i < k->url.n_topics; i++) {
		struct kafka_topic *t = &k->topics[i];

		for (size_t r = 0; r < k->select.n_ranges; r++)
			if (k->select.ranges[r].last >= t->n_partitions)
				return err_set(err, ERR_FATAL, "%s: topic %s has no partition %d: it has %d", k->what.p, t->name,
				               k->select.ranges[r].last, t->n_partitions);
		for (int32_t p = 0; p < t->n_partitions; p++)
			if (t->parts[p] == NULL && kafka_select_has(&k->select, p))
				kafka_add_part(k, t, p);
	}
	return 0;
}

/*
 * A question about a partition had the answer E.  1: it is to be asked again; 0: that is the answer; -1: err.  A partition
 * that has no leader just now may be unknown to the library, too; that it is there, the topic has said.
 */
static int
ask_again(struct kafka *k, rd_kafka_resp_err_t e, int64_t deadline_ms, struct err *err)
{
	enum { PAUSE_MS = 100 };

	if (e == RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	if (check_client(k, err) == -1)
		return -1;
	if ((!comes_later(e) && e != RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION && e != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
	    || clock_mono_ms() >= deadline_ms)
		return 0;
	if (k->conf.remote->stop_asked())
		return told_to_stop(k, err);
	rd_kafka_poll(k->rk, PAUSE_MS);
	return 1;
}

static int64_t
ask_until_ms(const struct kafka *k)
{
	return clock_mono_ms() + k->conf.remote->connect_timeout_ms;
}

int
kafka_ask_ends(struct kafka *k, const struct kafka_part *p, int64_t *first, int64_t *end, struct err *err)
{
	int64_t             deadline_ms = ask_until_ms(k);
	rd_kafka_resp_err_t e;
	int                 again;

	do
		e = rd_kafka_query_watermark_offsets(k->rk, p->topic->name, p->partition, first, end, ASK_MS);
	while ((again = ask_again(k, e, deadline_ms, err)) == 1);
	if (again == -1 || e == RD_KAFKA_RESP_ERR_NO_ERROR)
		return again;
	return kafka_fail(&k->client, e, err, "%s[%d]: where it begins and ends", p->topic->name, p->partition);
}

/* By the time of messages: a lower bound, as what transactions leave behind has a time, too. */
static int
ask_time(struct kafka *k, const struct kafka_part *p, int64_t ts_ms, int64_t end, int64_t *offset, struct err *err)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_t      *at = rd_kafka_topic_partition_list_add(list, p->topic->name, p->partition);
	int64_t                          deadline_ms = ask_until_ms(k);
	rd_kafka_resp_err_t              e;
	int                              again;

	do {
		at->offset = ts_ms < 0 ? 0 : ts_ms;
		e = rd_kafka_offsets_for_times(k->rk, list, ASK_MS);
		if (e == RD_KAFKA_RESP_ERR_NO_ERROR)
			e = at->err;
	} while ((again = ask_again(k, e, deadline_ms, err)) == 1);
	*offset = at->offset < 0 ? end : at->offset;
	rd_kafka_topic_partition_list_destroy(list);
	if (again == -1 || e == RD_KAFKA_RESP_ERR_NO_ERROR)
		return again;
	return kafka_fail(&k->client, e, err, "%s[%d]: where a time stands", p->topic->name, p->partition);
}

/* Where the options say. */
static int
find_beginning(struct kafka *k, struct kafka_part *p, int64_t first, int64_t end, struct err *err)
{
	int64_t n = k->conf.from.n > INT64_MAX ? INT64_MAX : (int64_t)k->conf.from.n;

	switch (k->conf.from.kind) {
	case SOURCE_FROM_BEGINNING:
		break;
	case SOURCE_FROM_OFFSET:
		p->floor = n;
		p->next = n < first ? first : n > end ? end : n;
		break;
	case SOURCE_FROM_LAST:
		p->next = end - first < n ? first : end - n;
		break;
	case SOURCE_FROM_TIME:
		p->from_ms = k->conf.from_ms;
		return ask_time(k, p, p->from_ms, end, &p->next, err);
	}
	return 0;
}

int
kafka_begin_part(struct kafka *k, struct kafka_part *p, struct err *err)
{
	if (k->conf.by_part && p->queue == NULL)
		p->queue = kafka_queue_new(k);
	p->expected = p->next < 0 ? 0 : p->next;
	if (rd_kafka_consume_start_queue(p->topic->rkt, p->partition, p->next < 0 ? RD_KAFKA_OFFSET_BEGINNING : p->next,
	                                 p->queue != NULL ? p->queue : k->batch.queue) == -1)
		return kafka_fail(&k->client, rd_kafka_last_error(), err, "%s[%d]", p->topic->name, p->partition);
	p->is_started = true;
	return 0;
}

int
kafka_fail_beyond(const struct kafka_part *p, int64_t end, struct err *err)
{
	return err_set(err, ERR_DATA, "%s[%d]: wanted is offset %" PRId64 ", but it ends at %" PRId64 ": is it another topic of that "
	               "name, or has the broker lost data?", p->topic->name, p->partition, p->next, end);
}

static int
start_part(struct kafka *k, struct kafka_part *p, bool is_late, struct err *err)
{
	bool    is_new = p->next < 0 && !is_late;
	int64_t first = 0, end = 0;

	if ((k->conf.exit_at_end || (is_new && k->conf.from.kind != SOURCE_FROM_BEGINNING))
	    && kafka_ask_ends(k, p, &first, &end, err) == -1)
		return -1;
	if (is_new && find_beginning(k, p, first, end, err) == -1)
		return -1;
	if (k->conf.exit_at_end && p->next > end)
		return kafka_fail_beyond(p, end, err);
	if (k->conf.exit_at_end) {
		p->end = end;
		if ((p->next < 0 ? first : p->next) >= end) {
			if (p->next < 0)
				p->next = first;
			kafka_part_done(k, p);
			return 0;
		}
	}
	return kafka_begin_part(k, p, err);
}

int
kafka_start_parts(struct kafka *k, struct err *err)
{
	bool   is_late = k->is_started || k->is_loaded;  /* a new partition of a running pipeline: from its beginning */
	size_t known = k->n_parts;

	if (k->is_started && !k->looks_for_new)
		return 0;
	k->looks_for_new = false;
	if (kafka_add_parts(k, err) == -1)
		return -1;
	if (k->n_parts == 0)
		return err_set(err, ERR_USAGE, "%s: none of the partitions is selected", k->what.p);
	for (size_t i = k->is_started ? known : 0; i < k->n_parts; i++)
		if (start_part(k, k->parts[i], is_late, err) == -1)
			return -1;
	k->is_started = true;
	return 0;
}
