/* source_read - messages, run by run of one partition, as lines */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/when.h"
#include "json/scan.h"
#include "kafka/source_parts.h"

/* ---- the batch ---- */

static void
drop_message(struct kafka_batch *b)
{
	rd_kafka_message_destroy(b->messages[b->at++]);
}

static void
drop_messages(struct kafka_batch *b)
{
	while (b->at < b->n)
		drop_message(b);
}

void
kafka_batch_release(struct kafka_batch *b)
{
	drop_messages(b);
	buf_release(&b->lines);
	free(b->headers);
}

/* Its callbacks run here, in our thread. */
int
kafka_serve(struct kafka *k, struct err *err)
{
	rd_kafka_poll(k->rk, 0);
	if (k->client.fatal != RD_KAFKA_RESP_ERR_NO_ERROR)
		return err_set(err, kafka_kind(k->client.fatal), "%s: %s", k->what.p, k->client.fatal_text);
	return 0;
}

static int
fetch(struct kafka *k, struct kafka_batch *b, struct err *err)
{
	ssize_t n;

	if (kafka_serve(k, err) == -1)
		return -1;
	b->at = b->n = 0;
	n = rd_kafka_consume_batch_queue(b->queue, 0, b->messages, READ_BATCH_MAX);
	if (n == -1)
		return kafka_fail(&k->client, rd_kafka_last_error(), err, "reading");
	b->n = (size_t)n;
	return 0;
}

/* ---- what is no message ---- */

void
kafka_part_done(struct kafka *k, struct kafka_part *p)
{
	if (!p->is_done)
		k->n_done++;
	p->is_done = true;
}

/* All that there is for now is read; what transactions leave behind may lie before its offset. */
static void
at_end(struct kafka *k, struct kafka_part *p, int64_t offset)
{
	if (offset > p->expected)
		p->expected = offset;
	if (offset > p->next)
		p->next = offset;
	if (p->end >= 0 && offset >= p->end)
		kafka_part_done(k, p);
}

/* What we want is not there: deleted by now, or never written. */
static int
at_gap(struct kafka *k, struct kafka_part *p, struct err *err)
{
	int64_t     first, end;
	const char *topic = p->topic->name;

	if (kafka_ask_ends(k, p, &first, &end, err) == -1)
		return -1;
	if (p->next > end)
		return kafka_fail_beyond(p, end, err);
	if (!k->conf.skip_gaps)
		return err_set(err, ERR_DATA, "%s[%d]: wanted is offset %" PRId64 ", but what is before %" PRId64 " has been deleted: "
		               "--on-gap skip goes on there", topic, p->partition, p->next, first);
	kafka_say(&k->client, "%s[%d]: offsets %" PRId64 " to %" PRId64 " have been deleted, and are passed over", topic, p->partition,
	           p->next, first - 1);
	rd_kafka_consume_stop(p->topic->rkt, p->partition);
	p->next = first;
	return kafka_begin_part(k, p, err);
}

/* 0: go on.  -1: err. */
static int
take_event(struct kafka *k, struct kafka_part *p, const rd_kafka_message_t *m, struct err *err)
{
	switch (m->err) {
	case RD_KAFKA_RESP_ERR__PARTITION_EOF:
		at_end(k, p, m->offset);
		return 0;
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
	case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
		return at_gap(k, p, err);
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
		return err_set(err, ERR_FATAL, "%s[%d] is gone: was the topic deleted?", p->topic->name, p->partition);
	default:
		if (kafka_kind(m->err) == ERR_RETRY)     /* librdkafka goes on by itself */
			return 0;
		return err_set(err, kafka_kind(m->err), "%s[%d]: %s", p->topic->name, p->partition, rd_kafka_message_errstr(m));
	}
}

/* ---- messages ---- */

static bool
has_time(const rd_kafka_message_t *m, int64_t *ts_ms)
{
	rd_kafka_timestamp_type_t type;

	*ts_ms = rd_kafka_message_timestamp(m, &type);
	return type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
}

/* Is it one that is not to be given out: there before, or before what the options say? */
static bool
is_passed_over(struct kafka_part *p, const rd_kafka_message_t *m)
{
	int64_t ts_ms;

	if (m->offset < p->expected || m->offset < p->floor)
		return true;
	if (p->from_ms == WHEN_MIN)
		return false;
	if (has_time(m, &ts_ms) && ts_ms < p->from_ms)
		return true;
	p->from_ms = WHEN_MIN;
	return false;
}

static size_t
take_headers(struct kafka_batch *b, const rd_kafka_message_t *m)
{
	rd_kafka_headers_t *headers;
	const void         *value;
	const char         *name;
	size_t              n, size;

	if (rd_kafka_message_headers(m, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	n = rd_kafka_header_cnt(headers);
	if (n > b->headers_cap) {
		b->headers_cap = n < READ_HEADERS_MAX ? READ_HEADERS_MAX : n;
		b->headers = alloc_resized(b->headers, b->headers_cap, sizeof(*b->headers));
	}
	for (size_t i = 0; i < n && rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
		b->headers[i] = (struct line_header){ span_str(name), span_of(value, size) };
	return n;
}

static void
put_line(struct kafka *k, struct kafka_batch *b, struct kafka_part *p, const rd_kafka_message_t *m)
{
	struct line_message line = { .head = buf_all(&p->head), .offset = m->offset, .key = span_of(m->key, m->key_len),
	                             .value = span_of(m->payload, m->len) };

	line.has_ts = has_time(m, &line.ts_ms);
	line.n_headers = take_headers(b, m);
	line.headers = b->headers;
	line_put(&k->maker, &b->lines, &line);
	b->behind[b->n_lines].next = m->offset + 1;
	b->behind[b->n_lines].ts_ms = line.has_ts ? line.ts_ms : WHEN_MIN;
	b->n_lines++;
	p->expected = m->offset + 1;
}

/* What is left out behind the lines goes with the last of them. */
static void
pass_over(struct kafka_batch *b, struct kafka_part *p, const rd_kafka_message_t *m)
{
	int64_t next = m->offset + 1;

	if (next <= p->expected)
		return;
	p->expected = next;
	if (b->n_lines > 0)
		b->behind[b->n_lines - 1].next = next;
	else
		p->next = next;
}

/* NULL: what it says is of a whole topic, or of all. */
static struct kafka_part *
part_of(const struct kafka *k, const rd_kafka_message_t *m)
{
	for (size_t i = 0; i < k->url.n_topics; i++)
		if (k->topics[i].rkt == m->rkt)
			return m->partition >= 0 && m->partition < k->topics[i].n_partitions ? k->topics[i].parts[m->partition] : NULL;
	return NULL;
}

static int
take_event_of_all(struct kafka *k, const rd_kafka_message_t *m, struct err *err)
{
	if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR || kafka_kind(m->err) == ERR_RETRY)
		return 0;
	return err_set(err, kafka_kind(m->err), "%s: %s", k->what.p, rd_kafka_message_errstr(m));
}

/* A message that would be longer than --max-line: what can be shown of it. */
static enum source_event
give_long(struct kafka_batch *b, struct kafka_part *p, const rd_kafka_message_t *m, struct source_chunk *chunk)
{
	size_t shown = m->len < READ_CHUNK_BYTES ? m->len : READ_CHUNK_BYTES;

	buf_put(&b->lines, m->payload, shown);
	*chunk = (struct source_chunk){ .p = b->lines.p, .end = b->lines.p + shown, .offset = (uint64_t)m->offset,
	                                .long_bytes = m->len };
	b->behind[b->n_lines].next = p->expected = m->offset + 1;
	b->behind[b->n_lines++].ts_ms = WHEN_MIN;
	drop_message(b);
	return SOURCE_LONG_LINE;
}

/*
 * What comes next of the batch: lines of one partition, until another begins or they are enough.  SOURCE_WAIT: nothing
 * of it was to be given out.
 */
static enum source_event
take_batch(struct kafka *k, struct kafka_batch *b, struct source_chunk *chunk, struct err *err)
{
	int64_t first = -1;

	buf_reset(&b->lines);
	b->n_lines = b->n_taken = 0;
	while (b->at < b->n && b->lines.n < READ_CHUNK_BYTES) {
		const rd_kafka_message_t *m = b->messages[b->at];
		struct kafka_part        *p = part_of(k, m);

		if (p == NULL || p->is_done) {
			if (p == NULL && take_event_of_all(k, m, err) == -1)
				return SOURCE_ERROR;
			drop_message(b);
			continue;
		}
		if (b->n_lines > 0 && (p != b->part || m->err != RD_KAFKA_RESP_ERR_NO_ERROR || m->len > k->conf.max_line_bytes))
			break;
		if (m->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
			int r = take_event(k, p, m, err);

			drop_message(b);
			if (r == -1)
				return SOURCE_ERROR;
			continue;
		}
		if (p->end >= 0 && m->offset >= p->end) {
			if (b->n_lines > 0)
				break;
			kafka_part_done(k, p);
			continue;
		}
		if (is_passed_over(p, m)) {
			pass_over(b, p, m);
			drop_message(b);
			continue;
		}
		if (p != b->begun) {
			b->begun = p;
			*chunk = (struct source_chunk){ .topic = p->topic->name, .partition = p->partition, .part = p->index };
			return SOURCE_BEGINS;
		}
		b->part = p;
		if (m->len > k->conf.max_line_bytes)
			return give_long(b, p, m, chunk);
		first = first == -1 ? m->offset : first;
		put_line(k, b, p, m);
		drop_message(b);
	}
	if (b->n_lines == 0)
		return SOURCE_WAIT;
	memset(buf_reserve(&b->lines, SCAN_PAD), 0, SCAN_PAD);
	*chunk = (struct source_chunk){ .p = b->lines.p, .end = b->lines.p + b->lines.n, .offset = (uint64_t)first };
	return SOURCE_LINES;
}

enum source_event
kafka_read(struct kafka *k, struct kafka_batch *b, const struct kafka_part *only, struct source_chunk *chunk, struct err *err)
{
	for (;;) {
		enum source_event e = take_batch(k, b, chunk, err);

		if (e != SOURCE_WAIT)
			return e;
		if (only == NULL ? k->n_done == k->n_parts : only->is_done)
			return SOURCE_LEAVE;
		if (b->at < b->n)
			continue;
		if (fetch(k, b, err) == -1)
			return SOURCE_ERROR;
		if (b->n == 0)
			return SOURCE_WAIT;
	}
}

void
kafka_read_took(struct kafka *k, struct kafka_batch *b, uint64_t lines)
{
	if (lines == 0)
		return;
	b->n_taken += lines;
	b->part->next = b->behind[b->n_taken - 1].next;
	b->part->ts_ms = b->behind[b->n_taken - 1].ts_ms;
	if (b->part->end >= 0 && b->part->next >= b->part->end)
		kafka_part_done(k, b->part);
}
