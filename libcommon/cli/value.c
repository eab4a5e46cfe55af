/* value - the text behind an option, into its field */
#include "cli/value.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/num.h"
#include "cli/moment.h"
#include "json/utf8.h"

static int
check_bounds(const struct option *row, const char *text, int64_t v, struct err *err)
{
	if (v < row->least)
		return err_set(err, ERR_USAGE, "--%s: %s is too small", row->name, text);
	if (row->most > 0 && v > row->most)
		return err_set(err, ERR_USAGE, "--%s: %s is too large", row->name, text);
	return 0;
}

static int
set_duration(const struct option *row, const char *text, int64_t *to, struct err *err)
{
	if (when_duration(text, row->kind == OPTION_SIGNED_DURATION, to, err) != 0)
		return err_in(err, "--%s", row->name);
	return row->kind == OPTION_SIGNED_DURATION ? 0 : check_bounds(row, text, *to, err);
}

static int
set_size(const struct option *row, const char *text, uint64_t *to, struct err *err)
{
	if (num_size(text, to, err) != 0)
		return err_in(err, "--%s", row->name);
	return check_bounds(row, text, *to > INT64_MAX ? INT64_MAX : (int64_t)*to, err);
}

static int
set_count(const struct option *row, const char *text, uint64_t *to, struct err *err)
{
	int64_t v;

	if (!num_i64(span_str(text), &v) || v < 0)
		return err_set(err, ERR_USAGE, "--%s: \"%s\" is no count", row->name, text);
	*to = (uint64_t)v;
	return check_bounds(row, text, v, err);
}

static int
set_factor(const struct option *row, const char *text, double *to, struct err *err)
{
	char *end;

	*to = strtod(text, &end);
	if (strspn(text, "0123456789.") != strlen(text) || *end != '\0' || !(*to > 0) || *to > 1e9)
		return err_set(err, ERR_USAGE, "--%s: \"%s\" is no factor such as 1, 60 or 0.5", row->name, text);
	return 0;
}

static int
set_choice(const struct option *row, const char *text, int *to, struct err *err)
{
	char   all[200] = "";
	size_t n = 0;

	for (int i = 0; row->choices[i] != NULL; i++) {
		if (strcmp(row->choices[i], text) == 0) {
			*to = i + 1;
			return 0;
		}
		n += (size_t)snprintf(all + n, sizeof(all) - n, "%s%s", i == 0 ? "" : row->choices[i + 1] == NULL ? " or " : ", ",
		                      row->choices[i]);
	}
	return err_set(err, ERR_USAGE, "--%s: \"%s\" is none of its values: %s", row->name, text, all);
}

/* kcat's -t is the topic, and people write field names bare: say what a path looks like. */
static int
parse_path(const struct option *row, const char *text, struct path *to, struct err *err)
{
	if (text[0] != '.' && text[0] != '$')
		return err_set(err, ERR_USAGE, "--%s: a path begins with . (in the payload) or $ (in the record): .%s?",
		               row->name, text);
	if (path_parse(to, text, err) != 0)
		return err_in(err, "--%s", row->name);
	return 0;
}

/* Where the event time stands, or that the clock gives it. */
static int
set_time_path(struct options *o, const struct option *row, const char *text, struct err *err)
{
	path_release(&o->time);
	o->time = (struct path){ 0 };
	o->time_now = strcmp(text, "now") == 0;
	return o->time_now ? 0 : parse_path(row, text, &o->time, err);
}

static int
add_path(const struct option *row, const char *text, struct path **list, size_t *n, struct err *err)
{
	struct path *grown = alloc_resized(*list, *n + 1, sizeof(**list));

	*list = grown;
	grown[*n] = (struct path){ 0 };
	if (parse_path(row, text, &grown[*n], err) != 0)
		return -1;
	(*n)++;
	return 0;
}

static int
add_column(const char *text, struct agg_column **list, size_t *n, struct err *err)
{
	struct agg_column *grown = alloc_resized(*list, *n + 1, sizeof(**list));

	*list = grown;
	grown[*n] = (struct agg_column){ 0 };
	if (agg_parse(&grown[*n], text, err) != 0)
		return -1;
	for (size_t i = 0; i < *n; i++) {
		if (strcmp(grown[i].name, grown[*n].name) == 0) {
			err_set(err, ERR_USAGE, "-a '%s': there is a \"%s\" already", text, grown[i].name);
			agg_column_release(&grown[*n]);
			return -1;
		}
	}
	(*n)++;
	return 0;
}

static int
set_time_format(struct options *o, const char *text, struct err *err)
{
	o->time_strptime = NULL;
	if (when_format_named(text, &o->time_format))
		return 0;
	if (strchr(text, '%') == NULL)
		return err_set(err, ERR_USAGE, "--time-format: \"%s\" is none of auto rfc3339 s ms us ns, nor has it a %% "
		               "as for strptime: %%Y-%%m-%%d", text);
	o->time_format = WHEN_STRPTIME;
	o->time_strptime = text;
	return 0;
}

/* final, updates, every:DUR */
static int
set_emit(const struct option *row, const char *text, struct window_conf *w, struct err *err)
{
	static const char every[] = "every:";

	if (strcmp(text, "final") == 0) {
		w->emit = WINDOW_FINAL;
		return 0;
	}
	if (strcmp(text, "updates") == 0) {
		w->emit = WINDOW_UPDATES;
		return 0;
	}
	if (strncmp(text, every, strlen(every)) != 0)
		return err_set(err, ERR_USAGE, "--%s: \"%s\" is none of its values: final, updates or every:DUR", row->name, text);
	if (when_duration(text + strlen(every), false, &w->every_ms, err) != 0)
		return err_in(err, "--%s", row->name);
	if (w->every_ms == 0)
		return err_set(err, ERR_USAGE, "--%s: %s would never be over", row->name, text);
	w->emit = WINDOW_EVERY;
	return 0;
}

/* A stage's name is a directory in the checkpoint, where some names are taken, and the topic of what it makes. */
static int
set_name(const struct option *row, const char *text, const char **to, struct err *err)
{
	static const char *const taken[] = { "pipeline", "lock", "run", "commit" };

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (strcmp(text, taken[i]) == 0)
			return err_set(err, ERR_USAGE, "--%s: %s is taken by the checkpoint itself", row->name, text);
	if (text[0] == '.' || strlen(text) > 64)
		return err_set(err, ERR_USAGE, "--%s: at most 64 bytes, and no dot in front", row->name);
	for (const char *p = text; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p) && strchr("._-", *p) == NULL)
			return err_set(err, ERR_USAGE, "--%s: only letters, digits and . _ - are allowed", row->name);
	*to = text;
	return 0;
}

/* "10m", or "-1h..5m", "0s..2h". */
static int
set_range(const struct option *row, const char *text, struct options *o, struct err *err)
{
	const char *dots = strstr(text, "..");
	char        lower[64];

	if (dots == NULL) {
		if (when_duration(text, false, &o->within.upper_ms, err) != 0)
			return err_in(err, "--%s", row->name);
		o->within.lower_ms = -o->within.upper_ms;
		return 0;
	}
	snprintf(lower, sizeof(lower), "%.*s", (int)(dots - text < 60 ? dots - text : 60), text);
	if (when_duration(lower, true, &o->within.lower_ms, err) != 0
	    || when_duration(dots + 2, true, &o->within.upper_ms, err) != 0)
		return err_in(err, "--%s", row->name);
	if (o->within.lower_ms > o->within.upper_ms)
		return err_set(err, ERR_USAGE, "--%s: %s holds nothing: the lower bound stands first", row->name, text);
	return 0;
}

/* left,right */
static int
set_sides(const struct option *row, const char *text, char **to, struct err *err)
{
	const char *comma = strchr(text, ',');

	if (comma == NULL || comma == text || comma[1] == '\0' || strchr(comma + 1, ',') != NULL)
		return err_set(err, ERR_USAGE, "--%s: \"%s\": two names with a comma between, such as orders,payments", row->name, text);
	if ((size_t)(comma - text) == strlen(comma + 1) && strncmp(text, comma + 1, strlen(comma + 1)) == 0)
		return err_set(err, ERR_USAGE, "--%s: \"%s\": the sides need two names", row->name, text);
	free(to[0]);
	free(to[1]);
	to[0] = alloc_string_n(text, (size_t)(comma - text));
	to[1] = alloc_string(comma + 1);
	return 0;
}

/* "0/3" */
static int
set_slice(const struct option *row, const char *text, struct slice *to, struct err *err)
{
	const char *slash = strchr(text, '/');
	int64_t     i, n;

	if (slash == NULL || !num_i64(span_of(text, (size_t)(slash - text)), &i) || !num_i64(span_str(slash + 1), &n) || i < 0
	    || n < 1 || n > INT32_MAX || i >= n)
		return err_set(err, ERR_USAGE, "--%s: \"%s\": which of how many? 0/3, 1/3 and 2/3 are all", row->name, text);
	*to = (struct slice){ (uint32_t)i, (uint32_t)n };
	return 0;
}

/* "12", or "12:3". */
static int
set_topic(const struct option *row, const char *text, struct topic_shape *to, struct err *err)
{
	const char *colon = strchr(text, ':');
	int64_t     n, r = 0;

	if (!num_i64(colon == NULL ? span_str(text) : span_of(text, (size_t)(colon - text)), &n) || n < 1 || n > INT32_MAX
	    || (colon != NULL && (!num_i64(span_str(colon + 1), &r) || r < 1 || r > INT16_MAX)))
		return err_set(err, ERR_USAGE, "--%s: \"%s\": how many partitions, and how many copies of each? 12:3", row->name, text);
	*to = (struct topic_shape){ (uint64_t)n, (uint64_t)r };
	return 0;
}

static void
add_text(const char *text, const char ***to, size_t *n)
{
	*to = alloc_resized(*to, *n + 1, sizeof(**to));
	(*to)[(*n)++] = text;
}

int
value_set(struct options *o, const struct option *row, const char *text, struct err *err)
{
	void *field = (char *)o + row->field;

	if (row->kind == OPTION_FLAG) {
		*(bool *)field = true;
		return 0;
	}
	if (text[0] == '\0')
		return err_set(err, ERR_USAGE, "--%s: the value is empty", row->name);
	/* It is written into the checkpoint, as JSON. */
	if (row->means && utf8_find_bad(text, strlen(text)) != NULL)
		return err_set(err, ERR_USAGE, "--%s: the value is not UTF-8", row->name);
	switch (row->kind) {
	case OPTION_FLAG:
		break;
	case OPTION_TEXT:
	case OPTION_FILE:
		*(const char **)field = text;
		break;
	case OPTION_TEXTS:
		add_text(text, field, (size_t *)((char *)o + row->count_field));
		return 0;
	case OPTION_DIR:
		free(*(char **)field);
		*(char **)field = alloc_string(text);
		break;
	case OPTION_NAME:
		return set_name(row, text, field, err);
	case OPTION_PATH:
		path_release(field);
		*(struct path *)field = (struct path){ 0 };
		return parse_path(row, text, field, err);
	case OPTION_PATHS:
		return add_path(row, text, field, (size_t *)((char *)o + row->count_field), err);
	case OPTION_COLUMNS:
		return add_column(text, field, (size_t *)((char *)o + row->count_field), err);
	case OPTION_TIME_PATH:
		return set_time_path(o, row, text, err);
	case OPTION_TIME_FORMAT:
		return set_time_format(o, text, err);
	case OPTION_MOMENT:
		return moment_read(row, text, field, err);
	case OPTION_PLACE:
		return place_read(row, text, field, err);
	case OPTION_EMIT:
		return set_emit(row, text, &o->window, err);
	case OPTION_RANGE:
		return set_range(row, text, o, err);
	case OPTION_WINDOW:
		o->window_words = text;
		return 0;
	case OPTION_SIDES:
		return set_sides(row, text, field, err);
	case OPTION_DURATION:
	case OPTION_SIGNED_DURATION:
		return set_duration(row, text, field, err);
	case OPTION_SIZE:
		return set_size(row, text, field, err);
	case OPTION_FACTOR:
		return set_factor(row, text, field, err);
	case OPTION_COUNT:
		return set_count(row, text, field, err);
	case OPTION_SLICE:
		return set_slice(row, text, field, err);
	case OPTION_TOPIC:
		return set_topic(row, text, field, err);
	case OPTION_CHOICE:
		return set_choice(row, text, field, err);
	}
	return 0;
}
