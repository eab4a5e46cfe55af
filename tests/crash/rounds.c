/*
 * rounds - random kills of a running pipeline
 *
 * A round starts the pipeline again and again; each time something happens to it, at a moment that
 * the seed decides: one or several processes are killed, a second instance is started, a process is
 * stopped.  When it has had enough, it is left alone until the sink is through.  The round counts
 * only if a kill fell between the first and the last commit, and there were twenty epochs.
 */
#include "crash.h"

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

enum { MAX_STARTS = 60, MAX_TRIES = 20, MAX_KINDS = 12 };

/* What the kills hit, for the report: by stage, and by what was going on. */
struct tally {
	const char *stage;
	unsigned    start, commit, snapshot, registering, base, between, outside, armed;
};

/* Of all jobs; only what was done counts in the end. */
static struct tallies {
	struct tally by_stage[MAX_KINDS];
	unsigned     second, stopped, broker;
} *totals;

static struct tallies *ours;           /* of this job */

struct round {
	struct trial    t;
	uint64_t        chance;
	struct instance inst;
	pid_t           feeder;                     /* 0: the input is there */
	unsigned        kills, starts, between;     /* between: kills after the first commit */
	bool            broker_too;                 /* is still to be killed */
	uint64_t        last_kill_epoch;            /* 0: none between commits yet */
	char            crash[100];                 /* STREAM_CRASH of this start, or "" */
	char            history[600];
};

static void
remember(struct round *r, const char *fmt, const char *what, const char *when)
{
	size_t n = strlen(r->history);

	snprintf(r->history + n, sizeof(r->history) - n, fmt, what, when);
}

static struct tally *
tally_of(const char *stage)
{
	struct tally *t = ours->by_stage;

	while (t + 1 < ours->by_stage + MAX_KINDS && t->stage != NULL && strcmp(t->stage, stage) != 0)
		t++;
	t->stage = stage;
	return t;
}

static void
kill_one(struct round *r, unsigned which, enum moment moment)
{
	struct process *p = &r->inst.processes[which];
	struct tally   *tally = tally_of(p->stage->name);
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
	if (torn != NULL && strcmp(torn, "commit") == 0)
		tally->commit++;
	else if (torn != NULL && strcmp(torn, "snapshot") == 0)
		tally->snapshot++;
	else if (torn != NULL)
		tally->registering++;
	else if (writes_base)
		tally->base++;
	else if (now_us() - r->inst.started_us < 50000)
		tally->start++;
	else if (commit.epoch >= 1 && !commit.closed)
		tally->between++;
	else
		tally->outside++;
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
				r->inst.disturbed |= (r->t.pipeline->traits & HAS_PROGRAM) != 0;
				kill(child, SIGKILL);
				tally_of("base child")->base++;
				remember(r, " %s%s", "base child", "");
			}
		}
	}
	for (unsigned i = 0; i < n; i++)
		kill_one(r, (first + i) % r->inst.n, moment);
}

/* The program alone: its stage takes that for something that may pass. */
static void
kill_program(struct round *r)
{
	pid_t         program;
	struct commit commit;

	some_moment(r);
	program = r->inst.processes[1].gone ? 0 : child_of(r->inst.processes[1].pid);
	if (program == 0 || kill(program, SIGKILL) != 0)
		return;
	trial_commit(&r->t, &commit);
	r->inst.disturbed = true;
	r->kills++;
	if (commit.epoch >= 1 && !commit.closed) {
		r->between++;
		r->last_kill_epoch = commit.epoch;
		tally_of("program")->between++;
	} else {
		tally_of("program")->outside++;
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
	ours->stopped++;
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

/* One start, and what happens to it. */
static bool
disturb(struct round *r)
{
	if (r->broker_too) {
		struct commit commit;

		r->broker_too = false;
		await(r, AT_EPOCH, 1 + chance_below(&r->chance, 20), 5000000);
		trial_commit(&r->t, &commit);
		if (commit.epoch >= 1 && !commit.closed) {
			r->between++;
			r->last_kill_epoch = commit.epoch;
		}
		r->kills++;
		ours->broker++;
		remember(r, "%s%s", " broker", "");
		if (!broker_restart(&r->t))
			return false;
		if (chance_below(&r->chance, 2) == 0)
			some_kills(r);
		return true;
	}
	if ((r->t.pipeline->traits & HAS_PROGRAM) != 0 && chance_below(&r->chance, 2) == 0) {
		kill_program(r);
		return true;
	}
	switch (chance_below(&r->chance, 8)) {
	case 0:
		some_moment(r);
		ours->second++;
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

/* Choose a crash point of one of the stages, somewhere in the next epochs. */
static void
arm(struct round *r)
{
	const struct stage *s = &r->t.pipeline->stages[chance_below(&r->chance, r->inst.n)];
	unsigned            n = 0, which;

	r->crash[0] = '\0';
	for (unsigned i = 0; s->role != NULL && ckpt_crash_steps[i].step != NULL; i++)
		n += strcmp(ckpt_crash_steps[i].role, s->role) == 0;
	if (n == 0)
		return;
	which = chance_below(&r->chance, n);
	for (unsigned i = 0; ckpt_crash_steps[i].step != NULL; i++)
		if (strcmp(ckpt_crash_steps[i].role, s->role) == 0 && which-- == 0) {
			snprintf(r->crash, sizeof(r->crash), "%s:%s:%u", s->name, ckpt_crash_steps[i].step,
			    chance_below(&r->chance, 2) == 0 ? 1 : 1 + chance_below(&r->chance, 8));
			return;
		}
}

/* Did the crash point end its process?  Then that was a kill like any other. */
static void
count_armed(struct round *r)
{
	struct commit commit;

	for (unsigned i = 0; i < r->inst.n; i++) {
		struct process *p = &r->inst.processes[i];

		if (p->killed || exit_status(p) != 137 || strncmp(r->crash, p->stage->name, strlen(p->stage->name)) != 0)
			continue;
		trial_commit(&r->t, &commit);
		p->killed = true;
		r->kills++;
		tally_of(p->stage->name)->armed++;
		if (commit.epoch >= 1 && !commit.closed) {
			r->between++;
			r->last_kill_epoch = commit.epoch;
		}
		remember(r, " %s%s", r->crash, "");
	}
}

/*
 * Nobody tells a source that follows that it is through: once the file is written, or something has happened, it is
 * asked to leave.
 */
static void
let_go(struct round *r)
{
	if (r->crash[0] != '\0')
		await(r, ANY_TIME, 0, chance_below(&r->chance, 400000));
	while (!r->inst.disturbed && !feeder_is_through(r->feeder))
		nap_us(1000);
	instance_stop(&r->inst);
}

static bool
play(struct round *r)
{
	unsigned      wanted_kills = 2 + chance_below(&r->chance, 5);
	struct commit commit;

	for (r->starts = 1; r->starts <= MAX_STARTS; r->starts++) {
		bool disturbed = r->kills < wanted_kills, is_growing = !feeder_is_through(r->feeder);

		r->inst.n = pipeline_stages(r->t.pipeline);
		r->crash[0] = '\0';
		if (disturbed && r->t.conf->armed && chance_below(&r->chance, 2) == 0)
			arm(r);
		instance_start(&r->inst, &r->t, &(struct start){ .order = &r->chance, .is_growing = is_growing,
		                                                  .crash = r->crash[0] ? r->crash : NULL });
		r->inst.disturbed = r->crash[0] != '\0';
		if (disturbed && r->crash[0] == '\0' && !disturb(r)) {
			instance_kill_all(&r->inst);
			return false;
		}
		if (is_growing)
			let_go(r);
		if (!instance_wait(&r->inst))
			return false;
		count_armed(r);
		if (!instance_check(&r->inst))
			return false;
		trial_commit(&r->t, &commit);
		if (instance_done(&r->inst)) {
			if (commit.closed && is_growing)
				continue;
			if (commit.closed)
				return true;
			/* A second instance that came right after it has opened the commit again, and given up: once more. */
			if (!r->inst.disturbed) {
				trial_fail(&r->t, "the sink left with 0, and the commit is not closed");
				return false;
			}
		}
	}
	trial_fail(&r->t, "not through after %d starts", MAX_STARTS);
	return false;
}

/* true: it counts, or it failed. */
static bool
one_round(const struct conf *conf, const struct pipeline *p, unsigned number, uint64_t seed)
{
	struct round  r = { .chance = seed * 0x9e3779b97f4a7c15u + 1 };
	struct commit commit = { 0 };
	int64_t       begin = now_us();
	char          name[64];
	bool          counts;
	/* When the broker is back, all that has come meanwhile is one epoch. */
	unsigned      least = (p->traits & ON_BROKER) != 0 && number % 10 == 0 ? 2 : LEAST_EPOCHS;

	snprintf(name, sizeof(name), "round-%u", number);
	r.broker_too = least < LEAST_EPOCHS;
	if (trial_begin(&r.t, conf, p, name) == 0) {
		pid_t reader = reader_start(&r.t);
		bool  through;

		r.feeder = feeder_start(&r.t);
		through = play(&r);
		feeder_stop(r.feeder);
		reader_stop(&r.t, reader);
		trial_commit(&r.t, &commit);
		if (through)
			trial_same(&r.t, reference(conf, p));
	}
	counts = r.last_kill_epoch > 0 && r.last_kill_epoch < commit.epoch && commit.epoch >= least;
	if (r.t.why[0] != '\0' || counts)
		report(r.t.why[0] == '\0', "round %u: %s, seed %llu: %u kills (%s ), %u starts, %llu epochs, %.1f s%s%s", number,
		    p->name, (unsigned long long)seed, r.kills, r.history, r.starts, (unsigned long long)commit.epoch,
		    (double)(now_us() - begin) / 1e6, r.t.why[0] == '\0' ? "" : ": ", r.t.why);
	if (r.t.why[0] != '\0')
		note("again: --pipeline %s --seed %llu --rounds 1; its folder: %s", p->name, (unsigned long long)seed, r.t.dir);
	trial_end(&r.t);
	return r.t.why[0] != '\0' || counts;
}

static void
tell_tally(const struct tallies *all)
{
	note("kills by what was going on:");
	note("%-12s %12s %12s %12s %12s %12s %12s %12s %12s", "stage", "first 50 ms", "registering", "in snapshot", "in commit",
	    "base rewrite", "between", "outside", "crash point");
	for (unsigned i = 0; i < MAX_KINDS && all->by_stage[i].stage != NULL; i++) {
		const struct tally *t = &all->by_stage[i];

		note("%-12s %12u %12u %12u %12u %12u %12u %12u %12u", t->stage, t->start, t->registering, t->snapshot, t->commit,
		    t->base, t->between, t->outside, t->armed);
	}
	note("second instances: %u; stopped processes: %u; brokers: %u", all->second, all->stopped, all->broker);
}

static void
add_up(struct tallies *all, const struct tallies *one)
{
	ours = all;
	for (unsigned i = 0; i < MAX_KINDS && one->by_stage[i].stage != NULL; i++) {
		const struct tally *t = &one->by_stage[i];
		struct tally       *to = tally_of(t->stage);

		to->start += t->start;
		to->commit += t->commit;
		to->snapshot += t->snapshot;
		to->registering += t->registering;
		to->base += t->base;
		to->between += t->between;
		to->outside += t->outside;
		to->armed += t->armed;
	}
	all->second += one->second;
	all->stopped += one->stopped;
	all->broker += one->broker;
}

/* Every JOBS-th round; the pipelines take turns. */
static void
work(const struct conf *conf, unsigned job)
{
	const struct pipeline *p = pipelines;

	ours = &totals[job];
	for (unsigned i = 0; i < conf->rounds; p++) {
		uint64_t seed = conf->seed + i;
		unsigned tries = 0;

		if (p->name == NULL)
			p = pipelines;
		if (!wanted(conf, p))
			continue;
		if (i++ % conf->jobs != job)
			continue;
		if (reference(conf, p)->why[0] != '\0') {
			report(false, "round %u: %s cannot be run undisturbed", i, p->name);
			continue;
		}
		while (!one_round(conf, p, i, seed) && ++tries < MAX_TRIES) {
			note("round %u: seed %llu: no kill between the first and the last commit, or few epochs: another one", i,
			    (unsigned long long)seed);
			seed += 1000000;
		}
		if (tries == MAX_TRIES)
			report(false, "round %u: %s: %d seeds, and none that counts", i, p->name, MAX_TRIES);
	}
}

void
rounds_run(const struct conf *conf)
{
	struct tallies all = { 0 };

	totals = shared(conf->jobs * sizeof(*totals));
	for (const struct pipeline *p = pipelines; p->name != NULL; p++)
		if (wanted(conf, p))
			reference(conf, p);
	in_parallel(conf, conf->jobs, work);
	for (unsigned i = 0; i < conf->jobs; i++)
		add_up(&all, &totals[i]);
	tell_tally(&all);
}
