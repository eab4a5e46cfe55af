/*
 * signals - SIGINT and SIGTERM, counted; SIGUSR1 (and SIGINFO where there is), remembered
 *
 * Terminals and systemd send them to every process of a pipeline at once.  A source takes the first
 * as the wish to stop in good order; a filter lets it pass and leaves by the end of its input.  The
 * second one has its default action in both, at any moment: blocked in a write, in a computation,
 * anywhere.  (What comes within 50 ms of the first is the first: timeout(1) sends two at once.)
 * SIGPIPE is ignored: a reader that is gone shows as EPIPE.  A signal that was ignored when we were
 * started (nohup, `&` in a script) stays ignored.
 *
 * SIGUSR1 asks for a line of statistics.  It interrupts nothing: reads and writes go on.  SIGHUP ends a process, as
 * usual, unless it has something that it can read again.
 */
#ifndef IO_SIGNALS_H
#define IO_SIGNALS_H

#include <stdbool.h>

enum signals_role { SIGNALS_FILTER, SIGNALS_SOURCE };

/* Once, early; calling it again changes the role and forgets nothing. */
void signals_set(enum signals_role);

/* Has a source been told to stop?  Always false for a filter. */
bool signals_stop_asked(void);

/* Has somebody asked for statistics since the last call? */
bool signals_take_asked(void);

/* Would it say yes? */
bool signals_is_asked(void);

/*
 * From now on SIGHUP is remembered, too, if it is not ignored: a file is to be read again.  Has one come since the
 * last call?
 */
void signals_set_hangup(void);
bool signals_take_hangup(void);

/*
 * For a forked child, before it does anything: default actions again; but SIGUSR1, which may be sent to
 * all that have our name, does nothing.
 */
void signals_reset(void);

#endif
