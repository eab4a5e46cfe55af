#!/usr/bin/env bats
# Topics as a source: event time of partitions, and what is told of them.

load helper

# times TOPIC PARTITION AT…: a message for each, with that time in its value.
times() {
	local topic=$1 partition=$2
	shift 2
	printf '{"at":%d}\n' "$@" | kcat -q -b "$B" -P -t "$topic" -p "$partition"
}

@test "the watermark is the least of the partitions': none is late for having been read after another" {
	new_topic a 3
	for p in 0 1 2; do times "$a" $p $(seq $((1000000000000 + p)) 1000 1000000500000); done
	sh_run 'stream-cat -e -t .at "kafka://$B/$a" | stream-window tumbling 10s --global -a n=count | stream-sink --body payload -'
	status_is 0
	silent
	[ "$(jq -s 'map(.n) | add' <<< "$output")" -eq "$(count "$a")" ]
	[ "$(jq -c .n <<< "$output" | sort -u | tr '\n' ' ')" = '1 30 ' ]
}

@test "a partition without messages holds nobody back for longer than --idle-timeout" {
	new_topic a 2
	times "$a" 0 1000000000000 1000000001000
	stream-cat -t .at --idle-timeout 500ms "kafka://$B/$a" > out &
	pid=$!
	wait_for 20 grep -q '"mark":"idle"' out
	times "$a" 0 1000000002000
	wait_for 20 grep -q 1000000002000 out
	kill "$pid"
	wait "$pid"
	same <(jq -c 'select(.mark) | [.mark, .ts]' out) <(
		printf '%s\n' '["hello",null]' '["watermark",1000000001000]' '["idle",null]' '["active",null]' \
			'["watermark",1000000002000]' '["watermark","max"]' '["end",null]'
	)
}

@test "with -e an empty partition holds nobody back, one that has had records does" {
	new_topic a 3
	times "$a" 0 1000000000000 1000000060000
	times "$a" 2 1000000030000
	STREAM_CHECKPOINT=state sh_run 'stream-cat -e -t .at "kafka://$B/$a" | tee marks | stream-sink file:out'
	status_is 0
	[ "$(jq -c 'select(.mark == "watermark") | .ts' marks | tail -n 1)" = 1000000030000 ]
}

@test "--merge: the partition with the lowest time first, also across a restart" {
	new_topic a 3
	for p in 0 1 2; do times "$a" $p $(seq $((1000000000000 + p * 10)) 30 1000000030000); done
	run --separate-stderr bash -c 'stream-cat -e --merge -t .at --plain "kafka://$B/$a" | jq .payload.at | sort -nc'
	status_is 0
	for _ in 1 2; do
		STREAM_CHECKPOINT=state sh_run 'stream-cat -e -n 1600 --merge -t .at "kafka://$B/$a" | stream-sink --body payload file:out'
		status_is 0
	done
	[ "$(wc -l < out)" -eq "$(count "$a")" ]
	jq .at out | sort -nc
}

@test "--merge: one that is silent holds the others back until it is idle" {
	new_topic a 2
	times "$a" 0 1000000000000 1000000002000 1000000003000
	times "$a" 1 1000000001000
	stream-cat --merge -t .at --plain --idle-timeout 500ms "kafka://$B/$a" > out &
	pid=$!
	wait_for 20 grep -q 1000000003000 out
	kill "$pid"
	wait "$pid"
	jq .payload.at out | sort -nc
}

@test "lag: of each partition, in records and in seconds" {
	new_topic a 2
	seq 100 | kcat -q -b "$B" -P -t "$a" -p 0
	seq 7 | kcat -q -b "$B" -P -t "$a" -p 1
	stream-cat --rate 20 --plain --metrics m "kafka://$B/$a?partitions=0" > out &
	pid=$!
	wait_for 20 grep -q "^stream_lag_records{stage=\"cat\",topic=\"$a\",partition=\"0\"} [1-9]" m
	grep -q "^stream_lag_seconds{stage=\"cat\",topic=\"$a\",partition=\"0\"} [0-9.]*$" m
	run ! grep -q 'partition="1"' m
	kill "$pid"
	wait "$pid"
	stream-cat --plain --metrics m "kafka://$B/$a" > out &
	pid=$!
	wait_for 20 grep -q "^stream_lag_records{stage=\"cat\",topic=\"$a\",partition=\"1\"} 0" m
	wait_for 20 grep -q "^stream_lag_seconds{stage=\"cat\",topic=\"$a\",partition=\"0\"} 0.000" m
	kill "$pid"
	wait "$pid"
}

@test "told to stop while nobody answers, it stops" {
	stream-cat --connect-timeout 1m kafka://127.0.0.1:1/a > out 2> err &
	pid=$!
	wait_for 20 grep -q hello out
	kill "$pid"
	run wait "$pid"
	wait "$pid" || status=$?
	[ "$status" -eq 75 ]
}

@test "another cluster, another topic, a partition that is not selected: the checkpoint is of something else" {
	new_topic a 2
	new_topic b
	echo 1 | kcat -q -b "$B" -P -t "$a" -p 0
	export STREAM_CHECKPOINT=state
	sh_run 'stream-cat -e "kafka://$B/$a" | stream-sink file:out'
	status_is 0
	sh_run 'stream-cat -e "kafka://$B/$b" | stream-sink file:out'
	status_is 1
	[[ "$stderr" == *"$a, which is not among the inputs"* ]] || { told; return 1; }
	sh_run 'stream-cat -e "kafka://$B/$a?partitions=0" | stream-sink file:out'
	status_is 1
	[[ "$stderr" == *"${a}[1], which is not selected"* ]] || { told; return 1; }
	sed -i 's/"cluster":"[^"]*"/"cluster":"another"/' state/cat/*.snap
	sh_run 'stream-cat -e "kafka://$B/$a" | stream-sink file:out'
	[ "$status" -eq 1 ]
}

@test "a topic that was made anew is not the one of the checkpoint" {
	new_topic a
	seq 10 | produce "$a"
	STREAM_CHECKPOINT=state sh_run 'stream-cat -e "kafka://$B/$a" | stream-sink file:out'
	status_is 0
	admin delete "$a"
	wait_for 20 admin create "$a" 1
	seq 3 | produce "$a"
	STREAM_CHECKPOINT=state sh_run 'stream-cat -e "kafka://$B/$a" | stream-sink file:out'
	status_is 1
	[[ "$stderr" == *"${a}[0]: wanted is offset 10, but it ends at 3"* ]] || { told; return 1; }
}

@test "what makes no sense is a usage error" {
	for url in "kafka://$B" "kafka:///a" "kafka://$B/a b" "kafka://$B/a?partitions=x" "kafka://$B/a?partitions=3-1" \
		"kafka://$B/a?what=1" "kafka://me:secret@$B/a"; do
		run --separate-stderr stream-cat "$url"
		status_is 2
	done
	run --separate-stderr stream-cat --format csv "kafka://$B/a"
	status_is 2
	run --separate-stderr stream-cat "kafka://$B/a" "kafka://elsewhere/b"
	status_is 2
	run --separate-stderr stream-cat --slice 3/3 "kafka://$B/a"
	status_is 2
	run --separate-stderr stream-cat --slice 0/3 x.ndjson
	status_is 2
	run --separate-stderr stream-cat -X isolation.level=read_uncommitted "kafka://$B/a"
	status_is 2
}
