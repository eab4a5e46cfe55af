# stream-filter: records kept by a condition, other payloads and keys.

load helper

# filter ARGS…: over `in`.
filter() {
	run --separate-stderr stream-filter --plain "$@" in
}

payloads() {
	jq -c .payload <<< "$output" | paste -sd ' '
}

@test "a condition keeps records whole, in their envelope" {
	printf '{"a":1.10,"b":"x"}\n{"a":2, "b":"y"}\n{"b":"z"}\n' > in
	filter '.a > 1 and .b != "y"'
	status_is 0
	silent
	output_is '{"topic":"in","partition":0,"offset":0,"payload":{"a":1.10,"b":"x"}}'
	filter .c
	status_is 0
	output_is ""
}

@test "of a stream the bytes and the marks pass as they are" {
	stream-cat -t .at -k .carrier --out-of-order 24h "$FLIGHTS" > all
	stream-filter true < <(cat all) > same
	same <(tail -n +2 all) <(tail -n +2 same)
	[ "$(jq -c '.via | map(.[0])' <<< "$(head -n 1 same)")" = '["cat","filter"]' ]
	stream-filter '.carrier == "UA"' < <(cat all) > some
	same <(grep -F '"mark"' all | tail -n +2) <(grep -F '"mark"' some | tail -n +2)
	same <(grep -F '"key":"UA"' all) <(grep -vF '"mark"' some)
}

@test "the same records as jq keeps, and the same payloads as jq makes" {
	for expr in '.dep_delay > 60' '.carrier == "UA" or (.dest | startswith("S"))' '.arr_delay != null and .arr_delay - .dep_delay > 30' \
		'.tail == null' '[.origin, .dest] | any(. == "JFK")' '(.distance / 100 | floor) % 7 == 3'; do
		stream-filter --plain "$expr" "$FLIGHTS" | jq -c .payload > ours
		jq -c "select($expr)" "$FLIGHTS" > theirs
		same ours theirs
	done
	for expr in '{id, late: ((.dep_delay // 0) > 15), gained: ((.dep_delay // 0) - (.arr_delay // 0))}' '.origin, .dest' \
		'"\(.carrier)\(.flight): \(.origin)-\(.dest)"' 'select(.dep_delay > 60) | [.id, .dep_delay / 60]' \
		'del(.tail, .scheduled) | .speed = (if .air_time then .distance / .air_time * 60 else null end) | .carrier |= ascii_downcase'; do
		stream-filter --plain --map "$expr" "$FLIGHTS" | jq -c .payload > ours
		jq -c "$expr" "$FLIGHTS" > theirs
		same ours theirs
	done
}

@test "several payloads are records of their own, numbered on; one keeps its place" {
	printf '{"v":[1,2]}\n{"v":[3]}\n{"v":[]}\n{"v":[4.0,5]}\n' > in
	filter --map '.v[]'
	status_is 0
	output_is '{"topic":"filter","partition":0,"offset":0,"payload":1}
{"topic":"filter","partition":0,"offset":1,"payload":2}
{"topic":"in","partition":0,"offset":12,"payload":3}
{"topic":"filter","partition":0,"offset":2,"payload":4.0}
{"topic":"filter","partition":0,"offset":3,"payload":5}'
	filter --name items --map '.v[]'
	[ "$(jq -r .topic <<< "${lines[0]}")" = items ]
}

@test "--set-key gives another key" {
	printf '{"k":"x","n":1}\n{"n":2.50}\n' > in
	filter --set-key '.k // .n'
	status_is 0
	output_is '{"topic":"in","partition":0,"offset":0,"key":"x","payload":{"k":"x","n":1}}
{"topic":"in","partition":0,"offset":16,"key":"2.50","payload":{"n":2.50}}'
	filter --set-key '[.n]'
	status_is 1
	stderr_is 'stream-filter: in:1: --set-key: an array is no key: see tostring'
}

@test "--sample: the share that was asked for, the same ones each time, the smaller in the larger" {
	stream-filter --plain --sample 0.1 "$FLIGHTS" > tenth
	stream-filter --plain --sample 0.1 "$FLIGHTS" > again
	same tenth again
	stream-filter --plain --sample 0.5 "$FLIGHTS" > half
	n=$(wc -l < tenth)
	[ "$n" -gt 750 ] && [ "$n" -lt 1020 ]
	n=$(wc -l < half)
	[ "$n" -gt 4200 ] && [ "$n" -lt 4640 ]
	[ "$(sort tenth half | uniq -d | wc -l)" -eq "$(wc -l < tenth)" ]
	# Also behind a pipe, and beside a condition.
	stream-cat "$FLIGHTS" | stream-filter --plain --sample 0.1 > piped
	same tenth piped
	same <(stream-filter --plain --sample 0.1 --where '.carrier == "UA"' "$FLIGHTS") <(grep -F '"carrier":"UA"' tenth)
}

@test "select is a condition, too; null and false are not" {
	printf '{"a":1}\n{"a":false}\n{"a":0}\n' > in
	filter 'select(.a == 1)'
	[ "$(payloads)" = '{"a":1}' ]
	filter .a
	[ "$(payloads)" = '{"a":1} {"a":0}' ]
	filter 'empty'
	output_is ""
}

@test "an error ends the run, and says in which line; or it goes to the dead letters" {
	printf '{"a":1}\n{"a":"x"}\n{"a":3}\n' > in
	filter '.a + 1 > 1'
	status_is 1
	stderr_is 'stream-filter: in:2: string ("x") and number (1) cannot be added'
	filter '.a + 1 > 1' --dead-letter dead
	status_is 0
	[ "$(payloads)" = '{"a":1} {"a":3}' ]
	[ "$(jq -c '[.offset, .payload, .error]' dead)" = '[8,{"a":"x"},{"stage":"filter","reason":"string (\"x\") and number (1) cannot be added"}]' ]
	filter --map '.a * 2, .a + 1' --dead-letter dead2
	[ "$(payloads)" = '2 2 6 4' ]
	[ "$(jq -r .error.reason dead2)" = '--map: string ("x") and number (1) cannot be added' ]
	filter '"x" * 1e9 == .a'
	status_is 1
	stderr_is 'stream-filter: in:1: the expression takes too much memory for this record'
}

@test "what is no expression is a usage error that says where" {
	printf '{}\n' > in
	filter '.a >'
	status_is 2
	stderr_is "stream-filter: --where '.a >': byte 5: here it ends; expected a value"
	filter --fast --map '.a | test("x")'
	status_is 2
	stderr_is "stream-filter: --map '.a | test(\"x\")': byte 6: test/1: not in the everyday part of jq's language"
	filter --map '.a as $x | $y'
	status_is 2
	stderr_is "stream-filter: --map '.a as \$x | \$y': \$y is not defined"
	filter --map '[.a, now]'
	status_is 2
	stderr_is "stream-filter: --map '[.a, now]': now is refused: the clock must not decide what comes out"
	filter --set-key '{a'
	status_is 2
	stderr_is "stream-filter: --set-key '{a': byte 3: here it ends; expected }"
	# Downstream hears of it.
	sh_run "stream-filter '.a >' in | stream-sink -"
	status_is 2
}

@test "what is not in the everyday part libjq runs: the same bytes as jq -c" {
	for expr in '.tail | test("^N1.*US$")?' '[.origin, .dest] | inside(["JFK", "SFO"])' 'reduce (.distance, .air_time) as $x (0; . + ($x // 0)) > 2000'; do
		stream-filter --plain "$expr" "$FLIGHTS" | jq -c .payload > ours
		jq -c "select($expr)" "$FLIGHTS" > theirs
		same ours theirs
		[ -s ours ]
	done
	# No member is a large number, so what jq makes of the payload is what libjq made.
	for expr in '. as {$origin, $dest} | {route: "\($origin)-\($dest)", tail: .tail[0:2]}' 'to_entries[0:2] | from_entries' '[.[] | numbers]' \
		'(.at[0:19] + "Z") | strptime("%Y-%m-%dT%H:%M:%SZ") | mktime | . / 86400' '[.carrier, .flight] | @csv, @base64'; do
		stream-filter --plain --map "$expr" "$FLIGHTS" | sed 's/.*"payload"://; s/}$//' > ours
		jq -c "$expr" "$FLIGHTS" > theirs
		same ours theirs
	done
}

@test "numbers are doubles in libjq; what is only kept stays as it is" {
	printf '{"id":9007199254740993,"p":1.10}\n' > in
	filter --map .
	[ "$(sed 's/.*"payload"://; s/}$//' <<< "$output")" = '{"id":9007199254740993,"p":1.10}' ]
	filter --map '. as $all | $all'
	[ "$(sed 's/.*"payload"://; s/}$//' <<< "$output")" = '{"id":9007199254740992,"p":1.1}' ]
	filter --where '.id as $x | true'
	[ "$(sed 's/.*"payload"://; s/}$//' <<< "$output")" = '{"id":9007199254740993,"p":1.10}' ]
}

@test "--explain tells which engine runs what, and reads nothing" {
	run --separate-stderr stream-filter --explain --where '.a > 1' --set-key '.a as $x | $x' --map '{a}' nowhere
	status_is 0
	silent
	output_is "--where '.a > 1': at scan speed
--set-key '.a as \$x | \$x': by libjq, for byte 4: a variable: not in the everyday part of jq's language
--map '{a}': at scan speed"
	run --separate-stderr stream-filter --explain '.a |'
	status_is 2
	output_is ""
	run --separate-stderr stream-join --explain --within 1s --where '.left.a | test("x")' l r
	status_is 0
	output_is "--where '.left.a | test(\"x\")': by libjq, for byte 11: test/1: not in the everyday part of jq's language"
	run --separate-stderr stream-join --fast --within 1s --where '.left.a | test("x")' l r
	status_is 2
}

@test "only the commands with expressions are linked with libjq" {
	for command in cat window dedup sort sink; do
		! ldd "$(command -v "stream-$command")" | grep libjq
	done
	ldd "$(command -v stream-filter)" | grep -q libjq
}

@test "an expression without an end: many outputs are a bad record, much time ends the run" {
	printf '{"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}\n' > in
	filter --map 'repeat(1)' --dead-letter dead
	status_is 0
	[ "$(jq -r .error.reason dead)" = '--map: the expression has too many outputs for this record' ]
	filter '.a | test("^(a|a)*$")' --dead-letter dead2
	status_is 0
	run --separate-stderr stream-filter --map 'def f: f; f' --dead-letter dead3 in
	status_is 1
	stderr_is 'stream-filter: in:1: --map: the expression takes more than 5 seconds for this record'
	[ ! -s dead3 ]
	# Downstream knows that trying again does not help.
	[ "$(tail -n 1 <<< "$output" | jq -c '[.mark, .status]')" = '["fail",1]' ]
}

@test "what no reader would take, nested too deep, is a bad record" {
	awk 'BEGIN { for (i = 0; i < 1022; i++) s = s "["; for (i = 0; i < 1022; i++) s = s "]"; print s }' > in
	filter --map '[.]'
	status_is 0
	stream-cat --format record --plain - <<< "$output" > /dev/null
	filter --map '[[.]]'
	status_is 1
	stderr_is 'stream-filter: in:1: --map: what it gives is nested too deep'
	printf '0\n' > in
	filter --map 'reduce range(1030) as $i (0; [.])'
	status_is 1
	stderr_is 'stream-filter: in:1: --map: what it gives is nested too deep'
}

@test "--set, --pick and --drop: the values that jq makes, and the bytes of all else" {
	stream-filter --plain --set .gain='(.dep_delay // 0) - (.arr_delay // 0)' --set '.route.via=.origin + "-" + .dest' \
		--set '.stops[1]=.dest' "$FLIGHTS" | jq -c .payload > ours
	jq -c '.gain = (.dep_delay // 0) - (.arr_delay // 0) | .route.via = .origin + "-" + .dest | .stops[1] = .dest' "$FLIGHTS" > theirs
	same ours theirs
	stream-filter --plain --drop .tail,.scheduled --drop .nothing "$FLIGHTS" | jq -c .payload > ours
	jq -c 'del(.tail, .scheduled)' "$FLIGHTS" > theirs
	same ours theirs
	stream-filter --plain --pick .carrier,.id "$FLIGHTS" | jq -cS .payload > ours
	jq -cS '{carrier, id}' "$FLIGHTS" > theirs
	same ours theirs
	printf '{ "a" : 1.10, "b":{"c":9007199254740993 , "d":"\\u00e9"} }\n' > in
	filter --set .b.c=2 --set '.e=[]'
	[ "$(sed 's/.*"payload"://; s/}$//' <<< "$output")" = '{ "a" : 1.10, "b":{"c":2 , "d":"\u00e9"},"e":[] }' ]
	filter --drop .a
	[ "$(sed 's/.*"payload"://; s/}$//' <<< "$output")" = '{ "b":{"c":9007199254740993 , "d":"\u00e9"} }' ]
	filter --pick .b.c
	[ "$(sed 's/.*"payload"://; s/}$//' <<< "$output")" = '{"b":{"c":9007199254740993}}' ]
}

@test "odd payloads edited as jq edits them" {
	cat > in <<-'END'
		{}
		{"a":null,"b":[]}
		{"a":{"b":{"c":1}},"b":[{"x":1},{"x":2}]}
		{ "b" : [ 0 , [ 1 ] ] , "a" : { "\u0062" : { } } , "é" : 1 }
		{"a":{"b":{}},"a":{"b":{"c":5}},"x y":{"":1}}
		[]
		null
		7
		{"a":5}
		{"a":"x","b":{"0":1}}
	END
	# Each path, and as jq tells it.
	while read -r path steps; do
		path=${path//_/ }
		steps=${steps//_/ }
		stream-filter --plain --set "$path=17" --dead-letter bad in | jq -c .payload > ours
		jq -c "try ($path = 17) catch empty" in > theirs
		same ours theirs
		stream-filter --plain --drop "$path" in | jq -c .payload > ours
		jq -c ". as \$all | try del($path) catch \$all" in > theirs
		same ours theirs
		# What is there, alone; a scalar has nothing to pick from.
		stream-filter --plain --pick "$path" --dead-letter bad in | jq -c .payload > ours
		jq -c "select(type | . != \"number\" and . != \"string\") | . as \$all | (if . == null then . elif type == \"array\" then [] else {} end) |
			if \$all | any(paths; . == $steps) then setpath($steps; \$all | getpath($steps)) else . end" in > theirs
		same ours theirs
	done <<-'END'
		.a ["a"]
		.a.b.c ["a","b","c"]
		.b[1] ["b",1]
		.b[0].x ["b",0,"x"]
		.["x_y"] ["x_y"]
		.["é"] ["é"]
		.["a"]["b"] ["a","b"]
		.b[3] ["b",3]
	END
}

@test "what is no path, or none of the payload, is a usage error" {
	printf '{}\n' > in
	filter --set .a
	status_is 2
	stderr_is "stream-filter: --set '.a': PATH=EXPR, as in .total='.price * .n'"
	filter --set '$.key=1'
	status_is 2
	stderr_is "stream-filter: --set '\$.key=1': \$.key: only what is in the payload can be edited"
	filter --set '.a=1 +'
	status_is 2
	stderr_is "stream-filter: --set '.a=1 +': byte 4: here it ends; expected a value"
	filter --pick a,.b
	status_is 2
	stderr_is "stream-filter: --pick 'a,.b': a path begins with a dot: .a?"
	filter --drop .
	status_is 2
	stderr_is "stream-filter: --drop '.': '.' is the whole payload"
	filter --drop .a,
	status_is 2
	run --separate-stderr stream-filter --explain --set '.a=.b' --set '.["x=y"]=.b as $x | $x' in
	output_is "--set '.a=.b': at scan speed
--set '.[\"x=y\"]=.b as \$x | \$x': by libjq, for byte 4: a variable: not in the everyday part of jq's language"
}

@test "the first word is the expression, unless an option is there" {
	printf '{"a":1}\n' > in
	run --separate-stderr stream-filter
	status_is 2
	stderr_is "stream-filter: what to keep? give an expression: '.price > 100'; see stream-filter --help"
	filter --where '.a == 1'
	[ "$(payloads)" = '{"a":1}' ]
	run --separate-stderr stream-filter --map .a '.a > 0' in
	status_is 2
	stderr_is "stream-filter: .a > 0 stands where a file is expected: beside other options, a condition is --where EXPR; see stream-filter --help"
	run --separate-stderr stream-filter ''
	status_is 2
	stderr_is "stream-filter: an empty word where an expression is expected; see stream-filter --help"
	for share in 0 1.1 x; do
		run --separate-stderr stream-filter --sample "$share" in
		status_is 2
		stderr_like '^stream-filter: --sample'
	done
}

@test "under a checkpoint: what another expression would make of the rest is an error" {
	printf '{"a":1}\n{"a":2}\n' > in
	run_it() {
		sh_run "stream-filter --checkpoint state --map '$1' -f -e in | stream-sink --checkpoint state file:out"
	}
	run_it '.a, .a'
	status_is 0
	printf '{"a":3}\n' >> in
	run_it '.a, .a + 1'
	status_is 1
	[[ "$stderr" == *--map* ]]
	run_it '.a, .a'
	status_is 0
	[ "$(jq -c '[.offset, .payload]' out | paste -sd ' ')" = '[0,1] [1,1] [2,2] [3,2] [4,3] [5,3]' ]
}

@test "windows behind it see the new keys and payloads" {
	sh_run "stream-cat -t .at --out-of-order 24h $FLIGHTS | stream-filter --where '.dep_delay != null' --set-key .dest --map '{d: .dep_delay}' |
		stream-window tumbling 100d -a n=count -a d='sum(.d)' --plain | jq -c '[.key, .payload]' | sort"
	status_is 0
	same <(echo "$output") <(jq -sc 'map(select(.dep_delay != null)) | group_by(.dest)[] | [.[0].dest, {n: length, d: (map(.dep_delay) | add)}]' "$FLIGHTS" | sort)
}
