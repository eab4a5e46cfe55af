/*
 * meaning - which options decide the output, as a checkpoint keeps them
 *
 * Read from the table, so that an option marked there is in the fingerprint and no other.
 */
#include "cli/operands.h"
#include "cli/options.h"

#include <stdio.h>

#include "base/hash.h"
#include "cli/moment.h"
#include "json/text.h"

static void
put_list(struct buf *to, const struct option *row, const void *field, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_char(to, ' ');
		if (row->kind == OPTION_PATHS) {
			buf_str(to, (*(struct path *const *)field)[i].text);
		} else if (row->kind == OPTION_TEXTS) {
			buf_str(to, (*(const char *const *const *)field)[i]);
		} else {
			const struct agg_column *c = &(*(struct agg_column *const *)field)[i];

			buf_printf(to, "%s=%s", c->name, c->text);
		}
	}
}

const char *
options_time_format(const struct options *o)
{
	return o->time_format == WHEN_STRPTIME ? o->time_strptime : when_format_name(o->time_format);
}

static void
put_emit(struct buf *to, const struct window_conf *w)
{
	static const char *const names[] = {
		[WINDOW_FINAL] = "final", [WINDOW_UPDATES] = "updates", [WINDOW_EVERY] = "every:"
	};

	buf_str(to, names[w->emit]);
	if (w->emit == WINDOW_EVERY)
		when_put_duration(to, w->every_ms);
}

static void
put_range(struct buf *to, const struct options *o)
{
	if (o->within.lower_ms != -o->within.upper_ms) {
		when_put_duration(to, o->within.lower_ms);
		buf_lit(to, "..");
	}
	when_put_duration(to, o->within.upper_ms);
}

/* The value of a row's field as text, in its one spelling. */
static void
put_value(struct buf *to, const struct options *o, const struct option *row)
{
	const void *field = (const char *)o + row->field;

	switch (row->kind) {
	case OPTION_FLAG:
		buf_str(to, *(const bool *)field ? "true" : "false");
		break;
	case OPTION_TEXT:
	case OPTION_NAME:
	case OPTION_FILE:
	case OPTION_DIR:
		buf_str(to, *(const char *const *)field);
		break;
	case OPTION_PATH:
		buf_str(to, ((const struct path *)field)->text);
		break;
	case OPTION_TIME_PATH:
		buf_str(to, o->time_now ? "now" : o->time.text);
		break;
	case OPTION_TIME_FORMAT:
		buf_str(to, options_time_format(o));
		break;
	case OPTION_MOMENT:
		moment_put(to, field);
		break;
	case OPTION_PLACE:
		place_put(to, field);
		break;
	case OPTION_EMIT:
		put_emit(to, &o->window);
		break;
	case OPTION_RANGE:
		put_range(to, o);
		break;
	case OPTION_WINDOW:
		buf_printf(to, "%s %s", window_kind_name(o->window.kind), o->window_sizes);
		break;
	case OPTION_SIDES:
		buf_printf(to, "%s,%s", o->sides[0], o->sides[1]);
		break;
	case OPTION_DURATION:
	case OPTION_SIGNED_DURATION:
		when_put_duration(to, *(const int64_t *)field);
		break;
	case OPTION_FACTOR:
		buf_printf(to, "%.17g", *(const double *)field);
		break;
	case OPTION_SIZE:
	case OPTION_COUNT:
		buf_u64(to, *(const uint64_t *)field);
		break;
	case OPTION_SLICE:
		buf_printf(to, "%u/%u", o->slice.i, o->slice.n);
		break;
	case OPTION_TOPIC:
		buf_printf(to, "%llu:%llu", (unsigned long long)o->create_topic.partitions,
		           (unsigned long long)o->create_topic.replication);
		break;
	case OPTION_CHOICE:
		buf_str(to, row->choices[*(const int *)field - 1]);
		break;
	case OPTION_PATHS:
	case OPTION_TEXTS:
	case OPTION_COLUMNS:
		put_list(to, row, field, *(const size_t *)((const char *)o + row->count_field));
		break;
	}
}

/* A default given outright means what it means when left out. */
static bool
is_default(const struct options *o, const struct option *row)
{
	const void *field = (const char *)o + row->field;
	int64_t     ms;
	struct err  err;

	switch (row->kind) {
	case OPTION_FLAG:
		return !*(const bool *)field;
	case OPTION_TIME_FORMAT:
		return o->time_format == WHEN_AUTO;
	case OPTION_EMIT:
		return o->window.emit == WINDOW_FINAL;
	case OPTION_PLACE:
		return o->from.kind == PLACE_BEGINNING;
	case OPTION_SIDES:
		return strcmp(o->sides[0], "left") == 0 && strcmp(o->sides[1], "right") == 0;
	case OPTION_DURATION:
	case OPTION_SIGNED_DURATION:
		return row->initial != NULL && when_duration(row->initial, true, &ms, &err) == 0 && ms == *(const int64_t *)field;
	case OPTION_CHOICE:
		if (row == &options_table[OPT_BODY])
			return o->body == operands_body(o);
		return row->initial != NULL && strcmp(row->choices[*(const int *)field - 1], row->initial) == 0;
	default:
		return false;
	}
}

/* The words as a compact array, in a string. */
static void
put_program(struct buf *to, const char *const *words)
{
	struct buf all = { 0 };

	for (; *words != NULL; words++) {
		buf_char(&all, all.n == 0 ? '[' : ',');
		text_quote(&all, span_str(*words));
	}
	buf_char(&all, ']');
	buf_lit(to, "\"--\":");
	text_quote(to, buf_all(&all));
	buf_char(to, ',');
	buf_release(&all);
}

void
options_meaning(const struct options *o, struct buf *to)
{
	struct buf value = { 0 };

	buf_char(to, '{');
	if (o->command->bit == CMD_WINDOW)
		buf_printf(to, "\"%s\":\"%s\",", window_kind_name(o->window.kind), o->window_sizes);
	if (o->command->bit == CMD_JOIN)
		buf_printf(to, "\"join\":\"%s\",", join_kind_name(o->join_kind));
	if (o->program != NULL)
		put_program(to, o->program);
	for (int id = 0; id < N_OPTIONS; id++) {
		const struct option *row = &options_table[id];

		if (!row->means || !options_given(o, (enum option_id)id) || is_default(o, row))
			continue;
		buf_reset(&value);
		put_value(&value, o, row);
		buf_printf(to, "\"--%s\":", row->name);
		text_quote(to, buf_all(&value));
		buf_char(to, ',');
	}
	if (to->p[to->n - 1] == ',')
		to->n--;
	buf_char(to, '}');
	buf_release(&value);
}

void
options_fingerprint(const struct options *o, char hex[17])
{
	struct buf text = { 0 };

	options_meaning(o, &text);
	snprintf(hex, 17, "%016llx", (unsigned long long)hash_sum(buf_all(&text)));
	buf_release(&text);
}
