/*
 * broker - topics as input and output, and a broker that is killed like anything else
 *
 * The broker is tests/kafka/broker's, and shared by all jobs.  Who reads from it by kcat, or makes a topic, holds off
 * those who want to kill it (flock); pipelines do not: they have to live with it.
 */
#include "crash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { PARTITIONS = 4, TRIES = 5 };

/* Of all jobs: odd while the broker is away. */
static uint64_t *generation;

static char address[64];

/* Nothing disturbs the broker until it is closed; or, EXCLUSIVE, nobody minds that it is disturbed. */
static int
hold(const struct conf *conf, bool exclusive)
{
	char path[PATH_BYTES];
	int  fd;

	snprintf(path, sizeof(path), "%s/broker.lock", conf->work);
	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) == -1 || flock(fd, exclusive ? LOCK_EX : LOCK_SH) == -1) {
		perror(path);
		exit(2);
	}
	return fd;
}

/* Until it succeeds: a broker that has just come back may not have all its topics yet. */
static bool
tell(const struct conf *conf, const char *fmt, ...)
{
	char    command[PATH_BYTES * 3];
	va_list ap;
	int     fd = hold(conf, false), status = -1;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	for (int tries = 0; status != 0 && tries < TRIES; tries++)
		status = system(command);
	close(fd);
	return status == 0;
}

/*
 * Each flight twice, the second time five hundred flights later; by carrier, so that a key's order is its partition's.
 */
#define FLIGHTS_TWICE \
	"awk '{ held[NR] = $0; print } NR > 500 { print held[NR - 500]; delete held[NR - 500] } " \
	"END { for (i = NR - 499; i <= NR; i++) print held[i] }' '%s' | sed -E 's/.*\"carrier\":\"([^\"]*)\".*/\\1\\t&/'"

void
broker_prepare(struct conf *conf)
{
	char  command[300];
	FILE *f;

	if (conf->kafka == NULL)
		return;
	generation = shared(sizeof(*generation));
	snprintf(command, sizeof(command), "'%s/broker' start && '%s/broker' address", conf->kafka, conf->kafka);
	if ((f = popen(command, "r")) == NULL || fgets(address, sizeof(address), f) == NULL || pclose(f) != 0) {
		fprintf(stderr, "crash: no broker\n");
		exit(2);
	}
	address[strcspn(address, "\n")] = '\0';
	if (!tell(conf, "'%s/kafka-admin' %s create in-%d %d", conf->bin, address, (int)getpid(), PARTITIONS) ||
	    !tell(conf, FLIGHTS_TWICE " | kcat -q -b %s -P -t in-%d -K '\\t'", conf->input[INPUT_FLIGHTS], address, (int)getpid())) {
		fprintf(stderr, "crash: no topic\n");
		exit(2);
	}
	snprintf(conf->topic, sizeof(conf->topic), "%d", (int)getpid());
}

const char *
broker_argument(const struct trial *t, const char *arg, char *room, size_t size)
{
	if (strncmp(arg, TOPIC_IN, strlen(TOPIC_IN)) == 0) {
		snprintf(room, size, "kafka://%s/in-%s%s", address, t->conf->topic, arg + strlen(TOPIC_IN));
		return room;
	}
	if (strncmp(arg, TOPIC_OUT, strlen(TOPIC_OUT)) == 0) {
		snprintf(room, size, "kafka://%s/%s%s", address, t->topic, arg + strlen(TOPIC_OUT));
		return room;
	}
	return arg;
}

void
broker_begin(struct trial *t)
{
	if (!pipeline_writes_topic(t->pipeline))
		return;
	/* A name that nobody had: what is deleted goes later. */
	snprintf(t->topic, sizeof(t->topic), "out-%s-%s-%lld", t->conf->topic, strrchr(t->dir, '/') + 1, (long long)now_us());
	if (!tell(t->conf, "'%s/kafka-admin' %s create %s %d", t->conf->bin, address, t->topic, PARTITIONS))
		trial_fail(t, "no topic %s", t->topic);
}

void
broker_fetch(struct trial *t)
{
	if (!pipeline_writes_topic(t->pipeline))
		return;
	if (!tell(t->conf, "kcat -q -b %s -C -t %s -X isolation.level=read_committed -X fetch.wait.max.ms=10 -o beginning -e -f '%%p\\t%%k\\t%%h\\t%%s\\n' "
	                   "> '%s/%s'", address, t->topic, t->dir, t->pipeline->outputs[0]))
		trial_fail(t, "%s cannot be read", t->topic);
}

void
broker_end(const struct trial *t)
{
	if (!pipeline_writes_topic(t->pipeline))
		return;
	tell(t->conf, "'%s/kafka-admin' %s delete %s", t->conf->bin, address, t->topic);
}

uint64_t
broker_generation(void)
{
	return generation == NULL ? 0 : __atomic_load_n(generation, __ATOMIC_SEQ_CST);
}

bool
broker_is_away(void)
{
	return broker_generation() % 2 == 1;
}

bool
broker_restart(struct trial *t)
{
	char command[PATH_BYTES * 2];
	int  fd = hold(t->conf, true), status;

	__atomic_fetch_add(generation, 1, __ATOMIC_SEQ_CST);
	snprintf(command, sizeof(command), "'%s/broker' kill && '%s/broker' start", t->conf->kafka, t->conf->kafka);
	status = system(command);
	__atomic_fetch_add(generation, 1, __ATOMIC_SEQ_CST);
	close(fd);
	if (status != 0)
		trial_fail(t, "the broker does not come back");
	return status == 0;
}
