/*
 * fuzz_csv - any bytes as a table
 *
 * Rows end at the same places wherever the input is cut.  A row that is taken is a JSON object with a
 * member for each column, in their order; one that is refused has a reason.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "json/tree.h"
#include "json/utf8.h"
#include "rec/csv.h"
#include "must.h"

/* Where the row at P ends, looked for byte by byte. */
static const char *
behind_by_bytes(const char *p, const char *end)
{
	enum csv_state state = CSV_FIELD_START;
	const char    *behind = NULL;

	while (p < end && (behind = csv_behind_row(p, p + 1, &state)) == NULL)
		p++;
	return behind;
}

static void
check_object(const struct csv *c, const struct buf *b)
{
	struct err   err = ERR_INIT;
	struct tree *t;

	MUST(utf8_find_bad(b->p, b->n) == NULL);
	/* The library reads numbers into doubles, and refuses what is too large for one; and a NUL in a name. */
	t = tree_parse(buf_all(b), &err);
	MUST(t != NULL || strstr(err.text, "real number overflow") != NULL || strstr(err.text, "too big") != NULL ||
	     strstr(err.text, "u0000") != NULL || strstr(err.text, "NUL") != NULL);
	MUST(t == NULL || (tree_count(t) <= c->n && tree_count(t) > 0));
	tree_free(t);
}

static void
try_row(const struct csv *c, struct span row)
{
	for (int numbers = 0; numbers < 2; numbers++) {
		struct buf  b = { 0 };
		const char *wrong = csv_put_object(c, row, numbers != 0, &b);

		if (wrong == NULL)
			check_object(c, &b);
		else
			MUST(wrong[0] != '\0');
		buf_release(&b);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv  c = { .n = 0 };
	char       *text = alloc_bytes(size + 1);
	const char *p = text, *end = text + size;

	memcpy(text, data, size);
	while (p < end) {
		enum csv_state state = CSV_FIELD_START;
		const char    *behind = csv_behind_row(p, end, &state);
		struct span    row = span_of(p, behind == NULL ? (size_t)(end - p) : (size_t)(behind - p) - 1);
		const char    *wrong;

		MUST(behind_by_bytes(p, end) == behind);
		MUST(behind == NULL || (behind > p && behind[-1] == '\n'));
		if (c.n == 0) {
			wrong = csv_set_columns(&c, row);
			MUST((wrong == NULL) == (c.n > 0) && c.n <= CSV_MAX_COLUMNS);
		} else {
			try_row(&c, row);
		}
		if (behind == NULL)
			break;
		p = behind;
	}
	csv_release(&c);
	free(text);
	return 0;
}
