# The rows of bench/run as tables in Markdown; bench/report calls it.
include "table";
include "figures";

[inputs] as $rows
| ($rows | map(select(.cpu_s and .id)) | group_by(.id) | map({
	key: .[0].id,
	value: {
		records: .[0].records, bytes: .[0].bytes, all: .,
		wall_s: (map(.wall_s) | min), cpu_s: (map(.cpu_s) | min),
		wall_median_s: (map(.wall_s) | median), cpu_median_s: (map(.cpu_s) | median),
		peak_mib: (map(.peak_kib) | median / 1024)
	}
}) | from_entries) as $m
| def m($id): $m[$id];
def mrps_cpu: .records / .cpu_s / 1e6;
def gbps_cpu: .bytes / .cpu_s / 1e9;
# Seconds for a million records.
def a_million(s): s / .records * 1e6;
# A section with the rows that were measured, if any; the last column compares with the first.
def section($title; $prose; $ids): ($ids | map(select(m(.)))) as $have
	| if ($have | length) == 0 then empty else
		"", "## " + $title, "", ($prose | select(. != "") | ., ""),
		(["", "M records a CPU s", "GB a CPU s", "CPU s a M records", "median", "wall s a M records", "median",
			"peak MiB", "CPU, times the first"] | head),
		($have[] | . as $id | m($id) | [($id | sub("^[a-z]*: "; "")), (mrps_cpu | size), (gbps_cpu | size),
			(a_million(.cpu_s) | size), (a_million(.cpu_median_s) | size),
			(a_million(.wall_s) | size), (a_million(.wall_median_s) | size), (.peak_mib | digits(1)),
			(a_million(.cpu_s) / (m($have[0]) | a_million(.cpu_s)) | size)] | line) end;
# Of sorted numbers.
def quantile($q): .[(length - 1) * $q | floor];
($rows | map(select(.id == "latency"))) as $latency
# Pairs, in the order they were run: what the checkpoint added, in per cent.
| def paired(f): [m("exact: with").all, m("exact: without").all] | transpose | map((.[0] | f) / (.[1] | f) * 100 - 100);
# The same of any two rows.
def over($with; $without; f): [m($with).all, m($without).all] | select(all) | transpose | map((.[0] | f) / (.[1] | f) * 100 - 100);
# BEST and MEDIAN in UNIT; the best decides.  LESS: less is better.
def target($what; $best; $median; $unit; $floor; $goal; $less):
	def good($bound): if $bound == null then false elif $less then $best <= $bound else $best >= $bound end;
	[$what, ($best | size) + $unit, (if $median == null then "" else ($median | size) + $unit end), ($floor | tostring) + $unit,
		(if $goal == null then "" else ($goal | tostring) + $unit end),
		(if good($goal) then "goal" elif good($floor) then "floor" else "**no**" end)] | line;
# Of the row ID, of its best run and of the median.
def rate_target($what; $id; $unit; f; $floor; $goal): m($id) | select(.)
	| target($what; f; (.cpu_s = .cpu_median_s | .wall_s = .wall_median_s | f); $unit; $floor; $goal; false);
def ratio_target($what; $slow; $fast; $floor): [m($slow), m($fast)] | select(all)
	| target($what; (.[0] | a_million(.cpu_s)) / (.[1] | a_million(.cpu_s)); null; " times"; $floor; null; false);

"## What was to be reached", "",
([ "what", "best run", "median", "floor", "goal", "reached" ] | head),
rate_target("stream-cat, file to pipe, a CPU second"; "pass: stream-cat to a pipe"; " GB"; gbps_cpu; 0.6; 1),
rate_target("stream-window from a pipe of records, records a CPU second"; "window: from a pipe of records"; " M"; mrps_cpu; 2.5; 4),
rate_target("stream-window on a file, records a CPU second"; "window: on a file"; " M"; mrps_cpu; 3; 5.5),
rate_target("stream-cat, stream-window, stream-sink in a pipe, records a second"; "pipeline: to a file"; " M";
	.records / .wall_s / 1e6; 2; 3.5),
rate_target("stream-filter by a number and a string, on a file, records a CPU second"; "filter: on a file"; " M"; mrps_cpu; 3; 6),
rate_target("stream-dedup from a pipe of records, 10 M ids, records a CPU second"; "dedup: from a pipe of records"; " M"; mrps_cpu; 2; 4),
(($rows | map(select(.id == "dedup: ids") | .count) | first) as $ids | m("dedup: from a pipe of records") | select(. and $ids)
	| target("stream-dedup, bytes an id, of the whole process"; .peak_mib * 1048576 / $ids; null; ""; 32; 20; true)),
(($rows | map(select(.id == "dedup: ids") | .count) | first) as $ids | m("dedup: the same, --within 1d") | select(. and $ids)
	| target("stream-dedup --within, bytes an id, of the whole process"; .peak_mib * 1048576 / $ids; null; ""; 32; null; true)),
(m("ids: all of them new") | select(.)
	| target("stream-dedup of \(.records / 1e6) M ids, bytes an id, of the whole process"; .peak_mib * 1048576 / .records; null; ""; 32; 20; true)),
rate_target("stream-join --within on two files, records a CPU second"; "join: --within, two files"; " M"; mrps_cpu; 1; 2),
rate_target("stream-join, all records kept, in a quarter of the memory, records a CPU second"; "join: the same, in a quarter of the memory"; " M"; mrps_cpu; 0.3; null),
rate_target("stream-window sliding 60s 1s, records a CPU second"; "kinds: sliding 60s 1s"; " M"; mrps_cpu; 1; null),
rate_target("stream-window session, a million open, records a CPU second"; "kinds: session 10m"; " M"; mrps_cpu; 1; null),
rate_target("stream-window session, each user new, in a quarter of the memory, records a CPU second"; "kinds: session 10m, new users, a quarter of the memory"; " M"; mrps_cpu; 0.3; null),
rate_target("stream-window, a million keys in a quarter of the memory, records a CPU second"; "kinds: the same, in a quarter of the memory"; " M"; mrps_cpu; 0.3; null),
rate_target("quantile~ by 10,000 keys, records a CPU second"; "kinds: quantile~"; " M"; mrps_cpu; 1; null),
rate_target("distinct~ of a million values, records a CPU second"; "kinds: distinct~"; " M"; mrps_cpu; 1; null),
(if m("exact: with") then
	(paired(.cpu_s) | target("cost of exactly-once at 1 s, CPU, median of \(length) pairs"; median; null; " %"; 5; 2; true)),
	(paired(.wall_s) | target("cost of exactly-once at 1 s, wall, median of \(length) pairs"; median; null; " %"; 5; 2; true))
	else empty end),
(over("exec: jq as a stage"; "exec: jq alone"; .cpu_s) | target("cost of stream-exec over jq alone, CPU, median of \(length) pairs"; median; null; " %"; 10; null; true)),
($latency | map(select(.how == "without" and .rate == 100000) | .late_us) | select(length > 0)
	| (map(quantile(0.5)), map(quantile(0.99))) as $of
	| target("latency of three stages at 100,000 records a second, " + if $of == map(quantile(0.5)) then "median" else "99 of 100" end;
		$of | min; $of | median; " µs"; 5000; if $of == map(quantile(0.5)) then 50 else 1000 end; true)),
($rows[] | select(.id == "recovery: state") | (.bytes / 1e9) as $gb | .mb as $mb
	| [$rows[] | select(.id == "recovery" and .mb == $mb) | .ms] | select(length > 0)
	| target("recovery with \($gb * 1e3 | size) MB of state, kill -9 to the first new result"; min; median; " ms";
		1000 + $gb / 0.5 * 1000 | round; 150 + $gb * 1000 | round; true)),
(["cat", "window", "sink"][] | . as $c | m("start: stream-" + $c) | select(.)
	| target("start-up of stream-" + $c; .wall_s * 1000; .wall_median_s * 1000; " ms"; 5; 2; true),
		target("resident, stream-" + $c + " on one record"; .peak_mib; null; " MiB"; 8; 4; true)),
ratio_target("stream-cat to jq 1.6, both passing records, by CPU"; "pass: jq -c ."; "pass: stream-cat to a pipe"; 20),
ratio_target("stream-filter on a file to jq 1.6, by CPU"; "filter: jq"; "filter: on a file"; 20),
ratio_target("stream-filter --map to jq 1.6, by CPU"; "filter: jq, the map"; "filter: --map on a file"; 15),
ratio_target("stream-window on a file to Miller, by CPU"; "window: mlr"; "window: on a file"; 40),
ratio_target("stream-sort at random to GNU sort -n on the extracted time, by CPU"; "sort: sort -n"; "sort: at random, in memory"; 1),
ratio_target("the same, both in 64 MiB"; "sort: sort -n, in 64 MiB"; "sort: at random, in 64 MiB"; 1),
($rows | peer_targets | . as [$what, $times, $floor] | target($what; $times; null; " times"; $floor; null; false)),
($rows | peer_section),
section("Passing records: full validation, envelope written"; "";
	["pass: stream-cat to a pipe", "pass: stream-cat to /dev/null", "pass: cat to a pipe", "pass: jq -c ."]),
section("stream-cat to a pipe, by shape of the records";
	"*flat*: the same members in the same order; *shuffled*: in random order; *escapes*: strings with escapes\n"
	+ "and letters beyond ASCII; *nested*: objects in arrays in objects.";
	["shapes: flat", "shapes: shuffled", "shapes: escapes", "shapes: nested"]),
section("Records kept by a number and a string, and other payloads"; "One record in a hundred is kept; the map has a product in it.";
	["filter: on a file", "filter: from a pipe of records", "filter: --map on a file", "filter: jq", "filter: jq, the map",
		"filter: mlr", "filter: mlr, the map"]),
section("A program in the middle"; "Started anew for each 100,000 records: by split(1), and as a stage of a pipeline that reads so many a second and commits\n"
	+ "once a second. CPU is that of split or stream-exec, and the program.";
	["exec: jq alone", "exec: jq as a stage", "exec: sed alone", "exec: sed as a stage"]),
section("Windows"; "mawk finds its fields by position and validates nothing.";
	["window: on a file", "window: from a pipe of records", "window: mawk", "window: mlr", "window: jq"]),
section("Other windows, and sketches";
	"On a file. *sliding*, four times the records: 60 or 10 windows hold each record, and each second gives a result for\n"
	+ "each of 10,000 users who had a record in so long, so there are more results than records. *session*: as many, of a\n"
	+ "million users whose sessions all stay open to the end; *new users*: half as many records, each of another user, with a\n"
	+ "`--memory` of a quarter, the rest on disk. *A million keys*: those users in one window, which closes at the\n"
	+ "end; in memory, then with `--memory 32M`, the rest on disk. *quantile~*: by user in windows of 10 s. *distinct~*: those\n"
	+ "million users.";
	["kinds: sliding 60s 1s", "kinds: sliding 10s 1s", "kinds: session 10m",
	 "kinds: session 10m, new users, a quarter of the memory", "kinds: a million keys in a window",
	 "kinds: the same, in a quarter of the memory", "kinds: quantile~", "kinds: distinct~"]),
([$rows[] | select(.id == "kinds: keys")] | unique_by(.of) | map(select(m(.of))) | select(length > 0)
	| "", "Memory of the whole process at its peak, by keys that were open at once; a key of a sliding window has up to 60 panes.", "",
		(["", "keys", "bytes a key"] | head),
		(.[] | [(.of | sub("^[a-z]*: "; "")), (.count | tostring), (m(.of).peak_mib * 1048576 / .count | digits(0))] | line)),
section("The pipeline: stream-cat, stream-window, stream-sink"; "CPU is that of all three.";
	["pipeline: to a file"]),
section("Each id once";
	"Ten times the records, of ten million users. mawk keeps the ids and finds them by position; sort and\n"
	+ "SQLite got a fiftieth of that, and 10,000 users.";
	["dedup: from a pipe of records", "dedup: the same, --within 1d", "dedup: on a file", "dedup: the same, in a quarter of the memory", "dedup: mawk", "dedup: sort -u",
		"dedup: sqlite3"]),
section("Each record with an id of its own"; "A hundred times the records, made while they are read."; ["ids: all of them new"]),
section("Sorting"; "By event time. *sort* is GNU sort on lines with the time extracted in front, on all cores; it validates nothing.";
	["sort: at random, in memory", "sort: at random, in 64 MiB", "sort: 5 s of disorder", "sort: sort -n",
		"sort: sort -n, in 64 MiB", "sort: mlr"]),
section("Joins";
	"Two files of as many records: pairs of one user at most half a second apart, one for a record. *All kept*: no pairs, but\n"
	+ "each record is kept to the end and leaves alone; in memory, then with a `--memory` of a quarter, the rest on disk. And each\n"
	+ "record beside its user's line of a table of 10,000. SQLite reads both into tables, one with an index; it and Miller got a fifth.";
	["join: --within, two files", "join: --within, all kept", "join: the same, in a quarter of the memory", "join: sqlite3", "join: --table", "join: mawk, a table", "join: mlr, a table"]),
section("Exactly-once";
	"The same pipeline over ten times the records, without a checkpoint and with one at its default of one\n"
	+ "barrier a second, by turns; the cost above is the median over the pairs."
	+ ([$rows[] | select(.id == "exact: commits") | .count]
		| if length == 0 then "" else " A run had " + (median | digits(0)) + " commits." end);
	["exact: without", "exact: with"]),
section("Topics";
	"A broker beside it on the same cores, four partitions, lz4, acknowledged by all; kcat has the same settings. CPU is\n"
	+ "the client's alone. kcat knows no transactions.";
	["kafka: read, kcat -J", "kafka: read, stream-cat"]),
section("Into topics"; "";
	["kafka: write, kcat -P", "kafka: write, stream-sink", "kafka: write, stream-sink, transactions"]),
section("Exactly once into topics"; "Three times the records, stream-cat and stream-sink, a commit a second.";
	["kafka: at-least-once at 1 s", "kafka: exactly-once at 1 s"]),
section("Topics and a slow reader"; "Of a fifth of the records, 1 MB a tenth of a second at most: see the memory.";
	["kafka: a slow reader of kcat -J", "kafka: a slow reader of stream-cat"]),
($rows | map(select(.id == "kafka: commit")) | select(length > 0)
	| "", "From the end of an epoch at the source to its commit, 1000 records a second into a topic, ms:", "",
	(["interval", "half of them below", "99 of 100 below", "commits"] | head),
	(.[] | [.interval, (.p50_ms | digits(0)), (.p99_ms | digits(0)), (.samples | tostring)] | line)),
(if ($latency | length) > 0 then
	"", "## Latency", "",
	"stream-cat, stream-window and stream-sink: from the moment at which the record that closes a window of 1 ms was",
	"to be written, to the read of its result, µs. The load is open: its schedule waits for nobody, and what is held up",
	"counts in full. *Without* a guarantee through pipes; *with* one, at a barrier a second, from a file that grows to a",
	"file. *Three cats* in a pipe give back the records as they are: what the pipes, and waking who reads them, take by themselves.",
	"Samples of all runs together.", "",
	(["records a second", "", "p50", "p90", "p99", "p99.9", "p99.99", "the slowest", "samples"] | head),
	($latency | group_by([.rate, .how == "with", .how != "three cats"])[] | .[0] as $of | (map(.late_us[]) | sort) as $late
		| [$of.rate, $of.how, ($late | quantile(0.5, 0.9, 0.99, 0.999, 0.9999, 1) | size), ($late | length)] | line) else empty end),
([$rows[] | select(.id == "recovery: state")] | select(length > 0)
	| "", "## Recovery", "",
	"A pipeline with so much of open windows, all in memory, is killed with -9 after a commit and started again at once: from",
	"the kill to the first new result in its output.", "",
	(["state, MB", "ms", "median", "runs"] | head),
	(.[] | .mb as $mb | [$rows[] | select(.id == "recovery" and .mb == $mb) | .ms] as $ms | select($ms | length > 0)
		| [(.bytes / 1e6 | size), ($ms | min | size), ($ms | median | size), ($ms | length)] | line)),
(if m("memory: stream-window, 10") then
	"", "## Memory and the length of the input", "",
	"Ten times the records in the same windows by the same users.", "",
	(["peak MiB", "records", "ten times as many"] | head),
	(["stream-cat", "stream-window"][] | [., (m("memory: " + . + ", 1").peak_mib | digits(1)),
		(m("memory: " + . + ", 10").peak_mib | digits(1))] | line) else empty end),
(if m("start: stream-cat") then
	"", "## Start-up", "",
	"One record: from the fork to the end.", "",
	(["command", "wall ms", "median", "CPU ms", "peak MiB"] | head),
	(["stream-cat", "stream-window", "stream-sink", "cat", "jq"][] | . as $c | m("start: " + $c)
		| [$c, (.wall_s * 1000 | size), (.wall_median_s * 1000 | size), (.cpu_s * 1000 | size), (.peak_mib | digits(1))] | line) else empty end)
