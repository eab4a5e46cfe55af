/*
 * power - the power goes at every moment
 *
 * A line is run with a log of all that it does to files: undisturbed, or killed at a step and run again.  Then
 * for each operation of the log, and for each way in which a disk may have lost what was not synced before
 * it, the line goes on from such a disk.  Its checkpoint is the last or the one before, and the line ends with the
 * output of an undisturbed run.
 */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ckpt/ckpt.h"
#include "disk.h"

/* Of each log so many moments; by chance where they begin.  An undisturbed run is looked at closely. */
enum { CHANCES = 4, CUTS = 160, CUTS_BRIEF = 14, SCENES_MOST = 2048, SEEN_MOST = 1 << 16, SCENES_BRIEF = 3, TOLD_MOST = 60, MUTANT_LOGS = 6 };

/* A log: of a line that is killed there first, or never. */
struct scene {
	const struct line *line;
	char               crash[64];            /* "": nobody is */
};

struct scenes {
	struct scene at[SCENES_MOST];
	unsigned     n;
};

static struct tally {
	unsigned disks, same, failed;
} *tally;

static unsigned *next_scene;

static const char *mutant;               /* whose fsync is forgotten: that has to show; NULL: nobody's */

/* The epoch that `commit` shows; -1: there is none. */
static long
epoch_of(const struct oplog *l, size_t n, enum survival how, uint64_t seed)
{
	struct disk *d = disk_after(l, n, how, seed);
	const char  *commit = disk_file(d, "state", "commit"), *at = commit == NULL ? NULL : strstr(commit, "\"epoch\":");
	long         epoch = at == NULL ? -1 : strtol(at + 8, NULL, 10);

	disk_free(d);
	return epoch;
}

static void
tell(const struct scene *s, const struct oplog *l, size_t n, enum survival how, uint64_t seed, const char *wrong, const char *told)
{
	static const char *const ways[] = { "all is lost", "all is kept", "names are kept", "names and lengths are kept",
		"bytes are kept", "by chance" };
	char before[300];

	oplog_tell(l, n, before, sizeof(before));
	report(false, "--line %s, killed at %s: power cut before operation %zu (%s), %s, seed %llu: %s: %s", s->line->name,
	    s->crash[0] == '\0' ? "no step" : s->crash, n, before, ways[how], (unsigned long long)seed, wrong, told);
}

/* Where A is not B, in one line. */
static void
difference(const char *a, const char *b, char *to, size_t size)
{
	size_t n = 0;

	while (a[n] != '\0' && a[n] == b[n])
		n++;
	while (n > 0 && a[n - 1] != '\n')
		n--;
	snprintf(to, size, "at byte %zu it should be %.*s and is %.*s", n, (int)strcspn(a + n, "\n"), a + n,
	         (int)strcspn(b + n, "\n"), b + n);
}

/* From such a disk the line goes on. */
static void
go_on(const struct place *p, const struct place *origin, const struct scene *s, const struct oplog *l, size_t n, enum survival how, uint64_t seed)
{
	struct disk  *d = disk_after(l, n, how, seed);
	struct played played;
	char          told[3000] = "", *output;
	const char   *wrong = NULL;
	long          has = epoch_of(l, n, how, seed), last = epoch_of(l, n, KEEP_ALL, 0);

	place_clear(p);
	if (!disk_write(d, p->dir, origin->dir))
		die(p->dir);
	disk_free(d);
	if (has < last - 1 || has > last)
		wrong = "the checkpoint is neither the last nor the one before";
	play(p, NULL, &played);
	output = place_output(p);
	played_tell(&played, p->line, told, sizeof(told));
	if (wrong == NULL && !played_well(&played))
		wrong = "it does not go on well";
	if (wrong == NULL && strcmp(output, reference_output(p->conf, p->line)) != 0) {
		wrong = "the output differs";
		difference(reference_output(p->conf, p->line), output, told, sizeof(told));
	}
	free(output);
	if (wrong != NULL && __atomic_fetch_add(&tally->failed, 1, __ATOMIC_SEQ_CST) < TOLD_MOST && mutant == NULL)
		tell(s, l, n, how, seed, wrong, told);
	__atomic_fetch_add(&tally->disks, 1, __ATOMIC_SEQ_CST);
}

/* The same disk need not be looked at twice. */
static bool
is_new(uint64_t *seen, size_t *n_seen, uint64_t hash)
{
	for (size_t i = 0; i < *n_seen; i++)
		if (seen[i] == hash)
			return false;
	if (*n_seen < SEEN_MOST)
		seen[(*n_seen)++] = hash;
	return true;
}

static void
try_disks(const struct place *p, const struct place *origin, const struct scene *s, const struct oplog *l, uint64_t chance)
{
	uint64_t *seen = calloc(SEEN_MOST, sizeof(*seen));
	bool      is_brief = p->conf->brief || s->crash[0] != '\0';
	size_t    n_seen = 0, all = oplog_count(l), step = all / (is_brief ? CUTS_BRIEF : CUTS) + 1;
	size_t    first = chance_below(&chance, (unsigned)step);

	for (size_t n = first; n <= all; n += step)
		for (int how = 0; how < BY_CHANCE + (is_brief ? 1 : CHANCES); how++) {
			enum survival  survival = how < BY_CHANCE ? (enum survival)how : BY_CHANCE;
			uint64_t       seed = survival == BY_CHANCE ? chance_next(&chance) % 1000000 : 0;
			struct disk   *d = disk_after(l, n, survival, seed);
			uint64_t       hash = disk_hash(d);

			disk_free(d);
			/* What is as after kill -9 has its own tests. */
			if (p->conf->brief && (survival == KEEP_ALL || (n + (size_t)how) % 2 == 0))
				continue;
			if (is_new(seen, &n_seen, hash))
				go_on(p, origin, s, l, n, survival, seed);
			else
				__atomic_fetch_add(&tally->same, 1, __ATOMIC_SEQ_CST);
		}
	free(seen);
}

static void
one_scene(const struct conf *conf, const struct scene *s, unsigned number)
{
	struct extra  extras[STAGES_MOST] = { { NULL } };
	struct played played;
	struct place  logged, p;
	struct oplog *l;
	char          name[32], path[PATH_BYTES + 32];

	snprintf(name, sizeof(name), "logged-%u", number);
	place_make(&logged, conf, s->line, name);
	snprintf(path, sizeof(path), "%s/%s-%u.oplog", conf->work, s->line->name, number);
	for (unsigned i = 0; i < STAGES_MOST; i++)
		extras[i] = (struct extra){ .oplog = path, .loses = mutant, .crash = s->crash[0] == '\0' ? NULL : s->crash };
	if (s->crash[0] != '\0') {
		play(&logged, extras, &played);
		for (unsigned i = 0; i < STAGES_MOST; i++)
			extras[i].crash = NULL;
	}
	play(&logged, extras, &played);
	if (!played_well(&played)) {
		char told[3000];

		played_tell(&played, s->line, told, sizeof(told));
		report(false, "%s: with a log it does not end well: %s", s->line->name, told);
	}
	l = oplog_read(path, logged.dir);
	snprintf(name, sizeof(name), "power-%u", number);
	place_make(&p, conf, s->line, name);
	try_disks(&p, &logged, s, l, conf->seed * 1009 + number);
	oplog_free(l);
	remove_tree(p.dir);
	remove_tree(logged.dir);
	unlink(path);
}

/* The names of stages are those of the commands. */
static void
add_scenes(struct scenes *all, const struct line *l, const struct conf *conf)
{
	unsigned n = line_stages(l), taken = 0, number = 0;

	all->at[all->n++] = (struct scene){ l, "" };
	for (const struct ckpt_crash_step *step = ckpt_crash_steps; step->step != NULL; step++)
		for (unsigned i = 0; i < n; i++) {
			const char *role = i + 1 == n ? "sink" : i == 0 ? "source" : "stage";
			struct scene s = { l, "" };

			if (strcmp(step->role, role) != 0)
				continue;
			/* In a brief check two of them for each line, not the same ones. */
			if (conf->brief && (taken + 1 == SCENES_BRIEF || (number++ + (unsigned)(l - lines) * 5) % 11 != 0))
				continue;
			taken++;
			snprintf(s.crash, sizeof(s.crash), "%s:%s:%d", line_stage(l, i) + strlen("stream-"), step->step, 1 + (int)taken % 2);
			if (all->n == SCENES_MOST)
				die("too many scenes");
			all->at[all->n++] = s;
		}
}

static struct scenes scenes;

static void
work(const struct conf *conf, unsigned job)
{
	unsigned i;

	(void)job;
	while ((i = __atomic_fetch_add(next_scene, 1, __ATOMIC_SEQ_CST)) < scenes.n)
		one_scene(conf, &scenes.at[i], i);
}

/* A test that never fails is none: where an fsync is forgotten, some disk must show it, of this log or of another. */
static void
try_mutant(const struct conf *conf, const struct line *l, const char *loses)
{
	struct conf c = *conf;

	reference_output(conf, l);
	*tally = (struct tally){ 0 };
	scenes.at[0] = (struct scene){ l, "" };
	scenes.n = 1;
	mutant = loses;
	for (unsigned logs = 0; logs < MUTANT_LOGS && tally->failed == 0; logs++, c.seed++) {
		*next_scene = 0;
		in_parallel(&c, c.jobs, work);
	}
	mutant = NULL;
	report(tally->failed > 0, "power cuts of %s: without the fsync of %s %u of %u disks are told", l->name, loses, tally->failed,
	       tally->disks);
}

void
power_run(const struct conf *conf)
{
	struct conf brief = *conf;

	tally = shared(sizeof(*tally));
	next_scene = shared(sizeof(*next_scene));
	for (const struct line *l = lines; l->name != NULL; l++) {
		if (!line_wanted(conf, l) || (l->traits & NO_CHECKPOINT) != 0 || l->before != NULL)
			continue;
		reference_output(conf, l);
		add_scenes(&scenes, l, conf);
	}
	in_parallel(conf, conf->jobs, work);
	if (tally->failed == 0)
		report(true, "power cuts: the line goes on from each of %u disks", tally->disks);
	note("%u logs, %u disks, %u more were the same as another; %u wrong", scenes.n, tally->disks, tally->same, tally->failed);
	brief.brief = true;
	try_mutant(&brief, &lines[0], "files");
	try_mutant(&brief, &lines[0], "directories");
	for (const struct line *l = lines; l->name != NULL; l++)
		if (strcmp(l->name, "tables") == 0 && line_wanted(conf, l))
			try_mutant(&brief, l, "shelf");      /* what the library does to tables and their folders */
}
