/* member - walk the members of an object that is known to be valid */
#include "json/lex.h"
#include "json/scan.h"

/* The closing quote; P is behind the opening one. */
static const char *
string_end(const char *p, bool *escaped)
{
	vec high = vec_zero();

	*escaped = false;
	for (p = lex_plain(p, &high); *p != '"'; p = lex_plain(p + 2, &high))
		*escaped = true;
	return p;
}

/* Behind the closing bracket; P is at the opening one. */
static const char *
container_end(const char *p)
{
	uint64_t depth = 0;
	bool     escaped;

	do {
		if (*p == '{' || *p == '[')
			depth++;
		else if (*p == '}' || *p == ']')
			depth--;
		else if (*p == '"')
			p = string_end(p + 1, &escaped);
		p++;
	} while (depth > 0);
	return p;
}

/* Behind a number or word. */
static const char *
word_end(const char *p)
{
	while (*p != ',' && *p != '}' && *p != ']' && *p != '\n' && !lex_is_blank(*p))
		p++;
	return p;
}

static const char *
take_value(const char *p, struct scan_value *v)
{
	const char *end;

	*v = (struct scan_value){ .p = p };
	switch (*p) {
	case '"':
		v->kind = SCAN_STRING;
		v->p++;
		end = string_end(v->p, &v->escaped);
		v->n = (uint32_t)(end - v->p);
		return end + 1;
	case '{': v->kind = SCAN_OBJECT; break;
	case '[': v->kind = SCAN_ARRAY; break;
	case 'n': v->kind = SCAN_NULL; break;
	case 't': v->kind = SCAN_TRUE; break;
	case 'f': v->kind = SCAN_FALSE; break;
	default:  v->kind = SCAN_NUMBER; break;
	}
	end = v->kind == SCAN_OBJECT || v->kind == SCAN_ARRAY ? container_end(p) : word_end(p);
	v->n = (uint32_t)(end - p);
	return end;
}

bool
scan_member(const char **at, struct span *name_escaped, struct scan_value *value)
{
	const char *p = lex_blanks(*at), *end;
	bool        escaped;

	if (*p == ',')
		p = lex_blanks(p + 1);
	if (*p == '}') {
		*at = p;
		return false;
	}
	end = string_end(p + 1, &escaped);
	*name_escaped = span_of(p + 1, (size_t)(end - (p + 1)));
	p = lex_blanks(end + 1);
	*at = take_value(lex_blanks(p + 1), value);
	return true;
}
