/*
 * sink_txn - transactions, and what their errors mean
 *
 * An epoch is one transaction: begin, produce, at the barrier the epoch itself as a committed offset, commit.  All calls
 * that wait are made in slices, again and again while the library says that this may help: what dies in between comes
 * back, or the broker gives the transaction up, which the next call tells.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ckpt/ckpt.h"
#include "io/clock.h"
#include "kafka/sink_parts.h"

/* ---- what went wrong ---- */

static bool
is_fence(rd_kafka_resp_err_t e)
{
	return e == RD_KAFKA_RESP_ERR__FENCED || e == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH
	       || e == RD_KAFKA_RESP_ERR_PRODUCER_FENCED;
}

static int
fenced(const struct kafka_sink *k, struct err *err)
{
	int64_t open_ms = clock_mono_ms() - k->begun_ms;

	if (k->is_begun && open_ms >= sink_setting(k, "transaction.timeout.ms"))
		return err_set(err, ERR_RETRY, "%s: the transaction was open for %lld s, longer than -X transaction.timeout.ms allows: "
		               "is --checkpoint-interval too long, or was the broker away?", k->client.what,
		               (long long)(open_ms / 1000));
	return err_set(err, ERR_RETRY, "%s: another run has taken over", k->client.what);
}

static int
not_taken(const struct kafka_sink *k, struct err *err)
{
	if (k->failed == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC || k->failed == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION
	    || k->failed == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		return err_set(err, ERR_FATAL, "%s: topic %s is not there any more", k->client.what, k->failed_topic);
	return kafka_fail(&k->client, k->failed, err, "a message for topic %s was not taken", k->failed_topic);
}

/* A message that was not taken tells more than the transaction that fails with it. */
static int
fail(const struct kafka_sink *k, rd_kafka_resp_err_t e, const char *doing, struct err *err)
{
	if (is_fence(e))
		return fenced(k, err);
	if (k->failed != RD_KAFKA_RESP_ERR_NO_ERROR && (kafka_kind(e) == ERR_RETRY || kafka_kind(k->failed) != ERR_RETRY))
		return not_taken(k, err);
	if (k->client.fatal != RD_KAFKA_RESP_ERR_NO_ERROR && kafka_kind(e) == ERR_RETRY)
		return err_set(err, kafka_kind(k->client.fatal), "%s: %s", k->client.what, k->client.fatal_text);
	return kafka_fail(&k->client, e, err, "%s", doing);
}

int
sink_serve(struct kafka_sink *k, int wait_ms, struct err *err)
{
	rd_kafka_poll(k->rk, wait_ms);
	if (k->client.fatal != RD_KAFKA_RESP_ERR_NO_ERROR)
		return is_fence(k->client.fatal) ? fenced(k, err) : err_set(err, kafka_kind(k->client.fatal), "%s: %s",
		                                                            k->client.what, k->client.fatal_text);
	if (k->failed != RD_KAFKA_RESP_ERR_NO_ERROR)
		return not_taken(k, err);
	return 0;
}

/* ---- calls that wait ---- */

typedef rd_kafka_error_t *waiting_call(struct kafka_sink *, uint64_t epoch);

static int
until_done(struct kafka_sink *k, waiting_call *call, uint64_t epoch, const char *doing, struct err *err)
{
	rd_kafka_error_t *e;

	while ((e = call(k, epoch)) != NULL) {
		rd_kafka_resp_err_t code = rd_kafka_error_code(e);
		bool                again = !rd_kafka_error_is_fatal(e) && !rd_kafka_error_txn_requires_abort(e)
		                            && rd_kafka_error_is_retriable(e) && !is_fence(code);

		rd_kafka_error_destroy(e);
		rd_kafka_poll(k->rk, 100);
		if (!again)
			return fail(k, code, doing, err);
		k->is_tainted = true;
	}
	kafka_answered(&k->client);
	return 0;
}

/* The epoch, as the offset that our own group has on partition 0 of the topic. */
static rd_kafka_error_t *
send_epoch(struct kafka_sink *k, uint64_t epoch)
{
	rd_kafka_topic_partition_list_t   *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_t        *p = rd_kafka_topic_partition_list_add(list, k->home->name, 0);
	rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata_new(k->pipeline);
	struct buf                         text = { 0 };
	rd_kafka_error_t                  *e;

	epoch_put_text(&text, k->run, epoch);
	p->offset = (int64_t)epoch;
	p->metadata = alloc_string_n(text.p, text.n);
	p->metadata_size = text.n;
	e = rd_kafka_send_offsets_to_transaction(k->rk, list, group, SLICE_MS);
	buf_release(&text);
	rd_kafka_consumer_group_metadata_destroy(group);
	rd_kafka_topic_partition_list_destroy(list);
	return e;
}

static rd_kafka_error_t *
commit(struct kafka_sink *k, uint64_t epoch)
{
	(void)epoch;
	return rd_kafka_commit_transaction(k->rk, SLICE_MS);
}

/* ---- transactions ---- */

/*
 * Where a request was given up and made again, the old one may still lie somewhere and end the wrong transaction: with a
 * new handle it counts for nothing.  That handle shuts out whoever has taken over meanwhile, too: so look who was last.
 */
static int
renew(struct kafka_sink *k, struct err *err)
{
	sink_disconnect(k);
	kafka_note(&k->client, "a request was given up and made again: from here on with a new handle");
	return sink_connect(k, CLOCK_NEVER, err) == -1 ? -1 : sink_check_run(k, err);
}

int
sink_begin(struct kafka_sink *k, struct err *err)
{
	rd_kafka_error_t   *e;
	rd_kafka_resp_err_t code;

	if (k->is_begun)
		return 0;
	if (k->is_tainted && renew(k, err) == -1)
		return -1;
	k->is_tainted = false;
	if ((e = rd_kafka_begin_transaction(k->rk)) == NULL) {
		k->is_begun = true;
		k->begun_ms = clock_mono_ms();
		ckpt_crash_point(k->conf.stage, "begun");
		return 0;
	}
	code = rd_kafka_error_code(e);
	rd_kafka_error_destroy(e);
	return fail(k, code, "begin", err);
}

int
sink_commit_epoch(struct kafka_sink *k, uint64_t epoch, struct err *err)
{
	if (sink_begin(k, err) == -1)
		return -1;
	/* Without the epoch in it the transaction must not be committed: its records would come again. */
	if (until_done(k, send_epoch, epoch, "the epoch", err) == -1)
		return -1;
	ckpt_crash_point(k->conf.stage, "epoch-sent");
	if (until_done(k, commit, epoch, "commit", err) == -1)
		return -1;
	ckpt_crash_point(k->conf.stage, "decided");
	k->is_begun = false;
	k->epoch = epoch;
	k->told_ms = clock_mono_ms();
	return 0;
}

void
sink_give_up(struct kafka_sink *k)
{
	enum { PATIENCE_MS = 2000 };
	rd_kafka_error_t *e;

	if (k->rk == NULL || !k->is_begun || k->client.fatal != RD_KAFKA_RESP_ERR_NO_ERROR || k->client.is_down)
		return;
	e = rd_kafka_abort_transaction(k->rk, PATIENCE_MS);
	if (e != NULL)
		rd_kafka_error_destroy(e);
	k->is_begun = false;
}

int
sink_drain(struct kafka_sink *k, struct err *err)
{
	enum { LOOK_MS = 100 };
	bool is_empty;

	do {
		is_empty = rd_kafka_flush(k->rk, LOOK_MS) == RD_KAFKA_RESP_ERR_NO_ERROR;
		if (sink_serve(k, 0, err) == -1)
			return -1;
	} while (!is_empty);
	kafka_answered(&k->client);
	return 0;
}
