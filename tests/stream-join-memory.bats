# stream-join: more records than --memory has room for.

load helper

# with SIZE ARGS…: the results, into `out`, with so much memory.
with() {
	local memory=$1

	shift
	run --separate-stderr bash -c '"$@" > out' - stream-join "$@" --memory "$memory" --plain -t .at
	status_is 0
}

# Two sides, not in order.
sides() {
	head -n 4000 "$FLIGHTS" > a
	tail -n +500 "$FLIGHTS" | head -n 4000 | tac > b
}

@test "with a little memory the results are the same, in the same order, and nothing is left behind" {
	sides
	mkdir tmp
	while read -r words; do
		eval "set -- $words"
		with 1G "$@" --out-of-order 30d a b
		[ -s out ] || fail "$words: nothing"
		mv out all
		for m in 16K 512K; do
			TMPDIR=tmp with "$m" "$@" --out-of-order 30d -v a b
			same all out
			[[ $stderr =~ \ ([0-9]+)\ spilled ]]
			[ "${BASH_REMATCH[1]}" -gt 1000 ] || fail "$words: $stderr"
			[ -z "$(ls -A tmp)" ]
		done
	done <<- 'END'
		inner --on .tail --within 0s..9h
		full --on .tail --within 9h
		left --on .tail --within -9h..1h --where '.left.distance < .right.distance'
		semi --on .dest --within 1m
		anti --on .dest --within 0s..1h --where '.left.carrier == .right.carrier'
		full --on .tail --window 'tumbling 12h'
		semi --on .tail --window 'sliding 12h 3h' --where '.left.dest != .right.dest'
		left --on .dest --as-of
		anti --on .tail --as-of --where '.left.dest != .right.origin'
	END
}

@test "the pairs are those that SQL gives" {
	for side in l r; do
		jq -c '{at, tail, id}' "$FLIGHTS" > flights
		printf '%s\n' "create table $side(line text);" '.mode ascii' '.separator "\001" "\n"' ".import flights $side"
	done > sql
	cat >> sql <<- 'END'
		create table t as select json_extract(line, '$.id') id, json_extract(line, '$.tail') tail,
			unixepoch(json_extract(line, '$.at')) at from l;
		create index i on t(tail, at);
		.mode list
		.separator " "
		select l.id, r.id from t l join t r on l.tail = r.tail and r.at between l.at + 60 and l.at + 18000;
	END
	sqlite3 :memory: < sql | sort > want || fail "$(cat sql)"
	[ "$(wc -l < want)" -gt 500 ]
	with 32K --within 1m..5h --on .tail --out-of-order 30d "$FLIGHTS" "$FLIGHTS"
	jq -r '.payload | "\(.left.id) \(.right.id)"' out | sort > got
	same want got
}

@test "metrics, and -v: how many records were spilled" {
	sides
	with 64K full --on .tail --within 9h --out-of-order 30d --metrics m -v a b
	spilled=$(sed -n 's/^stream_records_spilled_total{stage="join"} //p' m)
	[ "$spilled" -gt 1000 ]
	[ "$spilled" -le 8000 ]
	[[ $stderr == *", $spilled spilled"* ]]
	with 1G full --on .tail --within 9h --out-of-order 30d -v a b
	[[ $stderr == *", 0 spilled"* ]]
}

@test "memory is bounded: what --memory says, some 50 bytes for a record, and its key" {
	[ -x /usr/bin/time ] || skip "no /usr/bin/time"
	[[ $BUILD != */asan ]] || skip "what is freed is kept a while, to catch who uses it"
	n=60000
	awk -v n=$n 'BEGIN {
		fill = sprintf("%0400d", 0)
		for (i = 0; i < n; i++)
			printf "{\"at\":%d,\"k\":\"user-%04d\",\"fill\":\"%s\"}\n", 1357000000000 + i, i % 1000, fill
	}' > a
	for how in "full --within 10s..20s" "inner --window tumbling\ 5m" "left --as-of"; do
		eval "set -- $how"
		run --separate-stderr /usr/bin/time -f %M -o peak stream-join "$@" --memory 8M --plain -k .k -t .at --out-of-order 10m a /dev/null
		status_is 0
		# The records that leave all at once at the end are put in order: 48 bytes each.
		[ "$(cat peak)" -le $((8 * 1024 + n * (50 + 48) / 1024 + 6 * 1024)) ] || fail "$how: $(cat peak) KiB"
	done
}

# ---- under a checkpoint ----

job() {
	stream-join full --within 9h --on .tail -t .at --out-of-order 30d --checkpoint state --checkpoint-interval 1ms "$@" a b |
		stream-sink file:out.ndjson --checkpoint state
}

@test "what is on disk lives in the checkpoint: what was stopped goes on from it, with another --memory, too" {
	sides
	with 1G full --within 9h --on .tail --out-of-order 30d a b
	mv b whole
	for memory in "32K 1M" "1M 32K" "32K 32K"; do
		rm -rf state out.ndjson
		head -n 2000 whole > b
		job --memory "${memory% *}" -f -e
		runs=(state/join/*.run)
		[[ $memory == 1M* || -e ${runs[0]} ]]
		[ "$(wc -l < out.ndjson)" -lt "$(wc -l < out)" ]
		cp whole b
		job --memory "${memory#* }"
		jq -cS 'del(.offset)' out.ndjson | sort > got
		jq -cS 'del(.offset)' out | sort > want
		same want got
	done
	# What is over is gone.
	runs=(state/join/*.run)
	[ "${#runs[@]}" -le 70 ]
}

@test "killed again and again with little memory: the same" {
	sides
	with 1G full --within 9h --on .tail --out-of-order 30d a b
	for n in 1 2 3 4 5; do
		job --memory 32K 2> /dev/null &
		sh=$!
		until committed state ".run == $n and .epoch > 3 * $n" || ! kill -0 "$sh" 2> /dev/null; do read -r -t 0.01 <> <(:) || :; done
		kill -9 "$(jq .pid state/join/lock 2> /dev/null)" 2> /dev/null || :
		wait "$sh" || :
	done 2> /dev/null
	job --memory 32K
	jq -cS 'del(.offset)' out.ndjson | sort > got
	jq -cS 'del(.offset)' out | sort > want
	same want got
}

@test "what is on disk and was changed, or is missing, is no state" {
	sides
	job --memory 32K -f -e
	for snap in state/join/*.snap; do
		grep -h "^{.spilled" "$snap" | jq -r ".spilled.runs[-1].run"
	done | sort -n > named
	run=$(tail -n 1 named)
	run=state/join/$run.run
	printf '\0' | dd of="$run" bs=1 seek=50 conv=notrunc status=none
	run job --memory 32K
	status_is 1
	[[ $output == *"$run: damaged: checksum does not match"* ]]
	rm "$run"
	run job --memory 32K
	status_is 1
	[[ $output == *"$run is missing"* ]]
}

@test "no place on disk: said, with its status" {
	sides
	TMPDIR=/nowhere run --separate-stderr stream-join full --within 9h --on .tail -t .at --out-of-order 30d --memory 32K --plain a b
	status_is 1
	[[ $stderr == "stream-join: /nowhere: "* ]] || fail "$stderr"
	run --separate-stderr bash -c 'ulimit -f 8; trap "" XFSZ
		stream-join full --within 9h --on .tail -t .at --out-of-order 30d --memory 64K --plain a b | cat'
	[[ $stderr == "stream-join: "*": "*"File too large"* ]] || fail "$stderr"
}
