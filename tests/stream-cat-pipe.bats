# --delivery at-most-once: pipes under a checkpoint. What a pipe gave and nobody has committed is lost;
# what is committed is there once, and goes on.

load helper

lines() {
	seq "$1" "$2" | sed 's/.*/{"n":&,"t":&}/'
}

has_lines() {
	[ -e "$1" ] && [ "$(wc -l < "$1")" -ge "$2" ]
}

numbers() {
	jq -r .payload.n "$1" | paste -sd' '
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export STREAM_CHECKPOINT=state
}

# take ARG…: stream-cat of these, into out
take() {
	stream-cat --delivery at-most-once --checkpoint-interval 5ms "$@" | stream-sink file:out
}

@test "without it a pipe is refused, and the message says what would do" {
	mkfifo f
	exec 9<> f
	for args in "- < f" f; do
		lines 1 1 >&9
		sh_run "stream-cat $args | stream-sink file:out"
		status_is 2
		[[ $stderr == *"no checkpoint with it, unless --delivery at-most-once lets go what is lost"* ]]
		rm -r state
	done
	exec 9>&-
}

@test "a pipe to its end is complete; a rerun has nothing to do, and reads nothing" {
	lines 1 3 | take
	[ "$(numbers out)" = "1 2 3" ]
	lines 4 5 | take
	[ "$(numbers out)" = "1 2 3" ]
	[ "$(jq .closed state/commit)" = true ]
}

@test "a window keeps what was delivered to it; the next pipe goes on in it" {
	count() {
		stream-cat --delivery at-most-once -t .t --time-format s --checkpoint-interval 5ms "$@" |
			stream-window tumbling 1h -a n=count -a s='sum(.n)' | stream-sink file:out
	}
	lines 1 3 | count -f
	[ ! -s out ]
	[ "$(jq .closed state/commit)" = true ]
	lines 4 6 | count -f
	lines 7 7 | count
	[ "$(jq -c .payload out)" = '{"n":7,"s":28}' ]
}

@test "each pipe is a rotation: ids stay unique" {
	lines 1 2 | take -f
	lines 3 4 | take -f
	printf '{"n":5}' | take -f
	lines 6 6 | take
	[ "$(numbers out)" = "1 2 3 4 5 6" ]
	[ "$(jq -c '[.topic, .partition, .offset]' out | paste -sd' ')" = \
		'["-",0,0] ["-",0,14] ["-",1,0] ["-",1,14] ["-",2,0] ["-",3,0]' ]
}

@test "a FIFO, whose writers come and go" {
	mkfifo f
	take f &
	pipeline=$!
	exec 9> f
	lines 1 2 >&9
	wait_for 10 has_lines out 2
	lines 3 3 > f
	wait_for 10 has_lines out 3
	exec 9>&-
	wait "$pipeline"
	[ "$(numbers out)" = "1 2 3" ]
}

@test "while nobody has the FIFO open yet, the sink's death is noticed" {
	mkfifo f
	stream-cat --delivery at-most-once f > >(stream-sink file:out 2> /dev/null) 2> err &
	cat=$!
	wait_for 10 test -e state/cat/lock
	wait_for 10 committed state '.epoch > 1'
	kill -9 "$(jq .pid state/lock)"
	wait "$cat" || [ "$?" -eq 75 ]
}

@test "killed while the pipe stays: nothing twice, nothing torn, and it goes on" {
	mkfifo f
	exec 9<> f                               # the pipe outlives its readers
	lines 1 2 >&9
	for round in {1..6}; do
		take f 2> /dev/null &
		pipeline=$!
		wait_for 10 has_lines out $((round * 2))
		printf '{"n":%d,"t":1' $((round * 100)) >&9
		kill -9 "$(jq .pid state/cat/lock)"
		wait "$pipeline" || :
		printf '}\n' >&9
		lines $((round * 2 + 1)) $((round * 2 + 2)) >&9
	done
	take f &
	pipeline=$!
	wait_for 10 has_lines out 14
	kill "$(jq .pid state/cat/lock)"
	wait "$pipeline"
	exec 9>&-
	jq -e . out > /dev/null
	[ "$(numbers out | tr ' ' '\n' | grep -v 00 | paste -sd' ')" = "$(seq -s' ' 14)" ]
	[ -z "$(jq -c '[.topic, .partition, .offset]' out | sort | uniq -d)" ]
}

@test "… and of lines that are no objects, the first one in doubt is left out" {
	mkfifo f
	exec 9<> f
	printf '11\n22\n' >&9
	for round in 1 2; do
		take --format text f 2> /dev/null &
		pipeline=$!
		wait_for 10 has_lines out $((round * 2))
		printf '12345' >&9
		kill -9 "$(jq .pid state/cat/lock)"
		wait "$pipeline" || :
		printf '6789\n33\n44\n' >&9
	done
	take --format text f &
	pipeline=$!
	wait_for 10 has_lines out 6
	kill "$(jq .pid state/cat/lock)"
	wait "$pipeline"
	exec 9>&-
	[ "$(jq -r .payload out | paste -sd' ')" = "11 22 33 44 33 44" ]
	[ -z "$(jq -c '[.topic, .partition, .offset]' out | sort | uniq -d)" ]
}

@test "CSV: each pipe brings its header" {
	printf 'n,t\n1,2\n' | take --format csv -f
	printf 'n,t\n3,4\n' | take --format csv
	[ "$(numbers out)" = "1 3" ]
}

@test "files among the pipes are gone on with exactly, as ever" {
	lines 1 99 > a
	mkfifo f                                 # nobody writes to it until the end
	for n in 1 30 60 99 99; do
		{ take --rate 400 a f; } 2> /dev/null &
		pipeline=$!
		wait_for 10 has_lines out "$n"
		kill -9 "$(jq .pid state/cat/lock)"
		wait "$pipeline" || :
	done
	lines 100 101 > f &
	take a f
	[ "$(numbers out)" = "$(seq -s' ' 101)" ]
}

@test "a window that reads a pipe by itself" {
	window() {
		stream-window tumbling 1h --delivery at-most-once -t .t --time-format s "$@" | stream-sink file:out
	}
	lines 1 3 | window -f
	lines 4 6 | window
	[ "$(jq -c .payload.count out)" = 6 ]
}

@test "what was a pipe cannot be a file, nor the other way round" {
	lines 1 3 > a
	take -f < <(cat a)
	sh_run 'stream-cat --delivery at-most-once < a | stream-sink file:out'
	status_is 1
	[[ $stderr == *"stdin: was a pipe when the checkpoint read it, is a file now"* ]]
}

@test "at-most-once is an input's, and exactly-once needs a checkpoint" {
	lines 1 3 > a
	while IFS='~' read -r line said; do
		STREAM_CHECKPOINT='' sh_run "$line"
		status_is 2
		stderr_like "$said"
	done <<-'END'
		stream-cat a | stream-sink --delivery at-most-once -~^stream-sink: --delivery at-most-once is for what reads an input
		stream-cat --delivery exactly-once a~^stream-cat: --delivery exactly-once needs --checkpoint
		stream-cat a | stream-cat --delivery at-most-once~^stream-cat: --delivery: upstream is a stream of records; give it there
	END
	gzip a
	sh_run 'stream-cat --delivery at-most-once <(cat a.gz) | stream-sink file:out'
	[ "$status" -ne 0 ]
	mkfifo f.gz
	sh_run 'stream-cat --delivery at-most-once f.gz | stream-sink file:out'
	status_is 2
	[[ $stderr == *"f.gz: a compressed pipe cannot be gone on with"* ]]
}
