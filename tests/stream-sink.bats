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
		frob:x|frob:x: no sink for frob:
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
