/* harm - kills, stops, second instances, and what they hit */
#include "harm.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ckpt/ckpt.h"

enum moment {
	AT_START,              /* in the first 50 ms */
	AT_EPOCH,              /* some epochs later */
	AT_COMMIT,             /* while the commit is written */
	AT_SNAPSHOT,           /* while a snapshot is written */
	AT_BASE,               /* while a child writes a base */
	ANY_TIME,
	N_MOMENTS
};

static void
remember(struct round *r, const char *fmt, const char *what, const char *when)
{
	size_t n = strlen(r->history);

	snprintf(r->history + n, sizeof(r->history) - n, fmt, what, when);
}

/* By command: "cat", "jq". */
static const char *
kind_of(const struct stage *s)
{
	static const char ours[] = "stream-";

	return s->argv[0] + (strncmp(s->argv[0], ours, strlen(ours)) == 0 ? strlen(ours) : 0);
}

static void
kill_one(struct round *r, unsigned which, enum moment moment)
{
	struct process *p = &r->inst.processes[which];
	enum hit        hit;
	struct commit   commit;
	const char     *torn;
	bool            writes_base;

	if (p->gone)
		return;
	writes_base = moment == AT_BASE && child_of(p->pid) != 0;
	instance_kill(&r->inst, which);
	if (exit_status(p) != 137)
		return;                        /* it was quicker */
	r->kills++;
	trial_commit(&r->t, &commit);
	torn = trial_torn(&r->t, p->pid);
	if (torn != NULL)
		hit = strcmp(torn, "commit") == 0 ? HIT_COMMIT : strcmp(torn, "snapshot") == 0 ? HIT_SNAPSHOT : HIT_REGISTERING;
	else if (writes_base)
		hit = HIT_BASE;
	else if (now_us() - r->inst.started_us < 50000)
		hit = HIT_START;
	else
		hit = commit.epoch >= 1 && !commit.closed ? HIT_BETWEEN : HIT_OUTSIDE;
	tally_hit(kind_of(p->stage), hit);
	if (commit.epoch >= 1 && !commit.closed) {
		r->between++;
		r->last_kill_epoch = commit.epoch;
	}
	remember(r, " %s/%s", p->stage->name, torn != NULL ? torn : commit.epoch >= 1 ? "run" : "new");
}

/* Look until it holds, the pipeline is through, or the time is over. */
static void
await(struct round *r, enum moment moment, uint64_t epoch, unsigned us)
{
	/* Who has to ask a broker first takes longer. */
	int64_t       until = now_us() + (int64_t)us * ((r->t.pipeline->traits & ON_BROKER) != 0 ? 4 : 1);
	struct commit commit;
	unsigned      victim = chance_below(&r->chance, r->inst.n);

	while (now_us() < until && instance_reap(&r->inst) == r->inst.n) {
		if (moment == AT_EPOCH) {
			trial_commit(&r->t, &commit);
			if (commit.epoch >= epoch)
				return;
		} else if (moment == AT_COMMIT) {
			if (trial_has_temp(&r->t, ".", "commit"))
				return;
			continue;
		} else if (moment == AT_SNAPSHOT) {
			if (trial_has_temp(&r->t, r->t.pipeline->stages[victim].name, ""))
				return;
			continue;
		} else if (moment == AT_BASE && child_of(r->inst.processes[victim].pid) != 0) {
			return;
		}
		nap_us(200);
	}
}

/* Let it run for a while; how long, chance decides. */
static enum moment
some_moment(struct round *r)
{
	enum moment   moment = (enum moment)chance_below(&r->chance, N_MOMENTS);
	struct commit commit;

	trial_commit(&r->t, &commit);
	switch (moment) {
	case AT_START:
		await(r, ANY_TIME, 0, chance_below(&r->chance, 50000));
		break;
	case AT_EPOCH:
		await(r, AT_EPOCH, commit.epoch + 1 + chance_below(&r->chance, 12), 300000);
		await(r, ANY_TIME, 0, chance_below(&r->chance, 4000));
		break;
	case AT_COMMIT:
	case AT_SNAPSHOT:
		await(r, AT_EPOCH, commit.epoch + 1 + chance_below(&r->chance, 6), 200000);
		await(r, moment, 0, 60000);
		break;
	case AT_BASE:
		await(r, AT_BASE, 0, 150000);
		break;
	case ANY_TIME:
	case N_MOMENTS:
		await(r, ANY_TIME, 0, chance_below(&r->chance, 300000));
		break;
	}
	return moment;
}

static bool
has_program(const struct stage *s)
{
	return strcmp(s->argv[0], "stream-exec") == 0;
}

/* Kill one or several; the others leave by themselves. */
static void
some_kills(struct round *r)
{
	enum moment moment = some_moment(r);
	unsigned    n = chance_below(&r->chance, 3) == 0 ? 1 + chance_below(&r->chance, r->inst.n) : 1;
	unsigned    first = chance_below(&r->chance, r->inst.n);

	if (moment == AT_BASE && chance_below(&r->chance, 2) == 0) {
		for (unsigned i = 0; i < r->inst.n; i++) {
			pid_t child = r->inst.processes[i].gone ? 0 : child_of(r->inst.processes[i].pid);

			if (child != 0 && r->inst.processes[i].stage->role != NULL) {
				r->inst.disturbed |= has_program(r->inst.processes[i].stage);
				kill(child, SIGKILL);
				tally_hit("base child", HIT_BASE);
				remember(r, " %s%s", "base child", "");
			}
		}
	}
	for (unsigned i = 0; i < n; i++)
		kill_one(r, (first + i) % r->inst.n, moment);
}

/* The first stage that runs one, or a NULL. */
static const struct process *
program_runner(const struct round *r)
{
	for (unsigned i = 0; i < r->inst.n; i++)
		if (has_program(r->inst.processes[i].stage))
			return &r->inst.processes[i];
	return NULL;
}

/* The program alone: its stage takes that for something that may pass. */
static void
kill_program(struct round *r)
{
	const struct process *runner = program_runner(r);
	pid_t                 program;
	struct commit         commit;

	some_moment(r);
	program = runner->gone ? 0 : child_of(runner->pid);
	if (program == 0 || kill(program, SIGKILL) != 0)
		return;
	trial_commit(&r->t, &commit);
	r->inst.disturbed = true;
	r->kills++;
	if (commit.epoch >= 1 && !commit.closed) {
		r->between++;
		r->last_kill_epoch = commit.epoch;
		tally_hit("a program", HIT_BETWEEN);
	} else {
		tally_hit("a program", HIT_OUTSIDE);
	}
	remember(r, "%s%s", " program", "");
}

/* A second one of the same pipeline: it must give way with 75. */
static bool
second_instance(struct round *r, bool must_give_way)
{
	struct instance second;
	struct start    start = { .lock_wait = "300ms", .order = &r->chance };

	instance_start(&second, &r->t, &start);
	second.disturbed = r->inst.disturbed = true;
	if (!instance_wait(&second) || !instance_check(&second))
		return false;
	if (must_give_way && instance_done(&second)) {
		trial_fail(&r->t, "a second instance went through beside a stopped one");
		return false;
	}
	return true;
}

/*
 * A process that is stopped holds what it has: a new run says 75, and goes through once it is woken or killed.  One that
 * was stopped before it had its lock has nothing.
 */
static bool
stopped_process(struct round *r)
{
	unsigned        which = chance_below(&r->chance, r->inst.n);
	unsigned        other = chance_below(&r->chance, r->inst.n);
	struct process *p = &r->inst.processes[which];
	bool            ok = true, holds;

	some_moment(r);
	if (instance_reap(&r->inst) < r->inst.n || p->stage->role == NULL)
		return true;
	kill(p->pid, SIGSTOP);
	holds = trial_holds(&r->t, p->stage, p->pid);
	r->inst.disturbed = true;
	tally_deed(DEED_STOPPED);
	remember(r, " %s%s", p->stage->name, "/stopped");
	if (other != which && chance_below(&r->chance, 2) == 0)
		kill_one(r, other, ANY_TIME);
	ok = second_instance(r, holds);
	if (chance_below(&r->chance, 2) == 0)
		kill_one(r, which, ANY_TIME);
	if (!p->gone)
		kill(p->pid, SIGCONT);
	return ok;
}

/* Asleep for a while and awake again: nobody may notice. */
static void
pause_one(struct round *r)
{
	struct process *p;

	some_moment(r);
	p = &r->inst.processes[chance_below(&r->chance, r->inst.n)];
	if (instance_reap(&r->inst) < r->inst.n)
		return;
	kill(p->pid, SIGSTOP);
	nap_us(chance_below(&r->chance, 30000));
	kill(p->pid, SIGCONT);
	tally_deed(DEED_ASLEEP);
	remember(r, " %s%s", p->stage->name, "/asleep");
}

/*
 * The source is told to leave by SIGTERM, as a supervisor does; or all are by SIGINT, as by a terminal; some twice, which
 * is an order.  What was asked before it knew what to do dies of it.
 */
static void
ask(struct round *r)
{
	bool     is_all = chance_below(&r->chance, 3) == 0, is_twice = is_all && chance_below(&r->chance, 3) == 0;
	unsigned n = is_all ? r->inst.n : 1;

	some_moment(r);
	for (unsigned turn = 0; turn < (is_twice ? 2u : 1u); turn++) {
		instance_reap(&r->inst);
		for (unsigned i = 0; i < n; i++) {
			struct process *p = &r->inst.processes[i];

			if (!p->gone)
				p->asked |= kill(p->pid, is_all ? SIGINT : SIGTERM) == 0;
		}
		nap_us(turn == 0 && is_twice ? chance_below(&r->chance, 3000) : 0);
	}
	r->inst.disturbed |= is_twice;
	tally_deed(DEED_ASKED);
	remember(r, "%s%s", is_twice ? " all/ordered" : is_all ? " all/asked" : " source/asked", "");
}

static bool
kill_broker(struct round *r)
{
	struct commit commit;

	r->broker_too = false;
	await(r, AT_EPOCH, 1 + chance_below(&r->chance, 20), 5000000);
	trial_commit(&r->t, &commit);
	if (commit.epoch >= 1 && !commit.closed) {
		r->between++;
		r->last_kill_epoch = commit.epoch;
	}
	r->kills++;
	tally_deed(DEED_BROKER);
	remember(r, "%s%s", " broker", "");
	if (!broker_restart(&r->t))
		return false;
	if (chance_below(&r->chance, 2) == 0)
		some_kills(r);
	return true;
}

bool
harm_some(struct round *r)
{
	if (r->broker_too)
		return kill_broker(r);
	if (program_runner(r) != NULL && chance_below(&r->chance, r->asks ? 4 : 2) == 0) {
		kill_program(r);
		return true;
	}
	if (r->asks && chance_below(&r->chance, 6) == 0) {
		if (chance_below(&r->chance, 2) == 0)
			pause_one(r);
		else
			ask(r);
		return true;
	}
	switch (chance_below(&r->chance, 8)) {
	case 0:
		some_moment(r);
		tally_deed(DEED_SECOND);
		remember(r, "%s%s", " second", "");
		if (!second_instance(r, false))
			return false;
		some_kills(r);
		return true;
	case 1:
		if (!stopped_process(r))
			return false;
		some_kills(r);
		return true;
	default:
		some_kills(r);
		return true;
	}
}

void
harm_wait(struct round *r, unsigned us)
{
	await(r, ANY_TIME, 0, us);
}

void
harm_arm(struct round *r)
{
	const struct stage *s = &r->t.pipeline->stages[chance_below(&r->chance, r->inst.n)];
	unsigned            n = 0, which;

	r->crash[0] = '\0';
	for (unsigned i = 0; ckpt_crash_steps[i].step != NULL; i++)
		n += pipeline_has_role(r->t.pipeline, s, ckpt_crash_steps[i].role);
	if (n == 0)
		return;
	which = chance_below(&r->chance, n);
	for (unsigned i = 0; ckpt_crash_steps[i].step != NULL; i++)
		if (pipeline_has_role(r->t.pipeline, s, ckpt_crash_steps[i].role) && which-- == 0) {
			snprintf(r->crash, sizeof(r->crash), "%s:%s:%u", s->name, ckpt_crash_steps[i].step,
			    chance_below(&r->chance, 2) == 0 ? 1 : 1 + chance_below(&r->chance, 8));
			return;
		}
}

void
harm_count_armed(struct round *r)
{
	struct commit commit;

	for (unsigned i = 0; i < r->inst.n; i++) {
		struct process *p = &r->inst.processes[i];

		if (p->killed || exit_status(p) != 137 || strncmp(r->crash, p->stage->name, strlen(p->stage->name)) != 0)
			continue;
		trial_commit(&r->t, &commit);
		p->killed = true;
		r->kills++;
		tally_hit(kind_of(p->stage), HIT_POINT);
		if (commit.epoch >= 1 && !commit.closed) {
			r->between++;
			r->last_kill_epoch = commit.epoch;
		}
		remember(r, " %s%s", r->crash, "");
	}
}
