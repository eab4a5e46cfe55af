# contestants.bash - who answers the questions, and how each answer is read; for bench/peers/run
#
# ask_WHO JOB FILE RECORDS sets `run` to what bench/measure is given, and `out` to where the answer goes: a file (made of
# standard output if `to_stdout` is set), a folder, or topic:NAME.  FILE is a name: FILE.ndjson, for Spark the folder
# FILE.dir, for Kafka Streams the topic FILE.
# shellcheck shell=bash disable=SC2034,SC2154  # for bench/peers/run, which has: here work and what it sources
# shellcheck disable=SC2317  # called by their names

# The questions: window, filter and dedup of one file; many: dedup again, of another.  Who has two ways to run is asked for
# windows only the second time, and many ids are left to those that come through them in time.
jobs_of() {
	case $1 in
	exact | fused | flink_2 | flink_exact | duckdb_2) echo window ;;
	ours | flink | duckdb | mawk) echo window filter dedup many ;;
	*) echo window filter dedup ;;
	esac
}

# sizes_of WHO JOB: one record, which shows what a start takes; a short file; a long one.  Twice the short one is long for
# what does not warm up, and for what has to come through a broker; slow ones get a fifth.
sizes_of() {
	case $1:$2 in
	*_2:*) ;;
	*:window) echo 1 ;;
	esac
	case $1 in
	mlr | jq) echo $((small / 5)) $((2 * small / 5)) ;;
	mawk | streams) echo "$small" $((2 * small)) ;;
	*) echo "$small" "$n" ;;
	esac
}

# rounds_of WHO ROUNDS: half of them for those that take minutes and are far behind.
rounds_of() {
	case $1 in
	mlr | jq | spark | streams) echo $((($2 + 1) / 2)) ;;
	*) echo "$2" ;;
	esac
}

# file_of JOB RECORDS: of ten thousand users; or of five million, most of them new when they are seen.
file_of() {
	if [ "$1" = many ]; then echo "many-$2"; else echo "few-$2"; fi
}

# What a JVM needs to run any of them; the collector is the one with the highest throughput.
java_flags=(-Xmx3g -XX:+UseParallelGC)
for package in lang lang.invoke lang.reflect io net nio util util.concurrent util.concurrent.atomic; do
	java_flags+=("--add-opens=java.base/java.$package=ALL-UNNAMED")
done
for package in nio.ch nio.cs security.action util.calendar; do
	java_flags+=("--add-opens=java.base/sun.$package=ALL-UNNAMED")
done
unset package

ask_ours() {
	out=$work/out to_stdout=1
	case $1 in
	window) run=("${window[@]}" "${source_options[@]}" --plain "$2.ndjson") ;;
	filter) run=(stream-filter --plain "$filter_condition" "$2.ndjson") ;;
	dedup) run=(stream-dedup --key .user --plain "$2.ndjson") ;;
	esac
}

ask_exact() {
	out=$work/out
	export STREAM_CHECKPOINT=$work/state
	run=(stream-cat "${source_options[@]}" "$2.ndjson" :: "${window[@]}" :: stream-sink "file:$out")
}

ask_fused() {
	out=$work/out
	export STREAM_CHECKPOINT=$work/state
	run=("${window[@]}" "${source_options[@]}" "$2.ndjson" :: stream-sink "file:$out")
}

flink_job() {
	out=$work/out
	run=(java "${java_flags[@]}" -cp "$flink_lib/*:$kept/flink" Flink "$1" "$work/$2.ndjson" "$out" "$3" "$4")
}
ask_flink() { flink_job "$1" "$2" 1 0; }
ask_flink_2() { flink_job "$1" "$2" 2 0; }
ask_flink_exact() { flink_job "$1" "$2" 1 1000; }

ask_spark() {
	out=$work/out
	run=(java "${java_flags[@]}" -cp "$spark_lib/*:$kept/spark" Spark "$1" "$work/$2.dir" "$out" 1 "$work/state")
}

ask_streams() {
	out=topic:out-$RANDOM$RANDOM
	run=(java "${java_flags[@]}" -cp "$streams_lib/*:$kept/streams" Streams "$1" "$(broker address)" "$2" "${out#topic:}" \
		"$(($3 + 1))" "$work/state")
}

duckdb_job() {
	out=$work/out
	run=("$duckdb_python" "$here/duck.py" "$1" "$2.ndjson" "$out" "$3")
}
ask_duckdb() { duckdb_job "$1" "$2" 1; }
ask_duckdb_2() { duckdb_job "$1" "$2" 2; }

ask_jq() {
	out=$work/out to_stdout=1
	case $1 in
	window) run=(jq -n "$jq_job" "$2.ndjson") ;;
	filter) run=(jq -c "select($filter_condition)" "$2.ndjson") ;;
	dedup) run=(jq -nc "$jq_dedup" "$2.ndjson") ;;
	esac
}

ask_mlr() {
	out=$work/out to_stdout=1
	case $1 in
	window) run=("${mlr_job[@]}" "$2.ndjson") ;;
	filter) run=(mlr --ijsonl --ojsonl filter "$mlr_condition" "$2.ndjson") ;;
	dedup) run=("${mlr_dedup[@]}" "$2.ndjson") ;;
	esac
}

ask_mawk() {
	out=$work/out to_stdout=1
	case $1 in
	window) run=(mawk '-F"' "$mawk_job" "$2.ndjson") ;;
	filter) run=(mawk '-F"' "$mawk_condition" "$2.ndjson") ;;
	dedup) run=(mawk '-F"' "$mawk_dedup" "$2.ndjson") ;;
	esac
}

# ---- Kafka Streams reads topics: a broker runs while it is its turn ----

# One partition: the record that ends all windows has to come to each of them; it lies in the future.
broker() {
	KAFKA_DIR=$work/broker KAFKA_VERSION=$broker_version \
		KAFKA_EXTRA='num.partitions=1 auto.create.topics.enable=true log.message.timestamp.after.max.ms=9223372036854775807' \
		"$top/tests/kafka/broker" "$@"
}

begin_streams() {
	local size file

	broker start || return 1
	for size in $(sizes_of streams window); do
		file=$(file_of window "$size")
		[ ! -e "$file.loaded" ] || continue
		mawk -F'"' '{ print $10 "\t" $0 }' "$file.ndjson" end.ndjson |
			kcat -q -P -b "$(broker address)" -t "$file" -p 0 -K '\t' -X queue.buffering.max.kbytes=1000000 || return 1
		touch "$file.loaded"
	done
	sync
}
end_streams() { broker stop; }

# ---- answers in one form ----

lines_of() {
	case $1 in
	topic:*) kcat -C -q -e -b "$(broker address)" -t "${1#topic:}" -X isolation.level=read_committed ;;
	*) find "$1" -type f ! -name '.*' ! -name '_*' ! -path '*/_*' -exec cat {} + ;;
	esac
}

# rows_of WHO: user, start of the window, count and cents, of windows.
rows_of() {
	case $1 in
	ours | exact | fused) mawk -F'[":,{}]+' '{ printf "%s\t%s\t%s\t%.0f\n", $11, $14, $19, $21 * 100 }' ;;
	jq) jq -r 'to_entries[] | (.key / " ") as $k | [$k[1], $k[0], .value[0], (.value[1] * 100 | round)] | @tsv' ;;
	mlr) jq -r '[.user, .w, .price_count, (.price_sum * 100 | round)] | @tsv' ;;
	mawk) mawk -F'\t' '{ printf "%s\t%s\t%d\t%.0f\n", $1, $2, $3, $4 * 100 }' ;;
	*) cat ;;
	esac
}

payloads_of() {
	case $1 in
	ours | exact | fused) mawk '{ i = index($0, ",\"payload\":") + 11; print substr($0, i, length($0) - i) }' ;;
	*) cat ;;
	esac
}

# form_of WHO JOB: how its answer can be compared.  jq and Miller write records anew; Spark gives any record of a user.
form_of() {
	case $1:$2 in
	*:window) echo rows ;;
	jq:filter | mlr:filter) echo values ;;
	*:filter) echo lines ;;
	spark:dedup) echo users ;;
	*) echo ids ;;
	esac
}

# digest WHO FORM: of the answer in `out`, sorted.  The record that ends the windows of Spark and Kafka Streams is none of
# the input's.
digest() {
	lines_of "$out" | grep -v 'the end of time' |
		case $2 in
		rows) rows_of "$1" ;;
		lines) payloads_of "$1" ;;
		values) payloads_of "$1" | jq -c . ;;
		ids) payloads_of "$1" | mawk -F'"' '{ print $6 }' ;;
		users) payloads_of "$1" | mawk -F'"' '{ print $10 }' ;;
		esac | LC_ALL=C sort | sha256sum | cut -c 1-16
}
