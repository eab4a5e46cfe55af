# stream-window: kinds of windows, civil time, results before the end; real flights against other ways to count.
# shellcheck disable=SC2154  # stderr is what run --separate-stderr leaves

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	cp "$TOP/examples/data/flights.ndjson" .
}

window() {
	stream-window "$@" -t .at --out-of-order 24h --plain flights.ndjson
}

# The whole year, in which clocks change twice.
year() {
	zstd -qdc "$TOP/examples/data/flights-2013.ndjson.zst" | jq -c '{at, carrier}'
}

@test "words behind the kind that read as sizes are sizes" {
	run stream-window sliding 1h
	status_is 2
	[[ $output == *"sliding needs SIZE STEP, such as 1h 5m"* ]]
	run stream-window sliding 1h f.ndjson
	status_is 2
	[[ $output == *"f.ndjson is none"* ]]
	run stream-window tumbling 1h 5m
	status_is 2
	[[ $output == *"5m is one too many (a file of that name: ./5m)"* ]]
	run stream-window global 5m
	status_is 2
	[[ $output == *"global has no size"* ]]
	run stream-window session 5m --gap-path .gap
	status_is 2
	[[ $output == *"session has no size beside --gap-path"* ]]
	run stream-window count 0
	status_is 2
	[[ $output == *"a window of 0 holds nothing"* ]]
	run stream-window cumulative 1h 25m
	status_is 2
	[[ $output == *"SIZE must be a multiple of STEP"* ]]
}

@test "what does not go together is told" {
	for kind in "session 1h" "count 5" global; do
		# shellcheck disable=SC2086
		run stream-window $kind --offset 5m
		status_is 2
		[[ $output == *"--offset is for windows on a grid of time"* ]]
	done
	run stream-window count 5 --allowed-lateness 1h
	status_is 2
	[[ $output == *"nothing is late for count"* ]]
	run stream-window tumbling 1h --gap-path .gap
	status_is 2
	[[ $output == *"--gap-path is for session"* ]]
	run stream-window tumbling 1h --discarding
	status_is 2
	[[ $output == *"--discarding needs results that follow one another"* ]]
	run stream-window tumbling 1h --emit often
	status_is 2
	[[ $output == *"final, updates or every:DUR"* ]]
	run stream-window tumbling 1h --emit every:0
	status_is 2
}

@test "civil time wants civil sizes and a zone that there is" {
	run stream-window tumbling 1mo
	status_is 2
	[[ $output == *"months are civil time: say whose"* ]]
	run stream-window tumbling 1h --tz America/New_York
	status_is 2
	[[ $output == *"whole days, weeks or months"* ]]
	run stream-window sliding 1mo 1d --tz UTC
	status_is 2
	[[ $output == *"give both sizes in months"* ]]
	run stream-window tumbling 1d --tz Mars/Olympus flights.ndjson
	status_is 2
	[[ $output == *"--tz: no zone 'Mars/Olympus'"* ]]
	run stream-window tumbling 1d --tz ../../etc/passwd flights.ndjson
	status_is 2
	[[ $output == *"no zone"* ]]
	mkdir zones
	echo nonsense > zones/Here
	TZDIR=$PWD/zones run stream-window tumbling 1d --tz Here flights.ndjson
	status_is 1
	[[ $output == *"no file of the tz database"* ]]
}

@test "days of 23 and 25 hours, as jq counts them" {
	year > year.ndjson
	stream-window tumbling 1d --tz America/New_York -t .at -k .carrier --out-of-order 24h -a n=count --plain year.ndjson |
		jq -c '[.key, .window.start, .window.end - .window.start, .payload.n]' | sort > got
	# A flight's `at` has the offset of its place and time: the day stands there.
	jq -r '[.carrier, .at[0:10]] | @tsv' year.ndjson | sort | uniq -c | awk '{ print $2, $3, $1 }' > counted
	while read -r carrier day n; do
		start=$(TZ=America/New_York date -d "$day 00:00" +%s)
		echo "$carrier $start $n"
	done < <(awk '$2 == "2013-03-10" || $2 == "2013-11-03" || $2 == "2013-07-01"' counted) | sort > want
	jq -r 'select(.[1] == 1362891600000 or .[1] == 1383451200000 or .[1] == 1372651200000) |
		"\(.[0]) \(.[1] / 1000) \(.[3])"' got | sort > have
	diff want have >&2
	[ "$(wc -l < counted)" -eq "$(wc -l < got)" ]
	[ "$(jq -r '.[2] / 3600000' got | sort | uniq -c | awk '{ printf "%s:%s ", $2, $1 }')" = "23:15 24:5402 25:16 " ]
}

@test "a record is in every sliding window that holds it" {
	window sliding 3h 1h --global -a n=count | jq -s 'map(.payload.n) | add' > held
	[ "$(cat held)" -eq $((3 * 8832)) ]
	window sliding 1h 1h -k .carrier -a n=count | jq -c '[.key, .window, .payload]' > one
	window tumbling 1h -k .carrier -a n=count | jq -c '[.key, .window, .payload]' > other
	diff one other >&2
}

@test "the last of a day's increments is the day" {
	window cumulative 1d 6h -k .carrier -a n=count |
		jq -c 'select(.window.end - .window.start == 86400000) | [.key, .window, .payload]' | sort > last
	window tumbling 1d -k .carrier -a n=count | jq -c '[.key, .window, .payload]' | sort > days
	diff last days >&2
}

@test "sessions and counts as awk makes them" {
	window session 4h -k .tail -a n=count | jq -s 'map(.payload.n) | add' > in_sessions
	[ "$(cat in_sessions)" -eq 8832 ]
	window count 10 -k .carrier -a n=count | jq -r '[.key, .payload.n] | @tsv' | sort | uniq -c | sort > got
	jq -r .carrier flights.ndjson | sort | uniq -c | awk '
		{ if (int($1 / 10)) print int($1 / 10), $2, 10; if ($1 % 10) print 1, $2, $1 % 10 }' |
		sort > want
	awk '{ print $1, $2, $3 }' got | sort | diff want - >&2
	window global -k .carrier -a n=count | jq -r '"\(.key) \(.payload.n)"' | sort > got
	jq -r .carrier flights.ndjson | sort | uniq -c | awk '{ print $2, $1 }' | sort | diff - got >&2
}

@test "who keeps the last result by key and window, and deletes on retract, is right at the end" {
	window session 4h -k .tail -a n=count | jq -c '[.key, .window, .payload]' | sort > want
	window session 4h -k .tail --emit every:1h -a n=count |
		jq -cn 'reduce inputs as $r ({}; ([$r.key, $r.window.start, $r.window.end] | tostring) as $id |
			if $r.pane == "retract" then del(.[$id]) else .[$id] = [$r.key, $r.window, $r.payload] end) | .[]' |
		sort > kept
	diff want kept >&2
}

@test "what takes a result back does not come behind the watermark" {
	stream-window session 2h -t .at --out-of-order 24h -k .carrier --emit every:1d -a n=count flights.ndjson >said
	grep -q '"pane":"retract"' said
	# A command that nothing late can pass, in the middle.
	# shellcheck disable=SC2002  # a pipe is a stream, a file is not
	cat said | stream-sort --plain 2>late | jq -c . >sorted
	[ ! -s late ] || cat late >&2
	[ ! -s late ]
	[ "$(grep -c '"pane"' said)" -eq "$(wc -l <sorted)" ]
}

@test "what is new each time adds up to the whole" {
	window tumbling 1d -k .carrier -a n=count | jq -r '"\(.key) \(.window.start) \(.payload.n)"' | sort > want
	window tumbling 1d -k .carrier --emit every:1h --discarding -a n=count |
		jq -r '"\(.key) \(.window.start) \(.payload.n)"' |
		awk '{ n[$1 " " $2] += $3 } END { for (k in n) print k, n[k] }' | sort | diff want - >&2
}

@test "records between windows are counted" {
	run --separate-stderr stream-window -v sliding 1h 2h --global -t .at --out-of-order 24h --plain -a n=count flights.ndjson
	status_is 0
	in=$(jq -s 'map(.payload.n) | add' <<< "$output")
	[[ $stderr == *" $((8832 - in)) between windows"* ]]
}

@test "a count of records passes no watermark on before the end" {
	stream-window count 5 -t .at -k .carrier --out-of-order 24h flights.ndjson | grep watermark > marks
	[ "$(cat marks)" = '{"mark":"watermark","ts":"max"}' ]
}
