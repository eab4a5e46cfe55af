/*
 * fuzz_num - any bytes as numbers: fast and slow readings must agree
 *
 * The bytes are cut into words at '\n'.  A word that is a JSON number goes through reading, comparing
 * and adding, against the decimals of tests/unit/naive_decimal.h; any word at all goes to the readers
 * that check their input themselves: integers, sums, sizes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/naive_decimal.h"
#include "base/num.h"
#include "must.h"

enum { WORD_MAX = 90, EXPONENT_MAX = 90 };

static const char *
digits(const char *p)
{
	return p + strspn(p, "0123456789");
}

/* By the grammar of RFC 8259. */
static bool
is_number(const char *p)
{
	const char *start;

	p += *p == '-';
	start = p;
	p = digits(p);
	if (p == start || (*start == '0' && p > start + 1))
		return false;
	if (*p == '.') {
		start = ++p;
		if ((p = digits(p)) == start)
			return false;
	}
	if ((*p | 0x20) == 'e') {
		p++;
		p += *p == '+' || *p == '-';
		start = p;
		if ((p = digits(p)) == start)
			return false;
	}
	return *p == '\0';
}

/* Can the naive decimal hold it? */
static bool
is_moderate(const char *text)
{
	const char *e = strpbrk(text, "eE");

	return e == NULL || (strlen(e) < 10 && labs(atol(e + 1)) <= EXPONENT_MAX);
}

static bool
is_text(const struct buf *b, const char *text)
{
	return b->n == strlen(text) && memcmp(b->p, text, b->n) == 0;
}

static void
try_decimal(const char *text, struct num_sum *sum, struct naive *total)
{
	struct naive a = naive_read(text);
	struct dec   d;
	struct buf   b = { 0 };
	char         plain[700];
	bool         fits = naive_is_zero(&a) || (naive_last(&a) - naive_first(&a) < 38 &&
	                 naive_first(&a) >= NAIVE_WHOLE - 38 && naive_last(&a) < NAIVE_WHOLE + 38);

	MUST(num_parse(span_str(text), &d) == fits);
	if (fits) {
		num_put(&b, d);
		MUST(is_text(&b, naive_write(&a, plain)));
		num_sum_add(sum, d);
		*total = naive_add(*total, a);
		buf_reset(&b);
		num_sum_put(&b, sum);
		MUST(is_text(&b, naive_write(total, plain)));
	}
	buf_release(&b);
}

static int
sign(int v)
{
	return (v > 0) - (v < 0);
}

static void
try_comparison(const char *x, const char *y)
{
	int forth = sign(num_cmp_text(span_str(x), span_str(y)));

	MUST(forth == -sign(num_cmp_text(span_str(y), span_str(x))));
	if (is_moderate(x) && is_moderate(y)) {
		struct naive a = naive_read(x), b = naive_read(y);

		MUST(forth == naive_compare(&a, &b));
	}
}

/* Readers that take anything. */
static void
try_any(const char *text)
{
	struct err     err = ERR_INIT;
	struct buf     b = { 0 };
	struct num_sum sum, again;
	uint64_t       bytes;
	int64_t        v;

	if (num_i64(span_str(text), &v)) {
		buf_i64(&b, v);
		MUST(text[text[0] == '-'] == '0' || is_text(&b, text));
	}
	buf_reset(&b);
	if (num_sum_parse(&sum, span_str(text))) {
		num_sum_put(&b, &sum);
		MUST(num_sum_parse(&again, buf_all(&b)));
		num_sum_mean(&sum, 3, &b);
	}
	MUST(num_size(text, &bytes, &err) == 0 || err.status == 2);
	buf_release(&b);
}

static void
try_number(const char *text)
{
	struct dec d;
	int64_t    v, w;

	MUST(!num_json_i64(span_str(text), &v) || (num_floor(span_str(text), 0, &w) && v == w));
	if (num_parse(span_str(text), &d) && d.scale > 0)
		MUST(!num_json_i64(span_str(text), &v));
	num_magnitude(span_str(text));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct num_sum sum = { 0 };
	struct naive   total = { 0 };
	char           before[WORD_MAX + 1] = "0", word[WORD_MAX + 1];

	for (size_t at = 0; at < size; ) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t         n = end == NULL ? size - at : (size_t)(end - data) - at;
		size_t         taken = n < WORD_MAX ? n : WORD_MAX;

		memcpy(word, data + at, taken);
		word[taken] = '\0';
		at += n + 1;
		try_any(word);
		if (!is_number(word))
			continue;
		try_number(word);
		try_comparison(word, before);
		if (is_moderate(word))
			try_decimal(word, &sum, &total);
		memcpy(before, word, sizeof(before));
	}
	return 0;
}
