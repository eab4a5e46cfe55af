/* options - one table for all commands */
#include "cli/options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "op/sort.h"

const struct command options_commands[] = {
	{ CMD_CAT, "stream-cat", "cat", "[OPTION]... [FILE]...", "",
	  "Read files of JSON lines, write a stream of records with event time, key and\n"
	  "place of origin. Without FILE, or where FILE is -, read stdin.\n",
	  "  stream-cat flights.ndjson | head -3\n"
	  "  stream-cat --time .at --key .carrier --out-of-order 24h flights.ndjson\n"
	  "  stream-cat -e --plain kafka://localhost/orders | jq .payload\n" },
	{ CMD_WINDOW, "stream-window", "window", "[OPTION]... KIND [SIZE]... [FILE]...",
	  "tumbling sliding cumulative session count global",
	  "Aggregate records by key over windows of event time. Read a stream from stdin,\n"
	  "or be the source: of FILEs, of JSON lines on stdin.\n"
	  "\nKinds of windows:\n"
	  "  tumbling SIZE         one behind the other\n"
	  "  sliding SIZE STEP     one begins with each STEP\n"
	  "  cumulative SIZE STEP  grow with each STEP, up to SIZE\n"
	  "  session GAP           records of a key with less than GAP between them, or GAP\n"
	  "  count N [STEP]        N records of a key; one begins with each STEP of them\n"
	  "  global                one, of all there is\n",
	  "  stream-cat -t .at -k .carrier flights.ndjson | stream-window tumbling 1d\n"
	  "  stream-window tumbling 1d -t .at -a n=count --late drop flights.ndjson\n"
	  "  stream-window session 4h -t .at -k .tail --out-of-order 24h flights.ndjson\n" },
	{ CMD_DEDUP, "stream-dedup", "dedup", "[OPTION]... [FILE]...", "",
	  "Let each id pass once: the first record of a key, or of what --by names. Read a\n"
	  "stream from stdin, or be the source: of FILEs, of JSON lines on stdin.\n",
	  "  stream-cat -k .tail flights.ndjson | stream-dedup\n"
	  "  stream-dedup -t .at --by .carrier --by .flight --within 1d flights.ndjson\n"
	  "  stream-dedup --by-id --duplicates again.ndjson saved.ndjson\n" },
	{ CMD_SORT, "stream-sort", "sort", "[OPTION]... [FILE]...", "",
	  "Put records in the order of their event time, as far as the watermark has come.\n"
	  "Read a stream from stdin, or be the source: of FILEs, of JSON lines on stdin.\n"
	  "What has no room in memory is spilled to disk.\n",
	  "  stream-cat -t .at --out-of-order 24h flights.ndjson | stream-sort\n"
	  "  stream-sort -t .at --out-of-order 24h --plain flights.ndjson\n"
	  "  stream-sort -t .at --out-of-order 1h --late late.ndjson flights.ndjson\n" },
	{ CMD_FILTER, "stream-filter", "filter", "[OPTION]... [EXPR] [FILE]...", "",
	  "Keep the records for which EXPR, in jq's language, is true.\n"
	  "EXPR is the first word, unless one of the options under Records is given.\n"
	  "Read a stream from stdin, or be the source: of FILEs, of JSON lines on stdin.\n",
	  "  stream-filter '.dep_delay > 60 and .carrier == \"UA\"' flights.ndjson\n"
	  "  stream-cat -t .at flights.ndjson | stream-filter --map '{id, dep_delay}'\n"
	  "  stream-filter --where '.dest == \"SFO\"' --set-key .tail flights.ndjson\n" },
	{ CMD_JOIN, "stream-join", "join", "[OPTION]... [KIND] LEFT RIGHT", "inner left right full semi anti",
	  "Join the records of two inputs by key and event time. LEFT and RIGHT are streams\n"
	  "(pipes, <(...), - for stdin) or files, which it then reads itself. With --table\n"
	  "the right side is a file that is read first, and there is no RIGHT.\n"
	  "Records that have no room in memory wait on disk.\n"
	  "\nKinds of joins:\n"
	  "  inner  pairs (the default)\n"
	  "  left   pairs, and records of the left side without a partner; right, full: so\n"
	  "  semi   records of the left side that have a partner, as they are\n"
	  "  anti   those that have none\n",
	  "  stream-join left --within 0s..2h -t .at -k .order orders.ndjson paid.ndjson\n"
	  "  stream-join --as-of -t .at --on .origin flights.ndjson weather.ndjson\n"
	  "  stream-join --table airlines.ndjson --on .carrier -t .at flights.ndjson\n" },
	{ CMD_EXEC, "stream-exec", "exec", "[OPTION]... [FILE]... -- COMMAND [ARG]...", "",
	  "Give the payloads of a stream to COMMAND, a line each; its output lines become\n"
	  "payloads of records. One process for each epoch, exactly once.\n"
	  "Read a stream from stdin, or be the source: of FILEs, of JSON lines on stdin.\n",
	  "  stream-cat -t .at flights.ndjson | stream-exec -- jq -c 'select(.flight > 9)'\n"
	  "  stream-exec --shell 'jq -c .carrier | sort -u' --plain flights.ndjson\n"
	  "  ... | stream-exec --each -- python3 score.py | stream-sink file:out.ndjson\n" },
	{ CMD_SINK, "stream-sink", "sink", "[OPTION]... TARGET", "file: dir: kafka:",
	  "Write the records of the stream on stdin to TARGET: - (stdout), file:PATH\n"
	  "(appended; file:PATH?visible=commit: only what is committed is ever seen) or\n"
	  "dir:PATH?key=PATH&window=DUR&size=SIZE&compress=gzip|zstd (part files that\n"
	  "appear whole) or\n"
	  "kafka://HOST/TOPIC?format=json|text&partition=key|keep&topic=PATH.\n",
	  "  ... | stream-sink file:per-day.ndjson\n"
	  "  ... | stream-sink 'dir:out?key=.carrier&window=1d&compress=zstd'\n"
	  "  ... | stream-sink kafka://localhost/per-day\n"
	  "  ... | stream-sink --body payload - | jq .delay\n" },
	{ 0 }
};

const char *const options_group_titles[N_GROUPS] = {
	[GROUP_INPUT]      = "Input",
	[GROUP_WINDOW]     = "Windows",
	[GROUP_DEDUP]      = "Duplicates",
	[GROUP_JOIN]       = "Join",
	[GROUP_STATE]      = "State",
	[GROUP_FILTER]     = "Records",
	[GROUP_EXPR]       = "Expressions",
	[GROUP_EXEC]       = "Command",
	[GROUP_OUTPUT]     = "Output",
	[GROUP_BAD]        = "Refused records",
	[GROUP_CHECKPOINT] = "Checkpoint",
	[GROUP_REMOTE]     = "Servers",
	[GROUP_GENERAL]    = "General"
};

static const char *const formats[] = { "json", "record", "text", "binary", "csv", "kcat", NULL };
static const char *const gaps[] = { "fail", "skip", NULL };
static const char *const keeps[] = { "first", "earliest", "latest", NULL };
static const char *const bodies[] = { "record", "payload", NULL };
static const char *const deliveries[] = { "exactly-once", "at-least-once", "at-most-once", NULL };

#define AT(f)   .field = offsetof(struct options, f)
#define LIST(f) .field = offsetof(struct options, f), .count_field = offsetof(struct options, n_##f)

const struct option options_table[N_OPTIONS] = {
	[OPT_TIME] = { 't', "time", "PATH", OPTION_TIME_PATH, CMD_SOURCES, true, GROUP_INPUT,
		"where the event time stands; now: the clock's, when a record is read", AT(time) },
	[OPT_LEFT_TIME] = { 0, "left-time", "PATH", OPTION_PATH, CMD_JOIN, true, GROUP_INPUT,
		"where it stands on the left side, if not where --time says", AT(left_time) },
	[OPT_RIGHT_TIME] = { 0, "right-time", "PATH", OPTION_PATH, CMD_JOIN, true, GROUP_INPUT,
		"where it stands on the right side", AT(right_time) },
	[OPT_TIME_FORMAT] = { 0, "time-format", "FORMAT", OPTION_TIME_FORMAT, CMD_SOURCES, true, GROUP_INPUT,
		"auto, rfc3339, s, ms, us, ns, or as strptime(3)",
		.initial = "auto", AT(time_format) },
	[OPT_KEY] = { 'k', "key", "PATH", OPTION_PATHS, CMD_SOURCES, true, GROUP_INPUT,
		"where the key stands; several -k: an array", LIST(keys) },
	[OPT_OUT_OF_ORDER] = { 0, "out-of-order", "DUR", OPTION_DURATION, CMD_SOURCES, true, GROUP_INPUT,
		"how far behind the newest a record may be", .initial = "0", AT(out_of_order_ms) },
	[OPT_WATERMARK_STEP] = { 0, "watermark-step", "DUR", OPTION_DURATION, CMD_SOURCES, true, GROUP_INPUT,
		"watermarks at multiples of this",
		.initial = "100ms", .least = 1, AT(watermark_step_ms) },
	[OPT_IDLE_TIMEOUT] = { 0, "idle-timeout", "DUR", OPTION_DURATION, CMD_SOURCES, false, GROUP_INPUT,
		"say that the input is idle when it has had nothing for so long", .least = 1, AT(idle_timeout_ms) },
	[OPT_CLOSE_IDLE] = { 0, "close-idle", NULL, OPTION_FLAG, CMD_SOURCES, false, GROUP_INPUT,
		"while it is idle, event time goes on with the clock: windows close", AT(close_idle) },
	[OPT_MAX_FUTURE] = { 0, "max-future", "DUR", OPTION_DURATION, CMD_SOURCES, false, GROUP_INPUT,
		"a record further ahead of the clock is bad", AT(max_future_ms) },
	[OPT_FORMAT] = { 0, "format", "FORMAT", OPTION_CHOICE, CMD_SOURCES, true, GROUP_INPUT,
		"json, record (a saved stream), text, binary, csv or kcat; default: json or record, as the first line tells",
		.choices = formats, AT(format) },
	[OPT_CSV_NUMBERS] = { 0, "csv-numbers", NULL, OPTION_FLAG, CMD_SOURCES, true, GROUP_INPUT,
		"with --format csv: fields that are numbers become numbers", AT(csv_numbers) },
	[OPT_FROM] = { 'o', "from", "PLACE", OPTION_PLACE, CMD_SOURCES, true, GROUP_INPUT,
		"beginning, end (with -f, or of a topic), N (an offset), -N (the last N) or @TIME",
		.initial = "beginning", AT(from) },
	[OPT_SINCE] = { 0, "since", "TIME", OPTION_MOMENT, CMD_SOURCES, true, GROUP_INPUT,
		"only records of this event time or later; 1h: since an hour ago", AT(since) },
	[OPT_UNTIL] = { 0, "until", "TIME", OPTION_MOMENT, CMD_SOURCES, true, GROUP_INPUT,
		"only records before this event time; the stream ends there", AT(until) },
	[OPT_MAX_RECORDS] = { 'n', "max-records", "N", OPTION_COUNT, CMD_SINGLE, false, GROUP_INPUT,
		"leave after N records", AT(max_records) },
	[OPT_RATE] = { 0, "rate", "N", OPTION_COUNT, CMD_SINGLE, false, GROUP_INPUT,
		"read at most N records a second", .least = 1, AT(rate) },
	[OPT_SPEED] = { 0, "speed", "X", OPTION_FACTOR, CMD_SINGLE, false, GROUP_INPUT,
		"replay by event time, X times as fast as it happened", AT(speed) },
	[OPT_MERGE] = { 0, "merge", NULL, OPTION_FLAG, CMD_SINGLE, true, GROUP_INPUT,
		"files, or partitions, by event time, not one after the other", AT(merge) },
	[OPT_FOLLOW] = { 'f', "follow", NULL, OPTION_FLAG, CMD_SOURCES, false, GROUP_INPUT,
		"wait for more at the end of the file", AT(follow) },
	[OPT_EXIT_AT_END] = { 'e', "exit-at-end", NULL, OPTION_FLAG, CMD_SOURCES, false, GROUP_INPUT,
		"with -f or of a topic: leave at the end there was at the start; a rerun goes on from there", AT(exit_at_end) },
	[OPT_CLOSE] = { 0, "close", NULL, OPTION_FLAG, CMD_SOURCES, false, GROUP_INPUT,
		"leaving early ends the stream: windows close", AT(close) },
	[OPT_SLICE] = { 0, "slice", "I/N", OPTION_SLICE, CMD_SOURCES, true, GROUP_INPUT,
		"of a topic, the partitions p with p mod N = I: for N copies of a pipeline", AT(slice) },
	[OPT_ON_GAP] = { 0, "on-gap", "WHAT", OPTION_CHOICE, CMD_SOURCES, false, GROUP_INPUT,
		"where a topic has deleted what was to be read: fail, or skip to what there is",
		.initial = "fail", .choices = gaps, AT(on_gap) },
	[OPT_CUT_IS_END] = { 0, "cut-is-end", NULL, OPTION_FLAG, CMD_READERS, false, GROUP_INPUT,
		"take a stream that breaks off as complete", AT(cut_is_end) },
	[OPT_AGGREGATE] = { 'a', "aggregate", "NAME=FUNC", OPTION_COLUMNS, CMD_WINDOW, true, GROUP_WINDOW,
		"a member of the result, such as n=count or total='sum(.price)'; default: count=count", LIST(columns) },
	[OPT_GLOBAL] = { 0, "global", NULL, OPTION_FLAG, CMD_WINDOW, true, GROUP_WINDOW,
		"one group, whatever the key", AT(window.global_key) },
	[OPT_OFFSET] = { 0, "offset", "DUR", OPTION_SIGNED_DURATION, CMD_WINDOW | CMD_JOIN, true, GROUP_WINDOW,
		"windows begin this far from multiples of SIZE", .initial = "0", AT(window.offset_ms) },
	[OPT_TZ] = { 0, "tz", "ZONE", OPTION_TEXT, CMD_WINDOW | CMD_JOIN, true, GROUP_WINDOW,
		"sizes are civil days, weeks or months (1d 1w 1mo) of America/New_York, say", AT(tz) },
	[OPT_GAP_PATH] = { 0, "gap-path", "PATH", OPTION_PATH, CMD_WINDOW, true, GROUP_WINDOW,
		"session: where a record's own gap stands; then there is no GAP", AT(gap_path) },
	[OPT_EMIT] = { 0, "emit", "WHEN", OPTION_EMIT, CMD_WINDOW, true, GROUP_WINDOW,
		"final: when the window closes; updates: with each record, too; every:DUR: at multiples of event time, too",
		.initial = "final", AT(window.emit) },
	[OPT_DISCARDING] = { 0, "discarding", NULL, OPTION_FLAG, CMD_WINDOW, true, GROUP_WINDOW,
		"each result has only what is new since the one before", AT(window.discarding) },
	[OPT_ALLOWED_LATENESS] = { 0, "allowed-lateness", "DUR", OPTION_DURATION, CMD_WINDOW, true, GROUP_WINDOW,
		"keep windows this long after their end; each late record gives a new result",
		.initial = "0", AT(window.allowed_lateness_ms) },
	[OPT_BY] = { 0, "by", "PATH", OPTION_PATHS, CMD_DEDUP, true, GROUP_DEDUP,
		"where the id stands; several --by: all of them together; default: the key", LIST(by) },
	[OPT_BY_ID] = { 0, "by-id", NULL, OPTION_FLAG, CMD_DEDUP, true, GROUP_DEDUP,
		"the id is where the record comes from: topic, partition and offset", AT(by_id) },
	[OPT_WITHIN] = { 0, "within", "DUR", OPTION_DURATION, CMD_DEDUP, true, GROUP_DEDUP,
		"forget an id when so much event time has passed since its first record; default: never",
		.least = 1, AT(within_ms) },
	[OPT_REFRESH] = { 0, "refresh", NULL, OPTION_FLAG, CMD_DEDUP, true, GROUP_DEDUP,
		"with --within: since its newest record", AT(refresh) },
	[OPT_KEEP] = { 0, "keep", "WHICH", OPTION_CHOICE, CMD_DEDUP, true, GROUP_DEDUP,
		"first to arrive, or earliest or latest by event time: these wait for the watermark",
		.initial = "first", .choices = keeps, AT(keep) },
	[OPT_DUPLICATES] = { 0, "duplicates", "FILE", OPTION_FILE, CMD_DEDUP, false, GROUP_DEDUP,
		"append duplicates to FILE", AT(duplicates) },
	[OPT_WHERE] = { 0, "where", "EXPR", OPTION_TEXT, CMD_FILTER, true, GROUP_FILTER,
		"keep a record if this is neither false nor null", AT(where) },
	[OPT_MAP] = { 0, "map", "EXPR", OPTION_TEXT, CMD_FILTER, true, GROUP_FILTER,
		"each output becomes a payload; none: the record is dropped", AT(map) },
	[OPT_SET] = { 0, "set", "PATH=EXPR", OPTION_TEXTS, CMD_FILTER, true, GROUP_FILTER,
		"what EXPR gives stands at PATH; all else keeps its bytes", LIST(sets) },
	[OPT_PICK] = { 0, "pick", "PATH,...", OPTION_TEXTS, CMD_FILTER, true, GROUP_FILTER,
		"payloads with nothing but what stands there", LIST(picks) },
	[OPT_DROP] = { 0, "drop", "PATH,...", OPTION_TEXTS, CMD_FILTER, true, GROUP_FILTER,
		"payloads without what stands there", LIST(drops) },
	[OPT_SET_KEY] = { 0, "set-key", "EXPR", OPTION_TEXT, CMD_FILTER, true, GROUP_FILTER,
		"what this gives becomes the key", AT(set_key) },
	[OPT_SAMPLE] = { 0, "sample", "P", OPTION_FACTOR, CMD_FILTER, true, GROUP_FILTER,
		"keep this share of the records, the same ones in each run", .initial = "1", AT(sample) },
	[OPT_EACH] = { 0, "each", NULL, OPTION_FLAG, CMD_EXEC, true, GROUP_EXEC,
		"the command's line N is record N's new payload; all else of the record stays", AT(each) },
	[OPT_SHELL] = { 0, "shell", "CMDLINE", OPTION_TEXT, CMD_EXEC, true, GROUP_EXEC,
		"run this with /bin/sh -c; then there is no COMMAND", AT(shell) },
	[OPT_TIMEOUT] = { 0, "timeout", "DUR", OPTION_DURATION, CMD_EXEC, false, GROUP_EXEC,
		"kill a command that is waited for and does nothing for so long", .least = 1, AT(timeout_ms) },
	[OPT_WITHIN_RANGE] = { 0, "within", "DUR", OPTION_RANGE, CMD_JOIN, true, GROUP_JOIN,
		"records belong together when the right one's time is from DUR before to DUR after the left one's; "
		"A..B: from A to B after it", AT(within) },
	[OPT_WINDOW] = { 0, "window", "WINDOW", OPTION_WINDOW, CMD_JOIN, true, GROUP_JOIN,
		"when both lie in one window, such as 'tumbling 1h' or 'sliding 1h 5m'", AT(window_words) },
	[OPT_AS_OF] = { 0, "as-of", NULL, OPTION_FLAG, CMD_JOIN, true, GROUP_JOIN,
		"the right side is a table of versions: each left record takes the newest that is not after it", AT(as_of) },
	[OPT_LATEST] = { 0, "latest", NULL, OPTION_FLAG, CMD_JOIN, true, GROUP_JOIN,
		"each left record takes the right one that has arrived last", AT(latest) },
	[OPT_TABLE] = { 0, "table", "FILE", OPTION_FILE, CMD_JOIN, true, GROUP_JOIN,
		"the right side is FILE, read first, and again on SIGHUP", AT(table) },
	[OPT_TABLE_WATCH] = { 0, "table-watch", NULL, OPTION_FLAG, CMD_JOIN, false, GROUP_JOIN,
		"and again whenever it has changed", AT(table_watch) },
	[OPT_ON] = { 0, "on", "PATH", OPTION_PATHS, CMD_JOIN, true, GROUP_JOIN,
		"what has to be equal on both sides; several --on: all of them; default: the key", LIST(on) },
	[OPT_LEFT_ON] = { 0, "left-on", "PATH", OPTION_PATHS, CMD_JOIN, true, GROUP_JOIN,
		"where it stands on the left side", LIST(left_on) },
	[OPT_RIGHT_ON] = { 0, "right-on", "PATH", OPTION_PATHS, CMD_JOIN, true, GROUP_JOIN,
		"where it stands on the right side", LIST(right_on) },
	[OPT_NULL_KEYS] = { 0, "null-keys", NULL, OPTION_FLAG, CMD_JOIN, true, GROUP_JOIN,
		"null equals null; default: it equals nothing", AT(null_keys) },
	[OPT_WHERE_PAIR] = { 0, "where", "EXPR", OPTION_TEXT, CMD_JOIN, true, GROUP_JOIN,
		"they belong together only if this, over .left and .right, is neither false nor null", AT(where) },
	[OPT_COMBINE] = { 0, "combine", NULL, OPTION_FLAG, CMD_JOIN, true, GROUP_JOIN,
		"the members of both payloads side by side; of one name the right one", AT(combine) },
	[OPT_AS] = { 0, "as", "NAMES", OPTION_SIDES, CMD_JOIN, true, GROUP_JOIN,
		"what the sides are called in the result, such as orders,payments", .initial = "left,right", AT(sides) },
	[OPT_LATE] = { 0, "late", "FILE", OPTION_FILE, CMD_TIMED, false, GROUP_BAD,
		"append late records to FILE; drop: count them; default: the first ends the run", AT(late) },
	[OPT_MEMORY] = { 0, "memory", "SIZE", OPTION_SIZE, CMD_WINDOW | CMD_SORT | CMD_JOIN, false, GROUP_STATE,
		"keep this much in memory; the rest waits on disk",
		.initial = "256M", .least = SORT_MEMORY_MIN_BYTES, .most = INT64_C(1) << 46, AT(memory_bytes) },
	[OPT_MEMORY_OF_IDS] = { 0, "memory", "SIZE", OPTION_SIZE, CMD_DEDUP, false, GROUP_STATE,
		"keep this much in memory; the rest goes to disk; default: all stays in memory",
		.least = SORT_MEMORY_MIN_BYTES, .most = INT64_C(1) << 46, AT(memory_bytes) },
	[OPT_FAST] = { 0, "fast", NULL, OPTION_FLAG, CMD_FILTER | CMD_JOIN, false, GROUP_EXPR,
		"refuse an expression that needs libjq", AT(fast) },
	[OPT_EXPLAIN] = { 0, "explain", NULL, OPTION_FLAG, CMD_FILTER | CMD_JOIN, false, GROUP_EXPR,
		"say which engine runs which expression, and leave", AT(explain) },
	[OPT_BODY] = { 0, "body", "WHAT", OPTION_CHOICE, CMD_SINK, true, GROUP_OUTPUT,
		"record or payload; default: record, to kafka: payload", .choices = bodies, AT(body) },
	[OPT_ROLL] = { 0, "roll", "DUR", OPTION_DURATION, CMD_SINK, false, GROUP_OUTPUT,
		"publish a part of dir: when it is this old, by the clock", .least = 1, AT(roll_ms) },
	[OPT_CREATE_TOPIC] = { 0, "create-topic", "PARTITIONS", OPTION_TOPIC, CMD_SINK, false, GROUP_OUTPUT,
		"make the topic if it is not there: 12, or 12:3 with three copies of each", AT(create_topic) },
	[OPT_ASSUME_EPOCH] = { 0, "assume-epoch", "N", OPTION_COUNT, CMD_SINK, false, GROUP_CHECKPOINT,
		"which epoch the target holds, where it has forgotten", AT(assumed_epoch) },
	[OPT_PLAIN] = { 0, "plain", NULL, OPTION_FLAG, CMD_SOURCES, false, GROUP_OUTPUT,
		"records only, no marks; default on a terminal", AT(plain) },
	[OPT_DEAD_LETTER] = { 0, "dead-letter", "FILE", OPTION_FILE, CMD_ALL, false, GROUP_BAD,
		"append bad records to FILE and go on; default: the first ends the run", AT(dead_letter) },
	[OPT_MAX_ERRORS] = { 0, "max-errors", "N", OPTION_COUNT, CMD_ALL, false, GROUP_BAD,
		"end the run when more than N records are bad", AT(max_errors) },
	[OPT_MAX_LINE] = { 0, "max-line", "SIZE", OPTION_SIZE, CMD_ALL, false, GROUP_BAD,
		"a longer line is a bad record", .initial = "64M", .least = 1, .most = INT64_C(1) << 31,
		AT(max_line_bytes) },
	[OPT_PROPERTY] = { 'X', "property", "NAME=VALUE", OPTION_TEXTS, CMD_ALL, false, GROUP_REMOTE,
		"a setting of the client library, such as security.protocol=ssl", LIST(properties) },
	[OPT_PROPERTIES] = { 'F', "properties", "FILE", OPTION_FILE, CMD_ALL, false, GROUP_REMOTE,
		"settings, one NAME=VALUE a line; default: ~/.config/kcat.conf, if it is there", AT(properties_file) },
	[OPT_CONNECT_TIMEOUT] = { 0, "connect-timeout", "DUR", OPTION_DURATION, CMD_ALL, false, GROUP_REMOTE,
		"leave with 75 when no server has answered by then", .initial = "30s", .least = 1, AT(connect_timeout_ms) },
	[OPT_DEBUG] = { 'd', "debug", "WHAT", OPTION_TEXT, CMD_ALL, false, GROUP_REMOTE,
		"what the client library is to tell of itself: all, or broker,fetch,eos,...", AT(debug) },
	[OPT_CHECKPOINT] = { 0, "checkpoint", "DIR", OPTION_DIR, CMD_ALL, false, GROUP_CHECKPOINT,
		"keep the pipeline's state in DIR, and go on from it",
		.env = "STREAM_CHECKPOINT", AT(checkpoint) },
	[OPT_DELIVERY] = { 0, "delivery", "LEVEL", OPTION_CHOICE, CMD_SINGLE | CMD_SINK, false, GROUP_CHECKPOINT,
		"exactly-once, at-least-once (of a target) or at-most-once (of an input); default: the best there is",
		.choices = deliveries, AT(delivery) },
	[OPT_CHECKPOINT_INTERVAL] = { 0, "checkpoint-interval", "DUR", OPTION_DURATION, CMD_ALL, false,
		GROUP_CHECKPOINT, "the least time between two commits", .initial = "1s", AT(checkpoint_interval_ms) },
	[OPT_LOCK_WAIT] = { 0, "lock-wait", "DUR", OPTION_DURATION, CMD_ALL, false, GROUP_CHECKPOINT,
		"how long to wait for an earlier run to leave and for the sink to start",
		.initial = "30s", AT(lock_wait_ms) },
	[OPT_NAME] = { 0, "name", "NAME", OPTION_NAME, CMD_ALL, false, GROUP_CHECKPOINT,
		"of this stage; default: the command without stream-", AT(name) },
	[OPT_NO_SYNC] = { 0, "no-sync", NULL, OPTION_FLAG, CMD_ALL, false, GROUP_CHECKPOINT,
		"no fsync: safe from kill -9, not from power loss", AT(no_sync) },
	[OPT_PROGRESS] = { 0, "progress", NULL, OPTION_FLAG, CMD_ALL, false, GROUP_GENERAL,
		"show on the terminal how far it is", AT(progress) },
	[OPT_METRICS] = { 0, "metrics", "FILE", OPTION_FILE, CMD_ALL, false, GROUP_GENERAL,
		"keep counts in FILE, as Prometheus reads them", AT(metrics) },
	[OPT_QUIET] = { 'q', "quiet", NULL, OPTION_FLAG, CMD_ALL, false, GROUP_GENERAL,
		"say nothing where trying again is what to do", AT(quiet) },
	[OPT_VERBOSE] = { 'v', "verbose", NULL, OPTION_FLAG, CMD_ALL, false, GROUP_GENERAL,
		"tell what is done, and the counts at the end", AT(verbose) },
	[OPT_HELP] = { 'h', "help", NULL, OPTION_FLAG, CMD_ALL, false, GROUP_GENERAL,
		"print this and leave", AT(help) },
	[OPT_VERSION] = { 'V', "version", NULL, OPTION_FLAG, CMD_ALL, false, GROUP_GENERAL,
		"print the version and leave", AT(version) }
};

const struct command *
options_command(unsigned bit)
{
	const struct command *c = options_commands;

	while (c->name != NULL && c->bit != bit)
		c++;
	return c;
}

static void
release_paths(struct path *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		path_release(&paths[i]);
	free(paths);
}

void
options_release(struct options *o)
{
	path_release(&o->time);
	path_release(&o->left_time);
	path_release(&o->right_time);
	path_release(&o->gap_path);
	release_paths(o->keys, o->n_keys);
	release_paths(o->by, o->n_by);
	release_paths(o->on, o->n_on);
	release_paths(o->left_on, o->n_left_on);
	release_paths(o->right_on, o->n_right_on);
	for (size_t i = 0; i < o->n_columns; i++)
		agg_column_release(&o->columns[i]);
	free(o->properties);
	free(o->sets);
	free(o->picks);
	free(o->drops);
	free(o->sides[0]);
	free(o->sides[1]);
	free(o->columns);
	free(o->inputs);
	free(o->checkpoint);
	free(o->checkpoint_given);
	*o = (struct options){ 0 };
}
