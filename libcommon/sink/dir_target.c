/* dir_target - "dir:PATH?key=.carrier&window=1d&tz=America/New_York&size=128M&compress=zstd" */
#include "sink/dir_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/url.h"
#include "base/when.h"
#include "io/zonefile.h"

#define DAY_MS INT64_C(86400000)

static int
parse_size(const char *text, uint64_t *bytes, struct err *err)
{
	static const char units[] = "KMGT";
	char              *end;
	unsigned long long n = text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;
	const char        *unit;

	if (n == 0)
		return err_set(err, ERR_USAGE, "size=%s: a size such as 64K, 128M, 1G", text);
	unit = *end == '\0' ? NULL : strchr(units, *end);
	if (unit != NULL) {
		end++;
		if (__builtin_mul_overflow(n, 1ULL << 10 * (unit - units + 1), &n))
			return err_set(err, ERR_USAGE, "size=%s: too large", text);
	}
	if (*end != '\0')
		return err_set(err, ERR_USAGE, "size=%s: a size such as 64K, 128M, 1G", text);
	*bytes = n;
	return 0;
}

static int
parse_pack(const char *text, enum pack_kind *kind, struct err *err)
{
	for (int k = 0; k < N_PACK_KINDS; k++)
		if (strcmp(text, pack_names[k]) == 0) {
			*kind = (enum pack_kind)k;
			return 0;
		}
	return err_set(err, ERR_USAGE, "compress=%s: there are none, gzip and zstd", text);
}

static int
set_param(void *cookie, const char *name, const char *value, struct err *err)
{
	struct dir_target *t = cookie;

	if (value == NULL)
		return err_set(err, ERR_USAGE, "%s: a parameter is NAME=VALUE", name);
	if (strcmp(name, "key") == 0) {
		if (t->has_key)
			return err_set(err, ERR_USAGE, "key= twice");
		if (path_parse(&t->key, value, err) == -1)
			return err_in(err, "key=%s", value);
		t->has_key = true;
		return 0;
	}
	if (strcmp(name, "window") == 0) {
		if (when_duration(value, false, &t->window_ms, err) == -1)
			return err_in(err, "window=%s", value);
		return t->window_ms > 0 ? 0 : err_set(err, ERR_USAGE, "window=%s: holds nothing", value);
	}
	if (strcmp(name, "offset") == 0)
		return when_duration(value, true, &t->offset_ms, err) == -1 ? err_in(err, "offset=%s", value) : 0;
	if (strcmp(name, "tz") == 0) {
		if (t->tz != NULL)
			return err_set(err, ERR_USAGE, "tz= twice");
		if (zonefile_read(value, &t->zone, err) == -1)
			return err_in(err, "tz=%s", value);
		t->tz = alloc_string(value);
		return 0;
	}
	if (strcmp(name, "size") == 0)
		return parse_size(value, &t->size_bytes, err);
	if (strcmp(name, "compress") == 0)
		return parse_pack(value, &t->pack, err);
	return err_set(err, ERR_USAGE, "unknown parameter %s; there are key, window, offset, tz, size and compress", name);
}

/* The days of a zone have 23 to 25 hours, so only whole ones can be told apart by their names. */
static int
check_window(const struct dir_target *t, struct err *err)
{
	if (t->window_ms == 0 && (t->offset_ms != 0 || t->tz != NULL))
		return err_set(err, ERR_USAGE, "%s= needs window=", t->tz != NULL ? "tz" : "offset");
	if (t->tz != NULL && t->window_ms % DAY_MS != 0)
		return err_set(err, ERR_USAGE, "with tz= a window is a number of whole days, such as window=1d");
	if (t->tz != NULL && t->offset_ms % DAY_MS != 0)
		return err_set(err, ERR_USAGE, "with tz= days begin at midnight: offset= is a number of whole days");
	return 0;
}

int
dir_target_parse(struct dir_target *t, const char *text, struct err *err)
{
	const char *path = text + strlen("dir:");
	const char *mark = strrchr(path, '?');
	int         r = 0;

	*t = (struct dir_target){ .size_bytes = UINT64_MAX };
	t->path = mark == NULL ? alloc_string(path) : alloc_string_n(path, (size_t)(mark - path));
	if (t->path[0] == '\0')
		r = err_set(err, ERR_USAGE, "%s: no path", text);
	if (r == 0 && (r = url_params(mark == NULL ? NULL : mark + 1, set_param, t, err)) == -1)
		err_in(err, "%s", text);
	if (r == 0 && (r = check_window(t, err)) == -1)
		err_in(err, "%s", text);
	if (r == -1)
		dir_target_release(t);
	return r;
}

void
dir_target_release(struct dir_target *t)
{
	free(t->path);
	free(t->tz);
	zone_release(&t->zone);
	if (t->has_key)
		path_release(&t->key);
	*t = (struct dir_target){ 0 };
}
