/* instance - one start of a pipeline: a process for each stage, with pipes of our own making */
#include "crash.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void
nap_us(unsigned us)
{
	struct timespec t = { 0, (long)us * 1000 };

	nanosleep(&t, NULL);
}

static _Noreturn void
become(const struct trial *trial, const struct stage *stage, int in, int beside, int out, const struct start *start)
{
	const char *argv[MAX_ARGS + 4];
	char        path[PATH_BYTES * 2], wait[64], interval[64], rate[32], url[MAX_ARGS + 4][300];
	unsigned    n = 0;
	int         err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (chdir(trial->dir) == -1)
		_exit(126);
	err = open("stderr.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (err == -1 || dup2(in, 0) == -1 || dup2(out, 1) == -1 || dup2(err, 2) == -1)
		_exit(126);
	if (beside != -1 && (beside == 3 ? fcntl(3, F_SETFD, 0) : dup2(beside, 3)) == -1)
		_exit(126);
	argv[n++] = stage->argv[0];
	if (stage->role != NULL && !start->without_checkpoint) {
		snprintf(interval, sizeof(interval), "--checkpoint-interval=%s", trial->conf->interval);
		snprintf(wait, sizeof(wait), "--lock-wait=%s", start->lock_wait == NULL ? "5s" : start->lock_wait);
		argv[n++] = interval;
		argv[n++] = wait;
		setenv("STREAM_CHECKPOINT", "state", 1);
	}
	for (const char *const *arg = stage->argv + 1; *arg != NULL; arg++) {
		bool is_rate = strcmp(argv[n - 1], "--rate") == 0;

		if (is_rate)
			snprintf(rate, sizeof(rate), "%lu", start->is_hurried ? 1000000000 : strtoul(*arg, NULL, 10) / trial->slower);
		if (!start->is_growing || strcmp(*arg, UNTIL_WRITTEN) != 0)
			argv[n] = is_rate ? rate : broker_argument(trial, *arg, url[n], sizeof(url[n]));
		else
			continue;
		n++;
	}
	argv[n] = NULL;
	if (start->crash != NULL)
		setenv("STREAM_CRASH", start->crash, 1);
	snprintf(path, sizeof(path), "%s:%s", trial->conf->bin, getenv("PATH"));
	setenv("PATH", path, 1);
	execvp(argv[0], (char *const *)argv);
	fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

void
instance_start(struct instance *inst, struct trial *trial, const struct start *start)
{
	int      fds[MAX_STAGES + 1][2];
	unsigned order[MAX_STAGES];

	*inst = (struct instance){ .trial = trial, .n = pipeline_stages(trial->pipeline), .started_us = now_us(),
	                           .generation = broker_generation() };
	for (unsigned i = 0; i < inst->n; i++)
		order[i] = i;
	for (unsigned i = inst->n; start->order != NULL && i > 1; i--) {
		unsigned j = chance_below(start->order, i), t = order[j];

		order[j] = order[i - 1];
		order[i - 1] = t;
	}
	fds[0][0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	fds[inst->n][1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
	for (unsigned i = 1; i < inst->n; i++) {
		int p[2];

		if (pipe2(p, O_CLOEXEC) == -1) {
			perror("pipe");
			exit(2);
		}
		fds[i][0] = p[0];                    /* what stage i reads, stage i - 1 writes */
		fds[i][1] = p[1];
	}
	fflush(NULL);
	for (unsigned k = 0; k < inst->n; k++) {
		unsigned i = order[k];
		pid_t    pid = fork();

		if (pid == -1) {
			perror("fork");
			exit(2);
		}
		if (pid == 0) {
			const struct stage *stages = trial->pipeline->stages;
			bool                is_forked = (trial->pipeline->traits & FORKED) != 0;

			become(trial, &stages[i], fds[is_forked && i == 1 ? 0 : i][0], is_forked && i == 2 ? fds[1][0] : -1,
			       fds[i + 1][1], start);
		}
		inst->processes[i] = (struct process){ .stage = &trial->pipeline->stages[i], .pid = pid };
	}
	for (unsigned i = 0; i <= inst->n; i++) {
		if (i < inst->n)
			close(fds[i][0]);
		if (i > 0)
			close(fds[i][1]);
	}
}

unsigned
instance_reap(struct instance *inst)
{
	unsigned left = 0;

	for (unsigned i = 0; i < inst->n; i++) {
		struct process *p = &inst->processes[i];

		if (!p->gone && waitpid(p->pid, &p->status, WNOHANG) == p->pid)
			p->gone = true;
		left += !p->gone;
	}
	return left;
}

/* One line of /proc/PID/NAME. */
static void
tell_proc(pid_t pid, const char *name)
{
	char  path[64], line[512];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	if ((f = fopen(path, "r")) == NULL)
		return;
	if (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		note("    %s: %.300s", name, line);
	}
	fclose(f);
}

static void
tell_hung(const struct instance *inst)
{
	for (unsigned i = 0; i < inst->n; i++) {
		const struct process *p = &inst->processes[i];
		char                  command[160];

		if (p->gone) {
			note("  %s left with %d", p->stage->name, exit_status(p));
			continue;
		}
		note("  %s (%d) hangs:", p->stage->name, (int)p->pid);
		tell_proc(p->pid, "stat");
		tell_proc(p->pid, "wchan");
		tell_proc(p->pid, "syscall");
		snprintf(command, sizeof(command), "gdb -p %d -batch -ex bt 2>/dev/null | grep '^#' | sed 's/^/#     /'",
		    (int)p->pid);
		if (system(command) == -1)
			note("    no stack");
	}
}

/* That all of them have written, to files and pipes. */
static uint64_t
bytes_written(const struct instance *inst)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < inst->n; i++) {
		unsigned long long read_bytes, n = 0;
		char               path[64];
		FILE              *f;

		snprintf(path, sizeof(path), "/proc/%d/io", (int)inst->processes[i].pid);
		if (inst->processes[i].gone || (f = fopen(path, "r")) == NULL)
			continue;
		if (fscanf(f, "rchar: %llu wchar: %llu", &read_bytes, &n) == 2)
			sum += n;
		fclose(f);
	}
	return sum;
}

/*
 * Who writes does not hang, however long it takes: where fifty want two cores, each handing over to a thread waits for
 * them all, and a stage that merges tables hands over thousands of times.  But nobody does for ever.
 */
bool
instance_wait(struct instance *inst)
{
	unsigned left = WATCHDOG_LOOKS, longest = WATCHDOG_TIMES;     /* not by the clock: on a busy machine we, too, get to it less often */
	uint64_t written = 0;

	while (instance_reap(inst) > 0) {
		if (broker_is_away())          /* it is waited for as long as it takes */
			left = WATCHDOG_LOOKS;
		if (left == 0 && longest > 0 && bytes_written(inst) != written) {
			written = bytes_written(inst);
			left = WATCHDOG_LOOKS;
			longest--;
		}
		if (left-- == 0) {
			trial_fail(inst->trial, "hangs");
			tell_hung(inst);
			instance_kill_all(inst);
			return false;
		}
		nap_us(300);
	}
	return true;
}

void
instance_kill(struct instance *inst, unsigned which)
{
	struct process *p = &inst->processes[which];

	if (p->gone)
		return;
	inst->disturbed = p->killed = true;
	kill(p->pid, SIGKILL);
	while (waitpid(p->pid, &p->status, 0) == -1 && errno == EINTR)
		;
	p->gone = true;
}

void
instance_stop(struct instance *inst)
{
	struct process *source = &inst->processes[0];

	instance_reap(inst);
	if (!source->gone)
		source->asked = kill(source->pid, SIGTERM) == 0;
}

void
instance_kill_all(struct instance *inst)
{
	for (unsigned i = 0; i < inst->n; i++)
		instance_kill(inst, i);
}

pid_t
child_of(pid_t parent)
{
	char  path[64];
	FILE *f;
	int   found = 0;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
	if ((f = fopen(path, "r")) == NULL)
		return 0;
	if (fscanf(f, "%d", &found) != 1)
		found = 0;
	fclose(f);
	return (pid_t)found;
}

int
exit_status(const struct process *p)
{
	return WIFEXITED(p->status) ? WEXITSTATUS(p->status) : 128 + WTERMSIG(p->status);
}

bool
instance_done(const struct instance *inst)
{
	const struct process *sink = &inst->processes[inst->n - 1];

	return sink->gone && exit_status(sink) == 0;
}

bool
instance_check(struct instance *inst)
{
	char   all[400] = "";
	bool   ok = true;
	size_t n = 0;

	inst->disturbed |= inst->generation != broker_generation() || broker_is_away();
	for (unsigned i = 0; i < inst->n; i++)
		inst->disturbed |= inst->processes[i].asked && exit_status(&inst->processes[i]) != 0;
	for (unsigned i = 0; i < inst->n; i++) {
		const struct process *p = &inst->processes[i];
		int                   status = exit_status(p);

		n += (size_t)snprintf(all + n, sizeof(all) - n, " %s=%d", p->stage->name, status);
		if (p->stage->role == NULL)
			ok &= inst->disturbed || status == 0;
		else if (p->killed)
			ok &= status == 137 || status == 0 || status == 75;     /* it may have left just before */
		else if (p->asked && (status == 143 || status == 130 || status == 75))
			;                                                       /* before it had a run, or knew what to do */
		else
			ok &= status == 0 || (status == 75 && inst->disturbed);
	}
	if (!ok)
		trial_fail(inst->trial, "%s instance left with%s", inst->disturbed ? "a disturbed" : "an undisturbed", all);
	return ok;
}
