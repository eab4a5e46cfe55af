/* rec - records to lines */
#include "rec/rec.h"

#include "json/text.h"

/* ---- origin ---- */

void
rec_origin_set(struct rec_origin *o, struct span topic, int64_t partition)
{
	size_t topic_at, topic_end, partition_at, partition_end;

	buf_reset(&o->head);
	buf_lit(&o->head, "{\"topic\":");
	topic_at = o->head.n;
	if (text_is_utf8(topic)) {
		text_quote(&o->head, topic);
	} else {                        /* a file name may be any bytes: what it shows has to be text */
		buf_char(&o->head, '"');
		text_base64(&o->head, topic);
		buf_char(&o->head, '"');
	}
	topic_end = o->head.n;
	buf_lit(&o->head, ",\"partition\":");
	partition_at = o->head.n;
	buf_i64(&o->head, partition);
	partition_end = o->head.n;
	buf_lit(&o->head, ",\"offset\":");
	o->topic = span_of(o->head.p + topic_at, topic_end - topic_at);
	o->partition = span_of(o->head.p + partition_at, partition_end - partition_at);
}

void
rec_origin_release(struct rec_origin *o)
{
	buf_release(&o->head);
	*o = (struct rec_origin){ 0 };
}

/* ---- members ---- */

void
rec_put_key(struct buf *b, struct span key)
{
	if (key.p == NULL) {
		buf_lit(b, "\"key\":null");
	} else if (text_is_utf8(key)) {
		buf_lit(b, "\"key\":");
		text_quote(b, key);
	} else {
		buf_lit(b, "\"key_base64\":\"");
		text_base64(b, key);
		buf_char(b, '"');
	}
}

enum { STEP = 16 };

/* A few bytes in whole vectors: less than STEP more are read and written. */
static inline char *
copy_short(char *to, const char *from, size_t n)
{
	for (size_t i = 0; i < n; i += STEP)
		memcpy(to + i, from + i, STEP);
	return to + n;
}

/* TO has room for 32 bytes. */
static inline char *
put_ts_at(char *to, const struct rec *rec)
{
	static const char name[8] = ",\"ts\":";

	memcpy(to, name, 8);
	to += 6;
	if (rec->ts_digits != NULL) {
		memcpy(to, rec->ts_digits, STEP);
		return to + 13;
	}
	if (rec->ts_ms < 0)
		*to++ = '-';
	return buf_u64_at(to, rec->ts_ms < 0 ? -(uint64_t)rec->ts_ms : (uint64_t)rec->ts_ms);
}

static void
put_ts(struct buf *b, const struct rec *rec)
{
	char *to = buf_reserve(b, 32);

	b->n = (size_t)(put_ts_at(to, rec) - b->p);
}

/* Of a key_is_plain, which stands in a line: some bytes may be read behind it. */
static inline char *
put_plain_key_at(char *to, struct span key)
{
	memcpy(to, ",\"key\":\"", 8);
	to = copy_short(to + 8, key.p, key.n);
	*to = '"';
	return to + 1;
}

static void
put_key(struct buf *b, const struct rec *rec)
{
	if (rec->key.p != NULL && rec->key_is_plain) {
		char *to = buf_reserve(b, rec->key.n + 9 + STEP);

		b->n = (size_t)(put_plain_key_at(to, rec->key) - b->p);
		return;
	}
	buf_char(b, ',');
	rec_put_key(b, rec->key);
}

static inline void
put_head(struct buf *b, const struct rec *rec, const struct rec_origin *origin)
{
	char *to = buf_reserve(b, origin->head.n + rec->payload.n + rec->key.n + 128);
	bool  is_plain = rec->key.p != NULL && rec->key_is_plain;

	to = copy_short(to, origin->head.p, origin->head.n);
	to = buf_u64_at(to, rec->offset);
	if (rec->has_ts)
		to = put_ts_at(to, rec);
	if (rec->has_key && is_plain)
		to = put_plain_key_at(to, rec->key);
	b->n = (size_t)(to - b->p);
	if (rec->has_key && !is_plain)
		put_key(b, rec);
}

static void
put_error(struct buf *b, const char *stage, const char *reason)
{
	buf_lit(b, ",\"error\":{\"stage\":");
	text_quote(b, span_str(stage));
	buf_lit(b, ",\"reason\":");
	text_quote(b, text_is_utf8(span_str(reason)) ? span_str(reason) : SPAN_LIT("bad bytes"));
	buf_char(b, '}');
}

/* ---- an envelope written anew ---- */

/* Our order.  ts and key are written from the rec, error never; what is not listed follows in its own order. */
static const char *const member_order[] = {
	"topic", "partition", "offset", "ts", "key", "key_base64", "headers", "window", "pane", "n", "payload", "payload_base64",
	"error",
};

enum { M_TOPIC, M_PARTITION, M_OFFSET, M_TS, M_KEY, M_KEY_BASE64, M_PAYLOAD = 10, M_ERROR = 12, M_COUNT };

static int
member_index(struct span name_escaped)
{
	for (int i = 0; i < M_COUNT; i++)
		if (text_equal(name_escaped, span_str(member_order[i])))
			return i;
	return -1;
}

static void
put_value(struct buf *b, const char *name, const struct scan_value *v)
{
	bool quoted = v->kind == SCAN_STRING;

	buf_char(b, ',');
	text_quote(b, span_str(name));
	buf_char(b, ':');
	buf_put(b, v->p - quoted, v->n + 2 * (size_t)quoted);
}

/* Where the record does not say where it comes from, its line does. */
static void
put_id(struct buf *b, const struct scan_value *members, const struct rec *rec, const struct rec_origin *origin)
{
	if (members[M_TOPIC].kind != SCAN_MISSING && members[M_OFFSET].kind != SCAN_MISSING) {
		size_t at = b->n;

		for (int i = M_TOPIC; i <= M_OFFSET; i++)
			if (members[i].kind != SCAN_MISSING)
				put_value(b, member_order[i], &members[i]);
		b->p[at] = '{';
		return;
	}
	buf_span(b, buf_all(&origin->head));
	buf_u64(b, rec->offset);
}

static void
put_unknown(struct buf *b, const struct rec *rec)
{
	const char       *at = rec->line.p + 1;
	struct span       name;
	struct scan_value v;

	while (scan_member(&at, &name, &v)) {
		bool quoted = v.kind == SCAN_STRING;

		if (member_index(name) != -1)
			continue;
		buf_lit(b, ",\"");
		buf_span(b, name);
		buf_lit(b, "\":");
		buf_put(b, v.p - quoted, v.n + 2 * (size_t)quoted);
	}
}

static void
put_derived_id(struct buf *b, const struct rec_change *change)
{
	buf_lit(b, "{\"topic\":");
	text_quote(b, span_str(change->topic));
	buf_lit(b, ",\"partition\":0,\"offset\":");
	buf_u64(b, change->offset);
}

static inline void
put_payload(struct buf *b, struct span payload)
{
	char *to = buf_reserve(b, payload.n + 13);

	memcpy(to, ",\"payload\":", 11);
	memcpy(to + 11, payload.p, payload.n);
	b->n += payload.n + 11;
}

/* All but the closing brace.  CHANGE: NULL, none. */
static void
put_anew(struct buf *b, const struct rec *rec, const struct rec_change *change, const struct rec_origin *origin)
{
	struct scan_value members[M_COUNT] = { { .kind = SCAN_MISSING } };
	const char       *at = rec->line.p + 1;
	struct span       name;
	struct scan_value v;

	while (scan_member(&at, &name, &v)) {
		int i = member_index(name);

		if (i != -1)
			members[i] = v;
	}
	if (change != NULL && change->topic != NULL)
		put_derived_id(b, change);
	else
		put_id(b, members, rec, origin);
	if (rec->has_ts)
		put_ts(b, rec);
	if (rec->has_key)
		put_key(b, rec);
	if (change != NULL && change->payload.p != NULL)
		members[M_PAYLOAD].kind = members[M_PAYLOAD + 1].kind = SCAN_MISSING;
	for (int i = M_KEY_BASE64 + 1; i < M_ERROR; i++)
		if (members[i].kind != SCAN_MISSING)
			put_value(b, member_order[i], &members[i]);
	if (change != NULL && change->payload.p != NULL)
		put_payload(b, change->payload);
	put_unknown(b, rec);
}

/* ---- lines ---- */

void
rec_put(struct buf *b, const struct rec *rec, const struct rec_origin *origin)
{
	if (rec->is_envelope && !rec->must_rewrite) {
		char *to = buf_reserve(b, rec->line.n + 1);

		memcpy(to, rec->line.p, rec->line.n);
		to[rec->line.n] = '\n';
		b->n += rec->line.n + 1;
		return;
	}
	if (rec->is_envelope) {
		put_anew(b, rec, NULL, origin);
		buf_lit(b, "}\n");
		return;
	}
	put_head(b, rec, origin);
	put_payload(b, rec->payload);
	buf_lit(b, "}\n");
}

/* Another payload, and nothing else: where it is the last member, all in front of it stays as it is. */
static bool
put_last_member(struct buf *b, const struct rec *rec, const struct rec_change *change)
{
	const char *behind = rec->payload.p + rec->payload.n;
	size_t      n = (size_t)(rec->payload.p - rec->line.p);

	if (rec->must_rewrite || rec->payload.p == NULL || change->payload.p == NULL || change->sets_key || change->topic != NULL ||
	    *behind != '}' || behind + 1 != rec->line.p + rec->line.n)
		return false;
	buf_reserve(b, n + change->payload.n + 2);
	buf_put(b, rec->line.p, n);
	buf_span(b, change->payload);
	return true;
}

void
rec_put_changed(struct buf *b, const struct rec *rec, const struct rec_change *change, const struct rec_origin *origin)
{
	struct rec changed = *rec;

	if (change->sets_key) {
		changed.has_key = true;
		changed.key = change->key;
		changed.key_is_plain = false;
	}
	if (rec->is_envelope) {
		if (!put_last_member(b, rec, change))
			put_anew(b, &changed, change, origin);
		buf_lit(b, "}\n");
		return;
	}
	if (change->topic != NULL) {
		put_derived_id(b, change);
		if (changed.has_ts)
			put_ts(b, &changed);
		if (changed.has_key)
			put_key(b, &changed);
	} else {
		put_head(b, &changed, origin);
	}
	put_payload(b, change->payload.p != NULL ? change->payload : rec->payload);
	buf_lit(b, "}\n");
}

void
rec_put_payload(struct buf *b, const struct rec *rec)
{
	const char       *at = rec->line.p + 1;
	struct span       name;
	struct scan_value v, found = { .kind = SCAN_MISSING };

	if (rec->payload.p != NULL) {
		buf_span(b, rec->payload);
		buf_char(b, '\n');
		return;
	}
	while (scan_member(&at, &name, &v))
		if (text_equal(name, SPAN_LIT("payload_base64")))
			found = v;
	if (found.kind == SCAN_STRING)
		text_unbase64(b, span_of(found.p, found.n));      /* the reader has checked it */
	buf_char(b, '\n');
}

void
rec_put_dead(struct buf *b, const struct rec *rec, const struct rec_origin *origin, const char *stage, const char *reason)
{
	if (rec->is_envelope) {
		put_anew(b, rec, NULL, origin);
	} else {
		put_head(b, rec, origin);
		if (rec->is_not_json) {
			buf_lit(b, ",\"payload_base64\":\"");
			text_base64(b, rec->line);
			buf_char(b, '"');
		} else {
			put_payload(b, rec->line);
		}
	}
	put_error(b, stage, reason);
	buf_lit(b, "}\n");
}
