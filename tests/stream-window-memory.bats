# stream-window: more groups than --memory has room for.

load helper

# So many records of keys that come again, at random, over a minute: t k v.
keys() {
	awk -v n="$1" -v keys="$2" 'BEGIN {
		srand(7)
		for (i = 0; i < n; i++)
			printf "{\"t\":%d,\"k\":\"user-%06d\",\"v\":%d.%02d}\n", i * 60000 / n, int(rand() * keys), rand() * 100, rand() * 100
	}' > in
}

# with SIZE KIND ARGS…: the results, into `out`, with so much memory.
with() {
	local memory=$1 kind

	read -ra kind <<< "$2"
	shift 2
	run --separate-stderr bash -c '"$@" > out' - stream-window "${kind[@]}" "$@" --memory "$memory" --plain -t .t --time-format ms -k .k \
		-a n=count -a s='sum(.v)' -a last='last(.v)' in
	status_is 0
}

@test "with a little memory the results are the same, in the same order, and nothing is left behind" {
	keys 20000 6000
	mkdir tmp
	for kind in "tumbling 20s" "tumbling 1m" "sliding 20s 5s" "cumulative 1m 10s"; do
		with 1G "$kind"
		mv out all
		for m in 4K 64K 1M; do
			TMPDIR=tmp with "$m" "$kind"
			same all out
			[ -z "$(ls -A tmp)" ]
		done
	done
}

@test "sessions: the same" {
	keys 20000 6000
	mkdir tmp
	for kind in "session 20s" "session 2s"; do
		with 1G "$kind"
		mv out all
		for m in 64K 1M; do
			TMPDIR=tmp with "$m" "$kind"
			same all out
			[ -z "$(ls -A tmp)" ]
		done
	done
}

@test "records out of order: windows that are open together" {
	keys 20000 3000
	shuf --random-source=in in > mixed
	mv mixed in
	with 1G "tumbling 5s" --out-of-order 1m
	mv out all
	with 256K "tumbling 5s" --out-of-order 1m
	same all out
}

@test "records out of order: sessions that are put together from both ends, and records that are late" {
	keys 20000 3000
	shuf --random-source=in in > mixed
	awk '{ print } NR > 5000 && NR % 100 == 0 { sub(/"t":[0-9]+/, "\"t\":" (NR * 3 - 14000)); print }' mixed > in
	with 1G "session 3s" --out-of-order 10s --late late.all
	mv out all
	[ -s late.all ]
	for m in 16K 256K; do
		rm -f late
		with "$m" "session 3s" --out-of-order 10s --late late
		same all out
		same late.all late
	done
	with 1G "session 3s" --out-of-order 10s --late drop --allowed-lateness 8s
	mv out all
	grep -q '"pane":"retract"' all
	with 64K "session 3s" --out-of-order 10s --late drop --allowed-lateness 8s
	same all out
}

@test "a late record gives a result of all there is, wherever it lies" {
	keys 20000 3000
	awk '{ print } NR > 8000 && NR % 100 == 0 { sub(/"t":[0-9]+/, "\"t\":" (NR * 3 - 22000)); print }' in > late
	mv late in
	for kind in "tumbling 10s" "sliding 10s 5s"; do
		with 1G "$kind" --allowed-lateness 1m
		mv out all
		grep -q '"pane":"late"' all
		with 64K "$kind" --allowed-lateness 1m
		same all out
	done
}

@test "metrics, and -v: how many groups were spilled" {
	keys 3000 3000
	with 64K "tumbling 1m" --metrics m -v
	spilled=$(sed -n 's/^stream_records_spilled_total{stage="window"} //p' m)
	[ "$spilled" -gt 1000 ]
	[ "$spilled" -le 3000 ]
	[[ $stderr == *", $spilled spilled"* ]]
}

@test "memory is bounded by --memory, however many keys a window has" {
	[ -x /usr/bin/time ] || skip "no /usr/bin/time"
	[[ $BUILD != */asan ]] || skip "what is freed is kept a while, to catch who uses it"
	awk 'BEGIN { for (i = 0; i < 200000; i++) printf "{\"t\":%d,\"k\":\"user-%06d\",\"v\":1}\n", i / 10, i }' > in
	for words in "tumbling 1h" "sliding 10s 5s" "session 1h"; do
		read -ra kind <<< "$words"
		run --separate-stderr /usr/bin/time -f %M -o peak stream-window "${kind[@]}" --memory 4M --plain -t .t --time-format ms -k .k \
			-a n=count -a s='sum(.v)' in
		status_is 0
		[ "$(cat peak)" -le $((4 * 1024 + 6 * 1024)) ]
	done
}

@test "runs live in the checkpoint: what was stopped goes on from them" {
	keys 6000 4000
	for kind in "tumbling 1m" "session 20s"; do
		read -ra words <<< "$kind"
		with 1G "$kind"
		rm -rf state out.ndjson
		stream-window "${words[@]}" --memory 64K -t .t --time-format ms -k .k -a n=count -a s='sum(.v)' -a last='last(.v)' \
			-n 4000 --checkpoint state in | stream-sink file:out.ndjson --checkpoint state
		runs=(state/window/*.run)
		[ -e "${runs[0]}" ]
		[ "$kind" != "tumbling 1m" ] || [ ! -s out.ndjson ]
		stream-window "${words[@]}" --memory 1M -t .t --time-format ms -k .k -a n=count -a s='sum(.v)' -a last='last(.v)' \
			--checkpoint state in | stream-sink file:out.ndjson --checkpoint state
		same out out.ndjson
	done
}

@test "a run that was changed on disk is no state" {
	keys 6000 4000
	stream-window tumbling 1m --memory 64K -t .t --time-format ms -k .k -n 4000 --checkpoint state in |
		stream-sink file:out.ndjson --checkpoint state
	runs=(state/window/*.run)
	printf '\0' | dd of="${runs[0]}" bs=1 seek=50 conv=notrunc status=none
	run bash -c "stream-window tumbling 1m --memory 64K -t .t --time-format ms -k .k --checkpoint state in |
		stream-sink file:out.ndjson --checkpoint state"
	status_is 1
	[[ $output == *"${runs[0]}: damaged: checksum does not match"* ]]
}
