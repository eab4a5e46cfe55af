/*
 * latency - how long a pipeline takes to answer, under a steady load
 *
 *   latency [-r RECORDS_A_SECOND] [-s SECONDS] [-w WINDOW_MS] TO FROM
 *
 * Writes records to the named pipe TO, with the wall clock as event time, and reads from FROM the
 * results of tumbling windows of WINDOW_MS.  A window can close as soon as the first record behind
 * its end is read: the time from the write of that record to the read of the result is a sample.
 * Prints one JSON object.  Any record-a-line pipeline that counts by window can stand between.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TICK_NS = 100000, BATCH_MAX = 200, RECORD_MAX = 512, WARM_UP_MS = 500 };

struct load {
	int64_t  begin_ms;        /* event time of window 0's start */
	int64_t  window_ms;
	uint64_t records_a_tick;
	uint64_t written;
	size_t   windows;
	int64_t *due_ns;          /* when the record was written that closes a window; 0: not yet */
	int64_t *late_ns;         /* the samples */
	size_t   samples;
	char     line[65536];     /* results, read so far */
	size_t   line_n;
};

static int64_t
now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno != EINTR)
			err(1, "write");
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
}

/* One tick's records, all at one time: those of a batch that is written at once. */
static void
write_tick(struct load *l, int fd)
{
	char    text[BATCH_MAX * RECORD_MAX];
	size_t  n = 0;
	int64_t at_ms = now_ns(CLOCK_REALTIME) / 1000000;
	int64_t closes = (at_ms - l->begin_ms) / l->window_ms - 1;

	for (uint64_t i = 0; i < l->records_a_tick; i++, l->written++)
		n += (size_t)snprintf(text + n, RECORD_MAX,
		                      "{\"at\":%" PRId64 ",\"id\":\"%016" PRIx64 "\","
		                      "\"user\":\"user%" PRIu64 "\",\"note\":\"%0160d\"}\n",
		                      at_ms, l->written, l->written % 10000, 0);
	for (int64_t w = closes; w >= 0 && (size_t)w < l->windows && l->due_ns[w] == 0; w--)
		l->due_ns[w] = now_ns(CLOCK_MONOTONIC);
	write_all(fd, text, n);
}

/* A result's window start is all that is looked at. */
static void
take_result(struct load *l, const char *line, int64_t read_ns)
{
	const char *start = strstr(line, "\"start\":");
	int64_t     w;

	if (start == NULL)
		return;
	w = (strtoll(start + 8, NULL, 10) - l->begin_ms) / l->window_ms;
	if (w < WARM_UP_MS / l->window_ms || (size_t)w >= l->windows || l->due_ns[w] == 0)
		return;
	if (l->due_ns[w] == INT64_MAX)
		errx(1, "a second result of one window: is there more than one key?");
	l->late_ns[l->samples++] = read_ns - l->due_ns[w];
	l->due_ns[w] = INT64_MAX;
}

/* False at the end of the pipeline's output. */
static int
read_results(struct load *l, int fd)
{
	ssize_t n = read(fd, l->line + l->line_n, sizeof(l->line) - 1 - l->line_n);
	int64_t read_ns = now_ns(CLOCK_MONOTONIC);
	char   *line = l->line, *end;

	if (n < 0)
		err(1, "read");
	l->line[l->line_n + (size_t)n] = '\0';
	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		take_result(l, line, read_ns);
	}
	l->line_n = strlen(line);
	memmove(l->line, line, l->line_n);
	return n > 0;
}

static void
run(struct load *l, int to, int from, int64_t seconds)
{
	int64_t       tick_ns = now_ns(CLOCK_MONOTONIC), end_ns = tick_ns + seconds * 1000000000;
	struct pollfd p = { .fd = from, .events = POLLIN };

	while (tick_ns < end_ns) {
		int64_t         left_ns = tick_ns - now_ns(CLOCK_MONOTONIC);
		struct timespec wait = { 0, left_ns > 0 ? left_ns : 0 };

		if (ppoll(&p, 1, &wait, NULL) > 0 && !read_results(l, from))
			errx(1, "the pipeline has left");
		if (now_ns(CLOCK_MONOTONIC) >= tick_ns) {
			write_tick(l, to);
			tick_ns += TICK_NS;
		}
	}
	close(to);
	while (read_results(l, from))
		continue;
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static double
quantile_us(const struct load *l, double q)
{
	return (double)l->late_ns[(size_t)((double)(l->samples - 1) * q)] / 1000.0;
}

static int
open_pipe(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		err(2, "%s", path);
	return fd;
}

int
main(int argc, char **argv)
{
	struct load l = { .window_ms = 10 };
	int64_t     rate = 100000, seconds = 5;
	int         c, to, from;

	while ((c = getopt(argc, argv, "r:s:w:")) != -1) {
		switch (c) {
		case 'r': rate = strtoll(optarg, NULL, 10); break;
		case 's': seconds = strtoll(optarg, NULL, 10); break;
		case 'w': l.window_ms = strtoll(optarg, NULL, 10); break;
		default: return 2;
		}
	}
	l.records_a_tick = (uint64_t)rate / (1000000000 / TICK_NS);
	if (argc - optind != 2 || seconds < 1 || l.window_ms < 1)
		errx(2, "usage: latency [-r RECORDS_A_SECOND] [-s SECONDS] [-w WINDOW_MS] TO FROM");
	if (l.records_a_tick < 1 || l.records_a_tick > BATCH_MAX)
		errx(2, "-r: from 10000 to 2000000");
	signal(SIGPIPE, SIG_IGN);
	to = open_pipe(argv[optind], O_WRONLY);
	from = open_pipe(argv[optind + 1], O_RDONLY);

	l.begin_ms = now_ns(CLOCK_REALTIME) / 1000000 / l.window_ms * l.window_ms;
	l.windows = (size_t)(seconds * 1000 / l.window_ms + 1);
	l.due_ns = calloc(l.windows, sizeof(*l.due_ns));
	l.late_ns = calloc(l.windows, sizeof(*l.late_ns));
	if (l.due_ns == NULL || l.late_ns == NULL)
		err(1, "calloc");
	run(&l, to, from, seconds);
	if (l.samples == 0)
		errx(1, "no results came");
	qsort(l.late_ns, l.samples, sizeof(*l.late_ns), by_value);
	printf("{\"records\":%" PRIu64 ",\"samples\":%zu,", l.written, l.samples);
	printf("\"p50_us\":%.1f,\"p99_us\":%.1f,", quantile_us(&l, 0.5), quantile_us(&l, 0.99));
	printf("\"max_us\":%.1f}\n", quantile_us(&l, 1.0));
	free(l.due_ns);
	free(l.late_ns);
	return 0;
}
