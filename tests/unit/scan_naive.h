/*
 * scan_naive - the scanner once more, as simple as it can be written
 *
 * A recursive descent, byte by byte, after the grammar of RFC 8259 and the table of RFC 3629; the
 * other opinion in the differential test and under the fuzzer.  Shares nothing with the real one.
 */
#ifndef SCAN_NAIVE_H
#define SCAN_NAIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "json/scan.h"

struct naive {
	const unsigned char      *p;
	const struct path *const *paths;
	size_t                    n_paths;
	struct scan_value         values[SCAN_MAX_PATHS];
	const char               *start, *end;
	int                       depth;
};

static bool naive_value(struct naive *, uint64_t here, size_t step);

static void
naive_blanks(struct naive *s)
{
	while (*s->p == ' ' || *s->p == '\t' || *s->p == '\r')
		s->p++;
}

static bool
naive_between(unsigned c, unsigned from, unsigned to)
{
	return c >= from && c <= to;
}

/* One character of RFC 3629's table of well-formed sequences. */
static bool
naive_character(struct naive *s)
{
	static const unsigned char table[][8] = {
		{ 0x20, 0x7F },
		{ 0xC2, 0xDF, 0x80, 0xBF },
		{ 0xE0, 0xE0, 0xA0, 0xBF, 0x80, 0xBF },
		{ 0xE1, 0xEC, 0x80, 0xBF, 0x80, 0xBF },
		{ 0xED, 0xED, 0x80, 0x9F, 0x80, 0xBF },
		{ 0xEE, 0xEF, 0x80, 0xBF, 0x80, 0xBF },
		{ 0xF0, 0xF0, 0x90, 0xBF, 0x80, 0xBF, 0x80, 0xBF },
		{ 0xF1, 0xF3, 0x80, 0xBF, 0x80, 0xBF, 0x80, 0xBF },
		{ 0xF4, 0xF4, 0x80, 0x8F, 0x80, 0xBF, 0x80, 0xBF },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const unsigned char *t = table[i];
		size_t               k;

		for (k = 0; k < 4 && t[2 * k + 1] != 0; k++)
			if (!naive_between(s->p[k], t[2 * k], t[2 * k + 1]))
				break;
		if (k == 4 || t[2 * k + 1] == 0) {
			s->p += k;
			return true;
		}
	}
	return false;
}

static int
naive_hex(unsigned c)
{
	if (naive_between(c, '0', '9'))
		return (int)(c - '0');
	if (naive_between(c, 'a', 'f'))
		return (int)(c - 'a') + 10;
	return naive_between(c, 'A', 'F') ? (int)(c - 'A') + 10 : -1;
}

static bool
naive_string(struct naive *s, bool *escaped)
{
	*escaped = false;
	if (*s->p++ != '"')
		return false;
	while (*s->p != '"') {
		if (*s->p != '\\') {
			if (!naive_character(s))
				return false;
			continue;
		}
		*escaped = true;
		s->p++;
		if (*s->p == 'u') {
			for (int i = 1; i <= 4; i++)
				if (naive_hex(s->p[i]) < 0)
					return false;
			s->p += 5;
		} else if (*s->p != 0 && strchr("\"\\/bfnrt", *s->p) != NULL) {
			s->p++;
		} else {
			return false;
		}
	}
	s->p++;
	return true;
}

/* Decode to code points and compare with a name's bytes, read as code points too. */
static bool
naive_same_name(const char *p, const char *end, struct span name)
{
	unsigned char out[4096];
	size_t        n = 0;

	while (p != end && n < sizeof(out) - 4) {
		unsigned code;

		if (*p != '\\') {
			out[n++] = (unsigned char)*p++;
			continue;
		}
		p += 2;
		if (p[-1] != 'u') {
			const char *which = strchr("b\bf\fn\nr\rt\t", p[-1]);

			out[n++] = (unsigned char)(which != NULL ? which[1] : p[-1]);
			continue;
		}
		code = 0;
		for (int i = 0; i < 4; i++)
			code = code * 16 + (unsigned)naive_hex((unsigned char)*p++);
		if (naive_between(code, 0xD800, 0xDBFF) && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
			unsigned low = 0;

			for (int i = 2; i < 6; i++)
				low = low * 16 + (unsigned)naive_hex((unsigned char)p[i]);
			if (low >= 0xDC00 && low < 0xE000) {
				code = 0x10000 + (code - 0xD800) * 1024 + (low - 0xDC00);
				p += 6;
			}
		}
		if (code < 0x80) {
			out[n++] = (unsigned char)code;
		} else if (code < 0x800) {
			out[n++] = (unsigned char)(0xC0 + code / 64);
			out[n++] = (unsigned char)(0x80 + code % 64);
		} else if (code < 0x10000) {
			out[n++] = (unsigned char)(0xE0 + code / 4096);
			out[n++] = (unsigned char)(0x80 + code / 64 % 64);
			out[n++] = (unsigned char)(0x80 + code % 64);
		} else {
			out[n++] = (unsigned char)(0xF0 + code / 262144);
			out[n++] = (unsigned char)(0x80 + code / 4096 % 64);
			out[n++] = (unsigned char)(0x80 + code / 64 % 64);
			out[n++] = (unsigned char)(0x80 + code % 64);
		}
	}
	return p == end && n == name.n && memcmp(out, name.p, n) == 0;
}

static bool
naive_digits(struct naive *s)
{
	if (!naive_between(*s->p, '0', '9'))
		return false;
	while (naive_between(*s->p, '0', '9'))
		s->p++;
	return true;
}

static bool
naive_number(struct naive *s)
{
	if (*s->p == '-')
		s->p++;
	if (*s->p == '0')
		s->p++;
	else if (!naive_digits(s))
		return false;
	if (*s->p == '.') {
		s->p++;
		if (!naive_digits(s))
			return false;
	}
	if (*s->p == 'e' || *s->p == 'E') {
		s->p++;
		if (*s->p == '+' || *s->p == '-')
			s->p++;
		return naive_digits(s);
	}
	return true;
}

/* Which of the paths in HERE go on by this name (or, where it is NULL, by this index). */
static uint64_t
naive_step(struct naive *s, uint64_t here, size_t step,
    const char *name, const char *end, uint64_t index)
{
	uint64_t below = 0;

	for (size_t i = 0; i < s->n_paths; i++) {
		const struct path_step *st;

		if (!(here >> i & 1) || s->paths[i]->n_steps <= step)
			continue;
		st = &s->paths[i]->steps[step];
		if (st->is_index != (name == NULL))
			continue;
		if (name == NULL ? st->index == index : naive_same_name(name, end, st->name))
			below |= (uint64_t)1 << i;
	}
	for (size_t i = 0; i < s->n_paths; i++)
		if (below >> i & 1)
			s->values[i] = (struct scan_value){ 0 };
	return below;
}

static bool
naive_object(struct naive *s, uint64_t here, size_t step)
{
	bool escaped;

	s->p++;
	naive_blanks(s);
	if (*s->p == '}') {
		s->p++;
		return true;
	}
	for (;;) {
		const char *name = (const char *)s->p + 1;
		uint64_t    below;

		if (!naive_string(s, &escaped))
			return false;
		below = naive_step(s, here, step, name, (const char *)s->p - 1, 0);
		naive_blanks(s);
		if (*s->p++ != ':')
			return false;
		naive_blanks(s);
		if (!naive_value(s, below, step + 1))
			return false;
		naive_blanks(s);
		if (*s->p == '}') {
			s->p++;
			return true;
		}
		if (*s->p++ != ',')
			return false;
		naive_blanks(s);
	}
}

static bool
naive_array(struct naive *s, uint64_t here, size_t step)
{
	s->p++;
	naive_blanks(s);
	if (*s->p == ']') {
		s->p++;
		return true;
	}
	for (uint64_t index = 0;; index++) {
		if (!naive_value(s, naive_step(s, here, step, NULL, NULL, index), step + 1))
			return false;
		naive_blanks(s);
		if (*s->p == ']') {
			s->p++;
			return true;
		}
		if (*s->p++ != ',')
			return false;
		naive_blanks(s);
	}
}

static bool
naive_value(struct naive *s, uint64_t here, size_t step)
{
	const unsigned char *from = s->p;
	struct scan_value    v = { 0 };
	bool                 good;

	if (*from == '"') {
		v.kind = SCAN_STRING;
		good = naive_string(s, &v.escaped);
	} else if (*from == '{' || *from == '[') {
		v.kind = *from == '{' ? SCAN_OBJECT : SCAN_ARRAY;
		good = ++s->depth <= SCAN_MAX_DEPTH &&
		    (*from == '{' ? naive_object(s, here, step) : naive_array(s, here, step));
		s->depth--;
	} else if (*from == '-' || naive_between(*from, '0', '9')) {
		v.kind = SCAN_NUMBER;
		good = naive_number(s);
	} else {
		static const char *const words[] = { "null", "false", "true" };

		good = false;
		for (int i = 0; i < 3; i++) {
			if (strncmp((const char *)from, words[i], strlen(words[i])) == 0) {
				v.kind = (uint8_t)(SCAN_NULL + i);
				s->p += strlen(words[i]);
				good = true;
			}
		}
	}
	if (!good)
		return false;
	v.p = (const char *)from + (v.kind == SCAN_STRING);
	v.n = (uint32_t)(s->p - from) - (v.kind == SCAN_STRING ? 2 : 0);
	for (size_t i = 0; i < s->n_paths; i++)
		if ((here >> i & 1) && s->paths[i]->n_steps == step)
			s->values[i] = v;
	return true;
}

/* The line ends at its first '\n', whatever is in front of it. */
static enum scan_verdict
naive_scan(struct naive *s, const char *line, const struct path *const *paths, size_t n_paths)
{
	*s = (struct naive){ .p = (const unsigned char *)line, .paths = paths, .n_paths = n_paths };
	naive_blanks(s);
	s->start = s->end = (const char *)s->p;
	if (*s->p == '\n')
		return SCAN_EMPTY;
	if (!naive_value(s, n_paths == 64 ? UINT64_MAX : ((uint64_t)1 << n_paths) - 1, 0))
		return SCAN_BAD;
	s->end = (const char *)s->p;
	naive_blanks(s);
	return *s->p == '\n' ? SCAN_OK : SCAN_BAD;
}

#endif
