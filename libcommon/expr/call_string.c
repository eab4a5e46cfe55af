/* call_string - functions of strings */
#include "expr/call_parts.h"

static int
both_bytes(struct work *w, struct val a, struct val b, struct span *x, struct span *y)
{
	return val_bytes(w, a, x) == -1 || val_bytes(w, b, y) == -1 ? -1 : 0;
}

static bool
begins(struct span s, struct span with)
{
	return span_starts(s, with);
}

static bool
ends(struct span s, struct span with)
{
	return s.n >= with.n && (with.n == 0 || memcmp(s.p + s.n - with.n, with.p, with.n) == 0);
}

int
call_startswith(struct work *w, struct val v, struct val with, struct val *to)
{
	struct span s, t;

	if (v.kind != SCAN_STRING || with.kind != SCAN_STRING)
		return work_fail(w, "startswith() requires string inputs");
	if (both_bytes(w, v, with, &s, &t) == -1)
		return -1;
	*to = val_bool(begins(s, t));
	return 0;
}

int
call_endswith(struct work *w, struct val v, struct val with, struct val *to)
{
	struct span s, t;

	if (v.kind != SCAN_STRING || with.kind != SCAN_STRING)
		return work_fail(w, "endswith() requires string inputs");
	if (both_bytes(w, v, with, &s, &t) == -1)
		return -1;
	*to = val_bool(ends(s, t));
	return 0;
}

/* Without WITH in front, behind; what does not have it stays as it is. */
int
call_ltrimstr(struct work *w, struct val v, struct val with, struct val *to)
{
	struct span s, t;

	*to = v;
	if (v.kind != SCAN_STRING || with.kind != SCAN_STRING)
		return 0;
	if (both_bytes(w, v, with, &s, &t) == -1)
		return -1;
	if (begins(s, t))
		*to = val_text(span_of(s.p + t.n, s.n - t.n));
	return 0;
}

int
call_rtrimstr(struct work *w, struct val v, struct val with, struct val *to)
{
	struct span s, t;

	*to = v;
	if (v.kind != SCAN_STRING || with.kind != SCAN_STRING)
		return 0;
	if (both_bytes(w, v, with, &s, &t) == -1)
		return -1;
	if (ends(s, t))
		*to = val_text(span_of(s.p, s.n - t.n));
	return 0;
}

int
call_split(struct work *w, struct val v, struct val at, struct val *to)
{
	struct span s, t;

	if (v.kind != SCAN_STRING || at.kind != SCAN_STRING)
		return work_fail(w, "split input and separator must be strings");
	return both_bytes(w, v, at, &s, &t) == -1 ? -1 : val_split(w, s, t, to);
}

static int
change_case(struct work *w, struct val v, char first, struct val *to)
{
	struct span s;
	char       *copy;

	if (v.kind != SCAN_STRING)
		return work_fail(w, "%s input must be a string", first == 'A' ? "ascii_downcase" : "ascii_upcase");
	if (val_bytes(w, v, &s) == -1)
		return -1;
	copy = work_alloc(w, s.n + 1);
	if (copy == NULL)
		return -1;
	for (size_t i = 0; i < s.n; i++)
		copy[i] = s.p[i] >= first && s.p[i] <= first + ('Z' - 'A') ? (char)(s.p[i] ^ 0x20) : s.p[i];
	*to = val_text(span_of(copy, s.n));
	return 0;
}

int
call_ascii_downcase(struct work *w, struct val v, struct val unused, struct val *to)
{
	(void)unused;
	return change_case(w, v, 'A', to);
}

int
call_ascii_upcase(struct work *w, struct val v, struct val unused, struct val *to)
{
	(void)unused;
	return change_case(w, v, 'a', to);
}
