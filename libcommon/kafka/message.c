/* message - a record as a message of Kafka */
#include "kafka/message.h"

#include <stdlib.h>

#include "base/num.h"
#include "json/text.h"

/* ---- what is looked up on the way ---- */

enum { W_HEADERS, W_BASE64, W_START, W_END, W_N, W_PANE, W_PARTITION, W_FIXED };

static const char *const wanted_texts[W_FIXED] = {
	"$.headers", "$.payload_base64", "$.window.start", "$.window.end", "$.window.n", "$.pane", "$.partition",
};

void
message_wants_init(struct message_wants *w, const struct message_plan *plan)
{
	struct err err = ERR_INIT;

	*w = (struct message_wants){ .n_own = W_FIXED, .n = W_FIXED };
	for (size_t i = 0; i < W_FIXED; i++) {
		if (path_parse(&w->own[i], wanted_texts[i], &err) == -1)
			abort();
		w->list[i] = &w->own[i];
	}
	if (plan->topic != NULL)
		w->list[w->n++] = plan->topic;
}

void
message_wants_release(struct message_wants *w)
{
	for (size_t i = 0; i < w->n_own; i++)
		path_release(&w->own[i]);
	*w = (struct message_wants){ .n = 0 };
}

/* ---- parts ---- */

static struct span
keep(struct arena *arena, const struct buf *b)
{
	return arena_copy(arena, span_of(b->p == NULL ? "" : b->p, b->n));
}

/* The bytes that a string's characters are. */
static struct span
text_of(const struct scan_value *v, struct arena *arena, struct buf *scratch)
{
	if (!v->escaped)
		return span_of(v->p, v->n);
	buf_reset(scratch);
	text_decode(scratch, span_of(v->p, v->n));
	return keep(arena, scratch);
}

/* False: it is no base64. */
static bool
bytes_of(const struct scan_value *v, struct arena *arena, struct buf *scratch, struct span *bytes)
{
	buf_reset(scratch);
	if (text_unbase64(scratch, span_of(v->p, v->n)) == -1)
		return false;
	*bytes = keep(arena, scratch);
	return true;
}

static bool
is_null(struct span json)
{
	return json.n == 4 && memcmp(json.p, "null", 4) == 0;
}

static const char *
make_value(const struct message_plan *plan, const struct rec *rec, struct arena *arena, struct buf *scratch,
           struct message *m)
{
	if (plan->whole_record) {
		if (rec->is_envelope && !rec->must_rewrite) {
			m->value = rec->line;
			return NULL;
		}
		buf_reset(scratch);
		rec_put(scratch, rec, plan->origin);
		scratch->n--;                   /* the newline */
		m->value = keep(arena, scratch);
		return NULL;
	}
	if (rec->payload.p == NULL)
		return bytes_of(&rec->wanted[W_BASE64], arena, scratch, &m->value) ? NULL : "payload_base64 is not base64";
	if (is_null(rec->payload)) {
		m->value = SPAN_NONE;
		return NULL;
	}
	m->value = rec->payload;
	if (!plan->as_text)
		return NULL;
	if (rec->payload.p[0] != '"')
		return "the payload is no string, and ?format=text writes a string's text";
	m->value = text_of(&(struct scan_value){
		.p = rec->payload.p + 1, .n = (uint32_t)(rec->payload.n - 2), .kind = SCAN_STRING,
		.escaped = memchr(rec->payload.p, '\\', rec->payload.n) != NULL }, arena, scratch);
	return NULL;
}

/* ---- headers ---- */

static const char bad_headers[] = "headers is not an array of {\"key\":TEXT,\"value\":TEXT or null}";

/* {"key":…,"value":…}; key_base64 and value_base64 for bytes that are no text. */
static bool
read_header(const struct scan_value *item, struct arena *arena, struct buf *scratch, struct message_header *h)
{
	const char       *at = item->p + 1;
	struct span       name;
	struct scan_value v;

	*h = (struct message_header){ SPAN_NONE, SPAN_NONE };
	while (item->kind == SCAN_OBJECT && scan_member(&at, &name, &v)) {
		bool is_key = text_equal(name, SPAN_LIT("key")), is_value = text_equal(name, SPAN_LIT("value"));

		if (is_key || is_value) {
			struct span *to = is_key ? &h->name : &h->value;

			if (v.kind == SCAN_STRING)
				*to = text_of(&v, arena, scratch);
			else if (v.kind != SCAN_NULL)
				return false;
		} else if (v.kind == SCAN_STRING && text_equal(name, SPAN_LIT("key_base64"))) {
			if (!bytes_of(&v, arena, scratch, &h->name))
				return false;
		} else if (v.kind == SCAN_STRING && text_equal(name, SPAN_LIT("value_base64"))) {
			if (!bytes_of(&v, arena, scratch, &h->value))
				return false;
		}
	}
	return h->name.p != NULL;
}

static size_t
count_items(const struct scan_value *array)
{
	const char       *at = array->p + 1;
	struct scan_value v;
	size_t            n = 0;

	while (array->kind == SCAN_ARRAY && scan_item(&at, &v))
		n++;
	return n;
}

static void
add_header(struct message *m, const char *name, const struct scan_value *v)
{
	if (v->kind == SCAN_NUMBER || v->kind == SCAN_STRING)
		m->headers[m->n_headers++] = (struct message_header){ span_str(name), span_of(v->p, v->n) };
}

/* Those of the record, in their order; behind them the bounds of a window's result. */
static const char *
make_headers(const struct rec *rec, struct arena *arena, struct buf *scratch, struct message *m)
{
	const struct scan_value *w = rec->wanted, *list = &w[W_HEADERS];
	const char              *at = list->p == NULL ? NULL : list->p + 1;
	struct scan_value        item;

	m->headers = NULL;
	m->n_headers = 0;
	if (list->kind == SCAN_MISSING && w[W_START].kind == SCAN_MISSING && w[W_N].kind == SCAN_MISSING
	    && w[W_PANE].kind == SCAN_MISSING)
		return NULL;
	if (list->kind != SCAN_ARRAY && list->kind != SCAN_MISSING && list->kind != SCAN_NULL)
		return bad_headers;
	m->headers = arena_alloc(arena, (count_items(list) + 4) * sizeof(*m->headers));
	while (list->kind == SCAN_ARRAY && scan_item(&at, &item))
		if (!read_header(&item, arena, scratch, &m->headers[m->n_headers++]))
			return bad_headers;
	add_header(m, "window-start", &w[W_START]);
	add_header(m, "window-end", &w[W_END]);
	add_header(m, "window-n", &w[W_N]);
	add_header(m, "pane", &w[W_PANE]);
	return NULL;
}

/* ---- the whole ---- */

static const char *
make_partition(const struct message_plan *plan, const struct rec *rec, struct message *m)
{
	const struct scan_value *v = &rec->wanted[W_PARTITION];
	int64_t                  n;

	m->partition = KAFKA_ANY_PARTITION;
	if (!plan->keeps_partition)
		return NULL;
	if (v->kind != SCAN_NUMBER || !num_json_i64(span_of(v->p, v->n), &n) || n < 0)
		return "no partition, and ?partition=keep writes to the record's own";
	if (n > INT32_MAX)
		return "the topic has no such partition";
	m->partition = (int32_t)n;
	return NULL;
}

static const char *
make_topic(const struct message_plan *plan, const struct rec *rec, struct arena *arena, struct buf *scratch,
           struct message *m)
{
	const struct scan_value *v = &rec->wanted[W_FIXED];

	m->topic = SPAN_NONE;
	if (plan->topic == NULL)
		return NULL;
	if (v->kind != SCAN_STRING || v->n == 0)
		return "there is no topic where ?topic= says";
	m->topic = text_of(v, arena, scratch);
	return NULL;
}

const char *
message_make(const struct message_plan *plan, const struct rec *rec, struct arena *arena, struct buf *scratch,
             struct message *m)
{
	const char *reason;

	m->key = rec->key;
	m->ts_ms = KAFKA_NO_TIME;
	if (rec->has_ts) {
		m->ts_ms = rec->ts_ms;
		if (m->ts_ms == KAFKA_NO_TIME)
			return "the time is -1, which means none to Kafka";
		if (m->ts_ms == 0)
			return "the time is 0, for which the client would write the time of day";
	}
	if ((reason = make_value(plan, rec, arena, scratch, m)) != NULL || (reason = make_partition(plan, rec, m)) != NULL
	    || (reason = make_headers(rec, arena, scratch, m)) != NULL)
		return reason;
	return make_topic(plan, rec, arena, scratch, m);
}

/* ---- sizes ---- */

/* Of a number as the protocol writes it: seven bits a byte, the sign in the lowest. */
static size_t
varint_bytes(int64_t n)
{
	uint64_t zigzag = (uint64_t)n << 1 ^ (uint64_t)(n >> 63);
	size_t   bytes = 1;

	for (; zigzag > 127; zigzag >>= 7)
		bytes++;
	return bytes;
}

static size_t
field_bytes(struct span s)
{
	return s.p == NULL ? varint_bytes(-1) : varint_bytes((int64_t)s.n) + s.n;
}

size_t
message_bytes(const struct message *m)
{
	enum { BATCH_HEAD = 61, ATTRIBUTES = 1, FIRST_TIME = 1, FIRST_OFFSET = 1 };
	size_t n = ATTRIBUTES + FIRST_TIME + FIRST_OFFSET + field_bytes(m->key) + field_bytes(m->value)
	           + varint_bytes((int64_t)m->n_headers);

	for (size_t i = 0; i < m->n_headers; i++)
		n += field_bytes(m->headers[i].name) + field_bytes(m->headers[i].value);
	return BATCH_HEAD + varint_bytes((int64_t)n) + n;
}
