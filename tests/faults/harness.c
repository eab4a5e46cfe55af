/* harness - the command line, the jobs, the sum */
#include "harness.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { JOBS_MOST = 16 };

static struct sum {
	unsigned passed, failed;
} *sum;

_Noreturn void
die(const char *what)
{
	fprintf(stderr, "faults: %s: %s\n", what, strerror(errno));
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
in_parallel(const struct conf *conf, void (*work)(const struct conf *, unsigned job))
{
	pid_t pids[JOBS_MOST];

	fflush(NULL);
	for (unsigned i = 0; i < conf->jobs; i++) {
		if ((pids[i] = fork()) == -1)
			die("fork");
		if (pids[i] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			work(conf, i);
			fflush(NULL);
			_exit(0);
		}
	}
	for (unsigned i = 0; i < conf->jobs; i++) {
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

static const char usage[] =
    "usage: faults --bin DIR --inject LIBRARY --data DIR [--faults] [--power] [--brief] [--line NAME] [--case NAME]\n"
    "              [--seed S] [--jobs N]\n"
    "--faults   each call of each process fails, comes short, is interrupted\n"
    "--power    the power goes after each change of a file\n"
    "--brief    some of them; --case: that one alone, as a failure names it\n"
    "The commands in DIR must be a debug build.\n";

static _Noreturn void
refuse(void)
{
	fputs(usage, stderr);
	exit(2);
}

int
main(int argc, char **argv)
{
	enum { BIN, INJECT, DATA, FAULTS, POWER, BRIEF, LINE, CASE, SEED, JOBS };
	static const struct option options[] = {
		{ "bin", 1, NULL, BIN }, { "inject", 1, NULL, INJECT }, { "data", 1, NULL, DATA }, { "faults", 0, NULL, FAULTS },
		{ "power", 0, NULL, POWER }, { "brief", 0, NULL, BRIEF }, { "line", 1, NULL, LINE }, { "case", 1, NULL, CASE },
		{ "seed", 1, NULL, SEED }, { "jobs", 1, NULL, JOBS }, { NULL, 0, NULL, 0 }
	};
	struct conf conf = { .jobs = 2, .seed = 1 };
	const char *tmp = getenv("TMPDIR"), *data = NULL;
	bool        faults = false, power = false;
	int         c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case BIN:    conf.bin = realpath(optarg, NULL); break;
		case INJECT: conf.inject = realpath(optarg, NULL); break;
		case DATA:   data = optarg; break;
		case FAULTS: faults = true; break;
		case POWER:  power = true; break;
		case BRIEF:  conf.brief = true; break;
		case LINE:   conf.only = optarg; break;
		case CASE:   conf.again = optarg; break;
		case SEED:   conf.seed = strtoull(optarg, NULL, 10); break;
		case JOBS:   conf.jobs = (unsigned)strtoul(optarg, NULL, 10); break;
		default:     refuse();
		}
	}
	if (optind < argc || conf.bin == NULL || conf.inject == NULL || data == NULL || conf.jobs < 1 || conf.jobs > JOBS_MOST)
		refuse();
	sum = shared(sizeof(*sum));
	snprintf(conf.flights, sizeof(conf.flights), "%s/flights.ndjson", data);
	/* In memory if we may, which also never gives the number of an inode twice. */
	if (tmp == NULL)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(conf.work, sizeof(conf.work), "%s/stream-faults.XXXXXX", tmp);
	if (mkdtemp(conf.work) == NULL)
		die(conf.work);
	unsetenv("STREAM_CRASH");
	unsetenv("STATE_DIRECTORY");
	unsetenv("STREAM_CHECKPOINT");
	if (faults)
		faults_run(&conf);
	if (power)
		power_run(&conf);
	printf("1..%u\n# %u passed, %u failed\n", sum->passed + sum->failed, sum->passed, sum->failed);
	remove_tree(conf.work);
	return sum->failed > 0;
}
