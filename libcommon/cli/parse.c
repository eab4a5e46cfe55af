/* parse - a command line into options */
#include "cli/parse.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/guess.h"
#include "cli/operands.h"
#include "cli/value.h"

/* A walk along argv. */
struct walk {
	struct options *o;
	char          **argv;
	int             argc;
	int             at;
	const char    **operands;
	size_t          n_operands;
};

static const struct option *
row_by_name(const char *name, size_t n, unsigned commands)
{
	for (int id = 0; id < N_OPTIONS; id++) {
		const struct option *row = &options_table[id];

		if ((row->commands & commands) != 0 && strlen(row->name) == n && memcmp(row->name, name, n) == 0)
			return row;
	}
	return NULL;
}

static const struct option *
row_by_letter(char letter, unsigned commands)
{
	for (int id = 0; id < N_OPTIONS; id++)
		if (options_table[id].letter == letter && (options_table[id].commands & commands) != 0)
			return &options_table[id];
	return NULL;
}

/* Somebody else's option is named as such; a slip gets a guess. */
static int
unknown_name(const struct options *o, const char *name, size_t n, struct err *err)
{
	char                 word[64];
	const char          *best = NULL;
	const struct option *other = row_by_name(name, n, CMD_ALL);

	snprintf(word, sizeof(word), "%.*s", (int)(n < 60 ? n : 60), name);
	if (other != NULL) {
		for (const struct command *c = options_commands; c->name != NULL; c++)
			if ((other->commands & c->bit) != 0)
				return err_set(err, ERR_USAGE, "--%s is an option of %s, not of %s", word, c->name, o->command->name);
	}
	for (int id = 0; id < N_OPTIONS; id++) {
		const struct option *row = &options_table[id];

		if ((row->commands & o->command->bit) != 0 && guess_is_near(word, row->name) &&
		    (best == NULL || guess_distance(word, row->name) < guess_distance(word, best)))
			best = row->name;
	}
	if (best != NULL)
		return err_set(err, ERR_USAGE, "unknown option --%s (did you mean --%s?)", word, best);
	return err_set(err, ERR_USAGE, "unknown option --%s", word);
}

static int
set(struct walk *w, const struct option *row, const char *text, struct err *err)
{
	if (value_set(w->o, row, text, err) != 0)
		return -1;
	w->o->given[row - options_table] = true;
	return 0;
}

/* The value that stands in the next word. */
static int
next_word(struct walk *w, const struct option *row, const char **text, struct err *err)
{
	if (w->at + 1 >= w->argc)
		return err_set(err, ERR_USAGE, "--%s needs a value: --%s %s", row->name, row->name, row->arg);
	*text = w->argv[++w->at];
	return 0;
}

/* "--name", "--name=VALUE" at argv[at]; leaves `at` on the last word used. */
static int
long_option(struct walk *w, struct err *err)
{
	const char          *name = w->argv[w->at] + 2;
	const char          *equals = strchr(name, '=');
	size_t               n = equals != NULL ? (size_t)(equals - name) : strlen(name);
	const struct option *row = row_by_name(name, n, w->o->command->bit);
	const char          *text = NULL;

	if (row == NULL)
		return unknown_name(w->o, name, n, err);
	if (row->kind == OPTION_FLAG && equals != NULL)
		return err_set(err, ERR_USAGE, "--%s takes no value", row->name);
	if (equals != NULL)
		text = equals + 1;
	else if (row->kind != OPTION_FLAG && next_word(w, row, &text, err) != 0)
		return -1;
	return set(w, row, text, err);
}

/* "-f", "-fe", "-k.x", "-k .x" at argv[at]. */
static int
short_options(struct walk *w, struct err *err)
{
	for (const char *p = w->argv[w->at] + 1; *p != '\0' && !w->o->help && !w->o->version; p++) {
		const struct option *row = row_by_letter(*p, w->o->command->bit);
		const char          *text = NULL;

		if (row == NULL)
			return err_set(err, ERR_USAGE, "unknown option -%c", *p);
		if (row->kind == OPTION_FLAG) {
			if (set(w, row, NULL, err) != 0)
				return -1;
			continue;
		}
		if (p[1] != '\0')
			text = p + 1;
		else if (next_word(w, row, &text, err) != 0)
			return -1;
		return set(w, row, text, err);
	}
	return 0;
}

static int
walk_words(struct walk *w, bool posix, struct err *err)
{
	bool only_operands = false;

	for (w->at = 1; w->at < w->argc; w->at++) {
		const char *word = w->argv[w->at];

		if (w->o->command->bit == CMD_EXEC && strcmp(word, "--") == 0) {
			w->o->program = (const char *const *)&w->argv[w->at + 1];
			return 0;
		}
		if (only_operands || word[0] != '-' || word[1] == '\0') {
			w->operands[w->n_operands++] = word;
			only_operands = only_operands || posix;
		} else if (strcmp(word, "--") == 0) {
			only_operands = true;
		} else if ((word[1] == '-' ? long_option(w, err) : short_options(w, err)) != 0) {
			return -1;
		}
		if (w->o->help || w->o->version)
			break;
	}
	return 0;
}

static int
set_defaults(struct options *o, struct err *err)
{
	o->max_records = UINT64_MAX;
	o->max_errors = UINT64_MAX;
	o->max_future_ms = WHEN_MAX;
	o->name = o->command->stage;
	for (int id = 0; id < N_OPTIONS; id++)
		if (options_table[id].initial != NULL &&
		    value_set(o, &options_table[id], options_table[id].initial, err) != 0)
			return -1;
	return 0;
}

/*
 * The checkpoint may be given for the whole pipeline: by a variable, or by systemd, which makes the
 * directory and names it (of several, with colons between, the first is taken).  An empty
 * variable says "none", so that one command of a script can be kept out.
 */
static void
settle_checkpoint(struct options *o, parse_env_fn *env)
{
	const char *name = options_table[OPT_CHECKPOINT].env;
	const char *text = env(name);
	struct buf  given = { 0 };

	if (options_given(o, OPT_CHECKPOINT)) {
		buf_printf(&given, "--checkpoint %s is given", o->checkpoint);
	} else {
		size_t n = text != NULL ? strlen(text) : 0;

		if (text == NULL && (text = env(name = "STATE_DIRECTORY")) != NULL)
			n = strcspn(text, ":");
		if (n == 0)
			return;
		o->checkpoint = alloc_string_n(text, n);
		buf_printf(&given, "%s=%s is set", name, text);
	}
	buf_char(&given, '\0');
	o->checkpoint_given = given.p;
}

int
parse_argv(struct options *o, unsigned command, int argc, char **argv, parse_env_fn *env, struct err *err)
{
	struct walk w = { .o = o, .argv = argv, .argc = argc };

	*o = (struct options){ .command = options_command(command) };
	if (set_defaults(o, err) != 0)
		return -1;
	w.operands = alloc_zeroed((size_t)argc + 1, sizeof(*w.operands));
	o->inputs = w.operands;
	if (walk_words(&w, env("POSIXLY_CORRECT") != NULL, err) != 0)
		return -1;
	if (o->help || o->version)
		return 0;
	settle_checkpoint(o, env);
	o->n_inputs = w.n_operands;
	return operands_check(o, err);
}
