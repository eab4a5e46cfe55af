/* rec_reader - lines to records */
#include "rec/rec.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/num.h"
#include "base/swar.h"
#include "json/text.h"
#include "rec/key.h"

/* Members of an envelope that every reader looks at; the time, key and wanted paths stand behind them. */
enum { E_TS, E_KEY, E_KEY_BASE64, E_PAYLOAD, E_PAYLOAD_BASE64, E_ERROR, E_COUNT };

static const char *const envelope_members[E_COUNT] = {
	"$.ts", "$.key", "$.key_base64", "$.payload", "$.payload_base64", "$.error",
};

/* What a path into the record means on a bare line, which has no record around it. */
enum made { MADE_NOT, MADE_MISSING, MADE_TOPIC, MADE_PARTITION, MADE_OFFSET, MADE_TS, MADE_KEY };

/* A value that is made, and its place among the values. */
struct making {
	enum made made;
	size_t    at;
};

/* The first five of thirteen digits, as they stand in a register, and what they are worth: the same for a day. */
struct ms_head {
	uint64_t text;
	int64_t  ms;
};

/* One form of line: its scanner, and where in the values the paths stand. */
struct form {
	struct scan       *scan;
	struct path       *paths;        /* owned */
	const struct path **list;
	size_t             n;
	size_t             time, keys, wanted;    /* first place of each */
};

struct rec_reader {
	struct rec_plan   plan;
	struct form       bare, envelope;
	struct making    *made;          /* of the keys, then of the wanted paths; for bare lines */
	size_t            n_made_keys, n_made;
	bool              takes_ms;      /* thirteen digits are milliseconds */
	struct ms_head    ms_head;
	struct scan_value *kept;         /* the values of a batch, record after record: what is wanted stays where it was found */
	struct scan_value *next;         /* where those of the next record go */
	struct scan_value *kept_end;
	struct arena      arena;         /* decoded keys */
	struct buf        scratch;
	struct rec_key_room key_room;
	struct when_cache day;
	char              reason[400];
	enum rec_fault    fault;
};

/* ---- making one ---- */

static void
copy_path(struct path *to, const struct path *from, bool is_envelope)
{
	if (is_envelope && !from->in_record)
		path_under(to, "payload", from);
	else
		path_copy(to, from);
}

static void
form_init(struct form *f, const struct rec_plan *plan, bool is_envelope)
{
	size_t     n_fixed = is_envelope ? E_COUNT : 0;
	size_t     at = 0;
	struct err err = ERR_INIT;

	f->n = n_fixed + (plan->time != NULL) + plan->n_keys + plan->n_wanted;
	assert(f->n <= SCAN_MAX_PATHS);
	f->paths = alloc_zeroed(f->n, sizeof(*f->paths));
	f->list = alloc_zeroed(f->n, sizeof(*f->list));
	for (; at < n_fixed; at++)
		if (path_parse(&f->paths[at], envelope_members[at], &err) == -1)
			abort();
	f->time = at;
	if (plan->time != NULL)
		copy_path(&f->paths[at++], plan->time, is_envelope);
	f->keys = at;
	for (size_t i = 0; i < plan->n_keys; i++)
		copy_path(&f->paths[at++], &plan->keys[i], is_envelope);
	f->wanted = at;
	for (size_t i = 0; i < plan->n_wanted; i++)
		copy_path(&f->paths[at++], plan->wanted[i], is_envelope);
	for (size_t i = 0; i < f->n; i++)
		f->list[i] = &f->paths[i];
	f->scan = scan_new(f->list, f->n);
}

static void
form_release(struct form *f)
{
	scan_free(f->scan);
	for (size_t i = 0; i < f->n; i++)
		path_release(&f->paths[i]);
	free(f->paths);
	free(f->list);
}

/* A path into the record becomes one into the bare line where it can (`$.payload.x`), else a value we make. */
static enum made
made_of(struct path *p)
{
	static const struct { const char *name; enum made made; } members[] = {
		{ "topic", MADE_TOPIC }, { "partition", MADE_PARTITION }, { "offset", MADE_OFFSET },
		{ "ts", MADE_TS }, { "key", MADE_KEY },
	};

	if (!p->in_record)
		return MADE_NOT;
	if (p->n_steps > 0 && !p->steps[0].is_index && span_eq(p->steps[0].name, SPAN_LIT("payload"))) {
		path_drop_first(p);
		return MADE_NOT;
	}
	for (size_t i = 0; p->n_steps == 1 && i < sizeof(members) / sizeof(members[0]); i++)
		if (!p->steps[0].is_index && span_eq(p->steps[0].name, span_str(members[i].name)))
			return members[i].made;
	return MADE_MISSING;
}

static void
find_made(struct rec_reader *r)
{
	struct form *f = &r->bare;
	size_t       n = r->plan.n_keys + r->plan.n_wanted;

	r->made = alloc_zeroed(n, sizeof(*r->made));
	r->n_made = r->n_made_keys = 0;
	for (size_t i = 0; i < n; i++) {
		struct making m = { made_of(&f->paths[f->keys + i]), f->keys + i };

		if (m.made == MADE_NOT)
			continue;
		r->made[r->n_made++] = m;
		r->n_made_keys += i < r->plan.n_keys;
	}
	if (r->plan.time != NULL)
		made_of(&f->paths[f->time]);
	scan_free(f->scan);
	f->scan = scan_new(f->list, f->n);
}

static void
make_forms(struct rec_reader *r)
{
	form_init(&r->bare, &r->plan, false);
	form_init(&r->envelope, &r->plan, true);
	find_made(r);
}

struct rec_reader *
rec_reader_new(const struct rec_plan *plan)
{
	struct rec_reader *r = alloc_zeroed(1, sizeof(*r));
	size_t             n;

	r->plan = *plan;
	make_forms(r);
	r->takes_ms = plan->time_format == WHEN_AUTO || plan->time_format == WHEN_MS;
	/* One more: a line that brings no record takes no room, but is looked at. */
	n = (REC_BATCH_MAX + 1) * (r->bare.n > r->envelope.n ? r->bare.n : r->envelope.n);
	r->kept = r->next = alloc_zeroed(n, sizeof(*r->kept));
	r->kept_end = r->kept + n;
	return r;
}

void
rec_reader_free(struct rec_reader *r)
{
	if (r == NULL)
		return;
	form_release(&r->bare);
	form_release(&r->envelope);
	free(r->made);
	free(r->kept);
	arena_release(&r->arena);
	buf_release(&r->scratch);
	rec_key_room_release(&r->key_room);
	free(r);
}

void
rec_reader_forget_paths(struct rec_reader *r)
{
	form_release(&r->bare);
	form_release(&r->envelope);
	free(r->made);
	r->plan.time = NULL;
	r->plan.arrival_ms = NULL;
	r->plan.n_keys = 0;
	make_forms(r);
}

void
rec_reader_keep_bytes(struct rec_reader *r)
{
	r->plan.is_source = false;
}

void
rec_reader_reset(struct rec_reader *r)
{
	r->next = r->kept;
	if (r->arena.blocks != NULL)
		arena_reset(&r->arena);
}

const char *
rec_reason(const struct rec_reader *r)
{
	return r->reason;
}

enum rec_fault
rec_fault(const struct rec_reader *r)
{
	return r->fault;
}

static enum rec_verdict __attribute__((format(printf, 3, 4)))
bad(struct rec_reader *r, enum rec_fault fault, const char *fmt, ...)
{
	va_list ap;

	r->fault = fault;
	va_start(ap, fmt);
	vsnprintf(r->reason, sizeof(r->reason), fmt, ap);
	va_end(ap);
	return REC_BAD;
}

static enum rec_verdict
bad_json(struct rec_reader *r, const struct scan_result *s, const char *line)
{
	return bad(r, REC_FAULT_JSON, "not JSON: %s at byte %zu", s->reason, (size_t)(s->bad - line) + 1);
}

/* ---- time ---- */

/* The value as people know it, cut short. */
static const char *
shown(const struct scan_value *v, char to[60])
{
	bool   is_string = v->kind == SCAN_STRING;
	size_t n = v->n > 40 ? 40 : v->n;

	while (n > 0 && n < v->n && ((unsigned char)v->p[n] & 0xC0) == 0x80)
		n--;
	snprintf(to, 60, "%s%.*s%s%s", is_string ? "\"" : "", (int)n, v->p, n < v->n ? "…" : "", is_string ? "\"" : "");
	return to;
}

/* V is thirteen digits: milliseconds from 2001 to 2286, as most times are. */
static inline bool
read_ms(struct rec_reader *r, const struct scan_value *v, int64_t *ts_ms)
{
	uint64_t head, low;

	if (v->kind != SCAN_NUMBER || v->n != 13)
		return false;
	low = swar_load(v->p + 5) ^ SWAR_ZEROS;
	head = swar_load(v->p) << 24;
	if (__builtin_expect(head != r->ms_head.text, 0)) {
		uint64_t digits = head ^ SWAR_ZEROS << 24;

		if (!swar_are_digits(digits) || v->p[0] == '0')
			return false;
		r->ms_head = (struct ms_head){ head, (int64_t)swar_number(digits) * 100000000 };
	}
	*ts_ms = r->ms_head.ms + (int64_t)swar_number(low);
	return swar_are_digits(low);
}

static bool
parse_time(struct rec_reader *r, const struct scan_value *v, int64_t *ts_ms)
{
	enum when_format format = r->plan.time_format;
	struct span      text = span_of(v->p, v->n);
	int64_t          whole;

	if (v->kind != SCAN_STRING && v->kind != SCAN_NUMBER)
		return false;
	if (v->escaped) {
		buf_reset(&r->scratch);
		text_decode(&r->scratch, text);
		text = buf_all(&r->scratch);
	}
	if (format == WHEN_STRPTIME)
		return when_strptime(text, r->plan.time_strptime, ts_ms);
	if (v->kind == SCAN_NUMBER)
		return format != WHEN_RFC3339 && when_number(text, format, ts_ms);
	if ((format == WHEN_AUTO || format == WHEN_RFC3339) && when_rfc3339(text, &r->day, ts_ms))
		return true;
	return format != WHEN_RFC3339 && num_i64(text, &whole) && when_number(text, format, ts_ms);
}

static __attribute__((noinline)) enum rec_verdict
no_time(struct rec_reader *r, const struct scan_value *v)
{
	char text[60];

	if (v->kind == SCAN_MISSING)
		return bad(r, REC_FAULT_TIME, "no %s, so no event time", r->plan.time->text);
	if (v->kind == SCAN_ARRAY || v->kind == SCAN_OBJECT)
		return bad(r, REC_FAULT_TIME, "%s is an %s, not a time", r->plan.time->text, v->kind == SCAN_ARRAY ? "array" : "object");
	return bad(r, REC_FAULT_TIME, "%s is %s, not a time", r->plan.time->text, shown(v, text));
}

static inline enum rec_verdict
read_time(struct rec_reader *r, const struct scan_value *v, struct rec *rec)
{
	if (__builtin_expect(r->takes_ms && read_ms(r, v, &rec->ts_ms), 1)) {
		rec->ts_digits = v->p;
		rec->has_ts = true;
		return REC_OK;
	}
	rec->has_ts = parse_time(r, v, &rec->ts_ms);
	return rec->has_ts ? REC_OK : no_time(r, v);
}

/* ---- key ---- */

/* Decoded bytes that live as long as the batch. */
static struct span
keep_decoded(struct rec_reader *r, const struct scan_value *v)
{
	if (!v->escaped)
		return span_of(v->p, v->n);
	buf_reset(&r->scratch);
	text_decode(&r->scratch, span_of(v->p, v->n));
	return arena_copy(&r->arena, buf_all(&r->scratch));
}

static enum rec_verdict
no_key(struct rec_reader *r, size_t i, const struct scan_value *v)
{
	return bad(r, REC_FAULT_KEY, "%s is an %s, not a key", r->plan.keys[i].text, v->kind == SCAN_ARRAY ? "array" : "object");
}

static enum rec_verdict
read_one_key(struct rec_reader *r, const struct scan_value *v, struct rec *rec)
{
	if (v->kind == SCAN_ARRAY || v->kind == SCAN_OBJECT)
		return no_key(r, 0, v);
	if (v->kind == SCAN_MISSING || v->kind == SCAN_NULL)
		return REC_OK;
	rec->key = keep_decoded(r, v);
	rec->key_is_plain = !v->escaped;
	return REC_OK;
}

/* Several: the compact JSON array as text. */
static enum rec_verdict
read_keys(struct rec_reader *r, const struct scan_value *v, struct rec *rec)
{
	size_t n_null, at;

	return rec_key_of(v, r->plan.n_keys, &r->key_room, &r->arena, &rec->key, &n_null, &at) ? REC_OK : no_key(r, at, &v[at]);
}

static inline enum rec_verdict
read_key(struct rec_reader *r, const struct scan_value *v, struct rec *rec)
{
	if (__builtin_expect(r->plan.n_keys == 1 && v->kind == SCAN_STRING && !v->escaped, 1)) {
		rec->key = span_of(v->p, v->n);
		rec->key_is_plain = rec->has_key = true;
		return REC_OK;
	}
	rec->key = SPAN_NONE;
	rec->key_is_plain = false;
	rec->has_key = (r->plan.n_keys == 1 ? read_one_key(r, v, rec) : read_keys(r, v, rec)) == REC_OK;
	return rec->has_key ? REC_OK : REC_BAD;
}

/*
 * A rec of a line about which nothing is known yet.  Member by member, for a literal of this size becomes `rep stos`,
 * which takes longer than all of this.
 */
static inline void
begin(struct rec *rec, const char *line, size_t n, uint64_t offset, uint64_t line_no)
{
	rec->line = span_of(line, n);
	rec->payload = rec->key = SPAN_NONE;
	rec->ts_ms = 0;
	rec->ts_digits = NULL;
	rec->offset = offset;
	rec->line_no = line_no;
	rec->has_ts = rec->has_key = rec->is_envelope = rec->has_error = false;
	rec->is_not_json = rec->must_rewrite = rec->key_is_plain = false;
	rec->wanted = NULL;
}

/* ---- bare lines ---- */

static void
make_text(struct rec_reader *r, struct scan_value *v, enum scan_kind kind, struct span text)
{
	struct span kept = arena_copy(&r->arena, text);

	*v = (struct scan_value){ .p = kept.p, .n = (uint32_t)kept.n, .kind = (uint8_t)kind };
}

static void
make_value(struct rec_reader *r, enum made made, const struct rec *rec, struct scan_value *v)
{
	const struct rec_origin *o = r->plan.origin;

	*v = (struct scan_value){ .kind = SCAN_MISSING };
	buf_reset(&r->scratch);
	switch (made) {
	case MADE_TOPIC:
		*v = (struct scan_value){ o->topic.p + 1, (uint32_t)o->topic.n - 2, SCAN_STRING,
		                          memchr(o->topic.p, '\\', o->topic.n) != NULL };
		break;
	case MADE_PARTITION:
		*v = (struct scan_value){ o->partition.p, (uint32_t)o->partition.n, SCAN_NUMBER, false };
		break;
	case MADE_OFFSET:
		buf_u64(&r->scratch, rec->offset);
		make_text(r, v, SCAN_NUMBER, buf_all(&r->scratch));
		break;
	case MADE_TS:
		if (rec->has_ts) {
			buf_i64(&r->scratch, rec->ts_ms);
			make_text(r, v, SCAN_NUMBER, buf_all(&r->scratch));
		}
		break;
	case MADE_KEY:
		if (rec->key.p != NULL && text_is_utf8(rec->key)) {
			text_encode(&r->scratch, rec->key);
			make_text(r, v, SCAN_STRING, buf_all(&r->scratch));
			v->escaped = memchr(v->p, '\\', v->n) != NULL;
		} else if (rec->has_key) {
			v->kind = SCAN_NULL;
		}
		break;
	case MADE_NOT:
	case MADE_MISSING:
		break;
	}
}

/* Of the keys and wanted paths those that a bare line does not hold itself: FROM up to END of r->made. */
static inline void
make_values(struct rec_reader *r, const struct rec *rec, struct scan_value *values, size_t from, size_t end)
{
	for (; __builtin_expect(from < end, 0); from++) {
		if (r->made[from].made == MADE_MISSING)
			values[r->made[from].at] = (struct scan_value){ .kind = SCAN_MISSING };
		else
			make_value(r, r->made[from].made, rec, &values[r->made[from].at]);
	}
}

/* The wanted values stay for the batch. */
static inline void
keep_wanted(struct rec_reader *r, const struct form *f, struct rec *rec)
{
	rec->wanted = r->next + f->wanted;
	if (r->plan.n_wanted == 0)
		return;
	r->next += f->n;
	assert(r->next < r->kept_end);
}

enum rec_verdict
rec_read_bare(struct rec_reader *r, const char *line, uint64_t offset, uint64_t line_no, struct rec *rec,
              const char **newline)
{
	const struct form *f = &r->bare;
	struct scan_value *values = r->next;
	struct scan_result s;

	scan_line(f->scan, line, values, &s);
	*newline = s.newline;
	begin(rec, s.start, (size_t)(s.end - s.start), offset, line_no);
	if (__builtin_expect(s.verdict != SCAN_OK, 0)) {
		if (s.verdict == SCAN_EMPTY)
			return REC_EMPTY;
		rec->line = span_of(line, (size_t)(s.newline - line));
		rec->is_not_json = true;
		return bad_json(r, &s, line);
	}
	/* Not rec->line: it is still on its way to memory, in halves, and would be loaded as one. */
	rec->payload = span_of(s.start, (size_t)(s.end - s.start));
	if (r->plan.arrival_ms != NULL) {
		rec->ts_ms = *r->plan.arrival_ms;
		rec->has_ts = true;
	}
	if (r->plan.time != NULL && read_time(r, &values[f->time], rec) != REC_OK)
		return REC_BAD;
	make_values(r, rec, values, 0, r->n_made_keys);
	if (r->plan.n_keys > 0 && read_key(r, &values[f->keys], rec) != REC_OK)
		return REC_BAD;
	if (__builtin_expect(r->n_made_keys > 0, 0))
		rec->key_is_plain = false;       /* it is none of the line */
	make_values(r, rec, values, r->n_made_keys, r->n_made);
	keep_wanted(r, f, rec);
	return REC_OK;
}

/* ---- envelopes ---- */

static enum rec_verdict
read_own_key(struct rec_reader *r, const struct scan_value *values, struct rec *rec)
{
	const struct scan_value *key = &values[E_KEY], *base64 = &values[E_KEY_BASE64];

	if (key->kind == SCAN_STRING) {
		rec->key = keep_decoded(r, key);
		rec->key_is_plain = !key->escaped;
		rec->has_key = true;
		return REC_OK;
	}
	if (base64->kind == SCAN_STRING) {
		buf_reset(&r->scratch);
		if (text_unbase64(&r->scratch, span_of(base64->p, base64->n)) == -1)
			return bad(r, REC_FAULT_RECORD, "key_base64 is not base64");
		rec->key = arena_copy(&r->arena, span_of(r->scratch.p == NULL ? "" : r->scratch.p, r->scratch.n));
		rec->has_key = true;
		return REC_OK;
	}
	rec->has_key = key->kind == SCAN_NULL;
	if (key->kind != SCAN_NULL && key->kind != SCAN_MISSING)
		return bad(r, REC_FAULT_RECORD, "key is neither a string nor null");
	return REC_OK;
}

/* What an envelope must be to be one; the members that are there have the right kind. */
static enum rec_verdict
read_members(struct rec_reader *r, const struct scan_value *values, struct rec *rec)
{
	const struct scan_value *ts = &values[E_TS], *payload = &values[E_PAYLOAD];

	if (payload->kind != SCAN_MISSING) {
		bool quoted = payload->kind == SCAN_STRING;

		rec->payload = span_of(payload->p - quoted, payload->n + 2 * quoted);
	} else if (values[E_PAYLOAD_BASE64].kind != SCAN_STRING) {
		return bad(r, REC_FAULT_RECORD, "no payload: not a record");
	} else {
		buf_reset(&r->scratch);
		if (text_unbase64(&r->scratch, span_of(values[E_PAYLOAD_BASE64].p, values[E_PAYLOAD_BASE64].n)) == -1)
			return bad(r, REC_FAULT_RECORD, "payload_base64 is not base64");
	}
	rec->is_envelope = true;
	if (read_ms(r, ts, &rec->ts_ms) || (ts->kind == SCAN_NUMBER && num_json_i64(span_of(ts->p, ts->n), &rec->ts_ms)))
		rec->has_ts = true;
	else if (ts->kind != SCAN_MISSING && ts->kind != SCAN_NULL)
		return bad(r, REC_FAULT_RECORD, "ts is not an integer");
	rec->has_error = values[E_ERROR].kind != SCAN_MISSING;
	return REC_OK;
}

enum rec_verdict
rec_read_envelope(struct rec_reader *r, const char *line, uint64_t offset, uint64_t line_no, struct rec *rec,
                  const char **newline)
{
	const struct form *f = &r->envelope;
	struct scan_value *values = r->next;
	struct scan_result s;
	bool               had_ts;

	scan_line(f->scan, line, values, &s);
	*newline = s.newline;
	begin(rec, s.start, (size_t)(s.end - s.start), offset, line_no);
	if (__builtin_expect(s.verdict != SCAN_OK, 0)) {
		if (s.verdict == SCAN_EMPTY)
			return REC_EMPTY;
		rec->line = span_of(line, (size_t)(s.newline - line));
		rec->is_not_json = true;
		return bad_json(r, &s, line);
	}
	if (read_members(r, values, rec) != REC_OK || (r->plan.n_keys == 0 && read_own_key(r, values, rec) != REC_OK))
		return REC_BAD;
	had_ts = rec->has_ts;
	if (r->plan.time != NULL) {
		int64_t was = rec->ts_ms;

		rec->has_ts = false;
		if (read_time(r, &values[f->time], rec) != REC_OK)
			return REC_BAD;
		rec->must_rewrite = !had_ts || was != rec->ts_ms;
	}
	if (r->plan.arrival_ms != NULL) {
		rec->ts_ms = *r->plan.arrival_ms;
		rec->has_ts = rec->must_rewrite = true;
	}
	if (r->plan.n_keys > 0 && read_key(r, &values[f->keys], rec) != REC_OK)
		return REC_BAD;
	if (r->plan.is_source && (r->plan.n_keys > 0 || rec->has_error))
		rec->must_rewrite = true;
	keep_wanted(r, f, rec);
	return REC_OK;
}
