# recovery.bash - from kill -9 to the first new output; read by bench/run
#
# A window of a day holds a count and a sum for each user, some 72 bytes; it does not close, for records may be sixty days
# late.  Forty days before it have a single user each: every record that is sent later closes one of them, and is answered
# with its result.  `one`, a fifo that nobody writes to, is there to wait at.
# shellcheck disable=SC2154  # what bench/run has set: n, rows, aggregates

day_ms=86400000
begin_ms=1700000000000

# recovery_record DAY USER
recovery_record() {
	printf '{"at":%d,"user":"%s","price":1.25}\n' "$((begin_ms + $1 * day_ms))" "$2"
}

# recovery_pipeline MB OPTION…: in the background, as a group of processes; its number in `group`.
recovery_pipeline() {
	local mb=$1
	shift
	(
		export STREAM_CHECKPOINT=state.$mb
		stream-cat --time .at --key .user --out-of-order 60d --follow "$@" "users.$mb.ndjson" |
			stream-window tumbling 1d --memory 16G "${aggregates[@]}" |
			stream-sink "file:recovered.$mb.ndjson" 2>recovery.said
	) &
	group=$!
}

# Until another line has come to what descriptor 7 reads.
recovery_await_line() {
	until read -r -u 7 _; do
		kill -0 "$group" 2>/dev/null || { echo "bench: recovery: $(<recovery.said)" >&2; exit 1; }
		read -r -t 0.001 -u 8 _ || :
	done
}

recovery_await_commit() {
	while [ "$(<"state.$1/commit")" = "$2" ]; do
		read -r -t 0.01 -u 8 _ || :
	done
}

# make_state MB: of so much, with its input
make_state() {
	local day users=$((n * $1 / 72))

	{
		for ((day = -40; day < 0; day++)); do recovery_record "$day" nobody; done
		gen -n "$((users * 11 / 10))" -k "$users" --event-rate 100000
	} >"users.$1.ndjson"
	set -m
	recovery_pipeline "$1" --exit-at-end
	set +m
	wait "$group" || { echo "bench: recovery: $(<recovery.said)" >&2; exit 1; }
	echo 21 >"users.$1.next"
	find "state.$1/window" -name '*.snap' -printf '%s\n' | jq -cs --argjson mb "$1" '{id: "recovery: state", mb: $mb, bytes: add}' >>"$rows"
}

# recover MB: all of it is killed after a commit and started again at once; milliseconds from the kill to the next result.
recover() {
	local mb=$1 next before killed

	next=$(<"users.$mb.next")
	echo "$((next + 2))" >"users.$mb.next"
	mkfifo one
	exec 7<"recovered.$mb.ndjson" 8<>one
	cat <&7 >/dev/null
	before=$(<"state.$mb/commit")
	set -m
	recovery_pipeline "$mb"
	recovery_record "$next" nobody >>"users.$mb.ndjson"
	recovery_await_line
	recovery_await_commit "$mb" "$before"
	killed=${EPOCHREALTIME/./}
	kill -KILL -- "-$group"
	wait "$group" 2>/dev/null
	recovery_record "$((next + 1))" nobody >>"users.$mb.ndjson"
	recovery_pipeline "$mb"
	set +m
	recovery_await_line
	jq -nc --argjson of "[$mb, $((${EPOCHREALTIME/./} - killed))]" '{id: "recovery", mb: $of[0], ms: ($of[1] / 1000)}' >>"$rows"
	kill "$(jq .pid "state.$mb/cat/lock")"
	wait "$group" || { echo "bench: recovery: $(<recovery.said)" >&2; exit 1; }
	exec 7<&- 8<&-
	rm one
}

group_recovery() {
	local mb

	for mb in 1 100 1000; do recover "$mb"; done
}
