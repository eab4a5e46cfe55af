/* leash - a limit to work that somebody else's code does */
#include "io/leash.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

enum { TICK_MS = 100 };

struct leash {
	struct leash_conf     conf;
	timer_t               timer;
	long                  page_bytes;
	volatile sig_atomic_t works;
	volatile sig_atomic_t is_new;        /* begun since the last tick */
	volatile sig_atomic_t verdict;

	/* The handler's own. */
	unsigned              worked_ms, stopped_ms;
	uint64_t              memory_at_start;
};

/* What the process has in memory, in bytes: the second number of the file.  0: nobody knows. */
static uint64_t
memory_now(const struct leash *w)
{
	char     text[200];
	char    *p = text, *end;
	int      fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	ssize_t  n = fd == -1 ? -1 : read(fd, text, sizeof(text) - 1);
	uint64_t pages = 0;

	if (fd != -1)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	for (int i = 0; i < 2; i++, p = end) {
		pages = strtoull(p, &end, 10);
		if (end == p)
			return 0;
	}
	return pages * (uint64_t)w->page_bytes;
}

/* The library does not come back from a single step: nothing of ours can run any more. */
static _Noreturn void
leave(const struct leash *w)
{
	static const char words[] = ": does not come back from one step of an expression\n";
	char   text[300];
	size_t n = strlen(program_invocation_short_name), m = strlen(w->conf.name);

	if (n > 100)
		n = 100;
	if (m > 100)
		m = 100;
	memcpy(text, program_invocation_short_name, n);
	memcpy(text + n, ": ", 2);
	memcpy(text + n + 2, w->conf.name, m);
	memcpy(text + n + 2 + m, words, sizeof(words));
	if (write(STDERR_FILENO, text, n + 2 + m + sizeof(words) - 1) == -1)
		_exit(1);
	_exit(1);
}

static void
look(struct leash *w)
{
	uint64_t now;

	if (w->verdict != LEASH_GOOD) {
		w->stopped_ms += TICK_MS;
		if (w->stopped_ms >= w->conf.grace_ms || memory_now(w) > w->memory_at_start + 2 * w->conf.memory_bytes)
			leave(w);
		return;
	}
	w->worked_ms += TICK_MS;
	now = memory_now(w);
	if (w->worked_ms >= w->conf.cpu_ms)
		w->verdict = LEASH_TOO_LONG;
	else if (now > w->memory_at_start + w->conf.memory_bytes)
		w->verdict = LEASH_TOO_LARGE;
	if (w->verdict != LEASH_GOOD)
		w->conf.stop(w->conf.cookie);
}

static void
tick(int sig, siginfo_t *info, void *context)
{
	struct leash *w = info->si_value.sival_ptr;
	int           saved = errno;

	(void)sig;
	(void)context;
	if (info->si_code != SI_TIMER)
		return;
	if (w->works && w->is_new) {
		w->is_new = 0;
		w->worked_ms = w->stopped_ms = 0;
		w->memory_at_start = memory_now(w);
	} else if (w->works) {
		look(w);
	}
	errno = saved;
}

struct leash *
leash_new(const struct leash_conf *conf, struct err *err)
{
	struct leash     *w = alloc_zeroed(1, sizeof(*w));
	struct sigaction  act = { .sa_sigaction = tick, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigevent   event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGVTALRM, .sigev_value = { .sival_ptr = w } };
	struct itimerspec each = { { 0, TICK_MS * 1000000L }, { 0, TICK_MS * 1000000L } };

	w->conf = *conf;
	w->page_bytes = sysconf(_SC_PAGESIZE);
	sigemptyset(&act.sa_mask);
	if (sigaction(SIGVTALRM, &act, NULL) == -1 || timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &w->timer) == -1) {
		err_sys(err, "a timer");
		free(w);
		return NULL;
	}
	if (timer_settime(w->timer, 0, &each, NULL) == -1) {
		err_sys(err, "a timer");
		leash_free(w);
		return NULL;
	}
	return w;
}

/* A signal that is on its way must not find it: it is let in first. */
void
leash_free(struct leash *w)
{
	sigset_t       set, old;
	struct timespec none = { 0, 0 };

	if (w == NULL)
		return;
	w->works = 0;
	sigemptyset(&set);
	sigaddset(&set, SIGVTALRM);
	sigprocmask(SIG_BLOCK, &set, &old);
	timer_delete(w->timer);
	while (sigtimedwait(&set, NULL, &none) == -1 && errno == EINTR)
		;
	sigprocmask(SIG_SETMASK, &old, NULL);
	free(w);
}

void
leash_begin(struct leash *w)
{
	w->verdict = LEASH_GOOD;
	w->is_new = 1;
	w->works = 1;
}

enum leash_verdict
leash_end(struct leash *w)
{
	w->works = 0;
	return (enum leash_verdict)w->verdict;
}
