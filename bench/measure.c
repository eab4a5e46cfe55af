/*
 * measure - runs a pipeline, without a shell, and says what each stage of it cost
 *
 *   measure [-i INPUT] [-o OUTPUT] [-q SECONDS] [-t SECONDS] -- COMMAND ARG… :: COMMAND ARG… :: …
 *
 * Prints one JSON object: wall seconds from before the first fork to after the last exit, and by
 * stage CPU seconds (user and system), peak resident KiB and exit status (128 + n: killed by n).
 * The pipeline's input and output are /dev/null unless given.  A stage that runs longer than
 * -t seconds (600) is ended.
 *
 * Others on the same machine spoil figures.  "others" is how many processors they kept busy
 * meanwhile (null for runs too short to tell); -q waits for a quiet moment before the start, so
 * long at most.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STAGES_MAX = 16 };

#define QUIET_CORES 0.1        /* others that need no more than this do not disturb */
#define TELLING_S   0.1        /* clock ticks are too coarse to tell about shorter runs */

struct stage {
	char        **argv;
	pid_t         pid;
	int           status;
	struct rusage usage;
};

struct pipeline {
	struct stage stage[STAGES_MAX];
	int          count;
};

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Seconds that all processors together have been busy since boot; 0 where that cannot be told. */
static double
busy_s(void)
{
	unsigned long long user = 0, nice = 0, sys = 0, idle, wait, irq = 0, soft = 0, steal = 0;
	FILE              *f = fopen("/proc/stat", "r");
	int                n = 0;

	if (f != NULL) {
		n = fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &sys,
		           &idle, &wait, &irq, &soft, &steal);
		fclose(f);
	}
	if (n != 8)
		return 0;
	return (double)(user + nice + sys + irq + soft + steal) / (double)sysconf(_SC_CLK_TCK);
}

static void
wait_for_quiet(double patience_s)
{
	const struct timespec sample = { 0, 250000000 };
	double                end_s = now_s() + patience_s, busy = 1;

	while (busy > QUIET_CORES * 0.25 && now_s() < end_s) {
		busy = busy_s();
		nanosleep(&sample, NULL);
		busy = busy_s() - busy;
	}
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static int
open_or_leave(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0666);

	if (fd < 0)
		err(2, "%s", path);
	return fd;
}

/* Cuts argv at each "::". */
static void
split(struct pipeline *p, char **argv)
{
	if (*argv == NULL)
		errx(2, "usage: measure [-i FILE] [-o FILE] [-q S] [-t S] -- COMMAND [:: COMMAND]");
	for (p->stage[p->count++].argv = argv; *argv != NULL; argv++) {
		if (strcmp(*argv, "::") != 0)
			continue;
		*argv = NULL;
		if (p->count == STAGES_MAX)
			errx(2, "more than %d stages", STAGES_MAX);
		p->stage[p->count++].argv = argv + 1;
	}
	for (int i = 0; i < p->count; i++)
		if (p->stage[i].argv[0] == NULL)
			errx(2, "stage %d is empty", i + 1);
}

/* The alarm outlives exec: a stage that hangs is ended by its own. */
static void
start(struct stage *s, int in, int out, unsigned limit_s)
{
	s->pid = fork();
	if (s->pid < 0)
		err(2, "fork");
	if (s->pid > 0)
		return;
	alarm(limit_s);
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0)
		_exit(126);
	execvp(s->argv[0], s->argv);
	warn("%s", s->argv[0]);
	_exit(127);
}

static void
start_all(struct pipeline *p, int in, int out, unsigned limit_s)
{
	for (int i = 0; i < p->count; i++) {
		int last = i == p->count - 1, fd[2] = { -1, -1 };

		if (!last && pipe2(fd, O_CLOEXEC) < 0)
			err(2, "pipe");
		start(&p->stage[i], in, last ? out : fd[1], limit_s);
		close(in);
		close(last ? out : fd[1]);
		in = fd[0];
	}
}

static void
wait_all(struct pipeline *p)
{
	for (int i = 0; i < p->count; i++) {
		struct stage *s = &p->stage[i];
		int           status;

		while (wait4(s->pid, &status, 0, &s->usage) < 0)
			if (errno != EINTR)
				err(2, "wait4");
		s->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* OTHERS: how many processors did not work for us.  True if each stage ended with 0. */
static int
print(const struct pipeline *p, double wall_s, double others)
{
	int good = 1;

	printf("{\"wall_s\":%.6f,\"others\":", wall_s);
	if (wall_s < TELLING_S)
		printf("null");
	else
		printf("%.2f", others > 0 ? others : 0);
	printf(",\"stages\":[");
	for (int i = 0; i < p->count; i++) {
		const struct stage *s = &p->stage[i];

		printf("%s{\"command\":\"%s\",", i == 0 ? "" : ",", base_name(s->argv[0]));
		printf("\"user_s\":%.6f,", seconds(s->usage.ru_utime));
		printf("\"sys_s\":%.6f,", seconds(s->usage.ru_stime));
		printf("\"peak_kib\":%ld,\"status\":%d}", s->usage.ru_maxrss, s->status);
		good &= s->status == 0;
	}
	puts("]}");
	return good;
}

static double
cpu_s(const struct pipeline *p)
{
	double sum = 0;

	for (int i = 0; i < p->count; i++)
		sum += seconds(p->stage[i].usage.ru_utime) + seconds(p->stage[i].usage.ru_stime);
	return sum;
}

int
main(int argc, char **argv)
{
	const char     *in = "/dev/null", *out = "/dev/null";
	struct pipeline p = { .count = 0 };
	unsigned        limit_s = 600;
	double          patience_s = 0, begin_s, wall_s, busy;
	int             in_fd, out_fd, c;

	while ((c = getopt(argc, argv, "+i:o:q:t:")) != -1) {
		switch (c) {
		case 'i': in = optarg; break;
		case 'o': out = optarg; break;
		case 'q': patience_s = strtod(optarg, NULL); break;
		case 't': limit_s = (unsigned)strtoul(optarg, NULL, 10); break;
		default: return 2;
		}
	}
	split(&p, argv + optind);
	in_fd = open_or_leave(in, O_RDONLY);
	out_fd = open_or_leave(out, O_WRONLY | O_CREAT | O_TRUNC);
	wait_for_quiet(patience_s);
	busy = busy_s();
	begin_s = now_s();
	start_all(&p, in_fd, out_fd, limit_s);
	wait_all(&p);
	wall_s = now_s() - begin_s;
	busy = busy_s() - busy;
	return print(&p, wall_s, (busy - cpu_s(&p)) / wall_s) ? 0 : 1;
}
