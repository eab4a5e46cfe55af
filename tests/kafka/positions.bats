#!/usr/bin/env bats
# Where reading begins and ends.

load helper

# numbers URL [OPTION…]: the payloads that are read up to the end, on one line.
numbers() {
	local url=$1
	shift
	run --separate-stderr bash -c 'set -o pipefail; stream-cat -e --plain "$@" | jq -c .payload | sort -n | tr "\n" " "' - "$@" "$url"
}

ten() {
	seq 0 9 | kcat -q -b "$B" -P -t "$1" -p 0
}

@test "beginning, end, an offset, the last few" {
	new_topic a
	ten "$a"
	local url=kafka://$B/$a
	numbers "$url"
	output_is '0 1 2 3 4 5 6 7 8 9 '
	numbers "$url" -o beginning
	output_is '0 1 2 3 4 5 6 7 8 9 '
	numbers "$url" -o end
	output_is ''
	status_is 0
	numbers "$url" -o 7
	output_is '7 8 9 '
	numbers "$url" -o -2
	output_is '8 9 '
	numbers "$url" -o -20
	output_is '0 1 2 3 4 5 6 7 8 9 '
	numbers "$url" -n 3
	output_is '0 1 2 '
}

@test "the first message at a time or behind it, and all that follow; --since and --until look at each" {
	new_topic a
	for t in 1 3 2 4 5; do admin stamped "$a" 0 170000000${t}000 $t; done
	numbers "kafka://$B/$a" -o @1700000003000
	output_is '2 3 4 5 '
	numbers "kafka://$B/$a" -o @2023-11-14T22:13:24Z
	output_is '4 5 '
	numbers "kafka://$B/$a" -o @1700000006
	output_is ''
	numbers "kafka://$B/$a" --since 1700000002 --until 1700000005
	output_is '2 3 4 '
}

@test "some partitions, and a share of them" {
	new_topic a 4
	for p in 0 1 2 3; do echo $p | kcat -q -b "$B" -P -t "$a" -p $p; done
	numbers "kafka://$B/$a?partitions=1-2"
	output_is '1 2 '
	numbers "kafka://$B/$a?partitions=0,3"
	output_is '0 3 '
	numbers "kafka://$B/$a" --slice 1/2
	output_is '1 3 '
	run --separate-stderr stream-cat -e "kafka://$B/$a?partitions=4"
	[ "$status" -ne 0 ]
	stderr_like 'partition 4'
}

@test "two topics are one stream" {
	new_topic a
	new_topic b
	echo 1 | produce "$a"
	echo 2 | produce "$b"
	numbers "kafka://$B/$a,$b"
	output_is '1 2 '
}

@test "the end is reached behind a transaction's marker, aborted messages, and an open transaction" {
	new_topic a 3
	for p in 0 1 2; do echo $p | kcat -q -b "$B" -P -t "$a" -p $p; done
	echo commit | admin transaction "$a" 0 2
	echo abort | admin transaction "$a" 1 5
	coproc HOLD { admin transaction "$a" 2 5; }
	read -r line <&"${HOLD[0]}"
	[ "$line" = open ]
	run --separate-stderr timeout 20 stream-cat -e --plain "kafka://$B/$a"
	status_is 0
	[ "${#lines[@]}" -eq 5 ]
	run --separate-stderr timeout 20 stream-cat -e -o end --plain "kafka://$B/$a"
	status_is 0
	output_is ""
	echo abort >&"${HOLD[1]}"
	wait "$HOLD_PID"
}

@test "an empty topic has its end at its beginning" {
	new_topic a 2
	numbers "kafka://$B/$a"
	status_is 0
	output_is ''
}

@test "from a checkpoint it goes on where it was" {
	new_topic a 2
	export STREAM_CHECKPOINT=state
	for i in 1 2 3; do
		echo $i | kcat -q -b "$B" -P -t "$a" -p $((i % 2))
		sh_run 'stream-cat -e "kafka://$B/$a" | stream-sink --body payload file:out'
		status_is 0
		silent
	done
	same out <(seq 3)
}

@test "what retention took is not passed over in silence" {
	new_topic a
	ten "$a"
	export STREAM_CHECKPOINT=state
	sh_run 'stream-cat -e "kafka://$B/$a" | stream-sink --body payload file:out'
	status_is 0
	seq 10 19 | produce "$a"
	admin cut "$a" 0 15
	sh_run 'stream-cat -e "kafka://$B/$a" | stream-sink --body payload file:out'
	status_is 1
	[[ "$stderr" == *"$a"*10*15*--on-gap* ]] || { told; return 1; }
	sh_run 'stream-cat -e --on-gap skip "kafka://$B/$a" | stream-sink --body payload file:out'
	status_is 0
	same out <(seq 0 9; seq 15 19)
}

@test "new partitions are read, too" {
	new_topic a
	echo 1 | produce "$a"
	stream-cat --plain -X topic.metadata.refresh.interval.ms=200 "kafka://$B/$a" > out 2> err &
	pid=$!
	wait_for 20 grep -q '"payload":1}' out
	admin grow "$a" 3
	echo 2 | kcat -q -b "$B" -P -t "$a" -p 2
	wait_for 20 grep -q '"payload":2}' out
	kill "$pid"
	wait "$pid"
}

@test "and by a checkpoint that did not know them" {
	new_topic a
	echo 1 | produce "$a"
	export STREAM_CHECKPOINT=state
	sh_run 'stream-cat -e "kafka://$B/$a" | stream-sink --body payload file:out'
	status_is 0
	admin grow "$a" 2
	echo 2 | kcat -q -b "$B" -P -t "$a" -p 1
	sh_run 'stream-cat -e "kafka://$B/$a" | stream-sink --body payload file:out'
	status_is 0
	same out <(seq 2)
}

@test "group= tells lag tools where the committed epoch ended" {
	new_topic a
	ten "$a"
	export STREAM_CHECKPOINT=state
	sh_run 'stream-cat -e "kafka://$B/$a?group=lag-$a" | stream-sink --body payload file:out'
	status_is 0
	[[ "$(admin committed "lag-$a" "$a" 0)" == "10 "* ]]
}
