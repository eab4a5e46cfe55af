/* filter - which records go on, and what becomes of them */
#include "op/filter.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/num.h"
#include "json/text.h"
#include "op/filter_edit.h"

enum { ID_PARTS = 3 };

/* An expression, and where its values stand among those of a record. */
struct part {
	struct expr *expr;           /* NULL: none */
	size_t       at;
};

struct filter {
	struct op           op;
	struct filter_conf  conf;
	struct part         where, map, set_key;
	struct filter_edit *edit;            /* NULL: nothing to edit */
	size_t              edit_at;         /* its values */
	struct path         id_paths[ID_PARTS];
	size_t              id_at;
	const struct path **wants;
	size_t              n_wants;
	uint64_t            sample_below;    /* of the hash */
	uint64_t            next_offset;
	struct buf          payloads;        /* of a record, each with a newline */
	struct buf          edited;          /* the same, when they are edited */
	struct buf          key_json, key;
};

static struct filter *
filter_of(struct op *op)
{
	return (struct filter *)op;
}

static const struct filter *
const_filter_of(const struct op *op)
{
	return (const struct filter *)op;
}

/* ---- one record ---- */

static struct expr_input
input_of(const struct rec *rec, const struct part *part)
{
	return (struct expr_input){ rec->payload, rec->wanted + part->at };
}

static int
refuse(struct op_refusal *why, const char *what, const char *reason)
{
	why->kind = OP_REFUSED_BAD;
	snprintf(why->reason, sizeof(why->reason), "%s%s", what, reason);
	return -1;
}

/* An expression has failed. */
static int
refuse_by(struct op_refusal *why, const char *what, const struct expr *e)
{
	refuse(why, what, expr_reason(e));
	if (expr_gave_up(e))
		why->kind = OP_REFUSED_FATAL;
	return -1;
}

/* The same records on every replay: by what names them. */
static bool
is_in_sample(struct filter *f, const struct rec *rec)
{
	const struct scan_value *id = rec->wanted + f->id_at;
	struct buf              *b = &f->key;

	if (f->conf.sample >= 1)
		return true;
	buf_reset(b);
	for (size_t i = 0; i < ID_PARTS; i++) {
		if (id[i].kind != SCAN_MISSING)
			buf_put(b, id[i].p, id[i].n);
		buf_char(b, '\n');
	}
	return hash_sum(buf_all(b)) >> 1 < f->sample_below;
}

/* One scalar: a string's bytes, another's JSON text, null is no key. */
static int
make_key(struct filter *f, const struct rec *rec, struct span *key, struct op_refusal *why)
{
	struct expr_input in = input_of(rec, &f->set_key);
	size_t            n;
	struct span       json;

	buf_reset(&f->key_json);
	buf_reset(&f->key);
	if (expr_run(f->set_key.expr, &in, &f->key_json, &n) == -1)
		return refuse_by(why, "--set-key: ", f->set_key.expr);
	if (n != 1)
		return refuse(why, "--set-key: ", n == 0 ? "gives no value" : "gives several values");
	json = span_of(f->key_json.p, f->key_json.n - 1);
	if (json.p[0] == '{' || json.p[0] == '[')
		return refuse(why, "--set-key: ", json.p[0] == '{' ? "an object is no key" : "an array is no key: see tostring");
	*key = SPAN_NONE;
	if (json.p[0] == 'n')
		return 0;
	if (json.p[0] == '"')
		text_decode(&f->key, span_of(json.p + 1, json.n - 2));
	else
		buf_span(&f->key, json);
	*key = span_of(f->key.p == NULL ? "" : f->key.p, f->key.n);
	return 0;
}

static void
give(struct emit *emit, const struct rec *rec, const struct rec_change *change)
{
	rec_put_changed(emit->out, rec, change, emit->origin);
	if (emit->drain != NULL && emit->out->n > EMIT_DRAIN_BYTES)
		emit->drain(emit);
}

/* More brackets inside each other than a reader takes: only a text of some length can have them. */
static bool
is_too_deep(struct span text)
{
	unsigned depth = 0, most = 0;

	if (text.n < 2 * (SCAN_MAX_DEPTH - 1))
		return false;
	for (const char *p = text.p, *end = text.p + text.n; p < end; p++) {
		if (*p == '"')
			for (p++; *p != '"'; p++)
				p += *p == '\\';
		else if (*p == '[' || *p == '{')
			most = ++depth > most ? depth : most;
		else if (*p == ']' || *p == '}')
			depth--;
	}
	return most >= SCAN_MAX_DEPTH;
}

/* PAYLOADS: N lines. */
static void
give_payloads(struct filter *f, const struct rec *rec, struct span payloads, size_t n, struct rec_change *change, struct emit *emit)
{
	const char *at = payloads.p;

	for (size_t i = 0; i < n; i++) {
		const char *end = memchr(at, '\n', (size_t)(payloads.p + payloads.n - at));

		change->payload = span_of(at, (size_t)(end - at));
		if (n > 1) {
			change->topic = f->conf.stage;
			change->offset = f->next_offset++;
		}
		give(emit, rec, change);
		at = end + 1;
	}
}

/* The payloads, each a line: N of them.  -1: the record is bad. */
static int
make_payloads(struct filter *f, const struct rec *rec, struct span *lines, size_t *n, struct op_refusal *why)
{
	const struct scan_value *wanted = rec->wanted + f->edit_at;
	struct expr_input        in = input_of(rec, &f->map);
	const char              *at, *end;

	*n = 1;
	buf_reset(&f->payloads);
	buf_reset(&f->edited);
	if (f->map.expr != NULL && expr_run(f->map.expr, &in, &f->payloads, n) == -1)
		return refuse_by(why, "--map: ", f->map.expr);
	if (f->edit == NULL) {
		*lines = buf_all(&f->payloads);
		return is_too_deep(*lines) ? refuse(why, "--map: ", "what it gives is nested too deep") : 0;
	}
	if (f->map.expr == NULL) {
		if (filter_edit_put(f->edit, &f->edited, rec->payload, true, wanted, why) == -1)
			return -1;
		buf_char(&f->edited, '\n');
	}
	for (at = f->payloads.p; f->map.expr != NULL && at < f->payloads.p + f->payloads.n; at = end + 1) {
		end = memchr(at, '\n', (size_t)(f->payloads.p + f->payloads.n - at));
		if (filter_edit_put(f->edit, &f->edited, span_of(at, (size_t)(end - at)), false, wanted, why) == -1)
			return -1;
		buf_char(&f->edited, '\n');
	}
	*lines = buf_all(&f->edited);
	return is_too_deep(*lines) ? refuse(why, "", "the payload becomes nested too deep") : 0;
}

/* Is the only payload the record's own, byte by byte? */
static bool
is_as_it_came(const struct rec *rec, struct span lines, size_t n)
{
	return n == 1 && lines.n == rec->payload.n + 1 && memcmp(lines.p, rec->payload.p, rec->payload.n) == 0;
}

/* -1: the record is bad, and nothing has changed. */
static int
take(struct filter *f, const struct rec *rec, struct emit *emit, struct op_refusal *why)
{
	struct expr_input in = input_of(rec, &f->where);
	struct rec_change change = { .payload = SPAN_NONE };
	struct span       lines;
	size_t            n = 0;
	int               pass = 1;

	if (!is_in_sample(f, rec))
		return 0;
	if (f->where.expr != NULL && (pass = expr_test(f->where.expr, &in)) == -1)
		return refuse_by(why, "", f->where.expr);
	if (pass == 0)
		return 0;
	if (f->set_key.expr != NULL) {
		change.sets_key = true;
		if (make_key(f, rec, &change.key, why) == -1)
			return -1;
	}
	if (f->map.expr == NULL && f->edit == NULL) {
		if (change.sets_key)
			give(emit, rec, &change);
		else
			rec_put(emit->out, rec, emit->origin);
		return 0;
	}
	if (make_payloads(f, rec, &lines, &n, why) == -1)
		return -1;
	if (f->map.expr == NULL && !change.sets_key && is_as_it_came(rec, lines, n))
		rec_put(emit->out, rec, emit->origin);
	else
		give_payloads(f, rec, lines, n, &change, emit);
	return 0;
}

static size_t
filter_feed(struct op *op, unsigned input, const struct rec *recs, size_t n, struct emit *emit, struct op_refusal *why)
{
	struct filter *f = filter_of(op);

	(void)input;
	for (size_t i = 0; i < n; i++)
		if (take(f, &recs[i], emit, why) == -1)
			return i;
	return n;
}

/* ---- the running number ---- */

static void
filter_entries(const struct op *op, uint64_t *all, uint64_t *changed)
{
	(void)op;
	*all = *changed = 1;
}

static uint64_t
filter_bytes(const struct op *op)
{
	(void)op;
	return sizeof(struct filter);
}

static void
filter_save(const struct op *op, bool delta, struct snap_writer *out)
{
	(void)delta;
	buf_lit(&out->buf, "{\"next_offset\":");
	buf_u64(&out->buf, const_filter_of(op)->next_offset);
	buf_char(&out->buf, '}');
	snap_line(out);
}

static int
filter_load(struct op *op, struct span line, struct err *err)
{
	static const struct span head = SPAN_LIT("{\"next_offset\":");
	int64_t n;

	if (!span_starts(line, head) || line.p[line.n - 1] != '}' ||
	    !num_i64(span_of(line.p + head.n, line.n - head.n - 1), &n) || n < 0)
		return err_set(err, ERR_DATA, "not a line of stream-filter's state: %.*s", (int)(line.n > 60 ? 60 : line.n), line.p);
	filter_of(op)->next_offset = (uint64_t)n;
	return 0;
}

/* ---- life ---- */

static const struct path *const *
filter_wants(const struct op *op, unsigned input, size_t *n)
{
	(void)input;
	*n = const_filter_of(op)->n_wants;
	return const_filter_of(op)->wants;
}

static void
filter_watermark(struct op *op, int64_t ts_ms, struct emit *emit)
{
	(void)op;
	(void)ts_ms;
	(void)emit;
}

static void
filter_settle(struct op *op)
{
	(void)op;
}

static void
filter_free(struct op *op)
{
	struct filter *f = filter_of(op);

	for (size_t i = 0; i < ID_PARTS; i++)
		path_release(&f->id_paths[i]);
	free(f->wants);
	expr_free(f->conf.where);
	expr_free(f->conf.map);
	expr_free(f->conf.set_key);
	filter_edit_free(f->edit);
	buf_release(&f->payloads);
	buf_release(&f->edited);
	buf_release(&f->key_json);
	buf_release(&f->key);
	free(f);
}

static void
want(struct filter *f, const struct path *const *paths, size_t n)
{
	f->wants = alloc_resized(f->wants, f->n_wants + n, sizeof(*f->wants));
	for (size_t i = 0; i < n; i++)
		f->wants[f->n_wants++] = paths[i];
}

static struct part
make_part(struct filter *f, struct expr *expr)
{
	struct part               part = { expr, f->n_wants };
	const struct path *const *paths;
	size_t                    n;

	if (expr == NULL)
		return part;
	paths = expr_wants(expr, &n);
	want(f, paths, n);
	return part;
}

static void
want_id(struct filter *f)
{
	static const char *const texts[ID_PARTS] = { "$.topic", "$.partition", "$.offset" };
	struct err err = ERR_INIT;

	f->id_at = f->n_wants;
	for (size_t i = 0; i < ID_PARTS; i++) {
		const struct path *path = &f->id_paths[i];

		if (path_parse(&f->id_paths[i], texts[i], &err) == -1)
			abort();
		want(f, &path, 1);
	}
}

struct op *
filter_new(const struct filter_conf *conf)
{
	static const struct op_class class = {
		.name = "filter", .version = 1, .n_inputs = 1,
		.wants = filter_wants, .feed = filter_feed, .watermark = filter_watermark, .entries = filter_entries,
		.bytes = filter_bytes, .save = filter_save, .settle = filter_settle, .load = filter_load, .free = filter_free,
	};
	struct filter *f = alloc_zeroed(1, sizeof(*f));

	f->op.class = &class;
	f->op.moves_key = conf->set_key != NULL;
	f->conf = *conf;
	f->where = make_part(f, conf->where);
	f->map = make_part(f, conf->map);
	f->set_key = make_part(f, conf->set_key);
	f->edit = filter_edit_new(conf);
	f->edit_at = f->n_wants;
	if (f->edit != NULL) {
		size_t                    n;
		const struct path *const *paths = filter_edit_wants(f->edit, &n);

		want(f, paths, n);
	}
	if (conf->sample < 1) {
		f->sample_below = (uint64_t)(conf->sample * 0x1p63);
		want_id(f);
	}
	return &f->op;
}
