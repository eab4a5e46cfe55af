#!/usr/bin/env bats
# The generator, the measuring programs and the demonstration: that they do what they say, not how fast.

load helper

gen() { "$BUILD/bench/gen" "$@"; }

@test "gen gives the same bytes for the same options, others for another seed" {
	for shape in flat shuffled escapes nested; do
		gen -n 500 --shape "$shape" >a
		gen -n 500 --shape "$shape" >b
		gen -n 500 --shape "$shape" -s 2 >c
		cmp a b
		! cmp -s a c
	done
}

@test "gen's records are JSON of 240 to 250 bytes with time, user and price" {
	for shape in flat shuffled escapes nested; do
		gen -n 2000 -k 50 --shape "$shape" >a
		awk '{ n = length($0) + 1; if (n < 240 || n > 250) exit 1 }' a
		run jq -n '[inputs | select((.at | type) == "number" and (.price | type) == "number" and (.user | test("^user[0-4]?[0-9]$")))] | length' a
		output_is 2000
	done
}

@test "gen keeps to its disorder and its rate" {
	gen -n 5000 --event-rate 1000 --disorder 300 >a
	run jq -n '[foreach inputs.at as $at ([0, 0]; [([.[0], $at] | max), $at]; .[0] - .[1])] | [max > 0, max <= 300]' -c a
	output_is '[true,true]'
	run jq -s 'map(.at) | max - min' a
	[ "$output" -ge 4900 ] && [ "$output" -le 5300 ]
}

@test "gen writes RFC 3339 if asked" {
	gen -n 1 >a
	gen -n 1 --time-format rfc3339 >b
	run jq -r .at b
	output_is 2023-11-14T22:13:20.000Z
	run jq .at a
	output_is 1700000000000
}

@test "gen refuses what it does not know" {
	for option in '-n x' '-n -1' '-k 0' '--shape round' '--time-format iso' 'more'; do
		# shellcheck disable=SC2086
		run "$BUILD/bench/gen" $option
		status_is 2
	done
}

@test "measure tells the status and the cost of each stage" {
	run "$BUILD/bench/measure" -- sh -c 'exit 3' :: sh -c 'kill -9 $$' :: cat
	status_is 1
	run jq -c '[.stages[].status]' <<<"$output"
	output_is '[3,137,0]'
	run "$BUILD/bench/measure" -i "$FLIGHTS" -o out -- cat :: wc -l
	status_is 0
	[ "$(cat out)" -eq "$(wc -l <"$FLIGHTS")" ]
	run jq -c '[.wall_s > 0, (.stages | map(.user_s + .sys_s) | add) > 0, (.stages | map(.peak_kib) | min) > 0]' <<<"$output"
	output_is '[true,true,true]'
}

@test "measure ends what does not end" {
	run "$BUILD/bench/measure" -t 1 -- tail -f /dev/null
	status_is 1
	run jq -c '[.stages[].status]' <<<"$output"
	output_is '[142]'
}

@test "latency gives a sample for each window behind the first half second, of a load that waits for nobody" {
	mkfifo to from
	stream-cat --time .at --watermark-step 1ms - <to | stream-window tumbling 10ms --global -a n=count --late drop |
		stream-sink - >from &
	run "$BUILD/bench/latency" -r 20000 -s 1 to from
	status_is 0
	wait "$!"
	run jq -c '[.rate, .records, .samples, (.late_us | length), .late_us == (.late_us | sort), .late_us[0] > 0]' <<<"$output"
	output_is '[20000,20000,50,50,true,true]'
}

@test "latency -e takes what comes back as it went for the answer" {
	mkfifo to from
	cat <to | cat >from &
	run "$BUILD/bench/latency" -e -r 20000 -s 1 to from
	status_is 0
	wait "$!"
	# Behind the last window no record comes.
	run jq -c '[.rate, .records, .samples, .late_us == (.late_us | sort), .late_us[0] > 0]' <<<"$output"
	output_is '[20000,20000,49,true,true]'
}

@test "latency follows a file, too" {
	: >to
	: >from
	STREAM_CHECKPOINT=state stream-cat -f --time .at --watermark-step 1ms to |
		STREAM_CHECKPOINT=state stream-window tumbling 10ms --global -a n=count --late drop |
		STREAM_CHECKPOINT=state stream-sink file:from &
	run "$BUILD/bench/latency" -r 20000 -s 1 to from
	status_is 0
	kill "$(jq .pid state/cat/lock)"
	wait "$!"
	# The last window stays open: nothing comes behind it.
	run jq -c '[.records, .samples, .late_us == (.late_us | sort)]' <<<"$output"
	output_is '[20000,49,true]'
}

@test "the guard passes what it was renewed with, and fails where a command needs more" {
	command -v valgrind >/dev/null || skip "valgrind is missing"
	run "$TOP/bench/guard" --renew -b "$BUILD" -t thresholds cat sink
	status_is 0
	run "$TOP/bench/guard" -b "$BUILD" -t thresholds cat sink
	status_is 0
	awk '$1 == "sink" { $2 = int($2 * 0.96) } 1' thresholds >lower
	run "$TOP/bench/guard" -b "$BUILD" -t lower cat sink
	status_is 1
	[[ $output == *"sink "*": dearer"* ]] || { told; false; }
	[ "$(grep -c dearer <<<"$output")" -eq 1 ]
}

@test "the guard compares nothing with what another compiler made" {
	command -v valgrind >/dev/null || skip "valgrind is missing"
	printf '# of old\n# another compiler\ncat 1\n' >thresholds
	run "$TOP/bench/guard" -b "$BUILD" -t thresholds cat
	status_is 77
	[[ $output == *"made with another compiler, this is "* ]] || { told; false; }
}

@test "our outputs and those of jq, mawk and Miller are equal" {
	for tool in jq mawk mlr; do command -v "$tool" >/dev/null || skip "$tool is missing"; done
	run "$TOP/bench/run" --quick -b "$BUILD"
	status_is 0
	[[ $output == "outputs compared: "*", all equal" ]] || { told; false; }
}

@test "what peers are to be asked can be told: a contestant, a question, a number of records" {
	run "$TOP/bench/peers/run" --list flink jq
	status_is 0
	output_is "$(printf '%s\n' 'ours window 1' 'ours window 1000000' 'ours window 3000000' 'ours filter 1000000' 'ours filter 3000000' \
		'ours dedup 1000000' 'ours dedup 3000000' 'ours many 1000000' 'ours many 3000000' 'exact window 1' 'exact window 1000000' 'exact window 3000000' \
		'fused window 1' 'fused window 1000000' 'fused window 3000000' \
		'flink window 1' 'flink window 1000000' 'flink window 3000000' 'flink filter 1000000' 'flink filter 3000000' \
		'flink dedup 1000000' 'flink dedup 3000000' 'flink many 1000000' 'flink many 3000000' 'flink_2 window 1000000' 'flink_2 window 3000000' \
		'flink_exact window 1' 'flink_exact window 1000000' 'flink_exact window 3000000' 'jq window 1' 'jq window 200000' \
		'jq window 400000' 'jq filter 200000' 'jq filter 400000' 'jq dedup 200000' 'jq dedup 400000')"
	run "$TOP/bench/peers/run" --list storm
	status_is 2
}

@test "our answers have the digest of those of jq, mawk and Miller" {
	for tool in jq mawk mlr; do command -v "$tool" >/dev/null || skip "$tool is missing"; done
	run "$TOP/bench/peers/run" --quick -b "$BUILD"
	status_is 0
	output_is 'answers compared: 38, all equal'
}

# row WHO RECORDS WALL CPU
row() { printf '{"who":"%s","job":"window","run":1,"records":%s,"wall_s":%s,"cpu_s":%s,"peak_kib":2048}\n' "$@"; }

@test "a peer's figures are those of its best runs, warm is what lies between two files" {
	{
		printf '%s\n' '{"about":"peers","run":1,"date":"2000-01-01"}'
		row ours 1 0.001 0.001
		row ours 1000000 0.5 0.5
		row ours 5000000 1.5 1.5
		row flink 1 3 4
		row flink 1000000 20 9
		row flink 1000000 15 8
		row flink 5000000 20 18
	} >rows
	run "$TOP/bench/report" rows
	status_is 0
	[[ $output == *'| streamutils, one process | 4.00 | 0.25 | 0.50 | 0.001 | 0.50 | 2 | 1.00 | 1.00 |'* ]] || { told; false; }
	[[ $output == *'| Flink | 0.40 | 2.50 | 8.00 | 3.000 | 15.0 | 2 | 10.0 | 30.0 |'* ]] || { told; false; }
	[[ $output == *'| Flink to stream-window on a file, CPU once warm | 10.0 times |  | 10 times |  | floor |'* ]] || { told; false; }
	[[ $output == *'| the same, a million records from the shell, wall | 30.0 times |  | 30 times |  | floor |'* ]] || { told; false; }
	jq -L "$TOP/bench" -L "$TOP/bench/peers" -rn -f "$TOP/bench/peers/chart.jq" rows >chart.svg
	[ "$(grep -c '<rect' chart.svg)" -eq 3 ]
	grep -qF '>0.40   (ours: 10.0 times)<' chart.svg
}

@test "recovery is measured from kill -9 to the next result, and told of alone" {
	for tool in jq mawk mlr sqlite3; do command -v "$tool" >/dev/null || skip "$tool is missing"; done
	"$TOP/bench/run" -n 1000 -r 1 -q 0 -b "$BUILD" -o "$PWD/rows" recovery >page
	[ "$(jq -rs 'map(select(.id == "recovery") | .mb) | map(tostring) | join(" ")' rows)" = '1 100 1000' ]
	grep -q '^## Recovery$' page
	grep -q 'MB of state, kill -9 to the first new result' page
}

@test "the demonstration survives its kills and its outputs are equal" {
	run "$TOP/tools/demo" "$BUILD/bin"
	status_is 0
	[[ $output =~ ([0-9]+)\ kills\ survived ]] || { told; false; }
	[ "${BASH_REMATCH[1]}" -ge 10 ]
	[[ $output == *'equal, byte by byte'* ]] || { told; false; }
}
