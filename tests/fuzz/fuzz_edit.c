/*
 * fuzz_edit - any JSON text with parts set, left out, or alone
 *
 * Three lines: paths with commas between them, a value, a text.  What comes out is JSON again; what was set is found
 * there, what was left out is not, what is alone is what it was; and doing it twice is doing it once.
 */
#include <string.h>

#include "base/alloc.h"
#include "json/edit.h"
#include "json/scan.h"
#include "lines.h"
#include "must.h"

enum { MOST_PATHS = 8, REASON_BYTES = 300 };

/* What stands at the paths of TEXT; KEPT owns its bytes.  false: it is no JSON. */
static bool
look(struct buf *kept, struct span text, const struct path *paths, size_t n, struct scan_value *found, struct span *whole)
{
	const struct path *wants[MOST_PATHS];
	struct scan_result r;
	struct scan       *scan;

	for (size_t i = 0; i < n; i++)
		wants[i] = &paths[i];
	buf_reset(kept);
	buf_span(kept, text);
	lines_pad(kept);
	scan = scan_new(wants, n);
	scan_line(scan, kept->p, found, &r);
	scan_free(scan);
	if (r.verdict != SCAN_OK)
		return r.verdict == SCAN_BAD && strstr(r.reason, "deep") != NULL && whole == NULL;
	if (whole != NULL)
		*whole = span_of(r.start, (size_t)(r.end - r.start));
	return true;
}

static bool
by_names(const struct path *p)
{
	for (size_t i = 0; i < p->n_steps; i++)
		if (p->steps[i].is_index)
			return false;
	return true;
}

static bool
same(const struct scan_value *a, const struct scan_value *b)
{
	return a->kind == b->kind && span_eq(span_of(a->p, a->n), span_of(b->p, b->n));
}

static void
check_set(struct span text, const struct path *p, struct span value, const struct scan_value *wanted)
{
	struct buf        once = { 0 }, twice = { 0 }, kept = { 0 };
	struct scan_value found;
	char              reason[REASON_BYTES] = "";

	if (edit_set(&once, text, p, value, reason, sizeof(reason)) == -1) {
		MUST(once.n == 0 && reason[0] != '\0');
	} else {
		MUST(look(&kept, buf_all(&once), p, 1, &found, NULL));
		MUST(same(&found, wanted));
		MUST(edit_set(&twice, buf_all(&once), p, value, reason, sizeof(reason)) == 0);
		MUST(span_eq(buf_all(&once), buf_all(&twice)));
	}
	buf_release(&once);
	buf_release(&twice);
	buf_release(&kept);
}

static void
check_drop(struct span text, const struct path *paths, size_t n)
{
	struct buf        once = { 0 }, kept = { 0 };
	struct scan_value found[MOST_PATHS];

	edit_drop(&once, text, paths, n);
	MUST(look(&kept, buf_all(&once), paths, n, found, NULL));
	for (size_t i = 0; i < n; i++)
		MUST(!by_names(&paths[i]) || found[i].kind == SCAN_MISSING);
	buf_release(&once);
	buf_release(&kept);
}

static void
check_pick(struct span text, const struct path *paths, size_t n, const struct scan_value *before)
{
	struct buf        once = { 0 }, twice = { 0 }, kept = { 0 };
	struct scan_value found[MOST_PATHS];

	if (edit_pick(&once, text, paths, n) == -1) {
		MUST(once.n == 0);
	} else {
		MUST(look(&kept, buf_all(&once), paths, n, found, NULL));
		for (size_t i = 0; i < n; i++)
			MUST(same(&found[i], &before[i]));
		MUST(edit_pick(&twice, buf_all(&once), paths, n) == 0);
		MUST(span_eq(buf_all(&once), buf_all(&twice)));
	}
	buf_release(&once);
	buf_release(&twice);
	buf_release(&kept);
}

/* The paths of LIST, which is cut up; how many. */
static size_t
read_paths(char *list, struct path paths[MOST_PATHS])
{
	size_t n = 0;

	for (char *word = strtok(list, ","); word != NULL && n < MOST_PATHS; word = strtok(NULL, ",")) {
		struct err err = ERR_INIT;

		if (path_parse(&paths[n], word, &err) == -1)
			continue;
		if (paths[n].n_steps == 0 || paths[n].in_record)
			path_release(&paths[n]);
		else
			n++;
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char       *begin = (const char *)data, *first = memchr(data, '\n', size);
	const char       *second = first == NULL ? NULL : memchr(first + 1, '\n', size - (size_t)(first + 1 - begin));
	struct path       paths[MOST_PATHS];
	struct scan_value found[MOST_PATHS], value, none;
	struct path       self = { 0 };
	struct buf        text = { 0 }, given = { 0 };
	struct span       whole, all;
	size_t            n;
	char             *list;

	if (second == NULL)
		return 0;
	list = alloc_string_n(begin, (size_t)(first - begin));
	n = read_paths(list, paths);
	if (n > 0 && look(&text, span_of(second + 1, size - (size_t)(second + 1 - begin)), paths, n, found, &whole) &&
	    look(&given, span_of(first + 1, (size_t)(second - first - 1)), &self, 0, &none, &all)) {
		struct buf kept = { 0 };

		MUST(look(&kept, all, &self, 1, &value, NULL));
		check_set(whole, &paths[0], all, &value);
		check_drop(whole, paths, n);
		check_pick(whole, paths, n, found);
		buf_release(&kept);
	}
	for (size_t i = 0; i < n; i++)
		path_release(&paths[i]);
	buf_release(&text);
	buf_release(&given);
	free(list);
	return 0;
}
