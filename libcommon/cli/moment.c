/* moment - points in time and places to begin at, in their many spellings */
#include "cli/moment.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/num.h"

static bool
ends_with(const char *text, size_t n, const char *end)
{
	return n > strlen(end) && memcmp(text + n - strlen(end), end, strlen(end)) == 0;
}

/* How long before now: 1h as docker and kubectl say it, -1h and "1h ago" as journalctl does. */
static bool
read_ago(const char *text, int64_t *ms)
{
	struct err err = ERR_INIT;
	size_t     n = strlen(text);
	char      *copy;
	bool       is_one;

	*ms = 0;
	if (strcmp(text, "now") == 0)
		return true;
	if (ends_with(text, n, " ago"))
		n -= strlen(" ago");
	else if (text[0] == '-')
		text++, n--;
	copy = alloc_string_n(text, n);
	is_one = when_duration(copy, false, ms, &err) == 0;
	free(copy);
	return is_one;
}

int
moment_read(const struct option *row, const char *text, struct moment *m, struct err *err)
{
	struct when_cache day = { .is_set = false };
	int64_t           number;

	m->is_ago = false;
	if (when_rfc3339(span_str(text), &day, &m->ms))
		return 0;
	if (num_i64(span_str(text), &number) && when_number(span_str(text), WHEN_AUTO, &m->ms))
		return 0;
	m->is_ago = read_ago(text, &m->ms);
	if (m->is_ago)
		return 0;
	return err_set(err, ERR_USAGE, "--%s: \"%s\" is no time: 2013-01-31, 2013-01-31T05:00:00Z, seconds or milliseconds "
	               "since 1970, or 1h for so long ago", row->name, text);
}

void
moment_put(struct buf *to, const struct moment *m)
{
	if (!m->is_ago) {
		buf_i64(to, m->ms);
	} else if (m->ms == 0) {
		buf_lit(to, "now");
	} else {
		when_put_duration(to, m->ms);
		buf_lit(to, " ago");
	}
}

/* ---- places ---- */

static bool
is_one_of(const char *text, const char *const *words)
{
	while (*words != NULL && strcmp(text, *words) != 0)
		words++;
	return *words != NULL;
}

static int
no_place(const struct option *row, const char *text, struct err *err)
{
	static const char *const theirs[] = { "stored", "committed", NULL };

	if (is_one_of(text, theirs))
		return err_set(err, ERR_USAGE, "--%s: %s is what --checkpoint does by itself", row->name, text);
	if (strncmp(text, "e@", 2) == 0)
		return err_set(err, ERR_USAGE, "--%s: a time to end at is given with --until %s", row->name, text + 2);
	return err_set(err, ERR_USAGE, "--%s: \"%s\" is none of its values: beginning, end, N (an offset), -N (the last N lines) "
	               "or @TIME", row->name, text);
}

int
place_read(const struct option *row, const char *text, struct place *p, struct err *err)
{
	static const char *const begin[] = { "beginning", "start", "earliest", "oldest", NULL };
	static const char *const end[] = { "end", "latest", "newest", NULL };
	const char *at = text[0] == 's' && text[1] == '@' ? text + 1 : text;
	int64_t     n;

	*p = (struct place){ .kind = PLACE_BEGINNING };
	if (is_one_of(text, begin))
		return 0;
	if (at[0] == '@' && at[1] != '\0') {
		p->kind = PLACE_TIME;
		return moment_read(row, at + 1, &p->time, err);
	}
	if (is_one_of(text, end)) {
		p->kind = PLACE_LAST;
		return 0;
	}
	if (!num_i64(span_str(text), &n) || n == INT64_MIN || strcmp(text, "-0") == 0)
		return no_place(row, text, err);
	if (n != 0) {
		p->kind = n < 0 ? PLACE_LAST : PLACE_OFFSET;
		p->n = (uint64_t)(n < 0 ? -n : n);
	}
	return 0;
}

void
place_put(struct buf *to, const struct place *p)
{
	switch (p->kind) {
	case PLACE_BEGINNING:
		buf_lit(to, "beginning");
		break;
	case PLACE_OFFSET:
		buf_u64(to, p->n);
		break;
	case PLACE_LAST:
		if (p->n == 0)
			buf_lit(to, "end");
		else
			buf_printf(to, "-%llu", (unsigned long long)p->n);
		break;
	case PLACE_TIME:
		buf_char(to, '@');
		moment_put(to, &p->time);
		break;
	}
}
