# stream-cat: sources to records.

load helper

flights3() {
	head -n 3 "$FLIGHTS" > flights.ndjson
}

# ---- what comes out ----

@test "records stand in an envelope, between hello and end" {
	printf '{"at":1,"v":2}\n' > a
	run --separate-stderr stream-cat a
	status_is 0
	silent
	[ "${#lines[@]}" -eq 3 ]
	[ "${lines[0]}" = '{"mark":"hello","version":1,"via":[["cat","1349cde127705c16"]]}' ]
	[ "${lines[1]}" = '{"topic":"a","partition":0,"offset":0,"payload":{"at":1,"v":2}}' ]
	[ "${lines[2]}" = '{"mark":"end"}' ]
}

@test "--time and --key: ts, key, watermarks, and hello says where they were found" {
	flights3
	run --separate-stderr stream-cat -t .at -k .carrier flights.ndjson
	status_is 0
	[ "$(jq -c 'select(.mark == "hello") | [.time, .key]' <<< "$output")" = '[".at",".carrier"]' ]
	[ "$(jq -c 'select(.payload) | [.offset, .ts, .key]' <<< "$output")" = \
		$'[0,1357035420000,"UA"]\n[255,1357036380000,"UA"]\n[510,1357036920000,"AA"]' ]
	[ "$(jq -c 'select(.mark == "watermark") | .ts' <<< "$output")" = $'1357035420000\n1357036380000\n1357036920000\n"max"' ]
	[ "${lines[-1]}" = '{"mark":"end"}' ]
}

@test "a watermark stands behind the record that carries it across a step" {
	printf '{"t":%s}\n' 1000000000000 1000000000040 1000000000099 1000000000100 1000000000050 1000000000350 > a
	run --separate-stderr stream-cat -t .t --out-of-order 50ms --watermark-step 100ms a
	status_is 0
	[ "$(jq -c 'if .mark == "watermark" then "W", .ts elif .ts then .ts else empty end' <<< "$output" | paste -sd ' ')" = \
		'1000000000000 "W" 999999999950 1000000000040 1000000000099 "W" 1000000000049 1000000000100 1000000000050 1000000000350 "W" 1000000000300 "W" "max"' ]
}

@test "the same file gives the same marks, however it arrives" {
	head -n 300 "$FLIGHTS" > f
	stream-cat -t .at --out-of-order 1h f | sed 's/"topic":"f"/"topic":"-"/' > whole
	{ head -c 1000 f; tail -c +1001 f | dd bs=777 status=none; } | stream-cat -t .at --out-of-order 1h > parts
	same whole parts
}

@test "--plain has no marks" {
	flights3
	run --separate-stderr stream-cat --plain -t .at flights.ndjson
	status_is 0
	[ "${#lines[@]}" -eq 3 ]
	[[ $output != *'"mark"'* ]]
}

@test "payloads keep their bytes: decimals, large integers, order, duplicates, blanks, escapes" {
	cat > a <<-'END'
		{"n":1.10,"id":12345678901234567890,"big":123456789012345678901234567890123456789012345678901234567890}
		{ "b" : 1 , "a" : 2 , "b" : 3 }
		{"s":"\u00e9\/\ud800\u0000","t":"é€😀","e":1E+2,"z":-0,"f":0.0e-0}
		[1, 2,3]
		"text"
		null
		7
	END
	run --separate-stderr stream-cat --plain a
	status_is 0
	printf '%s\n' "$output" | sed 's/^.*"payload"://; s/}$//' > out
	same a out
}

@test "the output is JSON to jq, line by line" {
	run --separate-stderr bash -c 'stream-cat -t .at -k .carrier "$FLIGHTS" | jq -c "select(.payload) | .payload" | cmp - <(jq -c . "$FLIGHTS")'
	status_is 0
}

@test "CRLF, empty lines, a byte order mark and a missing last newline are taken as they are meant" {
	printf '\xef\xbb\xbf{"a":1}\r\n\r\n\n   \n\t{"a":2} \n{"a":3}' > a
	run --separate-stderr stream-cat --plain a
	status_is 0
	silent
	[ "$(jq -c '[.offset, .payload.a]' <<< "$output")" = $'[3,1]\n[19,2]\n[29,3]' ]
}

@test "a byte order mark elsewhere is a bad record" {
	printf '{"a":1}\n\xef\xbb\xbf{"a":1}\n' > a
	run --separate-stderr stream-cat --plain a
	status_is 1
	stderr_like '^stream-cat: a:2: '
}

@test "empty input is an empty stream" {
	: > a
	for how in 'stream-cat a' 'stream-cat < /dev/null' 'printf "" | stream-cat' 'stream-cat < a' "printf '\n\n' | stream-cat"; do
		sh_run "$how"
		status_is 0
		output_is $'{"mark":"hello","version":1,"via":[["cat","1349cde127705c16"]]}\n{"mark":"end"}'
		silent
	done
}

@test "several files, one after the other, and - among them" {
	printf '{"a":1}\n' > a
	printf '{"a":2}' > b
	run --separate-stderr bash -c 'stream-cat --plain a - b < a'
	status_is 0
	[ "$(jq -c '[.topic, .payload.a]' <<< "$output")" = $'["a",1]\n["-",1]\n["b",2]' ]
}

@test "a FIFO and file: are inputs" {
	mkfifo f
	printf '{"a":1}\n' > a
	cat a > f &
	run --separate-stderr stream-cat --plain f file:a
	status_is 0
	[ "$(jq -c .topic <<< "$output")" = $'"f"\n"a"' ]
}

@test "odd names of files are written as JSON" {
	printf '{"a":1}\n' > $'a "b"\\\t.ndjson'
	run --separate-stderr stream-cat --plain $'a "b"\\\t.ndjson'
	status_is 0
	[ "$(jq -r .topic <<< "$output")" = $'a "b"\\\t.ndjson' ]
}

# ---- time and key ----

@test "--time reads RFC 3339 and epochs of every unit" {
	cat > a <<-'END'
		{"t":"2013-01-01T05:17:00-05:00"}
		{"t":"2013-01-01T10:17:00.123456Z"}
		{"t":1357035420}
		{"t":1357035420000}
		{"t":1357035420000000}
		{"t":1357035420000000000}
		{"t":-1}
		{"t":1357035420.5}
	END
	run --separate-stderr stream-cat --plain -t .t a
	status_is 0
	[ "$(jq .ts <<< "$output" | paste -sd ' ')" = \
		"1357035420000 1357035420123 1357035420000 1357035420000 1357035420000 1357035420000 -1000 1357035420500" ]
}

@test "--time-format says what a number or a text is" {
	printf '{"t":1000}\n' > a
	for f in s=1000000 ms=1000 us=1 ns=0; do
		run --separate-stderr stream-cat --plain -t .t --time-format "${f%=*}" a
		status_is 0
		[ "$(jq .ts <<< "$output")" = "${f#*=}" ]
	done
	printf '{"t":"01.02.2013 03:04:05"}\n' > b
	run --separate-stderr stream-cat --plain -t .t --time-format '%d.%m.%Y %H:%M:%S' b
	status_is 0
	[ "$(jq .ts <<< "$output")" = 1359687845000 ]
}

@test "--time into the record: \$.ts of saved records" {
	stream-cat --plain -t .at <(head -n 1 "$FLIGHTS") > saved
	run --separate-stderr stream-cat --plain -t '$.ts' saved
	status_is 0
	output_is "$(cat saved)"
}

@test "keys: text, numbers by their text, null, several as an array" {
	printf '{"k":"é\\n","n":1.0,"o":null}\n' > a
	run --separate-stderr stream-cat --plain -k .k a
	[ "$(jq -c .key <<< "$output")" = '"é\n"' ]
	run --separate-stderr stream-cat --plain -k .n a
	[[ $output == *'"key":"1.0",'* ]]
	run --separate-stderr stream-cat --plain -k .o a
	[[ $output == *'"key":null,'* ]]
	run --separate-stderr stream-cat --plain -k .none a
	[[ $output == *'"key":null,'* ]]
	run --separate-stderr stream-cat --plain -k .k -k .n -k .o a
	[ "$(jq -r .key <<< "$output")" = '["é\n",1.0,null]' ]
}

@test "names with escapes are found, and the last of two members counts" {
	printf '{"t":5,"\\u0074":7,"a":{"b":1},"a":{"c":2}}\n' > a
	run --separate-stderr stream-cat --plain -t .t --time-format ms -k .a.b a
	status_is 0
	[ "$(jq -c '[.ts, .key]' <<< "$output")" = '[7,null]' ]
}

# ---- bad input ----

@test "the first bad record ends the run with 1, and says where and why" {
	printf '{"a":1}\n{"a":}\n{"a":3}\n' > a
	run --separate-stderr stream-cat a
	status_is 1
	stderr_like '^stream-cat: a:2: not JSON: .+'
	[[ $output == *'"payload":{"a":1}'* ]]
	[[ $output != *'"payload":{"a":3}'* ]]
	[ "$(jq -c '[.mark, .status, .stage]' <<< "${lines[-1]}")" = '["fail",1,"cat"]' ]
}

@test "each kind of bad record has its reason" {
	local input
	for input in 'nope' '{"t":1}}' '{"t":1} x' $'{"t":"\xff"}' $'{"t":"\xed\xa0\x80"}' '{"t":01}' $'{"t":"\x01"}' '[1,2' '{"t":1,}'; do
		printf '%s\n' "$input" > a
		run --separate-stderr stream-cat --plain a
		status_is 1
		stderr_like '^stream-cat: a:1: not (JSON|UTF-8)'
		output_is ""
	done
	printf '{"x":1}\n' > a
	run --separate-stderr stream-cat --plain -t .t a
	status_is 1
	stderr_like '^stream-cat: a:1: .*\.t'
	printf '{"t":"noon"}\n' > a
	run --separate-stderr stream-cat --plain -t .t a
	status_is 1
	stderr_like '^stream-cat: a:1: \.t is "noon", not a time$'
	printf '{"k":{}}\n' > a
	run --separate-stderr stream-cat --plain -k .k a
	status_is 1
	stderr_like '^stream-cat: a:1: .*\.k'
}

@test "a file that is no text at all ends with one line" {
	head -c 100000 /dev/zero > a
	run --separate-stderr stream-cat a
	status_is 1
	stderr_like '^stream-cat: a:1: '
}

@test "a thousand and twenty-four levels are let in, one more is a bad record" {
	awk 'BEGIN { for (i = 0; i < 1024; i++) printf "["; for (i = 0; i < 1024; i++) printf "]"; print "" }' > a
	run --separate-stderr stream-cat --plain a
	status_is 0
	awk 'BEGIN { for (i = 0; i < 1025; i++) printf "["; for (i = 0; i < 1025; i++) printf "]"; print "" }' > b
	run --separate-stderr stream-cat --plain b
	status_is 1
	stderr_like '^stream-cat: b:1: '
}

@test "--dead-letter: bad records are kept whole, with place and reason, and the rest goes on" {
	printf '{"t":1}\nnope \r\n{"t":"x"}\n{"t":2}\n' > a
	run --separate-stderr stream-cat --plain -t .t --dead-letter dead a
	status_is 0
	[ "$(jq -c .ts <<< "$output")" = $'1000\n2000' ]
	[ "$(wc -l < dead)" -eq 2 ]
	[ "$(jq -c '[.topic, .offset, .error.stage]' dead)" = $'["a",8,"cat"]\n["a",15,"cat"]' ]
	[ "$(head -n 1 dead | jq -r .payload_base64 | base64 -d | od -An -c)" = "$(printf 'nope \r' | od -An -c)" ]
	[ "$(tail -n 1 dead | jq -c '[.payload, .error.reason]')" = '[{"t":"x"},".t is \"x\", not a time"]' ]
}

@test "dead letters are replayed: error goes, --time gives the missing time" {
	printf '{"t":"01.02.2013"}\n' > a
	stream-cat --plain -t .t --dead-letter dead a
	run --separate-stderr stream-cat --plain -t .t --time-format %d.%m.%Y dead
	status_is 0
	output_is '{"topic":"a","partition":0,"offset":0,"ts":1359676800000,"payload":{"t":"01.02.2013"}}'
}

@test "--dead-letter appends" {
	printf 'nope\n' > a
	stream-cat --plain --dead-letter dead a
	stream-cat --plain --dead-letter dead a
	[ "$(wc -l < dead)" -eq 2 ]
}

@test "--max-errors N: one more ends the run" {
	printf 'x\ny\nz\n{"a":1}\n' > a
	run --separate-stderr stream-cat --plain --dead-letter dead --max-errors 3 a
	status_is 0
	rm dead
	run --separate-stderr stream-cat --plain --dead-letter dead --max-errors 2 a
	status_is 1
	stderr_like '^stream-cat: a:3: .*--max-errors 2'
	[ "$(wc -l < dead)" -eq 3 ]
}

@test "two that write dead letters to one file: the second says so, status 2" {
	mkfifo hold
	printf 'nope\n' > a
	stream-cat --plain --dead-letter dead a hold &
	pid=$!
	exec 9> hold
	wait_for 10 test -e dead
	wait_for 10 bash -c "! flock -n dead true"
	run --separate-stderr stream-cat --plain --dead-letter dead a
	exec 9>&-
	wait "$pid"
	status_is 2
	stderr_like '^stream-cat: dead: '
}

@test "a line over --max-line is a bad record; the next one is good" {
	{ printf '{"a":"%0*d"}\n' 100000 1; printf '{"a":2}\n'; } > a
	run --separate-stderr stream-cat --plain --max-line 64K a
	status_is 1
	stderr_like '^stream-cat: a:1: .*--max-line'
	run --separate-stderr stream-cat --plain --max-line 64K --dead-letter dead a
	status_is 0
	[ "$(jq -c '[.offset, .payload.a]' <<< "$output")" = '[100009,2]' ]
	[ "$(wc -l < dead)" -eq 1 ]
	run --separate-stderr stream-cat --plain --max-line 1M a
	status_is 0
	[ "$(wc -l <<< "$output")" -eq 2 ]
}

@test "a huge line passes whole" {
	awk 'BEGIN { printf "{\"a\":\""; for (i = 0; i < 400000; i++) printf "0123456789012345678901234567890123456789"; print "\"}" }' > a
	run --separate-stderr bash -c 'stream-cat --plain a | sed "s/^.*\"payload\"://; s/}\$//" | cmp - a'
	status_is 0
}

@test "a directory: the files below it, by name as versions go; nothing that is hidden" {
	mkdir -p logs/b .logs logs/.open
	for f in logs/part-2 logs/part-10 logs/b/x logs/.hidden logs/.open/part-3 .logs/y; do
		printf '{"in":"%s"}\n' "$f" > "$f"
	done
	printf '{"in":"logs/b/z.gz"}\n' | gzip > logs/b/z.gz
	run --separate-stderr bash -c 'stream-cat --plain logs/ | jq -r "[.topic, .payload.in] | @tsv"'
	status_is 0
	output_is "$(printf '%s\t%s\n' logs/b/x logs/b/x logs/b/z.gz logs/b/z.gz logs/part-2 logs/part-2 logs/part-10 logs/part-10)"
	run --separate-stderr stream-cat -f logs
	status_is 2
	stderr_is "stream-cat: logs: is a directory: only a file is followed"
}

@test "parts that stream-sink wrote are read back; under a checkpoint, new ones follow" {
	stream-cat -t .at -k .carrier --out-of-order 24h "$FLIGHTS" | stream-sink 'dir:parts?key=.carrier&compress=zstd'
	stream-cat --plain parts | jq -c .payload.id | sort > ids
	jq -c .id "$FLIGHTS" | sort | same - ids
	mkdir logs
	for i in 1 2 10; do
		printf '{"n":%s}\n' "$i" > "logs/$i"
		STREAM_CHECKPOINT=state stream-cat -n 1 logs | STREAM_CHECKPOINT=state stream-sink --body payload file:out
	done
	printf '{"n":%s}\n' 1 2 10 | same - out
}

@test "missing file, directory without files, no permission: 1, in one line" {
	run --separate-stderr stream-cat nope.ndjson
	status_is 1
	stderr_is "stream-cat: nope.ndjson: No such file or directory"
	mkdir none
	run --separate-stderr stream-cat none
	status_is 1
	stderr_is "stream-cat: none: a directory with no file in it"
	printf '{"a":1}\n' > a
	run --separate-stderr stream-cat --plain a nope.ndjson
	status_is 1
	stderr_is "stream-cat: nope.ndjson: No such file or directory"
	[ "${#lines[@]}" -eq 1 ]
}

# ---- saved streams ----

@test "a saved stream is read again: its marks are skipped, its records keep everything" {
	flights3
	stream-cat -t .at -k .carrier flights.ndjson > saved
	run --separate-stderr stream-cat --plain saved
	status_is 0
	output_is "$(grep -v '"mark"' saved)"
}

@test "--time overrides the ts of saved records" {
	printf '{"topic":"x","partition":3,"offset":4,"ts":5,"key":"k","payload":{"t":7}}\n' > a
	run --separate-stderr stream-cat --plain -t .t --time-format ms a
	status_is 0
	output_is '{"topic":"x","partition":3,"offset":4,"ts":7,"key":"k","payload":{"t":7}}'
}

@test "unknown members, headers and another order pass through" {
	printf '{"payload":{"a":1.0},"ts":5,"x":[1],"headers":[{"key":"h","value":null}],"key":"k"}\n' > a
	run --separate-stderr stream-cat --plain a
	status_is 0
	output_is "$(cat a)"
}

@test "--format says what a line is" {
	printf '{"ts":5,"payload":1}\n' > a
	run --separate-stderr stream-cat --plain --format json a
	status_is 0
	output_is '{"topic":"a","partition":0,"offset":0,"payload":{"ts":5,"payload":1}}'
	run --separate-stderr stream-cat --plain --format record a
	status_is 0
	output_is '{"ts":5,"payload":1}'
}

@test "a mark in somebody's own JSON is data" {
	printf '{"a":1}\n{"mark":"end"}\n{"a":2}\n' > a
	run --separate-stderr stream-cat --plain a
	status_is 0
	[ "$(jq -c .payload <<< "$output")" = $'{"a":1}\n{"mark":"end"}\n{"a":2}' ]
}

@test "behind another stream-cat it passes a stream on" {
	flights3
	sh_run 'stream-cat -t .at flights.ndjson | stream-cat'
	status_is 0
	output_is "$(stream-cat -t .at flights.ndjson | sed '1s/]]/],["cat","1349cde127705c16"]]/')"
}

@test "--time on a stream is a usage error" {
	flights3
	sh_run 'stream-cat flights.ndjson | stream-cat --time .at'
	status_is 2
	[[ $stderr == *"stream-cat: --time: "* ]]
}

@test "an unknown mark in a stream is an error of a newer version" {
	sh_run "printf '%s\n' '{\"mark\":\"hello\",\"version\":1}' '{\"mark\":\"nova\"}' | stream-cat --plain"
	status_is 1
	stderr_like '^stream-cat: stdin:2: unknown mark "nova"'
}

@test "a stream that breaks off: 75, unless --cut-is-end is there for it" {
	sh_run "printf '%s\n' '{\"mark\":\"hello\",\"version\":1}' | stream-cat --plain"
	status_is 75
	stderr_like '^stream-cat: upstream broke off'
}

# ---- how much ----

@test "-n N gives N records of all inputs together" {
	flights3
	for n in 0 1 3 4 5 6 7; do
		run --separate-stderr stream-cat --plain -n "$n" flights.ndjson flights.ndjson
		status_is 0
		[ "$(grep -c payload <<< "$output")" -eq $((n < 6 ? n : 6)) ]
	done
	run --separate-stderr stream-cat -n 1 flights.ndjson
	[ "${lines[-1]}" = '{"mark":"end"}' ]
}

@test "-n leaves a pipe as soon as it has its records" {
	mkfifo f
	exec 8<> f
	head -n 2 "$FLIGHTS" >&8
	run --separate-stderr timeout 20 stream-cat --plain -n 2 f
	exec 8>&-
	status_is 0
	[ "${#lines[@]}" -eq 2 ]
}

@test "--rate changes no byte" {
	head -n 200 "$FLIGHTS" > f
	run --separate-stderr bash -c 'stream-cat -t .at --rate 2000 f | cmp - <(stream-cat -t .at f)'
	status_is 0
}

@test "-f -e reads a growing file as far as it is, whole lines only" {
	printf '{"a":1}\n{"a":2}\n{"a":' > a
	run --separate-stderr timeout 20 stream-cat --plain -f -e a
	status_is 0
	[ "$(jq -c .payload <<< "$output")" = $'{"a":1}\n{"a":2}' ]
}

@test "-f waits for more, gives what comes at once, and SIGTERM ends it in good order" {
	printf '{"a":1}\n' > a
	stream-cat -f a > out &
	pid=$!
	wait_for 10 grep -q '"a":1' out
	printf '{"a":2}\n{"a":' >> a
	wait_for 10 grep -q '"a":2' out
	printf '3}\n' >> a
	wait_for 10 grep -q '"a":3' out
	kill -TERM "$pid"
	wait "$pid"
	[ "$(tail -n 1 out)" = '{"mark":"end"}' ]
}

# ---- the outside ----

@test "what is read goes out before it waits for more" {
	mkfifo f
	stream-cat --plain f > out &
	pid=$!
	exec 9> f
	printf '{"a":1}\n' >&9
	wait_for 10 grep -q '"a":1' out
	exec 9>&-
	wait "$pid"
}

@test "/dev/full: 75, and says so" {
	run --separate-stderr bash -c 'stream-cat "$FLIGHTS" > /dev/full'
	status_is 75
	stderr_is "stream-cat: standard output: No space left on device"
	printf 'nope\n' > a
	run --separate-stderr stream-cat --dead-letter /dev/full a
	status_is 75
	stderr_is "stream-cat: /dev/full: No space left on device"
}

@test "closed stdout: 1; closed stdin and stderr do no harm where they are not needed" {
	printf '{"a":1}\n' > a
	run --separate-stderr bash -c 'stream-cat a >&-'
	status_is 1
	stderr_is "stream-cat: standard output: Bad file descriptor"
	run --separate-stderr bash -c 'stream-cat --plain a <&- 2>&-'
	status_is 0
	[ "${#lines[@]}" -eq 1 ]
	run --separate-stderr bash -c 'stream-cat <&-'
	status_is 1
	stderr_is "stream-cat: stdin: Bad file descriptor"
	run --separate-stderr bash -c 'stream-cat --plain --dead-letter dead nope.ndjson a <&- >&- 2>&-'
	status_is 1
}

@test "the reader leaves: 141 and silence" {
	pipe_run 'stream-cat "$FLIGHTS" | head -n 3 > out'
	[ "$statuses" = "141 0" ]
	silent
	[ "$(wc -l < out)" -eq 3 ]
}

@test "the reader leaves while SIGPIPE is ignored (systemd): the same" {
	pipe_run 'trap "" PIPE; stream-cat "$FLIGHTS" | head -n 3 > out'
	[ "$statuses" = "141 0" ]
	silent
}

@test "a reader that leaves while nothing is written is noticed" {
	mkfifo in out
	exec 8<> in
	stream-cat in > out 2> err 8>&- &
	pid=$!
	exec 9< out
	read -r -u 9 hello
	[[ $hello == *hello* ]]
	exec 9<&-
	status=0
	wait "$pid" || status=$?
	exec 8>&-
	[ "$status" -eq 141 ]
	[ ! -s err ]
}

@test "SIGTERM ends a source in good order" {
	mkfifo f
	stream-cat f > out &
	pid=$!
	exec 9> f
	printf '{"a":1}\n' >&9
	wait_for 10 grep -q '"a":1' out
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	exec 9>&-
	[ "$status" -eq 0 ]
	[ "$(tail -n 1 out)" = '{"mark":"end"}' ]
}

@test "SIGINT, too; a signal that was ignored at the start (a job of a script) stays ignored" {
	mkfifo f
	stream-cat f > out &                     # bash has SIGINT ignored here
	pid=$!
	exec 9> f
	kill -INT "$pid"
	printf '{"a":1}\n' >&9
	wait_for 10 grep -q '"a":1' out
	exec 9>&-
	wait "$pid"
	run --separate-stderr timeout -s INT 0.3 stream-cat -f "$FLIGHTS"
	[ "$(tail -n 1 <<< "$output")" = '{"mark":"end"}' ]
}

@test "input by one byte at a time is the same" {
	head -n 5 "$FLIGHTS" > f
	run --separate-stderr bash -c 'dd if=f bs=1 status=none | stream-cat -t .at | cmp - <(stream-cat -t .at < f)'
	status_is 0
}

# ---- the command line ----

@test "usage errors: 2, one line, and where to look" {
	while IFS='|' read -r args said; do
		run --separate-stderr bash -c "stream-cat $args < /dev/null"
		status_is 2
		[ "$(jq -c '[.mark, .status]' <<< "$output")" = '["fail",2]' ]
		[[ $stderr == "stream-cat: $said"* ]] || { told; fail "wanted: $said"; }
		[[ $stderr != *$'\n'* ]]
	done <<-'END'
		--frob|unknown option --frob
		--tme .at|unknown option --tme (did you mean --time?)
		-t|--time needs a value
		--time at|--time: a path begins with . (in the payload) or $ (in the record)
		--time .a[|--time
		--plain=1|--plain takes no value
		--rate 0|--rate
		--rate x|--rate
		--out-of-order 5|--out-of-order
		--watermark-step 0s|--watermark-step
		--max-line 0|--max-line
		-n -1|--max-records
		--time-format frob -t .at|--time-format
		--time-format s|--time-format needs --time
		--max-errors 3|--max-errors needs --dead-letter
		--format xml|--format
		--name a/b|--name
		--name ..|--name
		--allowed-lateness 1s|--allowed-lateness is an option of stream-window
		-Z|unknown option -Z
		amqp://localhost/q|amqp://localhost/q: no source for amqp:
	END
}

@test "-- ends the options, and options may follow operands" {
	printf '{"a":1}\n' > -a
	run --separate-stderr stream-cat --plain -- -a
	status_is 0
	run --separate-stderr stream-cat ./-a --plain
	status_is 0
	[ "${#lines[@]}" -eq 1 ]
	POSIXLY_CORRECT=1 run --separate-stderr stream-cat ./-a --plain
	status_is 1
	stderr_like '^stream-cat: --plain: '
}

@test "--help and --version: stdout, 0; /dev/full is noticed" {
	run --separate-stderr stream-cat --help
	status_is 0
	silent
	[[ ${lines[0]} == "Usage: stream-cat"* ]]
	run --separate-stderr stream-cat --version
	status_is 0
	[[ ${lines[0]} == "stream-cat "* ]]
	run --separate-stderr bash -c 'stream-cat --help > /dev/full'
	status_is 1
}

@test "a success says nothing; -v tells the counts" {
	flights3
	run --separate-stderr stream-cat --plain flights.ndjson
	silent
	run --separate-stderr stream-cat --plain -v flights.ndjson
	status_is 0
	[[ $stderr == *stream-cat:*3* ]]
}

# ---- what a person tries first ----

@test "stream-cat FILE | head -3" {
	pipe_run 'stream-cat "$FLIGHTS" | head -3'
	[ "$statuses" = "141 0" ]
	[ "${#lines[@]}" -eq 3 ]
	silent
}

@test "stream-cat FILE | jq .payload" {
	flights3
	sh_run 'stream-cat --plain flights.ndjson | jq -c .payload'
	status_is 0
	output_is "$(jq -c . flights.ndjson)"
}
