/* scan - one pass over a line: is it JSON, and where are the values that are wanted */
#include "json/scan.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "json/check.h"
#include "json/utf8.h"
#include "json/want.h"

struct scan {
	struct want  want;
	utf8_check  *is_utf8;
	struct check check;
};

struct scan *
scan_new(const struct path *const *paths, size_t n_paths)
{
	struct scan *s = alloc_zeroed(1, sizeof(*s));
	size_t       n;

	want_init(&s->want, paths, n_paths);
	check_init(&s->check, s->want.nodes);
	s->is_utf8 = utf8_forms(&n)[0].check;
	return s;
}

void
scan_free(struct scan *s)
{
	if (s == NULL)
		return;
	want_release(&s->want);
	free(s);
}

static void
set_missing(struct scan_value *values, uint64_t paths)
{
	for (; paths != 0; paths &= paths - 1)
		values[__builtin_ctzll(paths)] = (struct scan_value){ .kind = SCAN_MISSING };
}

static void
set_aliases(const struct want *w, struct scan_value *values)
{
	for (size_t i = 0; i < w->n_aliases; i++)
		values[w->aliases[i].path] = values[w->aliases[i].of];
}

static void
set_bad(struct scan_result *r, const char *at, const char *reason)
{
	r->verdict = SCAN_BAD;
	r->bad = at;
	r->reason = reason;
	r->newline = rawmemchr(at, '\n');
	r->start = r->end = NULL;
}

void
scan_line(struct scan *s, const char *line, struct scan_value *values, struct scan_result *r)
{
	struct check *c = &s->check;
	const char   *newline;

	c->values = values;
	newline = check_line(c, line);
	if (newline == NULL) {
		set_bad(r, c->lex.bad, c->lex.reason);
		return;
	}
	r->start = c->start;
	r->end = c->end;
	r->newline = newline;
	if (c->start == c->end) {
		r->verdict = SCAN_EMPTY;
		return;
	}
	if (c->lex.high && !s->is_utf8(c->start, (size_t)(c->end - c->start))) {
		set_bad(r, utf8_find_bad(c->start, (size_t)(c->end - c->start)), "invalid UTF-8");
		return;
	}
	r->verdict = SCAN_OK;
	set_missing(values, s->want.all & ~c->set);
	if (s->want.n_aliases > 0)
		set_aliases(&s->want, values);
}
