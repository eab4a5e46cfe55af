/* harness - the command line, the jobs, the sum */
#include "harness.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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
	unsigned    failed;
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
	jobs_begin();
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
	failed = jobs_end();
	remove_tree(conf.work);
	return failed > 0;
}
