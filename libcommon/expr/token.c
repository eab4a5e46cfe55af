/* token - the words and signs of an expression */
#include "expr/token.h"

static bool
begins_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *
name_end(const char *p)
{
	while (begins_name(*p) || is_digit(*p) || (p[0] == ':' && p[1] == ':' && begins_name(p[2])))
		p += *p == ':' ? 2 : 1;
	return p;
}

static const char *
skip_blanks(const char *p)
{
	for (; *p == ' ' || *p == '\t' || *p == '\n' || *p == '\r' || *p == '#'; p++)
		if (*p == '#')
			while (p[1] != '\n' && p[1] != '\0')
				p++;
	return p;
}

static const char *
number_end(const char *p)
{
	const char *e;

	while (is_digit(*p))
		p++;
	if (*p == '.')
		for (p++; is_digit(*p); p++)
			continue;
	if (*p != 'e' && *p != 'E')
		return p;
	e = p + 1;
	if (*e == '+' || *e == '-')
		e++;
	if (!is_digit(*e))
		return p;
	while (is_digit(*e))
		e++;
	return e;
}

/* The longest sign of jq's at P. */
static size_t
sign_length(const char *p)
{
	static const char *const signs[] = {
		"?//=", "//=", "|=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=", "//", "..",
	};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strncmp(p, signs[i], strlen(signs[i])) == 0)
			return strlen(signs[i]);
	return strchr(".?[]{}(),:;|=<>+-*/%@", *p) != NULL ? 1 : 0;
}

static int
take(const char **at, struct token *t, enum token_kind kind, const char *from, const char *end)
{
	t->kind = kind;
	t->text = span_of(from, (size_t)(end - from));
	*at = end;
	return 0;
}

int
token_next(const char **at, struct token *t)
{
	const char *p = skip_blanks(*at);
	size_t      n;

	t->from = p;
	if (*p == '\0')
		return take(at, t, TOKEN_END, p, p);
	if (begins_name(*p))
		return take(at, t, TOKEN_WORD, p, name_end(p));
	if (is_digit(*p) || (*p == '.' && is_digit(p[1])))
		return take(at, t, TOKEN_NUMBER, p, number_end(p));
	if (*p == '.' && begins_name(p[1])) {
		for (n = 1; begins_name(p[n]) || is_digit(p[n]); n++)
			continue;
		take(at, t, TOKEN_FIELD, p + 1, p + n);
		return 0;
	}
	if (*p == '"')
		return take(at, t, TOKEN_QUOTE, p, p + 1);
	if (*p == '$' && (p[1] == '.' || p[1] == '['))
		return take(at, t, TOKEN_RECORD, p, p + 1);
	if (*p == '$')
		return take(at, t, TOKEN_VARIABLE, p, name_end(p + 1));
	n = sign_length(p);
	take(at, t, TOKEN_SIGN, p, p + n);
	return n == 0 ? -1 : 0;
}
