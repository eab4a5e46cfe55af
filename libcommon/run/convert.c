/* convert - lines that are no JSON, as lines that are */
#include "run/convert.h"

#include <string.h>

#include "json/text.h"
#include "json/utf8.h"

void
convert_init(struct convert *c, enum run_format format, bool numbers)
{
	*c = (struct convert){ .format = format, .numbers = numbers };
	if (format == RUN_KCAT)
		c->kcat = kcat_new();
}

void
convert_release(struct convert *c)
{
	csv_release(&c->csv);
	kcat_free(c->kcat);
	buf_release(&c->text);
	arena_release(&c->arena);
}

void
convert_begin(struct convert *c)
{
	csv_release(&c->csv);
}

void
convert_reset(struct convert *c)
{
	if (c->arena.blocks != NULL)
		arena_reset(&c->arena);
}

const char *
convert_behind(const struct convert *c, const char *p, const char *end)
{
	enum csv_state state = CSV_FIELD_START;
	const char    *behind;

	if (c->format != RUN_CSV)
		return (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
	behind = csv_behind_row(p, end, &state);
	return behind == NULL ? end : behind;       /* a quote was never closed */
}

/* A whole line, ready for the scanner. */
static const char *
keep_line(struct convert *c)
{
	char *kept;

	buf_char(&c->text, '\n');
	memset(buf_reserve(&c->text, SCAN_PAD), 0, SCAN_PAD);
	kept = arena_alloc(&c->arena, c->text.n + SCAN_PAD);
	memcpy(kept, c->text.p, c->text.n + SCAN_PAD);
	return kept;
}

static struct span
without_cr(struct span s)
{
	if (s.n > 0 && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

/* An envelope is the only place for bytes that are no text. */
static void
put_base64(struct buf *b, struct span raw, const struct rec_origin *origin, uint64_t offset)
{
	buf_span(b, buf_all(&origin->head));
	buf_u64(b, offset);
	buf_lit(b, ",\"payload_base64\":\"");
	text_base64(b, raw);
	buf_lit(b, "\"}");
}

static enum convert_verdict
convert_row(struct convert *c, struct span row, const char **wrong)
{
	row = without_cr(row);
	if (row.n == 0)
		return CONVERT_NOTHING;
	if (c->csv.n == 0) {
		*wrong = csv_set_columns(&c->csv, row);
		return *wrong == NULL ? CONVERT_NOTHING : CONVERT_HOPELESS;
	}
	*wrong = csv_put_object(&c->csv, row, c->numbers, &c->text);
	return *wrong == NULL ? CONVERT_BARE : CONVERT_BAD;
}

enum convert_verdict
convert_line(struct convert *c, struct span raw, const struct rec_origin *origin, uint64_t offset,
             const char **line, const char **wrong)
{
	enum convert_verdict v = CONVERT_BARE;

	buf_reset(&c->text);
	switch (c->format) {
	case RUN_CSV:
		v = convert_row(c, raw, wrong);
		break;
	case RUN_KCAT:
		*wrong = kcat_put_record(c->kcat, raw.p, &c->text);
		v = *wrong != NULL ? CONVERT_BAD : c->text.n == 0 ? CONVERT_NOTHING : CONVERT_RECORD;
		break;
	case RUN_TEXT:
		raw = without_cr(raw);
		if (raw.n == 0 || utf8_find_bad(raw.p, raw.n) == NULL) {
			text_quote(&c->text, raw);
			break;
		}
		/* fall through */
	default:
		put_base64(&c->text, raw, origin, offset);
		v = CONVERT_RECORD;
	}
	if (v == CONVERT_BARE || v == CONVERT_RECORD)
		*line = keep_line(c);
	return v;
}

void
convert_save(const struct convert *c, struct buf *b)
{
	if (c->csv.n == 0)
		return;
	buf_lit(b, ",\"columns\":[");
	for (size_t i = 0; i < c->csv.n; i++) {
		if (i > 0)
			buf_char(b, ',');
		buf_span(b, csv_column(&c->csv, i));
	}
	buf_char(b, ']');
}

void
convert_load(struct convert *c, const struct tree *t)
{
	const struct tree *columns = tree_member(t, "columns");
	size_t             n = columns == NULL ? 0 : tree_count(columns);
	struct buf         name = { 0 };

	csv_release(&c->csv);
	for (size_t i = 0; i < n; i++) {
		buf_reset(&name);
		tree_put(&name, tree_item(columns, i));
		csv_add_column(&c->csv, buf_all(&name));
	}
	buf_release(&name);
}
