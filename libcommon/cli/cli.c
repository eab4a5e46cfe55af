/* cli - where a program begins, speaks and ends */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/help.h"
#include "cli/parse.h"
#include "io/out.h"
#include "run/run.h"

/*
 * Where a standard descriptor is closed, the next file opened would get its number, and what is meant for
 * stdout or stderr would end up in it.  Stdin and stdout are filled so that using them fails as on a
 * closed one; stderr so that it is quiet.
 */
static void
fill_closed(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_WRONLY };

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", modes[fd]) != fd)
			_exit(1);
}

/* One write of one line, so that lines of a pipeline's commands do not mix. */
static void
say_v(const struct options *o, const char *fmt, va_list ap)
{
	char       text[2000];
	struct buf line = { 0 };

	vsnprintf(text, sizeof(text), fmt, ap);

	buf_printf(&line, "%s: ", o->command->name);
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		if (*p == '\n')
			buf_lit(&line, "\\n");
		else if (*p == '\t')
			buf_lit(&line, "\\t");
		else if (*p < 0x20 || *p == 0x7f)
			buf_printf(&line, "\\x%02x", *p);
		else
			buf_char(&line, (char)*p);
	}
	buf_char(&line, '\n');
	while (line.n > 0 && write(STDERR_FILENO, line.p, line.n) < 0 && errno == EINTR)
		;
	buf_release(&line);
}

void
cli_say(const struct options *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_v(o, fmt, ap);
	va_end(ap);
}

void
cli_note(const struct options *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (o->verbose)
		say_v(o, fmt, ap);
	va_end(ap);
}

bool
cli_show_init(const struct options *o, struct term *term)
{
	bool fills_stdout = o->command->bit != CMD_SINK || strcmp(o->target, "-") == 0;

	return o->progress && !(fills_stdout && isatty(STDOUT_FILENO)) && term_init(term, STDERR_FILENO, getenv("TERM"));
}

void
cli_show(const struct options *o, struct term *term, const char *text)
{
	struct buf line = { 0 };

	if (text == NULL) {
		term_erase(term);
		return;
	}
	buf_printf(&line, "%s: %s", o->command->name, text);
	term_draw(term, buf_all(&line));
	buf_release(&line);
}

int
cli_fail(const struct options *o, const struct err *err)
{
	switch (err->kind) {
	case ERR_NONE:
	case ERR_READER_GONE:
	case ERR_FAILED_UPSTREAM:
		break;
	case ERR_RETRY:
		if (!o->quiet)
			cli_say(o, "%s", err->text);
		break;
	case ERR_USAGE:
	case ERR_DATA:
	case ERR_FATAL:
		cli_say(o, "%s", err->text);
		break;
	}
	return err->status;
}

int
cli_print(const struct options *o, struct span text)
{
	struct err err = ERR_INIT;
	struct out out;

	if (out_init(&out, STDOUT_FILENO, "standard output", &err) != 0)
		return cli_fail(o, &err);
	buf_span(&out.buf, text);
	if (out_close(&out, &err) != 0) {
		/* A full disk under --help is no reason to try again. */
		return cli_fail(o, &err) == 141 ? 141 : 1;
	}
	return 0;
}

/* Print a page and leave. */
static _Noreturn void
print_and_leave(const struct options *o)
{
	struct buf text = { 0 };
	int        status;

	if (o->help)
		help_put(&text, o->command);
	else
		help_put_version(&text, o->command);
	status = cli_print(o, buf_all(&text));
	buf_release(&text);
	exit(status);
}

static const char *
environment(const char *name)
{
	return getenv(name);
}

void
cli_start(unsigned command, int argc, char **argv, struct options *o)
{
	struct err err = ERR_INIT;

	fill_closed();
	if (parse_argv(o, command, argc, argv, environment, &err) != 0) {
		cli_say(o, "%s; see %s --help", err.text, o->command->name);
		if (command != CMD_SINK && !o->plain)
			run_tell_failure(o->name, err.status, err.text);
		exit(err.status);
	}
	if (o->help || o->version)
		print_and_leave(o);
}

void
cli_stdin_hint(const struct options *o)
{
	if (!isatty(STDIN_FILENO))
		return;
	if (o->command->bit == CMD_SINK)
		cli_say(o, "stdin is a terminal: a stream is expected there, as in: stream-cat FILE | stream-sink %s", o->target);
	else
		cli_say(o, "stdin is a terminal: give a FILE (or - to type lines here); see %s --help", o->command->name);
	exit(2);
}

int
cli_finish(struct options *o, int status)
{
	options_release(o);
	return status;
}
