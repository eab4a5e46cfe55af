# stream-cat --from, and bounds that are so long before now: where an input is begun.

load helper

# lines FROM TO: numbered records of equal length, with a time; 01 to 99 s
lines() {
	seq -f '{"n":%02g}' "$1" "$2" | sed 's/.*"n":\(..\).*/{"n":"\1","t":1\1}/'
}

has_lines() {
	[ "$(wc -l < "$1")" -ge "$2" ]
}

numbers() {
	jq -r .payload.n | paste -sd' '
}

# from ARG…: the numbers that come out
from() {
	stream-cat --plain "$@" | numbers
}

@test "--from -N: the last N lines, all of them where there are fewer" {
	lines 1 9 > a
	[ "$(from -o -2 a)" = "08 09" ]
	[ "$(from --from=-9 a)" = "$(from a)" ]
	[ "$(from --from -10 a)" = "$(from a)" ]
	printf '{"n":10}' >> a
	[ "$(from -o-2 a)" = "09 10" ]
	: > a
	[ -z "$(from -o -2 a)" ]
	head -c 300000 /dev/zero | tr '\0' ' ' | { lines 1 2; cat; echo; lines 3 3; } > a
	[ "$(from -o -2 a)" = "03" ]
	[ "$(from -o -3 a)" = "02 03" ]
}

@test "--from -N is what tail gives, for every N" {
	head -n 300 "$FLIGHTS" > f
	for n in 1 2 7 299 300 301; do
		stream-cat --plain -o "-$n" f | jq -c .payload > out
		tail -n "$n" f | jq -c . | cmp - out
	done
}

@test "--from N: the first line that begins at the offset or behind it" {
	lines 1 9 > a                            # of 19 bytes
	[ "$(from -o 0 a)" = "$(from a)" ]
	[ "$(from -o 1 a)" = "02 03 04 05 06 07 08 09" ]
	[ "$(from -o 133 a)" = "08 09" ]
	[ "$(from -o 134 a)" = "09" ]
	[ "$(from -o 153 a)" = "" ]
	[ "$(from -o 171 a)" = "" ]
	[ "$(stream-cat --plain -o 133 a | jq .offset | paste -sd' ')" = "133 152" ]
	run --separate-stderr stream-cat --plain -o 172 a
	status_is 1
	stderr_is "stream-cat: a: has 171 bytes, so nothing begins at offset 172"
	[ "$(from -o 38 - < a)" = "03 04 05 06 07 08 09" ]
}

@test "--from N of what cannot seek: read, and passed over" {
	lines 1 5 > a
	gzip -k a
	[ "$(from -o 20 a.gz)" = "03 04 05" ]
	[ "$(head -n 9 a | from -o 20)" = "03 04 05" ]
	printf 'n\n1\n2\n"3\n"\n4\n' > b
	[ "$(stream-cat --plain --format csv -o 5 b | jq -c '[.offset, .payload.n]' | paste -sd' ')" = '[6,"3\n"] [11,"4"]' ]
	printf 'no JSON\n{"n":1}\n{"n":' | gzip > bad.gz
	run --separate-stderr stream-cat --plain -o 5 bad.gz
	status_is 1
	stderr_like '^stream-cat: bad.gz:3: '
	[ "$(jq .payload.n <<< "$output")" = 1 ]
}

@test "a bad line behind an offset is told by its offset: nobody has counted the lines before" {
	{ lines 1 2; echo '{'; } > a
	run --separate-stderr stream-cat --plain -o -2 a
	status_is 1
	stderr_like '^stream-cat: a offset 38: '
}

@test "--from end: only what comes from now on, whole lines" {
	lines 1 2 > a
	printf '{"n":' >> a
	stream-cat -f -o end a > out 2> err &
	pid=$!
	wait_for 10 has_lines out 1              # hello goes out when there is nothing more to read
	printf '"03"}\n' >> a
	lines 4 4 >> a
	wait_for 10 has_lines out 3
	mv a a.1
	lines 5 6 > a
	wait_for 10 has_lines out 5
	kill "$pid"
	wait "$pid"
	[ "$(jq 'select(.payload)' out | numbers)" = "03 04 05 06" ]
}

@test "--from @TIME: from the first record of that time on, earlier ones included that come behind it" {
	printf '{"n":%s,"t":%s}\n' 1 10 2 20 3 30 4 15 5 40 > a
	[ "$(from -t .t --out-of-order 1h -o @25 a)" = "3 4 5" ]
	[ "$(from -t .t --out-of-order 1h -o s@1970-01-01T00:00:20Z a)" = "2 3 4 5" ]
	[ -z "$(from -t .t --out-of-order 1h -o @99 a)" ]
	run --separate-stderr stream-cat -t .t -o @25 -n 1 a
	status_is 0
	[ "$(jq -c 'if .mark == "watermark" then .ts elif .mark then empty else .payload.n end' <<< "$output" | paste -sd' ')" = \
		'3 30000 "max"' ]
	printf '{"n":1,"t":10}\n{"n":2}\n{"n":3,"t":30}\n' > b
	run --separate-stderr stream-cat --plain -t .t -o @25 b
	status_is 1
	stderr_like '^stream-cat: b:2: '
}

@test "each of several files is begun there" {
	lines 1 3 > a
	lines 4 6 > b
	[ "$(from -o -1 a b)" = "03 06" ]
	[ "$(from -t .t -o @103 a b)" = "03 04 05 06" ]
	[ "$(from -t .t --merge -o -2 b a)" = "02 03 05 06" ]
}

@test "the words of kcat, rpk and Kafka's own tools" {
	lines 1 2 > a
	for word in beginning start earliest oldest; do
		[ "$(from -o "$word" a)" = "01 02" ]
	done
	for word in end latest newest; do
		[ -z "$(from -f -e -o "$word" a)" ]
	done
	via() { stream-cat "$@" a | jq -c 'select(.mark == "hello") | .via'; }
	[ "$(via)" = "$(via -o earliest)" ]
	[ "$(via -f -e -o newest)" = "$(via -f -e -o end)" ]
	[ "$(via)" != "$(via -o -5)" ]
}

@test "--from: what is no place, and what an input cannot have" {
	lines 1 2 > a
	gzip -k a
	while IFS='|' read -r args said; do
		sh_run "stream-cat $args"
		status_is 2
		stderr_is "stream-cat: $said; see stream-cat --help"
	done <<-'END'
		-o noon a|--from: "noon" is none of its values: beginning, end, N (an offset), -N (the last N lines) or @TIME
		-o -0 a|--from: "-0" is none of its values: beginning, end, N (an offset), -N (the last N lines) or @TIME
		-o @noon a|--from: "noon" is no time: 2013-01-31, 2013-01-31T05:00:00Z, seconds or milliseconds since 1970, or 1h for so long ago
		-o stored a|--from: stored is what --checkpoint does by itself
		-o e@5 a|--from: a time to end at is given with --until 5
		-o end a|--from end: nothing stands behind the end of a file that is not followed: --follow
		-o 5 a a|--from 5: an offset is of one file; there are 2
		-o -5 --format csv a|--from: where a row of CSV begins is known from the beginning only: no last rows, no end
	END
	while IFS='~' read -r args said; do
		sh_run "stream-cat $args"
		status_is 2
		stderr_is "stream-cat: $said"
	done <<-'END'
		-o -5 a.gz~--from: a.gz is compressed: where its last lines are is known when all is read
		-o @5 a~--from @TIME needs --time: where does the time stand?
		a | stream-cat -t .t -o 5~--time: upstream is a stream of records that have their time; give it there
		a | stream-cat -o 5~--from: upstream is a stream of records that have their time; give it there
	END
	sh_run 'head a | stream-cat -o -5'
	status_is 2
	stderr_is "stream-cat: --from: stdin is no file: where its last lines are is known when all is read"
}

# ---- under a checkpoint ----

catch_up() {
	stream-cat "$@" a | stream-sink --body payload file:out
}

there() {
	[ "$(jq -r .n out | paste -sd' ')" = "$1" ] || { cat out >&2; return 1; }
}

@test "a run that goes on does so from its position: --from is for the first" {
	export STREAM_CHECKPOINT=state
	lines 1 5 > a
	catch_up -f -e -o -2
	there "04 05"
	lines 6 9 >> a
	catch_up -f -e -o -2
	there "04 05 06 07 08 09"
	sh_run 'stream-cat -f -e a | stream-sink --body payload file:out'
	status_is 1
	[[ $stderr == *"--from was -2, is not given now"* ]]
}

@test "--from end: what was there is never read, also if nothing came in the first run" {
	export STREAM_CHECKPOINT=state
	: > a
	catch_up -f -e -o end
	lines 1 2 >> a
	catch_up -f -e -o end
	there "01 02"
	rm -r state out
	catch_up -f -e -o end
	lines 3 3 >> a
	mv a a.1
	lines 4 4 > a
	catch_up -f -e -o end
	there "03 04"
}

@test "--from @TIME: what was waited for is waited for after a stop, and after it came is not any more" {
	export STREAM_CHECKPOINT=state
	lines 1 2 > a
	catch_up -f -e -t .t --out-of-order 1h -o @103
	[ ! -s out ]
	lines 2 3 >> a
	catch_up -f -e -t .t --out-of-order 1h -o @103
	there "03"
	lines 1 2 >> a
	catch_up -f -e -t .t --out-of-order 1h -o @103
	there "03 01 02"
}

@test "killed again and again: what --from begins with comes once" {
	export STREAM_CHECKPOINT=state
	lines 1 99 > a
	for _ in {1..8}; do
		{ catch_up --rate 200 --checkpoint-interval 5ms -o -60; } 2> /dev/null &
		pipeline=$!
		n=$(wc -l 2> /dev/null < out || echo 0)
		wait_for 10 has_lines out $((n + 1)) 2> /dev/null || :
		kill -9 "$(jq .pid state/cat/lock)" 2> /dev/null || :
		wait "$pipeline" || :
	done
	catch_up -o -60
	there "$(seq -s' ' 40 99)"
}

# ---- so long ago ----

@test "--since 1h, -1h, '1h ago': by the clock; --until, too" {
	now=$(date +%s)
	for ago in 7200 1800 60; do
		echo "{\"ago\":$ago,\"t\":$((now - ago))}"
	done > a
	for since in 1h -1h '1h ago' 60m; do
		[ "$(stream-cat --plain -t .t --since "$since" a | jq .payload.ago | paste -sd' ')" = "1800 60" ]
		[ "$(stream-cat --plain -t .t --out-of-order 1d --until "$since" a | jq .payload.ago)" = 7200 ]
	done
	[ "$(stream-cat --plain -t .t --since 1h --until 10m a | jq .payload.ago)" = 1800 ]
	[ "$(stream-cat --plain -t .t --since 2013-01-01 --until now a | jq .payload.ago | paste -sd' ')" = "7200 1800 60" ]
	[ "$(stream-cat --plain -t .t --from @1h a | jq .payload.ago | paste -sd' ')" = "1800 60" ]
	run --separate-stderr stream-cat -t .t --since 10m --until 1h a
	status_is 2
	stderr_like "^stream-cat: --since is not before --until: nothing is left"
	via() { stream-cat -t .t "$@" a | jq -c 'select(.mark == "hello") | .via'; }
	[ "$(via --since 1h)" = "$(via --since '60m ago')" ]
}

@test "so long ago is that long before the pipeline began, in all its runs" {
	export STREAM_CHECKPOINT=state
	for how in "--since 1500ms" "--from @1500ms"; do
		rm -rf state out
		now=$(date +%s%3N)
		printf '{"n":1,"t":%s}\n{"n":2,"t":%s}\n' $((now - 60000)) $((now + 1)) > a
		# shellcheck disable=SC2086
		catch_up -f -e -t .t --time-format ms --out-of-order 1h $how
		there 2
		first=$(cat state/cat/*.snap | jq -s 'map(.source | .since // .from | numbers) | unique | .[]')
		[ "$first" -ge $((now - 1500)) ]
		wait_for 10 test "$(date +%s%3N)" -gt "$((first + 1500))"
		printf '{"n":3,"t":%s}\n' "$first" >> a
		[ "$how" != "--since 1500ms" ] || printf '{"n":4,"t":%s}\n' $((first - 1)) >> a
		# shellcheck disable=SC2086
		catch_up -f -e -t .t --time-format ms --out-of-order 1h $how
		there "2 3"
		[ "$(cat state/cat/*.snap | jq -s 'map(.source | .since // .from | numbers) | unique | .[]')" = "$first" ]
	done
}
