/*
 * points - every crash point of every stage: the process ends there, the line is started again, the output is the same
 *
 * With a broker: those that only a sink with a topic has; all others are in the pipelines without one.
 */
#include "crash.h"

#include <stdio.h>
#include <string.h>

#include "ckpt/ckpt.h"

/* Steps that no pipeline here gets to, and why. */
static const struct { const char *role, *step, *reason; } unreachable[] = {
	{ NULL, NULL, NULL }
};

enum { MAX_STEPS = 200, MOST_TRIES = 5 };

static unsigned *reached;                      /* by place in ckpt_crash_steps; of all jobs */

/* Start again until the sink is through: nothing else lives, so the first time must do.  It need not take many epochs. */
static bool
start_again(struct trial *t)
{
	struct instance inst;

	instance_start(&inst, t, &(struct start){ .is_hurried = true });
	if (!instance_wait(&inst) || !instance_check(&inst))
		return false;
	if (!instance_done(&inst)) {
		trial_fail(t, "the sink is not through");
		return false;
	}
	return true;
}

/* 1: the step was reached and killed its process; 0: it was not reached; -1: the trial failed. */
static int
crash_at(struct trial *t, unsigned stage, const char *step, unsigned nth)
{
	struct instance inst;
	char            crash[200];
	bool            hit;

	snprintf(crash, sizeof(crash), "%s:%s:%u", t->pipeline->stages[stage].name, step, nth);
	instance_start(&inst, t, &(struct start){ .crash = crash });
	if (!instance_wait(&inst))
		return -1;
	hit = trial_said(t, "crash: ");        /* it may have been a child of the stage */
	inst.disturbed = inst.processes[stage].killed = hit;
	if (!instance_check(&inst))
		return -1;
	return hit;
}

/* Was it reached?  In brief one in four is run once more after the end, too. */
static bool
point(const struct conf *conf, const struct pipeline *p, unsigned stage, unsigned step, unsigned nth)
{
	const char  *name = ckpt_crash_steps[step].step;
	struct trial t = { 0 };
	bool         reruns = !conf->brief || (stage + step) % 4 == 0;
	char         dir[200];
	int          hit;

	snprintf(dir, sizeof(dir), "%s-%s-%s-%u", p->name, p->stages[stage].name, name, nth);
	if (trial_begin(&t, conf, p, dir) == -1)
		hit = -1;
	else if ((hit = crash_at(&t, stage, name, nth)) == 1 && start_again(&t) && trial_same(&t, reference(conf, p)) &&
	    reruns && start_again(&t) && !trial_same(&t, reference(conf, p)))
		trial_fail(&t, "a rerun after the end changed it");
	if (hit == 1)
		__atomic_fetch_add(&reached[step], 1, __ATOMIC_SEQ_CST);
	if (hit != 0)
		report(t.why[0] == '\0', "%s: %s:%s:%u%s%s", p->name, p->stages[stage].name, name, nth,
		    t.why[0] == '\0' ? "" : ": ", t.why);
	trial_end(&t);
	return hit != 0;
}

/* The first time and the fourth; in brief one of them, by turns, the first where there is no fourth. */
static void
point_twice(const struct conf *conf, const struct pipeline *p, unsigned stage, unsigned step, unsigned number)
{
	if (!conf->brief) {
		point(conf, p, stage, step, 1);
		point(conf, p, stage, step, 4);
	} else if (number % 4 < 2 || !point(conf, p, stage, step, 4)) {
		point(conf, p, stage, step, 1);
	}
}

static const char *
reason_of(const struct ckpt_crash_step *s)
{
	for (unsigned i = 0; unreachable[i].role != NULL; i++)
		if (strcmp(unreachable[i].role, s->role) == 0 && strcmp(unreachable[i].step, s->step) == 0)
			return unreachable[i].reason;
	return NULL;
}

/* Those inside a transaction are tried with a broker, all others without one. */
static bool
is_asked(const struct conf *conf, unsigned step)
{
	return (strcmp(ckpt_crash_steps[step].role, "topic") == 0) == (conf->kafka != NULL);
}

/* A step that was never reached was not tested: that is a failure, unless it is known why. */
static void
reached_all(const struct conf *conf)
{
	for (unsigned i = 0; ckpt_crash_steps[i].step != NULL; i++) {
		const struct ckpt_crash_step *s = &ckpt_crash_steps[i];
		const char                   *reason = reason_of(s);

		if (!is_asked(conf, i))
			continue;
		if (reason != NULL && reached[i] == 0)
			note("%s:%s was not reached: %s", s->role, s->step, reason);
		else
			report(reached[i] > 0, "%s:%s was reached, %u times", s->role, s->step, reached[i]);
	}
}

/* What stands in front of a sink that writes parts has its points in the other pipelines. */
static bool
has_point(const struct pipeline *p, const struct stage *s, const char *role)
{
	const char *output = p->outputs[0];

	if (!pipeline_has_role(p, s, role) || ((p->traits & ON_BROKER) != 0 && strcmp(role, "topic") != 0))
		return false;
	return s->role != NULL && (output[strlen(output) - 1] != '/' || strcmp(s->role, "sink") == 0);
}

/* In brief one pipeline that writes a topic does for all. */
static bool
is_tried(const struct conf *conf, const struct pipeline *p)
{
	if (conf->kafka == NULL)
		return (p->traits & ROUNDS_ONLY) == 0 && wanted(conf, p);
	return wanted(conf, p) && pipeline_writes_topic(p) && (!conf->brief || pipeline_stages(p) == 2);
}

static bool
is_step_of(const struct pipeline *p, const char *step)
{
	return (p->traits & TABLES_ONLY) == 0 || strncmp(step, "table", 5) == 0;
}

/* Every JOBS-th. */
static void
work(const struct conf *conf, unsigned job)
{
	unsigned number = 0;

	for (const struct pipeline *p = pipelines; p->name != NULL; p++) {
		if (!is_tried(conf, p) || reference(conf, p)->why[0] != '\0')
			continue;
		for (unsigned s = 0; s < pipeline_stages(p); s++)
			for (unsigned i = 0; ckpt_crash_steps[i].step != NULL; i++) {
				if (!has_point(p, &p->stages[s], ckpt_crash_steps[i].role) || !is_step_of(p, ckpt_crash_steps[i].step) ||
				    (conf->step != NULL && strcmp(conf->step, ckpt_crash_steps[i].step) != 0) ||
				    number++ % conf->jobs != job)
					continue;
				point_twice(conf, p, s, i, number);
			}
	}
}

static void
try_step(const struct conf *conf, unsigned step)
{
	for (const struct pipeline *p = pipelines; p->name != NULL; p++) {
		if (!is_tried(conf, p) || reference(conf, p)->why[0] != '\0' || !is_step_of(p, ckpt_crash_steps[step].step))
			continue;
		for (unsigned s = 0; s < pipeline_stages(p) && reached[step] == 0; s++)
			if (has_point(p, &p->stages[s], ckpt_crash_steps[step].role))
				point(conf, p, s, step, 1);
	}
}

/* Which steps a run comes by depends on who is quicker: the child that writes a base, or the end. */
static void
try_missed(const struct conf *conf)
{
	for (unsigned i = 0; ckpt_crash_steps[i].step != NULL; i++)
		for (unsigned again = 0; again < MOST_TRIES && reached[i] == 0 && is_asked(conf, i) && reason_of(&ckpt_crash_steps[i]) == NULL; again++)
			try_step(conf, i);
}

void
points_run(const struct conf *conf)
{
	reached = shared(MAX_STEPS * sizeof(*reached));
	for (const struct pipeline *p = pipelines; p->name != NULL; p++)
		if (is_tried(conf, p))
			reference(conf, p);
	in_parallel(conf, conf->jobs, work);
	if (conf->only == NULL && conf->step == NULL) {
		try_missed(conf);
		reached_all(conf);
	}
}
