# What the clock decides: idle inputs, event time that goes on without records, arrival time,
# records from the future.

load helper

# The marks and times of a stream, in one line: "1000 W1000 idle active W-max end".
story() {
	jq -r 'if .mark == "watermark" then "W" + (.ts | tostring) elif .mark then .mark else .ts end' "$1" | paste -sd ' '
}

said() {
	[ "$(grep -c "\"mark\":\"$2\"" "$3")" -ge "$1" ]
}

said_records() {
	[ "$(grep -c '"payload"' "$2")" -ge "$1" ]
}

# The snapshot of the committed epoch says so.
idle_is_committed() {
	[ "$(jq 'select(.source) | .source.idle' "state/cat/$(jq .epoch state/commit).snap" 2> /dev/null)" = true ]
}

# ---- --idle-timeout ----

@test "--idle-timeout: idle once for each silence, also the first, and active before what comes next" {
	mkfifo f
	stream-cat -t .at --idle-timeout 20ms f > out &
	pid=$!
	exec 9> f
	wait_for 10 said 1 idle out
	printf '{"at":1}\n' >&9
	wait_for 10 said 2 idle out
	printf '{"at":2}\n' >&9
	wait_for 10 said 3 idle out
	exec 9>&-
	wait "$pid"
	[ "$(story out)" = "hello idle active 1000 W1000 idle active 2000 W2000 idle active Wmax end" ]
}

@test "--idle-timeout on a file that is followed" {
	printf '{"at":1}\n' > a
	stream-cat -t .at -f --idle-timeout 20ms a > out &
	pid=$!
	wait_for 10 said 1 idle out
	printf '{"at":2}\n' >> a
	wait_for 10 said 2 idle out
	kill -TERM "$pid"
	wait "$pid"
	[ "$(story out)" = "hello 1000 W1000 idle active 2000 W2000 idle active Wmax end" ]
}

@test "a file that is read to its end is never silent: --idle-timeout changes no byte" {
	run --separate-stderr bash -c 'stream-cat -t .at --idle-timeout 1ms "$FLIGHTS" | cmp - <(stream-cat -t .at "$FLIGHTS")'
	status_is 0
}

@test "a line that has not ended yet is silence" {
	mkfifo f
	stream-cat -t .at --idle-timeout 20ms f > out &
	pid=$!
	exec 9> f
	printf '{"at":1}\n{"at":' >&9
	wait_for 10 said 1 idle out
	printf '2}\n' >&9
	wait_for 10 said 2 idle out
	exec 9>&-
	wait "$pid"
	[ "$(story out)" = "hello 1000 W1000 idle active 2000 W2000 idle active Wmax end" ]
}

@test "records without a time can be idle as well" {
	mkfifo f
	stream-cat --idle-timeout 20ms f > out &
	pid=$!
	exec 9> f
	printf '{"a":1}\n' >&9
	wait_for 10 said 1 idle out
	exec 9>&-
	wait "$pid"
	[ "$(jq -r '.mark // "record"' out | paste -sd ' ')" = "hello record idle active end" ]
}

@test "idle and active pass through a window, and a window that reads for itself says them" {
	mkfifo f
	stream-cat -t .at --idle-timeout 20ms f | stream-window tumbling 1s > out &
	pid=$!
	exec 9> f
	printf '{"at":1}\n' >&9
	wait_for 10 said 1 idle out
	exec 9>&-
	wait "$pid"
	[ "$(story out)" = "hello W1000 idle active 1999 Wmax end" ]
	stream-window tumbling 1s -t .at --idle-timeout 20ms f > alone &
	pid=$!
	exec 9> f
	printf '{"at":1}\n' >&9
	wait_for 10 said 1 idle alone
	exec 9>&-
	wait "$pid"
	[ "$(story alone)" = "$(story out)" ]
}

@test "idle is part of the checkpoint: a run that goes on from there says active before the next record" {
	printf '{"at":1}\n' > a
	export STREAM_CHECKPOINT=state
	stream-cat -t .at -f --idle-timeout 20ms --checkpoint-interval 50ms a | tee marks | stream-sink file:out &
	sink=$!
	wait_for 10 idle_is_committed
	kill -KILL "$(jq .pid state/cat/lock)"
	wait "$sink" || [ "$?" -eq 75 ]
	printf '{"at":2}\n' >> a
	stream-cat -t .at -f --idle-timeout 20ms --checkpoint-interval 50ms a | tee marks | stream-sink file:out &
	sink=$!
	wait_for 10 said 1 idle marks
	wait_for 10 idle_is_committed
	kill -TERM "$(jq .pid state/cat/lock)"
	wait "$sink"
	[ "$(story marks | sed 's/ barrier//g')" = "hello active 2000 W2000 idle stop" ]
	stream-cat -t .at -f -e a | tee marks | stream-sink file:out
	[ "$(story marks | sed 's/ barrier//g')" = "hello active stop" ]
	[ "$(jq -c .ts out | paste -sd ' ')" = "1000 2000" ]
}

# ---- --close-idle ----

@test "--close-idle: windows close while nothing comes; what comes then for them is late" {
	mkfifo f
	stream-cat -t .at --idle-timeout 20ms --close-idle f | stream-window tumbling 1s --late late > out &
	pid=$!
	exec 9> f
	printf '{"at":1}\n' >&9
	wait_for 10 grep -q '"count":1' out
	printf '{"at":1.5}\n' >&9
	wait_for 10 grep -q '1.5' late
	exec 9>&-
	wait "$pid"
	[ "$(grep -c payload out)" -eq 1 ]
}

@test "--close-idle: the watermark is the clock less the bound, between active and idle" {
	mkfifo f
	from=$(date +%s%3N)
	stream-cat -t .at --out-of-order 1h --idle-timeout 20ms --close-idle f > out &
	pid=$!
	exec 9> f
	printf '{"at":1}\n' >&9
	wait_for 10 said 3 idle out
	kill -TERM "$pid"
	wait "$pid"
	exec 9>&-
	[[ "$(story out)" =~ ^"hello 1000 W-3599000 W"[0-9]+" idle active W"[0-9]+" idle active W"[0-9]+" idle " ]]
	jq --argjson from "$from" --argjson to "$(date +%s%3N)" \
		'select(.mark == "watermark" and .ts != "max" and .ts > 0) | .ts >= $from - 3600000 and .ts <= $to - 3600000' out > marks
	[ "$(sort -u marks)" = true ]
}

@test "--close-idle: event time ahead of the clock stays where it is" {
	mkfifo f
	stream-cat -t .at --idle-timeout 20ms --close-idle f > out &
	pid=$!
	exec 9> f
	printf '{"at":"2999-01-01"}\n' >&9
	wait_for 10 said 1 idle out
	printf '{"at":"2999-01-02"}\n' >&9
	wait_for 10 said 2 idle out
	exec 9>&-
	wait "$pid"
	[ "$(story out)" = "hello 32472144000000 W32472144000000 idle active 32472230400000 W32472230400000 idle active Wmax end" ]
}

# ---- --time now ----

@test "--time now: the time of arrival, and hello says so" {
	from=$(date +%s%3N)
	printf '{"a":1}\n{"a":2}\n' > a
	run --separate-stderr stream-cat -t now a
	status_is 0
	[ "$(jq -r 'select(.mark == "hello") | .time' <<< "$output")" = now ]
	[ "$(jq -c --argjson from "$from" --argjson to "$(date +%s%3N)" 'select(.payload) | .ts >= $from and .ts <= $to' <<< "$output")" = \
		$'true\ntrue' ]
	[ "$(tail -n 2 <<< "$output")" = $'{"mark":"watermark","ts":"max"}\n{"mark":"end"}' ]
}

@test "--time now: windows close by the clock, without records" {
	mkfifo f
	stream-window tumbling 50ms -t now -a n=count -a at='max($.ts)' f > out &
	pid=$!
	exec 9> f
	printf '{"a":1}\n' >&9
	wait_for 10 grep -q '"n":1' out
	printf '{"a":2}\n' >&9
	wait_for 10 said_records 2 out
	exec 9>&-
	wait "$pid"
	[ "$(jq -c 'select(.payload) | .payload.at >= .window.start and .payload.at < .window.end' out)" = $'true\ntrue' ]
}

@test "--time now on saved records is their new time" {
	printf '{"topic":"x","partition":0,"offset":7,"ts":5,"key":"k","payload":{"a":1}}\n' > a
	run --separate-stderr stream-cat -t now --plain a
	status_is 0
	[ "$(jq -c '[.topic, .offset, .key, .ts > 1000000000000]' <<< "$output")" = '["x",7,"k",true]' ]
}

@test "--time now, killed and started again: every record once" {
	head -n 2000 "$FLIGHTS" > a
	export STREAM_CHECKPOINT=state
	stream-cat -t now --rate 500 --checkpoint-interval 5ms a | stream-sink --body payload file:out &
	sink=$!
	wait_for 10 committed state '.epoch > 3'
	kill -KILL "$(jq .pid state/cat/lock)"
	wait "$sink" || [ "$?" -eq 75 ]
	stream-cat -t now a | stream-sink --body payload file:out
	same a out
}

# ---- --max-future ----

@test "--max-future: a record too far ahead of the clock ends the run, or is a dead letter" {
	printf '{"at":1}\n{"at":"2999-01-01"}\n{"at":2}\n' > a
	run --separate-stderr stream-cat -t .at --max-future 1h a
	status_is 1
	stderr_like '^stream-cat: a:2: its time is [0-9]+d.* ahead of the clock, more than --max-future 1h$'
	run --separate-stderr stream-cat -t .at --max-future 1h --dead-letter dead a
	status_is 0
	silent
	story <(printf '%s\n' "$output") > told
	[ "$(cat told)" = "hello 1000 W1000 2000 W2000 Wmax end" ]
	[ "$(jq -c '[.ts, .payload.at]' dead)" = '[32472144000000,"2999-01-01"]' ]
}

@test "--max-future: a record that is bad for another reason does not move event time either" {
	printf '{"at":1,"k":1}\n{"at":"2999-01-01","k":[]}\n{"at":2,"k":2}\n' > a
	run --separate-stderr stream-cat -t .at -k .k --max-future 1h --dead-letter dead a
	status_is 0
	story <(printf '%s\n' "$output") > told
	[ "$(cat told)" = "hello 1000 W1000 2000 W2000 Wmax end" ]
	[ "$(jq -r .error.reason dead)" = ".k is an array, not a key" ]
}

@test "--max-future lets pass what is within it" {
	printf '{"at":%s}\n' "$(date +%s)" "$(($(date +%s) + 1800))" > a
	run --separate-stderr stream-cat -t .at --plain --max-future 1h a
	status_is 0
	[ "${#lines[@]}" -eq 2 ]
}

# ---- the command line ----

@test "what does not go together is a usage error" {
	printf '{"at":1}\n' > a
	while IFS='|' read -r args said; do
		run --separate-stderr bash -c "stream-cat $args"
		status_is 2
		[[ "$stderr" == "stream-cat: $said"* ]] || { told; return 1; }
	done <<-'END'
		--close-idle -t .at a|--close-idle needs --idle-timeout
		--time now --time-format s a|--time now reads no time
		--idle-timeout 0 -t .at a|--idle-timeout: 0 is too small
		--close-idle --idle-timeout 1s a|--close-idle needs --time:
		--max-future 1h a|--max-future needs --time:
		--time Now a|--time: a path begins with .
	END
}

@test "in a stream that has its times these are options of the source" {
	for args in '--time now' '--idle-timeout 1s' '--max-future 1h'; do
		run --separate-stderr bash -c "printf '{\"at\":1}\n' | stream-cat -t .at | stream-window tumbling 1s $args"
		status_is 2
		[[ "$stderr" == "stream-window: ${args% *}: upstream is a stream of records"* ]] || { told; return 1; }
	done
}

@test "--time now means something to a checkpoint; the limits do not" {
	printf '{"at":1}\n' > a
	via() { stream-cat "$@" a | jq -c 'select(.mark == "hello") | .via'; }
	[ "$(via -t .at)" = "$(via -t .at --idle-timeout 1s --close-idle --max-future 1h)" ]
	[ "$(via -t .at)" != "$(via -t now)" ]
}
