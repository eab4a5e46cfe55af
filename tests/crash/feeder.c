/*
 * feeder - a program that writes a log: a line at a time as it comes, rotated as logrotate does
 *
 * input.ndjson becomes input.ndjson.1 and what was that input.ndjson.2.  The first rotation waits for the first commit:
 * what was rotated away before anybody looked is nobody's.
 */
#include "crash.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LINES_A_ROTATION = 900, LINES_A_WRITE = 30, WRITE_US = 5000, MAX_ROTATIONS = 20 };

static void
rotate(const struct trial *t)
{
	char from[PATH_BYTES + 32], to[PATH_BYTES + 32];

	for (unsigned i = MAX_ROTATIONS; i > 0; i--) {
		snprintf(from, sizeof(from), i == 1 ? "%s/input.ndjson" : "%s/input.ndjson.%u", t->dir, i - 1);
		snprintf(to, sizeof(to), "%s/input.ndjson.%u", t->dir, i);
		rename(from, to);
	}
}

static FILE *
open_log(const struct trial *t)
{
	char  path[PATH_BYTES + 32];
	FILE *f;

	snprintf(path, sizeof(path), "%s/input.ndjson", t->dir);
	if ((f = fopen(path, "a")) == NULL)
		_exit(1);
	return f;
}

/* Half a line now and the rest later: such things happen to followers. */
static void
put(FILE *out, const char *line, bool torn)
{
	size_t n = strlen(line), first = torn ? n / 2 : n;

	fwrite(line, 1, first, out);
	if (torn) {
		fflush(out);
		nap_us(1000);
		fwrite(line + first, 1, n - first, out);
	}
}

static void
write_all(const struct trial *t)
{
	FILE         *in = fopen(t->conf->input[INPUT_GROWING], "r"), *out = open_log(t);
	char         *line = NULL;
	size_t        cap = 0;
	unsigned      n = 0;
	struct commit commit;

	if (in == NULL)
		_exit(1);
	while (getline(&line, &cap, in) != -1) {
		put(out, line, ++n % 500 == 0);
		if (n % LINES_A_WRITE == 0) {
			fflush(out);
			nap_us(WRITE_US);
		}
		if (n % LINES_A_ROTATION != 0)
			continue;
		for (trial_commit(t, &commit); commit.epoch == 0; trial_commit(t, &commit))
			nap_us(WRITE_US);
		fclose(out);
		rotate(t);
		out = open_log(t);
	}
	if (fclose(out) != 0)
		_exit(1);
}

pid_t
feeder_start(const struct trial *t)
{
	pid_t pid;

	if (t->pipeline->input != INPUT_GROWING)
		return 0;
	fclose(open_log(t));                   /* there from the first start on */
	fflush(NULL);
	if ((pid = fork()) != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	write_all(t);
	_exit(0);
}

/* It stays a zombie until feeder_stop. */
bool
feeder_is_through(pid_t pid)
{
	siginfo_t info = { 0 };

	return pid == 0 || (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid);
}

void
feeder_stop(pid_t pid)
{
	int status;

	if (pid == 0)
		return;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}
