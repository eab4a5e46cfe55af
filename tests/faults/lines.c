/* lines - what is run: small, so that thousands of runs are a matter of minutes */
#include "harness.h"

#include <string.h>

#define CAT "stream-cat", "--time", ".at", "--out-of-order", "24h", "--checkpoint-interval", "2ms", "--rate", "10000"
#define OWN_SOURCE "--time", ".at", "--out-of-order", "6h", "--checkpoint-interval", "2ms", "--rate", "10000"

const struct line lines[] = {
	{ "copy", 120, {
		{ CAT, "-k", ".carrier", "--dead-letter", "dead.ndjson", "input.ndjson" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson" }, 0, NULL },

	{ "window", 120, {
		{ CAT, "-k", ".carrier", "input.ndjson" },
		{ "stream-window", "tumbling", "1h", "--late", "late.ndjson", "-a", "n=count", "-a", "delay=sum(.dep_delay)" },
		{ "stream-sink", "file:out.ndjson?visible=commit" } },
	  { "out.ndjson" }, 0, NULL },

	/* Two files by time: a position for each. */
	{ "merge", 80, {
		{ CAT, "-k", ".carrier", "--merge", "input.ndjson", "input.ndjson" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson" }, IN_LONG, NULL },

	/* Much at once: pages go from one to the next. */
	{ "wide", 2500, {
		{ "stream-cat", "--time", ".at", "--out-of-order", "24h", "--checkpoint-interval", "2ms", "-k", ".carrier", "input.ndjson" },
		{ "stream-filter", "true" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson" }, 0, NULL },

	/* Bases and deltas, and the child that writes a base. */
	{ "base", 1200, {
		{ "stream-window", "tumbling", "1d", "-k", ".tail", "-a", "n=count", "-a", "far=max(.distance)", OWN_SOURCE, "--late",
			"late.ndjson", "input.ndjson" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson", "late.ndjson" }, 0, NULL },

	/* By libjq, which takes a failed strdup for an assertion's business while it compiles, or compares with what it got. */
	{ "jq", 60, {
		{ CAT, "-k", ".carrier", "input.ndjson" },
		{ "stream-filter", "--map", "reduce (.origin, .dest) as $p ({}; .[$p] = 1)" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson" }, LIBRARY_ABORTS, NULL },

	/* By our own engine; a running number, and dead letters beside the stream. */
	{ "filter", 120, {
		{ CAT, "-k", ".carrier", "input.ndjson" },
		{ "stream-filter", "--where", ".dep_delay * 2 > .arr_delay", "--map", ".origin, {dest, far: .distance}", "--set-key", ".dest",
			"--dead-letter", "dead.ndjson" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson", "dead.ndjson" }, IN_LONG, NULL },

	/* Somebody else's filter, a process for each epoch. */
	{ "exec", 120, {
		{ CAT, "-k", ".carrier", "input.ndjson" },
		{ "stream-exec", "--", "sed", "/JFK/d" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson" }, 0, NULL },

	/* A line for each of its lines, in a command that is its own source. */
	{ "each", 120, {
		{ "stream-exec", OWN_SOURCE, "-k", ".carrier", "input.ndjson", "--each", "--", "sed", "-u", "s/JFK/jfk/" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson" }, IN_LONG, NULL },

	{ "dedup", 120, {
		{ "stream-dedup", OWN_SOURCE, "--by", ".tail", "--within", "12h", "--duplicates", "again.ndjson", "--late", "drop",
			"input.ndjson" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson", "again.ndjson" }, 0, NULL },

	/* More ids than there is memory for: tables of a database, whose own calls and threads are hurt, too. */
	{ "tables", 700, {
		{ "stream-dedup", "--time", ".at", "--out-of-order", "6h", "--checkpoint-interval", "2ms", "--rate", "4000", "--by", ".tail", "--within",
			"1h", "--late", "drop", "--memory", "8K", "input.ndjson" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson" }, IN_LONG | LIBRARY_ABORTS | LIBRARY_MINDS, NULL },

	{ "tables-again", 700, {
		{ "stream-dedup", "--time", ".at", "--out-of-order", "6h", "--checkpoint-interval", "2ms", "--rate", "4000", "--by", ".tail", "--within",
			"1h", "--late", "drop", "--memory", "8K", "input.ndjson" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson" }, IN_LONG | LIBRARY_ABORTS | LIBRARY_MINDS, "dedup:tables-linked:2" },

	/* More than there is memory for: runs on disk. */
	{ "sort", 150, {
		{ CAT, "-k", ".carrier", "input.ndjson" },
		{ "stream-sort", "--memory", "8K" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson" }, 0, NULL },

	{ "spill", 120, {
		{ CAT, "-k", ".tail", "input.ndjson" },
		{ "stream-window", "tumbling", "1d", "--memory", "8K", "-a", "n=count" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson" }, 0, NULL },

	/* A stream and a file that the join reads by itself. */
	{ "join", 120, {
		{ CAT, "-k", ".tail", "input.ndjson" },
		{ "stream-join", "left", "--within", "1m..5h", "--time", ".at", "-k", ".tail", "--out-of-order", "24h", "-", "input.ndjson" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson" }, AS_SET, NULL },

	/* Two files that it reads itself, and keeps more of them than there is memory for. */
	{ "files", 120, {
		{ "stream-join", "full", "--within", "1m..5h", "--time", ".at", "--on", ".tail", "--out-of-order", "24h", "--checkpoint-interval",
			"2ms", "--memory", "64K", "input.ndjson", "input.ndjson" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson" }, IN_LONG | AS_SET, NULL },

	/* A table that is no part of the snapshot. */
	{ "table", 120, {
		{ CAT, "-k", ".tail", "input.ndjson" },
		{ "stream-join", "left", "--table", "input.ndjson", "--on", ".tail", "-" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson" }, IN_LONG, NULL },

	{ "parts", 120, {
		{ CAT, "-k", ".carrier", "input.ndjson" },
		{ "stream-sink", "dir:out?key=$.key&window=6h&compress=zstd" } },
	  { "out/" }, 0, NULL },

	/* The second run is the one that is hurt: it loads, and cuts what the first had not committed. */
	{ "again", 120, {
		{ "stream-cat", "--time", ".at", "--out-of-order", "10m", "--checkpoint-interval", "2ms", "--rate", "5000", "-k", ".carrier",
			"input.ndjson" },
		{ "stream-window", "tumbling", "5m", "--late", "late.ndjson", "-a", "n=count" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson", "late.ndjson" }, 0, "sink:output-synced:2" },

	{ "parts-again", 120, {
		{ CAT, "-k", ".carrier", "input.ndjson" },
		{ "stream-sink", "dir:out?key=$.key" } },
	  { "out/" }, 0, "sink:sealed:2" },

	{ "sort-again", 150, {
		{ CAT, "-k", ".carrier", "input.ndjson" },
		{ "stream-sort", "--memory", "8K" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson" }, 0, "sort:barrier-said:2" },

	/* Nothing to go on from. */
	{ "plain", 120, {
		{ "stream-cat", "--time", ".at", "--out-of-order", "24h", "-k", ".carrier", "input.ndjson" },
		{ "stream-filter", ".dep_delay != null" },
		{ "stream-window", "tumbling", "1h", "-a", "n=count" },
		{ "stream-sink", "file:out.ndjson" } },
	  { "out.ndjson" }, NO_CHECKPOINT, NULL },

	{ .name = NULL }
};

bool
line_wanted(const struct conf *conf, const struct line *l)
{
	if (conf->only != NULL)
		return strcmp(conf->only, l->name) == 0;
	return !conf->brief || (l->traits & IN_LONG) == 0;
}

unsigned
line_stages(const struct line *l)
{
	unsigned n = 0;

	while (n < STAGES_MOST && l->stages[n][0] != NULL)
		n++;
	return n;
}

const char *
line_stage(const struct line *l, unsigned stage)
{
	return l->stages[stage][0];
}
