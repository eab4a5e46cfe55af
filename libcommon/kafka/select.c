/* select - what the URL's parameters and --slice say */
#include "kafka/select.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/url.h"

/* A number at *P, which is moved behind it. */
static bool
take_number(const char **p, int32_t *n)
{
	char *end;
	long  v;

	if (!isdigit((unsigned char)**p))
		return false;
	errno = 0;
	v = strtol(*p, &end, 10);
	if (errno != 0 || v > INT32_MAX)
		return false;
	*p = end;
	*n = (int32_t)v;
	return true;
}

/* "0-3,7" */
static int
set_partitions(struct kafka_select *s, const char *text, struct err *err)
{
	const char *p = text;

	for (;;) {
		struct kafka_range r;

		if (!take_number(&p, &r.first))
			break;
		r.last = r.first;
		if (*p == '-' && (p++, !take_number(&p, &r.last)))
			break;
		if (r.last < r.first)
			return err_set(err, ERR_USAGE, "partitions=%s: %d is before %d", text, r.last, r.first);
		s->ranges = alloc_resized(s->ranges, s->n_ranges + 1, sizeof(*s->ranges));
		s->ranges[s->n_ranges++] = r;
		if (*p == '\0')
			return 0;
		if (*p++ != ',')
			break;
	}
	return err_set(err, ERR_USAGE, "partitions=%s: numbers, and ranges of them, such as 0-3,7", text);
}

static int
set_param(void *cookie, const char *name, const char *value, struct err *err)
{
	struct kafka_select *s = cookie;

	if (strcmp(name, "partitions") != 0 && strcmp(name, "group") != 0)
		return err_set(err, ERR_USAGE, "unknown parameter %s; there are partitions and group", name);
	if (value == NULL || value[0] == '\0')
		return err_set(err, ERR_USAGE, "%s= has no value", name);
	if (strcmp(name, "group") == 0) {
		if (s->group != NULL)
			return err_set(err, ERR_USAGE, "group= twice");
		s->group = alloc_string(value);
		return 0;
	}
	return s->n_ranges > 0 ? err_set(err, ERR_USAGE, "partitions= twice") : set_partitions(s, value, err);
}

int
kafka_select_parse(struct kafka_select *s, const char *params, struct err *err)
{
	*s = (struct kafka_select){ .ranges = NULL };
	if (url_params(params, set_param, s, err) == 0)
		return 0;
	kafka_select_release(s);
	return -1;
}

void
kafka_select_release(struct kafka_select *s)
{
	free(s->ranges);
	free(s->group);
	*s = (struct kafka_select){ .ranges = NULL };
}

bool
kafka_select_has(const struct kafka_select *s, int32_t partition)
{
	if (s->n_slices > 0 && (uint32_t)partition % s->n_slices != s->slice)
		return false;
	for (size_t i = 0; i < s->n_ranges; i++)
		if (partition >= s->ranges[i].first && partition <= s->ranges[i].last)
			return true;
	return s->n_ranges == 0;
}
