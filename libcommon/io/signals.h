/*
 * signals - SIGINT and SIGTERM, counted
 *
 * Terminals and systemd send them to every process of a pipeline at once.  A source takes the first
 * as the wish to stop in good order; a filter lets it pass and leaves by the end of its input.  The
 * second one has its default action in both, at any moment: blocked in a write, in a computation,
 * anywhere.  (What comes within 50 ms of the first is the first: timeout(1) sends two at once.)
 * SIGPIPE is ignored: a reader that is gone shows as EPIPE.  A signal that was ignored when we were
 * started (nohup, `&` in a script) stays ignored.
 */
#ifndef IO_SIGNALS_H
#define IO_SIGNALS_H

#include <stdbool.h>

enum signals_role { SIGNALS_FILTER, SIGNALS_SOURCE };

/* Once, early; calling it again changes the role and forgets nothing. */
void signals_set(enum signals_role);

/* Has a source been told to stop?  Always false for a filter. */
bool signals_stop_asked(void);

/* For a forked child, before it does anything: default actions again. */
void signals_reset(void);

#endif
