#!/usr/bin/env bats
# What an attacker would try first: the binaries, the files, names made of data, shells, units.

load helper

# One name a line of every command.
commands() { (cd "$BUILD/bin" && ls -d stream-*); }

# ---- the binaries ----

@test "every command is position independent, its relocations are read only, its stack does not run" {
	for c in $(commands); do
		readelf -hW "$BUILD/bin/$c" | grep -q 'Type: *DYN' || fail "$c: no PIE"
		readelf -lW "$BUILD/bin/$c" | grep -q GNU_RELRO || fail "$c: no RELRO"
		readelf -dW "$BUILD/bin/$c" | grep -q 'BIND_NOW\|Flags:.*NOW' || fail "$c: symbols are bound late"
		readelf -lW "$BUILD/bin/$c" | grep 'GNU_STACK' | grep -q 'RW ' || fail "$c: its stack runs"
		! readelf -dW "$BUILD/bin/$c" | grep -q 'TEXTREL\|RPATH\|RUNPATH' || fail "$c: text relocations, or a path of its own to libraries"
		! readelf -lW "$BUILD/bin/$c" | grep LOAD | grep -q 'RWE' || fail "$c: memory that is written and runs"
	done
}

@test "so is every module" {
	for m in "$BUILD"/lib/*/*.so; do
		[ -e "$m" ] || skip "none was built"
		readelf -lW "$m" | grep -q GNU_RELRO || fail "$m: no RELRO"
		readelf -dW "$m" | grep -q 'BIND_NOW\|Flags:.*NOW' || fail "$m: symbols are bound late"
		readelf -lW "$m" | grep 'GNU_STACK' | grep -q 'RW ' || fail "$m: its stack runs"
		! readelf -dW "$m" | grep -q 'TEXTREL\|RPATH\|RUNPATH' || fail "$m: text relocations, or a path of its own to libraries"
		nm -D --undefined-only "$m" | grep -q __stack_chk_fail || fail "$m: no stack protector"
		! nm -D --undefined-only "$m" | sed 's/@.*//; s/.* //' | grep -xE 'system|popen|wordexp|exec.*|posix_spawnp?' || fail "$m: runs others"
	done
}

@test "every command has guarded stacks and checked copies" {
	for c in $(commands); do
		nm -D --undefined-only "$BUILD/bin/$c" > names
		grep -q __stack_chk_fail names || fail "$c: no stack protector"
		grep -q '__[a-z]*printf_chk' names || fail "$c: not fortified"
	done
}

@test "every function can be called only where it begins (x86: CET)" {
	[ "$(uname -m)" = x86_64 ] || skip "for x86-64"
	for c in $(commands); do
		readelf -nW "$BUILD/cmd/$c.o" | grep -q 'x86 feature: IBT, SHSTK' || fail "$c"
	done
	for o in "$BUILD"/libcommon/*/*.o; do
		readelf -nW "$o" | grep -q 'x86 feature: IBT, SHSTK' || fail "$o"
	done
}

@test "no command can run a shell, and one file alone can run another program, given as words" {
	for c in $(commands); do
		nm -D --undefined-only "$BUILD/bin/$c" | sed 's/@.*//; s/.* //' > names
		! grep -xE 'system|popen|wordexp|execlp?e?|execve|execvpe|execveat|fexecve|posix_spawnp?' names || fail "$c"
	done
	[ "$(grep -rlwE 'execvp?' "$TOP/libcommon" "$TOP/cmd" --include='*.c' | wc -l)" -eq 1 ]
	# Where stream-exec --shell asks for one.
	[ "$(cd "$TOP" && grep -rlE '"(/bin/)?(ba)?sh"' libcommon cmd)" = libcommon/cli/conf.c ]
}

@test "words with meanings in a shell are only words" {
	printf '{"a":"$(touch pwned)","b":"`touch pwned`"}\n' > '$(touch pwned);x.ndjson'
	run stream-cat -k .a '$(touch pwned);x.ndjson' --plain
	status_is 0
	sh_run "stream-cat -k .a '\$(touch pwned);x.ndjson' | stream-sink 'dir:out;touch pwned?key=\$.key'"
	status_is 0
	[ -d 'out;touch pwned/key=%24%28touch%20pwned%29' ]
	[ ! -e pwned ]
}

# ---- files ----

@test "a checkpoint is for its owner alone, whatever the umask" {
	umask 0
	export STREAM_CHECKPOINT=state
	sh_run "stream-cat --checkpoint-interval 5ms --rate 5000 -n 400 --time .at -k .carrier '$FLIGHTS' --out-of-order 24h |
		stream-sort --memory 16K | stream-sink 'dir:out?key=\$.key'"
	status_is 0
	[ "$(find state -type f | wc -l)" -gt 6 ]
	[ -z "$(find state -type f ! -perm 600)" ]
	[ -z "$(find state -type d ! -perm 700)" ]
	[ "$(stat -c %a out/.open)" = 700 ]
}

@test "so are the tables of a database in it" {
	[ -e "$BUILD"/lib/streamutils/stream-rocksdb.so ] || skip "the module for RocksDB was not built"
	umask 0
	export STREAM_CHECKPOINT=state
	sh_run "stream-dedup --checkpoint-interval 5ms --rate 50000 --time .at --by .id --memory 16K '$FLIGHTS' --out-of-order 24h |
		stream-sink file:out"
	status_is 0
	ls -d state/dedup/*.shelf
	[ -z "$(find state -type f ! -perm 600)" ]
	[ -z "$(find state -type d ! -perm 700)" ]
}

@test "what is written for others has the permissions that the umask leaves" {
	umask 077
	sh_run "stream-cat -n 3 '$FLIGHTS' --metrics m.prom | stream-sink file:out.ndjson"
	status_is 0
	[ "$(stat -c %a out.ndjson m.prom | sort -u)" = 600 ]
}

@test "files without a name hold what is spilled: nothing of it is seen in TMPDIR" {
	mkdir tmp
	sh_run "TMPDIR=\$PWD/tmp stream-sort --time .at --memory 16K --out-of-order 240h --plain '$FLIGHTS' | { head -n 1; ls -A tmp >&2; }"
	silent
}

# ---- names made of data ----

@test "keys cannot lead out of a dir: target, however they are written" {
	mkdir in && cd in || return 1
	cat > keys.ndjson <<-'END'
		{"k":"../../escaped"}
		{"k":"/escaped"}
		{"k":".."}
		{"k":"."}
		{"k":""}
		{"k":null}
		{"k":"a/../../escaped"}
		{"k":"nul\u0000/../x"}
		{"k":"line\nbreak"}
		{"k":"%2e%2e%2fescaped"}
		{"k":"key=.."}
		{"k":"\ud800"}
		{"k":"-rf"}
		{"k":"~root"}
		{"k":"\\..\\escaped"}
	END
	printf '{"k":"%s"}\n{"k":"%s/"}\n' "$(printf '%01000d' 0)" "$(printf '%01000d' 0)" >> keys.ndjson
	printf '{"k":"%s"}\n' "$(printf '../%.0s' {1..400})" >> keys.ndjson
	sh_run "stream-cat keys.ndjson | stream-sink 'dir:out?key=.k'"
	status_is 0
	# A folder for each of them, right below the target, and nothing anywhere else.
	[ "$(find out -mindepth 1 -maxdepth 1 -name 'key=*' -type d | wc -l)" -eq "$(wc -l < keys.ndjson)" ]
	[ "$(find out -name 'part-*' -type f | wc -l)" -eq "$(wc -l < keys.ndjson)" ]
	[ -z "$(find out -mindepth 3)" ]
	[ -z "$(find .. -name '*escaped*' ! -path '../in/out/key=*')" ]
	[ "$(ls -A)" = "keys.ndjson
out" ]
	[ "$(find out -name 'part-*' -exec cat {} + | sed 's/.*"payload"://; s/}$//' | sort)" = "$(sort keys.ndjson)" ]
}

@test "a link in the place of a part or its temporary file is not followed" {
	echo mine > victim
	mkdir -p out/.open
	ln -s ../../victim out/.open/0-once
	ln -s ../victim out/part-00000000.ndjson
	sh_run "stream-cat -n 2 '$FLIGHTS' | stream-sink dir:out"
	status_is 0
	[ "$(cat victim)" = mine ]
	[ "$(wc -l < out/part-00000001.ndjson)" -eq 2 ]
}

@test "a link in the place of a commit or a snapshot is replaced, not followed" {
	echo mine > victim
	export STREAM_CHECKPOINT=state
	mkdir -p state/cat
	ln -s ../victim state/run
	ln -s ../../victim state/cat/1.snap
	sh_run "stream-cat -n 2 '$FLIGHTS' | stream-sink file:out.ndjson"
	[ "$(cat victim)" = mine ]
}

@test "a stage's name cannot lead out of the checkpoint" {
	for name in ../x /x .x '' . .. a/b lock commit; do
		sh_run "STREAM_CHECKPOINT=state stream-cat --name '$name' '$FLIGHTS' | STREAM_CHECKPOINT=state stream-sink file:out.ndjson --lock-wait 1s"
		[ "$status" -eq 2 ] || { told; return 1; }
	done
	[ -z "$(find .. -maxdepth 1 -name x)" ]
}

@test "what a zone is called cannot lead out of the zones" {
	for tz in ../../../etc/passwd /etc/passwd America/../../../../etc/passwd; do
		sh_run "stream-window tumbling 1d --time .at --tz '$tz' --plain '$FLIGHTS'"
		status_is 2
		[[ "$stderr" != *root* ]]
	done
}

# ---- hostile input ----

@test "a line that never ends does not take memory without bound" {
	sh_run "head -c 300000000 /dev/zero | tr '\\0' x | { ulimit -v 400000; stream-cat --max-line 1M --max-errors 5 --dead-letter dead --plain; }"
	status_is 0
	[ "$(wc -l < dead)" -eq 1 ]
	[ "$(wc -c < dead)" -lt 3000000 ]
}

@test "a million brackets are refused, not followed" {
	sh_run "{ printf '%01000000d' 0 | tr 0 '['; echo; } | stream-cat --plain"
	status_is 1
	stderr_like 'stream-cat: stdin:1: not JSON: '
	sh_run "{ echo '{\"mark\":\"hello\",\"version\":1,\"via\":[]}'; printf '{\"mark\":'; printf '%01000000d' 0 | tr 0 '['; echo; } | stream-filter . "
	status_is 1
}

@test "hostile marks are refused with one line" {
	while IFS= read -r mark; do
		printf '%s\n%s\n' '{"mark":"hello","version":1,"via":[]}' "$mark" > in
		sh_run "cat in | stream-window tumbling 1s > out"
		[ "$status" -eq 1 ] || [ "$status" -eq 75 ] || { printf '%s\n' "$mark" >&2; told; return 1; }
		[[ "$stderr" != *$'\n'* ]] || { told; return 1; }
	done <<-'END'
		{"mark":"barrier","epoch":-1}
		{"mark":"barrier","epoch":18446744073709551616}
		{"mark":"barrier","epoch":1e3}
		{"mark":"barrier"}
		{"mark":"watermark","ts":"min"}
		{"mark":"watermark","ts":9223372036854775808}
		{"mark":"watermark","ts":{}}
		{"mark":"hello","version":1,"via":[]}
		{"mark":"fail","status":256,"stage":"x","reason":"y"}
		{"mark":"fail","status":0}
		{"mark":"nonsense"}
		{"mark":"end","mark":"nonsense"}
		{"mark":
	END
}

# ---- secrets, units ----

@test "what stands in the environment is told by nobody" {
	export STREAM_SECRET=hunter2hunter2 AWS_SECRET_ACCESS_KEY=hunter2hunter2 PGPASSWORD=hunter2hunter2
	sh_run "stream-cat -v -n 50 --metrics m1 '$FLIGHTS' | stream-window tumbling 1d -v --metrics m2 --time .at -k .carrier 2>&1 | cat >out; :"
	sh_run "stream-cat -v --time .at -n 50 --metrics m1 '$FLIGHTS' 2> e1 | stream-sink -v --checkpoint state file:out 2> e2; :"
	! grep -r hunter2 . || fail "somebody did"
}

@test "a password in a file shows in no message" {
	[ -e "$BUILD"/lib/streamutils/stream-kafka.so ] || skip "the module for Kafka was not built"
	printf '%s\n' security.protocol=sasl_plaintext sasl.mechanism=PLAIN sasl.username=bob sasl.password=hunter2hunter2 > conf
	for more in '' ssl.key.password=hunter2hunter2 sasl.mechanism=hunter2hunter2nonsense; do
		{ cat conf; echo "$more"; } > more.conf
		timeout 20 stream-cat -v -F more.conf --connect-timeout 1s --metrics m kafka://127.0.0.1:1/t > out 2> err || :
		[ -s err ]
		! grep -shv nonsense m out err | grep hunter2hunter2 || fail "it shows"
	done
}

@test "the shipped units expose little: systemd-analyze security gives at most 2.0" {
	command -v systemd-analyze > /dev/null || skip "no systemd-analyze"
	systemd-analyze security --help 2>&1 | grep -q offline || skip "no systemd-analyze security --offline"
	for unit in "$TOP"/examples/systemd/*.service; do
		run systemd-analyze security --offline=true --threshold=20 --no-pager "$unit"
		status_is 0
	done
}

@test "the shipped units are right" {
	command -v systemd-analyze > /dev/null || skip "no systemd-analyze"
	for unit in "$TOP"/examples/systemd/*.service; do
		mkdir -p root/usr/local/bin
		install -m 755 "$TOP/examples/$(basename "$unit" .service)" root/usr/local/bin/
		sed "s,/usr/local/bin,$PWD/root/usr/local/bin," "$unit" > "$(basename "$unit")"
		run systemd-analyze verify --man=no "$PWD/$(basename "$unit")"
		[[ "$output" != *"$(basename "$unit")"* ]] || { told; return 1; }
	done
}
