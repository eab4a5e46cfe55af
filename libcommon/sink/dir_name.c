/*
 * dir_name - from a value and a time to the name of a folder
 *
 * As Hive, Spark and DuckDB name partitions: NAME=VALUE, with percent signs for what no name can hold or a shell would
 * trip over.  Different values have different names: what is escaped is escaped in one way, and a value too long for
 * a name is cut and ends with ~ and a hash, which no other value's name has.
 */
#include "sink/dir_parts.h"

#include <string.h>

#include "base/hash.h"
#include "base/when.h"
#include "json/text.h"

enum {
	LONGEST_BYTES = 200,         /* of a value's name; 255 is what file systems take */
	CUT_BYTES = 160
};

static const char null_name[] = "__HIVE_DEFAULT_PARTITION__";

static bool
is_plain(unsigned char c, bool is_utf8)
{
	if (c >= 0x80)
		return is_utf8;
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != '\0' && strchr("_-.,+@", c) != NULL);
}

static void
put_escaped(struct buf *to, unsigned char c)
{
	static const char hex[] = "0123456789ABCDEF";

	buf_char(to, '%');
	buf_char(to, hex[c >> 4]);
	buf_char(to, hex[c & 15]);
}

/* Strict: no surrogates. */
static bool
is_name_utf8(struct span s)
{
	if (!text_is_utf8(s))
		return false;
	for (size_t i = 0; i + 1 < s.n; i++)
		if ((unsigned char)s.p[i] == 0xed && (unsigned char)s.p[i + 1] >= 0xa0)
			return false;
	return true;
}

/* Before the byte N, at the beginning of a character or of an escape. */
static size_t
cut_at(const char *p, size_t n)
{
	while (n > 0 && ((unsigned char)p[n] & 0xc0) == 0x80)
		n--;
	if (n >= 1 && p[n - 1] == '%')
		return n - 1;
	return n >= 2 && p[n - 2] == '%' ? n - 2 : n;
}

void
dir_put_key(struct buf *to, struct span value)
{
	bool   is_utf8 = is_name_utf8(value);
	size_t start;

	buf_lit(to, "key=");
	start = to->n;
	if (value.p == NULL) {
		buf_lit(to, null_name);
		return;
	}
	for (size_t i = 0; i < value.n; i++) {
		unsigned char c = (unsigned char)value.p[i];

		/* A value that says what null is called is not null. */
		if (is_plain(c, is_utf8) && !(i == 0 && span_eq(value, SPAN_LIT("__HIVE_DEFAULT_PARTITION__"))))
			buf_char(to, (char)c);
		else
			put_escaped(to, c);
	}
	if (to->n - start <= LONGEST_BYTES)
		return;
	to->n = start + cut_at(to->p + start, CUT_BYTES);
	buf_char(to, '~');
	buf_hex64(to, hash_sum(value));
}

void
dir_put_window(struct buf *to, int64_t start_ms, int64_t window_ms)
{
	static const struct { int64_t unit_ms; size_t bytes; } shapes[] = {
		{ 86400000, 10 },    /* 2013-01-01 */
		{ 3600000, 13 },     /* 2013-01-01T05 */
		{ 60000, 16 },       /* 2013-01-01T05-30 */
		{ 1000, 19 },        /* 2013-01-01T05-30-00 */
		{ 1, 23 }            /* 2013-01-01T05-30-00.000 */
	};
	size_t start = to->n, i = 0;

	when_put(to, start_ms);
	if (to->p[to->n - 1] != 'Z')         /* too far away for a date: the number */
		return;
	while (window_ms % shapes[i].unit_ms != 0 || start_ms % shapes[i].unit_ms != 0)
		i++;
	to->n = start + shapes[i].bytes;
	for (char *p = to->p + start; p < to->p + to->n; p++)
		if (*p == ':')
			*p = '-';
}
