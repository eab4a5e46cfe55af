# figures.jq - what the rows of bench/peers/run say; for bench/report.jq and chart.jq
include "table";

# Contestants in the order of tables.
def peer_names: [
	["ours", "streamutils, one process"], ["exact", "streamutils, three in a pipe, exactly-once at 1 s"],
	["fused", "streamutils, stream-window on the file and stream-sink, exactly-once at 1 s"],
	["flink", "Flink"], ["flink_2", "Flink, parallelism 2"], ["flink_exact", "Flink, exactly-once at 1 s"],
	["streams", "Kafka Streams"], ["spark", "Spark"], ["duckdb", "DuckDB"], ["duckdb_2", "DuckDB, two threads"],
	["mawk", "mawk"], ["jq", "jq"], ["mlr", "Miller"]];

# In: the rows.  Of each question and contestant what its best runs say: per million records over the short file, and, once
# it is warm, what the long file needs beyond that.  `us` is ours of the same run of the script, `n` the place in a table.
def peer_figures:
	map(select(.who)) | group_by([.job, .run, .who]) | map(
		. as $all
		| def best($records; f): $all | map(select(.records == $records) | f) | min;
		(map(.records) | unique) as $sizes
		| ($sizes | map(select(. > 1))) as $files
		| select(($files | length) == 2)
		| $files[0] as $short | $files[1] as $long
		| {
			job: .[0].job, who: .[0].who, run: .[0].run, short: $short, long: $long,
			warm_cpu_s: ((best($long; .cpu_s) - best($short; .cpu_s)) / ($long - $short) * 1e6),
			cpu_s: (best($short; .cpu_s) / $short * 1e6),
			wall_s: (best($short; .wall_s) / $short * 1e6),
			peak_mib: (map(select(.records == $long) | .peak_kib) | median / 1024)
		}
		# A short file of a quiet moment and a long one of a busy one, on a toy: no figure.
		| select(.warm_cpu_s > 0)
		| if $sizes[0] == 1 then .start_s = best(1; .wall_s) else . end
		| .warm_mrps = 1 / .warm_cpu_s)
	| . as $all
	| (map(select(.who == "ours")) | map({key: "\(.job) \(.run)", value: .}) | from_entries) as $us
	| ($all | map(.run) | max) as $last
	| map(select((.who | . == "ours" or . == "exact" or . == "fused" | not) or .run == $last) | .us = $us["\(.job) \(.run)"] | select(.us)
		| .fused = ($all | map(select(.who == "fused" and .run == $last)) | first)
		| .who as $who | .n = (peer_names | map(.[0]) | index($who)) | .name = (.n as $n | peer_names[$n][1]));

def peer_table($figures; $title; $job):
	($figures | map(select(.job == $job)) | sort_by(.n)) as $have
	| select($have | length > 1)
	| ($have | any(.start_s)) as $starts
	| def columns: .[:4] + (if $starts then .[4:5] else [] end) + .[5:];
	"", "### " + $title, "",
	(["", "M records a CPU s, warm", "CPU s a M records, warm", "a million, cold: CPU s", "start: s", "a million, cold: wall s",
		"peak MiB", "CPU, warm, times ours", "wall, cold, times ours"] | columns | head),
	($have[] | [.name, (.warm_mrps | size), (.warm_cpu_s | size), (.cpu_s | size), (if .start_s then .start_s | digits(3) else "" end), (.wall_s | size),
		(.peak_mib | digits(0)), (.warm_cpu_s / .us.warm_cpu_s | size), (.wall_s / .us.wall_s | size)] | columns | line);

# In: the rows.  A section of bench/README.md.
def peer_section:
	peer_figures as $figures | (map(select(.about == "peers")) | max_by(.run)) as $about
	| select($about and ($figures | length > 1))
	| ($figures | map(.long) | max / 1e6) as $long
	| "", "## Beside stream processors, a batch engine and filters", "",
	"`make bench-peers` on \($about.date), commit \($about.commit). The same file and the same question for all; a run counts if its",
	"answer, sorted, has the digest of ours. Best runs; Spark, Kafka Streams, jq and Miller had half as many. *Cold*: a run over a",
	"million records from the shell, start-up included; for jq and Miller five times a run over a fifth of it. *Warm*: what a run",
	"over \($long) million records needed beyond that (Kafka Streams and mawk: two million; jq and Miller: two fifths). *Start*: a run",
	"over one record. *Peak*: resident memory over the longer file, all processes, the median.", "",
	"![Records a CPU second, once warm](peers.svg)",
	peer_table($figures; "Count and sum by 10,000 users in windows of 10 s"; "window"),
	peer_table($figures; "Records kept by a number and a string"; "filter"),
	peer_table($figures; "The first record of each of 10,000 users"; "dedup"),
	peer_table($figures; "The first record of each of five million users, another file"; "many"),
	"", "### How they were set up", "",
	"- *Flink \($about.flink)*: DataStream, `peers/Flink.java`, by hand: lines stay bytes, Jackson's streaming parser takes three members and",
	"  skips the rest, objects are reused; state on the heap (`hashmap`), parallelism 1, no checkpoints unless said; file to files.",
	"- *Kafka Streams \($about.streams)*: `peers/Streams.java`, the same parser, topic to topic, one partition, one thread, state in memory",
	"  without a changelog, records keyed by user, so that nothing is repartitioned. The broker's CPU is not counted.",
	"- *Spark \($about.spark)*: structured streaming, `peers/Spark.java`, `local[1]`, one shuffle partition, `from_json` of three members, all that",
	"  is available in one batch, append mode; for the first record of a user it may give any.",
	"- *DuckDB \($about.duckdb)*: `peers/duck.py`, one thread unless said, a batch over the file: nothing of it is incremental.",
	"- *\($about.jq), Miller \($about.mlr), mawk \($about.mawk)*: `questions.bash`. mawk finds its fields by position and validates nothing.",
	"- *JVM*: \($about.java), `\($about.flags)`.",
	"- *streamutils*: one command on the file, everything validated; exactly-once is with a checkpoint.",
	"  Records keep all digits, sums are exact; those of the others are binary floating point (but DuckDB's)." ;

# In: the rows.  What was to be reached, each as [what, times, floor].
def peer_targets:
	peer_figures as $figures
	| def of($job; $who; f): $figures[] | select(.job == $job and .who == $who) | f;
	def cpu: .warm_cpu_s / .us.warm_cpu_s;
	(of("window"; "flink"; cpu) | ["Flink to stream-window on a file, CPU once warm", ., 10]),
	(of("window"; "flink"; .wall_s / .us.wall_s) | ["the same, a million records from the shell, wall", ., 30]),
	(of("window"; "flink_exact"; select(.fused) | .warm_cpu_s / .fused.warm_cpu_s)
		| ["Flink to stream-window and stream-sink, both exactly-once at 1 s, CPU once warm", ., 10]),
	(of("window"; "flink_exact"; select(.fused) | .wall_s / .fused.wall_s) | ["the same, a million records from the shell, wall", ., 30]),
	(of("filter"; "flink"; cpu) | ["Flink to stream-filter on a file, CPU once warm", ., 4]),
	(of("dedup"; "flink"; cpu) | ["Flink to stream-dedup on a file, CPU once warm", ., 8]),
	(of("many"; "flink"; cpu) | ["the same of five million ids", ., 8]),
	(["window", "filter", "dedup"][] as $job | of($job; "duckdb"; cpu)
		| ["DuckDB to stream-\($job) on a file, CPU once warm", ., 1]),
	(of("many"; "duckdb"; cpu) | ["the same of five million ids", ., 1]);
