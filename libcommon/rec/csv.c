/* csv - rows of comma-separated values, as JSON objects */
#include "rec/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "json/text.h"
#include "json/utf8.h"

/* ---- where a row ends ---- */

static enum csv_state
at_field_start(char c)
{
	return c == '"' ? CSV_QUOTED : c == ',' ? CSV_FIELD_START : CSV_PLAIN;
}

const char *
csv_behind_row(const char *p, const char *end, enum csv_state *state)
{
	enum csv_state s = *state;

	for (; p < end; p++) {
		if (s == CSV_QUOTED) {
			p = memchr(p, '"', (size_t)(end - p));
			if (p == NULL)
				break;
			s = CSV_QUOTE_IN_QUOTED;
			continue;
		}
		if (*p == '\n') {
			*state = CSV_FIELD_START;
			return p + 1;
		}
		if (s == CSV_FIELD_START)
			s = at_field_start(*p);
		else if (*p == ',')
			s = CSV_FIELD_START;
		else if (s == CSV_QUOTE_IN_QUOTED)
			s = *p == '"' ? CSV_QUOTED : CSV_PLAIN;
	}
	*state = s;
	return NULL;
}

/* ---- fields ---- */

/* A field; TEXT has doubled quotes still in it where DOUBLED says so. */
struct field {
	struct span text;
	bool        quoted, doubled;
};

/* *AT is moved behind the field: to the comma or the end. */
static const char *
next_field(const char **at, const char *end, struct field *f)
{
	const char *p = *at, *from;

	*f = (struct field){ .text = SPAN_NONE };
	if (p == end || *p != '"') {
		const char *comma = memchr(p, ',', (size_t)(end - p));

		*at = comma == NULL ? end : comma;
		f->text = span_of(p, (size_t)(*at - p));
		return memchr(p, '"', f->text.n) == NULL ? NULL : "a quote inside a field that does not begin with one";
	}
	for (from = ++p; ; p += 2) {
		p = memchr(p, '"', (size_t)(end - p));
		if (p == NULL)
			return "a quote that is not closed";
		if (p + 1 == end || p[1] != '"')
			break;
		f->doubled = true;
	}
	f->text = span_of(from, (size_t)(p - from));
	f->quoted = true;
	*at = p + 1;
	return *at == end || **at == ',' ? NULL : "text behind a closing quote";
}

/* As a JSON string. */
static const char *
put_string(struct buf *b, const struct field *f)
{
	const char *p = f->text.p, *end = f->text.p + f->text.n;

	if (f->text.n > 0 && utf8_find_bad(f->text.p, f->text.n) != NULL)
		return "not UTF-8";
	buf_char(b, '"');
	while (f->doubled && p < end) {
		const char *quote = memchr(p, '"', (size_t)(end - p));

		if (quote == NULL)
			break;
		text_encode(b, span_of(p, (size_t)(quote + 1 - p)));
		p = quote + 2;
	}
	text_encode(b, span_of(p, (size_t)(end - p)));
	buf_char(b, '"');
	return NULL;
}

static const char *
digits(const char *p, const char *end)
{
	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p;
}

/* By RFC 8259: 01, +1, .5 and 1. are none. */
static bool
is_number(struct span s)
{
	const char *p = s.p, *end = s.p + s.n, *at;

	if (p < end && *p == '-')
		p++;
	if ((at = digits(p, end)) == p || (*p == '0' && at > p + 1))
		return false;
	p = at;
	if (p < end && *p == '.') {
		if ((at = digits(p + 1, end)) == p + 1)
			return false;
		p = at;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		if ((at = digits(p, end)) == p)
			return false;
		p = at;
	}
	return p == end;
}

/* ---- columns ---- */

void
csv_release(struct csv *c)
{
	buf_release(&c->names);
	free(c->ends);
	*c = (struct csv){ .n = 0 };
}

void
csv_add_column(struct csv *c, struct span name_json)
{
	buf_span(&c->names, name_json);
	if ((c->n & (c->n + 1)) == 0)           /* 0, 1, 3, 7 …: room for twice as many */
		c->ends = alloc_resized(c->ends, 2 * c->n + 2, sizeof(*c->ends));
	c->ends[c->n++] = c->names.n;
}

struct span
csv_column(const struct csv *c, size_t i)
{
	size_t from = i == 0 ? 0 : c->ends[i - 1];

	return span_of(c->names.p + from, c->ends[i] - from);
}

const char *
csv_set_columns(struct csv *c, struct span row)
{
	struct csv   made = { .n = 0 };
	struct buf   name = { 0 };
	const char  *at = row.p, *end = row.p + row.n, *wrong = NULL;
	struct field f;

	for (;;) {
		buf_reset(&name);
		if ((wrong = next_field(&at, end, &f)) != NULL || (wrong = put_string(&name, &f)) != NULL)
			break;
		csv_add_column(&made, buf_all(&name));
		if (made.n > CSV_MAX_COLUMNS)
			wrong = "too many columns";
		if (wrong != NULL || at == end)
			break;
		at++;
	}
	buf_release(&name);
	if (wrong != NULL) {
		csv_release(&made);
		return wrong;
	}
	csv_release(c);
	*c = made;
	return NULL;
}

const char *
csv_put_object(const struct csv *c, struct span row, bool numbers, struct buf *b)
{
	const char  *at = row.p, *end = row.p + row.n, *wrong;
	struct field f;

	for (size_t i = 0; ; i++) {
		if ((wrong = next_field(&at, end, &f)) != NULL)
			return wrong;
		if (i == c->n)
			return "more fields than the header has";
		buf_char(b, i == 0 ? '{' : ',');
		buf_span(b, csv_column(c, i));
		buf_char(b, ':');
		if (numbers && !f.quoted && is_number(f.text))
			buf_span(b, f.text);
		else if ((wrong = put_string(b, &f)) != NULL)
			return wrong;
		if (at == end) {
			buf_char(b, '}');
			return i + 1 == c->n ? NULL : "fewer fields than the header has";
		}
		at++;
	}
}
