/* help - the pages --help and --version print */
#include "cli/help.h"

#include <string.h>

#include "base/hash.h"
#include "io/pack.h"
#include "json/tree.h"
#include "json/utf8.h"
#include "json/vec.h"

enum { TEXT_COLUMN = 33, WIDTH = 80 };

static void
pad_to(struct buf *to, size_t line_start, size_t column)
{
	while (to->n - line_start < column)
		buf_char(to, ' ');
}

/* TEXT from TEXT_COLUMN on, broken at blanks. */
static void
put_wrapped(struct buf *to, size_t line_start, const char *text)
{
	for (;;) {
		size_t n = strlen(text), room = WIDTH - TEXT_COLUMN;

		pad_to(to, line_start, TEXT_COLUMN);
		if (n > room)
			for (n = room; text[n] != ' '; n--)
				;
		buf_put(to, text, n);
		buf_char(to, '\n');
		if (text[n] == '\0')
			return;
		text += n + 1;
		line_start = to->n;
	}
}

static void
put_option(struct buf *to, const struct option *row)
{
	size_t     start = to->n;
	struct buf text = { 0 };

	if (row->letter != 0)
		buf_printf(to, "  -%c, --%s", row->letter, row->name);
	else
		buf_printf(to, "      --%s", row->name);
	if (row->arg != NULL)
		buf_printf(to, " %s", row->arg);
	buf_lit(to, "  ");
	buf_str(&text, row->help);
	if (row->initial != NULL)
		buf_printf(&text, " (%s)", row->initial);
	if (row->env != NULL)
		buf_printf(&text, " (environment: %s)", row->env);
	buf_char(&text, '\0');
	put_wrapped(to, start, text.p);
	buf_release(&text);
}

static void
put_group(struct buf *to, enum option_group group, unsigned command)
{
	bool begun = false;

	for (int id = 0; id < N_OPTIONS; id++) {
		const struct option *row = &options_table[id];

		if (row->group != group || (row->commands & command) == 0)
			continue;
		if (!begun)
			buf_printf(to, "\n%s:\n", options_group_titles[group]);
		begun = true;
		put_option(to, row);
	}
}

static void
put_aggregates(struct buf *to)
{
	size_t start;

	buf_lit(to, "\nFunctions of --aggregate:\n");
	for (const struct agg_class *const *c = agg_classes; *c != NULL; c++) {
		start = to->n;
		buf_lit(to, "  ");
		agg_put_usage(to, *c);
		put_wrapped(to, start, (*c)->help);
	}
	start = to->n;
	buf_lit(to, "  key, start, end");
	put_wrapped(to, start, "the window's own: its key and its bounds");
}

void
help_put(struct buf *to, const struct command *command)
{
	buf_printf(to, "Usage: %s %s\n%s", command->name, command->synopsis, command->summary);
	for (int g = 0; g < N_GROUPS; g++)
		put_group(to, (enum option_group)g, command->bit);
	if (command->bit == CMD_WINDOW)
		put_aggregates(to);
	buf_printf(to, "\nExamples:\n%s", command->examples);
	buf_printf(to, "\nPATH: .price or .a[\"b c\"][0], in the payload; $.topic, in the record itself.\n"
	           "DUR: 500ms 10s 5m 1h 2d. SIZE: 64K 1M 2G.\n"
	           "Exit status: 0 done, 1 cannot be processed, 2 usage, 75 try again, 141 the\n"
	           "reader left. The whole story: man %s, man streamutils.\n", command->name);
}

static const char *
vector_name(void)
{
#if defined(SCAN_SWAR)
	return "8 bytes at a time";
#elif defined(__SSE2__)
	return "SSE2";
#elif defined(__aarch64__)
	return "NEON";
#else
	return "8 bytes at a time";
#endif
}

void
help_put_version(struct buf *to, const struct command *command)
{
	size_t n;

	buf_printf(to, "%s (streamutils) %s\n", command->name, STREAM_VERSION);
	buf_printf(to, "scanner: %s, UTF-8: %s; %s; xxHash %d.%d.%d", vector_name(), utf8_forms(&n)[0].name, tree_library(),
	           XXH_VERSION_MAJOR, XXH_VERSION_MINOR, XXH_VERSION_RELEASE);
	buf_printf(to, "; %s; %s", pack_gzip_library(), pack_zstd_library());
#ifdef STREAM_DEBUG
	buf_lit(to, "; debug build: STREAM_CRASH is obeyed");
#endif
	buf_lit(to, "\n");
}
