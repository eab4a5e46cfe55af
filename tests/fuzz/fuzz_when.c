/*
 * fuzz_when - any bytes as times and durations
 *
 * The first line is a format for strptime, each other line a time or a duration.  What is accepted
 * must come back from what is written, and the day remembered must make no difference.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/when.h"
#include "must.h"

enum { LINE_MAX_BYTES = 200 };

static void
try_rfc3339(struct span text, struct when_cache *cache)
{
	struct when_cache fresh = { 0 };
	struct buf        b = { 0 };
	int64_t           ts = 0, again = 0;
	bool              ok = when_rfc3339(text, &fresh, &ts);

	MUST(when_rfc3339(text, cache, &again) == ok);
	MUST(again == ts);
	if (ok) {
		when_put(&b, ts);
		MUST(b.n != 24 || (when_rfc3339(buf_all(&b), cache, &again) && again == ts));
		/* a place outside the calendar is at most a day away from it */
		MUST(b.n == 24 || ts < -62167219200000 || ts >= 253402300800000);
	}
	buf_release(&b);
}

static void
try_duration(const char *text)
{
	struct err err = ERR_INIT;
	struct buf b = { 0 };
	int64_t    ms, again;

	if (when_duration(text, true, &ms, &err) == 0) {
		when_put_duration(&b, ms);
		buf_char(&b, '\0');
		MUST(when_duration(b.p, true, &again, &err) == 0 && again == ms);
		MUST((when_duration(text, false, &again, &err) == 0) == (text[0] != '-' && text[0] != '+'));
	} else {
		MUST(err.status == 2);
	}
	buf_release(&b);
}

/* By the grammar of RFC 8259, which when_number relies on. */
static bool
is_number(const char *p)
{
	size_t n;

	p += *p == '-';
	n = strspn(p, "0123456789");
	if (n == 0 || (p[0] == '0' && n > 1))
		return false;
	p += n;
	if (*p == '.') {
		if ((n = strspn(p + 1, "0123456789")) == 0)
			return false;
		p += n + 1;
	}
	if ((*p | 0x20) == 'e') {
		p++;
		p += *p == '+' || *p == '-';
		if ((n = strspn(p, "0123456789")) == 0)
			return false;
		p += n;
	}
	return *p == '\0';
}

/* The finer the unit, the closer to zero; AUTO is one of them. */
static void
try_number(const char *text)
{
	static const enum when_format units[] = { WHEN_S, WHEN_MS, WHEN_US, WHEN_NS };
	int64_t ts, one, before = 0, is_auto = false;
	bool    has_auto = when_number(span_str(text), WHEN_AUTO, &ts), has_before = false;

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!when_number(span_str(text), units[i], &one)) {
			MUST(!has_before);
			continue;
		}
		MUST(!has_before || (text[0] == '-' ? one >= before : one <= before));
		before = one;
		has_before = true;
		is_auto = is_auto || (has_auto && one == ts);
	}
	MUST(!has_auto || is_auto);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct when_cache cache = { 0 };
	char              format[LINE_MAX_BYTES + 1] = "", line[LINE_MAX_BYTES + 1];
	int64_t           ts;

	for (size_t at = 0, i = 0; at < size; i++) {
		const uint8_t *end = memchr(data + at, '\n', size - at);
		size_t         n = end == NULL ? size - at : (size_t)(end - data) - at;
		size_t         taken = n < LINE_MAX_BYTES ? n : LINE_MAX_BYTES;
		char          *copy = malloc(taken + 1);

		MUST(copy != NULL);
		memcpy(line, data + at, taken);
		memcpy(copy, line, taken);
		line[taken] = '\0';
		at += n + 1;
		if (i == 0)
			memcpy(format, line, sizeof(format));
		try_rfc3339(span_of(copy, taken), &cache);
		try_duration(line);
		if (is_number(line))
			try_number(line);
		when_strptime(span_of(copy, taken), format, &ts);
		free(copy);
	}
	return 0;
}
