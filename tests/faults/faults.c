/*
 * faults - each call of each process fails once
 *
 * The n-th call of a kind in one process fails in a certain way, for n = 1, 2, … until there is none.  Then:
 * nobody hangs or is killed; who fails leaves with the status that its reason has and says so in one line; and
 * the same line, run again, ends with the output of an undisturbed run.  Where nobody failed, the output is
 * that already.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind {
	PASSING,         /* goes away by itself: 75, or nobody minds */
	LASTING,         /* stays until somebody acts: 1, or nobody minds */
	HARMLESS         /* no fault at all: nothing may come of it */
};

static const struct wish {
	const char *call, *how;
	enum kind   kind;
} wishes[] = {
	{ "read", "EIO", PASSING }, { "read", "EINTR", HARMLESS }, { "read", "short", HARMLESS }, { "read", "short+", HARMLESS },
	{ "write", "ENOSPC", PASSING }, { "write", "EIO", PASSING }, { "write", "ENOSPC+", PASSING },
	{ "write", "EINTR", HARMLESS }, { "write", "short", HARMLESS }, { "write", "short+", HARMLESS },
	{ "open", "EMFILE", PASSING }, { "open", "ENOSPC", PASSING }, { "open", "EMFILE+", PASSING },
	{ "open", "EACCES", LASTING }, { "open", "EINTR", PASSING },
	{ "close", "EIO", PASSING }, { "close", "EINTR", HARMLESS },
	{ "rename", "ENOSPC", PASSING }, { "rename", "EIO", PASSING }, { "rename", "EROFS", LASTING },
	{ "unlink", "EIO", PASSING }, { "unlink", "EROFS", LASTING },
	{ "mkdir", "ENOSPC", PASSING }, { "mkdir", "EACCES", LASTING },
	{ "ftruncate", "EIO", PASSING },
	{ "chmod", "EIO", PASSING }, { "chmod", "EPERM", LASTING },
	{ "fsync", "EIO", PASSING }, { "fsync", "ENOSPC", PASSING }, { "fsync", "EIO+", PASSING },
	{ "flock", "ENOLCK", PASSING }, { "flock", "EINTR", HARMLESS },
	{ "fcntl", "EMFILE", PASSING },
	{ "stat", "EIO", PASSING }, { "stat", "EACCES", LASTING },
	{ "lseek", "EIO", PASSING },
	{ "poll", "EINTR", HARMLESS }, { "poll", "ENOMEM", PASSING },
	{ "malloc", "ENOMEM", PASSING }, { "malloc", "ENOMEM+", PASSING },
	{ "mmap", "ENOMEM", PASSING },
	{ "fork", "EAGAIN", PASSING }, { "fork", "ENOMEM", PASSING },
	{ "waitpid", "EINTR", HARMLESS },
	{ "getrandom", "EIO", PASSING },
	{ "inotify", "EMFILE", PASSING },
	{ "vmsplice", "EAGAIN", HARMLESS }, { "vmsplice", "ENOMEM+", HARMLESS }, { "vmsplice", "short+", HARMLESS },
	{ "ioctl", "EIO", PASSING }, { "pipe", "EMFILE", PASSING },
	{ "child-write", "ENOSPC", PASSING }, { "child-write", "short+", HARMLESS }, { "child-fsync", "EIO", PASSING },
	{ "child-malloc", "ENOMEM", PASSING }
};
enum { N_WISHES = sizeof(wishes) / sizeof(wishes[0]), LINES_MOST = 32, FAILURES_MOST = 20, ABORTED = 128 + 6, SEGV = 128 + 11,
       NO_THREAD_MEMORY = 127                 /* the C library ends a process that has no memory for a thread's own data */ };

/* Over all jobs: of each wish, how many times it came true, how often nobody minded, and what failed. */
static struct tally {
	unsigned fired, unminded, failed;
} *tallies;

static unsigned *next_task;

static bool
is_one_line(const char *said)
{
	const char *newline = strchr(said, '\n');

	return said[0] != '\0' && newline != NULL && newline[1] == '\0';
}

/* Where a library stands between, it may be that trying again is all that is left. */
static bool
may_try_again(const struct line *l, const struct wish *w, const char *said)
{
	if ((l->traits & LIBRARY_MINDS) == 0)
		return false;
	if (w->kind == HARMLESS)
		return strcmp(w->call, "close") == 0;
	return strstr(said, "Permission denied") == NULL && strstr(said, "Read-only") == NULL && strstr(said, "not permitted") == NULL;
}

/* What is wrong with the statuses and what was said; NULL: nothing. */
static const char *
wrong_with(const struct place *p, const struct played *d, unsigned stage, const struct wish *w)
{
	int  status = d->status[stage], wanted = w->kind == LASTING ? 1 : 75;
	bool of_child = strncmp(w->call, "child-", 6) == 0;          /* each says it, and the next one may again */

	if (d->hung)
		return "it hung";
	if ((status == ABORTED || status == SEGV || status == NO_THREAD_MEMORY) && (p->line->traits & LIBRARY_ABORTS) != 0 && strcmp(w->call, "malloc") == 0)
		return NULL;
	for (unsigned i = 0; i < d->n; i++)
		if (d->status[i] > 128 && d->status[i] != 141)
			return "killed by a signal";
	if (status == 75 && may_try_again(p->line, w, d->said[stage]))
		wanted = 75;
	else if (w->kind == HARMLESS)
		return played_well(d) ? NULL : "somebody minded";
	if (status != 0 && status != wanted)
		return "the wrong status";
	if (status != 0 && !is_one_line(d->said[stage]))
		return "not one line on stderr";
	/* The others leave in silence where a reader is gone or another one has said why. */
	for (unsigned i = 0; i < d->n; i++) {
		if (d->said[i][0] != '\0' && !is_one_line(d->said[i]) && !of_child)
			return "more than one line on stderr";
		if (d->status[i] != 0 && d->status[i] != 75 && d->status[i] != 141 && d->status[i] != status)
			return "another one has the wrong status";
	}
	return NULL;
}

/* A new folder, or one in which somebody was killed. */
static void
begin(const struct place *p)
{
	struct extra  extras[STAGES_MOST] = { { NULL } };
	struct played killed;

	place_clear(p);
	if (p->line->before == NULL)
		return;
	for (unsigned i = 0; i < STAGES_MOST; i++)
		extras[i].crash = p->line->before;
	play(p, extras, &killed);
}

/* Few make them, and none is to be left out. */
static bool
is_rare(const struct wish *w)
{
	static const char *const rare[] = { "fork", "waitpid", "ftruncate", "vmsplice", "mmap", "ioctl", "pipe", "child-write", "child-fsync", "child-malloc" };

	for (size_t i = 0; i < sizeof(rare) / sizeof(rare[0]); i++)
		if (strcmp(w->call, rare[i]) == 0)
			return true;
	return false;
}

/* The N-th call; false: there is none. */
static bool
one_fault(const struct place *p, unsigned stage, const struct wish *w, struct tally *t, unsigned n)
{
	struct extra  extras[STAGES_MOST] = { { NULL } };
	struct played hurt, again;
	char          fault[64], told[3000], *output;
	const char   *want = reference_output(p->conf, p->line), *wrong;

	snprintf(fault, sizeof(fault), "%s:%u:%s", w->call, n, w->how);
	extras[stage].fault = fault;
	begin(p);
	play(p, extras, &hurt);
	if (!hurt.fired)
		return false;
	wrong = wrong_with(p, &hurt, stage, w);
	played_tell(&hurt, p->line, told, sizeof(told));
	if (wrong == NULL && played_well(&hurt)) {
		output = place_output(p);
		wrong = strcmp(output, want) == 0 ? NULL : "nobody minded, and the output differs";
		free(output);
		__atomic_fetch_add(&t->unminded, 1, __ATOMIC_SEQ_CST);
	}
	if (wrong == NULL && (p->line->traits & NO_CHECKPOINT) == 0) {
		play(p, NULL, &again);
		output = place_output(p);
		wrong = !played_well(&again) ? "run again, it does not end well" : strcmp(output, want) != 0 ?
		        "run again, the output differs" : NULL;
		if (!played_well(&again)) {
			size_t told_n = strlen(told);

			snprintf(told + told_n, sizeof(told) - told_n, " THEN ");
			told_n = strlen(told);
			played_tell(&again, p->line, told + told_n, sizeof(told) - told_n);
		}
		free(output);
	}
	__atomic_fetch_add(&t->fired, 1, __ATOMIC_SEQ_CST);
	if (wrong != NULL && __atomic_fetch_add(&t->failed, 1, __ATOMIC_SEQ_CST) < FAILURES_MOST)
		report(false, "--line %s --case %u:%s: %s: %s", p->line->name, stage, fault, wrong, told);
	return true;
}

/*
 * All of them, but for those of which there are hundreds, or that go on failing: there by steps that grow a little.  In
 * a brief check some: the first, another one, then by steps that grow quickly.
 */
static void
all_faults(const struct place *p, unsigned stage, unsigned wish, unsigned task)
{
	const struct wish *w = &wishes[wish];
	bool               is_malloc = strcmp(w->call, "malloc") == 0;
	bool               brief = p->conf->brief, has_many = is_malloc || strchr(w->how, '+') != NULL;
	unsigned           n = 1;

	while (one_fault(p, stage, w, &tallies[wish], n))
		n = !brief && has_many ? n + 1 + n / 16 : !brief ? n + 1 : n == 1 ? 2 + task % (is_malloc ? 40 : 6) : n * 7;
}

/* "1:write:3:ENOSPC" */
static void
one_case(const struct place *p)
{
	unsigned stage, n;
	char     call[20], how[16];

	if (sscanf(p->conf->again, "%u:%19[^:]:%u:%15s", &stage, call, &n, how) != 4 || stage >= line_stages(p->line))
		die(p->conf->again);
	for (unsigned w = 0; w < N_WISHES; w++)
		if (strcmp(wishes[w].call, call) == 0 && strcmp(wishes[w].how, how) == 0)
			note("%s", one_fault(p, stage, &wishes[w], &tallies[w], n) ? "it came to that" : "there is no such call");
}

/* Tasks are taken as they come: a stage and a wish. */
static void
work(const struct conf *conf, unsigned job)
{
	struct place places[LINES_MOST] = { { NULL } };
	char         name[16];
	unsigned     mine = __atomic_fetch_add(next_task, 1, __ATOMIC_SEQ_CST), task = 0;

	snprintf(name, sizeof(name), "%u", job);
	for (const struct line *l = lines; l->name != NULL; l++) {
		struct place *p = &places[l - lines];

		if (!line_wanted(conf, l))
			continue;
		for (unsigned i = 0; i < line_stages(l) * N_WISHES; i++, task++) {
			if (task != mine)
				continue;
			mine = __atomic_fetch_add(next_task, 1, __ATOMIC_SEQ_CST);
			/* In a brief check every process has half of them, and the next one the other half. */
			if (conf->brief && !is_rare(&wishes[i % N_WISHES]) && (i / N_WISHES + i % N_WISHES + (unsigned)(l - lines)) % 2 != 0)
				continue;
			if (p->conf == NULL)
				place_make(p, conf, l, name);
			all_faults(p, i / N_WISHES, i % N_WISHES, task);
		}
	}
}

void
faults_run(const struct conf *conf)
{
	unsigned all = 0, unminded = 0;

	tallies = shared(N_WISHES * sizeof(*tallies));
	next_task = shared(sizeof(*next_task));
	for (const struct line *l = lines; l->name != NULL; l++)
		if (line_wanted(conf, l))
			reference_output(conf, l);
	if (conf->again != NULL) {
		struct place p;

		for (const struct line *l = lines; l->name != NULL; l++)
			if (conf->only != NULL && line_wanted(conf, l)) {
				place_make(&p, conf, l, "again");
				one_case(&p);
			}
		return;
	}
	in_parallel(conf, conf->jobs, work);
	for (unsigned w = 0; w < N_WISHES; w++) {
		const struct tally *t = &tallies[w];

		all += t->fired;
		unminded += t->unminded;
		if (t->fired == 0)
			note("%s is called nowhere, so %s never came", wishes[w].call, wishes[w].how);
		else if (t->failed == 0)
			report(true, "%s %s: %u times, nobody minded %u", wishes[w].call, wishes[w].how, t->fired, t->unminded);
		else
			note("%s %s: %u times, %u of them wrong", wishes[w].call, wishes[w].how, t->fired, t->failed);
	}
	if (all == 0)
		report(false, "nothing ever failed: is the library loaded?");
	note("%u faults, of which nobody minded %u", all, unminded);
}
