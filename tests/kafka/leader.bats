#!/usr/bin/env bats
# A cluster of two brokers, one of which dies.

load helper

# A cluster of its own, whose topics are on both; only in a long check.
setup_file() {
	[ -n "${KAFKA_LONG:-}" ] || return 0
	export KAFKA_DIR=$BATS_FILE_TMPDIR/first
	export KAFKA_EXTRA='default.replication.factor=2 offsets.topic.replication.factor=2 transaction.state.log.replication.factor=2'
	broker start
	second start
}

teardown_file() {
	if [ -n "${KAFKA_LONG:-}" ]; then
		second kill
		broker kill
	fi
}

second() {
	local first=$KAFKA_DIR

	KAFKA_JOIN=$first KAFKA_DIR=$BATS_FILE_TMPDIR/second broker "$@"
}

setup() {
	[ -n "${KAFKA_LONG:-}" ] || skip "two more brokers: in a long check (KAFKA_LONG=1)"
	cd "$BATS_TEST_TMPDIR" || return 1
	B=$(broker address),$(second address)
	export B
}

# leaders TOPIC NODE: how many partitions it leads.
leaders() {
	kcat -b "$B" -L -t "$1" | grep -c "leader $2,"
}

@test "the leader of half the partitions dies in the middle: topic to topic, exactly once" {
	new_topic a 4
	new_topic b 4
	seq 20000 | sed 's/.*/k&\t&/' | produce "$a" -X acks=all
	wait_for 20 eval '[ "$(leaders "$a" 2)" -gt 0 ] && [ "$(leaders "$b" 2)" -gt 0 ]'
	export STREAM_CHECKPOINT=state
	run='stream-cat -e --close --checkpoint-interval 50ms --rate 1000 "kafka://$B/$a" | stream-sink "kafka://$B/$b"'
	bash -c "$run" 2> err &
	pid=$!
	wait_for 60 committed state '.epoch >= 2'
	second kill
	wait "$pid" || echo again >> err
	# As a supervisor would: whoever gave up is started again.
	for _ in {1..10}; do
		[ "$(jq .closed state/commit)" != true ] || break
		bash -c "$run" 2>> err || :
	done
	cat err
	[ "$(leaders "$b" 1)" -eq 4 ]
	same <(consume "$b" | sort -n) <(seq 20000)
}

@test "a partition without a leader is waited for at the start" {
	a=alone-$$-$RANDOM
	second start
	seq 100 | sed 's/.*/{"n":&}/' > in
	sh_run 'stream-cat --key .n in | stream-sink --create-topic "4:1" "kafka://$B/'$a'"'
	status_is 0
	second kill
	wait_for 30 eval '[ "$(leaders "$a" -1)" -gt 0 ]'
	stream-cat -e --plain --connect-timeout 2m "kafka://$B/$a" > out 2> err &
	pid=$!
	second start
	wait "$pid"
	same <(jq .payload.n out | sort -n) <(seq 100)
}
