/* crash - the command line, the input, and the sum */
#include "crash.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

bool
wanted(const struct conf *conf, const struct pipeline *p)
{
	if (((p->traits & ON_BROKER) != 0) != (conf->kafka != NULL))
		return false;
	return conf->only == NULL || strcmp(conf->only, p->name) == 0;
}

/* The flights, and after each fiftieth a line that is bad in one of the ways there are. */
static void
write_with_bad(const char *from, const char *to)
{
	static const char *const bad[] = {
		"{\"at\":\"not a time\",\"carrier\":\"UA\"}\n",
		"this is no JSON\n",
		"{\"carrier\":\"UA\"}\n",
		"{\"at\":\"2013-01-01T05:17:00-05:00\",\"carrier\":\"UA\",\"dep_delay\":\"late\"}\n",
		"{\"at\":\"2013-01-01T05:17:00-05:00\",\"carrier\":\"\xff\"}\n",
		"{\"at\":\"2013-01-01T05:17:00-05:00\",\"carrier\":{}}\n",
		"\n"
	};
	FILE    *in = fopen(from, "r"), *out = fopen(to, "w");
	char    *line = NULL;
	size_t   cap = 0;
	unsigned n = 0;

	if (in == NULL || out == NULL)
		die(in == NULL ? from : to);
	while (getline(&line, &cap, in) != -1) {
		fputs(line, out);
		if (++n % 50 == 0)
			fputs(bad[n / 50 % (sizeof(bad) / sizeof(bad[0]))], out);
	}
	free(line);
	fclose(in);
	if (fclose(out) != 0)
		die(to);
}

static void
prepare(struct conf *conf, const char *data)
{
	char command[PATH_BYTES * 3], flights[PATH_BYTES];

	snprintf(flights, sizeof(flights), "%s/flights.ndjson", data);
	if (realpath(flights, conf->input[INPUT_FLIGHTS]) == NULL)
		die(flights);
	snprintf(command, sizeof(command), "%s/airlines.ndjson", data);
	if (realpath(command, conf->airlines) == NULL)
		die(command);
	snprintf(conf->input[INPUT_GROWING], PATH_BYTES, "%s", conf->input[INPUT_FLIGHTS]);
	snprintf(conf->input[INPUT_WITH_BAD], PATH_BYTES, "%s/with-bad.ndjson", conf->work);
	write_with_bad(flights, conf->input[INPUT_WITH_BAD]);
	snprintf(conf->input[INPUT_YEAR], PATH_BYTES, "%s/year.ndjson", conf->work);
	snprintf(command, sizeof(command), "zstd -dcq '%s/flights-2013.ndjson.zst' > '%s'", data, conf->input[INPUT_YEAR]);
	if (system(command) != 0)
		die("zstd");
	snprintf(command, sizeof(command), "cd '%s' && mkdir '%s/bin' && for f in stream-* ../kafka-admin; do "
	         "! [ -e $f ] || cp $f '%s/bin/'; done && { ! [ -d ../lib ] || cp -R ../lib '%s/'; }",
	         conf->bin, conf->work, conf->work, conf->work);
	if (system(command) != 0)
		die("cp");
	snprintf(command, sizeof(command), "%s/bin", conf->work);
	conf->bin = strdup(command);
}

static const char usage[] =
    "usage: crash --bin DIR --data DIR [--points [--brief]] [--step STEP] [--rounds N] [--each] [--soak N] [--armed] [--seed S] [--pipeline NAME]\n"
    "             [--jobs N] [--checkpoint-interval DURATION] [--keep] [--kafka DIR]\n"
    "--points   every crash point of every stage once; the commands in DIR must be a debug build.\n"
    "           With --kafka those that only a sink with a topic has\n"
    "--brief    each point once, either the first time it comes or the fourth\n"
    "--rounds   N rounds of random kills, from seed S\n"
    "--each     N rounds of each pipeline, not of all together\n"
    "--soak     N rounds of random kills of pipelines that are drawn, too; round K alone: --soak 1 --seed S+K-1\n"
    "--kafka    pipelines with topics, on the broker that the script DIR/broker starts\n"
    "--armed    in rounds, let some starts end at a random crash point; a debug build again\n";

static void
read_options(struct conf *conf, int argc, char **argv, const char **data)
{
	enum { POINTS, BRIEF, ARMED, EACH, STEP, ROUNDS, SOAK, SEED, JOBS, PIPELINE, INTERVAL, KEEP, BIN, DATA, KAFKA };
	static const struct option options[] = {
		{ "points", 0, NULL, POINTS }, { "brief", 0, NULL, BRIEF }, { "armed", 0, NULL, ARMED }, { "each", 0, NULL, EACH },
		{ "step", 1, NULL, STEP }, { "rounds", 1, NULL, ROUNDS }, { "soak", 1, NULL, SOAK },
		{ "seed", 1, NULL, SEED }, { "jobs", 1, NULL, JOBS },
		{ "pipeline", 1, NULL, PIPELINE }, { "keep", 0, NULL, KEEP },
		{ "checkpoint-interval", 1, NULL, INTERVAL }, { "bin", 1, NULL, BIN }, { "kafka", 1, NULL, KAFKA }, { "data", 1, NULL, DATA },
		{ NULL, 0, NULL, 0 }
	};
	bool     each = false;
	unsigned n = 0;
	int      c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case POINTS:   conf->points = true; break;
		case BRIEF:    conf->brief = true; break;
		case ARMED:    conf->armed = true; break;
		case EACH:     each = true; break;
		case STEP:     conf->step = optarg; break;
		case ROUNDS:   conf->rounds = (unsigned)strtoul(optarg, NULL, 10); break;
		case SOAK:     conf->soak = (unsigned)strtoul(optarg, NULL, 10); break;
		case SEED:     conf->seed = strtoull(optarg, NULL, 10); break;
		case JOBS:     conf->jobs = (unsigned)strtoul(optarg, NULL, 10); break;
		case PIPELINE: conf->only = optarg; break;
		case INTERVAL: conf->interval = optarg; break;
		case KEEP:     conf->keep = true; break;
		case BIN:      conf->bin = realpath(optarg, NULL); break;
		case KAFKA:    conf->kafka = realpath(optarg, NULL); break;
		case DATA:     *data = optarg; break;
		default:
			fputs(usage, stderr);
			exit(2);
		}
	}
	for (const struct pipeline *p = pipelines; p->name != NULL; p++)
		n += wanted(conf, p);
	if (each)
		conf->rounds *= n;
	if (optind < argc || conf->bin == NULL || *data == NULL) {
		fputs(usage, stderr);
		exit(2);
	}
}

int
main(int argc, char **argv)
{
	struct conf conf = { .interval = "5ms", .jobs = 2, .seed = (uint64_t)time(NULL) };
	const char *data = NULL, *tmp = getenv("TMPDIR");
	char        command[PATH_BYTES + 16];
	unsigned    failed;

	read_options(&conf, argc, argv, &data);
	jobs_begin();
	/* In memory if we may: a kill does not ask whether a disk is fast, and epochs are many where fsync is cheap. */
	if (tmp == NULL)
		tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	snprintf(conf.work, sizeof(conf.work), "%s/stream-crash.XXXXXX", tmp);
	if (mkdtemp(conf.work) == NULL)
		die(conf.work);
	unsetenv("STREAM_CHECKPOINT");
	unsetenv("STREAM_CRASH");
	unsetenv("STATE_DIRECTORY");
	prepare(&conf, data);
	broker_prepare(&conf);
	note("seed %llu, --checkpoint-interval %s, %s", (unsigned long long)conf.seed, conf.interval, conf.work);
	if (conf.points)
		points_run(&conf);
	if (conf.rounds > 0)
		rounds_run(&conf);
	if (conf.soak > 0)
		soak_run(&conf);
	failed = jobs_end();
	if (failed == 0 && !conf.keep) {
		snprintf(command, sizeof(command), "rm -rf '%s'", conf.work);
		if (system(command) != 0)
			note("%s stays", conf.work);
	}
	return failed > 0;
}
