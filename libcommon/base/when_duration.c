/* when_duration - 500ms, 1h30m, 1.5s */
#include "base/num.h"
#include "base/when.h"

struct unit {
	char    name[3];
	int64_t ms;
};

static const struct unit units[] = {         /* from large to small */
	{ "w", 604800000 }, { "d", 86400000 }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 },
	{ "ms", 1 }
};

enum { N_UNITS = sizeof(units) / sizeof(units[0]) };

/* How long the unit's name is that follows is told by what no name has: a digit or the end. */
static const struct unit *
unit_at(const char *p, size_t *n)
{
	*n = strcspn(p, "0123456789.");
	for (size_t i = 0; i < N_UNITS; i++)
		if (strlen(units[i].name) == *n && memcmp(p, units[i].name, *n) == 0)
			return &units[i];
	return NULL;
}

/* FRACTION, the digits behind a point, of UNIT.  False: finer than a millisecond. */
static bool
fraction_of(struct span fraction, const struct unit *unit, int64_t *ms)
{
	int64_t digits = 0, divisor = 1;

	while (fraction.n > 0 && fraction.p[fraction.n - 1] == '0')
		fraction.n--;
	/* No unit divides by more twos or fives than this. */
	if (fraction.n > 9)
		return false;
	for (size_t i = 0; i < fraction.n; i++) {
		digits = digits * 10 + (fraction.p[i] - '0');
		divisor *= 10;
	}
	*ms = unit->ms * digits / divisor;
	return unit->ms * digits % divisor == 0;
}

static int
refuse(const char *text, const char *why, struct err *err)
{
	return err_set(err, ERR_USAGE, "'%s' is no duration: %s", text, why);
}

/* One number and its unit at *P, added to *MS.  UNIT is the one before, NULL at first. */
static int
read_part(const char *text, const char **p, const struct unit **unit, int64_t *ms, struct err *err)
{
	size_t             n_whole = strspn(*p, "0123456789"), n_fraction = 0, n_unit;
	const char        *fraction = *p + n_whole, *at = fraction;
	const struct unit *before = *unit;
	int64_t            whole, part, rest = 0;

	if (n_whole == 0)
		return refuse(text, "give numbers with units, 500ms 10s 5m 1h 2d 1w 1h30m", err);
	if (*at == '.') {
		fraction = ++at;
		n_fraction = strspn(at, "0123456789");
		at += n_fraction;
		if (n_fraction == 0)
			return refuse(text, "no digits behind the point", err);
	}
	if ((*unit = unit_at(at, &n_unit)) == NULL)
		return refuse(text, n_unit == 0 ? "no unit (ms s m h d w)" :
		    "the units are ms s m h d w", err);
	if (before != NULL && *unit <= before)
		return refuse(text, "units go from large to small, each once", err);
	if (n_fraction > 0 && at[n_unit] != '\0')
		return refuse(text, "only the last number may have a fraction", err);
	if (!fraction_of(span_of(fraction, n_fraction), *unit, &rest))
		return refuse(text, "finer than a millisecond", err);
	if (!num_i64(span_of(*p, n_whole), &whole) ||
	    __builtin_mul_overflow(whole, (*unit)->ms, &part) ||
	    __builtin_add_overflow(part, rest, &part) || __builtin_add_overflow(*ms, part, ms))
		return refuse(text, "too long", err);
	*p = at + n_unit;
	return 0;
}

int
when_duration(const char *text, bool negative, int64_t *ms, struct err *err)
{
	const char        *p = text;
	const struct unit *unit = NULL;
	bool               minus = *p == '-';

	*ms = 0;
	if (*p == '-' || *p == '+') {
		if (!negative)
			return refuse(text, "no sign here", err);
		p++;
	}
	if (strcmp(p, "0") == 0)
		return 0;
	do {
		if (read_part(text, &p, &unit, ms, err) == -1)
			return -1;
	} while (*p != '\0');
	if (minus)
		*ms = -*ms;
	return 0;
}

/* 59s, 1.5s, 250ms */
static void
put_seconds(struct buf *b, uint64_t ms)
{
	if (ms < 1000) {
		buf_u64(b, ms);
		buf_lit(b, "ms");
		return;
	}
	num_put(b, (struct dec){ ms, 3 });
	buf_char(b, 's');
}

void
when_put_duration(struct buf *b, int64_t ms)
{
	uint64_t rest = ms < 0 ? -(uint64_t)ms : (uint64_t)ms;

	if (ms == 0) {
		buf_char(b, '0');
		return;
	}
	if (ms < 0)
		buf_char(b, '-');
	for (size_t i = 1; i < N_UNITS - 2; i++) {       /* d h m: weeks are no help to a reader */
		uint64_t unit = (uint64_t)units[i].ms;

		if (rest >= unit) {
			buf_u64(b, rest / unit);
			buf_str(b, units[i].name);
			rest %= unit;
		}
	}
	if (rest > 0)
		put_seconds(b, rest);
}
