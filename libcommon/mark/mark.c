/* mark - the protocol in the pipe */
#include "mark/mark.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/num.h"
#include "base/when.h"
#include "json/text.h"
#include "json/tree.h"

static const char *const kind_names[] = {
	[MARK_HELLO] = "hello",
	[MARK_WATERMARK] = "watermark",
	[MARK_BARRIER] = "barrier",
	[MARK_IDLE] = "idle",
	[MARK_ACTIVE] = "active",
	[MARK_END] = "end",
	[MARK_STOP] = "stop",
	[MARK_FAIL] = "fail",
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool
mark_may_start(const char *line, const char *end)
{
	static const char name[] = "\"mark\"";

	if (end - line >= 8 && memcmp(line, "{\"mark\":", 8) == 0)
		return true;
	while (line < end && is_blank(*line))
		line++;
	if (line == end || *line++ != '{')
		return false;
	while (line < end && is_blank(*line))
		line++;
	if ((size_t)(end - line) < sizeof(name) - 1 || memcmp(line, name, sizeof(name) - 1) != 0)
		return false;
	line += sizeof(name) - 1;
	while (line < end && is_blank(*line))
		line++;
	return line < end && *line == ':';
}

bool
mark_is_known(const char *line, const char *end)
{
	const char *name = memchr(line, ':', (size_t)(end - line));

	if (name == NULL)
		return false;
	for (name++; name < end && is_blank(*name); name++)
		;
	for (size_t i = 0; i < sizeof(kind_names) / sizeof(kind_names[0]); i++) {
		size_t n = strlen(kind_names[i]);

		if ((size_t)(end - name) >= n + 2 && name[0] == '"' && memcmp(name + 1, kind_names[i], n) == 0 &&
		    name[n + 1] == '"')
			return true;
	}
	return false;
}

/* ---- hello ---- */

void
hello_add_via(struct hello *h, const char *stage, const char *fingerprint)
{
	if (h->n_via == MARK_MAX_VIA)
		return;
	h->via[h->n_via++] = (struct mark_via){ alloc_string(stage), alloc_string(fingerprint) };
}

void
hello_release(struct hello *h)
{
	free(h->pipeline);
	free(h->time);
	free(h->time_format);
	for (size_t i = 0; i < h->n_keys; i++)
		free(h->keys[i]);
	free(h->keys);
	for (size_t i = 0; i < h->n_via; i++) {
		free(h->via[i].stage);
		free(h->via[i].fingerprint);
	}
	*h = (struct hello){ 0 };
}

void
hello_copy(struct hello *to, const struct hello *from)
{
	*to = (struct hello){
		.pipeline = alloc_string(from->pipeline), .run = from->run, .epoch = from->epoch,
		.time = alloc_string(from->time), .time_format = alloc_string(from->time_format),
		.keys = alloc_zeroed(from->n_keys, sizeof(char *)), .n_keys = from->n_keys,
	};
	for (size_t i = 0; i < from->n_keys; i++)
		to->keys[i] = alloc_string(from->keys[i]);
	for (size_t i = 0; i < from->n_via; i++)
		hello_add_via(to, from->via[i].stage, from->via[i].fingerprint);
}

void
hello_forget_keys(struct hello *h)
{
	for (size_t i = 0; i < h->n_keys; i++)
		free(h->keys[i]);
	free(h->keys);
	h->keys = NULL;
	h->n_keys = 0;
}

void
hello_forget_time(struct hello *h)
{
	free(h->time);
	free(h->time_format);
	h->time = h->time_format = NULL;
	hello_forget_keys(h);
}

static const struct mark_via *
find_via(const struct hello *h, const char *stage)
{
	for (size_t i = 0; i < h->n_via; i++)
		if (strcmp(h->via[i].stage, stage) == 0)
			return &h->via[i];
	return NULL;
}

int
hello_join(struct hello *to, const struct hello *other, struct err *err)
{
	bool guarded = to->pipeline != NULL;

	if (guarded != (other->pipeline != NULL))
		return err_set(err, ERR_USAGE, "one of the inputs runs under a checkpoint, and one does not: "
		               "set STREAM_CHECKPOINT once for the whole pipeline");
	if (guarded && strcmp(to->pipeline, other->pipeline) != 0)
		return err_set(err, ERR_USAGE, "the inputs are of two pipelines, %s and %s", to->pipeline, other->pipeline);
	if (to->run != other->run || to->epoch != other->epoch)
		return err_set(err, ERR_RETRY, "the inputs are of run %" PRIu64 ", epoch %" PRIu64 " and of run %" PRIu64
		               ", epoch %" PRIu64, to->run, to->epoch, other->run, other->epoch);
	hello_forget_time(to);
	for (size_t i = 0; i < other->n_via; i++) {
		const struct mark_via *theirs = &other->via[i], *ours = find_via(to, theirs->stage);

		if (guarded && ours != NULL && strcmp(ours->fingerprint, theirs->fingerprint) != 0)
			return err_set(err, ERR_USAGE, "two stages named %s: give --name", theirs->stage);
		if (ours == NULL || strcmp(ours->fingerprint, theirs->fingerprint) != 0)
			hello_add_via(to, theirs->stage, theirs->fingerprint);
	}
	return 0;
}

static char *
string_of(const struct tree *t)
{
	struct span s;

	return tree_value_string(t, &s) ? alloc_string_n(s.p, s.n) : NULL;
}

/* "key" is one path, or an array of them. */
static void
parse_keys(struct hello *h, const struct tree *key)
{
	bool is_one = tree_item(key, 0) == NULL;

	h->n_keys = is_one ? 1 : tree_count(key);
	h->keys = alloc_zeroed(h->n_keys, sizeof(char *));
	for (size_t i = 0; i < h->n_keys; i++)
		if ((h->keys[i] = string_of(is_one ? key : tree_item(key, i))) == NULL)
			h->keys[i] = alloc_string("");
}

static int
parse_hello(struct hello *h, const struct tree *t, struct err *err)
{
	const struct tree *via = tree_member(t, "via");
	int64_t            version = 0, run = 0, epoch = 0;

	if (!tree_i64(t, "version", &version))
		return err_set(err, ERR_DATA, "hello without version");
	if (version != MARK_VERSION)
		return err_set(err, ERR_DATA, "hello of version %lld: a newer version of streamutils wrote this",
		               (long long)version);
	h->pipeline = string_of(tree_member(t, "pipeline"));
	if (h->pipeline != NULL
	    && (!tree_i64(t, "run", &run) || !tree_i64(t, "epoch", &epoch) || run < 1 || epoch < 0))
		return err_set(err, ERR_DATA, "hello with a pipeline, but without run and epoch");
	h->run = (uint64_t)run;
	h->epoch = (uint64_t)epoch;
	h->time = string_of(tree_member(t, "time"));
	h->time_format = string_of(tree_member(t, "time-format"));
	if (tree_member(t, "key") != NULL)
		parse_keys(h, tree_member(t, "key"));
	if (tree_count(via) >= MARK_MAX_VIA)
		return err_set(err, ERR_DATA, "hello has come through %zu stages, more than %d", tree_count(via),
		               MARK_MAX_VIA);
	for (size_t i = 0; i < tree_count(via); i++) {
		char *stage = string_of(tree_item(tree_item(via, i), 0));
		char *fingerprint = string_of(tree_item(tree_item(via, i), 1));

		if (stage == NULL || fingerprint == NULL) {
			free(stage);
			free(fingerprint);
			return err_set(err, ERR_DATA, "hello with a bad via");
		}
		h->via[h->n_via++] = (struct mark_via){ stage, fingerprint };
	}
	return 0;
}

void
mark_put_hello(struct buf *b, const struct hello *h)
{
	buf_printf(b, "{\"mark\":\"hello\",\"version\":%d", MARK_VERSION);
	if (h->pipeline != NULL) {
		buf_lit(b, ",\"pipeline\":");
		text_quote(b, span_str(h->pipeline));
		buf_lit(b, ",\"run\":");
		buf_u64(b, h->run);
		buf_lit(b, ",\"epoch\":");
		buf_u64(b, h->epoch);
	}
	if (h->time != NULL) {
		buf_lit(b, ",\"time\":");
		text_quote(b, span_str(h->time));
	}
	if (h->time_format != NULL) {
		buf_lit(b, ",\"time-format\":");
		text_quote(b, span_str(h->time_format));
	}
	for (size_t i = 0; i < h->n_keys; i++) {
		buf_str(b, i > 0 ? "," : h->n_keys > 1 ? ",\"key\":[" : ",\"key\":");
		text_quote(b, span_str(h->keys[i]));
	}
	if (h->n_keys > 1)
		buf_char(b, ']');
	for (size_t i = 0; i < h->n_via; i++) {
		buf_str(b, i > 0 ? ",[" : ",\"via\":[[");
		text_quote(b, span_str(h->via[i].stage));
		buf_char(b, ',');
		text_quote(b, span_str(h->via[i].fingerprint));
		buf_char(b, ']');
	}
	if (h->n_via > 0)
		buf_char(b, ']');
	buf_lit(b, "}\n");
}

/* ---- the others ---- */

static int
parse_watermark(struct mark *m, const struct tree *t, struct err *err)
{
	struct span max;

	if (tree_i64(t, "ts", &m->ts_ms))
		return 0;
	if (tree_string(t, "ts", &max) && span_eq(max, SPAN_LIT("max"))) {
		m->ts_ms = WHEN_MAX;
		return 0;
	}
	return err_set(err, ERR_DATA, "watermark without ts");
}

static int
parse_fail(struct mark *m, const struct tree *t, struct err *err)
{
	int64_t status = 0;

	if (!tree_i64(t, "status", &status) || status < 1 || status > 255)
		return err_set(err, ERR_DATA, "fail without status");
	m->status = (int)status;
	m->stage = string_of(tree_member(t, "stage"));
	m->reason = string_of(tree_member(t, "reason"));
	return 0;
}

static int
parse_tree(struct mark *m, const struct tree *t, struct err *err)
{
	struct span name;
	int64_t     epoch;

	if (!tree_string(t, "mark", &name))
		return err_set(err, ERR_DATA, "a mark whose name is no string");
	for (size_t i = 0; i < sizeof(kind_names) / sizeof(kind_names[0]); i++) {
		if (!span_eq(name, span_str(kind_names[i])))
			continue;
		m->kind = (enum mark_kind)i;
		switch (m->kind) {
		case MARK_HELLO:
			return parse_hello(&m->hello, t, err);
		case MARK_WATERMARK:
			return parse_watermark(m, t, err);
		case MARK_BARRIER:
			if (!tree_i64(t, "epoch", &epoch) || epoch < 1)
				return err_set(err, ERR_DATA, "barrier without epoch");
			m->epoch = (uint64_t)epoch;
			return 0;
		case MARK_FAIL:
			return parse_fail(m, t, err);
		case MARK_IDLE: case MARK_ACTIVE: case MARK_END: case MARK_STOP:
			return 0;
		}
	}
	return err_set(err, ERR_DATA, "unknown mark \"%.*s\": a newer version of streamutils wrote this",
	               SPAN_ARGS(name));
}

/* `{"mark":"watermark","ts":123}` as we write it: the only mark that comes often. */
static bool
parse_plain_watermark(struct mark *m, struct span line)
{
	static const struct span head = { "{\"mark\":\"watermark\",\"ts\":", 25 };

	if (!span_starts(line, head) || line.p[line.n - 1] != '}')
		return false;
	m->kind = MARK_WATERMARK;
	return num_i64(span_of(line.p + head.n, line.n - head.n - 1), &m->ts_ms);
}

int
mark_parse(struct mark *m, struct span line, struct err *err)
{
	struct tree *t;
	int          r;

	*m = (struct mark){ 0 };
	if (parse_plain_watermark(m, line))
		return 0;
	if ((t = tree_parse(line, err)) == NULL)
		return err_in(err, "bad mark");
	r = parse_tree(m, t, err);
	tree_free(t);
	if (r == -1)
		mark_release(m);
	return r;
}

void
mark_release(struct mark *m)
{
	if (m->kind == MARK_WATERMARK)          /* owns nothing, and there are many */
		return;
	hello_release(&m->hello);
	free(m->stage);
	free(m->reason);
	*m = (struct mark){ 0 };
}

void
mark_put_watermark(struct buf *b, int64_t ts_ms)
{
	if (ts_ms == WHEN_MAX) {
		buf_lit(b, "{\"mark\":\"watermark\",\"ts\":\"max\"}\n");
		return;
	}
	buf_lit(b, "{\"mark\":\"watermark\",\"ts\":");
	buf_i64(b, ts_ms);
	buf_lit(b, "}\n");
}

void
mark_put_barrier(struct buf *b, uint64_t epoch)
{
	buf_lit(b, "{\"mark\":\"barrier\",\"epoch\":");
	buf_u64(b, epoch);
	buf_lit(b, "}\n");
}

void
mark_put_simple(struct buf *b, enum mark_kind kind)
{
	buf_lit(b, "{\"mark\":\"");
	buf_str(b, kind_names[kind]);
	buf_lit(b, "\"}\n");
}

void
mark_put_fail(struct buf *b, int status, const char *stage, const char *reason)
{
	buf_lit(b, "{\"mark\":\"fail\",\"status\":");
	buf_i64(b, status);
	buf_lit(b, ",\"stage\":");
	text_quote(b, span_str(stage));
	buf_lit(b, ",\"reason\":");
	text_quote(b, text_is_utf8(span_str(reason)) ? span_str(reason) : SPAN_LIT("(not UTF-8)"));
	buf_lit(b, "}\n");
}
