# Several commands together, on real flights: two ways, the same answer.

load helper

setup_file() {
	export PIPE_DATA=$BATS_FILE_TMPDIR
	local top
	top=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	zstd -dcq "$top/examples/data/flights-2013.ndjson.zst" > "$PIPE_DATA/year.ndjson"
}

# The main job: flights and delay by day (that of New York in winter) and carrier.
main_job() {
	stream-cat --time .at --key .carrier --out-of-order 24h "$1" |
		stream-window tumbling 1d --offset 5h -a flights=count -a delay='sum(.dep_delay)' |
		stream-sink "file:$2"
}

# What jq says of the same: [day's start in ms, carrier, flights, delay], sorted.
by_jq() {
	jq -n -c '
		def utc: (.[0:19] + "Z" | fromdate) - (.[19:22] | tonumber) * 3600;
		reduce inputs as $r ({};
			($r.at | utc) as $at
			| ([(($at - 18000) / 86400 | floor) * 86400 + 18000, $r.carrier] | tojson) as $k
			| .[$k].n += 1
			| if $r.dep_delay != null then .[$k].d += $r.dep_delay else . end)
		| to_entries[] | (.key | fromjson) + [.value.n, .value.d]' "$1" | sort
}

@test "flights by day and carrier are those that jq counts" {
	main_job "$FLIGHTS" out
	jq -c '[.window.start / 1000, .key, .payload.flights, .payload.delay]' out | sort > ours
	by_jq "$FLIGHTS" > jqs
	same jqs ours
	[ "$(wc -l < ours)" -eq 148 ]
}

@test "the whole year by day and carrier is what SQL says" {
	main_job "$PIPE_DATA/year.ndjson" out
	jq -r '[.window.start / 1000, .key, .payload.flights, .payload.delay // "null"] | join("|")' out | sort > ours
	printf '%s\n' 'create table f(line text);' '.mode ascii' '.separator "\001" "\n"' ".import $PIPE_DATA/year.ndjson f" '.mode list' \
		'.separator "|"' ".nullvalue null" > sql
	cat >> sql <<-'END'
		with r as (
			select strftime('%s', json_extract(line, '$.at')) + 0 as at,
				json_extract(line, '$.carrier') as carrier,
				json_extract(line, '$.dep_delay') as delay
			from f)
		select (at - 18000) / 86400 * 86400 + 18000, carrier, count(*), sum(delay) from r group by 1, 2;
	END
	sqlite3 :memory: < sql | sort > sqls
	same sqls ours
	[ "$(awk -F'|' '{ n += $3 } END { print n }' ours)" -eq 336776 ]
}

@test "minutes of delay and distances by airport: every aggregate against jq" {
	stream-window tumbling 10d --offset 5h --time .at -k .origin --out-of-order 24h -a n=count -a known='count(.arr_delay)' \
		-a s='sum(.arr_delay)' -a lo='min(.arr_delay)' -a hi='max(.arr_delay)' -a m='mean(.distance)' --plain "$FLIGHTS" |
		jq -c '[.window.start, .key] + [.payload | .n, .known, .s, .lo, .hi, (.m * 1e6 | round)]' | sort > ours
	jq -n -c '
		def utc: (.[0:19] + "Z" | fromdate) - (.[19:22] | tonumber) * 3600;
		[inputs | {o: .origin, a: .arr_delay, d: .distance,
			w: (((((.at | utc) - 18000) / 864000 | floor) * 864000 + 18000) * 1000)}]
		| group_by([.w, .o])[] | [.[0].w, .[0].o, length, (map(.a | numbers) | length, add, min, max),
			((map(.d) | add / length) * 1e6 | round)]' "$FLIGHTS" | sort > jqs
	same jqs ours
}

@test "order, sets, quantiles and moments by airport: against jq" {
	stream-window tumbling 10d --offset 5h --time .at -k .origin --out-of-order 24h -a first='first(.id)' -a last='last(.id)' \
		-a planes='distinct(.tail)' -a mid='median(.dep_delay)' -a q='quantile(.dep_delay,0.95)' -a top='top(.dep_delay,5)' \
		-a worst='top(.id,3,.dep_delay)' -a best='argmin(.id,.arr_delay)' -a all='collect(.dest)' -a text='concat(.flight,"/")' \
		-a some='any(.cancelled)' -a every='all(.cancelled)' -a v='variance(.distance)' -a sd='stddev_pop(.dep_delay)' \
		-a c='corr(.dep_delay,.arr_delay)' -a s='slope(.arr_delay,.dep_delay)' -a r=rate --plain "$FLIGHTS" |
		jq -c '[.window.start, .key] + [.payload | .first, .last, .planes, .mid, .q, .top, .worst, .best, .all, .text, .some,
			.every, (.v, .sd, .c, .s, .r | . * 1e6 | round)]' | sort > ours
	jq -n -c '
		def utc: (.[0:19] + "Z" | fromdate) - (.[19:22] | tonumber) * 3600;
		def quantile($q): sort as $s | ((length - 1) * $q) as $h | ($h | floor) as $i
			| $s[$i] + (($s[$i + 1] // 0) - $s[$i]) * ($h - $i) | . * 1e6 | round / 1e6;
		def mean: add / length;
		def moment($m; $n): map(.[0] - $m[0]) as $a | map(.[1] - $m[1]) as $b
			| [range(length) | $a[.] * $b[.]] | add / $n;
		def joint: . as $p | [(map(.[0]) | mean), (map(.[1]) | mean)] as $m
			| {xy: moment($m; length), xx: (map([.[0], .[0]]) | moment([$m[0], $m[0]]; length)),
				yy: (map([.[1], .[1]]) | moment([$m[1], $m[1]]; length))};
		[inputs] | to_entries | map(.value + {i: .key, u: (.value.at | utc)})
		| map(. + {w: ((((.u - 18000) / 864000 | floor) * 864000 + 18000) * 1000)})
		| group_by([.w, .origin])[] | sort_by(.i) as $in | sort_by([.u, .i]) as $by
		| [$by[] | select(.dep_delay != null)] as $known
		| ([$in[] | select(.arr_delay != null) | [.dep_delay, .arr_delay]] | joint) as $j
		| [.[0].w, .[0].origin, $by[0].id, $by[-1].id, ([.[].tail | values] | unique | length),
			([$known[].dep_delay] | quantile(0.5), quantile(0.95), (sort | reverse[:5])),
			[($known | to_entries | sort_by([-.value.dep_delay, .key])[:3])[].value.id],
			([$by[] | select(.arr_delay != null)] | to_entries | sort_by([.value.arr_delay, .key])[0].value.id),
			[$in[].dest], ([$in[].flight | tostring] | join("/")), any(.cancelled), all(.cancelled),
			(([$in[].distance] | mean as $m | (map((. - $m) * (. - $m)) | add) / (length - 1)),
			 ([$known[].dep_delay] | mean as $m | map((. - $m) * (. - $m)) | mean | sqrt),
			 ($j.xy / ($j.xx * $j.yy | sqrt)), ($j.xy / $j.xx), (length / 864000)
			 | . * 1e6 | round)]' "$FLIGHTS" | sort > jqs
	[ "$(wc -l < ours)" -eq 6 ]
	same jqs ours
}

every_aggregate() {
	stream-window tumbling 4d --offset 5h -a n=count -a s='sum(.air_time)' -a lo='min(.tail)' -a hi='max(.tail)' \
		-a mean='mean(.distance)' -a mid='median(.dep_delay)' -a q='quantile(.dep_delay,0.9)' -a qa='quantile~(.distance,0.9)' \
		-a v='variance(.dep_delay)' -a sd='stddev(.dep_delay)' -a vp='variance_pop(.distance)' -a sp='stddev_pop(.distance)' \
		-a d='distinct(.tail)' -a da='distinct~(.id)' -a first='first(.id)' -a last='last(.id)' -a top='top(.,5,.dep_delay)' \
		-a low='bottom(.arr_delay,7)' -a most='argmax(.id,.distance)' -a least='argmin(.id,.distance)' -a all='collect(.dest)' \
		-a text='concat(.flight,"; ")' -a some='any(.cancelled)' -a every='all(.cancelled)' \
		-a c='corr(.dep_delay,.arr_delay)' -a k='slope(.arr_delay,.dep_delay)' -a r=rate
}

@test "every aggregate goes on from where a run stopped" {
	stream-cat --time .at --key .origin --out-of-order 24h "$FLIGHTS" | every_aggregate | stream-sink file:whole
	export STREAM_CHECKPOINT=state
	for _ in 1 2 3 4 5 6 7; do
		stream-cat --time .at --key .origin --out-of-order 24h -n 1400 --checkpoint-interval 1ms "$FLIGHTS" | every_aggregate |
			stream-sink file:parts
	done
	[ "$(wc -l < whole)" -eq 11 ]
	same whole parts
}

# The year by month of 30 days and airport: [exact, about] pairs of FUNCTION in both its forms.
exact_and_about() {
	stream-window tumbling 30d --offset 5h --time .at -k .origin --out-of-order 24h -a "exact=$1(${2})" -a "about=$1~($2)" --plain \
		"$PIPE_DATA/year.ndjson" | jq -c '.payload | [.exact, .about]'
}

@test "the sketches are as near to the exact ones as they say, on real flights" {
	for q in 0 0.05 0.5 0.9 0.99 1; do
		exact_and_about quantile ".distance,$q"
		exact_and_about quantile ".dep_delay,$q"
	done > quantiles
	[ "$(wc -l < quantiles)" -ge 400 ]
	jq -n -e '[inputs | select((.[1] - .[0] | fabs) > 0.01 * (.[0] | fabs) + 1e-9)] == []' quantiles
	exact_and_about distinct .id > sets
	exact_and_about distinct .tail >> sets
	jq -n -e '[inputs | (.[1] / .[0] - 1)] | (length >= 70) and (map(fabs) | max < 0.0325)
		and (map(. * .) | add / length | sqrt < 0.01)' sets
}

@test "one process, two, three, and through a file: the same bytes" {
	main_job "$FLIGHTS" three
	stream-window tumbling 1d --offset 5h --time .at --key .carrier --out-of-order 24h -a flights=count \
		-a delay='sum(.dep_delay)' --plain "$FLIGHTS" > one
	stream-cat --time .at --key .carrier --out-of-order 24h "$FLIGHTS" |
		stream-window tumbling 1d --offset 5h -a flights=count -a delay='sum(.dep_delay)' --plain > two
	stream-cat --time .at --key .carrier "$FLIGHTS" > saved
	stream-window tumbling 1d --offset 5h --out-of-order 24h -a flights=count -a delay='sum(.dep_delay)' --plain saved > four
	same three one
	same three two
	same three four
}

@test "with a checkpoint the output is the same, byte by byte, at any interval" {
	main_job "$FLIGHTS" without
	export STREAM_CHECKPOINT=state
	for interval in 1ms 20ms 1h; do
		rm -rf state with
		stream-cat --time .at --key .carrier --out-of-order 24h --checkpoint-interval "$interval" "$FLIGHTS" |
			stream-window tumbling 1d --offset 5h -a flights=count -a delay='sum(.dep_delay)' |
			stream-sink file:with
		same without with
	done
}

# The year as a table in SQLite, then the query on stdin: when, in seconds; tail is null for some.
year_by_sql() {
	{
		printf '%s\n' 'create table f(line text);' '.mode ascii' '.separator "\001" "\n"' ".import $PIPE_DATA/year.ndjson f" \
			'.mode list' '.separator " "'
		echo 'create table r as select rowid as n, json_extract(line, "$.id") as id, json_extract(line, "$.tail") as tail,
			strftime("%s", json_extract(line, "$.at")) + 0 as at from f;'
		cat
	} | sqlite3 :memory:
}

ids_of() {
	jq -r 'select(.key != null) | .payload.id'
}

@test "the first, the earliest and the latest flight of each plane of the year are what SQL says, in their order" {
	year_by_sql > sqls <<-'END'
		select 'first', id from r where tail is not null and n in (select min(n) from r group by tail) order by n;
		select 'earliest', id from (select *, row_number() over (partition by tail order by at, n) as i from r
			where tail is not null) where i = 1 order by at, n;
		select 'latest', id from (select *, row_number() over (partition by tail order by at desc, n desc) as i from r
			where tail is not null) where i = 1 order by at, n;
	END
	for keep in first earliest latest; do
		stream-dedup -t .at -k .tail --out-of-order 24h --keep "$keep" --plain "$PIPE_DATA/year.ndjson" | ids_of | sed "s/^/$keep /"
	done > ours
	same sqls ours
	[ "$(wc -l < ours)" -gt 12000 ]
}

@test "the year's planes, forgotten after a day, or after a day of silence: read naively" {
	year_by_sql > table <<< 'select id, tail, at from r where tail is not null order by n;'
	for refresh in 0 1; do
		awk -v refresh=$refresh '
			{ t = $3 - 86400 }
			!($2 in from) || from[$2] + 86400 <= top { print $1; from[$2] = $3; top = t > top ? t : top; next }
			refresh && $3 > from[$2] { from[$2] = $3 }
			t > top { top = t }' table > naive
		options=$([ $refresh = 0 ] || echo --refresh)
		# shellcheck disable=SC2086
		grep -v '"tail":null' "$PIPE_DATA/year.ndjson" |
			stream-dedup -t .at -k .tail --out-of-order 24h --within 1d $options --plain | ids_of > ours
		same naive ours
		[ "$(wc -l < ours)" -gt 10000 ]
	done
}

@test "what is late is what falls behind the watermark, no more and no less" {
	stream-window tumbling 1d --offset 5h --time .at -k .carrier --out-of-order 6h --late late -a n=count --plain "$FLIGHTS" > out
	[ "$(wc -l < late)" -eq 1135 ]
	[ $(($(jq -s 'map(.payload.n) | add' out) + 1135)) -eq "$(wc -l < "$FLIGHTS")" ]
	# Each of them is a line of the input, at the offset that it says.
	jq -r '[.offset, .payload.id] | @tsv' late | shuf -n 20 --random-source="$FLIGHTS" | while read -r offset id; do
		tail -c +$((offset + 1)) "$FLIGHTS" | head -n 1 | grep -qF "\"id\":\"$id\"" || exit 1
	done
}

@test "with allowed lateness the last pane of each window has them all" {
	stream-window tumbling 1d --offset 5h --time .at -k .carrier --out-of-order 6h --allowed-lateness 24h -a n=count --plain \
		"$FLIGHTS" | jq -c '[.window.start, .key, .payload.n]' | tac | awk -F, '!seen[$1, $2]++' | sort > last
	stream-window tumbling 1d --offset 5h --time .at -k .carrier --out-of-order 24h -a n=count --plain "$FLIGHTS" |
		jq -c '[.window.start, .key, .payload.n]' | sort > all
	same all last
}

@test "several files are one stream" {
	split -n l/3 "$FLIGHTS" part.
	stream-cat --time .at --key .carrier --out-of-order 24h part.aa part.ab part.ac |
		stream-window tumbling 1d --offset 5h -a flights=count -a delay='sum(.dep_delay)' --plain > parts
	main_job "$FLIGHTS" whole
	same whole parts
}

@test "filters in between: grep keeps records, marks pass where they are let pass" {
	sh_run 'stream-cat --time .at --key .carrier --out-of-order 24h "$FLIGHTS" | grep -E "^.\"mark\"|\"carrier\":\"UA\"" |
		stream-window tumbling 1d --offset 5h --plain'
	status_is 0
	main_job "$FLIGHTS" all
	[ "$(jq -c '[.window.start, .payload.count]' <<< "$output")" = \
		"$(jq -c 'select(.key == "UA") | [.window.start, .payload.flights]' all)" ]
}

@test "dead letters, mended and replayed, give what good input gives" {
	head -n 500 "$FLIGHTS" > good
	awk 'NR % 7 == 0 { sub(/"at":"/, "&at ") } { print }' good > bad
	stream-cat -t .at --plain --dead-letter dead bad > first
	[ "$(wc -l < dead)" -eq 71 ]
	sed 's/"at":"at /"at":"/' dead > mended
	stream-cat -t .at --plain mended > second
	cat first second | jq -c '[.ts, .payload.id]' | sort > ours
	stream-cat -t .at --plain good | jq -c '[.ts, .payload.id]' | sort > theirs
	same theirs ours
}

@test "ten times the input, the same results" {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		cat "$FLIGHTS"
	done > ten
	stream-window tumbling 100d --time .at -k .carrier --out-of-order 20d -a n=count -a s='sum(.dep_delay)' --plain ten |
		jq -c '[.key, .payload.n, .payload.s]' | sort > ours
	stream-window tumbling 100d --time .at -k .carrier --out-of-order 20d -a n=count -a s='sum(.dep_delay)' --plain "$FLIGHTS" |
		jq -c '[.key, .payload.n * 10, .payload.s * 10]' | sort > theirs
	same theirs ours
}
