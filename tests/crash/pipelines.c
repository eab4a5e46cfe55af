/* pipelines - what is run: each shape that behaves in its own way when it is killed */
#include "crash.h"

#include <string.h>

#define TUMBLING_DAY "stream-window", "tumbling", "1d", "--offset", "5h"
#define CAT_FLIGHTS "stream-cat", "--time", ".at", "--out-of-order", "24h"
#define SINK_OUT "stream-sink", "file:out.ndjson"

/* --rate makes a run last for some fifty epochs. */
const struct pipeline pipelines[] = {
	/* The main job: a small state. */
	{ "stream", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".carrier", "--rate", "30000", "input.ndjson" } },
		{ "window", "stage", { TUMBLING_DAY, "-a", "flights=count", "-a", "delay=sum(.dep_delay)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, 0 },

	/* A group for each aeroplane: bases and deltas; late records beside the stream; a target that holds back. */
	{ "late", INPUT_FLIGHTS, {
		{ "cat", "source", { "stream-cat", "--time", ".at", "--key", ".tail", "--out-of-order", "6h", "--rate", "30000",
			"input.ndjson" } },
		{ "window", "stage", { TUMBLING_DAY, "--allowed-lateness", "3h", "--late", "late.ndjson", "-a", "n=count",
			"-a", "far=max(.distance)", "-a", "near=min(.distance)", "-a", "air=mean(.air_time)" } },
		{ "sink", "sink", { "stream-sink", "file:out.ndjson?visible=commit" } } },
	  { "out.ndjson", "late.ndjson" }, 0 },

	/* A command that is its own source. */
	{ "fused", INPUT_FLIGHTS, {
		{ "window", "source", { TUMBLING_DAY, "--time", ".at", "-k", ".tail", "--out-of-order", "6h", "--late",
			"late.ndjson", "-a", "n=count", "-a", "air=sum(.air_time)", "--rate", "30000", "input.ndjson" } },
		{ "sink", "sink", { SINK_OUT, "--body", "payload" } } },
	  { "out.ndjson", "late.ndjson" }, 0 },

	/* No operator; bad lines go to a side file of the source. */
	{ "copy", INPUT_WITH_BAD, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".carrier", "--dead-letter", "dead-cat.ndjson", "--rate", "30000",
			"input.ndjson" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson", "dead-cat.ndjson" }, 0 },

	/* Bad lines at two stages. */
	{ "bad", INPUT_WITH_BAD, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".carrier", "--dead-letter", "dead-cat.ndjson", "--rate", "30000",
			"input.ndjson" } },
		{ "window", "stage", { TUMBLING_DAY, "-a", "n=count", "-a", "delay=sum(.dep_delay)", "--dead-letter",
			"dead-window.ndjson" } },
		{ "sink", "sink", { SINK_OUT, "--dead-letter", "dead-sink.ndjson" } } },
	  { "out.ndjson", "dead-cat.ndjson", "dead-window.ndjson" }, 0 },

	/* Somebody else's filter, which lets marks pass. */
	{ "jq", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".carrier", "--rate", "8000", "input.ndjson" } },
		{ "jq", NULL, { "jq", "--unbuffered", "-c", "." } },
		{ "window", "stage", { TUMBLING_DAY, "-a", "flights=count", "-a", "delay=sum(.dep_delay)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, 0 },

	/* A growing file, as far as it is: stopped, not ended; windows stay open. */
	{ "stop", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".carrier", "-f", "-e", "--rate", "30000", "input.ndjson" } },
		{ "window", "stage", { TUMBLING_DAY, "-a", "flights=count", "-a", "delay=sum(.dep_delay)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, 0 },

	/* Parts, published as the days pass; a reader looks at them all the time. */
	{ "parts", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".carrier", "--rate", "10000", "input.ndjson" } },
		{ "window", "stage", { "stream-window", "tumbling", "1h", "-a", "n=count", "-a", "delay=sum(.dep_delay)" } },
		{ "sink", "sink", { "stream-sink", "dir:out?key=$.key&window=1d" } } },
	  { "out/" }, 0 },

	/* A thousand open at once, compressed: more than there are descriptors; bases and deltas. */
	{ "packed", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".tail", "--rate", "10000", "input.ndjson" } },
		{ "sink", "sink", { "stream-sink", "dir:out?key=.tail&size=4K&compress=zstd" } } },
	  { "out/" }, 0 },

	/* The other windows, with every way to speak before the end; rounds only: their durable steps are those above. */
	{ "sessions", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".tail", "--rate", "10000", "input.ndjson" } },
		{ "window", "stage", { "stream-window", "session", "7h", "--emit", "updates", "-a", "legs=count", "-a",
			"far=sum(.distance)", "-a", "way=collect(.dest)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, ROUNDS_ONLY },
	{ "sliding", INPUT_FLIGHTS, {
		{ "cat", "source", { "stream-cat", "--time", ".at", "--key", ".dest", "--out-of-order", "6h", "--rate", "30000",
			"input.ndjson" } },
		{ "window", "stage", { "stream-window", "sliding", "1d", "3h", "--emit", "every:6h", "--allowed-lateness", "3h",
			"--late", "late.ndjson", "-a", "n=count", "-a", "worst=max(.dep_delay)", "-a", "p=quantile~(.dep_delay,0.9)",
			"-a", "ids=distinct(.tail)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson", "late.ndjson" }, ROUNDS_ONLY },
	{ "cumulative", INPUT_FLIGHTS, {
		{ "window", "source", { "stream-window", "cumulative", "1d", "6h", "--time", ".at", "-k", ".origin", "-k", ".carrier",
			"--out-of-order", "24h", "-a", "n=count", "-a", "first=first(.tail)", "--rate", "30000", "input.ndjson" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, ROUNDS_ONLY },
	{ "zone", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".tail", "--rate", "30000", "input.ndjson" } },
		{ "window", "stage", { "stream-window", "tumbling", "1d", "--tz", "America/New_York", "-a", "n=count", "-a",
			"top=top(.distance,3)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, ROUNDS_ONLY },
	{ "counts", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".tail", "--rate", "30000", "input.ndjson" } },
		{ "window", "stage", { "stream-window", "count", "10", "3", "-a", "n=count", "-a", "air=mean(.air_time)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, ROUNDS_ONLY },
	{ "global", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".dest", "--rate", "30000", "input.ndjson" } },
		{ "window", "stage", { "stream-window", "global", "--emit", "every:12h", "-a", "n=count", "-a",
			"delay=sum(.dep_delay)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, ROUNDS_ONLY },

	/* More groups than there is memory for, a key's in memory and in runs; windows that share theirs, and late records. */
	{ "spilled", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".tail", "--rate", "10000", "input.ndjson" } },
		{ "window", "stage", { TUMBLING_DAY, "--memory", "64K", "-a", "n=count", "-a", "delay=sum(.dep_delay)", "-a",
			"way=collect(.dest)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, 0 },
	{ "slid", INPUT_FLIGHTS, {
		{ "window", "source", { "stream-window", "sliding", "1d", "6h", "--time", ".at", "-k", ".tail", "--out-of-order", "6h",
			"--allowed-lateness", "6h", "--late", "late.ndjson", "--memory", "64K", "-a", "n=count", "-a", "far=max(.distance)",
			"--rate", "10000", "input.ndjson" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson", "late.ndjson" }, ROUNDS_ONLY },
	{ "sessions-spilled", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".tail", "--rate", "10000", "input.ndjson" } },
		{ "window", "stage", { "stream-window", "session", "7h", "--memory", "32K", "-a", "n=count", "-a",
			"delay=sum(.dep_delay)", "-a", "way=collect(.dest)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, ROUNDS_ONLY },
	{ "sessions-late", INPUT_FLIGHTS, {
		{ "window", "source", { "stream-window", "session", "4h", "--time", ".at", "-k", ".tail", "--out-of-order", "6h",
			"--allowed-lateness", "6h", "--late", "late.ndjson", "--memory", "32K", "-a", "n=count", "-a", "far=max(.distance)",
			"--rate", "10000", "input.ndjson" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson", "late.ndjson" }, ROUNDS_ONLY },

	/* A file that grows and is rotated meanwhile, whether anybody is there to see it or not. */
	{ "follow", INPUT_GROWING, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".carrier", "--follow", UNTIL_WRITTEN, "input.ndjson" } },
		{ "window", "stage", { "stream-window", "tumbling", "1h", "-a", "flights=count", "-a", "delay=sum(.dep_delay)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, ROUNDS_ONLY },

	/* Ids that are forgotten: thousands at once, deltas of what changed; duplicates beside the stream. */
	{ "dedup", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".tail", "--rate", "10000", "input.ndjson" } },
		{ "dedup", "stage", { "stream-dedup", "--within", "12h", "--duplicates", "again.ndjson" } },
		{ "window", "stage", { TUMBLING_DAY, "--global", "-a", "planes=count", "-a", "delay=sum(.dep_delay)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson", "again.ndjson" }, 0 },

	/* More ids than the memory holds: forgotten ones, and ones that are there for ever. */
	{ "tables", INPUT_FLIGHTS, {
		{ "dedup", "source", { "stream-dedup", "--time", ".at", "-k", ".tail", "--out-of-order", "24h", "--within", "6h", "--refresh",
			"--memory", "16K", "--duplicates", "again.ndjson", "--rate", "8000", "input.ndjson" } },
		{ "ids", "stage", { "stream-dedup", "--name", "ids", "--by", ".id", "--memory", "16K" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson", "again.ndjson" }, TABLES_ONLY },

	/* Records that wait for the watermark, in a command that is its own source. */
	{ "earliest", INPUT_FLIGHTS, {
		{ "dedup", "source", { "stream-dedup", "--time", ".at", "--by", ".tail", "--out-of-order", "6h", "--keep", "earliest",
			"--within", "1d", "--refresh", "--memory", "32K", "--late", "late.ndjson", "--duplicates", "again.ndjson", "--rate", "10000",
			"input.ndjson" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson", "late.ndjson", "again.ndjson" }, ROUNDS_ONLY },

	/* The same for longer, behind somebody else. */
	{ "latest", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".tail", "--rate", "10000", "input.ndjson" } },
		{ "dedup", "stage", { "stream-dedup", "--keep", "latest", "--within", "6h" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, ROUNDS_ONLY },

	/* A running number; dead letters beside the stream. */
	{ "filter", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".tail", "--rate", "30000", "input.ndjson" } },
		{ "filter", "stage", { "stream-filter", "--where", ".dep_delay * 2 > .arr_delay", "--map", ".origin, {dest, at: $.ts}",
			"--dead-letter", "dead.ndjson" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson", "dead.ndjson" }, ROUNDS_ONLY },

	/* Somebody else's program, one process for each epoch. */
	{ "exec", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".carrier", "--rate", "2500", "input.ndjson" } },
		{ "exec", "stage", { "stream-exec", "--shell", "exec jq -c 'select(.cancelled | not) | del(.tail)'" } },
		{ "window", "stage", { TUMBLING_DAY, "-a", "flights=count", "-a", "delay=sum(.dep_delay)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, ROUNDS_ONLY },

	/* Its lines as they come: the running number, and with it the place of each. */
	{ "lines", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".carrier", "--rate", "30000", "input.ndjson" } },
		{ "exec", "stage", { "stream-exec", "--dead-letter", "dead.ndjson", "--shell", "exec sed -u '/UA/d; s/\"AA\"/oops/'" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson", "dead.ndjson" }, ROUNDS_ONLY },

	/* Records that wait, in memory and in many small files. */
	{ "sort", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".carrier", "--rate", "8000", "input.ndjson" } },
		{ "sort", "stage", { "stream-sort", "--memory", "64K" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, 0 },

	/* The same as its own source, with a window that cares for the order of arrival behind it. */
	{ "sorted", INPUT_FLIGHTS, {
		{ "sort", "source", { "stream-sort", "--time", ".at", "-k", ".tail", "--out-of-order", "12h", "--memory", "64K",
			"--late", "late.ndjson", "--rate", "8000", "input.ndjson" } },
		{ "window", "stage", { "stream-window", "count", "2", "-a", "ids=collect(.id)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson", "late.ndjson" }, 0 },

	/* Two sources, a join, a window: which of the two is ahead is never the same, so the sets are. */
	{ "join", INPUT_FLIGHTS, {
		{ "left", "source", { CAT_FLIGHTS, "--name", "left", "--key", ".tail", "--rate", "10000", "input.ndjson" } },
		{ "right", "source", { CAT_FLIGHTS, "--name", "right", "--key", ".tail", "--rate", "15000", "input.ndjson" } },
		{ "join", "stage", { "stream-join", "left", "--within", "1m..5h", FIRST_OUT, "-" } },
		{ "window", "stage", { "stream-window", "tumbling", "6h", "-a", "n=count", "-a", "next=count(.right)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, AS_SETS | FORKED },

	/* One of them is read by the join itself, which has little memory: what is kept goes to disk. */
	{ "mixed", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".tail", "--rate", "10000", "input.ndjson" } },
		{ "join", "stage", { "stream-join", "full", "--within", "1m..5h", "--time", ".at", "-k", ".tail", "--out-of-order", "24h",
			"--memory", "32K", "--late", "late.ndjson", "-", "input.ndjson" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson", "late.ndjson" }, AS_SETS },

	/* Both of them are. */
	{ "joined", INPUT_YEAR, {
		{ "join", "source", { "stream-join", "--window", "tumbling 1h", "--time", ".at", "-k", ".carrier", "--on", ".tail",
			"--out-of-order", "24h", "--memory", "1M", "input.ndjson", "input.ndjson" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, ROUNDS_ONLY | AS_SETS },

	/* As fast as it goes: kills fall into work, not into waiting. */
	{ "year", INPUT_YEAR, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".tail", "input.ndjson" } },
		{ "window", "stage", { TUMBLING_DAY, "-a", "flights=count", "-a", "delay=sum(.dep_delay)" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, ROUNDS_ONLY },

	/* From topic to topic.  Whose partition comes first is never the same; what comes out does not depend on it. */
	{ "topics", INPUT_FLIGHTS, {
		{ "cat", "source", { "stream-cat", "--time", ".at", "--key", ".carrier", "--out-of-order", "72h", "--rate", "10000",
			"--exit-at-end", "--close", TOPIC_IN } },
		{ "dedup", "stage", { "stream-dedup", "--by", ".id" } },
		{ "window", "stage", { TUMBLING_DAY, "-a", "flights=count", "-a", "delay=sum(.dep_delay)" } },
		{ "sink", "sink", { "stream-sink", TOPIC_OUT } } },
	  { "out.ndjson" }, ROUNDS_ONLY | AS_SETS | ON_BROKER },
	{ "from-topic", INPUT_FLIGHTS, {
		{ "cat", "source", { "stream-cat", "--rate", "10000", "--exit-at-end", "--close", TOPIC_IN } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, ROUNDS_ONLY | AS_SETS | ON_BROKER },
	{ "to-topic", INPUT_FLIGHTS, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".id", "--rate", "5000", "input.ndjson" } },
		{ "sink", "sink", { "stream-sink", TOPIC_OUT } } },
	  { "out.ndjson" }, ROUNDS_ONLY | AS_SETS | ON_BROKER },

	/* And much in both pipes. */
	{ "much", INPUT_YEAR, {
		{ "cat", "source", { CAT_FLIGHTS, "--key", ".tail", "input.ndjson" } },
		{ "filter", "stage", { "stream-filter", ".origin == \"JFK\"" } },
		{ "sink", "sink", { SINK_OUT } } },
	  { "out.ndjson" }, ROUNDS_ONLY },

	{ .name = NULL }
};

unsigned
pipeline_stages(const struct pipeline *p)
{
	unsigned n = 0;

	while (n < MAX_STAGES && p->stages[n].name != NULL)
		n++;
	return n;
}

bool
pipeline_writes_topic(const struct pipeline *p)
{
	const struct stage *sink = &p->stages[pipeline_stages(p) - 1];

	return strncmp(sink->argv[1], TOPIC_OUT, strlen(TOPIC_OUT)) == 0;
}

bool
pipeline_has_role(const struct pipeline *p, const struct stage *s, const char *role)
{
	if (s->role == NULL)
		return false;
	return strcmp(role, "topic") == 0 ? strcmp(s->role, "sink") == 0 && pipeline_writes_topic(p) : strcmp(role, s->role) == 0;
}
