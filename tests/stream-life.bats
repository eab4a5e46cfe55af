# Signs of life: --metrics, --progress, SIGUSR1, the same in all commands.

load helper

# metric NAME [REASON] FILE: its value; nothing where it is missing.
metric() {
	awk -v name="$1" -v reason="${3:+$2}" '
		index($1, name "{") == 1 && (reason == "" || index($0, "reason=\"" reason "\"")) { print $2 }' "${!#}"
}

# The text format of Prometheus: each sample behind the TYPE of its family, no family or sample twice,
# names, labels and values as they must be, a newline at the end.
good_metrics() {
	[ "$(tail -c 1 "$1" | od -An -c | tr -d ' ')" = '\n' ] || fail "$1: no newline at the end"
	awk '
		function bad(what) { print FILENAME ":" NR ": " what ": " $0; wrong = 1 }
		/^# HELP / { if ($3 in helped) bad("helped twice"); helped[$3] = 1; next }
		/^# TYPE / {
			if (!($3 in helped) || ($3 in type)) bad("type")
			if ($4 !~ /^(counter|gauge|summary)$/) bad("kind")
			if (($4 == "counter") != ($3 ~ /_total$/)) bad("a counter is a total")
			type[family = $3] = $4
			next
		}
		!match($0, /^[a-z_]+\{([a-z]+="([^"\\]|\\["\\n])*"(,|\}))+ -?[0-9]+(\.[0-9]+)?$/) { bad("no sample"); next }
		{
			name = substr($0, 1, index($0, "{") - 1)
			if (type[family] == "summary" ? name !~ "^" family "_(sum|count)$" : name != family) bad("not of its family")
			if (seen[substr($0, 1, length($0) - length($NF))]++) bad("twice")
			n++
		}
		END { exit wrong || n == 0 }' "$1" >&2
}

# on_terminal COMMAND: stderr is a terminal of 100 columns; what it was sent stands in `screen`.
on_terminal() {
	TERM=xterm script -qec "stty cols 100; $1" /dev/null < /dev/null > screen
}

# ---- metrics ----

@test "--metrics: every command counts under the same names" {
	sh_run 'stream-cat -t .at -k .carrier --out-of-order 24h --metrics cat.prom "$FLIGHTS" |
		stream-window tumbling 1d --metrics window.prom -a n=count |
		stream-sink --metrics sink.prom file:out'
	status_is 0
	silent
	for f in cat window sink; do
		good_metrics $f.prom
		[ "$(metric stream_exit_status $f.prom)" = 0 ]
		[ "$(metric stream_records_late_total $f.prom)" = 0 ]
		[ "$(metric stream_watermark_timestamp_seconds $f.prom)" = 1357834860.000 ]
		grep -qF "{stage=\"$f\"}" $f.prom
	done
	n=$(wc -l < out)
	[ "$(metric stream_records_in_total cat.prom)" = 8832 ]
	[ "$(metric stream_records_out_total cat.prom)" = 8832 ]
	[ "$(metric stream_bytes_in_total cat.prom)" = "$(wc -c < "$FLIGHTS")" ]
	[ "$(metric stream_records_in_total window.prom)" = 8832 ]
	[ "$(metric stream_bytes_in_total window.prom)" = "$(metric stream_bytes_out_total cat.prom)" ]
	[ "$(metric stream_records_out_total window.prom)" = "$n" ]
	[ "$(metric stream_records_in_total sink.prom)" = "$n" ]
	[ "$(metric stream_bytes_in_total sink.prom)" = "$(metric stream_bytes_out_total window.prom)" ]
	[ "$(metric stream_records_out_total sink.prom)" = "$n" ]
	[ "$(metric stream_bytes_out_total sink.prom)" = "$(wc -c < out)" ]
	[ -n "$(metric stream_state_bytes window.prom)" ]
	[ -z "$(metric stream_state_bytes cat.prom)" ]
	[ -z "$(metric stream_epoch cat.prom)" ]
	diff <(sed -n 's/^# TYPE //p' cat.prom) <(sed -n 's/^# TYPE //p' sink.prom)
}

@test "--metrics: a missing last newline and empty lines are counted as the bytes they are" {
	printf '{"a":1}\n\n{"a":2}' > in
	run --separate-stderr stream-cat --metrics m in
	status_is 0
	[ "$(metric stream_bytes_in_total m)" = 16 ]
	[ "$(metric stream_bytes_out_total m)" = "$(printf '%s\n' "$output" | wc -c)" ]
	[ -z "$(metric stream_watermark_timestamp_seconds m)" ]
	run --separate-stderr stream-cat --metrics m -n 1 in
	[ "$(metric stream_bytes_in_total m)" = 8 ]
	[ "$(metric stream_records_in_total m)" = 1 ]
}

@test "--metrics: bad records by reason" {
	printf '%s\n' '{"t":1,"k":"a"}' 'no' '{"k":1}' '{"t":"x"}' '{"t":2,"k":[]}' "{\"t\":3,\"long\":\"$(printf '%0100d' 0)\"}" > in
	run --separate-stderr stream-cat -t .t -k .k --max-line 100 --dead-letter dead --metrics m in
	status_is 0
	good_metrics m
	[ "$(metric stream_records_in_total m)" = 6 ]
	[ "$(metric stream_records_out_total m)" = 1 ]
	[ "$(metric stream_bytes_in_total m)" = "$(wc -c < in)" ]
	for reason in json:1 time:2 key:1 long:1 record:0 value:0 result:0; do
		[ "$(metric stream_records_bad_total "${reason%:*}" m)" = "${reason#*:}" ] || fail "$reason"
	done
}

@test "--metrics, --progress: compressed files and other formats" {
	printf 'a,b\n1,2\n3\n' > in.csv
	run --separate-stderr stream-cat --format csv --dead-letter dead --metrics m in.csv
	status_is 0
	[ "$(metric stream_records_bad_total format m)" = 1 ]
	[ "$(metric stream_bytes_in_total m)" = "$(wc -c < in.csv)" ]
	gzip -c "$FLIGHTS" > in.gz
	on_terminal 'stream-cat --progress --rate 8000 --metrics m in.gz > out'
	tr '\r' '\n' < screen | grep -qE ', [1-9][0-9]? %, 0:0[0-9] left'
	[ "$(metric stream_bytes_in_total m)" = "$(wc -c < "$FLIGHTS")" ]
}

@test "--metrics: bad values, results that cannot be given out, late records" {
	printf '{"t":%s,"v":%s}\n' 0 1 1 '"x"' 9000 1 2 5 > in
	run --separate-stderr stream-window tumbling 1s -t .t -a 's=sum(.v)' --late drop --dead-letter dead --metrics m in
	status_is 0
	good_metrics m
	[ "$(metric stream_records_bad_total value m)" = 1 ]
	[ "$(metric stream_records_late_total m)" = 1 ]
	[ "$(metric stream_records_in_total m)" = 4 ]
	[ "$(metric stream_records_out_total m)" = 2 ]
	nines=$(printf '9%.0s' {1..38})
	printf '{"t":%s,"v":%s}\n' 0 "$nines" 1 "$nines" > in
	run --separate-stderr stream-window tumbling 1s -t .t --time-format ms -a 's=sum(.v)' --dead-letter dead --metrics m in
	status_is 0
	[ "$(metric stream_records_bad_total result m)" = 1 ]
	[ "$(metric stream_records_out_total m)" = 0 ]
}

@test "--metrics: windows of every kind have a state, and results" {
	for kind in "sliding 2d 1d" "cumulative 2d 1d" "session 4h" "count 10" global; do
		# shellcheck disable=SC2086  # several words
		run --separate-stderr stream-window $kind -t .at -k .tail --out-of-order 24h -a n=count --plain --metrics m "$FLIGHTS"
		status_is 0
		good_metrics m
		[ "$(metric stream_records_in_total m)" = 8832 ]
		[ "$(metric stream_records_out_total m)" = "${#lines[@]}" ]
		[ "$(metric stream_state_bytes m)" -gt 0 ]
	done
	printf '{"t":%s}\n' 0 15 > in
	run --separate-stderr stream-window sliding 1s 10s -t .t --metrics m in
	[ "$(metric stream_records_outside_total m)" = 1 ]
}

@test "--metrics: what is not a record counts in a stream, too" {
	{ printf '{"v":1}\n{"v":2}\n' | stream-cat | sed '3s/.*/{"ts":1}/'; } > stream
	sh_run 'cat stream | stream-sink --dead-letter dead --metrics m file:out'
	status_is 0
	[ "$(metric stream_records_bad_total record m)" = 1 ]
	[ "$(metric stream_records_in_total m)" = 2 ]
}

@test "--metrics: under a checkpoint, epochs and commits; counts begin anew with the process" {
	export STREAM_CHECKPOINT=$PWD/state
	for n in 1 2; do
		head -n $((n * 1000)) "$FLIGHTS" > in
		sh_run 'stream-cat -f -e -t .at --metrics cat.prom in | stream-sink --metrics sink.prom file:out'
		status_is 0
		for f in cat sink; do
			good_metrics $f.prom
			[ "$(metric stream_records_in_total $f.prom)" = 1000 ]
			[ "$(metric stream_epoch $f.prom)" = "$n" ]
			[ "$(metric stream_epochs_total $f.prom)" = 1 ]
			[ "$(metric stream_commit_seconds_count $f.prom)" = 1 ]
			[[ $(metric stream_commit_seconds_sum $f.prom) == 0.* ]]
			grep -qF "stream_epoch{stage=\"$f\",checkpoint=\"$STREAM_CHECKPOINT\"} " $f.prom
		done
	done
	[ "$(wc -l < out)" -eq 2000 ]
	mv sink.prom elsewhere
	sh_run 'stream-cat -f -e -t .at in | stream-sink --metrics sink.prom file:out'
	status_is 0
}

@test "--metrics: a failure is there, and the last success stays" {
	echo '{"a":1}' > in
	run --separate-stderr stream-cat --metrics m in
	status_is 0
	success=$(metric stream_last_success_timestamp_seconds m)
	[[ $success =~ ^[0-9]{10}\.[0-9]{3}$ ]]
	echo 'no' > in
	run --separate-stderr stream-cat --metrics m in
	status_is 1
	good_metrics m
	[ "$(metric stream_exit_status m)" = 1 ]
	[ "$(metric stream_records_bad_total json m)" = 1 ]
	[ "$(metric stream_last_success_timestamp_seconds m)" = "$success" ]
	run --separate-stderr stream-cat --metrics m missing
	status_is 1
	[ "$(metric stream_exit_status m)" = 1 ]
	[ "$(metric stream_records_in_total m)" = 0 ]
	[ "$(metric stream_last_success_timestamp_seconds m)" = "$success" ]
	sh_run "printf '%s\n' '{\"mark\":\"hello\",\"version\":1}' | stream-sink --metrics s file:out"
	status_is 75
	[ "$(metric stream_exit_status s)" = 75 ]
	[ -z "$(metric stream_last_success_timestamp_seconds s)" ]
}

@test "--metrics: kept up to date while it waits, and while it works" {
	mkfifo f
	stream-cat --metrics m f > out &
	pid=$!
	exec 9> f
	wait_for 10 test -s m
	good_metrics m
	[ "$(metric stream_records_in_total m)" = 0 ]
	[ -z "$(metric stream_exit_status m)" ]
	echo '{"a":1}' >&9
	one_is_in() { [ "$(metric stream_records_in_total m)" = 1 ]; }
	wait_for 10 one_is_in
	exec 9>&-
	wait "$pid"
	[ "$(metric stream_exit_status m)" = 0 ]
	head -n 1500 "$FLIGHTS" > in
	stream-cat --rate 500 --metrics m2 in > out &
	pid=$!
	some_are_in() { [ -e m2 ] && [ -z "$(metric stream_exit_status m2)" ] && [ "$(metric stream_records_in_total m2)" -gt 400 ]; }
	wait_for 10 some_are_in
	wait "$pid"
}

@test "--metrics: two commands with one file: 2; other data, a device, no such folder" {
	mkfifo f
	stream-cat --metrics m f > /dev/null &
	pid=$!
	exec 9> f
	wait_for 10 test -s m
	echo '{"a":1}' > in
	run --separate-stderr stream-cat --plain --metrics m in
	status_is 2
	stderr_is "stream-cat: m: another process writes to it: give each its own file"
	exec 9>&-
	wait "$pid"
	[ "$(metric stream_exit_status m)" = 0 ]
	run --separate-stderr stream-cat --plain --metrics in in
	status_is 2
	stderr_is "stream-cat: in: holds something else, and it would be replaced"
	[ "$(cat in)" = '{"a":1}' ]
	run --separate-stderr stream-cat --plain --metrics /dev/null in
	status_is 2
	[ -c /dev/null ]
	run --separate-stderr stream-cat --plain --metrics no/m in
	status_is 1
	stderr_is "stream-cat: no/m: No such file or directory"
	run --separate-stderr stream-cat --plain --dead-letter m3 --metrics m3 in
	status_is 2
}

@test "--metrics: that they cannot be written is told, and ends nothing" {
	mkdir d
	mkfifo f
	stream-cat --plain --metrics d/m f > out 2> err &
	pid=$!
	exec 9> f
	wait_for 10 test -s d/m
	mkdir d/.m.tmp
	wait_for 10 test -s err
	echo '{"a":1}' >&9
	exec 9>&-
	wait "$pid"
	[ "$(cat err)" = "stream-cat: d/m: File exists: the metrics are not up to date" ]
	[ "$(wc -l < out)" -eq 1 ]
}

@test "--metrics: labels are escaped, and no second instance takes them over" {
	export STREAM_CHECKPOINT=$PWD/$'a"b\\c'
	mkdir "$STREAM_CHECKPOINT"
	mkfifo f
	stream-cat -f --metrics m "$FLIGHTS" > f &
	pid=$!
	stream-sink file:out < f &
	sink=$!
	at_epoch_1() { [ -s m ] && [ "$(metric stream_epochs_total m)" -ge 1 ]; }
	wait_for 20 at_epoch_1
	good_metrics m
	grep -q 'checkpoint="[^"]*/a\\"b\\\\c"' m
	run --separate-stderr stream-cat -f --lock-wait 0 --metrics m "$FLIGHTS"
	status_is 75
	[ -z "$(metric stream_exit_status m)" ]
	kill "$pid"
	wait "$pid"
	wait "$sink"
	[ "$(metric stream_exit_status m)" = 0 ]
}

# ---- SIGUSR1 ----

@test "SIGUSR1: one line of counts, while it waits, and nothing is lost" {
	mkfifo f
	stream-window tumbling 1s -t .t --time-format ms -a n=count --plain --late drop - < f > out 2> err &
	pid=$!
	exec 9> f
	printf '{"t":1000}\n{"t":5000}\n{"t":0}\n' >&9
	wait_for 10 test -s out
	for n in 1 2 3; do
		kill -USR1 "$pid"
		n_lines() { [ "$(wc -l < err)" -eq "$n" ]; }
		wait_for 10 n_lines
	done
	echo '{"t":6000}' >&9
	exec 9>&-
	wait "$pid"
	[ "$(wc -l < err)" -eq 3 ]
	[ "$(wc -l < out)" -eq 3 ]
	while read -r line; do
		[[ $line =~ ^stream-window:\ 3\ records\ in,\ 1\ out,\ 0\ bad,\ 1\ late\;\ 0\ spilled\;\ [0-9.]+( k)?/s\;\ 30\ bytes\ in\;\ watermark\ 1970-01-01T00:00:05Z,\ lag\ [0-9dhms]+\;\ state\ [0-9]+\ entries,\ [0-9]+\ bytes\;\ up\ [0-9dhms]+$ ]] ||
			fail "$line"
	done < err
}

@test "SIGUSR1 again and again changes no byte, in any command" {
	stream-cat -t .at -k .carrier --out-of-order 24h "$FLIGHTS" | stream-window tumbling 1d -a n=count | stream-sink file:quiet
	mkfifo a b
	pids=()
	stream-cat -t .at -k .carrier --out-of-order 24h --rate 10000 "$FLIGHTS" > a 2>> err & pids+=($!)
	stream-window tumbling 1d -a n=count < a 2>> err > >(tee said > b) & pids+=($!)
	stream-sink file:asked < b 2>> err & pids+=($!)
	until grep -q '"end"' said 2> /dev/null; do
		for p in "${pids[@]}"; do
			# Only where the handler stands already: bit 9 of what is caught.
			now=$(cat "/proc/$p/status" 2> /dev/null) || :
			[[ ! $now =~ Name:.stream-.*SigCgt:.[0-9a-f]*[2367abef]..$'\n' ]] || kill -USR1 "$p"
		done
	done
	for p in "${pids[@]}"; do
		wait "$p"
	done
	same quiet asked
	for c in cat window sink; do
		grep -q "^stream-$c: [0-9]* records in" err
	done
	run ! grep -v '^stream-[a-z]*: [0-9]* records in, ' err
}

@test "SIGUSR1 under --rate and under a checkpoint is answered with the epoch" {
	export STREAM_CHECKPOINT=$PWD/state
	mkfifo f
	stream-cat --rate 100 "$FLIGHTS" > f 2> err &
	pid=$!
	stream-sink file:out < f &
	sink=$!
	wait_for 20 committed state '.epoch >= 1'
	kill -USR1 "$pid"
	wait_for 10 test -s err
	[[ $(cat err) =~ ^stream-cat:\ .*\;\ epoch\ [0-9]+\;\ up ]]
	kill "$pid"
	wait "$pid"
	wait "$sink"
}

# ---- progress ----

@test "--progress draws one line over and over, and takes it away" {
	on_terminal 'stream-cat --progress --rate 8000 -t .at "$FLIGHTS" > out'
	grep -q '"end"' out
	tr '\r' '\n' < screen > lines
	grep -qE $'^\e\\[Jstream-cat: [0-9.]+ k records, [0-9.]+ k/s, [0-9]+ %, [0-9]+:[0-9]+ left, watermark 2013-01-[0-9]+T[0-9:]+Z, lag [0-9]+d' lines
	[ "$(tail -n 1 lines)" = $'\e[J' ]
	[ "$(wc -L < lines)" -le 102 ]
	[ "$(tr -cd '\n' < screen | wc -c)" -eq 0 ]
}

@test "--progress of what has no known end" {
	mkfifo f
	on_terminal 'stream-window tumbling 1d -t .at --late drop --progress f > out' &
	pid=$!
	exec 9> f
	head -n 100 "$FLIGHTS" >&9
	shown() {
		tr '\r' '\n' < screen | grep -qE $'^\e\\[Jstream-window: 100 records, [0-9.]+/s, watermark 2013-01-01T[0-9:]+Z, lag [0-9]+d'
	}
	wait_for 10 shown
	exec 9>&-
	wait "$pid"
	run ! grep -q % screen
}

@test "--progress: a message stands on a line of its own" {
	{ head -n 3000 "$FLIGHTS"; echo no; } > in
	on_terminal 'stream-cat --progress --rate 4000 in > out' || [ $? -eq 1 ]
	tr '\r' '\n' < screen | tail -n 2 | grep -q $'^\e\\[Jstream-cat: in:3001: not JSON'
}

@test "--progress shows nothing in a file, on a dumb terminal, or where records go to the terminal" {
	run --separate-stderr stream-cat --progress --rate 20000 "$FLIGHTS"
	status_is 0
	silent
	TERM=dumb script -qec 'stream-cat --progress --rate 20000 "$FLIGHTS" > out' /dev/null < /dev/null > screen
	[ ! -s screen ]
	on_terminal 'stream-cat --progress --rate 20000 "$FLIGHTS"'
	run ! grep -q 'records,' screen
}
