# stream-cat -f: files that grow, are renamed, copied and cut, while it reads and while it does not.

load helper

# lines FROM TO: numbered records
lines() {
	seq "$1" "$2" | sed 's/.*/{"n":&}/'
}

# follow ARG…: in the background; `out` has the payloads' numbers
follow() {
	stream-cat --plain "$@" app.log > raw 2> err &
	follower=$!
}

teardown() {
	[ -z "${follower:-}" ] || kill -9 "$follower" 2> /dev/null || :
}

has_lines() {
	[ "$(wc -l < "$1")" -ge "$2" ]
}

ends_well() {
	kill "$follower"
	wait "$follower"
	[ ! -s err ]
}

numbers() {
	jq -c .payload.n "$1" | paste -sd' '
}

@test "-f goes on with the new file when the old one is renamed; the partition counts rotations" {
	lines 1 3 > app.log
	follow -f
	wait_for 10 has_lines raw 3
	lines 4 5 >> app.log
	mv app.log app.log.1
	lines 6 8 > app.log
	wait_for 10 has_lines raw 8
	mv app.log.1 app.log.2
	mv app.log app.log.1
	lines 9 9 > app.log
	wait_for 10 has_lines raw 9
	ends_well
	[ "$(numbers raw)" = "$(seq -s' ' 9)" ]
	[ "$(jq -c '[.topic, .partition, .offset]' raw | sed -n '1p;5p;6p;8p;9p' | paste -sd' ')" = \
		'["app.log",0,0] ["app.log",0,32] ["app.log",1,0] ["app.log",1,16] ["app.log",2,0]' ]
}

@test "-f stays with the old file until there is something in the new one" {
	lines 1 2 > app.log
	follow -f
	wait_for 10 has_lines raw 2
	mv app.log app.log.1
	: > app.log
	lines 3 4 >> app.log.1
	wait_for 10 has_lines raw 4
	lines 5 5 >> app.log
	wait_for 10 has_lines raw 5
	ends_well
	[ "$(numbers raw)" = "1 2 3 4 5" ]
}

@test "-f waits while there is no file of that name" {
	lines 1 2 > app.log
	follow -f
	wait_for 10 has_lines raw 2
	mv app.log app.log.1
	lines 3 3 >> app.log.1
	wait_for 10 has_lines raw 3
	lines 4 4 > app.log
	wait_for 10 has_lines raw 4
	ends_well
	[ "$(numbers raw)" = "1 2 3 4" ]
}

@test "-f takes the last line of a rotated file without its end, once the next file is there" {
	lines 1 2 > app.log
	printf '{"n":3}' >> app.log
	follow -f
	wait_for 10 has_lines raw 2
	mv app.log app.log.1
	lines 4 4 > app.log
	wait_for 10 has_lines raw 4
	ends_well
	[ "$(numbers raw)" = "1 2 3 4" ]
}

@test "-f: a file that is copied and cut loses nothing that was copied" {
	lines 1 3 > app.log
	follow -f
	wait_for 10 has_lines raw 3
	kill -STOP "$follower"
	lines 4 5 >> app.log
	cp -p app.log app.log.1
	: > app.log
	lines 6 6 >> app.log
	kill -CONT "$follower"
	wait_for 10 has_lines raw 6
	ends_well
	[ "$(numbers raw)" = "1 2 3 4 5 6" ]
	[ "$(jq -c '[.partition, .offset]' raw | tail -n 2 | paste -sd' ')" = '[0,32] [1,0]' ]
}

@test "-f: a file that is cut without a copy begins anew" {
	lines 1 3 > app.log
	follow -f
	wait_for 10 has_lines raw 3
	: > app.log
	lines 7 7 >> app.log
	wait_for 10 has_lines raw 4
	ends_well
	[ "$(numbers raw)" = "1 2 3 7" ]
}

@test "-f: other files beside it are none of its own" {
	lines 1 1 > app.log
	follow -f
	wait_for 10 has_lines raw 1
	mv app.log app.log.1
	lines 90 99 | tee app.log.txt app.log-errors app.log2 > app.logs
	lines 2 2 > app.log
	wait_for 10 has_lines raw 2
	ends_well
	[ "$(numbers raw)" = "1 2" ]
}

# ---- from a checkpoint ----

# catch_up: what there is now, and stop; out has all payloads so far
catch_up() {
	stream-cat -f -e app.log | stream-sink --body payload file:out
}

all_there() {
	[ "$(jq -c .n out | paste -sd' ')" = "$(seq -s' ' "$1")" ] || { cat out >&2; return 1; }
}

@test "a checkpoint is gone on from across rotations" {
	export STREAM_CHECKPOINT=state
	lines 1 3 > app.log
	catch_up
	lines 4 5 >> app.log
	mv app.log app.log.1
	lines 6 7 > app.log
	catch_up
	all_there 7
	lines 8 8 >> app.log
	mv app.log.1 app.log.2
	mv app.log app.log.1
	lines 9 9 > app.log
	mv app.log.2 app.log.3
	mv app.log.1 app.log.2
	mv app.log app.log.1
	lines 10 11 > app.log
	catch_up
	all_there 11
	catch_up
	all_there 11
	[ "$(cat state/cat/*.snap | jq -s 'map(.source.position[0].rotated | numbers) | max')" = 3 ]
}

@test "… where the rotated files have been compressed meanwhile" {
	export STREAM_CHECKPOINT=state
	lines 1 3 > app.log
	catch_up
	lines 4 5 >> app.log
	touch -d '2 minutes ago' app.log
	mv app.log app.log-20130101
	gzip app.log-20130101
	lines 6 7 > app.log-20130102
	touch -d '1 minute ago' app.log-20130102
	zstd -q --rm app.log-20130102
	lines 8 9 > app.log
	catch_up
	all_there 9
}

@test "… where the file was copied and cut" {
	export STREAM_CHECKPOINT=state
	lines 1 3 > app.log
	catch_up
	lines 4 5 >> app.log
	cp app.log app.log.1
	: > app.log
	lines 6 9 >> app.log
	catch_up
	all_there 9
}

@test "… while nothing has the name just now" {
	export STREAM_CHECKPOINT=state
	lines 1 3 > app.log
	catch_up
	lines 4 5 >> app.log
	mv app.log app.log.1
	catch_up
	all_there 5
	lines 6 6 > app.log
	catch_up
	all_there 6
}

@test "a file that was replaced, with none of the old ones left, is an error" {
	export STREAM_CHECKPOINT=state
	lines 1 3 > app.log
	catch_up
	rm app.log
	lines 5 9 > app.log
	sh_run 'stream-cat -f -e app.log | stream-sink --body payload file:out'
	status_is 1
	[[ $stderr == *"app.log: begins differently from what the checkpoint has read"* ]]
}

@test "killed again and again under rotation: each line once" {
	export STREAM_CHECKPOINT=state
	: > app.log
	catch_up                      # from now on it is known, if only by its inode
	for round in {0..9}; do
		{ stream-cat -f --checkpoint-interval 5ms app.log | stream-sink --body payload file:out; } 2> /dev/null &
		pipeline=$!
		for i in {0..3}; do
			lines $((round * 12 + i * 3 + 1)) $((round * 12 + i * 3 + 3)) >> app.log
			[ "$i" != 2 ] || wait_for 5 has_lines out $((round * 12 + 2))
			if [ "$i" = "$((round % 4))" ]; then
				n=$(find . -name 'app.log.*' | wc -l)
				for k in $(seq "$n" -1 1); do mv "app.log.$k" "app.log.$((k + 1))"; done
				mv app.log app.log.1
			fi
		done
		kill -9 "$(jq .pid state/cat/lock)"
		wait "$pipeline" || :
	done
	[ -e app.log ] || lines 121 121 > app.log
	catch_up
	all_there "$(cat app.log.* app.log | wc -l)"
}
