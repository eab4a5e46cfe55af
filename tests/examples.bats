#!/usr/bin/env bats
# The examples run, and give what jq gives.

load helper

# The job in jq: days of New York begin at 05:00 UTC.
by_jq() {
	jq -rs 'map(.day = ((.at | sub("-05:00$"; "Z") | fromdate) / 86400 | floor))
		| group_by([.day, .carrier])
		| map([.[0].carrier, (.[0].day * 86400 + 5 * 3600) * 1000, length, (map(.dep_delay // 0) | add)])
		| sort[] | @tsv' "$FLIGHTS"
}

ours() { jq -rs 'map([.key, .window.start, .payload.flights, .payload.delay // 0]) | sort[] | @tsv' "$1"; }

@test "per-day gives the numbers that jq gives, and nothing more when it runs again" {
	run -0 "$TOP/examples/per-day" state "$FLIGHTS" out.ndjson
	[ -z "$output" ]
	by_jq >oracle
	ours out.ndjson >ours.tsv
	diff ours.tsv oracle
	cp out.ndjson before.ndjson
	run -0 "$TOP/examples/per-day" state "$FLIGHTS" out.ndjson
	cmp before.ndjson out.ndjson
}

@test "per-day says what it wants" {
	run ! "$TOP/examples/per-day"
	run ! "$TOP/examples/per-day" state
}

@test "the unit and the crontab line name the example with three operands" {
	grep -q '^ExecStart=/usr/local/bin/per-day [^ ]* [^ ]* [^ ]*$' "$TOP/examples/systemd/per-day.service"
	grep -q '/usr/local/bin/per-day [^ ]* [^ ]* [^ ]*$' "$TOP/examples/README.md"
}
