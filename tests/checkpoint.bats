# The checkpoint, from outside: what each process says and leaves with, and what stands on disk.
# (Kills are the business of tests/crash.)

load helper

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
	export STREAM_CHECKPOINT=state
	awk 'NR % 14 == 0' "$FLIGHTS" | head -n 600 > in
}

# The pipeline of most tests; its statuses in $statuses.  Options from the environment.
go() {
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h $CAT \${IN:-in} $BETWEEN |
		stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' $WINDOW |
		stream-sink $SINK file:out"
}

statuses_are() {
	[ "$statuses" = "$1" ] || { printf 'expected statuses %s, not %s\n' "$1" "$statuses" >&2; told; return 1; }
}

expected() {
	env -u STREAM_CHECKPOINT bash -c "stream-window tumbling 6h --time .at --key .carrier --out-of-order 24h -a n=count \
		-a d='sum(.dep_delay)' --plain ${1:-in}"
}

# As a killed run leaves it: some epochs committed, the input not yet through.
half() {
	cp in whole
	head -n 300 whole > in
	CAT='-f -e --checkpoint-interval 1ms --rate 20000' go
	cp whole in
	statuses_are "0 0 0"
}

# ---- what it leaves behind ----

@test "jq can look into every file of the directory" {
	go
	statuses_are "0 0 0"
	silent
	for f in state/pipeline state/run state/commit state/*/lock state/*/*.snap; do
		jq -e . "$f" > /dev/null || fail "$f"
	done
	jq -e '.id | length > 0' state/pipeline > /dev/null
	jq -e '.run == 1 and .pid > 0' state/run > /dev/null
	jq -e '.run == 1 and .epoch >= 1 and .closed and (.via | map(.[0])) == ["cat", "window"]' state/commit > /dev/null
	[ "$(stat -c %a state)" = 700 ]
	[ "$(stat -c %a state/commit)" = 600 ]
	[ -z "$(find state -name '*.tmp*')" ]
}

@test "the output is that without a checkpoint" {
	go
	same out <(expected)
}

@test "run again after the end: 0, nothing is added" {
	go
	cp out first
	go
	statuses_are "0 0 0"
	silent
	same first out
	jq -e '.run == 2' state/run > /dev/null
}

@test "a run that was stopped goes on where it was" {
	half
	[ "$(wc -l < out)" -lt "$(expected whole | wc -l)" ]
	go
	statuses_are "0 0 0"
	same out <(expected)
}

@test "stop by -n, twice; then to the end" {
	CAT='-n 100' go
	statuses_are "0 0 0"
	jq -e '.closed' state/commit > /dev/null
	CAT='-n 100' go
	statuses_are "0 0 0"
	[ "$(jq -s '.[-1].source.position[0].line' "state/cat/$(jq .epoch state/commit).snap" 2> /dev/null ||
		grep -o '"line":[0-9]*' "state/cat/$(jq .epoch state/commit).snap" | tail -n 1)" = '"line":200' ] ||
	grep -q '"line":200' "state/cat/$(jq .epoch state/commit).snap"
	go
	statuses_are "0 0 0"
	same out <(expected)
}

@test "-f -e: windows stay open; what has grown is counted in them" {
	cp in whole
	for n in 100 101 350 600; do
		head -n "$n" whole > grown
		dd if=grown of=in conv=notrunc status=none
		[ "$n" = 100 ] && cp grown in
		CAT='-f -e' go
		statuses_are "0 0 0"
	done
	CAT='-f -e --close' go
	statuses_are "0 0 0"
	same out <(expected)
}

@test "grown after the end: 1, and names -f -e" {
	go
	cp out first
	awk 'NR % 14 == 0' "$FLIGHTS" | head -n 620 > in
	go
	statuses_are "1 1 1"
	stderr_like '^stream-cat: in: ended at [0-9]+, now [0-9]+ bytes; its windows are closed .*-f -e'
	same first out
}

@test "a new file after the end is refused, one before it is not" {
	go
	printf '{"at":"2013-01-09T00:00:00Z"}\n' > new
	IN='in new' go
	statuses_are "1 1 1"
	stderr_like '^stream-cat: new: new, but the input had ended'
}

@test "SIGTERM at the source: stop; a rerun goes on" {
	cp in whole
	head -n 300 whole > in
	stream-cat --time .at --key .carrier --out-of-order 24h -f --checkpoint-interval 1ms in |
		stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' |
		stream-sink file:out &
	wait_for 20 committed state '.epoch >= 2'
	kill -TERM "$(jq .pid state/cat/lock)"
	wait $!
	jq -e .closed state/commit > /dev/null
	cp whole in
	go
	statuses_are "0 0 0"
	same out <(expected)
}

@test "SIGTERM to all of them, as a terminal or systemd sends it: the same" {
	cp in whole
	head -n 300 whole > in
	stream-cat --time .at --key .carrier --out-of-order 24h -f --checkpoint-interval 1ms in |
		stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' |
		stream-sink file:out &
	wait_for 20 committed state '.epoch >= 2'
	kill -TERM "$(jq .pid state/cat/lock)" "$(jq .pid state/window/lock)" "$(jq .pid state/run)"
	wait $!
	jq -e .closed state/commit > /dev/null
	cp whole in
	go
	same out <(expected)
}

# ---- who may run ----

# A pipeline that stands: it follows its input.
stand() {
	stream-cat --time .at --key .carrier --out-of-order 24h -f --checkpoint-interval 1ms in |
		stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' |
		stream-sink file:out &
	standing=$!
	wait_for 20 committed state '.epoch >= 1'
}

stand_down() {
	kill -TERM "$(jq .pid state/cat/lock)"
	wait "$standing"
}

@test "a second instance leaves with 75, held by pid N, and does no harm" {
	stand
	pid=$(jq .pid state/run)
	CAT='-f --lock-wait 200ms' WINDOW='--lock-wait 200ms' SINK='--lock-wait 200ms' go
	statuses_are "75 75 75"
	[[ $stderr == *"stream-sink: state/lock: held by pid $pid"* ]] || { told; fail "wanted: held by pid $pid"; }
	stand_down
	go
	statuses_are "0 0 0"
	same out <(expected)
}

@test "no sink on it: 75 after --lock-wait, and says so" {
	pipe_run 'stream-cat --lock-wait 100ms in | cat > cat-out'
	statuses_are "75 0"
	stderr_is "stream-cat: STREAM_CHECKPOINT=state is set, but no stream-sink runs on it"
	unset STREAM_CHECKPOINT
	pipe_run 'stream-cat --checkpoint here --lock-wait 100ms in | cat > cat-out'
	statuses_are "75 0"
	[[ $stderr == "stream-cat: --checkpoint here"*"no stream-sink runs on it" ]]
	[ ! -s cat-out ]
}

@test "two stages of one name: 2" {
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in | stream-window tumbling 6h | stream-window tumbling 1d |
		stream-sink file:out"
	statuses_are "2 2 2 2" || statuses_are "75 75 2 2" || statuses_are "0 0 2 2" || statuses_are "0 75 2 2" || statuses_are "75 2 2 2"
	[[ $stderr == *"stream-window: two stages named window: give --name"* ]]
}

@test "names of their own make two windows in one pipeline" {
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in | stream-window --name fine tumbling 6h |
		stream-window --name coarse tumbling 1d -a n='sum(.count)' | stream-sink file:out"
	statuses_are "0 0 0 0"
	[ "$(jq -s 'map(.payload.n) | add' out)" -eq 600 ]
	[ -e state/fine/lock ] && [ -e state/coarse/lock ]
}

@test "one without the checkpoint among them: 2, and says what to do" {
	pipe_run "env -u STREAM_CHECKPOINT stream-cat --time .at --key .carrier --out-of-order 24h in |
		stream-window tumbling 6h | stream-sink file:out"
	[[ ${statuses#* } = "2 2" ]]
	[[ $stderr == *"stream-window: STREAM_CHECKPOINT=state is set, but upstream runs without a checkpoint"* ]]
	rm -rf state
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in |
		env -u STREAM_CHECKPOINT stream-window tumbling 6h | stream-sink file:out"
	[[ $stderr == *"stream-window: upstream runs under a checkpoint, so I need it too"* ]]
	[[ ${statuses#* } = "2 2" ]]
	[ ! -s out ]
}

@test "another directory for one of them: 2" {
	mkdir other
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in |
		stream-window --checkpoint other tumbling 6h | stream-sink file:out"
	[[ ${statuses#* } = "2 2" ]]
	[[ $stderr == *"stream-window: --checkpoint other"*"another"* ]]
}

@test "a source that cannot seek says so: 2" {
	pipe_run 'cat in | stream-cat --time .at | stream-sink file:out'
	[ "${statuses#* }" != "0 0" ]
	[[ $stderr == *"stream-cat: "* ]]
	rm -rf state
	mkfifo fifo
	cat in > fifo &
	pipe_run 'stream-cat --time .at fifo | stream-sink file:out'
	wait $! || :
	statuses_are "2 2"
	stderr_like '^stream-cat: fifo: '
}

@test "stdin that is a file is fine" {
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h < in |
		stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' | stream-sink file:out"
	statuses_are "0 0 0"
	same out <(expected)
}

@test "a command that is its own source, under a checkpoint" {
	for _ in 1 2; do
		pipe_run "stream-window tumbling 6h --time .at --key .carrier --out-of-order 24h -a n=count -a d='sum(.dep_delay)' in |
			stream-sink file:out"
		statuses_are "0 0"
		same out <(expected)
	done
	[ ! -e state/cat ]
}

@test "--no-sync works the same" {
	CAT=--no-sync WINDOW=--no-sync SINK=--no-sync go
	statuses_are "0 0 0"
	same out <(expected)
}

@test "the directory may be there already, and need not be in the working directory" {
	mkdir -p a
	STREAM_CHECKPOINT=$PWD/a/state go
	statuses_are "0 0 0"
	rm -rf a/state out
	mkdir a/state
	STREAM_CHECKPOINT=a/state go
	statuses_are "0 0 0"
}

@test "under systemd STATE_DIRECTORY serves" {
	unset STREAM_CHECKPOINT
	mkdir sd
	STATE_DIRECTORY=$PWD/sd go
	statuses_are "0 0 0"
	[ -e sd/commit ]
}

@test "its parent is missing, it is a file, it cannot be written: 1" {
	STREAM_CHECKPOINT=none/state go
	[ "${statuses##* }" = 1 ]
	[[ $stderr == *"none/state: No such file or directory"* ]]
	echo > file
	STREAM_CHECKPOINT="file" go
	[ "${statuses##* }" = 1 ]
	[[ $stderr == *"file: Not a directory"* ]]
}

# ---- streams that do not end well ----

@test "end of file without end: 75, nothing after the last barrier is committed" {
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in | head -n 400 | stream-sink file:out"
	[ "${statuses##* }" = 75 ]
	[[ $stderr == *"stream-sink: upstream broke off"* ]]
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in | stream-sink file:out"
	statuses_are "0 0"
	[ "$(wc -l < out)" -eq 600 ]
}

@test "nothing at all upstream: 75, no run is registered" {
	exec 8< <(:)
	wait $!                         # stdin is at its end before the sink looks
	run --separate-stderr stream-sink file:out <&8
	status_is 75
	[ ! -e state/run ]
}

@test "a filter that drops marks: 1, and says so" {
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in | jq -c --unbuffered 'select(.mark | not)' |
		stream-window tumbling 6h | stream-sink file:out"
	[ "${statuses: -3}" = "1 1" ]
	[[ $stderr == *"stream-window: "*"a filter before me drops"* ]]
	[ ! -s out ]
}

@test "a filter that lets marks pass may stand in the middle as it is" {
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in |
		jq -c --unbuffered 'if .mark then . else select(.payload.carrier == \"UA\") end' |
		stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' | stream-sink file:out"
	statuses_are "0 0 0 0"
	grep '"carrier":"UA"' in > ua
	[ "$(jq -s 'map(.payload.n) | add' out)" -eq "$(wc -l < ua)" ]
}

@test "a filter that loses a barrier: 1" {
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h --checkpoint-interval 1ms --rate 3000 in |
		sed -u '/\"epoch\":2}/d' | stream-sink file:out"
	[ "${statuses##* }" = 1 ]
	[[ $stderr == *"stream-sink: barrier "* || $stderr == *"stream-sink: the stream says end, and no barrier before it: "* ]]
}

@test "a filter that loses the last barrier: 1, at whatever stage; without it the rerun is whole" {
	for filters in "sed -u /barrier/d | stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' |" \
		"stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' | sed -u /barrier/d |"; do
		rm -rf state out
		pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in | $filters stream-sink file:out"
		[ "${statuses##* }" = 1 ]
		[[ $stderr == *": the stream says end, and no barrier before it: a filter before me drops barriers"* ]]
		jq -e '.epoch == 0 and (.closed | not)' state/commit > /dev/null
		go
		statuses_are "0 0 0"
		same out <(expected)
	done
}

@test "fail upstream: the pipeline's status is 1, not 75; the last commit stands; mended, it goes on" {
	cp in whole
	sed '300s/.*/{"at":"never"}/' whole > in
	CAT='--checkpoint-interval 1ms --rate 20000' go
	statuses_are "1 1 1"
	stderr_like '^stream-cat: in:300: '
	jq -e '.closed == false' state/commit > /dev/null
	line=$(sed -n 300p whole)
	[ ${#line} -gt 20 ]
	# Replaced by another line at the place that was never committed: that is no change of what was read.
	cp whole in
	go
	statuses_are "0 0 0"
	same out <(expected)
}

@test "fail in the middle: downstream leaves with 1, upstream with 75" {
	WINDOW="-a x='sum(.carrier)'" go
	[ "${statuses#* }" = "1 1" ]
	stderr_like '^stream-window: .*\.carrier'
}

@test "the reader leaves: 75 under a checkpoint" {
	pipe_run "stream-cat --time .at --checkpoint-interval 1ms --rate 10000 in | stream-window tumbling 1d --late drop | stream-sink - | true"
	[ "${statuses%% *}" != 141 ]
	[[ $statuses != *141* ]]
}

# ---- what changed between two runs ----

@test "a changed option that means something: 1, and names it" {
	half
	pipe_run "stream-cat --time .at --key .dest --out-of-order 24h in |
		stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' | stream-sink file:out"
	statuses_are "1 1 1"
	stderr_like '^stream-cat: .*--key was \.carrier, is \.dest now'
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in |
		stream-window tumbling 6h -a n=count | stream-sink file:out"
	[ "${statuses#* }" = "1 1" ]
	[[ $stderr == *"stream-window: "*"--aggregate was "*", is "*" now"* ]]
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in |
		stream-window tumbling 5h -a n=count -a d='sum(.dep_delay)' | stream-sink file:out"
	[ "${statuses#* }" = "1 1" ]
	[[ $stderr == *"stream-window: "*"tumbling was 6h, is 5h now"* ]]
	go
	statuses_are "0 0 0"
	same out <(expected)
}

@test "the same in another spelling is the same: 24h is 1d" {
	half
	pipe_run "stream-cat -k .carrier -t .at --out-of-order 1440m in |
		stream-window tumbling 360m --aggregate n=count -a 'd=sum(.dep_delay)' | stream-sink file:out"
	statuses_are "0 0 0"
	same out <(expected)
}

@test "options of manner may change: intervals, rates, side files" {
	half
	CAT='--rate 100000 --dead-letter dead' WINDOW='--late late --checkpoint-interval 3s' SINK='--dead-letter dead-sink -q' go
	statuses_are "0 0 0"
	same out <(expected)
}

@test "a stage added, removed or renamed: 1, and names it" {
	half
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in | stream-sink file:out"
	[ "${statuses##* }" = 1 ]
	[[ $stderr == *"stream-sink: "*window* ]]
	WINDOW='--name panes' go
	[ "${statuses##* }" = 1 ]
	[[ $stderr == *panes* || $stderr == *window* ]]
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in |
		stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' | stream-window --name more tumbling 1d | stream-sink file:out"
	[ "${statuses##* }" = 1 ]
	[[ $stderr == *more* ]]
	go
	statuses_are "0 0 0"
	same out <(expected)
}

@test "an input that was replaced, changed or got shorter: 1, never wrong data" {
	half
	cp out before
	sed '1s/UA/XX/' whole > in
	go
	statuses_are "1 1 1"
	stderr_like '^stream-cat: in: begins differently .*replaced'
	sed '299s/[0-9]/7/g' whole > in
	go
	statuses_are "1 1 1"
	stderr_like '^stream-cat: in: '
	head -n 200 whole > in
	go
	statuses_are "1 1 1"
	stderr_like '^stream-cat: in: [0-9]+ bytes now, but the checkpoint has read [0-9]+'
	rm in
	go
	statuses_are "1 1 1"
	stderr_is "stream-cat: in: No such file or directory"
	same before out
	cp whole in
	go
	statuses_are "0 0 0"
	same out <(expected)
}

@test "an input that was moved: 1; finished files may go, new ones may follow" {
	half
	mv in elsewhere
	IN=elsewhere go
	statuses_are "1 1 1"
	[[ $stderr == *"stream-cat: "*"in"* ]]
	rm -rf state out
	head -n 300 whole > a
	tail -n 300 whole > b
	IN=a CAT='-f -e' go
	statuses_are "0 0 0"
	IN='a b' CAT='-f -e' go
	statuses_are "0 0 0"
	rm a
	IN='b' CAT='-f -e --close' go
	statuses_are "0 0 0"
	same out <(expected whole)
}

@test "the target got shorter: 1; what stands behind the commit is cut" {
	half
	cp out before
	echo '{"torn":' >> out
	go
	statuses_are "0 0 0"
	same out <(expected)
	rm -rf state out
	half
	: > out
	go
	[ "${statuses##* }" = 1 ]
	[[ $stderr == *"stream-sink: out: "* ]]
	[ ! -s out ]
}

@test "the target is missing, or another: 1" {
	half
	mv out away
	go
	[ "${statuses##* }" = 1 ]
	[[ $stderr == *"stream-sink: out: "* ]]
	mv away out
	go
	statuses_are "0 0 0"
	same out <(expected)
}

@test "the target had something before: it stays" {
	echo '{"old":1}' > out
	go
	statuses_are "0 0 0"
	same out <(echo '{"old":1}'; expected)
	go
	same out <(echo '{"old":1}'; expected)
}

# ---- a checkpoint that is not as we left it ----

# Every file of the committed state, with each thing that can happen to it: an error of one line at the start.
refused() {
	go
	[[ " $statuses " == *" 1 "* ]] || { printf 'nobody refused: %s\n' "$1" >&2; told; return 1; }
	[[ $stderr == *"$1"* ]] || { printf 'expected on stderr: %s\n' "$1" >&2; told; return 1; }
	same before out
	rm -rf state
	cp -r kept state
}

keep() {
	half
	cp out before
	cp -r state kept
	epoch=$(jq .epoch state/commit)
}

@test "a snapshot that is missing: 1, names it" {
	keep
	for s in cat window; do
		rm "state/$s/$epoch.snap"
		refused "state of epoch $epoch is missing: state/$s/$epoch.snap"
	done
	go
	statuses_are "0 0 0"
	same out <(expected)
}

@test "a snapshot that is torn, changed by one bit, or empty: 1, damaged" {
	keep
	for s in cat window; do
		f=state/$s/$epoch.snap
		truncate -s -5 "$f"
		refused "$f: damaged: "
		truncate -s 40 "$f"
		refused "$f: "
		: > "$f"
		refused "$f: "
		sed -i '2s/:/;/' "$f"
		refused "$f: damaged: "
		sed -i '1s/"epoch":[0-9]*/"epoch":1/' "$f"
		refused "$f: "
	done
}

@test "a snapshot of a newer format, of another stage, or of something else: 1, says so" {
	keep
	f=state/cat/$epoch.snap
	sed -i '1s/"version":1/"version":2/' "$f"
	refused "$f: written by a newer version of streamutils"
	cp "state/window/$epoch.snap" "$f"
	refused "$f: is the state of another stage: window"
	echo '{"hello":"world"}' > "$f"
	refused "$f: is not a snapshot of streamutils"
}

@test "commit or pipeline missing, torn, or newer: 1, says so" {
	keep
	rm state/commit
	refused "state/commit is missing"
	truncate -s 20 state/commit
	refused "state/commit: "
	: > state/commit
	refused "state/commit: "
	rm state/pipeline
	refused "state/pipeline"
	echo '{}' > state/pipeline
	refused "state/pipeline: "
}

@test "garbage in lock files and DIR/run does no harm" {
	keep
	for f in state/lock state/cat/lock state/window/lock; do
		echo garbage > "$f"
	done
	go
	statuses_are "0 0 0"
	same out <(expected)
}

@test "temp files and newer snapshots of a killed run are removed" {
	keep
	cp "state/cat/$epoch.snap" "state/cat/$((epoch + 1)).snap"
	echo torn > "state/cat/$((epoch + 1)).snap.tmp.12345"
	echo torn > state/commit.tmp.12345
	go
	statuses_are "0 0 0"
	[ -z "$(find state -name '*.tmp*')" ]
	same out <(expected)
}

@test "the directory is deleted: a new pipeline, its results come again" {
	go
	rm -rf state
	go
	statuses_are "0 0 0"
	same out <(expected; expected)
}

@test "the directory is deleted while it is used: 1" {
	stand
	until rm -rf state 2> /dev/null; do :; done       # they still make files in it
	printf '%s\n' "$(head -n 1 in)" >> in
	status=0
	wait "$standing" || status=$?
	[ "$status" -eq 1 ] || [ "$status" -eq 75 ]
}

@test "an old copy of the directory is put back: 1, or the same output again; never other data" {
	keep
	go
	statuses_are "0 0 0"
	rm -rf state
	cp -r kept state
	go
	[ "${statuses##* }" != 0 ] || same out <(expected)
}

# ---- side files ----

@test "side files are cut back to the checkpoint, and end as if nothing had been" {
	cp in whole
	sed -n '50~50s/.*/nope/p; 50~50!p' whole > in
	cp in bad
	CAT='--dead-letter dead' WINDOW='--late late' go
	statuses_are "0 0 0"
	cp dead dead.expected
	cp out out.expected
	rm -rf state dead late out
	head -n 333 bad > in
	CAT='-f -e --dead-letter dead' WINDOW='--late late' go
	statuses_are "0 0 0"
	awk 'BEGIN { for (i = 0; i < 2000; i++) print "{\"behind\":\"what the checkpoint knows\"}" }' >> dead
	cp bad in
	CAT='--dead-letter dead' WINDOW='--late late' go
	statuses_are "0 0 0"
	same dead.expected dead
	same out.expected out
}

@test "a side file that got shorter: 1; one that was rotated away begins anew" {
	sed -n '50~50s/.*/nope/p; 50~50!p' in > bad
	head -n 300 bad > in
	CAT='-f -e --dead-letter dead' go
	statuses_are "0 0 0"
	cp -r state kept
	cp dead dead.kept
	: > dead
	cp bad in
	CAT='--dead-letter dead' go
	statuses_are "1 1 1"
	stderr_like '^stream-cat: dead: shorter than the checkpoint knows'
	rm -rf state
	cp -r kept state
	mv dead dead.old
	CAT='--dead-letter dead' go
	statuses_are "0 0 0"
	[ "$(wc -l < dead)" -eq 6 ]
}

@test "late records with and without a restart" {
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 1m in | stream-window tumbling 1m --late late | stream-sink file:out"
	statuses_are "0 0 0"
	[ -s late ]
	cp late late.expected
	cp out out.expected
	cp in whole
	rm -rf state late out
	for n in 100 250 400; do
		head -n "$n" whole > in
		pipe_run "stream-cat -f -e --time .at --key .carrier --out-of-order 1m in | stream-window tumbling 1m --late late | stream-sink file:out"
		statuses_are "0 0 0"
	done
	cp whole in
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 1m in | stream-window tumbling 1m --late late | stream-sink file:out"
	statuses_are "0 0 0"
	same late.expected late
	same out.expected out
}

# ---- sinks ----

@test "?visible=commit: nothing is seen before its commit" {
	SINK="'file:held?visible=commit'"
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in | stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' |
		stream-sink 'file:out?visible=commit'"
	statuses_are "0 0 0"
	same out <(expected)
	[ "$(jq '.token.length' state/commit)" -eq "$(stat -c %s out)" ]
}

@test "- gives an epoch at its barrier, then commits" {
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h --checkpoint-interval 1ms --rate 20000 in |
		stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' | stream-sink - > out"
	statuses_are "0 0 0"
	same out <(expected)
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in |
		stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' | stream-sink - > out2"
	statuses_are "0 0 0"
	[ ! -s out2 ]
}

@test "two pipelines on one target: the second is told" {
	stand
	STREAM_CHECKPOINT=state2 CAT='--lock-wait 300ms' WINDOW='--lock-wait 300ms' SINK='--lock-wait 300ms' go
	stand_down
	[ "${statuses##* }" = 75 ]
	[[ $stderr == *"stream-sink: out: held by "* ]]
}

@test "a full disk: 75; with room again it goes on" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, to mount a small file system"
	mkdir small
	mount -t tmpfs -o size=400k none small || skip "cannot mount"
	ln -s small/out out
	cp "$FLIGHTS" in
	pipe_run "stream-cat --time .at --checkpoint-interval 1ms in | stream-sink file:small/out"
	first=$statuses said=$stderr
	mount -o remount,size=20m small
	pipe_run "stream-cat --time .at --checkpoint-interval 1ms in | stream-sink file:small/out"
	second=$statuses
	cp small/out copy
	umount small
	[ "${first##* }" = 75 ]
	[[ $said == *"stream-sink: small/out: No space left on device"* ]]
	[ "$second" = "0 0" ]
	[ "$(wc -l < copy)" -eq "$(wc -l < in)" ]
	[ "$(jq .offset copy | sort -nu | wc -l)" -eq "$(wc -l < in)" ]
}

@test "a full disk under the checkpoint: 75; with room again it goes on" {
	[ "$(id -u)" -eq 0 ] || skip "needs root, to mount a small file system"
	mkdir small
	mount -t tmpfs -o size=64k none small || skip "cannot mount"
	head -n 3000 "$FLIGHTS" > in
	STREAM_CHECKPOINT=small/state
	job="stream-cat --time .at --key .id --out-of-order 24h --checkpoint-interval 1ms --rate 50000 in |
		stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' | stream-sink file:out"
	pipe_run "$job"
	first=$statuses said=$stderr
	mount -o remount,size=50m small
	pipe_run "$job"
	second=$statuses
	umount small
	[[ $first == *75* && $first != *1* ]]
	[[ $said == *"No space left on device"* ]]
	[ "$second" = "0 0 0" ]
	env -u STREAM_CHECKPOINT stream-window tumbling 6h --time .at --key .id --out-of-order 24h -a n=count \
		-a d='sum(.dep_delay)' --plain in > expected
	same expected out
}

@test "the sink comes first, or last, or a little later: any order" {
	mkfifo a b
	stream-sink file:out < b &
	sink=$!
	stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' < a > b &
	stream-cat --time .at --key .carrier --out-of-order 24h in > a
	wait "$sink"
	same out <(expected)
	rm -rf state out
	stream-cat --time .at --key .carrier --out-of-order 24h in > a &
	exec 8<> b
	stream-window tumbling 6h -a n=count -a d='sum(.dep_delay)' < a > b 8>&- &
	wait_for 10 test -e state
	exec 9< b 8>&-
	stream-sink file:out <&9 9<&-
	same out <(expected)
}

@test "an idle pipeline notices that its sink is gone" {
	stand
	kill -9 "$(jq .pid state/run)"
	status=0
	wait "$standing" || status=$?
	wait_for 10 flock -n state/cat/lock true
	wait_for 10 flock -n state/window/lock true
	go
	statuses_are "0 0 0"
	same out <(expected)
}

# The join leads on when the stream is through; what stands between hears nothing of those epochs.
@test "a stage in front of a join that goes on longer: stopped, gone on with, run again after the end" {
	join() {
		pipe_run "stream-cat --checkpoint-interval 1ms --time .at --out-of-order 24h $1 in | stream-filter true | stream-dedup --by .id |
			stream-join --checkpoint-interval 1ms left --within 2h --on .tail --time .at --out-of-order 24h - $FLIGHTS |
			stream-sink file:out"
		statuses_are "0 0 0 0 0"
	}
	for n in 100 50; do
		join "-n $n"
		[ ! -e "state/cat/$(jq .epoch state/commit).snap" ]
	done
	join
	join
	env -u STREAM_CHECKPOINT stream-join left --within 2h --on .tail --time .at --out-of-order 24h --plain in "$FLIGHTS" > expected
	same <(jq -cS '[.ts, .key, .payload]' out | sort) <(jq -cS '[.ts, .key, .payload]' expected | sort)
}

# What is written down last names tables on disk that are there; a start from it takes them up again.
@test "a stage with tables on disk in front of a join that goes on longer: broken off behind its end, gone on with, run again" {
	[ -e "$BUILD"/lib/streamutils/stream-rocksdb.so ] || skip "the module for RocksDB was not built"
	local dedup='stream-dedup --by .id --memory 4K' tables
	join() {
		pipe_run "stream-cat --checkpoint-interval 1ms --time .at --out-of-order 24h $1 in | $dedup |
			stream-join --checkpoint-interval 1ms full --within 2h --on .tail --time .at --out-of-order 24h - $FLIGHTS $2 | stream-sink file:out"
	}
	names_tables_that_are_there() {
		tables=$(jq -s "[.[].shelf.tables // empty][-1]" "$(printf "%s\n" state/dedup/*.snap | sort -V | tail -n 1)")
		[ "$tables" -ge "$1" ] && [ -d "state/dedup/$tables.shelf" ] || fail "$tables tables: $(ls state/dedup)"
	}
	is_right() {
		statuses_are "0 0 0 0"
		same <(jq -cS '[.ts, .key, .payload]' out | sort) expected
	}
	head -n 400 in > half
	{ cat half; head -n 100 half; } > in
	env -u STREAM_CHECKPOINT stream-join full --within 2h --on .tail --time .at --out-of-order 24h --plain half "$FLIGHTS" |
		jq -cS '[.ts, .key, .payload]' | sort > expected

	# Whoever reads the join goes when the stage in front of it is through, and the file is not.
	dedup="{ $dedup; touch through; }" join '' "| while IFS= read -r line; do printf '%s\\n' \"\$line\"; [ ! -e through ] || break; done"
	[ "$statuses" = '0 0 75 0 75' ] || fail "$statuses"
	names_tables_that_are_there 10
	join
	is_right
	join
	is_right

	rm -r state out
	for n in 250 100; do
		join "-n $n"
		statuses_are "0 0 0 0"
		names_tables_that_are_there $((350 / n))
	done
	join
	is_right
}

@test "half a line that a filter in the middle has finished: its writer is dead, so try again; else it is bad" {
	for n in 500 3001 20002; do
		pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h --rate 1000000 in | { head -c $n; echo; } |
			stream-window tumbling 6h -a n=count | stream-sink file:out"
		[[ $statuses == *" 75 75" ]]
	done
	rm -rf state out
	pipe_run "stream-cat --time .at --key .carrier --out-of-order 24h in | sed -u '20s/..$//' |
		stream-window tumbling 6h -a n=count | stream-sink file:out"
	[[ $statuses == *" 1 1" ]]
	[[ $stderr == *"stdin:20: "* ]]
}
