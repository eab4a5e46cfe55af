#!/usr/bin/env bats
# The examples with topics run, and give what those with files give.

load helper

flights() {
	sed -E 's/.*"carrier":"([^"]*)".*/\1\t&/' "$FLIGHTS" | produce "$1"
}

# KEY COUNT DELAY START of each day, sorted.
days_of_file() { jq -r '[.key, .payload.flights, .payload.delay, .window.start] | @tsv' "$1" | sort; }
days_of_topic() {
	consume "$1" -J | jq -r '.payload as $p | ($p | fromjson) as $p
		| [.key, $p.flights, $p.delay, (.headers as $h | $h[($h | index("window-start")) + 1])] | @tsv' | sort
}

@test "topic-per-day gives what per-day gives, also when it is run again" {
	new_topic flights 3
	new_topic days 2
	flights "$flights"
	run -0 "$TOP/examples/per-day" of-file "$FLIGHTS" out.ndjson
	run -0 "$TOP/examples/topic-per-day" state "$B" "$flights" "$days" -e --close
	[ -z "$output" ]
	days_of_file out.ndjson > want
	same <(days_of_topic "$days") want
	run -0 "$TOP/examples/topic-per-day" state "$B" "$flights" "$days" -e --close
	same <(days_of_topic "$days") want
}

@test "topic-per-day as a service: told to stop, it leaves with 0 and goes on later" {
	new_topic flights
	new_topic days
	head -n 5000 "$FLIGHTS" | produce "$flights" -K '\a'
	set -m
	"$TOP/examples/topic-per-day" state "$B" "$flights" "$days" --checkpoint-interval 100ms 2> err &
	pid=$!
	set +m
	wait_for 20 eval '[ "$(consume "$days" | wc -l)" -gt 30 ]'
	kill -TERM -- "-$pid"
	wait "$pid" || [ "$?" -eq 143 ]
	tail -n +5001 "$FLIGHTS" | produce "$flights" -K '\a'
	# It waits for those that are just leaving.
	run -0 "$TOP/examples/topic-per-day" state "$B" "$flights" "$days" -e --close
	[ ! -s err ]
	run -0 "$TOP/examples/per-day" of-file "$FLIGHTS" out.ndjson
	same <(days_of_topic "$days") <(days_of_file out.ndjson)
}

@test "topic-to-file adds what has come since" {
	new_topic flights 2
	head -n 100 "$FLIGHTS" | produce "$flights" -K '\a'
	run -0 "$TOP/examples/topic-to-file" state "kafka://$B/$flights" out.ndjson
	[ -z "$output" ]
	tail -n +101 "$FLIGHTS" | produce "$flights" -K '\a'
	run -0 "$TOP/examples/topic-to-file" state "kafka://$B/$flights" out.ndjson
	run -0 "$TOP/examples/topic-to-file" state "kafka://$B/$flights" out.ndjson
	[ -z "$output" ]
	same <(jq -r .payload.id out.ndjson | sort) <(jq -r .id "$FLIGHTS" | sort)
}

@test "file-to-topic sends what was added since" {
	new_topic flights 2
	head -n 100 "$FLIGHTS" > log
	run -0 "$TOP/examples/file-to-topic" state log "kafka://$B/$flights"
	[ -z "$output" ]
	tail -n +101 "$FLIGHTS" >> log
	run -0 "$TOP/examples/file-to-topic" state log "kafka://$B/$flights"
	[ -z "$output" ]
	same <(consume "$flights" | sort) <(sort "$FLIGHTS")
	[ "$(consume "$flights" -f '%k %T\n' | sort | head -n 1)" = "9E $(jq -r 'select(.carrier == "9E").at | sub("-05:00"; "Z") | fromdate + 5 * 3600 | tostring + "000"' "$FLIGHTS" | sort | head -n 1)" ]
}

@test "the unit and the crontab line name the examples with their operands" {
	grep -q '^ExecStart=/usr/local/bin/topic-per-day [^ ]* [^ ]* [^ ]* [^ ]*$' "$TOP/examples/systemd/topic-per-day.service"
	grep -q '/usr/local/bin/topic-to-file [^ ]* [^ ]* [^ ]*$' "$TOP/examples/README.md"
}
