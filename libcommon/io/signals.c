/* signals - SIGINT and SIGTERM, counted; SIGUSR1, remembered */
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
static volatile sig_atomic_t is_asked;
static volatile sig_atomic_t is_hung_up;
static int64_t first_ms;       /* of the handler alone, which runs with both signals blocked */

static const int handled[] = { SIGINT, SIGTERM };
enum { N_HANDLED = sizeof(handled) / sizeof(handled[0]) };

static const int asking[] = {
	SIGUSR1,
#ifdef SIGINFO
	SIGINFO,
#endif
};
enum { N_ASKING = sizeof(asking) / sizeof(asking[0]) };

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

static void
ask(int sig)
{
	(void)sig;
	is_asked = 1;
}

static void
hang_up(int sig)
{
	(void)sig;
	is_hung_up = 1;
}

/* Unless it was ignored when we were started. */
static void
handle(int sig, const struct sigaction *act)
{
	struct sigaction old;

	if (sigaction(sig, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		sigaction(sig, act, NULL);
}

void
signals_set(enum signals_role role)
{
	struct sigaction act = { .sa_handler = note, .sa_flags = SA_RESTART };
	struct sigaction act_asked = { .sa_handler = ask, .sa_flags = SA_RESTART };

	is_source = role == SIGNALS_SOURCE;
	for (size_t i = 0; i < N_HANDLED; i++)
		sigaddset(&act.sa_mask, handled[i]);
	for (size_t i = 0; i < N_HANDLED; i++)
		handle(handled[i], &act);
	for (size_t i = 0; i < N_ASKING; i++)
		handle(asking[i], &act_asked);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);          /* where it is ignored, nobody learns how a child ended */
}

bool
signals_stop_asked(void)
{
	return is_source && seen > 0;
}

bool
signals_is_asked(void)
{
	return is_asked != 0;
}

bool
signals_take_asked(void)
{
	if (is_asked == 0)
		return false;
	is_asked = 0;
	return true;
}

void
signals_set_hangup(void)
{
	struct sigaction act = { .sa_handler = hang_up, .sa_flags = SA_RESTART };

	handle(SIGHUP, &act);
}

bool
signals_take_hangup(void)
{
	if (is_hung_up == 0)
		return false;
	is_hung_up = 0;
	return true;
}

void
signals_reset(void)
{
	for (size_t i = 0; i < N_HANDLED; i++)
		signal(handled[i], SIG_DFL);
	for (size_t i = 0; i < N_ASKING; i++)
		signal(asking[i], SIG_IGN);
	signal(SIGPIPE, SIG_DFL);
}
