/*
 * when_strptime - times in a format of the user's
 *
 * strptime(3) does the work, except for what it does not know (%N, %f: a fraction of a second) or
 * does by way of the local zone (%s) or not at all (%Z).  Those are read here first and cut out of
 * both the text and the format; strptime then reads what is left, with a fresh struct tm.
 */
#include <time.h>

#include "base/num.h"
#include "base/when.h"

enum { TEXT_MAX = 256 };

struct own {
	bool    is_epoch;              /* %s was there: the fields of the date don't count */
	int64_t epoch_s;
	int     fraction_ms;
};

/* The next conversion of FORMAT, past flags and modifiers; NULL: no more.  *START: its '%'. */
static char *
next_conversion(char *format, char **start)
{
	char *p = strchr(format, '%');

	if (p == NULL)
		return NULL;
	*start = p++;
	p += strspn(p, "_-0^#");
	p += strspn(p, "EO");
	return *p == '\0' ? NULL : p;
}

/* strptime that has to get through FORMAT; where it stops in TEXT. */
static char *
read_prefix(const char *text, const char *format)
{
	struct tm tm = { 0 };

	return strptime(text, format, &tm);
}

static char *
read_digits(char *p, int *ms)
{
	int weight = 100;

	*ms = 0;
	if (*p < '0' || *p > '9')
		return NULL;
	for (; *p >= '0' && *p <= '9'; p++) {
		*ms += (*p - '0') * weight;
		weight /= 10;
	}
	return p;
}

/* Reads at P what conversion C stands for; where it ends, NULL: something else is there. */
static char *
read_own(char c, char *p, struct own *own)
{
	size_t n;

	switch (c) {
	case 's':
		n = (size_t)(*p == '-') + strspn(p + (*p == '-'), "0123456789");
		own->is_epoch = true;
		return num_i64(span_of(p, n), &own->epoch_s) ? p + n : NULL;
	case 'Z':
		/* Any other name is ambiguous or needs the tz database. */
		if (strncmp(p, "UTC", 3) == 0 || strncmp(p, "GMT", 3) == 0)
			return p + 3;
		return *p == 'Z' ? p + 1 : NULL;
	default:
		return read_digits(p, &own->fraction_ms);
	}
}

/* Takes all conversions of ours out of both.  False: no fit, or the format can give no time. */
static bool
take_out_own(char *text, char *format, struct own *own)
{
	char *at, *start, *from, *to;

	*own = (struct own){ 0 };
	for (char *p = format; (at = next_conversion(p, &start)) != NULL; ) {
		/* strptime reads weeks of ISO 8601 and then forgets them. */
		if (strchr("GgV", *at) != NULL)
			return false;
		if (strchr("sNfZ", *at) == NULL) {
			p = at + 1;
			continue;
		}
		*start = '\0';
		if ((from = read_prefix(text, format)) == NULL ||
		    (to = read_own(*at, from, own)) == NULL)
			return false;
		memmove(from, to, strlen(to) + 1);
		memmove(start, at + 1, strlen(at + 1) + 1);
		p = start;
	}
	return true;
}

bool
when_strptime(struct span text, const char *format, int64_t *ts_ms)
{
	char       copy[TEXT_MAX], rest_format[TEXT_MAX];
	size_t     n_format = strlen(format);
	struct tm  tm = { .tm_year = 70, .tm_mday = 1 };
	struct own own;
	const char *end;
	int64_t     s;

	if (text.n == 0 || text.n >= sizeof(copy) || n_format >= sizeof(rest_format) ||
	    memchr(text.p, '\0', text.n) != NULL)
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	memcpy(rest_format, format, n_format + 1);
	if (!take_out_own(copy, rest_format, &own))
		return false;
	end = strptime(copy, rest_format, &tm);
	if (end == NULL || *end != '\0')
		return false;
	if (!own.is_epoch && !when_from_fields(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
	    tm.tm_hour, tm.tm_min, tm.tm_sec, &s))
		return false;
	s = own.is_epoch ? own.epoch_s : s - tm.tm_gmtoff;
	return !__builtin_mul_overflow(s, 1000, ts_ms) &&
	    !__builtin_add_overflow(*ts_ms, own.fraction_ms, ts_ms);
}
