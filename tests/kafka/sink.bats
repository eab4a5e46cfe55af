#!/usr/bin/env bats
# stream-sink kafka://…: what it writes, what it promises, what it refuses.

# shellcheck disable=SC2030,SC2031,SC2034,SC2154  # each test is a shell of its own; new_topic sets its variable

load helper

pipeline_id() { jq -r .id "$1/pipeline"; }
copy_numbers() { sh_run "stream-cat $1 | stream-sink $2 kafka://$B/$a"; }

@test "a new pipeline tells the topic epoch 0 before anything is written, and each commit its own" {
	new_topic a
	export STREAM_CHECKPOINT=state
	: > in
	copy_numbers in
	status_is 0
	silent
	[[ $(admin committed "$(pipeline_id state)" "$a" 0) == "$(jq .epoch state/commit)"*"epoch=$(jq .epoch state/commit)"* ]]
	rm -rf state
	seq 10 > in
	copy_numbers in
	status_is 0
	[[ $(admin committed "$(pipeline_id state)" "$a" 0) == 1*"stream/1 run=1 epoch=1"* ]]
	[ "$(jq -c '[.epoch, .closed, .token.topic, .token.transactions]' state/commit)" = "[1,true,\"$a\",true]" ]
}

@test "when it leaves with 0, readers of committed records see all of it" {
	local round
	new_topic a 4
	seq 1000 > in
	for round in 1 2 3 4 5; do
		export STREAM_CHECKPOINT=state$round
		copy_numbers in
		status_is 0
		local seen
		seen=$(count "$a")
		[ "$seen" -eq $((round * 1000)) ] || fail "$seen of $((round * 1000)), and then $(count "$a")"
	done
}

@test "run again, a pipeline that is through adds nothing" {
	new_topic a
	export STREAM_CHECKPOINT=state
	seq 100 > in
	copy_numbers in
	copy_numbers in
	status_is 0
	silent
	[ "$(count "$a")" -eq 100 ]
}

@test "what was in flight at a kill is not seen, and comes again" {
	local pid
	new_topic a 2
	export STREAM_CHECKPOINT=state
	seq 5000 > in
	stream-cat --checkpoint-interval 30ms --rate 500 in 2> cat.err | stream-sink "kafka://$B/$a" 2> sink.err &
	pid=$!
	wait_for 20 committed state '.epoch >= 4'
	kill -9 "$(jq .pid state/lock)"
	wait "$pid" || :
	[ "$(count "$a")" -lt 5000 ]
	copy_numbers in
	status_is 0
	same <(consume "$a" | sort -n) <(seq 5000)
}

@test "between exactly-once and at-least-once a pipeline may change, and settles what was in flight" {
	local pid
	new_topic a
	export STREAM_CHECKPOINT=state
	seq 5000 > in
	stream-cat --checkpoint-interval 30ms --rate 500 in 2> cat.err | stream-sink "kafka://$B/$a" 2> sink.err &
	pid=$!
	wait_for 20 committed state '.epoch >= 4'
	kill -9 "$(jq .pid state/lock)"
	wait "$pid" || :
	stream-cat --checkpoint-interval 30ms --rate 500 in 2> cat.err | stream-sink --delivery at-least-once "kafka://$B/$a" 2> sink.err &
	pid=$!
	wait_for 20 committed state '.epoch >= 8 and (.token.transactions | not)'
	kill -9 "$(jq .pid state/lock)"
	wait "$pid" || :
	copy_numbers in
	status_is 0
	silent
	[ "$(jq .token.transactions state/commit)" = true ]
	# What an epoch without a transaction had written comes again.
	same <(consume "$a" | sort -nu) <(seq 5000)
}

@test "a checkpoint belongs to its topic" {
	new_topic a
	new_topic b
	export STREAM_CHECKPOINT=state
	seq 10 > in
	copy_numbers in
	sh_run 'stream-cat in | stream-sink "kafka://$B/$b"'
	status_is 1
	[[ "$stderr" == *"the checkpoint was made with the topic $a"* ]]
	sh_run 'stream-cat in | stream-sink file:out'
	status_is 1
	[ "$(count "$b")" -eq 0 ]
}

@test "--assume-epoch that says something else than the brokers is refused" {
	new_topic a
	export STREAM_CHECKPOINT=state
	seq 10 > in
	copy_numbers in
	copy_numbers in '--assume-epoch 7'
	status_is 2
	[[ "$stderr" == *"--assume-epoch 7: topic $a is known to hold epoch 1; leave the option out"* ]]
	copy_numbers in '--assume-epoch 1'
	status_is 0
}

@test "an older copy of the checkpoint is told from one that fits" {
	new_topic a
	export STREAM_CHECKPOINT=state
	seq 10 > in
	copy_numbers in
	# The directory of another time: it is at epoch 0, the topic at 1 of a run that had left in good order.
	jq -c '.epoch = 0' state/commit > commit && mv commit state/commit
	copy_numbers in
	status_is 1
	[[ "$stderr" == *"topic $a holds epoch 1 of this pipeline, the checkpoint is at 0: an older copy of either; --assume-epoch 0"* ]]
}

@test "a topic is made where it is asked for, and left alone where it is" {
	a=made-$$-$RANDOM
	seq 10 > in
	copy_numbers in '--create-topic 3:1'
	status_is 0
	silent
	[ "$(partitions "$a")" -eq 3 ]
	copy_numbers in '--create-topic 5'
	status_is 0
	[ "$(partitions "$a")" -eq 3 ]
	[ "$(count "$a")" -eq 20 ]
	admin delete "$a"
	copy_numbers in '--create-topic 3:9'
	status_is 1
	[[ "$stderr" == *--create-topic:*[Rr]eplication* ]]
}

@test "--body record writes the whole line; a payload alone is the default" {
	new_topic a
	printf '%s\n' '{"topic":"t","partition":0,"offset":9,"ts":5,"key":"k","payload":{"n":1.10}}' > in
	copy_numbers in '--body record'
	copy_numbers in
	run consume "$a" -f '%k %T %s\n'
	output_is 'k 5 {"topic":"t","partition":0,"offset":9,"ts":5,"key":"k","payload":{"n":1.10}}
k 5 {"n":1.10}'
}

@test "a record without time makes a message without one" {
	new_topic a
	echo '{"n":1}' > in
	copy_numbers in
	run consume "$a" -f '%T\n'
	output_is -1
}

@test "what a message cannot be is a dead letter, and says why" {
	new_topic a 2
	cat > in <<-'END'
		{"topic":"x","partition":0,"offset":1,"ts":1,"payload":"a"}
		{"topic":"x","partition":2,"offset":1,"ts":1,"payload":"b"}
		{"topic":"x","partition":1,"offset":1,"ts":0,"payload":"c"}
		{"topic":"x","partition":1,"offset":1,"ts":-1,"payload":"d"}
		{"topic":"x","partition":1,"offset":1,"ts":1,"payload":5}
		{"topic":"x","partition":1,"offset":1,"ts":1,"headers":[{"key":1}],"payload":"e"}
		{"topic":"x","partition":1,"offset":1,"ts":1,"payload":"f"}
	END
	sh_run 'stream-cat in | stream-sink --dead-letter dead "kafka://$B/$a?partition=keep&format=text"'
	status_is 0
	run consume "$a" -f '%p %s\n'
	[ "$(sort <<< "$output")" = $'0 a\n1 f' ]
	[ "$(jq -r .error.reason dead)" = 'the topic has no such partition
the time is 0, for which the client would write the time of day
the time is -1, which means none to Kafka
the payload is no string, and ?format=text writes a string'\''s text
headers is not an array of {"key":TEXT,"value":TEXT or null}' ]
}

@test "a topic that will soon delete what is written: said once" {
	new_topic a 1 retention.ms=60000
	printf '{"ts":1600000000000,"payload":%d}\n' 1 2 3 > in
	copy_numbers in
	status_is 0
	stderr_like "topic $a keeps records for 60 s \(retention.ms\)"
}

@test "a topic that is deleted while it is written: 1, and its name" {
	local pid
	new_topic a
	seq 100000 > in
	stream-cat --rate 1500 in 2> cat.err | stream-sink "kafka://$B/$a" 2> sink.err &
	pid=$!
	wait_for 20 eval '[ "$(count "$a")" -gt 0 ]'
	admin delete "$a"
	wait "$pid" || status=$?
	[ "$status" -eq 1 ]
	grep -q "topic $a is not there any more" sink.err
}

@test "what would break the promise cannot be set" {
	new_topic a
	seq 3 > in
	copy_numbers in '-X acks=1'
	status_is 2
	copy_numbers in '-X enable.idempotence=false'
	status_is 2
	copy_numbers in '-X transactional.id=mine'
	status_is 2
	STREAM_CHECKPOINT=state copy_numbers in '-X transaction.timeout.ms=2000000000'
	status_is 1
	[[ "$stderr" == *transaction.max.timeout.ms* ]]
	[ "$(count "$a")" -eq 0 ]
}

@test "words that are wrong in a target are told: 2" {
	new_topic a
	local target
	for target in "$a?fromat=text" "$a?format=xml" "$a?partition=3" "$a,$a" '' '?topic=.to'; do
		STREAM_CHECKPOINT=state run --separate-stderr stream-sink "kafka://$B/$target" < /dev/null
		status_is 2
	done
	run --separate-stderr stream-sink --create-topic 3 file:x < /dev/null
	status_is 2
	run --separate-stderr stream-sink --assume-epoch 3 "kafka://$B/$a" < /dev/null
	status_is 2
	run --separate-stderr stream-sink --create-topic x "kafka://$B/$a" < /dev/null
	status_is 2
}

@test "an epoch may go to many topics, and is one transaction; a topic that is not there makes a dead letter" {
	local pid
	new_topic a
	new_topic b
	new_topic control
	export STREAM_CHECKPOINT=state
	seq 4000 | jq -c "{n: ., to: (if . % 1000 == 0 then \"nobody\" elif . % 2 == 0 then \"$a\" else \"$b\" end)}" > in
	stream-cat --checkpoint-interval 30ms --rate 500 in 2> cat.err |
		stream-sink --dead-letter dead "kafka://$B/$control?topic=.to" 2> sink.err &
	pid=$!
	wait_for 20 committed state '.epoch >= 4'
	kill -9 "$(jq .pid state/lock)"
	wait "$pid" || :
	[ "$(($(count "$a") + $(count "$b")))" -lt 3996 ]
	sh_run 'stream-cat in | stream-sink --dead-letter dead "kafka://$B/$control?topic=.to"'
	status_is 0
	same <({ consume "$a"; consume "$b"; } | jq .n | sort -n) <(seq 4000 | grep -v '000$')
	[ "$(jq -c .payload.n dead | tr '\n' ' ')" = '1000 2000 3000 4000 ' ]
	[ "$(count "$control")" -eq 0 ]
}
