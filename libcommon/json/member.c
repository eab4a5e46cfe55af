/* member - walk what is inside an object or array that is known to be valid */
#include "json/lex.h"
#include "json/scan.h"

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
			p = lex_skip_string(p + 1, &escaped);
		p++;
	} while (depth > 0);
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
		end = lex_skip_string(v->p, &v->escaped);
		v->n = (uint32_t)(end - v->p);
		return end + 1;
	case '{': v->kind = SCAN_OBJECT; break;
	case '[': v->kind = SCAN_ARRAY; break;
	case 'n': v->kind = SCAN_NULL; break;
	case 't': v->kind = SCAN_TRUE; break;
	case 'f': v->kind = SCAN_FALSE; break;
	default:  v->kind = SCAN_NUMBER; break;
	}
	end = *p == '{' || *p == '[' ? container_end(p) : lex_skip_scalar(p);
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
	end = lex_skip_string(p + 1, &escaped);
	*name_escaped = span_of(p + 1, (size_t)(end - (p + 1)));
	p = lex_blanks(end + 1);
	*at = take_value(lex_blanks(p + 1), value);
	return true;
}

bool
scan_item(const char **at, struct scan_value *value)
{
	const char *p = lex_blanks(*at);

	if (*p == ',')
		p = lex_blanks(p + 1);
	if (*p == ']') {
		*at = p;
		return false;
	}
	*at = take_value(p, value);
	return true;
}
