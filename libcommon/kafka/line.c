/* line - a message as a line of ours: the record in its envelope */
#include "kafka/line.h"

#include <string.h>

#include "json/scan.h"
#include "json/text.h"
#include "rec/rec.h"

void
line_init(struct line_maker *m, enum line_values values)
{
	*m = (struct line_maker){ .values = values, .scan = scan_new(NULL, 0) };
}

void
line_release(struct line_maker *m)
{
	scan_free(m->scan);
	*m = (struct line_maker){ .scan = NULL };
}

static void
put_base64(struct buf *b, struct span value)
{
	buf_lit(b, ",\"payload_base64\":\"");
	text_base64(b, value);
	buf_char(b, '"');
}

/* It is copied first and looked at where it stands.  False: it is no JSON, or null; nothing is appended. */
static bool
put_json(struct line_maker *m, struct buf *b, struct span value)
{
	size_t             before = b->n, start;
	struct scan_result s;

	buf_lit(b, ",\"payload\":");
	start = b->n;
	buf_span(b, value);
	if (memchr(value.p, '\n', value.n) != NULL && !text_join_lines(b->p + start, b->p + b->n)) {
		b->n = before;
		return false;
	}
	memset(buf_reserve(b, SCAN_PAD + 1), 0, SCAN_PAD + 1);
	b->p[b->n] = '\n';
	scan_line(m->scan, b->p + start, NULL, &s);
	if (s.verdict == SCAN_OK && s.newline == b->p + b->n && *s.start != 'n')
		return true;
	b->n = before;
	return false;
}

static void
put_value(struct line_maker *m, struct buf *b, struct span value)
{
	if (value.p == NULL) {
		buf_lit(b, ",\"payload\":null");
	} else if (m->values == LINE_TEXT && text_is_utf8(value)) {
		buf_lit(b, ",\"payload\":");
		text_quote(b, value);
	} else if (m->values != LINE_JSON || !put_json(m, b, value)) {
		put_base64(b, value);
	}
}

/* "value":… or "value_base64":… */
static void
put_text(struct buf *b, const char *name, struct span text)
{
	bool is_text = text.p == NULL || text_is_utf8(text);

	buf_char(b, '"');
	buf_str(b, name);
	buf_str(b, is_text ? "\":" : "_base64\":");
	if (text.p == NULL) {
		buf_lit(b, "null");
	} else if (is_text) {
		text_quote(b, text);
	} else {
		buf_char(b, '"');
		text_base64(b, text);
		buf_char(b, '"');
	}
}

static void
put_headers(struct buf *b, const struct line_message *m)
{
	for (size_t i = 0; i < m->n_headers; i++) {
		buf_str(b, i == 0 ? ",\"headers\":[{" : ",{");
		put_text(b, "key", m->headers[i].name);
		buf_char(b, ',');
		put_text(b, "value", m->headers[i].value);
		buf_char(b, '}');
	}
	if (m->n_headers > 0)
		buf_char(b, ']');
}

void
line_put(struct line_maker *maker, struct buf *b, const struct line_message *m)
{
	buf_reserve(b, m->head.n + m->key.n + m->value.n + 128);
	buf_span(b, m->head);
	buf_i64(b, m->offset);
	if (m->has_ts) {
		buf_lit(b, ",\"ts\":");
		buf_i64(b, m->ts_ms);
	}
	buf_char(b, ',');
	rec_put_key(b, m->key);
	put_headers(b, m);
	put_value(maker, b, m->value);
	buf_lit(b, "}\n");
}
