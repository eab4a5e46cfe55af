/*
 * completions - write the shells' completion files from the table of options
 *
 *     completions DIR         DIR/bash/COMMAND, DIR/zsh/_stream, DIR/fish/COMMAND.fish
 *     completions --meaning   which options are part of a checkpoint's fingerprint: COMMAND and name, one a line
 *
 * `make completions` calls it; tests/docs.bats checks that what is committed is what it writes, and that the
 * manuals name the options that mean something.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/options.h"

static const char made[] = "made from the table of options by `make completions`: do not edit";

static const struct option *
row(int id, const struct command *c)
{
	return (options_table[id].commands & c->bit) != 0 ? &options_table[id] : NULL;
}

/* Words to choose a value from; NULL: only the user knows. */
static const char *
words_of(const struct option *o, char *to, size_t size)
{
	size_t n = 0;

	if (o->kind == OPTION_TIME_FORMAT)
		return "auto rfc3339 s ms us ns";
	if (o->kind == OPTION_EMIT)
		return "final updates every:";
	if (o->kind == OPTION_PLACE)
		return "beginning end";
	if (o->kind != OPTION_CHOICE)
		return NULL;
	for (int i = 0; o->choices[i] != NULL; i++)
		n += (size_t)snprintf(to + n, size - n, "%s%s", i > 0 ? " " : "", o->choices[i]);
	return to;
}

/* Words with blanks between as a choice in a regular expression. */
static const char *
any_of(const char *words, char *to, size_t size)
{
	snprintf(to, size, "%s", words);
	for (char *p = to; *p != '\0'; p++)
		if (*p == ' ')
			*p = '|';
	return to;
}

/* The inside of a '…' word of a shell. */
static void
put_quoted(FILE *f, const char *text, const char *quote)
{
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			fputs(quote, f);
		else
			fputc(*text, f);
	}
}

/* ---- bash ---- */

static void
bash_case(FILE *f, const struct command *c, enum option_kind kind, const char *reply)
{
	bool any = false;

	for (int id = 0; id < N_OPTIONS; id++) {
		const struct option *o = row(id, c);

		if (o == NULL || o->kind != kind)
			continue;
		fprintf(f, "%s--%s", any ? " | " : "\t", o->name);
		any = true;
	}
	if (any)
		fprintf(f, ")\n\t\t%s\n\t\treturn ;;\n", reply);
}

static void
bash_values(FILE *f, const struct command *c)
{
	char buf[200];
	bool any = false;

	for (int id = 0; id < N_OPTIONS; id++) {
		const struct option *o = row(id, c);
		const char          *words = o != NULL ? words_of(o, buf, sizeof(buf)) : NULL;

		if (words != NULL)
			fprintf(f, "\t--%s)\n\t\tmapfile -t COMPREPLY < <(compgen -W '%s' -- \"$cur\")\n\t\treturn ;;\n",
			        o->name, words);
	}
	bash_case(f, c, OPTION_FILE, "compopt -o filenames\n\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")");
	bash_case(f, c, OPTION_DIR, "compopt -o filenames\n\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$cur\")");
	for (int id = 0; id < N_OPTIONS; id++) {
		const struct option *o = row(id, c);

		if (o == NULL || o->kind == OPTION_FLAG || o->kind == OPTION_FILE || o->kind == OPTION_DIR ||
		    words_of(o, buf, sizeof(buf)) != NULL)
			continue;
		fputs(any ? " | " : "\t", f);
		if (o->letter != 0)
			fprintf(f, "-%c | ", o->letter);
		fprintf(f, "--%s", o->name);
		any = true;
	}
	if (any)
		fputs(")\n\t\treturn ;;\n", f);
}

static void
bash_names(FILE *f, const struct command *c)
{
	bool any = false;

	for (int id = 0; id < N_OPTIONS; id++) {
		const struct option *o = row(id, c);

		if (o == NULL)
			continue;
		if (o->letter != 0)
			fprintf(f, "%s-%c", any ? " " : "", o->letter);
		fprintf(f, "%s--%s", any || o->letter != 0 ? " " : "", o->name);
		any = true;
	}
}

/* Behind -- stands somebody else's command: what the shell knows of that. */
static void
bash_command(FILE *f)
{
	fputs("\tlocal i\n\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\t[[ ${COMP_WORDS[i]} == -- ]] || continue\n"
	      "\t\tif declare -F _command_offset > /dev/null; then\n\t\t\t_command_offset $((i + 1))\n"
	      "\t\telif ((i + 1 == COMP_CWORD)); then\n\t\t\tmapfile -t COMPREPLY < <(compgen -c -- \"$cur\")\n"
	      "\t\telse\n\t\t\tcompopt -o filenames\n\t\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n\t\tfi\n"
	      "\t\treturn\n\tdone\n", f);
}

static void
put_bash(FILE *f, const struct command *c)
{
	char any[200];

	fprintf(f, "# shellcheck shell=bash\n# %s - completion for bash; %s\n\n", c->name, made);
	fprintf(f, "_stream_%s()\n{\n", c->stage);
	fputs("\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n\n"
	      "\tCOMPREPLY=()\n", f);
	if (c->bit == CMD_EXEC)
		bash_command(f);
	fputs("\tif [[ $cur == = ]]; then\n\t\tcur=\n"
	      "\telif [[ $prev == = ]]; then\n\t\tprev=${COMP_WORDS[COMP_CWORD - 2]}\n\tfi\n"
	      "\tcase $prev in\n", f);
	bash_values(f, c);
	fputs("\tesac\n\tif [[ $cur == -* ]]; then\n\t\tmapfile -t COMPREPLY < <(compgen -W '", f);
	bash_names(f, c);
	fputs("' -- \"$cur\")\n\t\treturn\n\tfi\n", f);
	if (c->words[0] != '\0')
		fprintf(f, "\tif [[ ! \" ${COMP_WORDS[*]:1:COMP_CWORD-1} \" =~ \\ (%s) ]]; then\n"
		        "\t\tmapfile -t COMPREPLY < <(compgen -W '%s' -- \"$cur\")\n"
		        "\t\t[[ ${COMPREPLY[*]} != *: ]] || compopt -o nospace\n"
		        "\t\t((${#COMPREPLY[@]} == 0)) || return\n\tfi\n", any_of(c->words, any, sizeof(any)), c->words);
	fputs("\t[[ $cur != : ]] || cur=\n"
	      "\tcompopt -o filenames\n\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n}\n\n", f);
	fprintf(f, "complete -F _stream_%s %s\n", c->stage, c->name);
}

/* ---- zsh ---- */

static void
zsh_option(FILE *f, const struct option *o)
{
	bool        list = o->kind == OPTION_PATHS || o->kind == OPTION_TEXTS || o->kind == OPTION_COLUMNS;
	bool        alone = o->field == offsetof(struct options, help) || o->field == offsetof(struct options, version);
	const char *value = o->kind == OPTION_FLAG ? "" : "=";
	char        buf[200];
	const char *words = words_of(o, buf, sizeof(buf));

	fputs("\t\t", f);
	if (o->letter != 0) {
		if (list)
			fputs("'*'", f);
		else if (alone)
			fputs("'(- *)'", f);
		else
			fprintf(f, "'(-%c --%s)'", o->letter, o->name);
		fprintf(f, "{-%c%s,--%s%s}'[", o->letter, o->kind == OPTION_FLAG ? "" : "+", o->name, value);
	} else {
		fprintf(f, "'--%s%s[", o->name, value);
	}
	put_quoted(f, o->help, "'\\''");
	fputc(']', f);
	if (o->kind != OPTION_FLAG)
		fprintf(f, ":%s:", o->arg);
	if (words != NULL)
		fprintf(f, "(%s)", words);
	else if (o->kind == OPTION_FILE)
		fputs("_files", f);
	else if (o->kind == OPTION_DIR)
		fputs("_files -/", f);
	fputs("'\n", f);
}

static void
put_zsh(FILE *f)
{
	fputs("#compdef", f);
	for (const struct command *c = options_commands; c->name != NULL; c++)
		fprintf(f, " %s", c->name);
	fprintf(f, "\n# completion for zsh; %s\n\nlocal -a args\n\n", made);
	fputs("# Behind -- of stream-exec stands somebody else's command.\n"
	      "local -i dashes=${words[(ie)--]}\n"
	      "if [[ $service == stream-exec ]] && ((dashes < CURRENT)); then\n"
	      "\tshift $dashes words\n\t((CURRENT -= dashes))\n\t_normal\n\treturn\nfi\n\ncase $service in\n", f);
	for (const struct command *c = options_commands; c->name != NULL; c++) {
		fprintf(f, "%s)\n\targs=(\n", c->name);
		for (int id = 0; id < N_OPTIONS; id++)
			if (row(id, c) != NULL)
				zsh_option(f, row(id, c));
		if (c->bit == CMD_WINDOW)
			fprintf(f, "\t\t'1:kind of window:(%s)'\n\t\t'2:size, such as 1m or 1d:_files'\n", c->words);
		if (c->bit == CMD_JOIN)
			fprintf(f, "\t\t'1:kind of join, or the left input:{ compadd %s; _files }'\n", c->words);
		fprintf(f, "\t\t'%s:%s:_files%s'\n\t)\n\t;;\n", c->bit == CMD_SINK ? "1" : "*",
		        c->bit == CMD_SINK ? "target" : "file", c->bit == CMD_SINK ? " -P file:" : "");
	}
	fputs("esac\n\n_arguments -s -S $args\n", f);
}

/* ---- fish ---- */

static void
fish_option(FILE *f, const struct command *c, const struct option *o)
{
	char        buf[200];
	const char *words = words_of(o, buf, sizeof(buf));

	fprintf(f, "complete -c %s", c->name);
	if (o->letter != 0)
		fprintf(f, " -s %c", o->letter);
	fprintf(f, " -l %s", o->name);
	if (words != NULL)
		fprintf(f, " -x -a '%s'", words);
	else if (o->kind == OPTION_FILE)
		fputs(" -r -F", f);
	else if (o->kind == OPTION_DIR)
		fputs(" -x -a '(__fish_complete_directories)'", f);
	else if (o->kind != OPTION_FLAG)
		fputs(" -x", f);
	fputs(" -d '", f);
	put_quoted(f, o->help, "\\'");
	fputs("'\n", f);
}

static void
put_fish(FILE *f, const struct command *c)
{
	char any[200];

	fprintf(f, "# %s - completion for fish; %s\n", c->name, made);
	for (int id = 0; id < N_OPTIONS; id++)
		if (row(id, c) != NULL)
			fish_option(f, c, row(id, c));
	if (c->bit == CMD_EXEC)
		fprintf(f, "complete -c %s -n 'contains -- -- (commandline -opc)' -x "
		        "-a '(complete -C (string replace -r \".*? -- +\" \"\" -- (commandline -cp)))'\n", c->name);
	if (c->words[0] != '\0')
		fprintf(f, "complete -c %s -n 'not string match -qr -- \" (%s)\" (commandline -cp)' -a '%s'\n",
		        c->name, any_of(c->words, any, sizeof(any)), c->words);
}

/* ---- files ---- */

static FILE *
create(const char *dir, const char *shell, const char *name)
{
	char  path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, shell);
	if (mkdir(path, 0777) != 0 && errno != EEXIST) {
		perror(path);
		exit(1);
	}
	snprintf(path, sizeof(path), "%s/%s/%s", dir, shell, name);
	if ((f = fopen(path, "w")) == NULL) {
		perror(path);
		exit(1);
	}
	return f;
}

static void
finish(FILE *f)
{
	if (ferror(f) != 0 || fclose(f) != 0) {
		perror("completions");
		exit(1);
	}
}

static void
put_meaning(void)
{
	for (const struct command *c = options_commands; c->name != NULL; c++)
		for (int id = 0; id < N_OPTIONS; id++)
			if (row(id, c) != NULL && row(id, c)->means)
				printf("%s %s\n", c->name, options_table[id].name);
}

int
main(int argc, char **argv)
{
	FILE *f;
	char  name[100];

	if (argc != 2) {
		fputs("usage: completions DIR | --meaning\n", stderr);
		return 2;
	}
	if (strcmp(argv[1], "--meaning") == 0) {
		put_meaning();
		return 0;
	}
	for (const struct command *c = options_commands; c->name != NULL; c++) {
		f = create(argv[1], "bash", c->name);
		put_bash(f, c);
		finish(f);
		snprintf(name, sizeof(name), "%s.fish", c->name);
		f = create(argv[1], "fish", name);
		put_fish(f, c);
		finish(f);
	}
	f = create(argv[1], "zsh", "_stream");
	put_zsh(f);
	finish(f);
	return 0;
}
