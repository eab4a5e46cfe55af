/* sink_epoch - what a commit says of where it went, and which epoch is there */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "io/clock.h"
#include "json/text.h"
#include "json/tree.h"
#include "kafka/sink_parts.h"

/* ---- the token: what a commit says of where it went ---- */

void
sink_put_token(const struct kafka_sink *k, struct buf *token)
{
	buf_lit(token, "{\"topic\":");
	text_quote(token, k->home == NULL ? SPAN_LIT("") : span_str(k->home->name));
	buf_lit(token, ",\"cluster\":");
	text_quote(token, span_str(k->cluster));
	buf_str(token, k->exactly ? ",\"transactions\":true}" : ",\"transactions\":false}");
}

/* Is it of the topic that we are to write? */
static int
check_token(const struct kafka_sink *k, struct span text, bool *transactions, struct err *err)
{
	struct tree *t = tree_parse(text, err);
	struct span  topic, cluster;
	int          r = -1;

	if (t == NULL)
		return err_in(err, "commit");
	if (!tree_string(t, "topic", &topic) || !tree_string(t, "cluster", &cluster) || !tree_bool(t, "transactions", transactions))
		err_set(err, ERR_DATA, "%s: the checkpoint was made with another kind of sink", k->client.what);
	else if (!span_eq(topic, k->target.url.n_topics == 0 ? SPAN_LIT("") : span_str(k->target.url.topics[0])))
		err_set(err, ERR_DATA, "%s: the checkpoint was made with the topic %.*s", k->client.what, SPAN_ARGS(topic));
	else if (k->cluster[0] != '\0' && cluster.n > 0 && !span_eq(cluster, span_str(k->cluster)))
		err_set(err, ERR_DATA, "%s: the checkpoint was made with another cluster, %.*s; this is %s", k->client.what,
		        SPAN_ARGS(cluster), k->cluster);
	else
		r = 0;
	tree_free(t);
	return r;
}

/* ---- the epoch ---- */

static void
ask_cluster(struct kafka_sink *k, int64_t deadline_ms)
{
	int64_t left_ms = deadline_ms - clock_mono_ms();
	char   *id = rd_kafka_clusterid(k->rk, left_ms < 1 ? 1 : (int)left_ms);

	free(k->cluster);
	k->cluster = alloc_string(id == NULL ? "" : id);
	if (id != NULL)
		rd_kafka_mem_free(k->rk, id);
}

/* It reads nothing but the offset of our group. */
static rd_kafka_t *
make_reader(struct kafka_sink *k, struct err *err)
{
	const struct kafka_setting ours[] = { { NULL, NULL } };
	const struct kafka_setting fixed[] = {
		{ "group.id", k->pipeline }, { "enable.auto.commit", "false" }, { "isolation.level", "read_committed" }, { NULL, NULL }
	};
	rd_kafka_conf_t *conf = kafka_conf(&k->client, &k->target.url, ours, fixed, err);
	rd_kafka_t      *rk = conf == NULL ? NULL : kafka_new(RD_KAFKA_CONSUMER, conf, err);

	if (rk != NULL)
		rd_kafka_set_log_queue(rk, NULL);
	return rk;
}

static int
ask_epoch(struct kafka_sink *k, int64_t deadline_ms, struct epoch_case *c, uint64_t *run, struct err *err)
{
	struct buf          text = { 0 };
	rd_kafka_resp_err_t e;
	int64_t             offset = -1;
	uint64_t            said = 0;
	rd_kafka_t         *reader = make_reader(k, err);
	int                 again, r = 0;

	if (reader == NULL)
		return -1;
	do {
		buf_reset(&text);
		e = ask_offset(reader, k->home->name, SLICE_MS, &offset, &text);
	} while ((again = sink_ask_again(k, e, deadline_ms, err)) == 1);
	kafka_destroy(reader);
	if (again == -1)
		r = -1;
	else if (e != RD_KAFKA_RESP_ERR_NO_ERROR)
		r = kafka_fail(&k->client, e, err, "the epoch, as an offset of group %s", k->pipeline);
	c->has_answer = offset >= 0;
	c->answer = offset < 0 ? 0 : (uint64_t)offset;
	if (r == 0 && c->has_answer && (!epoch_read_text(buf_all(&text), run, &said) || said != c->answer))
		r = err_set(err, ERR_DATA, "%s: the offset of group %s was committed by somebody else", k->client.what, k->pipeline);
	buf_release(&text);
	return r;
}

int
sink_check_run(struct kafka_sink *k, struct err *err)
{
	struct epoch_case c = { .has_answer = false };
	uint64_t          run = 0;

	if (ask_epoch(k, INT64_MAX, &c, &run, err) == -1)
		return -1;
	if (c.has_answer && run == k->run && c.answer == k->epoch)
		return 0;
	return err_set(err, ERR_RETRY, "%s: another run has taken over", k->client.what);
}

static int
judge(const struct kafka_sink *k, const struct epoch_case *c, uint64_t *held, struct err *err)
{
	const char *topic = k->home->name;

	switch (epoch_decide(c, held)) {
	case EPOCH_GO_ON:
		return 0;
	case EPOCH_EXPIRED:
		kafka_say(&k->client, "the brokers have forgotten epoch %" PRIu64 " of topic %s (offsets.retention.minutes), or the "
		          "topic was made anew; nothing was in flight: it goes on from there", c->epoch, topic);
		return 0;
	case EPOCH_IN_DOUBT:
		return err_set(err, ERR_DATA, "%s: the brokers have forgotten which epoch topic %s holds, and epoch %" PRIu64
		               " was in flight: look whether its records are there; --assume-epoch %" PRIu64 " says that they are, "
		               "--assume-epoch %" PRIu64 " that they are not", k->client.what, topic, c->epoch + 1, c->epoch + 1,
		               c->epoch);
	case EPOCH_FOREIGN:
		return err_set(err, ERR_DATA, "%s: topic %s holds epoch %" PRIu64 " of this pipeline, the checkpoint is at %" PRIu64
		               ": an older copy of either; --assume-epoch %" PRIu64 " takes what the checkpoint says",
		               k->client.what, topic, c->answer, c->epoch, c->epoch);
	case EPOCH_NOT_ASSUMED:
		break;
	}
	if (c->has_answer && c->answer == *held)
		return err_set(err, ERR_USAGE, "--assume-epoch %" PRIu64 ": topic %s is known to hold epoch %" PRIu64
		               "; leave the option out", c->assumed, topic, *held);
	return err_set(err, ERR_USAGE, "--assume-epoch %" PRIu64 ": the checkpoint is at epoch %" PRIu64, c->assumed, c->epoch);
}

/* Shut out older runs, and ask. */
static int
settle(struct kafka_sink *k, const struct sink_start *start, bool was_plain, int64_t deadline_ms, struct sink_held *held,
       struct err *err)
{
	struct epoch_case c = { .has_commit = start->has_commit, .epoch = start->epoch, .closed = start->closed,
	                        .was_plain = was_plain, .is_assumed = k->conf.has_assumed, .assumed = k->conf.assumed_epoch };

	held->run = 0;
	if (ask_epoch(k, deadline_ms, &c, &held->run, err) == -1 || judge(k, &c, &held->epoch, err) == -1)
		return -1;
	k->run = start->run > held->run ? start->run : held->run + 1;
	/* Kept for offsets.retention.minutes from now on; and a pipeline's first one says that "none" is not normal. */
	return sink_commit_epoch(k, held->epoch, err);
}

int
sink_start(struct kafka_sink *k, const struct sink_start *start, struct sink_held *held, struct err *err)
{
	int64_t deadline_ms = clock_mono_ms() + k->conf.remote->connect_timeout_ms;
	bool    exactly = k->exactly, transactions = exactly;

	k->pipeline = alloc_string(start->pipeline);
	k->cluster = alloc_string("");          /* not known yet */
	held->epoch = start->epoch;
	if (start->has_commit && check_token(k, start->token, &transactions, err) == -1)
		return -1;
	k->exactly = exactly || (transactions && !start->closed);
	if (sink_open_target(k, deadline_ms, err) == -1)
		return -1;
	ask_cluster(k, deadline_ms);
	if (start->has_commit && check_token(k, start->token, &transactions, err) == -1)
		return -1;
	if (k->exactly && settle(k, start, start->has_commit && !transactions, deadline_ms, held, err) == -1)
		return -1;
	if (k->exactly != exactly) {            /* what was in flight is settled; now without */
		k->exactly = exactly;
		sink_disconnect(k);
		if (sink_connect(k, deadline_ms, err) == -1)
			return -1;
	}
	sink_put_token(k, &held->token);
	return 0;
}
