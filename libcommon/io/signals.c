/* signals - SIGINT and SIGTERM, counted */
#include "io/signals.h"

#include <signal.h>
#include <stddef.h>

#include "io/clock.h"

/*
 * What a handler may touch.  timeout(1) sends its signal twice at once, to the process and to its
 * group: what comes within BURST_MS of the first is the first.
 */
enum { BURST_MS = 50 };

static volatile sig_atomic_t seen;
static volatile sig_atomic_t is_source;
static int64_t first_ms;       /* of the handler alone, which runs with both signals blocked */

static const int handled[] = { SIGINT, SIGTERM };
enum { N_HANDLED = sizeof(handled) / sizeof(handled[0]) };

static void
note(int sig)
{
	if (seen == 0) {
		first_ms = clock_mono_ms();
		seen = 1;
	} else if (clock_mono_ms() - first_ms >= BURST_MS) {
		signal(sig, SIG_DFL);
		raise(sig);            /* comes when the handler has returned */
	}
}

void
signals_set(enum signals_role role)
{
	struct sigaction act = { .sa_handler = note, .sa_flags = SA_RESTART };
	struct sigaction old;

	is_source = role == SIGNALS_SOURCE;
	for (size_t i = 0; i < N_HANDLED; i++)
		sigaddset(&act.sa_mask, handled[i]);
	for (size_t i = 0; i < N_HANDLED; i++)
		if (sigaction(handled[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(handled[i], &act, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);          /* where it is ignored, nobody learns how a child ended */
}

bool
signals_stop_asked(void)
{
	return is_source && seen > 0;
}

void
signals_reset(void)
{
	for (size_t i = 0; i < N_HANDLED; i++)
		signal(handled[i], SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
}
