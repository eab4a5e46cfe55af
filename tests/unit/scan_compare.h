/* scan_compare - one line through the scanner and through scan_naive: is it the same answer? */
#ifndef SCAN_COMPARE_H
#define SCAN_COMPARE_H

#include "scan_naive.h"

static bool
same_value(const struct scan_value *a, const struct scan_value *b)
{
	if (a->kind == SCAN_MISSING || b->kind == SCAN_MISSING)
		return a->kind == b->kind;
	return a->kind == b->kind && a->p == b->p && a->n == b->n && a->escaped == b->escaped;
}

/* NULL, or in which way the scanner and the naive one differ about LINE. */
static const char *
scan_difference(struct scan *s, const struct path *const *paths, size_t n_paths, const char *line)
{
	static struct naive n;
	struct scan_value   values[SCAN_MAX_PATHS];
	struct scan_result  r;
	const char         *newline = memchr(line, '\n', SIZE_MAX / 2);
	enum scan_verdict   verdict;

	memset(values, 0x5A, sizeof(values));
	scan_line(s, line, values, &r);
	verdict = naive_scan(&n, line, paths, n_paths);
	if (r.verdict != verdict)
		return "another verdict";
	if (r.newline != newline)
		return "another end of line";
	if (verdict == SCAN_BAD && (r.bad < line || r.bad > newline || r.reason == NULL))
		return "a bad byte outside of the line";
	if (verdict == SCAN_BAD)
		return NULL;
	if (r.start != n.start || r.end != n.end)
		return "another value";
	if (verdict == SCAN_EMPTY)
		return NULL;
	for (size_t i = 0; i < n_paths; i++)
		if (!same_value(&values[i], &n.values[i]))
			return "another value at a path";
	return NULL;
}

#endif
