/* zone_rule - when clocks change, as POSIX writes it */
#include "base/zone_rule.h"

#include "base/when.h"
#include "base/zone.h"

enum { HOUR_MS = 3600000, DAY_MS = 86400000 };

struct walk { const char *p, *end; };

static bool
next_is(struct walk *w, char c)
{
	if (w->p == w->end || *w->p != c)
		return false;
	w->p++;
	return true;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* EST, or <+0330> */
static bool
skip_name(struct walk *w)
{
	const char *from = w->p;

	if (next_is(w, '<')) {
		while (w->p < w->end && *w->p != '>')
			w->p++;
		return next_is(w, '>');
	}
	while (w->p < w->end && is_letter(*w->p))
		w->p++;
	return w->p - from >= 3;
}

static bool
read_number(struct walk *w, int least, int most, int *to)
{
	const char *from = w->p;

	for (*to = 0; w->p < w->end && *w->p >= '0' && *w->p <= '9' && *to <= most; w->p++)
		*to = *to * 10 + (*w->p - '0');
	return w->p > from && *to >= least && *to <= most;
}

/* [+-]hh[:mm[:ss]] */
static bool
read_time(struct walk *w, int64_t *ms)
{
	bool minus = next_is(w, '-');
	int  hours, part;

	if (!minus)
		next_is(w, '+');
	if (!read_number(w, 0, 167, &hours))
		return false;
	*ms = (int64_t)hours * HOUR_MS;
	for (int unit_ms = 60000; unit_ms >= 1000 && next_is(w, ':'); unit_ms /= 60) {
		if (!read_number(w, 0, 59, &part))
			return false;
		*ms += (int64_t)part * unit_ms;
	}
	if (minus)
		*ms = -*ms;
	return true;
}

static bool
read_day(struct walk *w, struct zone_rule_day *d)
{
	bool good;

	*d = (struct zone_rule_day){ .time_ms = 2 * HOUR_MS };
	if (!next_is(w, ','))
		return false;
	if (next_is(w, 'M')) {
		d->kind = ZONE_RULE_MONTH;
		good = read_number(w, 1, 12, &d->month) && next_is(w, '.') && read_number(w, 1, 5, &d->week) &&
		       next_is(w, '.') && read_number(w, 0, 6, &d->weekday);
	} else if (next_is(w, 'J')) {
		d->kind = ZONE_RULE_JULIAN;
		good = read_number(w, 1, 365, &d->day);
	} else {
		d->kind = ZONE_RULE_DAY;
		good = read_number(w, 0, 365, &d->day);
	}
	return good && (!next_is(w, '/') || read_time(w, &d->time_ms));
}

bool
zone_rule_parse(struct zone_rule *r, struct span text)
{
	struct walk w = { text.p, text.p + text.n };

	*r = (struct zone_rule){ 0 };
	if (!skip_name(&w) || !read_time(&w, &r->offset_ms))
		return false;
	r->offset_ms = -r->offset_ms;            /* POSIX counts westwards */
	if (w.p == w.end)
		return true;
	r->has_dst = true;
	r->dst_offset_ms = r->offset_ms + HOUR_MS;
	if (!skip_name(&w))
		return false;
	if (w.p < w.end && *w.p != ',') {
		if (!read_time(&w, &r->dst_offset_ms))
			return false;
		r->dst_offset_ms = -r->dst_offset_ms;
	}
	return read_day(&w, &r->begins) && read_day(&w, &r->ends) && w.p == w.end;
}

int64_t
zone_rule_instant(const struct zone_rule_day *d, int64_t year, int64_t offset_ms)
{
	int64_t january = (year - 1970) * 12, day = zone_day_of_month(january);
	int64_t length = zone_day_of_month(january + 12) - day, first, next;

	switch (d->kind) {
	case ZONE_RULE_MONTH:
		first = zone_day_of_month(january + d->month - 1);
		next = zone_day_of_month(january + d->month);
		day = first + when_floor_mod(d->weekday - (first + 4), 7) + (d->week - 1) * 7;
		while (day >= next)              /* week 5 is the last there is */
			day -= 7;
		break;
	case ZONE_RULE_JULIAN:                   /* February 29 is never counted */
		day += d->day - 1 + (length == 366 && d->day >= 60);
		break;
	case ZONE_RULE_DAY:
		day += d->day;
		break;
	}
	return day * DAY_MS + d->time_ms - offset_ms;
}
