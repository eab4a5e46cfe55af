# kafka.bash - the group kafka of bench/run: topics, beside kcat on the same broker
#
# bench/run sources it.  The broker is tests/kafka/broker's; what it needs itself is not counted.  kcat and we have
# the same settings: acknowledged by all, lz4, idempotence where we have it, the same limits of the queue.
# shellcheck shell=bash disable=SC2034,SC2154  # what bench/run has: root, build, n, patience, rows; row()

# A folder of its own, so that no test's broker is disturbed.
kafka_begin() {
	[ -x "$build/kafka-admin" ] || {
		echo "bench/run: kafka needs $build/kafka-admin: make kafka-admin" >&2
		exit 2
	}
	export KAFKA_DIR=${KAFKA_DIR:-$root/build/kafka/bench}
	"$root/tests/kafka/broker" start || exit 1
	B=$("$root/tests/kafka/broker" address)
	trap '"$root/tests/kafka/broker" kill; "$root/tests/kafka/broker" wipe; rm -rf "$work"' EXIT
	mawk -F'"' '{ print $10 "\t" $0 }' flat.ndjson >flat.tsv
	kafka_topic flat 4
	kcat -q -b "$B" -P -t flat -K '\t' -z lz4 -l flat.tsv
	gen -n "$((3 * n))" >long.ndjson
}

kafka_topic() {
	"$build/kafka-admin" "$B" create "$@"
}

# An empty topic for each run: OUT.
kafka_out() {
	out=out-$RANDOM$RANDOM
	kafka_topic "$out" 4
}

kafka_read() {
	row 'kafka: read, kcat -J' "$n" flat.ndjson '[0]' -- \
		kcat -q -b "$B" -C -t flat -o beginning -e -J -X queued.min.messages=1000000 -X queued.max.messages.kbytes=131072 :: cat
	row 'kafka: read, stream-cat' "$n" flat.ndjson '[0]' -- stream-cat -e --plain "kafka://$B/flat" :: cat
}

kafka_write() {
	kafka_out
	row 'kafka: write, kcat -P' "$n" flat.ndjson '[1]' -i flat.tsv -- \
		cat :: kcat -q -b "$B" -P -t "$out" -K '\t' -z lz4 -X acks=all -X enable.idempotence=true
	kafka_out
	row 'kafka: write, stream-sink' "$n" flat.ndjson '[1]' -i saved.ndjson -- cat :: stream-sink "kafka://$B/$out"
	kafka_out
	rm -rf state
	STREAM_CHECKPOINT=state row 'kafka: write, stream-sink, transactions' "$n" flat.ndjson '[1]' -- \
		stream-cat "${source_options[@]}" flat.ndjson :: stream-sink "kafka://$B/$out"
}

# From topic to topic, long enough for some commits.
kafka_exact() {
	local run=(stream-cat "${source_options[@]}" long.ndjson ::)

	kafka_out
	rm -rf state
	STREAM_CHECKPOINT=state row 'kafka: at-least-once at 1 s' "$((3 * n))" long.ndjson '[0,1]' -- \
		"${run[@]}" stream-sink --delivery at-least-once "kafka://$B/$out"
	kafka_out
	rm -rf state
	STREAM_CHECKPOINT=state row 'kafka: exactly-once at 1 s' "$((3 * n))" long.ndjson '[0,1]' -- \
		"${run[@]}" stream-sink "kafka://$B/$out"
}

# How long a commit takes at INTERVAL, with 1000 records a second: from the barrier, which follows the source's snapshot,
# to the commit that the sink has written down.
kafka_commits() {
	local interval=$1 seconds=$2 pid last=0 epoch commit snapshot

	kafka_out
	rm -rf state
	STREAM_CHECKPOINT=state
	export STREAM_CHECKPOINT
	timeout "$seconds" stream-cat --checkpoint-interval "$interval" --rate 1000 "${source_options[@]}" flat.ndjson |
		stream-sink "kafka://$B/$out" &
	pid=$!
	unset STREAM_CHECKPOINT
	while kill -0 "$pid" 2>/dev/null; do
		epoch=$(jq .epoch state/commit 2>/dev/null) || epoch=0
		if [ "${epoch:-0}" -gt "$last" ]; then
			last=$epoch
			commit=$(stat -c %.9Y state/commit)
			snapshot=$(stat -c %.9Y "state/cat/$epoch.snap" 2>/dev/null) &&
				echo "$commit $snapshot" >>commits
		fi
		read -r -t 0.005 <> <(:)
	done
	wait "$pid"
	awk '{ print ($1 - $2) * 1000 }' commits | sort -n >waits
	jq -cn --arg interval "$interval" '[inputs] as $w | ($w | length) as $n
		| {id: "kafka: commit", interval: $interval, samples: $n, p50_ms: $w[$n * 0.5 | floor], p99_ms: $w[$n * 0.99 | floor]}' \
		waits >>"$rows"
	rm -f commits waits
}

# A reader that takes 1 MB a tenth of a second.
kafka_memory() {
	cat >slow <<-'END'
		#!/bin/bash
		while [ "$(head -c 1000000 | wc -c)" -gt 0 ]; do read -r -t 0.1 <> <(:) || :; done
	END
	chmod +x slow
	row 'kafka: a slow reader of kcat -J' "$((n / 5))" sample.ndjson '[0]' -- \
		kcat -q -b "$B" -C -t flat -o beginning -c "$((n / 5))" -J :: ./slow
	row 'kafka: a slow reader of stream-cat' "$((n / 5))" sample.ndjson '[0]' -- \
		stream-cat -n "$((n / 5))" --plain "kafka://$B/flat" :: ./slow
}

group_kafka() {
	kafka_read
	kafka_write
	kafka_exact
	[ "$round" -gt 1 ] || kafka_memory
	[ "$round" -gt 1 ] || kafka_commits 1s 40
	[ "$round" -gt 1 ] || kafka_commits 100ms 20
}
