/* saved - reading back what save wrote */
#include "agg/saved.h"

#include "base/num.h"

bool
saved_open(struct saved *s, struct span json)
{
	if (json.n < 2 || json.p[0] != '[' || json.p[json.n - 1] != ']')
		return false;
	*s = (struct saved){ json.p + 1, json.p + json.n - 1 };
	return true;
}

/* Behind the string that begins at P. */
static const char *
skip_string(const char *p, const char *end)
{
	for (p++; p < end && *p != '"'; p++)
		if (*p == '\\')
			p++;
	return p < end ? p + 1 : end;
}

/* Valid JSON may have blanks between values; what save wrote has none, and no kept text begins with one. */
static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
saved_next(struct saved *s, struct span *item)
{
	const char *p = s->p;
	int         depth = 0;

	if (p >= s->end)
		return false;
	while (p < s->end && (depth > 0 || *p != ',')) {
		if (*p == '"') {
			p = skip_string(p, s->end);
			continue;
		}
		depth += *p == '[' || *p == '{';
		depth -= *p == ']' || *p == '}';
		p++;
	}
	if (p == s->p || is_blank(s->p[0]) || is_blank(p[-1]))
		return false;
	*item = span_of(s->p, (size_t)(p - s->p));
	s->p = p < s->end ? p + 1 : p;
	return true;
}

bool
saved_i64(struct saved *s, int64_t *to)
{
	struct span item;

	return saved_next(s, &item) && num_i64(item, to);
}

bool
saved_count(struct saved *s, uint64_t *to)
{
	int64_t n;

	if (!saved_i64(s, &n) || n < 0)
		return false;
	*to = (uint64_t)n;
	return true;
}

bool
saved_at_end(const struct saved *s)
{
	return s->p >= s->end;
}
