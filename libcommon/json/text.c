/* text - JSON strings to bytes and back; base64 */
#include "json/text.h"

#include <endian.h>

static const char hex_digits[] = "0123456789abcdef";

static unsigned
hex_value(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

static unsigned
hex4(const char *p)
{
	return hex_value(p[0]) << 12 | hex_value(p[1]) << 8 |
	    hex_value(p[2]) << 4 | hex_value(p[3]);
}

static bool
is_high_surrogate(unsigned code)
{
	return (code & 0xFC00) == 0xD800;
}

static bool
is_low_surrogate(unsigned code)
{
	return (code & 0xFC00) == 0xDC00;
}

/* The bytes of CODE, a surrogate standing alone in three bytes like any other below 0x10000. */
static unsigned
put_code(unsigned char out[4], unsigned code)
{
	if (code < 0x80) {
		out[0] = (unsigned char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (unsigned char)(0xC0 | code >> 6);
		out[1] = (unsigned char)(0x80 | (code & 0x3F));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (unsigned char)(0xE0 | code >> 12);
		out[1] = (unsigned char)(0x80 | (code >> 6 & 0x3F));
		out[2] = (unsigned char)(0x80 | (code & 0x3F));
		return 3;
	}
	out[0] = (unsigned char)(0xF0 | code >> 18);
	out[1] = (unsigned char)(0x80 | (code >> 12 & 0x3F));
	out[2] = (unsigned char)(0x80 | (code >> 6 & 0x3F));
	out[3] = (unsigned char)(0x80 | (code & 0x3F));
	return 4;
}

/* Decode the escape whose backslash is at *P (END is behind the string) and move *P behind it. */
static unsigned
take_escape(const char **p, const char *end, unsigned char out[4])
{
	const char *at = *p + 1;
	unsigned    code, low;

	*p = at + 1;
	switch (*at) {
	case 'b': out[0] = '\b'; return 1;
	case 'f': out[0] = '\f'; return 1;
	case 'n': out[0] = '\n'; return 1;
	case 'r': out[0] = '\r'; return 1;
	case 't': out[0] = '\t'; return 1;
	case 'u': break;
	default:  out[0] = (unsigned char)*at; return 1;
	}
	code = hex4(at + 1);
	*p = at + 5;
	if (is_high_surrogate(code) && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
		low = hex4(*p + 2);
		if (is_low_surrogate(low)) {
			*p += 6;
			code = 0x10000 + ((code & 0x3FF) << 10 | (low & 0x3FF));
		}
	}
	return put_code(out, code);
}

void
text_decode(struct buf *b, struct span escaped)
{
	const char   *p = escaped.p, *end = p + escaped.n, *stop;
	unsigned char code[4];

	while (p != end) {
		stop = memchr(p, '\\', (size_t)(end - p));
		if (stop == NULL)
			stop = end;
		buf_put(b, p, (size_t)(stop - p));
		p = stop;
		if (p != end)
			buf_put(b, code, take_escape(&p, end, code));
	}
}

bool
text_equal(struct span escaped, struct span bytes)
{
	const char   *p = escaped.p, *end = p + escaped.n;
	const char   *q = bytes.p, *q_end = q + bytes.n;
	unsigned char code[4];
	unsigned      n;

	if (escaped.n < bytes.n)
		return false;            /* no escape is shorter than what it stands for */
	while (p != end) {
		if (*p == '\\') {
			n = take_escape(&p, end, code);
			if ((size_t)(q_end - q) < n || memcmp(q, code, n) != 0)
				return false;
			q += n;
		} else if (q == q_end || *p++ != *q++) {
			return false;
		}
	}
	return q == q_end;
}

/* Escape one byte below 0x20, a quote or a backslash. */
static void
put_escape(struct buf *b, unsigned char c)
{
	char *to = buf_reserve(b, 6);
	char  letter;

	switch (c) {
	case '\b': letter = 'b'; break;
	case '\f': letter = 'f'; break;
	case '\n': letter = 'n'; break;
	case '\r': letter = 'r'; break;
	case '\t': letter = 't'; break;
	case '"': case '\\': letter = (char)c; break;
	default:
		memcpy(to, "\\u00", 4);
		to[4] = hex_digits[c >> 4];
		to[5] = hex_digits[c & 15];
		b->n += 6;
		return;
	}
	to[0] = '\\';
	to[1] = letter;
	b->n += 2;
}

/* A surrogate in three bytes (ED A0..BF 80..BF) as the \u it came from. */
static void
put_surrogate(struct buf *b, const unsigned char *p)
{
	char *to = buf_reserve(b, 6);

	to[0] = '\\';
	to[1] = 'u';
	to[2] = 'd';
	to[3] = hex_digits[8 | (p[1] >> 2 & 7)];
	to[4] = hex_digits[(p[1] & 3) << 2 | (p[2] >> 4 & 3)];
	to[5] = hex_digits[p[2] & 15];
	b->n += 6;
}

void
text_encode(struct buf *b, struct span bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.p, *end = p + bytes.n, *from = p;

	for (; p != end; p++) {
		if (*p >= 0x20 && *p != '"' && *p != '\\' && *p != 0xED)
			continue;
		if (*p == 0xED && p[1] < 0xA0)
			continue;
		buf_put(b, from, (size_t)(p - from));
		if (*p == 0xED) {
			put_surrogate(b, p);
			p += 2;
		} else {
			put_escape(b, *p);
		}
		from = p + 1;
	}
	buf_put(b, from, (size_t)(end - from));
}

void
text_quote(struct buf *b, struct span bytes)
{
	buf_char(b, '"');
	text_encode(b, bytes);
	buf_char(b, '"');
}

static bool
is_tail(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

/* Length of the sequence at P (P < END), 0 if it is none; surrogates count as three bytes. */
static unsigned
sequence(const unsigned char *p, const unsigned char *end)
{
	ptrdiff_t left = end - p;

	if (*p < 0x80)
		return 1;
	if (*p < 0xC2 || *p > 0xF4)
		return 0;
	if (*p < 0xE0)
		return left >= 2 && is_tail(p[1]) ? 2 : 0;
	if (*p < 0xF0) {
		if (left < 3 || !is_tail(p[1]) || !is_tail(p[2]) || (*p == 0xE0 && p[1] < 0xA0))
			return 0;
		return 3;
	}
	if (left < 4 || !is_tail(p[1]) || !is_tail(p[2]) || !is_tail(p[3]))
		return 0;
	return (*p == 0xF0 && p[1] < 0x90) || (*p == 0xF4 && p[1] > 0x8F) ? 0 : 4;
}

/* A high surrogate and then a low one would come back as one character: such bytes are not ours. */
bool
text_is_utf8(struct span bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.p, *end = p + bytes.n;
	bool                 after_high = false;

	while (p != end) {
		unsigned n = sequence(p, end);
		bool     surrogate = n == 3 && *p == 0xED && p[1] >= 0xA0;

		if (n == 0 || (surrogate && after_high && p[1] >= 0xB0))
			return false;
		after_high = surrogate && p[1] < 0xB0;
		p += n;
	}
	return true;
}

static const char base64_digits[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
text_base64(struct buf *b, struct span bytes)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	size_t               left = bytes.n;
	char                *to = buf_reserve(b, left / 3 * 4 + 4);

	b->n += (left + 2) / 3 * 4;
	for (; left > 0; p += 3, to += 4) {
		unsigned n = left < 3 ? (unsigned)left : 3;
		unsigned v = (unsigned)p[0] << 16 | (n > 1 ? (unsigned)p[1] << 8 : 0) |
		    (n > 2 ? (unsigned)p[2] : 0);

		to[0] = base64_digits[v >> 18];
		to[1] = base64_digits[v >> 12 & 63];
		to[2] = n > 1 ? base64_digits[v >> 6 & 63] : '=';
		to[3] = n > 2 ? base64_digits[v & 63] : '=';
		left -= n;
	}
}

/* Of a digit at each of four places: its bits of the 24, and a bit above them that says that it is one. */
#define D(at, value) (uint32_t)(value) << (18 - 6 * (at)) | UINT32_C(1) << (24 + (at))
#define DIGITS(at) { \
	['A'] = D(at, 0), ['B'] = D(at, 1), ['C'] = D(at, 2), ['D'] = D(at, 3), ['E'] = D(at, 4), \
	['F'] = D(at, 5), ['G'] = D(at, 6), ['H'] = D(at, 7), ['I'] = D(at, 8), ['J'] = D(at, 9), \
	['K'] = D(at, 10), ['L'] = D(at, 11), ['M'] = D(at, 12), ['N'] = D(at, 13), ['O'] = D(at, 14), \
	['P'] = D(at, 15), ['Q'] = D(at, 16), ['R'] = D(at, 17), ['S'] = D(at, 18), ['T'] = D(at, 19), \
	['U'] = D(at, 20), ['V'] = D(at, 21), ['W'] = D(at, 22), ['X'] = D(at, 23), ['Y'] = D(at, 24), \
	['Z'] = D(at, 25), ['a'] = D(at, 26), ['b'] = D(at, 27), ['c'] = D(at, 28), ['d'] = D(at, 29), \
	['e'] = D(at, 30), ['f'] = D(at, 31), ['g'] = D(at, 32), ['h'] = D(at, 33), ['i'] = D(at, 34), \
	['j'] = D(at, 35), ['k'] = D(at, 36), ['l'] = D(at, 37), ['m'] = D(at, 38), ['n'] = D(at, 39), \
	['o'] = D(at, 40), ['p'] = D(at, 41), ['q'] = D(at, 42), ['r'] = D(at, 43), ['s'] = D(at, 44), \
	['t'] = D(at, 45), ['u'] = D(at, 46), ['v'] = D(at, 47), ['w'] = D(at, 48), ['x'] = D(at, 49), \
	['y'] = D(at, 50), ['z'] = D(at, 51), ['0'] = D(at, 52), ['1'] = D(at, 53), ['2'] = D(at, 54), \
	['3'] = D(at, 55), ['4'] = D(at, 56), ['5'] = D(at, 57), ['6'] = D(at, 58), ['7'] = D(at, 59), \
	['8'] = D(at, 60), ['9'] = D(at, 61), ['+'] = D(at, 62), ['/'] = D(at, 63) \
}
static const uint32_t base64_bits[4][256] = { DIGITS(0), DIGITS(1), DIGITS(2), DIGITS(3) };
#undef DIGITS
#undef D

/* Four digits as 24 bits; below 0: not all of them are digits. */
static inline int32_t
base64_group(const unsigned char *p)
{
	uint32_t v = base64_bits[0][p[0]] | base64_bits[1][p[1]] | base64_bits[2][p[2]] | base64_bits[3][p[3]];

	return v >> 24 == 15 ? (int32_t)(v & 0xFFFFFF) : -1;
}

static void
put_24_bits(char *to, int32_t v)
{
	to[0] = (char)(v >> 16);
	to[1] = (char)(v >> 8 & 255);
	to[2] = (char)(v & 255);
}

int
text_unbase64(struct buf *b, struct span text)
{
	const unsigned char *p = (const unsigned char *)text.p, *last;
	unsigned char        tail[4];
	size_t               n = text.n, pad = 0;
	int32_t              v;
	char                *to;

	if (n % 4 != 0)
		return -1;
	if (n == 0)
		return 0;
	while (pad < 2 && p[n - 1 - pad] == '=')
		pad++;
	to = buf_reserve(b, n / 4 * 3);
	for (last = p + n - 4; p < last; p += 4) {
		uint32_t bytes;

		if ((v = base64_group(p)) < 0)
			return -1;
		/* A byte too many, which the next ones take. */
		bytes = htobe32((uint32_t)v << 8);
		memcpy(to, &bytes, sizeof(bytes));
		to += 3;
	}
	memcpy(tail, last, 4);
	memset(tail + 4 - pad, 'A', pad);
	if ((v = base64_group(tail)) < 0)
		return -1;
	put_24_bits(to, v);
	b->n += n / 4 * 3 - pad;
	return 0;
}

bool
text_join_lines(char *p, const char *end)
{
	bool inside = false;

	for (; p < end; p++) {
		if (*p == '"')
			inside = !inside;
		else if (*p == '\\' && inside && p + 1 < end)
			p++;
		else if (*p == '\n' && inside)
			return false;
		else if (*p == '\n')
			*p = ' ';
	}
	return true;
}
