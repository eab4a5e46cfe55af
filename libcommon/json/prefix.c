/* prefix - the values at the beginning of a template's lines that are the same line after line */
#include "json/template.h"

#include <string.h>

enum {
	STUDY_FROM = 32,         /* hits; short inputs do without */
	MAX_MISSES = 20          /* each doubles how many hits are waited for */
};

static unsigned
in_common(const char *a, const char *b, unsigned n)
{
	unsigned i = 0;

	while (i < n && a[i] == b[i])
		i++;
	return i;
}

static void
study_later(struct template *t)
{
	struct template_prefix *x = &t->prefix;

	x->n = x->n_sample = 0;
	x->study_at = t->hits + (STUDY_FROM << x->misses);
	if (x->misses < MAX_MISSES)
		x->misses++;
}

/* The prefix ends with the last piece that the first N bytes have whole, pieces being where PLACES says. */
static void
end_prefix(struct template *t, unsigned n)
{
	struct template_prefix *x = &t->prefix;
	unsigned                k = x->n_values;

	while (k > 0 && x->places[k] + t->pieces[k].n > n)
		k--;
	while (x->n_kept > 0 && x->kept[x->n_kept - 1].value >= k)
		x->n_kept--;
	if (k == 0) {
		study_later(t);
		return;
	}
	x->n_values = (uint8_t)k;
	x->n = (uint8_t)(x->places[k] + t->pieces[k].n);
}

static void
take_sample(struct template *t, const char *line)
{
	struct template_prefix *x = &t->prefix;
	const char             *newline = t->pieces[t->n_values].at + t->pieces[t->n_values].n - 1;

	x->n_sample = (uint8_t)(newline - line < TEMPLATE_MAX_PREFIX ? newline - line : TEMPLATE_MAX_PREFIX);
	memcpy(x->bytes, line, x->n_sample);
	for (unsigned i = 0; i < x->n_sample; i++)
		if ((unsigned char)x->bytes[i] >= 0x80)
			x->n_sample = (uint8_t)i;
	x->study_at = t->hits + 1;
}

/* What this line and the one before have in common. */
static void
begin_prefix(struct template *t, const char *line, const struct scan_value *values)
{
	struct template_prefix *x = &t->prefix;
	unsigned                n = in_common(x->bytes, line, x->n_sample), k;

	x->n_kept = x->places[0] = 0;
	for (k = 0; k < TEMPLATE_PREFIX_VALUES && k + 1U < t->n_values && t->pieces[k + 1].at < line + n; k++) {
		uint8_t path = t->pieces[k].path;

		x->places[k + 1] = (uint8_t)(t->pieces[k + 1].at - line);
		if (path != WANT_NO_PATH)
			x->kept[x->n_kept++] = (struct template_kept){
				.path = path, .kind = values[path].kind, .value = (uint8_t)k,
				.at = (uint8_t)(values[path].p - line), .n = (uint8_t)values[path].n, .escaped = values[path].escaped
			};
	}
	x->n_values = (uint8_t)k;
	x->n_sample = 0;
	x->study_at = UINT32_MAX;
	end_prefix(t, n);
}

void
template_study_prefix(struct template *t, const struct scan_value *values)
{
	struct template_prefix *x = &t->prefix;

	if (x->n != 0)
		return;
	if (t->hits < STUDY_FROM) {
		x->study_at = STUDY_FROM;
	} else if (x->is_torn) {
		x->is_torn = false;
	} else if (x->n_sample == 0) {
		take_sample(t, t->pieces[0].at);
	} else {
		begin_prefix(t, t->pieces[0].at, values);
	}
}

void
template_miss_prefix(struct template *t, const char *line)
{
	end_prefix(t, in_common(t->prefix.bytes, line, t->prefix.n));
}
