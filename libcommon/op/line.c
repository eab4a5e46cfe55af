/* line - the members of the lines that operators' states are saved as */
#include "op/line.h"

#include <assert.h>

#include "json/text.h"

struct scan *
line_scan(const struct path *members, size_t n)
{
	const struct path *paths[SCAN_MAX_PATHS];

	assert(n <= SCAN_MAX_PATHS);
	for (size_t i = 0; i < n; i++)
		paths[i] = &members[i];
	return scan_new(paths, n);
}

bool
line_count(const struct scan_value *v, uint64_t *to)
{
	int64_t n;

	if (!line_i64(v, &n) || n < 0)
		return false;
	*to = (uint64_t)n;
	return true;
}

bool
line_ms(const struct scan_value *v, int64_t *ms)
{
	if (v->kind != SCAN_NULL && !line_is(v, "max"))
		return line_i64(v, ms);
	*ms = v->kind == SCAN_NULL ? WHEN_MIN : WHEN_MAX;
	return true;
}

bool
line_key(const struct scan_value *key, const struct scan_value *key_base64, struct buf *scratch, struct span *to)
{
	*to = SPAN_NONE;
	if (key->kind == SCAN_NULL)
		return true;
	if (key->kind == SCAN_STRING && !key->escaped) {
		*to = line_text(key);
		return true;
	}
	buf_reset(scratch);
	buf_reserve(scratch, 1);             /* an empty key is not a null one */
	if (key->kind == SCAN_STRING)
		text_decode(scratch, line_text(key));
	else if (key_base64->kind != SCAN_STRING || text_unbase64(scratch, line_text(key_base64)) == -1)
		return false;
	*to = buf_all(scratch);
	return true;
}

void
line_put_ms(struct buf *b, int64_t ms)
{
	if (ms == WHEN_MIN)
		buf_lit(b, "null");
	else if (ms == WHEN_MAX)
		buf_lit(b, "\"max\"");
	else
		buf_i64(b, ms);
}
