# stream-exec: any filter as a stage; what it is given, what becomes of its lines, and how it may end.

load helper

# execs ARGS…: over `in`, records only.
execs() {
	run --separate-stderr stream-exec --plain "$@"
}

payloads() {
	jq -c .payload <<< "$output" | paste -sd ' '
}

# Each process whose parent is PID.
children_of() {
	ps -o pid= --ppid "$1"
}

numbers() {
	seq -f '{"n":%.0f}' "$1" > in
}

# A barrier in a stream that is no checkpoint's ends an epoch, too.
two_epochs() {
	printf '%s\n' '{"mark":"hello","version":1,"via":[["cat","00"]]}' \
		'{"topic":"t","partition":0,"offset":0,"payload":{"n":1}}' \
		'{"topic":"t","partition":0,"offset":1,"payload":{"n":2}}' \
		'{"mark":"barrier","epoch":1}' \
		'{"topic":"t","partition":0,"offset":2,"payload":{"n":3}}' \
		'{"mark":"barrier","epoch":2}' '{"mark":"barrier","epoch":3}' '{"mark":"end"}'
}

# ---- what it is given, and what comes of it ----

@test "payloads go in as they came, a line each; lines come out as records of the stage, numbered" {
	printf '{"a":1.10,"b":"x"}\n\n{"a":9007199254740993}\n' > in
	execs in -- cat
	status_is 0
	silent
	output_is '{"topic":"exec","partition":0,"offset":0,"payload":{"a":1.10,"b":"x"}}
{"topic":"exec","partition":0,"offset":1,"payload":{"a":9007199254740993}}'
	execs --name items in -- sed 's/a/c/'
	output_is '{"topic":"items","partition":0,"offset":0,"payload":{"c":1.10,"b":"x"}}
{"topic":"items","partition":0,"offset":1,"payload":{"c":9007199254740993}}'
}

@test "one line in may be none, or several out; empty lines are skipped, a last line needs no newline" {
	numbers 3
	execs in -- jq -c '.n | select(. != 2) | ., -.'
	[ "$(payloads)" = '1 -1 3 -3' ]
	execs in -- sh -c 'cat > /dev/null; printf "\n1\r\n  2\n\n3"'
	status_is 0
	[ "$(payloads)" = '1 2 3' ]
}

@test "time and key stand where the source found them: hello says it" {
	sh_run 'stream-cat -t .at -k .carrier --out-of-order 24h "$FLIGHTS" | stream-exec -- jq -c "select(.dep_delay > 60)" > out'
	status_is 0
	silent
	stream-filter -t .at -k .carrier --plain '.dep_delay > 60' "$FLIGHTS" | jq -c '[.ts, .key, .payload]' > wanted
	grep -v '"mark"' out | jq -c '[.ts, .key, .payload]' > got
	same got wanted
	[ "$(head -n 1 out | jq -c '[.time, .key, (.via | map(.[0]))]')" = '[".at",".carrier",["cat","exec"]]' ]
	# In one process, too; and with a format of the source's own.
	stream-exec -t .at -k .carrier --out-of-order 24h --plain "$FLIGHTS" -- jq -c 'select(.dep_delay > 60)' | jq -c '[.ts, .key, .payload]' > got
	same got wanted
	printf '{"d":"05/01/2013","k":{"a":1,"b":"x"}}\n' > in
	for format in '%d/%m/%Y' ms; do
		sed "s/05.01.2013/$([ $format = ms ] && echo 1357344000000 || echo '05\/01\/2013')/" in > given
		sh_run "stream-cat -t .d --time-format $format -k .k.b -k .k.a given | stream-exec -- cat | stream-sink -"
		status_is 0
		[ "$(jq -c '[.ts, .key]' <<< "$output")" = '[1357344000000,"[\"x\",1]"]' ]
	done
}

@test "--time and --key say where they stand instead, and hello then says so" {
	printf '{"at":1000,"k":"x"}\n' > in
	sh_run "stream-cat -t .at -k .k in | stream-exec -t .when --time-format s -k .who -- jq -c '{when: 5, who: .k}' > out"
	status_is 0
	[ "$(jq -c 'select(.payload) | [.ts, .key, .payload]' out)" = '[5000,"x",{"when":5,"who":"x"}]' ]
	[ "$(head -n 1 out | jq -c '[.time, ."time-format", .key]')" = '[".when","s",".who"]' ]
	# One of them alone; the other stays the source's.
	sh_run "stream-cat -t .at -k .k in | stream-exec -k .j -- jq -c '.j = 7' | stream-sink - | jq -c '[.ts, .key]'"
	output_is '[1000000,"7"]'
	# The time of arrival.
	sh_run "stream-cat -t now -k .k in | stream-exec -t now -- cat | stream-sink - | jq -c '.ts > 1600000000000'"
	output_is true
}

@test "where nobody says where time or key stand, it is asked for" {
	printf '{"ts":5,"topic":"a","offset":0,"partition":0,"payload":{"at":7,"k":"x"}}\n' > saved
	execs saved -- cat
	status_is 2
	stderr_is "stream-exec: records have an event time, and nobody says where the command's lines have theirs: --time PATH, or --each"
	sh_run "stream-cat -t now saved | stream-exec -- cat"
	status_is 2
	stderr_like 'an event time, and nobody says'
	execs -t .at saved -- cat
	status_is 0
	[ "$(jq .ts <<< "$output")" = 7000 ]
	sed 's/"payload"/"key":"x",&/' saved > keyed
	sh_run "stream-cat keyed | stream-exec -t .at -- cat"
	status_is 2
	stderr_is "stream-exec: records have a key, and nobody says where the command's lines have theirs: --key PATH, or --each"
	sh_run "stream-cat keyed | stream-exec -t .at -k .k -- cat | stream-sink - | jq -c '[.ts, .key]'"
	output_is '[7000,"x"]'
	# A path into the record leads nowhere from a line.
	sh_run "stream-cat -t .at -k '\$.topic' saved | stream-exec -- cat"
	status_is 2
	stderr_like 'records have a key, and nobody says'
	execs -t .at -k '$.topic' saved -- cat
	status_is 2
	stderr_is "stream-exec: --key \$.topic: the command's lines have no record around them: give a path into them, or --each"
	# Time that upstream does not have has no watermarks either.
	sh_run "printf '{\"at\":1}\n' | stream-cat | stream-exec -t .at -- cat"
	status_is 2
	stderr_is "stream-exec: --time: upstream's records have no event time, so there are no watermarks either: give it there"
}

@test "without time and key in the stream there are none in the result" {
	numbers 2
	sh_run 'stream-cat in | stream-exec -- cat'
	status_is 0
	output_is "$(stream-cat in | head -n 1 | sed "s/]]}/],[\"exec\",\"$(jq -r '.via[1][1]' <<< "${lines[0]}")\"]]}/")
{\"topic\":\"exec\",\"partition\":0,\"offset\":0,\"payload\":{\"n\":1}}
{\"topic\":\"exec\",\"partition\":0,\"offset\":1,\"payload\":{\"n\":2}}
{\"mark\":\"end\"}"
}

@test "behind what makes other keys, other times or other payloads the source's paths are not used" {
	printf '{"at":1000,"k":"x","j":"y"}\n' > in
	sh_run "stream-cat -t .at -k .k in | stream-filter --set-key .j | stream-exec -- cat"
	status_is 2
	stderr_like 'records have a key, and nobody says'
	sh_run "stream-cat -t .at -k .k in | stream-filter --set-key .j | stream-exec -k .j -- cat | stream-sink - | jq -c '[.ts, .key]'"
	output_is '[1000000,"y"]'
	sh_run "stream-filter -t .at -k .k --set-key .j in | stream-exec -- cat"
	status_is 2
	sh_run "stream-cat -t .at -k .k in | stream-window tumbling 1s | stream-exec -- cat"
	status_is 2
	stderr_like 'an event time, and nobody says'
	sh_run "stream-window tumbling 1s -t .at --time-format ms -k .k -a end=end -a key=key in | stream-exec -t .end --time-format ms -k .key -- cat | stream-sink - | jq -c '[.ts, .key]'"
	output_is '[2000,"x"]'
	sh_run "stream-cat -t .at -k .k in | stream-join --table in --on .k | stream-exec -- cat"
	status_is 2
	sh_run "stream-cat -t .at -k .k in | stream-join semi --table in --on .k | stream-exec -- cat | stream-sink - | jq -c '[.ts, .key]'"
	output_is '[1000000,"x"]'
	# What keeps payloads keeps the paths.
	sh_run "stream-cat -t .at -k .k in | stream-dedup | stream-sort | stream-filter .k | stream-exec -- cat | stream-sink - | jq -c '[.ts, .key]'"
	output_is '[1000000,"x"]'
}

@test "deletions and bytes that are no JSON go in as lines" {
	printf '%s\n' '{"topic":"t","partition":0,"offset":0,"ts":1,"key":"a","payload":null}' \
		'{"topic":"t","partition":0,"offset":1,"ts":2,"key":"b","payload_base64":"/3g="}' > in
	execs --each in -- sh -c 'od -An -tx1 -v | tr -d " \n" > bytes; printf "null\n2\n"'
	status_is 0
	output_is '{"topic":"t","partition":0,"offset":0,"ts":1,"key":"a","payload":null}
{"topic":"t","partition":0,"offset":1,"ts":2,"key":"b","payload":2}'
	[ "$(cat bytes)" = 6e756c6c0aff780a ]
	printf '%s\n' '{"topic":"t","partition":0,"offset":1,"ts":2,"payload_base64":"YQpi"}' > in
	execs --each in -- cat
	status_is 1
	stderr_is 'stream-exec: in:1: its payload has a newline in it'
	# Lines of any kind: the program makes JSON of them.
	printf 'GET /a 200\nGET /\377 404\n' > log
	execs --format binary log -- sed -nE 's/.* ([0-9]+)$/{"status":\1}/p'
	[ "$(payloads)" = '{"status":200} {"status":404}' ]
}

# ---- epochs ----

@test "a process for each epoch that has records; without a checkpoint the run is one epoch" {
	two_epochs > stream
	sh_run 'stream-exec -- sh -c "echo x >> started; cat" < <(cat stream) | grep -v hello'
	status_is 0
	output_is '{"topic":"exec","partition":0,"offset":0,"payload":{"n":1}}
{"topic":"exec","partition":0,"offset":1,"payload":{"n":2}}
{"mark":"barrier","epoch":1}
{"topic":"exec","partition":0,"offset":2,"payload":{"n":3}}
{"mark":"barrier","epoch":2}
{"mark":"barrier","epoch":3}
{"mark":"end"}'
	[ "$(wc -l < started)" -eq 2 ]
	rm started
	: > in
	execs in -- sh -c 'echo x >> started'
	status_is 0
	[ ! -e started ]
	numbers 1000
	execs in -- sh -c 'echo x >> started; sort -u'
	[ "$(wc -l < started)" -eq 1 ]
}

@test "an epoch's output comes whole before its barrier, watermarks behind its last line" {
	printf '{"at":%d}\n' 3000 1000 2000 > in
	sh_run 'stream-cat -t .at --time-format ms --out-of-order 5s in | stream-exec -- sort | jq -c "[.mark, .ts]"'
	output_is '["hello",null]
[null,1000]
[null,2000]
[null,3000]
["watermark","max"]
["end",null]'
	two_epochs | sed 's/"payload"/"ts":9,&/; 1s/"via"/"time":".n",&/; /barrier.*1/i {"mark":"watermark","ts":4}' > stream
	sed -i '2i {"mark":"watermark","ts":1}' stream
	sh_run 'stream-exec -t .n --time-format ms -- sort -r < <(cat stream) | jq -c "[.mark, .ts // .epoch]" | head -n 6'
	output_is '["hello",null]
["watermark",1]
[null,2]
[null,1]
["watermark",4]
["barrier",1]'
}

@test "idle is said when the lines before it are" {
	two_epochs | sed '/barrier.*1/i {"mark":"idle"}' | sed '/barrier.*1/a {"mark":"active"}' > stream
	sh_run 'stream-exec -- cat < <(cat stream) | jq -c ".mark // .payload.n"'
	[ "$(paste -sd' ' <<< "$output")" = '"hello" 1 2 "idle" "barrier" "active" 3 "barrier" "barrier" "end"' ]
	two_epochs | sed '3i {"mark":"idle"}\n{"mark":"active"}' > stream
	sh_run 'stream-exec -- cat < <(cat stream) | jq -c ".mark // .payload.n"'
	[ "$(paste -sd' ' <<< "$output")" = '"hello" 1 2 "barrier" 3 "barrier" "barrier" "end"' ]
}

@test "under a checkpoint the numbers go on from run to run, and each line comes out once" {
	numbers 100
	job='stream-cat --name cat --checkpoint-interval 5ms --rate 2000 -n 50 in | stream-exec -- jq -c "{m: .n}" | stream-sink file:out'
	export STREAM_CHECKPOINT=state
	sh_run "$job"
	status_is 0
	sh_run "${job/-n 50/}"
	status_is 0
	[ "$(jq -c '[.offset, .payload.m]' out | sort -u | wc -l)" -eq 100 ]
	[ "$(jq -s 'all(.[]; .offset + 1 == .payload.m)' out)" = true ]
	[ "$(jq .epoch state/commit)" -ge 4 ]
}

@test "the command runs under no checkpoint of ours, in a group of its own, with three descriptors" {
	numbers 1
	STREAM_CHECKPOINT=state sh_run 'stream-cat in | stream-exec -- sh -c "cat > /dev/null
		stream-cat --plain in | jq .offset; ls /proc/self/fd | jq -s \"map(select(. < 3)) | length\"
		[ \$(ps -o pgid= \$\$) -eq \$\$ ] && echo 17" | stream-sink - | jq -c .payload' 3>&-
	status_is 0
	[ "$(paste -sd' ' <<< "$output")" = '0 3 17' ]
	silent
}

@test "a changed command is another stage: the checkpoint says so" {
	numbers 20
	export STREAM_CHECKPOINT=state
	sh_run 'stream-cat -f -e in | stream-exec -- cat | stream-sink file:out'
	status_is 0
	numbers 40
	sh_run 'stream-cat -f -e in | stream-exec -- sort | stream-sink file:out'
	status_is 1
	[[ $stderr == *'stream-exec'*'--'* ]]
	sh_run 'stream-cat -f -e in | stream-exec --timeout 10s -- cat | stream-sink file:out'
	status_is 0
	[ "$(wc -l < out)" -eq 40 ]
}

# ---- buffers ----

@test "no buffering of the command's holds us up: all before the first line, line by line, more than a pipe takes" {
	seq -f '{"n":%.0f,"x":"0123456789012345678901234567890123456789"}' 100000 > in
	for c in cat tac sort 'sort -u' 'jq -c .' 'sed -u s/n/m/' 'dd bs=1' 'dd bs=4M iflag=fullblock'; do
		[ "$c" != 'jq -c .' ] || head -n 10000 in > less
		[[ $c != dd\ bs=1 ]] || head -n 1000 in > less
		[ -e less ] || ln -s in less
		# shellcheck disable=SC2086
		stream-exec --plain less -- $c 2> words | sed 's/.*"payload"://; s/}$//' > got
		# shellcheck disable=SC2086
		$c < less 2> words > wanted
		same wanted got
		rm less
	done
}

@test "much from little, and little from much" {
	printf '1\n' > in
	stream-exec --plain in -- sh -c 'head -c 100000000 /dev/zero | tr "\0" "7" | fold -w 1000' | wc -lc > got
	[ "$(awk '{ print $1, ($2 > 100000000) }' got)" = '100000 1' ]
	yes '{"n":1,"x":"0123456789012345678901234567890123456789"}' | head -n 300000 > in
	execs in -- wc -l
	[ "$(payloads)" = 300000 ]
}

@test "lines come through while the epoch lasts" {
	mkfifo feed
	stream-exec --plain -- sed -u s/a/b/ < feed > got &
	exec 5> feed
	printf '"a1"\n' >&5
	wait_for 5 grep -q '"b1"' got
	printf '"a2"\n' >&5
	wait_for 5 grep -q '"b2"' got
	exec 5>&-
	wait $!
}

@test "a reader that takes its time, or leaves" {
	numbers 200000
	sh_run 'stream-exec --plain in -- cat | { read -r -t 0.3 <> <(:) || cat; } | wc -l'
	status_is 0
	output_is 200000
	pipe_run 'stream-exec in -- cat | head -n 1 > /dev/null'
	[ "$statuses" = '141 0' ]
	silent
	STREAM_CHECKPOINT=state pipe_run 'stream-cat in | stream-exec -- cat | head -n 1 > /dev/null'
	[ -z "$(pgrep -P $$ -x cat)" ]
}

@test "a command that leaves early has had enough: what it wrote counts, if it leaves with 0" {
	numbers 300000
	execs in -- head -n 2
	status_is 0
	[ "$(payloads)" = '{"n":1} {"n":2}' ]
	execs in -- true
	status_is 0
	output_is ''
	two_epochs > stream
	sh_run 'stream-exec --plain -- head -n 1 < <(cat stream) | jq -c .payload'
	output_is '{"n":1}
{"n":3}'
	execs in -- sh -c 'head -n 1; exit 4'
	status_is 1
	[ "$(payloads)" = '{"n":1}' ]
	stderr_is 'stream-exec: sh left with 4'
}

# ---- how it may end ----

@test "a status that is not 0 is the end: 1, and fail for who reads" {
	numbers 3
	sh_run 'stream-cat in | stream-exec -- sh -c "cat; exit 3" | stream-sink -'
	status_is 1
	output_is '{"topic":"exec","partition":0,"offset":0,"payload":{"n":1}}
{"topic":"exec","partition":0,"offset":1,"payload":{"n":2}}
{"topic":"exec","partition":0,"offset":2,"payload":{"n":3}}'
	stderr_is 'stream-exec: sh left with 3'
	sh_run 'stream-cat in | stream-exec -- sh -c "exit 3" | tail -n 1'
	output_is '{"mark":"fail","status":1,"stage":"exec","reason":"sh left with 3"}'
	# Under a checkpoint nothing of that epoch is committed.
	export STREAM_CHECKPOINT=state
	pipe_run 'stream-cat in | stream-exec -- sh -c "cat; exit 3" | stream-sink file:out'
	[ "$statuses" = '0 1 1' ] || [ "$statuses" = '75 1 1' ]
	sh_run 'stream-cat in | stream-exec -- cat | stream-sink file:out'
	status_is 0
	[ "$(jq -c .payload.n out | paste -sd' ')" = '1 2 3' ]
	# As of a filter that is given what it cannot read; its words come through.
	unset STREAM_CHECKPOINT
	execs in -- gzip -d
	status_is 1
	[[ $stderr == *'stream-exec: gzip: '*'not in gzip format'*'stream-exec: gzip left with 1' ]]
}

@test "it is noticed while there is no input" {
	mkfifo feed
	exec 5<> feed
	printf '1\n' >&5
	run --separate-stderr timeout 20 stream-exec -- sh -c 'read x; exit 5' < feed
	status_is 1
	stderr_is 'stream-exec: sh left with 5'
}

@test "death by a signal: from outside 75, of its own 1" {
	numbers 3
	for sig in KILL TERM INT HUP; do
		execs in -- sh -c "kill -$sig \$\$"
		status_is 75
		stderr_is "stream-exec: sh was killed by SIG$sig"
	done
	for sig in SEGV ABRT PIPE; do
		execs in -- sh -c "kill -$sig \$\$"
		status_is 1
		stderr_is "stream-exec: sh was killed by SIG$sig"
	done
	# Of a shell's last command its status tells.
	execs in --shell 'cat | sh -c "kill -9 \$\$"'
	status_is 75
	[ "${stderr##*$'\n'}" = 'stream-exec: sh was killed by SIGKILL' ]
	execs in -- sh -c 'exit 137'
	status_is 1
	# Half a line of one that was killed is no bad record.
	execs in -- sh -c 'printf "{\"a"; kill -9 $$'
	status_is 75
	output_is ''
}

@test "no command, one that is not there, one that may not be run" {
	numbers 1
	execs in -- nothing-of-that-name
	status_is 2
	stderr_is 'stream-exec: nothing-of-that-name: there is no such command'
	execs in -- ./in
	status_is 1
	stderr_is 'stream-exec: ./in: it may not be run: Permission denied'
	sh_run 'stream-cat in | stream-exec -- nothing-of-that-name'
	output_is '{"mark":"fail","status":2,"stage":"exec","reason":"nothing-of-that-name: there is no such command"}'
	execs in
	status_is 2
	stderr_is 'stream-exec: which command? it stands behind --, as in: stream-exec -- in; see stream-exec --help'
	execs --
	status_is 2
	stderr_is 'stream-exec: which command? give one behind --: stream-exec -- jq -c .id; see stream-exec --help'
	execs --shell true -- true
	status_is 2
	execs --shell ' ' in
	status_is 2
	execs in -- ''
	status_is 2
	# Gone, or broken, between the start and the first record.
	printf '#!/nowhere/sh\n' > script
	chmod +x script
	execs in -- ./script
	status_is 1
	stderr_is 'stream-exec: ./script: No such file or directory'
}

@test "--shell: a command line" {
	printf '{"k":"b"}\n{"k":"a"}\n{"k":"b"}\n' > in
	execs --shell 'jq -c .k | sort -u' in
	status_is 0
	[ "$(payloads)" = '"a" "b"' ]
	execs in --shell='exit 3'
	status_is 1
	stderr_is 'stream-exec: sh left with 3'
	# grep leaves with 1 where it finds nothing.
	execs in --shell 'grep c || [ $? -eq 1 ]'
	status_is 0
	output_is ''
}

@test "--timeout: a command that hangs is killed: 75; one that works is not" {
	numbers 3
	execs --timeout 200ms in -- tail -f /dev/null
	status_is 75
	stderr_is 'stream-exec: tail neither reads nor writes, nor does it leave: --timeout has passed, and it was killed'
	# With more than it takes in, too; and all that it has started goes.
	numbers 300000
	execs --timeout 200ms in -- sh -c 'tail -f /dev/null & echo $! > pid; wait'
	status_is 75
	wait_for 5 eval '! kill -0 $(cat pid) 2> /dev/null'
	numbers 3
	execs --timeout 3s in -- bash -c 'cat > /dev/null; for i in 1 2 3 4 5 6 7 8; do read -r -t 0.5 <> <(:); echo $i; done'
	status_is 0
	[ "$(payloads)" = '1 2 3 4 5 6 7 8' ]
	# While there is no input it need do nothing.
	mkfifo feed
	stream-exec --timeout 1s --plain -- cat < feed > out &
	us=$!
	exec 5> feed
	printf '1\n' >&5
	read -r -t 1.5 <> <(:) || :
	printf '2\n' >&5
	exec 5>&-
	wait "$us"
	[ "$(wc -l < out)" -eq 2 ]
}

@test "it dies with us, however we do; none is left as a zombie" {
	mkfifo feed
	exec 5<> feed
	stream-exec -- sh -c 'echo $$ > pid; cat; tail -f /dev/null' < feed > /dev/null &
	us=$!
	printf '1\n' >&5
	wait_for 5 test -s pid
	kill -9 "$us"
	wait "$us" || :
	wait_for 5 eval '! kill -0 $(cat pid) 2> /dev/null'
	two_epochs > stream
	# After an epoch its process is reaped.
	mkfifo fed
	stream-exec -- cat < fed > out &
	us=$!
	exec 7> fed
	head -n 4 stream >&7
	wait_for 5 grep -q barrier out
	[ -z "$(children_of "$us")" ]
	exec 7>&-
	wait "$us" || :
}

@test "signals for the pipeline do not reach the command: what it was given comes out" {
	mkfifo feed
	stream-exec --plain -- sh -c 'echo > ready; cat; echo 17' < feed > out &
	us=$!
	exec 5> feed
	printf '1\n' >&5
	wait_for 5 test -e ready
	kill -TERM "$us"
	wait "$us"
	[ "$(jq -c .payload out | paste -sd' ')" = '1 17' ]
	exec 5>&-
}

@test "what it says on stderr comes through, line by line, with its name" {
	numbers 2
	execs in -- sh -c 'printf "one\ntwo\033[31m\n" >&2; cat; printf three >&2'
	status_is 0
	[ "$stderr" = $'stream-exec: sh: one\nstream-exec: sh: two\\x1b[31m\nstream-exec: sh: three' ]
	execs in -- sh -c 'head -c 3000 /dev/zero | tr "\0" x >&2; cat'
	status_is 0
	stderr=${stderr//stream-exec: sh: /}
	[ "$(tr -d '\n' <<< "$stderr" | wc -c)" -eq 3000 ]
	# A full pipe of it holds nobody up.
	execs in -- sh -c 'seq 100000 >&2; cat'
	status_is 0
	[ "$(wc -l <<< "$stderr")" -eq 100000 ]
}

# ---- bad lines ----

@test "a line that is no record: the end, or a dead letter" {
	numbers 3
	execs in -- sed 's/{"n":2}/oops/'
	status_is 1
	stderr_is 'stream-exec: sed:2: not JSON: expected a value at byte 1'
	[ "$(payloads)" = '{"n":1}' ]
	execs --dead-letter dead in -- sed 's/{"n":2}/oops/'
	status_is 0
	[ "$(payloads)" = '{"n":1} {"n":3}' ]
	[ "$(jq -r '.payload_base64 | @base64d' dead)" = oops ]
	[ "$(jq -c '[.topic, .offset, .error]' dead)" = '["exec",1,{"stage":"exec","reason":"not JSON: expected a value at byte 1"}]' ]
	sh_run 'stream-cat -t .n in | stream-exec -- sed "s/{.n.:2}/{}/"'
	status_is 1
	stderr_is 'stream-exec: sed:2: no .n, so no event time'
	execs --dead-letter dead2 --max-errors 1 in -- tr n '"'
	status_is 1
	stderr_like 'sed:|tr:2: not JSON.*the bad record that is one more than --max-errors 1'
	execs --max-line 20 in -- sed '2s/.*/"01234567890123456789"/'
	status_is 1
	stderr_is 'stream-exec: sed:2: a line of 23 bytes, longer than --max-line; its first 20 are kept'
	[ "$(payloads)" = '{"n":1}' ]
}

# ---- --each ----

@test "--each: all of a record stays but its payload" {
	printf '%s\n' '{"topic":"t","partition":3,"offset":7,"ts":-5,"key":"k","headers":[{"key":"h","value":"v"}],"window":{"start":0,"end":9},"payload":{"n":1},"more":[1]}' \
		'{"topic":"u","partition":0,"offset":8,"ts":6,"key":null,"payload":{"n":2.50}}' > in
	execs --each in -- jq -c '[.n]'
	status_is 0
	output_is '{"topic":"t","partition":3,"offset":7,"ts":-5,"key":"k","headers":[{"key":"h","value":"v"}],"window":{"start":0,"end":9},"payload":[1],"more":[1]}
{"topic":"u","partition":0,"offset":8,"ts":6,"key":null,"payload":[2.5]}' || [ "$(jq -c 'del(.payload)' <<< "$output")" = "$(jq -c 'del(.payload)' in)" ]
	# As source, and in a stream; time and key need not be in the lines.
	sh_run 'stream-cat -t .at -k .carrier --out-of-order 24h "$FLIGHTS" | stream-exec --each -- jq -c .dep_delay > out'
	status_is 0
	same <(stream-cat -t .at -k .carrier --out-of-order 24h "$FLIGHTS" | tail -n +2 | jq -c 'if .mark then . else .payload |= .dep_delay end') <(tail -n +2 out | jq -c .)
	stream-exec -t .at -k .carrier --out-of-order 24h --each --plain "$FLIGHTS" -- jq -c .dep_delay | jq -c . > fused
	same <(grep -v '"mark"' out | jq -c .) fused
	sh_run 'stream-cat -t .at "$FLIGHTS" | stream-exec --each -k .id -- cat'
	status_is 2
	stderr_is 'stream-exec: --each keeps time and key, so --key says nothing'
}

@test "--each: watermarks keep their place, as soon as the lines before them are there" {
	mkfifo feed
	stream-exec --each -t .at --time-format ms -- sed -u s/a/b/ < feed > out &
	exec 5> feed
	printf '{"at":1000}\n{"at":2000}\n' >&5
	wait_for 5 grep -q '"ts":2000}' out
	exec 5>&-
	wait $!
	[ "$(jq -c '.mark // .ts' out | paste -sd' ')" = '"hello" 1000 "watermark" 2000 "watermark" "watermark" "end"' ]
}

@test "--each: more or fewer lines than records are an error, with both numbers" {
	numbers 5
	execs --each in -- head -n 3
	status_is 1
	stderr_is 'stream-exec: head gave 3 lines for 5 records; --each needs one for each'
	execs --each in -- sh -c 'cat; echo 1'
	status_is 1
	stderr_is 'stream-exec: sh gave more lines than the 5 records that it was given; --each needs one for each'
	two_epochs > stream
	sh_run 'stream-exec --each --plain -- sed 1d < <(cat stream)'
	status_is 1
	stderr_is 'stream-exec: sed gave 1 lines for 2 records; --each needs one for each'
}

@test "--each: a bad line is its record's dead letter" {
	numbers 3
	execs --each --dead-letter dead in -- sed '2s/.*/oops/; 3s/.*//'
	status_is 0
	[ "$(payloads)" = '{"n":1}' ]
	[ "$(jq -c '[.topic, .offset, .payload, .error.reason]' dead)" = '["in",8,{"n":2},"sed gave for it: not JSON: expected a value at byte 1"]
["in",16,{"n":3},"sed gave for it: an empty line"]' ]
	execs --each in -- sed '2s/.*/oops/'
	status_is 1
	stderr_is 'stream-exec: sed:2: not JSON: expected a value at byte 1'
}

@test "--each: records that wait for their lines wait on disk, beyond a bound" {
	seq -f "{\"n\":%.0f,\"x\":\"$(printf '%0200d' 0)\"}" 300000 > in
	stream-exec --each --plain in -- sh -c 'cat > all; grep VmHWM "/proc/$PPID/status" > most; cat all' | jq -c .payload.n > got
	same got <(seq 300000)
	read -r _ kib _ < most
	[ "$kib" -lt 60000 ] || fail "$kib KiB"
}

# ---- the rest ----

@test "statistics, metrics and -v count what goes in and out" {
	numbers 10
	execs -v --metrics m in -- head -n 4
	status_is 0
	stderr_is 'stream-exec: 10 records taken; 0 were late, 0 bad, 0 between windows'
	grep -q '^stream_records_in_total{stage="exec"} 10$' m
	grep -q '^stream_records_out_total{stage="exec"} 4$' m
}

@test "a failure upstream: what came before it comes out, then its status" {
	printf '{"n":1}\n{"n":2}\noops\n' > in
	sh_run 'stream-cat in | stream-exec -- sort -r | stream-sink - | jq -c .payload.n'
	status_is 1
	[ "$(paste -sd' ' <<< "$output")" = '2 1' ]
	stderr_is 'stream-cat: in:3: not JSON: expected a value at byte 1'
	sh_run 'stream-cat in 2> /dev/null | stream-exec -- sort | tail -n 1'
	[ "$(jq -c '[.mark, .stage]' <<< "$output")" = '["fail","cat"]' ]
}

@test "words behind -- are the command's, whatever they look like; -- in front of files too under POSIXLY_CORRECT" {
	numbers 2
	execs in -- sh -c 'cat; echo "\"$*\""' sh --each -q in --
	[ "$(payloads)" = '{"n":1} {"n":2} "--each -q in --"' ]
	export POSIXLY_CORRECT=1
	execs in -- cat
	status_is 0
	[ "$(payloads)" = '{"n":1} {"n":2}' ]
}
