/* path - a place inside a JSON value, as jq writes it */
#include "json/path.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "json/text.h"
#include "json/utf8.h"

/* One step fewer than there is room for, so that path_under always has its place. */
enum { MAX_STEPS = PATH_MAX_STEPS - 1 };

struct parser {
	struct path *path;
	const char  *text;
	const char  *at;
	struct err  *err;
};

static int
fail(struct parser *ps, const char *why)
{
	size_t place = (size_t)(ps->at - ps->text) + 1;

	return err_set(ps->err, ERR_USAGE, "path %s: byte %zu: %s", ps->text, place, why);
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
begins_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static struct path_step *
add_step(struct parser *ps)
{
	if (ps->path->n_steps == MAX_STEPS) {
		fail(ps, "too many steps (more than 31)");
		return NULL;
	}
	return &ps->path->steps[ps->path->n_steps++];
}

static void
set_name(struct path_step *step, struct span name)
{
	step->is_index = false;
	step->name = span_of(alloc_string_n(name.p, name.n), name.n);
}

static int
take_name(struct parser *ps)
{
	const char       *from = ps->at;
	struct path_step *step = add_step(ps);

	if (step == NULL)
		return -1;
	while (begins_name(*ps->at) || is_digit(*ps->at))
		ps->at++;
	set_name(step, span_of(from, (size_t)(ps->at - from)));
	return 0;
}

static bool
is_hex(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* The closing quote of the string whose first byte is at ps->at; NULL: it is no JSON string. */
static const char *
string_end(struct parser *ps)
{
	const char *p = ps->at;

	for (; *p != '"'; p++) {
		if ((unsigned char)*p < 0x20) {
			fail(ps, *p == '\0' ? "the string does not end" :
			    "a control character in a name: write it as \\u00XX");
			return NULL;
		}
		if (*p != '\\')
			continue;
		p++;
		if (*p == 'u' && is_hex(p[1]) && is_hex(p[2]) && is_hex(p[3]) && is_hex(p[4])) {
			p += 4;
		} else if (*p == '\0' || strchr("\"\\/bfnrt", *p) == NULL) {
			ps->at = p - 1;
			fail(ps, "no JSON escape");
			return NULL;
		}
	}
	return p;
}

static int
take_string(struct parser *ps)
{
	struct buf        name = { 0 };
	struct path_step *step;
	const char       *end;

	ps->at++;
	end = string_end(ps);
	if (end == NULL)
		return -1;
	/* As in a line: a lone surrogate is escaped, never its bytes, or beside an escaped one it would be half of a pair. */
	if (end > ps->at && utf8_find_bad(ps->at, (size_t)(end - ps->at)) != NULL)
		return fail(ps, "the name is not UTF-8");
	step = add_step(ps);
	if (step == NULL)
		return -1;
	text_decode(&name, span_of(ps->at, (size_t)(end - ps->at)));
	set_name(step, buf_all(&name));
	buf_release(&name);
	ps->at = end + 1;
	return 0;
}

static int
take_index(struct parser *ps)
{
	struct path_step *step;
	uint64_t          index = 0;
	const char       *p = ps->at;

	for (; is_digit(*p); p++) {
		index = index * 10 + (uint64_t)(*p - '0');
		if (index > UINT32_MAX)
			return fail(ps, "the index is too large");
	}
	step = add_step(ps);
	if (step == NULL)
		return -1;
	step->is_index = true;
	step->index = (uint32_t)index;
	ps->at = p;
	return 0;
}

static int
take_bracket(struct parser *ps)
{
	int rc;

	ps->at++;
	if (*ps->at == '"')
		rc = take_string(ps);
	else if (is_digit(*ps->at))
		rc = take_index(ps);
	else if (*ps->at == ']')
		return fail(ps, "a path names one value: [] goes through all of them");
	else if (*ps->at == '-')
		return fail(ps, "an index counts from the front: no negative index");
	else if (*ps->at == ':')
		return fail(ps, "a path names one value: no slice");
	else
		return fail(ps, "between [ and ] stands a number or a name in double quotes");
	if (rc != 0)
		return -1;
	if (*ps->at == ':')
		return fail(ps, "a path names one value: no slice");
	if (*ps->at != ']')
		return fail(ps, "] is missing");
	ps->at++;
	return 0;
}

static const char no_name[] =
	"a name is letters, digits (not first) and _: write others as [\"…\"]";

/* What follows a dot.  Only a first dot may stand alone. */
static int
take_after_dot(struct parser *ps)
{
	if (begins_name(*ps->at))
		return take_name(ps);
	if (*ps->at == '"')
		return take_string(ps);
	if (*ps->at == '[')
		return take_bracket(ps);
	if (*ps->at == '.')
		return fail(ps, "a path names one value: no ..");
	return fail(ps, *ps->at == '\0' ? "a name is missing" : no_name);
}

static int
take_steps(struct parser *ps)
{
	while (*ps->at != '\0') {
		int rc;

		if (*ps->at == '.') {
			ps->at++;
			rc = take_after_dot(ps);
		} else if (*ps->at == '[') {
			rc = take_bracket(ps);
		} else if (*ps->at == '?') {
			rc = fail(ps, "no ? is needed: a missing member is no error here");
		} else {
			rc = fail(ps, no_name);
		}
		if (rc != 0)
			return -1;
	}
	return 0;
}

int
path_parse(struct path *path, const char *text, struct err *err)
{
	struct parser ps = { path, text, text, err };

	*path = (struct path){ .in_record = text[0] == '$' };
	if (*ps.at == '$') {
		ps.at++;
		if (*ps.at == '\0')
			goto done;
		if (*ps.at != '.' && *ps.at != '[') {
			fail(&ps, "after $ comes . or [, as in $.topic");
			goto fail;
		}
	} else if (*ps.at != '.') {
		fail(&ps, "a path begins with . (in the payload) or $ (in the record)");
		goto fail;
	} else if (ps.at[1] == '\0') {
		goto done;
	}
	if (take_steps(&ps) != 0)
		goto fail;
done:
	path->text = alloc_string(text);
	return 0;
fail:
	path_release(path);
	return -1;
}

void
path_release(struct path *path)
{
	for (size_t i = 0; i < path->n_steps; i++)
		if (!path->steps[i].is_index)
			free((void *)(uintptr_t)path->steps[i].name.p);
	free(path->text);
	*path = (struct path){ 0 };
}

static bool
is_plain_name(struct span name)
{
	if (name.n == 0 || !begins_name(name.p[0]))
		return false;
	for (size_t i = 1; i < name.n; i++)
		if (!begins_name(name.p[i]) && !is_digit(name.p[i]))
			return false;
	return true;
}

/* ".price" under "payload" is ".payload.price", "." is ".payload", ".[0]" is ".payload[0]". */
static char *
text_under(struct span name, const char *text)
{
	struct buf b = { 0 };
	char      *joined;

	buf_char(&b, '.');
	if (is_plain_name(name)) {
		buf_span(&b, name);
	} else {
		buf_char(&b, '[');
		text_quote(&b, name);
		buf_char(&b, ']');
	}
	if (text[0] == '$')
		text++;
	if (text[0] == '.' && (text[1] == '[' || text[1] == '\0'))
		text++;
	buf_str(&b, text);
	joined = alloc_string_n(b.p, b.n);
	buf_release(&b);
	return joined;
}

void
path_under(struct path *to, const char *step_name, const struct path *path)
{
	struct span name = span_str(step_name);

	assert(path->n_steps < PATH_MAX_STEPS);
	*to = (struct path){ .in_record = path->in_record, .n_steps = path->n_steps + 1 };
	set_name(&to->steps[0], name);
	for (size_t i = 0; i < path->n_steps; i++) {
		if (path->steps[i].is_index)
			to->steps[i + 1] = path->steps[i];
		else
			set_name(&to->steps[i + 1], path->steps[i].name);
	}
	to->text = text_under(name, path->text);
}

void
path_copy(struct path *to, const struct path *path)
{
	*to = *path;
	to->text = alloc_string(path->text);
	for (size_t i = 0; i < path->n_steps; i++)
		if (!path->steps[i].is_index)
			set_name(&to->steps[i], path->steps[i].name);
}

void
path_drop_first(struct path *path)
{
	assert(path->n_steps > 0);
	if (!path->steps[0].is_index)
		free((void *)(uintptr_t)path->steps[0].name.p);
	path->n_steps--;
	memmove(path->steps, path->steps + 1, path->n_steps * sizeof(path->steps[0]));
	path->in_record = false;
}

bool
path_eq(const struct path *a, const struct path *b)
{
	if (a->in_record != b->in_record || a->n_steps != b->n_steps)
		return false;
	for (size_t i = 0; i < a->n_steps; i++) {
		const struct path_step *x = &a->steps[i], *y = &b->steps[i];

		if (x->is_index != y->is_index || (x->is_index ? x->index != y->index : !span_eq(x->name, y->name)))
			return false;
	}
	return true;
}
