# stream-dedup: each id once.

load helper

# Records t k, one a line, as bare JSON in `in`.
records() {
	awk 'NF { printf "{\"t\":%s,\"k\":%s,\"i\":%d}\n", $1, $2, NR }' > in
}

# dedup ARGS…: over `in`, times in ms, keys .k; which lines pass.
dedup() {
	run --separate-stderr stream-dedup "$@" --plain -t .t --time-format ms -k .k in
}

passed() {
	jq .payload.i <<< "$output" | paste -sd ' '
}

@test "the first record of a key passes, in its envelope" {
	records <<-'END'
		1000 "a"
		1000 "a"
		500 "b"
	END
	dedup
	status_is 0
	silent
	output_is '{"topic":"in","partition":0,"offset":0,"ts":1000,"key":"a","payload":{"t":1000,"k":"a","i":1}}
{"topic":"in","partition":0,"offset":50,"ts":500,"key":"b","payload":{"t":500,"k":"b","i":3}}'
}

@test "--by is an id of its own, the key stays" {
	printf '{"a":1,"b":2,"k":"x"}\n{"a":1,"b":3,"k":"y"}\n{"b":2,"a":1,"k":"z"}\n' > in
	run --separate-stderr stream-dedup --by .a --by .b -k .k --plain in
	status_is 0
	[ "$(jq -r .key <<< "$output" | paste -sd ' ')" = 'x y' ]
	run --separate-stderr stream-dedup --by .a -k .k --plain in
	[ "$(jq -r .key <<< "$output" | paste -sd ' ')" = 'x' ]
}

@test "--by-id: a file that was delivered twice" {
	stream-cat -t .at --plain "$FLIGHTS" > saved
	cat saved saved > twice
	stream-dedup --by-id --plain twice > once
	same saved once
	# As plain lines those of two files are different records.
	cp "$FLIGHTS" f
	[ "$(stream-dedup --by-id --plain f f | wc -l)" -eq 8832 ]
	cp f g
	[ "$(stream-dedup --by-id --plain f g | wc -l)" -eq 17664 ]
}

@test "--duplicates keeps them whole; what passes and what does not is all there is" {
	stream-cat -t .at -k .tail --plain "$FLIGHTS" > all
	stream-dedup --duplicates again --plain < all > once
	[ "$(cat once again | sort | md5sum)" = "$(sort all | md5sum)" ]
	[ "$(jq -r 'select(.key != null) | .key' once | sort | uniq -d | wc -l)" -eq 0 ]
	# It is appended to.
	stream-dedup --duplicates again --plain < all > /dev/null
	[ $(($(wc -l < again) / 2 + $(wc -l < once))) -eq 8832 ]
}

@test "side files are told apart" {
	printf '{"k":1}\n' > in
	run --separate-stderr stream-dedup -k .k --duplicates x --dead-letter x in
	status_is 2
	stderr_like '^stream-dedup: --dead-letter and --duplicates are the same file, x'
	run --separate-stderr stream-dedup -k .k --duplicates x --late x in
	status_is 2
	stderr_like '^stream-dedup: --late and --duplicates are the same file, x'
}

@test "without an id a record passes, and is counted" {
	records <<-'END'
		1 null
		1 null
		1 "a"
		1 "a"
	END
	dedup -v
	status_is 0
	[ "$(passed)" = '1 2 3' ]
	stderr_is 'stream-dedup: 4 records taken; 0 were late, 0 bad, 0 between windows, 1 duplicates, 2 without an id'
}

@test "--within: an id is forgotten when the watermark is there" {
	records <<-'END'
		1000 "a"
		1999 "a"
		2000 "a"
		2001 "a"
		3500 "b"
		3600 "a"
	END
	dedup --within 1s
	status_is 0
	# The watermark is the greatest time seen, at multiples of 100ms: behind 2000 "a" is forgotten.
	[ "$(passed)" = '1 4 5 6' ]
	dedup --within 1s --refresh
	[ "$(passed)" = '1 5 6' ]
	dedup --within 1s --out-of-order 10s
	[ "$(passed)" = '1 5' ]
}

@test "the first late record ends the run with 1, says how late and what helps" {
	records <<-'END'
		1000 "a"
		5000 "a"
		1500 "b"
	END
	dedup --within 1s
	status_is 1
	stderr_is 'stream-dedup: in:3: late: the watermark passed it 3.5s ago: see --out-of-order, --late'
	dedup --within 1s --late late
	status_is 0
	[ "$(jq .payload.i late)" = 3 ]
	dedup --within 1s --late drop
	status_is 0
	dedup
	status_is 0
	[ "$(passed)" = '1 3' ]
}

@test "--keep earliest and latest, in the order of time" {
	records <<-'END'
		1000 "a"
		3000 "b"
		2000 "a"
		500 "b"
		2000 "c"
		2000 "a"
	END
	dedup --keep earliest --out-of-order 10s
	[ "$(passed)" = '4 1 5' ]
	dedup --keep latest --out-of-order 10s
	[ "$(passed)" = '5 6 2' ]
}

@test "--keep latest: watermarks stay behind, so that nothing is late downstream" {
	stream-dedup -t .at --by .tail --keep latest --within 2h --out-of-order 24h "$FLIGHTS" |
		stream-window tumbling 1h -a n=count --plain | jq -s 'map(.payload.n) | add' > n
	[ "$(cat n)" -eq "$(stream-dedup -t .at --by .tail --keep latest --within 2h --out-of-order 24h --plain "$FLIGHTS" | wc -l)" ]
}

@test "an id that is an array or object is a bad record" {
	printf '{"k":1}\n{"k":[1]}\n{"k":1}\n{"k":2}\n' > in
	run --separate-stderr stream-dedup --by .k --plain in
	status_is 1
	stderr_is 'stream-dedup: in:2: .k is an array: no id'
	run --separate-stderr stream-dedup --by .k --dead-letter dead --plain in
	status_is 0
	[ "$(jq -r .error.reason dead)" = '.k is an array: no id' ]
	[ "$(wc -l <<< "$output")" -eq 2 ]
}

@test "retractions are bad records" {
	printf '{"ts":1,"key":"a","pane":"retract","payload":{}}\n' > in
	run --separate-stderr stream-dedup in
	status_is 1
	stderr_is 'stream-dedup: in:1: retraction: upstream must emit final'
}

@test "time is asked for only where it is needed" {
	printf '{"k":1}\n' > in
	run --separate-stderr stream-dedup -k .k in
	status_is 0
	for args in '--within 1s' '--keep earliest' '--keep latest'; do
		# shellcheck disable=SC2086
		run --separate-stderr stream-dedup $args -k .k in
		status_is 2
		stderr_like '^stream-dedup: no --time, .*--time \.at'
		sh_run "stream-cat -k .k in | stream-dedup $args"
		[ "$status" -eq 1 ]
		[[ $stderr == *"stream-dedup: "*"no event time"* ]]
	done
}

@test "what does not go together" {
	while IFS='|' read -r args said; do
		# shellcheck disable=SC2086
		run --separate-stderr stream-dedup $args < /dev/null
		status_is 2
		stderr_like "$said"
	done <<-'END'
		--by-id --by .k|--by-id and --by: give one of them
		--refresh|--refresh needs --within
		--within 0|--within: 0 is too small
		--keep newest|--keep
		--by k|a path begins with
	END
}

@test "a pipe of records, a file, one process or two: the same" {
	stream-cat -t .at -k .tail --out-of-order 24h "$FLIGHTS" | stream-dedup --within 1d --plain > two
	stream-dedup -t .at -k .tail --out-of-order 24h --within 1d --plain "$FLIGHTS" > one
	same two one
	stream-cat -t .at -k .tail --out-of-order 24h "$FLIGHTS" | jq --unbuffered -c . | stream-dedup --within 1d --plain > three
	same two three
}

@test "marks pass: what follows can rely on them" {
	stream-cat -t .at -k .tail --out-of-order 24h "$FLIGHTS" | stream-dedup |
		stream-window tumbling 1d --global -a n=count --plain | jq -s 'map(.payload.n) | add' > n
	[ "$(cat n)" -eq "$(stream-dedup -k .tail --plain "$FLIGHTS" | wc -l)" ]
}

@test "metrics: duplicates, those without an id, and the state" {
	stream-dedup -k .tail --metrics m --plain "$FLIGHTS" > out
	grep -q '^stream_records_duplicate_total{stage="dedup"} 6455$' m
	grep -q '^stream_records_without_id_total{stage="dedup"} 13$' m
	grep -q '^stream_state_bytes{stage="dedup"} [0-9]*$' m
}

# ---- under a checkpoint ----

@test "a restart knows the ids, and cuts what passed again" {
	export STREAM_CHECKPOINT=state
	head -n 4000 "$FLIGHTS" > in
	job() {
		pipe_run "stream-cat -f -e -t .at -k .tail in | stream-dedup --duplicates again | stream-sink file:out"
		[ "$statuses" = '0 0 0' ] || { told; return 1; }
	}
	job
	tail -n +4001 "$FLIGHTS" >> in
	job
	STREAM_CHECKPOINT='' stream-dedup -t .at -k .tail --duplicates again.whole --plain in > whole
	same whole out
	same again.whole again
}

@test "ids of a snapshot are fingerprints: no id can be read from it" {
	export STREAM_CHECKPOINT=state
	pipe_run "stream-cat -f -e -k .tail '$FLIGHTS' | stream-dedup | stream-sink file:out"
	[ "$statuses" = '0 0 0' ]
	jq -es '.[] | select(.ids)' state/dedup/*.snap > /dev/null
	! grep -q N14228 state/dedup/*.snap || fail "an id"
}

@test "another --within is another meaning; another --duplicates is not" {
	export STREAM_CHECKPOINT=state
	job() {
		pipe_run "stream-cat -f -e -t .at -k .tail --out-of-order 24h '$FLIGHTS' | stream-dedup $1 | stream-sink file:out"
	}
	job '--within 1d'
	[ "$statuses" = '0 0 0' ]
	job '--within 24h --duplicates again'
	[ "$statuses" = '0 0 0' ]
	job '--within 2d'
	[ "${statuses#* }" = '1 1' ]
	[[ $stderr == *"stream-dedup: "*"--within was 1d, is 2d now"* ]]
}

# ---- more than the memory holds ----

needs_rocksdb() {
	[ -e "$BUILD"/lib/streamutils/stream-rocksdb.so ] || skip "the module for RocksDB was not built"
}

@test "--memory: the same comes out, and nothing is left behind" {
	needs_rocksdb
	mkdir tmp
	export TMPDIR=tmp
	for how in '--by .id' '-k .tail' '-k .tail --within 12h' '-k .tail --within 12h --refresh' '-k .tail --within 12h --keep earliest'; do
		# shellcheck disable=SC2086
		stream-dedup -t .at --out-of-order 24h $how --plain --duplicates again "$FLIGHTS" > whole
		# shellcheck disable=SC2086
		stream-dedup -t .at --out-of-order 24h $how --plain --duplicates again.disk --memory 16K -v "$FLIGHTS" > out 2> told.disk
		same whole out
		same again again.disk
		grep -q '[1-9][0-9]* ids moved to disk' told.disk
		rm again again.disk
	done
	[ -z "$(ls tmp)" ] || fail "$(ls tmp)"
}

@test "--memory: a restart knows the ids on disk; without the option, too" {
	needs_rocksdb
	export STREAM_CHECKPOINT=state
	job() {
		pipe_run "stream-cat -f -e -t .at -k .id in | stream-dedup $1 --duplicates again | stream-sink file:out"
		[ "$statuses" = '0 0 0' ] || { told; return 1; }
	}
	head -n 4000 "$FLIGHTS" > in
	job '--memory 16K'
	ls -d state/dedup/*.shelf
	[ ! -e state/dedup/shelf.live ]
	head -n 3000 "$FLIGHTS" >> in
	job '--memory 32K'
	tail -n +2001 "$FLIGHTS" >> in
	job ''
	STREAM_CHECKPOINT='' stream-dedup -t .at -k .id --duplicates again.whole --plain in > whole
	same whole out
	same again.whole again
}

@test "--memory: a table that is missing is an error, not a guess" {
	needs_rocksdb
	export STREAM_CHECKPOINT=state
	head -n 4000 "$FLIGHTS" > in
	job() {
		pipe_run "stream-cat -f -e -t .at -k .id in | stream-dedup --memory 16K | stream-sink file:out"
	}
	job
	[ "$statuses" = '0 0 0' ]
	rm state/dedup/*.shelf/*.sst
	tail -n +4001 "$FLIGHTS" >> in
	job
	[ "${statuses#* }" = '1 1' ]
	[[ $stderr == *"stream-dedup: state/dedup/shelf.live: Corruption"* ]]
}

@test "--memory without the module is refused at once" {
	mkdir bin
	cp "$(command -v stream-dedup)" bin
	run --separate-stderr bin/stream-dedup -k .id --memory 16K --plain "$FLIGHTS"
	[ "$status" -eq 2 ]
	[[ $stderr == "stream-dedup: --memory needs "*"/stream-rocksdb.so, which is not installed" ]]
	run bin/stream-dedup -k .id --plain "$FLIGHTS"
	[ "$status" -eq 0 ]
}

# ---- memory ----

# The most that a command takes, in KiB.
peak() {
	/usr/bin/time -f %M -o peak "$@" > /dev/null
	cat peak
}

@test "--memory bounds the memory: four times as many ids take no more than it and the library" {
	needs_rocksdb
	[ -x /usr/bin/time ] || skip "no /usr/bin/time"
	seq 1 1000000 | sed 's/.*/{"i":&}/' > in
	[ "$(peak stream-dedup --by .i --memory 5M --plain in)" -le $((5 * 1024 + 30 * 1024)) ] || fail "$(cat peak) KiB"
}

@test "ids that are forgotten give their memory back: over ten horizons as much as over one" {
	[ -x /usr/bin/time ] || skip "no /usr/bin/time"
	[[ $BUILD != */asan ]] || skip "what is freed is kept a while, to catch who uses it"
	seq 0 10 1000000 | awk '{ printf "{\"t\":%d,\"k\":\"key %d\"}\n", $1 * 10, NR }' > ten
	head -n 10000 ten > one
	one=$(peak stream-dedup -t .t --time-format ms -k .k --within 1000s --plain one)
	ten=$(peak stream-dedup -t .t --time-format ms -k .k --within 1000s --plain ten)
	all=$(peak stream-dedup -t .t --time-format ms -k .k --within 100000s --plain ten)
	[ "$ten" -lt $((one + 1000)) ] || fail "$one KiB over one horizon, $ten over ten"
	[ "$all" -gt $((ten + 1000)) ]
}

@test "plain lines have no key: what makes two of them the same has to be said" {
	run --separate-stderr stream-dedup --plain "$FLIGHTS"
	status_is 2
	stderr_is "stream-dedup: no --by, and the input's lines are plain JSON, which have no key: give a path, such as --by .id"
	run --separate-stderr stream-dedup --by-id --plain "$FLIGHTS"
	status_is 0
}
