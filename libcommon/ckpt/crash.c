/*
 * crash - the places where a test may kill us
 *
 * Each step that others can see has a name; so every one of them can be hit, again and again, in
 * the same way.  In a release nothing of this is left but the table.
 */
#include "ckpt/ckpt.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct ckpt_crash_step ckpt_crash_steps[] = {
	{ "source", "lock" },              /* own lock taken */
	{ "source", "run-taken" },         /* the run stands in the lock file */
	{ "source", "loaded" },            /* the snapshot is loaded, newer ones are removed */
	{ "source", "side-cut" },          /* side files are cut back (run/) */
	{ "source", "hello" },             /* hello is said (run/) */
	{ "source", "run-named" },         /* a run was spilled (run/) */
	{ "source", "runs-synced" },       /* spilled runs that the snapshot will name are durable (run/) */
	{ "source", "table-written" },     /* keys went to disk (run/) */
	{ "source", "tables-linked" },     /* the folder that the snapshot will name is there (run/) */
	{ "source", "snap-temp" },         /* the snapshot is written under its temp name */
	{ "source", "snap-synced" },
	{ "source", "snap-renamed" },
	{ "source", "barrier-said" },      /* (run/) */
	{ "source", "pruned" },
	{ "source", "runs-removed" },      /* files of spilled runs that nobody needs (run/) */
	{ "source", "tables-removed" },    /* folders of tables that nobody needs (run/) */
	{ "source", "base-forked" },       /* the child that writes a base is at work */
	{ "source", "base-child" },        /* in the child itself */
	{ "source", "base-renamed" },
	{ "source", "end-said" },          /* end or stop (run/) */
	{ "stage", "lock" },
	{ "stage", "run-taken" },
	{ "stage", "loaded" },
	{ "stage", "side-cut" },           /* (run/) */
	{ "stage", "hello" },              /* (run/) */
	{ "stage", "run-named" },          /* (run/) */
	{ "stage", "runs-synced" },        /* (run/) */
	{ "stage", "table-written" },      /* (run/) */
	{ "stage", "tables-linked" },      /* (run/) */
	{ "stage", "snap-temp" },
	{ "stage", "snap-synced" },
	{ "stage", "snap-renamed" },
	{ "stage", "barrier-said" },       /* (run/) */
	{ "stage", "pruned" },
	{ "stage", "runs-removed" },       /* (run/) */
	{ "stage", "tables-removed" },     /* (run/) */
	{ "stage", "base-forked" },
	{ "stage", "base-child" },
	{ "stage", "base-renamed" },
	{ "stage", "end-said" },           /* (run/) */
	{ "sink", "lock" },                /* DIR/lock taken */
	{ "sink", "pipeline-made" },       /* only the first time */
	{ "sink", "rolled-back" },         /* the target is fenced and cut (run/) */
	{ "sink", "commit-temp" },         /* each commit, that at the start too */
	{ "sink", "commit-renamed" },
	{ "sink", "commit-start" },        /* the commit before the run is registered */
	{ "sink", "run-temp" },
	{ "sink", "run-registered" },
	{ "sink", "loaded" },
	{ "sink", "resumed" },             /* parts are cut back and renamed, those of a dir: (run/) */
	{ "sink", "sealed" },              /* what a dir: has open is durable (run/) */
	{ "sink", "snap-temp" },
	{ "sink", "snap-synced" },
	{ "sink", "snap-renamed" },
	{ "sink", "output-synced" },       /* (run/) */
	{ "sink", "committed" },
	{ "sink", "part-named" },          /* one part has its name (sink/) */
	{ "sink", "published" },           /* all that the epoch publishes have (run/) */
	{ "sink", "pruned" },
	{ "sink", "base-forked" },
	{ "sink", "base-child" },
	{ "sink", "base-renamed" },
	{ "sink", "closed" },              /* after end or stop (run/) */
	{ "topic", "begun" },              /* a transaction is open (kafka/, and so on) */
	{ "topic", "given" },              /* the library has the epoch's first records */
	{ "topic", "epoch-sent" },         /* the epoch is in the transaction */
	{ "topic", "decided" },            /* the brokers have committed it */
	{ NULL, NULL }
};

#ifdef STREAM_DEBUG

static bool
is_step(const char *step)
{
	for (const struct ckpt_crash_step *s = ckpt_crash_steps; s->step != NULL; s++)
		if (strcmp(s->step, step) == 0)
			return true;
	return false;
}

/* Does the wish, stage:step:n, speak of this place?  Then *n. */
static bool
is_meant(const char *wish, const char *stage, const char *step, long *n)
{
	size_t stage_n = strlen(stage), step_n = strlen(step);

	if (strncmp(wish, stage, stage_n) != 0 || wish[stage_n] != ':')
		return false;
	wish += stage_n + 1;
	if (strncmp(wish, step, step_n) != 0 || wish[step_n] != ':')
		return false;
	*n = strtol(wish + step_n + 1, NULL, 10);
	return true;
}

void
ckpt_crash_point(const char *stage, const char *step)
{
	static long passed;        /* of the one place that the wish speaks of */
	const char *wish = getenv("STREAM_CRASH");
	long        n;

	assert(is_step(step));
	if (wish == NULL || !is_meant(wish, stage, step, &n) || ++passed != n)
		return;
	/* A test that sees no such line knows that the place was not reached. */
	dprintf(STDERR_FILENO, "crash: %s\n", wish);
	kill(getpid(), SIGKILL);
}

#endif
