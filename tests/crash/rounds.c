/*
 * rounds - random kills of a running pipeline
 *
 * A round starts the pipeline again and again; each time something happens to it, at a moment that
 * the seed decides: one or several processes are killed, a second instance is started, a process is
 * stopped.  When it has had enough, it is left alone until the sink is through.  The round counts
 * only if a kill fell between the first and the last commit, and there were twenty epochs.
 */
#include "harm.h"

#include <stdio.h>
#include <string.h>

enum { MAX_STARTS = 60, MAX_TRIES = 20 };

/*
 * Nobody tells a source that follows that it is through: once the file is written, or something has happened, it is
 * asked to leave.
 */
static void
let_go(struct round *r)
{
	if (r->crash[0] != '\0')
		harm_wait(r, chance_below(&r->chance, 400000));
	while (!r->inst.disturbed && !feeder_is_through(r->feeder))
		nap_us(1000);
	instance_stop(&r->inst);
}

/* A source that was asked to leave may have stopped in good order: then there is more to come. */
static bool
was_asked(const struct instance *inst)
{
	bool asked = false;

	for (unsigned i = 0; i < inst->n; i++)
		asked |= inst->processes[i].asked;
	return asked;
}

bool
round_play(struct round *r)
{
	unsigned      wanted_kills = 2 + chance_below(&r->chance, r->most_wanted - 1);
	struct commit commit;

	for (r->starts = 1; r->starts <= MAX_STARTS; r->starts++) {
		bool disturbed = r->kills < wanted_kills, is_growing = !feeder_is_through(r->feeder);

		r->inst.n = pipeline_stages(r->t.pipeline);
		r->crash[0] = '\0';
		if (disturbed && r->t.conf->armed && chance_below(&r->chance, 2) == 0)
			harm_arm(r);
		instance_start(&r->inst, &r->t, &(struct start){ .order = &r->chance, .is_growing = is_growing,
		                                                  .crash = r->crash[0] ? r->crash : NULL });
		r->inst.disturbed = r->crash[0] != '\0';
		if (disturbed && r->crash[0] == '\0' && !harm_some(r)) {
			instance_kill_all(&r->inst);
			return false;
		}
		if (is_growing)
			let_go(r);
		if (!instance_wait(&r->inst))
			return false;
		harm_count_armed(r);
		if (!instance_check(&r->inst))
			return false;
		trial_commit(&r->t, &commit);
		if (instance_done(&r->inst)) {
			if (commit.closed && was_asked(&r->inst))
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

bool
round_counts(const struct round *r, uint64_t epoch)
{
	return r->last_kill_epoch > 0 && r->last_kill_epoch < epoch;
}

/* true: it counts, or it failed. */
static bool
one_round(const struct conf *conf, const struct pipeline *p, unsigned number, uint64_t seed)
{
	struct round  r = { .chance = seed * 0x9e3779b97f4a7c15u + 1, .most_wanted = 6 };
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
		through = round_play(&r);
		feeder_stop(r.feeder);
		reader_stop(&r.t, reader);
		trial_commit(&r.t, &commit);
		if (through)
			trial_same(&r.t, reference(conf, p));
	}
	counts = round_counts(&r, commit.epoch) && commit.epoch >= least;
	if (r.t.why[0] != '\0' || counts)
		report(r.t.why[0] == '\0', "round %u: %s, seed %llu: %u kills (%s ), %u starts, %llu epochs, %.1f s%s%s", number,
		    p->name, (unsigned long long)seed, r.kills, r.history, r.starts, (unsigned long long)commit.epoch,
		    (double)(now_us() - begin) / 1e6, r.t.why[0] == '\0' ? "" : ": ", r.t.why);
	if (r.t.why[0] != '\0')
		note("again: --pipeline %s --seed %llu --rounds 1; its folder: %s", p->name, (unsigned long long)seed, r.t.dir);
	trial_end(&r.t);
	return r.t.why[0] != '\0' || counts;
}

/* Every JOBS-th round; the pipelines take turns. */
static void
work(const struct conf *conf, unsigned job)
{
	const struct pipeline *p = pipelines;

	tally_job(job);
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
	tally_begin(conf);
	for (const struct pipeline *p = pipelines; p->name != NULL; p++)
		if (wanted(conf, p))
			reference(conf, p);
	in_parallel(conf, conf->jobs, work);
	tally_tell(conf);
}
