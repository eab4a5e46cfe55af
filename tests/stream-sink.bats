# stream-sink: records to a target.

load helper

stream() {
	printf '%s\n' '{"mark":"hello","version":1}' \
		'{"topic":"t","partition":0,"offset":0,"ts":1,"key":"k","payload":{"v":1.10}}' \
		'{"mark":"watermark","ts":1}' \
		'{"topic":"t","partition":0,"offset":9,"ts":2,"key":null,"payload":"x"}' \
		'{"mark":"end"}' > stream
	grep -v '"mark"' stream > records
}

@test "file:PATH gets the records, as they came, without marks" {
	stream
	sh_run 'cat stream | stream-sink file:out'
	status_is 0
	silent
	output_is ""
	same records out
}

@test "it appends" {
	stream
	echo '{"old":1}' > out
	# shellcheck disable=SC2002 # a file on stdin would be another kind of input
	cat stream | stream-sink file:out
	# shellcheck disable=SC2002
	cat stream | stream-sink file:out
	same out <(echo '{"old":1}'; cat records records)
}

@test "--body payload writes payloads alone" {
	stream
	sh_run 'cat stream | stream-sink --body payload -'
	status_is 0
	output_is $'{"v":1.10}\n"x"'
}

@test "- is stdout" {
	stream
	sh_run 'cat stream | stream-sink -'
	status_is 0
	same <(printf '%s\n' "$output") records
}

@test "file: is live: readers see records at once" {
	mkfifo f
	stream
	stream-sink file:out < f &
	pid=$!
	exec 9> f
	head -n 2 stream >&9
	wait_for 10 grep -q 1.10 out
	tail -n +3 stream >&9
	exec 9>&-
	wait "$pid"
	same records out
}

@test "?visible=commit without a checkpoint: nothing would ever be committed" {
	stream
	sh_run 'cat stream | stream-sink "file:out?visible=commit"'
	status_is 2
	stderr_like '^stream-sink: file:out\?visible=commit: .*--checkpoint'
}

@test "plain JSON on stdin is a source, too" {
	printf '{"a":1}\n' > in
	run --separate-stderr bash -c 'stream-sink - < in'
	status_is 0
	output_is '{"topic":"-","partition":0,"offset":0,"payload":{"a":1}}'
}

@test "upstream breaks off: 75; --cut-is-end takes it as the end" {
	stream
	sh_run 'head -n 2 stream | stream-sink file:out'
	status_is 75
	stderr_like '^stream-sink: upstream broke off'
	rm -f out
	sh_run 'head -n 2 stream | stream-sink --cut-is-end file:out'
	status_is 0
	[ "$(wc -l < out)" -eq 1 ]
}

@test "fail upstream: its status, no second message" {
	sh_run "printf '%s\n' '{\"mark\":\"hello\",\"version\":1}' '{\"mark\":\"fail\",\"status\":2,\"stage\":\"x\",\"reason\":\"y\"}' | stream-sink file:out"
	status_is 2
	silent
	sh_run "printf '%s\n' '{\"mark\":\"fail\",\"status\":1,\"stage\":\"x\",\"reason\":\"y\"}' | stream-sink file:out"
	status_is 1
	silent
}

@test "a bad record in a stream: 1 with its place, or a dead letter" {
	stream
	sed -i '2s/.*/{"ts":"x","payload":1}/' stream
	sh_run 'cat stream | stream-sink file:out'
	status_is 1
	[[ $stderr == "stream-sink: "* ]]
	rm -f out
	sh_run 'cat stream | stream-sink --dead-letter dead file:out'
	status_is 0
	[ "$(wc -l < dead)" -eq 1 ]
	[ "$(wc -l < out)" -eq 1 ]
}

@test "/dev/full: 75; no permission, missing folder: 1" {
	stream
	sh_run 'cat stream | stream-sink file:/dev/full'
	status_is 75
	stderr_is "stream-sink: /dev/full: No space left on device"
	sh_run 'cat stream | stream-sink - > /dev/full'
	status_is 75
	stderr_is "stream-sink: standard output: No space left on device"
	sh_run 'cat stream | stream-sink file:none/out'
	status_is 1
	stderr_is "stream-sink: none/out: No such file or directory"
	sh_run 'cat stream | stream-sink file:.'
	status_is 1
	stderr_is "stream-sink: .: Is a directory"
}

@test "a full disk: 75, what was there stays" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, to mount a small file system"
	mkdir small
	mount -t tmpfs -o size=64k none small || skip "cannot mount"
	pipe_run 'stream-cat "$FLIGHTS" | stream-sink file:small/out'
	umount small
	[ "${statuses#* }" = 75 ]
	stderr_is "stream-sink: small/out: No space left on device"
}

@test "closed stdout and stdin" {
	stream
	sh_run 'cat stream | stream-sink file:out >&-'
	status_is 0
	sh_run 'cat stream | stream-sink - >&-'
	status_is 1
	stderr_is "stream-sink: standard output: Bad file descriptor"
	sh_run 'stream-sink file:out <&-'
	status_is 1
	stderr_is "stream-sink: stdin: Bad file descriptor"
}

@test "the reader of - leaves: 141, silence" {
	pipe_run 'stream-cat "$FLIGHTS" | stream-sink - | head -n 1 > one'
	[ "$statuses" = "141 141 0" ]
	silent
}

@test "two that write one file: the second is told" {
	mkfifo f
	stream
	stream-sink file:out < f &
	pid=$!
	exec 9> f
	head -n 2 stream >&9
	wait_for 10 grep -q 1.10 out
	sh_run 'cat stream | stream-sink --lock-wait 100ms file:out'
	tail -n +3 stream >&9
	exec 9>&-
	wait "$pid"
	status_is 75
	stderr_like '^stream-sink: out: held by '
	same records out
}

@test "--delivery asks for a level, and fails at the start if the target has it not" {
	stream
	sh_run 'cat stream | stream-sink --delivery at-least-once file:out'
	status_is 0
	sh_run 'cat stream | stream-sink --delivery exactly-once --checkpoint state -'
	status_is 2
	stderr_like '^stream-sink: -: --delivery exactly-once '
	sh_run 'cat stream | stream-sink --delivery exactly-once file:out2'
	status_is 2
	stderr_like '^stream-sink: .*--delivery exactly-once needs --checkpoint'
}

@test "a filter lets the first SIGTERM pass" {
	mkfifo f
	stream
	(exec stream-sink file:out < f) &
	pid=$!
	exec 9> f
	head -n 2 stream >&9
	wait_for 10 grep -q 1.10 out
	kill -TERM "$pid"
	tail -n +3 stream >&9
	exec 9>&-
	wait "$pid"
	same records out
}

@test "usage errors: 2, one line, and where to look" {
	while IFS='|' read -r args said; do
		run --separate-stderr bash -c "stream-sink $args < /dev/null"
		status_is 2
		output_is ""
		[[ $stderr == "stream-sink: $said"* ]] || { told; fail "wanted: $said"; }
		[[ $stderr != *$'\n'* ]]
	done <<-'END'
		|where to?
		file:a file:b|one target only
		frob:x|frob:x: no sink for frob: here; there are -, file:PATH, dir:PATH and kafka://HOST/TOPIC
		file:|file:
		file:x?visible=never|file:x?visible=never
		--body frob -|--body
		--delivery twice -|--delivery
		--time .at -|--time is an option of stream-cat
	END
}

@test "--help, --version" {
	run --separate-stderr stream-sink --help
	status_is 0
	[[ ${lines[0]} == "Usage: stream-sink"* ]]
	run --separate-stderr stream-sink -V
	status_is 0
	[[ ${lines[0]} == "stream-sink "* ]]
}

# ---- dir: ----

# Records with a key and a time, a minute apart.
keyed() {
	local n=0 key
	printf '%s\n' '{"mark":"hello","version":1}'
	for key in "$@"; do
		printf '{"topic":"t","partition":0,"offset":%d,"ts":%d,"payload":{"k":%s,"n":%d}}\n' $n $((n * 60000)) "$key" $n
		n=$((n + 1))
	done
	printf '%s\n' '{"mark":"end"}'
}

# A file on stdin would be another kind of input.
piped() {
	# shellcheck disable=SC2002
	cat stream | stream-sink "$@"
}

# The parts, without those that are open.
parts() {
	(cd "$1" && find . -name .open -prune -o -type f -printf '%P\n' | sort)
}

@test "dir: one folder a key and a window, parts that are whole" {
	keyed '"a"' '"b"' '"a"' > stream
	sh_run 'cat stream | stream-sink "dir:out?key=.k&window=2m"'
	status_is 0
	silent
	[ "$(parts out)" = "key=a/1970-01-01T00-00/part-00000000.ndjson
key=a/1970-01-01T00-02/part-00000002.ndjson
key=b/1970-01-01T00-00/part-00000001.ndjson" ]
	same "out/key=a/1970-01-01T00-02/part-00000002.ndjson" <(sed -n 4p stream)
}

@test "dir: without parameters it is one part; numbers go on where they were" {
	keyed 1 2 3 > stream
	piped dir:out
	piped --body payload dir:out
	[ "$(parts out)" = "part-00000000.ndjson
part-00000001.ndjson" ]
	same out/part-00000000.ndjson <(grep -v mark stream)
	[ "$(jq -c .n out/part-00000001.ndjson | paste -sd ' ')" = "0 1 2" ]
}

@test "dir: size= ends a part" {
	keyed 1 2 3 4 5 > stream
	piped 'dir:out?size=140'
	[ "$(parts out | wc -l)" -eq 3 ]
	same <(cat out/part-*) <(grep -v mark stream)
}

@test "dir: compress=gzip and zstd are what gzip -d and zstd -d read" {
	stream-cat --time .at --key .carrier --out-of-order 24h "$FLIGHTS" > stream
	stream-sink 'dir:z?key=$.key&compress=zstd' < <(cat stream)
	stream-sink 'dir:g?key=$.key&compress=gzip' < <(cat stream)
	stream-sink 'dir:n?key=$.key&compress=none' < <(cat stream)
	[ "$(parts n | wc -l)" -gt 10 ]
	same <(cat n/*/part-*.ndjson) <(zstd -dcq z/*/part-*.ndjson.zst)
	same <(cat n/*/part-*.ndjson) <(gzip -dc g/*/part-*.ndjson.gz)
}

@test "dir: keys are escaped: nothing leaves the directory, different keys have different folders" {
	keyed '"../../x"' '"."' '".."' '"a/b"' '"nul\u0000"' '""' null '"__HIVE_DEFAULT_PARTITION__"' '"a b=c?*%"' '"Zürich"' 1.50 true > stream
	sh_run 'cat stream | stream-sink "dir:in/out?key=.k"'
	status_is 1
	mkdir in
	sh_run 'cat stream | stream-sink "dir:in/out?key=.k"'
	status_is 0
	[ "$(find . -name 'part-*' | wc -l)" -eq 12 ]
	[ "$(find in/out -mindepth 2 -name 'part-*' | wc -l)" -eq 12 ]
	[ "$(cd in/out && printf '%s\n' key=* | sort)" = "key=
key=%5F_HIVE_DEFAULT_PARTITION__
key=.
key=..
key=..%2F..%2Fx
key=1.50
key=Zürich
key=__HIVE_DEFAULT_PARTITION__
key=a%20b%3Dc%3F%2A%25
key=a%2Fb
key=nul%00
key=true" ]
}

@test "dir: a key that is longer than a name: cut, with a hash" {
	long=$(printf 'x%.0s' {1..5000})
	keyed "\"$long\"" "\"${long}y\"" > stream
	piped 'dir:out?key=.k'
	[ "$(parts out | wc -l)" -eq 2 ]
	[[ "$(parts out | head -n 1)" =~ ^key=x{160}~[0-9a-f]{16}/part- ]]
}

@test "dir: what has no place is a bad record" {
	keyed '{"a":1}' 2 > stream
	sh_run 'cat stream | stream-sink "dir:out?key=.k"'
	status_is 1
	stderr_like 'the value for key= is an array or object$'
	[ -z "$(parts out)" ]
	sh_run 'cat stream | stream-sink --dead-letter dead "dir:out?key=.k"'
	status_is 0
	[ "$(jq -r .error.reason dead)" = "the value for key= is an array or object" ]
	[ "$(parts out)" = "key=2/part-00000000.ndjson" ]
	printf '{"a":1}\n' > bare
	sh_run 'cat bare | stream-sink "dir:out?window=1h"'
	status_is 1
	stderr_like 'no event time: window= needs one$'
}

@test "dir: the watermark that passes a window publishes it; a late record is no file of its own" {
	mkfifo f
	stream-sink 'dir:out?window=1m' < f &
	pid=$!
	exec 9> f
	keyed 1 2 3 | head -n 4 >&9
	printf '%s\n' '{"mark":"watermark","ts":60000}' >&9
	wait_for 10 test -s out/1970-01-01T00-00/part-00000000.ndjson
	[ "$(parts out | wc -l)" -eq 1 ]
	printf '%s\n' '{"topic":"t","partition":0,"offset":7,"ts":1,"payload":{"k":9,"n":7}}' '{"mark":"watermark","ts":119999}' \
		'{"topic":"t","partition":0,"offset":8,"ts":2,"payload":{"k":9,"n":8}}' '{"mark":"watermark","ts":120000}' >&9
	wait_for 10 test -s out/1970-01-01T00-00/part-00000003.ndjson
	[ "$(wc -l < out/1970-01-01T00-00/part-00000003.ndjson)" -eq 2 ]
	[ "$(parts out | wc -l)" -eq 3 ]
	printf '%s\n' '{"mark":"end"}' >&9
	exec 9>&-
	wait "$pid"
	[ "$(parts out | wc -l)" -eq 4 ]
}

@test "dir: --roll publishes a part by its age, also when nothing comes" {
	mkfifo f
	stream-sink --roll 50ms dir:out < f &
	pid=$!
	exec 9> f
	keyed 1 | head -n 2 >&9
	wait_for 10 test -s out/part-00000000.ndjson
	printf '%s\n' '{"mark":"end"}' >&9
	exec 9>&-
	wait "$pid"
	[ "$(parts out)" = part-00000000.ndjson ]
	sh_run 'keyed() { :; }; stream-sink --roll 1h file:out/x < /dev/null'
	status_is 2
	stderr_like 'roll is for the parts of dir:PATH$'
}

@test "dir: without a checkpoint an upstream that breaks off leaves nothing half done" {
	keyed 1 2 3 > stream
	sh_run 'head -n 3 stream | stream-sink dir:out'
	status_is 75
	[ -z "$(parts out)" ]
	piped dir:out
	[ "$(ls out/.open)" = lock ]
}

@test "dir: more keys than descriptors" {
	# shellcheck disable=SC2046
	keyed $(seq 1 700) $(seq 1 700) > stream
	run bash -c 'ulimit -n 300; cat stream | stream-sink "dir:out?key=.k&compress=zstd"'
	status_is 0
	[ "$(parts out | wc -l)" -eq 700 ]
	[ "$(zstd -dcq out/key=77/part-*.zst | jq -c .payload.n | paste -sd ' ')" = "76 776" ]
}

@test "dir: two that write to one directory: the second is told" {
	mkfifo f
	stream-sink dir:out < f &
	pid=$!
	exec 9> f
	wait_for 10 test -s out/.open/lock
	keyed 1 > stream
	sh_run 'cat stream | stream-sink dir:out'
	status_is 75
	stderr_like "out/.open/lock: held by pid $pid"
	cat stream >&9
	exec 9>&-
	wait "$pid"
	[ "$(parts out)" = part-00000000.ndjson ]
}

@test "dir: parameters that are none" {
	for t in 'dir:' 'dir:out?key' 'dir:out?key=k' 'dir:out?window=0' 'dir:out?window=x' 'dir:out?size=0' 'dir:out?size=1X' \
		'dir:out?offset=1h' 'dir:out?tz=UTC' 'dir:out?window=1h&tz=UTC' 'dir:out?window=1d&tz=UTC&offset=1h' \
		'dir:out?window=1d&tz=No/Where' 'dir:out?window=1d&offset=x' 'dir:out?compress=lz4' 'dir:out?colour=red' 'dir:out?key=.a&key=.b'; do
		run --separate-stderr stream-sink "$t" < /dev/null
		[ "$status" -eq 2 ] || fail "$t: $status"
		[[ $stderr == "stream-sink: dir:"* ]] || fail "$t: $stderr"
		[ ! -e out ] || fail "$t made something"
	done
}

@test "dir: offset= says where windows begin, and the name how they do" {
	keyed 1 1 1 1 1 > stream                 # a minute apart, from 0 on
	piped 'dir:out?window=2m&offset=1m'
	[ "$(parts out)" = "1969-12-31T23-59/part-00000000.ndjson
1970-01-01T00-01/part-00000001.ndjson
1970-01-01T00-03/part-00000002.ndjson" ]
	piped 'dir:days?window=1d&offset=-7h30m'
	[ "$(parts days)" = 1969-12-31T16-30/part-00000000.ndjson ]
	piped 'dir:same?window=2m&offset=-4m'
	[ "$(parts same)" = "$(piped 'dir:other?window=2m'; parts other)" ]
}

@test "dir: tz= gives days as the clocks there have them, those of 23 and 25 hours, too" {
	printf '{"at":"%s"}\n' 2013-03-10T04:59:59Z 2013-03-10T05:00:00Z 2013-03-11T03:59:59Z 2013-03-11T04:00:00Z \
		2013-11-03T04:00:00Z 2013-11-04T04:59:59Z 2013-11-04T05:00:00Z > in
	stream-cat -t .at in | stream-sink --body payload 'dir:out?window=1d&tz=America/New_York'
	for day in 2013-03-09=1 2013-03-10=2 2013-03-11=1 2013-11-03=2 2013-11-04=1; do
		[ "$(cat out/"${day%=*}"/* | wc -l)" = "${day#*=}" ] || fail "$day"
	done
	# Published when the day is over there.
	mkfifo f
	stream-cat -t .at f | stream-sink 'dir:live?window=1d&tz=America/New_York' &
	sink=$!
	exec 9> f
	head -n 3 in >&9
	wait_for 10 test -e live/2013-03-09
	[ ! -e live/2013-03-10 ]
	sed -n 4p in >&9
	wait_for 10 test -e live/2013-03-10
	exec 9>&-
	wait "$sink"
}

@test "dir: flights in the folders of their day in New York" {
	stream-cat -t .at --out-of-order 24h "$FLIGHTS" | stream-sink --body payload 'dir:out?window=1d&tz=America/New_York'
	for day in 2013-01-01 2013-01-05 2013-01-10; do
		same <(cat "out/$day"/* | sort) <(jq -c --arg day "$day" 'select(.at // "" | startswith($day))' "$FLIGHTS" | sort)
	done
}

@test "dir: what was given out is counted, before it is compressed" {
	keyed 1 2 3 > stream
	piped --metrics m 'dir:out?compress=zstd'
	[ "$(sed -n 's/^stream_bytes_out_total{[^}]*} //p' m)" = "$(zstd -dcq out/part-*.zst | wc -c)" ]
}

@test "dir: under a checkpoint: a stop keeps parts open, a rerun goes on, the end publishes; what was taken away stays away" {
	export STREAM_CHECKPOINT=state
	go() {
		stream-cat --time .at --key .carrier --out-of-order 24h "$@" in.ndjson | stream-sink 'dir:out?key=$.key&window=1d'
	}
	head -n 3000 "$FLIGHTS" > in.ndjson
	go -f -e
	n=$(parts out | wc -l)
	[ "$n" -gt 0 ]
	[ "$(find out/.open -name '[0-9]*' | wc -l)" -gt 0 ]
	first=$(parts out | head -n 1)
	mv "out/$first" taken
	cat "$FLIGHTS" > in.ndjson
	go
	[ ! -e "out/$first" ]
	mv taken "out/$first"
	[ "$(ls out/.open)" = lock ]
	unset STREAM_CHECKPOINT
	same <(find out -name 'part-*' -exec cat {} + | sort) <(stream-cat --time .at --key .carrier --plain "$FLIGHTS" | sed 's/"topic":"[^"]*"/"topic":"in.ndjson"/' | sort)
	export STREAM_CHECKPOINT=state
	parts out > before
	go
	same before <(parts out)
	rm -r out/key=AA
	go
	[ ! -e out/key=AA ]
}

@test "dir: under a checkpoint a changed parameter, a lost part, another kind of target are told" {
	export STREAM_CHECKPOINT=state
	go() {
		sh_run "stream-cat --time .at --key .carrier --out-of-order 24h -f -e in.ndjson | stream-sink '$1'"
	}
	head -n 3000 "$FLIGHTS" > in.ndjson
	go 'dir:out?key=$.key&window=1d'
	status_is 0
	go 'dir:out?key=$.key&window=2d'
	status_is 1
	stderr_like 'window was 1d, is 2d; give the old one or a new directory$'
	go 'dir:out?key=$.key&window=1d&offset=-5h'
	stderr_like 'offset was 0, is -5h'
	go 'dir:out?key=$.key&window=1d&tz=Europe/Berlin'
	stderr_like 'tz was none, is Europe/Berlin'
	go 'dir:out?key=.dest&window=1d'
	stderr_like 'key was \$.key, is .dest'
	go 'dir:out?key=$.key&window=1d&compress=gzip'
	stderr_like 'compress was none, is gzip'
	go file:out.ndjson
	status_is 1
	lost=$(find out/.open -name '[0-9]*' | head -n 1)
	truncate -s 10 "$lost"
	go 'dir:out?key=$.key&window=1d'
	status_is 1
	stderr_like 'has 10 bytes, but [0-9]+ are committed'
	rm "$lost"
	go 'dir:out?key=$.key&window=1d'
	status_is 1
	stderr_like 'is missing: it has [0-9]+ bytes that are committed'
}
