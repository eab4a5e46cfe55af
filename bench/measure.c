/*
 * measure - runs a pipeline, without a shell, and says what each stage of it cost
 *
 *   measure [-i INPUT] [-o OUTPUT] [-t SECONDS] -- COMMAND ARG… :: COMMAND ARG… :: …
 *
 * Prints one JSON object: wall seconds from before the first fork to after the last exit, and by
 * stage CPU seconds (user and system), peak resident KiB and exit status (128 + n: killed by n).
 * The pipeline's input and output are /dev/null unless given.  A stage that runs longer than
 * -t seconds (600) is ended.
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
		errx(2, "usage: measure [-i FILE] [-o FILE] [-t SECONDS] -- COMMAND [:: COMMAND]…");
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

/* True if each stage ended with 0. */
static int
print(const struct pipeline *p, double wall_s)
{
	int good = 1;

	printf("{\"wall_s\":%.6f,\"stages\":[", wall_s);
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

int
main(int argc, char **argv)
{
	const char     *in = "/dev/null", *out = "/dev/null";
	struct pipeline p = { .count = 0 };
	unsigned        limit_s = 600;
	double          begin_s;
	int             in_fd, out_fd, c;

	while ((c = getopt(argc, argv, "+i:o:t:")) != -1) {
		switch (c) {
		case 'i': in = optarg; break;
		case 'o': out = optarg; break;
		case 't': limit_s = (unsigned)strtoul(optarg, NULL, 10); break;
		default: return 2;
		}
	}
	split(&p, argv + optind);
	in_fd = open_or_leave(in, O_RDONLY);
	out_fd = open_or_leave(out, O_WRONLY | O_CREAT | O_TRUNC);
	begin_s = now_s();
	start_all(&p, in_fd, out_fd, limit_s);
	wait_all(&p);
	return print(&p, now_s() - begin_s) ? 0 : 1;
}
