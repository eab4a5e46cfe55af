/* jobs - what the harnesses that kill and cut share */
#include "jobs.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sum {
	unsigned passed, failed;
} *sum;

_Noreturn void
die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, strerror(errno));
	exit(2);
}

static void
say(const char *begin, const char *fmt, va_list ap)
{
	char line[6000];

	vsnprintf(line, sizeof(line), fmt, ap);
	printf("%s%s\n", begin, line);
	fflush(stdout);                      /* lines of several jobs do not mix: each is one write */
}

void
report(bool ok, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	__atomic_fetch_add(ok ? &sum->passed : &sum->failed, 1, __ATOMIC_SEQ_CST);
	say(ok ? "ok - " : "not ok - ", fmt, ap);
	va_end(ap);
}

void
note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say("# ", fmt, ap);
	va_end(ap);
}

void *
shared(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

void
jobs_begin(void)
{
	sum = shared(sizeof(*sum));
}

unsigned
jobs_end(void)
{
	printf("1..%u\n# %u passed, %u failed\n", sum->passed + sum->failed, sum->passed, sum->failed);
	return sum->failed;
}

void
in_parallel(const struct conf *conf, unsigned n, void (*work)(const struct conf *, unsigned job))
{
	pid_t pids[JOBS_MOST];

	if (n > JOBS_MOST)
		n = JOBS_MOST;
	fflush(NULL);
	for (unsigned i = 0; i < n; i++) {
		if ((pids[i] = fork()) == -1)
			die("fork");
		if (pids[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			work(conf, i);
			fflush(NULL);
			_exit(0);
		}
	}
	for (unsigned i = 0; i < n; i++) {
		int status;

		if (waitpid(pids[i], &status, 0) == -1 || status != 0)
			report(false, "job %u of the harness broke off", i);
	}
}

uint64_t
chance_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

unsigned
chance_below(uint64_t *state, unsigned n)
{
	return n == 0 ? 0 : (unsigned)(chance_next(state) % n);
}
