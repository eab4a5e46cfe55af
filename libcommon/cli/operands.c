/* operands - what the words that are no options say, and what does not go together */
#include "cli/operands.h"

#include <string.h>

#include "cli/kind.h"
#include "cli/sides.h"
#include "json/utf8.h"

static void
drop_words(struct options *o, size_t n)
{
	o->n_inputs -= n;
	memmove(o->inputs, o->inputs + n, o->n_inputs * sizeof(*o->inputs));
}

static bool
is_kafka(const char *target)
{
	return target != NULL && strncmp(target, "kafka://", 8) == 0;
}

static int
sink_operands(struct options *o, struct err *err)
{
	if (o->n_inputs == 0)
		return err_set(err, ERR_USAGE, "where to? give a target: -, file:PATH, dir:PATH or kafka://HOST/TOPIC");
	if (o->n_inputs > 1)
		return err_set(err, ERR_USAGE, "one target only: %s is one too many", o->inputs[1]);
	o->target = o->inputs[0];
	if (!options_given(o, OPT_BODY))
		o->body = operands_body(o);
	drop_words(o, 1);
	return 0;
}

int
operands_body(const struct options *o)
{
	return is_kafka(o->target) ? BODY_PAYLOAD : BODY_RECORD;
}

/* Of a time and a duration only the clock knows which is earlier. */
static bool
is_empty(const struct options *o)
{
	const struct moment *since = &o->since, *until = &o->until;

	if (!options_given(o, OPT_SINCE) || !options_given(o, OPT_UNTIL) || since->is_ago != until->is_ago)
		return false;
	return since->is_ago ? since->ms <= until->ms : since->ms >= until->ms;
}

/* Is an input a server's, which goes on for ever and knows places of its own? */
static bool
has_live_input(const struct options *o)
{
	for (size_t i = 0; i < o->n_inputs; i++)
		if (strstr(o->inputs[i], "://") != NULL)
			return true;
	return false;
}

/* Where an input is begun has to be a place that it can have. */
static int
check_from(const struct options *o, struct err *err)
{
	const struct place *from = &o->from;

	if (has_live_input(o))
		return 0;
	if (from->kind == PLACE_LAST && from->n == 0 && !o->follow)
		return err_set(err, ERR_USAGE, "--from end: nothing stands behind the end of a file that is not followed: "
		               "--follow");
	if (from->kind == PLACE_OFFSET && o->n_inputs > 1)
		return err_set(err, ERR_USAGE, "--from %llu: an offset is of one file; there are %zu",
		               (unsigned long long)from->n, o->n_inputs);
	if (from->kind == PLACE_LAST && o->format == FORMAT_CSV)
		return err_set(err, ERR_USAGE, "--from: where a row of CSV begins is known from the beginning only: "
		               "no last rows, no end");
	return 0;
}

/* The levels of a target, and what a source does with an input that cannot be read again. */
static int
check_delivery(const struct options *o, struct err *err)
{
	bool is_sink = o->command->bit == CMD_SINK;

	if (is_sink && o->delivery == DELIVERY_AT_MOST_ONCE)
		return err_set(err, ERR_USAGE, "--delivery at-most-once is for what reads an input that cannot be read again, "
		               "such as stream-cat");
	if (!is_sink && o->delivery == DELIVERY_EXACTLY_ONCE && o->checkpoint == NULL)
		return err_set(err, ERR_USAGE, "--delivery exactly-once needs --checkpoint");
	return 0;
}

/* Is the word an expression where files are expected, as in --map EXPR '.price > 3' FILE? */
static bool
looks_like_condition(const char *word)
{
	return word[0] == '.' && word[1] != '/' && word[1] != '.' && strpbrk(word, " <>=|(") != NULL;
}

/* As with grep: the first word is what is looked for, unless an option says it. */
static int
filter_operands(struct options *o, struct err *err)
{
	if (o->sample > 1)
		return err_set(err, ERR_USAGE, "--sample is a share of the records: between 0 and 1");
	if (options_given(o, OPT_WHERE) || options_given(o, OPT_MAP) || options_given(o, OPT_SET) || options_given(o, OPT_PICK)
	    || options_given(o, OPT_DROP) || options_given(o, OPT_SET_KEY) || options_given(o, OPT_SAMPLE)) {
		if (o->n_inputs > 0 && looks_like_condition(o->inputs[0]))
			return err_set(err, ERR_USAGE, "%s stands where a file is expected: beside other options, a condition is --where EXPR", o->inputs[0]);
		return 0;
	}
	if (o->n_inputs == 0)
		return err_set(err, ERR_USAGE, "what to keep? give an expression: '.price > 100'");
	if (o->inputs[0][0] == '\0')
		return err_set(err, ERR_USAGE, "an empty word where an expression is expected");
	if (utf8_find_bad(o->inputs[0], strlen(o->inputs[0])) != NULL)
		return err_set(err, ERR_USAGE, "the expression is not UTF-8");
	o->where = o->inputs[0];
	o->given[OPT_WHERE] = true;
	drop_words(o, 1);
	return 0;
}

/* The words behind -- are the command's, whatever they look like. */
static int
exec_operands(const struct options *o, struct err *err)
{
	bool has_words = o->program != NULL && o->program[0] != NULL;

	if (o->shell != NULL && o->program != NULL)
		return err_set(err, ERR_USAGE, "--shell and a command behind --: give one of them");
	if (o->shell != NULL && o->shell[strspn(o->shell, " \t\n")] == '\0')
		return err_set(err, ERR_USAGE, "--shell: an empty command line");
	if (o->shell == NULL && !has_words && o->program == NULL && o->n_inputs > 0)
		return err_set(err, ERR_USAGE, "which command? it stands behind --, as in: stream-exec -- %s", o->inputs[0]);
	if (o->shell == NULL && !has_words)
		return err_set(err, ERR_USAGE, "which command? give one behind --: stream-exec -- jq -c .id");
	if (has_words && o->program[0][0] == '\0')
		return err_set(err, ERR_USAGE, "an empty word where a command is expected");
	for (const char *const *word = o->program; word != NULL && *word != NULL; word++)
		if (utf8_find_bad(*word, strlen(*word)) != NULL)
			return err_set(err, ERR_USAGE, "the command's words are not all UTF-8");
	if (o->shell != NULL && utf8_find_bad(o->shell, strlen(o->shell)) != NULL)
		return err_set(err, ERR_USAGE, "--shell: it is not UTF-8");
	return 0;
}

static int
check_pairs(struct options *o, struct err *err)
{
	if (options_given(o, OPT_TIME_FORMAT) && !options_given(o, OPT_TIME) && !options_given(o, OPT_LEFT_TIME)
	    && !options_given(o, OPT_RIGHT_TIME))
		return err_set(err, ERR_USAGE, "--time-format needs --time: where does the time stand?");
	if (options_given(o, OPT_TIME_FORMAT) && o->time_now)
		return err_set(err, ERR_USAGE, "--time now reads no time, so --time-format says nothing");
	if (o->time_now && (options_given(o, OPT_LEFT_TIME) || options_given(o, OPT_RIGHT_TIME)))
		return err_set(err, ERR_USAGE, "--time now is for both sides: their times have no path");
	if (o->close_idle && !options_given(o, OPT_IDLE_TIMEOUT) && !has_live_input(o))
		return err_set(err, ERR_USAGE, "--close-idle needs --idle-timeout: after how long a silence?");
	if (o->time_now && (o->merge || options_given(o, OPT_SPEED)))
		return err_set(err, ERR_USAGE, "--time now is no time to %s by", o->merge ? "merge" : "replay");
	if (o->merge && o->follow && !has_live_input(o))
		return err_set(err, ERR_USAGE, "--merge and --follow do not go together: a file that waits would hold all others back");
	if (o->csv_numbers && o->format != FORMAT_CSV)
		return err_set(err, ERR_USAGE, "--csv-numbers needs --format csv");
	if (is_empty(o))
		return err_set(err, ERR_USAGE, "--since is not before --until: nothing is left");
	if (o->window.global_key && o->n_keys > 0)
		return err_set(err, ERR_USAGE, "--global is one group, --key makes many: give one of them");
	if (o->by_id && o->n_by > 0)
		return err_set(err, ERR_USAGE, "--by-id and --by: give one of them");
	if (o->refresh && !options_given(o, OPT_WITHIN))
		return err_set(err, ERR_USAGE, "--refresh needs --within: without a horizon nothing is forgotten");
	if (options_given(o, OPT_MAX_ERRORS) && o->dead_letter == NULL)
		return err_set(err, ERR_USAGE, "--max-errors needs --dead-letter: without it the first bad record ends the run");
	if (o->cut_is_end && o->checkpoint != NULL)
		return err_set(err, ERR_USAGE, "--cut-is-end and a checkpoint do not go together: what breaks off is read again");
	if (o->quiet && o->verbose)
		return err_set(err, ERR_USAGE, "--quiet and --verbose: give one of them");
	return 0;
}

/* `drop` is a word here; a file of that name is ./drop. */
static void
settle_late(struct options *o)
{
	o->late_drop = o->late != NULL && strcmp(o->late, "drop") == 0;
	if (o->late_drop)
		o->late = NULL;
}

/* What is said of a server needs one. */
static int
check_remote(const struct options *o, struct err *err)
{
	static const enum option_id ids[] = { OPT_PROPERTY, OPT_PROPERTIES, OPT_CONNECT_TIMEOUT, OPT_DEBUG, OPT_SLICE, OPT_ON_GAP };
	static const enum option_id topic_ids[] = { OPT_CREATE_TOPIC, OPT_ASSUME_EPOCH };
	bool                        has_url = (o->target != NULL && strstr(o->target, "://") != NULL) || has_live_input(o);

	for (size_t i = 0; !has_url && i < sizeof(ids) / sizeof(ids[0]); i++)
		if (options_given(o, ids[i]))
			return err_set(err, ERR_USAGE, "--%s is for a server, such as kafka://host/topic; there is none",
			               options_table[ids[i]].name);
	for (size_t i = 0; !is_kafka(o->target) && i < sizeof(topic_ids) / sizeof(topic_ids[0]); i++)
		if (options_given(o, topic_ids[i]))
			return err_set(err, ERR_USAGE, "--%s is for a topic, kafka://host/topic", options_table[topic_ids[i]].name);
	if (options_given(o, OPT_ASSUME_EPOCH) && o->checkpoint == NULL)
		return err_set(err, ERR_USAGE, "--assume-epoch needs --checkpoint");
	return 0;
}

int
operands_check(struct options *o, struct err *err)
{
	if (o->command->bit == CMD_WINDOW && kind_take(o, err) != 0)
		return -1;
	if (o->command->bit == CMD_JOIN && sides_take(o, err) != 0)
		return -1;
	if (o->command->bit == CMD_SINK && sink_operands(o, err) != 0)
		return -1;
	if (o->command->bit == CMD_EXEC && exec_operands(o, err) != 0)
		return -1;
	if (o->command->bit == CMD_FILTER && filter_operands(o, err) != 0)
		return -1;
	for (size_t i = 0; i < o->n_inputs; i++)
		if (o->inputs[i][0] == '\0')
			return err_set(err, ERR_USAGE, "an empty word where a file is expected");
	settle_late(o);
	return check_from(o, err) != 0 || check_delivery(o, err) != 0 || check_remote(o, err) != 0 ? -1 : check_pairs(o, err);
}
