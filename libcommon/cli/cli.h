/*
 * cli - where a program begins, speaks and ends
 *
 * The only room that prints for people and the only one that exits before main returns.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "base/err.h"
#include "base/span.h"
#include "cli/options.h"
#include "io/term.h"

/*
 * Read the command line (and STREAM_CHECKPOINT, STATE_DIRECTORY).  Comes back only with options that
 * make sense together; --help and --version are answered here (0; 1 where stdout takes nothing), a
 * usage error is told here (2).  Before all else, closed standard descriptors are filled, so that no
 * file opened later is taken for stdout or stderr.  COMMAND is one of CMD_….
 */
void cli_start(unsigned command, int argc, char **argv, struct options *);

/*
 * Nobody typed an input and stdin is a terminal: tell what to give and leave with 2.  Comes back
 * where stdin is anything else.  For commands that are about to read stdin.
 */
void cli_stdin_hint(const struct options *);

/*
 * One line on stderr, "stream-cat: text", control characters escaped; returns the exit status that
 * goes with it.  A reader that left and a failure that upstream has told already print nothing, nor
 * does, under --quiet, what may pass by trying again.
 */
int cli_fail(const struct options *, const struct err *);

/* Write TEXT to standard output, as --help does; the exit status. */
int cli_print(const struct options *, struct span text);

/* Such a line, in any case. */
void cli_say(const struct options *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Such a line, under --verbose. */
void cli_note(const struct options *, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Where --progress was given: is there a terminal to show it on?  Stderr has to be one, and records must
 * not go to one.  Then cli_show draws a line there, over the last one; NULL erases it.  Nothing else
 * may be told while it is there.
 */
bool cli_show_init(const struct options *, struct term *);
void cli_show(const struct options *, struct term *, const char *text);

/* The last call of main: releases the options and gives STATUS back. */
int cli_finish(struct options *, int status);

#endif
