# stream-join: the records of two inputs that belong together.

load helper

# Records t k v, one a line, as bare JSON.
records() {
	awk 'NF { printf "{\"t\":%s,\"k\":%s,\"v\":%s}\n", $1, $2, $3 }' > "$1"
}

two_sides() {
	records l <<-'END'
		1000 "a" 1
		2000 "b" 2
		3000 "a" 3
		9000 "c" 4
		9500 null 5
	END
	records r <<-'END'
		1500 "a" 10
		2900 "b" 20
		3100 "a" 30
		9800 "z" 40
		9900 null 50
	END
}

# join ARGS…: of left and right, times in ms, keys .k.
join() {
	run --separate-stderr stream-join "$@" --plain -t .t --time-format ms -k .k l r
}

# What comes out, as left.v-right.v; null is the one that is missing.
pairs() {
	jq -r '"\(.payload.left.v)-\(.payload.right.v)"' <<< "$output" | paste -sd' '
}

@test "a pair: the stage as topic, a running number, the larger time, key, both payloads" {
	two_sides
	join --within 500ms
	status_is 0
	silent
	output_is '{"topic":"join","partition":0,"offset":0,"ts":1500,"key":"a","payload":{"left":{"t":1000,"k":"a","v":1},"right":{"t":1500,"k":"a","v":10}}}
{"topic":"join","partition":0,"offset":1,"ts":3100,"key":"a","payload":{"left":{"t":3000,"k":"a","v":3},"right":{"t":3100,"k":"a","v":30}}}'
}

@test "--within A..B: both ends included, negative ones as well" {
	two_sides
	join --within 0s..500ms
	[ "$(pairs)" = "1-10 3-30" ]
	join --within 100ms..900ms
	[ "$(pairs)" = "1-10 2-20 3-30" ]
	join --within -1500ms..-1s
	[ "$(pairs)" = "3-10" ]
}

@test "--since, --until, --from are for both sides" {
	two_sides
	join --within 500ms --since 1970-01-01T00:00:02Z
	[ "$(pairs)" = "3-30" ]
	join left --within 500ms --until 1970-01-01T00:00:03Z
	[ "$(pairs)" = "1-10 2-null" ]
	join --within 500ms --from @1970-01-01T00:00:02Z
	[ "$(pairs)" = "3-30" ]
	join left --within 500ms --from -3
	[ "$(pairs | tr ' ' '\n' | sort | paste -sd' ')" = "3-30 4-null 5-null" ]
}

@test "--until on a file beside a stream: the file ends there, the stream goes on" {
	two_sides
	run --separate-stderr stream-join left --within 500ms --until 1970-01-01T00:00:03Z --plain -t .t --time-format ms -k .k \
		<(stream-cat -t .t --time-format ms -k .k l) r
	status_is 0
	[ "$(pairs | tr ' ' '\n' | sort | paste -sd' ')" = "1-10 2-null 3-null 4-null 5-null" ]
}

@test "--from N is of one file, and of no table" {
	two_sides
	join --within 500ms --from 26
	status_is 2
	stderr_like 'an offset is of one file; there are 2'
	run --separate-stderr stream-join --table r --on .k --plain --from 25 l
	status_is 0
	[ "$(pairs)" = "2-20 3-10 3-30" ]
}

@test "kinds: left, right, full pad with null; semi and anti let the left ones through as they came" {
	two_sides
	join left --within 500ms
	[ "$(pairs | tr ' ' '\n' | sort | paste -sd' ')" = "1-10 2-null 3-30 4-null 5-null" ]
	join right --within 500ms
	[ "$(pairs | tr ' ' '\n' | sort | paste -sd' ')" = "1-10 3-30 null-20 null-40 null-50" ]
	join full --within 500ms
	[ "$(pairs | tr ' ' '\n' | sort | paste -sd' ')" = "1-10 2-null 3-30 4-null 5-null null-20 null-40 null-50" ]
	join semi --within 500ms
	[ "$(jq -c '[.topic, .payload.v]' <<< "$output" | paste -sd' ')" = '["l",1] ["l",3]' ]
	join anti --within 500ms
	[ "$(jq .payload.v <<< "$output" | sort | paste -sd' ')" = '2 4 5' ]
}

@test "null equals null with --null-keys" {
	two_sides
	join --within 500ms --null-keys
	[ "$(pairs)" = "1-10 3-30 5-50" ]
}

@test "--window: pairs of one window, when it closes, with its bounds" {
	two_sides
	join --window 'tumbling 2s'
	status_is 0
	[ "$(pairs)" = "1-10 2-20 3-30" ]
	[ "$(jq -c '[.ts, .window]' <<< "$output" | head -n 1)" = '[1999,{"start":0,"end":2000}]' ]
	join full --window 'sliding 2s 1s'
	status_is 0
	[ "$(jq -c 'select(.key == "z")' <<< "$output" | wc -l)" -eq 2 ]
}

@test "--as-of: the version that held; --latest: what has come; a null payload deletes" {
	two_sides
	join left --as-of                       # a null key waits for nobody
	[ "$(pairs)" = "1-null 2-null 3-10 5-null 4-null" ]
	run --separate-stderr stream-join --latest --plain -t .t --time-format ms -k .k l r
	[ "$(pairs)" = "3-10" ]
	printf '%s\n' '{"ts":1500,"key":"a","payload":{"v":10}}' '{"ts":2500,"key":"a","payload":null}' > r
	run --separate-stderr stream-join left --as-of --plain --left-time .t --time-format ms --left-on .k l r
	[ "$(pairs)" = "1-null 2-null 3-null 5-null 4-null" ]
}

@test "--on several: all have to be equal; --left-on and --right-on name them apart" {
	printf '%s\n' '{"t":1,"a":1,"b":"x","v":1}' '{"t":2,"a":1,"b":"y","v":2}' > l
	printf '%s\n' '{"t":1,"c":"1","d":"x","v":3}' '{"t":2,"c":2,"d":"y","v":4}' > r
	run --separate-stderr stream-join --within 1s --plain -t .t --time-format ms --left-on .a --left-on .b --right-on .c \
		--right-on .d l r
	status_is 0
	[ -z "$output" ]                        # in an array 1 and "1" are two
	run --separate-stderr stream-join --within 1s --plain -t .t --time-format ms --left-on .a --right-on .c l r
	[ "$(pairs)" = "1-3 2-3" ]
	[ "$(jq -c .key <<< "$output" | head -n 1)" = '"1"' ]
}

@test "--left-time, --right-time" {
	printf '%s\n' '{"from":"1970-01-01T00:00:01Z","k":1}' > l
	printf '%s\n' '{"at":"1970-01-01T00:00:02Z","k":1}' > r
	run --separate-stderr stream-join --within 1s --plain --left-time .from --right-time .at -k .k l r
	status_is 0
	[ "$(jq .ts <<< "$output")" = 2000 ]
	run --separate-stderr stream-join --within 1s --plain --left-time .from -k .k l r
	status_is 2
	stderr_like 'no --time'
}

@test "--where judges pairs over .left and .right; one that it cannot judge is a dead letter, or the end" {
	two_sides
	join left --within 2s --where '.right.v > 15 and .left.v >= 2'
	status_is 0
	[ "$(pairs | tr ' ' '\n' | sort | paste -sd' ')" = "1-null 2-20 3-30 4-null 5-null" ]
	join anti --within 2s --where '.right.v > 15 and .left.v >= 2'
	[ "$(jq -s -c 'map(.payload.v) | sort' <<< "$output")" = "[1,4,5]" ]
	join --within 500ms --where '.right.v + "x" == 1'
	status_is 1
	[ "$stderr" = 'stream-join: --where: number (10) and string ("x") cannot be added' ]
	join --within 500ms --where '.right.v + "x" == 1' --dead-letter dead
	status_is 0
	[ "$(jq -c '[.payload.left.v, .payload.right.v, .error.stage]' dead | paste -sd' ')" = '[1,10,"join"] [3,30,"join"]' ]
	join --within 500ms --where '.left.v =='
	status_is 2
	[[ "$stderr" = "stream-join: --where '.left.v ==': "* ]]
	join --within 2s --where '[.right.v, .left.v] as [$r, $l] | $r == 10 * $l'
	status_is 0
	[ "$(pairs | tr ' ' '\n' | sort | paste -sd' ')" = "1-10 2-20 3-30" ]
	join --within 500ms --where '$.ts > 1'
	status_is 2
	[[ "$stderr" = *"there is no record around a pair, only .left and .right"* ]]
}

@test "--combine puts the members side by side; --as names the sides" {
	two_sides
	join --within 500ms --combine
	[ "$(jq -c .payload <<< "$output" | head -n 1)" = '{"t":1500,"k":"a","v":10}' ]
	join --within 500ms --combine -v --metrics m
	[[ "$stderr" = *", 2 clashes"* ]]
	grep -q '^stream_records_clash_total{stage="join"} 2$' m
	join left --within 100ms --as orders,payments
	[ "$(jq -c '.payload | keys_unsorted' <<< "$output" | sort -u)" = '["orders","payments"]' ]
}

@test "late: behind the watermark of its own side; ends the run, or goes to --late" {
	printf '%s\n' '{"t":5000,"k":1,"v":1}' '{"t":4000,"k":1,"v":2}' > l
	printf '%s\n' '{"t":4000,"k":1,"v":3}' > r
	join --within 1s
	status_is 1
	stderr_like 'l:2: late: '
	join --within 1s --late late
	status_is 0
	[ "$(pairs)" = "1-3" ]
	[ "$(jq .payload.v late)" = 2 ]
	join --within 1s --out-of-order 1s
	[ "$(pairs | tr ' ' '\n' | sort | paste -sd' ')" = "1-3 2-3" ]
}

@test "what is asked for wrongly: 2, and what to do" {
	two_sides
	for words in 'left right:which records belong together' '--within 1s l:two inputs are needed' \
		'--within 1s l r more:more is one too many' '--within 1s - -:both inputs cannot be stdin' \
		'--within 1s --as-of l r:give one of them' 'right --as-of l r:only what the left side has' \
		'--window session l r:session needs GAP' '--window global l r:global ones do not' \
		'--within 2s..1s l r:the lower bound stands first' '--within 1s --on .k --left-on .k l r:--on is for both' \
		'--within 1s --as a l r:two names with a comma' '--within 1s --as a,a l r:two names' \
		'semi --within 1s --combine l r:as they came' '--table t l r:r is one too many' \
		'--within 1s --tz UTC l r:--tz is for --window' '--within 1s --max-records 1 l r:not of stream-join'; do
		# shellcheck disable=SC2086
		run --separate-stderr stream-join ${words%%:*}
		status_is 2
		[[ $stderr == *"${words#*:}"* ]] || fail "$words: $stderr"
	done
}

# ---- what the inputs are ----

@test "files, <(…), FIFOs, stdin, streams or bare lines: the same set" {
	two_sides
	mkfifo one two
	args=(full --within 1s --plain -t .t --time-format ms -k .k)
	source=(stream-cat -t .t --time-format ms -k .k)
	stream-join "${args[@]}" l r | jq -c .payload | sort > want
	[ "$(wc -l < want)" -eq 7 ]
	stream-join "${args[@]}" <(cat l) <(cat r) | jq -c .payload | sort > got
	same want got
	"${source[@]}" l | stream-join "${args[@]}" - <("${source[@]}" r) | jq -c .payload | sort > got
	same want got
	"${source[@]}" r | stream-join "${args[@]}" l - | jq -c .payload | sort > got
	same want got
	"${source[@]}" l > one & cat r > two &
	stream-join "${args[@]}" one two | jq -c .payload | sort > got
	same want got
	"${source[@]}" l > saved
	stream-join "${args[@]}" saved /dev/stdin < r | jq -c .payload | sort > got
	same want got
}

@test "two files: the same bytes each time" {
	run stream-join full --within 2h --time .at --on .dest --out-of-order 24h "$FLIGHTS" "$TOP/examples/data/weather.ndjson"
	status_is 0
	first=$(md5sum <<< "$output")
	run stream-join full --within 2h --time .at --on .dest --out-of-order 24h "$FLIGHTS" "$TOP/examples/data/weather.ndjson"
	[ "$(md5sum <<< "$output")" = "$first" ]
}

@test "an input that is empty, and one that is no file" {
	two_sides
	: > l
	join left --within 1s
	status_is 0
	output_is ""
	join right --within 1s
	[ "$(wc -l <<< "$output")" -eq 5 ]
	run --separate-stderr stream-join --within 1s -t .t l missing
	status_is 1
	stderr_like 'missing: No such file'
}

@test "a side that breaks off: 75, and names it; fail of a side: its status" {
	two_sides
	stream-cat -t .t --time-format ms -k .k l > saved
	head -n 3 saved > torn
	run --separate-stderr stream-join --within 1s <(cat torn) <(cat saved)
	status_is 75
	stderr_like 'upstream broke off'
	run --separate-stderr stream-join --within 1s --cut-is-end --plain <(cat torn) <(cat saved)
	status_is 0
	printf '%s\n' 'no JSON' >> r
	run --separate-stderr stream-join --within 1s <(cat saved) <(stream-cat -t .t --time-format ms r 2> /dev/null)
	status_is 1
	[ "$(tail -n 1 <<< "$output" | jq -r '.mark + " " + .stage')" = "fail cat" ]
}

@test "an idle side does not hold the other back" {
	records l <<< '1000 "a" 1'
	printf '%s\n' '{"mark":"hello","version":1}' '{"topic":"r","partition":0,"offset":0,"ts":1000,"key":"a","payload":{"v":2}}' \
		'{"mark":"watermark","ts":1000}' > begun
	mkfifo r
	exec {hold}<> r
	cat begun >&"$hold"
	stream-join left --within 100ms <(printf '%s\n' '{"mark":"hello","version":1}'
		printf '{"topic":"l","partition":0,"offset":0,"ts":5000,"key":"b","payload":{"v":1}}\n{"mark":"watermark","ts":9000}\n'
		wait_for 20 test -s padded
		printf '{"mark":"watermark","ts":"max"}\n{"mark":"end"}\n') r > out &
	join=$!
	wait_for 10 grep -q hello out
	printf '{"mark":"idle"}\n' >&"$hold"
	wait_for 10 grep -q '"right":null' out
	echo x > padded
	printf '{"mark":"active"}\n{"mark":"watermark","ts":"max"}\n{"mark":"end"}\n' >&"$hold"
	wait "$join"
	[ "$(tail -n 1 out)" = '{"mark":"end"}' ]
}

# ---- nobody waits for whom he keeps waiting ----

@test "a stream that tee sends into both inputs goes through" {
	mkfifo one two
	stream-cat -t .at -k .id --out-of-order 24h "$FLIGHTS" | tee one > two &
	run stream-join --within 0s --plain one two
	status_is 0
	[ "$(wc -l <<< "$output")" -eq 8832 ]
	stream-cat -t .at -k .carrier --out-of-order 24h "$FLIGHTS" | tee one | stream-window tumbling 1h -a n=count > two &
	run bash -c "stream-join --window 'tumbling 1h' --plain one two | jq -s '[.[].payload.right.n] | length'"
	output_is 8832
}

@test "lines that come late: one side waits on disk until the other's first" {
	mkfifo one two
	for _ in 1 2 3 4; do cat "$FLIGHTS"; done > many
	tee one < many | tac > two &
	TMPDIR=$PWD run stream-join --within 0s --plain -t .at --on .id --out-of-order 30d --memory 1M one two
	status_is 0
	[ "$(wc -l <<< "$output")" -eq $((8832 * 16)) ]
}

@test "--memory: the one that is ahead waits" {
	mkfifo one
	# The left side ends before the right one begins; only its beginning is taken in.
	{ stream-cat -t .at -k .id --out-of-order 24h "$FLIGHTS"; : > through; } > one &
	run bash -c "
		stream-join --within 0s --plain --memory 64K one <(
			until [ -e through ]; do read -r -t 0.01 <> <(:); done
			stream-cat -t .at -k .id --out-of-order 24h '$FLIGHTS') | wc -l"
	status_is 0
	output_is 8832
}

# ---- tables ----

table() {
	printf '%s\n' '{"k":"a","n":1}' '{"k":"b","n":2}' '{"k":"a","n":3}' > t
}

@test "--table: every row with the key; no times needed; kinds; compressed" {
	two_sides
	table
	run --separate-stderr stream-join --table t --on .k --plain l
	status_is 0
	[ "$(jq -c '[.payload.left.v, .payload.right.n]' <<< "$output" | paste -sd' ')" = '[1,1] [1,3] [2,2] [3,1] [3,3]' ]
	run --separate-stderr stream-join anti --table t --on .k --plain l
	[ "$(jq .payload.v <<< "$output" | paste -sd' ')" = '4 5' ]
	zstd -q t
	run --separate-stderr bash -c 'stream-cat l | stream-join left --table t.zst --left-on .k --right-on .k --plain'
	[ "$(wc -l <<< "$output")" -eq 7 ]
	run --separate-stderr bash -c 'stream-cat -k .k l | stream-join semi --table <(cat t) --right-on .k --plain'
	[ "$(wc -l <<< "$output")" -eq 3 ]
}

@test "--table with a bad row, or missing: 1; --dead-letter takes the row" {
	two_sides
	table
	echo '{"k":[1]}' >> t
	run --separate-stderr stream-join --table t --on .k --plain l
	status_is 1
	stderr_like '^stream-join: t:4: '
	run --separate-stderr stream-join --table t --on .k --plain --dead-letter dead l
	status_is 0
	[ "$(wc -l < dead)" -eq 1 ]
	run --separate-stderr stream-join --table missing --on .k --plain l
	status_is 1
	stderr_like 'missing: No such file'
}

# A stream by hand into $in; joined with the table t into out.
by_hand() {
	mkfifo in
	exec {in}<> in
	stream-join left --table t --left-on .k --right-on .k "$@" < in > out 2> told &
	join=$!
	echo '{"mark":"hello","version":1}' >&"$in"
}

ask() {
	printf '{"topic":"x","partition":0,"offset":%s,"payload":{"k":"a","v":%s}}\n' "$1" "$1" >&"$in"
}

answered() {
	[ "$(jq -c "select(.payload.left.v == $1) | .payload.right.n" out | paste -sd' ')" = "$2" ]
}

@test "SIGHUP: the table is read again; one that cannot be read leaves the old one" {
	table
	by_hand
	ask 1
	wait_for 10 answered 1 '1 3'
	echo '{"k":"a","n":7}' > t
	ask 2
	wait_for 10 answered 2 '1 3'
	kill -HUP "$join"
	ask 3
	wait_for 10 answered 3 7
	echo 'no JSON' > t
	kill -HUP "$join"
	ask 4
	wait_for 10 answered 4 7
	rm t
	kill -HUP "$join"
	ask 5
	wait_for 10 answered 5 7
	printf '{"mark":"end"}\n' >&"$in"
	wait "$join"
	[ "$(grep -c 'the table stays as it was' told)" -eq 2 ]
}

@test "--table-watch: it is read again when it has changed" {
	table
	by_hand --table-watch
	ask 1
	wait_for 10 answered 1 '1 3'
	echo '{"k":"a","n":77}' > new
	mv new t
	ask 2
	wait_for 10 answered 2 77
	printf '{"mark":"end"}\n' >&"$in"
	wait "$join"
	[ ! -s told ]
}

# The most that a command takes, in KiB.
peak() {
	/usr/bin/time -f %M -o peak "$@" > /dev/null
	cat peak
}

@test "records that can have no partner any more give their memory back: over ten horizons as much as over one" {
	[ -x /usr/bin/time ] || skip "no /usr/bin/time"
	[[ $BUILD != */asan ]] || skip "what is freed is kept a while, to catch who uses it"
	seq 0 50 1000000 | awk '{ printf "{\"t\":%d,\"k\":\"key %d\"}\n", $1 * 10, NR }' > ten
	head -n 2000 ten > one
	for how in '--within 1000s' '--window "tumbling 1000s"'; do
		eval "set -- $how"
		one=$(peak stream-join full "$@" -t .t --time-format ms -k .k --plain one one)
		ten=$(peak stream-join full "$@" -t .t --time-format ms -k .k --plain ten ten)
		[ "$ten" -lt $((one + 2000)) ] || fail "$how: $one KiB over one horizon, $ten over ten"
	done
	all=$(peak stream-join full --within 100000s -t .t --time-format ms -k .k --plain ten ten)
	[ "$all" -gt $((ten + 4000)) ] || fail "$all KiB where all is kept, $ten where it goes"
}

# ---- under a checkpoint ----

# Two sources, a join, a sink: go KIND…
flights() {
	export STREAM_CHECKPOINT=state
	head -n 3000 "$FLIGHTS" > a
	tac a > b
}

want() {
	env -u STREAM_CHECKPOINT stream-join left --within 1h --time .at --on .dest --on .carrier --out-of-order 30d --plain "$1" "$2" |
		jq -cS 'del(.offset)' | sort > want
}

got() {
	jq -cS 'del(.offset)' out | sort > got
	same want got
}

streams() {
	stream-join left --within 1h --on .dest --on .carrier \
		<(stream-cat --name a -t .at --out-of-order 30d "$@" a) <(stream-cat --name b -t .at --out-of-order 30d "$@" b) |
		stream-sink file:out
}

mixed() {
	stream-cat -t .at --out-of-order 30d "$@" a |
		stream-join left --within 1h -t .at --out-of-order 30d --on .dest --on .carrier --checkpoint-interval 1ms - b |
		stream-sink file:out
}

files() {
	stream-join left --within 1h -t .at --out-of-order 30d --on .dest --on .carrier --checkpoint-interval 1ms a b |
		stream-sink file:out
}

@test "two streams, a stream and a file, two files: the same set; run again nothing is added" {
	flights
	want a b
	for how in streams mixed files; do
		rm -rf state out
		"$how"
		jq -e .closed state/commit > /dev/null
		got
		cp out before
		"$how"
		same out before
	done
}

@test "one side stops, the other ends: the whole has stopped, and a rerun goes on" {
	flights
	want a b
	for how in streams mixed; do
		rm -rf state out
		cp a whole
		head -n 1000 whole > a
		"$how" -f -e
		[ "$(wc -l < out)" -lt "$(wc -l < want)" ]
		cp whole a
		"$how"
		got
	done
}

@test "killed at any moment, again and again: the same set" {
	flights
	want a b
	for how in streams mixed files; do
		rm -rf state out
		for n in 1 2 3 4; do
			"$how" --checkpoint-interval 1ms 2> /dev/null &
			sh=$!
			until committed state ".run == $n and .epoch > $n" || ! kill -0 "$sh" 2> /dev/null; do read -r -t 0.01 <> <(:) || :; done
			for p in state/*/lock; do
				kill -9 "$(jq .pid "$p" 2> /dev/null)" 2> /dev/null && break
			done
			wait "$sh" || :
		done 2> /dev/null
		"$how"
		got
	done
}

@test "two sources without names of their own; one without the checkpoint: told, and what to do" {
	flights
	pipe_run "stream-join --within 1h --on .dest <(stream-cat -t .at --lock-wait 200ms a) <(stream-cat -t .at --lock-wait 200ms b) |
		stream-sink file:out"
	[[ $statuses == "75 75" ]] || fail "$statuses"
	[[ $stderr == *"--name"* ]] || fail "$stderr"
	rm -rf state
	pipe_run "stream-join --within 1h --on .dest <(stream-cat -t .at a) <(STREAM_CHECKPOINT= stream-cat --name b -t .at b) |
		stream-sink file:out"
	[[ $statuses == "2 2" ]] || fail "$statuses"
	[[ $stderr == *"set STREAM_CHECKPOINT once for the whole pipeline"* ]]
}

@test "a pipe whose first line is no hello: 1" {
	flights
	pipe_run "stream-cat -t .at a | stream-join --within 1h -t .at --on .dest - <(cat b) | stream-sink file:out"
	[[ $statuses == *" 1 1" ]] || fail "$statuses"
	[[ $stderr == *"is no stream with marks"* ]]
}

@test "the diamond under a checkpoint: one source, two ways" {
	flights
	mkfifo one two
	for _ in 1 2; do
		stream-cat -t .at -k .id --out-of-order 24h --checkpoint-interval 1ms a | tee one > two &
		stream-join --within 0s one two | stream-sink file:out
		wait "$!"
	done
	[ "$(wc -l < out)" -eq 3000 ]
}

@test "a table under a checkpoint is read at each start, and again at a barrier" {
	flights
	printf '%s\n' '{"carrier":"UA","n":1}' > t
	for _ in 1 2; do
		stream-cat -t .at --out-of-order 24h a | stream-join --table t --on .carrier | stream-sink file:out
	done
	[ "$(jq .payload.right.n out | sort -u)" = 1 ]
	[ "$(wc -l < out)" -eq "$(grep -c '"carrier":"UA"' a)" ]
}

# ---- against SQL, the whole year ----

# The year's flights, the weather and the cancelled ones, in files and in year.db, made once.
year() {
	local into=$BATS_FILE_TMPDIR
	if [ ! -e "$into/ready" ]; then
		(cd "$into" && fill_year)
	fi
	cp -s "$into"/* .
}

fill_year() {
	zstd -dcq "$YEAR" > year
	zstd -dcq "$TOP/examples/data/weather-2013.ndjson.zst" > weather
	sqlite3 year.db > log <<-'END'
		create table lines(line text);
		.mode ascii
		.separator "\001" "\n"
		.import year lines
		create table f as select rowid as n, strftime('%s', json_extract(line, '$.at')) + 0 as at, json_extract(line, '$.id') as id,
			json_extract(line, '$.tail') as tail, json_extract(line, '$.origin') as origin, json_extract(line, '$.carrier') as carrier,
			json_extract(line, '$.dest') as dest, json_extract(line, '$.cancelled') as cancelled from lines order by rowid;
		delete from lines;
		.import weather lines
		create table w as select rowid as n, strftime('%s', json_extract(line, '$.at')) + 0 as at,
			json_extract(line, '$.origin') as origin, json_extract(line, '$.temp') as temp from lines order by rowid;
		create index f1 on f(tail, at);
		create index w1 on w(origin, at);
		create table c as select * from f where cancelled;
		create index c1 on c(origin, at);
		create index c2 on c(carrier, dest, at);
		create table k as select id, at / 86400 * 86400 as s, origin, carrier from c;
		create table l as select id, at / 86400 * 86400 as s, origin, carrier from f where dest = 'LAX';
		create index k1 on k(s, origin, carrier);
		create index l1 on l(s, origin, carrier);
	END
	jq -c 'select(.cancelled)' year > cancelled
	: > ready
}

sql() {
	{ printf '%s\n' '.mode list' '.separator "|"' '.nullvalue null'; cat; } > query
	sqlite3 -readonly year.db < query | sort > sqls
	[ -s sqls ]
	same sqls ours
}

both() {
	jq -r "[$1] | map(tostring) | join(\"|\")" | sort > ours
}

@test "the whole year, as SQL says: as of" {
	year
	stream-join --as-of --time .at --on .origin --out-of-order 24h --plain year weather |
		both '.payload.left.id, .payload.right.at[0:13], .payload.right.temp'
	sql <<-'END'
		select id, strftime('%Y-%m-%dT%H', (select max(at) from w where w.origin = f.origin and w.at <= f.at), 'unixepoch') as t,
			(select temp from w where w.origin = f.origin and w.at <= f.at order by at desc, n desc limit 1)
		from f where t is not null;
	END
}

@test "the whole year, as SQL says: inner, left, full" {
	year
	for kind in inner left full; do
		stream-join "$kind" --within 0s..30m --time .at --on .origin --out-of-order 24h --plain weather cancelled |
			both '.payload.left.at[0:13], (if .payload.left == null then null else .key end), .payload.right.id'
		case $kind in inner) sides= ;; left) sides=left ;; full) sides=full ;; esac
		sql <<-END
			select strftime('%Y-%m-%dT%H', w.at, 'unixepoch'), w.origin, c.id
			from w $sides join c on c.origin = w.origin and c.at between w.at and w.at + 1800;
		END
	done
}

@test "the whole year, as SQL says: semi, anti" {
	year
	stream-join semi --within 0s..6h --time .at --on .carrier --on .dest --out-of-order 24h --plain year cancelled | both .payload.id
	sql <<-'END'
		select id from f where exists (select 1 from c where c.carrier = f.carrier and c.dest = f.dest
			and c.at between f.at and f.at + 21600);
	END
	stream-join anti --within 0s..6h --time .at --on .carrier --on .dest --out-of-order 24h --plain year cancelled | both .payload.id
	sql <<-'END'
		select id from f where not exists (select 1 from c where c.carrier = f.carrier and c.dest = f.dest
			and c.at between f.at and f.at + 21600);
	END
}

@test "the whole year, as SQL says: full, by day" {
	year
	stream-join full --window 'tumbling 1d' --time .at --on .origin --on .carrier --out-of-order 24h --plain \
		cancelled <(jq -c 'select(.dest == "LAX")' year) |
		both '.window.start / 1000, .payload.left.id, .payload.right.id'
	sql <<-'END'
		select coalesce(k.s, l.s), k.id, l.id from k full join l on k.s = l.s and k.origin = l.origin and k.carrier = l.carrier;
	END
}

@test "the whole year, as jq says: a table" {
	year
	stream-join left --table "$TOP/examples/data/planes.ndjson.zst" --left-on .tail --right-on .tailnum --plain year |
		jq -r '[.payload.left.id, .payload.right.year] | map(tostring) | join("|")' | sort > ours
	zstd -dcq "$TOP/examples/data/planes.ndjson.zst" > planes
	jq -nr --slurpfile p planes '($p | INDEX(.tailnum)) as $m | inputs |
		[.id, (if .tail == null then null else $m[.tail].year end)] | map(tostring) | join("|")' year | sort > sqls
	same sqls ours
}
