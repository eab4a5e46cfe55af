/* sides - which join the words behind stream-join ask for */
#include "cli/sides.h"

#include <string.h>

#include "cli/kind.h"

/* In the order of enum join_mode. */
static const enum option_id modes[] = { OPT_WITHIN_RANGE, OPT_WINDOW, OPT_AS_OF, OPT_LATEST, OPT_TABLE };

enum { N_MODES = sizeof(modes) / sizeof(modes[0]) };

static int
take_mode(struct options *o, struct err *err)
{
	const char *first = NULL;

	for (int i = 0; i < N_MODES; i++) {
		const char *name = options_table[modes[i]].name;

		if (!options_given(o, modes[i]))
			continue;
		if (first != NULL)
			return err_set(err, ERR_USAGE, "--%s and --%s: give one of them", first, name);
		first = name;
		o->join_mode = (enum join_mode)i;
	}
	if (first == NULL)
		return err_set(err, ERR_USAGE, "which records belong together? give --within DUR, --window WINDOW, --as-of, --latest "
		               "or --table FILE");
	return o->join_mode == JOIN_WINDOW ? kind_parse(o, err) : 0;
}

static int
take_kind(struct options *o, struct err *err)
{
	for (int kind = JOIN_INNER; o->n_inputs > 0 && kind <= JOIN_ANTI; kind++) {
		if (strcmp(o->inputs[0], join_kind_name((enum join_kind)kind)) != 0)
			continue;
		o->join_kind = (enum join_kind)kind;
		o->n_inputs--;
		memmove(o->inputs, o->inputs + 1, o->n_inputs * sizeof(*o->inputs));
		break;
	}
	if (!join_fits(o->join_kind, o->join_mode))
		return err_set(err, ERR_USAGE, "%s: with --%s only what the left side has can come out: inner, left, semi or anti",
		               join_kind_name(o->join_kind), options_table[modes[o->join_mode]].name);
	return 0;
}

static int
check_operands(const struct options *o, struct err *err)
{
	size_t wanted = o->join_mode == JOIN_TABLE ? 1 : 2;

	if (o->n_inputs > wanted)
		return err_set(err, ERR_USAGE, "%s: %s is one too many", wanted == 1 ? "with --table there is one input" : "two inputs",
		               o->inputs[wanted]);
	if (wanted == 2 && o->n_inputs < 2)
		return err_set(err, ERR_USAGE, "two inputs are needed, LEFT and RIGHT: files, pipes, <(command) or - for stdin");
	if (wanted == 2 && strcmp(o->inputs[0], "-") == 0 && strcmp(o->inputs[1], "-") == 0)
		return err_set(err, ERR_USAGE, "both inputs cannot be stdin");
	return 0;
}

/* What is said of one thing in two ways, or of nothing. */
static int
check_pairs(const struct options *o, struct err *err)
{
	if (o->n_on > 0 && (o->n_left_on > 0 || o->n_right_on > 0))
		return err_set(err, ERR_USAGE, "--on is for both sides: give --on, or --left-on and --right-on");
	if (o->n_left_on > 0 && o->n_right_on > 0 && o->n_left_on != o->n_right_on)
		return err_set(err, ERR_USAGE, "%zu --left-on and %zu --right-on: what is equal to what?", o->n_left_on, o->n_right_on);
	if ((o->n_left_on > 1 && o->n_right_on == 0) || (o->n_right_on > 1 && o->n_left_on == 0))
		return err_set(err, ERR_USAGE, "several --%s-on, and one key on the other side: what is equal to what?",
		               o->n_left_on > 1 ? "left" : "right");
	if (o->table_watch && o->table == NULL)
		return err_set(err, ERR_USAGE, "--table-watch needs --table: which file?");
	if (o->combine && options_given(o, OPT_AS))
		return err_set(err, ERR_USAGE, "--combine puts members side by side, --as names the sides: give one of them");
	if ((o->combine || options_given(o, OPT_AS)) && o->join_kind >= JOIN_SEMI)
		return err_set(err, ERR_USAGE, "--%s: records leave %s as they came", o->combine ? "combine" : "as",
		               join_kind_name(o->join_kind));
	if (o->join_mode != JOIN_WINDOW && (options_given(o, OPT_OFFSET) || options_given(o, OPT_TZ)))
		return err_set(err, ERR_USAGE, "--%s is for --window", options_given(o, OPT_OFFSET) ? "offset" : "tz");
	return 0;
}

int
sides_take(struct options *o, struct err *err)
{
	if (take_mode(o, err) != 0 || take_kind(o, err) != 0 || check_operands(o, err) != 0)
		return -1;
	return check_pairs(o, err);
}
