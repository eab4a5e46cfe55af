/*
 * Any command line: it is refused with one reason and status 2, or what it means can be written down, is JSON,
 * and the same words mean the same again.  Words are lines; the first byte, a digit, says which
 * command it is.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/parse.h"
#include "json/tree.h"
#include "must.h"

enum { MOST_WORDS = 64 };

static void
check(bool holds)
{
	if (!holds)
		abort();
}

static const char *
no_env(const char *name)
{
	(void)name;
	return NULL;
}

static int
split(char *text, char **argv)
{
	int argc = 0;

	argv[argc++] = "stream";
	for (char *word = strtok(text, "\n"); word != NULL && argc < MOST_WORDS; word = strtok(NULL, "\n"))
		argv[argc++] = word;
	argv[argc] = NULL;
	return argc;
}

/* True: it is a command line that runs; TO gets what it means. */
static bool
parse(unsigned command, int argc, char **argv, struct buf *to)
{
	struct options o;
	struct err     err = ERR_INIT;
	bool           runs = false;

	if (parse_argv(&o, command, argc, argv, no_env, &err) != 0) {
		check(err.kind == ERR_USAGE && err.status == 2 && err.text[0] != '\0');
	} else if (!o.help && !o.version) {
		options_meaning(&o, to);
		check((o.n_inputs == 0) || o.inputs[0] != NULL);
		check((command == CMD_SINK) == (o.target != NULL));
		check((command & (CMD_WINDOW | CMD_JOIN)) != 0 || o.window.size == 0);
		runs = true;
	}
	options_release(&o);
	return runs;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned commands[] = { CMD_CAT, CMD_WINDOW, CMD_SINK, CMD_DEDUP, CMD_FILTER, CMD_SORT, CMD_JOIN, CMD_EXEC };
	char         *text, *argv[MOST_WORDS + 1];
	struct buf    first = { 0 }, second = { 0 };
	struct err    err = ERR_INIT;
	struct tree  *tree;
	unsigned      command;
	int           argc;

	if (size == 0)
		return 0;
	command = commands[(uint8_t)(data[0] - '0') % (sizeof(commands) / sizeof(commands[0]))];
	text = alloc_string_n((const char *)data + 1, size - 1);
	argc = split(text, argv);
	if (parse(command, argc, argv, &first)) {
		check(parse(command, argc, argv, &second));
		check(span_eq(buf_all(&first), buf_all(&second)));
		tree = tree_parse(buf_all(&first), &err);
		check(tree != NULL);
		tree_free(tree);
	}
	buf_release(&first);
	buf_release(&second);
	free(text);
	return 0;
}
