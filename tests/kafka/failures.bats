#!/usr/bin/env bats
# What goes wrong on the way to a broker and back, and what is said of it.

load helper

@test "no broker at the start: 75, after --connect-timeout" {
	run --separate-stderr stream-cat -e --connect-timeout 1s kafka://127.0.0.1:1/a
	status_is 75
	stderr_like '^stream-cat: kafka://127\.0\.0\.1:1'
	echo '{}' > in
	sh_run 'stream-cat in | stream-sink --connect-timeout 1s kafka://127.0.0.1:1/a'
	status_is 75
	[[ "$stderr" == *'stream-sink: kafka://127.0.0.1:1'* ]]
}

@test "no such topic: 1, and its name" {
	run --separate-stderr stream-cat -e "kafka://$B/nobody-made-this"
	status_is 1
	stderr_like 'nobody-made-this'
	echo '{}' > in
	sh_run 'stream-cat in | stream-sink "kafka://$B/nobody-made-this"'
	status_is 1
	[[ "$stderr" == *nobody-made-this* ]]
	sh_run 'stream-cat in | stream-sink --create-topic 2 "kafka://$B/made-$BASHPID-$RANDOM"'
	status_is 0
}

@test "a broker that dies and comes back in the middle is waited for, and nothing is lost" {
	new_topic a
	new_topic b
	seq 20000 | produce "$a"
	export STREAM_CHECKPOINT=state
	stream-cat -e --checkpoint-interval 50ms --rate 4000 "kafka://$B/$a" 2> cat.err | stream-sink "kafka://$B/$b" 2> sink.err &
	pid=$!
	wait_for 20 committed state '.epoch >= 5'
	broker kill
	broker start
	wait "$pid"
	same <(consume "$b") <(seq 20000)
	cat cat.err sink.err
	[ "$(wc -l < cat.err)" -le 2 ] && [ "$(wc -l < sink.err)" -le 2 ]
}

@test "a topic that is deleted while it is read: 1" {
	new_topic a
	echo 1 | produce "$a"
	stream-cat --plain "kafka://$B/$a" > out 2> err &
	pid=$!
	wait_for 20 test -s out
	admin delete "$a"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 1 ]
	grep -q "$a" err
}

@test "messages that the topic would refuse are dead letters before they are produced" {
	new_topic a 1 max.message.bytes=2000 message.timestamp.before.max.ms=3600000 message.timestamp.after.max.ms=3600000
	local now
	now=$(date +%s%3N)
	{
		printf '{"t":%d,"n":1}\n' "$now"
		printf '{"t":%d,"n":2,"long":"%s"}\n' "$now" "$(head -c 3000 /dev/zero | tr '\0' x)"
		printf '{"t":%d,"n":3}\n' $((now + 86400000))
		printf '{"t":%d,"n":4}\n' $((now - 86400000))
		printf '{"t":%d,"n":5}\n' "$now"
	} > in
	sh_run 'stream-cat --time .t --out-of-order 3d in | stream-sink --dead-letter dead "kafka://$B/$a"'
	status_is 0
	[ "$(consume "$a" | jq -c .n | tr '\n' ' ')" = '1 5 ' ]
	[ "$(jq -c .payload.n dead | tr '\n' ' ')" = '2 3 4 ' ]
	sh_run 'stream-cat --time .t --out-of-order 3d in | stream-sink "kafka://$B/$a"'
	status_is 1
}

@test "a sink that slept through the start of another is fenced, and nothing of it is seen" {
	new_topic a
	new_topic b
	seq 20000 | produce "$a"
	local run='stream-cat -e --close --checkpoint-interval 20ms "kafka://$B/$a"'
	export STREAM_CHECKPOINT=state
	bash -c "$run --rate 1000 | exec stream-sink \"kafka://\$B/\$b\"" 2> first.err &
	pid=$!
	wait_for 20 committed state '.epoch >= 5'
	sink=$(jq .pid state/lock)
	kill -STOP "$sink"
	# Another machine has a copy of the checkpoint: no lock tells them of each other.
	cp -R state copy
	rm -f copy/lock copy/*/lock
	run bash -c "STREAM_CHECKPOINT=copy; $run | stream-sink \"kafka://\$B/\$b\""
	kill -CONT "$sink"
	status_is 0
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 75 ]
	same <(consume "$b") <(seq 20000)
}

@test "the broker forgot the epoch of a pipeline that was told to stop: it goes on" {
	new_topic a
	new_topic b
	export STREAM_CHECKPOINT=state
	seq 5 | produce "$a"
	sh_run 'stream-cat -e "kafka://$B/$a" | stream-sink "kafka://$B/$b"'
	status_is 0
	admin forget "$(jq -r .id state/pipeline)" "$b" 0
	seq 6 9 | produce "$a"
	sh_run 'stream-cat -e "kafka://$B/$a" | stream-sink "kafka://$B/$b"'
	status_is 0
	[ -n "$stderr" ]
	same <(consume "$b") <(seq 9)
}

@test "the broker forgot the epoch of a pipeline that was killed: 1, until the operator says which it was" {
	new_topic a
	new_topic b
	export STREAM_CHECKPOINT=state
	seq 20000 | produce "$a"
	stream-cat -e --checkpoint-interval 20ms --rate 1000 "kafka://$B/$a" 2> cat.err |
		stream-sink -X transaction.timeout.ms=5000 "kafka://$B/$b" 2> sink.err &
	pid=$!
	wait_for 20 committed state '.epoch >= 3'
	kill -9 "$(jq .pid state/cat/lock)" "$(jq .pid state/lock)"
	wait "$pid" || :
	# The operator has looked: the one in flight is in, or not.
	id=$(jq -r .id state/pipeline)
	wait_for 90 eval 'epoch=$(admin committed "$id" "$b" 0 2> /dev/null)'
	epoch=${epoch%% *}
	admin forget "$id" "$b" 0
	sh_run 'stream-cat -e "kafka://$B/$a" | stream-sink "kafka://$B/$b"'
	status_is 1
	[[ "$stderr" == *"$b"*"--assume-epoch $epoch"* ]] || { told; return 1; }
	sh_run 'stream-cat -e "kafka://$B/$a" | stream-sink --assume-epoch '"$epoch"' "kafka://$B/$b"'
	status_is 0
	same <(consume "$b" | sort -n) <(seq 20000)
}

@test "a slow target keeps memory bounded, and nothing is lost" {
	new_topic a 2
	new_topic b
	admin odd "$a" 2 50000 lz4
	mkfifo slow
	stream-cat -e --plain --format binary "kafka://$B/$a" > slow &
	pid=$!
	exec 8< slow
	head -c 1000000 <&8 > first
	# Nobody reads on: what the client holds of it has a limit.
	wait_for 20 eval '[[ "$(cat "/proc/$pid/wchan")" == *pipe* ]]'
	[ "$(ps -o rss= -p "$pid")" -lt 400000 ]
	cat <&8 > rest
	exec 8<&-
	wait "$pid"
	[ "$(cat first rest | wc -l)" -eq 50000 ]
}
