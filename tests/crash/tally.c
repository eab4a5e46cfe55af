/* tally - what the kills hit, for the report: by command, and by what was going on */
#include "harm.h"

#include <stdio.h>
#include <string.h>

enum { MAX_KINDS = 16 };

static struct tally {
	struct {
		const char *who;
		unsigned    n[N_HITS];
	} rows[MAX_KINDS];
	unsigned deeds[N_DEEDS];
} *tallies, *ours;                     /* of all jobs; of this one */

void
tally_begin(const struct conf *conf)
{
	tallies = shared((conf->jobs > 0 ? conf->jobs : 1) * sizeof(*tallies));
}

void
tally_job(unsigned job)
{
	ours = &tallies[job];
}

static void
add(struct tally *t, const char *who, enum hit hit, unsigned n)
{
	unsigned i = 0;

	while (i + 1 < MAX_KINDS && t->rows[i].who != NULL && strcmp(t->rows[i].who, who) != 0)
		i++;
	t->rows[i].who = who;
	t->rows[i].n[hit] += n;
}

void
tally_hit(const char *who, enum hit hit)
{
	add(ours, who, hit, 1);
}

void
tally_deed(enum deed deed)
{
	ours->deeds[deed]++;
}

void
tally_tell(const struct conf *conf)
{
	struct tally all = { 0 };
	unsigned     kills = 0;

	for (unsigned job = 0; job < conf->jobs; job++) {
		for (unsigned i = 0; i < MAX_KINDS && tallies[job].rows[i].who != NULL; i++)
			for (unsigned h = 0; h < N_HITS; h++)
				add(&all, tallies[job].rows[i].who, (enum hit)h, tallies[job].rows[i].n[h]);
		for (unsigned d = 0; d < N_DEEDS; d++)
			all.deeds[d] += tallies[job].deeds[d];
	}
	note("kills by what was going on:");
	note("%-12s %12s %12s %12s %12s %12s %12s %12s %12s", "stage", "first 50 ms", "registering", "in snapshot", "in commit",
	    "base rewrite", "between", "outside", "crash point");
	for (unsigned i = 0; i < MAX_KINDS && all.rows[i].who != NULL; i++) {
		const unsigned *n = all.rows[i].n;

		note("%-12s %12u %12u %12u %12u %12u %12u %12u %12u", all.rows[i].who, n[HIT_START], n[HIT_REGISTERING], n[HIT_SNAPSHOT],
		    n[HIT_COMMIT], n[HIT_BASE], n[HIT_BETWEEN], n[HIT_OUTSIDE], n[HIT_POINT]);
		for (unsigned h = 0; h < N_HITS; h++)
			kills += n[h];
	}
	note("%u kills; second instances: %u; stopped processes: %u; asleep: %u; asked to leave: %u; brokers: %u", kills,
	    all.deeds[DEED_SECOND], all.deeds[DEED_STOPPED], all.deeds[DEED_ASLEEP], all.deeds[DEED_ASKED], all.deeds[DEED_BROKER]);
}
