/* same - fingerprints of values: what distinct and distinct~ have in common */
#include "agg/same.h"

#include "agg/number.h"
#include "base/hash.h"
#include "json/text.h"

/* Values of different kinds are hashed with different seeds. */
enum { SEED_LITERAL = 1, SEED_NUMBER, SEED_LONG_NUMBER, SEED_STRING };

bool
same_check(const struct scan_value *v, struct agg_input *in, const char **reason)
{
	in->skip = agg_is_null(v);
	if (in->skip)
		return true;
	if (v->kind == SCAN_ARRAY || v->kind == SCAN_OBJECT) {
		*reason = v->kind == SCAN_ARRAY ? "is an array" : "is an object";
		return false;
	}
	in->kind = v->kind;
	in->escaped = v->escaped;
	in->text = span_of(v->p, v->n);
	return true;
}

static struct same
hash_of(struct span bytes, uint64_t seed)
{
	XXH128_hash_t h = XXH3_128bits_withSeed(bytes.p, bytes.n, seed);

	return (struct same){ h.low64, h.high64 };
}

static struct same
of_decimal(struct dec d)
{
	uint64_t parts[3] = { (uint64_t)d.coef, (uint64_t)(d.coef >> 64), (uint64_t)d.scale };

	return hash_of(span_of((const char *)parts, sizeof(parts)), SEED_NUMBER);
}

/* A number beyond 38 digits: its digits without zeros at both ends, sign, and magnitude. */
static struct same
of_long_number(struct span text)
{
	struct buf  b = { 0 };
	const char *end = text.p + text.n;
	int64_t     magnitude = num_magnitude(text);
	size_t      sign = text.p[0] == '-';
	struct same same;

	buf_put(&b, &magnitude, sizeof(magnitude));
	buf_char(&b, sign ? '-' : '+');
	sign = b.n;
	for (const char *p = text.p; p < end && *p != 'e' && *p != 'E'; p++)
		if (*p >= '0' && *p <= '9' && (*p != '0' || b.n > sign))
			buf_char(&b, *p);
	while (b.n > sign && b.p[b.n - 1] == '0')
		b.n--;
	same = hash_of(buf_all(&b), SEED_LONG_NUMBER);
	buf_release(&b);
	return same;
}

struct same
same_of(const struct agg_input *in)
{
	struct buf  decoded = { 0 };
	struct dec  d;
	struct same same;

	switch (in->kind) {
	case SCAN_NUMBER:
		return num_parse(in->text, &d) ? of_decimal(d) : of_long_number(in->text);
	case SCAN_STRING:
		if (!in->escaped)
			return hash_of(in->text, SEED_STRING);
		text_decode(&decoded, in->text);
		same = hash_of(buf_all(&decoded), SEED_STRING);
		buf_release(&decoded);
		return same;
	default:
		return hash_of(in->kind == SCAN_TRUE ? SPAN_LIT("true") : SPAN_LIT("false"), SEED_LITERAL);
	}
}
