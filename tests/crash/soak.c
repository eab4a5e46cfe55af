/*
 * soak - random kills of drawn pipelines
 *
 * A round draws a pipeline from its seed, runs it once undisturbed, then kills it as rounds.c does, and compares: with
 * the undisturbed run, as bytes where they are promised, as sets where two inputs meet; and with SQL's answer to the same
 * question about the same lines, where SQL can say it.  It counts only if a kill fell between two commits.
 */
#include "draw.h"
#include "harm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_TRIES = 20, MOST_KILLS = 5 };

/* Of all jobs. */
static struct sums {
	unsigned rounds, kills, stages, in_sql, as_sets, empty, did_not_count;
} *sums;

static void
add(unsigned *to, unsigned n)
{
	__atomic_fetch_add(to, n, __ATOMIC_SEQ_CST);
}

/* The flights that were drawn, and those from an hour or so later on; bad ones between where there are to be. */
static void
make_input(const struct conf *conf, const struct draw *d, const char *folder)
{
	const char *flights = conf->input[d->has_bad ? INPUT_WITH_BAD : INPUT_FLIGHTS];

	if (shell("mkdir '%s' && cd '%s' && sed -n '%u,%up' '%s' > input.ndjson && sed -n '%u,%up' '%s' > more.ndjson && "
	          "zstd -q input.ndjson && ln -s '%s' airlines.ndjson", folder, folder, d->first + 1, d->first + d->count, flights,
	        d->first + d->count / 10 + 1, d->first + d->count, conf->input[INPUT_FLIGHTS], conf->airlines) != 0)
		die("the input of a round");
}

/* Numbers that SQL divides, to six digits; records in any order. */
#define SAME_FORM "jq -cS 'if (.[2] | type) == \"object\" and .[2].m != null then .[2].m |= (. * 1e6 | round) else . end%s' | LC_ALL=C sort"

static void
compare_with_sql(struct trial *t, struct draw *d)
{
	char  path[PATH_BYTES + 32];
	FILE *f;
	const char *only = d->payload_only ? " | [.[2]]" : "", *output = d->pipeline.outputs[d->outputs - 1];

	snprintf(path, sizeof(path), "%s/meaning.sql", t->dir);
	if ((f = fopen(path, "w")) == NULL || fwrite(d->sql.p, 1, d->sql.n, f) != d->sql.n || fclose(f) != 0)
		die(path);
	if (shell("cd '%s' && sqlite3 -bail :memory: < meaning.sql > sql.said && cat sql.said | " SAME_FORM " > sql.want", t->dir, only) != 0) {
		trial_fail(t, "SQL has no answer");
		return;
	}
	if (shell("cd '%s' && { if [ -d out ]; then find out -name '*.ndjson*' -print0 | xargs -0r zstd -dcqf; else cat '%s'; fi; } | "
	          "jq -c '%s' | " SAME_FORM " > sql.got && cmp -s sql.want sql.got", t->dir, output,
	        d->payload_only ? "[null, null, .]" : "[.ts, .key, .payload]", only) != 0)
		trial_fail(t, "SQL says otherwise (sql.want, sql.got)");
}

static void
tell_failed(const struct conf *conf, const struct trial *t, const struct draw *d, uint64_t seed)
{
	struct buf line = { 0 };

	draw_line(d, &line);
	note("again: --soak 1 --seed %llu", (unsigned long long)seed);
	note("by hand: cd '%s' && export PATH='%s':$PATH STREAM_CHECKPOINT=state && %s", t->dir, conf->bin, line.p);
	buf_release(&line);
}

/* true: it counts, or it failed. */
static bool
one_round(const struct conf *conf, unsigned number, uint64_t seed)
{
	struct draw   *d = malloc(sizeof(*d));
	char           folder[PATH_BYTES], name[64];
	struct trial   undisturbed = { .slower = 1, .folder = folder };
	struct round   r = { .t = { .slower = 1, .folder = folder }, .chance = seed * 0x9e3779b97f4a7c15u + 1, .most_wanted = MOST_KILLS, .asks = true };
	struct commit  commit = { 0 };
	int64_t        begin = now_us();
	bool           counts, failed;
	struct buf     line = { 0 };

	if (d == NULL)
		die("malloc");
	snprintf(folder, sizeof(folder), "%s/soak-%u.in", conf->work, number);
	draw_make(d, seed);
	draw_line(d, &line);
	make_input(conf, d, folder);
	snprintf(name, sizeof(name), "soak-%u.undisturbed", number);
	if (trial_begin(&undisturbed, conf, &d->pipeline, name) == 0)
		trial_undisturbed(&undisturbed, d->reference_with_checkpoint);
	snprintf(name, sizeof(name), "soak-%u", number);
	if (undisturbed.why[0] != '\0')
		snprintf(r.t.why, sizeof(r.t.why), "undisturbed: %.800s (%.800s)", undisturbed.why, undisturbed.dir);
	else if (trial_begin(&r.t, conf, &d->pipeline, name) == 0 && round_play(&r)) {
		trial_commit(&r.t, &commit);
		trial_same(&r.t, &undisturbed);
		if (d->is_in_sql)
			compare_with_sql(&r.t, d);
	}
	failed = r.t.why[0] != '\0';
	counts = round_counts(&r, commit.epoch);
	if (failed || counts) {
		report(!failed, "round %u: seed %llu: %u stages%s%s: %u kills (%s ), %u starts, %llu epochs, %.1f s: %s%s%s", number,
		    (unsigned long long)seed, d->stages, d->is_in_sql ? ", SQL" : "", (d->pipeline.traits & AS_SETS) != 0 ? ", as sets" : "", r.kills,
		    r.history, r.starts, (unsigned long long)commit.epoch, (double)(now_us() - begin) / 1e6, line.p, failed ? ": " : "", r.t.why);
		add(&sums->rounds, 1);
		add(&sums->kills, r.kills);
		add(&sums->stages, d->stages);
		add(&sums->in_sql, d->is_in_sql);
		add(&sums->as_sets, (d->pipeline.traits & AS_SETS) != 0);
	} else {
		add(&sums->did_not_count, 1);
	}
	if (failed)
		tell_failed(conf, &r.t, d, seed);
	else
		shell("rm -rf '%s'", folder);
	undisturbed.why[0] = failed ? 'x' : '\0';
	trial_end(&undisturbed);
	trial_end(&r.t);
	buf_release(&line);
	draw_release(d);
	free(d);
	return failed || counts;
}

/* Every JOBS-th round. */
static void
work(const struct conf *conf, unsigned job)
{
	tally_job(job);
	for (unsigned i = job; i < conf->soak; i += conf->jobs) {
		uint64_t seed = conf->seed + i;
		unsigned tries = 0;

		while (!one_round(conf, i + 1, seed) && ++tries < MAX_TRIES)
			seed += 1000000;
		if (tries == MAX_TRIES)
			report(false, "round %u: %d seeds, and none that counts", i + 1, MAX_TRIES);
	}
}

void
soak_run(const struct conf *conf)
{
	sums = shared(sizeof(*sums));
	tally_begin(conf);
	in_parallel(conf, conf->jobs, work);
	tally_tell(conf);
	note("%u rounds of drawn pipelines, %.1f stages each; %u kills in those; %u answered by SQL too, %u compared as sets; %u more did not count",
	    sums->rounds, sums->rounds == 0 ? 0 : (double)sums->stages / sums->rounds, sums->kills, sums->in_sql, sums->as_sets, sums->did_not_count);
}
