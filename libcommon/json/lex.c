/* lex - strings, numbers and words: the rare forms, and what is wrong with the bad ones */
#include "json/lex.h"

#include <stddef.h>

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

const char *
lex_fail(struct lex *lex, const char *at, const char *reason)
{
	lex->bad = at;
	lex->reason = *at == '\n' ? "unexpected end of line" : reason;
	return NULL;
}

/* What may follow a backslash, \u aside. */
static const bool is_simple_escape[256] = {
	['"'] = true, ['\\'] = true, ['/'] = true, ['b'] = true, ['f'] = true,
	['n'] = true, ['r'] = true, ['t'] = true
};

static const char *
behind_unicode_escape(struct lex *lex, const char *u)
{
	for (int i = 1; i <= 4; i++)
		if (!is_hex(u[i]))
			return lex_fail(lex, u + i, "\\u wants four hexadecimal digits");
	return u + 5;
}

const char *
lex_escaped_string(struct lex *lex, const char *p)
{
	vec high = vec_zero();

	while (*p == '\\') {
		p++;
		if (likely(is_simple_escape[(unsigned char)*p]))
			p++;
		else if (*p == 'u')
			p = behind_unicode_escape(lex, p);
		else
			return lex_fail(lex, p, "no such escape");
		if (p == NULL)
			return NULL;
		p = lex_plain(p, &high);
	}
	lex->high |= vec_any_high(high);
	return *p == '"' ? p : lex_fail(lex, p, "control character in a string");
}

static const char *
digits(const char *p)
{
	while (is_digit(*p))
		p++;
	return p;
}

const char *
lex_any_number(struct lex *lex, const char *p)
{
	p += *p == '-';
	if (*p == '0' && is_digit(p[1]))
		return lex_fail(lex, p + 1, "a number does not begin with 0 and a digit");
	if (!is_digit(*p))
		return lex_fail(lex, p, "a digit is missing");
	p = digits(p);
	if (*p == '.') {
		if (!is_digit(p[1]))
			return lex_fail(lex, p + 1, "a digit is missing behind the point");
		p = digits(p + 1);
	}
	if ((*p | 0x20) == 'e') {
		p++;
		p += *p == '+' || *p == '-';
		if (!is_digit(*p))
			return lex_fail(lex, p, "a digit is missing in the exponent");
		p = digits(p);
	}
	return p;
}

const char *
lex_skip_string(const char *p, bool *escaped)
{
	vec high = vec_zero();

	*escaped = false;
	for (p = lex_plain(p, &high); *p != '"'; p = lex_plain(p + 2, &high))
		*escaped = true;
	return p;
}

const char *
lex_skip_scalar(const char *p)
{
	bool escaped;

	if (*p == '"')
		return lex_skip_string(p + 1, &escaped) + 1;
	while (*p != ',' && *p != '}' && *p != ']' && *p != '\n' && !lex_is_blank(*p))
		p++;
	return p;
}
