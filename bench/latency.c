/*
 * latency - how long a pipeline takes to answer, under a steady load
 *
 *   latency [-e] [-r RECORDS_A_SECOND] [-s SECONDS] [-w WINDOW_MS] TO FROM
 *
 * Writes records to TO and reads from FROM the results of tumbling windows of WINDOW_MS: named pipes, or files, of which
 * TO is appended to and FROM followed.  The load is open: each record has its moment in a schedule made beforehand, which
 * is its event time, too, and neither waits for the pipeline.  A window can close as soon as the first record behind its
 * end is there: the time from the moment at which that was to be written to the read of the result is a sample.  So
 * what waits because the pipeline, or this program, was held up counts in full (no coordinated omission).
 * Prints one JSON object, with all samples in it.  Any record-a-line pipeline that counts by window can stand between.
 * -e: what stands between only echoes, as cat does.  The first record behind a window's end is its answer, and any line
 * that goes in comes out: that is what pipes alone cost.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TICK_NS = 100000, TICKS_A_MS = 10, WARM_UP_MS = 500, LINGER_MS = 500, NS_A_MS = 1000000 };

/* Digits are filled in at AT_PLACE, ID_PLACE and USER_PLACE. */
static const char record_form[] =
	"{\"at\":0000000000000,\"id\":\"0000000000000000\",\"user\":\"user0000\",\"note\":\""
	"................................................................................"
	"................................................................................\"}\n";
enum { AT_PLACE = 6, AT_DIGITS = 13, ID_PLACE = 26, ID_DIGITS = 16, USER_PLACE = 56, USER_DIGITS = 4 };

struct load {
	int64_t  start_ns;        /* when the first tick is due */
	int64_t  begin_ms;        /* its event time, the start of window 0 */
	int64_t  window_ms;
	uint64_t records_a_tick;
	uint64_t made;            /* records */
	char    *owed;            /* made, but not taken by the pipeline yet */
	size_t   owed_from, owed_to, owed_cap;
	size_t   windows;
	bool    *answered;        /* of each window: its result has come */
	bool     is_echo;         /* what comes back is what was sent */
	int64_t *late_ns;         /* the samples */
	size_t   samples;
	char     line[65536];     /* results, read so far */
	size_t   line_n;
};

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
put_digits(char *to, int n, uint64_t v)
{
	while (n-- > 0) {
		to[n] = (char)('0' + v % 10);
		v /= 10;
	}
}

/* The records of a tick, all of one time. */
static void
make_tick(struct load *l, uint64_t tick)
{
	enum { RECORD = sizeof(record_form) - 1 };
	uint64_t at_ms = (uint64_t)l->begin_ms + tick / TICKS_A_MS;

	if (l->owed_from == l->owed_to)
		l->owed_from = l->owed_to = 0;
	if (l->owed_cap - l->owed_to < l->records_a_tick * RECORD) {
		l->owed_cap = 2 * l->owed_cap + l->records_a_tick * RECORD;
		if ((l->owed = realloc(l->owed, l->owed_cap)) == NULL)
			err(1, "realloc");
	}
	for (uint64_t i = 0; i < l->records_a_tick; i++, l->made++) {
		char *to = l->owed + l->owed_to;

		memcpy(to, record_form, RECORD);
		put_digits(to + AT_PLACE, AT_DIGITS, at_ms);
		put_digits(to + ID_PLACE, ID_DIGITS, l->made);
		put_digits(to + USER_PLACE, USER_DIGITS, l->made % 10000);
		l->owed_to += RECORD;
	}
}

static void
write_owed(struct load *l, int fd)
{
	while (l->owed_from < l->owed_to) {
		ssize_t n = write(fd, l->owed + l->owed_from, l->owed_to - l->owed_from);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 && errno != EINTR)
			err(1, "write");
		l->owed_from += n > 0 ? (size_t)n : 0;
	}
}

/* Which window the line answers; -1: none.  Of a result its start is all that is looked at. */
static int64_t
window_of(const struct load *l, const char *line)
{
	const char *at;

	if (l->is_echo)
		return (at = strstr(line, "\"at\":")) == NULL ? -1 : (strtoll(at + 5, NULL, 10) - l->begin_ms) / l->window_ms - 1;
	return (at = strstr(line, "\"start\":")) == NULL ? -1 : (strtoll(at + 8, NULL, 10) - l->begin_ms) / l->window_ms;
}

static void
take_result(struct load *l, const char *line, int64_t read_ns)
{
	int64_t w = window_of(l, line);

	if (w < 0 || (size_t)w >= l->windows || (l->is_echo && l->answered[w]))
		return;
	if (l->answered[w])
		errx(1, "a second result of one window: is there more than one key?");
	l->answered[w] = true;
	if (w * l->window_ms >= WARM_UP_MS)
		l->late_ns[l->samples++] = read_ns - (l->start_ns + (w + 1) * l->window_ms * NS_A_MS);
}

/* All that is there.  False at the end of it. */
static bool
read_results(struct load *l, int fd)
{
	for (;;) {
		ssize_t n = read(fd, l->line + l->line_n, sizeof(l->line) - 1 - l->line_n);
		int64_t read_ns = now_ns();
		char   *line = l->line, *end;

		if (n < 0 && errno == EAGAIN)
			return true;
		if (n < 0)
			err(1, "read");
		if (n == 0)
			return false;
		l->line[l->line_n + (size_t)n] = '\0';
		for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
			*end = '\0';
			take_result(l, line, read_ns);
		}
		l->line_n = strlen(line);
		memmove(l->line, line, l->line_n);
	}
}

struct ends {
	int  to, from;
	int  watch;               /* of a file FROM; else -1 */
	bool to_is_file;
};

static void
wait_and_read(struct load *l, const struct ends *e, int64_t until_ns)
{
	int64_t         left_ns = until_ns - now_ns();
	struct timespec wait = { 0, left_ns > 0 ? left_ns : 0 };
	struct pollfd   p[2] = {
		{ .fd = e->watch != -1 ? e->watch : e->from, .events = POLLIN },
		{ .fd = l->owed_from < l->owed_to ? e->to : -1, .events = POLLOUT },
	};
	char events[4096];

	if (ppoll(p, 2, &wait, NULL) > 0 && p[0].revents != 0) {
		if (e->watch != -1 && read(e->watch, events, sizeof(events)) < 0)
			err(1, "inotify");
		if (!read_results(l, e->from) && e->watch == -1)
			errx(1, "the pipeline has left");
	}
	write_owed(l, e->to);
}

static void
run(struct load *l, const struct ends *e, int64_t seconds)
{
	uint64_t tick = 0, ticks = (uint64_t)seconds * 1000 * TICKS_A_MS;

	l->start_ns = now_ns();
	while (tick < ticks) {
		for (; tick < ticks && now_ns() >= l->start_ns + (int64_t)tick * TICK_NS; tick++)
			make_tick(l, tick);
		write_owed(l, e->to);
		wait_and_read(l, e, l->start_ns + (int64_t)tick * TICK_NS);
	}
	while (l->owed_from < l->owed_to)
		wait_and_read(l, e, now_ns() + TICK_NS);
	if (e->to_is_file) {
		int64_t until_ns = now_ns() + LINGER_MS * NS_A_MS;

		while (now_ns() < until_ns)
			wait_and_read(l, e, now_ns() + NS_A_MS);
		return;
	}
	close(e->to);
	fcntl(e->from, F_SETFL, 0);
	while (read_results(l, e->from))
		continue;
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
print_all(const struct load *l, int64_t rate)
{
	printf("{\"rate\":%" PRId64 ",\"records\":%" PRIu64 ",\"samples\":%zu,\"late_us\":[", rate, l->made, l->samples);
	for (size_t i = 0; i < l->samples; i++)
		printf("%s%.1f", i == 0 ? "" : ",", (double)l->late_ns[i] / 1000.0);
	printf("]}\n");
}

static void
open_ends(struct ends *e, const char *to, const char *from)
{
	struct stat st;

	if ((e->to = open(to, O_WRONLY | O_APPEND | O_CLOEXEC)) < 0 || fstat(e->to, &st) != 0)
		err(2, "%s", to);
	e->to_is_file = S_ISREG(st.st_mode);
	if ((e->from = open(from, O_RDONLY | O_CLOEXEC)) < 0 || fstat(e->from, &st) != 0)
		err(2, "%s", from);
	fcntl(e->to, F_SETFL, O_NONBLOCK | O_APPEND);
	fcntl(e->from, F_SETFL, O_NONBLOCK);
	e->watch = -1;
	if (!S_ISREG(st.st_mode))
		return;
	if ((e->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) < 0 || inotify_add_watch(e->watch, from, IN_MODIFY) < 0)
		err(2, "%s", from);
}

int
main(int argc, char **argv)
{
	struct load l = { .window_ms = 10, .begin_ms = 1700000000000 };
	struct ends e;
	int64_t     rate = 100000, seconds = 5;
	int         c;

	while ((c = getopt(argc, argv, "er:s:w:")) != -1) {
		switch (c) {
		case 'e': l.is_echo = true; break;
		case 'r': rate = strtoll(optarg, NULL, 10); break;
		case 's': seconds = strtoll(optarg, NULL, 10); break;
		case 'w': l.window_ms = strtoll(optarg, NULL, 10); break;
		default: return 2;
		}
	}
	l.records_a_tick = (uint64_t)rate / (1000000000 / TICK_NS);
	if (argc - optind != 2 || seconds < 1 || l.window_ms < 1)
		errx(2, "usage: latency [-e] [-r RECORDS_A_SECOND] [-s SECONDS] [-w WINDOW_MS] TO FROM");
	if (l.records_a_tick < 1 || rate > 10000000)
		errx(2, "-r: from 10000 to 10000000");
	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_TIMERSLACK, 1);             /* the schedule is kept to a little more than 50 µs */
	open_ends(&e, argv[optind], argv[optind + 1]);

	l.begin_ms = l.begin_ms / l.window_ms * l.window_ms;
	l.windows = (size_t)(seconds * 1000 / l.window_ms);
	l.answered = calloc(l.windows, sizeof(*l.answered));
	l.late_ns = calloc(l.windows, sizeof(*l.late_ns));
	if (l.answered == NULL || l.late_ns == NULL)
		err(1, "calloc");
	run(&l, &e, seconds);
	if (l.samples == 0)
		errx(1, "no results came");
	qsort(l.late_ns, l.samples, sizeof(*l.late_ns), by_value);
	print_all(&l, rate);
	free(l.owed);
	free(l.answered);
	free(l.late_ns);
	return 0;
}
