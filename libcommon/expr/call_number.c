/* call_number - functions of numbers */
#include <stdlib.h>

#include "expr/call_parts.h"

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Where the number at P ends, END if it cannot go on; as JSON has it, or (*PLAIN false) as jq lets it pass: +5 .5 5. 007 */
static const char *
number_end(const char *p, const char *end, bool *plain)
{
	const char *from;

	*plain = true;
	if (p < end && (*p == '-' || *p == '+')) {
		*plain = *p == '-';
		p++;
	}
	for (from = p; p < end && is_digit(*p); p++)
		continue;
	if (p == from || (*from == '0' && p - from > 1))
		*plain = false;
	if (p < end && *p == '.') {
		const char *behind = ++p;

		while (p < end && is_digit(*p))
			p++;
		if (p == behind) {
			*plain = false;
			if (behind - 1 == from)
				return NULL;
		}
	} else if (p == from) {
		return NULL;
	}
	if (p < end && (*p | 0x20) == 'e') {
		p++;
		if (p < end && (*p == '-' || *p == '+'))
			p++;
		for (from = p; p < end && is_digit(*p); p++)
			continue;
		if (p == from)
			return NULL;
	}
	return p;
}

int
call_tonumber(struct work *w, struct val v, struct val unused, struct val *to)
{
	struct span s;
	const char *p, *end;
	char       *copy, shown[16];
	bool        plain;

	(void)unused;
	*to = v;
	if (v.kind == SCAN_NUMBER)
		return 0;
	if (v.kind != SCAN_STRING)
		return work_fail(w, "%s (%s) cannot be parsed as a number", val_kind(v), val_shown(w, v, shown));
	if (val_bytes(w, v, &s) == -1)
		return -1;
	work_charge(w, s.n);
	p = s.p;
	for (end = s.p + s.n; p < end && (end[-1] == ' ' || (end[-1] >= '\t' && end[-1] <= '\r')); end--)
		continue;
	while (p < end && (*p == ' ' || (*p >= '\t' && *p <= '\r')))
		p++;
	if (p == end || number_end(p, end, &plain) != end)
		return work_fail(w, "string (%s) cannot be parsed as a number", val_shown(w, v, shown));
	*to = (struct val){ .p = p, .n = (uint32_t)(end - p), .kind = SCAN_NUMBER };
	if (plain)
		return 0;
	copy = work_alloc(w, to->n + 1u);
	if (copy == NULL)
		return -1;
	memcpy(copy, p, to->n);
	copy[to->n] = '\0';
	*to = val_number(strtod(copy, NULL));
	return 0;
}

static int
numeric(struct work *w, struct val v, double *d)
{
	char shown[16];

	if (v.kind != SCAN_NUMBER)
		return work_fail(w, "%s (%s) number required", val_kind(v), val_shown(w, v, shown));
	*d = val_double(v);
	return 0;
}

/* Towards zero; what has no places behind the point, or is none, stays. */
double
call_whole(double d)
{
	return d > -0x1p53 && d < 0x1p53 ? __builtin_copysign((double)(int64_t)d, d) : d;
}

int
call_floor(struct work *w, struct val v, struct val unused, struct val *to)
{
	double d;

	(void)unused;
	if (numeric(w, v, &d) == -1)
		return -1;
	*to = val_number(call_whole(d) > d ? call_whole(d) - 1 : call_whole(d));
	return 0;
}

int
call_ceil(struct work *w, struct val v, struct val unused, struct val *to)
{
	double d;

	(void)unused;
	if (numeric(w, v, &d) == -1)
		return -1;
	*to = val_number(call_whole(d) < d ? call_whole(d) + 1 : call_whole(d));
	return 0;
}

/* Halves away from zero. */
int
call_round(struct work *w, struct val v, struct val unused, struct val *to)
{
	double d, whole;

	(void)unused;
	if (numeric(w, v, &d) == -1)
		return -1;
	whole = call_whole(d);
	if (d - whole >= 0.5)
		whole++;
	else if (whole - d >= 0.5)
		whole--;
	*to = val_number(whole);
	return 0;
}
