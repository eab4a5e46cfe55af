/* val_put - values to text */
#include <assert.h>
#include <float.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/num_digits.h"
#include "expr/val.h"
#include "json/text.h"

/*
 * From 1e-4 to 1e15 in whole numbers: D is M × 2^-SHIFT, so with K digits behind the point it is
 * M × 10^K / 2^SHIFT, which 128 bits hold.  The fewest digits from 15 on that read back as D: those that are
 * nearer to it than half the way to its neighbours.  False: it lies elsewhere.
 */
static bool
put_common_double(struct buf *b, double d)
{
	double   positive = __builtin_fabs(d);
	uint64_t bits, m, q;
	char     place[24], *from;
	int      before = -3, shift, k;

	if (!(positive >= 1e-4 && positive < 1e15))
		return false;
	memcpy(&bits, &positive, sizeof(bits));
	m = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;
	shift = 1075 - (int)(bits >> 52);
	for (double edge = 1e-3; positive >= edge; edge = before < 0 ? edge * 10 : (double)num_pow10[before])
		before++;
	for (int n = 15;; n++) {
		u128 power, exact, rest;

		k = n - before;
		power = num_power(k);
		exact = m * power;
		q = (uint64_t)(exact >> shift);
		rest = exact - ((u128)q << shift);
		q += rest > (u128)1 << (shift - 1) || (rest == (u128)1 << (shift - 1) && q % 2 == 1);
		rest = (u128)q << shift > exact ? ((u128)q << shift) - exact : exact - ((u128)q << shift);
		if (n == 17 || rest * (bits << 12 == 0 ? 4 : 2) < power)
			break;
	}
	for (; k > 0 && q % 10 == 0; k--)
		q /= 10;
	if (d < 0)
		buf_char(b, '-');
	from = num_digits_write(place + sizeof(place), q, k + 1);
	buf_put(b, from, (size_t)(place + sizeof(place) - from) - (size_t)k);
	if (k > 0) {
		buf_char(b, '.');
		buf_put(b, place + sizeof(place) - k, (size_t)k);
	}
	return true;
}

/* N digits, the point behind the first POINT of them, as jq 1.6 lays them out. */
static void
put_digits(struct buf *b, const char *digits, int n, int point)
{
	if (point <= -4 || point > n + 15) {
		buf_char(b, digits[0]);
		if (n > 1) {
			buf_char(b, '.');
			buf_put(b, digits + 1, (size_t)n - 1);
		}
		buf_printf(b, "e%c%02d", point <= 0 ? '-' : '+', abs(point - 1));
	} else if (point <= 0) {
		buf_lit(b, "0.");
		buf_put(b, "000", (size_t)-point);
		buf_put(b, digits, (size_t)n);
	} else if (point >= n) {
		buf_put(b, digits, (size_t)n);
		while (n++ < point)
			buf_char(b, '0');
	} else {
		buf_put(b, digits, (size_t)point);
		buf_char(b, '.');
		buf_put(b, digits + point, (size_t)(n - point));
	}
}

/* The fewest digits that read back as D: plain from 1e-4 on, if no more than 15 zeros have to be added; else 1.5e-07. */
static void
put_double(struct buf *b, double d)
{
	char scientific[40], *digits = scientific + 1, *e;
	int  precision = __builtin_fabs(d) < 1e-300 ? 0 : 14, n;      /* the smallest have few digits */

	if (d != d) {
		buf_lit(b, "null");
		return;
	}
	if (put_common_double(b, d))
		return;
	if (__builtin_signbit(d))
		buf_char(b, '-');
	if (d == 0) {
		buf_char(b, '0');
		return;
	}
	d = __builtin_fabs(d) > DBL_MAX ? DBL_MAX : __builtin_fabs(d);
	do
		snprintf(scientific, sizeof(scientific), "%.*e", precision++, d);
	while (precision <= 16 && strtod(scientific, NULL) != d);
	e = strchr(scientific, 'e');
	assert(e != NULL);
	digits[0] = scientific[0];                              /* over the point */
	for (n = (int)(e - digits); n > 1 && digits[n - 1] == '0'; n--)
		continue;
	put_digits(b, digits, n, 1 + (int)strtol(e + 1, NULL, 10));
}

static int
put_list(struct work *w, struct buf *b, const struct val_list *l, int (*put)(struct work *, struct buf *, struct val))
{
	buf_char(b, '[');
	for (size_t i = 0; i < l->n; i++) {
		if (i > 0)
			buf_char(b, ',');
		if (put(w, b, l->items[i]) == -1)
			return -1;
	}
	buf_char(b, ']');
	return 0;
}

static int
put_map(struct work *w, struct buf *b, const struct val_map *m, int (*put)(struct work *, struct buf *, struct val))
{
	buf_char(b, '{');
	for (size_t i = 0; i < m->n; i++) {
		if (i > 0)
			buf_char(b, ',');
		text_quote(b, m->members[i].name);
		buf_char(b, ':');
		if (put(w, b, m->members[i].value) == -1)
			return -1;
	}
	buf_char(b, '}');
	return 0;
}

/* Made of others, what is small can come out large: what comes out is counted. */
static int
spend(struct work *w, size_t n)
{
	if (work_step(w) == -1)
		return -1;
	if (n > w->bytes_left) {
		w->bytes_left = 0;
		return work_fail(w, "the expression gives more than 64 MiB for this record");
	}
	w->bytes_left -= n;
	return 0;
}

static int
put_made(struct work *w, struct buf *b, struct val v, int (*put)(struct work *, struct buf *, struct val))
{
	switch (v.kind) {
	case SCAN_NUMBER:
		put_double(b, v.number);
		return 0;
	case SCAN_STRING:
		text_quote(b, span_of(v.p, v.n));
		return 0;
	case SCAN_ARRAY:
		return put_list(w, b, v.list, put);
	default:
		return put_map(w, b, v.map, put);
	}
}

int
val_put(struct work *w, struct buf *b, struct val v)
{
	if (spend(w, 1 + (v.made && v.kind != SCAN_STRING ? 0 : v.n)) == -1)
		return -1;
	if (v.kind == SCAN_NULL)
		buf_lit(b, "null");
	else if (v.kind == SCAN_TRUE)
		buf_lit(b, "true");
	else if (v.kind == SCAN_FALSE)
		buf_lit(b, "false");
	else if (v.made)
		return put_made(w, b, v, val_put);
	else if (v.kind == SCAN_STRING)
		buf_put(b, v.p - 1, v.n + (size_t)2);
	else
		buf_put(b, v.p, v.n);
	return 0;
}

/* As JSON, without blanks and with strings in their shortest escape; the text of numbers stays. */
static int
put_compact(struct work *w, struct buf *b, struct val v)
{
	const struct val_list *items;
	const struct val_map  *members;
	struct span            bytes;

	switch (v.kind) {
	case SCAN_STRING:
		if (spend(w, v.n + (size_t)2) == -1 || val_bytes(w, v, &bytes) == -1)
			return -1;
		text_quote(b, bytes);
		return 0;
	case SCAN_ARRAY:
		return spend(w, 2) == -1 || val_items(w, v, &items) == -1 ? -1 : put_list(w, b, items, put_compact);
	case SCAN_OBJECT:
		return spend(w, 2) == -1 || val_members(w, v, &members) == -1 ? -1 : put_map(w, b, members, put_compact);
	default:
		return val_put(w, b, v);
	}
}

int
val_put_text(struct work *w, struct buf *b, struct val v)
{
	struct span bytes;

	if (v.kind != SCAN_STRING)
		return put_compact(w, b, v);
	if (spend(w, v.n) == -1 || val_bytes(w, v, &bytes) == -1)
		return -1;
	buf_span(b, bytes);
	return 0;
}

const char *
val_shown(struct work *w, struct val v, char to[16])
{
	struct buf b = { 0 };
	size_t     n;

	if (put_compact(w, &b, v) == -1)
		buf_reset(&b);
	n = b.n;
	if (n > 14) {
		n = 11;
		while (n > 0 && ((unsigned char)b.p[n] & 0xC0) == 0x80)
			n--;
	}
	snprintf(to, 16, "%.*s%s", (int)n, b.n == 0 ? "" : b.p, n < b.n ? "..." : "");
	buf_release(&b);
	return to;
}
