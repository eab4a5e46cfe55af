# stream-window: aggregates by key over windows of event time.

load helper

# Records t k v, one a line, as bare JSON in `in`.
records() {
	awk 'NF { printf "{\"t\":%s,\"k\":%s,\"v\":%s}\n", $1, $2, $3 }' > in
}

# window ARGS…: over `in`, times in ms, keys .k.
window() {
	run --separate-stderr stream-window "$@" --plain -t .t --time-format ms -k .k in
}

results() {
	jq -c '[.key, .window.start, .window.end, .payload]' <<< "$output"
}

@test "a result: the stage as topic, a running number, the last ms of the window, key, bounds, columns" {
	records <<-'END'
		1000 "a" 1
		1500 "a" 2
		2500 "a" 5
	END
	window tumbling 1s -a n=count -a total='sum(.v)'
	status_is 0
	silent
	output_is '{"topic":"window","partition":0,"offset":0,"ts":1999,"key":"a","window":{"start":1000,"end":2000},"payload":{"n":2,"total":3}}
{"topic":"window","partition":0,"offset":1,"ts":2999,"key":"a","window":{"start":2000,"end":3000},"payload":{"n":1,"total":5}}'
}

@test "without -a it counts" {
	printf '{"t":1,"k":"a"}\n' > in
	window tumbling 1s
	status_is 0
	[ "$(jq -c .payload <<< "$output")" = '{"count":1}' ]
}

@test "--name is the results' topic" {
	printf '{"t":1,"k":"a"}\n' > in
	window tumbling 1s --name per-second
	[ "$(jq -r .topic <<< "$output")" = per-second ]
}

@test "order: by end, then by the key's first appearance in the window; empty windows never come" {
	records <<-'END'
		1000 "b" 1
		1001 "a" 1
		1002 "b" 1
		9000 "a" 1
		9001 "b" 1
	END
	window tumbling 1s -a n=count
	status_is 0
	[ "$(results | paste -sd ' ')" = '["b",1000,2000,{"n":2}] ["a",1000,2000,{"n":1}] ["a",9000,10000,{"n":1}] ["b",9000,10000,{"n":1}]' ]
}

@test "negative times fall into windows by floor division" {
	records <<-'END'
		-1001 "a" 1
		-1000 "a" 1
		-1 "a" 1
		0 "a" 1
	END
	window tumbling 1s -a n=count
	status_is 0
	[ "$(results | paste -sd ' ')" = '["a",-2000,-1000,{"n":1}] ["a",-1000,0,{"n":2}] ["a",0,1000,{"n":1}]' ]
}

@test "--offset moves the windows, to either side" {
	printf '{"t":500,"k":"a"}\n' > in
	window tumbling 1s --offset 600ms -a n=count
	[ "$(jq -c .window <<< "$output")" = '{"start":-400,"end":600}' ]
	window tumbling 1s --offset -600ms -a n=count
	[ "$(jq -c .window <<< "$output")" = '{"start":400,"end":1400}' ]
}

@test "null, empty and missing keys: null is a group of its own" {
	printf '{"t":1,"k":null}\n{"t":2,"k":""}\n{"t":3}\n' > in
	window tumbling 1s -a n=count
	status_is 0
	[ "$(results | paste -sd ' ')" = '[null,0,1000,{"n":2}] ["",0,1000,{"n":1}]' ]
}

@test "--global is one group" {
	printf '{"t":1,"k":"a"}\n{"t":2,"k":"b"}\n' > in
	run --separate-stderr stream-window tumbling 1s --plain -t .t --time-format ms --global -a n=count in
	status_is 0
	[ "$(results)" = '[null,0,1000,{"n":2}]' ]
	sh_run 'stream-cat -t .t --time-format ms -k .k in | stream-window tumbling 1s --plain --global'
	status_is 0
	[ "$(results)" = '[null,0,1000,{"count":2}]' ]
}

@test "columns key, start and end" {
	printf '{"t":1,"k":"a"}\n' > in
	window tumbling 1s -a k=key -a from=start -a to=end
	status_is 0
	[ "$(jq -c .payload <<< "$output")" = '{"k":"a","from":0,"to":1000}' ]
}

@test "aggregates: nulls are skipped, only nulls are null, count(P) counts what is there" {
	records <<-'END'
		1 "a" null
		2 "a" 4
		3 "a" 6
		4 "b" null
	END
	window tumbling 1s -a n=count -a nv='count(.v)' -a s='sum(.v)' -a lo='min(.v)' -a hi='max(.v)' -a m='mean(.v)'
	status_is 0
	[ "$(jq -c .payload <<< "$output")" = '{"n":3,"nv":2,"s":10,"lo":4,"hi":6,"m":5}
{"n":1,"nv":0,"s":null,"lo":null,"hi":null,"m":null}' ]
}

@test "sums are exact: decimals, 64 bits and more" {
	records <<-'END'
		1 "a" 0.1
		2 "a" 0.2
		3 "b" 9007199254740993
		4 "b" 1
		5 "c" 99999999999999999999999999999999999999
		6 "c" -1
		7 "d" 1.10
		8 "d" 2.20
	END
	window tumbling 1s -a s='sum(.v)'
	status_is 0
	[ "$(sed 's/.*"payload"://; s/}$//' <<< "$output" | paste -sd ' ')" = \
		'{"s":0.3} {"s":9007199254740994} {"s":99999999999999999999999999999999999998} {"s":3.3}' ]
}

@test "min and max give back the original text" {
	records <<-'END'
		1 "a" 1.50
		2 "a" 10e1
		3 "b" "x"
		4 "b" "y"
	END
	window tumbling 1s -a lo='min(.v)' -a hi='max(.v)'
	status_is 0
	[ "$(sed 's/.*"payload"://; s/}$//' <<< "$output" | paste -sd ' ')" = '{"lo":1.50,"hi":10e1} {"lo":"x","hi":"y"}' ]
}

@test "functions of several arguments, in the order of time and of arrival" {
	records <<-'END'
		3 "a" 1
		1 "a" 2.50
		2 "a" 4
		2 "b" null
	END
	window tumbling 1s --out-of-order 1s -a q='quantile(.v, 0.25)' -a t='top(.v,2)' -a w='bottom(.k,1,.v)' -a f='first(.v)' \
		-a c='collect(.v)' -a s='concat(.v,"; ")' -a at='argmax($.ts,.v)' -a r=rate
	status_is 0
	[ "$(sed 's/.*"payload"://; s/}$//' <<< "$output")" = \
		'{"q":1.75,"t":[4,2.50],"w":["a"],"f":2.50,"c":[1,2.50,4],"s":"1; 2.50; 4","at":2,"r":3}
{"q":null,"t":null,"w":null,"f":null,"c":null,"s":null,"at":null,"r":1}' ]
}

@test "of two paths the one is told that is to blame" {
	records <<< '1 "a" 1'
	window tumbling 1s -a c='corr(.v,.k)'
	status_is 1
	stderr_like '\.k is not a number'
}

@test "a value of the wrong type is a bad record; it counts for no aggregate" {
	records <<-'END'
		1 "a" 1
		2 "a" "2"
		3 "a" 3
	END
	window tumbling 1s -a n=count -a s='sum(.v)'
	status_is 1
	stderr_like '^stream-window: in:2: .*\.v'
	window tumbling 1s -a n=count -a s='sum(.v)' --dead-letter dead
	status_is 0
	[ "$(jq -c .payload <<< "$output")" = '{"n":2,"s":4}' ]
	[ "$(jq -c '[.topic, .payload.v, .error.stage]' dead)" = '["in","2","window"]' ]
}

@test "a result beyond 38 digits goes to the dead letters" {
	records <<-'END'
		1 "a" 99999999999999999999999999999999999999
		2 "a" 99999999999999999999999999999999999999
		3 "b" 1
	END
	window tumbling 1s -a s='sum(.v)'
	status_is 1
	stderr_like '^stream-window: .*38 digits'
	window tumbling 1s -a s='sum(.v)' --dead-letter dead
	status_is 0
	[ "$(jq -c '[.key, .payload.s]' <<< "$output")" = '["b",1]' ]
	[[ $(cat dead) == *'"key":"a",'*'"payload":{"s":199999999999999999999999999999999999998},"error":{"stage":"window",'* ]]
}

# ---- lateness ----

@test "the first late record ends the run with 1, says how late and what helps" {
	records <<-'END'
		1000 "a" 1
		5000 "a" 1
		1500 "a" 1
	END
	window tumbling 1s
	status_is 1
	stderr_like '^stream-window: in:3: .*3s.*--out-of-order.*--allowed-lateness.*--late'
}

@test "--late drop counts them, --late FILE keeps them whole" {
	records <<-'END'
		1000 "a" 1
		5000 "a" 1
		1500 "a" 1.0
	END
	window tumbling 1s -a n=count --late drop
	status_is 0
	silent
	[ "$(results | paste -sd ' ')" = '["a",1000,2000,{"n":1}] ["a",5000,6000,{"n":1}]' ]
	window tumbling 1s -a n=count --late drop -v
	[[ $stderr == *1*late* ]]
	window tumbling 1s -a n=count --late late
	status_is 0
	[ "$(cat late)" = '{"topic":"in","partition":0,"offset":50,"ts":1500,"key":"a","payload":{"t":1500,"k":"a","v":1.0}}' ]
}

@test "a record exactly at the end of the window is late, one ms before is not" {
	printf '{"t":2000,"k":"a"}\n{"t":1999,"k":"a"}\n' > in
	window tumbling 1s --late late -a n=count
	status_is 0
	[ "$(wc -l < late)" -eq 1 ]
	printf '{"t":1999,"k":"a"}\n{"t":1000,"k":"a"}\n' > in
	rm late
	window tumbling 1s --late late -a n=count
	[ ! -s late ]
	[ "$(results)" = '["a",1000,2000,{"n":2}]' ]
}

@test "--out-of-order lets them in; late records can be replayed" {
	records <<-'END'
		1000 "a" 1
		5000 "a" 1
		1500 "a" 1
	END
	window tumbling 1s -a n=count --out-of-order 4s
	status_is 0
	[ "$(results | paste -sd ' ')" = '["a",1000,2000,{"n":2}] ["a",5000,6000,{"n":1}]' ]
	window tumbling 1s -a n=count --late late
	run --separate-stderr stream-window tumbling 1s --plain -a n=count late
	status_is 0
	[ "$(results)" = '["a",1000,2000,{"n":1}]' ]
}

@test "--allowed-lateness: final at the end, then a late pane with the whole content" {
	records <<-'END'
		1000 "a" 1
		2500 "b" 1
		1500 "a" 1
		1600 "c" 1
		4000 "a" 1
		1700 "a" 1
	END
	window tumbling 1s -a n=count --allowed-lateness 1s --late late
	status_is 0
	[ "$(jq -c '[.key, .window.start, .pane, .payload.n]' <<< "$output" | paste -sd ' ')" = \
		'["a",1000,"final",1] ["a",1000,"late",2] ["c",1000,"late",1] ["b",2000,"final",1] ["a",4000,"final",1]' ]
	[ "$(jq -c .payload.t late)" = 1700 ]
}

@test "bad is judged before late" {
	records <<-'END'
		5000 "a" 1
		1000 "a" "x"
	END
	window tumbling 1s -a s='sum(.v)' --late late --dead-letter dead
	status_is 0
	[ ! -s late ]
	[ "$(wc -l < dead)" -eq 1 ]
}

@test "retractions are bad records" {
	printf '{"ts":1,"key":"a","window":{"start":0,"end":5},"pane":"retract","payload":{}}\n' > in
	run --separate-stderr stream-window tumbling 1s --plain in
	status_is 1
	stderr_like '^stream-window: in:1: .*retract'
}

# ---- what it reads ----

@test "a pipe of records, a file, one process or two: the same results" {
	stream-window tumbling 1d --offset 5h -t .at -k .carrier --out-of-order 24h -a n=count -a d='sum(.dep_delay)' \
		-a m='mean(.dep_delay)' -a lo='min(.air_time)' -a hi='max(.at)' "$FLIGHTS" > one
	stream-cat -t .at -k .carrier --out-of-order 24h "$FLIGHTS" | stream-window tumbling 1d --offset 5h -a n=count \
		-a d='sum(.dep_delay)' -a m='mean(.dep_delay)' -a lo='min(.air_time)' -a hi='max(.at)' > two
	stream-cat -t .at -k .carrier --out-of-order 24h "$FLIGHTS" > saved
	stream-window tumbling 1d --offset 5h --out-of-order 24h -a n=count -a d='sum(.dep_delay)' \
		-a m='mean(.dep_delay)' -a lo='min(.air_time)' -a hi='max(.at)' saved > three
	for f in one two three; do
		jq -c 'select(.payload)' "$f" > "$f.records"
	done
	same one.records two.records
	same one.records three.records
	[ "$(wc -l < one.records)" -eq 148 ]
}

@test "windows over windows" {
	printf '{"t":%s,"k":"a"}\n' 100 1100 2100 3100 > in
	sh_run 'stream-window tumbling 1s -t .t --time-format ms -k .k in | stream-window tumbling 2s --plain -a n="sum(.count)"'
	status_is 0
	[ "$(results | paste -sd ' ')" = '["a",0,2000,{"n":2}] ["a",2000,4000,{"n":2}]' ]
}

@test "a jq in the middle that lets marks pass" {
	sh_run 'stream-cat -t .at -k .carrier --out-of-order 24h "$FLIGHTS" |
		jq -c "if .mark then . else select(.payload.origin == \"JFK\") end" |
		stream-window tumbling 1d --offset 5h --plain -a n=count | jq -s "map(.payload.n) | add"'
	status_is 0
	output_is "$(jq -s 'map(select(.origin == "JFK")) | length' "$FLIGHTS")"
}

@test "plain JSON without --time is a usage error that says what to give" {
	run --separate-stderr stream-window tumbling 1d "$FLIGHTS"
	status_is 2
	stderr_like '^stream-window: no --time, .*--time \.at'
	run --separate-stderr bash -c 'cat "$FLIGHTS" | stream-window tumbling 1d'
	status_is 2
}

@test "a stream without times: each record is bad" {
	sh_run 'stream-cat "$FLIGHTS" | stream-window tumbling 1d'
	[ "$status" -eq 1 ]
	[[ $stderr == *"stream-window: "*"no event time"* ]]
}

@test "--time and --out-of-order on a stream: usage errors" {
	for o in '--time .at' '--out-of-order 1h'; do
		sh_run "stream-cat -t .at \"\$FLIGHTS\" | stream-window tumbling 1d $o"
		status_is 2
		[[ $stderr == *"stream-window: ${o%% *}: "* ]]
	done
}

@test "an operand wins over stdin" {
	printf '{"t":1,"k":"a"}\n' > in
	run --separate-stderr bash -c 'printf "junk\n" | stream-window tumbling 1s --plain -t .t in'
	status_is 0
}

@test "empty input gives no windows" {
	: > in
	window tumbling 1s
	status_is 0
	output_is ""
	sh_run 'stream-cat -t .t in | stream-window tumbling 1s'
	status_is 0
	[ "${lines[-1]}" = '{"mark":"end"}' ]
}

@test "head in the middle: 75 and a hint; --cut-is-end takes it as the end" {
	pipe_run 'stream-cat -t .at -k .carrier --out-of-order 24h "$FLIGHTS" | head -1000 | stream-window tumbling 1d --plain'
	[ "$statuses" = "141 0 75" ]
	stderr_like '^stream-window: upstream broke off.*head.*--cut-is-end'
	pipe_run 'stream-cat -t .at -k .carrier --out-of-order 24h "$FLIGHTS" | head -1000 | stream-window tumbling 1d --plain --cut-is-end'
	[ "$statuses" = "141 0 0" ]
	silent
	[ "$(jq -s 'map(.payload.count) | add' <<< "$output")" -gt 500 ]
}

@test "fail upstream: the same status, and no second message" {
	printf '{"t":1}\nnope\n' > in
	pipe_run 'stream-cat -t .t in | stream-window tumbling 1s'
	[ "$statuses" = "1 1" ]
	stderr_like '^stream-cat: in:2: '
	[ "$(jq -r 'select(.mark == "fail") | .stage' <<< "$output")" = cat ]
	pipe_run 'stream-cat --frob | stream-window tumbling 1s --plain'
	[ "$statuses" = "2 2" ]
}

@test "marks go on: hello, watermarks, end" {
	printf '{"t":1,"k":"a"}\n{"t":1500,"k":"a"}\n' > in
	sh_run 'stream-cat -t .t --time-format ms -k .k in | stream-window tumbling 1s'
	status_is 0
	[ "$(jq -c '[.mark, .ts]' <<< "$output" | paste -sd ' ')" = \
		'["hello",null] ["watermark",1] [null,999] ["watermark",1500] [null,1999] ["watermark","max"] ["end",null]' ]
}

# ---- the outside ----

@test "results come as soon as the watermark passes, while the input is open" {
	mkfifo f
	stream-window tumbling 1s --plain -t .t --time-format ms f > out &
	pid=$!
	exec 9> f
	printf '{"t":1}\n{"t":1000}\n' >&9
	wait_for 10 grep -q '"count":1' out
	exec 9>&-
	wait "$pid"
	[ "$(wc -l < out)" -eq 2 ]
}

@test "/dev/full, closed stdout, a reader that leaves" {
	run --separate-stderr bash -c 'stream-window tumbling 1d -t .at --late drop "$FLIGHTS" > /dev/full'
	status_is 75
	stderr_is "stream-window: standard output: No space left on device"
	run --separate-stderr bash -c 'stream-window tumbling 1d -t .at "$FLIGHTS" >&-'
	status_is 1
	stderr_is "stream-window: standard output: Bad file descriptor"
	# More than a pipe takes in, however large it is made.
	pipe_run 'stream-window tumbling 1m -t .at -k .id -a all="collect(.)" --late drop "$YEAR" | head -n 1 > out'
	[ "$statuses" = "141 0" ]
	silent
}

@test "a filter lets the first SIGTERM pass and leaves by the end of its input" {
	mkfifo f
	printf '{"mark":"hello","version":1}\n{"ts":1,"payload":1}\n' > begin
	(exec stream-window tumbling 1s < f > out) &
	pid=$!
	exec 9> f
	cat begin >&9
	wait_for 10 grep -q hello out
	kill -TERM "$pid"
	printf '{"mark":"watermark","ts":"max"}\n{"mark":"end"}\n' >&9
	exec 9>&-
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 0 ]
	[ "$(tail -n 1 out)" = '{"mark":"end"}' ]
}

@test "the second SIGTERM ends it" {
	mkfifo f
	(exec stream-window tumbling 1s < f > out) &
	pid=$!
	exec 9> f
	printf '{"mark":"hello","version":1}\n' >&9
	wait_for 10 grep -q hello out
	kill -TERM "$pid"
	kill -TERM "$pid"
	wait_for 10 bash -c "kill -TERM $pid 2> /dev/null; ! kill -0 $pid 2> /dev/null || grep -q '^State:.Z' /proc/$pid/status"
	status=0
	wait "$pid" || status=$?
	exec 9>&-
	[ "$status" -eq 143 ]
}

@test "memory does not grow with the length of the input" {
	local kib=()
	for n in 100000 1000000; do
		awk -v n="$n" 'BEGIN { for (i = 0; i < n; i++) printf "{\"t\":%d,\"k\":\"user%d\",\"v\":%d}\n", i, i % 100, i }' > in
		run --separate-stderr bash -c 'stream-window tumbling 10s -t .t --time-format ms -k .k -a s="sum(.v)" in > out &
			pid=$!; peak=0
			while kill -0 $pid 2> /dev/null; do
				now=$(awk "/^VmHWM/ { print \$2 }" /proc/$pid/status 2> /dev/null); [ "${now:-0}" -le "$peak" ] || peak=$now
			done
			wait $pid; echo $peak'
		status_is 0
		kib+=("$output")
	done
	[ "${kib[1]}" -le $((kib[0] + 512)) ] || fail "${kib[*]} KiB"
}

# ---- the command line ----

@test "usage errors: 2, one line, and where to look" {
	while IFS='|' read -r args said; do
		run --separate-stderr bash -c "stream-window $args < /dev/null"
		status_is 2
		[[ $stderr == "stream-window: $said"* ]] || { told; fail "wanted: $said"; }
		[[ $stderr != *$'\n'* ]]
	done <<-'END'
		|what kind of window?
		tumbling|tumbling needs SIZE
		tumbling x|tumbling needs SIZE
		tumbling 0s|a window of 0s holds nothing
		tumbling 1s 2s|tumbling has one SIZE
		tumbing 1s|unknown kind of window tumbing (did you mean tumbling?)
		tumbling 1s --global -k .a|--global
		tumbling 1s -a|--aggregate needs a value
		tumbling 1s -a n=frob|-a
		tumbling 1s -a 'sum(.a)'|-a
		tumbling 1s -a n=sum|-a
		tumbling 1s -a n=count -a n=count|-a
		tumbling 1s -a 'n=quantile(.a)'|-a 'n=quantile(.a)': quantile needs more: quantile(PATH,Q)
		tumbling 1s -a 'n=quantile(.a,2)'|-a 'n=quantile(.a,2)': '2' is no number from 0 to 1
		tumbling 1s -a 'n=top(.a,0)'|-a 'n=top(.a,0)': '0' is no number from 1 to 10000
		tumbling 1s -a 'n=concat(.a,x)'|-a 'n=concat(.a,x)': 'x' is no string in double quotes
		tumbling 1s -a 'n=avg(.a)'|-a 'n=avg(.a)': no function 'avg': there is count, sum, min, max, mean, median, quantile, quantile~,
		tumbling 1s --allowed-lateness -1s|--allowed-lateness
		tumbling 1s --offset x|--offset
		tumbling 1s --body payload|--body is an option of stream-sink
	END
}

@test "a file that is called like a size is ./50" {
	printf '{"t":1,"k":"a"}\n' > ./50
	run --separate-stderr stream-window tumbling 1s --plain -t .t ./50
	status_is 0
	[ "${#lines[@]}" -eq 1 ]
}

@test "what a person tries first: flights by day and carrier" {
	run --separate-stderr stream-window tumbling 1d --time .at -k .carrier -a n=count "$FLIGHTS"
	status_is 1
	stderr_like '^stream-window: .*flights.ndjson:[0-9]+: .*--out-of-order.*--late'
	run --separate-stderr stream-window tumbling 1d --time .at -k .carrier -a n=count --out-of-order 24h "$FLIGHTS"
	status_is 0
}
