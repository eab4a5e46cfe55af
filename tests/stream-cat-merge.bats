# stream-cat: several files by event time; a replay at the pace of event time.

load helper

@test "--merge: by event time, ties in the order of the operands" {
	printf '{"t":%s,"f":"a"}\n' 1 4 4 9 > a
	printf '{"t":%s,"f":"b"}\n' 2 4 8 > b
	printf '{"t":%s,"f":"c"}\n' 0 4 > c
	run --separate-stderr stream-cat --plain --merge -t .t --time-format ms a b c
	status_is 0
	[ "$(jq -r '"\(.topic)\(.ts)"' <<< "$output" | paste -sd' ')" = "c0 a1 b2 a4 a4 b4 c4 b8 a9" ]
	[ "$(jq -c 'select(.topic == "b") | .offset' <<< "$output" | paste -sd' ')" = "0 16 32" ]
}

@test "--merge of a file cut in parts gives the file, watermarks and all" {
	stream-cat -t .at --plain "$FLIGHTS" | jq -c .payload > f
	jq -c . f | shuf -n 3000 --random-source=f > sorted && jq -sc 'sort_by(.at) | .[]' sorted > all
	awk '{ print > ("part" NR % 3) }' all
	gzip part2
	stream-cat -t .at --out-of-order 1h --plain all | jq -c .ts > expected
	stream-cat -t .at --out-of-order 1h --merge --plain part1 part2.gz part0 | jq -c .ts > out
	same expected out
	stream-window tumbling 1d -t .at --merge -k .carrier -a n=count --plain part0 part1 part2.gz | jq -c '[.key, .window, .payload]' | sort > out
	stream-window tumbling 1d -t .at -k .carrier -a n=count --plain all | jq -c '[.key, .window, .payload]' | sort > expected
	same expected out
}

@test "--merge: what is bad goes to the dead letters, and its file goes on" {
	printf '{"t":1}\nnope\n{"t":5}\n' > a
	printf '{"t":2}\n{"x":2}\n{"t":4}\n' > b
	run --separate-stderr stream-cat --plain --merge -t .t --time-format ms --dead-letter dead a b
	status_is 0
	[ "$(jq -c .ts <<< "$output" | paste -sd' ')" = "1 2 4 5" ]
	[ "$(jq -c '[.topic, .offset]' dead | sort | paste -sd' ')" = '["a",8] ["b",8]' ]
	run --separate-stderr stream-cat --plain --merge -t .t --time-format ms a b
	status_is 1
	stderr_like '^stream-cat: a:2: not JSON'
}

@test "--merge: each file has its own form and header" {
	printf 't,v\n1,x\n3,y\n' > a
	printf 'w,t\nz,2\n' > b
	run --separate-stderr stream-cat --plain --merge --format csv -t .t --time-format ms a b
	[ "$(jq -c .payload <<< "$output")" = '{"t":"1","v":"x"}
{"w":"z","t":"2"}
{"t":"3","v":"y"}' ]
	printf '{"t":2}\n' > bare
	stream-cat -t .t --time-format ms bare > saved
	printf '{"t":1}\n{"t":3}\n' > bare
	run --separate-stderr stream-cat --plain --merge -t .t --time-format ms bare saved
	[ "$(jq -c .ts <<< "$output" | paste -sd' ')" = "1 2 3" ]
}

@test "--merge needs a time, and does not follow" {
	echo '{"t":1}' | tee a > b
	run --separate-stderr stream-cat --merge a b
	status_is 2
	stderr_like '^stream-cat: --merge needs --time'
	run --separate-stderr stream-cat --merge -f -t .t a b
	status_is 2
	stderr_like '^stream-cat: --merge and --follow do not go together'
}

@test "--merge under a checkpoint: each record once, in order, in steps and killed" {
	export STREAM_CHECKPOINT=state
	seq 1 3 3000 | sed 's/.*/{"t":&}/' > a
	seq 2 3 3000 | sed 's/.*/{"t":&}/' > b
	seq 3 3 3000 | sed 's/.*/{"t":&}/' | zstd -q > c.zst
	job() {
		stream-cat --merge -t .t --time-format ms --checkpoint-interval 1ms "$@" a b c.zst |
			stream-sink --body payload file:out
	}
	job -n 700
	[ "$(jq .t out | paste -sd' ')" = "$(seq -s' ' 700)" ]
	for at in 1300 1900 2500; do
		job --rate 20000 2> /dev/null &
		pipeline=$!
		wait_for 10 eval "[ \$(wc -l < out) -ge $at ]"
		kill -9 "$(jq .pid state/cat/lock)" || :
		wait "$pipeline" || :
	done
	job
	[ "$(jq .t out | paste -sd' ')" = "$(seq -s' ' 3000)" ]
	sh_run 'stream-cat --merge -t .t --time-format ms a b | stream-sink --body payload file:out'
	status_is 1
}

@test "--speed replays by event time" {
	printf '{"t":%s}\n' 0 100 200 150 400 > a
	start=$(date +%s%N)
	run --separate-stderr stream-cat --plain --speed 2 -t .t --time-format ms a
	took=$((($(date +%s%N) - start) / 1000000))
	status_is 0
	[ "$(jq -c .ts <<< "$output" | paste -sd' ')" = "0 100 200 150 400" ]
	[ "$took" -ge 199 ]
	run --separate-stderr stream-cat --plain --speed 1000000 --merge -t .at "$FLIGHTS" "$FLIGHTS"
	status_is 0
	[ "${#lines[@]}" -eq 17664 ]
}

@test "--speed gives each record when its time has come, and a checkpoint meanwhile" {
	export STREAM_CHECKPOINT=state
	printf '{"t":%s}\n' 0 3600000 > a
	{ stream-cat --speed 1 -t .t --time-format ms --checkpoint-interval 1ms a | stream-sink --body payload file:out; } &
	pipeline=$!
	wait_for 10 eval '[ "$(cat out 2> /dev/null)" = "{\"t\":0}" ]'
	wait_for 10 eval '[ "$(jq .epoch state/commit)" -ge 2 ]'
	kill "$(jq .pid state/cat/lock)"
	wait "$pipeline"
	[ "$(cat out)" = '{"t":0}' ]
	stream-cat --speed 1000 -t .t --time-format ms a | stream-sink --body payload file:out
	same a out
}

@test "--speed: what is no factor, and a stream of ours" {
	run --separate-stderr stream-cat --speed 0 -t .t a
	status_is 2
	stderr_like '^stream-cat: --speed: "0" is no factor'
	echo '{"t":1}' > a
	sh_run 'stream-cat -t .t a | stream-window tumbling 1s --speed 2'
	status_is 2
	[[ $stderr == *"--speed: upstream is a stream"* ]]
}
