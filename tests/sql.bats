# Every kind of window on the whole year, the year in order, and what SQL says of the same: every row equal.

load helper

setup_file() {
	export SQL_DATA=$BATS_FILE_TMPDIR
	local top
	top=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
	zstd -dcq "$top/examples/data/flights-2013.ndjson.zst" > "$SQL_DATA/year.ndjson"
	sqlite3 "$SQL_DATA/year.db" > "$SQL_DATA/log" <<-END
		create table lines(line text);
		.mode ascii
		.separator "\001" "\n"
		.import $SQL_DATA/year.ndjson lines
		create table f as select
			rowid as n,
			strftime('%s', json_extract(line, '\$.at')) + 0 as at,
			substr(json_extract(line, '\$.at'), 1, 10) as day,
			json_extract(line, '\$.id') as id,
			json_extract(line, '\$.carrier') as carrier,
			json_extract(line, '\$.tail') as tail,
			json_extract(line, '\$.origin') as origin,
			json_extract(line, '\$.dest') as dest,
			json_extract(line, '\$.cancelled') as cancelled,
			json_extract(line, '\$.dep_delay') as delay,
			json_extract(line, '\$.arr_delay') as arrived,
			json_extract(line, '\$.air_time') as air,
			json_extract(line, '\$.distance') as distance
		from lines order by rowid;
		drop table lines;
		select count(*) from f;
	END
	[ "$(cat "$SQL_DATA/log")" -eq 336776 ]
}

# windows KEY 'KIND …': the results as `start|key|columns…`, the window's start in seconds, null as "null".
windows() {
	local key=$1
	shift
	stream-window "$@" --time .at -k "$key" --out-of-order 24h --plain "$SQL_DATA/year.ndjson" |
		jq -r '[(.window.start // 0) / 1000, .key, .payload[]] | map(if . == null then "null" else tostring end) | join("|")' |
		sort > ours
	[ -s ours ]
}

sql() {
	{ printf '%s\n' '.mode list' '.separator "|"' '.nullvalue null'; cat; } > query
	sqlite3 "$SQL_DATA/year.db" < query | sort > sqls
	same sqls ours
}

@test "sliding, a week every day, by airport" {
	windows .origin sliding 7d 1d -a n=count -a known='count(.dep_delay)' -a s='sum(.dep_delay)' -a lo='min(.dep_delay)' -a hi='max(.dep_delay)'
	sql <<-'END'
		with step(i) as (values(0), (1), (2), (3), (4), (5), (6))
		select at / 86400 * 86400 - i * 86400 as start, origin, count(*), count(delay), sum(delay), min(delay), max(delay)
		from f, step group by 1, 2;
	END
}

@test "sliding with gaps between, an hour every five" {
	windows .carrier sliding 1h 5h -a n=count -a s='sum(.distance)'
	sql <<-'END'
		select at / 18000 * 18000, carrier, count(*), sum(distance) from f where at % 18000 < 3600 group by 1, 2;
	END
}

@test "a size that is no multiple of the step: 100 minutes every 45" {
	windows .origin sliding 100m 45m --offset 7m -a n=count -a far='max(.distance)'
	sql <<-'END'
		with step(i) as (values(0), (1), (2))
		select (at - 420) / 2700 * 2700 + 420 - i * 2700 as start, origin, count(*), max(distance)
		from f, step where at < start + 6000 group by 1, 2;
	END
}

@test "cumulative, a day in steps of six hours" {
	stream-window cumulative 1d 6h --offset 5h --time .at -k .carrier --out-of-order 24h --plain -a n=count -a s='sum(.dep_delay)' \
		"$SQL_DATA/year.ndjson" |
		jq -r '[.window.start / 1000, .window.end / 1000, .key, .payload.n, .payload.s // "null"] | join("|")' | sort > ours
	sql <<-'END'
		with step(i) as (values(1), (2), (3), (4)),
		r as (select (at - 18000) / 86400 * 86400 + 18000 as start, * from f)
		select r.start, r.start + i * 21600 as end, r.carrier, count(*), sum(delay)
		from r join step on at < r.start + i * 21600
		group by 1, 2, 3;
	END
}

@test "sessions of a plane: four hours without a flight end one; also with little memory" {
	for memory in 256M 256K; do
		stream-window session 4h --time .at -k .tail --out-of-order 24h --memory "$memory" --plain -a n=count -a s='sum(.distance)' \
			-a first='first(.id)' -a last='last(.id)' "$SQL_DATA/year.ndjson" > "in-$memory"
	done
	same in-256M in-256K
	jq -r '[.window.start / 1000, .window.end / 1000, .key // "null", .payload[]] | join("|")' in-256K | sort > ours
	sql <<-'END'
		with gaps as (
			select *, coalesce(at > lag(at) over w + 14400, 1) as begins from f
			window w as (partition by tail order by at, n)),
		sessions as (
			select *, sum(begins) over (partition by tail order by at, n) as session from gaps),
		ranks as (
			select *, row_number() over (partition by tail, session order by at, n) as rank,
				row_number() over (partition by tail, session order by at desc, n desc) as rank_from_end from sessions)
		select min(at), max(at) + 14400, tail, count(*), sum(distance), max(id) filter (where rank = 1),
			max(id) filter (where rank_from_end = 1)
		from ranks group by tail, session;
	END
}

@test "every fifty flights to a place, in order of arrival" {
	stream-window count 50 --time .at -k .dest --out-of-order 24h --plain -a n=count -a s='sum(.air_time)' -a first='first(.id)' \
		"$SQL_DATA/year.ndjson" |
		jq -r '[.window.n, .window.start / 1000, (.window.end + 999) / 1000, .key, (.payload[] | . // "null")] | join("|")' | sort > ours
	sql <<-'END'
		with r as (select *, (row_number() over (partition by dest order by n) - 1) / 50 as batch from f),
		q as (select *, first_value(id) over (partition by dest, batch order by at, n) as first from r)
		select batch + 1, min(at), max(at) + 1, dest, count(*), sum(air), first from q group by dest, batch;
	END
}

@test "fifty flights every twenty" {
	stream-window count 50 20 --time .at -k .dest --out-of-order 24h --plain -a n=count -a s='sum(.distance)' "$SQL_DATA/year.ndjson" |
		jq -r 'select(.payload.n == 50) | [.window.n, .key, .payload.n, .payload.s] | join("|")' | sort > ours
	sql <<-'END'
		with r as (select *, row_number() over (partition by dest order by n) - 1 as i from f),
		back(k) as (values(0), (1), (2))
		select i / 20 - k + 1 as batch, dest, count(*), sum(distance) from r, back
		where i / 20 - k >= 0 and i - (i / 20 - k) * 20 < 50 group by 1, 2 having count(*) = 50;
	END
}

@test "all in one window, by place" {
	windows .dest global -a n=count -a air='sum(.air_time)' -a lo='min(.arr_delay)' -a hi='max(.arr_delay)' -a planes='distinct(.tail)'
	sql <<-'END'
		select 0, dest, count(*), sum(air), min(arrived), max(arrived), count(distinct tail) from f group by dest;
	END
}

@test "civil days, weeks and months of New York" {
	windows .origin tumbling 1d --tz America/New_York -a n=count
	TZ=America/New_York jq -rR 'split("|") | [(.[0] | tonumber | strflocaltime("%Y-%m-%d")), .[1], .[2]] | join("|")' ours | sort > mine
	mv mine ours
	sql <<< "select day, origin, count(*) from f group by 1, 2;"
	windows .origin tumbling 1w --tz America/New_York -a n=count
	TZ=America/New_York jq -rR 'split("|") | [(.[0] | tonumber | strflocaltime("%Y-%m-%d")), .[1], .[2]] | join("|")' ours | sort > mine
	mv mine ours
	sql <<< "select date(day, 'weekday 0', '-6 days'), origin, count(*) from f group by 1, 2;"
	windows .carrier tumbling 1mo --tz America/New_York -a n=count -a s='sum(.distance)'
	TZ=America/New_York jq -rR 'split("|") | [(.[0] | tonumber | strflocaltime("%Y-%m-%d")), .[1:][]] | join("|")' ours | sort > mine
	mv mine ours
	sql <<< "select substr(day, 1, 7) || '-01', carrier, count(*), sum(distance) from f group by 1, 2;"
}

@test "what is late, and what the windows have without it" {
	stream-window tumbling 1h --time .at -k .origin --out-of-order 90m --late late.ndjson --plain -a n=count -a s='sum(.dep_delay)' \
		"$SQL_DATA/year.ndjson" |
		jq -r '[.window.start / 1000, .key, .payload.n, .payload.s // "null"] | join("|")' | sort > ours
	cat > marked <<-'END'
		create temp view marked as select *,
			coalesce(at / 3600 * 3600 + 3600 <= max(at) over (order by n rows between unbounded preceding and 1 preceding) - 5400, 0)
			as late from f;
	END
	{ cat marked; echo "select at / 3600 * 3600, origin, count(*), sum(delay) from marked where not late group by 1, 2;"; } | sql
	jq -r .payload.id late.ndjson | sort > ours
	{ cat marked; echo "select id from marked where late;"; } | sql
	[ "$(wc -l < ours)" -gt 1000 ]
}

@test "first and last, median, most and least, by day" {
	windows .carrier tumbling 1d -a first='first(.id)' -a last='last(.id)' -a mid='median(.dep_delay)' -a worst='argmax(.id,.dep_delay)' \
		-a some='any(.cancelled)' -a every='all(.cancelled)'
	sql <<-'END'
		with d as (select *, at / 86400 * 86400 as day0 from f),
		r as (
			select *, first_value(id) over w as first, last_value(id) over w as last,
				row_number() over (partition by day0, carrier order by delay is null, delay) as rank,
				count(delay) over (partition by day0, carrier) as known,
				first_value(id) over (partition by day0, carrier order by delay is null, delay desc, at, n) as worst
			from d window w as (partition by day0, carrier order by at, n rows between unbounded preceding and unbounded following))
		select day0, carrier, first, last,
			case known when 0 then null else printf('%g', avg(delay) filter (where rank in ((known + 1) / 2, known / 2 + 1))) end,
			case known when 0 then null else worst end,
			case max(cancelled) when 1 then 'true' else 'false' end,
			case min(cancelled) when 1 then 'true' else 'false' end
		from r group by 1, 2;
	END
}

@test "means and moments, to twelve digits" {
	stream-window tumbling 30d --time .at -k .origin --out-of-order 24h --plain -a m='mean(.dep_delay)' -a v='variance(.distance)' \
		-a sd='stddev_pop(.distance)' -a c='corr(.dep_delay,.arr_delay)' -a sl='slope(.arr_delay,.dep_delay)' "$SQL_DATA/year.ndjson" |
		jq -r '[.window.start / 1000, .key, (.payload[] | . * 1e8 | round)] | join("|")' | sort > ours
	# Around a middle, so that SQL's doubles keep their digits; sums of integers are exact in both.
	sql <<-'END'
		with d as (
			select at / 2592000 * 2592000 as start, origin, delay, distance,
				case when arrived is null or delay is null then null else delay end as x,
				case when arrived is null or delay is null then null else arrived end as y from f),
		s as (
			select start, origin, count(*) * 1.0 as n, sum(distance) as s1, sum(distance * distance) as s2, avg(delay) as m,
				count(x) as k, sum(x) as x1, sum(y) as y1, sum(x * x) as x2, sum(y * y) as y2, sum(x * y) as xy from d group by 1, 2)
		select start, origin, cast(round(m * 1e8) as int),
			cast(round((n * s2 - s1 * s1) / (n * (n - 1)) * 1e8) as int),
			cast(round(sqrt((n * s2 - s1 * s1) / (n * n)) * 1e8) as int),
			cast(round((k * xy - x1 * y1) * 1.0 / sqrt((k * x2 - x1 * x1) * 1.0 * (k * y2 - y1 * y1)) * 1e8) as int),
			cast(round((k * xy - x1 * y1) * 1.0 / (k * x2 - x1 * x1) * 1e8) as int)
		from s;
	END
}

# ---- stream-sort ----

# Rows in their order, not sorted.
sql_in_order() {
	cat > query
	sqlite3 "$SQL_DATA/year.db" < query > sqls
	same sqls ours
}

@test "the year by real departure, in memory and with most of it on disk" {
	for m in 256M 1M; do
		stream-sort --memory "$m" --time .at --out-of-order 366d --plain "$SQL_DATA/year.ndjson" | jq -r .payload.id > ours
		sql_in_order <<< "select id from f order by at, n;"
	done
	[ "$(wc -l < ours)" -eq 336776 ]
}

@test "the year by real departure, without what is late" {
	stream-cat --time .at --out-of-order 3h "$SQL_DATA/year.ndjson" | stream-sort --memory 64K --late late.ndjson --plain |
		jq -r .payload.id > ours
	cat > marked <<-'END'
		create temp view marked as select *,
			coalesce(at < max(at) over (order by n rows between unbounded preceding and 1 preceding) - 10800, 0) as late from f;
	END
	{ cat marked; echo "select id from marked where not late order by at, n;"; } | sql_in_order
	jq -r .payload.id late.ndjson > ours
	{ cat marked; echo "select id from marked where late order by n;"; } | sql_in_order
	[ "$(wc -l < ours)" -gt 1000 ]
}
