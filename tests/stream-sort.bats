# stream-sort: records in the order of event time.

load helper

# Records "t v", one a line, as bare JSON in `in`.
records() {
	awk 'NF { printf "{\"t\":%s,\"v\":%s}\n", $1, $2 }' > in
}

# sorted ARGS…: of `in`, times in ms.
sorted() {
	run --separate-stderr stream-sort "$@" --plain -t .t --time-format ms in
}

values() {
	jq -c .payload.v <<< "$output" | paste -sd ' '
}

# N records of some 100 bytes that go back and forth by a few thousand ms.
wandering() {
	awk -v n="$1" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "{\"t\":%d,\"v\":%d,\"pad\":\"%060d\"}\n", 1000000 + i - i * 7919 % 5003, i, i
	}'
}

@test "records leave by time, ties as they came, in the envelope of their place of origin" {
	records <<-'END'
		3 1
		1 2
		2 3
		1 4
	END
	sorted --out-of-order 10ms
	status_is 0
	silent
	output_is '{"topic":"in","partition":0,"offset":14,"ts":1,"payload":{"t":1,"v":2}}
{"topic":"in","partition":0,"offset":42,"ts":1,"payload":{"t":1,"v":4}}
{"topic":"in","partition":0,"offset":28,"ts":2,"payload":{"t":2,"v":3}}
{"topic":"in","partition":0,"offset":0,"ts":3,"payload":{"t":3,"v":1}}'
}

@test "records of a stream leave as the bytes they came as" {
	printf '%s\n' '{"mark":"hello","version":1}' '{ "payload":1.10,  "ts":2, "more":[ ] }' '{"ts":1,"payload":9007199254740993}' \
		'{"mark":"watermark","ts":"max"}' '{"mark":"end"}' > stream
	run --separate-stderr bash -c 'cat stream | stream-sort --plain'
	status_is 0
	output_is '{"ts":1,"payload":9007199254740993}
{ "payload":1.10,  "ts":2, "more":[ ] }'
}

@test "records wait for the watermark, which goes on behind them; nothing is late for what comes next" {
	printf '{"t":5}\n{"t":3}\n{"t":9}\n{"t":8}\n' > in
	sh_run 'stream-cat -t .t --time-format ms --out-of-order 3ms --watermark-step 1ms in | stream-sort'
	status_is 0
	[ "$(jq -c '[.mark, .ts]' <<< "$output" | paste -sd ' ')" = \
		'["hello",null] ["watermark",2] [null,3] [null,5] ["watermark",6] [null,8] [null,9] ["watermark","max"] ["end",null]' ]
	wandering 3000 > in
	sh_run 'stream-cat -t .t --time-format ms --out-of-order 6s in | stream-sort | stream-sort --name again | stream-window tumbling 1s --plain'
	status_is 0
	[ "$(jq .payload.count <<< "$output" | paste -sd+ | bc)" -eq 3000 ]
}

@test "a record leaves as soon as the watermark has passed it, while the input is open" {
	mkfifo f
	stream-sort --plain -t .t --time-format ms f > out &
	pid=$!
	exec 9> f
	printf '{"t":1}\n{"t":1000}\n' >&9
	wait_for 10 grep -q '"ts":1,' out
	[ "$(wc -l < out)" -eq 1 ]
	exec 9>&-
	wait "$pid"
	[ "$(wc -l < out)" -eq 2 ]
}

@test "flights by real departure: what jq sorts" {
	stream-sort -t .at --out-of-order 24h --plain "$FLIGHTS" | jq -r .payload.id > ours
	jq -rn '[inputs | [(.at[0:19] + "Z" | fromdate) - (.at[19:22] | tonumber) * 3600, .id]] | sort_by(.[0])[] | .[1]' "$FLIGHTS" > jqs
	same jqs ours
}

# ---- late and bad ----

@test "the first late record ends the run with 1, says how late and what helps" {
	records <<-'END'
		1000 1
		9000 2
		4000 3
	END
	sorted
	status_is 1
	stderr_is "stream-sort: in:3: late: the watermark passed it 5s ago: see --out-of-order, --late"
	[ "$(values)" = "1" ]
	sh_run 'stream-cat -t .t --time-format ms in | stream-sort --plain'
	status_is 1
	stderr_like '^stream-sort: in offset [0-9]+: late: the watermark passed it 5s ago: see --out-of-order \(of the source\), --late$'
}

@test "--late drop counts them, --late FILE keeps them whole" {
	records <<-'END'
		1000 1
		9000 2
		4000 3
		9000 4
		8999 5
	END
	sorted --late drop -v
	status_is 0
	[ "$(values)" = "1 2 4" ]
	[[ $stderr == *" 2 were late"* ]]
	sorted --late late.ndjson
	status_is 0
	[ "$(jq -c .payload.v late.ndjson | paste -sd ' ')" = "3 5" ]
	[ "$(jq -c .ts late.ndjson | paste -sd ' ')" = "4000 8999" ]
}

@test "a record without a time is bad" {
	sh_run 'stream-cat "$FLIGHTS" | stream-sort'
	[ "$status" -eq 1 ]
	[[ $stderr == *"stream-sort: "*"no event time"* ]]
	run --separate-stderr stream-sort "$FLIGHTS"
	status_is 2
	stderr_like '^stream-sort: no --time, .*--time \.at'
	printf '{"t":1}\n{"t":"never"}\n' > in
	sorted --dead-letter dead
	status_is 0
	[ "${#lines[@]}" -eq 1 ]
	jq -e '.error.reason' dead > /dev/null
}

# ---- more than the memory holds ----

@test "with a little memory the result is the same, and nothing is left behind" {
	wandering 30000 > in
	sorted --out-of-order 6s
	printf '%s\n' "$output" > all
	mkdir tmp
	for m in 4K 64K 1M; do
		TMPDIR=tmp sorted --out-of-order 6s --memory "$m"
		status_is 0
		same all <(printf '%s\n' "$output")
		[ -z "$(ls -A tmp)" ]
	done
}

@test "metrics, and -v: how many records were spilled" {
	wandering 3000 > in
	sorted --out-of-order 6s --memory 64K --metrics m -v
	status_is 0
	spilled=$(sed -n 's/^stream_records_spilled_total{stage="sort"} //p' m)
	[ "$spilled" -gt 1000 ]
	[ "$spilled" -le 3000 ]
	[[ $stderr == *", $spilled spilled"* ]]
}

@test "memory is bounded by --memory, whatever waits" {
	# Four times as much waits to the end.
	awk 'BEGIN { for (i = 0; i < 300000; i++) printf "{\"t\":%d,\"v\":%d,\"pad\":\"%060d\"}\n", i * 7919 % 300007, i, i }' > in
	run --separate-stderr bash -c 'stream-sort -t .t --time-format ms --out-of-order 1d --memory 8M --plain in > out &
		pid=$!; peak=0
		while kill -0 $pid 2> /dev/null; do
			now=$(awk "/^VmHWM/ { print \$2 }" /proc/$pid/status 2> /dev/null); [ "${now:-0}" -le "$peak" ] || peak=$now
		done
		wait $pid; echo $peak'
	status_is 0
	[ "$(stat -c %s out)" -ge $((4 * 8 << 20)) ]
	[ "$output" -le $((8 * 1024 + 4096)) ] || fail "$output KiB"
	jq .ts out | sort -nc
	[ "$(wc -l < out)" -eq 300000 ]
}

@test "no room for what is spilled: 75, and one line that says where" {
	wandering 3000 > in
	TMPDIR=/nowhere sorted --out-of-order 6s --memory 4K
	status_is 1
	stderr_is "stream-sort: /nowhere: a temporary file: No such file or directory"
	run --separate-stderr bash -c 'ulimit -f 8; trap "" XFSZ; stream-sort --memory 16K --plain -t .t --time-format ms --out-of-order 6s in | cat'
	[[ $stderr == "stream-sort: "*"temporary file: File too large" ]]
}

# ---- under a checkpoint ----

# go ARGS…: the pipeline, and its statuses.
go() {
	pipe_run "stream-cat -t .t --time-format ms --out-of-order 6s $* \${IN:-in} |
		stream-sort $SORT | stream-sink file:out"
}

# Some epochs are committed, much waits, the input is not yet through.
half() {
	wandering 9000 > whole
	head -n 5000 whole > in
	SORT=$1 go -f -e --checkpoint-interval 1ms --rate 100000
	[ "$statuses" = "0 0 0" ]
	cp whole in
}

@test "what waits is in the checkpoint: stopped and started again, also with another --memory, the output is the same" {
	export STREAM_CHECKPOINT=state
	for memory in "64M 64M" "16K 16K" "16K 64M" "64M 16K"; do
		rm -rf state out
		half "--memory ${memory% *}"
		[ "$(wc -l < out)" -lt 4999 ]
		[[ $memory != 16K* ]] || ls state/sort/*.run > /dev/null
		SORT="--memory ${memory#* }" go
		[ "$statuses" = "0 0 0" ]
		STREAM_CHECKPOINT='' stream-sort -t .t --time-format ms --out-of-order 6s --plain in > expected
		same expected out
	done
}

@test "at the end no run is left that a later start does not need" {
	export STREAM_CHECKPOINT=state
	half "--memory 16K"
	ls state/sort/*.run > /dev/null
	SORT="--memory 16K" go --checkpoint-interval 1ms --rate 20000
	[ "$statuses" = "0 0 0" ]
	# What the last two epochs have dropped may still be there.
	newest=$(find state/sort -name '*.snap' -printf '%f\n' | sort -n | tail -n 1)
	find state/sort -name '*.run' -printf '%f\n' | sed 's/.run//' | sort > there
	jq -r 'select(.spilled) | .spilled | (.runs + .gone)[] | .run' "state/sort/$newest" | sort > named
	[ -z "$(comm -23 there named)" ] || fail "there: $(paste -sd ' ' there); named: $(paste -sd ' ' named)"
	[ "$(jq -c 'select(.spilled) | .spilled.runs' "state/sort/$newest")" = '[]' ]
}

@test "a run that is missing, cut or changed: 1, and names it" {
	export STREAM_CHECKPOINT=state
	half "--memory 16K"
	newest=$(find state/sort -name '*.snap' -printf '%f\n' | sort -n | tail -n 1)
	run=$(jq -r 'select(.spilled) | .spilled.runs[0].run' "state/sort/$newest").run
	cp -r state kept
	rm "state/sort/$run"
	SORT="--memory 16K" go
	[[ $stderr == *"stream-sort: state/sort/$run is missing: the state of this stage needs it"* ]]
	[ "${statuses#* }" = "1 1" ]
	head -c 1000 "kept/sort/$run" > "state/sort/$run"
	SORT="--memory 16K" go
	[[ $stderr == *"stream-sort: state/sort/$run: damaged: 1000 bytes, not "* ]]
	{ head -c 1000 "kept/sort/$run" && printf x && tail -c +1002 "kept/sort/$run"; } > "state/sort/$run"
	SORT="--memory 16K" go
	[[ $stderr == *"stream-sort: state/sort/$run: damaged: checksum does not match"* ]]
	[ "${statuses#* }" = "1 1" ]
	cp "kept/sort/$run" "state/sort/$run"
	SORT="--memory 16K" go
	[ "$statuses" = "0 0 0" ]
}

@test "files that no snapshot names are removed at the start" {
	export STREAM_CHECKPOINT=state
	half "--memory 16K"
	echo junk > state/sort/900.run
	echo junk > state/sort/901.run.tmp.1
	echo mine > state/sort/notes
	SORT="--memory 16K" go
	[ "$statuses" = "0 0 0" ]
	[ ! -e state/sort/900.run ]
	[ ! -e state/sort/901.run.tmp.1 ]
	[ -e state/sort/notes ]
}

# ---- the outside ----

@test "/dev/full, a reader that leaves" {
	run --separate-stderr bash -c 'stream-sort -t .at --out-of-order 24h "$FLIGHTS" > /dev/full'
	status_is 75
	stderr_is "stream-sort: standard output: No space left on device"
	pipe_run 'stream-sort -t .at --out-of-order 24h --memory 64K "$FLIGHTS" | head -n 1 > out'
	[ "$statuses" = "141 0" ]
	silent
}

@test "empty input, one record" {
	: > in
	sorted
	status_is 0
	output_is ""
	records <<< '1 1'
	sorted
	[ "$(values)" = 1 ]
}

@test "usage errors: 2, one line, and where to look" {
	while IFS='|' read -r args said; do
		run --separate-stderr bash -c "stream-sort $args < /dev/null"
		status_is 2
		[[ $stderr == "stream-sort: $said"* ]] || { told; fail "wanted: $said"; }
		[[ $stderr != *$'\n'* ]]
	done <<-'END'
		--memory|--memory needs a value
		--memory x|--memory
		--memory 1K|--memory: 1K is too small
		--allowed-lateness 1s|--allowed-lateness is an option of stream-window
		--late|--late needs a value
	END
}
