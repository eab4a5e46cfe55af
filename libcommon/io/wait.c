/* wait - the one place that blocks */
#include "io/wait.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "io/clock.h"
#include "io/signals.h"

enum { FIRST_PAUSE_MS = 1, LONGEST_PAUSE_MS = 20 };
enum { OUT_PLACE, ROOM_PLACE, IN_PLACE, WATCH_PLACE, N_PLACES = IN_PLACE + 2 * WAIT_MAX };

/* What is left until the deadline; NULL: for ever. */
static const struct timespec *
time_left(int64_t deadline_ms, struct timespec *ts)
{
	int64_t ms;

	if (deadline_ms == CLOCK_NEVER)
		return NULL;
	ms = deadline_ms - clock_mono_ms();
	if (ms < 0)
		ms = 0;
	ts->tv_sec = (time_t)(ms / 1000);
	ts->tv_nsec = (long)(ms % 1000) * 1000000;
	return ts;
}

static unsigned
events_of(const struct pollfd *fds, nfds_t n)
{
	unsigned events = 0;

	if ((fds[OUT_PLACE].revents & (POLLERR | POLLHUP)) != 0)
		events |= WAIT_NO_READER;
	if (fds[ROOM_PLACE].revents != 0)
		events |= WAIT_ROOM;
	for (nfds_t i = IN_PLACE; i < n; i += 2) {
		if (fds[i].revents != 0)
			events |= WAIT_INPUT;
		if (fds[i + WATCH_PLACE - IN_PLACE].revents != 0)
			events |= WAIT_CHANGED;
	}
	return events;
}

static nfds_t
places(const struct wait_for *what, struct pollfd *fds)
{
	nfds_t n = 0;

	fds[n++] = (struct pollfd){ .fd = what->out_fd, .events = 0 };
	fds[n++] = (struct pollfd){ .fd = what->room_fd, .events = POLLOUT };
	for (; what != NULL && n + 2 <= N_PLACES; what = what->also) {
		fds[n++] = (struct pollfd){ .fd = what->in_fd, .events = POLLIN };
		fds[n++] = (struct pollfd){ .fd = what->watch_fd, .events = POLLIN };
	}
	return n;
}

/*
 * The signals are blocked from the look at the flag to ppoll, which lets them in while it waits:
 * one that comes between ends the wait.  Outside, they are never blocked: a second one ends the
 * process wherever it is.
 */
unsigned
wait_any(const struct wait_for *what, bool ignore_stop)
{
	struct pollfd fds[N_PLACES];
	nfds_t          n_fds = places(what, fds);
	struct timespec ts;
	sigset_t        held, was;
	unsigned        events = 0;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	if (what->until_asked) {
		sigaddset(&held, SIGUSR1);
#ifdef SIGINFO
		sigaddset(&held, SIGINFO);
#endif
	}
	sigprocmask(SIG_BLOCK, &held, &was);
	while (events == 0) {
		int n;

		if (!ignore_stop && signals_stop_asked()) {
			events |= WAIT_STOP;
			break;
		}
		if (what->until_asked && signals_is_asked()) {
			events |= WAIT_ASKED;
			break;
		}
		n = ppoll(fds, n_fds, time_left(what->deadline_ms, &ts), &was);
		if (n > 0)
			events |= events_of(fds, n_fds);
		if (what->deadline_ms != CLOCK_NEVER && clock_mono_ms() >= what->deadline_ms)
			events |= WAIT_TIME;
	}
	sigprocmask(SIG_SETMASK, &was, NULL);
	return events;
}

bool
wait_until(int64_t deadline_ms)
{
	struct wait_for what = WAIT_FOR_NOTHING;

	what.deadline_ms = deadline_ms;
	return (wait_any(&what, false) & WAIT_STOP) != 0;
}

unsigned
wait_between_tries(int64_t *pause_ms, int64_t deadline_ms)
{
	int64_t now = clock_mono_ms(), until;

	if (deadline_ms != CLOCK_NEVER && now >= deadline_ms)
		return WAIT_TIME;
	*pause_ms = *pause_ms == 0 ? FIRST_PAUSE_MS : *pause_ms * 2;
	if (*pause_ms > LONGEST_PAUSE_MS)
		*pause_ms = LONGEST_PAUSE_MS;
	until = now + *pause_ms;
	if (deadline_ms != CLOCK_NEVER && until > deadline_ms)
		until = deadline_ms;
	return wait_until(until) ? WAIT_STOP : 0;
}

/* Neither a signal nor a look that failed looks like input: then the read would block. */
bool
wait_is_readable(int in_fd)
{
	struct pollfd fd = { .fd = in_fd, .events = POLLIN };
	int           n;

	do {
		n = poll(&fd, 1, 0);
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

bool
wait_reader_gone(int out_fd)
{
	struct pollfd fd = { .fd = out_fd, .events = 0 };

	return poll(&fd, 1, 0) > 0 && (fd.revents & (POLLERR | POLLHUP)) != 0;
}

int
watch_new(void)
{
	return inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
}

int
watch_path(int watch_fd, const char *path)
{
	unsigned mask = IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_MOVED_TO | IN_MOVE_SELF |
	                IN_DELETE_SELF;

	return inotify_add_watch(watch_fd, path, mask) < 0 ? -1 : 0;
}

void
watch_drain(int watch_fd)
{
	char    events[4096];
	ssize_t n;

	do {
		n = read(watch_fd, events, sizeof(events));
	} while (n > 0 || (n < 0 && errno == EINTR));
}
